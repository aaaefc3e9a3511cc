"""`python -m fuzz run|replay|seeds|list`: the fuzzing of every target, one after another."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fuzz.law import obey
from fuzz.seeds import CORPUS, write
from fuzz.targets import TARGETS

ROOT = CORPUS.parents[1]
#: What is found lies here, out of version control; `--keep` copies the smallest part of it that reaches everything.
FOUND = ROOT / ".fuzz"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one target: inputs tried, processor seconds of the slowest, and what is wrong ("" if nothing)."""

    target: str
    executions: int
    slowest: float
    trouble: str


def results(targets: list[str], seconds: int, folder: Path) -> Iterator[Result]:
    """Run targets under atheris, each for a bounded time, beginning with the corpus."""
    for target in targets:
        (folder / target).mkdir(parents=True, exist_ok=True)
    flags = [f"-max_total_time={seconds}", "-timeout=20", "-print_final_stats=1", "-verbosity=1"]
    folders = [f"{folder}/{{}}", f"{CORPUS}/{{}}", f"-artifact_prefix={folder}/{{}}-"]
    command = [sys.executable, "-m", "fuzz.engine", ",".join(targets), *folders, *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as engine:
        report: list[str] = []
        for line in engine.stdout or ():
            report.append(line.decode("utf-8", "replace"))
            if ended := re.fullmatch(r"(\w+): ended with (-?\d+)\n", report[-1]):
                yield _result(ended[1], "".join(report[:-1]), failed=ended[2] != "0")
                report.clear()
        if report:
            yield Result("the engine", 0, 0.0, "".join(report)[-6000:])


def _result(target: str, report: str, *, failed: bool) -> Result:
    executions = re.search(r"number_of_executed_units: *(\d+)", report)
    slowest = re.findall(r"slowest: ([\d.]+)", report)
    trouble = report[-6000:] if failed or not executions else ""
    return Result(target, int(executions[1]) if executions else 0, float(slowest[-1]) if slowest else 0.0, trouble)


def run(targets: list[str], seconds: int, folder: Path) -> int:
    """Fuzz the targets one after another; the number of those in trouble."""
    troubles, total = [], 0
    for number, result in enumerate(results(targets, seconds, folder), 1):
        total += result.executions
        verdict = "BROKEN" if result.trouble else "ok"
        progress = f"[{number}/{len(targets)}] {result.target:24}{result.executions:>10} inputs"
        print(f"{progress}  slowest {result.slowest * 1000:8.1f} ms  {verdict}", flush=True)
        if result.trouble:
            troubles.append(result.target)
            print(result.trouble, flush=True)
    print(f"{total} inputs; " + (f"broken: {', '.join(troubles)}" if troubles else "no findings"))
    return len(troubles)


def replay(targets: list[str], files: list[Path]) -> int:
    """Judge saved inputs again, without atheris: the corpus, or the files that are named."""
    count = 0
    for target in targets:
        for file in files or sorted((CORPUS / target).glob("*")):
            obey(TARGETS[target], file.read_bytes())
            count += 1
    print(f"{count} saved inputs: a value or an error of ours for each")
    return 0


def keep(targets: list[str], folder: Path) -> int:
    """Copy from what was found the smallest part that reaches more than the corpus does."""
    for target in targets:
        command = [sys.executable, "-m", "fuzz.engine", target, "-merge=1", str(CORPUS / target), str(folder / target)]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        print(f"{target}: {len(list((CORPUS / target).glob('*')))} inputs")
    return 0


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("command", choices=["run", "replay", "keep", "seeds", "list"])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all of them unless named")
    parser.add_argument("--seconds", type=int, default=int(os.environ.get("FUZZ_SECONDS", "60")), help="for each")
    parser.add_argument("--folder", type=Path, default=FOUND, help="where findings and new inputs go")
    parser.add_argument("--file", type=Path, action="append", default=[], help="replay this file")
    arguments = parser.parse_args()
    targets = arguments.targets or list(TARGETS)
    if unknown := set(targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    match arguments.command:
        case "run":
            return run(targets, arguments.seconds, arguments.folder)
        case "replay":
            return replay(targets, arguments.file)
        case "keep":
            return keep(targets, arguments.folder)
        case "seeds":
            print(f"{write()} honest inputs")
        case _:
            print("\n".join(TARGETS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
