"""Attestation statements: one class a format, whose contents our procedures judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlatch.compat.webauthn_rp.errors import ParserError
from unlatch.compat.webauthn_rp.types import (
    AndroidKeyAttestationStatement,
    AndroidSafetyNetAttestationStatement,
    AttestationStatement,
    FIDOU2FAttestationStatement,
    NoneAttestationStatement,
    PackedAttestationStatement,
    PackedECDAAAttestationStatement,
    PackedX509AttestationStatement,
    TPMAttestationStatement,
    TPMECDAAAttestationStatement,
    TPMX509AttestationStatement,
)

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


def read_statement(fmt: str, members: Any) -> AttestationStatement:
    """The statement of a format; of a format that the older library did not know, a plain `AttestationStatement`.

    Raises:
        ParserError: Not a map (an array in ``compound``).
    """
    if not isinstance(members, Mapping) and not (fmt == "compound" and isinstance(members, list)):
        raise ParserError("an attestation statement is a map")
    for member in ("x5c", "ecdaaKeyId"):
        if member in members and (fmt, member) in _WITH:
            return _WITH[fmt, member](members=members)
    return _CLASSES.get(fmt, AttestationStatement)(members=members)


def parse_packed_attestation_statement(data: Mapping[str, Any]) -> AttestationStatement:
    """Format ``packed``; `attest` judges what is inside."""
    return read_statement("packed", data)


def parse_tpm_attestation_statement(data: Mapping[str, Any]) -> AttestationStatement:
    """Format ``tpm``; `attest` judges what is inside."""
    return read_statement("tpm", data)


def parse_android_key_attestation_statement(data: Mapping[str, Any]) -> AttestationStatement:
    """Format ``android-key``; `attest` judges what is inside."""
    return read_statement("android-key", data)


def parse_android_safetynet_attestation_statement(data: Mapping[str, Any]) -> AttestationStatement:
    """Format ``android-safetynet``; `attest` judges what is inside."""
    return read_statement("android-safetynet", data)


def parse_fido_u2f_attestation_statement(data: Mapping[str, Any]) -> AttestationStatement:
    """Format ``fido-u2f``; `attest` judges what is inside."""
    return read_statement("fido-u2f", data)


def parse_none_attestation_statement(data: Mapping[str, Any]) -> AttestationStatement:
    """Format ``none``.

    Raises:
        ParserError: Something is in it.
    """
    if data:
        raise ParserError("a statement of the format 'none' is empty")
    return read_statement("none", data)
