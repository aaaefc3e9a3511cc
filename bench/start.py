"""``python -m bench start``: importing a library, and the first sign-in that a new process verifies.

Each is a process of its own, by turns with all others and with an interpreter that does nothing, whose time is taken
off. Processor time as the system counts it; memory is the most that the process held.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench import results
from bench.pool import PEERS, PLACES, environment
from bench.tasks import tasks
from unlatch.cli.bench.own import UNLATCH

#: What nobody can do without: the class of the key, and one signature.
BARE = "cryptography alone"
EVERYBODY = (UNLATCH, BARE, *PEERS)
_BARE = "from cryptography.hazmat.primitives import hashes; from cryptography.hazmat.primitives.asymmetric import ec"
_BARE_SIGNATURE = (
    "key = ec.generate_private_key(ec.SECP256R1()); way = ec.ECDSA(hashes.SHA256()); "
    "key.public_key().verify(key.sign(b'', way), b'', way)"
)
_MEMORY = "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
_NODE_MEMORY = "console.log(require('fs').readFileSync('/proc/self/status','utf8').match(/VmHWM:\\s+(\\d+)/)[1])"


def main(arguments: list[str]) -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(prog="python -m bench start")
    parser.add_argument("--rounds", type=int, default=40, help="processes of each kind")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    rounds = 3 if chosen.quick else chosen.rounds
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.json"
        task.write_text(json.dumps(next(tasks(("authentication ES256",)))))
        commands = _commands(str(task))
        taken: dict[tuple[str, str], list[tuple[float, int]]] = {key: [] for key in commands}
        with results.bar("starts", rounds * len(commands)) as progress:
            for number in range(-1, rounds):  # the first of each writes and reads caches, and is not counted
                for key, command in commands.items():
                    cost = _start(command)
                    if number >= 0:
                        taken[key].append(cost)
                        progress()
    results.write(chosen, "start", {"rounds": rounds, "rows": _rows(taken)})


def _commands(task: str) -> dict[tuple[str, str], list[str]]:
    """What to start, by who it is and what it does."""
    commands = {(BARE, "nothing"): _python("pass"), (BARE, "import"): _python(_BARE)}
    commands[BARE, "first sign-in"] = _python(f"{_BARE}; {_BARE_SIGNATURE}")
    for name in (UNLATCH, *PEERS):
        place = PLACES[name]
        if place.environment:
            commands[name, "nothing"] = [place.program, "-c", f"pass; {_MEMORY}"]
            commands[name, "import"] = [place.program, "-c", f"{place.imports}; {_MEMORY}"]
        else:
            commands[name, "nothing"] = [place.program, "-e", _NODE_MEMORY]
            commands[name, "import"] = [place.program, *place.command, "--imported"]
        commands[name, "first sign-in"] = [place.program, *place.command, "--first", task]
    return commands


def _python(code: str) -> list[str]:
    return [PLACES[UNLATCH].program, "-c", f"{code}; {_MEMORY}"]


def _start(command: list[str]) -> tuple[float, int]:
    """Milliseconds of processor time and kibibytes of memory."""
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    output = process.stdout.read() if process.stdout is not None else ""
    # The system's own account of this one process; it is reaped with it.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stdout is not None:
        process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"{command} failed")
    return 1000 * (usage.ru_utime + usage.ru_stime), int(output)


def _rows(taken: dict[tuple[str, str], list[tuple[float, int]]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for what in ("import", "first sign-in"):
        everybody = {}
        for name in EVERYBODY:
            times, memory = zip(*taken[name, what], strict=True)
            bare, bare_memory = zip(*taken[name, "nothing"], strict=True)
            above = [one - other for one, other in zip(times, bare, strict=True)]
            everybody[name] = {
                "milliseconds": round(statistics.median(above), 1),
                "minimum": round(min(times) - min(bare), 1),
                "kibibytes": round(statistics.median(memory) - statistics.median(bare_memory)),
                "process_kibibytes": round(statistics.median(memory)),
            }
        rows.append({"row": what, "everybody": everybody})
    return rows
