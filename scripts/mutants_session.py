"""The part of `make mutants` that runs inside pytest: every mutant in a fork, all tests collected once.

A generated module holds, beside each function, its mutants (`Mutants`), and a mutant is switched on by giving the
function its code. Nothing is called in between, so the tests look at the functions that they always look at.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType, FunctionType

#: What a fork says with its exit code.
SURVIVED, KILLED, NO_TESTS, TIMED_OUT = 0, 1, 3, 24
#: Seconds of processor time for a test, beyond ten times what it needs without a mutant.
_PATIENCE = 5
_MEMORY = 6 * 2**30

#: The functions of generated modules, by the name that stands before ``__mutmut_1``.
_functions: dict[str, FunctionType] = {}
_mutants: dict[str, FunctionType] = {}


def switchable(mutants: Mutants, **_: object) -> Callable[[FunctionType], FunctionType]:
    """Decorates each function that has mutants: remembers the function, and leaves it as it is."""

    def remember(function: FunctionType) -> FunctionType:
        mutants.function = function
        return function

    return remember


class Mutants(dict[str, Any]):
    """The mutants of one function, filled by the generated module."""

    function: FunctionType

    def __setitem__(self, name: str, mutant: Any) -> None:
        """Remember a mutant; switch it on at once where the process is for this one."""
        if name == "_mutmut_orig":
            return
        full = f"{self.function.__module__}.{name}"
        _mutants[full] = getattr(mutant, "__func__", mutant)
        _functions[full.rpartition("__mutmut_")[0]] = self.function
        if os.environ.get("MUTANT") == full:
            _switch_on(full)


def _switch_on(name: str) -> None:
    function, mutant = _functions[name.rpartition("__mutmut_")[0]], _mutants[name]
    function.__code__ = mutant.__code__
    function.__defaults__, function.__kwdefaults__ = mutant.__defaults__, mutant.__kwdefaults__


class Session:
    """A pytest plugin that replaces the loop over the tests.

    Args:
        wanted: The mutants to try.
        results: Where to write a line of JSON for each verdict.
        workers: Forks at a time.
    """

    def __init__(self, wanted: list[str], results: Path, workers: int) -> None:
        self._wanted = wanted
        self._results = results
        self._workers = workers
        # By id, because a code's hash would read all of it; kept, because ids of what is gone are given away again.
        self._seen: dict[int, CodeType] = {}
        self._at_import: set[str] = set()

    def import_sources(self) -> None:
        """Import the generated modules, and see which functions that alone goes through."""
        sys.setprofile(self._look)
        for module in sorted({name.rpartition(".")[0] for name in self._wanted}):
            importlib.import_module(module)
        sys.setprofile(None)
        self._at_import = {name for name, function in _functions.items() if id(function.__code__) in self._seen}

    def _look(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            self._seen[id(frame.f_code)] = frame.f_code

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All tests twice without a mutant, then each mutant with the tests that go through its function."""
        durations, through = self._measure(session)
        running: dict[int, tuple[str, bool]] = {}
        # What noticed one change of a function will notice most of the others: by function, such tests and how often.
        noticed_by: dict[str, Counter[str]] = defaultdict(Counter)
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        done = survived = 0
        began = time.monotonic()
        everything = [(test, _PATIENCE + 10 * duration) for test, duration in durations.items()]
        if (pid := os.fork()) == 0:
            _try(session, "", everything, writer)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != SURVIVED:
            failed = [line["test"] for line in _lines_in(reader)]
            raise session.Failed(f"without a mutant, but a second time: {failed} would notice every change")
        with self._results.open("a") as file:

            def collect() -> None:
                nonlocal done, survived
                pid, status = os.wait()
                for line in _lines_in(reader):
                    noticed_by[line["function"]][line["test"]] += 1
                name, imported = running.pop(pid)
                code = os.waitstatus_to_exitcode(status)
                verdict = TIMED_OUT if code < 0 else code
                done, survived = done + 1, survived + (verdict in (SURVIVED, NO_TESTS))
                line = {"name": name, "verdict": verdict, "at_import": imported}
                file.write(json.dumps(line) + "\n")
                file.flush()
                if done % 50 == 0 or done == len(self._wanted):
                    pace = done / (time.monotonic() - began)
                    print(f"{done} of {len(self._wanted)}, {survived} survived so far, {pace:.1f} a second", flush=True)

            for name in self._wanted:
                function = name.rpartition("__mutmut_")[0]
                while len(running) >= self._workers:
                    collect()
                often = noticed_by[function]
                tests = sorted(through.get(function, ()), key=lambda test: (-often[test.nodeid], durations[test]))
                pid = os.fork()
                if pid == 0:
                    _try(session, name, [(test, _PATIENCE + 10 * durations[test]) for test in tests], writer)
                running[pid] = name, function in self._at_import
            while running:
                collect()
        return True

    def _measure(self, session: pytest.Session) -> tuple[dict[pytest.Item, float], dict[str, set[pytest.Item]]]:
        """How long each test takes, and through which functions it goes."""
        names = {id(function.__code__): name for name, function in _functions.items()}
        durations: dict[pytest.Item, float] = {}
        through: dict[str, set[pytest.Item]] = defaultdict(set)
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            self._seen.clear()
            began = time.process_time()
            sys.setprofile(self._look)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            sys.setprofile(None)
            durations[item] = time.process_time() - began
            for code in self._seen.keys() & names.keys():
                through[names[code]].add(item)
            if session.testsfailed:
                raise session.Failed(f"{item.nodeid} fails without a mutant")
        print(f"{len(durations)} tests in {sum(durations.values()):.0f} s, {len(through)} functions", flush=True)
        return durations, through


def _lines_in(reader: int) -> Iterator[dict[str, str]]:
    """What forks have said meanwhile: one line of JSON each, which a pipe takes in one piece."""
    try:
        said = os.read(reader, 2**20)
    except BlockingIOError:
        return
    yield from map(json.loads, said.splitlines())


def _try(session: pytest.Session, name: str, tests: list[tuple[pytest.Item, float]], writer: int) -> None:
    """In a fork: switch on the mutant, run the tests until one fails, and end the process with the verdict.

    Args:
        session: Of pytest.
        name: The mutant; empty for none.
        tests: Each with the processor time that it may take, in seconds.
        writer: Where to tell which test has noticed it.
    """
    verdict = KILLED
    try:
        session.config.pluginmanager.unregister(name="terminalreporter")
        signal.signal(signal.SIGPROF, lambda *_: os._exit(TIMED_OUT))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        # For what never comes back to Python, where the signal would be heard.
        seconds = int(time.process_time() + sum(limit for _, limit in tests)) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        if name:
            _switch_on(name)
        for (item, limit), following in zip(tests, [*tests[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_PROF, limit)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following and following[0])
            if session.testsfailed:
                line = json.dumps({"function": name.rpartition("__mutmut_")[0], "test": item.nodeid})
                os.write(writer, line.encode() + b"\n")
                break
        else:
            verdict = SURVIVED if tests else NO_TESTS
    finally:
        os._exit(verdict)


def main(arguments: list[str]) -> int:
    """Run pytest: ``mutants_session.py WANTED RESULTS WORKERS PYTEST-ARGUMENTS...``."""
    # The generated modules import this file by its name; there must be one set of functions, not two.
    import mutants_session

    wanted = json.loads(Path(arguments[0]).read_text())
    plugin = mutants_session.Session(wanted, Path(arguments[1]), int(arguments[2]))
    plugin.import_sources()
    return int(pytest.main(arguments[3:], plugins=[plugin]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
