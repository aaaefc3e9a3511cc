"""soft-fido2, an authenticator that others wrote, with what its documentation leaves to a page around it.

Only its documented interface is used: `Fido2Authenticator.credential_create` and `credential_request`, `KeyPair` and
`CertUtils`. It answers in the shape of browsers before `toJSON()`: padded base64url and other member names. A page
has to turn that into the JSON of section 5.1 before it posts it; `as_page_sends` is such a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from soft_fido2 import CertUtils, Fido2Authenticator, KeyPair

AAGUID = b"an aaguid of its"

#: What it can make keys of: the pair, and the hash that decides which algorithm it names.
KINDS: dict[str, tuple[Callable[[], KeyPair], hashes.HashAlgorithm]] = {
    "ES256": (KeyPair.generate_ecdsa, hashes.SHA256()),
    "ES384": (lambda: KeyPair.generate_ecdsa(ec.SECP384R1()), hashes.SHA384()),
    "ES512": (lambda: KeyPair.generate_ecdsa(ec.SECP521R1()), hashes.SHA512()),
    "RS256": (KeyPair.generate_rsa, hashes.SHA256()),
    "RS384": (KeyPair.generate_rsa, hashes.SHA384()),
    "RS512": (KeyPair.generate_rsa, hashes.SHA512()),
    "RS1": (KeyPair.generate_rsa, hashes.SHA1()),
    "EdDSA": (KeyPair.generate_ed25519, hashes.SHA256()),
    "ML-DSA-44": (lambda: KeyPair.generate_mldsa("ML-DSA-44"), hashes.SHA256()),
    "ML-DSA-65": (lambda: KeyPair.generate_mldsa("ML-DSA-65"), hashes.SHA256()),
    "ML-DSA-87": (lambda: KeyPair.generate_mldsa("ML-DSA-87"), hashes.SHA256()),
}

#: Every statement format that it has (its README: "all attestation formats"), each alone.
FORMATS = ("none", "packed", "packed-self", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple")


@cache
def key_pair(kind: str) -> KeyPair:
    """One key pair of a kind for all tests: RSA keys take their time."""
    make, _ = KINDS[kind]
    return make()


@cache
def authority() -> tuple[KeyPair, x509.Certificate]:
    """The authority that issues its attestation certificates."""
    key = KeyPair.generate_ecdsa()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority for tests")])
    return key, CertUtils.gen_ca_cert(subject=name, keyPair=key)


def anchor() -> bytes:
    """The authority's certificate, DER."""
    return CertUtils.get_encoded(authority()[1])


def authenticator(kind: str = "ES256", **settings: Any) -> Fido2Authenticator:
    """An authenticator whose credential has a key of this kind."""
    key, certificate = authority()
    chosen = {"aaguid": list(AAGUID), **settings}
    return Fido2Authenticator(
        keyPair=key_pair(kind), caKeyPair=key, caCert=certificate, hashingAlg=KINDS[kind][1], **chosen
    )


def as_page_sends(answer: dict[str, Any]) -> dict[str, Any]:
    """Its answer as `RegistrationResponseJSON` or `AuthenticationResponseJSON`; no byte inside changes."""
    inner = {name: text.rstrip("=") for name, text in answer["response"].items()}
    if "getTransports" in answer:
        inner["transports"] = answer["getTransports"]
    return {
        "id": answer["id"],
        "rawId": answer["rawId"],
        "type": answer["type"],
        "response": inner,
        "clientExtensionResults": answer["getClientExtensionResults"],
    }
