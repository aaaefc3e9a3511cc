"""Run several functions in turn, many times, and keep the CPU time of each run.

One run of one function a round, in an order that is drawn anew for each round: whatever disturbs the machine disturbs
all of them alike, so the *ratios* are steady where the absolute times are not. CPU time, not wall time: what other
processes do counts as little as possible.
"""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import process_time_ns

#: Rounds are judged in this many blocks; how far the blocks lie apart is the spread that is reported.
BLOCKS = 20
_WARM_UP_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Sample:
    """The runs of one function.

    Attributes:
        median: Of all runs, in microseconds.
        quartiles: First and third, in microseconds.
        blocks: Median of each block of rounds, in microseconds.
    """

    median: float
    quartiles: tuple[float, float]
    blocks: tuple[float, ...]

    def ratio(self, other: Sample) -> Ratio:
        """How many times as long as `other` this takes; both must be of the same run."""
        of_blocks = sorted(ours / theirs for ours, theirs in zip(self.blocks, other.blocks, strict=True))
        return Ratio(self.median / other.median, of_blocks[0], of_blocks[-1])


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient of two medians, with the lowest and highest that any block of rounds gave."""

    value: float
    low: float
    high: float


def interleave(
    functions: Mapping[str, Callable[[], object]], *, rounds: int, progress: Callable[[float], None] | None = None
) -> dict[str, Sample]:
    """Measure all `functions` in one run.

    Args:
        functions: What to call, by name.
        rounds: How often to call each; rounded up to a multiple of `BLOCKS`.
        progress: Called now and then with the part that is done, 0 to 1.

    Returns:
        The sample of each, without the cost of reading the clock.
    """
    rounds = -(-rounds // BLOCKS) * BLOCKS
    everything: dict[str, Callable[[], object]] = {**functions, "": _nothing}
    times: dict[str, list[int]] = {name: [] for name in everything}
    # A fixed seed: the order shall be mixed, not secret.
    shuffle = random.Random(20).shuffle  # noqa: S311 - an order of runs, no secret
    order = list(everything.items())
    for _ in range(_WARM_UP_ROUNDS):
        for _, function in order:
            function()
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            shuffle(order)
            for name, function in order:
                start = process_time_ns()
                function()
                times[name].append(process_time_ns() - start)
            if progress is not None and number % 50 == 0:
                gc.collect()
                progress(number / rounds)
    finally:
        if collecting:
            gc.enable()
    clock = statistics.median(times.pop(""))
    return {name: _sample(runs, clock) for name, runs in times.items()}


def _sample(runs: Sequence[int], clock: float) -> Sample:
    size = len(runs) // BLOCKS
    first, _, third = statistics.quantiles(runs, n=4)
    return Sample(
        median=_microseconds(statistics.median(runs), clock),
        quartiles=(_microseconds(first, clock), _microseconds(third, clock)),
        blocks=tuple(
            _microseconds(statistics.median(runs[start : start + size]), clock) for start in range(0, len(runs), size)
        ),
    )


def _microseconds(nanoseconds: float, clock: float) -> float:
    # Never zero: a ratio must stay possible, also for a function that does nothing.
    return max(nanoseconds - clock, 1.0) / 1000


def _nothing() -> None:
    """What reading the clock costs is the time that this takes."""
