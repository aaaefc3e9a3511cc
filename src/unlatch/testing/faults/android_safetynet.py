"""Faults of the `android-safetynet` format (section 8.5): the web signature and the report inside."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.certificates import COMMON_NAME
from unlatch.testing.faults.fault import Rule
from unlatch.testing.faults.writing import append, drop, edit, fault, flip, misshapen, put, through, to
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point
from unlatch.testing.statements.android_safetynet import HOST, host_names

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault

_FORMATS = ("android-safetynet",)
_STEP = "registration.attestation-statement.safetynet-"


def _payload(name: str, what: str, change: Change, code: Code = Code.ATTESTATION_INVALID) -> Fault:
    return fault(_STEP + name, what, Point.SAFETYNET_PAYLOAD, change, code, formats=_FORMATS)


def _shape(name: str, what: str, point: Point, change: Change, code: Code = Code.ATTESTATION_STATEMENT) -> Fault:
    return fault(_STEP + name, what, point, change, code, decoder=True, formats=_FORMATS)


def _age(name: str, what: str, change: Change) -> Fault:
    return fault(
        f"registration.attestation-trust.safetynet-{name}",
        what,
        Point.SAFETYNET_PAYLOAD,
        change,
        Code.ATTESTATION_NOT_TRUSTED,
        formats=_FORMATS,
        rule=Rule.FRESH,
    )


def _other_host(leaf: Any) -> Any:
    return leaf.with_attribute(COMMON_NAME, der.utf8("attest.example.org")).with_extension(host_names("example.org"))


def _host_suffix(leaf: Any) -> Any:
    spoofed = f"{HOST}.evil.test"
    return leaf.with_attribute(COMMON_NAME, der.utf8(spoofed)).with_extension(host_names(spoofed))


FAULTS = (
    *misshapen("safetynet", ("ver", "response"), formats=_FORMATS),
    _shape("ver-empty", "`ver` is empty.", Point.STATEMENT, put("ver", "")),
    _shape("ver-number", "`ver` is a number.", Point.STATEMENT, put("ver", 14366018)),
    _shape("response-empty", "The report is empty.", Point.SAFETYNET_RESPONSE, to(b"")),
    _shape(
        "two-parts",
        "The web signature has two parts.",
        Point.SAFETYNET_RESPONSE,
        through(lambda jws: jws.rpartition(b".")[0]),
    ),
    _shape("four-parts", "The web signature has four parts.", Point.SAFETYNET_RESPONSE, append(b".AAAA")),
    _shape("padded", "The web signature's parts are padded.", Point.SAFETYNET_RESPONSE, append(b"="), Code.BASE64URL),
    _shape("x5c-missing", "The web signature brings no certificates.", Point.SAFETYNET_HEADER, drop("x5c")),
    _shape("x5c-empty", "The web signature's certificate chain is empty.", Point.SAFETYNET_HEADER, put("x5c", [])),
    _shape(
        "x5c-not-base64", "A certificate of the web signature is not base64.", Point.SAFETYNET_HEADER, put("x5c", ["!"])
    ),
    _shape("timestamp-text", "The time of the report is a text.", Point.SAFETYNET_PAYLOAD, put("timestampMs", "now")),
    _shape("no-nonce", "The report has no nonce.", Point.SAFETYNET_PAYLOAD, drop("nonce"), Code.JSON_MISSING),
    _shape("nonce-number", "The nonce is a number.", Point.SAFETYNET_PAYLOAD, put("nonce", 0), Code.JSON_TYPE),
    _payload("nonce", "The report is for another ceremony.", put("nonce", b64encode(bytes(32)).decode())),
    _payload(
        "nonce-hexadecimal", "The nonce is written in hexadecimal.", edit("nonce", lambda text: text.encode().hex())
    ),
    _payload("profile", "The device does not match a certified profile.", put("ctsProfileMatch", False)),
    _payload("profile-text", "The match of the profile is a text.", put("ctsProfileMatch", "true")),
    _payload("no-profile", "The report does not say whether the device matches a profile.", drop("ctsProfileMatch")),
    fault(
        _STEP + "other-client-data",
        "The nonce is made from other client data.",
        Point.SIGNED,
        flip(-1),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-authenticator-data",
        "The nonce is made from other authenticator data.",
        Point.SIGNED,
        flip(36),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "signature-flipped",
        "One bit of the web signature differs.",
        Point.SIGNATURE,
        flip(5),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-signer",
        "Another key signed the report.",
        Point.SIGNER,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-none",
        "The web signature claims that none is needed.",
        Point.SAFETYNET_HEADER,
        put("alg", "none"),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-hmac",
        "The web signature claims to be an HMAC.",
        Point.SAFETYNET_HEADER,
        put("alg", "HS256"),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "critical-header",
        "The web signature has a critical header that nobody knows.",
        Point.SAFETYNET_HEADER,
        put("crit", ["exp"]),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-host",
        "The certificate was issued to another host.",
        Point.LEAF,
        through(_other_host),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "host-suffix",
        "The host's name merely begins with the right one.",
        Point.LEAF,
        through(_host_suffix),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
    ),
    _age("old", "The report is an hour old.", edit("timestampMs", lambda honest: honest - 3_600_000)),
    _age("future", "The report comes from the future.", edit("timestampMs", lambda honest: honest + 3_600_000)),
    _age("timeless", "The report does not say when it was made.", drop("timestampMs")),
)
