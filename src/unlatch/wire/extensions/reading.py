"""Reading one member of an extension's input or output, or refusing it with its path."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NoReturn, TypeAlias

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import base64url

#: Says nothing about a good value, raises `Malformed` about a bad one; the text is its path.
Check: TypeAlias = Callable[[Any, str], None]

INPUTS = "extensions"
CLIENT_OUTPUTS = "clientExtensionResults"
SIGNED_OUTPUTS = "authenticatorData.extensions"


def bad_input(path: str, detail: str) -> NoReturn:
    """Refuse an input.

    Raises:
        Malformed: Always.
    """
    raise Malformed(Code.EXTENSION_INPUT, path, detail)


def bad_output(path: str, detail: str) -> NoReturn:
    """Refuse an output. `detail` never quotes it: it may be a secret.

    Raises:
        Malformed: Always.
    """
    raise Malformed(Code.EXTENSION_OUTPUT, path, detail)


def true_input(value: Any, path: str) -> None:
    """An input that is either ``true`` or left out."""
    if value is not True:
        bad_input(path, "true, or left out")


def boolean_input(value: Any, path: str) -> None:
    """An input that is ``true`` or ``false``."""
    if type(value) is not bool:
        bad_input(path, "true or false")


def object_input(value: Any, path: str, members: Collection[str]) -> dict[str, Any]:
    """An input that is an object with no other than these members: a slip in a name would be ignored by browsers."""
    if not isinstance(value, dict):
        bad_input(path, "an object")
    surplus = sorted(map(str, value.keys() - set(members)))
    if surplus:
        bad_input(path, f"has no member {surplus[0]!r}; its members are {', '.join(members)}")
    return value


def binary_input(value: Any, path: str) -> bytes:
    """An input that is base64url text."""
    try:
        return base64url.decode(value, path)
    except Malformed as malformed:
        bad_input(path, malformed.detail)


def boolean_output(value: Any, path: str) -> None:
    """An output that is ``true`` or ``false``."""
    if type(value) is not bool:
        bad_output(path, "expected a boolean")


def object_output(value: Any, path: str) -> None:
    """An output that is a JSON object."""
    if not isinstance(value, dict):
        bad_output(path, "expected an object")


def bytes_output(value: Any, path: str) -> None:
    """A signed output that is a byte string."""
    if type(value) is not bytes:
        bad_output(path, "expected a byte string")


def binary_output(value: Any, path: str) -> bytes | None:
    """Bytes in a client output: base64url text, or what `JSON.stringify` makes of bytes where nobody used ``toJSON()``.

    An ArrayBuffer becomes ``{}``, a typed array ``{"0": 1, "1": 2}`` (so do bytes on React Native's bridge), and some
    password managers return plain arrays.

    Returns:
        The bytes; None for ``{}``, which has lost them.
    """
    if value == {}:
        return None
    numbers = value
    if type(value) is dict and list(value) == [str(index) for index in range(len(value))]:
        numbers = list(value.values())
    if type(numbers) is list and all(type(number) is int and 0 <= number <= 255 for number in numbers):
        return bytes(numbers)
    try:
        return base64url.decode(value, path)
    except Malformed as malformed:
        bad_output(path, malformed.detail)
