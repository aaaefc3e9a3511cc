"""Configuration errors: what cannot work is refused when it is set up, and the message says what to change."""

from typing import Any

import pytest

from honest import (
    RP_ID,
)
from unlatch import KeyCache, Misconfigured, RelyingParty
from unlatch.ceremonies.origins import check_app_origin, check_origin, check_related_origin, check_rp_id
from unlatch.codes import Code


def advice(**arguments: Any) -> str:
    """The whole message of a relying party that cannot be."""
    with pytest.raises(Misconfigured) as caught:
        RelyingParty(**{"id": RP_ID} | arguments)
    assert caught.value.code is Code.MISCONFIGURED
    assert caught.value.status_hint == 500
    assert str(caught.value) == caught.value.detail
    return str(caught.value)


@pytest.mark.parametrize("cache", [{}, True, 100, "10"])
def test_a_key_cache_is_one(cache: Any) -> None:
    assert "KeyCache object or None" in advice(key_cache=cache)
    assert RelyingParty(RP_ID, key_cache=KeyCache()) == RelyingParty(RP_ID), "what it keeps is no part of who it is"


# RP IDs


@pytest.mark.parametrize(
    "rp_id",
    [
        "example.org",
        "localhost",
        "login.example.org",
        "a.b.c.d.example.org",
        "xn--mnchen-3ya.example",
        "1and1.com",
        "example.co.uk",
        "a-b.example.org",
        "a--b.example",
        f"{'a' * 63}.org",
        "x.org",
        "example.0xyz",
    ],
)
def test_rp_ids_that_are_domains(rp_id: str) -> None:
    rp = RelyingParty(rp_id)
    assert rp.expected_origins == (f"https://{rp_id}",)
    assert rp.name == rp_id


@pytest.mark.parametrize(
    ("rp_id", "sentence"),
    [
        ("", "The RP ID is empty; use the site's domain, for example 'example.org'."),
        (None, "The RP ID is empty; use the site's domain, for example 'example.org'."),
        (b"example.org", "The RP ID is empty; use the site's domain, for example 'example.org'."),
        (
            "https://example.org",
            "The RP ID 'https://example.org' is a URL; use the domain alone, for example 'example.org'.",
        ),
        ("example.org/", "The RP ID 'example.org/' is a URL; use the domain alone, for example 'example.org'."),
        (
            "example.org/login",
            "The RP ID 'example.org/login' is a URL; use the domain alone, for example 'example.org'.",
        ),
        (
            "localhost:8000",
            "The RP ID 'localhost:8000' has a port or is an address; use the domain alone, without a port.",
        ),
        ("::1", "The RP ID '::1' has a port or is an address; use the domain alone, without a port."),
        ("[::1]", "The RP ID '[::1]' has a port or is an address; use the domain alone, without a port."),
        ("Example.org", "The RP ID 'Example.org' has capital letters; write 'example.org'."),
        ("127.0.0.1", "The RP ID '127.0.0.1' is an IP address; passkeys need a domain ('localhost' for development)."),
        ("10.1", "The RP ID '10.1' is an IP address; passkeys need a domain ('localhost' for development)."),
        (
            "0x7f000001",
            "The RP ID '0x7f000001' is an IP address; passkeys need a domain ('localhost' for development).",
        ),
        ("1.0x", "The RP ID '1.0x' is an IP address; passkeys need a domain ('localhost' for development)."),
    ],
)
def test_rp_ids_that_are_not(rp_id: Any, sentence: str) -> None:
    assert advice(id=rp_id) == sentence


@pytest.mark.parametrize(
    "rp_id",
    [
        ".example.org",
        "example.org.",
        "example..org",
        "-example.org",
        "example-.org",
        "exa_mple.org",
        "exa mple.org",
        "münchen.example",
        "example.org\n",
        "*.example.org",
        "user@example.org",
        "example.org?x",
        f"{'a' * 64}.org",
        ".".join(["a" * 63] * 4),
        "example.org#x",
        ".",
    ],
)
def test_rp_ids_that_are_no_valid_domain(rp_id: str) -> None:
    message = advice(id=rp_id)
    assert repr(rp_id) in message
    assert "is not a valid domain" in message
    assert "'xn--' form" in message


def test_the_longest_domain() -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    assert len(longest) == 253
    check_rp_id(longest)
    with pytest.raises(Misconfigured):
        check_rp_id("e" + longest)


# Origins


