"""All tables of the server: its own, and those of the library's stores.

Whatever belongs to a person goes when the person goes: each such table refers to `users` with a cascade.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from unlatch.stores import sqlalchemy as stores
from unlatch.stores.sqlalchemy.tables import UtcDateTime

# The convention of the stores' tables, and foreign keys.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _binary(length: int) -> TypeEngine[bytes]:
    """Bytes of a bounded length; MariaDB and MySQL index VARBINARY but no BLOB."""
    return LargeBinary(length).with_variant(mysql.VARBINARY(length), "mysql", "mariadb")


def _of_user() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["user_handle"], ["users.handle"], ondelete="CASCADE")


users = Table(
    "users",
    metadata,
    Column("handle", _binary(64), primary_key=True),
    Column("username", String(64), nullable=False),
    # The normal form can be longer than what was typed: one character may fold to three.
    Column("username_key", String(255), nullable=False, unique=True),
    Column("display_name", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", _binary(32), primary_key=True),
    Column("user_handle", _binary(64), nullable=False, index=True),
    # SHA-256 of the credential id. No foreign key: the session that removes its own passkey lives on.
    Column("credential_hash", _binary(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # What sweeping looks for: a session that has expired is not used any more, and so becomes idle.
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
    Column("expires_at", UtcDateTime, nullable=False),
    _of_user(),
)

removed_passkeys = Table(
    "removed_passkeys",
    metadata,
    Column("id_sha256", _binary(32), primary_key=True),
    Column("user_handle", _binary(64), nullable=False, index=True),
    # CredentialRecord.to_json(): enough to recognise its holder, see `unlatch.server.removed`. The plain TEXT of
    # MariaDB and MySQL ends at 64 KiB; the columns of the passkey itself do not.
    Column("record", Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
    Column("removed_at", UtcDateTime, nullable=False, index=True),
    _of_user(),
)

credentials = stores.credentials.to_metadata(metadata)
credentials.append_constraint(_of_user())
ceremonies = stores.ceremonies.to_metadata(metadata)
ceremony_uses = stores.ceremony_uses.to_metadata(metadata)
