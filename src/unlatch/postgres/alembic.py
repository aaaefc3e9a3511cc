"""The schema as part of an application's own Alembic migrations.

```python
from alembic import op
from unlatch.postgres.alembic import install_webauthn, uninstall_webauthn

def upgrade() -> None:
    install_webauthn(op, rp_id="example.org")

def downgrade() -> None:
    uninstall_webauthn(op, with_data=True)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.errors import Misconfigured
from unlatch.postgres.install import configure, install, uninstall

if TYPE_CHECKING:
    from alembic.operations import Operations

    from unlatch.postgres.install import Cursor
    from unlatch.postgres.script import Backend


def install_webauthn(
    op: Operations,
    *,
    backend: Backend | str | None = None,
    python_path: str | None = None,
    rp_id: str | None = None,
    origins: tuple[str, ...] = (),
) -> None:
    """Install or bring up to date, in the migration's transaction; the same call serves later versions.

    Args:
        op: Alembic's.
        backend: As in `unlatch.postgres.install.install`.
        python_path: As in `unlatch.postgres.script.build`.
        rp_id: The relying party to configure; None leaves `webauthn.config` as it is.
        origins: As in `unlatch.postgres.install.configure`.

    Raises:
        Misconfigured: As `unlatch.postgres.install.install`, or in offline mode, which cannot look at the database.
    """
    cursor = _cursor(op)
    install(cursor, backend=backend, python_path=python_path)
    if rp_id is not None:
        configure(cursor, rp_id, origins=origins)


def uninstall_webauthn(op: Operations, *, with_data: bool = False) -> None:
    """Take the schema away.

    Args:
        op: Alembic's.
        with_data: As in `unlatch.postgres.install.uninstall`.

    Raises:
        Misconfigured: As `unlatch.postgres.install.uninstall`, or in offline mode.
    """
    uninstall(_cursor(op), with_data=with_data)


def _cursor(op: Operations) -> Cursor:
    """The driver's own: SQLAlchemy would take a colon or a percent sign in the script for a parameter."""
    if op.get_context().as_sql:
        raise Misconfigured(
            "The migration looks at the database, so it does not run offline; write the script with "
            "'unlatch postgres script' instead."
        )
    cursor: Cursor = op.get_bind().connection.cursor()
    return cursor
