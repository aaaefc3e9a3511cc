"""Installing: again and again, over pg-webauthn, as an extension, in a migration, without a superuser; and away."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from click.testing import CliRunner
from sqlalchemy import create_engine

from postgres.databases import ADA, Caller, browser, create, dump_and_restore
from postgres.test_readme_session import NAME, SIGN_IN, SIGN_UP, USER_ID, binary, sign_in, sign_up
from services import postgresql
from unlatch import Misconfigured, __version__
from unlatch.cli.commands import unlatch
from unlatch.postgres.alembic import install_webauthn, uninstall_webauthn
from unlatch.postgres.extension import write
from unlatch.postgres.install import OLDEST, configure, install, status, uninstall, upgrade
from unlatch.postgres.script import Backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.private import Server

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Run = Any
_NUMBERS = itertools.count(1)


@pytest.fixture
def path(packages: Path | None, backend: Backend) -> str | None:
    """The folder for PL/Python."""
    return str(packages) if backend is Backend.PLPYTHON else None


@pytest.fixture
def empty(postgres_server: Server) -> str:
    """A database without anything."""
    return create(postgres_server, f"empty_{next(_NUMBERS)}")


@pytest.fixture
def run() -> Callable[..., tuple[int, str]]:
    """`unlatch postgres ...`: exit code and output."""

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(unlatch, ["postgres", *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return run


def test_the_command(run: Run, empty: str, backend: Backend, path: str | None) -> None:
    where = ("--dsn", empty)
    python = ("--python-path", path) if path else ()
    assert run("status", *where) == (1, "not installed\n")
    first = run("install", *where, "--backend", backend.value, *python)
    assert first[0] == 0
    assert first[1].splitlines()[1].startswith("webauthn.config has no row yet")
    configured = (0, f"webauthn {__version__}, backend {backend}: 1 relying parties, 0 passkeys\n")
    # Who says nothing of the backend keeps it.
    assert run("install", *where, *python, "--rp-id", "example.org") == configured
    origins = "SELECT origins FROM webauthn.config"
    with psycopg.connect(empty) as connection:
        connection.execute("UPDATE webauthn.config SET origins = '{https://example.org,https://www.example.org}'")
    again = run("install", *where, *python, "--rp-id", "example.org")
    assert again[0] == 0
    assert again[1].removeprefix(configured[1]).startswith("example.org was configured before and stays so;")
    with psycopg.connect(empty) as connection:
        assert Caller(connection).value(origins) == ["https://example.org", "https://www.example.org"]
    named = ("--rp-id", "example.org", "--origin", "https://example.org")
    assert run("install", *where, *python, *named) == configured
    with psycopg.connect(empty) as connection:
        assert Caller(connection).value(origins) == ["https://example.org"]
        assert Caller(connection).sign_up(browser()) == ADA
    kept = (0, f"webauthn {__version__}, backend {backend}: 1 relying parties, 1 passkeys\n")
    assert run("upgrade", *where, *python) == kept
    assert run("status", *where) == kept
    code, sentence = run("uninstall", *where)
    assert (code, sentence) == (2, "unlatch: 1 passkeys would be lost; say so explicitly to remove them.\n")
    assert run("status", *where) == kept
    assert run("uninstall", *where, "--with-data") == (0, "uninstalled\n")
    assert run("upgrade", *where) == (2, "unlatch: Nothing is installed here yet; install it first.\n")


def test_what_cannot_be(run: Run, empty: str, backend: Backend) -> None:
    if backend is Backend.SQL:
        assert run("install", "--dsn", empty, "--python-path", "/x")[1].startswith("unlatch: A path to Python")
        assert "belongs to a relying party" in run("install", "--dsn", empty, "--origin", "https://a.org")[1]
        assert "is a URL" in run("install", "--dsn", empty, "--rp-id", "https://a.org")[1]
        assert run("status", "--dsn", "host=/nowhere")[0] == 2
        code, sentence = run("extension", "/proc/nope")
        assert code == 2
        assert sentence.startswith("unlatch: /proc/nope cannot be written: No such file or directory. Name a folder")
    else:
        for path, reason in (
            ("python", "is not absolute"),
            ("/nowhere", "cannot load the library: No module named 'unlatch'. Install"),
        ):
            code, sentence = run("install", "--dsn", empty, "--backend", "plpython", "--python-path", path)
            assert code == 2
            assert reason in sentence
    # Whatever was refused left nothing behind.
    assert run("status", "--dsn", empty) == (1, "not installed\n")


def test_an_encoding_that_cannot_be(postgres_server: Server) -> None:
    with psycopg.connect(postgresql.dsn(postgres_server), autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    latin = psycopg.connect(postgresql.dsn(postgres_server, "latin"))
    with latin as connection, pytest.raises(Misconfigured, match="has LATIN1"):
        install(connection.cursor())


def test_an_older_server(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, and every page names the same oldest version."""
    named = [
        found
        for page in ("docs/how-to/postgresql.md", "docs/explanation/postgresql.md", "examples/postgres/README.md")
        for found in re.findall(r"PostgreSQL\s+(?:from )?(\d+)", (ROOT / page).read_text("utf-8"))
    ]
    assert named == [str(OLDEST)] * 3
    server = caller.value("SELECT current_setting('server_version_num')::integer / 10000")
    monkeypatch.setattr("unlatch.postgres.install.OLDEST", server + 1)
    with pytest.raises(Misconfigured, match=f"needs PostgreSQL {server + 1} or newer; the server has {server}"):
        install(caller.connection.cursor())


