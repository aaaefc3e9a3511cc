"""`python -m fuzz run|replay|seeds|list`: the fuzzing of every target, one after another."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
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

    executions: int
    slowest: float
    trouble: str


def fuzz_one(target: str, seconds: int, folder: Path) -> Result:
    """Run one target under atheris for a bounded time, beginning with the corpus."""
    found = folder / target
    found.mkdir(parents=True, exist_ok=True)
    corpus = CORPUS / target
    folders = [str(found), *([str(corpus)] if corpus.is_dir() else [])]
    flags = [f"-max_total_time={seconds}", "-timeout=20", "-print_final_stats=1", "-verbosity=1"]
    command = [sys.executable, "-m", "fuzz.engine", target, *folders, *flags, f"-artifact_prefix={folder}/{target}-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    report = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
    executions = re.search(r"number_of_executed_units: *(\d+)", report)
    slowest = re.findall(r"slowest: ([\d.]+)", report)
    trouble = "" if done.returncode == 0 and executions else report[-6000:]
    return Result(int(executions[1]) if executions else 0, float(slowest[-1]) if slowest else 0.0, trouble)


def run(targets: list[str], seconds: int, folder: Path) -> int:
    """Fuzz the targets one after another; the number of those in trouble."""
    troubles, total = [], 0
    for number, target in enumerate(targets, 1):
        result = fuzz_one(target, seconds, folder)
        total += result.executions
        verdict = "BROKEN" if result.trouble else "ok"
        progress = f"[{number}/{len(targets)}] {target:24}{result.executions:>10} inputs"
        print(f"{progress}  slowest {result.slowest * 1000:8.1f} ms  {verdict}", flush=True)
        if result.trouble:
            troubles.append(target)
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
