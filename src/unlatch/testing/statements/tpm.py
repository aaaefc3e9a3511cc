"""The `tpm` statement (section 8.3): a TPM certifies a key that it holds, signed by its attestation key.

Structures and numbers are those of the TPM 2.0 Library, part 2: TPMT_PUBLIC and TPMS_ATTEST, big-endian.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from unlatch.testing import der
from unlatch.testing.certificates import (
    EXTENDED_KEY_USAGE,
    SUBJECT_ALTERNATIVE_NAME,
    Extension,
    Template,
    basic_constraints,
)
from unlatch.testing.keys import KeyPair, credential_algorithms, unsigned
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene

ALGORITHMS = frozenset((-7, -35, -36, *credential_algorithms("pkcs1", "pss")))

#: TPM_ALG_ID of the hashes that may name a key.
NAME_ALGORITHMS = {"sha1": 0x0004, "sha256": 0x000B, "sha384": 0x000C, "sha512": 0x000D}
_HASHES = {number: name for name, number in NAME_ALGORITHMS.items()}
_DIGESTS = {1: "sha1", 256: "sha256", 384: "sha384", 512: "sha512"}
RSA, ECC, NULL, RSASSA = 0x0001, 0x0023, 0x0010, 0x0014
_CURVES = {-7: 0x0003, -35: 0x0004, -36: 0x0005}
MAGIC, CERTIFY = 0xFF544347, 0x8017

# fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, decrypt, sign: what Windows gives its keys.
_ATTRIBUTES = 0x00060472
ATTESTATION_KEY_USAGE = "2.23.133.8.3"
_MANUFACTURER, _MODEL, _VERSION = "2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"


class NameLayout(StrEnum):
    """The two ways in which certificates in the field write the three attributes of a TPM."""

    ONE_RDN = "one-rdn"  # one relative name with three attributes
    THREE_RDNS = "three-rdns"  # one attribute in each relative name


@dataclass(frozen=True, slots=True)
class TpmSettings:
    """What kind of TPM the authenticator has.

    Attributes:
        manufacturer: Vendor identifier as the certificate writes it; the default is assigned to Infineon.
        model, version: Further texts of the certificate.
        name_algorithm: Key of `NAME_ALGORITHMS`.
        name_layout: How the certificate writes the three texts.
    """

    manufacturer: str = "id:49465800"
    model: str = "Unlatch Test TPM"
    version: str = "id:00070055"
    name_algorithm: str = "sha256"
    name_layout: NameLayout = NameLayout.ONE_RDN

    @property
    def alternative_name(self) -> Extension:
        """The critical subject alternative name of TCG's EK credential profile, section 3.2.9."""
        texts = ((_MANUFACTURER, self.manufacturer), (_MODEL, self.model), (_VERSION, self.version))
        attributes = [der.sequence(der.oid(oid), der.utf8(text)) for oid, text in texts if text]
        if self.name_layout is NameLayout.ONE_RDN:
            directory_name = der.sequence(der.set_of(*attributes))
        else:
            directory_name = der.sequence(*(der.set_of(each) for each in attributes))
        return Extension(SUBJECT_ALTERNATIVE_NAME, der.sequence(der.context(4, directory_name)), critical=True)


