"""Faults of the `android-key` format (section 8.4): the described key, its certificate, the signature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.certificates import Extension
from unlatch.testing.faults.fault import Rule
from unlatch.testing.faults.writing import append, fault, fields, flip, misshapen, put, through
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point
from unlatch.testing.statements.android_key import (
    ALL_APPLICATIONS,
    DESCRIPTION_EXTENSION,
    ORIGIN,
    PURPOSE,
    Authorizations,
    KeyDescription,
)

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault

_FORMATS = ("android-key",)
_STEP = "registration.attestation-statement.android-key-"


def _description(name: str, what: str, change: Change, *, rule: Rule | None = None) -> Fault:
    return fault(
        _STEP + name, what, Point.ANDROID_DESCRIPTION, change, Code.ATTESTATION_INVALID, formats=_FORMATS, rule=rule
    )


def _extension(name: str, what: str, function: Any, code: Code, *, decoder: bool = False) -> Fault:
    """A fault of the extension's bytes."""

    def bend(leaf: Any) -> Any:
        (honest,) = (each for each in leaf.extensions if each.oid == DESCRIPTION_EXTENSION)
        return leaf.with_extension(Extension(DESCRIPTION_EXTENSION, function(honest.value)))

    return fault(_STEP + name, what, Point.LEAF, through(bend), code, decoder=decoder, formats=_FORMATS)


def _hardware(function: Any) -> Change:
    return through(lambda description: replace(description, hardware=function(description.hardware)))


def _without(tag: int) -> Any:
    return lambda entries: tuple(entry for entry in entries if entry[0] != tag)


def _with(tag: int, value: bytes) -> Any:
    """Set an entry, in its place among the others."""

    def change(entries: Authorizations) -> Authorizations:
        return tuple(sorted((*(entry for entry in entries if entry[0] != tag), (tag, value))))

    return change


def _in_software(tag: int) -> Change:
    """Move an entry from the hardware's list to the software's."""

    def move(description: KeyDescription) -> KeyDescription:
        moved = tuple(entry for entry in description.hardware if entry[0] == tag)
        software = tuple(sorted((*description.software, *moved)))
        return replace(description, software=software, hardware=_without(tag)(description.hardware))

    return through(move)


def _purposes(*numbers: int) -> bytes:
    return der.set_of(*map(der.integer, numbers))


_DESCRIPTIONS = (
    _description("challenge", "The key was described for another ceremony.", fields(challenge=b"\x01" * 32)),
    _description("challenge-empty", "The key was described for no ceremony.", fields(challenge=b"")),
    _description(
        "challenge-longer",
        "A byte follows the hash of the ceremony.",
        through(lambda d: replace(d, challenge=d.challenge + b"\x00")),
    ),
    _description("all-applications", "All applications may use the key.", _hardware(_with(ALL_APPLICATIONS, der.NULL))),
    _description(
        "all-applications-in-software",
        "Software lets all applications use the key.",
        through(lambda d: replace(d, software=_with(ALL_APPLICATIONS, der.NULL)(d.software))),
    ),
    _description("imported", "The key was imported.", _hardware(_with(ORIGIN, der.integer(2)))),
    _description("derived", "The key was derived.", _hardware(_with(ORIGIN, der.integer(1)))),
    _description(
        "origin-giant", "The origin is a number of kilobytes.", _hardware(_with(ORIGIN, der.integer(1 << 20_000)))
    ),
    _description("no-origin", "Nothing is said about the key's origin.", _hardware(_without(ORIGIN))),
    _description(
        "origins-contradict",
        "Software and hardware name different origins.",
        through(lambda d: replace(d, software=_with(ORIGIN, der.integer(2))(d.software))),
    ),
    _description("encrypts", "The key may encrypt and not sign.", _hardware(_with(PURPOSE, _purposes(0)))),
    _description("signs-and-decrypts", "The key may decrypt as well.", _hardware(_with(PURPOSE, _purposes(1, 2)))),
    _description("verifies", "The key may verify and not sign.", _hardware(_with(PURPOSE, _purposes(3)))),
    _description("no-purpose", "Nothing is said about the key's purpose.", _hardware(_without(PURPOSE))),
    _description("purpose-empty", "The key has no purpose.", _hardware(_with(PURPOSE, _purposes()))),
    _description(
        "origin-in-software",
        "Only software vouches for the key's origin.",
        _in_software(ORIGIN),
        rule=Rule.HARDWARE_ENFORCED,
    ),
    _description(
        "purpose-in-software",
        "Only software vouches for the key's purpose.",
        _in_software(PURPOSE),
        rule=Rule.HARDWARE_ENFORCED,
    ),
)

