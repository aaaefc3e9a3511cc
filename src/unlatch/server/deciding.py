"""What a sign-in changes, as one statement of PostgreSQL, which is committed by itself.

It uses up the ceremony unless it was used before, updates the record if it still is what was judged, and opens the
session: each only if the one before was done. The usual transaction of the same takes five rounds to the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, bindparam, delete, func, insert, literal_column, select
from sqlalchemy.dialects import postgresql

from unlatch.record import CredentialRecord
from unlatch.server.cookies import token_hash
from unlatch.server.keeping import Use
from unlatch.server.removed import CredentialsAndRemoved
from unlatch.server.schema import ceremony_uses, sessions
from unlatch.stores.protocols import already_used
from unlatch.stores.sqlalchemy.credentials import UPDATE, changes
from unlatch.stores.sqlalchemy.execution import Executor, Operation
from unlatch.stores.sqlalchemy.tables import credentials
from unlatch.terms import CeremonyKind


class DecidingCredentials(CredentialsAndRemoved):
    """The credential store of one sign-in, on a connection without a transaction: its update is the whole decision.

    Args:
        executor: Where each statement is committed by itself.
        use: What to remember of the ceremony; None if nothing is.
        session: Makes the row of the session to open.
        former_token: Token of the session that this one replaces.
    """

    def __init__(
        self,
        executor: Executor,
        use: Use | None,
        *,
        session: Callable[[CredentialRecord], Mapping[str, object]],
        former_token: str | None,
    ) -> None:
        super().__init__(executor)
        self._use = use
        self._session = session
        self._former = None if former_token is None else token_hash(former_token)

    def update(self, before: CredentialRecord, after: CredentialRecord) -> bool:
        """Use up the ceremony, update the record, and open the session; False if the record is not as in `before`.

        Raises:
            CeremonyRefused: The ceremony was used before.
            Rejected: Everything about the sign-in was right, but the passkey was removed.
        """
        parameters = changes(before, after)
        parameters.update((f"session_{name}", value) for name, value in self._session(after).items())
        parameters["former"] = self._former
        if self._use is None:
            used, updated = self._executor.run(Operation(_AGAIN, _read, parameters))
        else:
            parameters["use_key"], parameters["use_until"] = self._use
            used, updated = self._executor.run(Operation(_FIRST, _read, parameters))
            if not used:
                raise already_used().during(CeremonyKind.AUTHENTICATION)
            self._use = None  # it is ours, whoever was faster with the record
        if not updated:
            self.refuse_removed(before.id)
        return updated


def _read(result: Any) -> tuple[bool, bool]:
    row = result.one_or_none()
    return row.used == 1, row.updated == 1


_ONE: Final[ColumnElement[int]] = literal_column("1")  # a number that is bound would be one more parameter


def _statement(*, uses: bool) -> Select[int, int]:
    update, used = UPDATE, None
    if uses:
        used = (
            postgresql.insert(ceremony_uses)
            .values(id_sha256=bindparam("use_key"), expires_at=bindparam("use_until"))
            .on_conflict_do_nothing()
            .returning(ceremony_uses.c.id_sha256)
            .cte("used")
        )
        update = update.where(_count(used) == _ONE)
    updated = update.returning(credentials.c.number).cte("updated")
    row = select(*(bindparam(f"session_{column.key}", type_=column.type) for column in sessions.c))
    opened = insert(sessions).from_select(list(sessions.c.keys()), row.where(_count(updated) == _ONE))
    closed = delete(sessions).where(sessions.c.token_hash == bindparam("former"), _count(updated) == _ONE)
    used_by_it = literal_column("0") if used is None else _count(used)
    found = select(used_by_it.label("used"), _count(updated).label("updated"))
    return found.add_cte(opened.cte("opened"), closed.cte("closed"))


def _count(rows: CTE) -> ScalarSelect[int]:
    # Counted, and not asked for with EXISTS: a count is evaluated once. Where PostgreSQL has to look at a row again
    # that another transaction has just changed, it cannot ask a changing statement a second time.
    return select(func.count()).select_from(rows).scalar_subquery()


_FIRST: Final = _statement(uses=True)
_AGAIN: Final = _statement(uses=False)
