"""A private PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from parts import path_of
from services.private import Server, folder_for, run_as, succeeds, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgresql(*settings: str, extensions: bool = False) -> Iterator[Server]:
    """Start PostgreSQL with an empty cluster; `url` and `dsn` say where it is.

    Args:
        settings: Further settings: ``"max_connections=250"``.
        extensions: Whether it looks for extensions in a folder of its own, `extension_folder`.
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
        program = _with_own_extensions(programs, folder) if extensions else programs / "postgres"
        command = [str(program), "-D", str(data), "-k", str(folder)]
        for setting in ("listen_addresses=", "max_connections=150", "shared_buffers=32MB", *settings):
            command += ["-c", setting]
        ready = [str(programs / "pg_isready"), "-q", "-h", str(folder)]
        server = Server(folder, command, owner, signal.SIGINT, lambda: succeeds(ready))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def extension_folder(server: Server) -> Path:
    """Where to put control files and scripts of extensions."""
    (folder,) = server.folder.glob("tree/share/**/extension")
    return folder


def _with_own_extensions(programs: Path, folder: Path) -> Path:
    """A copy of the server in a tree of links: it looks for its files relative to where it lies itself."""
    share = Path(
        subprocess.run(
            [programs / "pg_config", "--sharedir"], capture_output=True, check=True, text=True
        ).stdout.strip()
    )
    prefix = Path(os.path.commonpath((programs, share)))
    tree = folder / "tree"
    bin_folder, share_folder = tree / programs.relative_to(prefix), tree / share.relative_to(prefix)
    own = share_folder / "extension"
    for new in (bin_folder, own):
        new.mkdir(parents=True)
    (bin_folder.parent / "lib").symlink_to(programs.parent / "lib")
    for source, target in ((share, share_folder), (share / "extension", own)):
        for item in source.iterdir():
            if item.name != "extension":
                (target / item.name).symlink_to(item)
    return Path(shutil.copy2(programs / "postgres", bin_folder))


def url(server: Server) -> str:
    """For SQLAlchemy, blocking and asynchronous."""
    return f"postgresql+psycopg://postgres@/postgres?host={server.folder}"


def dsn(server: Server, database: str = "postgres", user: str = "postgres") -> str:
    """For the driver alone."""
    return f"host={server.folder} user={user} dbname={database}"
