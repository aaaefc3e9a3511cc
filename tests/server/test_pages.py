"""Pages, files and the head of every answer."""

import re

import httpx
import pytest

from live_server import LiveServer, Person

PAGES = ["/", "/signin", "/signup"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_whole_and_load_nothing_from_elsewhere(server, path):
    answer = httpx.get(server.url + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    html = answer.text
    assert "<noscript>" in html
    assert '<html lang="en">' in html
    assert "style=" not in html
    assert not re.search(r"\son\w+=", html)
    for address in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert address.startswith(("/", "#"))
        if not address.startswith("#"):
            assert httpx.get(server.url + address).status_code == 200
    # Every script is a file of ours or plain data.
    for tag in re.findall(r"<script[^>]*>", html):
        assert 'src="/static/' in tag or 'type="application/json"' in tag


def test_every_module_that_a_script_imports_is_served(server):
    seen, waiting = set(), {"/static/signin.js", "/static/signup.js", "/static/account.js"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = httpx.get(server.url + path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        waiting |= {f"/static/{name}" for name in re.findall(r'from "\./([^"]+)"', answer.text)} - seen
    assert "/static/unlatch.js" in seen


@pytest.mark.parametrize("path", [*PAGES, "/static/unlatch.css", "/v1/session", "/nothing", "/v1/nothing"])
def test_every_answer_has_the_security_headers(server, path):
    head = httpx.get(server.url + path).headers
    policy = dict(part.split(" ", 1) for part in head["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in head["content-security-policy"]
    assert head["x-content-type-options"] == "nosniff"
    assert head["referrer-policy"] == "same-origin"
    assert head["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in head
    assert head["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_unknown_addresses_are_a_page_for_people_and_a_problem_for_programs(server):
    page = httpx.get(f"{server.url}/nothing", headers={"accept": "text/html,*/*"})
    assert page.status_code == 404
    assert "There is nothing at this address." in page.text
    program = httpx.get(f"{server.url}/nothing", headers={"accept": "application/json"})
    assert program.json()["code"] == "not_found"
    assert httpx.get(f"{server.url}/static/nothing.js").status_code == 404
    assert httpx.get(f"{server.url}/static/../templates/base.html").status_code == 404
    assert httpx.get(f"{server.url}/static/%2e%2e/run.py").status_code == 404


def test_pages_know_who_is_signed_in(person, name):
    assert person.http.get("/account").headers["location"] == "/signin"
    person.sign_up(name)
    for path in PAGES:
        answer = person.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert name in person.http.get("/account").text


@pytest.mark.parametrize("path", [*PAGES, "/account"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_pages_lead_to_the_name_where_passkeys_work(server, path, host):
    answer = httpx.get(f"http://127.0.0.1:{server.port}{path}", headers={"host": f"{host}:{server.port}"})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"http://localhost:{server.port}{path}"
    # Any other name is left alone: it may be a proxy's.
    for other in ("127.0.0.1:1", "example.org", "127.0.0.1.example.org"):
        answer = httpx.get(server.url + path, headers={"host": other})
        assert answer.headers.get("location", "/signin") == "/signin"


def test_pages_answer_head(server):
    for path in PAGES:
        answer = httpx.head(server.url + path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_names_cannot_become_markup(person):
    evil = "</script><script>alert(1)</script>"
    person.sign_up(evil)
    (passkey,) = person.passkeys()
    person.http.patch(f"/v1/passkeys/{passkey['id']}", json={"name": "<!--<script>"})
    html = person.http.get("/account").text
    assert "<script>alert" not in html
    assert "<!--<script>" not in html
    assert html.count("<script") == 2


def test_cookies_on_localhost(person, name):
    cookies = person.sign_up(name).headers.get_list("set-cookie")
    (cookie,) = [cookie for cookie in cookies if "session" in cookie]
    assert cookie.startswith("unlatch-session=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"):
        assert part in cookie
    assert "Secure" not in cookie


def test_cookies_of_a_real_site_are_secure_and_bound_to_the_host(tmp_path):
    with (
        LiveServer(tmp_path / "data", "--rp-id", "example.org", "--rp-name", "Example") as server,
        Person(server) as person,
    ):
        assert server.url == "https://example.org"
        port = int(re.search(r"port (\d+)", server.ready)[1])
        person.http.base_url = f"http://127.0.0.1:{port}"
        answer = person.post("/v1/authentication/options", {})
        assert answer.status_code == 200
        assert answer.json()["options"]["rpId"] == "example.org"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-unlatch-visitor=")
        assert "Secure" in cookie
        assert answer.headers["strict-transport-security"]
        assert "<title>Sign in · Example</title>" in person.http.get("/").text
