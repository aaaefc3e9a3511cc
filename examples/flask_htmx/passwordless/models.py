"""The users. Their passkeys are in the table of `unlatch.stores.sqlalchemy`, under the user's `uid`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import LargeBinary, String, cast, delete, exists
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from unlatch import UserEntity
from unlatch.stores.sqlalchemy import credentials

#: How long an account may be without a passkey and without a confirmed address: then nobody can open it again.
ABANDONED = timedelta(days=1)


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class User(db.Model):
    """An account.

    Attributes:
        uid: The user handle of its passkeys.
        email: What was typed at sign-up; anybody can type anything.
        verified_email: The address, once its owner has confirmed it. Only this one is unique and gets sign-in mails:
            who types an address first does not own it.
        epoch: Counts up when all sessions are to end.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid4()))
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(254))
    verified_email: Mapped[str | None] = mapped_column(String(254), unique=True)
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC).replace(tzinfo=None))

    @property
    def handle(self) -> bytes:
        return self.uid.encode()

    @property
    def entity(self) -> UserEntity:
        return UserEntity(id=self.handle, name=self.username, display_name=self.name)


def by_uid(uid: str | None) -> User | None:
    return db.session.scalars(db.select(User).filter_by(uid=uid)).one_or_none()


def by_confirmed_name(text: str) -> User | None:
    """Whom a sign-in mail may go to: by user name or by confirmed address, without regard to case."""
    wanted = text.strip().lower()
    if not wanted.isprintable():
        return None  # PostgreSQL takes no U+0000
    found = db.select(User).where(
        (User.username == wanted) | (User.verified_email == wanted), User.verified_email.is_not(None)
    )
    return db.session.scalars(found.order_by(User.verified_email != wanted)).first()


def sweep() -> None:
    """Remove the accounts that were abandoned at sign-up; their names are free again."""
    has_passkey = exists().where(credentials.c.user_handle == cast(User.uid, LargeBinary))
    before = datetime.now(UTC).replace(tzinfo=None) - ABANDONED
    db.session.execute(delete(User).where(User.verified_email.is_(None), User.created_at < before, ~has_passkey))
