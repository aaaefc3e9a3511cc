"""Passkeys with nothing but the standard library's `http.server`: no framework, no database, no store.

The library never sees HTTP. `finders` takes functions that look into this program's own dictionaries.
"""

from __future__ import annotations

import argparse
import json
import secrets
import ssl
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from certificate import self_signed

from unlatch import CredentialRecord, Malformed, RelyingParty, UnlatchError, UserEntity, finders
from unlatch.ceremonies.state import CeremonyState

HERE = Path(__file__).parent
PAGES = {"/": ("index.html", "text/html; charset=utf-8"), "/app.js": ("app.js", "text/javascript; charset=utf-8")}
MAX_BODY = 64 * 1024
#: No more sessions than this are kept; the oldest goes first.
MAX_SESSIONS = 10_000


class Site:
    """Users, passkeys and sessions, in memory."""

    def __init__(self, rp: RelyingParty) -> None:
        """Make an empty site."""
        self.rp = rp
        self.lock = threading.Lock()
        self.users: dict[str, UserEntity] = {}
        self.records: dict[bytes, CredentialRecord] = {}
        self.sessions: dict[str, dict[str, Any]] = {}

    def session(self, token: str | None) -> tuple[str, dict[str, Any]]:
        """The session of a cookie, or a new one."""
        with self.lock:
            if token is None or token not in self.sessions:
                token = secrets.token_urlsafe(32)
                self.sessions[token] = {}
                while len(self.sessions) > MAX_SESSIONS:
                    del self.sessions[next(iter(self.sessions))]
            return token, self.sessions[token]

    def sign_in(self, token: str, username: str) -> str:
        """A new session for somebody who has just signed in: whoever knew the old one stays outside."""
        with self.lock:
            self.sessions.pop(token, None)
            fresh = secrets.token_urlsafe(32)
            self.sessions[fresh] = {"username": username}
            return fresh

    def records_of(self, user: UserEntity) -> list[CredentialRecord]:
        """The passkeys of a user."""
        return [record for record in self.records.values() if record.user_handle == user.id]

    def find_user(self, user_handle: bytes) -> UserEntity | None:
        """The user of a handle; for the library."""
        return next((user for user in self.users.values() if user.id == user_handle), None)

    def start_registration(self, username: str, session: dict[str, Any]) -> dict[str, Any]:
        """Options to make a passkey; a name that has one is open to its owner alone."""
        with self.lock:
            user = self.users.get(username) or UserEntity(secrets.token_bytes(64), username, username)
            records = self.records_of(user)
            if records and session.get("username") != username:
                raise PermissionError(username)
            begun = self.rp.begin_registration(user, exclude=records)
            session["creation"] = begun.state
        return begun.options.to_json()

    def finish_registration(self, username: str, session: dict[str, Any], body: bytes) -> None:
        """Keep the passkey, and the user with it."""
        with self.lock:
            state: CeremonyState | None = session.pop("creation", None)
            if state is None or state.user is None or state.user.name != username:
                raise PermissionError(username)
            if self.users.get(username, state.user).id != state.user.id:
                raise PermissionError(username)  # somebody else was faster
            registration = finders.finish_registration(self.rp, state, body, find_credential=self.records.get)
            self.users[username] = registration.user
            self.records[registration.record.id] = registration.record

    def start_authentication(self, username: str, session: dict[str, Any]) -> dict[str, Any]:
        """Options to sign in."""
        with self.lock:
            user = self.users.get(username)
            if user is None:
                raise PermissionError(username)
            begun = self.rp.begin_authentication(user=user, records=self.records_of(user))
            session["request"] = begun.state
        return begun.options.to_json()

    def finish_authentication(self, username: str, session: dict[str, Any], body: bytes) -> None:
        """Sign in."""
        with self.lock:
            state: CeremonyState | None = session.pop("request", None)
            user = self.users.get(username)
            if state is None or user is None or state.user is None or state.user.id != user.id:
                raise PermissionError(username)
            authentication = finders.finish_authentication(
                self.rp, state, body, find_credential=self.records.get, find_user=self.find_user
            )
            self.records[authentication.record.id] = authentication.record


