"""What is in the structures of WebAuthn, as plain data with names: bytes as hex, flags and algorithms by name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from unlatch.cli.inspect.certificate import certificate
from unlatch.errors import Malformed
from unlatch.terms import Flags
from unlatch.wire import cbor
from unlatch.wire.algorithms import ALGORITHMS
from unlatch.wire.attestation_object import AttestationObject, decode_attestation_object
from unlatch.wire.authenticator_data import AuthenticatorData, decode_authenticator_data
from unlatch.wire.client_data import CollectedClientData, decode_client_data
from unlatch.wire.cose import AkpKey, CoseKey, Ec2Key, OkpKey, decode_key
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

_MEANINGS = {
    Flags.UP: "user present",
    Flags.UV: "user verified",
    Flags.BE: "backup eligible",
    Flags.BS: "backed up",
    Flags.AT: "attested credential data",
    Flags.ED: "extension data",
}


def registration(data: bytes) -> dict[str, Any]:
    """A RegistrationResponseJSON.

    Raises:
        Malformed: It is none.
    """
    response = RegistrationResponse.from_json(data)
    return {
        "credential id": response.credential_id.hex(),
        "attachment": response.authenticator_attachment,
        "transports": list(response.transports),
        "client extension results": response.client_extension_results,
        "client data": _client_data(response.client_data),
        "attestation object": _attestation_object(response.attestation_object),
    }


def authentication(data: bytes) -> dict[str, Any]:
    """An AuthenticationResponseJSON.

    Raises:
        Malformed: It is none.
    """
    response = AuthenticationResponse.from_json(data)
    return {
        "credential id": response.credential_id.hex(),
        "user handle": None if response.user_handle is None else response.user_handle.hex(),
        "attachment": response.authenticator_attachment,
        "client extension results": response.client_extension_results,
        "client data": _client_data(response.client_data),
        "authenticator data": _authenticator_data(response.authenticator_data),
        "signature": response.signature.hex(),
    }


def client_data(data: bytes) -> dict[str, Any]:
    """Client data JSON.

    Raises:
        Malformed: It is none.
    """
    return _client_data(decode_client_data(data, ""))


def attestation_object(data: bytes) -> dict[str, Any]:
    """An attestation object.

    Raises:
        Malformed: It is none.
    """
    return _attestation_object(decode_attestation_object(data, ""))


def authenticator_data(data: bytes) -> dict[str, Any]:
    """Authenticator data.

    Raises:
        Malformed: It is none.
    """
    return _authenticator_data(decode_authenticator_data(data, ""))


def cose_key(data: bytes) -> dict[str, Any]:
    """A COSE key that a credential may have.

    Raises:
        Malformed: It is none.
    """
    return _key(decode_key(data, ""))


def _client_data(parsed: CollectedClientData) -> dict[str, Any]:
    return {**parsed.members, "SHA-256": parsed.hash.hex()}


def _authenticator_data(parsed: AuthenticatorData) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "RP ID hash": parsed.rp_id_hash.hex(),
        "flags": _flags(parsed.flags),
        "signature counter": parsed.sign_count,
    }
    attested = parsed.attested
    if attested is not None:
        fields["AAGUID"] = str(UUID(bytes=bytes(attested.aaguid)))
        fields["credential id"] = attested.credential_id.hex()
        fields["public key"] = _key(attested.public_key)
    if parsed.extensions:
        fields["extensions"] = {name: _plain(output) for name, output in parsed.extensions.items()}
    return fields


def _flags(flags: int) -> dict[str, Any]:
    reserved = flags & ~sum(_MEANINGS)
    named: dict[str, Any] = {"byte": f"0x{flags:02x}"}
    named |= {f"{flag.name} ({meaning})": bool(flags & flag) for flag, meaning in _MEANINGS.items()}
    return named | ({"reserved bits": f"0x{reserved:02x}"} if reserved else {})


def _key(key: CoseKey) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": key.algorithm.key_type.name, "algorithm": _algorithm(key.algorithm.id)}
    if isinstance(key, Ec2Key):
        return fields | {"curve": key.curve.name, "x": key.x.hex(), "y": key.y.hex()}
    if isinstance(key, OkpKey):
        return fields | {"curve": key.curve.name, "x": key.x.hex()}
    if isinstance(key, AkpKey):
        return fields | {"public key": key.pub.hex()}
    return fields | {"bits": key.n.bit_length(), "exponent": key.e, "modulus": f"{key.n:x}"}


def _algorithm(identifier: int) -> str:
    row = ALGORITHMS.get(identifier)
    return f"{row.name} ({identifier})" if row else f"unknown ({identifier})"


def _attestation_object(parsed: AttestationObject) -> dict[str, Any]:
    return {
        "format": parsed.format,
        "authenticator data": _authenticator_data(parsed.authenticator_data),
        "statement": _statement(parsed.statement),
    }


def _statement(statement: cbor.Value) -> Any:
    """A statement with its algorithm named and its certificates read; a compound one is a list of statements."""
    if isinstance(statement, list):
        return [_statement(item) for item in statement]
    if not isinstance(statement, dict):
        return _plain(statement)
    fields: dict[str, Any] = {}
    for name, value in statement.items():
        if name == "alg" and type(value) is int:
            fields["alg"] = _algorithm(value)
        elif name == "x5c" and isinstance(value, list):
            fields["x5c"] = [_certificate(item) for item in value]
        elif name == "attStmt":
            fields["attStmt"] = _statement(value)
        else:
            fields[_plain_key(name)] = _plain(value)
    return fields


def _certificate(value: cbor.Value) -> Any:
    if not isinstance(value, bytes):
        return _plain(value)
    try:
        return certificate(value)
    except Malformed as error:
        return {"unreadable": error.detail, "bytes": value.hex()}


def _plain(value: cbor.Value) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, float):
        return repr(value)  # JSON has no NaN
    return value


def _plain_key(key: cbor.Key) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)
