"""The guide as a reader would follow it: its commands and its SQL, one after another."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from click.testing import CliRunner

from postgres.databases import Caller, browser, create
from postgres.test_refusals import text
from unlatch.cli.commands import unlatch

if TYPE_CHECKING:
    from services.private import Server

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "postgresql.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, flags=re.DOTALL)


def test_the_guide(postgres_server: Server) -> None:
    dsn = create(postgres_server, "guide")
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("unlatch ")]
    assert len(commands) == 2
    # The second one is for a folder of the reader's.
    installed = [dsn if word.startswith("postgresql:") else word for word in shlex.split(commands[0])[1:]]
    assert CliRunner().invoke(unlatch, installed).exit_code == 0
    with psycopg.connect(dsn) as connection:
        caller, laptop = Caller(connection), browser()
        for block in blocks("sql"):
            connection.execute(block.encode())
        connection.execute("UPDATE webauthn.config SET compat = '{}'")
        caller.sign_up(laptop)
        challenge = bytes(32)
        options: Any = caller.value("SELECT api.sign_in(%s)", challenge)
        assert options["publicKey"]["challenge"] == text(challenge)
        connection.execute("SET ROLE web")
        answer = psycopg.types.json.Jsonb(laptop.get(options["publicKey"]))
        assert caller.value("SELECT api.verify_assertion(%s)", answer) is not None


def test_the_migration_of_the_guide_is_python() -> None:
    (block,) = blocks("python")
    names: dict[str, Any] = {}
    exec(compile(block, "postgresql.md", "exec"), names)
    assert {"upgrade", "downgrade"} <= names.keys()
