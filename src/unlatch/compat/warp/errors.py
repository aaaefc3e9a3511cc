"""The error categories of warp as classes; a cause in a chain is what `Unwrap` gave.

Go asked ``errors.Is(err, ErrVerifyAttestation)``; here ``error.is_(VerifyAttestationError)`` asks the whole chain, and
``except VerifyRegistrationError`` catches what `finish_registration` raises.
"""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.errors import Malformed, UnlatchError


class Error(Exception):
    """The root: whatever this skin raises on purpose. `__cause__` is the error of ours, with code and evidence."""

    def is_(self, category: type[Error]) -> bool:
        """Whether this error, or one that caused it, is of a category."""
        error: BaseException | None = self
        while error is not None:
            if isinstance(error, category):
                return True
            error = error.__cause__
        return False


class DecodeAttestedCredentialDataError(Error):
    """Attested credential data cannot be decoded."""


class DecodeAuthenticatorDataError(Error):
    """Authenticator data cannot be decoded."""


class DecodeCOSEKeyError(Error):
    """A COSE key cannot be decoded, or is not a valid one."""


class ECDAANotSupportedError(Error):
    """An attestation with ECDAA, which the specification has given up."""


class EncodeAttestedCredentialDataError(Error):
    """Attested credential data cannot be encoded."""


class EncodeAuthenticatorDataError(Error):
    """Authenticator data cannot be encoded."""


class GenerateChallengeError(Error):
    """A challenge of this length would not be safe."""


class MarshalAttestationObjectError(Error):
    """An attestation object cannot be encoded."""


class OptionError(Error):
    """An option that does not belong to this ceremony, or has an impossible value."""


class NotSupportedError(Error):
    """An attestation format or extension that nobody implements."""


class UnmarshalAttestationObjectError(Error):
    """An attestation object cannot be decoded."""


class VerifyAttestationError(Error):
    """An attestation statement is not sound."""


class VerifyAuthenticationError(Error):
    """An authentication is refused."""


class VerifyClientExtensionOutputError(Error):
    """A client extension output was not asked for, or does not answer what was."""


class VerifyRegistrationError(Error):
    """A registration is refused."""


class VerifySignatureError(Error):
    """A signature does not verify."""


#: Every category, under the name that it had.
CATEGORIES: dict[str, type[Error]] = {
    "ErrDecodeAttestedCredentialData": DecodeAttestedCredentialDataError,
    "ErrDecodeAuthenticatorData": DecodeAuthenticatorDataError,
    "ErrDecodeCOSEKey": DecodeCOSEKeyError,
    "ErrECDAANotSupported": ECDAANotSupportedError,
    "ErrEncodeAttestedCredentialData": EncodeAttestedCredentialDataError,
    "ErrEncodeAuthenticatorData": EncodeAuthenticatorDataError,
    "ErrGenerateChallenge": GenerateChallengeError,
    "ErrMarshalAttestationObject": MarshalAttestationObjectError,
    "ErrOption": OptionError,
    "ErrNotImplemented": NotSupportedError,
    "ErrUnmarshalAttestationObject": UnmarshalAttestationObjectError,
    "ErrVerifyAttestation": VerifyAttestationError,
    "ErrVerifyAuthentication": VerifyAuthenticationError,
    "ErrVerifyClientExtensionOutput": VerifyClientExtensionOutputError,
    "ErrVerifyRegistration": VerifyRegistrationError,
    "ErrVerifySignature": VerifySignatureError,
}

_BY_PREFIX: tuple[tuple[str, type[Error]], ...] = (
    (Code.FORMAT_NOT_SUPPORTED, NotSupportedError),
    (Code.SIGNATURE_INVALID, VerifySignatureError),
    (Code.ATTESTATION_OBJECT, UnmarshalAttestationObjectError),
    (Code.ATTESTATION_STATEMENT, VerifyAttestationError),
    (Code.AUTHENTICATOR_DATA, DecodeAuthenticatorDataError),
    ("malformed_key", DecodeCOSEKeyError),
    ("malformed_extension", VerifyClientExtensionOutputError),
    ("attestation", VerifyAttestationError),
    ("extension", VerifyClientExtensionOutputError),
)


def category(error: UnlatchError) -> type[Error] | None:
    """The inner category of an error of ours; None where warp had none but the ceremony's own."""
    if isinstance(error, Malformed) and error.code.startswith("malformed_cbor"):
        return UnmarshalAttestationObjectError if "attestationObject" in error.path else DecodeAuthenticatorDataError
    return next((kind for prefix, kind in _BY_PREFIX if error.code.startswith(prefix)), None)


def cause(error: UnlatchError) -> Exception:
    """What the error of a call is raised `from`: the inner category, caused by ours; or ours, where there is none."""
    inner = category(error)
    if inner is None:
        return error
    found = inner(str(error))
    found.__cause__ = error
    return found
