"""The public contract on the stores of the Django app, on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymysql
import pytest

import adapters.django_host  # noqa: F401 - sets Django up, before anything that needs it is imported

# isort: split
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from unlatch.adapters.django.async_stores import AsyncDjangoCeremonies, AsyncDjangoCredentials
from unlatch.adapters.django.models import Ceremony, CeremonyUse, Credential
from unlatch.adapters.django.stores import DjangoCeremonies, DjangoCeremonyUses, DjangoCredentials
from unlatch.errors import CeremonyRefused
from unlatch.stores.contract import (
    NOW,
    CeremonyStoreContract,
    CredentialStoreContract,
    at_once,
    blocking,
    full_record,
    sample_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.private import Server


@pytest.fixture(scope="module")
def sqlite() -> Iterator[str]:
    call_command("migrate", verbosity=0)
    yield "default"
    connections.close_all()


@pytest.fixture(scope="module")
def postgresql(postgresql_server: Server) -> Iterator[str]:
    connections.settings["postgresql"]["HOST"] = str(postgresql_server.folder)
    call_command("migrate", database="postgresql", verbosity=0)
    yield "postgresql"
    connections.close_all()


@pytest.fixture(scope="module")
def mariadb(mariadb_server: Server) -> Iterator[str]:
    # PyMySQL in the place of mysqlclient, whose wheels are for other systems; Django looks at the version that it says.
    pymysql.version_info = (2, 2, 8, "final", 0)
    pymysql.install_as_MySQLdb()
    socket = str(mariadb_server.folder / "socket")
    with pymysql.connect(unix_socket=socket, user="root") as connection:
        connection.cursor().execute("CREATE DATABASE django CHARACTER SET utf8mb4")
    connections.settings["mariadb"]["HOST"] = socket
    call_command("migrate", database="mariadb", verbosity=0)
    yield "mariadb"
    connections.close_all()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.needs("postgresql")),
        pytest.param("mariadb", marks=pytest.mark.needs("mariadb")),
    ]
)
def using(request: pytest.FixtureRequest) -> str:
    """The alias of a database with empty tables."""
    alias: str = request.getfixturevalue(request.param)
    for model in (Credential, Ceremony, CeremonyUse):
        model.objects.using(alias).all().delete()
    return alias


class Closing:
    """A store whose threads close their connections, as a server does after each request."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return getattr(self._store, name)(*args, **kwargs)
            finally:
                connections.close_all()

        return call


class TestDjangoCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, using: str) -> Any:
        return Closing(DjangoCredentials(using))


class TestDjangoCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, using: str) -> Any:
        return Closing(DjangoCeremonies(using))


class TestAsyncDjangoCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, using: str) -> Iterator[Any]:
        with blocking() as block:
            yield block(lambda: AsyncDjangoCredentials(using))


class TestAsyncDjangoCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, using: str) -> Iterator[Any]:
        with blocking() as block:
            yield block(lambda: AsyncDjangoCeremonies(using))


def test_a_use_is_remembered_once(using: str) -> None:
    uses = Closing(DjangoCeremonyUses(using))

    def use(_: int) -> bool:
        try:
            uses.use(b"k" * 32, now=NOW, until=NOW)
        except CeremonyRefused:
            return False
        return True

    assert sum(at_once(use, 8)) == 1
    assert uses.sweep(NOW) == 1
    assert uses.sweep(NOW) == 0


def test_times_of_a_project_without_time_zones(using: str) -> None:
    with override_settings(USE_TZ=False, TIME_ZONE="Asia/Kolkata"):
        credentials, ceremonies = DjangoCredentials(using), DjangoCeremonies(using)
        credentials.add(full_record())
        assert credentials.get(full_record().id) == full_record()
        assert ceremonies.take(ceremonies.put(sample_state()), NOW) == sample_state()
        assert ceremonies.take(ceremonies.put(sample_state(expires_at=NOW)), NOW) is None
    connections.close_all()
