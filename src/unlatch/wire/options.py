"""Options as a page wants them: the JSON forms of section 5.1.9 and 5.1.10, with explicit values.

`to_json` gives what ``PublicKeyCredential.parseCreationOptionsFromJSON`` (or ``parseRequestOptionsFromJSON``) takes;
`from_json` reads it back, for tests and for services that build options elsewhere.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Self, TypeVar

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import AttestationConveyance, ResidentKey, UserVerification
from unlatch.values import field, frozen
from unlatch.wire import base64url, strict_json
from unlatch.wire.option_settings import (
    creation_settings,
    creation_settings_text,
    list_text,
    request_settings,
    request_settings_text,
)

MAX_USER_HANDLE_LENGTH = 64

_Choice = TypeVar("_Choice", bound=StrEnum)


@frozen
class UserEntity:
    """The account that a credential is for (section 5.4.3).

    Attributes:
        id: User handle: 1 to 64 opaque bytes, the same for all credentials of the account, no personal data.
            64 random bytes are recommended.
        name: What the account is called where people choose among accounts, for example a user name.
        display_name: The person's name; may be empty.

    Raises:
        Malformed: The id is not 1 to 64 bytes, or a name is not (Unicode) text.
    """

    id: bytes
    name: str
    display_name: str = ""

    def __post_init__(self) -> None:
        """Refuse what a browser would refuse later, with a worse message."""
        if not isinstance(self.id, bytes) or not 0 < len(self.id) <= MAX_USER_HANDLE_LENGTH:
            raise Malformed(Code.OPTIONS, "user.id", "a user handle is 1 to 64 bytes; use secrets.token_bytes(64)")
        if not isinstance(self.name, str) or not isinstance(self.display_name, str):
            raise Malformed(Code.OPTIONS, "user", "name and display_name are strings")
        try:
            (self.name + self.display_name).encode("utf-8")
        except UnicodeEncodeError:
            raise Malformed(Code.OPTIONS, "user", "name or display_name holds half a character") from None

    def to_json(self) -> dict[str, Any]:
        """PublicKeyCredentialUserEntityJSON."""
        return {"id": base64url.encode(self.id), "name": self.name, "displayName": self.display_name}

    def to_text(self) -> str:
        """The text of `to_json`."""
        name, display_name = json.dumps(self.name), json.dumps(self.display_name)
        return f'{{"id":"{base64url.encode(self.id)}","name":{name},"displayName":{display_name}}}'

    @classmethod
    def from_json(cls, value: object, path: str = "user") -> Self:
        """Read PublicKeyCredentialUserEntityJSON.

        Raises:
            Malformed: Not that.
        """
        if not isinstance(value, dict):
            raise Malformed(Code.JSON_TYPE, path, "expected a JSON object")
        return cls(
            id=base64url.decode(strict_json.member(value, "id", path), f"{path}.id"),
            name=strict_json.text_member(value, "name", path),
            display_name=strict_json.text_member(value, "displayName", path),
        )


@frozen
class CredentialDescriptor:
    """Names one credential and how it can be reached (section 5.8.3)."""

    id: bytes
    transports: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """PublicKeyCredentialDescriptorJSON."""
        descriptor: dict[str, Any] = {"type": "public-key", "id": base64url.encode(self.id)}
        if self.transports:
            descriptor["transports"] = list(self.transports)
        return descriptor

    def to_text(self) -> str:
        """The text of `to_json`."""
        rest = f',"transports":{list_text(self.transports)}' if self.transports else ""
        return f'{{"type":"public-key","id":"{base64url.encode(self.id)}"{rest}}}'

    @classmethod
    def from_json(cls, value: object, path: str) -> Self:
        """Read PublicKeyCredentialDescriptorJSON.

        Raises:
            Malformed: Not that.
        """
        if not isinstance(value, dict):
            raise Malformed(Code.JSON_TYPE, path, "expected a JSON object")
        return cls(
            id=base64url.decode(strict_json.member(value, "id", path), f"{path}.id"),
            transports=_strings(value, "transports", path),
        )


@frozen(kw_only=True)
class CreationOptions:
    """PublicKeyCredentialCreationOptions (section 5.4). Times in milliseconds, as in the specification.

    `rp_id` and `timeout` are None where options made elsewhere leave them out: the client then takes the domain of the
    page, and its own time.
    """

    rp_id: str | None
    rp_name: str
    user: UserEntity
    challenge: bytes
    algorithms: tuple[int, ...]
    timeout: int | None
    exclude_credentials: tuple[CredentialDescriptor, ...] = ()
    attachment: str | None = None
    resident_key: ResidentKey = ResidentKey.REQUIRED
    user_verification: UserVerification = UserVerification.PREFERRED
    hints: tuple[str, ...] = ()
    attestation: AttestationConveyance = AttestationConveyance.NONE
    attestation_formats: tuple[str, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """PublicKeyCredentialCreationOptionsJSON, every value that there is explicit."""
        return {
            "user": self.user.to_json(),
            "challenge": base64url.encode(self.challenge),
            "excludeCredentials": [credential.to_json() for credential in self.exclude_credentials],
            "extensions": self.extensions,
            **creation_settings(*self._settings()),
        }

    def to_text(self) -> str:
        """The text of `to_json`, in a fraction of the time: what one policy says to everybody is written once."""
        return (
            f'{{"user":{self.user.to_text()},"challenge":"{base64url.encode(self.challenge)}",'
            f'"excludeCredentials":[{",".join([credential.to_text() for credential in self.exclude_credentials])}],'
            f'"extensions":{json.dumps(self.extensions) if self.extensions else "{}"},'
            f"{creation_settings_text(*self._settings())}"
        )

    def _settings(self) -> tuple[Any, ...]:
        return (
            self.rp_id,
            self.rp_name,
            self.algorithms,
            self.timeout,
            self.attachment,
            self.resident_key,
            self.user_verification,
            self.hints,
            self.attestation,
            self.attestation_formats,
        )

    @classmethod
    def from_json(cls, body: bytes | str | dict[str, Any]) -> Self:
        """Read PublicKeyCredentialCreationOptionsJSON.

        Raises:
            Malformed: A required member is missing, or one has the wrong type.
        """
        value = strict_json.parse_object(body, "")
        rp = strict_json.object_member(value, "rp", "")
        selection = value.get("authenticatorSelection", {})
        if not isinstance(selection, dict):
            raise Malformed(Code.JSON_TYPE, "authenticatorSelection", "expected a JSON object")
        attachment = selection.get("authenticatorAttachment")
        if attachment is not None and not isinstance(attachment, str):
            raise Malformed(Code.JSON_TYPE, "authenticatorSelection.authenticatorAttachment", "expected a string")
        return cls(
            rp_id=_optional_text(rp, "id", "rp"),
            rp_name=strict_json.text_member(rp, "name", "rp"),
            user=UserEntity.from_json(strict_json.member(value, "user", "")),
            challenge=base64url.decode(strict_json.member(value, "challenge", ""), "challenge"),
            algorithms=_algorithms(value),
            timeout=_timeout(value),
            exclude_credentials=_descriptors(value, "excludeCredentials"),
            attachment=attachment,
            resident_key=_choice(ResidentKey, selection, "residentKey", _resident_key_of_level_1(selection)),
            user_verification=_choice(UserVerification, selection, "userVerification", UserVerification.PREFERRED),
            hints=_strings(value, "hints", ""),
            attestation=_choice(AttestationConveyance, value, "attestation", AttestationConveyance.NONE),
            attestation_formats=_strings(value, "attestationFormats", ""),
            extensions=_extensions(value),
        )


@frozen(kw_only=True)
class RequestOptions:
    """PublicKeyCredentialRequestOptions (section 5.5). Times in milliseconds, as in the specification.

    `rp_id` and `timeout` may be None as in `CreationOptions`.
    """

    rp_id: str | None
    challenge: bytes
    timeout: int | None
    allow_credentials: tuple[CredentialDescriptor, ...] = ()
    user_verification: UserVerification = UserVerification.PREFERRED
    hints: tuple[str, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """PublicKeyCredentialRequestOptionsJSON, every value that there is explicit."""
        return {
            "challenge": base64url.encode(self.challenge),
            "allowCredentials": [credential.to_json() for credential in self.allow_credentials],
            "extensions": self.extensions,
            **request_settings(self.rp_id, self.timeout, self.user_verification, self.hints),
        }

    def to_text(self) -> str:
        """The text of `to_json`, in a fraction of the time: what one policy says to everybody is written once."""
        return (
            f'{{"challenge":"{base64url.encode(self.challenge)}",'
            f'"allowCredentials":[{",".join([credential.to_text() for credential in self.allow_credentials])}],'
            f'"extensions":{json.dumps(self.extensions) if self.extensions else "{}"},'
            f"{request_settings_text(self.rp_id, self.timeout, self.user_verification, self.hints)}"
        )

    @classmethod
    def from_json(cls, body: bytes | str | dict[str, Any]) -> Self:
        """Read PublicKeyCredentialRequestOptionsJSON.

        Raises:
            Malformed: A required member is missing, or one has the wrong type.
        """
        value = strict_json.parse_object(body, "")
        return cls(
            rp_id=_optional_text(value, "rpId", ""),
            challenge=base64url.decode(strict_json.member(value, "challenge", ""), "challenge"),
            timeout=_timeout(value),
            allow_credentials=_descriptors(value, "allowCredentials"),
            user_verification=_choice(UserVerification, value, "userVerification", UserVerification.PREFERRED),
            hints=_strings(value, "hints", ""),
            extensions=_extensions(value),
        )


def _list(value: dict[str, Any], name: str, path: str) -> list[Any]:
    items = value.get(name, [])
    if not isinstance(items, list):
        raise Malformed(Code.JSON_TYPE, f"{path}.{name}" if path else name, "expected a list")
    return items


def _strings(value: dict[str, Any], name: str, path: str) -> tuple[str, ...]:
    items = _list(value, name, path)
    if not all(isinstance(item, str) for item in items):
        raise Malformed(Code.JSON_TYPE, f"{path}.{name}" if path else name, "expected a list of strings")
    return tuple(items)


def _descriptors(value: dict[str, Any], name: str) -> tuple[CredentialDescriptor, ...]:
    return tuple(
        CredentialDescriptor.from_json(item, f"{name}[{index}]") for index, item in enumerate(_list(value, name, ""))
    )


def _algorithms(value: dict[str, Any]) -> tuple[int, ...]:
    parameters = _list(value, "pubKeyCredParams", "")
    if not all(isinstance(parameter, dict) and type(parameter.get("alg")) is int for parameter in parameters):
        raise Malformed(Code.JSON_TYPE, "pubKeyCredParams", "expected a list of objects with an integer alg")
    return tuple(parameter["alg"] for parameter in parameters)


def _optional_text(value: dict[str, Any], name: str, path: str) -> str | None:
    return strict_json.text_member(value, name, path) if name in value else None


def _timeout(value: dict[str, Any]) -> int | None:
    if "timeout" not in value:
        return None
    timeout = value["timeout"]
    if type(timeout) is not int or timeout <= 0:
        raise Malformed(Code.JSON_TYPE, "timeout", "expected a positive number of milliseconds")
    return timeout


def _resident_key_of_level_1(selection: dict[str, Any]) -> ResidentKey:
    """What counts where `residentKey` is absent (section 5.4.4)."""
    return ResidentKey.REQUIRED if selection.get("requireResidentKey") is True else ResidentKey.DISCOURAGED


def _extensions(value: dict[str, Any]) -> dict[str, Any]:
    extensions = value.get("extensions", {})
    if not isinstance(extensions, dict):
        raise Malformed(Code.JSON_TYPE, "extensions", "expected a JSON object")
    return extensions


def _choice(kind: type[_Choice], value: dict[str, Any], name: str, default: _Choice) -> _Choice:
    """One of the values that there are; clients treat an unknown one as absent (section 2.1.1)."""
    found = value.get(name, default)
    if not isinstance(found, str):
        raise Malformed(Code.JSON_TYPE, name, "expected a string")
    return kind(found) if found in tuple(kind) else default
