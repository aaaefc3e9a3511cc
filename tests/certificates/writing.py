"""A DER writer for certificates and lists, right or wrong in every detail: the tests' own hand, not the reader's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, padding, rsa

NOW = datetime(2026, 6, 1, tzinfo=UTC)

BASIC, USAGE, EKU, SAN = "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17"
C, O, OU, CN = "2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.3"  # noqa: E741  # the names of the attributes

Extension = tuple[str, bool, bytes]


def tlv(identifier: int | bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    tag = identifier if isinstance(identifier, bytes) else bytes((identifier,))
    size = len(content)
    if size < 0x80:
        return tag + bytes((size,)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes((0x80 | len(length),)) + length + content


def seq(*contents: bytes) -> bytes:
    return tlv(0x30, *contents)


def number(value: int) -> bytes:
    return tlv(0x02, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return tlv(0x06, bytes(content))


def boolean(value: bool) -> bytes:
    return tlv(0x01, b"\xff" if value else b"\x00")


def time(value: datetime) -> bytes:
    if 1950 <= value.year < 2050:
        return tlv(0x17, value.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, (f"{value.year:04}" + value.strftime("%m%d%H%M%SZ")).encode())


def name(*attributes: tuple[str, str], one_rdn: bool = False, string: int = 0x0C) -> bytes:
    pairs = [seq(oid(kind), tlv(string, value.encode())) for kind, value in attributes]
    return seq(tlv(0x31, *pairs)) if one_rdn else seq(*(tlv(0x31, pair) for pair in pairs))


def basic(ca: bool, path_length: int | None = None) -> Extension:
    fields = (boolean(True),) if ca else ()
    return BASIC, True, seq(*fields, *(() if path_length is None else (number(path_length),)))


def usage(*bits: int) -> Extension:
    value = sum(1 << (7 - bit) for bit in bits)
    return USAGE, True, tlv(0x03, bytes((7 - max(bits), value)))


def extensions(items: Sequence[Extension]) -> bytes:
    return seq(*(seq(oid(o), *((boolean(True),) if critical else ()), tlv(0x04, v)) for o, critical, v in items))


def spki(key: Any) -> bytes:
    """SubjectPublicKeyInfo of a private or public key."""
    public = key.public_key() if hasattr(key, "public_key") else key
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


_SHA2 = "2.16.840.1.101.3.4.2."
_HASHES = {"sha256": (hashes.SHA256(), "1"), "sha384": (hashes.SHA384(), "2"), "sha512": (hashes.SHA512(), "3")}


def algorithm(key: Any, digest: str = "sha256", *, pss: bool = False, salt: int | None = 32) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return seq(oid("1.2.840.10045.4.3." + {"sha1": "1", "sha256": "2", "sha384": "3", "sha512": "4"}[digest]))
    if isinstance(key, rsa.RSAPrivateKey) and pss:
        named = seq(oid(_SHA2 + _HASHES[digest][1]))
        fields = [tlv(0xA0, named), tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), named))]
        return seq(oid("1.2.840.113549.1.1.10"), seq(*fields, *(() if salt is None else (tlv(0xA2, number(salt)),))))
    if isinstance(key, rsa.RSAPrivateKey):
        last = {"sha1": "5", "sha256": "11", "sha384": "12", "sha512": "13"}[digest]
        return seq(oid("1.2.840.113549.1.1." + last), b"\x05\x00")
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return seq(oid("1.3.101.112"))
    if isinstance(key, ed448.Ed448PrivateKey):
        return seq(oid("1.3.101.113"))
    kinds = (mldsa.MLDSA44PrivateKey, mldsa.MLDSA65PrivateKey, mldsa.MLDSA87PrivateKey)
    return seq(oid(f"2.16.840.1.101.3.4.3.{17 + [isinstance(key, kind) for kind in kinds].index(True)}"))


def sign(key: Any, data: bytes, digest: str = "sha256", *, pss: bool = False, salt: int | None = 32) -> bytes:
    chosen = hashes.SHA1() if digest == "sha1" else _HASHES[digest][0]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(chosen))
    if isinstance(key, rsa.RSAPrivateKey):
        if pss:
            return key.sign(data, padding.PSS(padding.MGF1(chosen), 20 if salt is None else salt), chosen)
        return key.sign(data, padding.PKCS1v15(), chosen)
    return key.sign(data)


def certificate(
    key: Any,
    signer: Any,
    *,
    subject: bytes,
    issuer: bytes,
    extensions_: Sequence[Extension] | None = (),
    version: int | None = 3,
    serial: int = 1,
    start: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2040, 1, 1, tzinfo=UTC),
    digest: str = "sha256",
    pss: bool = False,
    salt: int | None = 32,
    inner_algorithm: bytes | None = None,
    signature: bytes | None = None,
    validity: bytes | None = None,
    extra: bytes = b"",
    spki_: bytes | None = None,
) -> bytes:
    """One certificate; every part may be replaced by something else."""
    named = algorithm(signer, digest, pss=pss, salt=salt)
    tbs = seq(
        b"" if version is None else tlv(0xA0, number(version - 1)),
        number(serial),
        named if inner_algorithm is None else inner_algorithm,
        issuer,
        seq(time(start), time(end)) if validity is None else validity,
        subject,
        spki(key) if spki_ is None else spki_,
        b"" if not extensions_ else tlv(0xA3, extensions(extensions_)),
        extra,
    )
    made = sign(signer, tbs, digest, pss=pss, salt=salt) if signature is None else signature
    return seq(tbs, named, tlv(0x03, b"\x00" + made))


def revocation_list(
    signer: Any,
    *,
    issuer: bytes,
    serials: Sequence[int] = (),
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    end: datetime | None = datetime(2027, 1, 1, tzinfo=UTC),
    extensions_: Sequence[Extension] = (),
    entry_extensions: Sequence[Extension] = (),
    inner_algorithm: bytes | None = None,
) -> bytes:
    """One CRL, version 2."""
    named = algorithm(signer)
    entries = [
        seq(number(serial), time(start), extensions(entry_extensions) if entry_extensions else b"")
        for serial in serials
    ]
    tbs = seq(
        number(1),
        named if inner_algorithm is None else inner_algorithm,
        issuer,
        time(start),
        b"" if end is None else time(end),
        seq(*entries) if entries else b"",
        tlv(0xA0, extensions(extensions_)) if extensions_ else b"",
    )
    return seq(tbs, named, tlv(0x03, b"\x00" + sign(signer, tbs)))
