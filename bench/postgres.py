"""``python -m bench postgres``: sign-ins through SQL, both backends, on a private server."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import psycopg

from bench import results
from postgres.databases import Caller, browser, copy_packages, create, install_into
from services import postgresql
from unlatch.postgres.script import Backend
from unlatch.testing.keys import KeyPair

#: What `verify_signature` is asked for alone, as COSE identifiers.
_ALGORITHMS = {-7: "ES256", -257: "RS256", -8: "Ed25519"}


def main(arguments: list[str]) -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench postgres", description=__doc__)
    parser.add_argument("--sign-ins", type=int, help="how many a backend (400; with --quick 20)")
    parser.add_argument("--connections", type=int, default=2, help="at once (2)")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    number = chosen.sign_ins or (20 if chosen.quick else 400)
    backends = []
    with (
        postgresql.postgresql("synchronous_commit=off") as server,
        results.bar("postgres", len(Backend) * (1 + len(_ALGORITHMS))) as step,
    ):
        packages = copy_packages(server)
        for backend in Backend:
            dsn = create(server, backend.value)
            install_into(dsn, backend, packages)
            rate = _sign_ins(dsn, number, chosen.connections)
            step()
            verifies = {}
            for algorithm, name in _ALGORITHMS.items():
                verifies[name] = round(_verify(dsn, algorithm))
                step()
            backends.append({"backend": str(backend), "rate": round(rate), "microseconds": verifies})
    results.write(chosen, "postgres", {"connections": chosen.connections, "backends": backends})


def _sign_ins(dsn: str, number: int, connections: int) -> float:
    """Finished sign-ins a second; they were begun and answered before."""
    people = []
    with psycopg.connect(dsn) as connection:
        caller = Caller(connection)
        for person in range(connections):
            laptop = browser(counter=None)
            caller.sign_up(laptop, name=f"person{person}", user_id=b"%d" % person)
            # The first one of a session imports or plans, and is not counted.
            people.append([laptop.get(caller.begin_sign_in(None)) for _ in range(number // connections + 1)])

    def finish(answers: list[dict[str, Any]]) -> tuple[float, float]:
        with psycopg.connect(dsn, autocommit=True) as own:
            caller = Caller(own)
            caller.verify(answers[0])
            began = time.perf_counter()
            for answer in answers[1:]:
                if caller.verify(answer) is None:
                    raise RuntimeError("a sign-in was refused")
            return began, time.perf_counter()

    with ThreadPoolExecutor(connections) as threads:
        spans = list(threads.map(finish, people))
    return number / (max(end for _, end in spans) - min(began for began, _ in spans))


def _verify(dsn: str, algorithm: int, *, times: int = 30) -> float:
    """Microseconds of one `verify_signature`, in one query."""
    key = KeyPair.generate(algorithm)
    query = """
        SELECT count(*) FILTER (WHERE webauthn.verify_signature(%s, signed.data, signed.signature))
        FROM unnest(%s::bytea[], %s::bytea[]) AS signed (data, signature)
    """
    with psycopg.connect(dsn) as connection:
        samples = [secrets.token_bytes(69) for _ in range(times)]
        arguments = [key.encoded, samples, [key.sign(sample) for sample in samples]]
        connection.execute(query, arguments)  # the first one imports or plans
        began = time.perf_counter()
        row: Any = connection.execute(query, arguments).fetchone()
        if row[0] != times:
            raise RuntimeError("a signature was refused")
        return (time.perf_counter() - began) / times * 1e6
