"""Keys of webauthn-rp and keys of ours, each from the other. Every way leads through our strict reader."""

from __future__ import annotations

from typing import Any

from unlatch.compat.webauthn_rp.errors import PublicKeyConversionError, translated
from unlatch.compat.webauthn_rp.types.keys import (
    AKPCredentialPublicKey,
    COSEAlgorithmIdentifier,
    COSEKeyType,
    CredentialPublicKey,
    EC2CredentialPublicKey,
    EC2Curve,
    OKPCredentialPublicKey,
    OKPCurve,
    RSACredentialPublicKey,
    number,
)
from unlatch.errors import Malformed
from unlatch.wire import cbor
from unlatch.wire.cose import CoseKey, Ec2Key, OkpKey, RsaKey, decode_key

_KTY, _ALG, _FIRST, _SECOND, _THIRD = 1, 3, -1, -2, -3


def to_cose(key: CredentialPublicKey) -> bytes:
    """The canonical COSE_Key of a key.

    Raises:
        PublicKeyConversionError: Not a key of one of the four types, without algorithm, or with `kid`, `key_ops` or
            `base_IV`.
    """
    head = _head(key) if isinstance(key, CredentialPublicKey) else {}
    if isinstance(key, EC2CredentialPublicKey):
        return cbor.encode({**head, _FIRST: number(key.crv), _SECOND: key.x, _THIRD: key.y})
    if isinstance(key, OKPCredentialPublicKey):
        return cbor.encode({**head, _FIRST: number(key.crv), _SECOND: key.x})
    if isinstance(key, RSACredentialPublicKey):
        return cbor.encode({**head, _FIRST: key.n, _SECOND: key.e})
    if isinstance(key, AKPCredentialPublicKey):
        return cbor.encode({**head, _FIRST: key.pub})
    raise PublicKeyConversionError(f"no COSE key can be made of {type(key).__name__}")


def _head(key: CredentialPublicKey) -> dict[Any, Any]:
    if key.alg is None:
        raise PublicKeyConversionError("the key has no algorithm: pass alg=COSEAlgorithmIdentifier.Value...")
    if (key.kid, key.key_ops, key.base_IV) != (None, None, None):
        raise PublicKeyConversionError("a credential's key has no kid, key_ops or base_IV: leave them out")
    return {_KTY: number(key.kty), _ALG: number(key.alg)}


def to_own(key: CredentialPublicKey) -> CoseKey:
    """Our value, judged like any key from outside.

    Raises:
        ValidationError: Curve, algorithm, lengths or point are not valid.
        PublicKeyConversionError: Not a key of one of the four types.
    """
    encoded = to_cose(key)
    try:
        return decode_key(encoded, "key")
    except Malformed as error:
        raise translated(error) from error


def from_own(key: CoseKey) -> CredentialPublicKey:
    """The older library's value of a key."""
    alg = COSEAlgorithmIdentifier.Value(key.algorithm.id)
    if isinstance(key, Ec2Key):
        crv = EC2Curve.Value(key.curve.crv)
        return EC2CredentialPublicKey(kty=COSEKeyType.Value.EC2, alg=alg, crv=crv, x=key.x, y=key.y)
    if isinstance(key, OkpKey):
        return OKPCredentialPublicKey(kty=COSEKeyType.Value.OKP, alg=alg, crv=OKPCurve.Value(key.curve.crv), x=key.x)
    if isinstance(key, RsaKey):
        return RSACredentialPublicKey(kty=COSEKeyType.Value.RSA, alg=alg, n=_unsigned(key.n), e=_unsigned(key.e))
    return AKPCredentialPublicKey(kty=COSEKeyType.Value.AKP, alg=alg, pub=key.pub)


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
