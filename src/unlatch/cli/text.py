"""Text for a terminal: values that cannot play tricks on it, aligned columns, wrapped to its width.

What is printed was made by others: an origin may hold escape sequences that move the cursor or turn the writing
direction. Nothing gets through here that is not a printable character.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Sequence

import click

#: Narrower, columns no longer fit; wider, lines are hard to read.
_LEAST_WIDTH, _MOST_WIDTH = 72, 140
_GAP = "  "


def visible(text: str) -> str:
    """The text with everything that is not printable written as an escape, on one line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in text)


def shortened(text: str, length: int) -> str:
    """The text, its middle left out where it is longer than `length` characters."""
    if len(text) <= length:
        return text
    tail = length // 4
    return f"{text[: length - tail - 3]}...{text[-tail:]}"


def terminal_width() -> int:
    """How many characters a line may have; 100 where there is no terminal."""
    return max(_LEAST_WIDTH, min(shutil.get_terminal_size((100, 24)).columns, _MOST_WIDTH))


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    style: Callable[[Sequence[str], str], str] | None = None,
) -> str:
    """Aligned columns; the last one is wrapped to what is left of the width, and may hold several lines.

    Args:
        header: Title of each column.
        rows: Cells, as many as there are titles; without control characters but newlines in the last one.
        width: Characters a line.
        style: Gets a row and one of its finished lines, and returns the line with colours.
    """
    widths = [max(len(line[column]) for line in (header, *rows)) for column in range(len(header) - 1)]
    left = max(width - sum(widths) - len(_GAP) * len(widths), 24)
    lines = [click.style(_line(header[:-1], widths, header[-1]), bold=True), "-" * min(sum(widths) + left, width)]
    for row in rows:
        wrapped = [part for line in row[-1].splitlines() for part in _wrap(line, left)] or [""]
        for index, part in enumerate(wrapped):
            cells = row[:-1] if index == 0 else [""] * len(widths)
            line = _line(cells, widths, part)
            lines.append(style(row, line) if style else line)
    return "\n".join(lines)


def _wrap(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False) or [""]


def _line(cells: Sequence[str], widths: Sequence[int], last: str) -> str:
    return _GAP.join((*(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)), last)).rstrip()
