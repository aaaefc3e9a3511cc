"""The results as a picture and as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

_LEFT, _WIDTH, _BAR, _TOP, _GAP = 210, 520, 16, 76, 20
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; } .title { font-size: 16px; font-weight: 600; }
.small { font-size: 11px; fill: #59636e; } .few { fill: #8c959f; } .many { fill: #0a7d5a; } .tail { opacity: .45; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .small { fill: #9198a1; }
.few { fill: #7d8590; } .many { fill: #3fb68b; } }
"""
_LABELS = {"sealed": "sealed ceremonies", "database": "ceremonies as rows"}


def svg(value: dict[str, Any]) -> str:
    """Bars to the median, and pale ones on to the 99th percentile."""
    longest = max(each[name]["p99"] for each in value["milliseconds"].values() for name in value["rows"])
    scale = _WIDTH / longest
    height = _TOP + len(value["milliseconds"]) * (2 * _BAR + _GAP) + 10
    box = f"0 0 {_LEFT + _WIDTH + 110} {height}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" aria-labelledby="t d">',
        '<title id="t">Database time of a sign-in, with few and with many passkeys</title>',
        f'<desc id="d">{escape(" ".join(sentences(value)))}</desc>',
        f"<style>{_STYLE}</style>",
        '<text class="title" x="10" y="24">Database time of a sign-in: median, and on to the 99th percentile</text>',
    ]
    for index, (name, rows) in enumerate(value["rows"].items()):
        x = 10 + index * 300
        parts.append(f'<rect class="{name}" x="{x}" y="40" width="12" height="12"/>')
        parts.append(f'<text x="{x + 18}" y="51">{rows:,} passkeys and expired ceremonies</text>')
    y = _TOP
    for keeping, each in value["milliseconds"].items():
        parts.append(f'<text x="10" y="{y + 13}">{_LABELS[keeping]}</text>')
        ratio = each["ratio"]
        parts.append(f'<text class="small" x="10" y="{y + 29}">x {ratio["median"]:.2f}, x {ratio["p99"]:.2f}</text>')
        for name in value["rows"]:
            median, tail = each[name]["median"] * scale, each[name]["p99"] * scale
            size = f'y="{y}" height="{_BAR - 2}"'
            parts.append(f'<rect class="{name} tail" x="{_LEFT}" width="{tail:.1f}" {size}/>')
            parts.append(f'<rect class="{name}" x="{_LEFT}" width="{median:.1f}" {size}/>')
            words = f"{each[name]['median']:.2f} / {each[name]['p99']:.2f} ms"
            parts.append(f'<text class="small" x="{_LEFT + tail + 5:.1f}" y="{y + 11}">{words}</text>')
            y += _BAR
        y += _GAP
    return "\n".join([*parts, "</svg>"]) + "\n"


def sentences(value: dict[str, Any]) -> Iterator[str]:
    """What was found."""
    few, many = (f"{rows:,}" for rows in value["rows"].values())
    for keeping, each in value["milliseconds"].items():
        yield (
            f"{_LABELS[keeping].capitalize()}: {each['few']['median']:.2f} ms (99th percentile "
            f"{each['few']['p99']:.2f}) with {few}, {each['many']['median']:.2f} ms ({each['many']['p99']:.2f}) with "
            f"{many}: {each['ratio']['median']:.2f} and {each['ratio']['p99']:.2f} times as long, at most "
            f"{value['limit']} are allowed."
        )
    swept = value["sweep"]
    yield (
        f"Sweeping {swept['rows']:,} rows took {swept['seconds']:.0f} s; a sign-in meanwhile took "
        f"{swept['milliseconds']['median']:.2f} ms ({swept['milliseconds']['p99']:.2f})."
    )
