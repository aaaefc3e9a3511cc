"""Whether a public key is one: its numbers belong together, and its point is on the curve."""

from __future__ import annotations

from unlatch.compat.webauthn_rp.errors import ValidationError
from unlatch.compat.webauthn_rp.gone import Fixed
from unlatch.compat.webauthn_rp.keys import to_own
from unlatch.compat.webauthn_rp.types import CredentialPublicKey, EC2CredentialPublicKey, OKPCredentialPublicKey


@Fixed
def validate(credential_public_key: CredentialPublicKey) -> None:
    """Judge a key.

    Raises:
        ValidationError: It is not valid.
        PublicKeyConversionError: It is no key at all.
    """
    to_own(credential_public_key)


def validate_ec2_public_key(credential_public_key: CredentialPublicKey) -> None:
    """As `validate`, for an EC2 key."""
    _validate(credential_public_key, EC2CredentialPublicKey)


def validate_okp_public_key(credential_public_key: CredentialPublicKey) -> None:
    """As `validate`, for an OKP key."""
    _validate(credential_public_key, OKPCredentialPublicKey)


def _validate(key: CredentialPublicKey, kind: type[CredentialPublicKey]) -> None:
    if not isinstance(key, kind):
        raise ValidationError(f"expected a {kind.__name__}, not a {type(key).__name__}")
    to_own(key)
