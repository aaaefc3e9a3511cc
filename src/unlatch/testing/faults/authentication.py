"""Faults of assertions: whose credential it is, its signature, its counter, its backup eligibility."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from unlatch.codes import Code
from unlatch.terms import Flags
from unlatch.testing import der
from unlatch.testing.authenticator_data import Parts
from unlatch.testing.faults.fault import Need, Rule
from unlatch.testing.faults.writing import append, drop, edit, fault, flip, put, through, to
from unlatch.testing.keys import KeyPair, credential_algorithms
from unlatch.testing.points import Point
from unlatch.wire import base64url

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_ECDSA, _PSS = credential_algorithms("ecdsa"), credential_algorithms("pss")
_RSA = credential_algorithms("pkcs1", "pss")
_ED25519 = (-8, -19)
_ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def _signature(name: str, what: str, change: Change, algorithms: Any = None, point: Point = Point.SIGNATURE) -> Fault:
    return fault(f"authentication.signature.{name}", what, point, change, Code.SIGNATURE_INVALID, algorithms=algorithms)


def _other_id(response: dict[str, Any], _scene: Scene) -> dict[str, Any]:
    other = base64url.encode(secrets.token_bytes(32))
    return {**response, "id": other, "rawId": other}


def _raw_ecdsa(signature: bytes, scene: Scene) -> bytes:
    """The concatenated numbers of JOSE instead of the DER of section 6.5.5."""
    size = (scene.credential_key.private.key_size + 7) // 8
    return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(signature))


def _long_head(signature: bytes) -> bytes:
    """BER: the outer length written with a byte more than DER allows."""
    body = signature[2:] if signature[1] < 0x80 else signature[3:]
    octets = len(body).to_bytes(2, "big")
    return b"\x30\x82" + octets + body


def _padded_number(signature: bytes) -> bytes:
    """BER: a leading zero byte that the first number does not need."""
    r, s = decode_dss_signature(signature)
    content = der.integer(r)[2:]
    return der.sequence(der.element(0x02, b"\x00" + content), der.integer(s))


def _indefinite(signature: bytes) -> bytes:
    body = signature[2:] if signature[1] < 0x80 else signature[3:]
    return b"\x30\x80" + body + b"\x00\x00"


def _other_salt(length: int) -> Change:
    """A PSS signature over the right data with a salt of `length` bytes."""
    return lambda _honest, scene: scene.credential_key.sign(
        scene.authenticator_data + scene.client_data_hash, salt_length=length
    )


def _malleable(signature: bytes) -> bytes:
    """Ed25519 with the group order added to S: verifies where S is not checked to be reduced."""
    number = int.from_bytes(signature[32:], "little") + _ED25519_ORDER
    return signature[:32] + number.to_bytes(32, "little")


def _counter(change: Any) -> Change:
    """The counter as `change` makes it from the last one that was used."""

    def bent(parts: Parts, scene: Scene) -> Parts:
        credential = scene.credential
        last = parts.sign_count if credential is None else credential.sign_count
        return replace(parts, sign_count=max(0, change(last)))

    return bent


def _eligibility(parts: Parts, _scene: Scene) -> Parts:
    if parts.flags & Flags.BE:
        return replace(parts, flags=parts.flags & ~(Flags.BE | Flags.BS))
    return replace(parts, flags=parts.flags | Flags.BE)


FAULTS = (
    fault(
        "authentication.allow-credentials.not-listed",
        "A credential answers that was not in the list.",
        Point.RESPONSE,
        _other_id,
        Code.CREDENTIAL_NOT_ALLOWED,
        needs=(Need.LISTED,),
    ),
    fault(
        "authentication.user.unknown-credential",
        "Nobody knows the credential.",
        Point.RESPONSE,
        _other_id,
        Code.CREDENTIAL_UNKNOWN,
        needs=(Need.NOT_LISTED,),
    ),
    fault(
        "authentication.user.no-user-handle",
        "A discoverable credential answers without a user handle.",
        Point.RESPONSE,
        drop("response", "userHandle"),
        Code.USER_HANDLE_MISSING,
        needs=(Need.NOT_LISTED,),
    ),
    fault(
        "authentication.user.null-user-handle",
        "The user handle of a discoverable credential is null.",
        Point.RESPONSE,
        put("response", "userHandle", None),
        Code.USER_HANDLE_MISSING,
        needs=(Need.NOT_LISTED,),
    ),
    fault(
        "authentication.user.other-user-handle",
        "The user handle is another user's.",
        Point.RESPONSE,
        put("response", "userHandle", base64url.encode(b"somebody else")),
        Code.USER_HANDLE_MISMATCH,
    ),
    fault(
        "authentication.user.longer-user-handle",
        "A zero byte follows the user handle.",
        Point.RESPONSE,
        edit(
            "response",
            "userHandle",
            lambda text: base64url.encode((base64url.decode(text, "userHandle") if text else b"handle")[:63] + b"\x00"),
        ),
        Code.USER_HANDLE_MISMATCH,
    ),
    _signature("flipped", "One bit of the signature differs.", flip(-1)),
    _signature("first-bit", "The first bit of the signature differs.", flip(0, bit=7)),
    _signature("longer", "A byte follows the signature.", append(b"\x00")),
    _signature("shorter", "The last byte of the signature is missing.", through(lambda signature: signature[:-1])),
    _signature("zero", "The signature is all zero.", through(lambda signature: bytes(len(signature)))),
    _signature("one-byte", "The signature is a single byte.", to(b"\x00")),
    _signature(
        "other-key",
        "Another key signed.",
        lambda honest, _scene: KeyPair.generate(honest.algorithm.id),
        point=Point.SIGNER,
    ),
    _signature(
        "other-algorithm",
        "A key of another algorithm signed.",
        lambda honest, _scene: KeyPair.generate(-7 if honest.algorithm.id != -7 else -8),
        point=Point.SIGNER,
    ),
    _signature("other-authenticator-data", "Another counter was signed.", flip(36), point=Point.SIGNED),
    _signature("other-flags", "Other flags were signed.", flip(32, bit=2), point=Point.SIGNED),
    _signature("other-client-data", "Another hash of client data was signed.", flip(-1), point=Point.SIGNED),
    _signature(
        "without-client-data",
        "Only the authenticator data were signed.",
        through(lambda signed: signed[:-32]),
        point=Point.SIGNED,
    ),
    _signature(
        "swapped",
        "Hash and authenticator data were signed in the wrong order.",
        through(lambda signed: signed[-32:] + signed[:-32]),
        point=Point.SIGNED,
    ),
    _signature("raw-ecdsa", "The ECDSA signature is two bare numbers instead of DER.", _raw_ecdsa, _ECDSA),
    _signature(
        "long-length",
        "The ECDSA signature is BER: its length takes more bytes than needed.",
        through(_long_head),
        _ECDSA,
    ),
    _signature(
        "padded-number",
        "The ECDSA signature is BER: a number has a needless zero byte.",
        through(_padded_number),
        _ECDSA,
    ),
    _signature(
        "indefinite-length", "The ECDSA signature is BER: its length is indefinite.", through(_indefinite), _ECDSA
    ),
    _signature(
        "zero-numbers",
        "Both numbers of the ECDSA signature are zero.",
        to(der.sequence(der.integer(0), der.integer(0))),
        _ECDSA,
    ),
    _signature(
        "one-and-one",
        "Both numbers of the ECDSA signature are one.",
        to(der.sequence(der.integer(1), der.integer(1))),
        _ECDSA,
    ),
    _signature("empty-salt", "The PSS signature has no salt.", _other_salt(0), _PSS),
    _signature("short-salt", "The salt of the PSS signature is shorter than the hash.", _other_salt(20), _PSS),
    _signature(
        "rsa-one",
        "The RSA signature is the number one.",
        through(lambda signature: bytes(len(signature) - 1) + b"\x01"),
        _RSA,
    ),
    _signature(
        "rsa-short",
        "A zero byte is missing in front of the RSA signature or its first byte is.",
        through(lambda signature: signature[1:]),
        _RSA,
    ),
    _signature("malleable", "The Ed25519 signature's second half is not reduced.", through(_malleable), _ED25519),
    fault(
        "authentication.sign-count.equal",
        "The counter has not moved.",
        Point.AUTHENTICATOR_DATA,
        _counter(lambda last: last),
        Code.SIGN_COUNT_REGRESSED,
        needs=(Need.COUNTER,),
        rule=Rule.SIGN_COUNT,
    ),
    fault(
        "authentication.sign-count.smaller",
        "The counter went back.",
        Point.AUTHENTICATOR_DATA,
        _counter(lambda last: last - 1),
        Code.SIGN_COUNT_REGRESSED,
        needs=(Need.COUNTER,),
        rule=Rule.SIGN_COUNT,
    ),
    fault(
        "authentication.sign-count.zero",
        "The counter of an authenticator that counts is zero.",
        Point.AUTHENTICATOR_DATA,
        _counter(lambda _: 0),
        Code.SIGN_COUNT_REGRESSED,
        needs=(Need.COUNTER,),
        rule=Rule.SIGN_COUNT,
    ),
    fault(
        "authentication.backup-eligibility.changed",
        "The credential's backup eligibility is not what it was.",
        Point.AUTHENTICATOR_DATA,
        _eligibility,
        Code.BACKUP_ELIGIBILITY_CHANGED,
        rule=Rule.BACKUP_ELIGIBILITY,
    ),
)
