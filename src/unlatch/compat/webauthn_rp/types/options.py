"""What a page is given: options for the two calls of the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unlatch.compat.webauthn_rp.types.entities import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialMediationRequirement,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)
from unlatch.compat.webauthn_rp.types.extensions import AuthenticationExtensionsClientInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialCreationOptions:
    """Options to make a credential; `timeout` in milliseconds."""

    rp: PublicKeyCredentialRpEntity
    user: PublicKeyCredentialUserEntity
    challenge: bytes
    pub_key_cred_params: Sequence[PublicKeyCredentialParameters]
    timeout: int | None = None
    exclude_credentials: Sequence[PublicKeyCredentialDescriptor] | None = None
    authenticator_selection: AuthenticatorSelectionCriteria | None = None
    attestation: AttestationConveyancePreference | None = AttestationConveyancePreference.NONE
    extensions: AuthenticationExtensionsClientInputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyCredentialRequestOptions:
    """Options to use a credential; `timeout` in milliseconds."""

    challenge: bytes
    timeout: int | None = None
    rp_id: str | None = None
    allow_credentials: Sequence[PublicKeyCredentialDescriptor] | None = None
    user_verification: UserVerificationRequirement | None = UserVerificationRequirement.PREFERRED
    extensions: AuthenticationExtensionsClientInputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialCreationOptions:
    """The argument of ``navigator.credentials.create``."""

    public_key: PublicKeyCredentialCreationOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRequestOptions:
    """The argument of ``navigator.credentials.get``."""

    mediation: CredentialMediationRequirement | None = CredentialMediationRequirement.OPTIONAL
    public_key: PublicKeyCredentialRequestOptions