def test_without_a_superuser(postgres_server: Server) -> None:
    """The sql backend needs the right to create a schema, and no more; the other one needs a superuser."""
    admin = create(postgres_server, "of_a_tenant")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE ROLE tenant LOGIN")
        connection.execute("GRANT CREATE ON DATABASE of_a_tenant TO tenant")
    with psycopg.connect(postgresql.dsn(postgres_server, "of_a_tenant", "tenant")) as connection:
        cursor = connection.cursor()
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            install(cursor, backend="plpython")
        install(cursor)
        configure(cursor, "example.org")
        caller = Caller(connection)
        laptop = browser()
        assert caller.sign_up(laptop) == ADA
        assert caller.sign_in(laptop) == ADA


def test_from_one_backend_to_the_other(empty: str, packages: Path | None, backend: Backend) -> None:
    """What was registered with one signs in with the other."""
    laptop = browser(counter=0)
    order = [backend, *(other for other in Backend if other is not backend)]
    with psycopg.connect(empty) as connection:
        caller, cursor = Caller(connection), connection.cursor()
        for number, current in enumerate(order):
            found = install(cursor, backend=current, python_path=str(packages) if current == "plpython" else None)
            assert found.backend is current
            if number == 0:
                configure(cursor, "example.org")
                caller.sign_up(laptop)
            assert caller.sign_in(laptop) == ADA


LAYOUT = (HERE / "pg_webauthn_1_6.sql").read_text("utf-8")


def adopted(dsn: str, backend: Backend, path: str | None, before: str = "", layout: str = LAYOUT) -> None:
    with psycopg.connect(dsn) as connection:
        cursor = connection.cursor()
        cursor.execute(layout)
        cursor.execute(
            "INSERT INTO webauthn.credential_challenges VALUES "
            "(%s, %s, %s, 'Alex', 'ACME', NULL, 'preferred', 'none', '5 minutes', '2020-12-01')",
            [binary(SIGN_UP["challenge"]), NAME, USER_ID],
        )
        values = [binary(SIGN_UP[name]) for name in ("id", "attestationObject", "clientDataJSON", "challenge")]
        cursor.execute(
            "INSERT INTO webauthn.credentials VALUES (%s, 'public-key', %s, %s, %s, %s, %s, '2020-12-01')",
            [*values, NAME, USER_ID],
        )
        cursor.execute("INSERT INTO devices VALUES (%s, 'key ring')", [binary(SIGN_UP["id"])])
        cursor.execute(before or "SELECT")
        assert status(cursor).adoptable
        install(cursor, backend=backend, python_path=path)
        configure(cursor, "localhost", origins=("http://localhost",))


def test_adoption_of_a_pg_webauthn_database(empty: str, backend: Backend, path: str | None) -> None:
    adopted(empty, backend, path)
    with psycopg.connect(empty) as connection:
        caller = Caller(connection)
        connection.execute("SELECT")
        options = caller.call("get_credentials", challenge=binary(SIGN_IN["challenge"]), user_name=NAME)
        assert options["publicKey"]["allowCredentials"] == [{"type": "public-key", "id": SIGN_IN["id"]}]
        assert sign_in(caller) == USER_ID
        # Names and types are those of a new installation, and the application's key still holds.
        assert caller.refusal(sign_up, caller) == ("23514", "credential_before_timeout")
        assert (
            caller.value("SELECT d.name FROM devices AS d JOIN webauthn.credentials USING (credential_id)")
            == "key ring"
        )
        assert caller.value("SELECT sign_count FROM webauthn.credential_uses") == 1


