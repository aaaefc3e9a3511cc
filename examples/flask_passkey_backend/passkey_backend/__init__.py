"""A REST backend for passkeys: blueprint, controller, service, entities."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, abort, current_app, render_template, request
from flask_openapi import Info, OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from passkey_backend.blueprint import api
from passkey_backend.dto import ErrorModel
from passkey_backend.entities import db
from passkey_backend.service import PasskeyService
from unlatch import Policy, RelyingParty, UnlatchError
from unlatch.adapters.http.door import module


def create_app(**config: Any) -> OpenAPI:
    """The application; `config` wins over the environment, whose names begin with PASSKEY_."""
    app = OpenAPI(
        __name__,
        info=Info(title="Passkeys", version="1"),
        validation_error_status=400,
        validation_error_model=ErrorModel,
        validation_error_callback=invalid,
    )
    app.config.from_mapping(
        SECRET_KEY=secrets.token_hex(),  # set it, or everybody is signed out by a restart
        SQLALCHEMY_DATABASE_URI="sqlite:///passkeys.sqlite3",
        RP_ID="localhost",
        ORIGINS=["http://localhost:5000"],
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    app.config.from_prefixed_env("PASSKEY")
    app.config.from_mapping(config)
    app.config["SESSION_COOKIE_SECURE"] = all(each.startswith("https:") for each in app.config["ORIGINS"])

    db.init_app(app)
    with app.app_context():
        db.create_all()
    rp = RelyingParty(
        id=app.config["RP_ID"], name="Passkey backend", origins=app.config["ORIGINS"], policy=Policy.passkey()
    )
    app.extensions["passkeys"] = PasskeyService(rp)

    app.register_api(api)
    app.register_error_handler(UnlatchError, refused)
    app.register_error_handler(HTTPException, failed)
    app.add_url_rule("/", "page", lambda: app.send_static_file("index.html"))
    app.add_url_rule("/api", "api", lambda: render_template("api.html", document=app.api_doc))
    app.add_url_rule("/unlatch.js", "module", lambda: Response(module(), mimetype="text/javascript"))
    app.before_request(expect_own_page)
    app.after_request(protect)
    return app


def expect_own_page() -> None:
    """Nobody else's page uses the visitor's session; programs that are no browsers send no `Origin`."""
    if request.method == "POST" and request.headers.get("origin") not in (None, *current_app.config["ORIGINS"]):
        abort(403)


def invalid(error: ValidationError) -> Response:
    """A body that is not what the models say."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    what = "this is not what belongs here" if first["type"] == "string_pattern_mismatch" else first["msg"]
    return answer(400, f"{where}: {what}" if where else what)


def refused(error: UnlatchError) -> Response:
    """What the library refuses; its sentences are safe to show, `error.evidence()` is for the log."""
    db.session.rollback()
    return answer(503 if error.status_hint == 503 else 400, str(error))


def failed(error: HTTPException) -> Response:
    """Everything else that has a status: not found, too large, not allowed."""
    db.session.rollback()
    return answer(error.code or 500, error.description or "")


def answer(status: int, sentence: str) -> Response:
    return Response(ErrorModel(error=sentence).model_dump_json(), status, mimetype="application/json")


def protect(response: Response) -> Response:
    response.headers["content-security-policy"] = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    response.headers["x-content-type-options"] = "nosniff"
    return response
