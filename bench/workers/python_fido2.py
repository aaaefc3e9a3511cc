"""python-fido2's server, used as its documentation shows; its verifier is given the root."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from importlib.metadata import version
from typing import Any

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
)
from loop import Cannot, Work, serve


def prepare(task: dict[str, Any]) -> Work:
    """The same ceremony, from the same text."""
    if task["algorithm"] not in CoseKey.supported_algorithms():
        raise Cannot("does not know the algorithm")
    attested = task["kind"] == "registration" and task["format"] != "none"
    if attested and not task["anchors"]:
        raise Cannot("accepts no self attestation")  # it calls it "no root"
    site = PublicKeyCredentialRpEntity(id=task["rp_id"], name="Example")
    if attested:
        server = Fido2Server(
            site, AttestationConveyancePreference.DIRECT, verify_attestation=_verifier(_bytes(task["anchors"][0]))
        )
    else:
        server = Fido2Server(site)
    body, state = task["body"], {"challenge": task["challenge"], "user_verification": "required"}
    if task["kind"] == "registration":
        return lambda: server.register_complete(state, json.loads(body))
    if task["kind"] == "state":
        return lambda: json.loads(json.dumps(state))
    key = CoseKey.parse(dict(cbor.decode(_bytes(task["public_key"]))))
    stored = bytes(AttestedCredentialData.create(Aaguid.NONE, _bytes(task["credential_id"]), key))
    if task["kind"] == "authentication":
        return lambda: server.authenticate_complete(state, [AttestedCredentialData(stored)], json.loads(body))
    if task["kind"] == "authentication options":
        return lambda: json.dumps(dict(server.authenticate_begin([AttestedCredentialData(stored)], "required")[0]))
    user = PublicKeyCredentialUserEntity(id=b"a user handle of thirty-two byte", name="ada", display_name="Ada")
    return lambda: json.dumps(
        dict(server.register_begin(user, [AttestedCredentialData(stored)], user_verification="required")[0])
    )


def _verifier(anchor: bytes) -> object:
    from fido2.attestation import Attestation, AttestationVerifier

    class OneRoot(AttestationVerifier):
        def ca_lookup(self, attestation_result: object, auth_data: object) -> bytes:  # noqa: ARG002 - its interface
            return anchor

    formats = ("packed", "tpm", "android-key", "apple", "fido-u2f")
    return OneRoot([Attestation.for_type(name)() for name in formats])


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    serve(version("fido2"), prepare)
