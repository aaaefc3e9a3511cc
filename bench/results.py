"""Where the figures go: one JSON file a benchmark, in `bench/results`; and what all benchmarks have in common."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from unlatch.cli.bench import report

FOLDER = Path(__file__).parent / "results"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every benchmark takes."""
    parser.add_argument("--quick", action="store_true", help="seconds in place of minutes: does it run?")
    parser.add_argument("--results", type=Path, help="folder of the results; bench/results, with --quick nowhere")


def write(chosen: argparse.Namespace, name: str, value: dict[str, Any]) -> None:
    """Write down what a benchmark found, with where and under which load, and print it as a table."""
    from bench import page

    value = {"machine": report.machine(), "load": round(os.getloadavg()[0], 1), **value}
    folder = chosen.results or (None if chosen.quick else FOLDER)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    print(page.SECTIONS[name](value))


def read(name: str) -> dict[str, Any] | None:
    """What was found last; None if nothing was."""
    file = FOLDER / f"{name}.json"
    value: dict[str, Any] | None = json.loads(file.read_text("utf-8")) if file.exists() else None
    return value


@contextmanager
def bar(label: str, length: int) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal, elsewhere one line; what to call after each step."""
    with click.progressbar(length=length, label=label, file=sys.stderr) as shown:
        yield lambda: shown.update(1)
