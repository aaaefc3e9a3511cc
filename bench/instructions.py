"""How many machine instructions one ceremony takes: a measure that no busy machine disturbs.

Valgrind counts every instruction of a process. The same work is done a few times and many times, in two processes;
the difference, divided, is one ceremony without the start of Python. Run `python -m bench.instructions [ROW...]`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.contenders import contenders
from unlatch.cli.bench.ceremonies import ROWS, Recorded, possible, record_ceremony

_FEW, _MANY = 5, 35
_COUNT = re.compile(r"I\s+refs:\s+([\d,]+)")


def available() -> bool:
    """Whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def count(ceremony: Recorded, name: str) -> int:
    """Instructions that one ceremony takes with one contender.

    Raises:
        RuntimeError: Valgrind failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ceremony.json"
        file.write_text(ceremony.to_json())
        few, many = (
            _instructions([sys.executable, "-m", "bench.instructions", str(file), name, str(n)]) for n in (_FEW, _MANY)
        )
    return (many - few) // (_MANY - _FEW)


def _instructions(command: list[str]) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    # A fixed seed: dictionaries must have the same layout in both processes.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    result = subprocess.run([*valgrind, *command], check=False, env=environment, capture_output=True, text=True)
    found = _COUNT.search(result.stderr)
    if result.returncode or found is None:
        raise RuntimeError(result.stderr)
    return int(found[1].replace(",", ""))


def _work(file: str, name: str, times: str) -> None:
    finish = contenders(Recorded.from_json(Path(file).read_text()), only=name)[name]
    for _ in range(int(times)):
        finish()


def main(arguments: list[str]) -> None:
    """Count for the named rows, or for the two that have a budget."""
    wanted = arguments or ["authentication ES256", "registration none"]
    for row in ROWS:
        if row.name in wanted and possible(row):
            ceremony = record_ceremony(row)
            for _name in contenders(ceremony):
                pass


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[3].isdigit():
        _work(*sys.argv[1:])
    else:
        main(sys.argv[1:])
