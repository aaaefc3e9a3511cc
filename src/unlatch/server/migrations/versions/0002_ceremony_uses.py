"""Which ceremonies were used; and one index of sessions less, which every sign-in had to write.

A migration says what a table was when it was made. It is never changed afterwards and imports no table that is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

#: Tables whose rows are lost when it is taken back.
LOSES = ("unlatch_ceremony_uses",)

_MYSQL = ("mysql", "mariadb")


def upgrade() -> None:
    """Make the table, drop the index."""
    op.create_table(
        "unlatch_ceremony_uses",
        sa.Column("id_sha256", sa.LargeBinary(32).with_variant(mysql.VARBINARY(32), *_MYSQL), nullable=False),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *_MYSQL), nullable=False
        ),
        sa.PrimaryKeyConstraint("id_sha256", name="pk_unlatch_ceremony_uses"),
        sqlite_with_rowid=False,
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )
    op.create_index("ix_unlatch_ceremony_uses_expires_at", "unlatch_ceremony_uses", ["expires_at"])
    op.drop_index("ix_sessions_credential_hash", "sessions")


def downgrade() -> None:
    """The way back."""
    op.create_index("ix_sessions_credential_hash", "sessions", ["credential_hash"])
    op.drop_table("unlatch_ceremony_uses")
