"""Stores in a SQL database through SQLAlchemy 2, blocking and for `asyncio`."""

from unlatch.stores.sqlalchemy.ceremonies import AsyncSqlCeremonies, SqlCeremonies
from unlatch.stores.sqlalchemy.credentials import AsyncSqlCredentials, SqlCredentials
from unlatch.stores.sqlalchemy.sqlite import create_async_sqlite_engine, create_sqlite_engine
from unlatch.stores.sqlalchemy.tables import ceremonies, credentials, metadata

__all__ = [
    "AsyncSqlCeremonies",
    "AsyncSqlCredentials",
    "SqlCeremonies",
    "SqlCredentials",
    "ceremonies",
    "create_async_sqlite_engine",
    "create_sqlite_engine",
    "credentials",
    "metadata",
]