@dataclass(frozen=True, slots=True)
class PublicArea:
    """TPMT_PUBLIC.

    Attributes:
        type: `RSA` or `ECC`.
        name_algorithm: TPM_ALG_ID.
        parameters: Key bits and exponent, or curve and key derivation: what follows symmetric and scheme.
        unique: Contents of the sized buffers that hold the public numbers.
        attributes: TPMA_OBJECT.
        policy: Digest of the authorization policy.
        symmetric: Encoded TPMT_SYM_DEF_OBJECT.
        scheme: Encoded TPMT_ASYM_SCHEME.
    """

    type: int
    name_algorithm: int
    parameters: bytes
    unique: tuple[bytes, ...]
    attributes: int = _ATTRIBUTES
    policy: bytes = b""
    symmetric: bytes = NULL.to_bytes(2, "big")
    scheme: bytes = NULL.to_bytes(2, "big")

    @classmethod
    def of(cls, key: KeyPair, *, name_algorithm: int) -> PublicArea:
        """The public area of `key`."""
        numbers = key.private.public_key().public_numbers()
        if key.algorithm.family == "ecdsa":
            size = (key.private.key_size + 7) // 8
            parameters = _u16(_CURVES[key.algorithm.id]) + _u16(NULL)
            return cls(
                ECC, name_algorithm, parameters, (numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big"))
            )
        # An exponent of zero stands for 65537.
        parameters = _u16(key.private.key_size) + bytes(4)
        return cls(RSA, name_algorithm, parameters, (unsigned(numbers.n),))

    def encode(self) -> bytes:
        """Its bytes, without a length in front."""
        head = _u16(self.type) + _u16(self.name_algorithm) + self.attributes.to_bytes(4, "big") + _sized(self.policy)
        return head + self.symmetric + self.scheme + self.parameters + b"".join(map(_sized, self.unique))


@dataclass(frozen=True, slots=True)
class CertifyInfo:
    """TPMS_ATTEST with TPMS_CERTIFY_INFO.

    Attributes:
        extra_data: Hash of what binds it to the ceremony.
        name: Name of the certified key: algorithm and digest of its public area.
        magic, type: Constants of the structure.
        clock_safe: The last octet of the clock information, which should be a boolean and is to be ignored.
    """

    extra_data: bytes
    name: bytes
    magic: int = MAGIC
    type: int = CERTIFY
    clock_safe: int = 1

    def encode(self) -> bytes:
        """Its bytes."""
        clock = (1_234_567).to_bytes(8, "big") + bytes(8) + bytes((self.clock_safe,))
        firmware = (7 << 48).to_bytes(8, "big")
        signer, qualified_name = _sized(_u16(0x000B) + bytes(32)), _sized(_u16(0x000B) + b"\x11" * 32)
        head = self.magic.to_bytes(4, "big") + _u16(self.type) + signer + _sized(self.extra_data)
        return head + clock + firmware + _sized(self.name) + qualified_name


def make(scene: Scene) -> dict[str, Any]:
    """The TPM's certification of the credential key, and the certificate of the attestation key that signed it."""
    authenticator = scene.authenticator
    settings, attestation_key = authenticator.tpm, authenticator.attestation_key
    area = PublicArea.of(scene.credential_key, name_algorithm=NAME_ALGORITHMS[settings.name_algorithm])
    area = scene.at(Point.TPM_PUBLIC_AREA, area)
    public_area = scene.at(Point.TPM_PUBLIC_AREA_BYTES, area.encode())
    bound = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
    name_hash = _HASHES.get(area.name_algorithm, "sha256")
    info = CertifyInfo(
        extra_data=hashlib.new(_DIGESTS[attestation_key.algorithm.digest or 256], bound).digest(),
        name=_u16(area.name_algorithm) + hashlib.new(name_hash, public_area).digest(),
    )
    certify_info = scene.at(Point.TPM_CERTIFY_INFO_BYTES, scene.at(Point.TPM_CERTIFY_INFO, info).encode())
    leaf = Template(
        (),
        attestation_key.spki,
        (
            basic_constraints(authority=False),
            settings.alternative_name,
            Extension(EXTENDED_KEY_USAGE, der.sequence(der.oid(ATTESTATION_KEY_USAGE))),
        ),
    )
    leaf = scene.at(Point.LEAF, leaf)
    issuer = scene.at(Point.ISSUER, authenticator.issuer)
    chain = scene.at(Point.CHAIN, [issuer.issue(leaf), *issuer.path])
    signer = scene.at(Point.SIGNER, attestation_key)
    return {
        "ver": "2.0",
        "alg": attestation_key.algorithm.id,
        "x5c": chain,
        "sig": scene.at(Point.SIGNATURE, signer.sign(certify_info)),
        "certInfo": certify_info,
        "pubArea": public_area,
    }


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _sized(content: bytes) -> bytes:
    """TPM2B: a length of two bytes and the content."""
    return _u16(len(content)) + content
