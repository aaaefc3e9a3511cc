"""One target under atheris: `python -m fuzz.engine TARGET FOLDER... [libFuzzer flags]`. Started by `python -m fuzz`."""

from __future__ import annotations

import sys
from random import Random

import atheris

with atheris.instrument_imports(include=["unlatch"]):
    from fuzz.law import MAX_BYTES, obey
    from fuzz.mutation import mutate
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    call = TARGETS[sys.argv.pop(1)]
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

    atheris.Setup([*sys.argv, f"-max_len={MAX_BYTES}"], test_one_input, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
