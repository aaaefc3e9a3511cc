"""Users and passkeys."""

import sqlalchemy as sa
from alembic import op

from unlatch.stores.sqlalchemy import credentials

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(36), nullable=False, unique=True),
        sa.Column("username", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("verified_email", sa.String(254), nullable=True, unique=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    credentials.create(op.get_bind())


def downgrade() -> None:
    credentials.drop(op.get_bind())
    op.drop_table("user")
