"""Targets under atheris: `python -m fuzz.engine TARGETS FOLDER... [libFuzzer flags]`. Started by `python -m fuzz`.

Several targets, with commas between, are fuzzed one after another, each in a child of this process: instrumenting the
package takes seconds, and is done once. `{}` in a folder or flag stands for the name of the target.
"""

from __future__ import annotations

import os
import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["unlatch"]):
    from fuzz.law import MAX_BYTES, obey
    from fuzz.mutation import mutate
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz each target until libFuzzer ends its process; tell of each how it ended."""
    failed = False
    for target in sys.argv[1].split(","):
        child = os.fork()
        if child == 0:
            fuzz(target, [argument.replace("{}", target) for argument in sys.argv[2:]])
        _, status = os.waitpid(child, 0)
        print(f"{target}: ended with {os.waitstatus_to_exitcode(status)}", flush=True)
        failed = failed or status != 0
    sys.exit(failed)


def fuzz(target: str, arguments: list[str]) -> None:
    """Fuzz one target until libFuzzer ends the process."""
    call = TARGETS[target]
    slowest = 0.0

    def test_one_input(data: bytes) -> None:
        nonlocal slowest
        taken = obey(call, data)
        # libFuzzer leaves without a goodbye: what is known is said at once.
        if taken > slowest * 1.1:
            slowest = taken
            print(f"slowest: {slowest:.6f}", file=sys.stderr, flush=True)

    def mutate_bytes(data: bytes) -> bytes:
        return bytes(atheris.Mutate(data, max(len(data) + 64, 64)))

    def mutator(data: bytes, max_size: int, seed: int) -> bytes:
        return mutate(bytes(data), Random(seed), mutate_bytes)[:max_size]

    atheris.Setup([sys.argv[0], *arguments, f"-max_len={MAX_BYTES}"], test_one_input, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
