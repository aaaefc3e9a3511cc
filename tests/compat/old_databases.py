"""Databases as applications on other libraries wrote them, with the passkeys of their users at hand."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import webauthn
from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, create_engine, text
from webauthn.helpers.structs import UserVerificationRequirement

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url

ORIGIN, RP_ID = "https://example.org", "example.org"


@dataclass
class Old:
    """A user of an old application: a browser with the passkey, and the handle that it was given."""

    browser: EmulatedBrowser
    handle: bytes


def by_py_webauthn(handle: bytes, **authenticator: Any) -> tuple[Old, Any]:
    """A registration that py_webauthn verified."""
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(**authenticator))
    options = webauthn.generate_registration_options(rp_id=RP_ID, rp_name="Old", user_id=handle, user_name="ada")
    response = browser.create(json.loads(webauthn.options_to_json(options)))
    verified = webauthn.verify_registration_response(
        credential=response, expected_challenge=options.challenge, expected_rp_id=RP_ID, expected_origin=ORIGIN
    )
    return Old(browser, handle), verified


def signed_in_by_py_webauthn(old: Old, key: bytes, count: int) -> int:
    """A sign-in that py_webauthn verified; the new counter."""
    options = webauthn.generate_authentication_options(
        rp_id=RP_ID, user_verification=UserVerificationRequirement.PREFERRED
    )
    verified = webauthn.verify_authentication_response(
        credential=old.browser.get(json.loads(webauthn.options_to_json(options))),
        expected_challenge=options.challenge,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=key,
        credential_current_sign_count=count,
    )
    return int(verified.new_sign_count)


def flask_htmx(url: str) -> list[Old]:
    """Two users, one with two sign-ins behind her, one whose passkey does not count."""
    metadata = MetaData()
    user = Table(
        "user",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("uid", String(40), unique=True),
        Column("username", String(255), unique=True),
        Column("name", String(255)),
        Column("email", String(255), unique=True),
    )
    credential = Table(
        "web_authn_credential",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("user_id", Integer, ForeignKey("user.id")),
        Column("credential_id", LargeBinary),
        Column("credential_public_key", LargeBinary),
        Column("current_sign_count", Integer, default=0),
    )
    engine, people = create_engine(url), []
    with engine.begin() as connection:
        metadata.create_all(connection)
        for number, counter in enumerate((1, None), 1):
            uid = str(uuid.uuid4())
            old, verified = by_py_webauthn(uid.encode(), counter=counter)
            count = verified.sign_count
            for _ in range(2):
                count = signed_in_by_py_webauthn(old, verified.credential_public_key, count)
            connection.execute(
                user.insert().values(id=number, uid=uid, username=f"u{number}", name="U", email=f"{number}@x")
            )
            connection.execute(
                credential.insert().values(
                    user_id=number,
                    credential_id=verified.credential_id,
                    credential_public_key=verified.credential_public_key,
                    current_sign_count=count,
                )
            )
            people.append(old)
    engine.dispose()
    return people


def webauthn_rp(url: str) -> list[Old]:
    """The guide's models: bytes in columns that call themselves strings, and a counter that is NULL at first."""
    metadata = MetaData()
    user = Table(
        "user",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("username", String(32), unique=True),
        Column("user_handle", String(64), unique=True),
    )
    credential = Table(
        "credential",
        metadata,
        Column("id", String, primary_key=True),
        Column("signature_count", Integer, nullable=True),
        Column("credential_public_key", String),
        Column("user_id", Integer, ForeignKey("user.id"), nullable=False),
    )
    engine = create_engine(url)
    old, verified = by_py_webauthn(bytes(range(64)))
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(user.insert().values(id=7, username="ada", user_handle=old.handle))
        connection.execute(
            credential.insert().values(
                id=verified.credential_id,
                signature_count=None,
                credential_public_key=verified.credential_public_key,
                user_id=7,
            )
        )
    engine.dispose()
    return [old]


