"""An application without passwords: passkeys, and e-mail where there is none yet."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alembic import command
from alembic.config import Config
from flask import Flask, Response, abort, current_app, redirect, request, url_for
from redis import Redis, RedisError

from passwordless import accounts, credentials, mails, visits
from passwordless.mail_secrets import MailSecrets
from passwordless.models import db
from unlatch import Misconfigured, Policy, RelyingParty, Unavailable
from unlatch.adapters.http.door import module
from unlatch.stores.redis import RedisCeremonies
from unlatch.wire import base64url

DEFAULTS: dict[str, Any] = {
    "ORIGIN": "http://localhost:5000",
    "SQLALCHEMY_DATABASE_URI": "sqlite:///passwordless.sqlite3",
    "REDIS_URL": "redis://localhost:6379/0",
    "MAIL_FROM": "Passwordless <noreply@localhost>",
    "MAIL_SERVER": "",
    "MAIL_PORT": 587,
    "MAIL_STARTTLS": "true",
    "MAIL_CA_FILE": "",
    "MAIL_USERNAME": "",
    "MAIL_PASSWORD": "",
    "TRUSTED_PROXY": "",
}


def create_app(**config: Any) -> Flask:
    """The application; `env.example` has the settings."""
    app = Flask(__name__)
    app.config.from_mapping(DEFAULTS, SECRET_KEY=secrets.token_hex(), MAX_CONTENT_LENGTH=64 * 1024)
    app.config.from_mapping(config)
    origin = urlsplit(app.config["ORIGIN"])
    if origin.scheme == "https" and not (app.config["MAIL_SERVER"] and config.get("SECRET_KEY")):
        raise Misconfigured("Set SECRET_KEY and MAIL_SERVER: in earnest, no mail with a secret is written to the log.")
    # Lax, not Strict: a link in a web mail comes from another site, and must find people signed in.
    app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=origin.scheme == "https")

    db.init_app(app)
    redis = Redis.from_url(app.config["REDIS_URL"])
    app.extensions["redis"] = redis
    app.extensions["mail_secrets"] = MailSecrets(redis)
    app.extensions["ceremonies"] = RedisCeremonies(redis, prefix="passwordless:")
    app.extensions["rp"] = RelyingParty(
        id=origin.hostname or "", name="Passwordless", origins=[app.config["ORIGIN"]], policy=Policy.passkey()
    )

    for part in (accounts, credentials, mails):
        app.register_blueprint(part.pages)
    app.add_url_rule("/", "home", lambda: redirect(url_for("accounts.profile")))
    app.add_url_rule("/unlatch.js", "module", lambda: Response(module(), mimetype="text/javascript"))
    app.add_template_filter(base64url.encode, "base64url")
    for error in (RedisError, Unavailable):
        app.register_error_handler(error, unavailable)
    app.before_request(expect_own_page)
    app.after_request(protect)
    app.context_processor(lambda: {"user": visits.user()})
    return app


def migrate(app: Flask) -> None:
    """Bring the database up to date."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with app.app_context(), db.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def expect_own_page() -> None:
    """Whatever changes something is asked by our own pages: browsers say with each POST where it comes from."""
    if request.method == "POST" and request.headers.get("origin") != current_app.config["ORIGIN"]:
        abort(403)


def unavailable(error: Exception) -> tuple[str, int]:
    """Redis did not answer; nothing was decided. Not a template: who is signed in is not known either."""
    current_app.logger.error("Redis did not answer: %s", error)
    return "This site cannot do that now. Try again in a minute.", 503


def protect(response: Response) -> Response:
    response.headers["content-security-policy"] = (
        "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["referrer-policy"] = "same-origin"  # links of mails have secrets in them
    response.headers["x-content-type-options"] = "nosniff"
    if request.endpoint not in ("static", "module"):
        response.headers["cache-control"] = "no-store"
    return response
