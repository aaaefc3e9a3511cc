"""The stable codes of all errors: name, HTTP status and the one sentence that a client may see.

A code is part of the public interface: it may be added, never renamed. The sentence is deliberately vague about
values; several codes share one sentence where telling them apart would tell an attacker something.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

_NOT_VERIFIED = "The passkey could not be verified."
_MALFORMED = "The request is not well-formed."
_OVER = "This request was already used or has expired. Please start again."


class PublicCode(StrEnum):
    """Machine-readable name of a failure, with its HTTP status and its public sentence; this class has no members.

    Attributes:
        status_hint: HTTP status.
        message: The sentence.
    """

    status_hint: int
    message: str

    def __new__(cls, value: str, status_hint: int, message: str) -> Self:
        """Make a member from its stable name, HTTP status and public sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.status_hint = status_hint
        member.message = message
        return member


class Code(PublicCode):
    """What the library itself reports."""

    # Malformed: wire formats
    JSON = "malformed_json", 400, "The request is not valid JSON."
    JSON_TYPE = "malformed_json_type", 400, _MALFORMED
    JSON_MISSING = "malformed_json_missing", 400, _MALFORMED
    JSON_DUPLICATE = "malformed_json_duplicate_member", 400, _MALFORMED
    TOO_LARGE = "malformed_too_large", 413, "The request is too large."
    BASE64URL = "malformed_base64url", 400, _MALFORMED
    CBOR_TRUNCATED = "malformed_cbor_truncated", 400, _MALFORMED
    CBOR_TRAILING = "malformed_cbor_trailing_bytes", 400, _MALFORMED
    CBOR_INDEFINITE = "malformed_cbor_indefinite_length", 400, _MALFORMED
    CBOR_NOT_MINIMAL = "malformed_cbor_not_minimal", 400, _MALFORMED
    CBOR_TAG = "malformed_cbor_tag", 400, _MALFORMED
    CBOR_SIMPLE = "malformed_cbor_simple_value", 400, _MALFORMED
    CBOR_KEY_TYPE = "malformed_cbor_key_type", 400, _MALFORMED
    CBOR_KEY_ORDER = "malformed_cbor_key_order", 400, _MALFORMED
    CBOR_DUPLICATE_KEY = "malformed_cbor_duplicate_key", 400, _MALFORMED
    CBOR_DEPTH = "malformed_cbor_too_deep", 400, _MALFORMED
    CBOR_TEXT = "malformed_cbor_text", 400, _MALFORMED
    DER = "malformed_der", 400, _MALFORMED
    CREDENTIAL_TYPE = "malformed_credential_type", 400, _MALFORMED
    CREDENTIAL_ID = "malformed_credential_id", 400, _MALFORMED
    CLIENT_DATA = "malformed_client_data", 400, _MALFORMED
    AUTHENTICATOR_DATA = "malformed_authenticator_data", 400, _MALFORMED
    ATTESTATION_OBJECT = "malformed_attestation_object", 400, _MALFORMED
    ATTESTATION_STATEMENT = "malformed_attestation_statement", 400, _MALFORMED
    KEY = "malformed_key", 400, _MALFORMED
    KEY_PARAMETERS = "malformed_key_parameters", 400, _MALFORMED
    KEY_ALGORITHM = "malformed_key_algorithm", 400, _MALFORMED
    KEY_LENGTH = "malformed_key_length", 400, _MALFORMED
    KEY_NOT_ON_CURVE = "malformed_key_not_on_curve", 400, _MALFORMED
    KEY_WEAK = "malformed_key_weak", 400, _MALFORMED
    EXTENSION_OUTPUT = "malformed_extension_output", 400, _MALFORMED
    EXTENSION_INPUT = "malformed_extension_input", 400, _MALFORMED
    STATE = "malformed_state", 400, _MALFORMED
    RECORD = "malformed_record", 400, _MALFORMED
    OPTIONS = "malformed_options", 400, _MALFORMED
    RECORDING = "malformed_recording", 400, _MALFORMED
    CERTIFICATE = "malformed_certificate", 400, _MALFORMED

    # Refused: client data
    TYPE_MISMATCH = "type_mismatch", 400, _NOT_VERIFIED
    CHALLENGE_MISMATCH = "challenge_mismatch", 400, _NOT_VERIFIED
    ORIGIN_NOT_EXPECTED = "origin_not_expected", 403, _NOT_VERIFIED
    CROSS_ORIGIN_NOT_EXPECTED = "cross_origin_not_expected", 403, _NOT_VERIFIED
    PAYMENT_MISMATCH = "payment_mismatch", 403, "Something else was confirmed than what is to be paid."
    TOP_ORIGIN_NOT_EXPECTED = "top_origin_not_expected", 403, _NOT_VERIFIED

    # Refused: authenticator data
    RP_ID_HASH_MISMATCH = "rp_id_hash_mismatch", 403, _NOT_VERIFIED
    USER_NOT_PRESENT = "user_not_present", 403, _NOT_VERIFIED
    USER_NOT_VERIFIED = "user_not_verified", 403, "The passkey did not confirm who you are."
    BACKUP_STATE_WITHOUT_ELIGIBILITY = "backup_state_without_eligibility", 400, _NOT_VERIFIED
    BACKUP_NOT_ALLOWED = "backup_not_allowed", 403, "Synced passkeys are not allowed here."
    BACKUP_REQUIRED = "backup_required", 403, "Only synced passkeys are allowed here."
    BACKUP_ELIGIBILITY_CHANGED = "backup_eligibility_changed", 403, _NOT_VERIFIED
    ALGORITHM_NOT_OFFERED = "algorithm_not_offered", 400, _NOT_VERIFIED

    # Refused: attestation
    FORMAT_NOT_SUPPORTED = "attestation_format_not_supported", 403, _NOT_VERIFIED
    ATTESTATION_INVALID = "attestation_invalid", 403, _NOT_VERIFIED
    ATTESTATION_SIGNATURE = "attestation_signature_invalid", 403, _NOT_VERIFIED
    ATTESTATION_CERTIFICATE = "attestation_certificate_invalid", 403, _NOT_VERIFIED
    ATTESTATION_KEY_MISMATCH = "attestation_key_mismatch", 403, _NOT_VERIFIED
    ATTESTATION_NOT_TRUSTED = "attestation_not_trusted", 403, "This authenticator is not trusted here."
    ATTESTATION_NOT_ALLOWED = "attestation_not_allowed", 403, "This authenticator is not allowed here."
    AAGUID_NOT_ALLOWED = "aaguid_not_allowed", 403, "This authenticator is not allowed here."

    # Refused: credential
    CREDENTIAL_ID_TOO_LONG = "credential_id_too_long", 400, _NOT_VERIFIED
    CREDENTIAL_ALREADY_REGISTERED = "credential_already_registered", 409, "This passkey is already registered."
    CREDENTIAL_NOT_ALLOWED = "credential_not_allowed", 403, _NOT_VERIFIED
    CREDENTIAL_UNKNOWN = "credential_unknown", 403, _NOT_VERIFIED
    CREDENTIAL_OF_ANOTHER_USER = "credential_of_another_user", 403, _NOT_VERIFIED
    USER_HANDLE_MISSING = "user_handle_missing", 403, _NOT_VERIFIED
    USER_HANDLE_MISMATCH = "user_handle_mismatch", 403, _NOT_VERIFIED
    SIGNATURE_INVALID = "signature_invalid", 403, _NOT_VERIFIED
    SIGN_COUNT_REGRESSED = "sign_count_regressed", 403, "This passkey may have been copied."

    # Refused: extensions
    EXTENSION_UNSOLICITED = "extension_unsolicited", 400, _NOT_VERIFIED
    EXTENSION_CONTRADICTS = "extension_contradicts_request", 400, _NOT_VERIFIED
    EXTENSION_LESS_THAN_ASKED = "extension_less_than_asked", 403, _NOT_VERIFIED

    # Refused: the ceremony
    CEREMONY_UNKNOWN = "ceremony_unknown", 410, _OVER
    CEREMONY_EXPIRED = "ceremony_expired", 410, _OVER
    CEREMONY_USED = "ceremony_used", 410, _OVER
    CEREMONY_SEAL = "ceremony_seal", 410, _OVER
    CEREMONY_KIND = "ceremony_kind", 400, "This request belongs to another step. Please start again."
    CEREMONY_SESSION = "ceremony_session", 403, "This request belongs to another session. Please start again."
    CEREMONY_PURPOSE = "ceremony_purpose", 403, "This request belongs to another step. Please start again."
    CEREMONY_USER = "ceremony_user", 403, "This request belongs to another session. Please start again."
    CEREMONY_RELYING_PARTY = "ceremony_relying_party", 403, "This request belongs to another site."

    # Unavailable, misconfigured
    STORE_UNAVAILABLE = "store_unavailable", 503, "The service is busy. Please try again."
    MISCONFIGURED = "misconfigured", 500, "The service is not set up correctly."
