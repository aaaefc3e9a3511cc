"""An index that finds idle sessions, so that sweeping them reads no others.

A migration says what a table was when it was made. It is never changed afterwards and imports no table that is.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

#: Tables whose rows are lost when it is taken back.
LOSES = ()


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_sessions_last_seen_at", "sessions", ["last_seen_at"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_sessions_last_seen_at", "sessions")
