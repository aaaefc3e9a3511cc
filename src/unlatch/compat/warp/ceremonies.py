"""The four calls of warp, over the ceremonies of this library."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from unlatch import finders
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty as OwnParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.compat.warp.errors import (
    ECDAANotSupportedError,
    Error,
    GenerateChallengeError,
    OptionError,
    VerifyAuthenticationError,
    VerifyRegistrationError,
    cause,
)
from unlatch.compat.warp.extensions import (
    AUTHENTICATION_EXTENSION_VALIDATORS,
    REGISTRATION_EXTENSION_VALIDATORS,
    ExtensionValidator,
    expect_only_asked,
)
from unlatch.compat.warp.interfaces import (
    AuthenticationValidator,
    Credential,
    CredentialFinder,
    RegistrationValidator,
    RelyingParty,
    User,
    UserFinder,
)
from unlatch.compat.warp.options import Option
from unlatch.errors import UnlatchError
from unlatch.record import CredentialRecord
from unlatch.terms import CeremonyKind, CredentialId, ResidentKey, RpId, UserHandle
from unlatch.wire import base64url
from unlatch.wire.attestation_object import AttestationObject
from unlatch.wire.authenticator_data import AuthenticatorData
from unlatch.wire.options import CreationOptions, RequestOptions, UserEntity
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

#: Bytes of a challenge; more than 16.
CHALLENGE_LENGTH = 32
#: What is offered, best first: as before, without RS1, whose SHA-1 is safe no longer.
DEFAULT_ALGORITHMS = (-8, -36, -35, -7, -39, -38, -37, -259, -258, -257)
_DEFAULT_TIMEOUT = 300_000
#: How long options live is for the session to say; the checks happen now.
_LIFE = timedelta(seconds=60)

ResponseT = TypeVar("ResponseT", RegistrationResponse, AuthenticationResponse)


def generate_challenge(length: int = CHALLENGE_LENGTH) -> bytes:
    """Random bytes.

    Raises:
        GenerateChallengeError: 16 bytes or fewer, or more than 1024.
    """
    if not 16 < length <= 1024:
        raise GenerateChallengeError(f"a challenge has more than 16 bytes and at most 1024, not {length}")
    return secrets.token_bytes(length)


def start_registration(rp: RelyingParty, user: User, *options: Option) -> CreationOptions:
    """Options to make a passkey. Keep them with the session, for one answer.

    Args:
        rp: The site.
        user: Who registers.
        options: Of `unlatch.compat.warp.options`.

    Raises:
        OptionError: An option of the other ceremony, or a user or site that cannot be one.
    """
    try:
        OwnParty(id=rp.entity_id, name=rp.entity_name, origins=[rp.origin.lower()])
        entity = UserEntity(user.entity_id, user.entity_name, user.entity_display_name)
    except UnlatchError as error:
        raise OptionError(error.detail) from error
    made: CreationOptions | RequestOptions = CreationOptions(
        rp_id=rp.entity_id,
        rp_name=rp.entity_name,
        user=entity,
        challenge=generate_challenge(),
        algorithms=DEFAULT_ALGORITHMS,
        timeout=_DEFAULT_TIMEOUT,
        resident_key=ResidentKey.DISCOURAGED,
    )
    for option in options:
        made = option(made)
    if not isinstance(made, CreationOptions):
        raise OptionError("an option returned something else than creation options")
    return made


def start_authentication(*options: Option) -> RequestOptions:
    """Options to sign in. Keep them with the session, for one answer.

    Raises:
        OptionError: An option of the other ceremony.
    """
    made: CreationOptions | RequestOptions = RequestOptions(
        rp_id="", challenge=generate_challenge(), timeout=_DEFAULT_TIMEOUT
    )
    for option in options:
        made = option(made)
    if not isinstance(made, RequestOptions):
        raise OptionError("an option returned something else than request options")
    return made


def finish_registration(
    rp: RelyingParty,
    cred_finder: CredentialFinder,
    opts: CreationOptions,
    cred: RegistrationResponse,
    *vals: RegistrationValidator,
) -> AttestationObject:
    """Verify a registration.

    Args:
        rp: The site.
        cred_finder: Finds a credential that is registered already.
        opts: From `start_registration`.
        cred: From `attestation_credential_from_json`.
        vals: Run before all checks.

    Returns:
        What the authenticator made; store the id and key of its `attested`.

    Raises:
        VerifyRegistrationError: A check says no; the chain of causes says which.
    """
    try:
        opts, cred = _validated(vals, opts, cred)
        _judge_extensions(REGISTRATION_EXTENSION_VALIDATORS, opts, cred)
        if isinstance(cred.attestation_object.statement, dict) and "ecdaaKeyId" in cred.attestation_object.statement:
            raise ECDAANotSupportedError("the specification has given ECDAA up")
        party = _party(rp, opts.rp_id or rp.entity_id, algorithms=opts.algorithms)
        state = replace(
            _state(CeremonyKind.REGISTRATION, party, opts),
            user=opts.user,
            algorithms=opts.algorithms,
            attestation=opts.attestation,
        )
        finders.finish_registration(party, state, cred, find_credential=lambda each: _known(cred_finder, each, party))
    except UnlatchError as error:
        raise VerifyRegistrationError(str(error)) from cause(error)
    except Error as error:
        raise VerifyRegistrationError(str(error)) from error
    return cred.attestation_object


def finish_authentication(
    rp: RelyingParty,
    user_finder: UserFinder,
    opts: RequestOptions,
    cred: AuthenticationResponse,
    *vals: AuthenticationValidator,
) -> AuthenticatorData:
    """Verify an authentication.

    Args:
        rp: The site.
        user_finder: Finds the user; one that knows who signs in ignores the handle that it is given.
        opts: From `start_authentication`.
        cred: From `assertion_credential_from_json`.
        vals: Run before all checks.

    Returns:
        What the authenticator signed; store its counter.

    Raises:
        VerifyAuthenticationError: A check says no; the chain of causes says which.
    """
    try:
        opts, cred = _validated(vals, opts, cred)
        _judge_extensions(AUTHENTICATION_EXTENSION_VALIDATORS, opts, cred)
        user = _found(user_finder, cred.user_handle or b"")
        if user is None:
            raise VerifyAuthenticationError("the user is not found")
        party = _party(rp, opts.rp_id or rp.entity_id)
        state = replace(
            _state(CeremonyKind.AUTHENTICATION, party, opts),
            user=UserEntity(user.entity_id, user.entity_name, user.entity_display_name),
            allow_credentials=tuple(each.id for each in opts.allow_credentials),
        )
        # The id that is looked up is the one that is signed with: `id` and `rawId` are the same here.
        credential = user.credentials.get(base64url.encode(cred.credential_id))
        finders.finish_authentication(
            party, state, cred, find_credential=lambda _: None if credential is None else _record(credential, party)
        )
    except UnlatchError as error:
        raise VerifyAuthenticationError(str(error)) from cause(error)
    except VerifyAuthenticationError:
        raise
    except Error as error:
        raise VerifyAuthenticationError(str(error)) from error
    return cred.authenticator_data


def _validated(vals: Iterable[Any], opts: Any, cred: ResponseT) -> tuple[Any, ResponseT]:
    for validate in vals:
        opts, cred = validate(opts, cred) or (opts, cred)
    return opts, cred


def _judge_extensions(
    validators: Any, opts: CreationOptions | RequestOptions, cred: RegistrationResponse | AuthenticationResponse
) -> None:
    expect_only_asked(opts, cred)
    for identifier in cred.client_extension_results:
        judge: ExtensionValidator | None = validators.get(identifier)
        if judge is not None:
            judge(opts, cred)


def _party(rp: RelyingParty, rp_id: str, **policy: Any) -> OwnParty:
    return OwnParty(id=rp_id, name=rp.entity_name, origins=[rp.origin.lower()], policy=Policy(**policy))


def _state(kind: CeremonyKind, party: OwnParty, opts: CreationOptions | RequestOptions) -> CeremonyState:
    now = datetime.now(UTC)
    return CeremonyState(
        kind=kind,
        challenge=opts.challenge,
        rp_id=party.id,
        origins=party.expected_origins,
        created_at=now,
        expires_at=now + _LIFE,
        user_verification=opts.user_verification,
        extensions=opts.extensions,
    )


def _found(find: UserFinder, handle: bytes) -> User | None:
    try:
        return find(handle)
    except LookupError:
        return None


def _known(find: CredentialFinder, credential_id: bytes, party: OwnParty) -> CredentialRecord | None:
    try:
        found = find(credential_id)
    except LookupError:
        return None
    return None if found is None else _record(found, party)


def _record(credential: Credential, party: OwnParty) -> CredentialRecord:
    """What the application knows of a credential; of backup eligibility it knows nothing, so either is accepted."""
    return CredentialRecord(
        id=CredentialId(credential.credential_id),
        public_key=credential.credential_public_key,
        sign_count=credential.credential_sign_count,
        user_handle=UserHandle(credential.owner.entity_id),
        rp_id=RpId(party.id),
    )
