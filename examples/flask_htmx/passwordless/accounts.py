"""Sign-up, profile, sign-out."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from sqlalchemy.exc import IntegrityError

from passwordless import mails, visits
from passwordless.credentials import creation, passkeys
from passwordless.models import User, db, sweep

pages = Blueprint("accounts", __name__, url_prefix="/auth")

USERNAME = re.compile(r"[a-z0-9_.-]{1,64}")
# One address and nothing else: a list, a display name or a line break would go on in the header of a mail.
EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]")


@pages.get("/register")
def register() -> str:
    return render_template("register.html", form={})


@pages.post("/create-user")
def create_user() -> Any:
    """Make an account; the partial that answers asks for its first passkey, or for something else in the form."""
    username = request.form.get("username", "").strip().lower()
    email = request.form.get("email", "").strip().lower()
    name = request.form.get("name", "").strip() or username
    error = ""
    if not USERNAME.fullmatch(username):
        error = "A username has letters, digits, dots, hyphens or underscores, and no more than 64 of them."
    elif not EMAIL.fullmatch(email) or len(email) > 254:
        error = "That is not an e-mail address."
    elif len(name) > 255 or not name.isprintable():
        error = "That name is too long, or has characters that cannot be shown."
    user = User(username=username, email=email, name=name)
    if not error:
        try:
            sweep()
            db.session.add(user)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            error = "That username is taken. Please choose another one."
    if error:
        return render_template("partials/user_creation_form.html", error=error, form=request.form), 400
    visits.enter(user, used_webauthn=False)
    mails.ask_to_confirm(user)
    return render_template("partials/register_credential.html", begun=creation(user))


@pages.get("/user-profile")
@visits.signed_in
def profile() -> str:
    user = visits.user()
    return render_template(
        "profile.html", passkeys=passkeys().list(user.handle), used_webauthn=session["used_webauthn"]
    )


@pages.post("/logout")
def logout() -> Any:
    visits.leave()
    flash("You are signed out.")
    return redirect(url_for("credentials.login"))