@pytest.mark.parametrize(
    ("rp_id", "origin"),
    [
        ("example.org", "https://example.org"),
        ("example.org", "https://login.example.org"),
        ("example.org", "https://a.b.example.org:8443"),
        ("example.org", "https://example.org:1"),
        ("example.org", "https://example.org:65535"),
        ("example.org", "https://example.org:80"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:8000"),
        ("localhost", "https://localhost:8443"),
        ("localhost", "http://app.localhost:3000"),
        ("localhost", "http://localhost:443"),
    ],
)
def test_origins_that_work(rp_id: str, origin: str) -> None:
    check_origin(origin, rp_id)
    assert RelyingParty(rp_id, origins=[origin]).expected_origins == (origin,)


@pytest.mark.parametrize(
    ("origin", "sentence"),
    [
        ("", "An origin is empty; write it as a browser does, for example 'https://example.org'."),
        ("https://example.org/", "The origin 'https://example.org/' ends in a slash; write 'https://example.org'."),
        ("https://example.org//", "The origin 'https://example.org//' ends in a slash; write 'https://example.org'."),
        (
            "https://Example.org",
            "The host of the origin 'https://Example.org' has capital letters; write 'example.org'.",
        ),
        ("HTTPS://example.org", "The origin 'HTTPS://example.org' has capital letters; write 'https://example.org'."),
        ("HTTPS://EXAMPLE.ORG", "The origin 'HTTPS://EXAMPLE.ORG' has capital letters; write 'https://example.org'."),
        (
            "https://Example.org/Path",
            (
                "'https://Example.org/Path' is not an origin: write scheme, host and, if it is not the default, port: "
                "'https://example.org' or 'http://localhost:8000'."
            ),
        ),
        (
            "http://example.org",
            "The origin 'http://example.org' uses http, which browsers allow for localhost only; use https.",
        ),
        ("ftp://example.org", "The origin 'ftp://example.org' must use https (or http on localhost)."),
        ("wss://example.org", "The origin 'wss://example.org' must use https (or http on localhost)."),
        (
            "https://127.0.0.1",
            (
                "The host of the origin 'https://127.0.0.1' is an IP address; passkeys need a "
                "domain ('localhost' for development)."
            ),
        ),
        (
            "https://example.com",
            (
                "The origin 'https://example.com' does not belong to the RP ID 'example.org': its host must be "
                "'example.org' or end in '.example.org'. List it under related_origins if it is another site of yours."
            ),
        ),
        (
            "https://evilexample.org",
            (
                "The origin 'https://evilexample.org' does not belong to the RP ID 'example.org': its host must be "
                "'example.org' or end in '.example.org'. List it under related_origins if it is another site of yours."
            ),
        ),
        (
            "https://example.org.evil.test",
            (
                "The origin 'https://example.org.evil.test' does not belong to the RP ID 'example.org': its host "
                "must be 'example.org' or end in '.example.org'. List it under related_origins if it is another "
                "site of yours."
            ),
        ),
    ],
)
def test_origins_that_do_not(origin: str, sentence: str) -> None:
    assert advice(origins=[origin]) == sentence


@pytest.mark.parametrize(
    "origin",
    [
        "example.org",
        "https:example.org",
        "https://example.org/login",
        "https://example.org?x",
        "https://example.org#x",
        "https://user@example.org",
        "https://user:pass@example.org",
        "https://[::1]",
        "https://",
        "https://:443",
        "//example.org",
        "https://example.org:",
        "https://example.org:port",
        "https://example.org:123456",
        "null",
        "https://example.org:-1",
        "https://example.org:\uff11",
    ],
)
def test_what_is_no_origin(origin: str) -> None:
    message = advice(origins=[origin])
    assert repr(origin) in message
    assert "is not an origin: write scheme, host and, if it is not the default, port" in message


@pytest.mark.parametrize(
    "origin",
    [
        "https://exa mple.org",
        "https://*.example.org",
        "https://-.example.org",
        "https://example.org.",
        "https://example.org\n",
        "https://münchen.example.org",
    ],
)
def test_origins_whose_host_is_no_domain(origin: str) -> None:
    assert "is not a valid domain" in advice(origins=[origin])


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org:443",
        "https://example.org:0",
        "https://example.org:0443",
        "https://example.org:65536",
        "https://example.org:99999",
    ],
)
def test_ports_that_browsers_do_not_write(origin: str) -> None:
    assert advice(origins=[origin]) == (
        f"The port of the origin {origin!r} is not written as browsers do: leave the default port out, and use "
        f"1 to 65535."
    )


