"""What honest clients may send although most do not: a relying party that refuses one of these locks people out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.terms import Flags
from unlatch.testing import der
from unlatch.testing.certificates import AAGUID_EXTENSION, COMMON_NAME, COUNTRY
from unlatch.testing.faults.fault import Need
from unlatch.testing.faults.writing import drop, edit, fields, oddity, put, through
from unlatch.testing.points import Point
from unlatch.testing.statements.android_key import KeyDescription
from unlatch.testing.statements.tpm import NameLayout, TpmSettings
from unlatch.wire import cbor

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Oddity
    from unlatch.testing.scene import Scene


def _both(suffix: str, what: str, point: Point, change: Change) -> tuple[Oddity, Oddity]:
    return (
        oddity(f"registration.{suffix}", what, point, change),
        oddity(f"authentication.{suffix}", what, point, change),
    )


def _escape_first_letter(text: bytes) -> bytes:
    return text.replace(b'"origin":"h', b'"origin":"\\u0068')


def _unsorted(_honest: bytes, scene: Scene) -> bytes:
    """The attestation object with its members in the order of their definition, as some clients write it."""
    members = ("fmt", "authData", "attStmt")
    return b"\xa3" + b"".join(cbor.encode(each) + cbor.encode(scene.attestation_object[each]) for each in members)


def _backed_up(on: bool) -> Change:
    def change(parts: Any) -> Any:
        flags = parts.flags | Flags.BE
        return replace(parts, flags=flags | Flags.BS if on else flags & ~Flags.BS)

    return through(change)


def _to_software(description: KeyDescription) -> KeyDescription:
    """Everything is enforced by software, as in an emulator; only a strict relying party minds."""
    entries = tuple(sorted((*description.software, *description.hardware)))
    return replace(description, software=entries, hardware=(), security_level=0)


_CLIENT_DATA = (
    *_both(
        "client-data-text.byte-order-mark",
        "A byte order mark leads the client data.",
        Point.CLIENT_DATA_JSON,
        through(lambda text: b"\xef\xbb\xbf" + text),
    ),
    *_both(
        "client-data-json.unknown-member",
        "The client data has a member that nobody knows.",
        Point.CLIENT_DATA,
        put("other_keys_can_be_added_here", {"do not": ["compare", "against", "a template"]}),
    ),
    *_both(
        "client-data-json.other-order",
        "The members of the client data stand in another order.",
        Point.CLIENT_DATA,
        through(lambda members: dict(reversed(members.items()))),
    ),
    *_both(
        "client-data-json.white-space",
        "The client data is written with white space.",
        Point.CLIENT_DATA_JSON,
        through(lambda text: json.dumps(json.loads(text), indent=2).encode() + b"\n"),
    ),
    *_both(
        "client-data-json.escaped",
        "A letter of the origin is escaped.",
        Point.CLIENT_DATA_JSON,
        through(_escape_first_letter),
    ),
    *_both(
        "client-data-json.no-cross-origin",
        "`crossOrigin` is missing, as in Level 1.",
        Point.CLIENT_DATA,
        drop("crossOrigin"),
    ),
    *_both(
        "client-data-json.token-binding-supported",
        "Token binding is supported, says an old client.",
        Point.CLIENT_DATA,
        put("tokenBinding", {"status": "supported"}),
    ),
    *_both(
        "client-data-json.token-binding-present",
        "Token binding was used, says an old client.",
        Point.CLIENT_DATA,
        put("tokenBinding", {"status": "present", "id": "AAAA"}),
    ),
    *_both(
        "client-data-json.token-binding-unknown",
        "Token binding has a status that does not exist.",
        Point.CLIENT_DATA,
        put("tokenBinding", {"status": "maybe"}),
    ),
)

_ENVELOPE = (
    *_both(
        "response-kind.white-space",
        "The body is written with white space.",
        Point.BODY,
        through(lambda body: b"\n " + json.dumps(json.loads(body), indent=1).encode() + b"\n"),
    ),
    *_both(
        "response-kind.unknown-member",
        "The response has a member that nobody knows.",
        Point.RESPONSE,
        put("futureMember", {"x": [1, None, 1.5]}),
    ),
    *_both(
        "response-kind.unknown-inner-member",
        "`response` has a member that nobody knows.",
        Point.RESPONSE,
        put("response", "futureMember", True),
    ),
    *_both(
        "response-kind.unknown-attachment",
        "The attachment is one that nobody knows.",
        Point.RESPONSE,
        put("authenticatorAttachment", "implanted"),
    ),
    *_both(
        "response-kind.no-attachment",
        "The attachment is not told.",
        Point.RESPONSE,
        through(lambda response: {key: each for key, each in response.items() if key != "authenticatorAttachment"}),
    ),
    *_both(
        "response-kind.null-attachment", "The attachment is null.", Point.RESPONSE, put("authenticatorAttachment", None)
    ),
    *_both(
        "client-extensions.unknown-output",
        "An output answers an extension that nobody knows.",
        Point.CLIENT_OUTPUTS,
        put("futureExtension", {"enabled": True}),
    ),
    oddity(
        "registration.attestation-object.no-copies",
        "There are no convenience copies, as in old JSON.",
        Point.RESPONSE,
        edit("response", lambda inner: {key: inner[key] for key in ("clientDataJSON", "attestationObject")}),
    ),
    oddity(
        "registration.attestation-object.null-key-copy",
        "The client does not know the key's form.",
        Point.RESPONSE,
        put("response", "publicKey", None),
    ),
    oddity(
        "registration.attestation-object.empty-key-copy",
        "The page encoded a key that the client did not give.",
        Point.RESPONSE,
        put("response", "publicKey", ""),
    ),
    oddity(
        "registration.response-kind.no-transports",
        "No transports are known.",
        Point.RESPONSE,
        put("response", "transports", []),
    ),
    oddity(
        "registration.response-kind.unknown-transports",
        "The transports are new, old, and twice the same.",
        Point.RESPONSE,
        put("response", "transports", ["cable", "telepathy", "usb", "usb"]),
    ),
    oddity(
        "authentication.user.listed-null-user-handle",
        "A listed credential answers with a null user handle.",
        Point.RESPONSE,
        put("response", "userHandle", None),
        needs=(Need.LISTED,),
    ),
    oddity(
        "authentication.user.listed-empty-user-handle",
        "A listed credential answers with an empty user handle.",
        Point.RESPONSE,
        put("response", "userHandle", ""),
        needs=(Need.LISTED,),
    ),
    oddity(
        "authentication.user.listed-no-user-handle",
        "A listed credential answers without user handle.",
        Point.RESPONSE,
        edit("response", lambda inner: {key: each for key, each in inner.items() if key != "userHandle"}),
        needs=(Need.LISTED,),
    ),
)

_AUTHENTICATOR_DATA = (
    *_both(
        "rp-id-hash.reserved-flags",
        "The reserved flags are set.",
        Point.AUTHENTICATOR_DATA,
        through(lambda parts: replace(parts, flags=parts.flags | 0x22)),
    ),
    *_both(
        "extensions.unknown-signed",
        "A signed output answers an extension that nobody knows.",
        Point.EXTENSION_OUTPUTS,
        put("future", {"nested": [1, b"\x00", True]}),
    ),
    oddity(
        "registration.backup-state.backed-up",
        "The new credential is backed up.",
        Point.AUTHENTICATOR_DATA,
        _backed_up(True),
    ),
    oddity(
        "registration.backup-state.eligible",
        "The new credential may be backed up.",
        Point.AUTHENTICATOR_DATA,
        _backed_up(False),
    ),
    oddity(
        "registration.credential-id-length.1",
        "The credential id has one byte.",
        Point.CREDENTIAL_ID,
        through(lambda honest: honest[:1]),
    ),
    oddity(
        "registration.credential-id-length.1023",
        "The credential id has 1023 bytes.",
        Point.CREDENTIAL_ID,
        through(lambda honest: (honest * 32)[:1023]),
    ),
    oddity(
        "registration.attestation-object.unsorted",
        "The members of the attestation object are not sorted.",
        Point.ATTESTATION_OBJECT_BYTES,
        _unsorted,
    ),
    oddity(
        "registration.attestation-object.zero-aaguid",
        "The authenticator names no model.",
        Point.AUTHENTICATOR_DATA,
        through(lambda parts: replace(parts, attested=replace(parts.attested, aaguid=bytes(16)))),
        formats=("none", "packed-self"),
    ),
    oddity(
        "registration.sign-count.large",
        "The first counter is the largest there is.",
        Point.AUTHENTICATOR_DATA,
        fields(sign_count=2**32 - 1),
    ),
    oddity(
        "authentication.sign-count.jump",
        "The counter has jumped.",
        Point.AUTHENTICATOR_DATA,
        fields(sign_count=2**32 - 1),
    ),
)

_STEP = "registration.attestation-statement."
_STATEMENTS = (
    oddity(
        _STEP + "packed-no-aaguid",
        "The certificate names no model.",
        Point.LEAF,
        through(lambda leaf: leaf.without_extension(AAGUID_EXTENSION)),
        formats=("packed",),
    ),
    oddity(
        _STEP + "packed-printable-name",
        "The certificate's names are PrintableStrings.",
        Point.LEAF,
        through(lambda leaf: leaf.with_attribute(COMMON_NAME, der.printable("Unlatch Test"))),
        formats=("packed",),
    ),
    oddity(
        _STEP + "packed-country-lower-case",
        "The country is written in lower case, which X.520 compares as the same.",
        Point.LEAF,
        through(lambda leaf: leaf.with_attribute(COUNTRY, der.printable("se"))),
        formats=("packed",),
    ),
    oddity(
        _STEP + "tpm-clock",
        "The TPM's clock information holds a number where a boolean belongs.",
        Point.TPM_CERTIFY_INFO,
        fields(clock_safe=0x33),
        formats=("tpm",),
    ),
    oddity(
        _STEP + "tpm-three-names",
        "Manufacturer, model and version stand in three relative names.",
        Point.LEAF,
        through(lambda leaf: leaf.with_extension(TpmSettings(name_layout=NameLayout.THREE_RDNS).alternative_name)),
        formats=("tpm",),
    ),
    oddity(
        _STEP + "tpm-policy",
        "The certified key has an authorization policy.",
        Point.TPM_PUBLIC_AREA,
        fields(policy=b"\x07" * 32),
        formats=("tpm",),
    ),
    oddity(
        _STEP + "android-key-software",
        "Software alone enforces what is said about the key.",
        Point.ANDROID_DESCRIPTION,
        through(_to_software),
        formats=("android-key",),
    ),
    oddity(
        _STEP + "android-key-version",
        "The key description is of the first version.",
        Point.ANDROID_DESCRIPTION,
        fields(version=1),
        formats=("android-key",),
    ),
    oddity(
        _STEP + "android-key-unknown-entries",
        "The description holds entries that nobody knows.",
        Point.ANDROID_DESCRIPTION,
        through(lambda d: replace(d, hardware=(*d.hardware, (9000, der.integer(1))))),
        formats=("android-key",),
    ),
    oddity(
        "registration.attestation-trust.root-included",
        "The chain ends with the root itself.",
        Point.CHAIN,
        lambda chain, scene: [*chain, scene.authenticator.root.certificate],
        formats=("packed", "tpm", "android-key", "apple", "android-safetynet"),
    ),
)

ODDITIES = (*_CLIENT_DATA, *_ENVELOPE, *_AUTHENTICATOR_DATA, *_STATEMENTS)
