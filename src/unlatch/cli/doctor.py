"""`unlatch doctor`: what is wrong with a configuration, and what to change."""

from __future__ import annotations

import json
import sys
from typing import Unpack

import click

from unlatch.cli.exits import refuse
from unlatch.cli.places import Places, place_options, settings_at
from unlatch.cli.text import table, terminal_width, visible
from unlatch.errors import Misconfigured

_SIGNS = {"good": ("ok", "green"), "note": ("note", "yellow"), "wrong": ("WRONG", "red")}


@click.command()
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 128),
    envvar="UNLATCH_WORKERS",
    help="As for serve.",
)
@click.option("--rp-id", default="localhost", show_default=True, help="As for serve.")
@click.option("--origin", "origins", multiple=True, help="As for serve.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@place_options
def doctor(workers: int, rp_id: str, origins: tuple[str, ...], as_json: bool, **places: Unpack[Places]) -> None:
    """Look for what is wrong, with the options that the server is started with, and say what to change.

    Nothing is changed, and the server may run. The exit code is 0 if the server can work, 1 if not.
    """
    try:
        from unlatch.server.doctor.findings import Mark, wrong
        from unlatch.server.doctor.looking import look
    except ModuleNotFoundError as error:
        refuse(f"The doctor needs the package {error.name!r}: pip install 'unlatch[server]'")
    try:
        findings = list(look(settings_at(places, workers=workers, rp_id=rp_id, origins=origins)))
    except Misconfigured as error:
        findings = [wrong("options", error.detail)]
    if as_json:
        click.echo(json.dumps([finding.to_json() for finding in findings], indent=2))
    else:
        rows = [(_SIGNS[finding.mark][0], finding.subject, visible(finding.sentence)) for finding in findings]
        colours = dict(_SIGNS.values())
        click.echo(
            table(
                ("", "what", "finding"),
                rows,
                width=terminal_width(),
                style=lambda row, line: click.style(line, fg=colours[row[0]]),
            )
        )
    sys.exit(1 if any(finding.mark is Mark.WRONG for finding in findings) else 0)
