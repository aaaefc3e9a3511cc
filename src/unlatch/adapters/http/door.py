"""The neutral door: a request in, an answer out. A web framework's door turns its own objects into these and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from types import MappingProxyType

from unlatch import signals
from unlatch.adapters.http import admission, authentication, confirming, managing, registration
from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.exchange import Answer, Request, Route
from unlatch.adapters.http.problems import problem_of
from unlatch.adapters.http.session import Session
from unlatch.adapters.http.users import Users
from unlatch.adapters.http.visit import CONFIRM_WITHIN, Choices, Visit
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.codes import Code
from unlatch.decoys import Decoys
from unlatch.errors import CredentialRefused, Misconfigured
from unlatch.flows import Flow, run_async, run_sync
from unlatch.stores.requests import AsyncStores, Stores
from unlatch.well_known import Document, passkey_endpoints, related_origins
from unlatch.wire.options import UserEntity

_ROUTES: Mapping[Route, Callable[[Visit], Flow[Answer]]] = MappingProxyType(
    {
        Route.REGISTRATION_OPTIONS: registration.begin,
        Route.REGISTRATION_VERIFY: registration.finish,
        Route.AUTHENTICATION_OPTIONS: authentication.begin,
        Route.AUTHENTICATION_VERIFY: authentication.finish,
        Route.STEP_UP_OPTIONS: confirming.begin,
        Route.STEP_UP_VERIFY: confirming.finish,
        Route.PASSKEYS: managing.list_all,
        Route.RENAME: managing.rename,
        Route.REMOVE: managing.remove,
        Route.CURRENT: authentication.current,
        Route.SIGN_OUT: authentication.sign_out,
    }
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Door:
    """The routes of one relying party.

    ```python
    door = Door(rp, users=Users(by_handle=find_user))
    answer = door.answer(Request(route=Route.PASSKEYS, session=session), stores)
    ```

    The framework's door reads the facts of a request, keeps `answer.session` where the host keeps sessions, lets the
    host act on `answer.event`, and commits its transaction when `answer.is_final`.
    """

    def __init__(
        self,
        rp: RelyingParty,
        *,
        users: Users,
        decoys: Decoys | None = None,
        confirm_within: int | None = CONFIRM_WITHIN,
        tell_unknown: bool = False,
        enroll: str | None = None,
        manage: str | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Open a door.

        Args:
            rp: The relying party.
            users: The host's users.
            decoys: See `Choices`.
            confirm_within: See `Choices`.
            tell_unknown: See `Choices`.
            enroll: Address of the page where a signed-in person makes a passkey, for passkey managers.
            manage: Address of the page where a signed-in person looks after passkeys, for passkey managers.
            clock: Returns the time, aware.

        Raises:
            Misconfigured: `tell_unknown` with `decoys`, an address that is not https, or another kind of value.
        """
        if confirm_within is not None and (type(confirm_within) is not int or confirm_within <= 0):
            raise Misconfigured(f"confirm_within is a number of seconds above 0, or None, not {confirm_within!r}.")
        if type(tell_unknown) is not bool:
            raise Misconfigured(f"tell_unknown is True or False, not {tell_unknown!r}.")
        if tell_unknown and decoys is not None:
            raise Misconfigured("tell_unknown=True would tell decoys from real passkeys; leave one of them out.")
        self.choices = Choices(
            rp=rp, users=users, decoys=decoys, confirm_within=confirm_within, tell_unknown=tell_unknown
        )
        self._clock = clock
        self.documents = _documents(rp, enroll=enroll, manage=manage)

    @property
    def rp(self) -> RelyingParty:
        """The relying party."""
        return self.choices.rp

    def answer(self, request: Request, stores: Stores, *, users: Users | None = None) -> Answer:
        """Answer a request; never raises for what came in, or for what broke.

        Args:
            request: What came in.
            stores: Where passkeys and ceremonies are kept.
            users: The host's users for this request, instead of the door's.
        """
        try:
            return run_sync(self._flow(request, users), stores)
        except Exception as error:  # noqa: BLE001 - the outermost layer: whatever broke is logged and answered
            return self.problem(error, where=_where(request))

    async def answer_async(self, request: Request, stores: AsyncStores, *, users: Users | None = None) -> Answer:
        """As `answer`, awaited."""
        try:
            return await run_async(self._flow(request, users), stores)
        except Exception as error:  # noqa: BLE001 - as above
            return self.problem(error, where=_where(request))

    def problem(self, error: Exception, *, where: str) -> Answer:
        """Log an error with its evidence and answer it, with as much as the client may know.

        Args:
            error: What was raised.
            where: Method and path, for the log.
        """
        problem = problem_of(error, where=where)
        document: dict[str, object] = {**problem.document()}
        if (
            self.choices.tell_unknown
            and isinstance(error, CredentialRefused)
            and error.code is Code.CREDENTIAL_UNKNOWN
            and isinstance(error.received, bytes)
        ):
            document["signal"] = signals.unknown_credential(self.rp.id, error.received).to_json()
        headers = (*problem.headers(realm=self.rp.id), ("cache-control", "no-store"))
        return Answer(status=problem.status, body=json.dumps(document).encode(), headers=headers)

    def expect_confirmed(
        self, session: Session, user: UserEntity | None, *, max_age: int, purpose: str | None = None
    ) -> UserEntity:
        """Let through whoever was verified by a passkey recently: for the host's own routes.

        Args:
            session: What the door keeps in the host's session.
            user: Who is signed in.
            max_age: Seconds that count as recent.
            purpose: What must have been confirmed by a step-up; None where the sign-in itself will do.

        Returns:
            The user.

        Raises:
            Rejected: Nobody is signed in, or a confirmation is needed first.
        """
        if user is None:
            raise Rejected(HttpCode.NOT_SIGNED_IN)
        if not session.of(user.id).is_confirmed(max_age=max_age, purpose=purpose, now=self._clock()):
            raise Rejected(HttpCode.CONFIRMATION_NEEDED)
        return user

    def after_first_factor(self, session: Session, user: UserEntity) -> Session:
        """The session of somebody who has passed another factor (a password) and is to present a passkey now.

        That factor must be as strong as the passkey's own verification: a passkey made without one learns it here.
        """
        return replace(session, user=None, first_factor=user.id, first_factor_at=self._clock()).bound()

    def _flow(self, request: Request, users: Users | None) -> Flow[Answer]:
        if request.route.method != "GET":
            admission.expect_own_page(self.rp.expected_origins, origin=request.origin, fetch_site=request.fetch_site)
            if request.body or request.route.method != "DELETE":
                admission.expect_json(request.content_type)
        choices = self.choices if users is None else replace(self.choices, users=users)
        return (yield from _ROUTES[request.route](Visit(choices, request, self._clock())))


def module() -> bytes:
    """The page's side of the door: the ES module ``unlatch.js``."""
    return resources.files("unlatch.adapters.http").joinpath("static/unlatch.js").read_bytes()


def _documents(rp: RelyingParty, *, enroll: str | None, manage: str | None) -> tuple[Document, ...]:
    """What is to be served to anybody below ``/.well-known``."""
    found = []
    if rp.related_origins:
        found.append(related_origins(rp.related_origins))
    if enroll is not None or manage is not None:
        found.append(passkey_endpoints(enroll=enroll, manage=manage))
    return tuple(found)


def _where(request: Request) -> str:
    return f"{request.route.method} {request.route.path}"
