"""Many at once, a crash in the middle, and a dump: single use and counters hold (PG-17)."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import psycopg

from postgres.databases import ADA, Caller, browser, create, dump_and_restore

if TYPE_CHECKING:
    from services.private import Server

MANY = 200


def test_one_assertion_is_verified_by_200_connections_at_once(database: str) -> None:
    laptop = browser(counter=0)
    with psycopg.connect(database) as connection:
        caller = Caller(connection)
        caller.sign_up(laptop)
        answer = laptop.get(caller.begin_sign_in())
        connection.commit()
        barrier = Barrier(MANY)

        def verify(_: int) -> Any:
            with psycopg.connect(database, autocommit=True) as own:
                barrier.wait()
                try:
                    return Caller(own).verify(answer)
                except psycopg.errors.UniqueViolation as error:
                    return error.diag.constraint_name

        with ThreadPoolExecutor(MANY) as threads:
            answers = list(threads.map(verify, range(MANY)))
        assert answers.count(ADA) == 1
        assert answers.count("assertions_pkey") == MANY - 1
        assert caller.value("SELECT count(*) FROM webauthn.assertions") == 1
        assert caller.value("SELECT sign_count FROM webauthn.credential_uses") == 1


def test_different_sign_ins_of_one_credential_at_once(database: str) -> None:
    """Each counter is compared with the one before it: of two that cross, the lower is refused or came first."""
    laptop = browser(counter=0)
    with psycopg.connect(database) as connection:
        caller = Caller(connection)
        caller.sign_up(laptop)
        answers = [laptop.get(caller.begin_sign_in()) for _ in range(6)]
        connection.commit()

        def verify(answer: Any) -> Any:
            with psycopg.connect(database, autocommit=True) as own:
                try:
                    return Caller(own).verify(answer)
                except psycopg.errors.CheckViolation as error:
                    return error.diag.constraint_name

        with ThreadPoolExecutor(6) as threads:
            given = list(threads.map(verify, answers))
        assert set(given) <= {ADA, "sign_count_regressed"}
        assert given[-1] == ADA
        kept = connection.execute("SELECT sign_count FROM webauthn.assertions ORDER BY ctid").fetchall()
        assert kept == sorted(kept)
        assert caller.value("SELECT sign_count FROM webauthn.credential_uses") == 6


def test_a_crash_in_the_middle(database: str, postgres_server: Server) -> None:
    """What was answered with a user id is there after it; what was not is not, and can be tried again."""
    laptop = browser(counter=0)
    begun: list[Any] = []
    confirmed: list[str] = []
    enough = Event()

    def sign_in_again_and_again() -> None:
        try:
            with psycopg.connect(database, autocommit=True) as own:
                caller = Caller(own)
                while True:
                    answer = laptop.get(caller.begin_sign_in())
                    begun.append(answer)
                    if caller.verify(answer) == ADA:
                        confirmed.append(answer["response"]["signature"])
                    if len(confirmed) >= 5:
                        enough.set()
        except psycopg.OperationalError:
            enough.set()

    with psycopg.connect(database) as connection:
        Caller(connection).sign_up(laptop)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(sign_in_again_and_again)
        enough.wait(60)
        postgres_server.stop(signal.SIGQUIT)  # as `pg_ctl stop -m immediate`: no checkpoint, nothing is finished
        running.result()
    postgres_server.start()
    with psycopg.connect(database) as connection:
        caller = Caller(connection)
        query = "SELECT webauthn.base64url_encode(signature) FROM webauthn.assertions"
        kept = {row[0] for row in connection.execute(query)}
        assert kept >= set(confirmed)
        assert len(kept - set(confirmed)) <= 1  # it may have been committed, and the answer lost
        assert caller.value("SELECT sign_count FROM webauthn.credential_uses") == len(kept)
        last = begun[-1]
        if last["response"]["signature"] in kept:
            assert caller.refusal(caller.verify, last) == ("23505", "assertions_pkey")
        else:
            assert caller.verify(last) == ADA
        assert caller.sign_in(laptop) == ADA


def test_defect_8_a_dump_restores_in_one_pass(database: str, postgres_server: Server) -> None:
    """Into an empty database of the same server; roles and rights go with it."""
    laptop = browser(counter=0)
    with psycopg.connect(database) as connection:
        caller = Caller(connection)
        caller.sign_up(laptop)
        caller.sign_in(laptop)
        used = laptop.get(caller.begin_sign_in())
        caller.verify(used)
        copy = create(postgres_server, f"{connection.info.dbname}_copy")
    dump_and_restore(database, copy)
    with psycopg.connect(copy) as connection:
        caller = Caller(connection)
        connection.execute("SELECT")
        assert caller.refusal(caller.verify, used) == ("23505", "assertions_pkey")
        assert caller.sign_in(laptop) == ADA
        laptop.authenticator.credentials[0].sign_count = 1
        answer = laptop.get(caller.begin_sign_in())
        assert caller.refusal(caller.verify, answer) == ("23514", "sign_count_regressed")
