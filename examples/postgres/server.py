"""Passkeys in PostgreSQL: a thin web server in front of the functions in the schema `api`, and nothing else.

    python examples/postgres/server.py --dsn postgresql:///demo

Everything that decides is in schema.sql. This file passes JSON on, turns a setting into a cookie, and draws a QR code.
"""

from __future__ import annotations

import argparse
import json
import logging
from contextlib import contextmanager
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from queue import LifoQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import segno
from psycopg.types.json import Jsonb

from unlatch.postgres.install import configure, install
from unlatch.wire import base64url

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)
HERE = Path(__file__).parent
MAX_BODY = 65536
#: What the database sets in place of a token where the cookie is to go.
FORGET = "none"
#: What may be called, with the names and types of its arguments.
FUNCTIONS: dict[str, dict[str, type]] = {
    "sign_up": {"username": str, "device_name": str},
    "init_credential": {"device_name": str, "other_device": bool},
    "get_credential_creation_options": {"challenge": str},
    "store_credential": {"credential": dict},
    "sign_in": {},
    "verify_assertion": {"credential": dict},
    "update_credential_validity": {"credential_id": str, "valid": bool},
    "current_user": {},
    "sign_out": {},
}
PAGES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Database:
    """A few connections, each of which may do no more than `web_anon`."""

    def __init__(self, dsn: str, *, size: int = 4) -> None:
        self._connections: LifoQueue[psycopg.Connection[Any]] = LifoQueue()
        for _ in range(size):
            connection = psycopg.connect(dsn, autocommit=True)
            connection.execute("SET ROLE web_anon")
            self._connections.put(connection)

    @contextmanager
    def transaction(self, token: str) -> Iterator[psycopg.Connection[Any]]:
        """One transaction of whoever has this token."""
        connection = self._connections.get()
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('request.access_token', %s, true)", [token])
                yield connection
        finally:
            self._connections.put(connection)

    def call(self, name: str, arguments: dict[str, Any], token: str) -> tuple[Any, str]:
        """What a function of `api` answers, and the token that it sets ("" for none, FORGET to end the session)."""
        named = ", ".join(f"{key} := %({key})s" for key in arguments)
        values = {key: Jsonb(value) if isinstance(value, dict) else value for key, value in arguments.items()}
        with self.transaction(token) as connection:
            row: Any = connection.execute(f"SELECT api.{name}({named})", values).fetchone()
            new: Any = connection.execute("SELECT current_setting('response.access_token', true)").fetchone()
        return row[0], new[0] or ""

    def devices(self, token: str) -> list[dict[str, Any]]:
        """The devices of whoever is signed in: row-level security chooses."""
        with self.transaction(token) as connection:
            rows = connection.execute("SELECT * FROM api.devices ORDER BY added_at").fetchall()
        return [{"id": base64url.encode(row[0]), "name": row[1], "confirmed": row[2]} for row in rows]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        """Pages, the list of devices, the QR code."""
        url = urlsplit(self.path)
        if url.path in PAGES:
            name, kind = PAGES[url.path]
            self._answer(HTTPStatus.OK, (HERE / "static" / name).read_bytes(), kind)
        elif url.path == "/unlatch.js":
            module = files("unlatch") / "adapters" / "http" / "static" / "unlatch.js"
            self._answer(HTTPStatus.OK, module.read_bytes(), "text/javascript; charset=utf-8")
        elif url.path == "/qr.svg":
            image = BytesIO()
            challenge = parse_qs(url.query).get("challenge", [""])[0]
            segno.make(f"{self.server.origin}/?challenge={challenge[:64]}").save(image, kind="svg", scale=4)
            self._answer(HTTPStatus.OK, image.getvalue(), "image/svg+xml")
        elif url.path == "/devices":
            self._json(HTTPStatus.OK, self.server.database.devices(self._token()))
        else:
            self._json(HTTPStatus.NOT_FOUND, {"error": "There is nothing here."})

    def do_POST(self) -> None:
        """Call a function: ``/rpc/NAME`` with its arguments as JSON."""
        if self.headers.get("Origin") != self.server.origin or not self.path.startswith("/rpc/"):
            self._json(HTTPStatus.FORBIDDEN, {"error": "Only the pages of this site may do that."})
            return
        name = self.path.removeprefix("/rpc/")
        arguments = self._arguments(FUNCTIONS.get(name))
        if arguments is None:
            self._json(HTTPStatus.BAD_REQUEST, {"error": "This request is not understood."})
            return
        try:
            answer, token = self.server.database.call(name, arguments, self._token())
        except psycopg.Error as error:
            _log.warning("%s: %s %s", name, error.sqlstate, error.diag.message_primary)
            taken = error.diag.constraint_name == "users_name_key"
            status = HTTPStatus.CONFLICT if taken else HTTPStatus.FORBIDDEN
            self._json(status, {"error": "This name is taken." if taken else "That did not work. Please start again."})
            return
        self._json(HTTPStatus.OK, answer, token=token)

    def _arguments(self, types: dict[str, type] | None) -> dict[str, Any] | None:
        """The arguments of a function; None where they are not those that it has."""
        try:
            length = int(self.headers.get("Content-Length", ""))
            value = json.loads(self.rfile.read(length)) if 0 <= length <= MAX_BODY else None
            json.dumps(value, ensure_ascii=False).encode()  # half a character is no text for a database
        except (ValueError, RecursionError):
            return None
        if types is None or not isinstance(value, dict) or value.keys() != types.keys():
            return None
        return value if all(isinstance(value[key], kind) for key, kind in types.items()) else None

    def _token(self) -> str:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("access_token")
        return "" if cookie is None else cookie.value

    def _json(self, status: HTTPStatus, value: Any, *, token: str = "") -> None:
        self._answer(status, json.dumps(value).encode(), "application/json", token=token)

    def _answer(self, status: HTTPStatus, body: bytes, kind: str, *, token: str = "") -> None:
        self.send_response(status)
        for header, value in {**HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(header, value)
        if token:
            secure = "; Secure" if self.server.origin.startswith("https:") else ""
            life = "; Max-Age=0" if token == FORGET else ""
            self.send_header("Set-Cookie", f"access_token={token}; HttpOnly; SameSite=Strict; Path=/{life}{secure}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not logged; refusals are."""


class Server(ThreadingHTTPServer):
    """Knows the database and its own origin."""

    daemon_threads = True

    def __init__(self, port: int, database: Database | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.origin = f"http://localhost:{self.server_port}"
        self._database = database

    @property
    def database(self) -> Database:
        """Set before the first request."""
        if self._database is None:
            raise RuntimeError("the server has no database")
        return self._database

    def use(self, dsn: str, *, backend: str, python_path: str | None) -> None:
        """Install both schemas, say where the pages live, and connect."""
        with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
            install(cursor, backend=backend, python_path=python_path)
            configure(cursor, "localhost", origins=(self.origin,))
            cursor.execute((HERE / "schema.sql").read_text("utf-8"))
        self._database = Database(dsn)


def main() -> None:
    """Install and serve."""
    parser = argparse.ArgumentParser(description="Passkeys in PostgreSQL.")
    parser.add_argument("--dsn", required=True, help="the database, postgresql:///demo")
    parser.add_argument("--port", type=int, default=8000, help="port; 0 takes a free one (default 8000)")
    parser.add_argument("--backend", choices=("sql", "plpython"), default="sql", help="who verifies (default sql)")
    parser.add_argument("--python-path", help="for plpython: folder with unlatch and cryptography")
    arguments = parser.parse_args()
    server = Server(arguments.port)
    server.use(arguments.dsn, backend=arguments.backend, python_path=arguments.python_path)
    print(f"Passkeys in PostgreSQL at {server.origin}, Ctrl-C stops it", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
