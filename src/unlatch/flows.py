"""The ceremonies with their stores: generators that ask for what they need, and two drivers that fetch it.

A flow never touches a store. It yields a request (`PutCeremony`, `TakeCeremony`, ...), is resumed with the answer, and
returns the result of the ceremony. `run_sync` and `run_async` perform the requests; a driver for another place (a
database function, a test) performs them its own way. So the order of things is written once:

* *begin*: read the user's records, build the options, keep the state.
* *finish*: take the state first, so that it is used up whatever happens next; then parse and verify; then write.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, cast

from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, CredentialRefused, Refused, Unavailable, UnlatchError
from unlatch.steps.credential import verify_allowed
from unlatch.stores.requests import (
    AddCredential,
    AsyncStores,
    GetCredential,
    PutCeremony,
    Request,
    Stores,
    TakeCeremony,
    UpdateCredential,
    UserCredentials,
)
from unlatch.terms import CeremonyKind
from unlatch.values import frozen, replace
from unlatch.wire.options import CreationOptions, RequestOptions, UserEntity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from typing import Unpack

    from unlatch.ceremonies.authentication import Authentication
    from unlatch.ceremonies.registration import Registration
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.ceremonies.state import CeremonyState
    from unlatch.decoys import Decoys
    from unlatch.record import CredentialRecord
    from unlatch.terms import Attachment, Mediation, ResidentKey, UserVerification
    from unlatch.wire.extensions.inputs import AuthenticationInputs, RegistrationInputs
    from unlatch.wire.responses import AuthenticationResponse

    #: Verifies one response by one record.
    Judge = Callable[[CeremonyState, AuthenticationResponse, CredentialRecord], Authentication]

T = TypeVar("T")
OptionsT = TypeVar("OptionsT", CreationOptions, RequestOptions)

#: A flow: yields requests, is sent their answers, returns the result.
Flow = Generator[Request[Any], Any, T]

#: How often a sign-in is judged again because another sign-in with the same credential was faster.
MAX_ATTEMPTS = 10


@frozen
class Begun(Generic[OptionsT]):
    """A ceremony that waits for the page's answer.

    Attributes:
        id: Names the ceremony to the finish. A secret of the page that it is given to.
        options: For the page; ``options.to_json()``.
    """

    id: str
    options: OptionsT


class RegistrationChoices(TypedDict, total=False):
    """What may be asked for differently in one registration; see `RelyingParty.begin_registration`."""

    mediation: Mediation | None
    user_verification: UserVerification | None
    resident_key: ResidentKey | None
    attachment: Attachment | None
    hints: Iterable[str] | None
    extensions: Mapping[str, Any] | RegistrationInputs | None
    timeout: int | None
    challenge: bytes | None


class StepUpChoices(TypedDict, total=False):
    """What may be asked for differently in one step-up; see `RelyingParty.begin_step_up`."""

    hints: Iterable[str] | None
    extensions: Mapping[str, Any] | AuthenticationInputs | None
    timeout: int | None
    challenge: bytes | None


class AuthenticationChoices(StepUpChoices, total=False):
    """What may be asked for differently in one authentication; see `RelyingParty.begin_authentication`."""

    mediation: Mediation | None
    user_verification: UserVerification | None


def begin_registration(
    rp: RelyingParty,
    user: UserEntity,
    *,
    now: datetime,
    session: str | None = None,
    **choices: Unpack[RegistrationChoices],
) -> Flow[Begun[CreationOptions]]:
    """Begin to register a passkey; the credentials that the user has are excluded."""
    exclude = yield from _records_of(user.id, rp)
    ceremony = rp.begin_registration(user, exclude=exclude, session=session, now=now, **choices)
    ceremony_id = yield from _ask(PutCeremony(ceremony.state))
    return Begun(ceremony_id, ceremony.options)


def finish_registration(
    rp: RelyingParty, ceremony_id: str, body: bytes | str | dict[str, Any], *, now: datetime, session: str | None = None
) -> Flow[Registration]:
    """Use up the ceremony, verify the response, and add the record: the unique constraint is step 26 of section 7.1."""
    state = yield from _take(ceremony_id, CeremonyKind.REGISTRATION, now)
    registration = rp.finish_registration(state, body, session=session, now=now)
    try:
        yield from _ask(AddCredential(registration.record))
    except CredentialRefused as refusal:
        refusal.during(CeremonyKind.REGISTRATION)
        raise
    return registration


def begin_authentication(
    rp: RelyingParty,
    user: UserEntity | bytes | None = None,
    *,
    now: datetime,
    session: str | None = None,
    decoys: Decoys | None = None,
    **choices: Unpack[AuthenticationChoices],
) -> Flow[Begun[RequestOptions]]:
    """Begin to sign somebody in; the credentials of a known user are listed in the options, or decoys."""
    records: list[CredentialRecord] = []
    if user is not None:
        user_handle = user.id if isinstance(user, UserEntity) else user
        records = yield from _records_of(user_handle, rp)
        if decoys is not None:
            records = decoys.fill(rp.id, user_handle, records)
    ceremony = rp.begin_authentication(user=user, records=records, session=session, now=now, **choices)
    ceremony_id = yield from _ask(PutCeremony(ceremony.state))
    return Begun(ceremony_id, ceremony.options)


def finish_authentication(
    rp: RelyingParty,
    ceremony_id: str,
    body: bytes | str | dict[str, Any],
    *,
    now: datetime,
    session: str | None = None,
    other_factor: bool = False,
) -> Flow[Authentication]:
    """Use up the ceremony, verify the response, and update the record."""

    def judge(state: CeremonyState, response: AuthenticationResponse, record: CredentialRecord) -> Authentication:
        return rp.finish_authentication(state, response, record, session=session, other_factor=other_factor, now=now)

    def expect(state: CeremonyState) -> None:
        state.check(CeremonyKind.AUTHENTICATION, rp.id, session=session, now=now)

    return (yield from _finish(rp, ceremony_id, body, expect, judge, now=now))


def begin_step_up(
    rp: RelyingParty,
    user: UserEntity | bytes,
    *,
    purpose: str,
    now: datetime,
    session: str | None = None,
    **choices: Unpack[StepUpChoices],
) -> Flow[Begun[RequestOptions]]:
    """Begin to confirm one action with one of the user's credentials."""
    records = yield from _records_of(user.id if isinstance(user, UserEntity) else user, rp)
    ceremony = rp.begin_step_up(user, records=records, purpose=purpose, session=session, now=now, **choices)
    ceremony_id = yield from _ask(PutCeremony(ceremony.state))
    return Begun(ceremony_id, ceremony.options)


