"""JSON (RFC 8259) read once, under a size limit, with every ambiguity refused.

Python's parser keeps the last of two equal members and accepts `NaN`; two readers of the same bytes could then
disagree about an origin. Here duplicates, non-finite numbers, lone surrogates and deep nesting are malformed.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from unlatch.codes import Code
from unlatch.errors import Malformed

#: A response with a long certificate chain and an ML-DSA key stays below 32 KiB; twice that is generous.
MAX_BYTES = 65_536


class _Ambiguous(ValueError):
    """Raised from inside the parser for what RFC 8259 leaves open and we refuse."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Ambiguous(Code.JSON_DUPLICATE, "a member stands twice in one object")
    return members


def _not_finite(constant: str) -> NoReturn:
    raise _Ambiguous(Code.JSON, f"{constant} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_not_finite)


def parse_object(
    text: bytes | str, path: str, *, byte_order_mark: bool = False, limit: int = MAX_BYTES
) -> dict[str, Any]:
    """Parse a JSON object.

    Args:
        text: UTF-8 bytes, or text.
        path: What the text is, for the error; empty for the whole body.
        byte_order_mark: Whether one leading BOM is dropped, as *UTF-8 decode* does (steps 5 and 8 of section 7).
        limit: Most bytes (or characters) that are looked at.

    Raises:
        Malformed: Too large, not UTF-8, not JSON, ambiguous, or not an object.
    """
    if len(text) > limit:
        raise Malformed(Code.TOO_LARGE, path, f"{len(text)} is more than {limit}")
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        if byte_order_mark and decoded.startswith("\ufeff"):
            decoded = decoded[1:]
        value = _DECODER.decode(decoded)
        if "\\u" in decoded:
            # Only an escape can smuggle in half a character; half characters cannot be encoded, so they surface here.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        elif not isinstance(text, bytes):
            decoded.encode("utf-8")
    except _Ambiguous as ambiguous:
        raise Malformed(ambiguous.code, path, str(ambiguous)) from None
    except UnicodeError:
        raise Malformed(Code.JSON, path, "not valid UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Malformed(Code.JSON, path, f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Malformed(Code.JSON_TYPE, path, "expected a JSON object")
    return value


def member(value: dict[str, Any], name: str, path: str) -> Any:
    """Return ``value[name]``.

    Raises:
        Malformed: The member is missing.
    """
    try:
        return value[name]
    except KeyError:
        raise Malformed(Code.JSON_MISSING, _join(path, name), "the member is missing") from None


def text_member(value: dict[str, Any], name: str, path: str) -> str:
    """Return ``value[name]``, which must be a string.

    Raises:
        Malformed: Missing, or not a string.
    """
    found = member(value, name, path)
    if not isinstance(found, str):
        raise Malformed(Code.JSON_TYPE, _join(path, name), "expected a string")
    return found


def object_member(value: dict[str, Any], name: str, path: str) -> dict[str, Any]:
    """Return ``value[name]``, which must be an object.

    Raises:
        Malformed: Missing, or not an object.
    """
    found = member(value, name, path)
    if not isinstance(found, dict):
        raise Malformed(Code.JSON_TYPE, _join(path, name), "expected an object")
    return found


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
