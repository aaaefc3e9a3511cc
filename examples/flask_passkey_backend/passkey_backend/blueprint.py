"""The routes."""

from typing import Any

from flask_openapi import APIBlueprint

from passkey_backend import controller
from passkey_backend.dto import (
    AccountModel,
    ErrorModel,
    Options,
    PasskeyVerifModel,
    RemovalModel,
    UserEntity,
    VerifiedAuthentication,
    VerifiedRegistration,
)

ERRORS = {400: ErrorModel, 403: ErrorModel, 413: ErrorModel, 503: ErrorModel}
api = APIBlueprint("passkey", __name__, url_prefix="/passkey", abp_responses=ERRORS)


@api.post("/register-passkey", summary="Options for a new passkey", responses={200: Options})
def register_passkey(body: UserEntity) -> dict[str, Any]:
    return controller.register(body)


@api.post("/verify-register-passkey", summary="Keep a new passkey", responses={200: VerifiedRegistration})
def verify_register_passkey(body: PasskeyVerifModel) -> dict[str, Any]:
    return controller.verify_registration(body)


@api.post("/login-passkey", summary="Options for a sign-in", responses={200: Options})
def login_passkey() -> dict[str, Any]:
    return controller.sign_in()


@api.post("/verify-login-passkey", summary="Sign in", responses={200: VerifiedAuthentication})
def verify_login_passkey(body: PasskeyVerifModel) -> dict[str, Any]:
    return controller.verify_sign_in(body)


@api.get("/account", summary="Who is signed in", responses={200: AccountModel})
def account() -> dict[str, Any]:
    return controller.account()


@api.post("/remove-passkey", summary="Remove a passkey", responses={200: AccountModel})
def remove_passkey(body: RemovalModel) -> dict[str, Any]:
    return controller.remove(body)


@api.post("/sign-out", summary="End the session", responses={200: AccountModel})
def sign_out() -> dict[str, Any]:
    return controller.sign_out()
