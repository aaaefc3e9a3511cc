"""/health: what a supervisor and a load balancer are told while parts of the server come and go."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from live_server import PATIENCE, LiveServer, problem
from services import postgresql, redis
from unlatch.server.engines import open_database
from unlatch.server.migrate import downgrade, upgrade
from unlatch.server.settings import Settings


def ready(server):
    """Status and detail of the answer, asked by somebody who is not a browser."""
    answer = httpx.get(f"{server.url}/health/ready", timeout=PATIENCE, verify=False)
    if answer.status_code == 200:
        assert answer.json() == {"status": "ready"}
        return 200, ""
    assert problem(answer) == (503, "not_ready")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"
    return 503, answer.json()["detail"]


def becomes(server, expected):
    """Wait until the answer is this one."""
    deadline = time.monotonic() + PATIENCE
    while (answer := ready(server)) != expected:
        assert time.monotonic() < deadline, f"{answer}, not {expected}"
        time.sleep(0.1)


def live(server):
    answer = httpx.get(f"{server.url}/health/live", timeout=PATIENCE, verify=False)
    return answer.status_code == 200 and answer.json() == {"status": "live"}


@pytest.mark.needs("postgresql", "redis")
def test_ready_is_what_the_server_needs_and_live_is_the_process(tmp_path):
    with postgresql.postgresql() as database, redis.redis() as waiting:
        url = postgresql.url(database)
        with LiveServer(tmp_path / "data", "--database", url, "--redis", redis.url(waiting)) as server:
            assert ready(server) == (200, "")

            waiting.stop()
            becomes(server, (503, "Redis does not answer."))
            assert live(server)
            waiting.start()
            becomes(server, (200, ""))

            database.stop()
            becomes(server, (503, "The database does not answer."))
            assert live(server)
            database.start()
            becomes(server, (200, ""))

            # It hangs: the connection stands, nothing comes.
            assert database.process is not None
            hang(database, signal.SIGSTOP)
            try:
                started = time.monotonic()
                becomes(server, (503, "Nothing answered within 2 seconds."))
                assert live(server)
                assert time.monotonic() - started < 30
            finally:
                hang(database, signal.SIGCONT)
            becomes(server, (200, ""))

            engine = open_database(Settings(data=tmp_path, database=url))
            downgrade(engine, "0001", lose=False)
            becomes(server, (503, "The database has not been upgraded."))
            upgrade(engine)
            becomes(server, (200, ""))
            # While a newer version is rolled out, the older one goes on serving.
            with engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            time.sleep(1.1)
            assert ready(server) == (200, "")
            engine.dispose()


def hang(server, number):
    """Stop or continue the backends of PostgreSQL: they are children of the process that was started."""
    parent = server.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for child in [parent, *map(int, children)]:
        os.kill(child, number)
