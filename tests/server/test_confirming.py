"""Who may add and remove passkeys, and how many: on the real server, with sessions made old in its database."""

import sqlite3
from contextlib import closing

import pytest

from live_server import problem
from unlatch.server.registering import MAX_PASSKEYS
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator


@pytest.mark.parametrize("moved", ["-11 minutes", "-20 days", "+1 hour"])
def test_a_sign_in_that_is_not_recent_neither_adds_nor_removes_before_another_one(server, person, name, moved):
    first = person.sign_up(name).json()["passkey_id"]
    server.move_sign_in(name, moved)
    answer = person.post("/v1/registration/options", {})
    assert problem(answer) == (403, "confirmation_needed")
    assert "sign in again" in answer.json()["detail"]
    assert problem(person.http.delete(f"/v1/passkeys/{first}?confirm_last=true")) == (403, "confirmation_needed")
    assert person.http.patch(f"/v1/passkeys/{first}", json={"name": "Mine"}).status_code == 200
    assert person.sign_in().status_code == 200
    person.browser = EmulatedBrowser(server.url, SoftwareAuthenticator())
    assert person.add_passkey().status_code == 201
    assert person.http.delete(f"/v1/passkeys/{first}").status_code == 204


def test_what_was_begun_in_time_is_finished_and_an_empty_account_is_not_asked(server, person, name):
    first = person.sign_up(name).json()["passkey_id"]
    assert person.http.delete(f"/v1/passkeys/{first}?confirm_last=true").status_code == 204
    server.move_sign_in(name, "-11 minutes")
    person.browser = EmulatedBrowser(server.url, SoftwareAuthenticator())
    assert person.add_passkey().status_code == 201
    server.move_sign_in(name, "-9 minutes")
    person.browser = EmulatedBrowser(server.url, SoftwareAuthenticator())
    body = person.begin_add()
    server.move_sign_in(name, "-11 minutes")
    assert person.post("/v1/registration/verify", body).status_code == 201


def test_an_account_has_a_limited_number_of_passkeys(server, person, name):
    first = person.sign_up(name).json()["passkey_id"]
    person.browser = EmulatedBrowser(server.url, SoftwareAuthenticator())
    body = person.begin_add()
    with closing(sqlite3.connect(server.data / "unlatch.sqlite3")) as connection, connection:
        columns = [row[1] for row in connection.execute("pragma table_info(unlatch_credentials)")]
        kept = [column for column in columns if column not in ("number", "id", "id_sha256")]
        connection.executemany(
            f"insert into unlatch_credentials (id, id_sha256, {', '.join(kept)}) "
            f"select ?, ?, {', '.join(kept)} from unlatch_credentials where user_handle = "
            "(select handle from users where username = ?) limit 1",
            [(f"{name}-{n}".encode(), f"{name}-{n}".encode().ljust(32), name) for n in range(MAX_PASSKEYS - 1)],
        )
    for path, sent in (("verify", body), ("options", {})):
        answer = person.post(f"/v1/registration/{path}", sent)
        assert problem(answer) == (409, "too_many_passkeys")
        assert "Remove one" in answer.json()["detail"]
    assert len(person.passkeys()) == MAX_PASSKEYS
    assert person.http.delete(f"/v1/passkeys/{first}").status_code == 204
    assert person.add_passkey().status_code == 201
