"""What every worker does: take commands over a pipe, do the work, say what it took.

A worker is a process in an environment of its own, so this file and the workers import nothing of each other's world.
One JSON value a line, in both directions:

| command | answer |
|---|---|
| (start) | ``{"version": "3.0.1"}`` |
| ``{"prepare": task}`` | ``{"ready": true}``, or ``{"cannot": "why"}`` |
| ``{"run": 20}`` | ``{"cpu": nanoseconds, "wall": nanoseconds}`` of 20 runs |
| ``{"run": 20, "threads": 2}`` | the same for 20 runs in each of two threads |

As a program with ``--first FILE [TIMES]`` it does the task of that file once, or so often, and prints how much memory
it held at most.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import perf_counter_ns, process_time_ns
from typing import Any

Work = Callable[[], object]


class Cannot(Exception):
    """This library does not do such ceremonies; the message says why, in a few words."""


def serve(version: str, prepare: Callable[[dict[str, Any]], Work]) -> None:
    """Be a worker until the commands end.

    Args:
        version: Of the library.
        prepare: Makes of a task what is to be run; raises `Cannot`.
    """
    if sys.argv[1:2] == ["--first"]:
        with open(sys.argv[2]) as file:  # noqa: PTH123 - what is measured is a first sign-in, without pathlib
            work = prepare(json.load(file))
        for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
            work()
        print(most_memory())
        return
    _say({"version": version})
    work: Work = _nothing
    for line in sys.stdin:
        command = json.loads(line)
        if "prepare" in command:
            work, answer = _prepared(prepare, command["prepare"])
        else:
            answer = _run(work, command["run"], command.get("threads", 1))
        _say(answer)


def _prepared(prepare: Callable[[dict[str, Any]], Work], task: dict[str, Any]) -> tuple[Work, dict[str, Any]]:
    try:
        work = prepare(task)
        work()
    except Cannot as reason:
        return _nothing, {"cannot": str(reason)}
    except Exception as error:  # noqa: BLE001 - libraries refuse with whatever exception they like
        return _nothing, {"cannot": f"{type(error).__name__}: {error}"}
    return work, {"ready": True}


def _run(work: Work, times: int, threads: int) -> dict[str, int]:
    def often() -> None:
        for _ in range(times):
            work()

    import threading

    helpers = [threading.Thread(target=often) for _ in range(threads - 1)]
    wall, cpu = perf_counter_ns(), process_time_ns()
    for helper in helpers:
        helper.start()
    often()
    for helper in helpers:
        helper.join()
    return {"cpu": process_time_ns() - cpu, "wall": perf_counter_ns() - wall}


def most_memory() -> int:
    """Kibibytes that this process has held at most."""
    with open("/proc/self/status") as file:  # noqa: PTH123 - as above
        status = file.read()
    return int(status.partition("VmHWM:")[2].split()[0])


def _say(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


def _nothing() -> None:
    """What is run when nothing was prepared."""
