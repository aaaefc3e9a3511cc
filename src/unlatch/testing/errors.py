"""What the emulated browser throws where a real one would reject the promise."""

from __future__ import annotations


class ClientError(Exception):
    """The `DOMException` (or `TypeError`) of a refused `navigator.credentials` call.

    Attributes:
        name: The exception's name as scripts see it, for example ``"InvalidStateError"``.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
