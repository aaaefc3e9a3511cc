"""``unlatch explain``: a recorded ceremony, judged again, with every step and its evidence."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from unlatch.cli.exits import refuse
from unlatch.cli.explain_html import page
from unlatch.cli.explained import Explanation, evidence_of
from unlatch.cli.inspect.command import show
from unlatch.cli.inspect.encodings import readings
from unlatch.cli.inspect.kinds import NotRecognisedError, recognise
from unlatch.cli.reading import read, read_value
from unlatch.cli.text import shortened, table, terminal_width, visible
from unlatch.errors import Malformed, Misconfigured
from unlatch.judgement import Outcome, Recording

_REFUSED = 1
#: Outcome -> how it stands in the table: a sign for the eye, a word for everybody, a colour on a terminal.
_SIGNS: dict[str, tuple[str, dict[str, bool | str]]] = {
    Outcome.PASSED: ("+", {"fg": "green"}),
    Outcome.REFUSED: ("X", {"fg": "red", "bold": True}),
    Outcome.NOT_REACHED: (" ", {"dim": True}),
    Outcome.CLIENT: ("o", {"dim": True}),
    Outcome.STORE: ("o", {"dim": True}),
    Outcome.CALLER: ("o", {"dim": True}),
}
#: Hashes and ids in full, keys and signatures by their ends.
_LONGEST_VALUE = 96
_WANTED = (
    'a recording is a JSON object with "v": 1, "kind" (registration or authentication), "response" (what the page '
    'sent), "expectations" (challenge, rpId, origins, at) and, for an authentication, "record"'
)
#: Members that only a recording has: who wrote one of them wants to know what is wrong with it.
_RECORDING_ALONE = (b'"expectations"', b'"kind"')
#: What a recognised kind lacks.
_MISSING = {
    "registration": 'what the relying party expected ("expectations")',
    "authentication": 'what the relying party expected ("expectations") and had stored ("record")',
}


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("source", metavar="FILE|VALUE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write a page with everything to this file; it needs nothing else, no script and no network.",
)
@click.option("--full", is_flag=True, help="Print long values in full.")
def explain(source: str, as_json: bool, html_file: Path | None, full: bool) -> None:
    """Judge a recorded ceremony again and print every step with its verdict and evidence.

    FILE is a recording as JSON, or - for standard input. Exit code: 0 accepted, 1 refused, 2 no verdict.

    A response alone, or a part of one (attestation object, authenticator data, client data, key, certificate; in a file
    or pasted as base64url, base64 or hex), is shown as unlatch inspect does, with what is missing for a verdict.

    \b
    The least that a recording holds:
      {"v": 1, "kind": "registration",
       "response": {"id": "...", "rawId": "...", "type": "public-key", "response": {...}},
       "expectations": {"challenge": "c2VudA", "rpId": "example.org",
                        "origins": ["https://example.org"], "at": "2026-11-01T12:00:00+00:00"}}

    An authentication has "record" too: the stored credential record, or it is judged as one that nobody knows.
    unlatch.judgement.Recording.of_ceremony() makes recordings. They are as private as an access log.
    """  # noqa: D301 - the backspace keeps click from wrapping the example
    data = read_value(source)
    if html_file is not None and _is_same(source, html_file):
        refuse(f"{visible(str(html_file))} is the recording, which the page would replace; name another file.")
    try:
        recording = Recording.from_json(data)
        explanation = Explanation(recording, recording.judge())
    except Malformed as error:
        _explain_part(data, as_json=as_json, full=full)
        if not data.lstrip().startswith(b"{"):
            read(source)  # says so where the name of a file was meant
        where = f" at {visible(error.path)}" if error.path else ""
        refuse(f"{visible(source)} is no recording{where}: {visible(error.detail)}; {_WANTED}.")
    except Misconfigured as error:
        refuse(f"{visible(source)} cannot be judged: {visible(error.detail)}")
    if html_file is not None:
        try:
            html_file.write_text(page(explanation), "utf-8")
        except OSError as error:
            refuse(f"{visible(str(html_file))} cannot be written: {error.strerror}")
    if as_json:
        click.echo(json.dumps(explanation.verdict.to_json(), indent=2))
    else:
        _print(explanation, longest=None if full else _LONGEST_VALUE)
    sys.exit(0 if explanation.verdict.accepted else _REFUSED)


def _is_same(source: str, file: Path) -> bool:
    """Whether a page would be written over what was read."""
    try:
        return file.samefile(source)
    except (OSError, ValueError):  # one of them is no file yet, or a value
        return False


def _explain_part(data: bytes, *, as_json: bool, full: bool) -> None:
    """Show what something is that is no recording but part of one, say what is missing, and exit; else return."""
    if any(member in data for member in _RECORDING_ALONE):
        return
    try:
        recognised = recognise(readings(data))
    except NotRecognisedError:
        return
    show(recognised, as_json=as_json, full=full)
    missing = _MISSING.get(recognised[0].kind, "the response that it is a part of")
    refuse(f"this can be read, but not judged: {missing} is missing; {_WANTED}.")


def _print(explanation: Explanation, *, longest: int | None) -> None:
    rows = []
    for item in explanation.verdict.steps:
        values = evidence_of(item) if item.outcome in (Outcome.PASSED, Outcome.REFUSED) else []
        evidence = "\n".join(
            (item.step.title, *(f"{name} {shortened(value, longest or len(value))}" for name, value in values))
        )
        rows.append((_SIGNS[item.outcome][0], f"{item.step.number:2}", item.step.slug, str(item.outcome), evidence))
    click.echo(
        table(("", " #", "step", "outcome", "what, and evidence"), rows, width=terminal_width(), style=_coloured)
    )
    click.echo()
    for name, value in explanation.facts:
        click.echo(f"{name}: {value}")
    colour = "green" if explanation.verdict.accepted else "red"
    click.echo(click.style(explanation.sentence, fg=colour, bold=True))


def _coloured(row: Sequence[str], line: str) -> str:
    fg = _SIGNS[row[3]][1]
    return click.style(line, **fg)  # type: ignore[arg-type]  # the table above names keywords of style
