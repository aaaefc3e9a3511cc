"""Passkeys with nothing but the standard library's `http.server`: no framework, no database, no store.

The library never sees HTTP. `finders` takes functions that look into this program's own dictionaries.
"""

from __future__ import annotations

import argparse
import json
import secrets
import ssl
import threading
import time
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from certificate import self_signed

from unlatch import CredentialRecord, Malformed, Policy, RelyingParty, UnlatchError, UserEntity, finders
from unlatch.adapters.http.door import module
from unlatch.ceremonies.state import CeremonyState
from unlatch.wire import base64url

HERE = Path(__file__).parent
PAGES = {"/": ("index.html", "text/html; charset=utf-8"), "/app.js": ("app.js", "text/javascript; charset=utf-8")}
#: Calls that name nobody: the session or the passkey says who it is.
NAMELESS = ("/autofill/start", "/autofill/finish", "/remove", "/sign-out")
MAX_BODY = 64 * 1024
#: No more sessions than this are kept; the oldest goes first.
MAX_SESSIONS = 10_000
#: Seconds after a sign-in in which passkeys may be added and removed.
RECENT = 600


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
            self.sessions[fresh] = {"username": username, "since": time.monotonic()}
            return fresh

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self.lock:
            self.sessions.pop(token, None)

    def account(self, session: dict[str, Any]) -> dict[str, Any]:
        """Who is signed in, with which passkeys; for the page."""
        with self.lock:
            user = self.users.get(session.get("username", ""))
            passkeys = [base64url.encode(record.id) for record in self.records_of(user)] if user else []
            return {"username": user and user.name, "passkeys": passkeys}

    def remove(self, passkey: str, token: str, session: dict[str, Any]) -> None:
        """Remove a passkey of whoever is signed in, but not the last one; and end the sessions elsewhere."""
        with self.lock:
            username = session.get("username", "")
            kept = {base64url.encode(record.id): record for record in self.records_of(self.users.get(username))}
            if passkey not in kept or len(kept) == 1 or not is_recent(session):
                raise PermissionError(username)
            del self.records[kept[passkey].id]
            others = [t for t, each in self.sessions.items() if each.get("username") == username and t != token]
            for other in others:
                del self.sessions[other]

    def records_of(self, user: UserEntity | None) -> list[CredentialRecord]:
        """The passkeys of a user."""
        return [record for record in self.records.values() if user and record.user_handle == user.id]

    def find_user(self, user_handle: bytes) -> UserEntity | None:
        """The user of a handle; for the library."""
        return next((user for user in self.users.values() if user.id == user_handle), None)

    def start_registration(self, username: str, session: dict[str, Any]) -> dict[str, Any]:
        """Options to make a passkey; a name that has one is open to its owner alone."""
        with self.lock:
            user = self.users.get(username) or UserEntity(secrets.token_bytes(64), username, username)
            records = self.records_of(user)
            if records and not (session.get("username") == username and is_recent(session)):
                raise PermissionError(username)
            begun = self.rp.begin_registration(user, exclude=records)
            session["creation"] = begun.state
        return begun.options.to_json()

    def finish_registration(self, username: str, session: dict[str, Any], body: bytes) -> str:
        """Keep the passkey, and the user with it; the name to sign in."""
        with self.lock:
            state: CeremonyState | None = session.pop("creation", None)
            if state is None or state.user is None or state.user.name != username:
                raise PermissionError(username)
            if self.users.get(username, state.user).id != state.user.id:
                raise PermissionError(username)  # somebody else was faster
            registration = finders.finish_registration(self.rp, state, body, find_credential=self.records.get)
            self.users[username] = registration.user
            self.records[registration.record.id] = registration.record
            return username

    def start_authentication(self, username: str, session: dict[str, Any]) -> dict[str, Any]:
        """Options to sign in; for autofill without a name: the passkey says whose it is."""
        with self.lock:
            user = self.users.get(username)
            if username and user is None:
                raise PermissionError(username)
            begun = self.rp.begin_authentication(user=user, records=self.records_of(user))
            session["request" if username else "autofill"] = begun.state
        return begun.options.to_json()

    def finish_authentication(self, username: str, session: dict[str, Any], body: bytes) -> str:
        """Check the answer; the name to sign in."""
        with self.lock:
            state: CeremonyState | None = session.pop("request" if username else "autofill", None)
            if state is None or (state.user.name if state.user else "") != username:
                raise PermissionError(username)
            authentication = finders.finish_authentication(
                self.rp, state, body, find_credential=self.records.get, find_user=self.find_user
            )
            self.records[authentication.record.id] = authentication.record
            user = self.find_user(authentication.record.user_handle)
            if user is None:
                raise PermissionError(username)
            return user.name


