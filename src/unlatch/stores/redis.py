"""Ceremonies in Redis (6.2 or later), which forgets them by itself; one server or a cluster.

Every operation is one command on one key, so it is atomic, and it does not matter on which node of a cluster the key
lives. Give the clients as you have set them up: `redis.Redis` or `redis.RedisCluster`, or those of `redis.asyncio`,
with or without `decode_responses`. A command that is sent again after a lost reply can only refuse, never accept
twice. Credential records belong into a database: Redis is not the place for what must never be lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from redis.exceptions import RedisClusterException, RedisError

from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import Unavailable
from unlatch.stores.protocols import already_used

if TYPE_CHECKING:
    from datetime import datetime

T = TypeVar("T")

#: What the driver raises when Redis does not do it. That a cluster cannot be reached is no `RedisError` to it.
FAILURES = (RedisError, RedisClusterException, OSError)

#: A key outlives its state by this much: whether a state has expired is judged by the time of the request.
GRACE = timedelta(seconds=60)


class Client(Protocol):
    """The one method of a blocking Redis client that is used here."""

    def execute_command(self, *args: Any) -> Any:
        """Send a command, return the reply."""
        ...


class AsyncClient(Protocol):
    """The one method of an asynchronous Redis client that is used here."""

    def execute_command(self, *args: Any) -> Awaitable[Any]:
        """Send a command, return the reply."""
        ...


class RedisCeremonies:
    """A `CeremonyStore` in Redis: `SET ... PX` and `GETDEL`."""

    def __init__(self, client: Client, *, prefix: str = "unlatch:") -> None:
        """Use a client.

        Args:
            client: Of redis-py, blocking.
            prefix: What the names of all keys begin with.
        """
        self._client = client
        self._prefix = prefix

    def put(self, state: CeremonyState) -> str:
        """Keep a state and return its id: 192 random bits as text, of which Redis sees the SHA-256."""
        ceremony_id = secrets.token_urlsafe(24)
        _run(self._client, _put(self._prefix, ceremony_id, state))
        return ceremony_id

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """Return a state once, unless it has expired; see `CeremonyStore.take`."""
        return _run(self._client, _take(self._prefix, ceremony_id, now))

    def sweep(self, now: datetime) -> int:  # noqa: ARG002 - Redis has its own clock
        """Do nothing: Redis forgets by itself."""
        return 0


class AsyncRedisCeremonies:
    """`RedisCeremonies`, awaited, with a client of `redis.asyncio`."""

    def __init__(self, client: AsyncClient, *, prefix: str = "unlatch:") -> None:
        """As `RedisCeremonies`."""
        self._client = client
        self._prefix = prefix

    async def put(self, state: CeremonyState) -> str:
        """As `RedisCeremonies.put`."""
        ceremony_id = secrets.token_urlsafe(24)
        await _run_async(self._client, _put(self._prefix, ceremony_id, state))
        return ceremony_id

    async def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """As `RedisCeremonies.take`."""
        return await _run_async(self._client, _take(self._prefix, ceremony_id, now))

    async def sweep(self, now: datetime) -> int:  # noqa: ARG002 - Redis has its own clock
        """Do nothing: Redis forgets by itself."""
        return 0


class RedisCeremonyUses:
    """A `CeremonyUses` in Redis: `SET ... NX PX`."""

    def __init__(self, client: Client, *, prefix: str = "unlatch:") -> None:
        """As `RedisCeremonies`."""
        self._client = client
        self._prefix = prefix

    def use(self, key: bytes, *, now: datetime, until: datetime) -> None:
        """Remember a use; see `CeremonyUses.use`."""
        _run(self._client, _use(self._prefix, key, until - now))

    def sweep(self, now: datetime) -> int:  # noqa: ARG002 - Redis has its own clock
        """Do nothing: Redis forgets by itself."""
        return 0


class AsyncRedisCeremonyUses:
    """`RedisCeremonyUses`, awaited, with a client of `redis.asyncio`."""

    def __init__(self, client: AsyncClient, *, prefix: str = "unlatch:") -> None:
        """As `RedisCeremonies`."""
        self._client = client
        self._prefix = prefix

    async def use(self, key: bytes, *, now: datetime, until: datetime) -> None:
        """As `RedisCeremonyUses.use`."""
        await _run_async(self._client, _use(self._prefix, key, until - now))

    async def sweep(self, now: datetime) -> int:  # noqa: ARG002 - Redis has its own clock
        """Do nothing: Redis forgets by itself."""
        return 0


@dataclass(frozen=True, slots=True)
class _Operation(Generic[T]):
    """One command, and how to read its reply."""

    command: tuple[str | int, ...]
    read: Callable[[Any], T]


def _put(prefix: str, ceremony_id: str, state: CeremonyState) -> _Operation[None]:
    # How long it lives, and not until when: the clocks of this machine and of Redis need not agree.
    life = state.expires_at - state.created_at + GRACE
    command = ("SET", _key(prefix, ceremony_id), state.to_json(), "PX", _milliseconds(life))
    return _Operation(command, lambda reply: None)  # noqa: ARG005 - a reply without content


def _take(prefix: str, ceremony_id: str, now: datetime) -> _Operation[CeremonyState | None]:
    def read(reply: bytes | str | None) -> CeremonyState | None:
        state = None if reply is None else CeremonyState.from_json(reply)
        return state if state is not None and state.expires_at > now else None

    return _Operation(("GETDEL", _key(prefix, ceremony_id)), read)


def _use(prefix: str, key: bytes, life: timedelta) -> _Operation[None]:
    def read(reply: object) -> None:
        if reply is None:
            raise already_used()

    return _Operation(("SET", f"{prefix}used:{key.hex()}", "", "NX", "PX", _milliseconds(life)), read)


def _key(prefix: str, ceremony_id: str) -> str:
    # The id is the client's text: half characters must not raise, and name no key.
    return f"{prefix}ceremony:{sha256(ceremony_id.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _milliseconds(life: timedelta) -> int:
    return max(1, -(-life // timedelta(milliseconds=1)))


def _run(client: Client, operation: _Operation[T]) -> T:
    try:
        reply = client.execute_command(*operation.command)
    except FAILURES as error:
        raise _unavailable(error) from error
    return operation.read(reply)


async def _run_async(client: AsyncClient, operation: _Operation[T]) -> T:
    try:
        reply = await client.execute_command(*operation.command)
    except FAILURES as error:
        raise _unavailable(error) from error
    return operation.read(reply)


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"Redis did not answer: {error}")
