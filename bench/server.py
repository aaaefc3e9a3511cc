"""``python -m bench server``: complete sign-ins over HTTP, `unlatch serve` beside the peer application.

Both servers of a kind run at once, and the client visits them by turns, in several rounds: what disturbs the machine
disturbs both. Processor time is that of the servers' processes from /proc, the client's is not in it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import results
from bench.load.servers import OURS, PEER, POSTGRESQL, SQLITE, Running, Stores, ours, peer, stores
from bench.pool import ROOT, environment
from bench.sign_ins import family, processor_time

_CLIENTS = (1, 8, 64)
_WORKERS = (1, 2)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit found.

    Attributes:
        figures: Those of `bench.load.client.Counted`.
        watched: By how much the watched figures grew while it lasted.
    """

    figures: dict[str, float]
    watched: list[float]


def main(arguments: list[str]) -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench server")
    parser.add_argument("--seconds", type=float, default=4, help="of each visit")
    parser.add_argument("--rounds", type=int, default=3, help="visits to each server with each number of clients")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    databases, workers, clients = (SQLITE, POSTGRESQL), _WORKERS, _CLIENTS
    seconds, rounds = chosen.seconds, chosen.rounds
    if chosen.quick:
        workers, clients, seconds, rounds = (1,), (8,), 1.0, 1
    runs: list[dict[str, Any]] = []
    steps = len(databases) * len(workers) * len(clients) * rounds * 2
    with results.bar("server", steps) as progress:
        for database in databases:
            for number in workers:
                with (
                    stores(database) as kept,
                    ours(kept, workers=number) as one,
                    peer(kept, workers=number) as other,
                ):
                    for server in (one, other):
                        visit(server.url, clients=8, seconds=min(2.0, seconds))  # until everything is loaded
                    for crowd in clients:
                        visits: dict[str, list[dict[str, float]]] = {one.name: [], other.name: []}
                        for _ in range(rounds):
                            for server in (one, other):
                                visits[server.name].append(_measured(server, kept, crowd, seconds))
                                progress()
                        runs += [
                            {
                                "application": name,
                                "database": database,
                                "workers": number,
                                "clients": crowd,
                                **_median(each),
                            }
                            for name, each in visits.items()
                        ]
    results.write(chosen, "server", {"seconds": seconds, "rounds": rounds, "runs": runs, "ratios": ratios(runs)})


def visit(url: str, *, clients: int, seconds: float, watch: Callable[[], list[float]] = list) -> Visit:
    """Visit a server from a process of its own.

    Args:
        url: Where.
        clients: How many people sign in at the same time.
        seconds: How long.
        watch: What to read at the start, when everybody is registered, and at the end.
    """
    command = [sys.executable, "-m", "bench.load.client", url, "--clients", str(clients), "--seconds", str(seconds)]
    client = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if client.stdin is None or client.stdout is None or client.stdout.readline() != "ready\n":
        client.wait(60)
        raise RuntimeError("the client could not register; what it says stands above")
    before = watch()
    client.stdin.write("\n")
    client.stdin.flush()
    line = client.stdout.readline()
    after = watch()
    client.communicate(timeout=60)
    return Visit(json.loads(line), [one - other for one, other in zip(after, before, strict=True)])


def _measured(server: Running, kept: Stores, clients: int, seconds: float) -> dict[str, float]:
    def watch() -> list[float]:
        return [_seconds(server.process), sum(map(_seconds, kept.processes))]

    found = visit(server.url, clients=clients, seconds=seconds, watch=watch)
    cpu, behind = (1000 * taken / found.figures["count"] for taken in found.watched)
    rate = found.figures["count"] / found.figures["seconds"]
    return {"cpu": cpu, "database_cpu": behind, "rate": rate, "p50": found.figures["p50"], "p99": found.figures["p99"]}


def _seconds(first: int) -> float:
    """Processor time of a process and of all that it started; of those that ended as well."""
    while True:
        try:
            alive = sum(processor_time(family(first)))
            ended = Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[13:15]
        except OSError:
            if not Path(f"/proc/{first}").exists():
                raise
            continue  # one of them ended while it was looked at
        return alive + sum(map(int, ended)) / os.sysconf("SC_CLK_TCK")


def _median(visits: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(each[name] for each in visits), 3) for name in visits[0]}


def ratios(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many times better ours is: in processor time, in sign-ins a second, in the 99th percentile."""
    by_place = {(run["application"], run["database"], run["workers"], run["clients"]): run for run in runs}
    found = []
    for (name, database, workers, clients), own in by_place.items():
        if name == OURS:
            other = by_place[PEER, database, workers, clients]
            label = f"{database}, workers {workers}, clients {clients}"
            found.append(
                {
                    "label": label,
                    "cpu": round(other["cpu"] / own["cpu"], 2),
                    "rate": round(own["rate"] / other["rate"], 2),
                    "p99": round(other["p99"] / own["p99"], 2),
                }
            )
    return found
