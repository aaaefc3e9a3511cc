"""What an explanation says, in words: shared by its table and its page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from unlatch.cli.text import visible
from unlatch.judgement import Outcome, Recording, StepVerdict, Verdict
from unlatch.terms import CeremonyKind

#: What each outcome means to somebody who reads it for the first time.
MEANINGS = {
    Outcome.PASSED: "checked, and as expected",
    Outcome.REFUSED: "checked, and not as expected: the ceremony ends here",
    Outcome.NOT_REACHED: "not checked, because an earlier step refused",
    Outcome.CLIENT: "done by the browser; a recording cannot tell how it went",
    Outcome.STORE: "done by the store; a recording cannot tell how it went",
    Outcome.CALLER: "done by the application; a recording cannot tell how it went",
}
_CEREMONIES = {CeremonyKind.REGISTRATION: "registration", CeremonyKind.AUTHENTICATION: "sign-in"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A recording and the verdict on it.

    Attributes:
        recording: What was recorded.
        verdict: What judging it came to.
    """

    recording: Recording
    verdict: Verdict

    @property
    def sentence(self) -> str:
        """The verdict in one sentence; with values of the recording, made visible."""
        ceremony = _CEREMONIES[self.verdict.kind]
        if self.verdict.accepted:
            return f"Accepted: this {ceremony} stands."
        refused = self.verdict.refused_at
        where = f" at step {refused.step.number}, {refused.step.slug}" if refused else ""
        return f"Refused{where}: {self.verdict.code}."

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was judged: names and values, made visible."""
        expected, error = self.recording.expectations, self.verdict.error
        facts = [
            ("ceremony", str(self.verdict.kind)),
            ("RP ID", visible(expected.rp_id)),
            ("judged as of", expected.at.isoformat()),
        ]
        if error is not None:
            evidence = error.evidence()
            facts += [(name, visible(str(evidence[name]))) for name in ("path", "detail") if evidence.get(name)]
            facts.append(("the client reads", error.code.message))
        return facts


def evidence_of(item: StepVerdict) -> list[tuple[str, str]]:
    """The evidence of one step: names and values in full, made visible; without what its row says already."""
    return [
        (name, _written(value))
        for name, value in item.evidence.items()
        if name != "step" and value is not None and value != ""
    ]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list) and all(isinstance(each, (str, int)) for each in value):
        return ", ".join(visible(str(each)) for each in value) or "none"
    return visible(json.dumps(value, ensure_ascii=False, default=str))
