"""Where everything is wrong, the first step refuses; put right one by one, the steps refuse in their order."""

from typing import Any

import pytest

from finishing import register, sign_in
from honest import (
    AT,
    BE,
    BS,
    CHALLENGE,
    ORIGIN,
    RP_ID,
    UP,
    USER,
    UV,
    Credential,
    authentication_body,
    base64url,
    client_data,
    record,
    registration_body,
    relying_party,
)
from signing_keys import signing_key
from unlatch import Refused

TOP = "https://top.example"


def test_registration() -> None:
    """Everything is wrong; one after the other is put right, and the next step refuses."""
    wrong_key = Credential(key=signing_key(-35), id=b"i" * 1024)
    client = {
        "kind": "webauthn.get",
        "challenge": b"x" * 32,
        "origin": "https://evil.test",
        "crossOrigin": True,
        "topOrigin": TOP,
    }
    data: dict[str, Any] = {"rp_id": "evil.test", "flags": BS | AT}
    policy: dict[str, Any] = {
        "user_verification": "required",
        "backup": "required",
        "require_backed_up": True,
        "unsolicited_extensions": "refuse",
    }
    body_extra: dict[str, Any] = {"clientExtensionResults": {"later": 1}}
    credential = wrong_key
    corrections: list[tuple[str, Any]] = [
        ("type", lambda: client.update(kind="webauthn.create")),
        ("challenge", lambda: client.update(challenge=CHALLENGE)),
        ("origin", lambda: client.update(origin=ORIGIN)),
        ("cross-origin", lambda: policy.update(allow_cross_origin=True)),
        ("top-origin", lambda: policy.update(top_origins=[TOP])),
        ("rp-id-hash", lambda: data.update(rp_id=RP_ID)),
        ("user-presence", lambda: data.update(flags=BS | AT | UP)),
        ("user-verification", lambda: data.update(flags=BS | AT | UP | UV)),
        ("backup-flags", lambda: data.update(flags=AT | UP | UV)),
        ("backup-eligibility", lambda: data.update(flags=AT | UP | UV | BE)),
        ("backup-state", lambda: data.update(flags=AT | UP | UV | BE | BS)),
        ("algorithm", lambda: policy.update(algorithms=[-35])),
        ("credential-id-length", lambda: setattr(credential, "id", b"i")),
        ("extensions", lambda: body_extra.update(clientExtensionResults={})),
    ]
    for expected, correct in corrections:
        body = registration_body(credential, client=client_data(**client), **data) | body_extra
        with pytest.raises(Refused) as caught:
            register(body, rp=relying_party(**policy))
        assert caught.value.step == f"registration.{expected}"
        correct()
    body = registration_body(credential, client=client_data(**client), **data) | body_extra
    assert register(body, rp=relying_party(**policy)).record


def test_authentication() -> None:
    """Everything is wrong; one after the other is put right, and the next step refuses."""
    credential = Credential(user_handle=b"somebody else")
    stored = record(credential, user_handle=USER.id, sign_count=5, backup_eligible=False)
    allowed = record(Credential(id=b"another"))
    begin: dict[str, Any] = {"user": USER, "records": [allowed]}
    client = {
        "kind": "webauthn.create",
        "challenge": b"x" * 32,
        "origin": "https://evil.test",
        "crossOrigin": True,
        "topOrigin": TOP,
    }
    data: dict[str, Any] = {"rp_id": "evil.test", "flags": BS, "count": 5, "signature": base64url(bytes(70))}
    policy: dict[str, Any] = {"user_verification": "required", "unsolicited_extensions": "refuse"}
    extra: dict[str, Any] = {"clientExtensionResults": {"later": 1}}
    corrections: list[tuple[str, Any]] = [
        ("allow-credentials", lambda: begin.update(records=[allowed, stored])),
        ("user", lambda: setattr(credential, "user_handle", USER.id)),
        ("type", lambda: client.update(kind="webauthn.get")),
        ("challenge", lambda: client.update(challenge=CHALLENGE)),
        ("origin", lambda: client.update(origin=ORIGIN)),
        ("cross-origin", lambda: policy.update(allow_cross_origin=True)),
        ("top-origin", lambda: policy.update(top_origins=[TOP])),
        ("rp-id-hash", lambda: data.update(rp_id=RP_ID)),
        ("user-presence", lambda: data.update(flags=BS | UP)),
        ("user-verification", lambda: data.update(flags=BS | UP | UV)),
        ("backup-flags", lambda: data.update(flags=UP | UV | BE)),
        ("backup-eligibility", lambda: policy.update(eligibility_change="report")),
        ("signature", lambda: data.pop("signature")),
        ("sign-count", lambda: data.update(count=6)),
        ("extensions", lambda: extra.update(clientExtensionResults={})),
    ]
    for expected, correct in corrections:
        body = authentication_body(credential, client=client_data(**client), **data) | extra
        with pytest.raises(Refused) as caught:
            sign_in(body, stored, rp=relying_party(**policy), begin=begin)
        assert caught.value.step == f"authentication.{expected}"
        correct()
    body = authentication_body(credential, client=client_data(**client), **data) | extra
    assert sign_in(body, stored, rp=relying_party(**policy), begin=begin)
