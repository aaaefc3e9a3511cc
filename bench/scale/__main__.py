"""Make the rows, let people sign in, write down what the database took."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from bench.scale import plot
from bench.scale.people import ORIGIN, Doorway, Everybody
from bench.scale.rows import fill
from unlatch.cli.bench import report
from unlatch.server.database import Database
from unlatch.server.engines import open_database
from unlatch.server.migrate import upgrade
from unlatch.server.schema import ceremonies, ceremony_uses
from unlatch.server.settings import CeremonyKeeping, Settings
from unlatch.server.sweeping import expiries, sweep

ROOT = Path(__file__).parents[2]

#: The goal: a sign-in among the many takes at most this many times as long as among the few.
LIMIT = 1.3

_WARM_UP = 100
_SWEEP_SECONDS = 30.0


def main(options: list[str] | None = None) -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="passkeys, and expired ceremonies, of the many")
    parser.add_argument("--few", type=int, default=1_000, help="the same, of the few")
    parser.add_argument("--sign-ins", type=int, default=4_000, help="at each database, with each keeping")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results", help="folder of the results")
    arguments = parser.parse_args(options)
    everybody = Everybody()
    with _server() as url, tempfile.TemporaryDirectory() as folder:
        value = _measure(url, Path(folder), everybody, arguments)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "scale.json").write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    (arguments.results / "scale.svg").write_text(plot.svg(value), "utf-8")
    for line in plot.sentences(value):
        print(line)


def _measure(url: str, folder: Path, everybody: Everybody, arguments: argparse.Namespace) -> dict[str, Any]:
    sizes = {"few": arguments.few, "many": arguments.rows}
    places = {
        name: Settings(data=folder, database=_database(url, name), origins=(ORIGIN,), seal_keys=(bytes(32),))
        for name in sizes
    }
    for name, settings in places.items():
        engine = open_database(settings, answer_seconds=None)
        upgrade(engine)
        with _bar(f"{sizes[name]:,} passkeys") as progress:
            fill(engine, everybody.record, rows=sizes[name], progress=progress)
        engine.dispose()
    value: dict[str, Any] = {"machine": report.machine(), "rows": sizes, "limit": LIMIT, "milliseconds": {}}
    value["load"] = round(os.getloadavg()[0], 1)  # programs that wanted a processor: what else the machine did
    for keeping in (CeremonyKeeping.SEALED, CeremonyKeeping.DATABASE):
        doorways = {
            name: Doorway(
                open_database(settings), replace(settings, ceremonies=keeping), everybody=everybody, rows=sizes[name]
            )
            for name, settings in places.items()
        }
        value["milliseconds"][str(keeping)] = _sign_ins(doorways, arguments.sign_ins, label=f"signing in, {keeping}")
        if keeping is CeremonyKeeping.DATABASE:
            value["sweep"] = _sweep(doorways["many"], places["many"])
        for doorway in doorways.values():
            doorway.close()
    return value


def _sign_ins(doorways: dict[str, Doorway], times: int, *, label: str) -> dict[str, Any]:
    """By turns, so that whatever else the machine does disturbs both alike."""
    samples: dict[str, list[float]] = {name: [] for name in doorways}
    with _bar(label) as progress:
        for number in range(-min(_WARM_UP, times), times):
            for name, doorway in doorways.items():
                milliseconds = doorway.sign_in()
                if number >= 0:
                    samples[name].append(milliseconds)
            progress(max(number, 0) / times)
    found = {name: _quantiles(each) for name, each in samples.items()}
    return {**found, "ratio": {key: round(found["many"][key] / found["few"][key], 3) for key in ("median", "p99")}}


def _sweep(doorway: Doorway, settings: Settings) -> dict[str, Any]:
    """Sweep what is over while people go on signing in, for `_SWEEP_SECONDS` at most."""
    engine = open_database(settings, answer_seconds=None)
    database = Database(engine)
    before = _over(engine)
    started = time.monotonic()

    async def run() -> None:
        what = expiries(now=datetime.now(UTC), settings=settings)
        with suppress(TimeoutError):
            await asyncio.wait_for(sweep(database, what), _SWEEP_SECONDS)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    samples = []
    while thread.is_alive():
        samples.append(doorway.sign_in())
    seconds = time.monotonic() - started
    swept = before - _over(engine)
    database.close()
    return {
        "rows": swept,
        "seconds": round(seconds, 1),
        "sign_ins_meanwhile": len(samples),
        "milliseconds": _quantiles(samples),
    }


def _over(engine: Engine) -> int:
    """How many rows are over."""
    counts = [f"(SELECT count(*) FROM {table.name})" for table in (ceremonies, ceremony_uses)]  # noqa: S608 - names of our own
    with engine.connect() as connection:
        found: int = connection.execute(text(f"SELECT {' + '.join(counts)}")).scalar_one()
    return found


def _quantiles(samples: list[float]) -> dict[str, float]:
    ordered = sorted(samples)
    last = len(ordered) - 1
    parts = {"p10": 0.1, "median": 0.5, "p90": 0.9, "p99": 0.99}
    return {name: round(ordered[round(part * last)], 4) for name, part in parts.items()}


def _database(url: str, name: str) -> str:
    engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = engine.url.set(database=name).render_as_string(hide_password=False)
    engine.dispose()
    return made


@contextmanager
def _server() -> Iterator[str]:
    """A private PostgreSQL, gone at the end: the one that the tests start."""
    sys.path.insert(0, str(ROOT / "tests"))
    from services import postgresql

    with postgresql.postgresql() as server:
        yield postgresql.url(server)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on a terminal; elsewhere one line when it is done."""
    import click

    with click.progressbar(length=1000, label=label, file=sys.stderr) as bar:
        yield lambda part: bar.update(int(part * 1000) - bar.pos)


if __name__ == "__main__":
    main()
