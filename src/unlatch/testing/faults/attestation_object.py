"""Faults of the attestation object's members."""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.testing.faults.writing import append, drop, edit, fault, put, through, to
from unlatch.testing.points import Point

_OBJECT, _BYTES = Point.ATTESTATION_OBJECT, Point.ATTESTATION_OBJECT_BYTES
_NAME = "registration.attestation-object"

FAULTS = (
    fault(
        f"{_NAME}.trailing-byte",
        "A byte follows the attestation object.",
        _BYTES,
        append(b"\x00"),
        Code.CBOR_TRAILING,
        decoder=True,
    ),
    fault(
        f"{_NAME}.second-object",
        "A second attestation object follows.",
        _BYTES,
        through(lambda b: b + b),
        Code.CBOR_TRAILING,
        decoder=True,
    ),
    fault(
        f"{_NAME}.truncated",
        "The attestation object ends early.",
        _BYTES,
        through(lambda b: b[:-1]),
        Code.CBOR_TRUNCATED,
        decoder=True,
    ),
    fault(
        f"{_NAME}.array",
        "The attestation object is an array.",
        _OBJECT,
        through(lambda o: list(o.values())),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.integer-keys",
        "The members are numbered, as in CTAP.",
        _OBJECT,
        through(lambda o: {1: o["fmt"], 2: o["authData"], 3: o["attStmt"]}),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.unknown-member",
        "There is a member that the specification does not know.",
        _OBJECT,
        put("epAtt", True),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(f"{_NAME}.no-fmt", "`fmt` is missing.", _OBJECT, drop("fmt"), Code.ATTESTATION_OBJECT, decoder=True),
    fault(
        f"{_NAME}.no-attStmt", "`attStmt` is missing.", _OBJECT, drop("attStmt"), Code.ATTESTATION_OBJECT, decoder=True
    ),
    fault(
        f"{_NAME}.no-authData",
        "`authData` is missing.",
        _OBJECT,
        drop("authData"),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.fmt-bytes",
        "`fmt` is a byte string.",
        _OBJECT,
        edit("fmt", lambda text: text.encode()),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.attStmt-bytes",
        "`attStmt` is a byte string.",
        _OBJECT,
        put("attStmt", b""),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.attStmt-null",
        "`attStmt` is null.",
        _OBJECT,
        put("attStmt", None),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.authData-text",
        "`authData` is a text string.",
        _OBJECT,
        put("authData", "AAAA"),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        f"{_NAME}.authData-empty",
        "`authData` is empty.",
        _OBJECT,
        put("authData", b""),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        "registration.format.unknown",
        "The format does not exist.",
        Point.FORMAT,
        to("sealed"),
        Code.FORMAT_NOT_SUPPORTED,
    ),
    fault(
        "registration.format.upper-case",
        "The format's name is in upper case.",
        Point.FORMAT,
        through(lambda name: name.upper()),
        Code.FORMAT_NOT_SUPPORTED,
    ),
    fault("registration.format.empty", "The format's name is empty.", Point.FORMAT, to(""), Code.FORMAT_NOT_SUPPORTED),
    fault(
        "registration.attestation-statement.none-not-empty",
        "A statement of format none holds something.",
        Point.STATEMENT,
        to({"alg": -7}),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=("none",),
    ),
    fault(
        "registration.attestation-statement.none-array",
        "A statement of format none is an array.",
        Point.STATEMENT,
        to([]),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=("none",),
    ),
)