def finish_step_up(
    rp: RelyingParty,
    ceremony_id: str,
    body: bytes | str | dict[str, Any],
    *,
    user: UserEntity | bytes,
    purpose: str,
    now: datetime,
    session: str | None = None,
    other_factor: bool = False,
) -> Flow[Authentication]:
    """As `finish_authentication`, for a step-up."""

    def judge(state: CeremonyState, response: AuthenticationResponse, record: CredentialRecord) -> Authentication:
        return rp.finish_step_up(
            state,
            response,
            record,
            user=user,
            purpose=purpose,
            session=session,
            other_factor=other_factor,
            now=now,
        )

    def expect(state: CeremonyState) -> None:
        state.check(CeremonyKind.AUTHENTICATION, rp.id, session=session, now=now, purpose=purpose)

    return (yield from _finish(rp, ceremony_id, body, expect, judge, now=now))


def _finish(
    rp: RelyingParty,
    ceremony_id: str,
    body: bytes | str | dict[str, Any],
    expect: Callable[[CeremonyState], None],
    judge: Judge,
    *,
    now: datetime,
) -> Flow[Authentication]:
    """Use up the ceremony, judge the response, and update the record by compare-and-set.

    Nothing is looked up for a ceremony that was begun for something else, or for a credential that it did not list.
    Where another sign-in with the same credential changed the record in between, this one is judged again by what is
    stored now.
    """
    state = yield from _take(ceremony_id, CeremonyKind.AUTHENTICATION, now)
    with _named():
        expect(state)
    response = rp.read_authentication(body)
    with _named():
        verify_allowed(response.credential_id, state.allow_credentials)
    first = record = yield from _record_of(response)
    for _ in range(MAX_ATTEMPTS):
        overtaken = first.sign_count < response.authenticator_data.sign_count < record.sign_count
        judged_by = replace(record, sign_count=first.sign_count) if overtaken else record
        authentication = judge(state, response, judged_by)
        if overtaken:
            # The counter was right when this request read the record; since then a later assertion of the same
            # authenticator came in. The two ran at the same time, so "this one first" is a true order, and no sign of
            # a clone; what the later one left in the record stays. Equal counters are never explained that way.
            kept = replace(record, last_used_at=now, uv_initialized=authentication.record.uv_initialized)
            authentication = replace(authentication, record=kept)
        if (yield from _ask(UpdateCredential(record, authentication.record))):
            return authentication
        record = yield from _record_of(response)
    raise Unavailable(
        Code.STORE_UNAVAILABLE, detail=f"{MAX_ATTEMPTS} times, another sign-in changed the record in between"
    )


