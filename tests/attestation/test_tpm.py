"""TPM: every rule of section 8.3, one fault at a time."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from attestation.ceremonies import (
    AAGUID,
    AAGUID_OID,
    CREDENTIAL,
    ED25519,
    LEAF,
    ML_DSA,
    OTHER,
    P384,
    RSA,
    Registration,
    leaf,
    rs256,
)
from certificates.writing import BASIC, CN, EKU, SAN, basic, name, number, oid, seq, sign, tlv
from unlatch.attestation.tpm_manufacturers import TPM_MANUFACTURERS
from unlatch.codes import Code
from unlatch.terms import AttestationType

MANUFACTURER, MODEL, FIRMWARE = "2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"
SIGN = 0x00040072
NULL = 0x0010
NAMES = {"sha1": 4, "sha256": 0x0B, "sha384": 0x0C, "sha512": 0x0D}


def tpm2b(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def public_area(
    key: Any,
    *,
    name_alg: int = 0x0B,
    attributes: int = SIGN,
    symmetric: bytes | None = None,
    scheme: bytes | None = None,
    exponent: int = 0,
    curve: int | None = None,
    kdf: bytes | None = None,
    key_bits: int | None = None,
    kind: int | None = None,
    strip: bool = False,
) -> bytes:
    null = struct.pack(">H", NULL)
    public = key.public_key()
    head = struct.pack(">HHI", 0, name_alg, attributes)[2:] + tpm2b(b"policy")
    middle = (symmetric or null) + (scheme or null)
    if isinstance(public, rsa.RSAPublicKey):
        n = public.public_numbers().n
        rest = struct.pack(">HI", key_bits or public.key_size, exponent) + tpm2b(n.to_bytes(256, "big"))
        return struct.pack(">H", kind or 1) + head + middle + rest
    numbers, size = public.public_numbers(), (public.key_size + 7) // 8
    x, y = (value.to_bytes(size, "big") for value in (numbers.x, numbers.y))
    if strip:
        x, y = x.lstrip(b"\0"), y.lstrip(b"\0")
    default = {256: 3, 384: 4, 521: 5}[public.key_size]
    rest = struct.pack(">H", curve or default) + (kdf or null) + tpm2b(x) + tpm2b(y)
    return struct.pack(">H", kind or 0x23) + head + middle + rest


def object_name(area: bytes, digest: str = "sha256") -> bytes:
    return struct.pack(">H", NAMES[digest]) + hashlib.new(digest, area).digest()


def certify_info(extra: bytes, attested: bytes, *, magic: int = 0xFF544347, kind: int = 0x8017) -> bytes:
    clock = bytes(16) + b"\x33" + bytes(8)
    return struct.pack(">IH", magic, kind) + tpm2b(b"signer") + tpm2b(extra) + clock + tpm2b(attested) + tpm2b(b"")


def tpm_name(manufacturer: str = "id:494E5443", model: str = "PTT", firmware: str = "id:13", *, one_rdn: bool = True):
    return name((FIRMWARE, firmware), (MODEL, model), (MANUFACTURER, manufacturer), one_rdn=one_rdn)


def alternative(*names: bytes) -> tuple[str, bool, bytes]:
    return SAN, True, seq(*names)


def purposes(*identifiers: str) -> tuple[str, bool, bytes]:
    return EKU, False, seq(*map(oid, identifiers))


def aik(key: Any = LEAF, **parts: Any) -> bytes:
    extensions = [basic(False), alternative(tlv(0xA4, tpm_name())), purposes("2.23.133.8.3")]
    return leaf(key, **{"subject": name(), "extensions": extensions, **parts})


def statement(
    registration: Registration,
    *,
    area: bytes | None = None,
    info: bytes | None = None,
    certificate: bytes | None = None,
    **changed: Any,
) -> dict[str, Any]:
    area = public_area(registration.key) if area is None else area
    extra = hashlib.sha256(registration.signed).digest()
    info = certify_info(extra, object_name(area)) if info is None else info
    made = {
        "ver": "2.0",
        "alg": -7,
        "x5c": [aik() if certificate is None else certificate],
        "sig": sign(LEAF, info),
        "certInfo": info,
        "pubArea": area,
    }
    return made | changed


@pytest.mark.parametrize("key", [CREDENTIAL, P384, RSA[0]])
def test_sound_statements(key):
    registration = Registration(key)
    made = statement(registration)
    result = registration.verify("tpm", made)
    assert (result.type, list(result.trust_path)) == (AttestationType.ATTCA, made["x5c"])


@pytest.mark.parametrize(
    ("alg", "digest", "algorithm"),
    [(-257, "sha256", hashes.SHA256()), (-65535, "sha1", hashes.SHA1()), (-259, "sha512", hashes.SHA512())],
)
def test_attestation_keys_and_their_hashes(alg, digest, algorithm):
    registration = Registration(RSA[0])
    area = public_area(RSA[0])
    info = certify_info(hashlib.new(digest, registration.signed).digest(), object_name(area))
    sig = rs256(RSA[1], info, algorithm)
    registration.verify("tpm", statement(registration, area=area, info=info, alg=alg, sig=sig, certificate=aik(RSA[1])))
    wrong = certify_info(hashlib.sha384(registration.signed).digest(), object_name(area))
    made = statement(
        registration, area=area, info=wrong, alg=alg, sig=rs256(RSA[1], wrong, algorithm), certificate=aik(RSA[1])
    )
    registration.refused("tpm", made, "extraData is for another ceremony")


@pytest.mark.parametrize("digest", sorted(NAMES))
def test_name_algorithms(digest):
    registration = Registration()
    area = public_area(CREDENTIAL, name_alg=NAMES[digest])
    info = certify_info(registration.nonce, object_name(area, digest))
    registration.verify("tpm", statement(registration, area=area, info=info))


@pytest.mark.parametrize(
    "area",
    [
        {"attributes": 0x000F0CF6},  # all that are defined, restricted and decrypt too
        {"scheme": struct.pack(">HH", 0x18, 0x0B)},
        {"strip": True},
        {"kdf": struct.pack(">HH", 0x20, 0x0B)},
    ],
)
def test_public_areas_that_are_fine(area):
    key = CREDENTIAL
    if "strip" in area:
        while key.public_key().public_numbers().x >> 248:
            key = ec.generate_private_key(ec.SECP256R1())
    registration = Registration(key)
    registration.verify("tpm", statement(registration, area=public_area(key, **area)))


@pytest.mark.parametrize(
    "area", [{"exponent": 65537}, {"scheme": struct.pack(">HH", 0x14, 0x0B)}, {"scheme": struct.pack(">HH", 0x16, 11)}]
)
def test_rsa_public_areas_that_are_fine(area):
    registration = Registration(RSA[0])
    registration.verify("tpm", statement(registration, area=public_area(RSA[0], **area)))


@pytest.mark.parametrize("ver", ["1.2", "", "2.0 ", None, 2, b"2.0"])
def test_versions(ver):
    registration = Registration()
    registration.refused("tpm", statement(registration, ver=ver), "version")


@pytest.mark.parametrize(
    ("key", "area", "code", "detail"),
    [
        (CREDENTIAL, {"attributes": 0}, Code.ATTESTATION_INVALID, "objectAttributes"),
        (CREDENTIAL, {"attributes": 0x00020072}, Code.ATTESTATION_INVALID, "objectAttributes"),
        (CREDENTIAL, {"attributes": SIGN | 1}, Code.ATTESTATION_INVALID, "objectAttributes"),
        (CREDENTIAL, {"attributes": SIGN | 1 << 31}, Code.ATTESTATION_INVALID, "objectAttributes"),
        (CREDENTIAL, {"symmetric": struct.pack(">HHH", 6, 128, 67)}, Code.ATTESTATION_INVALID, "parameters"),
        (CREDENTIAL, {"scheme": struct.pack(">HH", 0x14, 11)}, Code.ATTESTATION_INVALID, "parameters"),
        (RSA[0], {"scheme": struct.pack(">HH", 0x18, 11)}, Code.ATTESTATION_INVALID, "parameters"),
        (CREDENTIAL, {"curve": 4}, Code.ATTESTATION_KEY_MISMATCH, "another key"),
        (RSA[0], {"exponent": 3}, Code.ATTESTATION_KEY_MISMATCH, "another key"),
        (RSA[0], {"key_bits": 1024}, Code.ATTESTATION_KEY_MISMATCH, "another key"),
        (CREDENTIAL, {"name_alg": 0x10}, Code.ATTESTATION_INVALID, "unknown hash"),
        (CREDENTIAL, {"name_alg": 0x0C}, Code.ATTESTATION_INVALID, "another object"),
    ],
)
def test_public_areas_that_are_refused(key, area, code, detail):
    registration = Registration(key)
    made = statement(registration, area=public_area(key, **area))
    assert registration.refused("tpm", made, detail).code is code


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (CREDENTIAL, OTHER),
        (CREDENTIAL, RSA[0]),
        (RSA[0], CREDENTIAL),
        (RSA[0], RSA[1]),
        (ED25519, CREDENTIAL),
        (ML_DSA, CREDENTIAL),
    ],
)
def test_another_key_than_the_credentials(key, other):
    registration = Registration(key)
    made = statement(registration, area=public_area(other))
    assert registration.refused("tpm", made, "another key").code is Code.ATTESTATION_KEY_MISMATCH


def test_one_coordinate_is_not_enough():
    registration = Registration()
    area = bytearray(public_area(CREDENTIAL))
    area[-1] ^= 1
    registration.refused("tpm", statement(registration, area=bytes(area)), "another key")
    area = bytearray(public_area(CREDENTIAL))
    area[-40] ^= 1
    registration.refused("tpm", statement(registration, area=bytes(area)), "another key")


@pytest.mark.parametrize("change", [{"magic": 0xFF544348}, {"kind": 0x8018}])
def test_structures_that_certify_nothing(change):
    registration = Registration()
    area = public_area(CREDENTIAL)
    info = certify_info(registration.nonce, object_name(area), **change)
    registration.refused("tpm", statement(registration, area=area, info=info), "when it certifies a key")


def test_another_object_is_certified():
    registration = Registration()
    info = certify_info(registration.nonce, object_name(public_area(OTHER)))
    registration.refused("tpm", statement(registration, info=info), "another object")
    info = certify_info(registration.nonce, b"")
    registration.refused("tpm", statement(registration, info=info), "another object")


def test_the_hash_in_the_name_is_name_alg_unless_waived():
    registration = Registration()
    area = public_area(CREDENTIAL)
    made = statement(registration, area=area, info=certify_info(registration.nonce, object_name(area, "sha1")))
    registration.refused("tpm", made, "another object")
    registration.verify("tpm", made, tpm_name_by_own_prefix=True)
    made = statement(registration, info=certify_info(registration.nonce, b"\x00"))
    registration.refused("tpm", made, "unknown hash", tpm_name_by_own_prefix=True)


def test_signature_by_another_key():
    registration = Registration()
    made = statement(registration)
    made["sig"] = sign(OTHER, made["certInfo"])
    assert registration.refused("tpm", made, "does not verify").code is Code.ATTESTATION_SIGNATURE


def test_an_algorithm_without_a_hash():
    registration = Registration()
    registration.refused("tpm", statement(registration, alg=-8, certificate=aik(ED25519)), "names no hash")


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("pubArea", lambda value: value + b"\0"),
        ("pubArea", lambda value: value[:-1]),
        ("pubArea", lambda value: value[:5]),
        ("pubArea", lambda value: b"\x00\x08" + value[2:]),
        ("certInfo", lambda value: value + b"\0"),
        ("certInfo", lambda value: value[:-1]),
        ("certInfo", lambda value: value[:3]),
        ("certInfo", lambda value: b""),
        ("pubArea", lambda value: "text"),
        ("sig", lambda value: 1),
        ("alg", lambda value: "text"),
        ("x5c", lambda value: []),
    ],
)
def test_malformed_members(member, change):
    registration = Registration()
    made = statement(registration)
    made[member] = change(made[member])
    registration.malformed("tpm", made, f".{member}")


@pytest.mark.parametrize("member", ["ver", "alg", "x5c", "sig", "certInfo", "pubArea"])
def test_missing_members(member):
    registration = Registration()
    made = statement(registration)
    del made[member]
    registration.malformed("tpm", made, "")
    registration.malformed("tpm", statement(registration, more=1), "")


def replaced(*items: tuple[str, bool, bytes]) -> dict[str, Any]:
    return {"replace": {item[0]: item for item in items}}


@pytest.mark.parametrize(
    ("parts", "detail"),
    [
        ({"version": 1, "extensions": []}, "version"),
        ({"subject": name((CN, "TPM"))}, "subject"),
        ({"replace": {SAN: None}}, "must be critical"),
        (replaced((SAN, False, alternative(tlv(0xA4, tpm_name()))[2])), "must be critical"),
        (replaced(alternative(tlv(0x82, b"tpm.example"))), "does not tell"),
        (replaced(alternative(tlv(0xA4, name((CN, "TPM"))))), "does not tell"),
        (replaced(alternative(tlv(0xA4, tpm_name(model="")))), "does not tell"),
        (replaced(alternative(tlv(0xA4, tpm_name(firmware="")))), "does not tell"),
        (replaced(alternative(tlv(0xA4, tpm_name(manufacturer="")))), "does not tell"),
        (replaced(alternative(tlv(0xA4, name((MODEL, "PTT"), (MANUFACTURER, "id:494E5443"))))), "does not tell"),
        (replaced(alternative(tlv(0xA4, name((FIRMWARE, "id:13"), (MANUFACTURER, "id:494E5443"))))), "does not tell"),
        (replaced(alternative(tlv(0xA4, name((FIRMWARE, "id:13"), (MODEL, "PTT"))))), "does not tell"),
        (replaced(alternative(tlv(0xA4, tpm_name(manufacturer="Intel")))), "no vendor id"),
        (replaced(alternative(tlv(0xA4, tpm_name(manufacturer="id:494E544300")))), "no vendor id"),
        ({"replace": {EKU: None}}, "attestation identity key"),
        (replaced(purposes("2.23.133.8.1")), "attestation identity key"),
        (replaced(basic(True)), "certificate authority"),
        ({"replace": {BASIC: None}}, "no Basic Constraints"),
        (replaced((AAGUID_OID, False, tlv(0x04, bytes(16)))), "another AAGUID"),
    ],
)
def test_certificates_that_break_a_requirement(parts, detail):
    registration = Registration()
    refused = registration.refused("tpm", statement(registration, certificate=aik(**parts)), detail)
    assert refused.code is Code.ATTESTATION_CERTIFICATE


@pytest.mark.parametrize(
    "parts",
    [
        replaced(alternative(tlv(0xA4, tpm_name(one_rdn=False)))),
        replaced(alternative(tlv(0x82, b"host"), tlv(0xA4, name((CN, "x"))), tlv(0xA4, tpm_name()))),
        replaced(alternative(tlv(0xA4, tpm_name("id:ffffffff")))),
        replaced(purposes("1.3.6.1.5.5.7.3.1", "2.23.133.8.3")),
        replaced((AAGUID_OID, False, tlv(0x04, AAGUID))),
        # policy qualifiers with data that general parsers refuse
        replaced(
            ("2.5.29.32", False, seq(seq(oid("1.3.6.1.4.1.311.21.31"), seq(seq(number(1), b"\x30\x00\x05"))))),
        ),
    ],
)
def test_certificates_that_are_odd_but_fine(parts):
    registration = Registration()
    registration.verify("tpm", statement(registration, certificate=aik(**parts)))


def test_manufacturers_are_a_policy():
    registration = Registration()
    known = statement(registration)
    registration.verify("tpm", known, tpm_manufacturers=TPM_MANUFACTURERS)
    small = statement(registration, certificate=aik(**replaced(alternative(tlv(0xA4, tpm_name("id:494e5443"))))))
    registration.verify("tpm", small, tpm_manufacturers=TPM_MANUFACTURERS)
    unknown = statement(registration, certificate=aik(**replaced(alternative(tlv(0xA4, tpm_name("id:FFFFF1D0"))))))
    registration.verify("tpm", unknown)
    registration.refused("tpm", unknown, "not accepted", tpm_manufacturers=TPM_MANUFACTURERS)
    registration.verify("tpm", unknown, tpm_manufacturers={"id:FFFFF1D0"})
    assert {"id:414D4400", "id:4E534D20", "id:53544D20"} <= TPM_MANUFACTURERS


def test_an_alternative_name_that_is_not_critical_is_a_named_waiver():
    registration = Registration()
    certificate = aik(**replaced((SAN, False, alternative(tlv(0xA4, tpm_name()))[2])))
    registration.verify("tpm", statement(registration, certificate=certificate), tpm_critical_name=False)
    without = statement(registration, certificate=aik(replace={SAN: None}))
    registration.refused("tpm", without, "does not tell", tpm_critical_name=False)


def test_a_chain_in_wrong_order():
    registration = Registration()
    made = statement(registration)
    made["x5c"] = [leaf(OTHER), *made["x5c"]]
    registration.refused("tpm", made, "does not verify")
