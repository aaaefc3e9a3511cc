"""Values to JSON, and keys to COSE and to objects of `cryptography`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from typing import Any

from unlatch.compat.webauthn_rp.errors import JSONConversionError, PublicKeyConversionError
from unlatch.compat.webauthn_rp.gone import Fixed
from unlatch.compat.webauthn_rp.keys import to_cose, to_own
from unlatch.compat.webauthn_rp.types import (
    COSEAlgorithmIdentifier,
    CredentialPublicKey,
    EC2CredentialPublicKey,
    OKPCredentialPublicKey,
    PublicKey,
)
from unlatch.compat.webauthn_rp.utils import snake_to_camel_case
from unlatch.crypto.signatures import load_key
from unlatch.wire import base64url

#: Members that the specification no longer knows, and browsers complain about.
_NOT_SENT = frozenset(("icon",))
_KEYS = "all types of keys are built in; use the classes ...CredentialPublicKey of types"


@partial(Fixed, instead="use dicts, lists, dataclasses, str and bytes, which it takes wherever they stand")
def jsonify(data: Any, convert_case: bool = True, *, url_safe: bool = False) -> Any:
    """What ``json.dumps`` takes for options and other values of this package.

    Args:
        data: A value of `types`, or anything made of such.
        convert_case: Whether ``pub_key_cred_params`` becomes ``pubKeyCredParams``.
        url_safe: Bytes become unpadded base64url, as ``PublicKeyCredential.parseCreationOptionsFromJSON`` wants them,
            in place of padded standard base64, as pages for the older library expect.

    Raises:
        JSONConversionError: A value without a form in JSON.
    """
    if isinstance(data, COSEAlgorithmIdentifier.Name):
        return int(COSEAlgorithmIdentifier.Value[data.name])
    if isinstance(data, Enum):
        return data.value
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    if isinstance(data, bytes):
        return base64url.encode(data) if url_safe else base64.b64encode(data).decode("ascii")
    if is_dataclass(data) and not isinstance(data, type):
        data = {item.name: getattr(data, item.name) for item in fields(data) if item.name not in _NOT_SENT}
        pairs = ((snake_to_camel_case(name) if convert_case else name, value) for name, value in data.items())
        return {name: jsonify(value, convert_case, url_safe=url_safe) for name, value in pairs if value is not None}
    if isinstance(data, Mapping) and all(isinstance(name, str) for name in data):
        return {name: jsonify(value, convert_case, url_safe=url_safe) for name, value in data.items()}
    if isinstance(data, (list, tuple, set, frozenset)):
        return [jsonify(item, convert_case, url_safe=url_safe) for item in data]
    raise JSONConversionError(f"{type(data).__name__} has no form in JSON")


@partial(Fixed, instead=_KEYS)
def cose_key(credential_public_key: CredentialPublicKey) -> bytes:
    """The canonical COSE_Key, to be stored.

    Raises:
        PublicKeyConversionError: Not a credential's public key.
    """
    return to_cose(credential_public_key)


def cose_ec2_public_key(credential_public_key: CredentialPublicKey) -> bytes:
    """As `cose_key`, for an EC2 key."""
    return to_cose(_expect(credential_public_key, EC2CredentialPublicKey))


def cose_okp_public_key(credential_public_key: CredentialPublicKey) -> bytes:
    """As `cose_key`, for an OKP key."""
    return to_cose(_expect(credential_public_key, OKPCredentialPublicKey))


@partial(Fixed, instead=_KEYS)
def cryptography_public_key(credential_public_key: CredentialPublicKey) -> PublicKey:
    """The key as an object of `cryptography`.

    Raises:
        ValidationError: The key is not valid.
        PublicKeyConversionError: Not a credential's public key.
    """
    return load_key(to_own(credential_public_key))


def cryptography_ec2_public_key(credential_public_key: CredentialPublicKey) -> PublicKey:
    """As `cryptography_public_key`, for an EC2 key."""
    return cryptography_public_key(_expect(credential_public_key, EC2CredentialPublicKey))


def cryptography_okp_public_key(credential_public_key: CredentialPublicKey) -> PublicKey:
    """As `cryptography_public_key`, for an OKP key."""
    return cryptography_public_key(_expect(credential_public_key, OKPCredentialPublicKey))


def _expect(key: CredentialPublicKey, kind: type[CredentialPublicKey]) -> CredentialPublicKey:
    if not isinstance(key, kind):
        raise PublicKeyConversionError(f"expected a {kind.__name__}, not a {type(key).__name__}")
    return key
