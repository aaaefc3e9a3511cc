"""The errors of webauthn-rp, and which of them an error of ours becomes.

```
WebAuthnRPError
├── BackendError          one class for each check of the backend
├── ConverterError        JSONConversionError, PublicKeyConversionError
├── ParserError           DecodingError
├── AttestationError, BuilderError, InternalError, OriginError
└── UnimplementedError, ValidationError, VerificationError
```
"""

from __future__ import annotations

from unlatch.codes import Code, PublicCode
from unlatch.errors import Malformed, Refused, UnlatchError


class WebAuthnRPError(Exception):
    """The root of the tree.

    Attributes:
        code: Our stable code, where a check of ours refused; None otherwise.
        step: The step of the specification, ``"registration.challenge"``, where one refused; None otherwise.
    """

    code: PublicCode | None = None
    step: str | None = None


class BackendError(WebAuthnRPError):
    """A check of the backend says no."""


class ClientDataTypeError(BackendError):
    """The client data is of another type than the ceremony."""


class ChallengeError(BackendError):
    """The challenge is not the expected one, or cannot be one."""


class TokenBindingError(BackendError):
    """The token binding is not the expected one."""


class RPIDHashError(BackendError):
    """The authenticator acted for another Relying Party."""


class UserPresenceError(BackendError):
    """Nobody touched the authenticator."""


class UserVerificationError(BackendError):
    """The user was not verified where that is required."""


class ExtensionError(BackendError):
    """Extension outputs are not what is expected."""


class CredentialNotAllowedError(BackendError):
    """The credential is not among those that are allowed."""


class UserIDError(BackendError):
    """The credential belongs to another user, or the user's id cannot be one."""


class UserHandleError(BackendError):
    """The user handle is missing where it is needed, or is another user's."""


class RPNotFoundError(BackendError):
    """Neither the caller nor the registrar names the Relying Party."""


class RPIDError(BackendError):
    """The RP ID is missing, cannot be one, or is not the credential's."""


class RegistrationError(BackendError):
    """The registrar raised, or returned something else than None."""


class CredentialDataError(BackendError):
    """The registrar knows no such credential, or what it returned cannot be used."""


class SignatureCountError(BackendError):
    """The signature counter did not grow."""


class ConverterError(WebAuthnRPError):
    """A value cannot be converted."""


class JSONConversionError(ConverterError):
    """A value has no form in JSON."""


class PublicKeyConversionError(ConverterError):
    """A public key cannot be converted."""


class ParserError(WebAuthnRPError):
    """Something received is not what the specification says."""


class DecodingError(ParserError):
    """Something received is not well-formed base64, JSON or CBOR."""


class OriginError(WebAuthnRPError):
    """The origin is not an expected one, or is none at all."""


class VerificationError(WebAuthnRPError):
    """A signature does not verify."""


class UnimplementedError(WebAuthnRPError):
    """Nobody implements this; the message says what to use instead."""


class ValidationError(WebAuthnRPError):
    """A public key is not a valid one."""


class BuilderError(WebAuthnRPError):
    """A builder lacks a part, or was given one that cannot work."""


class AttestationError(WebAuthnRPError):
    """The attestation is not sound, or not trusted."""


class InternalError(WebAuthnRPError):
    """Something else went wrong."""


_BY_CODE: dict[PublicCode, type[WebAuthnRPError]] = {
    Code.TYPE_MISMATCH: ClientDataTypeError,
    Code.CHALLENGE_MISMATCH: ChallengeError,
    Code.ORIGIN_NOT_EXPECTED: OriginError,
    Code.CROSS_ORIGIN_NOT_EXPECTED: OriginError,
    Code.TOP_ORIGIN_NOT_EXPECTED: OriginError,
    Code.RP_ID_HASH_MISMATCH: RPIDHashError,
    Code.USER_NOT_PRESENT: UserPresenceError,
    Code.USER_NOT_VERIFIED: UserVerificationError,
    Code.FORMAT_NOT_SUPPORTED: UnimplementedError,
    Code.ATTESTATION_SIGNATURE: VerificationError,
    Code.CREDENTIAL_ALREADY_REGISTERED: RegistrationError,
    Code.CREDENTIAL_NOT_ALLOWED: CredentialNotAllowedError,
    Code.CREDENTIAL_UNKNOWN: CredentialDataError,
    Code.CREDENTIAL_OF_ANOTHER_USER: UserIDError,
    Code.USER_HANDLE_MISSING: UserHandleError,
    Code.USER_HANDLE_MISMATCH: UserHandleError,
    Code.SIGNATURE_INVALID: VerificationError,
    Code.SIGN_COUNT_REGRESSED: SignatureCountError,
}
_BY_PREFIX: tuple[tuple[str, type[WebAuthnRPError]], ...] = (
    ("malformed_key", ValidationError),
    ("malformed_extension", ExtensionError),
    ("malformed_json", DecodingError),
    ("malformed_base64url", DecodingError),
    ("malformed_cbor", DecodingError),
    ("attestation", AttestationError),
    ("aaguid", AttestationError),
    ("extension", ExtensionError),
)


def translated(error: UnlatchError) -> WebAuthnRPError:
    """The error of this tree that stands for one of ours, with its code and step; to be raised `from` it."""
    kind = _BY_CODE.get(error.code) or next(
        (kind for prefix, kind in _BY_PREFIX if error.code.startswith(prefix)), _otherwise(error)
    )
    found = kind(str(error))
    found.code = error.code
    found.step = error.step if isinstance(error, Refused) else None
    return found


def _otherwise(error: UnlatchError) -> type[WebAuthnRPError]:
    if isinstance(error, Malformed):
        return ParserError
    return BackendError if isinstance(error, Refused) else InternalError
