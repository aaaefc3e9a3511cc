"""Verifying an authentication assertion (section 7.2), from options to updated record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from unlatch.ceremonies.challenge import check_challenge
from unlatch.ceremonies.policy import check_timeout, choice, texts
from unlatch.ceremonies.state import CeremonyState, hash_session, make_state
from unlatch.errors import Misconfigured, Refused
from unlatch.record import CredentialRecord
from unlatch.steps import authenticator_data, client_data, credential, extensions
from unlatch.terms import (
    BackupChange,
    CeremonyKind,
    CredentialId,
    Mediation,
    SignCountVerdict,
    UserHandle,
    UserVerification,
)
from unlatch.values import frozen, maker
from unlatch.wire import cbor
from unlatch.wire.authenticator_data import BE, BS, UP, UV
from unlatch.wire.extensions.prf import forget_cleartext
from unlatch.wire.options import RequestOptions, UserEntity
from unlatch.wire.responses import AuthenticationResponse

if TYPE_CHECKING:
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.wire.extensions.inputs import AuthenticationInputs
    from unlatch.wire.extensions.outputs import AuthenticationOutputs


@frozen
class AuthenticationCeremony:
    """An authentication that has begun.

    Attributes:
        options: For the page; ``options.to_json()``.
        state: For the server, until the finish.
    """

    options: RequestOptions
    state: CeremonyState


@frozen(kw_only=True)
class Authentication:
    """A verified assertion.

    Attributes:
        record: The updated record, to be stored in place of the old one (step 24).
        user_handle: The account that signed in.
        user_present: UP.
        user_verified: UV.
        verified_as_factor: Whether UV counts as a factor of its own, besides possession: the user was verified now, and
            `uv_initialized` was set before (section 4). In the ceremony that sets it, it does not.
        sign_count: What the signature counter says.
        backup_change: Whether the credential was newly backed up, or no longer is.
        eligibility_changed: BE differs from the registered value and the policy let it pass.
        client_extension_results: Unsigned outputs; of `prf` never the results.
        authenticator_extensions: Signed outputs; never a `prf` in cleartext.
        unsolicited_extensions: Identifiers of outputs that were not requested.
        origin: Where it happened.
        cross_origin: Whether it happened in a frame of another origin.
        top_origin: The embedding page, where the client names it.
    """

    record: CredentialRecord
    user_handle: UserHandle
    user_present: bool
    user_verified: bool
    verified_as_factor: bool
    sign_count: SignCountVerdict
    backup_change: BackupChange
    eligibility_changed: bool
    client_extension_results: Mapping[str, Any]
    authenticator_extensions: Mapping[str, cbor.Value]
    unsolicited_extensions: tuple[str, ...]
    origin: str
    cross_origin: bool
    top_origin: str | None

    @property
    def extensions(self) -> AuthenticationOutputs:
        """The outputs of known extensions, typed."""
        from unlatch.wire.extensions.outputs import AuthenticationOutputs

        return AuthenticationOutputs(self.client_extension_results, self.authenticator_extensions)


#: By position, because a sign-in makes one: see `maker`.
_authentication: Callable[..., Authentication] = maker(Authentication)
_KIND = CeremonyKind.AUTHENTICATION
_VERIFICATION_REQUIRED = UserVerification.REQUIRED
_NO_BACKUP_CHANGE = BackupChange.NONE


def begin_authentication(
    rp: RelyingParty,
    user: UserEntity | bytes | None,
    *,
    challenge: bytes,
    now: datetime,
    records: Iterable[CredentialRecord] = (),
    session: str | None = None,
    mediation: Mediation | None = None,
    user_verification: UserVerification | None = None,
    hints: Iterable[str] | None = None,
    extensions: Mapping[str, Any] | AuthenticationInputs | None = None,
    timeout: int | None = None,
) -> AuthenticationCeremony:
    """Build request options and the state that their answer will be judged by (7.2 step 1).

    The arguments are those of `RelyingParty.begin_authentication`, with challenge and time given.

    Raises:
        Misconfigured: Arguments that contradict each other or the specification.
        Malformed: An extension input that browsers would ignore or refuse.
    """
    policy = rp.policy
    check_challenge(challenge)
    seconds = policy.timeout if timeout is None else timeout
    check_timeout(seconds)
    verification = choice(UserVerification, user_verification or policy.user_verification, "user_verification")
    known = UserEntity(user, "") if isinstance(user, bytes) else user
    if known is not None and not isinstance(known, UserEntity):
        raise Misconfigured(f"user= is a UserEntity, a user handle (bytes) or None, not {user!r}.")
    allowed = tuple(records)
    if allowed and known is None:
        raise Misconfigured("Records were given without the user that they belong to; pass user= as well.")
    for record in allowed:
        if known is not None and record.user_handle != known.id:
            raise Misconfigured("A record belongs to another user than the one who is to sign in.")
        if record.rp_id != rp.id:
            raise Misconfigured(
                f"A record belongs to another relying party than {rp.id!r}; browsers would not offer it."
            )
    if policy.known_users_only and known is None:
        raise Misconfigured("This policy is for a second factor: pass user= and records= of who passed the first.")
    ids = tuple([record.id for record in allowed])
    inputs = _inputs(extensions, allowed=ids) if extensions else {}
    options = _request_options()(
        rp_id=rp.id,
        challenge=challenge,
        timeout=seconds * 1000,
        allow_credentials=tuple([record.descriptor for record in allowed]),
        user_verification=verification,
        hints=policy.hints if hints is None else texts(hints, "hints"),
        extensions=inputs,
    )
    state = make_state(
        kind=_KIND,
        challenge=challenge,
        rp_id=rp.id,
        origins=rp.expected_origins,
        allow_subdomains=policy.allow_subdomains,
        allow_cross_origin=policy.allow_cross_origin,
        top_origins=policy.top_origins,
        created_at=now,
        expires_at=now + timedelta(0, seconds),
        mediation=None if mediation is None else choice(Mediation, mediation, "mediation"),
        user=known,
        user_verification=verification,
        allow_credentials=ids,
        extensions=inputs,
        session_hash=hash_session(session),
    )
    return AuthenticationCeremony(options, state)


def finish_authentication(
    rp: RelyingParty,
    state: CeremonyState,
    response: AuthenticationResponse,
    record: CredentialRecord | None,
    *,
    now: datetime,
    session: str | None = None,
    other_factor: bool = False,
    purpose: str | None = None,
) -> Authentication:
    """Verify an authentication response (7.2 steps 5 to 24; parsing did steps 3, 4, 7 to 9 and 20).

    The arguments are those of `RelyingParty.finish_authentication`; `purpose` is that of a step-up.

    Raises:
        Refused: A step says no; `step` names it.
        Malformed: The stored key is not valid.
    """
    try:
        return _finish(rp, state, response, record, now, session, other_factor, purpose)
    except Refused as refusal:
        raise refusal.during(_KIND) from refusal.__cause__


def _finish(
    rp: RelyingParty,
    state: CeremonyState,
    response: AuthenticationResponse,
    found: CredentialRecord | None,
    now: datetime,
    session: str | None,
    other_factor: bool,
    purpose: str | None,
) -> Authentication:
    policy = rp.policy
    cdata = response.client_data
    data = response.authenticator_data

    state.check(_KIND, rp.id, session=session, now=now, purpose=purpose)
    credential.verify_allowed(response.credential_id, state.allow_credentials)
    handle = None if state.user is None else state.user.id
    record = credential.verify_user(response, found, rp_id=rp.id, user_handle=handle)
    client_data.verify_type(cdata, "webauthn.get")
    client_data.verify_challenge(cdata, state.challenge)
    client_data.verify_origin(cdata, state.origins, subdomains_of=rp.id if state.allow_subdomains else None)
    client_data.verify_cross_origin(cdata, allowed=state.allow_cross_origin)
    client_data.verify_top_origin(cdata, state.top_origins, cross_origin_allowed=state.allow_cross_origin)
    authenticator_data.verify_rp_id_hash(
        data, _rp_id_hashes(rp, state, response) if state.extensions else (rp.id_hash,)
    )
    authenticator_data.verify_user_presence(data, required=True)
    authenticator_data.verify_user_verification(data, required=state.user_verification is _VERIFICATION_REQUIRED)
    authenticator_data.verify_backup_flags(data)
    authenticator_data.verify_same_backup_eligibility(data, record.backup_eligible, policy.eligibility_change)
    credential.verify_signature(response, record, keys=rp.key_cache)
    sign_count = credential.verify_sign_count(data.sign_count, record.sign_count, policy.counter_regression)
    unsolicited = extensions.verify_extensions(
        state.extensions,
        response.client_extension_results,
        data.extensions,
        policy.unsolicited_extensions,
        ceremony=_KIND,
        credential_id=response.credential_id,
    )
    flags, verification_counts = data.flags, record.uv_initialized
    user_verified, backup_eligible, backup_state = flags & UV != 0, flags & BE != 0, flags & BS != 0
    updated = record.after_use(
        # A regression that the policy lets pass must not lower what the next sign-in is measured by.
        sign_count=max(data.sign_count, record.sign_count),
        backup_eligible=backup_eligible,
        backup_state=backup_state,
        uv_initialized=verification_counts or (other_factor and user_verified),
        last_used_at=now,
    )
    return _authentication(
        updated,
        record.user_handle,
        flags & UP != 0,  # user_present
        user_verified,
        user_verified and verification_counts,  # verified_as_factor
        sign_count,
        _backup_change(record.backup_state, backup_state),
        record.backup_eligible not in (None, backup_eligible),  # eligibility_changed
        response.client_extension_results,
        forget_cleartext(data.extensions),
        unsolicited,
        cdata.origin,
        cdata.cross_origin,
        cdata.top_origin,
    )


def _rp_id_hashes(rp: RelyingParty, state: CeremonyState, response: AuthenticationResponse) -> tuple[bytes, ...]:
    """The right RP ID hashes: with `appid` requested the AppID's may be right, and with its output true it must be."""
    app_id = state.extensions.get("appid")
    if not isinstance(app_id, str):
        return (rp.id_hash,)
    # A recorded ceremony may have been begun with half a character, whose hash no authenticator made.
    app_id_hash = sha256(app_id.encode("utf-8", "surrogatepass")).digest()
    if response.client_extension_results.get("appid") is True:
        return (app_id_hash,)
    return (rp.id_hash, app_id_hash)


@cache
def _request_options() -> Callable[..., RequestOptions]:
    """Made with the first options: a process that only verifies has none."""
    return maker(RequestOptions)


def _inputs(
    extensions: Mapping[str, Any] | AuthenticationInputs, *, allowed: tuple[CredentialId, ...]
) -> dict[str, Any]:
    """The checked extension inputs, by rules that only those load who ask for extensions."""
    from unlatch.wire.extensions.inputs import AuthenticationInputs
    from unlatch.wire.extensions.rules import check_request_inputs

    given = extensions.to_json() if isinstance(extensions, AuthenticationInputs) else extensions
    return check_request_inputs(given, allowed=allowed)


def _backup_change(before: bool, now: bool) -> BackupChange:
    if before == now:
        return _NO_BACKUP_CHANGE
    return BackupChange.BACKED_UP if now else BackupChange.NO_LONGER_BACKED_UP
