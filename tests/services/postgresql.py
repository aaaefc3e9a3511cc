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
def postgresql(*settings: str) -> Iterator[Server]:
    """Start PostgreSQL with an empty cluster; `url` and `dsn` say where it is.

    Args:
        settings: Further settings: ``"max_connections=250"``.
    """
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
        for setting in ("listen_addresses=", "max_connections=150", "shared_buffers=32MB", *settings):
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


def dsn(server: Server, database: str = "postgres", user: str = "postgres") -> str:
    """For the driver alone."""
    return f"host={server.folder} user={user} dbname={database}"
