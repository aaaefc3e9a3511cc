"""JSON (RFC 8259) read once, under a size limit, with every ambiguity refused.

Python's parser keeps the last of two equal members and accepts `NaN`; two readers of the same bytes could then
disagree about an origin. Here duplicates, non-finite numbers, lone surrogates and deep nesting are malformed. An
object that somebody else parsed is judged as the text it stands for: their parser may have let all of that pass.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

from unlatch.codes import Code
from unlatch.errors import Malformed

#: A response with a long certificate chain and an ML-DSA key stays below 32 KiB; twice that is generous.
MAX_BYTES = 65_536
#: Limit for what we wrote ourselves and read back, such as a state that lists hundreds of credentials.
MAX_STORED_BYTES = 4_194_304
#: Responses, options and states nest five levels; the rest is for extensions to come.
MAX_DEPTH = 32


class Judged(dict[str, Any]):
    """An object that stood inside one that `parse_object` read: it was judged with it, and is not judged again."""


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


def _finite(number: str) -> float:
    """A number such as 1e999 is JSON, but no reader can hold it."""
    value = float(number)
    return value if isfinite(value) else _not_finite(number)


_WHITESPACE = " \t\n\r"
#: Reads the value at an index of a text, and says where it ends; `StopIteration` where there is none.
_scan = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_not_finite, parse_float=_finite).scan_once  # type: ignore[attr-defined]  # in each Python, in no stub; what is public is a call more


def parse_object(
    text: bytes | str | dict[str, Any], path: str, *, byte_order_mark: bool = False, limit: int = MAX_BYTES
) -> dict[str, Any]:
    """Parse a JSON object.

    Args:
        text: UTF-8 bytes, text, or the object that somebody else parsed (which is copied; a `Judged` one is taken as
            it is).
        path: What the text is, for the error; empty for the whole body.
        byte_order_mark: Whether one leading BOM is dropped, as *UTF-8 decode* does (steps 5 and 8 of section 7).
        limit: Most bytes (of text: characters) that are read.

    Raises:
        Malformed: Too large, not UTF-8, not JSON, ambiguous, nested too deeply, or not an object.
    """
    if type(text) is Judged:
        return text
    if not isinstance(text, bytes) and not isinstance(text, str):
        text = _write(text, path)
    if len(text) > limit:
        raise Malformed(Code.TOO_LARGE, path, f"{len(text)} is more than {limit}")
    try:
        # Half characters that stand in a text as they are cannot be encoded, and surface here.
        decoded, encoded = (text.decode(), text) if isinstance(text, bytes) else (text, text.encode())
        if byte_order_mark:
            decoded = decoded.removeprefix("\ufeff")
        decoded = decoded.strip(_WHITESPACE)
        value, end = _scan(decoded, 0)
        if end != len(decoded):
            raise ValueError(f"something stands after the value, at character {end}")
        if "\\" in decoded:
            # An escape can smuggle in half a character as well.
            json.dumps(value, ensure_ascii=False).encode()
    except _Ambiguous as ambiguous:
        raise Malformed(ambiguous.code, path, str(ambiguous)) from None
    except UnicodeError:
        raise Malformed(Code.JSON, path, "not valid UTF-8") from None
    except StopIteration as stop:
        raise Malformed(Code.JSON, path, f"not JSON: a value is expected at character {stop.value}") from None
    except (ValueError, RecursionError) as error:
        raise Malformed(Code.JSON, path, f"not JSON: {error}") from None
    if type(value) is not dict:
        raise Malformed(Code.JSON_TYPE, path, "expected a JSON object")
    # What nests deeper has more brackets than that: few brackets are proof, wherever they stand. `replace` leaps from
    # one to the next, where `count` looks at each byte.
    others = len(encoded.replace(b"{", b"")) + len(encoded.replace(b"[", b""))
    if 2 * len(encoded) - others > MAX_DEPTH:
        _check_depth(value, path)
    return value


def _write(value: dict[str, Any], path: str) -> str:
    """The text of an object; what has no text is not JSON."""
    if not isinstance(value, dict):
        raise Malformed(Code.JSON_TYPE, path, f"expected JSON text or an object, not {type(value).__name__}")
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed(Code.JSON, path, f"not JSON: {error}") from None


def _check_depth(value: dict[str, Any], path: str) -> None:
    """Refuse what later readers would need a deep stack for."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for container in level:
            for child in container.values() if type(container) is dict else container:
                if type(child) is dict or type(child) is list:
                    below.append(child)  # noqa: PERF401 - a comprehension costs a call for each level
        if not below:
            return
        level = below
    raise Malformed(Code.JSON, path, f"nested deeper than {MAX_DEPTH}")


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
    found = value.get(name)
    if not isinstance(found, str):
        member(value, name, path)
        raise Malformed(Code.JSON_TYPE, _join(path, name), "expected a string")
    return found


def object_member(value: dict[str, Any], name: str, path: str) -> dict[str, Any]:
    """Return ``value[name]``, which must be an object.

    Raises:
        Malformed: Missing, or not an object.
    """
    found = value.get(name)
    if not isinstance(found, dict):
        member(value, name, path)
        raise Malformed(Code.JSON_TYPE, _join(path, name), "expected an object")
    return found


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
