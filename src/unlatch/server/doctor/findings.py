"""One finding a line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How good it is."""

    GOOD = "good"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what came out.

    Attributes:
        mark: How good it is. Only `WRONG` keeps the server from its work.
        subject: A word or two: what was looked at.
        sentence: What was found; for anything but `GOOD`, also what to change.
    """

    mark: Mark
    subject: str
    sentence: str

    def to_json(self) -> dict[str, str]:
        """As a JSON object."""
        return {"mark": str(self.mark), "subject": self.subject, "sentence": self.sentence}


def good(subject: str, sentence: str) -> Finding:
    """Nothing to change."""
    return Finding(Mark.GOOD, subject, sentence)


def note(subject: str, sentence: str) -> Finding:
    """It works, and one should know."""
    return Finding(Mark.NOTE, subject, sentence)


def wrong(subject: str, sentence: str) -> Finding:
    """The server cannot work, or not safely."""
    return Finding(Mark.WRONG, subject, sentence)
