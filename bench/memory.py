"""Does a server grow with what it does? `python -m bench.memory`: its memory, before and after many sign-ins.

Real requests over HTTP, from a process of its own. What is compared is the memory after the first sign-ins, when
everything is loaded and every cache is full, with that at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import click

from bench.sign_ins import Visitor, family, memory

_RESULTS = Path(__file__).parent / "results"
#: Looks at the memory on the way.
_LOOKS = 20


def main(arguments: list[str] | None = None) -> None:
    """Start a server, have people sign in, and write down what it held on the way."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="sign-ins")
    parser.add_argument("--warm-up", type=int, default=2_000, help="sign-ins before the first look")
    parser.add_argument("--clients", type=int, default=4, help="people who sign in at the same time")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="folder of the results")
    parser.add_argument("server", nargs="*", help="options of `unlatch serve`, after --")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "unlatch.cli", "serve", "--port", "0", "--data", folder, *chosen.server]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            words = server.stdout.readline().split() if server.stdout else []
            if len(words) < 5:
                raise SystemExit("the server did not start")
            value = _measure(words[4].rstrip(","), server.pid, chosen)
        finally:
            server.terminate()
            server.wait(30)
    chosen.results.mkdir(parents=True, exist_ok=True)
    (chosen.results / "memory.json").write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    first, last = (value["looks"][index] for index in (0, -1))
    print(
        f"After {first['sign_ins']:,} sign-ins {first['kibibytes']:,} KiB, after {last['sign_ins']:,} "
        f"{last['kibibytes']:,} KiB: {value['growth']:+.1%}."
    )


def _measure(url: str, process: int, chosen: argparse.Namespace) -> dict[str, object]:
    visitors = [Visitor(url, f"visitor-{number}") for number in range(chosen.clients)]
    done = 0
    looks = []
    each = max(1, (chosen.count - chosen.warm_up) // _LOOKS)
    with click.progressbar(length=chosen.count, label="signing in", file=sys.stderr) as bar:
        for number in [chosen.warm_up, *[each] * _LOOKS]:
            done += _sign_in(visitors, number)
            looks.append({"sign_ins": done, "kibibytes": sum(memory(pid) for pid in family(process))})
            bar.update(number)
    growth = looks[-1]["kibibytes"] / looks[0]["kibibytes"] - 1
    return {"count": done, "growth": round(growth, 4), "looks": looks}


def _sign_in(visitors: list[Visitor], count: int) -> int:
    """Sign in `count` times; how many it were."""
    shares = [count // len(visitors) + (index < count % len(visitors)) for index in range(len(visitors))]
    failures: list[BaseException] = []

    def run(visitor: Visitor, share: int) -> None:
        try:
            for _ in range(share):
                visitor.sign_in()
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=run, args=pair) for pair in zip(visitors, shares, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(shares)


if __name__ == "__main__":
    main()
