"""``python -m bench scaling``: twice the threads, twice the processes - how many times the sign-ins?

ES256 sign-ins through the library, by turns: one thread, two threads of one process, two processes. The floor beside
it says what this machine can give: two processes that only verify signatures.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import results
from bench.pool import Worker, workers
from bench.tasks import tasks
from unlatch.cli.bench.own import FLOOR, UNLATCH


def main(arguments: list[str]) -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench scaling")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--sign-ins", type=int, default=1000, help="of each thread or process, in each round")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    rounds, times = (3, 100) if chosen.quick else (chosen.rounds, chosen.sign_ins)
    (task,) = tasks(("authentication ES256",))
    rows = []
    with results.bar("scaling", 2 * rounds) as progress:
        for name in (UNLATCH, FLOOR):
            with workers((name,)) as first, workers((name,)) as second:
                pair = [first[name], second[name]]
                for worker in pair:
                    worker.prepare(task)
                    worker.run(times)
                rows.append({"row": name, **_measure(pair, rounds, times, progress)})
    results.write(chosen, "scaling", {"rounds": rounds, "sign_ins": times, "rows": rows})


def _measure(pair: list[Worker], rounds: int, times: int, progress: Callable[[], None]) -> dict[str, Any]:
    ways: dict[str, Callable[[], float]] = {
        "one": lambda: times / pair[0].ask({"run": times})["wall"] * 1e9,
        "two threads": lambda: 2 * times / pair[0].ask({"run": times, "threads": 2})["wall"] * 1e9,
        "two processes": lambda: _both(pair, times),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, run in ways.items():
            rates[way].append(run())
        progress()
    return {
        "per_second": {way: round(statistics.median(each)) for way, each in rates.items()},
        "scaling": {
            way: round(statistics.median(two / one for one, two in zip(rates["one"], each, strict=True)), 2)
            for way, each in rates.items()
            if way != "one"
        },
    }


def _both(pair: list[Worker], times: int) -> float:
    began = time.perf_counter()
    for worker in pair:
        worker.tell({"run": times})
    for worker in pair:
        worker.answer()
    return 2 * times / (time.perf_counter() - began)
