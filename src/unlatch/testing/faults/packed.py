"""Faults of packed attestation (section 8.2): the statement and its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing.faults.writing import append, drop, fault, flip, put, through, to
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_X5C, _SELF, _EITHER = ("packed",), ("packed-self",), ("packed", "packed-self")
_STEP = "registration.attestation-statement.packed-"


def _shape(name: str, what: str, change: Change, formats: tuple[str, ...] = _EITHER) -> Fault:
    return fault(_STEP + name, what, Point.STATEMENT, change, Code.ATTESTATION_STATEMENT, decoder=True, formats=formats)


def _credential_signs(_honest: Any, scene: Scene) -> KeyPair:
    return scene.credential_key


_STATEMENT = (
    _shape("no-alg", "The statement names no algorithm.", drop("alg")),
    _shape("alg-text", "The algorithm is named by a text.", put("alg", "ES256")),
    _shape("no-sig", "The signature is missing.", drop("sig")),
    _shape("sig-empty", "The signature is empty.", put("sig", b"")),
    _shape("sig-text", "The signature is a text.", put("sig", "AAAA")),
    _shape("empty", "The statement is empty.", to({})),
    _shape("array", "The statement is an array.", to([])),
    _shape("unknown-member", "The statement has a member that the format does not know.", put("ver", "2.0")),
    _shape("ecdaa", "The statement is for ECDAA, which the specification has removed.", put("ecdaaKeyId", b"\x01")),
    _shape("x5c-empty", "There is a certificate chain, but it is empty.", put("x5c", [])),
    _shape("x5c-null", "The certificate chain is null.", put("x5c", None)),
    _shape("x5c-bytes", "The certificate is not inside an array.", put("x5c", b"\x30\x00")),
    _shape("x5c-text", "A certificate is a text.", put("x5c", ["MIIB"])),
)

_SIGNATURES = (
    fault(
        _STEP + "signature-flipped",
        "One bit of the statement's signature differs.",
        Point.SIGNATURE,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "signature-longer",
        "A byte follows the statement's signature.",
        Point.SIGNATURE,
        append(b"\x00"),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "other-authenticator-data",
        "Other authenticator data were signed.",
        Point.SIGNED,
        flip(36),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "other-client-data",
        "Another hash of client data was signed.",
        Point.SIGNED,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "without-client-data",
        "Only the authenticator data were signed.",
        Point.SIGNED,
        through(lambda signed: signed[:-32]),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "other-signer",
        "A key that nobody attests signed.",
        Point.SIGNER,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_SIGNATURE,
        formats=_EITHER,
    ),
    fault(
        _STEP + "credential-signer",
        "The credential signed instead of the attestation key.",
        Point.SIGNER,
        _credential_signs,
        Code.ATTESTATION_SIGNATURE,
        formats=_X5C,
    ),
    fault(
        _STEP + "alg-other",
        "The statement names another algorithm than the credential's.",
        Point.STATEMENT,
        through(lambda statement: {**statement, "alg": -7 if statement["alg"] != -7 else -257}),
        Code.ATTESTATION_KEY_MISMATCH,
        formats=_SELF,
    ),
    fault(
        _STEP + "alg-not-of-the-certificate",
        "The statement names an algorithm that the certified key cannot do.",
        Point.STATEMENT,
        put("alg", -257),
        Code.ATTESTATION_SIGNATURE,
        formats=_X5C,
    ),
)

FAULTS = (*_STATEMENT, *_SIGNATURES)
