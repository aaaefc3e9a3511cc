"""`unlatch backup` and `unlatch restore`: people sign in after it, and nothing comes back that must not."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import stat
from contextlib import closing

import pytest
from alembic import command

from live_server import LiveServer, Person, problem
from ops.commands import done, refused
from unlatch.server import revisions
from unlatch.server.engines import FILE_NAME, open_database
from unlatch.server.migrate import configuration, upgrade
from unlatch.server.settings import Settings


@pytest.fixture
def empty(tmp_path):
    """A data folder with a database in which nobody is."""
    folder = tmp_path / "data"
    upgrade(open_database(Settings(data=folder)))
    return folder


def add_account(folder, name="ada"):
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        row = (name.encode(), name, name, name, "2026-11-01 12:00:00.000000")
        database.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", row)


def usernames(path):
    with closing(sqlite3.connect(path)) as database:
        return [row[0] for row in database.execute("SELECT username FROM users ORDER BY username")]


def test_a_restored_server_signs_in_those_who_were_there(tmp_path):
    """While it runs: first ada, then the backup, then ben, then the restore."""
    file = tmp_path / "backup.sqlite3"
    with LiveServer(tmp_path / "data") as server, Person(server) as ada, Person(server) as ben:
        ada.sign_up("ada")
        assert "1 account and 1 passkey" in done("backup", file, "--data", server.data)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        ada.sign_out()
        used = ada.begin_sign_in()
        assert ada.post("/v1/authentication/verify", used).status_code == 200
        ben.sign_up("ben")

        assert "has 2 accounts and 2 passkeys. To replace it" in refused("restore", file, "--data", server.data)
        said = done("restore", file, "--replace", "--data", server.data)
        assert "1 account and 1 passkey. Everybody must sign in again." in said

        assert ada.username() is None
        assert problem(ada.post("/v1/authentication/verify", used)) == (410, "ceremony_used")
        assert ada.sign_in().status_code == 200
        assert ada.username() == "ada"
        assert problem(ben.sign_in()) == (401, "not_verified")
        assert ben.sign_up("ben").status_code == 201

        (kept,) = server.data.glob("unlatch-replaced-*.sqlite3")
        assert kept.name in said
        assert usernames(kept) == ["ada", "ben"]
        assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in server.data.iterdir())
        assert [event for event in server.events() if event["level"] == "error"] == []

    # On another machine: an empty folder.
    done("restore", file, "--data", tmp_path / "elsewhere")
    with LiveServer(tmp_path / "elsewhere") as server, Person(server, ada.browser.authenticator) as ada:
        assert ada.sign_in().status_code == 200


def test_a_backup_does_not_take_the_place_of_the_database(empty, tmp_path):
    """A server that runs goes on writing into the file that lost its name, and all of it is lost."""
    add_account(empty)
    database = empty / "unlatch.sqlite3"
    (tmp_path / "hard").hardlink_to(database)
    (tmp_path / "soft").symlink_to(database)
    names = [database, *(database.with_name(f"unlatch.sqlite3{suffix}") for suffix in ("-wal", "-shm", "-journal"))]
    before = database.read_bytes()
    for name in [*names, tmp_path / "hard", tmp_path / "soft", empty / ".." / empty.name / database.name]:
        assert "is the database itself or a part of it" in refused("backup", name, "--replace", "--data", empty)
    assert database.read_bytes() == before


def test_neither_overwrites_without_being_told(empty, tmp_path):
    file = tmp_path / "backup"
    add_account(empty)
    done("backup", file, "--data", empty)
    before = file.read_bytes()
    assert "exists already. Name another file, or add --replace" in refused("backup", file, "--data", empty)
    assert file.read_bytes() == before
    add_account(empty, "ben")
    done("backup", file, "--replace", "--data", empty)
    assert usernames(file) == ["ada", "ben"]
    refused("restore", file, "--data", empty)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]


def test_a_database_that_cannot_be_read_is_kept_aside(empty, tmp_path):
    file = tmp_path / "backup"
    add_account(empty)
    done("backup", file, "--data", empty)
    (empty / FILE_NAME).write_bytes(b"no database " * 1000)
    assert "cannot be read. To replace it, add --replace" in refused("restore", file, "--data", empty)
    done("restore", file, "--replace", "--data", empty)
    assert usernames(empty / FILE_NAME) == ["ada"]
    (kept,) = empty.glob("unlatch-replaced-*.sqlite3")
    assert kept.read_bytes() == b"no database " * 1000


def damage_text(path):
    path.write_text("this is not a database, whatever its name may say\n" * 100)


def damage_pages(path):
    data = bytearray(path.read_bytes())
    data[5000:9000] = bytes(4000)
    path.write_bytes(data)


def damage_end(path):
    path.write_bytes(path.read_bytes()[:20000])


def empty_file(path):
    path.write_bytes(b"")


def another_database(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE users (name TEXT)")


def orphan(path):
    with closing(sqlite3.connect(path)) as database, database:
        row = (bytes(32), b"nobody", bytes(32), *["2026-11-01 12:00:00.000000"] * 3)
        database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)


def newer(path):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")


def missing(path):
    path.unlink()


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (damage_text, "file is not a database"),
        (damage_pages, "damaged"),
        (damage_end, "malformed"),
        (empty_file, "is no database of unlatch"),
        (another_database, "is no database of unlatch"),
        (orphan, "rows refer to accounts that are not there"),
        (newer, "newer version"),
        (missing, "There is no file"),
    ],
)
def test_a_backup_that_is_none_changes_nothing(empty, tmp_path, damage, word):
    file = tmp_path / "backup"
    add_account(empty)
    done("backup", file, "--data", empty)
    damage(file)
    assert word in refused("restore", file, "--replace", "--data", empty)
    assert usernames(empty / FILE_NAME) == ["ada"]
    assert list(empty.glob(".*")) == []


def test_a_backup_of_the_first_release_is_brought_up_to_date(empty, tmp_path):
    add_account(empty)
    old = tmp_path / "old"
    engine = open_database(Settings(data=old))
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    engine.dispose()
    add_account(old, "ben")
    done("backup", tmp_path / "backup", "--data", old)
    done("restore", tmp_path / "backup", "--replace", "--data", empty)
    assert usernames(empty / FILE_NAME) == ["ben"]
    assert revisions.head() in done("db", "check", "--data", empty)


def test_a_full_disk_changes_nothing(empty, tmp_path):
    file = tmp_path / "backup"
    add_account(empty)
    done("backup", file, "--data", empty)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        refused("backup", tmp_path / "another", "--data", empty)
        refused("restore", file, "--replace", "--data", empty)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert usernames(empty / FILE_NAME) == ["ada"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]


def test_what_it_cannot_do_is_one_sentence(tmp_path):
    assert "There is no database" in refused("backup", tmp_path / "file", "--data", tmp_path / "nowhere")
    url = "postgresql://ada:secret@db.example/unlatch"
    line = refused("backup", tmp_path / "file", "--database", url)
    assert "pg_dump" in line
    assert "secret" not in line
    shutil.copy(__file__, tmp_path / "file")
    assert "cannot be used" in refused("backup", tmp_path / "no" / "folder", "--data", _with_database(tmp_path))


def _with_database(folder):
    upgrade(open_database(Settings(data=folder)))
    return folder