def test_the_default_port_of_http() -> None:
    with pytest.raises(Misconfigured, match="leave the default port out"):
        check_origin("http://localhost:80", "localhost")


def test_a_top_level_domain_is_no_rp_id_for_its_subdomains() -> None:
    assert advice(id="org", origins=["https://example.org"]) == (
        "The RP ID 'org' is a top-level domain; browsers refuse it for 'https://example.org'. Use a registrable domain."
    )
    assert RelyingParty("localhost", origins=["http://a.localhost"])


def test_http_is_for_localhost_and_its_subdomains() -> None:
    for origin in ("http://notlocalhost", "http://localhost.example.org"):
        with pytest.raises(Misconfigured, match="uses http"):
            check_related_origin(origin)


@pytest.mark.parametrize("name", ["origins", "related_origins", "app_origins"])
@pytest.mark.parametrize("value", ["https://example.org", None, 1, {"https://example.org": 1}, (o for o in ())])
def test_origins_are_a_list(name: str, value: Any) -> None:
    assert advice(**{name: value}).startswith(f"{name} is a list of origins, for example ['https://example.org'], not ")


@pytest.mark.parametrize("name", ["origins", "related_origins", "app_origins"])
@pytest.mark.parametrize("value", [[None], [b"https://example.org"], ["https://example.org", 1]])
def test_origins_are_text(name: str, value: Any) -> None:
    assert advice(**{name: value}).startswith(f"{name} is a list of strings, not ")


@pytest.mark.parametrize("name", ["origins", "related_origins", "app_origins"])
def test_origins_stand_once(name: str) -> None:
    assert advice(**{name: ["https://example.org"] * 2}) == f"An origin stands twice in {name}."


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_any_collection_of_origins(kind: Any) -> None:
    origins = kind(["https://example.org", "https://a.example.org"])
    assert set(RelyingParty(RP_ID, origins=origins).expected_origins) == set(origins)
    assert RelyingParty(RP_ID, origins=set(origins)) == RelyingParty(RP_ID, origins=frozenset(origins))
    many = [f"https://{letter}.{RP_ID}" for letter in "hgfedcba"]
    expected = sorted(many) if kind in (set, frozenset) else many
    assert RelyingParty(RP_ID, origins=kind(many)).expected_origins == tuple(expected)


def test_related_origins_may_be_elsewhere_and_are_well_formed() -> None:
    rp = RelyingParty(RP_ID, related_origins=["https://example.com"], app_origins=["ios:bundle-id:org.example"])
    assert rp.expected_origins == ("https://example.org", "https://example.com", "ios:bundle-id:org.example")
    assert "ends in a slash" in advice(related_origins=["https://example.com/"])
    assert "uses http" in advice(related_origins=["http://example.com"])


ANDROID = "android:apk-key-hash:"


@pytest.mark.parametrize(
    "origin",
    [
        ANDROID + "A" * 43,
        ANDROID + "-_" * 21 + "A",
        ANDROID + "A" * 27,
        "ios:bundle-id:org.example",
        "chrome-extension://abc",
    ],
)
def test_app_origins(origin: str) -> None:
    check_app_origin(origin)
    assert origin in RelyingParty(RP_ID, app_origins=[origin]).expected_origins


@pytest.mark.parametrize("origin", ["https://example.org", "http://localhost", "https:", "org.example", ""])
def test_web_origins_are_no_app_origins(origin: str) -> None:
    assert advice(app_origins=[origin]) == (
        f"The app origin {origin!r} is not an application identifier such as 'android:apk-key-hash:...'; web origins "
        f"belong under origins or related_origins."
    )


@pytest.mark.parametrize("key_hash", ["", "A" * 42, "A" * 44, "A" * 43 + "=", "+" * 43, "AA:BB:CC", "A" * 43 + "\n"])
def test_android_key_hashes(key_hash: str) -> None:
    assert advice(app_origins=[ANDROID + key_hash]) == (
        f"The app origin {ANDROID + key_hash!r} must end in the unpadded base64url SHA-256 hash of the signing "
        f"certificate."
    )


def test_name_and_policy() -> None:
    assert advice(name=1) == "The name 1 of the relying party is not a string."
    assert advice(policy={"timeout": 60}) == (
        "policy is a Policy object, for example Policy(user_verification='required')."
    )


def test_a_relying_party_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RelyingParty(RP_ID).id = "example.com"
