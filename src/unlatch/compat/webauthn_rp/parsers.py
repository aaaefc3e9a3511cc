"""What a page sends, and what is inside, to values of `types`: our decoders read, this gives other names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from unlatch.compat.webauthn_rp.errors import OriginError, ParserError, translated
from unlatch.compat.webauthn_rp.extensions import parse_extensions
from unlatch.compat.webauthn_rp.keys import from_own
from unlatch.compat.webauthn_rp.statements import (
    parse_android_key_attestation_statement,
    parse_android_safetynet_attestation_statement,
    parse_fido_u2f_attestation_statement,
    parse_none_attestation_statement,
    parse_packed_attestation_statement,
    parse_tpm_attestation_statement,
    read_statement,
)
from unlatch.compat.webauthn_rp.types import (
    AttestationObject,
    AttestationStatementFormatIdentifier,
    AttestedCredentialData,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    CredentialPublicKey,
    EC2CredentialPublicKey,
    OKPCredentialPublicKey,
    Origin,
    PublicKeyCredential,
    TokenBinding,
    TokenBindingStatus,
)
from unlatch.compat.webauthn_rp.utils import read_base64
from unlatch.errors import Malformed
from unlatch.wire import authenticator_data, client_data, strict_json
from unlatch.wire.attestation_object import AttestationObject as OwnObject
from unlatch.wire.attestation_object import decode_attestation_object
from unlatch.wire.cose import decode_key, read_key

__all__ = [
    "parse_android_key_attestation_statement",
    "parse_android_safetynet_attestation_statement",
    "parse_attestation_object",
    "parse_authenticator_data",
    "parse_client_data",
    "parse_cose_key",
    "parse_ec2_public_key",
    "parse_extensions",
    "parse_fido_u2f_attestation_statement",
    "parse_none_attestation_statement",
    "parse_okp_public_key",
    "parse_origin",
    "parse_packed_attestation_statement",
    "parse_public_key_credential",
    "parse_tpm_attestation_statement",
]

_DEFAULT_PORTS = {"https": 443, "http": 80}


def parse_origin(origin: str) -> Origin:
    """The parts of a web origin.

    Raises:
        OriginError: Not one.
    """
    try:
        parts = urlsplit(origin)
        port = parts.port
    except (TypeError, ValueError, AttributeError):
        raise OriginError(f"{origin!r} is no origin") from None
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not bare:
        raise OriginError(f"{origin!r} is no origin: scheme, host and perhaps a port, 'https://example.org'")
    return Origin(parts.scheme, parts.hostname, None if port == _DEFAULT_PORTS[parts.scheme] else port)


def parse_public_key_credential(data: Mapping[str, Any] | str | bytes) -> PublicKeyCredential:
    """The answer of the browser, as a page posts it.

    Both forms are read: what ``toJSON()`` gives, and what pages for the older library write by hand (standard base64,
    no extension results). Members that nobody knows are ignored.

    Args:
        data: The JSON text as received, which is better, or what it was parsed into.

    Raises:
        DecodingError: Not JSON, too large, or a member is not base64.
        ParserError: A member is missing or of another type; the type is not ``public-key``; `id` and `rawId` differ.
    """
    try:
        data = strict_json.parse_object(dict(data) if isinstance(data, Mapping) else data, "credential")
    except Malformed as error:
        raise translated(error) from error
    kind, response = _member(data, "type"), _member(data, "response")
    if kind != "public-key":
        raise ParserError(f"the type is {kind!r}, not 'public-key'")
    if not isinstance(response, Mapping):
        raise ParserError("response is not an object")
    raw_id = read_base64(_member(data, "rawId" if "rawId" in data else "id"), "rawId")
    if not raw_id or read_base64(data.get("id", data.get("rawId")), "id") != raw_id:
        raise ParserError("id is empty or differs from rawId")
    results = {} if data.get("clientExtensionResults") is None else data["clientExtensionResults"]
    if not isinstance(results, Mapping):
        raise ParserError("clientExtensionResults is not an object")
    attachment = data.get("authenticatorAttachment")
    return PublicKeyCredential(
        id=str(data.get("id", data.get("rawId"))),
        type=kind,
        raw_id=raw_id,
        response=_attestation(response) if "attestationObject" in response else _assertion(response),
        client_extension_results=dict(results),
        authenticator_attachment=attachment if isinstance(attachment, str) else None,
    )


def _attestation(response: Mapping[str, Any]) -> AuthenticatorAttestationResponse:
    transports = response.get("transports") or []
    if not isinstance(transports, list) or not all(isinstance(item, str) for item in transports):
        raise ParserError("transports is not a list of strings")
    return AuthenticatorAttestationResponse(
        client_data_JSON=read_base64(_member(response, "clientDataJSON"), "clientDataJSON"),
        attestation_object=read_base64(_member(response, "attestationObject"), "attestationObject"),
        transports=tuple(transports),
    )


def _assertion(response: Mapping[str, Any]) -> AuthenticatorAssertionResponse:
    handle = response.get("userHandle")
    return AuthenticatorAssertionResponse(
        client_data_JSON=read_base64(_member(response, "clientDataJSON"), "clientDataJSON"),
        authenticator_data=read_base64(_member(response, "authenticatorData"), "authenticatorData"),
        signature=read_base64(_member(response, "signature"), "signature"),
        user_handle=read_base64(handle, "userHandle") if handle else None,
    )


def _member(data: Mapping[str, Any], name: str) -> Any:
    if name not in data:
        raise ParserError(f"{name} is missing")
    return data[name]


def parse_cose_key(credential_public_key: bytes | Mapping[Any, Any]) -> CredentialPublicKey:
    """The public key of a stored COSE_Key, or of its decoded map; judged each time.

    Raises:
        DecodingError: Not canonical CBOR.
        ValidationError: Not a valid key.
    """
    try:
        if isinstance(credential_public_key, bytes):
            return from_own(decode_key(credential_public_key, "key"))
        return from_own(read_key(dict(credential_public_key), "key"))
    except Malformed as error:
        raise translated(error) from error


def parse_ec2_public_key(credential_public_key: bytes | Mapping[Any, Any]) -> EC2CredentialPublicKey:
    """As `parse_cose_key`, of an EC2 key alone."""
    key = parse_cose_key(credential_public_key)
    if not isinstance(key, EC2CredentialPublicKey):
        raise ParserError("not an EC2 key")
    return key


def parse_okp_public_key(credential_public_key: bytes | Mapping[Any, Any]) -> OKPCredentialPublicKey:
    """As `parse_cose_key`, of an OKP key alone."""
    key = parse_cose_key(credential_public_key)
    if not isinstance(key, OKPCredentialPublicKey):
        raise ParserError("not an OKP key")
    return key


def parse_client_data(client_data_JSON: bytes) -> CollectedClientData:  # noqa: N803 - the older library's name
    """The client data.

    Raises:
        DecodingError: Not JSON.
        ParserError: A member is missing or of another type.
    """
    try:
        parsed = client_data.decode_client_data(client_data_JSON, "clientDataJSON")
    except Malformed as error:
        raise translated(error) from error
    return CollectedClientData(
        type=parsed.type,
        challenge=parsed.challenge,
        origin=parsed.origin,
        token_binding=_token_binding(parsed.members.get("tokenBinding")),
        cross_origin=parsed.cross_origin,
        top_origin=parsed.top_origin,
    )


def _token_binding(value: Any) -> TokenBinding | None:
    if value is None:
        return None
    try:
        return TokenBinding(status=TokenBindingStatus(value["status"]), id=value.get("id"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ParserError("tokenBinding is not an object with a known status") from None


def parse_authenticator_data(auth_data: bytes) -> AuthenticatorData:
    """Authenticator data.

    Raises:
        DecodingError: A part is not canonical CBOR.
        ParserError: Cut off, or with bytes that no flag announces.
        ValidationError: The key inside is not a valid one.
    """
    try:
        return from_own_data(authenticator_data.decode_authenticator_data(auth_data, "authenticatorData"))
    except Malformed as error:
        raise translated(error) from error


def from_own_data(data: authenticator_data.AuthenticatorData) -> AuthenticatorData:
    """The older library's value of authenticator data that ours has decoded."""
    attested = data.attested
    return AuthenticatorData(
        rp_id_hash=data.rp_id_hash,
        flags=data.flags,
        sign_count=data.sign_count,
        attested_credential_data=None
        if attested is None
        else AttestedCredentialData(
            aaguid=attested.aaguid,
            credential_id_length=len(attested.credential_id),
            credential_id=attested.credential_id,
            credential_public_key=from_own(attested.public_key),
        ),
        extensions=parse_extensions(data.extensions) if data.extensions else None,
        raw=data.raw,
    )


def parse_attestation_object(attestation_object: bytes) -> tuple[AttestationObject, dict[str, Any]]:
    """The attestation object, and the map that it was decoded from.

    Raises:
        DecodingError: Not canonical CBOR.
        ParserError: Not an attestation object, or its statement has not the members of its format.
        ValidationError: The key inside is not a valid one.
    """
    try:
        parsed = decode_attestation_object(attestation_object, "attestationObject")
    except Malformed as error:
        raise translated(error) from error
    raw = {"fmt": parsed.format, "attStmt": parsed.statement, "authData": parsed.authenticator_data.raw}
    return from_own_object(parsed), raw


def from_own_object(parsed: OwnObject) -> AttestationObject:
    """The older library's value of an attestation object that ours has decoded."""
    known = parsed.format in set(AttestationStatementFormatIdentifier)
    return AttestationObject(
        auth_data=from_own_data(parsed.authenticator_data),
        fmt=AttestationStatementFormatIdentifier(parsed.format) if known else parsed.format,
        att_stmt=read_statement(parsed.format, parsed.statement),
        raw=parsed.raw,
    )
