"""The servers that are measured, each started anew with its database, and stopped at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bench.pool import ROOT
from bench.sign_ins import family

OURS, PEER = "unlatch serve", "Flask + py_webauthn"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL + Redis"
_PEER_PROGRAMS = ROOT / ".venv-bench-peer-server" / "bin"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers.

    Attributes:
        name: Which.
        url: Where.
        process: Its first process.
    """

    name: str
    url: str
    process: int

    @property
    def processes(self) -> list[int]:
        """All of its processes."""
        return family(self.process)


@dataclass(frozen=True, slots=True)
class Stores:
    """What servers keep their things in.

    Attributes:
        name: `SQLITE` or `POSTGRESQL`.
        redis: Address of Redis; the peer has its challenges there whatever its database is.
        postgresql: SQLAlchemy's addresses of two databases by application; empty for SQLite.
        processes: Their first processes.
    """

    name: str
    redis: str
    postgresql: dict[str, str]
    processes: tuple[int, ...]


@contextmanager
def stores(name: str) -> Iterator[Stores]:
    """A private Redis, and with `POSTGRESQL` a private server of it: those that the tests start."""
    sys.path.insert(0, str(ROOT / "tests"))
    from services import postgresql, redis

    with redis.redis() as cache:
        cache_id = cache.process.pid if cache.process else 0
        if name == SQLITE:
            yield Stores(name, redis.url(cache), {}, (cache_id,))
            return
        with postgresql.postgresql("shared_buffers=128MB") as server:
            addresses = {
                each: _database(postgresql.url(server), f"db{index}") for index, each in enumerate((OURS, PEER))
            }
            yield Stores(name, redis.url(cache), addresses, (cache_id, server.process.pid if server.process else 0))


def _database(url: str, name: str) -> str:
    from sqlalchemy import create_engine, text

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = engine.url.set(database=name).render_as_string(hide_password=False)
    engine.dispose()
    return made


@contextmanager
def ours(kept: Stores, *, workers: int) -> Iterator[Running]:
    """`unlatch serve`; with PostgreSQL its ceremonies are in Redis."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--data", folder, "--workers", str(workers)]
        if kept.postgresql:
            database = kept.postgresql[OURS]
            _run([sys.executable, "-m", "unlatch.cli", "db", "upgrade", "--database", database], {})
            options += ["--database", database, "--redis", kept.redis]
        port = _free_port()
        command = [sys.executable, "-m", "unlatch.cli", "serve", "--port", str(port), *options]
        with _started(OURS, command, port, {}) as running:
            yield running


@contextmanager
def peer(kept: Stores, *, workers: int) -> Iterator[Running]:
    """The peer under gunicorn, with as many threads as it has connections in its pool."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        variables = {
            "DATABASE_URL": kept.postgresql[PEER] if kept.postgresql else f"sqlite:///{folder}/peer.sqlite3",
            "REDIS_URL": kept.redis,
            "ORIGIN": f"http://localhost:{port}",
            "SECRET_KEY": os.urandom(16).hex(),
        }
        _run([str(_PEER_PROGRAMS / "python"), "-c", "from bench.peer_server import app; app.prepare()"], variables)
        command = [str(_PEER_PROGRAMS / "gunicorn"), "--bind", f"localhost:{port}", "--worker-class", "gthread"]
        command += ["--workers", str(workers), "--threads", "8", "--keep-alive", "75", "--log-level", "error"]
        with _started(PEER, [*command, "bench.peer_server.app:app"], port, variables) as running:
            yield running


def _run(command: list[str], variables: dict[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env=_variables(variables), check=True, capture_output=True, timeout=120)


def _variables(variables: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), **variables}


@contextmanager
def _started(name: str, command: list[str], port: int, variables: dict[str, str]) -> Iterator[Running]:
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=_variables(variables), stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"{name} does not answer:\n{log.read()}")
                time.sleep(0.05)
            yield Running(name, f"http://localhost:{port}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(30)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=5):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
