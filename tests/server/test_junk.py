"""Bodies and requests that no page sends: a problem document each time, never a 500, and nothing changed."""

import http.client
import json
import socket
import uuid

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from live_server import problem

POSTS = [
    "/v1/registration/options",
    "/v1/registration/verify",
    "/v1/authentication/options",
    "/v1/authentication/verify",
]

JSON = {"content-type": "application/json"}


def is_4xx(answer):
    status, code = problem(answer)
    return 400 <= status < 500 and code != "internal_error"


BODIES = {
    "empty": b"",
    "not_json": b"{",
    "trailing": b"{} {}",
    "array": b"[]",
    "string": b'"x"',
    "null": b"null",
    "not_utf8": b'{"username": "\xff"}',
    "utf16": '{"username": "a"}'.encode("utf-16"),
    "byte_order_mark": b'\xef\xbb\xbf{"username": "a"}',
    "twice": b'{"username": "a", "username": "b"}',
    "nan": b'{"username": NaN}',
    "half_character": b'{"username": "\\ud800"}',
    "half_character_inside": b'{"ceremony_id": "x", "credential": {"a": ["\\udfff"]}}',
    "deep": b'{"ceremony_id": "x", "credential": {"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}}",
    "deep_objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "long_number": b'{"username": ' + b"9" * 60_000 + b"}",
    "number": b'{"username": 1, "ceremony_id": 1, "mediation": 1}',
    "boolean": b'{"username": true, "ceremony_id": true, "mediation": true}',
    "unknown_member": b'{"username": "a", "admin": true, "ceremony_id": "x", "credential": {}}',
    "credential_text": b'{"ceremony_id": "x", "credential": "{}"}',
    "form": b"username=a",
}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("case", BODIES)
def test_junk_is_a_problem_of_the_client(person, path, case):
    answer = person.http.post(path, content=BODIES[case], headers=JSON)
    assert is_4xx(answer)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"])
def test_only_json_is_taken(person, path, kind):
    answer = person.http.post(path, content=b'{"username": "a"}', headers={"content-type": kind})
    assert problem(answer) == (415, "unsupported_media_type")


def test_the_media_type_may_name_its_encoding(person):
    answer = person.http.post(POSTS[2], content=b"{}", headers={"content-type": "Application/JSON; charset=utf-8"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_large_bodies_are_refused_however_they_come(person, path):
    body = json.dumps({"username": "a" * 70_000}).encode()
    assert problem(person.http.post(path, content=body, headers=JSON)) == (413, "malformed_too_large")

    def in_pieces():
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    assert problem(person.http.post(path, content=in_pieces(), headers=JSON)) == (413, "malformed_too_large")


def test_a_body_of_exactly_64_kib_is_read(person):
    body = b"{}".ljust(65_536)
    assert person.http.post(POSTS[2], content=body, headers=JSON).status_code == 200
    assert problem(person.http.post(POSTS[2], content=body + b" ", headers=JSON)) == (413, "malformed_too_large")


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999999", "0x10", "\u00b2"])
def test_odd_lengths_do_no_harm(server, length):
    request = (
        f"POST {POSTS[2]} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{request}\r\n\r\n{{}}".encode("latin-1"))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert 400 <= answer.status < 500


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "http://localhost:1", "http://127.0.0.1", ""]
)
@pytest.mark.parametrize("path", [*POSTS, "/v1/session/logout"])
def test_other_sites_can_change_nothing(person, path, origin):
    answer = person.http.post(path, json={}, headers={"origin": origin})
    assert problem(answer) == (403, "foreign_origin")


def test_without_an_origin_the_fetch_metadata_decide(server, person, name):
    person.sign_up(name)
    del person.http.headers["origin"]
    for site in ("cross-site", "same-site"):
        answer = person.http.post("/v1/session/logout", json={}, headers={"sec-fetch-site": site})
        assert problem(answer) == (403, "foreign_origin")
    (passkey,) = person.passkeys()
    answer = person.http.delete(f"/v1/passkeys/{passkey['id']}", headers={"sec-fetch-site": "cross-site"})
    assert problem(answer) == (403, "foreign_origin")
    assert person.username() == name
    # A program that is no browser sends neither.
    assert person.http.post("/v1/session/logout", json={}).status_code == 204
    assert person.username() is None


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/registration/options", (405, "method_not_allowed")),
        ("PUT", "/v1/passkeys", (405, "method_not_allowed")),
        ("GET", "/v1/nothing", (404, "not_found")),
        ("POST", "/v1/nothing", (404, "not_found")),
        ("DELETE", "/v1/passkeys/x", (401, "not_signed_in")),
        ("PATCH", "/v1/passkeys/" + "x" * 100, (400, "malformed_request")),
    ],
)
def test_wrong_addresses_and_methods_are_problems(person, method, path, expected):
    answer = person.http.request(method, path, json={"name": "x"})
    assert problem(answer) == expected
    if expected[0] == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    "host", ["[", "[::1", "localhost:port", "local host", "a@b", "", "%00", "\xff", "/", "x" * 3000]
)
@pytest.mark.parametrize("path", ["/", "/account", "/nothing", "/v1/session", "/v1/nothing"])
def test_any_host_is_no_error_of_the_server(server, host, path):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n".encode("latin-1"))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status < 500


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
_members = st.sampled_from(
    ["username", "display_name", "mediation", "ceremony_id", "credential", "id", "rawId", "type", "response", "x"]
)


@pytest.mark.parametrize("path", ["/v1/registration/verify", "/v1/authentication/verify"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(_members, _values, max_size=4))
def test_any_json_is_a_problem_of_the_client(person, path, body):
    assert is_4xx(person.http.post(path, content=json.dumps(body).encode(), headers=JSON))


@pytest.mark.parametrize("path", POSTS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_any_bytes_are_a_problem_of_the_client(person, path, body):
    assert is_4xx(person.http.post(path, content=body, headers=JSON))


@pytest.mark.parametrize("ceremony", ["registration", "authentication"])
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_member_of_an_honest_response_does_no_harm(person, name, ceremony, data):
    """One member of a real response is replaced by anything: it is refused, or it did not matter."""
    if ceremony == "registration":
        body = person.begin_sign_up(uuid.uuid4().hex)
    else:
        if not person.browser.authenticator.credentials:
            person.sign_up(name)
            person.sign_out()
        body = person.begin_sign_in()
    credential = body["credential"]
    place = data.draw(st.sampled_from([credential, credential["response"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(_values)
    answer = person.post(f"/v1/{ceremony}/verify", body)
    if answer.status_code not in (200, 201):
        assert is_4xx(answer)
    person.sign_out()


def test_no_server_error_was_logged(server):
    assert [event for event in server.events() if event["level"] == "error"] == []
