"""Certificates for servers on loopback, of an authority or self-signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """Both, as servers read them."""
        form = serialization.Encoding.PEM
        private = self.key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return private + self.certificate.public_bytes(form)


def issue(name: str, *, by: Issued | None = None) -> Issued:
    """A certificate for a host, by an authority; without one it is self-signed, and may itself be an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, signer = (subject, key) if by is None else (by.certificate.subject, by.key)
    now, hour = datetime.now(UTC), timedelta(hours=1)
    builder = x509.CertificateBuilder(
        issuer,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now - hour,
        now + hour,
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))])
    return Issued(builder.add_extension(names, critical=False).sign(signer, hashes.SHA256()), key)
