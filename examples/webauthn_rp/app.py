"""The server of webauthn-rp's guide, with its import lines changed and its faults mended.

Mended: a challenge is used once, for one ceremony of one user; a name that has a passkey cannot be taken over by adding
another; "User without credential" is really sent; ids and keys are kept as bytes. Added: what follows "Success".
"""

from __future__ import annotations

import secrets
import sys
import time
from typing import Any

from flask import Flask, Response, abort, render_template, request, session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import UniqueConstraint, delete, update
from sqlalchemy.exc import IntegrityError

from unlatch.adapters.http.door import module
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
from unlatch.wire import base64url

app = Flask(__name__)
app.config["ORIGIN"] = "http://localhost:5000"
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///example.db"  # in the folder `instance`
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
app.config["SECRET_KEY"] = secrets.token_hex()  # set it, or everybody is signed out by a restart
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
app.config.from_prefixed_env("GUIDE")  # GUIDE_ORIGIN=..., GUIDE_SQLALCHEMY_DATABASE_URI=...
app.config["SESSION_COOKIE_SECURE"] = app.config["ORIGIN"].startswith("https:")

db = SQLAlchemy(app)

#: Milliseconds that a person has for a ceremony, and after a sign-in in which passkeys may be added and removed.
APP_TIMEOUT, APP_RECENT = 60_000, 600_000
APP_RELYING_PARTY = PublicKeyCredentialRpEntity(name="The guide", id="localhost")
APP_CCO_BUILDER = CredentialCreationOptionsBuilder(
    rp=APP_RELYING_PARTY,
    pub_key_cred_params=[
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=alg)
        for alg in (COSEAlgorithmIdentifier.Value.ES256, COSEAlgorithmIdentifier.Value.RS256)
    ],
    timeout=APP_TIMEOUT,
    authenticator_selection=AuthenticatorSelectionCriteria(
        require_resident_key=True, user_verification=UserVerificationRequirement.REQUIRED
    ),
)
APP_CRO_BUILDER = CredentialRequestOptionsBuilder(
    rp_id=APP_RELYING_PARTY.id, timeout=APP_TIMEOUT, user_verification=UserVerificationRequirement.REQUIRED
)


class User(db.Model):
    """Somebody with a name."""

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(32), unique=True, nullable=False)
    user_handle = db.Column(db.LargeBinary(64), unique=True, nullable=False)
    credentials = db.relationship("Credential", backref=db.backref("user", lazy=True), order_by="Credential.number")

    @property
    def entity(self) -> PublicKeyCredentialUserEntity:
        """The user in the words of WebAuthn."""
        return PublicKeyCredentialUserEntity(name=self.username, id=self.user_handle, display_name=self.username)

    @staticmethod
    def by_user_handle(user_handle: bytes) -> User | None:
        """The user with this handle."""
        return User.query.filter_by(user_handle=user_handle).first()


class Credential(db.Model):
    """A passkey; its id is the raw id. Of two first ones that come at the same moment one is refused, by its number."""

    __table_args__ = (UniqueConstraint("user_id", "number"),)

    id = db.Column(db.LargeBinary(1023), primary_key=True)
    signature_count = db.Column(db.Integer, nullable=True)
    credential_public_key = db.Column(db.LargeBinary, nullable=False)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"), nullable=False)
    number = db.Column(db.Integer, nullable=False)

    @property
    def descriptor(self) -> PublicKeyCredentialDescriptor:
        """The passkey in the words of WebAuthn."""
        return PublicKeyCredentialDescriptor(id=self.id, type=PublicKeyCredentialType.PUBLIC_KEY)