_EXTENSIONS = (
    fault(
        _STEP + "no-description",
        "The certificate does not describe the key.",
        Point.LEAF,
        through(lambda leaf: leaf.without_extension(DESCRIPTION_EXTENSION)),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
    ),
    _extension(
        "description-truncated", "The description ends early.", lambda value: value[:-1], Code.DER, decoder=True
    ),
    _extension(
        "description-trailing", "A byte follows the description.", lambda value: value + b"\x00", Code.DER, decoder=True
    ),
    _extension("description-empty", "The description is empty.", lambda _: der.sequence(), Code.DER, decoder=True),
    fault(
        _STEP + "purpose-integer",
        "The purpose is a single integer instead of a set.",
        Point.ANDROID_DESCRIPTION,
        _hardware(_with(PURPOSE, der.integer(2))),
        Code.DER,
        decoder=True,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "origin-text",
        "The origin is a text.",
        Point.ANDROID_DESCRIPTION,
        _hardware(_with(ORIGIN, der.utf8("generated"))),
        Code.DER,
        decoder=True,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "origin-twice",
        "The origin stands twice.",
        Point.ANDROID_DESCRIPTION,
        _hardware(lambda entries: (*entries, (ORIGIN, der.integer(2)))),
        Code.DER,
        decoder=True,
        formats=_FORMATS,
    ),
)

FAULTS = (
    *misshapen("android-key", ("alg", "sig", "x5c"), formats=_FORMATS),
    *_DESCRIPTIONS,
    *_EXTENSIONS,
    fault(
        _STEP + "other-key",
        "The certificate is for another key than the credential's.",
        Point.CERTIFIED_KEY,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_KEY_MISMATCH,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "signature-flipped",
        "One bit of the statement's signature differs.",
        Point.SIGNATURE,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "signature-longer",
        "A byte follows the statement's signature.",
        Point.SIGNATURE,
        append(b"\x00"),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-signer",
        "Another key than the certified one signed.",
        Point.SIGNER,
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-client-data",
        "Another hash of client data was signed.",
        Point.SIGNED,
        flip(-1),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "other-authenticator-data",
        "Other authenticator data were signed.",
        Point.SIGNED,
        flip(36),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-other",
        "The statement names an algorithm that the certified key cannot do.",
        Point.STATEMENT,
        through(lambda statement: {**statement, "alg": -257 if statement["alg"] == -7 else -7}),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "alg-sha-1",
        "The statement is signed with SHA-1.",
        Point.STATEMENT,
        put("alg", -65535),
        Code.ATTESTATION_INVALID,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "chain-reversed",
        "The chain starts with the intermediate.",
        Point.CHAIN,
        through(lambda chain: chain[::-1]),
        Code.ATTESTATION_SIGNATURE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "attested-issuer",
        "A certificate above the first one describes a key as well.",
        Point.CHAIN,
        through(lambda chain: [chain[0], *chain]),
        Code.ATTESTATION_CERTIFICATE,
        formats=_FORMATS,
    ),
    fault(
        _STEP + "x5c-empty",
        "The certificate chain is empty.",
        Point.CHAIN,
        through(lambda _: []),
        Code.ATTESTATION_STATEMENT,
        decoder=True,
        formats=_FORMATS,
    ),
)
