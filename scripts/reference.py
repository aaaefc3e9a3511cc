"""Write the pages of docs/reference from the source: its tables, docstrings and options.

Run ``PYTHONPATH=src python scripts/reference.py`` after a step, a code or an option was added; a test compares the
pages with what is written here. A code without its meaning in `code_meanings.py` ends the run with its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import reference_pages
from code_meanings import MEANINGS

from unlatch.adapters.http import HttpCode
from unlatch.codes import Code, PublicCode
from unlatch.steps.table import STEPS, Step
from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
_WORDS = ("client", "decoder", "store", "caller")


def pages() -> dict[str, str]:
    """Name of each page -> its text."""
    lines = {
        "steps.md": _steps(),
        "errors.md": _errors(),
        "policy.md": reference_pages.policy(),
        "command-line.md": reference_pages.command_line(),
        "settings.md": reference_pages.settings(),
        "names.md": reference_pages.names(),
    }
    return {name: "\n".join(page) + "\n" for name, page in lines.items()}


def _refusals() -> dict[str, list[Code]]:
    """Step -> the codes with which it refuses, as the catalogue of faults proves."""
    found: dict[str, set[Code]] = {}
    for fault in FAULTS:
        if fault.step is not None:
            found.setdefault(fault.step, set()).add(Code(fault.code))
    order = list(Code)
    return {step: sorted(codes, key=order.index) for step, codes in found.items()}


def _steps() -> Iterator[str]:
    yield "# The steps"
    yield ""
    yield "Every numbered step of WebAuthn's two ceremonies, who does it, and with which [codes](errors.md) it refuses."
    yield "The slugs are stable; the numbers are those of the draft that was read and move between drafts. The same"
    yield "table is printed by `unlatch steps` and, with what became of each step, by `unlatch explain`."
    yield ""
    yield "- **client**: the browser does it, before anything reaches a server."
    yield "- **decoder**: reading the response does it; a failure is a `Malformed` with the path of the input."
    yield "- **store**: the store's unique constraint or update does it."
    yield "- **caller**: the application does it with the result."
    yield ""
    yield "Codes are named where the catalogue of faults in `unlatch.testing` has one that this step refuses."
    refusals = _refusals()
    for kind, title in ((CeremonyKind.REGISTRATION, "Registration"), (CeremonyKind.AUTHENTICATION, "Authentication")):
        own = [step for step in STEPS if step.ceremony is kind]
        yield ""
        yield f"## {title}"
        yield ""
        yield f"Specification: <{own[0].anchor}>"
        yield ""
        yield "| # | slug | what | done by | codes |"
        yield "|--:|---|---|---|---|"
        for step in own:
            codes = ", ".join(f"[`{code}`](errors.md#{code})" for code in refusals.get(step.name, ()))
            yield f"| {step.number} | `{step.slug}` | {step.title} | {_done_by(step)} | {codes} |"


def _done_by(step: Step) -> str:
    return step.done_by if step.done_by in _WORDS else f"`{step.done_by.removeprefix('unlatch.')}`"


def _errors() -> Iterator[str]:
    yield "# The error codes"
    yield ""
    yield "Every error of `unlatch` has a `code` (`unlatch.codes.Code`), which is stable: codes are added, never"
    yield "renamed. `str(error)` is the public sentence, safe to show; `error.evidence()` is for the log alone. The"
    yield "status is a hint for HTTP. Several codes share a sentence where telling them apart would help an attacker."
    yield ""
    yield "`Malformed` errors carry the `path` of the input, refusals the [`step`](steps.md) with `expected` and"
    yield "`received`. `unlatch explain` shows all of it for a recorded ceremony."
    steps: dict[PublicCode, list[str]] = {}
    for step, codes in _refusals().items():
        for code in codes:
            steps.setdefault(code, []).append(step)
    for title, meanings in MEANINGS.items():
        yield ""
        yield f"## {title}"
        for code, meaning in meanings.items():
            yield ""
            yield f'### <a id="{code}"></a>`{code}`'
            yield ""
            yield meaning
            yield ""
            if code in steps:
                names = ", ".join(f"`{name}`" for name in sorted(steps[code]))
                yield f'Status {code.status_hint}. Public sentence: "{code.message}" Steps: {names}.'
            else:
                yield f'Status {code.status_hint}. Public sentence: "{code.message}"'


def undocumented() -> list[str]:
    """Codes without a meaning."""
    documented = {code for meanings in MEANINGS.values() for code in meanings}
    return [str(code) for code in (*Code, *HttpCode) if code not in documented]


def main() -> None:
    """Write the pages."""
    missing = undocumented()
    if missing:
        raise SystemExit(f"scripts/code_meanings.py has no meaning for {', '.join(missing)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
