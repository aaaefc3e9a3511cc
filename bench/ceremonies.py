"""``python -m bench ceremonies``: every row, everybody in one run.

In each round everybody does a batch of the same task, in an order that is drawn anew: what disturbs the machine
disturbs all of them alike. A ratio is the median of the ratios of single rounds, so a slow minute does not count.
Processor time, not wall time; with garbage collection, as in life.
"""

from __future__ import annotations

import argparse
import random
import statistics
from typing import Any

from bench import results
from bench.pool import KEPT, PLACES, Worker, workers
from bench.tasks import NAMES, tasks
from unlatch.cli.bench.own import FLOOR, FLOOR_KEY_AT_HAND, UNLATCH

#: Everybody's batch takes about as long, in nanoseconds: long against the clock's grain, short against disturbances.
_BATCH, _QUICK_BATCH = 15_000_000, 1_000_000
#: Runs before anything counts, in batches; node translates to machine code meanwhile.
_WARM_UP = 20


def main(arguments: list[str]) -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench ceremonies", description=str(__doc__).partition("\n")[2])
    parser.add_argument("--rounds", type=int, default=100, help="batches that everybody does of each row")
    parser.add_argument("--row", action="append", choices=NAMES, help="only this row; may be given several times")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    names = tuple(chosen.row or NAMES)
    rounds, batch = (5, _QUICK_BATCH) if chosen.quick else (chosen.rounds, _BATCH)
    with workers() as everybody, results.bar("ceremonies", len(names) * rounds) as progress:
        rows = [measure(everybody, task, rounds=rounds, batch=batch, progress=progress) for task in tasks(names)]
        versions = {name: worker.version for name, worker in everybody.items()}
    results.write(chosen, "ceremonies", {"rounds": rounds, "versions": versions, "rows": rows})


def measure(
    everybody: dict[str, Worker], task: dict[str, Any], *, rounds: int, batch: int, progress: Any
) -> dict[str, Any]:
    """One row: ratios first."""
    cannot: dict[str, str] = {}
    able: dict[str, Worker] = {}
    for name, worker in everybody.items():
        reason = _prepare(name, worker, task)
        if reason is None:
            able[name] = worker
        elif name in PLACES and name not in (FLOOR, FLOOR_KEY_AT_HAND, KEPT):
            cannot[name] = reason
    if UNLATCH not in able:
        raise RuntimeError(f"{task['row']}: {cannot[UNLATCH]}")
    sizes = {name: _size(worker, batch) for name, worker in able.items()}
    taken: dict[str, list[float]] = {name: [] for name in able}
    order = list(able)
    # A fixed seed: the order shall be mixed, not secret.
    shuffle = random.Random(20).shuffle  # noqa: S311 - an order of batches, no secret
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            taken[name].append(able[name].run(sizes[name]) / sizes[name] / 1000)
        progress()
    return {
        "row": task["row"],
        "ratios": _ratios(taken),
        "microseconds": {name: _summary(times) for name, times in taken.items()},
        "cannot": cannot,
    }


def _prepare(name: str, worker: Worker, task: dict[str, Any]) -> str | None:
    if name in (FLOOR, FLOOR_KEY_AT_HAND) and task["kind"] != "authentication":
        # What a registration is measured by: an ES256 signature with its key to build, as for a sign-in.
        if name == FLOOR_KEY_AT_HAND or task["kind"] != "registration":
            return "nothing is signed"
        return worker.prepare(next(tasks(("authentication ES256",))))
    return worker.prepare(task)


def _size(worker: Worker, batch: int) -> int:
    """How many runs take about as long as a batch shall."""
    worker.run(5)
    size = max(1, round(batch * 5 / max(1, worker.run(5))))
    worker.run(_WARM_UP * size)
    return max(1, round(batch * size / max(1, worker.run(size))))


def _ratios(taken: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """How many times as long a peer takes as we do; for what is below us, how many times as long we take."""
    ours = taken[UNLATCH]
    found = {}
    for name, times in taken.items():
        below = name in (FLOOR, FLOOR_KEY_AT_HAND, KEPT)
        each = [own / other if below else other / own for own, other in zip(ours, times, strict=True)]
        low, value, high = statistics.quantiles(each, n=4)
        if name != UNLATCH:
            found[name] = {"value": round(value, 3), "low": round(low, 3), "high": round(high, 3)}
    return found


def _summary(times: list[float]) -> dict[str, Any]:
    low, median, high = statistics.quantiles(times, n=4)
    return {
        "median": round(median, 1),
        "minimum": round(min(times), 1),
        "quartiles": [round(low, 1), round(high, 1)],
    }
