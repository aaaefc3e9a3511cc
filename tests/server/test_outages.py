"""What surrounds the server breaks: one sentence at the start, a clean refusal later, never a wrong yes."""

from __future__ import annotations

import asyncio
import resource
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import redis as driver
from alembic import command
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from live_server import LiveServer, Person, problem
from services import postgresql, redis
from unlatch.cli.serve import serve
from unlatch.errors import CeremonyRefused
from unlatch.server.database import Database
from unlatch.server.engines import open_database
from unlatch.server.migrate import configuration, prepare
from unlatch.server.registering import begin_sign_up, finish_sign_up
from unlatch.server.settings import CeremonyKeeping, Settings
from unlatch.server.signing_in import SignIn, begin_sign_in
from unlatch.server.site import Site
from unlatch.stores.sqlalchemy import SqlCeremonyUses
from unlatch.testing import EmulatedBrowser

SECRET = "a-secret-word"


def refused(*arguments):
    """The sentence with which the command refuses to start."""
    result = CliRunner().invoke(serve, ["--port", "0", *map(str, arguments)])
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    assert SECRET not in line
    return line


@pytest.fixture(scope="module")
def postgresql_server():
    with postgresql.postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def redis_server():
    with redis.redis() as server:
        yield server


@pytest.fixture
def admin(postgresql_server):
    """Statements of the one who runs PostgreSQL."""
    engine = create_engine(postgresql.url(postgresql_server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda statement: connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--database", "nonsense"), "is not the URL of a database"),
        (("--database", f"oracle://u:{SECRET}@h/d"), "cannot be 'oracle'"),
        (("--database", f"postgresql://u:{SECRET}@h"), "does not name a database"),
        (("--database", "sqlite://"), "does not name a database"),
        (("--redis", f"http://:{SECRET}@h"), "is not the URL of Redis"),
        (("--redis", f"redis://:{SECRET}@h:port"), "is not the URL of Redis"),
        (("--redis", "redis://h", "--ceremonies", "sealed"), "would not be used"),
        (("--ceremonies", "redis"), "--redis or UNLATCH_REDIS"),
        (("--ceremonies", "paper"), "one of sealed, database, redis"),
        (("--seal-keys-file", "/nonexistent"), "cannot be read"),
        (("--redis", f"redis://:{SECRET}@127.0.0.1:1/0"), "Redis cannot be used"),
        (("--redis", f"redis+cluster://:{SECRET}@127.0.0.1:1"), "Redis cannot be used"),
        (("--database", f"postgresql://u:{SECRET}@127.0.0.1:1/d"), "cannot be used"),
    ],
)
def test_options_that_cannot_work_are_one_sentence(tmp_path, arguments, words):
    assert words in refused("--data", tmp_path, *arguments)


@pytest.mark.parametrize("keys", ["short", "!", f"{'A' * 43},{'A' * 43}", ""])
def test_keys_that_are_none_are_one_sentence_without_them(tmp_path, keys):
    file = tmp_path / "keys"
    file.write_text(keys)
    line = refused("--data", tmp_path, "--seal-keys-file", file)
    assert "one a line" in line
    assert not keys or keys not in line


@pytest.mark.needs("postgresql")
def test_a_wrong_password_of_the_database(tmp_path, postgresql_server, admin):
    admin(f"CREATE ROLE ada LOGIN PASSWORD '{SECRET}x'")
    rules = postgresql_server.folder / "data" / "pg_hba.conf"
    rules.write_text(f"local all ada scram-sha-256\n{rules.read_text()}")
    admin("SELECT pg_reload_conf()")
    url = f"postgresql://ada:{SECRET}@/postgres?host={postgresql_server.folder}"
    assert "password authentication failed" in refused("--data", tmp_path, "--database", url)


@pytest.mark.needs("redis")
def test_a_wrong_password_of_redis(tmp_path, redis_server):
    with driver.Redis.from_url(redis.url(redis_server)) as client:
        client.config_set("requirepass", f"{SECRET}x")
        try:
            address = redis.url(redis_server).replace("unix://", f"unix://:{SECRET}@")
            assert "Redis cannot be used" in refused("--data", tmp_path, "--redis", address)
        finally:
            client.config_set("requirepass", "")


@pytest.mark.needs("postgresql")
def test_tables_of_an_older_version_are_left_to_their_owner(tmp_path, postgresql_server, admin):
    admin("CREATE DATABASE older")
    url = postgresql.url(postgresql_server).replace("/postgres?", "/older?")
    engine = open_database(Settings(data=tmp_path, database=url))
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    engine.dispose()
    assert "Run: unlatch db upgrade" in refused("--data", tmp_path, "--database", url)


