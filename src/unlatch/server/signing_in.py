"""Signing in with a passkey that tells by itself whose it is."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection

from unlatch.ceremonies.authentication import Authentication
from unlatch.errors import CeremonyRefused, Malformed, Refused
from unlatch.flows import Begun, finish_authentication, perform, start
from unlatch.record import CredentialRecord
from unlatch.server.cookies import new_token
from unlatch.server.deciding import DecidingCredentials
from unlatch.server.keeping import Put, UseToCome
from unlatch.server.registering import Desk
from unlatch.server.removed import CredentialsAndRemoved
from unlatch.server.sessions import close_session, open_session, session_row
from unlatch.stores.requests import Request, Stores, UpdateCredential
from unlatch.stores.sqlalchemy import SqlCeremonyUses
from unlatch.stores.sqlalchemy.direct import Direct
from unlatch.terms import CeremonyKind, Mediation
from unlatch.wire.options import RequestOptions

#: The authentication, and the token of the session that it opens.
SignedIn = tuple[Authentication, str]


def begin_sign_in(desk: Desk, put: Put, *, mediation: Mediation | None, binding: str) -> Begun[RequestOptions]:
    """Begin a sign-in. No account is named, so nothing about accounts can be learnt from the options."""
    ceremony = desk.rp.begin_authentication(session=binding, mediation=mediation, now=desk.now)
    return Begun(put(ceremony.state), ceremony.options)


class SignIn:
    """Verifies a passkey and opens a session.

    Reading and judging, which take longest, hold nobody up: `before` does them outside of any transaction. What they
    found is decided by the writes afterwards: the ceremony is used up unless it was used before, and the record is
    updated if it still is the one that was judged; else it is judged again.

    Args:
        desk: The relying party.
        ceremony_id: As given at the begin.
        credential: AuthenticationResponseJSON.
        binding: The browser that began.
        former_token: Token of a session that this browser still has; the new session replaces it.
    """

    def __init__(
        self, desk: Desk, *, ceremony_id: str, credential: dict[str, object], binding: str, former_token: str | None
    ) -> None:
        self._desk = desk
        self._former_token = former_token
        self._flow = finish_authentication(desk.rp, ceremony_id, credential, session=binding, now=desk.now)
        self._use = UseToCome()
        self._next: Request[Any] | None = None
        self._refusal: Refused | Malformed | None = None

    def before(self, connection: Connection) -> SignedIn | None:
        """Read and judge; on PostgreSQL, which needs no transaction for it, do everything.

        Args:
            connection: On which no transaction is under way.

        Returns:
            As `within`; or None, and `within` is to be called.

        Raises:
            UnlatchError: As `within`.
        """
        direct = Direct(connection)
        ceremonies = self._desk.keeping.using(self._use)
        if ceremonies is None:
            return None
        if connection.dialect.name == "sqlite":
            self._judge(Stores(CredentialsAndRemoved(direct), ceremonies))
        elif connection.dialect.name == "postgresql":
            with direct.each_by_itself():
                self._judge(Stores(CredentialsAndRemoved(direct), ceremonies))
                return self._decide_at_once(direct)
        return None

    def within(self, connection: Connection) -> SignedIn:
        """Do in a transaction what is left to do.

        Returns:
            The authentication and the new session's token.

        Raises:
            Refused: The ceremony or the response is not acceptable.
            Malformed: The response is not well-formed.
            Rejected: The passkey is right, but was removed.
        """
        direct = Direct(connection)
        stores = Stores(CredentialsAndRemoved(direct), self._desk.keeping.within(direct))
        self._use_up(direct)
        authentication = self._go_on(stores)
        if self._former_token is not None:
            close_session(connection, self._former_token)
        token = open_session(
            direct,
            authentication.user_handle,
            credential_id=authentication.record.id,
            now=self._desk.now,
            settings=self._desk.settings,
        )
        return authentication, token

    def _judge(self, stores: Stores) -> None:
        """Go as far as to the update of the record, or to the refusal."""
        try:
            self._next, _ = start(self._flow)
            while self._next is not None and not isinstance(self._next, UpdateCredential):
                self._next, _ = perform(self._flow, self._next, stores)
        except (Refused, Malformed) as refusal:
            self._refusal = refusal

    def _go_on(self, stores: Stores) -> Authentication:
        """Finish what `_judge` has begun, or do all of it."""
        request, result = start(self._flow) if self._next is None else (self._next, None)
        while request is not None:
            request, result = perform(self._flow, request, stores)
        return cast("Authentication", result)

    def _use_up(self, direct: Direct) -> None:
        """Remember the use of what `_judge` took, and raise what it found."""
        if self._use.due is not None:
            key, until = self._use.due
            try:
                SqlCeremonyUses(direct).use(key, now=self._desk.now, until=until)
            except CeremonyRefused as refusal:
                refusal.during(CeremonyKind.AUTHENTICATION)
                raise
        if self._refusal is not None:
            raise self._refusal

    def _decide_at_once(self, direct: Direct) -> SignedIn:
        """Do all that is left on a connection where each statement is a transaction of its own."""
        if self._refusal is not None:
            self._use_up(direct)
        token = new_token()

        def session(record: CredentialRecord) -> dict[str, object]:
            return session_row(
                token,
                record.user_handle,
                credential_id=record.id,
                now=self._desk.now,
                settings=self._desk.settings,
            )

        deciding = DecidingCredentials(direct, self._use.due, session=session, former_token=self._former_token)
        return self._go_on(Stores(deciding, self._desk.keeping.within(direct))), token
