"""Steps about the credential: whose it is, its signature, its counter (7.1 step 25; 7.2 steps 5, 6, 21 and 22)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from hmac import compare_digest

from unlatch.codes import Code
from unlatch.crypto.signatures import KeyCache, load_stored_key
from unlatch.errors import CredentialRefused
from unlatch.record import CredentialRecord
from unlatch.terms import SignCountVerdict
from unlatch.wire.responses import AuthenticationResponse

MAX_CREDENTIAL_ID_LENGTH = 1023


class CounterRegression(StrEnum):
    """What to do when a signature counter does not grow: a clone, a malfunction, or two sign-ins that crossed.

    `FLAG` accepts and says so in the verdict, for the caller to act on; `IGNORE` accepts and calls it ignored.
    """

    REFUSE = "refuse"
    FLAG = "flag"
    IGNORE = "ignore"


_NOT_SUPPORTED, _INCREASED = SignCountVerdict.NOT_SUPPORTED, SignCountVerdict.INCREASED


def verify_credential_id_length(credential_id: bytes) -> None:
    """No credential id is longer than 1023 bytes."""
    if len(credential_id) > MAX_CREDENTIAL_ID_LENGTH:
        raise CredentialRefused(
            Code.CREDENTIAL_ID_TOO_LONG,
            "credential-id-length",
            expected=MAX_CREDENTIAL_ID_LENGTH,
            received=len(credential_id),
        )


def verify_allowed(credential_id: bytes, allowed: Collection[bytes]) -> None:
    """The credential is one of those that the options listed, if they listed any."""
    if allowed and credential_id not in allowed:
        raise CredentialRefused(
            Code.CREDENTIAL_NOT_ALLOWED, "allow-credentials", expected=list(allowed), received=credential_id
        )


def verify_user(
    response: AuthenticationResponse, record: CredentialRecord | None, *, rp_id: str, user_handle: bytes | None
) -> CredentialRecord:
    """The record is the response's, and its owner is the user who signs in.

    Args:
        response: The assertion.
        record: The record that the caller found for the response's credential id; None where there is none.
        rp_id: The RP ID of the ceremony; a record of another one does not count.
        user_handle: The user known when the ceremony began; None when the response itself must tell who it is.

    Returns:
        The record, which is there.
    """
    if record is None:
        raise CredentialRefused(Code.CREDENTIAL_UNKNOWN, "user", received=response.credential_id, detail="no record")
    if record.id != response.credential_id or record.rp_id != rp_id:
        raise CredentialRefused(Code.CREDENTIAL_UNKNOWN, "user", expected=response.credential_id, received=record.id)
    if user_handle is not None and not compare_digest(record.user_handle, user_handle):
        raise CredentialRefused(
            Code.CREDENTIAL_OF_ANOTHER_USER, "user", expected=user_handle, received=record.user_handle
        )
    if response.user_handle is None:
        if user_handle is None:
            raise CredentialRefused(Code.USER_HANDLE_MISSING, "user", expected=record.user_handle)
        return record
    if not compare_digest(response.user_handle, record.user_handle):
        raise CredentialRefused(
            Code.USER_HANDLE_MISMATCH, "user", expected=record.user_handle, received=response.user_handle
        )
    return record


def verify_signature(
    response: AuthenticationResponse, record: CredentialRecord, *, keys: KeyCache | None = None
) -> None:
    """The signature is the registered key's, over authenticator data and the hash of the client data.

    Args:
        response: The assertion.
        record: The record of its credential.
        keys: Where key objects are kept; None builds one.

    Raises:
        CredentialRefused: It is not.
        Malformed: The stored key is not a valid COSE key (it is judged anew whenever it is loaded).
    """
    load = load_stored_key if keys is None else keys.load
    key = load(record.public_key, "record.publicKey")
    if not key.verifies(response.signature, response.authenticator_data.raw + response.client_data.hash):
        raise CredentialRefused(Code.SIGNATURE_INVALID, "signature", expected=key.algorithm.name)


def verify_sign_count(received: int, stored: int, regression: CounterRegression) -> SignCountVerdict:
    """The counter grew, or there is none (both zero, which is normal for synced passkeys).

    Judged after the signature, so that nobody learns a counter without the key.

    Returns:
        What the counter says, for relying parties that only flag a regression.
    """
    if received == 0 and stored == 0:
        return _NOT_SUPPORTED
    if received > stored:
        return _INCREASED
    if regression is CounterRegression.REFUSE:
        raise CredentialRefused(
            Code.SIGN_COUNT_REGRESSED, "sign-count", expected=f"more than {stored}", received=received
        )
    return SignCountVerdict.REGRESSED if regression is CounterRegression.FLAG else SignCountVerdict.IGNORED
