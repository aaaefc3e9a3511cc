"""The responses as a page sends them: RegistrationResponseJSON and AuthenticationResponseJSON (section 5.1.8).

One JSON parse, one base64url decode a member, one CBOR decode: after `from_json` nothing is parsed again. Copies that
a client offers for convenience (`id` beside `rawId`, `authenticatorData`, `publicKey`) are never used; where they are
there they must agree with the original, because a response that contradicts itself has been tampered with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import CredentialId, KeyOrder, UserHandle
from unlatch.values import frozen, maker
from unlatch.wire import base64url, strict_json
from unlatch.wire.attestation_object import AttestationObject, decode_attestation_object
from unlatch.wire.authenticator_data import AuthenticatorData, decode_authenticator_data
from unlatch.wire.client_data import CollectedClientData, decode_client_data
from unlatch.wire.extensions.prf import forget_results
from unlatch.wire.spki import encode_spki

_MAX_USER_HANDLE = 64
#: Texts that are stored as they were reported. Six transports are known, none longer than ten characters; without a
#: limit a few records would fill the options of all sign-ins to come.
_MAX_TRANSPORTS, _MAX_REPORTED = 32, 64
#: Where the binary members stand, for errors.
_CLIENT_DATA, _AUTHENTICATOR_DATA = "response.clientDataJSON", "response.authenticatorData"
_ATTESTATION_OBJECT = "response.attestationObject"


@frozen
class RegistrationResponse:
    """What ``navigator.credentials.create()`` returned.

    Attributes:
        credential_id: `rawId`; the same as the id inside the attested credential data.
        client_data: Parsed ``clientDataJSON``.
        attestation_object: Decoded attestation object.
        transports: As reported, unknown values included.
        client_extension_results: Unsigned extension outputs by identifier, without results of `prf`.
        authenticator_attachment: As reported; None when absent or not a string of a known attachment's size.
    """

    credential_id: CredentialId
    client_data: CollectedClientData
    attestation_object: AttestationObject
    transports: tuple[str, ...]
    client_extension_results: dict[str, Any]
    authenticator_attachment: str | None

    @classmethod
    def from_json(
        cls, body: bytes | str | dict[str, Any], *, key_order: KeyOrder = KeyOrder.CLIENT
    ) -> RegistrationResponse:
        """Parse a RegistrationResponseJSON.

        Args:
            body: The JSON text as received, or the object it was parsed into.
            key_order: Which CBOR maps may have their keys in any order.

        Raises:
            Malformed: A member is missing, has the wrong type or form, or contradicts another.
        """
        value = strict_json.parse_object(body, "")
        credential_id = _credential_id(value)
        response = strict_json.object_member(value, "response", "")
        client_data = decode_client_data(_binary(response, "clientDataJSON", _CLIENT_DATA), _CLIENT_DATA)
        attestation_object = decode_attestation_object(
            _binary(response, "attestationObject", _ATTESTATION_OBJECT), _ATTESTATION_OBJECT, key_order=key_order
        )
        if attestation_object.attested.credential_id != credential_id:
            raise Malformed(Code.CREDENTIAL_ID, "rawId", "not the credential id inside the attestation object")
        _expect_same_copies(response, attestation_object)
        return _registration_response()(
            credential_id,
            client_data,
            attestation_object,
            _transports(response),
            _extension_results(value),
            _attachment(value),
        )


@frozen
class AuthenticationResponse:
    """What ``navigator.credentials.get()`` returned.

    Attributes:
        credential_id: `rawId`. Unsigned, but a false one only selects a key that does not fit.
        client_data: Parsed ``clientDataJSON``.
        authenticator_data: Decoded authenticator data.
        signature: As received, in the encoding of the credential's algorithm.
        user_handle: None when absent, null or empty.
        client_extension_results: Unsigned extension outputs by identifier, without results of `prf`.
        authenticator_attachment: As reported; None when absent or not a string of a known attachment's size.
    """

    credential_id: CredentialId
    client_data: CollectedClientData
    authenticator_data: AuthenticatorData
    signature: bytes
    user_handle: UserHandle | None
    client_extension_results: dict[str, Any]
    authenticator_attachment: str | None

    @classmethod
    def from_json(
        cls, body: bytes | str | dict[str, Any], *, key_order: KeyOrder = KeyOrder.CLIENT
    ) -> AuthenticationResponse:
        """Parse an AuthenticationResponseJSON.

        Args:
            body: The JSON text as received, or the object it was parsed into.
            key_order: Which CBOR maps may have their keys in any order.

        Raises:
            Malformed: A member is missing, has the wrong type or form, or contradicts another.
        """
        value = strict_json.parse_object(body, "")
        credential_id = _credential_id(value)
        response = strict_json.object_member(value, "response", "")
        client_data = decode_client_data(_binary(response, "clientDataJSON", _CLIENT_DATA), _CLIENT_DATA)
        authenticator_data = decode_authenticator_data(
            _binary(response, "authenticatorData", _AUTHENTICATOR_DATA),
            _AUTHENTICATOR_DATA,
            sorted_keys=key_order is not KeyOrder.ANY,
        )
        if authenticator_data.attested is not None:
            raise Malformed(Code.AUTHENTICATOR_DATA, "response.authenticatorData", "an assertion with a credential")
        signature = _binary(response, "signature", "response.signature")
        return _authentication_response(
            credential_id,
            client_data,
            authenticator_data,
            signature,
            _user_handle(response),
            _extension_results(value),
            _attachment(value),
        )


_authentication_response = maker(AuthenticationResponse)


@cache
def _registration_response() -> Callable[..., RegistrationResponse]:
    """Made with the first registration: many processes see none."""
    return maker(RegistrationResponse)


def _credential_id(value: dict[str, Any]) -> CredentialId:
    """The id that `id` and `rawId` agree on; clients before `toJSON` sent `id` alone."""
    if value.get("type") != "public-key":
        kind = strict_json.text_member(value, "type", "")
        raise Malformed(Code.CREDENTIAL_TYPE, "type", f"{kind!r} where only 'public-key' exists")
    text = value.get("id")
    if type(text) is not str or not text:
        strict_json.text_member(value, "id", "")
        raise Malformed(Code.CREDENTIAL_ID, "id", "the credential id is empty")
    if value.get("rawId", text) != text:
        raise Malformed(Code.CREDENTIAL_ID, "rawId", "id and rawId differ")
    return CredentialId(base64url.decode(text, "id"))


def _binary(response: dict[str, Any], name: str, path: str) -> bytes:
    """A required base64url member that may not be empty."""
    text = response.get(name)
    if text:
        return base64url.decode(text, path)  # one character or more are one byte or more, or refused
    if name not in response:
        raise Malformed(Code.JSON_MISSING, path, "the member is missing")
    base64url.decode(text, path)
    raise Malformed(Code.JSON_MISSING, path, "the member is empty")


def _user_handle(response: dict[str, Any]) -> UserHandle | None:
    text = response.get("userHandle")
    # Older clients wrote an empty handle where authenticators (U2F keys) returned none; it names nobody either way.
    if text is None or text == "":
        return None
    handle = base64url.decode(text, "response.userHandle")
    if len(handle) > _MAX_USER_HANDLE:
        raise Malformed(Code.JSON_TYPE, "response.userHandle", f"{len(handle)} bytes where 1 to 64 are possible")
    return UserHandle(handle)


def _transports(response: dict[str, Any]) -> tuple[str, ...]:
    transports = response.get("transports")
    if transports is None:  # clients without getTransports() leave it out or write null
        return ()
    if type(transports) is not list:
        raise Malformed(Code.JSON_TYPE, "response.transports", "expected a list of strings")
    if len(transports) > _MAX_TRANSPORTS:
        raise Malformed(Code.TOO_LARGE, "response.transports", f"more than {_MAX_TRANSPORTS}")
    for transport in transports:
        if type(transport) is not str:
            raise Malformed(Code.JSON_TYPE, "response.transports", "expected a list of strings")
        if len(transport) > _MAX_REPORTED:
            raise Malformed(Code.TOO_LARGE, "response.transports", f"one of more than {_MAX_REPORTED} characters")
    return tuple(transports)


def _extension_results(value: dict[str, Any]) -> dict[str, Any]:
    """Unsigned outputs; absent in JSON that older libraries made, an object wherever present.

    What a page evaluated with `prf` is forgotten here, before anything could show it.
    """
    results = value.get("clientExtensionResults", {})
    if type(results) is not dict:
        raise Malformed(Code.JSON_TYPE, "clientExtensionResults", "expected a JSON object")
    if "prf" in results or "hmacGetSecret" in results:
        return forget_results(results)
    return results


def _attachment(value: dict[str, Any]) -> str | None:
    """The specification says to treat values that one does not know as null; nothing is decided by it."""
    attachment = value.get("authenticatorAttachment")
    return attachment if type(attachment) is str and len(attachment) <= _MAX_REPORTED else None


def _expect_same_copies(response: dict[str, Any], attestation_object: AttestationObject) -> None:
    """Compare the convenience copies of section 5.2.1, each of which may be absent, with what was attested."""
    copy = response.get("authenticatorData")
    if copy is not None:
        _expect_same_bytes(copy, attestation_object.authenticator_data.raw, "response.authenticatorData")
    public_key = attestation_object.attested.public_key
    copy = response.get("publicKeyAlgorithm")
    if copy is not None and copy != public_key.algorithm.id:
        raise Malformed(Code.ATTESTATION_OBJECT, "response.publicKeyAlgorithm", "differs from the attestation object")
    # ``getPublicKey()`` may return null, which pages that encode without a look make an empty text.
    copy = response.get("publicKey")
    if copy is not None and copy != "":
        _expect_same_bytes(copy, encode_spki(public_key), "response.publicKey")


def _expect_same_bytes(copy: object, original: bytes, path: str) -> None:
    """One value has exactly one base64url text, so texts can be compared; the copy is decoded to say what is wrong."""
    if copy != base64url.encode(original):
        base64url.decode(copy, path)
        raise Malformed(Code.ATTESTATION_OBJECT, path, "differs from the attestation object")
