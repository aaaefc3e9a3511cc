"""Step-up: the person who is signed in confirms one action with a passkey of the same account, just now.

A sign-in that is hours old does not tell who sits at the keyboard. Before something that matters (removing a passkey,
paying, showing secrets), ask again: this user, a passkey that verifies its user, and for this purpose alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from unlatch.ceremonies.authentication import (
    Authentication,
    AuthenticationCeremony,
    begin_authentication,
    finish_authentication,
)
from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import AuthenticatorDataRefused, CeremonyRefused, CredentialRefused, Misconfigured
from unlatch.record import CredentialRecord
from unlatch.terms import CeremonyKind, UserVerification
from unlatch.values import replace
from unlatch.wire.extensions.inputs import AuthenticationInputs
from unlatch.wire.options import UserEntity
from unlatch.wire.responses import AuthenticationResponse

if TYPE_CHECKING:
    from unlatch.ceremonies.relying_party import RelyingParty

_MAX_PURPOSE_LENGTH = 255


def begin_step_up(
    rp: RelyingParty,
    user: UserEntity | bytes,
    *,
    records: Iterable[CredentialRecord],
    purpose: str,
    challenge: bytes,
    now: datetime,
    session: str | None = None,
    hints: Iterable[str] | None = None,
    extensions: Mapping[str, Any] | AuthenticationInputs | None = None,
    timeout: int | None = None,
) -> AuthenticationCeremony:
    """Begin a step-up; the arguments are those of `RelyingParty.begin_step_up`, with challenge and time given.

    Raises:
        CredentialRefused: The user has no passkey to step up with.
        Misconfigured: Arguments that contradict each other, or no purpose.
        Malformed: An extension input that browsers would ignore or refuse.
    """
    _check_purpose(purpose)
    owned = tuple(records)
    if not owned:
        refusal = CredentialRefused(Code.CREDENTIAL_UNKNOWN, "user", detail="the user has no passkey to step up with")
        raise refusal.during(CeremonyKind.AUTHENTICATION)
    ceremony = begin_authentication(
        rp,
        user,
        challenge=challenge,
        now=now,
        records=owned,
        session=session,
        user_verification=UserVerification.REQUIRED,
        hints=hints,
        extensions=extensions,
        timeout=timeout,
    )
    return replace(ceremony, state=replace(ceremony.state, purpose=purpose))


def finish_step_up(
    rp: RelyingParty,
    state: CeremonyState,
    response: AuthenticationResponse,
    record: CredentialRecord | None,
    *,
    user: UserEntity | bytes,
    purpose: str,
    now: datetime,
    session: str | None = None,
    other_factor: bool = False,
) -> Authentication:
    """Verify a step-up; the arguments are those of `RelyingParty.finish_step_up`, with the time given.

    Raises:
        Refused: Begun for another user or purpose, or a step says no.
        Malformed: The stored key is not valid.
        Misconfigured: No purpose.
    """
    _check_purpose(purpose)
    handle = user.id if isinstance(user, UserEntity) else user
    if state.user is None or state.user.id != handle:
        refusal = CeremonyRefused(Code.CEREMONY_USER, "options", received=handle, detail="begun for another user")
        raise refusal.during(CeremonyKind.AUTHENTICATION)
    authentication = finish_authentication(
        rp, state, response, record, now=now, session=session, other_factor=other_factor, purpose=purpose
    )
    if not (authentication.verified_as_factor or (other_factor and authentication.user_verified)):
        raise AuthenticatorDataRefused(
            Code.USER_NOT_VERIFIED,
            "user-verification",
            expected="user verification that counts as a factor",
            detail="uv_initialized is not set; check another factor and pass other_factor=True",
        ).during(CeremonyKind.AUTHENTICATION)
    return authentication


def is_fresh(verified_at: datetime | None, *, max_age: int, now: datetime) -> bool:
    """Whether a verification is recent enough to do without a step-up.

    Args:
        verified_at: When the user was last verified, as kept in the session (aware); None for never.
        max_age: Seconds that count as recent.
        now: Aware time.

    Returns:
        False also for a time that lies in the future.
    """
    return verified_at is not None and timedelta(0) <= now - verified_at <= timedelta(seconds=max_age)


def _check_purpose(purpose: str) -> None:
    if not isinstance(purpose, str) or not 0 < len(purpose) <= _MAX_PURPOSE_LENGTH:
        raise Misconfigured(
            f"purpose={purpose!r} is not a text of 1 to {_MAX_PURPOSE_LENGTH} characters; name the action that is to "
            f"be confirmed, for example 'remove passkey 3'."
        )
