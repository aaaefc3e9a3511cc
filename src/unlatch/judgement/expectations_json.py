"""Expectations as JSON: what differs from the defaults, in the names and encodings of the specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from unlatch.attestation.anchors import TrustAnchors
from unlatch.attestation.rules import StatementRules
from unlatch.codes import Code
from unlatch.crypto.revocation import Revocation
from unlatch.errors import Malformed, Misconfigured
from unlatch.judgement.expectations import Expectations
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def expectations_to_json(expectations: Expectations) -> dict[str, Any]:
    """Plain data that `expectations_from_json` reads.

    Raises:
        Misconfigured: Anchors that are not certificates.
    """
    value = {}
    for item in fields(Expectations):
        found = getattr(expectations, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if found != default:
            value[_camel(item.name)] = _write(found)
    return value


def expectations_from_json(value: dict[str, Any], path: str) -> Expectations:
    """Read what `expectations_to_json` wrote.

    Raises:
        Malformed: A member that is unknown, missing or of another form.
        Misconfigured: A value that the attributes cannot have.
    """
    names = {_camel(item.name): item for item in fields(Expectations)}
    arguments = {}
    for name, found in value.items():
        item = names.pop(name, None)
        if item is None:
            raise Malformed(Code.RECORDING, f"{path}.{name}", "there is no such member")
        read = _READERS.get(item.name)
        arguments[item.name] = found if read is None else read(found, f"{path}.{name}")
    for name, item in names.items():
        if item.default is MISSING and item.default_factory is MISSING:
            raise Malformed(Code.RECORDING, f"{path}.{name}", "the member is missing")
    return Expectations(**arguments)


def _write(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64url.encode(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, UserEntity):
        return value.to_json()
    if isinstance(value, (tuple, list)):
        return [_write(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, StatementRules):
        return {
            item.name: _write(found) for item in fields(value) if (found := getattr(value, item.name)) != item.default
        }
    if isinstance(value, TrustAnchors):
        members = {item.name: getattr(value, item.name) for item in fields(value) if item.init}
        return {name: _write(tuple(found)) for name, found in members.items() if found}
    if isinstance(value, Revocation):
        return {"crls": _write(value.crls), "required": value.required}
    if value is None or isinstance(value, (str, int, float, dict)):
        return value
    raise Misconfigured(f"{type(value).__name__} cannot be recorded; give the anchors as certificates.")


def _bytes(value: Any, path: str) -> bytes:
    return base64url.decode(value, path)


def _list(read: Callable[[Any, str], Any], *, optional: bool = False) -> Callable[[Any, str], Any]:
    def read_list(value: Any, path: str) -> Any:
        if value is None and optional:
            return None
        if not isinstance(value, list):
            raise Malformed(Code.RECORDING, path, "expected a list")
        return [read(item, f"{path}[{index}]") for index, item in enumerate(value)]

    return read_list


def _time(value: Any, path: str) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(Code.RECORDING, path, "expected a time as in ISO 8601") from None


def _user(value: Any, path: str) -> UserEntity | None:
    return None if value is None else UserEntity.from_json(value, path)


def _certificate(value: Any, path: str) -> bytes | str:
    """PEM, or DER in base64url."""
    if isinstance(value, str) and value.lstrip().startswith("-----BEGIN"):
        return value
    return _bytes(value, path)


def _anchor(value: Any, path: str) -> bytes | str | TrustAnchors:
    if not isinstance(value, dict):
        return _certificate(value, path)
    readers: dict[str, Callable[[Any, str], Any]] = {
        "certificates": _list(_certificate),
        "intermediates": _list(_certificate),
        "crls": _list(_certificate),
        "formats": _list(_text, optional=True),
        "aaguids": _list(_bytes, optional=True),
    }
    if not value.keys() <= readers.keys() or "certificates" not in value:
        raise Malformed(Code.RECORDING, path, f"an object of {', '.join(readers)}")
    return TrustAnchors(
        **{name: read(value[name], f"{path}.{name}") for name, read in readers.items() if name in value}
    )


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise Malformed(Code.RECORDING, path, "expected a string")
    return value


def _revocation(value: Any, path: str) -> Revocation | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not value.keys() <= {"crls", "required"} or "crls" not in value:
        raise Malformed(Code.RECORDING, path, "an object of crls, required")
    crls = _list(_certificate)(value["crls"], f"{path}.crls")
    required = value.get("required", True)
    if not isinstance(required, bool):
        raise Malformed(Code.RECORDING, f"{path}.required", "expected a boolean")
    return Revocation(crls=crls, required=required)


def _rules(value: Any, path: str) -> StatementRules:
    names = {item.name for item in fields(StatementRules)}
    if not isinstance(value, dict) or not value.keys() <= names:
        raise Malformed(Code.RECORDING, path, f"an object of {', '.join(sorted(names))}")
    return StatementRules(**value)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "challenge": _bytes,
    "at": _time,
    "created_at": _time,
    "expires_at": _time,
    "user": _user,
    "allow_credentials": _list(_bytes),
    "registered": _list(_bytes),
    "anchors": _list(_anchor),
    "permitted_aaguids": _list(_bytes, optional=True),
    "forbidden_aaguids": _list(_bytes),
    "revocation": _revocation,
    "rules": _rules,
}
