"""The results as a picture: how many times as long everybody takes as unlatch does."""

from __future__ import annotations

from html import escape
from typing import Any

from unlatch.cli.bench.own import FLOOR, FLOOR_KEY_AT_HAND, UNLATCH

_LEFT, _WIDTH, _RIGHT, _BAR, _GAP, _TOP = 200, 560, 60, 14, 18, 70
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; } .title { font-size: 16px; font-weight: 600; }
.small { font-size: 11px; fill: #59636e; } .c0 { fill: #0a7d5a; } .c1 { fill: #8c959f; } .c2 { fill: #c4cad1; }
.one { stroke: #0a7d5a; stroke-dasharray: 3 3; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .small { fill: #9198a1; }
.c0 { fill: #3fb68b; } .c1 { fill: #7d8590; } .c2 { fill: #484f58; } .one { stroke: #3fb68b; } }
"""


def svg(results: dict[str, Any]) -> str:
    """A bar chart; one group a row, one bar a library, scaled so that ours is 1."""
    peers = list(results["peers"])
    names = [UNLATCH, *peers]
    widest = max((ratio["value"] for row in results["rows"] for ratio in _peers(row).values()), default=1.0)
    scale = _WIDTH / max(widest, 1.0)
    height = _TOP + sum(len(_peers(row)) + 1 for row in results["rows"]) * _BAR + len(results["rows"]) * _GAP + 10
    width = _LEFT + _WIDTH + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d">',
        '<title id="t">CPU time of a ceremony, as a multiple of unlatch</title>',
        f'<desc id="d">{escape(_sentence(results))}</desc>',
        f"<style>{_STYLE}</style>",
        '<text class="title" x="10" y="24">CPU time of a ceremony: shorter is better, unlatch is 1</text>',
    ]
    for index, name in enumerate(names):
        x = 10 + index * 170
        label = name if name == UNLATCH else f"{name} {results['peers'][name]}"
        parts.append(f'<rect class="c{index}" x="{x}" y="38" width="12" height="12"/>')
        parts.append(f'<text x="{x + 18}" y="49">{escape(label)}</text>')
    y = _TOP
    for row in results["rows"]:
        bars = [(0, 1.0), *((names.index(name), ratio["value"]) for name, ratio in _peers(row).items())]
        parts.append(f'<text x="10" y="{y + 12}">{escape(row["row"])}</text>')
        parts.append(f'<text class="small" x="10" y="{y + 27}">{row["microseconds"][UNLATCH]["median"]:.0f} us</text>')
        for index, value in bars:
            length = value * scale
            parts.append(
                f'<rect class="c{index}" x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR - 2}" rx="2"/>'
            )
            if index:
                parts.append(f'<text class="small" x="{_LEFT + length + 5:.1f}" y="{y + 10}">{value:.2f}</text>')
            y += _BAR
        y += _GAP if len(bars) > 1 else _GAP + _BAR
    parts.append(
        f'<line class="one" x1="{_LEFT + scale:.1f}" x2="{_LEFT + scale:.1f}" y1="{_TOP - 6}" y2="{height - 14}"/>'
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _peers(row: dict[str, Any]) -> dict[str, Any]:
    return {name: ratio for name, ratio in row["ratios"].items() if name not in (FLOOR, FLOOR_KEY_AT_HAND)}


def _sentence(results: dict[str, Any]) -> str:
    return "; ".join(
        f"{row['row']}: " + ", ".join(f"{name} {ratio['value']:.2f}" for name, ratio in _peers(row).items())
        for row in results["rows"]
    )
