"""A private Redis server."""

from __future__ import annotations

import signal
import socket
import time
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
        path = str(folder / "socket")
        server = Server(
            folder,
            [program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", *settings],
            None,
            signal.SIGTERM,
            lambda: _answers(path),
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def cluster() -> Iterator[int]:
    """Start a Redis cluster of one node, on a free port of this machine; yields the port."""
    port = _free_port()
    settings = ("--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes")
    with (
        redis(*settings, "--cluster-port", str(_free_port())) as server,
        driver.Redis(unix_socket_path=str(server.folder / "socket")) as client,
    ):
        client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
        deadline = time.monotonic() + 30
        while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
            if time.monotonic() > deadline:
                raise RuntimeError("the cluster does not become ready")
            time.sleep(0.05)
        yield port


def url(server: Server) -> str:
    """For `redis.Redis.from_url` and its asynchronous twin."""
    return f"unix://{server.folder / 'socket'}"


def _answers(path: str) -> bool:
    client = driver.Redis(unix_socket_path=path, retry=None)
    try:
        return bool(client.ping())
    except driver.RedisError:
        return False
    finally:
        client.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
