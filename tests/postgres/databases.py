"""Databases with the schema `webauthn` in them, and people who sign in through SQL."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from base64 import encodebytes
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from parts import path_of
from services import postgresql
from unlatch.postgres.install import configure, install
from unlatch.postgres.script import Backend
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

if TYPE_CHECKING:
    from services.private import Server

RP_ID, ORIGIN = "example.org", "https://example.org"
ADA = b"handle-of-ada"


def copy_packages(server: Server) -> Path:
    """What PL/Python loads, in a folder that the server's user can read; the tree of the tests need not be one."""
    folder = server.folder / "python"
    for name in ("unlatch", "cryptography", "cffi", "_cffi_backend"):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue  # not every version of `cryptography` needs each of them
        source = Path(spec.origin)
        if source.name == "__init__.py":
            ignored = shutil.ignore_patterns("__pycache__", "server", "testing", "cli")
            shutil.copytree(source.parent, folder / name, ignore=ignored)
        else:
            shutil.copy2(source, folder / source.name)
    if server.owner is not None:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, server.owner)
    return folder


def create(server: Server, name: str, *, template: str = "template1") -> str:
    """A new database; where it is."""
    with psycopg.connect(postgresql.dsn(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return postgresql.dsn(server, name)


def install_into(
    dsn: str, backend: Backend, python_path: Path | None, rp_id: str = RP_ID, origin: str = ORIGIN
) -> None:
    """The schema, and one relying party."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        install(cursor, backend=backend, python_path=None if backend is Backend.SQL else str(python_path))
        configure(cursor, rp_id, origins=(origin,))


def dump_and_restore(source: str, target: str) -> None:
    """``pg_dump`` and ``pg_restore``, in one pass and one transaction."""
    programs = Path(path_of("postgresql"))
    dumped = subprocess.run([programs / "pg_dump", "-Fc", "-d", source], check=True, capture_output=True).stdout
    restore = [programs / "pg_restore", "--single-transaction", "--exit-on-error", "-d", target]
    subprocess.run(restore, input=dumped, check=True, capture_output=True)


class Caller:
    """An application that calls the four functions on one connection.

    Each call is a transaction inside the connection's: what fails leaves no trace but its error.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def value(self, query: str, *arguments: Any) -> Any:
        """The first column of the first row."""
        with self.connection.transaction():
            row = self.connection.execute(query, arguments).fetchone()
        return None if row is None else row[0]

    def call(self, function: str, **arguments: Any) -> Any:
        """What a function answers, its arguments by name."""
        named = ", ".join(f"{name} := %({name})s" for name in arguments)
        with self.connection.transaction():
            row = self.connection.execute(f"SELECT webauthn.{function}({named})", arguments).fetchone()
        return None if row is None else row[0]

    def begin_sign_up(self, name: str = "ada", user_id: bytes = ADA, **more: Any) -> dict[str, Any]:
        """Creation options."""
        arguments = {
            "challenge": secrets.token_bytes(32),
            "user_name": name,
            "user_id": user_id,
            "user_display_name": name.title(),
            "relying_party_name": "Example",
            **more,
        }
        options: dict[str, Any] = self.call("init_credential", **arguments)["publicKey"]
        return options

    def store(self, response: dict[str, Any], **more: Any) -> Any:
        """Finish a sign-up with a RegistrationResponseJSON."""
        return self.call(
            "store_credential",
            credential_id=response["id"],
            credential_type=response["type"],
            attestation_object=response["response"]["attestationObject"],
            client_data_json=response["response"]["clientDataJSON"],
            **more,
        )

    def begin_sign_in(self, name: str | None = "ada", **more: Any) -> dict[str, Any]:
        """Request options."""
        arguments = {"challenge": secrets.token_bytes(32), "user_name": name, **more}
        options: dict[str, Any] = self.call("get_credentials", **arguments)["publicKey"]
        return options

    def verify(self, response: dict[str, Any], **more: Any) -> Any:
        """Finish a sign-in with an AuthenticationResponseJSON."""
        return self.call(
            "verify_assertion",
            credential_id=response["id"],
            credential_type=response["type"],
            authenticator_data=response["response"]["authenticatorData"],
            client_data_json=response["response"]["clientDataJSON"],
            signature=response["response"]["signature"],
            **{"user_handle": response["response"].get("userHandle"), **more},
        )

    def sign_up(self, browser: EmulatedBrowser, **more: Any) -> Any:
        """A whole sign-up."""
        return self.store(browser.create(self.begin_sign_up(**more)))

    def sign_in(self, browser: EmulatedBrowser, name: str | None = "ada") -> Any:
        """A whole sign-in."""
        return self.verify(browser.get(self.begin_sign_in(name)))

    def refusal(self, function: Any, *arguments: Any, **named: Any) -> tuple[str | None, str | None]:
        """SQLSTATE and constraint name of the error that a call must end in."""
        try:
            answer = function(*arguments, **named)
        except psycopg.Error as error:
            return error.sqlstate, error.diag.constraint_name
        raise AssertionError(f"not refused: {answer!r}")

    def last_error(self) -> tuple[str | None, str | None]:
        """Code and step of this session's last call."""
        row: Any = self.connection.execute("SELECT * FROM webauthn.last_error()").fetchone()
        return row[0], row[1]

    def configure(self, **values: Any) -> None:
        """Change the one row of `webauthn.config`."""
        assignments = ", ".join(f"{name} = %({name})s" for name in values)
        self.connection.execute(f"UPDATE webauthn.config SET {assignments}", values)


def browser(**authenticator: Any) -> EmulatedBrowser:
    """A browser on the relying party's page, with an authenticator of ES256."""
    return EmulatedBrowser(ORIGIN, SoftwareAuthenticator(**{"algorithms": (-7,), **authenticator}))


def pem(der: bytes) -> str:
    """A certificate as `webauthn.config` has it."""
    return f"-----BEGIN CERTIFICATE-----\n{encodebytes(der).decode()}-----END CERTIFICATE-----\n"
