"""Measure all rows, one after another, each with everybody in one run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from unlatch.cli.bench import clock, own, report
from unlatch.cli.bench.ceremonies import ROWS, Recorded, Row, possible, record_ceremony

Contenders = Callable[[Recorded], dict[str, Callable[[], object]]]

_BAR = 30


def ourselves(ceremony: Recorded) -> dict[str, Callable[[], object]]:
    """Us and the floor, nobody else."""
    functions: dict[str, Callable[[], object]] = {own.UNLATCH: own.finish(ceremony)}
    return functions | own.floors(ceremony) if ceremony.row.kind == "authentication" else functions


def measure(
    contenders: Contenders, *, rounds: int, rows: Iterable[Row] = ROWS, output: TextIO = sys.stderr
) -> list[dict[str, Any]]:
    """Measure.

    Args:
        contenders: Who takes part in a ceremony, by name; `own.UNLATCH` must.
        rounds: How often each of them finishes each ceremony.
        rows: Which ceremonies; those that this version cannot play are left out.
        output: Where a progress bar is drawn, if it is a terminal.

    Returns:
        One `report.row_to_json` for each row.
    """
    # What a registration is measured by: it has no signature of its own to verify, or one more.
    floor = own.floors(record_ceremony(ROWS[0]))[own.FLOOR]
    chosen = [row for row in rows if possible(row)]
    results = []
    for number, row in enumerate(chosen):
        functions = {own.FLOOR: floor, **contenders(record_ceremony(row))}
        bar = _Bar(output, f"{number + 1}/{len(chosen)} {row.name}")
        samples = clock.interleave(functions, rounds=rounds, progress=bar.show)
        bar.clear()
        results.append(report.row_to_json(row, samples))
    return results


class _Bar:
    """A progress bar on one line of a terminal; silent elsewhere."""

    def __init__(self, output: TextIO, label: str) -> None:
        self._output = output if output.isatty() else None
        self._label = label

    def show(self, part: float) -> None:
        """Draw it."""
        if self._output is not None:
            full = int(part * _BAR)
            self._output.write(f"\r\x1b[K[{'=' * full}{' ' * (_BAR - full)}] {self._label}")
            self._output.flush()

    def clear(self) -> None:
        """Leave the line empty."""
        if self._output is not None:
            self._output.write("\r\x1b[K")
            self._output.flush()
