"""How a command ends when it cannot do what it was asked: one sentence on stderr, and an exit code."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

#: Exit code of a command that was called in a way that cannot work.
USAGE = 2


def refuse(sentence: str) -> NoReturn:
    """Say why on stderr and exit with `USAGE`.

    Args:
        sentence: What is wrong and what to change; it must not hold control characters.
    """
    click.echo(f"unlatch: {sentence}", err=True)
    sys.exit(USAGE)
