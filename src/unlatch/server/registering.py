"""Making a passkey: the first of a new account, or one more for somebody who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from unlatch.ceremonies.registration import Registration
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.flows import Begun
from unlatch.passkeys import Passkeys
from unlatch.record import CredentialRecord
from unlatch.server.accounts import User, insert_user, propose_user
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.confirming import count_passkeys, expect_fresh
from unlatch.server.keeping import Keeping
from unlatch.server.sessions import Session, hold_session, open_session
from unlatch.server.settings import Settings
from unlatch.stores.protocols import CeremonyStore
from unlatch.stores.sqlalchemy import SqlCredentials
from unlatch.stores.sqlalchemy.execution import Executor
from unlatch.wire.options import CreationOptions, UserEntity

#: More passkeys than anybody has devices. All of an account are named in the options for a further one: without a limit
#: one account could keep the whole server busy.
MAX_PASSKEYS: Final = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """What every ceremony needs: the relying party, the settings, where ceremonies wait, and the time."""

    rp: RelyingParty
    settings: Settings
    keeping: Keeping
    now: datetime

    def passkeys(
        self,
        connection: Connection,
        *,
        credentials: SqlCredentials | None = None,
        ceremonies: CeremonyStore | None = None,
    ) -> Passkeys:
        """The library's flows inside the transaction of `connection`."""
        return Passkeys(
            self.rp,
            credentials=credentials or SqlCredentials(connection),
            ceremonies=ceremonies or self.keeping.within(connection),
            clock=lambda: self.now,
        )


def begin_sign_up(
    desk: Desk, connection: Connection, *, username: str, display_name: str | None, binding: str
) -> Begun[CreationOptions]:
    """Begin to make an account. Nothing of it is written before its passkey is verified.

    Raises:
        Rejected: A name cannot be used, or the username is taken.
    """
    user = propose_user(connection, username=username, display_name=display_name)
    return desk.passkeys(connection).begin_registration(user.entity, session=binding)


def finish_sign_up(
    desk: Desk, connection: Connection, *, ceremony_id: str, credential: dict[str, object], binding: str
) -> tuple[User, Registration, str]:
    """Make the account, its first passkey and a session: all of them or none.

    Returns:
        The account, the verified registration, and the session's token.

    Raises:
        Refused: The ceremony or the response is not acceptable.
        Malformed: The response is not well-formed.
        Rejected: The username was taken in the meantime.
    """
    account = _NewAccount(connection, desk.now)
    ceremonies = _Remembering(desk.keeping.within(connection), account)
    flows = desk.passkeys(connection, credentials=account, ceremonies=ceremonies)
    registration = flows.finish_registration(ceremony_id, credential, session=binding)
    user = User(registration.user.id, registration.user.name, registration.user.display_name)
    token = open_session(
        Executor(connection), user.handle, credential_id=registration.record.id, now=desk.now, settings=desk.settings
    )
    return user, registration, token


def begin_adding(desk: Desk, connection: Connection, session: Session) -> Begun[CreationOptions]:
    """Begin to add a passkey to the account of a session; only this session can finish it.

    Raises:
        Rejected: The sign-in is too long ago, or the account has enough passkeys.
    """
    expect_fresh(connection, session, now=desk.now)
    _expect_room(connection, session)
    return desk.passkeys(connection).begin_registration(session.user.entity, session=session.binding)


def finish_adding(
    desk: Desk, connection: Connection, session: Session, *, ceremony_id: str, credential: dict[str, object]
) -> Registration:
    """Add the passkey. That the sign-in was recent was asked at the begin, and a ceremony lives for minutes only.

    Raises:
        Rejected: The account has enough passkeys, or the session has ended meanwhile.
        Refused: The ceremony or the response is not acceptable, or the passkey is registered already.
        Malformed: The response is not well-formed.
    """
    # Of two that end at the same time neither counts the other's: what bounds the size of answers may be passed by one.
    _expect_room(connection, session)
    flows = desk.passkeys(connection, credentials=_OneMore(connection, session))
    return flows.finish_registration(ceremony_id, credential, session=session.binding)


class _OneMore(SqlCredentials):
    """A credential store whose `add` needs the session to be there still: looked at last, as locks are ordered."""

    def __init__(self, connection: Connection, session: Session) -> None:
        super().__init__(connection)
        self._connection = connection
        self._session = session

    def add(self, record: CredentialRecord) -> None:
        with self._connection.begin_nested():
            super().add(record)
            hold_session(self._connection, self._session)


def _expect_room(connection: Connection, session: Session) -> None:
    if count_passkeys(connection, session) >= MAX_PASSKEYS:
        raise Rejected(
            ServerCode.TOO_MANY_PASSKEYS,
            f"An account has at most {MAX_PASSKEYS} passkeys. Remove one that you do not use, then add this one.",
        )


class _NewAccount(SqlCredentials):
    """A credential store whose `add` makes the account too: in one savepoint, so that a refusal leaves neither."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        super().__init__(connection)
        self._connection = connection
        self._now = now
        self.user: UserEntity | None = None

    def add(self, record: CredentialRecord) -> None:
        if self.user is None:
            raise RuntimeError("a registration without its user")
        with self._connection.begin_nested():
            insert_user(self._connection, self.user, now=self._now)
            super().add(record)


class _Remembering:
    """A ceremony store that tells the new account whose ceremony was taken."""

    def __init__(self, ceremonies: CeremonyStore, account: _NewAccount) -> None:
        self._ceremonies = ceremonies
        self._account = account

    def put(self, state: CeremonyState) -> str:
        return self._ceremonies.put(state)

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        state = self._ceremonies.take(ceremony_id, now)
        if state is not None:
            self._account.user = state.user
        return state

    def sweep(self, now: datetime) -> int:
        return self._ceremonies.sweep(now)
