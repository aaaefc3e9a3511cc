"""Options, made of parts that an application sets once and parts that each ceremony brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from unlatch.ceremonies.challenge import check_challenge
from unlatch.ceremonies.origins import check_rp_id
from unlatch.compat.webauthn_rp.errors import BuilderError
from unlatch.compat.webauthn_rp.types import (
    AttestationConveyancePreference,
    AuthenticationExtensionsClientInputs,
    AuthenticatorSelectionCriteria,
    CredentialCreationOptions,
    CredentialMediationRequirement,
    CredentialRequestOptions,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRequestOptions,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)
from unlatch.errors import Malformed, Misconfigured
from unlatch.wire.options import UserEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class _CreationParts:
    rp: PublicKeyCredentialRpEntity | None
    pub_key_cred_params: Sequence[PublicKeyCredentialParameters] | None
    timeout: int | None
    authenticator_selection: AuthenticatorSelectionCriteria | None
    extensions: AuthenticationExtensionsClientInputs | None
    attestation: AttestationConveyancePreference | None
    exclude_credentials: Sequence[PublicKeyCredentialDescriptor] | None


class CredentialCreationOptionsBuilder:
    """Options of registrations. It never changes: every setter, called by a part's name, returns another builder."""

    def __init__(
        self,
        *,
        rp: PublicKeyCredentialRpEntity | None = None,
        pub_key_cred_params: Sequence[PublicKeyCredentialParameters] | None = None,
        timeout: int | None = None,
        authenticator_selection: AuthenticatorSelectionCriteria | None = None,
        extensions: AuthenticationExtensionsClientInputs | None = None,
        attestation: AttestationConveyancePreference | None = AttestationConveyancePreference.NONE,
        exclude_credentials: Sequence[PublicKeyCredentialDescriptor] | None = None,
    ) -> None:
        """Parts that are the same in each registration.

        Args:
            rp: The Relying Party; needed.
            pub_key_cred_params: Algorithms, most preferred first; needed.
            timeout: Milliseconds.
            authenticator_selection: Which authenticators may answer.
            extensions: Extension inputs.
            attestation: What attestation to ask for.
            exclude_credentials: What the user has already.
        """
        self._parts = _CreationParts(
            rp=rp,
            pub_key_cred_params=pub_key_cred_params,
            timeout=timeout,
            authenticator_selection=authenticator_selection,
            extensions=extensions,
            attestation=attestation,
            exclude_credentials=exclude_credentials,
        )

    def _with(self, parts: _CreationParts) -> Self:
        other = type(self).__new__(type(self))
        other._parts = parts  # noqa: SLF001 - another of the same class
        return other

    def rp(self, rp: PublicKeyCredentialRpEntity) -> Self:
        """With another Relying Party."""
        return self._with(replace(self._parts, rp=rp))

    def pub_key_cred_params(self, pub_key_cred_params: Sequence[PublicKeyCredentialParameters]) -> Self:
        """With other algorithms."""
        return self._with(replace(self._parts, pub_key_cred_params=pub_key_cred_params))

    def timeout(self, timeout: int) -> Self:
        """With another timeout, in milliseconds."""
        return self._with(replace(self._parts, timeout=timeout))

    def authenticator_selection(self, authenticator_selection: AuthenticatorSelectionCriteria) -> Self:
        """With another choice of authenticators."""
        return self._with(replace(self._parts, authenticator_selection=authenticator_selection))

    def extensions(self, extensions: AuthenticationExtensionsClientInputs) -> Self:
        """With other extension inputs."""
        return self._with(replace(self._parts, extensions=extensions))

    def attestation(self, attestation: AttestationConveyancePreference) -> Self:
        """With another wish for attestation."""
        return self._with(replace(self._parts, attestation=attestation))

    def exclude_credentials(self, exclude_credentials: Sequence[PublicKeyCredentialDescriptor]) -> Self:
        """With other credentials to exclude."""
        return self._with(replace(self._parts, exclude_credentials=exclude_credentials))

    def build(self, *, user: PublicKeyCredentialUserEntity, challenge: bytes) -> CredentialCreationOptions:
        """The options of one registration; `jsonify` makes JSON of them.

        Raises:
            BuilderError: A part is missing or cannot work.
        """
        parts = self._parts
        if parts.rp is None:
            raise BuilderError("The Relying Party is missing: rp(PublicKeyCredentialRpEntity(...)).")
        if not parts.pub_key_cred_params:
            raise BuilderError("The algorithms are missing: pub_key_cred_params([...]).")
        _check(challenge, parts.rp.id)
        try:
            UserEntity(user.id, user.name, user.display_name)
        except Malformed as error:
            raise BuilderError(error.detail) from error
        return CredentialCreationOptions(
            public_key=PublicKeyCredentialCreationOptions(
                rp=parts.rp,
                user=user,
                challenge=challenge,
                pub_key_cred_params=parts.pub_key_cred_params,
                timeout=parts.timeout,
                exclude_credentials=parts.exclude_credentials,
                authenticator_selection=parts.authenticator_selection,
                attestation=parts.attestation,
                extensions=parts.extensions,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RequestParts:
    mediation: CredentialMediationRequirement | None
    timeout: int | None
    rp_id: str | None
    extensions: AuthenticationExtensionsClientInputs | None
    user_verification: UserVerificationRequirement | None


class CredentialRequestOptionsBuilder:
    """Options of authentications. It never changes: every setter, called by a part's name, returns another builder."""

    def __init__(
        self,
        *,
        mediation: CredentialMediationRequirement | None = CredentialMediationRequirement.OPTIONAL,
        timeout: int | None = None,
        rp_id: str | None = None,
        extensions: AuthenticationExtensionsClientInputs | None = None,
        user_verification: UserVerificationRequirement | None = UserVerificationRequirement.PREFERRED,
    ) -> None:
        """Parts that are the same in each authentication.

        Args:
            mediation: How the browser may ask.
            timeout: Milliseconds.
            rp_id: The RP ID; that of the page when left out.
            extensions: Extension inputs.
            user_verification: Whether the user is to be verified.
        """
        self._parts = _RequestParts(
            mediation=mediation,
            timeout=timeout,
            rp_id=rp_id,
            extensions=extensions,
            user_verification=user_verification,
        )

    def _with(self, parts: _RequestParts) -> Self:
        other = type(self).__new__(type(self))
        other._parts = parts  # noqa: SLF001 - another of the same class
        return other

    def mediation(self, mediation: CredentialMediationRequirement) -> Self:
        """With another mediation."""
        return self._with(replace(self._parts, mediation=mediation))

    def timeout(self, timeout: int) -> Self:
        """With another timeout, in milliseconds."""
        return self._with(replace(self._parts, timeout=timeout))

    def rp_id(self, rp_id: str) -> Self:
        """With another RP ID."""
        return self._with(replace(self._parts, rp_id=rp_id))

    def extensions(self, extensions: AuthenticationExtensionsClientInputs) -> Self:
        """With other extension inputs."""
        return self._with(replace(self._parts, extensions=extensions))

    def user_verification(self, user_verification: UserVerificationRequirement) -> Self:
        """With another wish for user verification."""
        return self._with(replace(self._parts, user_verification=user_verification))

    def build(
        self, *, challenge: bytes, allow_credentials: Sequence[PublicKeyCredentialDescriptor] | None = None
    ) -> CredentialRequestOptions:
        """The options of one authentication; `jsonify` makes JSON of them.

        Raises:
            BuilderError: A part cannot work.
        """
        parts = self._parts
        _check(challenge, parts.rp_id)
        return CredentialRequestOptions(
            mediation=parts.mediation,
            public_key=PublicKeyCredentialRequestOptions(
                challenge=challenge,
                timeout=parts.timeout,
                rp_id=parts.rp_id,
                allow_credentials=allow_credentials,
                user_verification=parts.user_verification,
                extensions=parts.extensions,
            ),
        )


def _check(challenge: bytes, rp_id: str | None) -> None:
    try:
        check_challenge(challenge)
        if rp_id is not None:
            check_rp_id(rp_id)
    except Misconfigured as error:
        raise BuilderError(error.detail) from error
