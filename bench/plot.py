"""Results as pictures: groups of bars. Colours are those of the page's light or dark theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from bench.pool import PEERS
from unlatch.cli.bench.own import UNLATCH

_LEFT, _WIDTH, _RIGHT, _BAR, _GAP, _TOP = 220, 520, 90, 14, 16, 70
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; } .title { font-size: 16px; font-weight: 600; }
.small { font-size: 11px; fill: #59636e; } .c0 { fill: #0a7d5a; } .c1 { fill: #57606a; } .c2 { fill: #8c959f; }
.c3 { fill: #c4cad1; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .small { fill: #9198a1; }
.c0 { fill: #3fb68b; } .c1 { fill: #adbac7; } .c2 { fill: #7d8590; } .c3 { fill: #484f58; } }
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that belong together.

    Attributes:
        label: What they are about.
        note: Smaller, below it.
        bars: Which name, how long, and what is written behind it.
    """

    label: str
    note: str
    bars: list[tuple[str, float, str]]


def bars(title: str, names: list[str], groups: list[Group]) -> str:
    """A chart of horizontal bars; it says in words what it shows."""
    longest = max(length for group in groups for _, length, _ in group.bars)
    scale = _WIDTH / longest
    height = _TOP + sum(max(2, len(group.bars)) * _BAR + _GAP for group in groups)
    width = _LEFT + _WIDTH + _RIGHT
    told = "; ".join(f"{group.label}: " + ", ".join(f"{who} {what}" for who, _, what in group.bars) for group in groups)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(told)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="10" y="24">{escape(title)}</text>',
    ]
    for index, name in enumerate(names):
        x = 10 + index * 190
        parts.append(f'<rect class="c{index}" x="{x}" y="38" width="12" height="12"/>')
        parts.append(f'<text x="{x + 18}" y="49">{escape(name)}</text>')
    y = _TOP
    for group in groups:
        parts.append(f'<text x="10" y="{y + 12}">{escape(group.label)}</text>')
        parts.append(f'<text class="small" x="10" y="{y + 27}">{escape(group.note)}</text>')
        for index, (name, length, written) in enumerate(group.bars):
            top, right = y + index * _BAR, length * scale
            parts.append(
                f'<rect class="c{names.index(name)}" x="{_LEFT}" y="{top}" width="{right:.1f}" height="{_BAR - 2}" '
                'rx="2"/>'
            )
            parts.append(f'<text class="small" x="{_LEFT + right + 5:.1f}" y="{top + 10}">{escape(written)}</text>')
        y += max(2, len(group.bars)) * _BAR + _GAP
    return "\n".join([*parts, "</svg>"]) + "\n"


def ceremonies(value: dict[str, Any]) -> str:
    """How many times as long everybody takes as we do; cut at eight, or nobody would see the short ones."""
    groups = []
    for row in value["rows"]:
        ratios = {name: row["ratios"][name]["value"] for name in PEERS if name in row["ratios"]}
        measured = [
            (name, min(ratio, 8.0), f"{ratio:.2f}{'...' if ratio > 8 else ''}") for name, ratio in ratios.items()
        ]
        note = f"{row['microseconds'][UNLATCH]['median']:.0f} us"
        groups.append(Group(row["row"], note, [(UNLATCH, 1.0, "1"), *measured]))
    return bars("Processor time, as a multiple of unlatch: shorter is better", [UNLATCH, *PEERS], groups)


def start(value: dict[str, Any]) -> str:
    """Milliseconds of processor time above the bare interpreter."""
    groups = [
        Group(
            row["row"],
            "in a new process",
            [(name, cost["milliseconds"], f"{cost['milliseconds']:.0f} ms") for name, cost in row["everybody"].items()],
        )
        for row in value["rows"]
    ]
    return bars(
        "Processor time above the bare interpreter: shorter is better", list(value["rows"][0]["everybody"]), groups
    )


def server(value: dict[str, Any]) -> str:
    """Processor time of the server processes for a complete sign-in, with 8 clients."""
    names = list(dict.fromkeys(run["application"] for run in value["runs"]))
    places = dict.fromkeys((run["database"], run["workers"]) for run in value["runs"])
    clients = max(run["clients"] for run in value["runs"] if run["clients"] <= 8)
    groups = []
    for database, workers in places:
        found = {
            run["application"]: run
            for run in value["runs"]
            if (run["database"], run["workers"], run["clients"]) == (database, workers, clients)
        }
        shown = [(name, run["cpu"], f"{run['cpu']:.2f} ms, {run['rate']:,.0f}/s") for name, run in found.items()]
        groups.append(Group(database, f"{workers} workers, {clients} clients", shown))
    return bars("Processor time of a complete sign-in over HTTP: shorter is better", names, groups)


PLOTS: dict[str, Callable[[dict[str, Any]], str]] = {"ceremonies": ceremonies, "start": start, "server": server}
