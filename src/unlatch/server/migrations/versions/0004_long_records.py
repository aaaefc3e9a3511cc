"""Records of removed passkeys on MariaDB and MySQL may be as long as those of passkeys.

A migration says what a table was when it was made. It is never changed afterwards and imports no table that is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"

#: Tables whose rows are lost when it is taken back.
LOSES = ()

_MYSQL = ("mysql", "mariadb")


def upgrade() -> None:
    """Lift the bound of 64 KiB; other databases have none."""
    if op.get_bind().dialect.name in _MYSQL:
        op.alter_column("removed_passkeys", "record", type_=mysql.MEDIUMTEXT(), existing_nullable=False)


def downgrade() -> None:
    """The way back. The database refuses it, and changes nothing, while a record is longer."""
    if op.get_bind().dialect.name in _MYSQL:
        op.alter_column("removed_passkeys", "record", type_=sa.Text(), existing_nullable=False)
