"""A private MariaDB server."""

from __future__ import annotations

import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pymysql

from parts import path_of
from services.private import Server, folder_for, run_as, unprivileged

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def mariadb() -> Iterator[Server]:
    """Start MariaDB with an empty database `test`; `url` says where it is."""
    program = path_of("mariadb")
    installer = shutil.which("mariadb-install-db") or "mysql_install_db"
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
                "--innodb-flush-log-at-trx-commit=0",
            ],
            owner,
            signal.SIGTERM,
            lambda: _answers(str(folder / "socket")),
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def url(server: Server, *, driver: str = "pymysql") -> str:
    """For SQLAlchemy: `pymysql` blocks, `aiomysql` and `asyncmy` are awaited."""
    return f"mariadb+{driver}://root@localhost/test?unix_socket={server.folder / 'socket'}"


def _answers(socket: str) -> bool:
    try:
        with pymysql.connect(unix_socket=socket, user="root") as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE IF NOT EXISTS test")
    except pymysql.MySQLError:
        return False
    return True
