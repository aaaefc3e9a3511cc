"""A WebAuthn (passkeys) relying party whose every check is a step of the specification.

Start with `RelyingParty`; `Passkeys` adds stores. Errors are drawn in `unlatch.errors`, the steps in
`unlatch.steps.table`.
"""

from unlatch.attestation.policy import AttestationPolicy, AttestationVerdict
from unlatch.ceremonies.authentication import Authentication
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.registration import Registration
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import (
    AttestationRefused,
    AuthenticatorDataRefused,
    CeremonyRefused,
    ClientDataRefused,
    CredentialRefused,
    ExtensionRefused,
    Malformed,
    Misconfigured,
    Refused,
    Unavailable,
    UnlatchError,
)
from unlatch.passkeys import AsyncPasskeys, Passkeys
from unlatch.record import CredentialRecord
from unlatch.terms import (
    Attachment,
    AttestationConveyance,
    AttestationType,
    BackupChange,
    CeremonyKind,
    Hint,
    Mediation,
    ResidentKey,
    SignCountVerdict,
    Transport,
    TrustVerdict,
    UserVerification,
)
from unlatch.wire.extensions.inputs import AuthenticationInputs, RegistrationInputs
from unlatch.wire.extensions.prf import PrfValues
from unlatch.wire.options import CreationOptions, CredentialDescriptor, RequestOptions, UserEntity
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

__all__ = [
    "AsyncPasskeys",
    "Attachment",
    "AttestationConveyance",
    "AttestationPolicy",
    "AttestationRefused",
    "AttestationType",
    "AttestationVerdict",
    "Authentication",
    "AuthenticationInputs",
    "AuthenticationResponse",
    "AuthenticatorDataRefused",
    "BackupChange",
    "CeremonyKind",
    "CeremonyRefused",
    "CeremonyState",
    "ClientDataRefused",
    "Code",
    "CreationOptions",
    "CredentialDescriptor",
    "CredentialRecord",
    "CredentialRefused",
    "ExtensionRefused",
    "Hint",
    "Malformed",
    "Mediation",
    "Misconfigured",
    "Passkeys",
    "Policy",
    "PrfValues",
    "Refused",
    "Registration",
    "RegistrationInputs",
    "RegistrationResponse",
    "RelyingParty",
    "RequestOptions",
    "ResidentKey",
    "SignCountVerdict",
    "Transport",
    "TrustVerdict",
    "Unavailable",
    "UnlatchError",
    "UserEntity",
    "UserVerification",
]

__version__ = "0.1.0"
