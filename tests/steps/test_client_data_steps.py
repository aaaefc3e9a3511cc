"""Type, challenge, origin and framing, each at its boundary (the two ceremonies share the steps)."""

from typing import Any

import pytest

from finishing import register, registration_refused, registration_with
from honest import (
    CHALLENGE,
    ORIGIN,
    RP_ID,
    base64url,
    client_data,
    registration_body,
    relying_party,
)
from unlatch import RelyingParty
from unlatch.codes import Code
from unlatch.errors import (
    ClientDataRefused,
)


@pytest.mark.parametrize("kind", ["webauthn.get", "payment.get", "webauthn.Create", "", "webauthn.create "])
def test_type(kind: str) -> None:
    assert registration_refused(ClientDataRefused, registration_body(client=client_data(kind))) == (
        Code.TYPE_MISMATCH,
        "type",
    )


@pytest.mark.parametrize(
    "challenge",
    [
        bytes(32),
        CHALLENGE[:-1],
        CHALLENGE + b"\0",
        base64url(CHALLENGE) + "=",
        base64url(CHALLENGE)[:-1],
        "",
        "é" * 43,
        base64url(CHALLENGE).replace("A", "a"),
    ],
)
def test_challenge(challenge: Any) -> None:
    assert registration_refused(ClientDataRefused, registration_with(challenge=challenge)) == (
        Code.CHALLENGE_MISMATCH,
        "challenge",
    )


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://example.org",
        "https://example.org/",
        "https://example.org:443",
        "https://Example.org",
        "https://login.example.org",
        "https://example.org.evil.test",
        "https://evilexample.org",
        "",
        "null",
        "example.org",
        "android:apk-key-hash:" + "A" * 43,
    ],
)
def test_origin(origin: str) -> None:
    assert registration_refused(ClientDataRefused, registration_with(origin=origin)) == (
        Code.ORIGIN_NOT_EXPECTED,
        "origin",
    )


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("https://a.example.org", True),
        ("https://a.b.example.org", True),
        ("https://xn--mnchen-3ya.example.org", True),
        ("https://1.example.org", True),
        ("https://example.org", True),
        ("http://a.example.org", False),
        ("https://a.example.org:8443", False),
        ("https://a.example.org/", False),
        ("https://A.example.org", False),
        ("https://.example.org", False),
        ("https://a..example.org", False),
        ("https://.example.orga.example.org", False),
        ("https://-a.example.org", False),
        ("https://a-.example.org", False),
        ("https://evil.test/.example.org", False),
        ("https://evil.test#.example.org", False),
        ("https://evil.test?.example.org", False),
        ("https://evil.test\\.example.org", False),
        ("https://user@a.example.org", False),
        ("https://aexample.org", False),
        ("https://ä.example.org", False),
        ("https://a.example.org\n", False),
        ("https://" + "a" * 64 + ".example.org", False),
        ("ftp://a.example.org", False),
        ("a.example.org", False),
    ],
)
def test_subdomains(origin: str, accepted: bool) -> None:
    rp = relying_party(allow_subdomains=True)
    if accepted:
        assert register(registration_with(origin=origin), rp=rp).origin == origin
    else:
        assert registration_refused(ClientDataRefused, registration_with(origin=origin), rp=rp) == (
            Code.ORIGIN_NOT_EXPECTED,
            "origin",
        )


def test_related_and_app_origins() -> None:
    app = "android:apk-key-hash:" + "A" * 43
    rp = RelyingParty(RP_ID, related_origins=["https://example.com"], app_origins=[app])
    for origin in (ORIGIN, "https://example.com", app):
        assert register(registration_with(origin=origin), rp=rp).origin == origin


TOP = "https://top.example"


@pytest.mark.parametrize(
    ("policy", "members", "outcome"),
    [
        ({}, {"crossOrigin": False}, None),
        ({}, {"crossOrigin": ...}, None),
        ({}, {"crossOrigin": True}, (Code.CROSS_ORIGIN_NOT_EXPECTED, "cross-origin")),
        ({}, {"crossOrigin": True, "topOrigin": TOP}, (Code.CROSS_ORIGIN_NOT_EXPECTED, "cross-origin")),
        ({}, {"topOrigin": TOP}, (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin")),
        ({}, {"topOrigin": ORIGIN}, (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin")),
        ({"allow_cross_origin": True}, {"crossOrigin": True}, None),
        ({"allow_cross_origin": True}, {"crossOrigin": False}, None),
        (
            {"allow_cross_origin": True},
            {"crossOrigin": True, "topOrigin": TOP},
            (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin"),
        ),
        ({"allow_cross_origin": True, "top_origins": [TOP]}, {"crossOrigin": True, "topOrigin": TOP}, None),
        ({"allow_cross_origin": True, "top_origins": [TOP]}, {"crossOrigin": True}, None),
        (
            {"allow_cross_origin": True, "top_origins": [TOP]},
            {"crossOrigin": True, "topOrigin": TOP + "/"},
            (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin"),
        ),
        (
            {"allow_cross_origin": True, "top_origins": [TOP]},
            {"crossOrigin": False, "topOrigin": TOP},
            (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin"),
        ),
        (
            {"allow_cross_origin": True, "top_origins": [TOP]},
            {"crossOrigin": ..., "topOrigin": TOP},
            (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin"),
        ),
        ({"allow_cross_origin": True, "top_origins": ["*"]}, {"crossOrigin": True, "topOrigin": TOP}, None),
        (
            {"allow_cross_origin": True, "top_origins": ["*"]},
            {"crossOrigin": False, "topOrigin": TOP},
            (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin"),
        ),
    ],
)
def test_framing(policy: dict[str, Any], members: dict[str, Any], outcome: Any) -> None:
    rp = relying_party(**policy)
    if outcome is None:
        registration = register(registration_with(**members), rp=rp)
        assert registration.cross_origin is (members.get("crossOrigin") is True)
        assert registration.top_origin == members.get("topOrigin")
    else:
        assert registration_refused(ClientDataRefused, registration_with(**members), rp=rp) == outcome
