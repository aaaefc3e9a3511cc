"""One private server for all tests of the schema, and for each backend a database whose changes are rolled back."""

from __future__ import annotations

import itertools
import signal
from typing import TYPE_CHECKING

import psycopg
import pytest

from parts import missing
from postgres.databases import Caller, copy_packages, create, install_into
from postgres.sql_functions import Functions, functions
from services import postgresql
from unlatch.postgres.script import Backend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from services.private import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres" in item.path.parent.parts:
            item.add_marker(pytest.mark.needs("postgresql"))
            # Those of the parsers and verifiers alone have a server of their own, and may run beside the others.
            group = "postgres_sql" if item.path.name.startswith("test_sql_") else "postgres"
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    settings = ("max_connections=230", "fsync=off", "max_locks_per_transaction=256")
    with postgresql.postgresql(*settings, extensions=True) as server:
        server.stop_signal = signal.SIGQUIT  # what is in it goes anyway
        yield server


@pytest.fixture(scope="session")
def packages(postgres_server: Server) -> Path | None:
    """Where PL/Python finds the library; None without PL/Python."""
    return None if missing("plpython") else copy_packages(postgres_server)


@pytest.fixture(scope="session")
def templates(postgres_server: Server, packages: Path | None) -> Callable[[Backend], str]:
    """Name of a database with a backend installed, made when it is first asked for."""
    made: dict[Backend, str] = {}

    def template(backend: Backend) -> str:
        if backend not in made:
            made[backend] = f"with_{backend}"
            install_into(create(postgres_server, made[backend]), backend, packages)
        return made[backend]

    return template


@pytest.fixture(params=[pytest.param(Backend.PLPYTHON, marks=pytest.mark.needs("plpython")), Backend.SQL])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each of the two."""
    return request.param


@pytest.fixture
def caller(postgres_server: Server, templates: Callable[[Backend], str], backend: Backend) -> Iterator[Caller]:
    """An application; whatever it changes is rolled back."""
    with psycopg.connect(postgresql.dsn(postgres_server, templates(backend))) as connection:
        # This opens the transaction inside which every call has its own.
        connection.execute("SELECT")
        yield Caller(connection)
        connection.rollback()


_NUMBERS = itertools.count(1)


@pytest.fixture
def database(postgres_server: Server, templates: Callable[[Backend], str], backend: Backend) -> str:
    """A database of its own, with the backend installed: where it is."""
    return create(postgres_server, f"own_{next(_NUMBERS)}", template=templates(backend))


@pytest.fixture(scope="session")
def sql(postgres_server: Server) -> Iterator[Functions]:
    """The functions of the backend `sql`, without the schema around them."""
    with functions(postgres_server) as found:
        yield found