# What the migrations of version 0.10 make in SQLite.
DJANGO = """
CREATE TABLE django_otp_webauthn_webauthnuserhandle (
    handle_hex VARCHAR(128) NOT NULL UNIQUE, user_id {key} NOT NULL PRIMARY KEY
);
CREATE TABLE django_otp_webauthn_webauthncredential (
    id INTEGER PRIMARY KEY, name VARCHAR(64) NOT NULL, confirmed BOOL NOT NULL, credential_type VARCHAR(32) NOT NULL,
    credential_id BLOB NOT NULL, public_key BLOB NOT NULL, transports TEXT NOT NULL,
    sign_count INTEGER UNSIGNED NOT NULL, backup_eligible BOOL NOT NULL, backup_state BOOL NOT NULL,
    created_at DATETIME NULL, last_used_at DATETIME NULL,
    aaguid VARCHAR(36) NOT NULL, credential_id_sha256 VARCHAR(64) NOT NULL UNIQUE, discoverable BOOL NULL,
    user_id {key} NOT NULL
);
"""


def django_otp_webauthn(url: str, users: tuple[object, object] = (3, 4)) -> list[Old]:
    """One user with a synced passkey, and one whose handle nobody wrote down."""
    engine = create_engine(url)
    old, verified = by_py_webauthn(bytes(64), backup_eligible=True, backup_state=True, counter=None)
    lost, lost_verified = by_py_webauthn(b"a handle of former times")
    del lost
    with engine.begin() as connection:
        key = "INTEGER" if isinstance(users[0], int) else "CHAR(32)"
        for statement in filter(str.strip, DJANGO.format(key=key).split(";")):
            connection.execute(text(statement))
        handle = "INSERT INTO django_otp_webauthn_webauthnuserhandle VALUES (:handle, :user)"
        connection.execute(text(handle), {"handle": old.handle.hex(), "user": users[0]})
        for number, (user, each) in enumerate(zip(users, (verified, lost_verified), strict=True), 1):
            connection.execute(
                text(
                    "INSERT INTO django_otp_webauthn_webauthncredential VALUES (:number, 'My phone', 1, 'public-key', "
                    ":id, :key, :transports, :count, :be, :bs, '2026-01-02 03:04:05.678900', NULL, :aaguid, :digest, "
                    "1, :user)"
                ),
                {
                    "aaguid": each.aaguid,
                    "id": each.credential_id,
                    "digest": sha256(each.credential_id).hexdigest(),
                    "key": each.credential_public_key,
                    "count": each.sign_count,
                    "transports": '["internal", "hybrid"]',
                    "be": each.credential_device_type == "multi_device",
                    "bs": each.credential_backed_up,
                    "number": number,
                    "user": user,
                },
            )
    engine.dispose()
    return [old]


def flask_passkey(url: str) -> list[Old]:
    """The CredentialEntity, bytes as base64url text."""
    metadata = MetaData()
    entity = Table(
        "credential_entity",
        metadata,
        Column("id", String, primary_key=True),
        Column("user_id", String),
        Column("credential_id", String),
        Column("credential_public_key", String),
        Column("sign_count", Integer),
        Column("credential_device_type", String),
        Column("credential_backed_up", Integer),
        Column("transports", JSON),
    )
    engine = create_engine(url)
    old, verified = by_py_webauthn(b"user-17")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(
            entity.insert().values(
                id="1",
                user_id="user-17",
                credential_id=base64url.encode(verified.credential_id),
                credential_public_key=base64url.encode(verified.credential_public_key),
                sign_count=verified.sign_count,
                credential_device_type=verified.credential_device_type.value,
                credential_backed_up=0,
                transports=["usb"],
            )
        )
    engine.dispose()
    return [old]


def py_webauthn(url: str, user: object = 17, handle: bytes = b"17") -> list[Old]:
    """A table as people make one for what py_webauthn returns, in its words."""
    credential = Table(
        "shop_credential",
        MetaData(),
        Column("credential_id", LargeBinary, primary_key=True),
        Column("public_key", LargeBinary),
        Column("sign_count", Integer),
        Column("user_id", String(36) if isinstance(user, str) else Integer),
        Column("webauthn_user_id", LargeBinary),
        Column("credential_backed_up", Integer),
    )
    engine = create_engine(url)
    old, verified = by_py_webauthn(handle)
    with engine.begin() as connection:
        credential.create(connection)
        connection.execute(
            credential.insert().values(
                credential_id=verified.credential_id,
                public_key=verified.credential_public_key,
                sign_count=verified.sign_count,
                user_id=user,
                webauthn_user_id=handle,
                credential_backed_up=0,
            )
        )
    engine.dispose()
    return [old]


MAKERS = {
    "flask-htmx": flask_htmx,
    "webauthn-rp": webauthn_rp,
    "django-otp-webauthn": django_otp_webauthn,
    "flask-passkey": flask_passkey,
    "py-webauthn": py_webauthn,
}
