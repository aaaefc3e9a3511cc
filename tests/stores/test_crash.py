"""Servers and programs that are killed: nothing that was confirmed is lost, nothing that was used comes back."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine

from services import mariadb, postgresql
from services.private import Server
from stores.sql import database
from unlatch.errors import CeremonyRefused, Unavailable
from unlatch.stores.contract import NOW, sample_record, sample_state
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCeremonyUses, SqlCredentials, create_sqlite_engine, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Registers and signs in for ever, and says what it has confirmed: the ceremony, the credential and its counter.
WORKER = """
import sys
from unlatch import Passkeys, RelyingParty, UserEntity
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCredentials, create_sqlite_engine
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

engine = create_sqlite_engine(sys.argv[1])
passkeys = Passkeys(
    RelyingParty(id="example.org"), credentials=SqlCredentials(engine), ceremonies=SqlCeremonies(engine)
)
while True:
    browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator(counter=1))
    begun = passkeys.begin_registration(UserEntity(b"ada", "ada"))
    registration = passkeys.finish_registration(begun.id, browser.create(begun.options.to_json()))
    print(begun.id, registration.record.id.hex(), registration.record.sign_count, flush=True)
    begun = passkeys.begin_authentication()
    authentication = passkeys.finish_authentication(begun.id, browser.get(begun.options.to_json()))
    print(begun.id, authentication.record.id.hex(), authentication.record.sign_count, flush=True)
"""


def test_a_killed_program_leaves_a_consistent_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite3"
    with database(path):
        pass
    confirmed: dict[bytes, int] = {}
    used: list[str] = []
    for seconds in (0.3, 0.5, 0.4):
        with subprocess.Popen([sys.executable, "-c", WORKER, str(path)], stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            lines = [worker.stdout.readline()]  # it is at work
            time.sleep(seconds)
            worker.kill()
            lines += worker.stdout.read().splitlines()
        for line in lines:
            # The last line may have been cut off, in the pipe or before it.
            if len(fields := line.split()) == 3:
                used.append(fields[0])
                confirmed[bytes.fromhex(fields[1])] = int(fields[2])
    engine = create_sqlite_engine(path)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    stored = {record.id: record.sign_count for record in SqlCredentials(engine).for_user(b"ada")}
    assert len(confirmed) > 3
    assert all(stored[credential_id] >= count for credential_id, count in confirmed.items())
    # Each kill can have come between the commit and the line that tells of it.
    assert len(stored) <= len(confirmed) + 3
    assert all(SqlCeremonies(engine).take(ceremony_id, NOW.replace(year=2000)) is None for ceremony_id in used)
    engine.dispose()


@pytest.fixture(
    params=[
        pytest.param(postgresql.postgresql, marks=pytest.mark.needs("postgresql")),
        pytest.param(mariadb.mariadb, marks=pytest.mark.needs("mariadb")),
    ]
)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[Server, str]]:
    """A server of the test's own, to be killed."""
    with request.param() as server:
        url = postgresql.url if request.param is postgresql.postgresql else mariadb.url
        yield server, url(server)


# PyMySQL forgets to close the socket of a connection that it could not make.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_killed_server_comes_back_with_all_that_it_confirmed(server: tuple[Server, str]) -> None:
    running, url = server
    engine = create_engine(url)
    metadata.create_all(engine)
    credentials, ceremonies, uses = SqlCredentials(engine), SqlCeremonies(engine), SqlCeremonyUses(engine)
    credentials.add(sample_record(b"before"))
    taken, waiting = ceremonies.put(sample_state()), ceremonies.put(sample_state())
    assert ceremonies.take(taken, NOW) is not None
    uses.use(bytes(32), now=NOW, until=NOW)

    running.stop(signal.SIGKILL)
    calls: list[Callable[[], Any]] = [
        lambda: credentials.get(b"before"),
        lambda: credentials.add(sample_record(b"during")),
        lambda: ceremonies.take(waiting, NOW),
        lambda: uses.use(b"x" * 32, now=NOW, until=NOW),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            call()
    gc.collect()  # what PyMySQL left, while it is expected

    running.start()
    assert ceremonies.take(taken, NOW) is None
    assert ceremonies.take(waiting, NOW) == sample_state()
    assert credentials.get(b"before") == sample_record(b"before")
    assert credentials.get(b"during") is None
    with pytest.raises(CeremonyRefused):
        uses.use(bytes(32), now=NOW, until=NOW)
    engine.dispose()
