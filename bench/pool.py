"""The workers: everybody in a process and an environment of their own, and commands for them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unlatch.cli.bench.own import FLOOR, FLOOR_KEY_AT_HAND, UNLATCH

ROOT = Path(__file__).parents[1]
WORKERS = Path(__file__).parent / "workers"
KEPT = "unlatch, keys kept ready"
PEERS = ("py_webauthn", "python-fido2", "@simplewebauthn/server")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody lives.

    Attributes:
        environment: Folder name of the environment; empty for node.
        command: What follows the interpreter.
        imports: The code that imports the library, and nothing else; empty where that is measured otherwise.
    """

    environment: str
    command: tuple[str, ...]
    imports: str = ""

    @property
    def program(self) -> str:
        """The interpreter.

        Raises:
            FileNotFoundError: It is not installed.
        """
        path = str(ROOT / self.environment / "bin" / "python") if self.environment else shutil.which("node")
        if path is None or not Path(path).exists():
            raise FileNotFoundError(f"{self.environment or 'node'} is missing: run scripts/bench.sh")
        return path


def _ours(mode: str) -> Place:
    return Place(".venv-bench-unlatch", (str(WORKERS / "ours.py"), mode), "import unlatch")


#: Everybody, ours first.
PLACES = {
    UNLATCH: _ours("unlatch"),
    KEPT: _ours("kept"),
    FLOOR: _ours("floor"),
    FLOOR_KEY_AT_HAND: _ours("signature"),
    "py_webauthn": Place(".venv-bench-py-webauthn", (str(WORKERS / "py_webauthn.py"),), "import webauthn"),
    "python-fido2": Place(".venv-bench-python-fido2", (str(WORKERS / "python_fido2.py"),), "import fido2.server"),
    "@simplewebauthn/server": Place("", (str(WORKERS / "simplewebauthn.mjs"),)),
}


def environment() -> dict[str, str]:
    """The environment variables of a worker: our source on the path, which only our environment has a use for.

    Bytecode is kept, as that of installed libraries is: else ours alone would be compiled at each start.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "0"}


@dataclass(slots=True)
class Worker:
    """A running worker; it ends with its input."""

    name: str
    version: str = field(init=False)
    _process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        place = PLACES[self.name]
        self._process = subprocess.Popen(
            [place.program, *place.command],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = str(self.answer()["version"])

    def prepare(self, task: dict[str, Any]) -> str | None:
        """Get ready for a task; the reason if this library cannot do it."""
        reason: str | None = self.ask({"prepare": task}).get("cannot")
        return reason

    def run(self, times: int) -> int:
        """Do the task so often; nanoseconds of processor time."""
        taken: int = self.ask({"run": times})["cpu"]
        return taken

    def ask(self, command: dict[str, Any]) -> dict[str, Any]:
        """Give a command and wait for the answer."""
        self.tell(command)
        return self.answer()

    def tell(self, command: dict[str, Any]) -> None:
        """Give a command; `answer` waits."""
        if self._process.stdin is None or self._process.poll() is not None:
            raise RuntimeError(f"the worker of {self.name} has ended")
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The answer to the oldest command that has none yet."""
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise RuntimeError(f"the worker of {self.name} has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


@contextmanager
def workers(names: tuple[str, ...] = tuple(PLACES)) -> Iterator[dict[str, Worker]]:
    """Start these workers; they end with the block."""
    with ExitStack() as stack:
        started = {}
        for name in names:
            started[name] = Worker(name)
            stack.callback(started[name].close)
        yield started
