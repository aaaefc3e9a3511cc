"""The attestation object (section 6.5): ``{"fmt": tstr, "attStmt": map, "authData": bstr}``.

`compound` (section 8.9) has an array as its statement; the procedure of each format judges the shape of its own.
Clients write the three members of this map, and real ones do not always sort them; hence the one tolerance, which is a
choice of the relying party (`KeyOrder`).
"""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import KeyOrder
from unlatch.values import frozen
from unlatch.wire import cbor
from unlatch.wire.authenticator_data import AttestedCredentialData, AuthenticatorData, decode_authenticator_data

_MEMBERS = frozenset(("fmt", "attStmt", "authData"))
#: Nearly all attestation objects attest nothing, and clients write each in this way, up to the length of the
#: authenticator data (one byte, which a length above 23 needs). The general reader decides about everything else.
_NONE = bytes.fromhex("a363666d74646e6f6e656761747453746d74a068617574684461746158")
_NONE_LENGTH = len(_NONE) + 1


@frozen
class AttestationObject:
    """A decoded attestation object.

    Attributes:
        raw: The received bytes.
        format: Attestation statement format identifier, case-sensitive.
        statement: The decoded, format-specific statement: a map, or an array for `compound`.
        authenticator_data: Decoded once, with its raw bytes.
        attested: The new credential that the authenticator data holds.
    """

    raw: bytes
    format: str
    statement: cbor.Value
    authenticator_data: AuthenticatorData
    attested: AttestedCredentialData


def decode_attestation_object(data: bytes, path: str, *, key_order: KeyOrder = KeyOrder.CLIENT) -> AttestationObject:
    """Decode an attestation object that fills `data`.

    Args:
        data: The attestation object.
        path: Where in the input it stands, for the error.
        key_order: Which maps may have their keys in any order.

    Raises:
        Malformed: Not canonical CBOR (key order as asked for), a missing or surplus member, a member of another type,
            or authenticator data without a credential.
    """
    sorted_data = key_order is not KeyOrder.ANY
    rest = len(data) - _NONE_LENGTH
    if rest > 23 and data.startswith(_NONE) and data[_NONE_LENGTH - 1] == rest:
        return _make(data, "none", {}, data[_NONE_LENGTH:], path, sorted_data)
    value = cbor.decode(data, path, sorted_keys=key_order is KeyOrder.CANONICAL)
    if type(value) is not dict or value.keys() != _MEMBERS:
        raise Malformed(Code.ATTESTATION_OBJECT, path, "a map of exactly fmt, attStmt and authData")
    statement_format, statement, encoded = value["fmt"], value["attStmt"], value["authData"]
    if not isinstance(statement_format, str):
        raise Malformed(Code.ATTESTATION_OBJECT, f"{path}.fmt", "a text string")
    if not isinstance(statement, (dict, list)):
        raise Malformed(Code.ATTESTATION_OBJECT, f"{path}.attStmt", "a map (an array in compound)")
    if not isinstance(encoded, bytes):
        raise Malformed(Code.ATTESTATION_OBJECT, f"{path}.authData", "a byte string")
    return _make(data, statement_format, statement, encoded, path, sorted_data)


def _make(
    data: bytes, statement_format: str, statement: cbor.Value, encoded: bytes, path: str, sorted_keys: bool
) -> AttestationObject:
    authenticator_data = decode_authenticator_data(encoded, f"{path}.authData", sorted_keys=sorted_keys)
    attested = authenticator_data.attested
    if attested is None:
        raise Malformed(Code.AUTHENTICATOR_DATA, f"{path}.authData", "a registration without a credential (AT is 0)")
    return AttestationObject(data, statement_format, statement, authenticator_data, attested)
