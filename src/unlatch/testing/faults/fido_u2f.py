"""Faults of the `fido-u2f` format (section 8.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing.faults.fault import Rule
from unlatch.testing.faults.writing import append, fault, flip, misshapen, put, through, to
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Fault
    from unlatch.testing.scene import Scene

_FORMATS = ("fido-u2f",)
_STEP = "registration.attestation-statement.u2f-"


def _signature(name: str, what: str, point: Point, change: Any) -> Fault:
    return fault(_STEP + name, what, point, change, Code.ATTESTATION_SIGNATURE, formats=_FORMATS)


def _p384_signs(_honest: KeyPair, _scene: Scene) -> KeyPair:
    return KeyPair.generate(-35)


FAULTS = (
    *misshapen("u2f", ("x5c", "sig"), formats=_FORMATS),
    fault(
        _STEP + "x5c-empty",
        "There is no certificate.",
        Point.CHAIN,
        to([]),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "two-certificates",
        "There are two certificates.",
        Point.CHAIN,
        lambda chain, scene: [*chain, scene.authenticator.root.certificate],
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg",
        "The statement names an algorithm, which this format does not.",
        Point.STATEMENT,
        put("alg", -7),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "sig-empty",
        "The signature is empty.",
        Point.SIGNATURE,
        to(b""),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "certified-p-384",
        "The certificate's key lies on another curve than P-256.",
        Point.LEAF,
        through(lambda leaf: replace(leaf, spki=KeyPair.generate(-35).spki)),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "certified-rsa",
        "The certificate's key is an RSA key.",
        Point.LEAF,
        through(lambda leaf: replace(leaf, spki=KeyPair.generate(-257).spki)),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "aaguid",
        "A U2F device, which knows no models, names one.",
        Point.AUTHENTICATOR_DATA,
        through(lambda parts: replace(parts, attested=replace(parts.attested, aaguid=b"\x01" * 16))),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
        rule=Rule.ZERO_AAGUID,
    ),
    _signature("signature-flipped", "One bit of the signature differs.", Point.SIGNATURE, flip(-1)),
    _signature("signature-longer", "A byte follows the signature.", Point.SIGNATURE, append(b"\x00")),
    _signature(
        "other-signer",
        "Another key than the certified one signed.",
        Point.SIGNER,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
    ),
    _signature("p-384-signer", "A key on another curve signed.", Point.SIGNER, _p384_signs),
    _signature(
        "credential-signs", "The credential itself signed.", Point.SIGNER, lambda _honest, scene: scene.credential_key
    ),
    _signature("reserved-byte", "The reserved first byte is one.", Point.SIGNED, flip(0)),
    _signature("other-rp-id", "Another RP ID was signed.", Point.SIGNED, flip(1)),
    _signature("other-client-data", "Another hash of client data was signed.", Point.SIGNED, flip(33)),
    _signature("other-credential-id", "Another credential id was signed.", Point.SIGNED, flip(65)),
    _signature("other-public-key", "Another public key was signed.", Point.U2F_PUBLIC_KEY, flip(-1)),
    _signature(
        "compressed-point",
        "The signed public key is compressed.",
        Point.U2F_PUBLIC_KEY,
        through(lambda point: bytes((2 + (point[-1] & 1),)) + point[1:33]),
    ),
    _signature(
        "authenticator-data",
        "The authenticator data were signed, as in the packed format.",
        Point.SIGNED,
        lambda _honest, scene: scene.authenticator_data + scene.client_data_hash,
    ),
)
