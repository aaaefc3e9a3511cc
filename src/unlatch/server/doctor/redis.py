"""Looks at Redis, where ceremonies may wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from unlatch.errors import Misconfigured
from unlatch.server.doctor.findings import Finding, good, note, wrong
from unlatch.server.redis_client import open_redis
from unlatch.server.settings import Settings

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

_SUBJECT: Final = "redis"

#: `GETDEL` came with it.
_LEAST_VERSION: Final = (6, 2)

#: Part of its memory from which on it will soon refuse or forget.
_FULL: Final = 0.9

_LOCAL: Final = frozenset(("localhost", "127.0.0.1", "::1", None))


def look_at_redis(settings: Settings) -> Iterator[Finding]:
    """Whether it answers, is new enough, keeps what it is given, and how it is reached."""
    if settings.redis is None:
        return
    try:
        client = open_redis(settings)
        if client is not None:
            with client:
                yield from _look(client)
    except Misconfigured as error:
        yield wrong(_SUBJECT, error.detail)
        return
    except Exception as error:  # noqa: BLE001 - whatever the driver raises: it did not answer as Redis does
        yield wrong(_SUBJECT, f"Redis does not answer ({_words(error)}). Start it, or correct --redis.")
        return
    yield from _look_at_way(settings.redis)


def _look(client: Redis | RedisCluster) -> Iterator[Finding]:
    info: dict[str, Any] = _info(client)
    version = str(info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < _LEAST_VERSION:
        yield wrong(_SUBJECT, f"Redis {version} lacks GETDEL. Take version 6.2 or later.")
    else:
        yield good(_SUBJECT, f"Redis {version} answers.")
    if info.get("role") == "slave":
        yield wrong(_SUBJECT, "This is a replica, which takes no writes. Name the primary in --redis.")
    policy, most, used = (info.get(name, 0) for name in ("maxmemory_policy", "maxmemory", "used_memory"))
    if most and policy != "noeviction":
        yield note(
            _SUBJECT,
            f"When its memory is full, it forgets ceremonies under way (maxmemory-policy {policy}): people must begin "
            "again. Set maxmemory-policy noeviction and give it more memory than it needs.",
        )
    if most and used > most * _FULL:
        yield wrong(_SUBJECT, f"Its memory is nearly full ({used:,} of {most:,} bytes). Raise maxmemory.")


def _info(client: Redis | RedisCluster) -> dict[str, Any]:
    """What Redis says of itself; of a cluster, its first node."""
    found: Any = client.info()
    return next(iter(found.values())) if found and all(isinstance(value, dict) for value in found.values()) else found


def _look_at_way(url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.hostname in _LOCAL:
        return
    if parts.scheme != "rediss":
        yield note(_SUBJECT, "It is reached over the network without TLS. Write rediss:// where the network is shared.")
    if parts.password is None:
        yield note(_SUBJECT, "It is reached over the network without a password. Give it one (requirepass, or an ACL).")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0].rstrip(".")
