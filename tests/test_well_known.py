"""Documents that browsers and passkey managers fetch."""

import json

import pytest

from unlatch import Misconfigured
from unlatch.well_known import labels, passkey_endpoints, registrable_domain, related_origins

SIX = [f"https://{name}.example" for name in ("a", "b", "c", "d", "e", "f")]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.com", "example.com"),
        ("www.example.de", "example.de"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.co.uk", "example.co.uk"),
        ("shop.example.com.au", "example.com.au"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("me.example.com", "example.com"),
    ],
)
def test_the_rule_of_thumb(host, expected):
    assert registrable_domain(host) == expected


def test_labels():
    origins = ["https://example.co.uk", "https://www.example.de", "https://other.com:8443", "http://localhost:8000"]
    assert labels(origins) == ("example", "other", "localhost")
    assert labels(origins, lambda host: host) == ("example", "www", "other", "localhost")


def test_related_origins():
    document = related_origins(["https://example.de", "https://example.co.uk"])
    assert document.path == "/.well-known/webauthn"
    assert document.media_type == "application/json"
    assert json.loads(document.body) == {"origins": ["https://example.de", "https://example.co.uk"]}


def test_five_labels_are_what_every_client_takes():
    assert related_origins(SIX[:5])
    with pytest.raises(Misconfigured) as caught:
        related_origins(SIX)
    assert "6 labels" in caught.value.detail
    assert json.loads(related_origins(SIX, max_labels=None).body)["origins"] == SIX
    assert related_origins(SIX, registrable_domain=lambda _: "example.org")
    many_hosts_of_one_label = [f"https://{name}.example.com" for name in "abcdefgh"]
    assert related_origins(many_hosts_of_one_label)


@pytest.mark.parametrize(
    "origins",
    [
        [],
        "https://example.de",
        ["https://example.de/"],
        ["https://example.de", "https://example.de"],
        ["android:apk-key-hash:" + "A" * 43],
        ["http://example.de"],
        [5],
    ],
    ids=str,
)
def test_related_origins_that_cannot_be(origins):
    with pytest.raises(Misconfigured):
        related_origins(origins)


def test_passkey_endpoints():
    document = passkey_endpoints(
        enroll="https://example.org/account/passkeys/new",
        manage="https://example.org/account",
        prf_usage_details="https://example.org/help#encryption",
    )
    assert document.path == "/.well-known/passkey-endpoints"
    assert json.loads(document.body) == {
        "enroll": "https://example.org/account/passkeys/new",
        "manage": "https://example.org/account",
        "prfUsageDetails": "https://example.org/help#encryption",
    }
    assert passkey_endpoints().body == b"{}"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "/account",
        "http://example.org",
        "https://",
        "https://[x",
        "https://a@example.org",
        "https://exämple.org",
        "https://example.org/a b",
        "javascript:alert(1)",
        5,
    ],
)
@pytest.mark.parametrize("name", ["enroll", "manage", "prf_usage_details"])
def test_pages_that_are_none(name, page):
    with pytest.raises(Misconfigured):
        passkey_endpoints(**{name: page})
