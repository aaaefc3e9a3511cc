"""``unlatch bench``."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.option(
    "--rounds", default=2000, show_default=True, type=click.IntRange(20), help="How often each ceremony is finished."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write the JSON to this file too."
)
def bench(rounds: int, as_json: bool, output: Path | None) -> None:
    """Measure ceremonies on this machine, in microseconds of CPU time.

    The floor is the bare verification of a P-256 signature with its key to build, in the same run. It needs nothing
    but this package.
    """
    from unlatch.cli.bench import report, run

    rows = run.measure(run.ourselves, rounds=rounds)
    text = json.dumps({"machine": report.machine(), "rounds": rounds, "rows": rows}, indent=2)
    if output is not None:
        output.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
        return
    click.echo(report.table(rows))
    for sentence in report.budgets(rows):
        click.echo(sentence)
