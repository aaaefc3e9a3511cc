"""Whether a signature is a key's."""

from __future__ import annotations

from unlatch.compat.webauthn_rp.errors import VerificationError
from unlatch.compat.webauthn_rp.gone import Fixed
from unlatch.compat.webauthn_rp.keys import to_own
from unlatch.compat.webauthn_rp.types import CredentialPublicKey, EC2CredentialPublicKey, OKPCredentialPublicKey
from unlatch.crypto.signatures import is_valid_with, load_key


@Fixed
def verify(credential_public_key: CredentialPublicKey, signature: bytes, data: bytes) -> None:
    """Verify a signature by the key's own algorithm.

    Raises:
        VerificationError: It does not verify.
        ValidationError: The key is not valid.
    """
    own = to_own(credential_public_key)
    if not is_valid_with(load_key(own), own.algorithm, signature, data):
        raise VerificationError("The signature does not verify.")


def verify_ec2_public_key(credential_public_key: CredentialPublicKey, signature: bytes, data: bytes) -> None:
    """As `verify`, for an EC2 key."""
    _expect(credential_public_key, EC2CredentialPublicKey)
    verify(credential_public_key, signature, data)


def verify_okp_public_key(credential_public_key: CredentialPublicKey, signature: bytes, data: bytes) -> None:
    """As `verify`, for an OKP key."""
    _expect(credential_public_key, OKPCredentialPublicKey)
    verify(credential_public_key, signature, data)


def _expect(key: CredentialPublicKey, kind: type[CredentialPublicKey]) -> None:
    if not isinstance(key, kind):
        raise VerificationError(f"expected a {kind.__name__}, not a {type(key).__name__}")
