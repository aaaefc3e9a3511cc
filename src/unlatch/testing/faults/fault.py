"""What faults and oddities are: one change at one point; a fault must be refused, an oddity accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.terms import CeremonyKind
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.authenticator import SoftwareAuthenticator, StoredCredential
    from unlatch.testing.scene import Scene

#: Takes the honest value at the fault's point and the ceremony, gives the false value.
Change = Callable[[Any, "Scene"], Any]


class Need(StrEnum):
    """What options and authenticator must be like for a fault to be possible and to be one."""

    USER_VERIFICATION_REQUIRED = "user-verification-required"
    NOT_CONDITIONAL = "not-conditional"  # the ceremony was not started with mediation "conditional"
    LISTED = "listed"  # allowCredentials is not empty
    NOT_LISTED = "not-listed"  # allowCredentials is empty: the user is not known beforehand
    COUNTER = "counter"  # the credential that answers has counted already
    EARLIER_CREDENTIAL = "earlier-credential"  # the authenticator has made a credential for this RP ID before
    CRED_PROTECT_ENFORCED = "cred-protect-enforced"
    PRF_ONE_VALUE = "prf-one-value"  # prf was asked to evaluate one value
    LARGE_BLOB_REQUIRED = "large-blob-required"
    LARGE_BLOB_READ = "large-blob-read"


class Rule(StrEnum):
    """A rule that the relying party must have for a fault to be refused; options do not tell."""

    TRUST = "trust"  # attestation has to lead to a named anchor
    SINGLE_DEVICE = "single-device"  # backup-eligible credentials are not allowed
    SYNCED = "synced"  # only backed-up credentials are allowed
    UNSOLICITED = "unsolicited"  # outputs of extensions that were not asked for are refused
    BACKUP_ELIGIBILITY = "backup-eligibility"  # a change of backup eligibility is refused (the default)
    NO_ENTERPRISE = "no-enterprise"  # attestation was asked for, but not enterprise attestation
    HARDWARE_ENFORCED = "hardware-enforced"  # android-key: only what hardware enforces counts
    ZERO_AAGUID = "zero-aaguid"  # fido-u2f: the AAGUID has to be zero
    TPM_MANUFACTURERS = "tpm-manufacturers"  # tpm: only assigned manufacturers
    FRESH = "fresh"  # android-safetynet: the report is from the last minute
    SIGN_COUNT = "sign-count"  # a counter that does not grow is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One named change to an otherwise honest response.

    Attributes:
        name: ``"<ceremony>.<subject>.<variation>"``, stable.
        what: One sentence: what is wrong with the response, or odd about it.
        ceremony: Where it belongs.
        point: Where it strikes.
        change: From the honest value to the other one.
        formats: Attestation formats (as `SoftwareAuthenticator` names them) in which it exists; None for all.
        algorithms: COSE numbers of credential keys for which it exists; None for all.
        needs: What options and authenticator must be like.
    """

    name: str
    what: str
    ceremony: CeremonyKind
    point: Point
    change: Change
    formats: frozenset[str] | None = None
    algorithms: frozenset[int] | None = None
    needs: frozenset[Need] = frozenset()

    def __str__(self) -> str:
        return self.name

    def applies(self, authenticator: SoftwareAuthenticator, options: dict[str, Any]) -> bool:
        """Whether this can be brought into the answer of `authenticator` to `options`."""
        if self.formats is not None and authenticator.format_for(options) not in self.formats:
            return False
        if self.algorithms is not None and _algorithm(self.ceremony, authenticator, options) not in self.algorithms:
            return False
        return all(_met(need, authenticator, options) for need in self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(Deviation):
    """A deviation that a relying party has to refuse.

    Attributes:
        code: The code that must come out.
        step: ``"<ceremony>.<slug>"`` of the step that must refuse; None when the decoder does, before any step.
        rule: The rule that the relying party must have to refuse it, or None if every one must.
    """

    code: Code
    step: str | None = None
    rule: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity(Deviation):
    """A deviation that a relying party must accept: allowed by the specification, or common in the field."""


def _algorithm(ceremony: CeremonyKind, authenticator: SoftwareAuthenticator, options: dict[str, Any]) -> int | None:
    if ceremony is CeremonyKind.REGISTRATION:
        return authenticator.choose_algorithm(options)
    credential = _answering(authenticator, options)
    return None if credential is None else credential.key.algorithm.id


def _answering(authenticator: SoftwareAuthenticator, options: dict[str, Any]) -> StoredCredential | None:
    """The credential that will answer; a request without an RP ID is answered by any of this authenticator's."""
    rp_ids = [options["rpId"]] if "rpId" in options else {each.rp_id for each in authenticator.credentials}
    for rp_id in rp_ids:
        if credential := authenticator.find(rp_id, authenticator.listed(options)):
            return credential
    return None


def _met(need: Need, authenticator: SoftwareAuthenticator, options: dict[str, Any]) -> bool:
    selection = options.get("authenticatorSelection") or options
    extensions = options.get("extensions") or {}
    checks: dict[Need, Callable[[], bool]] = {
        Need.USER_VERIFICATION_REQUIRED: lambda: selection.get("userVerification") == "required",
        Need.NOT_CONDITIONAL: lambda: True,
        Need.LISTED: lambda: bool(options.get("allowCredentials")),
        Need.NOT_LISTED: lambda: not options.get("allowCredentials"),
        Need.COUNTER: lambda: (
            (answering := _answering(authenticator, options)) is not None and answering.sign_count > 0
        ),
        Need.EARLIER_CREDENTIAL: lambda: bool(authenticator.credentials),
        Need.CRED_PROTECT_ENFORCED: lambda: (
            extensions.get("credentialProtectionPolicy", "userVerificationOptional") != "userVerificationOptional"
            and extensions.get("enforceCredentialProtectionPolicy") is True
        ),
        Need.PRF_ONE_VALUE: lambda: list(extensions.get("prf", {}).get("eval", ())) == ["first"],
        Need.LARGE_BLOB_REQUIRED: lambda: extensions.get("largeBlob", {}).get("support") == "required",
        Need.LARGE_BLOB_READ: lambda: extensions.get("largeBlob", {}).get("read") is True,
    }
    return checks[need]()
