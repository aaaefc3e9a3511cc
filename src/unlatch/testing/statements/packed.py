"""The `packed` statement (section 8.2), with a certificate chain or as self attestation."""

from __future__ import annotations

from typing import Any

from unlatch.testing.certificates import Template, aaguid_extension, basic_constraints, name
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene


def make(scene: Scene) -> dict[str, Any]:
    """Basic attestation: signed by the authenticator's attestation key, with its certificate chain."""
    authenticator = scene.authenticator
    attestation_key = authenticator.attestation_key
    leaf = Template(
        name(unit="Authenticator Attestation", common_name="Unlatch Test Authenticator"),
        attestation_key.spki,
        (basic_constraints(authority=False), aaguid_extension(authenticator.aaguid)),
    )
    leaf = scene.at(Point.LEAF, leaf)
    issuer = scene.at(Point.ISSUER, authenticator.issuer)
    chain = scene.at(Point.CHAIN, [issuer.issue(leaf), *issuer.path])
    signer = scene.at(Point.SIGNER, attestation_key)
    signed = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
    signature = scene.at(Point.SIGNATURE, signer.sign(signed))
    return {"alg": attestation_key.algorithm.id, "sig": signature, "x5c": chain}


def make_self(scene: Scene) -> dict[str, Any]:
    """Self attestation: signed by the new credential itself."""
    key = scene.credential_key
    signer = scene.at(Point.SIGNER, key)
    signed = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
    signature = scene.at(Point.SIGNATURE, signer.sign(signed))
    return {"alg": key.algorithm.id, "sig": signature}
