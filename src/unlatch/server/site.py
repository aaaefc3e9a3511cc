"""Everything that a request handler needs, built once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from starlette.requests import Request

from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.cookies import Cookie, new_token, session_cookie, visitor_cookie
from unlatch.server.database import Database
from unlatch.server.keeping import Keeping, keeping_of
from unlatch.server.registering import Desk
from unlatch.server.sessions import Session, find_session, touch_session, visitor_binding
from unlatch.server.settings import Settings
from unlatch.terms import UserVerification

T = TypeVar("T")


def relying_party(settings: Settings) -> RelyingParty:
    """The relying party of these settings.

    The passkey is the only thing that people sign in with. So it must verify them: possession of a device alone would
    be one factor, and a found security key would open the account.

    Raises:
        Misconfigured: RP ID and origins do not go together.
    """
    return RelyingParty(
        id=settings.rp_id,
        name=settings.rp_name,
        origins=settings.origins,
        policy=Policy(user_verification=UserVerification.REQUIRED, timeout=settings.ceremony_seconds),
    )


@dataclass(frozen=True, slots=True)
class Site:
    """One running site.

    Attributes:
        settings: What the operator decided.
        rp: The relying party.
        database: Where everything is kept.
        keeping: Where ceremonies wait.
        session_cookie: The cookie of signed-in people.
        visitor_cookie: The cookie of everybody else.
    """

    settings: Settings
    rp: RelyingParty
    database: Database
    keeping: Keeping
    session_cookie: Cookie
    visitor_cookie: Cookie

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Site:
        """The site of these settings.

        Raises:
            Misconfigured: RP ID and origins do not go together, or Redis or the keys cannot be used.
        """
        return cls(
            settings,
            relying_party(settings),
            database,
            keeping_of(settings),
            session_cookie(settings),
            visitor_cookie(settings),
        )

    def desk(self) -> Desk:
        """For the ceremonies of one request, at its time."""
        return Desk(self.rp, self.settings, self.keeping, datetime.now(UTC))

    async def begin(self, work: Callable[[Connection], T]) -> T:
        """Run a unit that begins a ceremony.

        Raises:
            Unavailable: The database or Redis did not answer.
        """
        return await (self.database.write if self.keeping.begins_in_database else self.database.read)(work)

    async def session(self, request: Request) -> Session | None:
        """Who is signed in, if anybody; notes that the session was used."""
        token = self.session_cookie.read(request)
        if token is None:
            return None
        now = datetime.now(UTC)
        find = partial(find_session, token=token, now=now, settings=self.settings)
        session = await self.database.read(find)
        if session is not None and session.needs_touch(now):
            await self.database.write(partial(touch_session, session=session, now=now))
        return session

    async def signed_in(self, request: Request) -> Session:
        """Who is signed in.

        Raises:
            Rejected: Nobody is.
        """
        session = await self.session(request)
        if session is None:
            raise Rejected(ServerCode.NOT_SIGNED_IN)
        return session

    def visitor(self, request: Request) -> tuple[str, str | None]:
        """The binding of an anonymous visitor, and the token for the cookie that such a visitor still needs."""
        token = self.visitor_cookie.read(request)
        if token is not None:
            return visitor_binding(token), None
        token = new_token()
        return visitor_binding(token), token

    def returning_visitor(self, request: Request) -> str:
        """The binding of the visitor who began; without the cookie it fits no ceremony."""
        return visitor_binding(self.visitor_cookie.read(request) or "")


def site_of(request: Request) -> Site:
    """The site that this request came to."""
    site = request.app.state.site
    if not isinstance(site, Site):
        raise TypeError("the application has no site")
    return site
