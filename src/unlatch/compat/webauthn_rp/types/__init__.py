"""The types of webauthn-rp, in the modules below this one. All take their members by name."""

from typing import Any, NoReturn, TypeAlias

from unlatch.compat.webauthn_rp.gone import refuse_name
from unlatch.compat.webauthn_rp.types.attestation import (
    AndroidKeyAttestationStatement,
    AndroidSafetyNetAttestationStatement,
    AttestationObject,
    AttestationStatement,
    AttestationStatementFormatIdentifier,
    AttestationType,
    FIDOU2FAttestationStatement,
    NoneAttestationStatement,
    PackedAttestationStatement,
    PackedECDAAAttestationStatement,
    PackedX509AttestationStatement,
    TPMAttestationStatement,
    TPMECDAAAttestationStatement,
    TPMX509AttestationStatement,
    TrustedPath,
)
from unlatch.compat.webauthn_rp.types.entities import (
    AttestationConveyancePreference,
    AuthenticatorAttachment,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialMediationRequirement,
    Origin,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialEntity,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)
from unlatch.compat.webauthn_rp.types.extensions import (
    AAGUID,
    AuthenticationExtensionsClientInputs,
    AuthenticationExtensionsClientOutputs,
    AuthenticatorBiometricPerfBounds,
    Coordinates,
    ExtensionIdentifier,
    TxAuthGenericArg,
    UvmEntries,
    UvmEntry,
)
from unlatch.compat.webauthn_rp.types.keys import (
    AKPCredentialPublicKey,
    COSEAlgorithmIdentifier,
    COSEKeyOperation,
    COSEKeyType,
    CredentialPublicKey,
    EC2CredentialPublicKey,
    EC2Curve,
    OKPCredentialPublicKey,
    OKPCurve,
    PublicKey,
    RSACredentialPublicKey,
)
from unlatch.compat.webauthn_rp.types.options import (
    CredentialCreationOptions,
    CredentialRequestOptions,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)
from unlatch.compat.webauthn_rp.types.responses import (
    AttestedCredentialData,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    AuthenticatorDataFlag,
    AuthenticatorResponse,
    CollectedClientData,
    Credential,
    PublicKeyCredential,
    TokenBinding,
    TokenBindingStatus,
)

#: What `jsonify` returns.
JSONValue: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool | None

__all__ = [
    "AAGUID",
    "AKPCredentialPublicKey",
    "AndroidKeyAttestationStatement",
    "AndroidSafetyNetAttestationStatement",
    "AttestationConveyancePreference",
    "AttestationObject",
    "AttestationStatement",
    "AttestationStatementFormatIdentifier",
    "AttestationType",
    "AttestedCredentialData",
    "AuthenticationExtensionsClientInputs",
    "AuthenticationExtensionsClientOutputs",
    "AuthenticatorAssertionResponse",
    "AuthenticatorAttachment",
    "AuthenticatorAttestationResponse",
    "AuthenticatorBiometricPerfBounds",
    "AuthenticatorData",
    "AuthenticatorDataFlag",
    "AuthenticatorResponse",
    "AuthenticatorSelectionCriteria",
    "AuthenticatorTransport",
    "COSEAlgorithmIdentifier",
    "COSEKeyOperation",
    "COSEKeyType",
    "CollectedClientData",
    "Coordinates",
    "Credential",
    "CredentialCreationOptions",
    "CredentialMediationRequirement",
    "CredentialPublicKey",
    "CredentialRequestOptions",
    "EC2CredentialPublicKey",
    "EC2Curve",
    "ExtensionIdentifier",
    "FIDOU2FAttestationStatement",
    "JSONValue",
    "NoneAttestationStatement",
    "OKPCredentialPublicKey",
    "OKPCurve",
    "Origin",
    "PackedAttestationStatement",
    "PackedECDAAAttestationStatement",
    "PackedX509AttestationStatement",
    "PublicKey",
    "PublicKeyCredential",
    "PublicKeyCredentialCreationOptions",
    "PublicKeyCredentialDescriptor",
    "PublicKeyCredentialEntity",
    "PublicKeyCredentialParameters",
    "PublicKeyCredentialRequestOptions",
    "PublicKeyCredentialRpEntity",
    "PublicKeyCredentialType",
    "PublicKeyCredentialUserEntity",
    "RSACredentialPublicKey",
    "TPMAttestationStatement",
    "TPMECDAAAttestationStatement",
    "TPMX509AttestationStatement",
    "TokenBinding",
    "TokenBindingStatus",
    "TrustedPath",
    "TxAuthGenericArg",
    "UserVerificationRequirement",
    "UvmEntries",
    "UvmEntry",
]

_KEYS = "cryptography.hazmat.primitives.asymmetric"
_PRIVATE = "a Relying Party holds no private keys; tests get theirs from unlatch.testing.SoftwareAuthenticator"
_GONE = {
    "EC2PublicKey": f"use {_KEYS}.ec.EllipticCurvePublicKey",
    "OKPPublicKey": f"use {_KEYS}.ed25519.Ed25519PublicKey or ed448.Ed448PublicKey",
    "EC2PrivateKey": _PRIVATE,
    "OKPPrivateKey": _PRIVATE,
    "PrivateKey": _PRIVATE,
}


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _GONE)
