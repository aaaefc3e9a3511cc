"""Finish an honest ceremony, or see which step refuses a dishonest one."""

from __future__ import annotations

from typing import Any

import pytest

from honest import (
    NOW,
    authentication_body,
    authentication_state,
    client_data,
    record,
    registration_body,
    registration_state,
    relying_party,
)
from unlatch import Authentication, CredentialRecord, Refused, Registration, RelyingParty
from unlatch.codes import Code


def register(
    body: Any = None, *, rp: RelyingParty | None = None, begin: dict[str, Any] | None = None, **arguments: Any
) -> Registration:
    """Finish a registration that began with the arguments in `begin`; an honest one unless told otherwise."""
    rp = rp or relying_party()
    state = registration_state(rp, **begin or {})
    return rp.finish_registration(state, registration_body() if body is None else body, **{"now": NOW} | arguments)


def sign_in(
    body: Any = None,
    stored: CredentialRecord | None = None,
    *,
    rp: RelyingParty | None = None,
    begin: dict[str, Any] | None = None,
    **arguments: Any,
) -> Authentication:
    """Finish an authentication that began with the arguments in `begin`; an honest one unless told otherwise."""
    rp = rp or relying_party()
    state = authentication_state(rp, **begin or {})
    body = authentication_body() if body is None else body
    return rp.finish_authentication(state, body, stored or record(), **{"now": NOW} | arguments)


def registration_refused(kind: type[Refused], *arguments: Any, **named: Any) -> tuple[Code, str]:
    """Code and step of the refusal, which must be of exactly this kind."""
    with pytest.raises(Refused) as caught:
        register(*arguments, **named)
    return _judged(kind, caught.value, "registration")


def sign_in_refused(kind: type[Refused], *arguments: Any, **named: Any) -> tuple[Code, str]:
    """Code and step of the refusal, which must be of exactly this kind."""
    with pytest.raises(Refused) as caught:
        sign_in(*arguments, **named)
    return _judged(kind, caught.value, "authentication")


def _judged(kind: type[Refused], refusal: Refused, ceremony: str) -> tuple[Code, str]:
    assert type(refusal) is kind
    named, step = refusal.step.split(".")
    assert named == ceremony
    assert refusal.evidence()["step"] == refusal.step
    return refusal.code, step


def registration_with(**members: Any) -> dict[str, Any]:
    """A registration body whose client data has these members."""
    return registration_body(client=client_data("webauthn.create", **members))


def sign_in_with(**members: Any) -> dict[str, Any]:
    """An authentication body whose client data has these members."""
    return authentication_body(client=client_data("webauthn.get", **members))
