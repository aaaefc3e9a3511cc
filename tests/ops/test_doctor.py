"""`unlatch doctor`: good configurations are good, and each bad one is found, with what to change."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing

import pytest
import redis as driver
from sqlalchemy import create_engine, text

from ops.commands import unlatch
from services import redis
from unlatch.server.doctor import files
from unlatch.server.engines import FILE_NAME, open_database
from unlatch.server.migrate import downgrade, upgrade
from unlatch.server.seal_keys import own_keys
from unlatch.server.settings import Settings

SITE = ("--rp-id", "example.org", "--origin", "https://login.example.org")


def look(*arguments, **environment):
    """Exit code and findings of a visit."""
    result = unlatch("doctor", "--json", *arguments, **environment)
    assert "Traceback" not in result.output
    return result.exit_code, [tuple(finding.values()) for finding in json.loads(result.stdout)]


def found(findings, mark):
    return [(subject, sentence) for marked, subject, sentence in findings if marked == mark]


def bad(*arguments, **environment):
    """The one thing that is wrong."""
    code, findings = look(*arguments, **environment)
    assert code == 1
    (wrong,) = found(findings, "wrong")
    return wrong


def notes(*arguments, **environment):
    code, findings = look(*arguments, **environment)
    assert code == 0, findings
    return found(findings, "note")


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    upgrade(open_database(Settings(data=folder)))
    own_keys(folder)
    return folder


def test_a_good_configuration_is_all_good(data):
    code, findings = look("--data", data, *SITE)
    assert code == 0
    assert {mark for mark, _, _ in findings} == {"good"}
    assert {subject for _, subject, _ in findings} == {"site", "seal keys", "data folder", "disk", "database", "tables"}


def test_nothing_yet_is_good_and_stays_nothing(tmp_path):
    code, findings = look("--data", tmp_path / "nowhere" / "data", *SITE)
    assert code == 0
    assert found(findings, "wrong") == []
    assert list(tmp_path.iterdir()) == []


def test_people_read_a_table(data):
    result = unlatch("doctor", "--data", data, "--rp-id", "example.org", "--origin", "https://evil.example")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith("WRONG  site") for line in lines)
    assert any(line.startswith("ok     tables") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "subject", "words"),
    [
        (("--rp-id", "example.org", "--origin", "https://example.com"), "site", "does not belong"),
        (("--rp-id", "example.org", "--origin", "http://example.org"), "site", "https"),
        (("--rp-id", "127.0.0.1"), "site", "IP address"),
        ((*SITE, "--ceremonies", "paper"), "options", "--ceremonies is one of"),
        ((*SITE, "--ceremonies", "redis"), "options", "--redis"),
        ((*SITE, "--database", "secret"), "database", "not the URL of a database"),
        ((*SITE, "--database", "oracle://ada:secret@host/x"), "database", "cannot be 'oracle'"),
        ((*SITE, "--database", "postgresql://ada:secret@127.0.0.1:9/none"), "database", "or correct --database"),
        ((*SITE, "--database", "mariadb://ada:secret@127.0.0.1:9/none"), "database", "or correct --database"),
        ((*SITE, "--redis", "http://secret"), "redis", "not the URL of Redis"),
        ((*SITE, "--redis", "redis://:secret@127.0.0.1:9"), "redis", "does not answer"),
        ((*SITE, "--redis", "redis+cluster://:secret@127.0.0.1:9"), "redis", "Redis cannot be used"),
    ],
)
def test_what_is_wrong_with_the_options(data, arguments, subject, words):
    found_subject, sentence = bad("--data", data, *arguments)
    assert found_subject == subject
    assert words in sentence
    assert "secret" not in sentence


def test_a_key_that_is_none(data):
    subject, sentence = bad("--data", data, *SITE, UNLATCH_SEAL_KEYS="secret")
    assert subject == "options"
    assert "secrets.token_urlsafe(32)" in sentence
    (data / "seal-keys").write_text("secret")
    subject, sentence = bad("--data", data, *SITE)
    assert subject == "seal keys"
    assert "is no key" in sentence


def test_localhost_and_too_many_workers_are_noted(data):
    (site,) = notes("--data", data)
    assert site[0] == "site"
    assert "--rp-id" in site[1]
    (workers,) = notes("--data", data, *SITE, "--workers", "128")
    assert workers[0] == "workers"


def test_files_that_others_may_use(data):
    for path in (data, data / FILE_NAME, data / "seal-keys"):
        mode = path.stat().st_mode
        path.chmod(mode | 0o004)
        subject, sentence = bad("--data", data, *SITE)
        assert subject == "data folder"
        assert f"chmod go-rwx {path}" in sentence
        path.chmod(mode)


def test_a_folder_that_cannot_be_used(tmp_path):
    assert "cannot be made" in bad("--data", "/dev/null/data", *SITE, "--database", f"sqlite:///{tmp_path}/x")[1]
    (tmp_path / "file").write_text("")
    (finding,) = files.look_at_files(Settings(data=tmp_path / "file"))
    assert "is no folder that this account may write" in finding.sentence


def test_a_disk_that_is_full(data, monkeypatch):
    free = shutil.disk_usage(data).free
    monkeypatch.setattr(files, "_NO_ROOM", free * 2)
    assert bad("--data", data, *SITE)[0] == "disk"
    monkeypatch.setattr(files, "_NO_ROOM", 0)
    monkeypatch.setattr(files, "_LITTLE_ROOM", free * 2)
    assert notes("--data", data, *SITE)[0][0] == "disk"


def test_a_sqlite_file_that_is_damaged_busy_or_of_another_version(data):
    path = data / FILE_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        assert "newer version" in bad("--data", data, *SITE)[1]
        other.execute("UPDATE alembic_version SET version_num = '0001'")
        (tables,) = notes("--data", data, *SITE)
        assert "when the server starts" in tables[1]
        other.execute("DROP TABLE alembic_version")
        assert "has not made them" in bad("--data", data, *SITE)[1]
    path.write_bytes(b"no database " * 1000)
    assert "file is not a database" in bad("--data", data, *SITE)[1]


@pytest.mark.needs("postgresql")
def test_postgresql(data, postgresql_url, monkeypatch):
    at = ("--data", data, *SITE, "--database", postgresql_url)
    code, findings = look(*at)
    assert code == 0
    assert "There are none yet" in dict(found(findings, "good"))["tables"]
    # Several machines may share such a database, and would not share the key.
    assert [subject for subject, _ in found(findings, "note")] == ["seal keys"]
    assert notes(*at, UNLATCH_SEAL_KEYS="A" * 43) == []
    database = open_database(Settings(data=data, database=postgresql_url))
    upgrade(database)
    downgrade(database, "0001", lose=False)
    assert bad(*at)[1].endswith("Run: unlatch db upgrade")
    upgrade(database)
    assert "150" in bad(*at, "--workers", "20")[1]
    assert "connections" in dict(notes(*at, "--workers", "12"))
    with create_engine(postgresql_url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(
            text(f"ALTER DATABASE {connection.engine.url.database} SET default_transaction_read_only = on")
        )
    assert "takes no writes" in bad(*at)[1]
    connection.engine.dispose()


@pytest.mark.needs("postgresql", "mariadb")
@pytest.mark.parametrize("kind", ["postgresql_url", "mariadb_url"])
def test_clocks_that_differ(request, data, kind, monkeypatch):
    from datetime import UTC, datetime, timedelta

    from unlatch.server.doctor import database

    at = ("--data", data, *SITE, "--database", request.getfixturevalue(kind))
    environment = {"UNLATCH_SEAL_KEYS": "A" * 43}
    assert dict(found(look(*at, **environment)[1], "good"))["clock"].endswith("agree on the time.")
    for minutes, expected in ((-10, "wrong"), (10, "wrong"), (0.5, "note")):

        class Shifted(datetime):
            ahead = timedelta(minutes=minutes)

            @classmethod
            def now(cls, zone=UTC):
                return datetime.now(zone) + cls.ahead

        monkeypatch.setattr(database, "datetime", Shifted)
        (clock,) = found(look(*at, **environment)[1], expected)
        assert clock[0] == "clock"
        assert "NTP" in clock[1]


@pytest.mark.needs("mariadb")
def test_mariadb(data, mariadb_url):
    at = ("--data", data, *SITE, "--database", mariadb_url)
    assert look(*at)[0] == 0
    with create_engine(mariadb_url).connect() as connection:
        connection.execute(text("SET GLOBAL read_only = 1"))
        try:
            assert "takes no writes" in bad(*at)[1]
        finally:
            connection.execute(text("SET GLOBAL read_only = 0"))
    connection.engine.dispose()


@pytest.mark.needs("redis")
def test_redis(data, redis_server):
    url = redis.url(redis_server)
    at = ("--data", data, *SITE, "--redis", url)
    assert notes(*at) == []
    with driver.Redis.from_url(url) as client:
        used = client.info()["used_memory"]
        client.config_set("maxmemory", used * 10)
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert "noeviction" in dict(notes(*at))["redis"]
        client.config_set("maxmemory-policy", "noeviction")
        assert notes(*at) == []
        client.config_set("maxmemory", used)
        assert "nearly full" in bad(*at)[1]
        client.config_set("maxmemory", 0)
        client.replicaof("127.0.0.1", "9")
        assert "replica" in bad(*at)[1]
        client.replicaof("NO", "ONE")
        client.config_set("requirepass", "right")
        assert "does not answer" in bad(*at)[1]
        client.execute_command("AUTH", "right")
        client.config_set("requirepass", "")


def test_a_redis_over_the_network_without_tls_and_password_is_noted():
    from unlatch.server.doctor.redis import _look_at_way

    assert len(list(_look_at_way("redis://db.example"))) == 2
    assert list(_look_at_way("rediss://:x@db.example")) == []
    assert list(_look_at_way("redis://localhost")) == []
    assert os.environ.get("UNLATCH_REDIS") is None
