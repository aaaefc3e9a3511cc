"""Sessions that are over are found by when they were last seen, no longer by when they would expire.

A migration says what a table was when it was made. It is never changed afterwards and imports no table that is.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

#: Tables whose rows are lost when it is taken back.
LOSES = ()


def upgrade() -> None:
    """Make one index, drop the other."""
    op.create_index("ix_sessions_last_seen_at", "sessions", ["last_seen_at"])
    op.drop_index("ix_sessions_expires_at", "sessions")


def downgrade() -> None:
    """The way back."""
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.drop_index("ix_sessions_last_seen_at", "sessions")
