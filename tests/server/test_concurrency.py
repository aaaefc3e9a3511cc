"""Many at once, and a server that is killed: exactly one wins, and the database is always whole."""

import asyncio
import random
import sqlite3
import threading
from collections import Counter

import httpx
import pytest

from live_server import LiveServer, Person, problem
from unlatch.testing import SoftwareAuthenticator

PATIENCE = httpx.Timeout(120)
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=200)


def all_at_once(url, requests):
    """Send (path, body, cookies) at the same time; the answers."""

    async def run():
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, limits=LIMITS) as client:

            async def send(path, body, cookies):
                header = "; ".join(f"{name}={value}" for name, value in cookies.items())
                return await client.post(path, json=body, headers={"origin": url, "cookie": header})

            return await asyncio.gather(*(send(*request) for request in requests))

    return asyncio.run(run())


def test_200_sign_ups_at_once_for_one_name_make_one_account(server, name):
    authenticators = [SoftwareAuthenticator() for _ in range(200)]
    requests = []
    for authenticator in authenticators:
        with Person(server, authenticator) as person:
            requests.append(("/v1/registration/verify", person.begin_sign_up(name), dict(person.http.cookies)))
    answers = all_at_once(server.url, requests)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 199}
    assert {problem(answer) for answer in answers if answer.status_code != 201} == {(409, "username_taken")}
    with sqlite3.connect(server.data / "unlatch.sqlite3") as database:
        accounts = database.execute("SELECT handle FROM users WHERE username = ?", (name,)).fetchall()
        assert len(accounts) == 1
        passkeys = database.execute("SELECT id FROM unlatch_credentials WHERE user_handle = ?", accounts[0]).fetchall()
        assert len(passkeys) == 1
    database.close()
    winner = next(index for index, answer in enumerate(answers) if answer.status_code == 201)
    with Person(server, authenticators[winner]) as person:
        assert person.sign_in().status_code == 200
        assert person.username() == name


@pytest.mark.parametrize("ceremony", ["registration", "authentication"])
def test_one_response_posted_100_times_at_once_counts_once(server, person, name, ceremony):
    if ceremony == "registration":
        body = person.begin_sign_up(name)
    else:
        person.sign_up(name)
        person.sign_out()
        body = person.begin_sign_in()
    answers = all_at_once(server.url, [(f"/v1/{ceremony}/verify", body, dict(person.http.cookies))] * 100)
    accepted = [answer for answer in answers if answer.status_code in (200, 201)]
    assert len(accepted) == 1
    refused = {problem(answer) for answer in answers if answer.status_code not in (200, 201)}
    assert refused == {(410, "ceremony_used")}


def test_two_removals_at_once_leave_one_passkey(server, people, name):
    person = people()
    person.sign_up(name)
    person.browser.authenticator = SoftwareAuthenticator()
    person.add_passkey()
    paths = [f"/v1/passkeys/{passkey['id']}" for passkey in person.passkeys()]
    codes = []

    def remove(path):
        header = {"origin": server.url, "cookie": "; ".join(f"{k}={v}" for k, v in person.http.cookies.items())}
        codes.append(httpx.delete(server.url + path, headers=header, timeout=PATIENCE).status_code)

    threads = [threading.Thread(target=remove, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [204, 409]
    assert len(person.passkeys()) == 1


def whole(database):
    """What must hold in the database at any time; the number of accounts."""
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    without = "SELECT username FROM users WHERE handle NOT IN (SELECT user_handle FROM unlatch_credentials)"
    assert database.execute(without).fetchall() == []
    return database.execute("SELECT count(*) FROM users").fetchone()[0]


def finish(client, path, body, cookies):
    """Post the end of a ceremony; the status, or None when the server died over it."""
    header = {"origin": str(client.base_url).rstrip("/"), "cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
    try:
        return client.post(path, json=body, headers=header).status_code
    except httpx.TransportError:
        return None


def test_a_server_that_is_killed_while_people_sign_up_loses_nothing_that_it_confirmed(tmp_path):
    """`kill -9` at random moments; what was answered with success is there afterwards, and nothing is half there."""
    dice = random.Random(7)
    confirmed = {}
    interrupted = []
    with LiveServer(tmp_path / "data") as server:
        for round_number in range(5):
            started = []
            for number in range(16):
                authenticator = SoftwareAuthenticator()
                with Person(server, authenticator) as person:
                    name = f"person-{round_number}-{number}"
                    started.append((name, authenticator, person.begin_sign_up(name), dict(person.http.cookies)))
            enough = threading.Semaphore(0)

            def sign_up(name, authenticator, body, cookies, client, enough):
                status = finish(client, "/v1/registration/verify", body, cookies)
                if status == 201:
                    confirmed[name] = authenticator
                    enough.release()
                else:
                    interrupted.append(name)

            with httpx.Client(base_url=server.url, timeout=PATIENCE, verify=False) as client:
                threads = [threading.Thread(target=sign_up, args=(*each, client, enough)) for each in started]
                for thread in threads:
                    thread.start()
                for _ in range(dice.randint(1, 8)):
                    assert enough.acquire(timeout=60)
                server.kill()
                for thread in threads:
                    thread.join()
            server.start(port=server.port)
            with sqlite3.connect(server.data / "unlatch.sqlite3") as database:
                assert len(confirmed) <= whole(database) <= len(confirmed) + len(interrupted)
            database.close()
        # Else nothing was interrupted, and the test has shown nothing.
        assert interrupted
        for name, authenticator in confirmed.items():
            with Person(server, authenticator) as person:
                assert person.sign_in().status_code == 200
                assert person.username() == name
