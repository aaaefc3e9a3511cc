"""Between HTTP and the service: sessions in, models out."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import current_app, session

from passkey_backend import dto
from passkey_backend.entities import User, db
from passkey_backend.service import PasskeyService, Visitor
from passkey_backend.stores import MULTI, SINGLE, entity_of, of_user
from unlatch.wire import base64url

#: Seconds after a sign-in in which passkeys may be added and removed.
RECENT = 600


def service() -> PasskeyService:
    found: PasskeyService = current_app.extensions["passkeys"]
    return found


def visitor() -> Visitor:
    """Who asks. The session names the passkey that opened it, and ends when that is removed."""
    browser = session.setdefault("browser", secrets.token_urlsafe(24))
    entity = entity_of(session.get("credential_id", ""))
    is_recent = time.time() - session.get("signed_in_at", 0) < RECENT
    return Visitor(browser, entity and entity.user_id, is_recent)


def enter(credential_id: bytes) -> None:
    """A new session for who was verified just now; what another tab of this browser began may still be finished."""
    browser = visitor().browser
    session.clear()
    session.update(browser=browser, credential_id=base64url.encode(credential_id), signed_in_at=time.time())


def register(body: dto.UserEntity) -> dict[str, Any]:
    return service().begin_registration(body, visitor())


def verify_registration(body: dto.PasskeyVerifModel) -> dict[str, Any]:
    registration = service().finish_registration(body, visitor())
    record = registration.record
    enter(record.id)
    return dto.VerifiedRegistration(
        user_id=record.user_handle.decode(),
        credential_id=base64url.encode(record.id),
        credential_public_key=base64url.encode(record.public_key),
        sign_count=record.sign_count,
        aaguid=str(record.aaguid),
        fmt=record.attestation_format,
        user_verified=registration.user_verified,
        credential_device_type=MULTI if record.backup_eligible else SINGLE,
        credential_backed_up=record.backup_state,
    ).model_dump()


def sign_in() -> dict[str, Any]:
    return service().begin_sign_in(visitor())


def verify_sign_in(body: dto.PasskeyVerifModel) -> dict[str, Any]:
    authentication = service().finish_sign_in(body, visitor())
    record = authentication.record
    enter(record.id)
    return dto.VerifiedAuthentication(
        user_id=record.user_handle.decode(),
        credential_id=base64url.encode(record.id),
        new_sign_count=record.sign_count,
        user_verified=authentication.user_verified,
        credential_device_type=MULTI if record.backup_eligible else SINGLE,
        credential_backed_up=record.backup_state,
    ).model_dump()


def account() -> dict[str, Any]:
    user = db.session.get(User, visitor().user_id or "")
    if user is None:
        return dto.AccountModel().model_dump()
    return dto.AccountModel(
        user_id=user.user_id,
        username=user.username,
        email=user.email,
        credentials=[dto.CredentialModel.model_validate(entity) for entity in of_user(user.user_id)],
    ).model_dump()


def remove(body: dto.RemovalModel) -> dict[str, Any]:
    service().remove(body.id, visitor())
    return account()


def sign_out() -> dict[str, Any]:
    session.clear()
    return account()
