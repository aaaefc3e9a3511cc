"""X.509 certificates (RFC 5280) read by our own DER walk.

General X.509 parsers refuse some certificates that real authenticators carry: TPM certificates whose policy
qualifiers hold extra data, a DEFAULT written out in Basic Constraints, names of another age. Here the frame of a
certificate is read at once and strictly; an extension is read when a rule asks for it; keys are loaded by
`cryptography`. What a certificate is worth is decided elsewhere (`unlatch.crypto.paths`, `unlatch.attestation`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import frozen
from unlatch.wire import der

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unlatch.crypto.signatures import PublicKey

SUBJECT_ALTERNATIVE_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
KEY_USAGE = "2.5.29.15"
EXTENDED_KEY_USAGE = "2.5.29.37"

#: As for credential keys: less is forgeable, more burns CPU time.
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
#: An exponent as long as the modulus makes each verification a hundred times slower.
MAX_RSA_EXPONENT_BITS = 64
#: RFC 5280 sets no limit; some software writes the largest number of 32 bits for "any".
MAX_PATH_LENGTH = 2**32 - 1
#: Real certificates stay below 4 KiB; a response is at most 64 KiB.
MAX_CERTIFICATE_BYTES = 32_768

_VERSIONS = {0: 1, 1: 2, 2: 3}
_VERSION, _ISSUER_UNIQUE_ID, _SUBJECT_UNIQUE_ID, _EXTENSIONS = 0xA0, 0x81, 0x82, 0xA3


@frozen
class Extension:
    """One extension, its value unread.

    Attributes:
        critical: Whether a reader that does not know the extension must refuse the certificate.
        value: The DER inside the extension's OCTET STRING.
    """

    critical: bool
    value: bytes


@frozen
class Certificate:
    """The frame of a certificate. Names and keys are kept as received; `names.is_same_name` compares names.

    Attributes:
        raw: The whole certificate, DER.
        path: Where in the input it stands, for errors about it.
        tbs: The signed part, DER.
        version: 1, 2 or 3.
        serial_number: Contents of the INTEGER.
        signature_algorithm: AlgorithmIdentifier outside the signed part, DER.
        tbs_signature_algorithm: AlgorithmIdentifier inside the signed part, DER.
        signature: The issuer's signature over `tbs`.
        issuer: Name, DER.
        subject: Name, DER.
        not_before: First moment of validity, UTC.
        not_after: Last moment of validity, UTC.
        spki: SubjectPublicKeyInfo, DER.
        extensions: By dotted object identifier.
    """

    raw: bytes
    path: str
    tbs: bytes
    version: int
    serial_number: bytes
    signature_algorithm: bytes
    tbs_signature_algorithm: bytes
    signature: bytes
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    extensions: Mapping[str, Extension]

    def public_key(self) -> PublicKey:
        """Load the subject's key.

        Returns:
            A key object of `cryptography`; kinds that sign nothing here verify nothing later.

        Raises:
            Malformed: Not a key that `cryptography` knows, a point off its curve, or an RSA key whose size or
                exponent is not accepted.
        """
        return load_public_key(self.spki, self.path)


@frozen
class BasicConstraints:
    """RFC 5280 section 4.2.1.9.

    Attributes:
        ca: Whether the subject may issue certificates.
        path_length: How many intermediate certificates may follow; None for any number.
    """

    ca: bool
    path_length: int | None


def parse_certificate(data: bytes, path: str, *, miscounts: bool = False) -> Certificate:
    """Read a certificate that fills `data`.

    Args:
        data: DER.
        path: Where in the input the certificate stands, for errors.
        miscounts: Whether the certificate may be one of the early U2F devices' that count unused bits of the
            signature, which has none.

    Raises:
        Malformed: Not DER, not the structure of a certificate, an extension that stands twice, or too large.
    """
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise Malformed(Code.CERTIFICATE, path, f"{len(data)} bytes; at most {MAX_CERTIFICATE_BYTES} are read")
    outer = der.Cursor(der.decode(data, der.SEQUENCE, path).content, path)
    tbs = outer.take(der.SEQUENCE)
    signature_algorithm = outer.take(der.SEQUENCE).raw
    signature = read_signature(outer.take(der.BIT_STRING), path, miscounts=miscounts)
    outer.expect_end()

    inner = der.Cursor(tbs.content, path)
    version = _version(inner.take_optional(_VERSION), path)
    serial_number = inner.take(der.INTEGER).content
    tbs_signature_algorithm = inner.take(der.SEQUENCE).raw
    issuer = inner.take(der.SEQUENCE).raw
    validity = inner.enter(der.SEQUENCE)
    not_before = read_time(validity.next(), path)
    not_after = read_time(validity.next(), path)
    validity.expect_end()
    subject = inner.take(der.SEQUENCE).raw
    spki = inner.take(der.SEQUENCE).raw
    inner.take_optional(_ISSUER_UNIQUE_ID)
    inner.take_optional(_SUBJECT_UNIQUE_ID)
    extensions = read_extensions(inner.take_optional(_EXTENSIONS), path)
    inner.expect_end()
    if extensions and version != 3:
        raise Malformed(Code.CERTIFICATE, path, f"extensions in a certificate of version {version}")
    return Certificate(
        raw=data,
        path=path,
        tbs=tbs.raw,
        version=version,
        serial_number=serial_number,
        signature_algorithm=signature_algorithm,
        tbs_signature_algorithm=tbs_signature_algorithm,
        signature=signature,
        issuer=issuer,
        subject=subject,
        not_before=not_before,
        not_after=not_after,
        spki=spki,
        extensions=extensions,
    )


def load_public_key(spki: bytes, path: str) -> PublicKey:
    """Load a SubjectPublicKeyInfo.

    Raises:
        Malformed: As `Certificate.public_key`.
    """
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed(Code.CERTIFICATE, path, "the subject's public key cannot be loaded") from None
    if isinstance(key, RSAPublicKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise Malformed(Code.CERTIFICATE, path, f"an RSA key of {key.key_size} bits")
        if key.public_numbers().e.bit_length() > MAX_RSA_EXPONENT_BITS:
            raise Malformed(Code.CERTIFICATE, path, "an RSA key with a giant exponent")
    return cast("PublicKey", key)


def basic_constraints(certificate: Certificate) -> BasicConstraints | None:
    """The Basic Constraints extension; None where there is none. A DEFAULT that is written out is tolerated.

    Raises:
        Malformed: The extension cannot be read.
    """
    extension = certificate.extensions.get(BASIC_CONSTRAINTS)
    if extension is None:
        return None
    path = certificate.path
    cursor = der.Cursor(der.decode(extension.value, der.SEQUENCE, path).content, path)
    flag = cursor.take_optional(der.BOOLEAN)
    length = cursor.take_optional(der.INTEGER)
    cursor.expect_end()
    path_length = None if length is None else der.integer(length, path)
    if path_length is not None and not 0 <= path_length <= MAX_PATH_LENGTH:
        raise Malformed(Code.CERTIFICATE, path, "a path length that is negative, or larger than 32 bits")
    return BasicConstraints(ca=flag is not None and der.boolean(flag, path), path_length=path_length)


def key_usage(certificate: Certificate) -> frozenset[int] | None:
    """The set bits of the Key Usage extension (0 digitalSignature, 5 keyCertSign, 6 cRLSign); None without one.

    Raises:
        Malformed: The extension cannot be read.
    """
    extension = certificate.extensions.get(KEY_USAGE)
    if extension is None:
        return None
    content = der.decode(extension.value, der.BIT_STRING, certificate.path).content
    if not 2 <= len(content) <= 3 or content[0] > 7:
        raise Malformed(Code.CERTIFICATE, certificate.path, "key usage is not a bit string")
    octets = content[1:]
    return frozenset(bit for bit in range(8 * len(octets)) if octets[bit // 8] >> (7 - bit % 8) & 1)


def extended_key_usage(certificate: Certificate) -> frozenset[str]:
    """The purposes of the Extended Key Usage extension as dotted identifiers; empty without one.

    Raises:
        Malformed: The extension cannot be read.
    """
    extension = certificate.extensions.get(EXTENDED_KEY_USAGE)
    if extension is None:
        return frozenset()
    path = certificate.path
    cursor = der.Cursor(der.decode(extension.value, der.SEQUENCE, path).content, path)
    purposes = set()
    while not cursor.at_end:
        purposes.add(der.oid(cursor.take(der.OID), path))
    return frozenset(purposes)


def read_signature(element: der.Element, path: str, *, miscounts: bool = False) -> bytes:
    """The octets of a signature, which are whole; see `parse_certificate` about `miscounts`.

    Raises:
        Malformed: Not a bit string, or one with unused bits.
    """
    if not element.content or element.content[0] > (7 if miscounts else 0):
        raise Malformed(Code.CERTIFICATE, path, "the signature is not a bit string of whole octets")
    return element.content[1:]


def _version(element: der.Element | None, path: str) -> int:
    """The version, v1 being the DEFAULT (written out by some)."""
    if element is None:
        return 1
    number = der.integer(der.decode(element.content, der.INTEGER, path), path)
    if number not in _VERSIONS:
        raise Malformed(Code.CERTIFICATE, path, "a version other than 1, 2 or 3")
    return _VERSIONS[number]


def read_time(element: der.Element, path: str) -> datetime:
    """UTCTime or GeneralizedTime in the one form that RFC 5280 section 4.1.2.5 allows: to the second, in UTC.

    Raises:
        Malformed: Another type or form, or a date that does not exist.
    """
    text = element.content
    if element.identifier == der.UTC_TIME and len(text) == 13:
        # Two digits mean 1950 to 2049.
        text = (b"20" if text[:2] < b"50" else b"19") + text
    elif element.identifier != der.GENERALIZED_TIME or len(text) != 15:
        raise Malformed(Code.CERTIFICATE, path, "a date that is not in the form of RFC 5280")
    if not text[:14].isdigit() or text[14:] != b"Z":
        raise Malformed(Code.CERTIFICATE, path, "a date that is not in the form of RFC 5280")
    date, time = (int(text[:4]), int(text[4:6]), int(text[6:8])), (int(text[8:10]), int(text[10:12]), int(text[12:14]))
    try:
        return datetime(*date, *time, tzinfo=UTC)
    except ValueError:
        raise Malformed(Code.CERTIFICATE, path, "a date that does not exist") from None


def read_extensions(element: der.Element | None, path: str, *, explicit: bool = True) -> dict[str, Extension]:
    """``SEQUENCE OF SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }``; a FALSE that is written out is tolerated.

    Args:
        element: The sequence; None for no extensions.
        path: Where in the input it stands, for errors.
        explicit: Whether the sequence stands inside a tag of its own, as in certificates and lists.

    Raises:
        Malformed: Another structure, or an extension that stands twice.
    """
    extensions: dict[str, Extension] = {}
    if element is None:
        return extensions
    sequence = der.decode(element.content, der.SEQUENCE, path) if explicit else element
    cursor = der.Cursor(sequence.content, path)
    while not cursor.at_end:
        entry = cursor.enter(der.SEQUENCE)
        identifier = der.oid(entry.take(der.OID), path)
        flag = entry.take_optional(der.BOOLEAN)
        value = entry.take(der.OCTET_STRING).content
        entry.expect_end()
        if identifier in extensions:
            raise Malformed(Code.CERTIFICATE, path, f"extension {identifier} stands twice")
        extensions[identifier] = Extension(critical=flag is not None and der.boolean(flag, path), value=value)
    return extensions