@pytest.mark.parametrize("schema", ["", "CREATE SCHEMA webauthn;"], ids=["of the control file", "of the script"])
def test_adoption_of_the_extension(
    empty: str, backend: Backend, path: str | None, postgres_server: Server, schema: str
) -> None:
    """PG-6: where it came by `CREATE EXTENSION`, tables and types leave it before it goes."""
    script, application = LAYOUT.split("-- Of the application", 1)
    kept = ("credential_challenges", "credentials", "assertion_challenges", "assertions")
    dumped = "".join(f"SELECT pg_catalog.pg_extension_config_dump('webauthn.{name}', '');\n" for name in kept)
    control = "default_version = '1.6'\nrelocatable = false\nsuperuser = false\nrequires = 'plpgsql'\n"
    folder = postgresql.extension_folder(postgres_server)
    for name, text in {
        "webauthn.control": control + ("" if schema else "schema = 'webauthn'\n"),
        "webauthn--1.6.sql": script.replace("CREATE SCHEMA webauthn;", schema) + dumped,
    }.items():
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o644)
    adopted(empty, backend, path, layout="CREATE EXTENSION webauthn; -- " + application)
    with psycopg.connect(empty) as connection:
        found = status(connection.cursor())
        assert (found.installed, found.extension, found.credentials) == (True, False, 1)
        caller = Caller(connection)
        caller.call("get_credentials", challenge=binary(SIGN_IN["challenge"]), user_name=NAME)
        assert sign_in(caller) == USER_ID
        assert caller.value("SELECT count(*) FROM devices") == 1


def test_names_of_others_are_not_taken(empty: str, backend: Backend, path: str | None) -> None:
    """Whoever may create functions somewhere does not get them called by who installs, and the path is as it was."""
    # PostgreSQL's own takes any number of arguments of any type, so that this one fits better.
    trap = """
        CREATE FUNCTION public.format(text, regclass, name) RETURNS text
        LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
        SET LOCAL search_path = public;
    """
    adopted(empty, backend, path, trap)
    with psycopg.connect(empty) as connection:
        cursor = connection.cursor()
        cursor.execute("SET LOCAL search_path = public")
        install(cursor, backend=backend, python_path=path)
        cursor.execute("SHOW search_path")
        assert cursor.fetchone() == ("public",)


def layout(connection: psycopg.Connection[Any]) -> Any:
    """Columns, constraints, indexes and functions, by name."""
    return connection.execute(
        """
        SELECT 'column', c.relname, a.attname,
               concat(format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'webauthn'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'webauthn'::regnamespace
        UNION ALL SELECT 'index', tablename, indexname, '' FROM pg_indexes WHERE schemaname = 'webauthn'
        UNION ALL SELECT 'function', proname, pg_get_function_identity_arguments(oid), ''
        FROM pg_proc WHERE pronamespace = 'webauthn'::regnamespace
        """
    ).fetchall()


def test_an_adopted_database_is_like_a_new_one(empty: str, database: str, backend: Backend, path: str | None) -> None:
    adopted(empty, backend, path)
    with psycopg.connect(empty) as first, psycopg.connect(database) as second:
        differences = {row for row in set(layout(first)) ^ set(layout(second)) if row[1] != "devices"}
        # Unique constraints of its own stay constraints.
        assert {row[2] for row in differences} <= {"assertions_challenge_key"}


def test_a_view_on_what_would_go_stops_the_adoption(empty: str, backend: Backend, path: str | None) -> None:
    view = "CREATE VIEW counters AS SELECT sign_count FROM webauthn.credentials"
    with pytest.raises(psycopg.errors.DependentObjectsStillExist, match="counters"):
        adopted(empty, backend, path, view)


def test_a_migration(empty: str, backend: Backend, path: str | None) -> None:
    engine = create_engine(empty_url(empty))
    with engine.begin() as connection:
        op = Operations(MigrationContext.configure(connection))
        for _ in range(2):
            install_webauthn(
                op, backend=backend, python_path=path, rp_id="example.org", origins=("https://example.org",)
            )
    with psycopg.connect(empty) as connection:
        laptop = browser()
        assert Caller(connection).sign_up(laptop) == ADA
    with engine.begin() as connection:
        op = Operations(MigrationContext.configure(connection))
        with pytest.raises(Misconfigured, match="1 passkeys would be lost"):
            uninstall_webauthn(op)
        uninstall_webauthn(op, with_data=True)
    with engine.begin() as connection:
        offline = Operations(MigrationContext.configure(connection, opts={"as_sql": True}))
        with pytest.raises(Misconfigured, match="does not run offline"):
            install_webauthn(offline)
    engine.dispose()


def empty_url(dsn: str) -> str:
    parts = dict(part.split("=", 1) for part in dsn.split())
    return f"postgresql+psycopg://{parts['user']}@/{parts['dbname']}?host={parts['host']}"


