"""The server of webauthn-rp's guide, with its import lines changed and its faults mended.

Mended: a challenge is used once, for one ceremony of one user; a name that has a passkey cannot be taken over by adding
another; "User without credential" is really sent; ids and keys are kept as bytes.
"""

from __future__ import annotations

import secrets
import sys
import time
from typing import Any

from flask import Flask, render_template, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from unlatch.compat.webauthn_rp.backends import CredentialsBackend
from unlatch.compat.webauthn_rp.builders import CredentialCreationOptionsBuilder, CredentialRequestOptionsBuilder
from unlatch.compat.webauthn_rp.converters import cose_key, jsonify
from unlatch.compat.webauthn_rp.errors import WebAuthnRPError
from unlatch.compat.webauthn_rp.parsers import parse_cose_key, parse_public_key_credential
from unlatch.compat.webauthn_rp.registrars import CredentialData, CredentialsRegistrar
from unlatch.compat.webauthn_rp.types import (
    AttestationObject,
    AttestationType,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    AuthenticatorSelectionCriteria,
    COSEAlgorithmIdentifier,
    PublicKeyCredential,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    TrustedPath,
    UserVerificationRequirement,
)

app = Flask(__name__)
app.config["ORIGIN"] = "http://localhost:5000"
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///example.db"  # in the folder `instance`
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
app.config.from_prefixed_env("GUIDE")  # GUIDE_ORIGIN=..., GUIDE_SQLALCHEMY_DATABASE_URI=...

db = SQLAlchemy(app)

#: Milliseconds that a person has.
APP_TIMEOUT = 60_000
APP_RELYING_PARTY = PublicKeyCredentialRpEntity(name="The guide", id="localhost")
APP_CCO_BUILDER = CredentialCreationOptionsBuilder(
    rp=APP_RELYING_PARTY,
    pub_key_cred_params=[
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=alg)
        for alg in (COSEAlgorithmIdentifier.Value.ES256, COSEAlgorithmIdentifier.Value.RS256)
    ],
    timeout=APP_TIMEOUT,
    authenticator_selection=AuthenticatorSelectionCriteria(user_verification=UserVerificationRequirement.REQUIRED),
)
APP_CRO_BUILDER = CredentialRequestOptionsBuilder(
    rp_id=APP_RELYING_PARTY.id, timeout=APP_TIMEOUT, user_verification=UserVerificationRequirement.REQUIRED
)


class User(db.Model):
    """Somebody with a name."""

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(32), unique=True, nullable=False)
    user_handle = db.Column(db.LargeBinary(64), unique=True, nullable=False)
    credentials = db.relationship("Credential", backref=db.backref("user", lazy=True))

    @property
    def entity(self) -> PublicKeyCredentialUserEntity:
        """The user in the words of WebAuthn."""
        return PublicKeyCredentialUserEntity(name=self.username, id=self.user_handle, display_name=self.username)

    @staticmethod
    def by_user_handle(user_handle: bytes) -> User | None:
        """The user with this handle."""
        return User.query.filter_by(user_handle=user_handle).first()


class Credential(db.Model):
    """A passkey; its id is the raw id. A user has one: of two that come at the same moment one is refused."""

    id = db.Column(db.LargeBinary(1023), primary_key=True)
    signature_count = db.Column(db.Integer, nullable=True)
    credential_public_key = db.Column(db.LargeBinary, nullable=False)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"), nullable=False, unique=True)


class Challenge(db.Model):
    """What an answer has to answer, for one ceremony of one user. The id cannot be guessed."""

    id = db.Column(db.String(43), primary_key=True)
    request = db.Column(db.LargeBinary(64), unique=True, nullable=False)
    timestamp_ms = db.Column(db.Integer, nullable=False)
    ceremony = db.Column(db.String(16), nullable=False)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"), nullable=False)


class RegistrarImpl(CredentialsRegistrar):
    """Credentials in the database."""

    def register_credential_attestation(
        self,
        credential: PublicKeyCredential,
        att: AttestationObject,
        att_type: AttestationType,
        user: PublicKeyCredentialUserEntity,
        rp: PublicKeyCredentialRpEntity,
        trusted_path: TrustedPath | None = None,
    ) -> Any:
        """Keep a new credential; the constraints refuse one that is there already, and a second one of a user."""
        user_model = User.by_user_handle(user.id)
        if user_model is None:
            return "No user found"
        db.session.add(
            Credential(
                id=credential.raw_id,
                signature_count=None,
                credential_public_key=cose_key(att.auth_data.attested_credential_data.credential_public_key),
                user_id=user_model.id,
            )
        )
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            return "Already registered"
        return None

    def register_credential_assertion(
        self,
        credential: PublicKeyCredential,
        authenticator_data: AuthenticatorData,
        user: PublicKeyCredentialUserEntity,
        rp: PublicKeyCredentialRpEntity,
    ) -> Any:
        """Keep the counter."""
        credential_model = db.session.get(Credential, credential.raw_id)
        credential_model.signature_count = authenticator_data.sign_count
        db.session.commit()

    def get_credential_data(self, credential_id: bytes) -> CredentialData | None:
        """What the database knows of a credential."""
        credential_model = db.session.get(Credential, credential_id)
        if credential_model is None:
            return None
        return CredentialData(
            parse_cose_key(credential_model.credential_public_key),
            credential_model.signature_count,
            credential_model.user.entity,
        )


APP_CREDENTIALS_BACKEND = CredentialsBackend(RegistrarImpl())


