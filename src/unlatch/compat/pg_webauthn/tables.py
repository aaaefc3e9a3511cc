"""Two tables beside `unlatch_credentials`: challenges, which are used once and kept, and what users are called.

A used challenge stays until it is pruned, so that it can never begin a second ceremony (its primary key refuses).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Column, Index, LargeBinary, MetaData, String, Table, Text, delete, insert, select, update
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, Unavailable
from unlatch.stores.sqlalchemy.tables import UtcDateTime, digest

if TYPE_CHECKING:
    from sqlalchemy import Engine

metadata = MetaData()
_BYTES_32 = LargeBinary(32).with_variant(mysql.VARBINARY(32), "mysql", "mariadb")
_BYTES_64 = LargeBinary(64).with_variant(mysql.VARBINARY(64), "mysql", "mariadb")
_TEXT = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")

challenges = Table(
    "unlatch_pg_challenges",
    metadata,
    Column("challenge_sha256", _BYTES_32, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", _TEXT, nullable=False),
    Column("options", _TEXT, nullable=False),
    Column("user_name_sha256", _BYTES_32, nullable=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    Index("ix_unlatch_pg_challenges_expires_at", "expires_at"),
    mysql_charset="utf8mb4",
    mariadb_charset="utf8mb4",
)

#: Names may be longer than what databases index, and case counts: they are found by their SHA-256.
users = Table(
    "unlatch_pg_users",
    metadata,
    Column("user_name_sha256", _BYTES_32, primary_key=True),
    Column("user_id", _BYTES_64, primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a challenge began.

    Attributes:
        state: By which the answer is judged.
        options: JSON, as the page got it.
        user_name_sha256: Who was named; None where nobody was.
    """

    state: CeremonyState
    options: str
    user_name_sha256: bytes | None


class Challenges:
    """The two tables of one database; every call is a transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, kept: Kept) -> None:
        """Keep a challenge.

        Raises:
            CeremonyRefused: It began a ceremony before.
            Unavailable: The database did not answer.
        """
        values = {
            "challenge_sha256": digest(kept.state.challenge),
            "kind": str(kept.state.kind),
            "state": kept.state.to_json(),
            "options": kept.options,
            "user_name_sha256": kept.user_name_sha256,
            "expires_at": kept.state.expires_at,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(challenges).values(**values))
        except IntegrityError as error:
            raise CeremonyRefused(Code.CEREMONY_USED, "options", detail="this challenge was given before") from error
        except SQLAlchemyError as error:
            raise _unavailable(error) from error

    def look(self, challenge: bytes) -> Kept | None:
        """What a challenge began, used or not.

        Raises:
            Unavailable: The database did not answer.
        """
        statement = select(challenges).where(challenges.c.challenge_sha256 == digest(challenge))
        try:
            with self._engine.connect() as connection:
                row = connection.execute(statement).one_or_none()
        except SQLAlchemyError as error:
            raise _unavailable(error) from error
        if row is None:
            return None
        return Kept(CeremonyState.from_json(row.state), row.options, row.user_name_sha256)

    def use(self, challenge: bytes, now: datetime) -> None:
        """Use a challenge up: of any number of callers at once, one gets through.

        Raises:
            CeremonyRefused: It is used.
            Unavailable: The database did not answer.
        """
        key = digest(challenge)
        statement = update(challenges).where(challenges.c.challenge_sha256 == key, challenges.c.used_at.is_(None))
        try:
            with self._engine.begin() as connection:
                changed = connection.execute(statement.values(used_at=now)).rowcount
        except SQLAlchemyError as error:
            raise _unavailable(error) from error
        if changed != 1:
            raise CeremonyRefused(Code.CEREMONY_USED, "options", detail="this challenge was answered before")

    def prune(self, before: datetime) -> int:
        """Forget challenges that expired before a time, and return how many.

        Raises:
            Unavailable: The database did not answer.
        """
        try:
            with self._engine.begin() as connection:
                return connection.execute(delete(challenges).where(challenges.c.expires_at < before)).rowcount
        except SQLAlchemyError as error:
            raise _unavailable(error) from error

    def name_user(self, user_name_sha256: bytes, user_id: bytes) -> None:
        """Remember what a user is called.

        Raises:
            Unavailable: The database did not answer.
        """
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(users).values(user_name_sha256=user_name_sha256, user_id=user_id))
        except IntegrityError:
            return  # known already
        except SQLAlchemyError as error:
            raise _unavailable(error) from error

    def users_named(self, user_name_sha256: bytes) -> list[bytes]:
        """The ids of the users who are called so.

        Raises:
            Unavailable: The database did not answer.
        """
        statement = select(users.c.user_id).where(users.c.user_name_sha256 == user_name_sha256)
        try:
            with self._engine.connect() as connection:
                return [bytes(user_id) for user_id in connection.execute(statement).scalars()]
        except SQLAlchemyError as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(Code.STORE_UNAVAILABLE, detail=f"the database did not answer: {error}")