def test_pg_6_as_an_extension(empty: str, backend: Backend, path: str | None, postgres_server: Server) -> None:
    """PG-6: `CREATE EXTENSION`, and a dump that holds the rows."""
    for file in write(postgresql.extension_folder(postgres_server), backend=backend, python_path=path):
        file.chmod(0o644)
    laptop = browser()
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE EXTENSION webauthn CASCADE")
        found = status(connection.cursor())
        assert (found.version, found.backend, found.extension) == (__version__, backend, True)
        for refused in (install, uninstall):
            with pytest.raises(Misconfigured, match="EXTENSION"):
                refused(connection.cursor())
        configure(connection.cursor(), "example.org")
        assert Caller(connection).sign_up(laptop) == ADA
    copy = create(postgres_server, f"copy_{next(_NUMBERS)}")
    dump_and_restore(empty, copy)
    with psycopg.connect(copy) as connection:
        assert Caller(connection).sign_in(laptop) == ADA
        connection.execute("DROP EXTENSION webauthn CASCADE")


def test_an_extension_is_updated(empty: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = postgresql.extension_folder(postgres_server)
    laptop = browser()
    with psycopg.connect(empty) as connection:
        caller = Caller(connection)
        with monkeypatch.context() as then:
            then.setattr("unlatch.postgres.extension.__version__", "0.0.9")
            then.setattr("unlatch.postgres.script.__version__", "0.0.9")
            older = write(folder)
        # Not ours: nothing leads from there.
        (folder / "webauthn--0.0.8.sql").write_text("-- pg-webauthn", "utf-8")
        for file in older:
            file.chmod(0o644)
        connection.execute("CREATE EXTENSION webauthn VERSION '0.0.9'")
        configure(connection.cursor(), "example.org")
        caller.sign_up(laptop)
        newer = write(folder)
        assert [file.name for file in newer] == [
            "webauthn.control",
            f"webauthn--{__version__}.sql",
            f"webauthn--0.0.9--{__version__}.sql",
        ]
        for file in newer:
            file.chmod(0o644)
        assert caller.value("SELECT webauthn.version()") == "0.0.9"
        connection.execute("ALTER EXTENSION webauthn UPDATE")
        assert caller.value("SELECT webauthn.version()") == __version__
        assert caller.sign_in(laptop) == ADA
        connection.execute("DROP EXTENSION webauthn CASCADE")
    for file in (*older, *newer, folder / "webauthn--0.0.8.sql"):
        file.unlink(missing_ok=True)


def test_downgrades_are_refused(caller: Caller) -> None:
    cursor = caller.connection.cursor()
    cursor.execute("CREATE OR REPLACE FUNCTION webauthn.version() RETURNS text LANGUAGE sql RETURN '999.0'")
    for act in (install, upgrade):
        with pytest.raises(Misconfigured, match=r"has 999\.0"):
            act(cursor)


def test_pg_18_nothing_for_everybody(caller: Caller) -> None:
    """PG-18: functions run as their caller, with a fixed path or qualified names, and PUBLIC may do nothing."""
    connection = caller.connection
    connection.execute("CREATE ROLE nobody_special")
    for kind, names in {
        "function": "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'webauthn'::regnamespace",
        "table": "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'webauthn'::regnamespace AND relkind = 'r'",
    }.items():
        right = "EXECUTE" if kind == "function" else "SELECT"
        query = f"SELECT count(*) FROM ({names}) AS n WHERE has_{kind}_privilege('nobody_special', n.oid, '{right}')"
        assert caller.value(query) == 0
    assert caller.value("SELECT has_schema_privilege('nobody_special', 'webauthn', 'USAGE')") is False
    assert caller.value("SELECT count(*) FROM pg_proc WHERE pronamespace = 'webauthn'::regnamespace AND prosecdef") == 0
    fixed = (
        "SELECT count(*) FROM pg_proc AS p JOIN pg_language AS l ON l.oid = prolang "
        "WHERE pronamespace = 'webauthn'::regnamespace AND proname = ANY (%s) "
        "AND proconfig @> '{\"search_path=pg_catalog, pg_temp\"}'"
    )
    four = ["init_credential", "store_credential", "get_credentials", "verify_assertion"]
    assert caller.value(fixed, four) == 4


def test_nearly_every_column_has_a_comment(caller: Caller) -> None:
    """PG-6."""
    without = caller.connection.execute(
        "SELECT c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = 'webauthn'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 "
        "AND col_description(c.oid, a.attnum) IS NULL"
    ).fetchall()
    assert without == []
    functions = caller.connection.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'webauthn'::regnamespace "
        "AND obj_description(oid, 'pg_proc') IS NULL"
    ).fetchall()
    assert functions == []