def timestamp_ms() -> int:
    """The time in milliseconds."""
    return time.time_ns() // 1_000_000


def new_challenge(ceremony: str, user_model: User) -> Challenge:
    """A challenge for one ceremony of one user. Those that nobody answered in time are forgotten."""
    db.session.execute(delete(Challenge).where(Challenge.timestamp_ms < timestamp_ms() - APP_TIMEOUT))
    challenge = Challenge(
        id=secrets.token_urlsafe(32),
        request=secrets.token_bytes(64),
        timestamp_ms=timestamp_ms(),
        ceremony=ceremony,
        user_id=user_model.id,
    )
    db.session.add(challenge)
    db.session.commit()
    return challenge


def take_challenge(challenge_id: str) -> Any:
    """A challenge, once: reading and forgetting it is one statement."""
    columns = (Challenge.request, Challenge.timestamp_ms, Challenge.ceremony, Challenge.user_id)
    taken = db.session.execute(delete(Challenge).where(Challenge.id == challenge_id).returning(*columns)).first()
    db.session.commit()
    return taken


def read_answer() -> tuple[str, PublicKeyCredential, str]:
    """The three fields of the form."""
    form = request.form
    return form["challengeID"], parse_public_key_credential(form["credential"]), form["username"]


@app.get("/")
def index() -> str:
    """The page."""
    return render_template("index.html")


@app.post("/registration/request/")
def registration_request() -> Any:
    """Options to make a passkey, for a name that has none."""
    username = request.form["username"]
    if not 0 < len(username) <= 32:
        return "Invalid username", 400
    user_model = User.query.filter_by(username=username).first()
    if user_model is None:
        user_model = User(username=username, user_handle=secrets.token_bytes(64))
        db.session.add(user_model)
        try:
            db.session.commit()
        except IntegrityError:  # two came with this name at the same moment
            db.session.rollback()
            return "Please try again", 409
    elif user_model.credentials:
        return "User already registered", 400
    challenge = new_challenge("registration", user_model)
    options = APP_CCO_BUILDER.build(user=user_model.entity, challenge=challenge.request)
    return {"challengeID": challenge.id, "creationOptions": jsonify(options)}


@app.post("/registration/response/")
def registration_response() -> Any:
    """The new passkey."""
    try:
        challenge_id, credential, username = read_answer()
    except (KeyError, WebAuthnRPError):
        return "Could not parse input data", 400
    if type(credential.response) is not AuthenticatorAttestationResponse:
        return "Invalid response type", 400
    challenge = take_challenge(challenge_id)
    if challenge is None or challenge.ceremony != "registration":
        return "Could not find challenge matching given id", 400
    user_model = User.query.filter_by(username=username).first()
    if user_model is None or user_model.id != challenge.user_id or user_model.credentials:
        return "Invalid username", 400
    if timestamp_ms() - challenge.timestamp_ms > APP_TIMEOUT:
        return "Timeout", 408
    try:
        APP_CREDENTIALS_BACKEND.handle_credential_attestation(
            credential=credential,
            user=user_model.entity,
            rp=APP_RELYING_PARTY,
            expected_challenge=challenge.request,
            expected_origin=app.config["ORIGIN"],
            require_user_verification=True,
        )
    except WebAuthnRPError as error:
        app.logger.warning("registration refused: %s %s", type(error).__name__, error.step)
        return "Could not handle credential attestation", 400
    return "Success", 200


@app.post("/authentication/request/")
def authentication_request() -> Any:
    """Options to sign in."""
    user_model = User.query.filter_by(username=request.form["username"]).first()
    if user_model is None:
        return "User not registered", 400
    if not user_model.credentials:
        return "User without credential", 400
    challenge = new_challenge("authentication", user_model)
    options = APP_CRO_BUILDER.build(
        challenge=challenge.request,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=credential.id, type=PublicKeyCredentialType.PUBLIC_KEY)
            for credential in user_model.credentials
        ],
    )
    return {"challengeID": challenge.id, "requestOptions": jsonify(options)}


@app.post("/authentication/response/")
def authentication_response() -> Any:
    """The sign-in."""
    try:
        challenge_id, credential, username = read_answer()
    except (KeyError, WebAuthnRPError):
        return "Could not parse input data", 400
    if type(credential.response) is not AuthenticatorAssertionResponse:
        return "Invalid response type", 400
    challenge = take_challenge(challenge_id)
    if challenge is None or challenge.ceremony != "authentication":
        return "Could not find challenge matching given id", 400
    user_model = User.query.filter_by(username=username).first()
    if user_model is None or user_model.id != challenge.user_id:
        return "Invalid username", 400
    if timestamp_ms() - challenge.timestamp_ms > APP_TIMEOUT:
        return "Timeout", 408
    try:
        APP_CREDENTIALS_BACKEND.handle_credential_assertion(
            credential=credential,
            user=user_model.entity,
            rp=APP_RELYING_PARTY,
            expected_challenge=challenge.request,
            expected_origin=app.config["ORIGIN"],
            require_user_verification=True,
        )
    except WebAuthnRPError as error:
        app.logger.warning("authentication refused: %s %s", type(error).__name__, error.step)
        return "Could not handle credential assertion", 400
    # Here an application begins its session.
    return "Success", 200


@app.after_request
def add_headers(response: Any) -> Any:
    """Nothing from elsewhere, and no page of others around ours."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


with app.app_context():
    db.create_all()

if __name__ == "__main__":
    app.run("localhost", int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
