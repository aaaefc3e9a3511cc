"""Start the server, say where it is, and stop it when asked."""

from __future__ import annotations

import errno
import signal
import socket
from contextlib import ExitStack
from dataclasses import replace

import uvicorn

from unlatch.errors import Misconfigured
from unlatch.server.engines import open_database
from unlatch.server.log import start_logging
from unlatch.server.metrics.listener import Address, listening
from unlatch.server.migrate import prepare
from unlatch.server.redis_client import check_redis
from unlatch.server.seal_keys import own_keys
from unlatch.server.settings import CeremonyKeeping, Settings
from unlatch.server.site import relying_party
from unlatch.server.workers import HEALTH_SECONDS, Build, Workers

#: Seconds that requests under way have when the server stops.
_GRACE = 5
#: Seconds that an idle connection is kept: longer than a proxy keeps it, so that the proxy is the one who ends it.
_KEEP_ALIVE = 75


class _Server(uvicorn.Server):
    """Uvicorn, saying in one line on standard output when it is ready."""

    def __init__(self, config: uvicorn.Config, *, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if not self.should_exit:
            _say(self._ready)


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        settings: What the operator decided. Without origins: ``http://localhost:PORT``, or https on the RP ID.
        host: Name or address to listen on; ``localhost`` means both loopback addresses.
        port: Port; 0 takes a free one.

    Raises:
        Misconfigured: It cannot start; the message says why and what to change.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(bound) for bound in _listen(host, port)]
        port = sockets[0].getsockname()[1]
        settings = _checked(settings, port=port)
        if settings.metrics is not None:
            stack.enter_context(listening(Address.parse(settings.metrics)))
        start_logging()
        ready = _ready(settings.origins[0], port)
        config = uvicorn.Config(
            Build(settings),
            factory=True,
            workers=settings.workers,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_GRACE,
            timeout_worker_healthcheck=HEALTH_SECONDS,
            proxy_headers=False,
        )
        if settings.workers > 1:
            Workers(config, sockets, on_ready=lambda: _say(ready)).run()
            return
        # Uvicorn stops at these signals and then raises them again, for whoever was there before: nobody, so that the
        # program ends with exit code 0.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        _Server(config, ready=ready).run(sockets=sockets)


def _checked(settings: Settings, *, port: int) -> Settings:
    """Complete settings that can be served: everything that can be wrong is tried here, before any worker starts.

    Raises:
        Misconfigured: What is wrong, and what to change.
    """
    if not settings.origins:
        origin = f"http://localhost:{port}" if settings.rp_id == "localhost" else f"https://{settings.rp_id}"
        settings = replace(settings, origins=(origin,))
    relying_party(settings)
    if settings.ceremonies is CeremonyKeeping.SEALED and not settings.seal_keys:
        settings = replace(settings, seal_keys=own_keys(settings.data))
    prepare(open_database(settings, answer_seconds=None))
    check_redis(settings)
    return settings


def _say(ready: str) -> None:
    print(ready, flush=True)  # noqa: T201 - the answer to the person who typed the command


def _ready(origin: str, port: int) -> str:
    """One line; behind a proxy the port is not part of the origin, and its operator wants to know it."""
    listens = "" if origin.endswith(f":{port}") else f", listening on port {port}"
    return f"unlatch is ready at {origin}{listens} (Ctrl-C stops it)"


def _listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen, before anything else is done: a busy port is the commonest reason not to start.

    Browsers may try either loopback address for ``localhost``. Both must be ours: else another program could answer.
    """
    first = _bind("127.0.0.1" if host == "localhost" else host, port)
    if first is None:
        raise Misconfigured(f"This machine has no address {host!r} to listen on. Name another one with --host.")
    if host != "localhost":
        return [first]
    second = _bind("::1", first.getsockname()[1])
    return [first] if second is None else [first, second]


def _bind(address: str, port: int) -> socket.socket | None:
    """A listening socket, or None where the machine has no such address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = None
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
    except OSError as error:
        if listening is not None:
            listening.close()
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"Port {port} is already in use. Stop the program that uses it, or name another port with --port."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Misconfigured(f"Port {port} may not be used by this account. Name one above 1023.") from error
        if isinstance(error, socket.gaierror) or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            return None
        raise Misconfigured(f"Cannot listen on {address!r}, port {port}: {error.strerror}.") from error
    return listening
