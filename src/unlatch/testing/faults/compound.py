"""Faults of the `compound` format (section 8.9), apart from those of the statements inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing.faults.writing import fault, through, to
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault

_FORMATS = ("compound",)
_STEP = "registration.attestation-statement.compound-"


def _shape(name: str, what: str, change: Change) -> Fault:
    return fault(
        _STEP + name, what, Point.STATEMENT, change, Code.ATTESTATION_STATEMENT, decoder=True, formats=_FORMATS
    )


def _refused(name: str, what: str, change: Change, code: Code) -> Fault:
    return fault(_STEP + name, what, Point.STATEMENT, change, code, formats=_FORMATS)


def _last(function: Any) -> Change:
    """Change the last of the statements inside."""
    return through(lambda statements: [*statements[:-1], function(statements[-1])])


def _bad_signature(element: dict[str, Any]) -> dict[str, Any]:
    inner = element["attStmt"]
    return {**element, "attStmt": {**inner, "sig": inner["sig"][:-1] + bytes((inner["sig"][-1] ^ 1,))}}


FAULTS = (
    _shape("empty", "There are no statements inside.", to([])),
    _shape("one", "There is only one statement inside.", through(lambda statements: statements[:1])),
    _shape("map", "The statements are a map.", through(lambda statements: {each["fmt"]: each for each in statements})),
    _shape("element-array", "A statement inside is an array.", _last(lambda element: list(element.values()))),
    _shape("no-format", "A statement inside has no format.", _last(lambda element: {"attStmt": element["attStmt"]})),
    _shape(
        "format-bytes",
        "The format of a statement inside is a byte string.",
        _last(lambda element: {**element, "fmt": b"packed"}),
    ),
    _shape("no-statement", "A format inside has no statement.", _last(lambda element: {"fmt": element["fmt"]})),
    _shape("unknown-member", "A statement inside has a surplus member.", _last(lambda element: {**element, "x": 1})),
    _shape("nested", "A compound statement stands inside.", _last(lambda _: {"fmt": "compound", "attStmt": []})),
    _shape("inner-statement-empty", "A statement inside is empty.", _last(lambda element: {**element, "attStmt": {}})),
    _refused(
        "unknown-format",
        "A statement inside has a format that does not exist.",
        _last(lambda element: {**element, "fmt": "sealed"}),
        Code.FORMAT_NOT_SUPPORTED,
    ),
    _refused(
        "inner-signature",
        "The signature of a statement inside does not verify.",
        _last(_bad_signature),
        Code.ATTESTATION_SIGNATURE,
    ),
)
