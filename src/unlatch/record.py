"""The credential record (section 4): all that a relying party remembers of a passkey."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import ZERO_AAGUID, Aaguid, AttestationType, CredentialId, RpId, TrustVerdict, UserHandle
from unlatch.values import frozen, maker
from unlatch.wire import base64url, strict_json
from unlatch.wire.options import MAX_USER_HANDLE_LENGTH, CredentialDescriptor

#: Version of the JSON form. A reader refuses versions that it does not know.
_VERSION = 1
_MAX_SIGN_COUNT = 2**32 - 1
_MAX_CREDENTIAL_ID = 1023


@frozen(kw_only=True)
class CredentialRecord:
    """One registered credential.

    Attributes:
        id: Credential id, 1 to 1023 bytes; unique among all users.
        public_key: COSE_Key, exactly as registered.
        sign_count: Highest signature counter seen; 0 where the authenticator keeps none.
        user_handle: The account that owns the credential.
        rp_id: The RP ID that it is scoped to.
        transports: As reported at registration, unknown values included.
        uv_initialized: Whether user verification of this credential may count as a factor (section 4).
        backup_eligible: Fixed at registration; None where an imported record does not tell.
        backup_state: Whether it was synced when last seen.
        aaguid: Model of the authenticator; to be trusted only as far as `trust` goes.
        attestation_format: Statement format at registration.
        attestation_type: What kind of attestation it was.
        trust: What the attestation was worth.
        discoverable: From `credProps`; None when unknown.
        attachment: `authenticatorAttachment` at registration; None when unknown.
        name: What the person calls it.
        created_at: Time of registration (UTC).
        last_used_at: Time of the last accepted assertion (UTC).
        attestation_object: Kept on request, to judge the attestation again later.
        client_data_json: Kept together with `attestation_object`.
    """

    id: CredentialId
    public_key: bytes
    sign_count: int
    user_handle: UserHandle
    rp_id: RpId
    transports: tuple[str, ...] = ()
    uv_initialized: bool = False
    backup_eligible: bool | None = None
    backup_state: bool = False
    aaguid: Aaguid = ZERO_AAGUID
    attestation_format: str = "none"
    attestation_type: AttestationType = AttestationType.NONE
    trust: TrustVerdict = TrustVerdict.NONE
    discoverable: bool | None = None
    attachment: str | None = None
    name: str | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    attestation_object: bytes | None = None
    client_data_json: bytes | None = None

    @property
    def descriptor(self) -> CredentialDescriptor:
        """The entry for `excludeCredentials` and `allowCredentials`."""
        return _descriptor()(self.id, self.transports)

    def after_use(
        self,
        *,
        sign_count: int,
        backup_eligible: bool | None,
        backup_state: bool,
        uv_initialized: bool,
        last_used_at: datetime,
    ) -> CredentialRecord:
        """The record after an accepted assertion (section 7.2 step 24); all else stays as it was registered.

        Written out by position: `replace` costs as much as reading the client data, and twenty keywords half of it.
        """
        return make_record(
            self.id,
            self.public_key,
            sign_count,
            self.user_handle,
            self.rp_id,
            self.transports,
            uv_initialized,
            backup_eligible,
            backup_state,
            self.aaguid,
            self.attestation_format,
            self.attestation_type,
            self.trust,
            self.discoverable,
            self.attachment,
            self.name,
            self.created_at,
            last_used_at,
            self.attestation_object,
            self.client_data_json,
        )

    def to_json(self) -> str:
        """One line of JSON with everything that the record holds."""
        return json.dumps(
            {
                "v": _VERSION,
                "id": base64url.encode(self.id),
                "publicKey": base64url.encode(self.public_key),
                "signCount": self.sign_count,
                "userHandle": base64url.encode(self.user_handle),
                "rpId": self.rp_id,
                "transports": list(self.transports),
                "uvInitialized": self.uv_initialized,
                "backupEligible": self.backup_eligible,
                "backupState": self.backup_state,
                "aaguid": base64url.encode(self.aaguid),
                "attestationFormat": self.attestation_format,
                "attestationType": self.attestation_type,
                "trust": self.trust,
                "discoverable": self.discoverable,
                "attachment": self.attachment,
                "name": self.name,
                "createdAt": _time_to_json(self.created_at),
                "lastUsedAt": _time_to_json(self.last_used_at),
                "attestationObject": _bytes_to_json(self.attestation_object),
                "clientDataJSON": _bytes_to_json(self.client_data_json),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: bytes | str | dict[str, Any]) -> CredentialRecord:
        """Read what `to_json` wrote; members added by later versions of the same format may be missing.

        Raises:
            Malformed: Not a record, or one of an unknown version.
        """
        value = strict_json.parse_object(text, "record", limit=strict_json.MAX_STORED_BYTES)
        if type(value.get("v")) is not int or value["v"] != _VERSION:
            raise Malformed(Code.RECORD, "record.v", f"version {value.get('v')!r} is not {_VERSION}")
        sign_count = value.get("signCount")
        if type(sign_count) is not int or not 0 <= sign_count <= _MAX_SIGN_COUNT:
            raise Malformed(Code.RECORD, "record.signCount", "a number from 0 to 2^32 - 1")
        transports = value.get("transports", [])
        if not isinstance(transports, list) or not all(isinstance(item, str) for item in transports):
            raise Malformed(Code.RECORD, "record.transports", "a list of strings")
        try:
            return make_record(
                id=CredentialId(_bytes(value, "id", 1, _MAX_CREDENTIAL_ID)),
                public_key=_bytes(value, "publicKey"),
                sign_count=sign_count,
                user_handle=UserHandle(_bytes(value, "userHandle", 1, MAX_USER_HANDLE_LENGTH)),
                rp_id=RpId(strict_json.text_member(value, "rpId", "record")),
                transports=tuple(transports),
                uv_initialized=_typed(value, "uvInitialized", bool, False),
                backup_eligible=_typed(value, "backupEligible", bool, None),
                backup_state=_typed(value, "backupState", bool, False),
                aaguid=Aaguid(_bytes(value, "aaguid", 16, 16) if "aaguid" in value else ZERO_AAGUID),
                attestation_format=_typed(value, "attestationFormat", str, "none"),
                attestation_type=AttestationType(value.get("attestationType", "none")),
                trust=TrustVerdict(value.get("trust", "none")),
                discoverable=_typed(value, "discoverable", bool, None),
                attachment=_typed(value, "attachment", str, None),
                name=_typed(value, "name", str, None),
                created_at=_time(value, "createdAt"),
                last_used_at=_time(value, "lastUsedAt"),
                attestation_object=_optional_bytes(value, "attestationObject"),
                client_data_json=_optional_bytes(value, "clientDataJSON"),
            )
        except ValueError as error:
            raise Malformed(Code.RECORD, "record", str(error)) from None


#: By position, where it is hot: see `maker`.
make_record: Callable[..., CredentialRecord] = maker(CredentialRecord)


@cache
def _descriptor() -> Callable[[bytes, tuple[str, ...]], CredentialDescriptor]:
    """Made with the first options: a process that only verifies has none."""
    return maker(CredentialDescriptor)


def _bytes(value: dict[str, Any], name: str, least: int = 0, most: int = strict_json.MAX_STORED_BYTES) -> bytes:
    data = base64url.decode(strict_json.member(value, name, "record"), f"record.{name}")
    if not least <= len(data) <= most:
        raise Malformed(Code.RECORD, f"record.{name}", f"{len(data)} bytes; {least} to {most} are possible")
    return data


def _optional_bytes(value: dict[str, Any], name: str) -> bytes | None:
    return _bytes(value, name) if value.get(name) is not None else None


def _bytes_to_json(value: bytes | None) -> str | None:
    return None if value is None else base64url.encode(value)


def _time_to_json(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _time(value: dict[str, Any], name: str) -> datetime | None:
    text = value.get(name)
    if text is None:
        return None
    time = datetime.fromisoformat(strict_json.text_member(value, name, "record"))
    if time.tzinfo is None:
        raise Malformed(Code.RECORD, f"record.{name}", "a time without its offset from UTC")
    return time


def _typed(value: dict[str, Any], name: str, kind: type, default: Any) -> Any:
    found = value.get(name, default)
    if found is not default and type(found) is not kind:
        raise Malformed(Code.RECORD, f"record.{name}", f"expected {kind.__name__}")
    return found
