"""Names of the object identifiers that the certificates of authenticators use."""

from __future__ import annotations

from collections.abc import Mapping

#: Attributes of names (X.520), and algorithms (RFC 3279, 5758, 8410, 9881).
NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
    "2.23.133.2.1": "tpmManufacturer",
    "2.23.133.2.2": "tpmModel",
    "2.23.133.2.3": "tpmVersion",
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.5": "RSA with SHA-1",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.113549.1.1.11": "RSA with SHA-256",
    "1.2.840.113549.1.1.12": "RSA with SHA-384",
    "1.2.840.113549.1.1.13": "RSA with SHA-512",
    "1.2.840.10045.2.1": "EC",
    "1.2.840.10045.4.1": "ECDSA with SHA-1",
    "1.2.840.10045.4.3.2": "ECDSA with SHA-256",
    "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}
CURVES = {
    "1.2.840.10045.3.1.7": "P-256",
    "1.3.132.0.34": "P-384",
    "1.3.132.0.35": "P-521",
    "1.3.132.0.10": "secp256k1",
}
EXTENSIONS = {
    "2.5.29.14": "subject key identifier",
    "2.5.29.15": "key usage",
    "2.5.29.17": "subject alternative name",
    "2.5.29.19": "basic constraints",
    "2.5.29.31": "CRL distribution points",
    "2.5.29.32": "certificate policies",
    "2.5.29.35": "authority key identifier",
    "2.5.29.37": "extended key usage",
    "1.3.6.1.5.5.7.1.1": "authority information access",
    "1.3.6.1.4.1.45724.1.1.4": "FIDO AAGUID",
    "1.3.6.1.4.1.45724.2.1.1": "FIDO U2F transports",
    "1.3.6.1.4.1.11129.2.1.17": "Android key description",
    "1.2.840.113635.100.8.2": "Apple anonymous attestation nonce",
}
PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "server authentication",
    "1.3.6.1.5.5.7.3.2": "client authentication",
    "2.5.29.37.0": "any",
    "2.23.133.8.1": "TPM endorsement key",
    "2.23.133.8.3": "TPM attestation identity key",
}
#: Bits of the key usage extension (RFC 5280 section 4.2.1.3).
KEY_USES = {
    0: "digitalSignature",
    1: "nonRepudiation",
    2: "keyEncipherment",
    3: "dataEncipherment",
    4: "keyAgreement",
    5: "keyCertSign",
    6: "cRLSign",
    7: "encipherOnly",
    8: "decipherOnly",
}


def named(names: Mapping[str, str], oid: str) -> str:
    """The name with the identifier; without a name the identifier alone."""
    return f"{names[oid]} ({oid})" if oid in names else oid
