"""The `apple` statement (section 8.8): a certificate for the credential key, with a nonce, and no signature."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from unlatch.testing import der
from unlatch.testing.certificates import Extension, Template, basic_constraints, name
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene

NONCE_EXTENSION = "1.2.840.113635.100.8.2"


def make(scene: Scene) -> dict[str, Any]:
    """A certificate made for this ceremony alone."""
    signed = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
    nonce = scene.at(Point.APPLE_NONCE, der.sequence(der.context(1, der.octet_string(sha256(signed).digest()))))
    leaf = Template(
        name(organisation="Unlatch Test", unit="AAA Certification", common_name="Anonymous Test Credential"),
        scene.at(Point.CERTIFIED_KEY, scene.credential_key).spki,
        (basic_constraints(authority=False), Extension(NONCE_EXTENSION, nonce)),
    )
    leaf = scene.at(Point.LEAF, leaf)
    issuer = scene.at(Point.ISSUER, scene.authenticator.issuer)
    return {"x5c": scene.at(Point.CHAIN, [issuer.issue(leaf), *issuer.path])}
