"""The benchmarks of scale and of memory still run; what they find on a full machine is in bench/results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bench(name, folder, *arguments):
    """Run a benchmark; what it wrote down."""
    result = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--results", folder, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return json.loads((folder / f"{name}.json").read_text())


@pytest.mark.needs("postgresql")
def test_scale(tmp_path):
    value = bench("scale", tmp_path, "--rows", 40, "--few", 10, "--sign-ins", 3)
    assert value["rows"] == {"few": 10, "many": 40}
    for keeping in ("sealed", "database"):
        assert value["milliseconds"][keeping]["many"]["median"] > 0
    assert value["sweep"]["rows"] >= 2 * 39 - 6
    assert (tmp_path / "scale.svg").read_text().startswith("<svg")


def test_memory(tmp_path):
    value = bench("memory", tmp_path, "--count", 24, "--warm-up", 4, "--clients", 2)
    assert [look["sign_ins"] for look in value["looks"]] == list(range(4, 25))
    assert all(look["kibibytes"] > 10_000 for look in value["looks"])