class Handler(BaseHTTPRequestHandler):
    """The routes: 400 for what is malformed, 401 for what is refused, 204 for success."""

    server: Server
    #: Seconds; whoever connects and says nothing is let go.
    timeout = 30

    def do_GET(self) -> None:
        """The page and its script."""
        page = PAGES.get(self.path)
        if page is None:
            self.answer(HTTPStatus.NOT_FOUND)
        else:
            self.answer(HTTPStatus.OK, (HERE / page[0]).read_bytes(), page[1])

    def do_POST(self) -> None:
        """The four calls."""
        path, _, query = self.path.partition("?")
        username = parse_qs(query).get("username", [""])[0]
        length = self.headers.get("content-length", "0")
        size = int(length) if length.isdecimal() and len(length) < 10 else MAX_BODY + 1
        # Browsers say where a request comes from; nobody else's page may use the visitor's session.
        if self.headers.get("origin", self.server.origin) != self.server.origin:
            return self.answer(HTTPStatus.FORBIDDEN)
        if not 0 < len(username) <= 64 or size > MAX_BODY:
            return self.answer(HTTPStatus.BAD_REQUEST)
        body = self.rfile.read(size)
        site = self.server.site
        token, session = site.session(self.cookie())
        try:
            if path == "/register/start":
                return self.answer_json(site.start_registration(username, session), token)
            if path == "/authenticate/start":
                return self.answer_json(site.start_authentication(username, session), token)
            if path == "/register/finish":
                site.finish_registration(username, session, body)
            elif path == "/authenticate/finish":
                site.finish_authentication(username, session, body)
            else:
                return self.answer(HTTPStatus.NOT_FOUND)
        except Malformed:
            return self.answer(HTTPStatus.BAD_REQUEST)
        except (UnlatchError, PermissionError) as error:
            self.log_error("refused: %s", error.evidence() if isinstance(error, UnlatchError) else "no such session")
            return self.answer(HTTPStatus.UNAUTHORIZED)
        return self.answer(HTTPStatus.NO_CONTENT, b"", "", self.session_cookie(site.sign_in(token, username)))

    def cookie(self) -> str | None:
        """The name of the session."""
        for part in self.headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == "session":
                return value
        return None

    def answer_json(self, value: dict[str, Any], token: str) -> None:
        """200 with JSON, and the session's cookie."""
        self.answer(HTTPStatus.OK, json.dumps(value).encode(), "application/json", self.session_cookie(token))

    def session_cookie(self, token: str) -> tuple[str, str]:
        """The header field that gives a browser its session."""
        secure = "; Secure" if self.server.origin.startswith("https:") else ""
        return "Set-Cookie", f"session={token}; Path=/; HttpOnly; SameSite=Strict{secure}"

    def answer(self, status: HTTPStatus, body: bytes = b"", kind: str = "", *headers: tuple[str, str]) -> None:
        """An answer of any kind."""
        self.send_response(status)
        policy = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        for name, value in (("Content-Type", kind), *headers) if body else headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """One site on one address."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], *, origin: str | None, tls: ssl.SSLContext | None) -> None:
        """Bind; the origin follows from the address unless it is given."""
        super().__init__(address, Handler)
        self.origin = origin or f"{'https' if tls else 'http'}://localhost:{self.server_port}"
        host = urlsplit(self.origin).hostname or ""
        self.site = Site(RelyingParty(id=host, name="A server without a framework", origins=[self.origin]))
        if tls is not None:
            # The handshake belongs into the thread of its connection: one that waits must not hold up the others.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


def make_server(arguments: list[str] | None = None) -> Server:
    """The server that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bind", default=":3001", metavar="HOST:PORT", help="where to listen; default %(default)s")
    parser.add_argument("--origin", help="where people use the site; default https://localhost:PORT")
    parser.add_argument("--cert", type=Path, help="certificate (PEM); default: self-signed, made on the fly")
    parser.add_argument("--key", type=Path, help="its key (PEM)")
    parser.add_argument("--notls", action="store_true", help="plain http, for localhost or behind a proxy")
    options = parser.parse_args(arguments)
    if (options.cert is None) != (options.key is None):
        parser.error("--cert and --key belong together")
    host, _, port = options.bind.rpartition(":")
    if not port.isdecimal():
        parser.error("--bind is HOST:PORT or :PORT")
    tls = None
    if not options.notls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if options.cert:
            tls.load_cert_chain(options.cert, options.key)
        else:
            name = urlsplit(options.origin).hostname if options.origin else None
            self_signed(tls, name or "localhost", now=datetime.now(UTC))
    return Server((host.strip("[]") or "localhost", int(port)), origin=options.origin, tls=tls)


if __name__ == "__main__":
    with make_server() as server:
        print(f"ready at {server.origin}, Ctrl-C stops it", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
