"""The `android-key` statement (section 8.4): a certificate for the credential key that describes how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unlatch.testing import der
from unlatch.testing.certificates import COMMON_NAME, Attribute, Extension, Template
from unlatch.testing.keys import credential_algorithms
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene

#: Android key attestation, "Schema" of the key description extension.
DESCRIPTION_EXTENSION = "1.3.6.1.4.1.11129.2.1.17"
ALGORITHMS = frozenset((-7, -35, -36, *credential_algorithms("pkcs1", "pss")))

PURPOSE, ALGORITHM, KEY_SIZE, DIGEST, NO_AUTH_REQUIRED, ALL_APPLICATIONS, CREATION_TIME, ORIGIN = (
    1, 2, 3, 5, 503, 600, 701, 702,
)  # fmt: skip
SIGN, GENERATED, TRUSTED_ENVIRONMENT, SOFTWARE = 2, 0, 1, 0

#: Entries of an authorization list: tag number and the DER inside the explicit tag.
Authorizations = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class KeyDescription:
    """The `KeyDescription` sequence.

    Attributes:
        challenge: Hash of the client data.
        software, hardware: What is enforced by software and by hardware, in ascending order of tags.
        version: Attestation version; KeyMint's is the same here.
        security_level: 0 software, 1 trusted environment, 2 strong box.
    """

    challenge: bytes
    software: Authorizations
    hardware: Authorizations
    version: int = 200
    security_level: int = TRUSTED_ENVIRONMENT

    def encode(self) -> bytes:
        """Its DER."""
        return der.sequence(
            der.integer(self.version),
            der.enumerated(self.security_level),
            der.integer(self.version),
            der.enumerated(self.security_level),
            der.octet_string(self.challenge),
            der.octet_string(b""),
            _authorizations(self.software),
            _authorizations(self.hardware),
        )


def _authorizations(entries: Authorizations) -> bytes:
    return der.sequence(*(der.context(tag, value) for tag, value in entries))


def make(scene: Scene) -> dict[str, Any]:
    """A chain whose leaf certifies the credential key, and a signature of that key."""
    key = scene.at(Point.CERTIFIED_KEY, scene.credential_key)
    description = KeyDescription(
        scene.client_data_hash,
        ((CREATION_TIME, der.integer(1_700_000_000_000)),),
        (
            (PURPOSE, der.set_of(der.integer(SIGN))),
            (ALGORITHM, der.integer(3 if key.algorithm.family == "ecdsa" else 1)),
            (KEY_SIZE, der.integer(key.private.key_size)),
            (DIGEST, der.set_of(der.integer(4))),
            (NO_AUTH_REQUIRED, der.NULL),
            (ORIGIN, der.integer(GENERATED)),
        ),
    )
    described = scene.at(Point.ANDROID_DESCRIPTION, description).encode()
    leaf = Template(
        (Attribute(COMMON_NAME, der.utf8("Android Keystore Key")),),
        key.spki,
        (Extension(DESCRIPTION_EXTENSION, described),),
    )
    leaf = scene.at(Point.LEAF, leaf)
    issuer = scene.at(Point.ISSUER, scene.authenticator.issuer)
    chain = scene.at(Point.CHAIN, [issuer.issue(leaf), *issuer.path])
    signer = scene.at(Point.SIGNER, key)
    signed = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
    return {"alg": key.algorithm.id, "sig": scene.at(Point.SIGNATURE, signer.sign(signed)), "x5c": chain}
