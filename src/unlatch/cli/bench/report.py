"""What a measurement is written down as: JSON to keep, a table to read."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cryptography
from cryptography.hazmat.backends.openssl import backend

from unlatch import __version__
from unlatch.cli.bench.ceremonies import Row
from unlatch.cli.bench.clock import Ratio, Sample
from unlatch.cli.bench.own import FLOOR, FLOOR_KEY_AT_HAND, UNLATCH

#: Row -> what it may cost, as a multiple of `FLOOR` (a P-256 verification with its key to build).
BUDGETS = {"authentication ES256": 1.25, "registration none": 0.42}


def machine() -> dict[str, str]:
    """Where it was measured, as far as it matters for the figures."""
    return {
        "cpu": _cpu(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": _python(),
        "cryptography": f"{cryptography.__version__} ({backend.openssl_version_text()})",
        "unlatch": __version__,
    }


def _python() -> str:
    """The system's own interpreter is named: distributions optimise theirs by a profile, what people compile is not."""
    built = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{built} of the system" if Path(sys.base_prefix) == Path("/usr") else built


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else "unknown"


def row_to_json(row: Row, samples: Mapping[str, Sample]) -> dict[str, Any]:
    """One row of the results: ratios first.

    ``ratios`` says how many times as long each peer takes as we do, and how many times as long we take as each floor;
    ``low`` and ``high`` are what the blocks of rounds gave.
    """
    ours = samples[UNLATCH]
    ratios = {
        name: ours.ratio(sample) if name in (FLOOR, FLOOR_KEY_AT_HAND) else sample.ratio(ours)
        for name, sample in samples.items()
        if name != UNLATCH
    }
    return {
        "row": row.name,
        "ratios": {name: _ratio(ratio) for name, ratio in ratios.items()},
        "microseconds": {
            name: {"median": round(sample.median, 1), "quartiles": [round(edge, 1) for edge in sample.quartiles]}
            for name, sample in samples.items()
        },
    }


def _ratio(ratio: Ratio) -> dict[str, float]:
    return {"value": round(ratio.value, 3), "low": round(ratio.low, 3), "high": round(ratio.high, 3)}


def table(rows: list[dict[str, Any]]) -> str:
    """The results as text, one line a row."""
    peers = sorted({name for row in rows for name in row["ratios"]} - {FLOOR, FLOOR_KEY_AT_HAND})
    header = ["", UNLATCH, "above the floor", "of the floor", *(f"{peer} takes" for peer in peers)]
    lines = [header, *(_line(row, peers) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in
                  enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    )  # fmt: skip


def _line(row: dict[str, Any], peers: list[str]) -> list[str]:
    times, ratios = row["microseconds"], row["ratios"]
    ours, floor = times[UNLATCH]["median"], times[FLOOR]["median"]
    return [
        row["row"],
        f"{ours:.0f} us",
        f"{ours - floor:.0f} us" if FLOOR_KEY_AT_HAND in ratios else "",
        f"{ratios[FLOOR]['value']:.2f}",
        *(f"{ratios[peer]['value']:.2f} x" if peer in ratios else "-" for peer in peers),
    ]


def budgets(rows: list[dict[str, Any]]) -> list[str]:
    """One sentence for each row that has a budget."""
    sentences = []
    for row in rows:
        budget = BUDGETS.get(row["row"])
        if budget is not None:
            value = row["ratios"][FLOOR]["value"]
            verdict = "within" if value <= budget else "OVER"
            sentences.append(f"{row['row']}: {value:.2f} of the floor, {verdict} the budget of {budget}")
    return sentences
