"""Faults of the authenticator data: its structure, the RP ID hash, flags and the credential id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.terms import Flags
from unlatch.testing.authenticator_data import Attested, Parts
from unlatch.testing.faults.fault import Need, Rule
from unlatch.testing.faults.writing import both, fault, fields, through, to
from unlatch.testing.points import Point
from unlatch.wire import cbor

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

_DATA, _BYTES = Point.AUTHENTICATOR_DATA, Point.AUTHENTICATOR_DATA_BYTES
_AT_REGISTRATION, _AT_AUTHENTICATION = "registration.attestation-object.", "authentication.response-parts."


def _flags(*, on: int = 0, off: int = 0) -> Change:
    return through(lambda parts: replace(parts, flags=(parts.flags | on) & ~off & 0xFF))


def _attested(**changes: Any) -> Change:
    return through(lambda parts: replace(parts, attested=replace(parts.attested, **changes)))


def _structure(name: str, what: str, point: Point, change: Change) -> tuple[Fault, Fault]:
    """The same mistake in both ceremonies; the decoder is known there by different steps."""
    code = Code.AUTHENTICATOR_DATA
    return (
        fault(f"{_AT_REGISTRATION}authenticator-data-{name}", what, point, change, code, decoder=True),
        fault(f"{_AT_AUTHENTICATION}authenticator-data-{name}", what, point, change, code, decoder=True),
    )


def _extension_map(value: Any) -> Change:
    encoded = cbor.encode(value)
    return through(lambda parts: replace(parts, flags=parts.flags | Flags.ED, extensions=encoded))


def _unannounced(parts: Parts, _scene: Scene) -> Parts:
    return replace(
        parts, flags=parts.flags & ~Flags.ED, extensions=parts.extensions or cbor.encode({"uvm": [[2, 2, 2]]})
    )


def _earlier_id(_honest: bytes, scene: Scene) -> bytes:
    return scene.authenticator.credentials[-1].id


def _with_credential(parts: Parts, scene: Scene) -> Parts:
    """A registration's attested credential data inside an assertion, honestly announced by the flag."""
    attested = Attested(scene.authenticator.aaguid, scene.credential_id, scene.credential_key.encoded)
    return replace(parts, flags=parts.flags | Flags.AT, attested=attested)


_STRUCTURE = (
    *_structure("too-short", "The authenticator data end inside the counter.", _BYTES, through(lambda b: b[:36])),
    *_structure("left-over", "Bytes follow the authenticator data.", _DATA, fields(tail=b"\x00")),
    *_structure("second-map", "A second map follows the authenticator data.", _DATA, fields(tail=b"\xa0")),
    *_structure("extensions-unannounced", "Extension outputs follow although ED is 0.", _DATA, _unannounced),
    *_structure("extensions-array", "The extension outputs are an array.", _DATA, _extension_map([])),
    *_structure("extensions-integer-key", "An extension is named by a number.", _DATA, _extension_map({1: True})),
    fault(
        f"{_AT_REGISTRATION}extensions-missing",
        "ED is 1, but there are no extension outputs.",
        _DATA,
        through(lambda parts: replace(parts, flags=parts.flags | Flags.ED, extensions=None)),
        Code.CBOR_TRUNCATED,
        decoder=True,
    ),
    fault(
        f"{_AT_AUTHENTICATION}extensions-missing",
        "ED is 1, but there are no extension outputs.",
        _DATA,
        through(lambda parts: replace(parts, flags=parts.flags | Flags.ED, extensions=None)),
        Code.CBOR_TRUNCATED,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}attested-unannounced",
        "A credential follows although AT is 0.",
        _DATA,
        # ED is taken too: with it, the AAGUID would be read as the extension outputs, and break in one way or another.
        _flags(off=Flags.AT | Flags.ED),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}attested-missing",
        "There is no credential, and AT is 0.",
        _DATA,
        through(lambda parts: replace(parts, flags=parts.flags & ~Flags.AT, attested=None)),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}attested-empty",
        "AT is 1, but nothing follows.",
        _DATA,
        fields(attested=None, extensions=None),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}attested-cut",
        "The authenticator data end inside the AAGUID.",
        _BYTES,
        through(lambda b: b[:50]),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}id-length-too-long",
        "The credential id claims to be longer than what is left.",
        _DATA,
        _attested(declared_length=0xFFFF),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}id-empty",
        "The credential id inside the authenticator data is empty.",
        _DATA,
        _attested(credential_id=b""),
        Code.CREDENTIAL_ID,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}id-other",
        "The authenticator data name another credential id than the envelope.",
        _DATA,
        _attested(credential_id=b"\x07" * 32),
        Code.CREDENTIAL_ID,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}id-longer",
        "A byte follows the credential id inside the authenticator data.",
        _DATA,
        through(
            lambda parts: replace(
                parts, attested=replace(parts.attested, credential_id=parts.attested.credential_id + b"\x00")
            )
        ),
        Code.CREDENTIAL_ID,
        decoder=True,
    ),
    fault(
        f"{_AT_REGISTRATION}key-missing",
        "No key follows the credential id.",
        _DATA,
        through(
            lambda parts: replace(
                parts, flags=parts.flags & ~Flags.ED, extensions=None, attested=replace(parts.attested, public_key=b"")
            )
        ),
        Code.CBOR_TRUNCATED,
        decoder=True,
    ),
    fault(
        f"{_AT_AUTHENTICATION}attested-announced",
        "AT is 1 in an assertion, but there is no credential.",
        _DATA,
        _flags(on=Flags.AT),
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
    fault(
        f"{_AT_AUTHENTICATION}attested",
        "An assertion carries a credential.",
        _DATA,
        _with_credential,
        Code.AUTHENTICATOR_DATA,
        decoder=True,
    ),
)

