"""A private MariaDB server."""

from __future__ import annotations

import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pymysql

from parts import path_of
from services.private import Server, folder_for, run_as, succeeds, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def mariadb() -> Iterator[Server]:
    """Start MariaDB with an empty database `unlatch`; `url` says where it is."""
    program = path_of("mariadb")
    installer = shutil.which("mariadb-install-db") or "mysql_install_db"
    admin = shutil.which("mariadb-admin") or "mysqladmin"
    owner = unprivileged("mysql")
    with folder_for("my", owner) as folder:
        data = folder / "data"
        run_as(
            owner,
            [installer, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"],
            folder=folder,
        )
        server = Server(
            folder,
            [
                program,
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={folder / 'socket'}",
                f"--pid-file={folder / 'pid'}",
                "--skip-networking",
                "--innodb-buffer-pool-size=32M",
            ],
            owner,
            signal.SIGTERM,
            lambda: succeeds([admin, f"--socket={folder / 'socket'}", "ping"]),
        )
        server.start()
        try:
            connection = pymysql.connect(unix_socket=str(folder / "socket"), user="root")
            connection.cursor().execute("CREATE DATABASE unlatch")
            connection.close()
            yield server
        finally:
            server.stop()


def url(server: Server, *, driver: str = "pymysql") -> str:
    """For SQLAlchemy: `pymysql` blocks, `asyncmy` is awaited."""
    return f"mariadb+{driver}://root@localhost/unlatch?unix_socket={server.folder / 'socket'}"
