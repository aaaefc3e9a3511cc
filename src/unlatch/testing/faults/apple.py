"""Faults of the `apple` format (section 8.8)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.faults.writing import append, fault, flip, misshapen, through, to
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point
from unlatch.testing.statements.apple import NONCE_EXTENSION

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_FORMATS = ("apple",)
_STEP = "registration.attestation-statement.apple-"


def _nonce(name: str, what: str, change: Change, code: Code = Code.DER, *, decoder: bool = True) -> Fault:
    return fault(_STEP + name, what, Point.APPLE_NONCE, change, code, decoder=decoder, formats=_FORMATS)


def _digest(scene: Scene) -> bytes:
    return sha256(scene.authenticator_data + scene.client_data_hash).digest()


FAULTS = (
    *misshapen("apple", ("x5c",), formats=_FORMATS),
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
        _STEP + "other-client-data",
        "The nonce is made from other client data.",
        Point.SIGNED,
        flip(-1),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-authenticator-data",
        "The nonce is made from other authenticator data.",
        Point.SIGNED,
        flip(36),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-key",
        "The certificate is for another key than the credential's.",
        Point.CERTIFIED_KEY,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_KEY_MISMATCH,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "no-nonce",
        "The certificate has no nonce.",
        Point.LEAF,
        through(lambda leaf: leaf.without_extension(NONCE_EXTENSION)),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
    ),
    _nonce(
        "nonce-bare",
        "The nonce stands in its extension without the structure around it.",
        lambda _honest, scene: _digest(scene),
    ),
    _nonce(
        "nonce-octet-string",
        "The nonce lacks its sequence and tag.",
        lambda _honest, scene: der.octet_string(_digest(scene)),
    ),
    _nonce(
        "nonce-other-tag",
        "The nonce has the tag 0 instead of 1.",
        lambda _honest, scene: der.sequence(der.context(0, der.octet_string(_digest(scene)))),
    ),
    _nonce("nonce-trailing", "A byte follows the structure of the nonce.", append(b"\x00")),
    _nonce(
        "nonce-second",
        "A second nonce follows the first.",
        lambda _honest, scene: der.sequence(*(der.context(1, der.octet_string(_digest(scene))),) * 2),
    ),
    _nonce(
        "nonce-longer",
        "The nonce has a byte more than the hash.",
        lambda _honest, scene: der.sequence(der.context(1, der.octet_string(_digest(scene) + b"\x00"))),
        Code.ATTESTATION_INVALID,
        decoder=False,
    ),
    _nonce(
        "nonce-empty",
        "The nonce is empty.",
        lambda _honest, _scene: der.sequence(der.context(1, der.octet_string(b""))),
        Code.ATTESTATION_INVALID,
        decoder=False,
    ),
    fault(
        _STEP + "chain-reversed",
        "The chain starts with the intermediate.",
        Point.CHAIN,
        through(lambda chain: chain[::-1]),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
    ),
)