def is_recent(session: dict[str, Any]) -> bool:
    """Whether whoever uses a session was verified a few minutes ago; one that was left open does not do."""
    return time.monotonic() - session.get("since", -RECENT) < RECENT


class Handler(BaseHTTPRequestHandler):
    """The routes: 400 for what is malformed, 401 for what is refused, 204 for success."""

    server: Server
    #: Seconds; whoever connects and says nothing is let go.
    timeout = 30

    def do_GET(self) -> None:
        """The page and its scripts, and who is signed in."""
        if self.path == "/account":
            token, session = self.server.site.session(self.cookie())
            self.answer_json(self.server.site.account(session), token)
        elif self.path == "/unlatch.js":
            self.answer(HTTPStatus.OK, module(), "text/javascript; charset=utf-8")
        elif self.path in PAGES:
            name, kind = PAGES[self.path]
            self.answer(HTTPStatus.OK, (HERE / name).read_bytes(), kind)
        else:
            self.answer(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """The calls: what is wrong with a request is said before anything is done."""
        path, _, query = self.path.partition("?")
        fields = dict(parse_qsl(query))
        username = "" if path in NAMELESS else fields.get("username", "")
        length = self.headers.get("content-length", "0")
        size = int(length) if length.isdecimal() and len(length) < 10 else MAX_BODY + 1
        # Browsers say where a request comes from; nobody else's page may use the visitor's session.
        if self.headers.get("origin", self.server.origin) != self.server.origin:
            return self.answer(HTTPStatus.FORBIDDEN)
        if len(username) > 64 or (not username and path not in NAMELESS) or size > MAX_BODY:
            return self.answer(HTTPStatus.BAD_REQUEST)
        try:
            self.act(path, username, fields, self.rfile.read(size))
        except Malformed:
            self.answer(HTTPStatus.BAD_REQUEST)
        except (UnlatchError, PermissionError) as error:
            self.log_error("refused: %s", error.evidence() if isinstance(error, UnlatchError) else "no such session")
            self.answer(HTTPStatus.UNAUTHORIZED)

    def act(self, path: str, username: str, fields: dict[str, str], body: bytes) -> None:
        """Do what a call asks for, and answer."""
        site = self.server.site
        token, session = site.session(self.cookie())
        match path:
            case "/register/start":
                self.answer_json(site.start_registration(username, session), token)
            case "/register/finish":
                self.answer_signed_in(site.finish_registration(username, session, body), token)
            case "/authenticate/start" | "/autofill/start":
                self.answer_json(site.start_authentication(username, session), token)
            case "/authenticate/finish" | "/autofill/finish":
                self.answer_signed_in(site.finish_authentication(username, session, body), token)
            case "/remove":
                site.remove(fields.get("passkey", ""), token, session)
                self.answer(HTTPStatus.NO_CONTENT)
            case "/sign-out":
                site.sign_out(token)
                self.answer(HTTPStatus.NO_CONTENT)
            case _:
                self.answer(HTTPStatus.NOT_FOUND)

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

    def answer_signed_in(self, username: str, token: str) -> None:
        """204 with a new session: whoever knew the old one stays outside."""
        fresh = self.server.site.sign_in(token, username)
        self.answer(HTTPStatus.NO_CONTENT, b"", "", self.session_cookie(fresh))

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
        self.site = Site(
            RelyingParty(id=host, name="A server without a framework", origins=[self.origin], policy=Policy.passkey())
        )
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
