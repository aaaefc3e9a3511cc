"""``python -m bench page``: the results as docs/reference/benchmarks.md and as plots beside the figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench import plot, results
from bench.pool import KEPT, PEERS
from bench.start import EVERYBODY
from unlatch.cli.bench.own import FLOOR, FLOOR_KEY_AT_HAND, UNLATCH
from unlatch.cli.bench.report import BUDGETS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "benchmarks.md"
#: A line with a picture of the results.
_PICTURE = re.compile(r"^!\[[^\]]+\]\(../../bench/results/([\w-]+\.svg)\)\n\n?", re.MULTILINE)
FRAME = Path(__file__).parent / "page.md"


def main(arguments: list[str]) -> None:
    """Write the page and the plots.

    Raises:
        SystemExit: There are no results, or an argument.
    """
    if arguments:
        raise SystemExit("usage: python -m bench page")
    for name, draw in plot.PLOTS.items():
        value = results.read(name)
        if value is not None:
            (results.FOLDER / f"{name}.svg").write_text(draw(value), "utf-8")
    PAGE.write_text(text(), "utf-8")
    print(f"written: {PAGE.relative_to(PAGE.parents[2])}")


def text() -> str:
    """The page: `FRAME`, with the tables in the places that it names."""
    page = FRAME.read_text("utf-8")
    for name, section in SECTIONS.items():
        value = results.read(name)
        page = page.replace(f"<!-- {name} -->", "Not measured yet." if value is None else section(value))
    return _PICTURE.sub(lambda found: found[0] if (results.FOLDER / found[1]).exists() else "", page)


def ceremonies(value: dict[str, Any]) -> str:
    """Ratios in one table, microseconds in another."""
    rows = value["rows"]
    peers = [f"{name} {value['versions'][name]}" for name in PEERS]
    ratios = [["", UNLATCH, "of the floor", "keys kept: of it", *peers]]
    times = [["microseconds: median (minimum)", UNLATCH, "keys kept", FLOOR, FLOOR_KEY_AT_HAND, *PEERS]]
    for row in rows:
        ratios.append(
            [
                row["row"],
                f"{row['microseconds'][UNLATCH]['median']:.0f} us",
                _of(row, FLOOR),
                _kept_of_floor(row),
                *(_peer(row, name) for name in PEERS),
            ]
        )
        times.append([row["row"], *(_time(row, name) for name in (UNLATCH, KEPT, FLOOR, FLOOR_KEY_AT_HAND, *PEERS))])
    return "\n\n".join([_table(ratios), "\n".join(f"- {line}" for line in _judged(rows)), _table(times), _where(value)])


def _of(row: dict[str, Any], name: str) -> str:
    ratio = row["ratios"].get(name)
    return f"{ratio['value']:.2f}" if ratio else ""


def _kept_of_floor(row: dict[str, Any]) -> str:
    if KEPT not in row["microseconds"]:
        return ""
    return f"{row['microseconds'][KEPT]['median'] / row['microseconds'][FLOOR]['median']:.2f}"


def _peer(row: dict[str, Any], name: str) -> str:
    ratio = row["ratios"].get(name)
    if ratio is None:
        return "cannot"
    return f"{ratio['value']:.2f} x ({ratio['low']:.2f} to {ratio['high']:.2f})"


def _time(row: dict[str, Any], name: str) -> str:
    times = row["microseconds"].get(name)
    return f"{times['median']:.1f} ({times['minimum']:.1f})" if times else "-"


def _judged(rows: list[dict[str, Any]]) -> Iterable[str]:
    """A sentence for each budget, and for each row in which a peer is faster."""
    for row in rows:
        budget = BUDGETS.get(row["row"])
        if budget is not None:
            found = row["ratios"][FLOOR]["value"]
            yield f"{row['row']}: {found:.2f} of the floor, {'within' if found <= budget else 'OVER'} {budget}."
    slower = [
        f"{row['row']} ({name}: {row['ratios'][name]['value']:.2f})"
        for row in rows
        for name in PEERS
        if name in row["ratios"] and row["ratios"][name]["value"] < 1
    ]
    yield f"Rows in which a peer is faster: {', '.join(slower) or 'none'}."
    cannot = sorted({f"{name} {reason}" for row in rows for name, reason in row["cannot"].items()})
    if cannot:
        yield f"What cannot be done: {'; '.join(cannot)}."


def start(value: dict[str, Any]) -> str:
    """Milliseconds and memory above those of the bare interpreter."""
    rows = [["above the bare interpreter", *EVERYBODY]]
    for row in value["rows"]:
        ours = row["everybody"][UNLATCH]
        for unit, label in (("milliseconds", "ms"), ("kibibytes", "MiB")):
            shown = [row["everybody"][name][unit] / (1024 if label == "MiB" else 1) for name in EVERYBODY]
            ratio = [""] + [f", {row['everybody'][name][unit] / max(ours[unit], 0.1):.1f} x" for name in EVERYBODY[1:]]
            cells = [f"{figure:.1f} {label}{more}" for figure, more in zip(shown, ratio, strict=True)]
            rows.append([f"{row['row']}: {'processor time' if label == 'ms' else 'memory'}", *cells])
    return f"{_table(rows)}\n\n{_where(value)}"


def scaling(value: dict[str, Any]) -> str:
    """How many times as much two do as one."""
    rows = [["ES256 sign-ins", "one thread", "two threads", "two processes"]]
    for row in value["rows"]:
        rates, scale = row["per_second"], row["scaling"]
        cells = [f"{rates[way]:,}/s, {scale[way]:.2f} x" for way in ("two threads", "two processes")]
        rows.append([row["row"], f"{rates['one']:,}/s", *cells])
    return f"{_table(rows)}\n\n{_where(value)}"


def instructions(value: dict[str, Any]) -> str:
    """Machine instructions of one ceremony."""
    rows = [["thousands of instructions", "one ceremony"]]
    rows += [[name, f"{count / 1000:,.0f}"] for name, count in value["counts"].items()]
    return f"{_table(rows)}\n\n{_where(value)}"


def server(value: dict[str, Any]) -> str:
    """A line for each application, database, number of workers and of clients."""
    head = ["", "CPU ms a sign-in", "sign-ins/s", "p50 ms", "p99 ms", "CPU ms of database and Redis"]
    rows = [head]
    for run in value["runs"]:
        label = f"{run['application']}, {run['database']}, workers {run['workers']}, clients {run['clients']}"
        figures = (f"{run[name]:,.{digits}f}" for name, digits in _SERVER.items())
        rows.append([label, *figures])
    compared = [["", "CPU", "sign-ins/s", "p99"]]
    compared += [
        [each["label"], *(f"{each[name]:.1f} x" for name in ("cpu", "rate", "p99"))] for each in value["ratios"]
    ]
    return f"{_table(compared)}\n\n{_table(rows)}\n\n{_where(value)}"


def postgres(value: dict[str, Any]) -> str:
    """A line for each backend."""
    algorithms = list(value["backends"][0]["microseconds"])
    rows = [["", f"sign-ins/s, {value['connections']} connections", *(f"one verify: {name}" for name in algorithms)]]
    rows += [
        [each["backend"], f"{each['rate']:,}", *(f"{each['microseconds'][name]:,} us" for name in algorithms)]
        for each in value["backends"]
    ]
    return f"{_table(rows)}\n\n{_where(value)}"


_SERVER = {"cpu": 2, "rate": 0, "p50": 1, "p99": 1, "database_cpu": 2}

SECTIONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "ceremonies": ceremonies,
    "start": start,
    "scaling": scaling,
    "instructions": instructions,
    "server": server,
    "postgres": postgres,
}


def _table(rows: list[list[str]]) -> str:
    """As Markdown, with columns that stand below each other in a terminal too."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = (
        "|" + "|".join("-" * (width + 1) + ("-" if column == 0 else ":") for column, width in enumerate(widths)) + "|"
    )
    return "\n".join([lines[0], rule, *lines[1:]])


def _where(value: dict[str, Any]) -> str:
    machine = value["machine"]
    return (
        f"{machine['cpu']}, {machine['system']}, {machine['python']}, cryptography {machine['cryptography']}, "
        f"unlatch {machine['unlatch']}; load while measuring {value['load']}."
    )