_CONTENT = (
    *both(
        "rp-id-hash.other",
        "The credential is scoped to another RP ID.",
        Point.RP_ID,
        to("evil.test"),
        Code.RP_ID_HASH_MISMATCH,
    ),
    *both(
        "rp-id-hash.parent",
        "The RP ID is a sub-domain of the expected one.",
        Point.RP_ID,
        through(lambda rp_id: f"login.{rp_id}"),
        Code.RP_ID_HASH_MISMATCH,
    ),
    *both(
        "rp-id-hash.origin",
        "The origin was hashed instead of the RP ID.",
        Point.RP_ID,
        through(lambda rp_id: f"https://{rp_id}"),
        Code.RP_ID_HASH_MISMATCH,
    ),
    *both(
        "rp-id-hash.upper-case",
        "The RP ID was hashed in upper case.",
        Point.RP_ID,
        through(lambda rp_id: rp_id.upper()),
        Code.RP_ID_HASH_MISMATCH,
    ),
    *both(
        "rp-id-hash.zero",
        "The hash of the RP ID is all zero.",
        _DATA,
        fields(rp_id_hash=bytes(32)),
        Code.RP_ID_HASH_MISMATCH,
    ),
    fault(
        "registration.user-presence.absent",
        "Nobody touched the authenticator.",
        _DATA,
        _flags(off=Flags.UP),
        Code.USER_NOT_PRESENT,
        needs=(Need.NOT_CONDITIONAL,),
    ),
    fault(
        "authentication.user-presence.absent",
        "Nobody touched the authenticator.",
        _DATA,
        _flags(off=Flags.UP),
        Code.USER_NOT_PRESENT,
    ),
    *both(
        "user-verification.absent",
        "The user was not verified although that was required.",
        _DATA,
        _flags(off=Flags.UV),
        Code.USER_NOT_VERIFIED,
        needs=(Need.USER_VERIFICATION_REQUIRED,),
    ),
    *both(
        "backup-flags.state-without-eligibility",
        "The credential is backed up, but not eligible for it.",
        _DATA,
        _flags(on=Flags.BS, off=Flags.BE),
        Code.BACKUP_STATE_WITHOUT_ELIGIBILITY,
    ),
    fault(
        "registration.backup-eligibility.synced",
        "The credential may leave its device.",
        _DATA,
        _flags(on=Flags.BE),
        Code.BACKUP_NOT_ALLOWED,
        rule=Rule.SINGLE_DEVICE,
    ),
    fault(
        "registration.backup-state.not-backed-up",
        "The credential is not backed up.",
        _DATA,
        _flags(off=Flags.BS),
        Code.BACKUP_REQUIRED,
        rule=Rule.SYNCED,
    ),
    fault(
        "registration.credential-id-length.1024",
        "The credential id has 1024 bytes.",
        Point.CREDENTIAL_ID,
        through(lambda _: b"\x05" * 1024),
        Code.CREDENTIAL_ID_TOO_LONG,
    ),
    fault(
        "registration.credential-id-length.5000",
        "The credential id has 5000 bytes.",
        Point.CREDENTIAL_ID,
        through(lambda _: b"\x05" * 5000),
        Code.CREDENTIAL_ID_TOO_LONG,
    ),
    fault(
        "registration.credential-not-registered.again",
        "The credential id is registered already.",
        Point.CREDENTIAL_ID,
        _earlier_id,
        Code.CREDENTIAL_ALREADY_REGISTERED,
        needs=(Need.EARLIER_CREDENTIAL,),
    ),
)

FAULTS = (*_STRUCTURE, *_CONTENT)
