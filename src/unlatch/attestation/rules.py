"""Named switches where the specification's text and the field disagree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRules:
    """How strictly statements are read."""
