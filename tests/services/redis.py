"""A private Redis server."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import redis as driver

from parts import path_of
from services.private import Server, folder_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def redis(*settings: str) -> Iterator[Server]:
    """Start Redis, empty and without persistence; `url` says where it is.

    Args:
        settings: Further settings, as on the command line: ``"--maxmemory", "2mb"``.
    """
    program = path_of("redis")
    with folder_for("redis", None) as folder:
        socket = str(folder / "socket")
        server = Server(
            folder,
            [program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", *settings],
            None,
            signal.SIGTERM,
            lambda: _answers(socket),
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def url(server: Server) -> str:
    """For `redis.Redis.from_url` and its asynchronous twin."""
    return f"unix://{server.folder / 'socket'}"


def _answers(socket: str) -> bool:
    client = driver.Redis(unix_socket_path=socket, retry=None)
    try:
        return bool(client.ping())
    except driver.RedisError:
        return False
    finally:
        client.close()
