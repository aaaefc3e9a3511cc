"""Whether an attestation statement is sound, by the procedure of its format. Trust is the policy's to say."""

from __future__ import annotations

from unlatch.attestation.formats import FORMATS
from unlatch.attestation.rules import StatementRules
from unlatch.compat.webauthn_rp.errors import AttestationError, UnimplementedError, translated
from unlatch.compat.webauthn_rp.gone import Fixed
from unlatch.compat.webauthn_rp.types import (
    AttestationObject,
    AttestationStatement,
    AttestationType,
    AuthenticatorData,
    TrustedPath,
)
from unlatch.errors import UnlatchError
from unlatch.terms import AttestationType as OwnType
from unlatch.wire.attestation_object import decode_attestation_object

_TYPES = {
    OwnType.NONE: AttestationType.NONE,
    OwnType.SELF: AttestationType.SELF,
    OwnType.BASIC: AttestationType.BASIC,
    OwnType.ATTCA: AttestationType.ATTCA,
    OwnType.BASIC_OR_ATTCA: AttestationType.UNCERTAIN,
    OwnType.ANONCA: AttestationType.ANONCA,
}


@Fixed
def attest(
    att_stmt: AttestationStatement,  # noqa: ARG001 - the older library chose the procedure by it
    att_obj: AttestationObject,
    auth_data: AuthenticatorData | bytes,
    client_data_hash: bytes,
) -> tuple[AttestationType, TrustedPath | None]:
    """Verify a statement of any format.

    Args:
        att_stmt: ``att_obj.att_stmt``; the received bytes in `att_obj` are what is judged.
        att_obj: From `parse_attestation_object`.
        auth_data: ``att_obj.auth_data``, or its bytes: ``raw["authData"]``.
        client_data_hash: SHA-256 of the received client data.

    Raises:
        AttestationError: Not sound; or `auth_data` is not that of `att_obj`; or `att_obj` was made without `raw`.
        VerificationError: Its signature does not verify.
        UnimplementedError: An unknown format.
    """
    if not att_obj.raw:
        raise AttestationError("The received bytes are judged: pass what parse_attestation_object returned.")
    try:
        own = decode_attestation_object(att_obj.raw, "attestationObject")
        if own.authenticator_data.raw != (auth_data if isinstance(auth_data, bytes) else auth_data.raw):
            raise AttestationError("The authenticator data is not that of the attestation object.")
        procedure = FORMATS.get(own.format)
        if procedure is None:
            raise UnimplementedError(f"There is no attestation format {own.format!r}.")
        result = procedure(own.statement, own.authenticator_data, client_data_hash, rules=StatementRules())
    except UnlatchError as error:
        raise translated(error) from error
    return attestation_type(result.type), trusted_path(result.trust_path)


def attestation_type(own: OwnType) -> AttestationType:
    """The older library's word for a type; what cannot be told from the data alone is uncertain."""
    return _TYPES[own]


def trusted_path(certificates: tuple[bytes, ...]) -> TrustedPath | None:
    """The certificates of a statement, or None where it has none."""
    return TrustedPath(certificates) if certificates else None


def _of_format(
    fmt: str, att_obj: AttestationObject, auth_data: AuthenticatorData | bytes, client_data_hash: bytes
) -> tuple[AttestationType, TrustedPath | None]:
    if att_obj.fmt != fmt:
        raise AttestationError(f"a statement of the format {att_obj.fmt!r}, not {fmt!r}")
    return attest(att_obj.att_stmt, att_obj, auth_data, client_data_hash)


def attest_fido_u2f(
    att_stmt: AttestationStatement,  # noqa: ARG001 - as in `attest`
    att_obj: AttestationObject,
    auth_data: AuthenticatorData | bytes,
    client_data_hash: bytes,
) -> tuple[AttestationType, TrustedPath | None]:
    """As `attest`, of the format ``fido-u2f`` alone."""
    return _of_format("fido-u2f", att_obj, auth_data, client_data_hash)


def attest_android_key(
    att_stmt: AttestationStatement,  # noqa: ARG001 - as in `attest`
    att_obj: AttestationObject,
    auth_data: AuthenticatorData | bytes,
    client_data_hash: bytes,
) -> tuple[AttestationType, TrustedPath | None]:
    """As `attest`, of the format ``android-key`` alone."""
    return _of_format("android-key", att_obj, auth_data, client_data_hash)


def attest_none(
    att_stmt: AttestationStatement,  # noqa: ARG001 - as in `attest`
    att_obj: AttestationObject,
    auth_data: AuthenticatorData | bytes,
    client_data_hash: bytes,
) -> tuple[AttestationType, TrustedPath | None]:
    """As `attest`, of the format ``none`` alone."""
    return _of_format("none", att_obj, auth_data, client_data_hash)
