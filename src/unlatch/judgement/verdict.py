"""What judging a recorded ceremony comes to: accepted or refused, and every step on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from unlatch.ceremonies.authentication import Authentication
from unlatch.ceremonies.registration import Registration
from unlatch.errors import UnlatchError
from unlatch.steps.table import Step
from unlatch.terms import CeremonyKind


class Outcome(StrEnum):
    """What became of one step.

    `CLIENT`, `STORE` and `CALLER` steps are done by others: the browser before, the store and the application after;
    a recording cannot tell how they went.
    """

    PASSED = "passed"
    REFUSED = "refused"
    NOT_REACHED = "not-reached"
    CLIENT = "client"
    STORE = "store"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """One step of the ceremony and what became of it.

    Attributes:
        step: The row of `unlatch.steps.table`.
        outcome: What became of it.
        evidence: What the step looked at, as plain JSON-able data: ``expected`` and ``received`` where it compared,
            and for a refusal everything that the error says.
    """

    step: Step
    outcome: Outcome
    evidence: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "step": self.step.name,
            "number": self.step.number,
            "title": self.step.title,
            "outcome": str(self.outcome),
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one ceremony.

    Attributes:
        kind: Which ceremony.
        steps: Every step, in the order of the specification.
        result: What the relying party would have got; None when refused.
        error: What it would have been told; None when accepted.
    """

    kind: CeremonyKind
    steps: tuple[StepVerdict, ...]
    result: Registration | Authentication | None = None
    error: UnlatchError | None = None

    @property
    def accepted(self) -> bool:
        """Whether the ceremony stands."""
        return self.error is None

    @property
    def code(self) -> str | None:
        """The stable code of the refusal."""
        return None if self.error is None else str(self.error.code)

    @property
    def refused_at(self) -> StepVerdict | None:
        """The step that refused."""
        return next((item for item in self.steps if item.outcome is Outcome.REFUSED), None)

    @property
    def step(self) -> str | None:
        """Name of the step that refused, ``"registration.challenge"``."""
        refused = self.refused_at
        return None if refused is None else refused.step.name

    def to_json(self) -> dict[str, Any]:
        """Plain data, for a log or a terminal; it holds no secret, but ids and origins."""
        return {
            "kind": str(self.kind),
            "accepted": self.accepted,
            "code": self.code,
            "step": self.step,
            "error": None if self.error is None else self.error.evidence(),
            "steps": [item.to_json() for item in self.steps],
        }
