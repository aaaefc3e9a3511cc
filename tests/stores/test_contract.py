"""The public contract on every store that needs no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stores.sql import async_database, database
from unlatch.stores.contract import CeremonyStoreContract, CredentialStoreContract, blocking
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.stores.sqlalchemy import AsyncSqlCeremonies, AsyncSqlCredentials, SqlCeremonies, SqlCredentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from unlatch.stores.protocols import CeremonyStore, CredentialStore


class TestMemoryCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self) -> CredentialStore:
        return MemoryCredentials()


class TestMemoryCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self) -> CeremonyStore:
        return MemoryCeremonies()


class TestAsyncMemoryCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[CredentialStore]:
        with blocking() as block:
            yield block(AsyncMemoryCredentials)


class TestAsyncMemoryCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[CeremonyStore]:
        with blocking() as block:
            yield block(AsyncMemoryCeremonies)


class TestSqliteCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[CredentialStore]:
        with database(tmp_path / "db.sqlite3") as engine:
            yield SqlCredentials(engine)


class TestSqliteCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[CeremonyStore]:
        with database(tmp_path / "db.sqlite3") as engine:
            yield SqlCeremonies(engine)


class TestAsyncSqliteCredentials(CredentialStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[CredentialStore]:
        with blocking() as block, async_database(tmp_path / "db.sqlite3", block) as engine:
            yield block(lambda: AsyncSqlCredentials(engine))


class TestAsyncSqliteCeremonies(CeremonyStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[CeremonyStore]:
        with blocking() as block, async_database(tmp_path / "db.sqlite3", block) as engine:
            yield block(lambda: AsyncSqlCeremonies(engine))
