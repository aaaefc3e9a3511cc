"""What is kept: users, their passkeys, and the challenges that wait for an answer."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class User(db.Model):
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)


class CredentialEntity(db.Model):
    """One passkey, a row a device. Bytes are base64url."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=lambda: str(uuid4()))
    # Deferred: a new account's passkey is written before the account, in one transaction.
    user_id: Mapped[str] = mapped_column(ForeignKey(User.user_id, deferrable=True, initially="DEFERRED"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1364), unique=True)
    credential_public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int]
    credential_device_type: Mapped[str] = mapped_column(String(16))
    credential_backed_up: Mapped[bool]
    transports: Mapped[list[str]] = mapped_column(JSON)
    uv_initialized: Mapped[bool]  # whether user verification of this passkey may count
    created_at: Mapped[datetime]


class Challenge(db.Model):
    """A ceremony that was begun, found by its challenge, so that two tabs do not get into each other's way."""

    challenge: Mapped[str] = mapped_column(String(86), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)
