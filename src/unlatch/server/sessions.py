"""Sessions of signed-in people: rows in the database, found by the hash of the cookie's token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from unlatch.adapters.http.passkey import credential_hash
from unlatch.server.accounts import User
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.cookies import new_token, token_hash
from unlatch.server.schema import sessions, users
from unlatch.server.settings import Settings
from unlatch.stores.sqlalchemy.execution import Executor, Operation

#: How often "last seen" is written: a page that asks ten times a minute need not write ten times.
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        token_hash: SHA-256 of the cookie's token.
        user: Whose session it is.
        credential_hash: SHA-256 of the id of the passkey that opened it.
        created_at: When that was.
        last_seen_at: When it was last used, to a minute.
        expires_at: When it ends in any case.
    """

    token_hash: bytes
    user: User
    credential_hash: bytes
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @property
    def binding(self) -> str:
        """What a ceremony that this session begins is bound to."""
        return f"session:{self.token_hash.hex()}"

    def needs_touch(self, now: datetime) -> bool:
        """Whether "last seen" is old enough to be written again."""
        return now - self.last_seen_at >= _SEEN_EVERY


def visitor_binding(token: str) -> str:
    """What a ceremony that an anonymous visitor begins is bound to."""
    return f"visitor:{token_hash(token).hex()}"


_FIND = (
    select(sessions, users.c.username, users.c.display_name)
    .join(users, users.c.handle == sessions.c.user_handle)
    .where(sessions.c.token_hash == bindparam("token"))
)
_TOUCH = update(sessions).where(sessions.c.token_hash == bindparam("token")).values(last_seen_at=bindparam("seen"))
# Two may hold it at once, and "last seen" may change; it can only not end.
_HOLD = (
    select(sessions.c.token_hash)
    .where(sessions.c.token_hash == bindparam("token"))
    .with_for_update(read=True, key_share=True)
)
_OPEN = insert(sessions)
_CLOSE = delete(sessions).where(sessions.c.token_hash == bindparam("token"))


def open_session(
    executor: Executor, user_handle: bytes, *, credential_id: bytes, now: datetime, settings: Settings
) -> str:
    """Insert a session and return the token for the cookie."""
    token = new_token()
    opened = session_row(token, user_handle, credential_id=credential_id, now=now, settings=settings)
    executor.run(Operation(_OPEN, lambda result: None, opened))  # noqa: ARG005 - an insert has nothing to read
    return token


def session_row(
    token: str, user_handle: bytes, *, credential_id: bytes, now: datetime, settings: Settings
) -> dict[str, object]:
    """The row of a session that begins now."""
    return {
        "token_hash": token_hash(token),
        "user_handle": user_handle,
        "credential_hash": credential_hash(credential_id),
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + settings.session_lifetime,
    }


def find_session(connection: Connection, token: str, *, now: datetime, settings: Settings) -> Session | None:
    """The session of this token, unless it is over."""
    row = connection.execute(_FIND, {"token": token_hash(token)}).one_or_none()
    if row is None or row.expires_at <= now or row.last_seen_at + settings.session_idle <= now:
        return None
    return Session(
        token_hash=row.token_hash,
        user=User(handle=row.user_handle, username=row.username, display_name=row.display_name),
        credential_hash=row.credential_hash,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )


def hold_session(connection: Connection, session: Session) -> None:
    """Keep a session from being ended before the transaction is, which writes on its behalf.

    It was found before that transaction began, and may have been ended since: by signing out, or because its passkey
    was removed. Once that is confirmed, nothing is written for it any more. Lock passkeys first, then sessions.

    Raises:
        Rejected: It has ended.
    """
    if connection.execute(_HOLD, {"token": session.token_hash}).first() is None:
        raise Rejected(ServerCode.NOT_SIGNED_IN)


def touch_session(connection: Connection, session: Session, *, now: datetime) -> None:
    """Note that the session was used."""
    connection.execute(_TOUCH, {"token": session.token_hash, "seen": now})


def close_session(connection: Connection, token: str) -> None:
    """End the session of this token; one that does not exist is ended already."""
    connection.execute(_CLOSE, {"token": token_hash(token)})


def close_sessions_of_passkey(connection: Connection, hashed: bytes, *, except_for: Session) -> int:
    """End the sessions that a passkey of this user opened.

    Args:
        connection: Where.
        hashed: `credential_hash` of the passkey.
        except_for: The session that asks for it: its owner sits in front of it and would be puzzled to be thrown out.

    Returns:
        How many.
    """
    statement = delete(sessions).where(
        sessions.c.user_handle == except_for.user.handle,
        sessions.c.credential_hash == hashed,
        sessions.c.token_hash != except_for.token_hash,
    )
    return connection.execute(statement).rowcount
