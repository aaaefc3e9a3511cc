"""The two TPM 2.0 structures inside a `tpm` attestation statement (TPM 2.0 Library, part 2: Structures).

``pubArea`` is a TPMT_PUBLIC (section 12.2.4), ``certInfo`` a TPMS_ATTEST (section 10.12.12); both big-endian, without
a length in front. Only what certification of a signing key can contain is read; everything must be used up.
"""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import frozen

RSA, ECC = 0x0001, 0x0023
NULL = 0x0010
RSASSA, RSAPSS, ECDSA = 0x0014, 0x0016, 0x0018

#: TPM_GENERATED_VALUE: the TPM itself made the structure.
GENERATED = 0xFF544347
#: TPM_ST_ATTEST_CERTIFY.
CERTIFY = 0x8017

#: TPMA_OBJECT (part 2 section 8.3): the key may sign; and the bits that mean something. Bits 8
#: (firmwareLimited) and 9 (svnLimited) do so since revision 1.83.
SIGN_ENCRYPT = 1 << 18
_DEFINED_ATTRIBUTES = sum(1 << bit for bit in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19))

#: An RSA exponent of 0 stands for this one (part 2 section 12.2.3.5).
DEFAULT_EXPONENT = 65537


@frozen
class RsaParameters:
    """TPMS_RSA_PARMS and the modulus."""

    symmetric: int
    scheme: int
    key_bits: int
    exponent: int
    modulus: int


@frozen
class EccParameters:
    """TPMS_ECC_PARMS and the point; coordinates as numbers, because leading zeros may be missing."""

    symmetric: int
    scheme: int
    curve: int
    x: int
    y: int


@frozen
class PublicArea:
    """TPMT_PUBLIC.

    Attributes:
        name_algorithm: TPM_ALG_ID of the hash in the object's name.
        attributes: TPMA_OBJECT.
        parameters: Of the key's type.
    """

    name_algorithm: int
    attributes: int
    parameters: RsaParameters | EccParameters

    @property
    def has_undefined_attributes(self) -> bool:
        """Whether a bit is set that TPM 2.0 reserves and makes zero."""
        return self.attributes & ~_DEFINED_ATTRIBUTES != 0


@frozen
class CertifyInfo:
    """TPMS_ATTEST of a TPM2_Certify. The signer's name, clock and firmware version say nothing here.

    Attributes:
        extra_data: What the caller of TPM2_Certify passed in.
        name: Name of the certified object: its hash algorithm (2 bytes) and digest.
    """

    extra_data: bytes
    name: bytes


class _Reader:
    """Fixed-size big-endian numbers and TPM2B buffers, one after another."""

    __slots__ = ("_data", "_offset", "_path")

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self._offset = 0
        self._path = path

    def take(self, length: int) -> bytes:
        start, self._offset = self._offset, self._offset + length
        if self._offset > len(self._data):
            raise Malformed(Code.ATTESTATION_STATEMENT, self._path, "the structure is cut off")
        return self._data[start : self._offset]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def buffer(self) -> bytes:
        return self.take(self.number(2))

    def expect_end(self) -> None:
        if self._offset != len(self._data):
            raise Malformed(Code.ATTESTATION_STATEMENT, self._path, "bytes after the structure")


def decode_public_area(data: bytes, path: str) -> PublicArea:
    """Decode a TPMT_PUBLIC that fills `data`.

    Raises:
        Malformed: Cut off, bytes left over, or a type other than RSA and ECC.
    """
    reader = _Reader(data, path)
    kind = reader.number(2)
    if kind not in (RSA, ECC):
        raise Malformed(Code.ATTESTATION_STATEMENT, path, f"type 0x{kind:04x}; only RSA and ECC keys sign")
    name_algorithm = reader.number(2)
    attributes = reader.number(4)
    reader.buffer()  # authPolicy
    parameters = _rsa(reader) if kind == RSA else _ecc(reader)
    reader.expect_end()
    return PublicArea(name_algorithm, attributes, parameters)


def _rsa(reader: _Reader) -> RsaParameters:
    symmetric = _symmetric(reader)
    scheme = _scheme(reader)
    key_bits = reader.number(2)
    exponent = reader.number(4) or DEFAULT_EXPONENT
    return RsaParameters(symmetric, scheme, key_bits, exponent, int.from_bytes(reader.buffer(), "big"))


def _ecc(reader: _Reader) -> EccParameters:
    symmetric = _symmetric(reader)
    scheme = _scheme(reader)
    curve = reader.number(2)
    _scheme(reader)  # kdf
    x, y = reader.buffer(), reader.buffer()
    return EccParameters(symmetric, scheme, curve, int.from_bytes(x, "big"), int.from_bytes(y, "big"))


def _symmetric(reader: _Reader) -> int:
    """TPMT_SYM_DEF_OBJECT: key size and mode follow unless it is null."""
    algorithm = reader.number(2)
    if algorithm != NULL:
        reader.take(4)
    return algorithm


def _scheme(reader: _Reader) -> int:
    """TPMT_RSA_SCHEME, TPMT_ECC_SCHEME or TPMT_KDF_SCHEME: a hash follows unless it is null."""
    algorithm = reader.number(2)
    if algorithm != NULL:
        reader.take(2)
    return algorithm


def decode_certify_info(data: bytes, path: str) -> CertifyInfo | None:
    """Decode a TPMS_ATTEST that fills `data`.

    Returns:
        None for a structure that no TPM made, or that attests something else than an object.

    Raises:
        Malformed: Cut off, or bytes left over.
    """
    reader = _Reader(data, path)
    if reader.number(4) != GENERATED or reader.number(2) != CERTIFY:
        return None
    reader.buffer()  # qualifiedSigner
    extra_data = reader.buffer()
    # clockInfo (clock, resetCount, restartCount, safe) and firmwareVersion: the procedure ignores them, and a test
    # vector of the specification has 0x33 for the boolean `safe`.
    reader.take(8 + 4 + 4 + 1 + 8)
    name = reader.buffer()
    reader.buffer()  # qualifiedName
    reader.expect_end()
    return CertifyInfo(extra_data, name)
