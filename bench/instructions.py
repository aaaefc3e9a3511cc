"""How many machine instructions one ceremony takes: a measure that no busy machine disturbs.

Valgrind counts every instruction of a process. The same work is done a few times and many times, in two processes;
the difference, divided, is one ceremony without the start of Python.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import results
from unlatch.cli.bench import own
from unlatch.cli.bench.ceremonies import ROWS, Recorded, record_ceremony

#: The rows that have a budget.
NAMES = ("authentication ES256", "registration none")
_FEW, _MANY = 5, 30
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def available() -> bool:
    """Whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def count(name: str, *, contender: str = own.UNLATCH) -> int:
    """Instructions that one ceremony of this row takes.

    Raises:
        RuntimeError: Valgrind failed.
    """
    recorded = record_ceremony(next(row for row in ROWS if row.name == name))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as both:
        file = Path(folder) / "ceremony.json"
        file.write_text(recorded.to_json())
        few, many = both.map(
            lambda times: _instructions(["-m", "bench.instructions", "--work", str(file), contender, str(times)]),
            (_FEW, _MANY),
        )
    return (many - few) // (_MANY - _FEW)


def _instructions(arguments: list[str]) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    # A fixed seed: dictionaries must have the same layout in both processes.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    result = subprocess.run(
        [*valgrind, sys.executable, *arguments], check=False, env=environment, capture_output=True, text=True
    )
    found = _COUNT.search(result.stderr)
    if result.returncode or found is None:
        raise RuntimeError(result.stderr)
    return int(found[1].replace(",", ""))


def _work(file: str, contender: str, times: str) -> None:
    """What runs under valgrind."""
    recorded = Recorded.from_json(Path(file).read_text())
    finish = own.finish(recorded) if contender == own.UNLATCH else own.floors(recorded)[contender]
    for _ in range(int(times)):
        finish()


def main(arguments: list[str]) -> None:
    """Count, and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench instructions")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    if not available():
        raise SystemExit("python -m bench instructions: needs valgrind (apt-get install valgrind)")
    counts = {}
    with results.bar("instructions", 1 if chosen.quick else len(NAMES) + 1) as progress:
        for name in NAMES[:1] if chosen.quick else NAMES:
            counts[name] = count(name)
            progress()
        if not chosen.quick:
            counts[own.FLOOR] = count(NAMES[0], contender=own.FLOOR)
            progress()
    results.write(chosen, "instructions", {"counts": counts})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        _work(*sys.argv[2:])
    else:
        main(sys.argv[1:])
