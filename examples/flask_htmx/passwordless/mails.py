"""What goes by e-mail: signing in where there is no passkey yet, and confirming an address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from sqlalchemy.exc import IntegrityError

from passwordless import post, visits
from passwordless.mail_secrets import MailSecrets
from passwordless.models import User, by_confirmed_name, by_uid, db

pages = Blueprint("mails", __name__, url_prefix="/auth")

SIGN_IN, CONFIRM = "sign-in", "confirm"
OVER = "That link or code is used, wrong or older than ten minutes. Ask for a new mail."


def mail_secrets() -> MailSecrets:
    found: MailSecrets = current_app.extensions["mail_secrets"]
    return found


def link(endpoint: str, token: str) -> str:
    """An address for a mail. By the configuration: what a request calls this host, anybody can write."""
    return current_app.config["ORIGIN"] + url_for(endpoint, secret=token)


def client() -> str:
    """Whose mails are counted together: an address, or the network of an IPv6 address, because it comes with 2**64."""
    address = ip_address(request.remote_addr or "::")
    return str(ip_network((address, 64), strict=False) if address.version == 6 else address)


def ask_to_confirm(user: User) -> None:
    made = mail_secrets().issue(CONFIRM, user.uid, user.email, client=client())
    session["confirm_request"] = made.request
    if made.is_to_be_sent:
        post.send(
            user.email,
            subject="Confirm your address",
            template="confirm",
            username=user.username,
            link=link("mails.verify_email", made.token),
            code=made.code,
        )


@pages.get("/email-login")
def email_login() -> str:
    return render_template("email_login.html", name=session.get("login_name", ""))


@pages.post("/email-login")
def send_email_login() -> str:
    """Mail a link and a code, if there is somebody to mail them to; the answer is the same."""
    user = by_confirmed_name(request.form.get("username_email", "")[:254])
    address = user.verified_email if user and user.verified_email else ""
    made = mail_secrets().issue(SIGN_IN, user.uid if user else None, address, client=client())
    session["login_request"] = made.request
    if user is not None and made.is_to_be_sent:
        post.send(
            address,
            subject="Sign in",
            template="sign_in",
            name=user.name,
            link=link("mails.magic_link", made.token),
            code=made.code,
        )
    return render_template("partials/mail_sent.html")


@pages.get("/magic-link")
def magic_link() -> Any:
    """Only a page with a button: programs that look into mails follow links, and must not use them up."""
    secret = request.args.get("secret", "")
    user = by_uid(mail_secrets().look_at_token(SIGN_IN, secret))
    if user is None:
        return render_template("over.html", error=OVER), 400
    return render_template("magic_link.html", secret=secret, owner=user)


@pages.post("/magic-link")
def use_magic_link() -> Any:
    user = by_uid(mail_secrets().take_token(SIGN_IN, request.form.get("secret", "")))
    if user is None:
        return render_template("over.html", error=OVER), 400
    visits.enter(user, used_webauthn=False)
    return redirect(url_for("accounts.profile"))


@pages.post("/email-code")
def use_email_code() -> Any:
    code = request.form.get("code", "")
    user = by_uid(mail_secrets().take_code(SIGN_IN, session.get("login_request", ""), code))
    if user is None:
        return render_template("partials/mail_sent.html", error=OVER), 400
    visits.enter(user, used_webauthn=False)
    return "", 200, {"hx-redirect": url_for("accounts.profile")}


@pages.post("/send-confirmation")
@visits.signed_in
def send_confirmation() -> str:
    ask_to_confirm(visits.user())
    return render_template("partials/confirm_email.html", notice="The mail is on its way.")


@pages.get("/verify-email")
@visits.signed_in
def verify_email() -> str:
    """Who follows the link is signed in: an address is never confirmed for an account that somebody else made."""
    return render_template("verify_email.html", secret=request.args.get("secret", ""))


@pages.post("/verify-email")
@visits.signed_in
def use_verification() -> Any:
    """Take the link's secret or the six digits, and the address is this account's alone."""
    user = visits.user()
    code, secret = request.form.get("code", ""), request.form.get("secret", "")
    if secret:
        uid = mail_secrets().take_token(CONFIRM, secret)
    else:
        uid = mail_secrets().take_code(CONFIRM, session.get("confirm_request", ""), code)
    error = "" if uid == user.uid else OVER
    if not error:
        try:
            user.verified_email = user.email
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            error = "This address belongs to another account. Sign in to that one by e-mail."
    if error:
        return render_template("partials/confirm_email.html", error=error), 400
    flash("Your address is confirmed.")
    return "", 200, {"hx-redirect": url_for("accounts.profile")}
