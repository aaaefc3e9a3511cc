"""Faults of the `tpm` format (section 8.3): public area, certification, attestation certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing.faults.writing import append, fault, fields, flip, misshapen, put, through
from unlatch.testing.keys import KeyPair, credential_algorithms
from unlatch.testing.points import Point
from unlatch.testing.statements.tpm import PublicArea

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_FORMATS = ("tpm",)
_STEP = "registration.attestation-statement.tpm-"
_RSA = credential_algorithms("pkcs1", "pss")
_INVALID = Code.ATTESTATION_INVALID


def _bytes(name: str, what: str, point: Point, change: Change) -> Fault:
    return fault(_STEP + name, what, point, change, Code.ATTESTATION_STATEMENT, decoder=True, formats=_FORMATS)


def _area(name: str, what: str, change: Change, code: Code = _INVALID, algorithms: Any = None) -> Fault:
    return fault(_STEP + name, what, Point.TPM_PUBLIC_AREA, change, code, formats=_FORMATS, algorithms=algorithms)


def _info(name: str, what: str, change: Change) -> Fault:
    return fault(_STEP + name, what, Point.TPM_CERTIFY_INFO, change, _INVALID, formats=_FORMATS)


def _other_key(area: PublicArea, scene: Scene) -> PublicArea:
    other = KeyPair.generate(scene.credential_key.algorithm.id)
    return PublicArea.of(other, name_algorithm=area.name_algorithm)


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


_STRUCTURES = (
    *misshapen("tpm", ("ver", "alg", "sig", "x5c", "certInfo", "pubArea"), formats=_FORMATS),
    fault(
        _STEP + "version",
        "The statement is for TPM 1.2.",
        Point.STATEMENT,
        put("ver", "1.2"),
        _INVALID,
        formats=_FORMATS,
    ),
    _bytes("certInfo-empty", "`certInfo` is empty.", Point.STATEMENT, put("certInfo", b"")),
    _bytes("pubArea-empty", "`pubArea` is empty.", Point.STATEMENT, put("pubArea", b"")),
    _bytes("sig-empty", "`sig` is empty.", Point.STATEMENT, put("sig", b"")),
    _bytes("x5c-empty", "`x5c` is empty.", Point.STATEMENT, put("x5c", [])),
    _bytes(
        "area-truncated", "The public area ends early.", Point.TPM_PUBLIC_AREA_BYTES, through(lambda area: area[:-1])
    ),
    _bytes("area-trailing", "A byte follows the public area.", Point.TPM_PUBLIC_AREA_BYTES, append(b"\x00")),
    _bytes(
        "area-sized",
        "A length stands before the public area.",
        Point.TPM_PUBLIC_AREA_BYTES,
        through(lambda area: _u16(len(area)) + area),
    ),
    _bytes(
        "info-truncated", "The certification ends early.", Point.TPM_CERTIFY_INFO_BYTES, through(lambda info: info[:-1])
    ),
    _bytes("info-trailing", "A byte follows the certification.", Point.TPM_CERTIFY_INFO_BYTES, append(b"\x00")),
    fault(
        _STEP + "info-sized",
        "A length stands before the certification.",
        Point.TPM_CERTIFY_INFO_BYTES,
        through(lambda info: _u16(len(info)) + info),
        _INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "type-keyed-hash",
        "The object is not a key for signatures, but a keyed hash.",
        Point.TPM_PUBLIC_AREA,
        fields(type=0x0008),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=_FORMATS,
    ),
)

_AREAS = (
    _area(
        "other-key", "The TPM certifies another key than the credential's.", _other_key, Code.ATTESTATION_KEY_MISMATCH
    ),
    _area(
        "other-number",
        "One bit of the certified key's number differs.",
        through(lambda area: replace(area, unique=(flip(-1)(area.unique[0], None), *area.unique[1:]))),  # type: ignore[arg-type]  # a flip looks at no scene
        Code.ATTESTATION_KEY_MISMATCH,
    ),
    _area(
        "other-exponent",
        "The certified key has the exponent 3.",
        through(lambda area: replace(area, parameters=area.parameters[:2] + (3).to_bytes(4, "big"))),
        Code.ATTESTATION_KEY_MISMATCH,
        _RSA,
    ),
    _area(
        "other-size",
        "The certified key claims another size.",
        through(lambda area: replace(area, parameters=_u16(4096) + area.parameters[2:])),
        Code.ATTESTATION_KEY_MISMATCH,
        _RSA,
    ),
    _area(
        "other-curve",
        "The certified key lies on another curve.",
        through(lambda area: replace(area, parameters=_u16(0x0004) + area.parameters[2:])),
        Code.ATTESTATION_KEY_MISMATCH,
        (-7, -36),
    ),
    _area(
        "cannot-sign",
        "The certified key cannot sign.",
        through(lambda area: replace(area, attributes=area.attributes & ~0x40000)),
    ),
    _area(
        "reserved-attribute",
        "A reserved attribute of the certified key is set.",
        through(lambda area: replace(area, attributes=area.attributes | 0x80000000)),
    ),
    _area(
        "wraps-keys",
        "The certified key is one that wraps others.",
        fields(symmetric=_u16(0x0006) + _u16(128) + _u16(0x43)),
    ),
    _area(
        "encryption-scheme",
        "The certified key's scheme is for encryption.",
        fields(scheme=_u16(0x0017) + _u16(0x000B)),
        algorithms=_RSA,
    ),
    _area(
        "unknown-name-algorithm", "The hash that names the certified key does not exist.", fields(name_algorithm=0x0099)
    ),
)

_INFOS = (
    _info("magic", "No TPM made the certification.", fields(magic=0x00544347)),
    _info("quote", "The TPM did not certify, but quote.", fields(type=0x8018)),
    _info(
        "extra-data",
        "The certification is for another ceremony.",
        through(lambda info: replace(info, extra_data=bytes(len(info.extra_data)))),
    ),
    _info("extra-data-empty", "The certification is for no ceremony.", fields(extra_data=b"")),
    _info(
        "extra-data-longer",
        "A byte follows the hash of the ceremony.",
        through(lambda info: replace(info, extra_data=info.extra_data + b"\x00")),
    ),
    _info(
        "name",
        "The certification is of another object.",
        through(lambda info: replace(info, name=info.name[:-1] + bytes((info.name[-1] ^ 1,)))),
    ),
    _info(
        "name-algorithm",
        "The certified name says another hash.",
        through(lambda info: replace(info, name=_u16(0x000D) + info.name[2:])),
    ),
    _info(
        "name-bare",
        "The certified name lacks its hash algorithm.",
        through(lambda info: replace(info, name=info.name[2:])),
    ),
    _info("name-empty", "The certified name is empty.", fields(name=b"")),
    fault(
        _STEP + "other-client-data",
        "The certification is for other client data.",
        Point.SIGNED,
        flip(-1),
        _INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-authenticator-data",
        "The certification is for other authenticator data.",
        Point.SIGNED,
        flip(32, bit=2),
        _INVALID,
        formats=_FORMATS,
    ),
)

_SIGNATURES = (
    fault(
        _STEP + "signature-flipped",
        "One bit of the certification's signature differs.",
        Point.SIGNATURE,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-signer",
        "Another attestation key signed.",
        Point.SIGNER,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-other",
        "The statement names an algorithm that the certified key cannot do.",
        Point.STATEMENT,
        put("alg", -257),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-unknown",
        "The statement names an algorithm that does not exist.",
        Point.STATEMENT,
        put("alg", -9999),
        _INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-without-hash",
        "The statement names an algorithm without a hash of its own.",
        Point.STATEMENT,
        put("alg", -8),
        _INVALID,
        formats=_FORMATS,
    ),
)

FAULTS = (*_STRUCTURES, *_AREAS, *_INFOS, *_SIGNATURES)
