"""Faults of the client data: each is honestly hashed and signed, so only the check of that member can object."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from unlatch.codes import Code
from unlatch.testing.faults.writing import both, drop, edit, put, through, to
from unlatch.testing.points import Point
from unlatch.wire import base64url

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Fault
    from unlatch.testing.scene import Scene


def _members(slug_and_name: str, what: str, change: Any, code: Code, *, decoder: bool = False) -> tuple[Fault, Fault]:
    return both(slug_and_name, what, Point.CLIENT_DATA, change, code, decoder=decoder)


def _bytes(slug_and_name: str, what: str, change: Any, code: Code) -> tuple[Fault, Fault]:
    return both(slug_and_name, what, Point.CLIENT_DATA_JSON, change, code, decoder=True)


def _origin(name: str, what: str, function: Any) -> tuple[Fault, Fault]:
    return _members(f"origin.{name}", what, edit("origin", function), Code.ORIGIN_NOT_EXPECTED)


def _type(name: str, what: str, function: Any) -> tuple[Fault, Fault]:
    return _members(f"type.{name}", what, edit("type", function), Code.TYPE_MISMATCH)


def _challenge(name: str, what: str, function: Any) -> tuple[Fault, Fault]:
    return _members(f"challenge.{name}", what, edit("challenge", function), Code.CHALLENGE_MISMATCH)


def _flip_last_byte(text: str) -> str:
    challenge = base64url.decode(text, "challenge")
    return base64url.encode(challenge[:-1] + bytes((challenge[-1] ^ 1,)))


def _without_top_level(members: dict[str, Any], _scene: Scene) -> dict[str, Any]:
    """An embedding page is named although the call claims to be same-origin."""
    return {**members, "crossOrigin": False, "topOrigin": "https://embedder.example"}


_VALUES = (
    *_type(
        "other-ceremony",
        "The client data belong to the other ceremony.",
        lambda kind: "webauthn.get" if kind.endswith("create") else "webauthn.create",
    ),
    *_type("payment", "The client data belong to a payment.", lambda _: "payment.get"),
    *_type("upper-case", "The type is written in upper case.", lambda kind: kind.upper()),
    *_type("trailing-space", "The type is followed by a space.", lambda kind: kind + " "),
    *_type("empty", "The type is empty.", lambda _: ""),
    *_challenge("other", "Another challenge is answered.", lambda _: base64url.encode(secrets.token_bytes(32))),
    *_challenge("one-bit", "One bit of the challenge differs.", _flip_last_byte),
    *_challenge(
        "prefix",
        "Only the beginning of the challenge is answered.",
        lambda text: base64url.encode(base64url.decode(text, "challenge")[:-1]),
    ),
    *_challenge(
        "longer",
        "A byte follows the challenge.",
        lambda text: base64url.encode(base64url.decode(text, "challenge") + b"\x00"),
    ),
    *_challenge("padded", "The challenge is padded.", lambda text: text + "="),
    *_challenge("encoded-twice", "The challenge was encoded twice.", lambda text: base64url.encode(text.encode())),
    *_challenge(
        "hexadecimal",
        "The challenge is written in hexadecimal.",
        lambda text: base64url.decode(text, "challenge").hex(),
    ),
    *_challenge("upper-case", "The challenge is written in upper case.", lambda text: text.swapcase()),
    *_challenge("empty", "The challenge is empty.", lambda _: ""),
    *_origin("other-site", "A page of another site asked.", lambda _: "https://evil.test"),
    *_origin("subdomain", "A page on a sub-domain asked.", lambda origin: origin.replace("://", "://user-content.", 1)),
    *_origin(
        "other-port",
        "A page on another port asked.",
        lambda origin: f"{urlsplit(origin).scheme}://{urlsplit(origin).hostname}:4443",
    ),
    *_origin(
        "other-scheme",
        "A page over the other of http and https asked.",
        lambda origin: origin.replace("https:", "http:") if origin.startswith("https:") else "https" + origin[4:],
    ),
    *_origin("trailing-slash", "The origin ends with a slash.", lambda origin: origin + "/"),
    *_origin("path", "The origin has a path.", lambda origin: origin + "/login"),
    *_origin("suffix", "The origin merely begins with the expected one.", lambda origin: origin + ".evil.test"),
    *_origin(
        "prefix",
        "The origin's host merely ends with the expected one.",
        lambda origin: origin.replace("://", "://evil", 1),
    ),
    *_origin(
        "user-information", "The expected host stands in front of an at sign.", lambda origin: origin + "@evil.test"
    ),
    *_origin("upper-case", "The origin is written in upper case.", lambda origin: origin.upper()),
    *_origin(
        "trailing-dot",
        "The host ends with a dot.",
        lambda origin: f"{urlsplit(origin).scheme}://{urlsplit(origin).hostname}.",
    ),
    *_origin("opaque", "The origin is opaque.", lambda _: "null"),
    *_origin(
        "app", "An unknown app asked.", lambda _: "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
    ),
    *_origin("empty", "The origin is empty.", lambda _: ""),
    *_members(
        "cross-origin.framed",
        "The page stood in a cross-origin frame.",
        put("crossOrigin", True),
        Code.CROSS_ORIGIN_NOT_EXPECTED,
    ),
    *both(
        "top-origin.without-cross-origin",
        "An embedding page is named in a same-origin call.",
        Point.CLIENT_DATA,
        _without_top_level,
        Code.TOP_ORIGIN_NOT_EXPECTED,
    ),
    *both(
        "top-origin.own-origin",
        "The page itself is named as the embedding page.",
        Point.CLIENT_DATA,
        through(lambda members: {**members, "topOrigin": members["origin"]}),
        Code.TOP_ORIGIN_NOT_EXPECTED,
    ),
    *_members(
        "top-origin.empty",
        "The embedding page is the empty string.",
        put("topOrigin", ""),
        Code.TOP_ORIGIN_NOT_EXPECTED,
    ),
)


def _shapes(member: str) -> tuple[Fault, ...]:
    """What can be wrong with the type of a required member."""
    rows: tuple[tuple[str, str, Any], ...] = (
        (f"no-{member}", "is missing", drop(member)),
        (f"{member}-null", "is null", put(member, None)),
        (f"{member}-list", "is a list that holds the right value", edit(member, lambda value: [value])),
    )
    return _wrong_types(*((name, f"`{member}` {what}.", change) for name, what, change in rows))


def _wrong_types(*rows: tuple[str, str, Any]) -> tuple[Fault, ...]:
    return tuple(
        each
        for name, what, change in rows
        for each in _members(f"client-data-json.{name}", what, change, Code.CLIENT_DATA, decoder=True)
    )


_SHAPES = (
    *_shapes("type"),
    *_shapes("challenge"),
    *_shapes("origin"),
    *_wrong_types(
        ("cross-origin-text", '`crossOrigin` is the text "false".', put("crossOrigin", "false")),
        ("cross-origin-number", "`crossOrigin` is 0.", put("crossOrigin", 0)),
        ("top-origin-null", "`topOrigin` is null.", put("topOrigin", None)),
        ("top-origin-list", "`topOrigin` is a list.", put("topOrigin", [])),
    ),
)


def _twice(member: str) -> Any:
    """Write `member` a second time in front; the honest value comes last, where lenient parsers would find it."""
    return through(lambda text: b'{"%s":"x",' % member.encode() + text[1:])


_TEXT = (
    *_bytes(
        "client-data-text.not-utf-8",
        "The client data are not UTF-8.",
        through(lambda text: text[:-1] + b',"extra":"\xff\xfe"}'),
        Code.JSON,
    ),
    *_bytes(
        "client-data-text.overlong-utf-8",
        "A character is encoded in too many bytes.",
        through(lambda text: text[:-1] + b',"extra":"\xc0\xaf"}'),
        Code.JSON,
    ),
    *_bytes(
        "client-data-text.utf-16",
        "The client data are UTF-16.",
        through(lambda text: text.decode().encode("utf-16")),
        Code.JSON,
    ),
    *_bytes(
        "client-data-text.two-byte-order-marks",
        "Two byte order marks lead the client data.",
        through(lambda text: b"\xef\xbb\xbf" * 2 + text),
        Code.JSON,
    ),
    *_bytes("client-data-json.not-json", "The client data are not JSON.", to(b"type=webauthn"), Code.JSON),
    *_bytes("client-data-json.truncated", "The client data end early.", through(lambda text: text[:-1]), Code.JSON),
    *_bytes(
        "client-data-json.trailing", "Something follows the client data.", through(lambda text: text + b"}"), Code.JSON
    ),
    *_bytes(
        "client-data-json.array",
        "The client data are an array.",
        through(lambda text: b"[" + text + b"]"),
        Code.JSON_TYPE,
    ),
    *_bytes(
        "client-data-json.string",
        "The client data are a JSON string.",
        through(lambda text: json.dumps(text.decode()).encode()),
        Code.JSON_TYPE,
    ),
    *_bytes("client-data-json.duplicate-type", "`type` stands twice.", _twice("type"), Code.JSON_DUPLICATE),
    *_bytes(
        "client-data-json.duplicate-challenge", "`challenge` stands twice.", _twice("challenge"), Code.JSON_DUPLICATE
    ),
    *_bytes("client-data-json.duplicate-origin", "`origin` stands twice.", _twice("origin"), Code.JSON_DUPLICATE),
    *_bytes(
        "client-data-json.escaped-duplicate",
        "`origin` stands twice, once with an escaped letter.",
        through(lambda text: b'{"\\u006frigin":"x",' + text[1:]),
        Code.JSON_DUPLICATE,
    ),
    *_bytes(
        "client-data-json.not-a-number",
        "A member is `NaN`.",
        through(lambda text: text[:-1] + b',"extra":NaN}'),
        Code.JSON,
    ),
    *_bytes(
        "client-data-json.comment",
        "A comment stands in the client data.",
        through(lambda text: b"/**/" + text),
        Code.JSON,
    ),
    *_bytes(
        "client-data-json.trailing-comma",
        "A comma follows the last member.",
        through(lambda text: text[:-1] + b",}"),
        Code.JSON,
    ),
    *_bytes(
        "client-data-json.single-quotes",
        "Strings stand in single quotes.",
        through(lambda text: text.replace(b'"', b"'")),
        Code.JSON,
    ),
    *_bytes(
        "client-data-json.control-character",
        "A string holds a bare line feed.",
        through(lambda text: text[:-1] + b',"extra":"\n"}'),
        Code.JSON,
    ),
    *_bytes(
        "client-data-json.lone-surrogate",
        "A string holds half a surrogate pair.",
        through(lambda text: text[:-1] + b',"extra":"\\udc00"}'),
        Code.JSON,
    ),
    *_bytes(
        "client-data-json.too-deep",
        "Arrays nest 10,000 deep.",
        through(lambda text: text[:-1] + b',"extra":' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
        Code.JSON,
    ),
)

FAULTS = (*_VALUES, *_SHAPES, *_TEXT)
