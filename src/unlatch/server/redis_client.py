"""Redis, as the settings name it: one server, or a cluster."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from unlatch.errors import Misconfigured
from unlatch.server.settings import Settings

if TYPE_CHECKING:
    from redis import Redis, RedisCluster
    from redis.retry import Retry

#: Seconds to wait for a connection, and for an answer; Redis takes well under a millisecond.
ANSWER_SECONDS: Final = 2
#: How often a command is sent again after a lost connection. Few: a request waits, and a transaction with it.
_RETRIES: Final = 2

_CLUSTER = "redis+cluster"
_SCHEMES = ("redis", "rediss", "unix", _CLUSTER)


def open_redis(settings: Settings) -> Redis | RedisCluster | None:
    """A client of Redis, or None where the settings name none. Safe for threads; a cluster is asked for its nodes.

    Raises:
        Misconfigured: The URL cannot be used, the driver is missing, or a cluster does not answer.
    """
    if settings.redis is None:
        return None
    scheme = urlsplit(settings.redis).scheme
    example = "Write for example redis://:password@host:6379/0, rediss://... (TLS) or redis+cluster://host:6379."
    if scheme not in _SCHEMES:
        raise Misconfigured(f"--redis (UNLATCH_REDIS) is not the URL of Redis. {example}")
    try:
        from redis import Redis, RedisCluster

        from unlatch.stores.redis import FAILURES
    except ModuleNotFoundError as error:
        raise Misconfigured("Redis needs the package 'redis': pip install 'unlatch[server,redis]'") from error
    limits = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
    try:
        if scheme == _CLUSTER:
            url = settings.redis.replace(f"{_CLUSTER}://", "redis://", 1)
            return RedisCluster.from_url(url, retry=_retry(), **limits)
        return Redis.from_url(settings.redis, retry=_retry(), **limits)
    except FAILURES as error:
        raise _unusable(error) from error
    except ValueError as error:
        raise Misconfigured(f"--redis (UNLATCH_REDIS) is not the URL of Redis. {example}") from error


class ThreadConnections:
    """Sends commands on a connection that each thread keeps: what a pool does for each costs more than the command.

    A connection that broke is opened again, and the command sent again, as by a client of `open_redis`.

    Args:
        client: Of one Redis server; says how to connect.
    """

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._retry = _retry()
        self._own = threading.local()

    def execute_command(self, *args: Any) -> Any:
        """Send a command, return the reply as Redis gave it.

        Raises:
            RedisError: It was not done.
        """
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._pool.make_connection()

        def ask() -> Any:
            connection.send_command(*args)
            return connection.read_response()

        return self._retry.call_with_retry(ask, lambda _: connection.disconnect())


def check_redis(settings: Settings) -> None:
    """Ask Redis for a sign of life, where the settings name one.

    Raises:
        Misconfigured: It does not answer, or does not let us in.
    """
    client = open_redis(settings)
    if client is None:
        return
    from unlatch.stores.redis import FAILURES

    try:
        client.ping()
    except FAILURES as error:
        raise _unusable(error) from error
    finally:
        client.close()


def _retry() -> Retry:
    """A command that is sent again after a lost answer can only refuse, never accept twice (`unlatch.stores.redis`)."""
    from redis.backoff import ExponentialBackoff
    from redis.retry import Retry

    return Retry(ExponentialBackoff(cap=0.1, base=0.05), _RETRIES)


def _unusable(error: Exception) -> Misconfigured:
    return Misconfigured(f"Redis cannot be used: {' '.join(str(error).split()).rstrip('.')}.")
