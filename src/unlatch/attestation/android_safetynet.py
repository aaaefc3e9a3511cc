"""Android SafetyNet (section 8.5): a signed verdict of Google's service, which was switched off in 2025.

Kept for stored registrations that are judged again; not among the default formats. The statement's text refers to
Google's documentation for what a response must hold: issued to ``attest.android.com``, and `ctsProfileMatch` true
(unless the rule `safetynet_profile` is off).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from unlatch.attestation.statement import (
    MAX_CHAIN,
    STATEMENT_PATH,
    AttestationResult,
    expect_signature,
    read_bytes,
    read_members,
    refuse,
)
from unlatch.codes import Code
from unlatch.crypto.certificates import Certificate, parse_certificate
from unlatch.crypto.names import COMMON_NAME, alternative_dns_names, name_attributes
from unlatch.errors import Malformed
from unlatch.terms import AttestationType
from unlatch.wire import base64url, strict_json
from unlatch.wire.algorithms import ALGORITHMS

if TYPE_CHECKING:
    from unlatch.attestation.rules import StatementRules
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

_REQUIRED = frozenset(("ver", "response"))
_HOST = "attest.android.com"
#: JWS names of the algorithms (RFC 7518) whose signatures are written as in COSE.
_ALGORITHMS = {"RS256": -257, "RS384": -258, "RS512": -259, "PS256": -37, "PS384": -38, "PS512": -39}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def verify(
    statement: cbor.Value,
    authenticator_data: AuthenticatorData,
    client_data_hash: bytes,
    *,
    rules: StatementRules,
    path: str = STATEMENT_PATH,
) -> AttestationResult:
    """Verify an `android-safetynet` statement; see `unlatch.attestation.statement.Procedure`."""
    members = read_members(statement, path, required=_REQUIRED)
    version = members["ver"]
    if not isinstance(version, str) or not version:
        raise Malformed(Code.ATTESTATION_STATEMENT, f"{path}.ver", "expected a text that is not empty")
    response = read_bytes(members, "response", path)
    path = f"{path}.response"
    header, payload, signature, signed = _read_jws(response, path)
    chain = _read_chain(header, path)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS or "crit" in header:
        raise refuse(Code.ATTESTATION_INVALID, "a JWS that cannot be verified", received=algorithm)
    expect_signature(chain[0].public_key(), ALGORITHMS[_ALGORITHMS[algorithm]], signature, signed)
    _expect_host(chain[0])

    expected = base64.b64encode(hashlib.sha256(authenticator_data.raw + client_data_hash).digest())
    nonce = strict_json.text_member(payload, "nonce", path)
    if not compare_digest(nonce.encode(), expected):
        raise refuse(
            Code.ATTESTATION_INVALID, "the verdict is for another ceremony", expected=expected.decode(), received=nonce
        )
    if rules.safetynet_profile and payload.get("ctsProfileMatch") is not True:
        raise refuse(Code.ATTESTATION_INVALID, "the device does not match a certified profile (ctsProfileMatch)")
    return AttestationResult(AttestationType.BASIC, chain, signed_at=_signed_at(payload, path))


def _read_jws(response: bytes, path: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Header, payload, signature and signed octets of a compact JWS (RFC 7515 section 7.1)."""
    parts = response.decode("latin-1").split(".")
    if len(parts) != 3:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, "a compact JWS has three parts")
    header, payload, signature = (base64url.decode(part, path) for part in parts)
    return (
        strict_json.parse_object(header, path),
        strict_json.parse_object(payload, path),
        signature,
        response.rpartition(b".")[0],
    )


def _read_chain(header: dict[str, Any], path: str) -> tuple[Certificate, ...]:
    """The header's `x5c`: certificates in standard base64 (RFC 7515 section 4.1.6)."""
    path = f"{path}.x5c"
    value = header.get("x5c")
    if not isinstance(value, list) or not 0 < len(value) <= MAX_CHAIN:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, f"expected an array of 1 to {MAX_CHAIN} certificates")
    chain = []
    for index, item in enumerate(value):
        where = f"{path}[{index}]"
        if not isinstance(item, str):
            raise Malformed(Code.ATTESTATION_STATEMENT, where, "expected base64 text")
        try:
            der = binascii.a2b_base64(item.encode("ascii"), strict_mode=True)
        except ValueError:
            raise Malformed(Code.ATTESTATION_STATEMENT, where, "expected base64 text") from None
        chain.append(parse_certificate(der, where))
    return tuple(chain)


def _expect_host(certificate: Certificate) -> None:
    names = (
        *name_attributes(certificate.subject, certificate.path).get(COMMON_NAME, ()),
        *alternative_dns_names(certificate),
    )
    if _HOST not in names:
        raise refuse(
            Code.ATTESTATION_CERTIFICATE, "the certificate was issued to another host", expected=_HOST, received=names
        )


def _signed_at(payload: dict[str, Any], path: str) -> datetime | None:
    """The payload's `timestampMs`; None without one."""
    milliseconds = payload.get("timestampMs")
    if milliseconds is None:
        return None
    if type(milliseconds) is not int:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, "timestampMs is no integer")
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, "timestampMs is out of range") from None
