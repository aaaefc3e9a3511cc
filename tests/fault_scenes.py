"""For each fault of `unlatch.testing` a ceremony in which it can be brought in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unlatch import CeremonyState, CredentialRecord, Policy, RelyingParty, UserEntity
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.terms import AttestationType, CeremonyKind, TrustVerdict
from unlatch.testing import Deviation, EmulatedBrowser, Fault, Need, Rule, SoftwareAuthenticator

ADA = UserEntity(b"handle-of-ada", "ada", "Ada")
#: Extension inputs that make a need come true.
INPUTS: dict[Need, dict[str, Any]] = {
    Need.CRED_PROTECT_ENFORCED: {
        "credentialProtectionPolicy": "userVerificationRequired",
        "enforceCredentialProtectionPolicy": True,
    },
    Need.PRF_ONE_VALUE: {"prf": {"eval": {"first": "AAEC"}}},
    Need.LARGE_BLOB_REQUIRED: {"largeBlob": {"support": "required"}},
    Need.LARGE_BLOB_READ: {"largeBlob": {"read": True}},
}
_POLICIES: dict[Rule, dict[str, Any]] = {
    Rule.SINGLE_DEVICE: {"backup": "forbidden"},
    Rule.SYNCED: {"require_backed_up": True},
    Rule.UNSOLICITED: {"unsolicited_extensions": "refuse"},
}
_STATEMENT_RULES: dict[Rule, dict[str, Any]] = {
    Rule.HARDWARE_ENFORCED: {"android_key_hardware_only": True},
    Rule.ZERO_AAGUID: {"u2f_zero_aaguid": True},
    Rule.TPM_MANUFACTURERS: {"tpm_manufacturers": ("id:49465800",)},
    Rule.FRESH: {"safetynet_max_age": 60},
}
#: What an honest attestation of each kind must come out as.
TYPES = {
    "none": AttestationType.NONE,
    "packed": AttestationType.BASIC_OR_ATTCA,
    "packed-self": AttestationType.SELF,
    "tpm": AttestationType.ATTCA,
    "android-key": AttestationType.BASIC,
    "android-safetynet": AttestationType.BASIC,
    "fido-u2f": AttestationType.BASIC_OR_ATTCA,
    "apple": AttestationType.ANONCA,
}
_TRUST = {"none": TrustVerdict.NONE, "packed-self": TrustVerdict.SELF, "compound": TrustVerdict.SELF}


@dataclass
class Played:
    """One ceremony: who judges, by which state (and record), and who answers which options."""

    rp: RelyingParty
    browser: EmulatedBrowser
    kind: CeremonyKind
    options: dict[str, Any]
    state: CeremonyState
    record: CredentialRecord | None = None

    def answer(self, fault: Deviation | None = None) -> bytes:
        if self.kind is CeremonyKind.REGISTRATION:
            return self.browser.create_body(self.options, fault=fault)
        return self.browser.get_body(self.options, fault=fault)

    def finish(self, body: Any) -> Any:
        if self.kind is CeremonyKind.REGISTRATION:
            return self.rp.finish_registration(self.state, body)
        assert self.record is not None
        return self.rp.finish_authentication(self.state, body, self.record)


def expected_trust(attestation: str) -> TrustVerdict:
    """What an honest attestation is worth to `relying_party`, which names the authenticator's root."""
    return _TRUST.get(attestation, TrustVerdict.ANCHORED)


def _attested(authenticator: SoftwareAuthenticator, rule: Rule | None) -> AttestationPolicy:
    return AttestationPolicy(
        conveyance="direct",
        anchors=authenticator.trust_anchors,
        formats=tuple(FORMATS),
        allow_self=True,
        rules=StatementRules(**(_STATEMENT_RULES.get(rule, {}) if rule else {})),
    )


def relying_party(
    authenticator: SoftwareAuthenticator, *algorithms: int, rule: Rule | None = None, **policy: Any
) -> RelyingParty:
    """A relying party that asks for what the authenticator attests, and trusts its root."""
    policy = {
        "algorithms": algorithms,
        "user_verification": "required",
        "attestation": AttestationPolicy() if authenticator.attestation == "none" else _attested(authenticator, rule),
        **(_POLICIES.get(rule, {}) if rule else {}),
        **policy,
    }
    return RelyingParty(id="example.org", origins=["https://example.org"], policy=Policy(**policy))


def register(rp: RelyingParty, browser: EmulatedBrowser, **options: Any) -> Any:
    begun = rp.begin_registration(ADA, **options)
    return rp.finish_registration(begun.state, browser.create(begun.options.to_json()))


def play(fault: Deviation, *, attestation: str = "none", algorithm: int = -7) -> Played:
    """A ceremony in which `fault` applies."""
    rule = fault.rule if isinstance(fault, Fault) else None
    synced = rule is Rule.SYNCED
    authenticator = SoftwareAuthenticator(
        attestation=attestation,
        # The others are for faults that answer with an algorithm which was not offered.
        algorithms=(algorithm, -7, -8, -35),
        backup_eligible=synced,
        backup_state=synced,
    )
    browser = EmulatedBrowser("https://example.org", authenticator)
    rp = relying_party(authenticator, algorithm, rule=rule)
    extensions = {name: value for need in fault.needs for name, value in INPUTS.get(need, {}).items()}
    if fault.ceremony is CeremonyKind.REGISTRATION:
        if Need.EARLIER_CREDENTIAL in fault.needs:
            register(rp, browser)
        begun = rp.begin_registration(ADA, extensions=extensions)
        return Played(rp, browser, fault.ceremony, begun.options.to_json(), begun.state)
    record = register(rp, browser).record
    known = {"user": ADA, "records": [record]} if Need.LISTED in fault.needs else {}
    asked = rp.begin_authentication(**known, extensions=extensions)
    return Played(rp, browser, fault.ceremony, asked.options.to_json(), asked.state, record)
