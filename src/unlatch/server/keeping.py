"""Where ceremonies wait between their options and their response, in three ways with the same safety.

* *sealed*: with the page, encrypted. Beginning writes nothing, so nobody can fill the database by asking for options.
* *database*: as rows. Beginning writes one.
* *redis*: in Redis. Beginning writes there.

That a ceremony is used once is decided by the database in every case, in the transaction that signs in: Redis may
restart, go back to an older snapshot or fail over to a copy that lags, and brings no used ceremony back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from unlatch.ceremonies.state import CeremonyState
from unlatch.server.redis_client import ThreadConnections, open_redis
from unlatch.server.settings import CeremonyKeeping, Settings
from unlatch.stores.protocols import CeremonyStore, CeremonyUses
from unlatch.stores.sealed import REMEMBER, Seal, SealedCeremonies
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCeremonyUses
from unlatch.stores.sqlalchemy.tables import digest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from unlatch.stores.redis import RedisCeremonies
    from unlatch.stores.sqlalchemy.execution import Executor


#: Keeps a state and returns the ceremony's id.
Put = Callable[[CeremonyState], str]

#: Key and end of a use, as `CeremonyUses.use` is given them.
Use = tuple[bytes, "datetime"]


class Keeping(Protocol):
    """Makes the ceremony store for one unit of work.

    Attributes:
        begins_in_database: Whether the begin of a ceremony writes to the database.
        put: `CeremonyStore.put` for a begin without the database; None where it takes a unit of work.
        put_waits: Whether `put` waits for somebody and therefore belongs into a thread.
    """

    begins_in_database: bool
    put: Put | None
    put_waits: bool

    def within(self, connection: Connection | Executor) -> CeremonyStore:
        """The store whose uses are part of the transaction of `connection`."""
        ...

    def using(self, uses: CeremonyUses) -> CeremonyStore | None:
        """The store that remembers uses there; None where taking a ceremony is a deed of the database itself."""
        ...


def keeping_of(settings: Settings) -> Keeping:
    """How the settings want ceremonies kept.

    Raises:
        Misconfigured: Redis or the keys cannot be used.
    """
    if settings.ceremonies is CeremonyKeeping.DATABASE:
        return _InDatabase()
    if settings.ceremonies is CeremonyKeeping.REDIS:
        from unlatch.stores.redis import RedisCeremonies

        client = open_redis(settings)
        if client is None:
            raise ValueError("ceremonies in Redis without a Redis")
        from redis import Redis

        return _InRedis(RedisCeremonies(ThreadConnections(client) if isinstance(client, Redis) else client))
    return _Sealed(settings.seal_keys)


class _Sealed:
    begins_in_database = False
    put_waits = False

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._seal = Seal(keys)
        self.put: Put | None = self._seal.close

    def within(self, connection: Connection | Executor) -> CeremonyStore:
        return self.using(SqlCeremonyUses(connection))

    def using(self, uses: CeremonyUses) -> CeremonyStore:
        return SealedCeremonies(self._seal, uses=uses)


class _InDatabase:
    begins_in_database = True
    put: Put | None = None
    put_waits = False

    def within(self, connection: Connection | Executor) -> CeremonyStore:
        return SqlCeremonies(connection)

    def using(self, uses: CeremonyUses) -> None:  # noqa: ARG002 - as `Keeping`
        return None


class _InRedis:
    begins_in_database = False
    put_waits = True

    def __init__(self, waiting: RedisCeremonies) -> None:
        self._waiting = waiting
        self.put: Put | None = waiting.put

    def within(self, connection: Connection | Executor) -> CeremonyStore:
        return self.using(SqlCeremonyUses(connection))

    def using(self, uses: CeremonyUses) -> CeremonyStore:
        return _UsedOnce(self._waiting, uses)


class UseToCome:
    """A `CeremonyUses` for one ceremony that leaves it to its maker to write the use down.

    Attributes:
        due: What is to be remembered before anything is answered; None if no ceremony was taken.
    """

    def __init__(self) -> None:
        self.due: Use | None = None

    def use(self, key: bytes, *, now: datetime, until: datetime) -> None:  # noqa: ARG002 - as `CeremonyUses`
        """Note it."""
        self.due = key, until

    def sweep(self, now: datetime) -> int:  # noqa: ARG002 - as `CeremonyUses`
        """Nothing is kept here."""
        return 0


class _UsedOnce:
    """A store of ceremonies that others may restore behind our back; the database remembers what was used."""

    def __init__(self, waiting: CeremonyStore, uses: CeremonyUses) -> None:
        self._waiting = waiting
        self._uses = uses

    def put(self, state: CeremonyState) -> str:
        return self._waiting.put(state)

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        state = self._waiting.take(ceremony_id, now)
        if state is not None:
            self._uses.use(digest(ceremony_id), now=now, until=state.expires_at + REMEMBER)
        return state

    def sweep(self, now: datetime) -> int:
        return self._waiting.sweep(now) + self._uses.sweep(now)
