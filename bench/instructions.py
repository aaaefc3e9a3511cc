"""How many machine instructions one ceremony takes: a measure that no busy machine disturbs.

Valgrind counts every instruction of a process. The same work is done a few times and many times, in two processes;
the difference, divided, is one ceremony without the start of Python.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cryptography

from bench import results
from bench.pool import ROOT, WORKERS
from bench.tasks import tasks
from unlatch.cli.bench.own import FLOOR

#: The rows that have a budget.
NAMES = ("authentication ES256", "registration none")
_FEW, _MANY = 5, 30
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def available() -> bool:
    """Whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def count(name: str, *, mode: str = "unlatch") -> int:
    """Instructions that one ceremony of this row takes.

    Args:
        name: The row.
        mode: Of the worker: ``floor`` for the bare signature.

    Raises:
        RuntimeError: Valgrind failed.
    """
    (task,) = tasks((name,))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as both:
        file = Path(folder) / "task.json"
        file.write_text(json.dumps(task))
        few, many = both.map(lambda times: _instructions(mode, file, times), (_FEW, _MANY))
    return (many - few) // (_MANY - _FEW)


def _instructions(mode: str, file: Path, times: int) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    worker = [sys.executable, str(WORKERS / "ours.py"), mode, "--first", str(file), str(times)]
    # A fixed seed: dictionaries must have the same layout in both processes.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT / "src")}
    result = subprocess.run([*valgrind, *worker], check=False, env=environment, capture_output=True, text=True)
    found = _COUNT.search(result.stderr)
    if result.returncode or found is None:
        raise RuntimeError(result.stderr)
    return int(found[1].replace(",", ""))


def made_with() -> dict[str, Any]:
    """What decides the counts beside our own code."""
    return {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "cryptography": cryptography.__version__}


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
            counts[FLOOR] = count(NAMES[0], mode="floor")
            progress()
    results.write(chosen, "instructions", {"made_with": made_with(), "counts": counts})
