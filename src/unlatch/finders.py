"""Finish ceremonies with functions that find things, in place of stores: for code that keeps its own records.

The caller keeps the state between begin and finish (once!), and writes the record afterwards. Functions find what is
there already, and validators of the caller's own run before every check of the specification:

```python
registration = finders.finish_registration(rp, state, body, find_credential=my_table.find)
authentication = finders.finish_authentication(rp, state, body, find_credential=my_table.find, find_user=my_users.find)
```

A finder that looks before an insert cannot replace a unique constraint: two registrations may come at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from unlatch.codes import Code
from unlatch.errors import CredentialRefused
from unlatch.stores.protocols import already_registered
from unlatch.terms import CeremonyKind
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.ceremonies.authentication import Authentication
    from unlatch.ceremonies.registration import Registration
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.ceremonies.state import CeremonyState
    from unlatch.record import CredentialRecord

#: Returns the record of a credential id, or None.
CredentialFinder: TypeAlias = "Callable[[bytes], CredentialRecord | None]"
#: Returns whatever stands for the account of a user handle, or None where there is no account (any more).
UserFinder: TypeAlias = Callable[[bytes], object]
#: Refuses by raising an `UnlatchError`; may return another state and response for the checks to come, or None.
RegistrationValidator: TypeAlias = (
    "Callable[[CeremonyState, RegistrationResponse], tuple[CeremonyState, RegistrationResponse] | None]"
)
#: As `RegistrationValidator`, for the other ceremony.
AuthenticationValidator: TypeAlias = (
    "Callable[[CeremonyState, AuthenticationResponse], tuple[CeremonyState, AuthenticationResponse] | None]"
)


def finish_registration(
    rp: RelyingParty,
    state: CeremonyState,
    body: bytes | str | dict[str, Any] | RegistrationResponse,
    *,
    find_credential: CredentialFinder,
    validators: Iterable[RegistrationValidator] = (),
    session: str | None = None,
    now: datetime | None = None,
) -> Registration:
    """Verify a registration; the caller stores `Registration.record` under a unique constraint.

    Args:
        rp: The relying party.
        state: From `RelyingParty.begin_registration`; the caller makes sure that it is used once.
        body: What the page sent.
        find_credential: Asked once everything else is right: a record means that the id is registered (step 26).
        validators: Run first, in this order.
        session: As at the begin.
        now: Aware time; the clock when left out.

    Raises:
        Malformed: The body is not what the specification says.
        Refused: A step says no, or the credential is registered.
    """
    response = rp.read_registration(body)
    for validate in validators:
        state, response = validate(state, response) or (state, response)
    registration = rp.finish_registration(state, response, session=session, now=now)
    if find_credential(registration.record.id) is not None:
        raise already_registered(registration.record.id).during(CeremonyKind.REGISTRATION)
    return registration


def finish_authentication(
    rp: RelyingParty,
    state: CeremonyState,
    body: bytes | str | dict[str, Any] | AuthenticationResponse,
    *,
    find_credential: CredentialFinder,
    find_user: UserFinder | None = None,
    validators: Iterable[AuthenticationValidator] = (),
    session: str | None = None,
    other_factor: bool = False,
    now: datetime | None = None,
) -> Authentication:
    """Verify an authentication; the caller stores `Authentication.record` in place of the old one.

    Args:
        rp: The relying party.
        state: From `RelyingParty.begin_authentication`; the caller makes sure that it is used once.
        body: What the page sent.
        find_credential: Finds the record of the credential that answered.
        find_user: Asked for the record's user handle once everything else is right; None means that nobody may sign
            in with it (any more). Left out, the record is enough.
        validators: Run first, in this order.
        session: As at the begin.
        other_factor: As in `RelyingParty.finish_authentication`.
        now: Aware time; the clock when left out.

    Raises:
        Malformed: The body is not what the specification says.
        Refused: The credential or its user is not found, or a step says no.
    """
    response = rp.read_authentication(body)
    for validate in validators:
        state, response = validate(state, response) or (state, response)
    record = find_credential(response.credential_id)
    if record is None:
        raise _unknown(response.credential_id, "no record with this id")
    authentication = rp.finish_authentication(
        state, response, record, session=session, other_factor=other_factor, now=now
    )
    if find_user is not None and find_user(record.user_handle) is None:
        raise _unknown(response.credential_id, "its user is not found")
    return authentication


def _unknown(credential_id: bytes, detail: str) -> CredentialRefused:
    refusal = CredentialRefused(Code.CREDENTIAL_UNKNOWN, "user", received=credential_id, detail=detail)
    return refusal.during(CeremonyKind.AUTHENTICATION)
