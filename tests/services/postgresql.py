"""A private PostgreSQL server."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from parts import path_of
from services.private import Server, folder_for, run_as, succeeds, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgresql() -> Iterator[Server]:
    """Start PostgreSQL with an empty cluster; `url` says where it is."""
    programs = Path(path_of("postgresql"))
    owner = unprivileged("postgres")
    with folder_for("pg", owner) as folder:
        data = folder / "data"
        run_as(
            owner,
            [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"],
            folder=folder,
        )
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder)]
        for setting in ("listen_addresses=", "max_connections=150", "shared_buffers=32MB"):
            command += ["-c", setting]
        ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
        server = Server(folder, command, owner, signal.SIGINT, lambda: succeeds(ready))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def url(server: Server) -> str:
    """For SQLAlchemy, blocking and asynchronous."""
    return f"postgresql+psycopg://postgres@/postgres?host={server.folder}"
