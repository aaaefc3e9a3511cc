"""Passkey sign-in as tutorials build it: Flask, py_webauthn, SQLAlchemy, challenges in Redis, a signed session cookie.

Written to be fair: connection pools, an index for every look-up, a challenge is taken once, and no page is rendered.
The durability of SQLite is that of unlatch's server. Its addresses and JSON members are those of unlatch's server too,
so that one client measures both. It needs ``DATABASE_URL``, ``REDIS_URL`` and ``ORIGIN``.
"""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import webauthn
from flask import Flask, Response, abort, jsonify, request, session
from flask_sqlalchemy import SQLAlchemy
from redis import Redis
from sqlalchemy import event
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import UserVerificationRequirement

RP_ID = "localhost"
ORIGIN = os.environ["ORIGIN"]
LIFE_SPAN = timedelta(minutes=5)
_REQUIRED = UserVerificationRequirement.REQUIRED

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY") or secrets.token_bytes(32)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
db = SQLAlchemy(app)
challenges = Redis.from_url(os.environ["REDIS_URL"])


class User(db.Model):  # type: ignore[name-defined,misc] # the base is made at run time
    """Somebody with an account."""

    id = db.Column(db.Integer, primary_key=True)
    uid = db.Column(db.LargeBinary, unique=True, nullable=False)
    username = db.Column(db.String(255), unique=True, nullable=False)


class Credential(db.Model):  # type: ignore[name-defined,misc] # the base is made at run time
    """A passkey; the unique columns are indexes."""

    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("user.id"), nullable=False, index=True)
    credential_id = db.Column(db.LargeBinary(1023), unique=True, nullable=False)
    public_key = db.Column(db.LargeBinary, nullable=False)
    sign_count = db.Column(db.BigInteger, nullable=False)
    last_used = db.Column(db.DateTime(timezone=True))
    user = db.relationship(User, lazy="joined", innerjoin=True)


@app.post("/v1/registration/options")
def registration_options() -> Response:
    """Options for a new account's passkey."""
    username = request.get_json()["username"]
    uid = secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=RP_ID, rp_name="Example", user_id=uid, user_name=username, user_display_name=username
    )
    key = secrets.token_urlsafe(16)
    challenges.set(f"registration:{key}", options.challenge, ex=LIFE_SPAN)
    session["registration"] = {"key": key, "uid": uid.hex(), "username": username}
    return _options(key, options)


@app.post("/v1/registration/verify")
def registration_verify() -> tuple[Response, int]:
    """Keep the account and its passkey."""
    begun = session.pop("registration")
    verified = webauthn.verify_registration_response(
        credential=request.get_json()["credential"],
        expected_challenge=challenges.getdel(f"registration:{begun['key']}") or b"",
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=True,
    )
    user = User(uid=bytes.fromhex(begun["uid"]), username=begun["username"])
    db.session.add(
        Credential(
            user=user,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
        )
    )
    db.session.commit()
    session["user"] = user.id
    return jsonify(verified=True), 201


@app.post("/v1/authentication/options")
def authentication_options() -> Response:
    """Options for whoever has a passkey."""
    options = webauthn.generate_authentication_options(rp_id=RP_ID, user_verification=_REQUIRED)
    key = secrets.token_urlsafe(16)
    challenges.set(f"authentication:{key}", options.challenge, ex=LIFE_SPAN)
    session.clear()
    session["authentication"] = key
    return _options(key, options)


@app.post("/v1/authentication/verify")
def authentication_verify() -> Response:
    """Sign in."""
    response = request.get_json()["credential"]
    challenge = challenges.getdel(f"authentication:{session.pop('authentication', '')}")
    credential_id = base64url_to_bytes(response["rawId"])
    credential = db.session.scalar(db.select(Credential).where(Credential.credential_id == credential_id))
    if challenge is None or credential is None:
        abort(401)
    try:
        verified = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=credential.public_key,
            credential_current_sign_count=credential.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException:
        abort(401)
    credential.sign_count = verified.new_sign_count
    credential.last_used = datetime.now(UTC)
    user, username = credential.user.id, credential.user.username
    db.session.commit()
    session["user"] = user
    return jsonify(verified=True, username=username)


def _options(key: str, options: Any) -> Response:
    return jsonify(ceremony_id=key, options=json.loads(webauthn.options_to_json(options)))


def prepare() -> None:
    """Make the tables; called once, before there are workers."""
    with app.app_context():
        db.create_all()
        db.engine.dispose()


with app.app_context():
    if db.engine.dialect.name == "sqlite":

        @event.listens_for(db.engine, "connect")
        def _like_ours(connection: Any, _: object) -> None:
            connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=10000"
            )
