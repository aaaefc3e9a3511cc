"""Faults of single extensions: outputs of a false type or range, and answers to questions that were not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing.faults.fault import Need
from unlatch.testing.faults.writing import fault, put
from unlatch.testing.points import Point
from unlatch.wire import base64url

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Fault

_RESULT = base64url.encode(bytes(32))


def _signed(ceremony: str, name: str, what: str, extension: str, value: Any) -> Fault:
    return fault(
        f"{ceremony}.extensions.{name}",
        what,
        Point.EXTENSION_OUTPUTS,
        put(extension, value),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    )


def _client(ceremony: str, name: str, what: str, extension: str, value: Any) -> Fault:
    return fault(
        f"{ceremony}.extensions.{name}",
        what,
        Point.CLIENT_OUTPUTS,
        put(extension, value),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    )


def _contradicting(ceremony: str, name: str, what: str, extension: str, value: Any, need: Need) -> Fault:
    return fault(
        f"{ceremony}.extensions.{name}",
        what,
        Point.CLIENT_OUTPUTS,
        put(extension, value),
        Code.EXTENSION_CONTRADICTS,
        needs=(need,),
    )


def _in_both() -> tuple[Fault, ...]:
    signed: tuple[tuple[str, str, str, Any], ...] = (
        ("methods-empty", "No user verification method was used.", "uvm", []),
        ("methods-four", "Four user verification methods were used.", "uvm", [[2, 2, 2]] * 4),
        ("methods-short", "A user verification method has two numbers.", "uvm", [[2, 2]]),
        ("methods-text", "A user verification method is a text.", "uvm", ["fingerprint"]),
        ("methods-negative", "A user verification method is negative.", "uvm", [[-1, 2, 2]]),
        ("pin-policy-number", "Whether PINs have a policy is a number.", "pinComplexityPolicy", 1),
        ("protection-4", "The protection is a level beyond the highest.", "credProtect", 4),
        ("pin-length-3", "The least PIN length is below what CTAP allows.", "minPinLength", 3),
        ("pin-length-64", "The least PIN length is above what CTAP allows.", "minPinLength", 64),
    )
    client: tuple[tuple[str, str, str, Any], ...] = (
        ("prf-boolean", "`prf` is a boolean.", "prf", True),
        ("prf-enabled-text", "`prf.enabled` is a text.", "prf", {"enabled": "true"}),
        ("prf-results-list", "`prf.results` is a list.", "prf", {"results": [_RESULT]}),
        ("prf-result-short", "A PRF result has 31 bytes.", "prf", {"results": {"first": base64url.encode(bytes(31))}}),
        ("prf-result-padded", "A PRF result is padded.", "prf", {"results": {"first": _RESULT + "="}}),
        ("prf-second-alone", "There is a second PRF result without a first.", "prf", {"results": {"second": _RESULT}}),
        ("large-blob-text", "`largeBlob` is a text.", "largeBlob", "AAEC"),
        ("large-blob-supported-number", "`largeBlob.supported` is a number.", "largeBlob", {"supported": 1}),
        ("large-blob-padded", "`largeBlob.blob` is padded.", "largeBlob", {"blob": "AA=="}),
        ("large-blob-written-text", "`largeBlob.written` is a text.", "largeBlob", {"written": "yes"}),
        ("appid-exclude-text", "`appidExclude` is a text.", "appidExclude", "true"),
    )
    return tuple(
        made(ceremony, *row)
        for ceremony in ("registration", "authentication")
        for made, rows in ((_signed, signed), (_client, client))
        for row in rows
    )


FAULTS = (
    *_in_both(),
    _signed("registration", "blob-stored-bytes", "Whether a blob was stored is a byte string.", "credBlob", b"\x01"),
    _signed("registration", "secret-bytes", "Whether there is an HMAC secret is a byte string.", "hmac-secret", b""),
    _signed("authentication", "blob-boolean", "A stored blob is a boolean.", "credBlob", True),
    _signed("authentication", "secret-boolean", "An evaluated HMAC secret is a boolean.", "hmac-secret", True),
    _signed("authentication", "secret-short", "An evaluated HMAC secret is too short.", "hmac-secret", bytes(31)),
    _contradicting(
        "registration",
        "prf-second-unasked",
        "There are two PRF results for one value.",
        "prf",
        {"enabled": True, "results": {"first": _RESULT, "second": _RESULT}},
        Need.PRF_ONE_VALUE,
    ),
    _contradicting(
        "authentication",
        "prf-second-unasked",
        "There are two PRF results for one value.",
        "prf",
        {"results": {"first": _RESULT, "second": _RESULT}},
        Need.PRF_ONE_VALUE,
    ),
    _contradicting(
        "authentication",
        "large-blob-written-unasked",
        "A large blob was written where it was to be read.",
        "largeBlob",
        {"written": True},
        Need.LARGE_BLOB_READ,
    ),
    fault(
        "registration.extensions.large-blob-unsupported",
        "A credential that cannot hold the large blob was made although one was required.",
        Point.CLIENT_OUTPUTS,
        put("largeBlob", {"supported": False}),
        Code.EXTENSION_LESS_THAN_ASKED,
        needs=(Need.LARGE_BLOB_REQUIRED,),
    ),
)
