"""Accounts: who people are here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from unlatch.adapters.http.names import clean_display_name, clean_username, username_key
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.schema import users
from unlatch.wire.options import UserEntity

#: Random, so that it says nothing about the person (WebAuthn section 14.6.1); 64 is the longest that is allowed.
_HANDLE_BYTES = 64

_BY_KEY = select(users.c.handle).where(users.c.username_key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class User:
    """An account.

    Attributes:
        handle: The user handle that authenticators store (64 random bytes).
        username: As typed by its owner.
        display_name: As typed by its owner.
    """

    handle: bytes
    username: str
    display_name: str

    @property
    def entity(self) -> UserEntity:
        """The account in the words of the specification."""
        return UserEntity(id=self.handle, name=self.username, display_name=self.display_name)


def propose_user(connection: Connection, *, username: str, display_name: str | None) -> User:
    """An account that could be made: names cleaned, username free at this moment, nothing written.

    Raises:
        Rejected: A name cannot be used, or the username is taken.
    """
    name = clean_username(username)
    shown = clean_display_name(display_name, username=name)
    if connection.execute(_BY_KEY, {"key": username_key(name)}).first() is not None:
        raise Rejected(ServerCode.USERNAME_TAKEN)
    return User(handle=secrets.token_bytes(_HANDLE_BYTES), username=name, display_name=shown)


def insert_user(connection: Connection, user: UserEntity, *, now: datetime) -> User:
    """Make the account; run it in a savepoint together with its first passkey.

    Raises:
        Rejected: The username was taken in the meantime: the unique constraint decides, so there is no gap.
    """
    try:
        connection.execute(
            insert(users),
            {
                "handle": user.id,
                "username": user.name,
                "username_key": username_key(user.name),
                "display_name": user.display_name,
                "created_at": now,
            },
        )
    except IntegrityError:
        raise Rejected(ServerCode.USERNAME_TAKEN) from None
    return User(handle=user.id, username=user.name, display_name=user.display_name)
