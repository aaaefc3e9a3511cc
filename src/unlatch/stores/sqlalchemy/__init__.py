"""Stores in a SQL database through SQLAlchemy 2, blocking and for `asyncio`."""

from unlatch.stores.sqlalchemy.ceremonies import AsyncSqlCeremonies, SqlCeremonies
from unlatch.stores.sqlalchemy.credentials import AsyncSqlCredentials, SqlCredentials
from unlatch.stores.sqlalchemy.sqlite import create_async_sqlite_engine, create_sqlite_engine
from unlatch.stores.sqlalchemy.tables import add_tables, ceremonies, ceremony_uses, credentials, metadata
from unlatch.stores.sqlalchemy.uses import AsyncSqlCeremonyUses, SqlCeremonyUses

__all__ = [
    "AsyncSqlCeremonies",
    "AsyncSqlCeremonyUses",
    "AsyncSqlCredentials",
    "SqlCeremonies",
    "SqlCeremonyUses",
    "SqlCredentials",
    "add_tables",
    "ceremonies",
    "ceremony_uses",
    "create_async_sqlite_engine",
    "create_sqlite_engine",
    "credentials",
    "metadata",
]
