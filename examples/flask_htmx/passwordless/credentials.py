"""Passkeys: making them, signing in with them, removing them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, jsonify, make_response, redirect, render_template, request, session
from flask import url_for as url

from passwordless import visits
from passwordless.models import User, by_uid, db
from unlatch import Malformed, Passkeys, Refused
from unlatch.stores.sqlalchemy import SqlCredentials
from unlatch.wire import base64url

pages = Blueprint("credentials", __name__, url_prefix="/auth")

SIGN_IN_AGAIN = "Sign in again first: whoever adds or removes a passkey has to be verified just now."


def passkeys() -> Passkeys:
    """The passkeys, in the transaction of this request; what was begun waits in Redis, apart from it."""
    return Passkeys(
        current_app.extensions["rp"],
        credentials=SqlCredentials(db.session.connection()),
        ceremonies=current_app.extensions["ceremonies"],
    )


def creation(user: User) -> Any:
    return passkeys().begin_registration(user.entity, session=visits.browser())


def verified(user: User) -> Any:
    """The answer that page scripts expect, and the cookie that remembers who it was."""
    answer = jsonify(verified=True, next=visits.own_path(request.args.get("next")))
    return visits.remember(answer, user)


def refused(sentence: str) -> Any:
    db.session.rollback()
    return jsonify(verified=False, error=sentence), 400


def posted() -> tuple[str, Any]:
    """Which ceremony is answered, and the answer; whatever else was sent is an answer that no ceremony expects."""
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    return str(body.get("ceremony_id", "")), body.get("credential", {})


@pages.get("/create-credential")
@visits.signed_in
def create_credential() -> Any:
    """Begin to set this device up."""
    if not visits.is_recent():
        return render_template("partials/error.html", error=SIGN_IN_AGAIN), 403
    return render_template("partials/register_credential.html", begun=creation(visits.user()))


@pages.post("/add-credential")
def add_credential() -> Any:
    user = visits.user()
    if user is None or not visits.is_recent():
        return refused(SIGN_IN_AGAIN)
    ceremony_id, credential = posted()
    try:
        made = passkeys().finish_registration(ceremony_id, credential, session=visits.browser())
    except (Malformed, Refused) as error:
        return refused(str(error))
    if made.user.id != user.handle:
        return refused("This was begun by somebody else.")
    db.session.commit()
    session["used_webauthn"] = True
    flash("This device is set up.")
    return verified(user)


@pages.get("/login")
def login() -> str:
    """Who was here before goes straight to the passkey."""
    known = visits.remembered()
    page = {"known": known, "next": request.args.get("next")}
    if known is not None:
        page["begun"] = passkeys().begin_authentication(known.handle, session=visits.browser())
    return render_template("login.html", **page)


@pages.post("/prepare-login")
def prepare_login() -> str:
    """The same for every name, so that nobody learns who has an account: the passkey says whose it is."""
    session["login_name"] = request.form.get("username_email", "")[:254]
    begun = passkeys().begin_authentication(session=visits.browser())
    return render_template("partials/login_credential.html", begun=begun, next=request.args.get("next"))


@pages.post("/autofill-options")
def autofill_options() -> Any:
    begun = passkeys().begin_authentication(session=visits.browser())
    return jsonify(ceremony_id=begun.id, expires_in=begun.options.timeout // 1000, options=begun.options.to_json())


@pages.post("/verify-login-credential")
def verify_login_credential() -> Any:
    ceremony_id, credential = posted()
    try:
        signed_in = passkeys().finish_authentication(ceremony_id, credential, session=visits.browser())
    except (Malformed, Refused):
        return refused("That passkey does not open anything here.")
    user = by_uid(signed_in.user_handle.decode())
    if user is None:
        return refused("That passkey does not open anything here.")
    db.session.commit()
    visits.enter(user, used_webauthn=True)
    return verified(user)


@pages.post("/login-switch-user")
def login_switch_user() -> Any:
    answer = make_response(redirect(url("credentials.login")))
    answer.delete_cookie(visits.REMEMBERED)
    return answer


@pages.post("/remove-credential")
@visits.signed_in
def remove_credential() -> Any:
    """Remove a passkey, and end all other sessions."""
    user = visits.user()
    kept = passkeys().list(user.handle)
    wanted = next((each.id for each in kept if base64url.encode(each.id) == request.form.get("id")), None)
    error = ""
    if not visits.is_recent():
        error = SIGN_IN_AGAIN
    elif len(kept) == 1 and user.verified_email is None:
        error = "This is your last passkey, and your e-mail address is not confirmed: you could not sign in again."
    elif wanted is not None:
        # A device that was lost is out at once. And of two removals at once, one alone has seen all passkeys.
        if visits.end_elsewhere(user):
            passkeys().remove(user.handle, wanted)
            db.session.commit()
        else:
            error = "Your passkeys were changed a moment ago. Look at them, then try again."
    return render_template("partials/passkeys.html", passkeys=passkeys().list(user.handle), error=error)


@pages.post("/revoke-credentials")
@visits.signed_in
def revoke_credentials() -> Any:
    """Remove all passkeys and end all sessions; a sign-in mail is the way back."""
    user = visits.user()
    kept = passkeys().list(user.handle)
    error = "" if user.verified_email else "Confirm your e-mail address first: it is your only way back."
    if error or not visits.is_recent():
        return render_template("partials/passkeys.html", passkeys=kept, error=error or SIGN_IN_AGAIN)
    for record in kept:
        passkeys().remove(user.handle, record.id)
    user.epoch = User.epoch + 1  # counted by the database: a removal at the same time counts too
    db.session.commit()
    visits.leave()
    flash("All your passkeys are removed, and you are signed out everywhere.")
    return "", 200, {"hx-redirect": url("credentials.login")}
