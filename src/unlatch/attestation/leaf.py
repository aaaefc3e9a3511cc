"""What the formats with an attestation certificate ask of it: version, constraints, the AAGUID extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.attestation.statement import refuse
from unlatch.codes import Code
from unlatch.crypto.certificates import basic_constraints
from unlatch.crypto.signatures import load_key
from unlatch.wire import der

if TYPE_CHECKING:
    from unlatch.crypto.certificates import Certificate
    from unlatch.wire.cose import CoseKey

#: id-fido-gen-ce-aaguid (section 8.2.1).
AAGUID_EXTENSION = "1.3.6.1.4.1.45724.1.1.4"


def expect_version_3(certificate: Certificate) -> None:
    """Refuse a certificate of another version.

    Raises:
        AttestationRefused: Version 1 or 2.
    """
    if certificate.version != 3:
        raise refuse(
            Code.ATTESTATION_CERTIFICATE, "the certificate's version", expected=3, received=certificate.version
        )


def expect_end_entity(certificate: Certificate, *, explicit: bool) -> None:
    """Refuse a certificate authority where an attestation certificate belongs.

    Args:
        certificate: The attestation certificate.
        explicit: Whether Basic Constraints must be there; absence means the same as CA false otherwise.

    Raises:
        AttestationRefused: CA is true, or the extension is missing though asked for.
    """
    constraints = basic_constraints(certificate)
    if constraints is None:
        if explicit:
            raise refuse(Code.ATTESTATION_CERTIFICATE, "the certificate has no Basic Constraints")
    elif constraints.ca:
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the attestation certificate is a certificate authority")


def expect_aaguid(certificate: Certificate, aaguid: bytes) -> None:
    """Where the certificate names an AAGUID, it must be the authenticator's (sections 8.2.1 and 8.3.1).

    Raises:
        Malformed: The extension is not an OCTET STRING.
        AttestationRefused: Another AAGUID, or an extension marked critical.
    """
    extension = certificate.extensions.get(AAGUID_EXTENSION)
    if extension is None:
        return
    if extension.critical:
        raise refuse(Code.ATTESTATION_CERTIFICATE, "the AAGUID extension must not be critical")
    # The sixteen bytes stand in an OCTET STRING inside the extension's own.
    value = der.decode(extension.value, der.OCTET_STRING, certificate.path).content
    if value != aaguid:
        raise refuse(
            Code.ATTESTATION_CERTIFICATE, "the certificate is for another AAGUID", expected=aaguid, received=value
        )


def expect_credential_key(certificate: Certificate, key: CoseKey) -> None:
    """The certificate's key must be the credential's.

    Raises:
        Malformed: The certificate's key cannot be loaded.
        AttestationRefused: Another key.
    """
    theirs = certificate.public_key()
    # An RSA and an EC key differ in class; `==` compares numbers, not encodings.
    if theirs != load_key(key):
        raise refuse(Code.ATTESTATION_KEY_MISMATCH, "the certificate is for another key than the credential's")
