"""Cookies as browsers send them, read without the framework."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from unlatch.server.cookies import Cookie

COOKIE = Cookie("__Host-unlatch-session", secure=True, seconds=60)
ONE, TWO = "1" * 43, "2" * 43  # as long as new ones; fresh ones would give a test another name in each process


@pytest.mark.parametrize(
    ("sent", "token"),
    [
        ([f"__Host-unlatch-session={ONE}"], ONE),
        ([f"a=b; __Host-unlatch-session={ONE};c=d"], ONE),
        (["a=b", f"__Host-unlatch-session={ONE}"], ONE),
        ([f"__Host-unlatch-session={ONE}; __Host-unlatch-session={TWO}"], TWO),
        ([f"x__Host-unlatch-session={ONE}"], None),
        ([f"__Host-unlatch-session={ONE}x"], None),
        ([f"__Host-unlatch-session={ONE[:-1]}\u00fc"], None),
        (['__Host-unlatch-session=""'], None),
        ([], None),
    ],
)
def test_a_token_is_read(sent, token):
    headers = [(b"cookie", value.encode("latin-1")) for value in sent]
    assert COOKIE.read(Request({"type": "http", "headers": headers})) == token


def test_a_cookie_is_set_and_cleared():
    response = Response()
    COOKIE.set(response, ONE)
    COOKIE.clear(response)
    rest = "Path=/; HttpOnly; SameSite=Lax; Secure"
    assert response.headers.getlist("set-cookie") == [
        f"__Host-unlatch-session={ONE}; Max-Age=60; {rest}",
        f'__Host-unlatch-session=""; Max-Age=0; {rest}',
    ]
