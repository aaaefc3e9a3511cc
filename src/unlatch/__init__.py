"""A WebAuthn (passkeys) relying party whose every check is a step of the specification.

Start with `RelyingParty`; `Passkeys` adds stores. Errors are drawn in `unlatch.errors`, the steps in
`unlatch.steps.table`.

A public name is loaded when it is first used: who signs people in never loads what reads certificates.
"""

from importlib import import_module

TYPE_CHECKING = False  # what type checkers know as True, without the cost of loading `typing`
if TYPE_CHECKING:
    from unlatch.attestation.anchors import AnchorSelection, TrustAnchors
    from unlatch.attestation.policy import AttestationPolicy, AttestationVerdict
    from unlatch.attestation.rules import StatementRules
    from unlatch.ceremonies.authentication import Authentication
    from unlatch.ceremonies.policy import Policy
    from unlatch.ceremonies.registration import Registration
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.ceremonies.state import CeremonyState
    from unlatch.codes import Code
    from unlatch.crypto.revocation import Revocation
    from unlatch.crypto.signatures import KeyCache
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
    "AnchorSelection",
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
    "KeyCache",
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
    "Revocation",
    "SignCountVerdict",
    "StatementRules",
    "Transport",
    "TrustAnchors",
    "TrustVerdict",
    "Unavailable",
    "UnlatchError",
    "UserEntity",
    "UserVerification",
]

__version__ = "0.1.0"

#: Module -> the public names that live there.
_HOME = {
    "attestation.anchors": (
        "AnchorSelection",
        "TrustAnchors",
    ),
    "attestation.policy": (
        "AttestationPolicy",
        "AttestationVerdict",
    ),
    "attestation.rules": ("StatementRules",),
    "ceremonies.authentication": ("Authentication",),
    "ceremonies.policy": ("Policy",),
    "ceremonies.registration": ("Registration",),
    "ceremonies.relying_party": ("RelyingParty",),
    "ceremonies.state": ("CeremonyState",),
    "codes": ("Code",),
    "crypto.revocation": ("Revocation",),
    "crypto.signatures": ("KeyCache",),
    "errors": (
        "AttestationRefused",
        "AuthenticatorDataRefused",
        "CeremonyRefused",
        "ClientDataRefused",
        "CredentialRefused",
        "ExtensionRefused",
        "Malformed",
        "Misconfigured",
        "Refused",
        "Unavailable",
        "UnlatchError",
    ),
    "passkeys": (
        "AsyncPasskeys",
        "Passkeys",
    ),
    "record": ("CredentialRecord",),
    "terms": (
        "Attachment",
        "AttestationConveyance",
        "AttestationType",
        "BackupChange",
        "CeremonyKind",
        "Hint",
        "Mediation",
        "ResidentKey",
        "SignCountVerdict",
        "Transport",
        "TrustVerdict",
        "UserVerification",
    ),
    "wire.extensions.inputs": (
        "AuthenticationInputs",
        "RegistrationInputs",
    ),
    "wire.extensions.prf": ("PrfValues",),
    "wire.options": (
        "CreationOptions",
        "CredentialDescriptor",
        "RequestOptions",
        "UserEntity",
    ),
    "wire.responses": (
        "AuthenticationResponse",
        "RegistrationResponse",
    ),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name, once (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})
