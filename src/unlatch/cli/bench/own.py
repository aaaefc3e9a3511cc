"""Our own ceremonies, and the floor below every library: the signature that has to be verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from unlatch.cli.bench.ceremonies import Recorded
from unlatch.terms import CeremonyKind
from unlatch.wire import base64url
from unlatch.wire.cose import AkpKey, CoseKey, Ec2Key, OkpKey, decode_key

UNLATCH = "unlatch"
FLOOR = "floor (key and signature)"
FLOOR_KEY_AT_HAND = "floor (signature alone)"


def finish(ceremony: Recorded) -> Callable[[], object]:
    """JSON text in, verified result out."""
    relying_party, state, body, record = ceremony.relying_party, ceremony.state, ceremony.body, ceremony.record
    if ceremony.row.kind is CeremonyKind.REGISTRATION:
        return lambda: relying_party.finish_registration(state, body)
    return lambda: relying_party.finish_authentication(state, body, record)


def floors(ceremony: Recorded) -> dict[str, Callable[[], object]]:
    """The bare signature of an authentication, parsing nothing: with the key to build, and with the key at hand."""
    response: dict[str, Any] = json.loads(ceremony.body)["response"]
    client_data_hash = sha256(base64url.decode(response["clientDataJSON"], "clientDataJSON")).digest()
    build, parameters = _key_and_parameters(decode_key(ceremony.record.public_key, "publicKey"))
    arguments = (
        base64url.decode(response["signature"], "signature"),
        base64url.decode(response["authenticatorData"], "authenticatorData") + client_data_hash,
        *parameters,
    )
    verify = build().verify
    verify(*arguments)
    return {FLOOR: lambda: build().verify(*arguments), FLOOR_KEY_AT_HAND: lambda: verify(*arguments)}


def _key_and_parameters(key: CoseKey) -> tuple[Callable[[], Any], tuple[Any, ...]]:
    """How `cryptography` builds this key, and what its `verify` wants beside signature and data."""
    if isinstance(key, Ec2Key):
        curve, algorithm = {
            "ES256": (ec.SECP256R1(), hashes.SHA256()),
            "ES384": (ec.SECP384R1(), hashes.SHA384()),
        }[key.algorithm.name]
        point = b"\x04" + key.x + key.y
        return partial(ec.EllipticCurvePublicKey.from_encoded_point, curve, point), (ec.ECDSA(algorithm),)
    if isinstance(key, OkpKey):
        kind = Ed448PublicKey if key.algorithm.name == "Ed448" else Ed25519PublicKey
        return partial(kind.from_public_bytes, key.x), ()
    if isinstance(key, AkpKey):
        return partial(MLDSA44PublicKey.from_public_bytes, key.pub), ()
    n, e = key.n, key.e
    return lambda: rsa.RSAPublicNumbers(e, n).public_key(), (padding.PKCS1v15(), hashes.SHA256())
