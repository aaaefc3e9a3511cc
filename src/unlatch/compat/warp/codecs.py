"""Bytes to values and back: authenticator data, attestation objects, COSE keys; canonical CBOR goes out."""

from __future__ import annotations

from unlatch.compat.warp.errors import (
    DecodeAttestedCredentialDataError,
    DecodeAuthenticatorDataError,
    DecodeCOSEKeyError,
    EncodeAttestedCredentialDataError,
    EncodeAuthenticatorDataError,
    MarshalAttestationObjectError,
    UnmarshalAttestationObjectError,
    VerifySignatureError,
    cause,
)
from unlatch.crypto.signatures import is_valid_with, load_key
from unlatch.errors import UnlatchError
from unlatch.terms import Flags
from unlatch.wire import cbor
from unlatch.wire import cose as own_cose
from unlatch.wire.attestation_object import AttestationObject, decode_attestation_object
from unlatch.wire.authenticator_data import AttestedCredentialData, AuthenticatorData
from unlatch.wire.authenticator_data import decode_authenticator_data as own_decode

_MAX_COUNTER = 2**32 - 1
_HEAD = bytes(32) + bytes((int(Flags.AT),)) + bytes(4)


def decode_authenticator_data(data: bytes) -> AuthenticatorData:
    """Authenticator data that fills `data`.

    Raises:
        DecodeAuthenticatorDataError: Not that; a key inside that is not valid included.
    """
    try:
        return own_decode(data, "authData")
    except UnlatchError as error:
        raise DecodeAuthenticatorDataError(str(error)) from cause(error)


def encode_authenticator_data(data: AuthenticatorData) -> bytes:
    """The bytes of authenticator data, made anew of its fields; flags AT and ED follow from what is there.

    Raises:
        EncodeAuthenticatorDataError: A hash that has not 32 bytes, or a counter that does not fit in 32 bits.
    """
    if len(data.rp_id_hash) != 32 or not 0 <= data.sign_count <= _MAX_COUNTER:
        raise EncodeAuthenticatorDataError("the RP ID hash has 32 bytes, the counter 32 bits")
    flags = data.flags & ~int(Flags.AT | Flags.ED)
    attested = b"" if data.attested is None else encode_attested_credential_data(data.attested)
    outputs: dict[cbor.Key, cbor.Value] = dict(data.extensions.items())
    extensions = cbor.encode(outputs) if outputs else b""
    flags |= (int(Flags.AT) if attested else 0) | (int(Flags.ED) if extensions else 0)
    return data.rp_id_hash + bytes((flags,)) + data.sign_count.to_bytes(4, "big") + attested + extensions


def decode_attested_credential_data(data: bytes) -> AttestedCredentialData:
    """Attested credential data that fills `data`; the COSE key keeps its received bytes.

    Raises:
        DecodeAttestedCredentialDataError: Not that.
    """
    try:
        decoded = own_decode(_HEAD + data, "attestedCredentialData").attested
    except UnlatchError as error:
        raise DecodeAttestedCredentialDataError(str(error)) from cause(error)
    if decoded is None:
        raise DecodeAttestedCredentialDataError("nothing is attested")
    return decoded


def encode_attested_credential_data(data: AttestedCredentialData) -> bytes:
    """The bytes of attested credential data.

    Raises:
        EncodeAttestedCredentialDataError: An AAGUID that has not 16 bytes, or an id whose length needs more than 16
            bits.
    """
    if len(data.aaguid) != 16 or len(data.credential_id) > 0xFFFF:
        raise EncodeAttestedCredentialDataError("an AAGUID has 16 bytes, an id at most 65535")
    length = len(data.credential_id).to_bytes(2, "big")
    return data.aaguid + length + data.credential_id + data.public_key_bytes


def unmarshal_attestation_object(data: bytes) -> AttestationObject:
    """An attestation object that fills `data`.

    Raises:
        UnmarshalAttestationObjectError: Not that.
    """
    try:
        return decode_attestation_object(data, "attestationObject")
    except UnlatchError as error:
        raise UnmarshalAttestationObjectError(str(error)) from cause(error)


def marshal_attestation_object(value: AttestationObject) -> bytes:
    """The canonical CBOR of an attestation object, made anew of its fields.

    Raises:
        MarshalAttestationObjectError: A statement that has no form in CBOR.
    """
    try:
        auth_data = encode_authenticator_data(value.authenticator_data)
        return cbor.encode({"fmt": value.format, "attStmt": value.statement, "authData": auth_data})
    except (TypeError, ValueError) as error:
        raise MarshalAttestationObjectError(str(error)) from error


def decode_cose_key(data: bytes) -> own_cose.CoseKey:
    """The public key of a COSE_Key: OKP, EC2, RSA or AKP.

    An RSA exponent may have any length (the older library wanted 4 bytes), and algorithm, key type, curve and point
    are judged together.

    Raises:
        DecodeCOSEKeyError: Not a valid key.
    """
    try:
        return own_cose.decode_key(data, "key")
    except UnlatchError as error:
        raise DecodeCOSEKeyError(str(error)) from cause(error)


def verify_signature(key: bytes | own_cose.CoseKey, data: bytes, signature: bytes) -> None:
    """Verify a signature by the key's own algorithm; SHA-1 (RS1) is none for credentials.

    Raises:
        VerifySignatureError: It does not verify.
        DecodeCOSEKeyError: The key is not valid.
    """
    own = decode_cose_key(key) if isinstance(key, bytes) else key
    if not is_valid_with(load_key(own), own.algorithm, signature, data):
        raise VerifySignatureError("The signature does not verify.")