class Challenge(db.Model):
    """What an answer has to answer, for one ceremony of one user (autofill: of anybody). The id cannot be guessed."""

    id = db.Column(db.String(43), primary_key=True)
    request = db.Column(db.LargeBinary(64), unique=True, nullable=False)
    timestamp_ms = db.Column(db.Integer, nullable=False)
    ceremony = db.Column(db.String(16), nullable=False)
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"), nullable=True)


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
        """Keep a new credential; the constraints refuse one that is there already, and a second first one of a user."""
        user_model = User.by_user_handle(user.id)
        if user_model is None:
            return "No user found"
        known = [each.number for each in user_model.credentials] if is_signed_in(user_model) else []
        db.session.add(
            Credential(
                id=credential.raw_id,
                signature_count=None,
                credential_public_key=cose_key(att.auth_data.attested_credential_data.credential_public_key),
                user_id=user_model.id,
                number=max(known, default=0) + 1,
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


def signed_in() -> Credential | None:
    """The passkey that opened this session; the session ends with it."""
    return db.session.get(Credential, base64url.decode(session.get("credential", ""), "credential"))


def is_signed_in(user_model: User) -> bool:
    """Whether this user is signed in, since a few minutes ago at most: an open session that is found does not do."""
    credential = signed_in()
    is_recent = timestamp_ms() - session.get("since", 0) < APP_RECENT
    return credential is not None and credential.user_id == user_model.id and is_recent


def may_register(user_model: User) -> bool:
    """A name without a passkey is anybody's, one that has a passkey its owner's alone."""
    return not user_model.credentials or is_signed_in(user_model)


def sign_in(credential: PublicKeyCredential) -> None:
    """Begin a session."""
    session.clear()
    session.update(credential=base64url.encode(credential.raw_id), since=timestamp_ms())


def new_challenge(ceremony: str, user_model: User | None) -> Challenge:
    """A challenge for one ceremony of one user, or of anybody. Those that nobody answered in time are forgotten."""
    db.session.execute(delete(Challenge).where(Challenge.timestamp_ms < timestamp_ms() - APP_TIMEOUT))
    challenge = Challenge(
        id=secrets.token_urlsafe(32),
        request=secrets.token_bytes(64),
        timestamp_ms=timestamp_ms(),
        ceremony=ceremony,
        user_id=None if user_model is None else user_model.id,
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


app.add_url_rule("/", "index", lambda: render_template("index.html"))
app.add_url_rule("/unlatch.js", "module", lambda: Response(module(), mimetype="text/javascript"))


@app.post("/registration/request/")
def registration_request() -> Any:
    """Options to make a passkey, for a name that has none or for whoever is signed in by this name."""
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
    elif not may_register(user_model):
        return "User already registered", 400
    challenge = new_challenge("registration", user_model)
    builder = APP_CCO_BUILDER.exclude_credentials([each.descriptor for each in user_model.credentials])
    options = builder.build(user=user_model.entity, challenge=challenge.request)
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
    if user_model is None or user_model.id != challenge.user_id or not may_register(user_model):
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
    sign_in(credential)
    return "Success", 200


@app.post("/authentication/request/")
def authentication_request() -> Any:
    """Options to sign in; with an empty user name for autofill."""
    username = request.form["username"]
    user_model = User.query.filter_by(username=username).first()
    if username and user_model is None:
        return "User not registered", 400
    if user_model is not None and not user_model.credentials:
        return "User without credential", 400
    challenge = new_challenge("authentication", user_model)
    allowed = [] if user_model is None else [each.descriptor for each in user_model.credentials]
    options = APP_CRO_BUILDER.build(challenge=challenge.request, allow_credentials=allowed)
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
    if (user_model is None and username) or challenge.user_id != (user_model and user_model.id):
        return "Invalid username", 400
    if timestamp_ms() - challenge.timestamp_ms > APP_TIMEOUT:
        return "Timeout", 408
    try:
        APP_CREDENTIALS_BACKEND.handle_credential_assertion(
            credential=credential,
            user=user_model and user_model.entity,  # with nobody named, the passkey says whose it is
            rp=APP_RELYING_PARTY,
            expected_challenge=challenge.request,
            expected_origin=app.config["ORIGIN"],
            require_user_verification=True,
        )
    except WebAuthnRPError as error:
        app.logger.warning("authentication refused: %s %s", type(error).__name__, error.step)
        return "Could not handle credential assertion", 400
    sign_in(credential)
    return "Success", 200


@app.get("/account/")
def account() -> Any:
    """Who is signed in, with which passkeys."""
    credential = signed_in()
    if credential is None:
        return {"username": None, "credentials": []}
    kept = [base64url.encode(each.id) for each in credential.user.credentials]
    return {"username": credential.user.username, "credentials": kept}


@app.post("/account/remove/")
def remove() -> Any:
    """Remove a passkey, but not the last one."""
    credential = signed_in()
    if credential is None or not is_signed_in(credential.user):
        return "Sign in again first", 403
    # A write that changes nothing holds the user's row until the commit, also in SQLite, which has no FOR UPDATE: what
    # is counted then stays so, and of two removals at once one finds the last passkey.
    db.session.execute(update(User).filter_by(id=credential.user_id).values(id=credential.user_id))
    kept = {base64url.encode(each.id): each for each in credential.user.credentials}
    if len(kept) == 1 or request.form["id"] not in kept:
        return "This passkey cannot be removed", 400
    db.session.delete(kept[request.form["id"]])
    db.session.commit()
    return "Success", 200


@app.post("/sign-out/")
def sign_out() -> Any:
    """End the session."""
    session.clear()
    return "Success", 200


@app.before_request
def expect_own_page() -> None:
    """Nobody else's page uses the visitor's session: browsers say with each POST where it comes from."""
    if request.method == "POST" and request.headers.get("Origin", app.config["ORIGIN"]) != app.config["ORIGIN"]:
        abort(403)


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