@contextmanager
def only(process, limit):
    """No file of a process may grow beyond this many bytes: what a full disk is for whoever writes."""
    former = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, former[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, former)


def test_a_full_disk_is_a_503_and_nothing_is_half_done(tmp_path):
    with LiveServer(tmp_path / "data") as server, Person(server) as person:
        assert person.sign_up("ada").status_code == 201
        body = person.begin_sign_in()
        with only(server.process, 4096):
            answer = person.post("/v1/authentication/verify", body)
            assert problem(answer) == (503, "store_unavailable")
            assert answer.headers["retry-after"].isdigit()
            assert problem(person.post("/v1/authentication/verify", body)) == (503, "store_unavailable")
        # It was not used up: the transaction that would have remembered it was rolled back with everything else.
        assert person.post("/v1/authentication/verify", body).status_code == 200
        assert problem(person.post("/v1/authentication/verify", body)) == (410, "ceremony_used")
        assert person.username() == "ada"


@pytest.mark.needs("postgresql")
@pytest.mark.needs("redis")
def test_a_read_only_database_and_a_full_redis(tmp_path, postgresql_server, redis_server, admin):
    admin("CREATE DATABASE failing")
    url = postgresql.url(postgresql_server).replace("/postgres?", "/failing?")
    readonly = "ALTER DATABASE failing SET default_transaction_read_only ="
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'failing'"
    admin(f"{readonly} on")
    assert "read-only" in refused("--data", tmp_path, "--database", url)
    admin(f"{readonly} off")
    options = ("--database", url, "--redis", redis.url(redis_server))
    with LiveServer(tmp_path / "data", *options) as server, Person(server) as person:
        assert person.sign_up("ada").status_code == 201
        body = person.begin_sign_in()
        admin(f"{readonly} on")
        admin(end)
        answers = [person.post("/v1/authentication/verify", body) for _ in range(2)]
        # The first find their connections dead, the others a database that does not write. Redis has handed the
        # ceremony out, so it is gone: that is the safe side.
        assert {problem(answer) for answer in answers} <= {(503, "store_unavailable"), (410, "ceremony_unknown")}
        assert problem(answers[0])[0] == 503
        admin(f"{readonly} off")
        admin(end)
        with driver.Redis.from_url(redis.url(redis_server)) as client:
            client.config_set("maxmemory", "1")
            answer = person.post("/v1/authentication/options", {})
            assert problem(answer) == (503, "store_unavailable")
            assert answer.headers["retry-after"].isdigit()
            client.config_set("maxmemory", "0")
        # Without anybody's help; each thread's connection may be found dead once.
        tries = [person.sign_in().status_code for _ in range(8)]
        assert tries[-1] == 200


@pytest.mark.parametrize("keeping", [CeremonyKeeping.SEALED, CeremonyKeeping.DATABASE])
def test_a_clock_that_goes_back_lets_nothing_in_twice(tmp_path, keeping):
    settings = Settings(data=tmp_path, seal_keys=(b"k" * 32,), ceremonies=keeping)
    prepare(open_database(settings))
    database = Database(open_database(settings), is_shared=True)
    site = Site.of(settings, database)
    now, back = datetime.now(UTC), timedelta(minutes=10)
    browser = EmulatedBrowser(settings.origins[0])

    def run(work, *, at, **arguments):
        desk = replace(site.desk(), now=at)
        return asyncio.run(database.write(lambda connection: work(desk, connection, **arguments)))

    def begin(desk, connection):
        return begin_sign_in(desk, desk.keeping.within(connection).put, mediation=None, binding="b")

    def finish(begun, credential, at):
        desk = replace(site.desk(), now=at)
        sign_in = SignIn(desk, ceremony_id=begun.id, credential=credential, binding="b", former_token=None)
        return asyncio.run(database.write(sign_in.within, before=sign_in.before))

    try:
        begun = run(begin_sign_up, at=now, username="ada", display_name=None, binding="b")
        made = browser.create(begun.options.to_json())
        run(finish_sign_up, at=now, ceremony_id=begun.id, credential=made, binding="b")
        begun = run(begin, at=now)
        credential = browser.get(begun.options.to_json())
        # Begun before the clock went back: it lies in the future, and is refused.
        with pytest.raises(CeremonyRefused):
            finish(begun, credential, now - back)
        begun = run(begin, at=now)
        credential = browser.get(begun.options.to_json())
        finish(begun, credential, now)
        # A sweep just before the clock went back must not have forgotten the use.
        run(lambda desk, connection: SqlCeremonyUses(connection).sweep(now + back), at=now)
        for at in (now, now - back, now - timedelta(seconds=30)):
            with pytest.raises(CeremonyRefused):
                finish(begun, credential, at)
    finally:
        database.close()
