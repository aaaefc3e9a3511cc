"""The `fido-u2f` statement (section 8.6): what security keys from before FIDO2 sign."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from unlatch.testing.certificates import Template, name
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene


def make(scene: Scene) -> dict[str, Any]:
    """One certificate, issued by the root itself because there is no room for more, and a signature of its key."""
    authenticator = scene.authenticator
    attestation_key = authenticator.attestation_key
    leaf = scene.at(
        Point.LEAF,
        Template(name(unit="Authenticator Attestation", common_name="Unlatch U2F Test Key"), attestation_key.spki),
    )
    issuer = scene.at(Point.ISSUER, authenticator.root)
    chain = scene.at(Point.CHAIN, [issuer.issue(leaf), *issuer.path])
    cose = scene.credential_key.cose
    public_key = scene.at(Point.U2F_PUBLIC_KEY, b"\x04" + cose[-2] + cose[-3])
    rp_id_hash = sha256(scene.rp_id.encode()).digest()
    signed = b"\x00" + rp_id_hash + scene.client_data_hash + scene.credential_id + public_key
    signer = scene.at(Point.SIGNER, attestation_key)
    signature = scene.at(Point.SIGNATURE, signer.sign(scene.at(Point.SIGNED, signed)))
    return {"x5c": chain, "sig": signature}
