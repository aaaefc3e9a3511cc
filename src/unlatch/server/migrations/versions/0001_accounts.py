"""Accounts, their passkeys, sessions, and ceremonies under way.

A migration says what a table was when it was made. It is never changed afterwards and imports no table that is.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

#: Tables whose rows are lost when it is taken back.
LOSES = ("users", "unlatch_credentials", "unlatch_ceremonies", "sessions", "removed_passkeys")

_MYSQL = ("mysql", "mariadb")


def _binary(length: int) -> sa.types.TypeEngine[bytes]:
    return sa.LargeBinary(length).with_variant(mysql.VARBINARY(length), *_MYSQL)


def _blob() -> sa.types.TypeEngine[bytes]:
    return sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), *_MYSQL)


def _text() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), *_MYSQL)


def _time() -> sa.types.TypeEngine[datetime]:
    return sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *_MYSQL)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_handle"], ["users.handle"], name=f"fk_{table}_user_handle", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "users",
        sa.Column("handle", _binary(64), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("username_key", sa.String(255), nullable=False),
        sa.Column("display_name", sa.String(64), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("handle", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
    )
    op.create_table(
        "unlatch_credentials",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id_sha256", _binary(32), nullable=False),
        sa.Column("id", _binary(1023), nullable=False),
        sa.Column("user_handle", _binary(64), nullable=False),
        sa.Column("rp_id", sa.String(255), nullable=False),
        sa.Column("public_key", _blob(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("uv_initialized", sa.Boolean(), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("aaguid", _binary(16), nullable=False),
        sa.Column("attestation_format", sa.String(255), nullable=False),
        sa.Column("attestation_type", sa.String(32), nullable=False),
        sa.Column("trust", sa.String(32), nullable=False),
        sa.Column("discoverable", sa.Boolean(), nullable=True),
        sa.Column("transports", _text(), nullable=False),
        sa.Column("attachment", _text(), nullable=True),
        sa.Column("name", _text(), nullable=True),
        sa.Column("created_at", _time(), nullable=True),
        sa.Column("last_used_at", _time(), nullable=True),
        sa.Column("attestation_object", _blob(), nullable=True),
        sa.Column("client_data_json", _blob(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_unlatch_credentials"),
        sa.UniqueConstraint("id_sha256", name="uq_unlatch_credentials_id_sha256"),
        _of_user("unlatch_credentials"),
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )
    op.create_index("ix_unlatch_credentials_user_handle", "unlatch_credentials", ["user_handle"])
    op.create_table(
        "unlatch_ceremonies",
        sa.Column("id_sha256", _binary(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", _text(), nullable=False),
        sa.Column("expires_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("id_sha256", name="pk_unlatch_ceremonies"),
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )
    op.create_index("ix_unlatch_ceremonies_expires_at", "unlatch_ceremonies", ["expires_at"])
    op.create_table(
        "sessions",
        sa.Column("token_hash", _binary(32), nullable=False),
        sa.Column("user_handle", _binary(64), nullable=False),
        sa.Column("credential_hash", _binary(32), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.Column("last_seen_at", _time(), nullable=False),
        sa.Column("expires_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        _of_user("sessions"),
    )
    for column in ("user_handle", "credential_hash", "expires_at"):
        op.create_index(f"ix_sessions_{column}", "sessions", [column])
    op.create_table(
        "removed_passkeys",
        sa.Column("id_sha256", _binary(32), nullable=False),
        sa.Column("user_handle", _binary(64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("removed_at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("id_sha256", name="pk_removed_passkeys"),
        _of_user("removed_passkeys"),
    )
    for column in ("user_handle", "removed_at"):
        op.create_index(f"ix_removed_passkeys_{column}", "removed_passkeys", [column])


def downgrade() -> None:
    """Drop everything."""
    for table in ("removed_passkeys", "sessions", "unlatch_ceremonies", "unlatch_credentials", "users"):
        op.drop_table(table)
