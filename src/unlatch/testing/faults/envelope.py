"""Faults of the response's JSON: its text, its members, and the base64url inside."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing.faults.fault import Need
from unlatch.testing.faults.writing import append, both, drop, edit, fault, put, through, to
from unlatch.testing.points import Point
from unlatch.wire import base64url

if TYPE_CHECKING:
    from unlatch.testing.scene import Scene


def _spare_bits(text: str) -> str:
    """The same bytes in a base64url text whose spare bits are not zero; whole groups get a byte first."""
    if len(text) % 4 == 0:
        text = base64url.encode(base64url.decode(text, "") + b"\x00")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


def _other_encoding(function: Any) -> Any:
    """Change both `id` and `rawId` in the same way, so that they still agree."""
    return through(lambda response: {**response, "id": function(response["id"]), "rawId": function(response["rawId"])})


def _nested(body: bytes) -> bytes:
    return body[:-1] + b', "extra": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"


def _of_the_other_ceremony(response: dict[str, Any], scene: Scene) -> dict[str, Any]:
    inner = response["response"]
    if "attestationObject" in inner:
        swapped = {
            "clientDataJSON": inner["clientDataJSON"],
            "authenticatorData": base64url.encode(scene.authenticator_data[:37]),
            "signature": base64url.encode(secrets.token_bytes(64)),
        }
    else:
        swapped = {"clientDataJSON": inner["clientDataJSON"], "attestationObject": "oA"}
    return {**response, "response": swapped}


_TEXT = (
    *both("response-kind.empty-body", "The body is empty.", Point.BODY, to(b""), Code.JSON, decoder=True),
    *both("response-kind.not-json", "The body is not JSON.", Point.BODY, to(b"id=1"), Code.JSON, decoder=True),
    *both(
        "response-kind.truncated-json",
        "The body ends early.",
        Point.BODY,
        through(lambda b: b[:-1]),
        Code.JSON,
        decoder=True,
    ),
    *both(
        "response-kind.trailing-json",
        "Something follows the JSON object.",
        Point.BODY,
        append(b"{}"),
        Code.JSON,
        decoder=True,
    ),
    *both(
        "response-kind.utf-16",
        "The body is UTF-16.",
        Point.BODY,
        through(lambda b: b.decode().encode("utf-16")),
        Code.JSON,
        decoder=True,
    ),
    *both(
        "response-kind.byte-order-mark",
        "The body starts with a byte order mark.",
        Point.BODY,
        through(lambda b: b"\xef\xbb\xbf" + b),
        Code.JSON,
        decoder=True,
    ),
    *both(
        "response-kind.array",
        "The body is an array.",
        Point.BODY,
        through(lambda b: b"[" + b + b"]"),
        Code.JSON_TYPE,
        decoder=True,
    ),
    *both(
        "response-kind.duplicate-member",
        "The member `type` stands twice.",
        Point.BODY,
        through(lambda b: b'{"type": "public-key", ' + b[1:]),
        Code.JSON_DUPLICATE,
        decoder=True,
    ),
    *both(
        "response-kind.not-a-number",
        "A member is `NaN`, which JSON does not have.",
        Point.BODY,
        through(lambda b: b'{"extra": NaN, ' + b[1:]),
        Code.JSON,
        decoder=True,
    ),
    *both(
        "response-kind.lone-surrogate",
        "A string holds half a surrogate pair.",
        Point.BODY,
        through(lambda b: b'{"extra": "\\ud800", ' + b[1:]),
        Code.JSON,
        decoder=True,
    ),
    *both("response-kind.too-deep", "Arrays nest 20,000 deep.", Point.BODY, through(_nested), Code.JSON, decoder=True),
    *both(
        "response-kind.too-large",
        "The body is larger than any response.",
        Point.BODY,
        through(lambda b: b + b" " * 70_000),
        Code.TOO_LARGE,
        decoder=True,
    ),
)

_ENVELOPE = (
    *both(
        "response-kind.other-ceremony",
        "The response belongs to the other ceremony.",
        Point.RESPONSE,
        _of_the_other_ceremony,
        Code.JSON_MISSING,
        decoder=True,
    ),
    *both("response-kind.no-type", "`type` is missing.", Point.RESPONSE, drop("type"), Code.JSON_MISSING, decoder=True),
    *both(
        "response-kind.other-type",
        "`type` is not public-key.",
        Point.RESPONSE,
        put("type", "password"),
        Code.CREDENTIAL_TYPE,
        decoder=True,
    ),
    *both(
        "response-kind.type-number", "`type` is a number.", Point.RESPONSE, put("type", 1), Code.JSON_TYPE, decoder=True
    ),
    *both("response-kind.no-id", "`id` is missing.", Point.RESPONSE, drop("id"), Code.JSON_MISSING, decoder=True),
    *both("response-kind.id-number", "`id` is a number.", Point.RESPONSE, put("id", 7), Code.JSON_TYPE, decoder=True),
    *both(
        "response-kind.id-empty",
        "The credential id is empty.",
        Point.RESPONSE,
        _other_encoding(lambda _: ""),
        Code.CREDENTIAL_ID,
        decoder=True,
    ),
    *both(
        "response-kind.id-padded",
        "The credential id is padded base64url.",
        Point.RESPONSE,
        _other_encoding(lambda text: text + "="),
        Code.BASE64URL,
        decoder=True,
    ),
    *both(
        "response-kind.id-spare-bits",
        "The last character of the credential id has spare bits set.",
        Point.RESPONSE,
        _other_encoding(_spare_bits),
        Code.BASE64URL,
        decoder=True,
    ),
    *both(
        "response-kind.id-not-raw-id",
        "`id` and `rawId` differ.",
        Point.RESPONSE,
        put("id", base64url.encode(bytes(32))),
        Code.CREDENTIAL_ID,
        decoder=True,
    ),
    *both(
        "response-kind.no-response",
        "`response` is missing.",
        Point.RESPONSE,
        drop("response"),
        Code.JSON_MISSING,
        decoder=True,
    ),
    *both(
        "response-kind.response-string",
        "`response` is a string.",
        Point.RESPONSE,
        put("response", "{}"),
        Code.JSON_TYPE,
        decoder=True,
    ),
    *both(
        "client-extensions.not-an-object",
        "`clientExtensionResults` is an array.",
        Point.RESPONSE,
        put("clientExtensionResults", []),
        Code.JSON_TYPE,
        decoder=True,
    ),
    *both(
        "client-extensions.null",
        "`clientExtensionResults` is null.",
        Point.RESPONSE,
        put("clientExtensionResults", None),
        Code.JSON_TYPE,
        decoder=True,
    ),
    fault(
        "registration.attestation-object.other-credential-id",
        "`id` and `rawId` name another credential than the attested one.",
        Point.RESPONSE,
        _other_encoding(lambda _: base64url.encode(bytes(32))),
        Code.CREDENTIAL_ID,
        decoder=True,
    ),
    fault(
        "registration.response-kind.transports-string",
        "`transports` is a string.",
        Point.RESPONSE,
        put("response", "transports", "usb"),
        Code.JSON_TYPE,
        decoder=True,
    ),
    fault(
        "registration.response-kind.transports-numbers",
        "`transports` holds a number.",
        Point.RESPONSE,
        put("response", "transports", [1]),
        Code.JSON_TYPE,
        decoder=True,
    ),
    fault(
        "registration.response-kind.transports-many",
        "There are more transports than any client reports.",
        Point.RESPONSE,
        put("response", "transports", ["usb"] * 33),
        Code.TOO_LARGE,
        decoder=True,
    ),
    fault(
        "registration.response-kind.transports-long",
        "A transport is longer than any that a client reports.",
        Point.RESPONSE,
        put("response", "transports", ["x" * 65]),
        Code.TOO_LARGE,
        decoder=True,
    ),
    fault(
        "registration.attestation-object.other-copy",
        "The copy of the authenticator data differs from the attested original.",
        Point.RESPONSE,
        edit("response", "authenticatorData", lambda text: ("A" if text[0] != "A" else "B") + text[1:]),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        "registration.attestation-object.other-algorithm-copy",
        "`publicKeyAlgorithm` differs from the attested key's.",
        Point.RESPONSE,
        edit("response", "publicKeyAlgorithm", lambda number: -7 if number != -7 else -257),
        Code.ATTESTATION_OBJECT,
        decoder=True,
    ),
    fault(
        "registration.attestation-object.other-key-copy",
        "`publicKey` is another key than the attested one.",
        Point.RESPONSE,
        edit("response", "publicKey", lambda text: text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBA")),
        Code.ATTESTATION_OBJECT,
        decoder=True,
        algorithms=(-7, -8, -257),
    ),
)


def _binary(ceremony: str, slug: str, member: str) -> tuple[Any, ...]:
    """What can be wrong with one required base64url member of `response`."""
    rows: tuple[tuple[str, str, Any, Code], ...] = (
        ("missing", "is missing", drop("response", member), Code.JSON_MISSING),
        ("null", "is null", put("response", member, None), Code.JSON_TYPE),
        ("number", "is a number", put("response", member, 5), Code.JSON_TYPE),
        ("empty", "is empty", put("response", member, ""), Code.JSON_MISSING),
        ("padded", "is padded", edit("response", member, lambda text: text + "="), Code.BASE64URL),
        ("space", "holds a space", edit("response", member, lambda text: text[:4] + " " + text[4:]), Code.BASE64URL),
        (
            "standard-alphabet",
            "uses the alphabet of standard base64",
            edit("response", member, lambda text: "+/+/" + text[4:]),
            Code.BASE64URL,
        ),
        (
            "not-ascii",
            "holds a letter outside ASCII",
            edit("response", member, lambda text: "é" + text[1:]),
            Code.BASE64URL,
        ),
        (
            "spare-bits",
            "has spare bits set in its last character",
            edit("response", member, _spare_bits),
            Code.BASE64URL,
        ),
    )
    return tuple(
        fault(f"{ceremony}.{slug}.{member}-{name}", f"`{member}` {what}.", Point.RESPONSE, change, code, decoder=True)
        for name, what, change, code in rows
    )


FAULTS = (
    *_TEXT,
    *_ENVELOPE,
    *_binary("registration", "client-data-text", "clientDataJSON"),
    *_binary("registration", "attestation-object", "attestationObject"),
    *_binary("authentication", "response-parts", "clientDataJSON"),
    *_binary("authentication", "response-parts", "authenticatorData"),
    *_binary("authentication", "response-parts", "signature"),
    fault(
        "authentication.response-parts.userHandle-number",
        "`userHandle` is a number.",
        Point.RESPONSE,
        put("response", "userHandle", 1),
        Code.JSON_TYPE,
        decoder=True,
    ),
    fault(
        "authentication.user.userHandle-empty",
        "`userHandle` is empty, which says as little as none, where nobody is known to sign in.",
        Point.RESPONSE,
        put("response", "userHandle", ""),
        Code.USER_HANDLE_MISSING,
        needs=(Need.NOT_LISTED,),
    ),
    fault(
        "authentication.response-parts.userHandle-too-long",
        "`userHandle` has 65 bytes.",
        Point.RESPONSE,
        put("response", "userHandle", base64url.encode(bytes(65))),
        Code.JSON_TYPE,
        decoder=True,
    ),
    fault(
        "authentication.response-parts.userHandle-padded",
        "`userHandle` is padded.",
        Point.RESPONSE,
        put("response", "userHandle", "AA=="),
        Code.BASE64URL,
        decoder=True,
    ),
)
