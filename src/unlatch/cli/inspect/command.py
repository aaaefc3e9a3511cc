"""``unlatch inspect``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from unlatch.cli.exits import refuse
from unlatch.cli.inspect.encodings import readings
from unlatch.cli.inspect.kinds import KINDS, NotRecognisedError, Recognised, recognise
from unlatch.cli.reading import read_value
from unlatch.cli.text import shortened, terminal_width, visible

#: However deep a value stands, so much of it is shown.
_SHORTEST = 32


# A value may begin with a hyphen, as PEM does and one base64url text in 64: no short options, and none that is unknown.
@click.command("inspect", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("source", metavar="VALUE|FILE")
@click.option("--as", "kind", type=click.Choice(list(KINDS)), help="Read it as this. Default: whatever fits.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; a list where there are several certificates.")
@click.option("--full", is_flag=True, help="Print long values in full.")
def inspect(source: str, kind: str | None, as_json: bool, full: bool) -> None:
    """Say what some bytes are, and what is in them.

    The argument is the value itself in base64url, base64 or hex, or JSON; the name of a file with such text, with PEM
    or with the bytes as they are; or - for standard input. It recognises a registration or authentication response,
    client data, attestation objects, authenticator data, COSE keys and certificates.

    Nothing is verified. Exit code: 0 recognised, 2 not.
    """
    pasted = read_value(source)
    found = readings(pasted)
    if b'"expectations"' in pasted and kind is None:
        refuse("this looks like a recorded ceremony: unlatch explain says what became of it.")
    try:
        recognised = recognise(found, kind=kind)
    except NotRecognisedError as error:
        tried = "".join(f"\n  not {visible(attempt)}" for attempt in error.attempts)
        if not found:
            tried = "\n  neither JSON, PEM, hex, base64url nor base64"
        refuse(f"this is nothing that can be inspected, nor the name of a file. Tried:{tried}")
    show(recognised, as_json=as_json, full=full)


def show(recognised: list[Recognised], *, as_json: bool, full: bool) -> None:
    """Print what was recognised."""
    if as_json:
        items = [item.to_json() for item in recognised]
        click.echo(json.dumps(items[0] if len(items) == 1 else items, indent=2))
        return
    for index, item in enumerate(recognised):
        if index:
            click.echo()
        _print(item, longest=None if full else terminal_width())


def _print(item: Recognised, *, longest: int | None) -> None:
    click.echo(click.style(f"{item.kind}, {item.length} bytes ({item.encoding})", bold=True))
    for line in _lines(item.fields, 1, longest):
        click.echo(line)


def _lines(value: dict[str, Any] | list[Any], depth: int, longest: int | None) -> Iterator[str]:
    """Names and values, one a line, indented by depth; the names of one level are aligned."""
    indent = "  " * depth
    pairs = list(value.items()) if isinstance(value, dict) else [(f"{i}.", each) for i, each in enumerate(value, 1)]
    names = [visible(str(name)) for name, each in pairs if not _is_nested(each)]
    width = max(map(len, names), default=0)
    for name, each in pairs:
        if _is_nested(each):
            yield f"{indent}{visible(str(name))}"
            yield from _lines(each, depth + 1, longest)
        else:
            text = _written(each)
            # Words are for reading; bytes are told by their ends.
            room = len(text) if longest is None or " " in text else longest - len(indent) - width - 2
            yield f"{indent}{visible(str(name)).ljust(width)}  {shortened(text, max(room, _SHORTEST))}"


def _is_nested(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(each, (dict, list)) for each in value)
    return isinstance(value, dict) and bool(value)


def _written(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, dict)):
        return ", ".join(visible(str(each)) for each in value) or "none"
    return visible(str(value))
