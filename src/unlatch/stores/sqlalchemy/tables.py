"""The tables, in types that SQLite, PostgreSQL, MariaDB and MySQL keep without loss.

A credential id may have 1023 bytes, more than some databases index: rows are found by its SHA-256. A ceremony id is
a secret that lets its holder finish the ceremony: only its SHA-256 is in the table, so a leaked table opens nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import mysql

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC to the microsecond and read back aware.

    SQLite, MariaDB and MySQL have no type with a zone, and the latter two drop fractions unless told otherwise.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the column type of the dialect."""
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLAlchemy writes the same text for SQLite, at five times the cost."""
        return _to_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """As `bind_processor`."""
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, and without the zone where the database has none."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Back to an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _to_sqlite(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _binary(length: int) -> TypeEngine[bytes]:
    """Bytes of a bounded length; MariaDB and MySQL index VARBINARY but no BLOB."""
    return LargeBinary(length).with_variant(mysql.VARBINARY(length), "mysql", "mariadb")


def _text() -> TypeEngine[str]:
    """Text without a bound; the plain TEXT of MariaDB and MySQL ends at 64 KiB."""
    return Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


def _blob() -> TypeEngine[bytes]:
    """Bytes without a bound; the plain BLOB of MariaDB and MySQL ends at 64 KiB."""
    return LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


# Constraints have names on every database, so that migrations can speak of them.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

credentials = Table(
    "unlatch_credentials",
    metadata,
    # SQLite numbers rows by itself only for a column of the exact type INTEGER.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id_sha256", _binary(32), nullable=False, unique=True),
    Column("id", _binary(1023), nullable=False),
    Column("user_handle", _binary(64), nullable=False, index=True),
    Column("rp_id", String(255), nullable=False),
    Column("public_key", _blob(), nullable=False),
    # Unsigned 32 bits: one more than a signed INTEGER holds.
    Column("sign_count", BigInteger, nullable=False),
    Column("uv_initialized", Boolean, nullable=False),
    Column("backup_eligible", Boolean, nullable=True),
    Column("backup_state", Boolean, nullable=False),
    Column("aaguid", _binary(16), nullable=False),
    Column("attestation_format", String(255), nullable=False),
    Column("attestation_type", String(32), nullable=False),
    Column("trust", String(32), nullable=False),
    Column("discoverable", Boolean, nullable=True),
    # The client's own words, so any text at all: kept as JSON, whose escapes every database takes.
    Column("transports", _text(), nullable=False),
    Column("attachment", _text(), nullable=True),
    Column("name", _text(), nullable=True),
    Column("created_at", UtcDateTime, nullable=True),
    Column("last_used_at", UtcDateTime, nullable=True),
    Column("attestation_object", _blob(), nullable=True),
    Column("client_data_json", _blob(), nullable=True),
    mysql_charset="utf8mb4",
    mariadb_charset="utf8mb4",
)

ceremonies = Table(
    "unlatch_ceremonies",
    metadata,
    Column("id_sha256", _binary(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("state", _text(), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    mysql_charset="utf8mb4",
    mariadb_charset="utf8mb4",
)

ceremony_uses = Table(
    "unlatch_ceremony_uses",
    metadata,
    Column("id_sha256", _binary(32), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
    # The key is the row: one page to write less for each use.
    sqlite_with_rowid=False,
    mysql_charset="utf8mb4",
    mariadb_charset="utf8mb4",
)


def digest(key: bytes | str) -> bytes:
    """SHA-256 of a credential id or of a ceremony id, under which its row is found."""
    # A ceremony id is the client's text: half characters must not raise, and match no row.
    return sha256(key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key).digest()


def add_tables(target: MetaData) -> None:
    """Make the tables known to another metadata: that of an application, whose `create_all` and migrations see them.

    Args:
        target: The application's metadata. Tables that it knows already stay as they are.
    """
    for table in metadata.sorted_tables:
        if table.name not in target.tables:
            table.to_metadata(target)
