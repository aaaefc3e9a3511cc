"""Attestation statements: one class a format, whose contents our procedures judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields
from enum import Enum
from typing import Any

from unlatch.compat.webauthn_rp.errors import ParserError
from unlatch.compat.webauthn_rp.types import (
    AndroidKeyAttestationStatement,
    AndroidSafetyNetAttestationStatement,
    AttestationStatement,
    COSEAlgorithmIdentifier,
    FIDOU2FAttestationStatement,
    NoneAttestationStatement,
    PackedAttestationStatement,
    PackedECDAAAttestationStatement,
    PackedX509AttestationStatement,
    TPMAttestationStatement,
    TPMECDAAAttestationStatement,
    TPMX509AttestationStatement,
)
from unlatch.compat.webauthn_rp.utils import snake_to_camel_case

_CLASSES: dict[str, type[AttestationStatement]] = {
    "packed": PackedAttestationStatement,
    "tpm": TPMAttestationStatement,
    "android-key": AndroidKeyAttestationStatement,
    "android-safetynet": AndroidSafetyNetAttestationStatement,
    "fido-u2f": FIDOU2FAttestationStatement,
    "none": NoneAttestationStatement,
}
_WITH: dict[tuple[str, str], type[AttestationStatement]] = {
    ("packed", "x5c"): PackedX509AttestationStatement,
    ("packed", "ecdaaKeyId"): PackedECDAAAttestationStatement,
    ("tpm", "x5c"): TPMX509AttestationStatement,
    ("tpm", "ecdaaKeyId"): TPMECDAAAttestationStatement,
}


#: Members of statements, and what they are.
_KINDS: dict[str, type] = {
    "alg": int,
    "sig": bytes,
    "x5c": list,
    "ver": str,
    "certInfo": bytes,
    "pubArea": bytes,
    "ecdaaKeyId": bytes,
    "response": bytes,
}
_ALGORITHMS: dict[Any, Enum] = {member.value: member for member in COSEAlgorithmIdentifier.Value}


def read_statement(fmt: str, members: Any) -> AttestationStatement:
    """The statement of a format; of a format that the older library did not know, a plain `AttestationStatement`.

    Raises:
        ParserError: Not a map (an array in ``compound``); a member that the format needs is missing or of another type.
    """
    if fmt == "compound" and isinstance(members, list):
        return AttestationStatement(members=members)
    if not isinstance(members, Mapping):
        raise ParserError("an attestation statement is a map")
    kind = _CLASSES.get(fmt)
    if kind is None:
        return AttestationStatement(members=members)
    for member in ("x5c", "ecdaaKeyId"):
        if member in members:
            kind = _WITH.get((fmt, member), kind)
    values = {item.name: _value(fmt, members, item) for item in fields(kind) if item.name != "members"}
    return kind(members=members, **values)


def _value(fmt: str, members: Mapping[str, Any], item: Field[Any]) -> Any:
    name = snake_to_camel_case(item.name)
    if name not in members and item.default is None:
        return None
    value = members.get(name)
    if not isinstance(value, _KINDS[name]):
        raise ParserError(f"{name} of a statement of the format {fmt!r} is missing or not a {_KINDS[name].__name__}")
    if name == "alg" and value in _ALGORITHMS:
        return _ALGORITHMS[value]
    return value


def parse_packed_attestation_statement(att_stmt: Mapping[str, Any]) -> AttestationStatement:
    """Format ``packed``; `attest` judges what is inside."""
    return read_statement("packed", att_stmt)


def parse_tpm_attestation_statement(att_stmt: Mapping[str, Any]) -> AttestationStatement:
    """Format ``tpm``; `attest` judges what is inside."""
    return read_statement("tpm", att_stmt)


def parse_android_key_attestation_statement(att_stmt: Mapping[str, Any]) -> AttestationStatement:
    """Format ``android-key``; `attest` judges what is inside."""
    return read_statement("android-key", att_stmt)


def parse_android_safetynet_attestation_statement(att_stmt: Mapping[str, Any]) -> AttestationStatement:
    """Format ``android-safetynet``; `attest` judges what is inside."""
    return read_statement("android-safetynet", att_stmt)


def parse_fido_u2f_attestation_statement(att_stmt: Mapping[str, Any]) -> AttestationStatement:
    """Format ``fido-u2f``; `attest` judges what is inside."""
    return read_statement("fido-u2f", att_stmt)


def parse_none_attestation_statement(att_stmt: Mapping[str, Any]) -> AttestationStatement:
    """Format ``none``.

    Raises:
        ParserError: Something is in it.
    """
    if att_stmt:
        raise ParserError("a statement of the format 'none' is empty")
    return read_statement("none", att_stmt)
