"""The `android-safetynet` statement (section 8.5): a JSON web signature of the service that Google has shut down."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from typing import Any

from unlatch.testing import der
from unlatch.testing.certificates import SUBJECT_ALTERNATIVE_NAME, Extension, Template, basic_constraints, name
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene
from unlatch.wire import base64url

HOST = "attest.android.com"


def host_names(*hosts: str) -> Extension:
    """A subject alternative name with DNS names."""
    return Extension(
        SUBJECT_ALTERNATIVE_NAME, der.sequence(*(der.context(2, each.encode(), constructed=False) for each in hosts))
    )


def make(scene: Scene) -> dict[str, Any]:
    """A signed report on the device, with a nonce that binds it to the ceremony."""
    authenticator = scene.authenticator
    service_key = authenticator.service_key
    leaf = Template(
        name(country="US", organisation="Unlatch Test", unit="Service", common_name=HOST),
        service_key.spki,
        (basic_constraints(authority=False), host_names(HOST)),
    )
    leaf = scene.at(Point.LEAF, leaf)
    issuer = scene.at(Point.ISSUER, authenticator.issuer)
    chain = scene.at(Point.CHAIN, [issuer.issue(leaf), *issuer.path])
    bound = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
    payload = {
        "nonce": b64encode(sha256(bound).digest()).decode(),
        "timestampMs": int(authenticator.now().timestamp() * 1000),
        "apkPackageName": "com.google.android.gms",
        "apkDigestSha256": b64encode(bytes(32)).decode(),
        "apkCertificateDigestSha256": [b64encode(bytes(32)).decode()],
        "ctsProfileMatch": True,
        "basicIntegrity": True,
    }
    payload = scene.at(Point.SAFETYNET_PAYLOAD, payload)
    header = {"alg": "RS256", "x5c": [b64encode(each).decode() for each in chain]}
    header = scene.at(Point.SAFETYNET_HEADER, header)
    text = f"{_part(header)}.{_part(payload)}"
    signer = scene.at(Point.SIGNER, service_key)
    signature = scene.at(Point.SIGNATURE, signer.sign(text.encode()))
    response = f"{text}.{base64url.encode(signature)}".encode()
    return {"ver": "14366018", "response": scene.at(Point.SAFETYNET_RESPONSE, response)}


def _part(value: dict[str, Any]) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":")).encode())
