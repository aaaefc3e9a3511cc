"""``unlatch steps``: the steps of both ceremonies, and who does each."""

from __future__ import annotations

import json

import click

from unlatch.cli.text import table, terminal_width
from unlatch.terms import CeremonyKind

_SECTIONS = {CeremonyKind.REGISTRATION: "7.1", CeremonyKind.AUTHENTICATION: "7.2"}


@click.command()
@click.option(
    "--ceremony", type=click.Choice([str(kind) for kind in CeremonyKind]), help="Only this one. Default: both."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def steps(ceremony: str | None, as_json: bool) -> None:
    """Print the steps of WebAuthn's two ceremonies, and who does each.

    "client" is the browser, "decoder" the reading of the response, "store" the database that keeps records, "caller"
    the application; the others are functions of this package.
    """
    from unlatch.steps.table import STEPS

    chosen = [step for step in STEPS if ceremony is None or step.ceremony == ceremony]
    if as_json:
        rows = [
            {
                "step": step.name,
                "ceremony": str(step.ceremony),
                "number": step.number,
                "slug": step.slug,
                "title": step.title,
                "doneBy": step.done_by,
                "specification": step.anchor,
            }
            for step in chosen
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    width = terminal_width()
    for index, kind in enumerate(dict.fromkeys(step.ceremony for step in chosen)):
        if index:
            click.echo()
        own = [step for step in chosen if step.ceremony is kind]
        click.echo(click.style(f"{str(kind).capitalize()} (section {_SECTIONS[kind]}): {own[0].anchor}", bold=True))
        click.echo()
        cells = [(f"{step.number:2}", step.slug, done_by(step.done_by), step.title) for step in own]
        click.echo(table((" #", "step", "done by", "what"), cells, width=width))


def done_by(path: str) -> str:
    """Who does a step, in short: the word, or the function without its module."""
    *_, owner, name = ("", *path.split("."))
    return f"{owner}.{name}" if owner[:1].isupper() else name
