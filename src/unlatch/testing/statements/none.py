"""The `none` statement (section 8.7): an empty map."""

from __future__ import annotations

from typing import Any

from unlatch.testing.scene import Scene


def make(_scene: Scene) -> dict[str, Any]:
    """An empty statement, whatever happened before."""
    return {}
