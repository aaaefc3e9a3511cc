"""Ceremonies in Redis: one server and a cluster, blocking and asynchronous."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from services import redis as service
from unlatch.errors import CeremonyRefused, Unavailable
from unlatch.stores.contract import NOW, CeremonyStoreContract, at_once, blocking, sample_state
from unlatch.stores.redis import (
    GRACE,
    AsyncRedisCeremonies,
    AsyncRedisCeremonyUses,
    RedisCeremonies,
    RedisCeremonyUses,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.private import Server
    from unlatch.stores.protocols import CeremonyStore

pytestmark = pytest.mark.needs("redis")


@pytest.fixture
def client(redis_server: Server) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(service.url(redis_server)) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="module")
def cluster() -> Iterator[int]:
    """A cluster of one node; its port."""
    with service.cluster() as port:
        yield port


class TestRedis(CeremonyStoreContract):
    @pytest.fixture
    def store(self, client: redis.Redis) -> CeremonyStore:
        return RedisCeremonies(client)


class TestRedisWithText(CeremonyStoreContract):
    @pytest.fixture
    def store(self, redis_server: Server) -> Iterator[CeremonyStore]:
        with redis.Redis.from_url(service.url(redis_server), decode_responses=True) as client:
            yield RedisCeremonies(client, prefix="text:")


class TestAsyncRedis(CeremonyStoreContract):
    @pytest.fixture
    def store(self, redis_server: Server) -> Iterator[CeremonyStore]:
        with blocked(lambda: redis.asyncio.Redis.from_url(service.url(redis_server))) as store:
            yield store


class TestCluster(CeremonyStoreContract):
    @pytest.fixture
    def store(self, cluster: int) -> Iterator[CeremonyStore]:
        with redis.RedisCluster(host="127.0.0.1", port=cluster) as client:
            yield RedisCeremonies(client)


class TestAsyncCluster(CeremonyStoreContract):
    @pytest.fixture
    def store(self, cluster: int) -> Iterator[CeremonyStore]:
        with blocked(lambda: redis.asyncio.RedisCluster(host="127.0.0.1", port=cluster)) as store:
            yield store


class blocked:  # noqa: N801 - a context manager
    """An asynchronous store whose connections live in the event loop of `blocking`."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect

    def __enter__(self) -> Any:
        self._blocking = blocking()
        self._block = self._blocking.__enter__()

        def make() -> Any:
            self._client = self._connect()
            return AsyncRedisCeremonies(self._client)

        return self._block(make)

    def __exit__(self, *details: Any) -> None:
        self._block(lambda: self._client).aclose()
        self._blocking.__exit__(*details)


def test_redis_does_not_see_what_finishes_a_ceremony(client: redis.Redis) -> None:
    ceremony_id = RedisCeremonies(client).put(sample_state())
    (key,) = client.keys()
    assert ceremony_id.encode() not in key
    assert RedisCeremonies(client).take(key.removeprefix(b"unlatch:ceremony:").decode(), NOW) is None


def test_redis_forgets_by_itself(client: redis.Redis) -> None:
    RedisCeremonies(client).put(sample_state())
    RedisCeremonyUses(client).use(bytes(32), now=NOW, until=NOW + timedelta(seconds=90, microseconds=1))
    lives = {key.split(b":")[1]: client.pttl(key) for key in client.scan_iter()}
    assert 355_000 < lives[b"ceremony"] <= (300 + GRACE.seconds) * 1000
    assert 85_000 < lives[b"used"] <= 90_001


def test_a_use_that_is_over_already_is_remembered_for_a_moment(client: redis.Redis) -> None:
    RedisCeremonyUses(client).use(bytes(32), now=NOW, until=NOW - timedelta(seconds=1))


def test_two_sites_share_a_server_by_prefix(client: redis.Redis) -> None:
    first, second = RedisCeremonies(client, prefix="first:"), RedisCeremonies(client, prefix="second:")
    ceremony_id = first.put(sample_state())
    assert second.take(ceremony_id, NOW) is None
    assert first.take(ceremony_id, NOW) == sample_state()


