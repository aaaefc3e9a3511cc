"""The page of ``unlatch explain --html``: one file, no script, nothing from elsewhere, light and dark.

What it shows came from a client: everything is escaped, and the page's own policy forbids scripts and requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from string import Template

from unlatch import __version__
from unlatch.cli.explain_style import STYLE
from unlatch.cli.explained import MEANINGS, Explanation, evidence_of
from unlatch.judgement import Outcome, StepVerdict

#: Longer values are folded away behind their beginning.
_FOLDED = 160
_SHOWN = 64

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>$title</title>
<style>
$style</style>
</head>
<body>
<main>
<header class="verdict $tone">
$icon
<div>
<h1>$verdict</h1>
<p>$because</p>
</div>
</header>
<dl class="facts">
$facts
</dl>
<h2 id="steps">Every step, in the order of <a href="$anchor">the specification</a></h2>
<p class="tally">$tally</p>
<div class="scroll" role="region" aria-labelledby="steps" tabindex="0">
<table role="table">
<thead role="rowgroup"><tr role="row">
<th role="columnheader" scope="col">#</th><th role="columnheader" scope="col">Step</th>
<th role="columnheader" scope="col">Outcome</th><th role="columnheader" scope="col">Evidence</th>
</tr></thead>
<tbody role="rowgroup">
$rows
</tbody>
</table>
</div>
<h2>What the outcomes mean</h2>
<dl class="legend">
$legend
</dl>
</main>
<footer>Judged by unlatch $version. This page holds ids and origins: it is as private as an access log.</footer>
</body>
</html>
""")

_ICON = Template('<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="$path"/></svg>')
_PATHS = {
    Outcome.PASSED: "M5 12.5l4.5 4.5L19 7.5",
    Outcome.REFUSED: "M6.5 6.5l11 11M17.5 6.5l-11 11",
    Outcome.NOT_REACHED: "M7 12h10",
    Outcome.CLIENT: "M5 6h14v10H5zM9 20h6",
    Outcome.STORE: "M6 7c0-3 12-3 12 0v10c0 3-12 3-12 0zM6 7c0 3 12 3 12 0",
    Outcome.CALLER: "M12 5a3 3 0 1 0 .01 0M6 19c0-7 12-7 12 0",
}


def page(explanation: Explanation) -> str:
    """The page as HTML text.

    Args:
        explanation: What to show.
    """
    verdict = explanation.verdict
    first, _, rest = explanation.sentence.partition(": ")
    refused = verdict.refused_at
    because = rest[:1].upper() + rest[1:]
    if verdict.error is not None:
        link = f'<a href="#{escape(refused.step.slug)}">{escape(refused.step.title)}</a>' if refused else "the format"
        because = f"This does not hold: {link}. The code is <code>{escape(str(verdict.code))}</code>."
    else:
        because = escape(because)
    return _PAGE.substitute(
        title=escape(f"{first} - {verdict.kind} for {explanation.recording.expectations.rp_id}"),
        style=STYLE,
        tone="good" if verdict.accepted else "bad",
        icon=_icon(Outcome.PASSED if verdict.accepted else Outcome.REFUSED),
        verdict=escape(first),
        because=because,
        facts=_pairs((escape(name), escape(value)) for name, value in explanation.facts),
        anchor=escape(verdict.steps[0].step.anchor),
        tally=escape(_tally(verdict.steps)),
        rows="\n".join(_row(item) for item in verdict.steps),
        legend=_pairs((_badge(outcome), escape(meaning)) for outcome, meaning in MEANINGS.items()),
        version=escape(__version__),
    )


def _tally(steps: tuple[StepVerdict, ...]) -> str:
    counts = {outcome: sum(item.outcome is outcome for item in steps) for outcome in Outcome}
    others = sum(counts[outcome] for outcome in (Outcome.CLIENT, Outcome.STORE, Outcome.CALLER))
    parts = (
        (counts[Outcome.PASSED], "passed"),
        (counts[Outcome.REFUSED], "refused"),
        (counts[Outcome.NOT_REACHED], "not reached"),
        (others, "done by others"),
    )
    return f"{len(steps)} steps: " + ", ".join(f"{count} {word}" for count, word in parts if count) + "."


def _row(item: StepVerdict) -> str:
    shown = evidence_of(item) if item.outcome in (Outcome.PASSED, Outcome.REFUSED) else []
    evidence = _pairs((escape(name), _value(value)) for name, value in shown)
    # Narrow screens stack the cells, and some readers then forget what they are: hence the roles.
    return (
        f'<tr role="row" id="{escape(item.step.slug)}" class="{item.outcome}">'
        f'<td role="cell" class="number">{item.step.number}</td>'
        f'<th role="rowheader" scope="row">{escape(item.step.title)}<code>{escape(item.step.slug)}</code></th>'
        f'<td role="cell">{_badge(item.outcome)}</td>'
        f'<td role="cell">{f"<dl>{evidence}</dl>" if evidence else ""}</td></tr>'
    )


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The inside of a definition list, from HTML."""
    return "\n".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in pairs)


def _value(value: str) -> str:
    if len(value) <= _FOLDED:
        return f"<code>{escape(value)}</code>"
    return (
        f"<details><summary><code>{escape(value[:_SHOWN])}</code>... ({len(value)} characters)</summary>"
        f"<code>{escape(value)}</code></details>"
    )


def _badge(outcome: Outcome) -> str:
    return f'<span class="badge {outcome}">{_icon(outcome)}{escape(str(outcome).replace("-", " "))}</span>'


def _icon(outcome: Outcome) -> str:
    return _ICON.substitute(path=_PATHS[outcome])
