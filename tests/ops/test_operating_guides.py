"""The commands of the guides for operators run, in their order, as somebody would type them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, make_url, select

from live_server import PATIENCE, SOURCE
from ops.conftest import empty
from parts import path_of
from unlatch.server.engines import open_database
from unlatch.server.migrate import upgrade
from unlatch.server.schema import credentials, sessions, users
from unlatch.server.settings import Settings
from unlatch.stores.contract import sample_record
from unlatch.stores.sqlalchemy import SqlCredentials

FOLDER = Path(__file__).parents[2] / "docs" / "how-to"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def blocks(guide, section):
    """The commands below a heading, a block each."""
    whole = (FOLDER / guide).read_text("utf-8")
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", whole, re.DOTALL | re.MULTILINE)
    found = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert found
    return found


def run(commands, folder, **environment):
    """Run commands; one that fails, fails the test."""
    unlatch = f'unlatch() {{ "{sys.executable}" -m unlatch.cli "$@"; }}'
    result = subprocess.run(
        ["bash", "-eu", "-c", f"{unlatch}\n{commands}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "UNLATCH_DATA": str(folder / "data"), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE * 3,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def fill(settings):
    """One account with a passkey and a session."""
    upgrade(open_database(settings))
    engine = open_database(settings)
    with engine.begin() as connection:
        row = {"handle": b"ada", "username": "ada", "username_key": "ada", "display_name": "Ada", "created_at": NOW}
        connection.execute(insert(users), row)
        SqlCredentials(connection).add(sample_record(b"id"))
        session = {"token_hash": bytes(32), "user_handle": b"ada", "credential_hash": bytes(32), "created_at": NOW}
        connection.execute(insert(sessions), {**session, "last_seen_at": NOW, "expires_at": NOW})
    engine.dispose()


def counts(url):
    """Accounts, passkeys, sessions."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [connection.scalar(select(func.count()).select_from(each)) for each in (users, credentials, sessions)]
    engine.dispose()
    return found


def test_sqlite(tmp_path):
    fill(Settings(data=tmp_path / "data"))
    for commands in blocks("backups.md", "SQLite") + blocks("backups.md", "Try it"):
        run(commands, tmp_path)
    assert counts(f"sqlite:///{tmp_path}/data/unlatch.sqlite3") == [1, 1, 0]
    assert counts(f"sqlite:///{tmp_path}/tryout/unlatch.sqlite3") == [1, 1, 0]


def test_upgrading(tmp_path):
    for commands in blocks("operate.md", "Before it starts: the doctor") + blocks("operate.md", "Upgrading"):
        run(commands, tmp_path)


@pytest.mark.needs("postgresql")
def test_postgresql(tmp_path, postgresql_url):
    dump, restore = blocks("backups.md", "PostgreSQL")
    fill(Settings(data=tmp_path, database=postgresql_url))
    path = f"{path_of('postgresql')}:{os.environ['PATH']}"
    run(dump, tmp_path, PATH=path, UNLATCH_DATABASE=_plain(postgresql_url))
    another = empty(postgresql_url)
    run(restore, tmp_path, PATH=path, UNLATCH_DATABASE=_plain(another))
    assert counts(another) == [1, 1, 0]


@pytest.mark.needs("mariadb")
def test_mariadb(tmp_path, mariadb_url):
    dump, restore = (commands.replace("unlatch.sql", "file.sql") for commands in blocks("backups.md", "MariaDB"))
    url = make_url(mariadb_url)
    fill(Settings(data=tmp_path, database=mariadb_url))
    (tmp_path / "my.cnf").write_text(f"[client]\nuser=root\nsocket={url.query['unix_socket']}\n")
    environment = {"MYSQL_HOME": str(tmp_path), "UNLATCH_DATABASE": mariadb_url}
    # The database has a name of its own here.
    run(re.sub(r"(\s)unlatch$", rf"\1{url.database}", dump, flags=re.MULTILINE), tmp_path, **environment)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(users.delete())
    engine.dispose()
    run(restore.replace("mariadb unlatch", f"mariadb {url.database}"), tmp_path, **environment)
    assert counts(mariadb_url) == [1, 1, 0]


def _plain(url):
    """The URL as the programs of PostgreSQL read it too."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_every_command_of_the_guides_for_operators_is_tried():
    """But for what goes on until it is stopped: `serve` has tests of its own."""
    tried = [
        *blocks("backups.md", "SQLite"),
        *blocks("backups.md", "Try it"),
        *blocks("backups.md", "PostgreSQL"),
        *blocks("backups.md", "MariaDB"),
        *blocks("operate.md", "Before it starts: the doctor"),
        *blocks("operate.md", "Upgrading"),
        *blocks("operate.md", "Metrics"),
    ]
    texts = [(FOLDER / name).read_text("utf-8") for name in ("backups.md", "operate.md")]
    assert sorted(tried) == sorted(found for text in texts for found in re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