@contextmanager
def _named() -> Iterator[None]:
    """A refusal inside says that it happened in an authentication."""
    try:
        yield
    except Refused as refusal:
        refusal.during(CeremonyKind.AUTHENTICATION)
        raise


def _take(ceremony_id: str, kind: CeremonyKind, now: datetime) -> Flow[CeremonyState]:
    try:
        state = yield from _ask(TakeCeremony(ceremony_id, now))
        if state is None:
            raise CeremonyRefused(
                Code.CEREMONY_UNKNOWN, "options", detail="no such ceremony: never begun, already used, or expired"
            )
    except CeremonyRefused as refusal:
        refusal.during(kind)
        raise
    return state


def _record_of(response: AuthenticationResponse) -> Flow[CredentialRecord]:
    record = yield from _ask(GetCredential(response.credential_id))
    if record is None:
        refusal = CredentialRefused(
            Code.CREDENTIAL_UNKNOWN, "user", received=response.credential_id, detail="no record with this id"
        )
        raise refusal.during(CeremonyKind.AUTHENTICATION)
    return record


def _records_of(user_handle: bytes, rp: RelyingParty) -> Flow[list[CredentialRecord]]:
    """The user's records that this relying party can use; a store may serve several."""
    records = yield from _ask(UserCredentials(user_handle))
    return [record for record in records if record.rp_id == rp.id]


def _ask(request: Request[T]) -> Flow[T]:
    answer: T = yield request
    return answer


def run_sync(flow: Flow[T], stores: Stores) -> T:
    """Drive a flow to its result, performing each request in the calling thread."""
    request, result = start(flow)
    while request is not None:
        request, result = perform(flow, request, stores)
    return cast("T", result)


def start(flow: Flow[Any]) -> tuple[Request[Any] | None, Any]:
    """The first request of a flow, for those who stop between two; without one, None and the flow's result."""
    return _resume(flow.send, None)


def perform(flow: Flow[Any], request: Request[Any], stores: Stores) -> tuple[Request[Any] | None, Any]:
    """Perform the request that a flow waits for; what it wants then, as `start`."""
    try:
        answer = request.perform(stores)
    except UnlatchError as error:
        return _resume(flow.throw, error)
    return _resume(flow.send, answer)


async def run_async(flow: Flow[T], stores: AsyncStores) -> T:
    """As `run_sync`, awaiting each request."""
    request, result = _resume(flow.send, None)
    while request is not None:
        try:
            answer = await request.perform_async(stores)
        except UnlatchError as error:
            request, result = _resume(flow.throw, error)
        else:
            request, result = _resume(flow.send, answer)
    return cast("T", result)


def _resume(resume: Callable[[Any], Request[Any]], told: object) -> tuple[Request[Any] | None, Any]:
    """The request that the flow waits for now, or None and its result.

    `StopIteration` is caught around the flow alone: one that a faulty store lets out must not pass for a result.
    """
    try:
        return resume(told), None
    except StopIteration as returned:
        return None, returned.value
