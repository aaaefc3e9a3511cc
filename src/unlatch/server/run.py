"""Start the server, say where it is, and stop it when asked."""

from __future__ import annotations

import errno
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import uvicorn

from unlatch.errors import Misconfigured
from unlatch.server.application import create_application
from unlatch.server.database import Database, open_database_file
from unlatch.server.log import start_logging
from unlatch.server.migrate import upgrade
from unlatch.server.settings import Settings
from unlatch.server.site import relying_party

#: Seconds that requests under way have when the server stops.
_GRACE = 5


class _Server(uvicorn.Server):
    """Uvicorn, saying in one line on standard output when it is ready."""

    def __init__(self, config: uvicorn.Config, *, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if not self.should_exit:
            print(self._ready, flush=True)  # noqa: T201 - the answer to the person who typed the command


def serve(
    *,
    host: str,
    port: int,
    data: Path,
    rp_id: str = "localhost",
    rp_name: str = "Unlatch",
    origins: tuple[str, ...] = (),
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        host: Name or address to listen on; ``localhost`` means both loopback addresses.
        port: Port; 0 takes a free one.
        data: Folder of the database.
        rp_id: Relying party id.
        rp_name: Name of the site.
        origins: Where people use the site; by default ``http://localhost:PORT``, or https on the RP ID.

    Raises:
        Misconfigured: It cannot start; the message says why and what to change.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(listening) for listening in _listen(host, port)]
        port = sockets[0].getsockname()[1]
        if not origins:
            origins = (f"http://localhost:{port}",) if rp_id == "localhost" else (f"https://{rp_id}",)
        settings = Settings(data=data, rp_id=rp_id, rp_name=rp_name, origins=origins)
        relying_party(settings)
        engine = open_database_file(data)
        upgrade(engine)
        start_logging()
        application = create_application(settings, Database(engine))
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
            proxy_headers=False,
        )
        # Uvicorn stops at these signals and then raises them again, for whoever was there before: nobody, so that the
        # program ends with exit code 0.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        _Server(config, ready=_ready(origins[0], port)).run(sockets=sockets)


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
