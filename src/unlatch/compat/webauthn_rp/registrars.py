"""What an application implements: where credentials are kept."""

from __future__ import annotations

from typing import Any, NamedTuple

from unlatch.compat.webauthn_rp.errors import UnimplementedError
from unlatch.compat.webauthn_rp.types import (
    AttestationObject,
    AttestationType,
    AuthenticatorData,
    CredentialPublicKey,
    PublicKeyCredential,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    TrustedPath,
)


class CredentialData(NamedTuple):
    """What is known of a credential.

    Attributes:
        credential_public_key: Its key.
        signature_count: The last counter; None right after the registration.
        user_entity: Who owns it.
        rp_entity: The Relying Party that it belongs to, where the registrar serves several.
    """

    credential_public_key: CredentialPublicKey
    signature_count: int | None
    user_entity: PublicKeyCredentialUserEntity
    rp_entity: PublicKeyCredentialRpEntity | None = None


class CredentialsRegistrar:
    """Keeps credentials. An application overrides all three methods.

    Whatever a method raises, and whatever the first two return that is not None, becomes a `RegistrationError`.
    """

    def register_credential_attestation(
        self,
        credential: PublicKeyCredential,
        att: AttestationObject,
        att_type: AttestationType,
        user: PublicKeyCredentialUserEntity,
        rp: PublicKeyCredentialRpEntity,
        trusted_path: TrustedPath | None = None,
    ) -> Any:
        """Keep a credential whose attestation was verified.

        Its id must be new among all users: let a unique constraint of the database refuse it, never a look before.

        Args:
            credential: As parsed from the page's answer.
            att: The attestation object, with the key in ``att.auth_data.attested_credential_data``.
            att_type: What kind of attestation it is.
            user: Who it is for.
            rp: The Relying Party.
            trusted_path: The certificates of the statement, where it has any. Nobody has vouched for them unless the
                backend's policy names anchors.

        Returns:
            None for success.
        """
        raise UnimplementedError("Your CredentialsRegistrar has no register_credential_attestation.")

    def register_credential_assertion(
        self,
        credential: PublicKeyCredential,
        authenticator_data: AuthenticatorData,
        user: PublicKeyCredentialUserEntity,
        rp: PublicKeyCredentialRpEntity,
    ) -> Any:
        """Note that a credential was used: keep ``authenticator_data.sign_count``.

        Args:
            credential: As parsed from the page's answer.
            authenticator_data: What the authenticator signed.
            user: Who signed in.
            rp: The Relying Party.

        Returns:
            None for success.
        """
        raise UnimplementedError("Your CredentialsRegistrar has no register_credential_assertion.")

    def get_credential_data(self, credential_id: bytes) -> CredentialData | None:
        """What is known of a credential; None when there is no such credential."""
        raise UnimplementedError("Your CredentialsRegistrar has no get_credential_data.")