def test_a_hundred_threads_take_one_ceremony(client: redis.Redis) -> None:
    store = RedisCeremonies(client)
    ceremony_id = store.put(sample_state())
    taken = at_once(lambda _: store.take(ceremony_id, NOW), 100)
    assert [found for found in taken if found is not None] == [sample_state()]


async def test_a_hundred_tasks_take_one_ceremony(redis_server: Server) -> None:
    async with redis.asyncio.Redis.from_url(service.url(redis_server)) as client:
        store = AsyncRedisCeremonies(client)
        ceremony_id = await store.put(sample_state())
        taken = await asyncio.gather(*(store.take(ceremony_id, NOW) for _ in range(100)))
        assert [found for found in taken if found is not None] == [sample_state()]
        assert await store.sweep(NOW) == 0


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with redis.Redis(unix_socket_path="/nowhere", retry=None) as client:
        for call in (
            lambda: RedisCeremonies(client).put(sample_state()),
            lambda: RedisCeremonies(client).take("id", NOW),
            lambda: RedisCeremonyUses(client).use(bytes(32), now=NOW, until=NOW),
        ):
            with pytest.raises(Unavailable) as caught:
                call()
            assert caught.value.__cause__ is not None
    async with redis.asyncio.Redis(unix_socket_path="/nowhere", retry=None) as awaited:
        with pytest.raises(Unavailable):
            await AsyncRedisCeremonies(awaited).take("id", NOW)
        with pytest.raises(Unavailable):
            await AsyncRedisCeremonyUses(awaited).use(bytes(32), now=NOW, until=NOW)


async def test_a_cluster_that_went_away_is_unavailable() -> None:
    """The driver's errors about a whole cluster have another root than those about one server."""
    with service.cluster() as port:
        client = redis.RedisCluster(host="127.0.0.1", port=port, retry=Retry(NoBackoff(), 1))
    with pytest.raises(Unavailable):
        RedisCeremonies(client).take("id", NOW)
    awaited = redis.asyncio.RedisCluster(host="127.0.0.1", port=port)
    with pytest.raises(Unavailable):
        await AsyncRedisCeremonies(awaited).take("id", NOW)
    await awaited.aclose()


def test_a_full_server_is_unavailable_and_accepts_nothing() -> None:
    with (
        service.redis("--maxmemory", "2mb", "--maxmemory-policy", "noeviction") as server,
        redis.Redis.from_url(service.url(server), retry=None) as client,
    ):
        store, uses = RedisCeremonies(client), RedisCeremonyUses(client)
        ceremony_id = store.put(sample_state())
        for size in (100_000, 1_000, 1):
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                _fill(client, size)
        with pytest.raises(Unavailable) as caught:
            store.put(sample_state())
        assert "maxmemory" in caught.value.detail
        with pytest.raises(Unavailable):
            uses.use(bytes(32), now=NOW, until=NOW + timedelta(seconds=1))
        assert store.take(ceremony_id, NOW) == sample_state()


def test_a_restarted_server_has_forgotten_and_accepts_nothing(client: redis.Redis) -> None:
    with service.redis() as server, redis.Redis.from_url(service.url(server)) as client:
        store, uses = RedisCeremonies(client), RedisCeremonyUses(client)
        ceremony_id = store.put(sample_state())
        server.stop()
        with pytest.raises(Unavailable):
            store.take(ceremony_id, NOW)
        server.start()
        assert store.take(ceremony_id, NOW) is None
        uses.use(bytes(32), now=NOW, until=NOW + timedelta(seconds=9))
        with pytest.raises(CeremonyRefused):
            uses.use(bytes(32), now=NOW, until=NOW + timedelta(seconds=9))


def _fill(client: redis.Redis, size: int) -> None:
    for number in range(100_000):
        client.set(f"{size} {number}", bytes(size))
