"""Authenticator data (section 6.1) and the attested credential data inside it (section 6.5.1).

``rpIdHash[32] | flags[1] | signCount[4] | attestedCredentialData (if AT) | extensions (if ED)``. The structure is
self-delimiting: where the key ends is told by the CBOR decoder, and bytes left over are an error.
"""

from __future__ import annotations

from typing import cast

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import Aaguid, CredentialId, Flags
from unlatch.values import frozen, maker
from unlatch.wire import cbor
from unlatch.wire.cose import CoseKey, OkpKey, decode_key_at

_HEADER_LENGTH = 37
#: Plain numbers: a test of a flag is then a tenth of what it is with an enumeration.
UP, UV, BE, BS, _AT, _ED = (int(flag) for flag in (Flags.UP, Flags.UV, Flags.BE, Flags.BS, Flags.AT, Flags.ED))


@frozen
class AttestedCredentialData:
    """The new credential (section 6.5.1).

    Attributes:
        aaguid: Model of the authenticator, 16 bytes; unauthenticated unless an attestation is trusted.
        credential_id: As the authenticator made it; its length is judged by the ceremony.
        public_key: The decoded, validated key.
        public_key_bytes: The COSE_Key: the received bytes, or where those were not sorted, its canonical form.
    """

    aaguid: Aaguid
    credential_id: CredentialId
    public_key: CoseKey
    public_key_bytes: bytes


@frozen
class AuthenticatorData:
    """What the authenticator signed besides the client data (section 6.1).

    Attributes:
        raw: The received bytes.
        rp_id_hash: SHA-256 of the RP ID, 32 bytes.
        flags: The flags byte; reserved bits are kept.
        sign_count: Signature counter, 0 to 2^32 - 1.
        attested: The new credential; None in an assertion.
        extensions: Signed extension outputs by identifier; empty when there are none.
    """

    raw: bytes
    rp_id_hash: bytes
    flags: int
    sign_count: int
    attested: AttestedCredentialData | None
    extensions: dict[str, cbor.Value]

    @property
    def user_present(self) -> bool:
        """UP: a test of user presence was completed."""
        return self.flags & UP != 0

    @property
    def user_verified(self) -> bool:
        """UV: the authenticator verified the user."""
        return self.flags & UV != 0

    @property
    def backup_eligible(self) -> bool:
        """BE: the credential may be synced; fixed when it was made."""
        return self.flags & BE != 0

    @property
    def backup_state(self) -> bool:
        """BS: the credential is synced now."""
        return self.flags & BS != 0


_authenticator_data = maker(AuthenticatorData)


def decode_authenticator_data(data: bytes, path: str, *, sorted_keys: bool = True) -> AuthenticatorData:
    """Decode authenticator data that fills `data`.

    Args:
        data: The authenticator data.
        path: Where in the input it stands, for the error.
        sorted_keys: False tolerates a key or extension outputs whose map keys are out of canonical order.

    Raises:
        Malformed: Too short, flags that do not match the contents, a malformed key or extension map, or bytes after
            the end.
    """
    length = len(data)
    if length < _HEADER_LENGTH:
        raise Malformed(Code.AUTHENTICATOR_DATA, path, f"{length} bytes; at least {_HEADER_LENGTH} are needed")
    flags = data[32]
    offset = _HEADER_LENGTH
    attested = None
    extensions: dict[str, cbor.Value] = {}
    if flags & _AT:
        attested, offset = _attested_credential_data(data, offset, path, sorted_keys)
    if flags & _ED:
        value, offset = cbor.decode_at(data, offset, f"{path}.extensions", sorted_keys=sorted_keys)
        if type(value) is not dict or not all(type(key) is str for key in value):
            raise Malformed(Code.AUTHENTICATOR_DATA, f"{path}.extensions", "a map from identifiers to outputs")
        extensions = cast("dict[str, cbor.Value]", value)
    if offset != length:
        raise Malformed(Code.AUTHENTICATOR_DATA, path, f"{length - offset} bytes that no flag announces")
    sign_count = int.from_bytes(data[33:37], "big")
    return _authenticator_data(data, data[:32], flags, sign_count, attested, extensions)


def _attested_credential_data(
    data: bytes, offset: int, path: str, sorted_keys: bool
) -> tuple[AttestedCredentialData, int]:
    """``aaguid[16] | L[2] | credentialId[L] | COSE_Key``, and the offset of the first byte after the key."""
    id_start = offset + 18
    if len(data) < id_start:
        raise Malformed(Code.AUTHENTICATOR_DATA, path, "attested credential data is cut off")
    id_end = id_start + int.from_bytes(data[offset + 16 : id_start], "big")
    if len(data) < id_end:
        raise Malformed(Code.AUTHENTICATOR_DATA, path, "the credential id is cut off")
    if id_end == id_start:
        raise Malformed(Code.CREDENTIAL_ID, path, "the credential id is empty")
    key_path = f"{path}.credentialPublicKey"
    public_key, end = decode_key_at(data, id_end, key_path, sorted_keys=sorted_keys)
    if type(public_key) is OkpKey and not public_key.is_on_curve():
        raise Malformed(Code.KEY_NOT_ON_CURVE, key_path, f"the point is not on {public_key.curve.name}")
    aaguid, credential_id = Aaguid(data[offset : offset + 16]), CredentialId(data[id_start:id_end])
    key_bytes = data[id_end:end]
    if not sorted_keys:
        # What is stored is read back strictly, at every sign-in.
        key_bytes = cbor.encode(cbor.decode(key_bytes, key_path, sorted_keys=False))
    return AttestedCredentialData(aaguid, credential_id, public_key, key_bytes), end
