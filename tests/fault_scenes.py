"""For each fault of `unlatch.testing` a ceremony in which it can be brought in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unlatch import CeremonyState, CredentialRecord, Policy, RelyingParty, UserEntity
from unlatch.terms import CeremonyKind
from unlatch.testing import EmulatedBrowser, Fault, Need, Rule, SoftwareAuthenticator

ADA = UserEntity(b"handle-of-ada", "ada", "Ada")
CRED_PROTECT = {"credentialProtectionPolicy": "userVerificationRequired", "enforceCredentialProtectionPolicy": True}

_POLICIES: dict[Rule, dict[str, Any]] = {
    Rule.SINGLE_DEVICE: {"backup": "forbidden"},
    Rule.SYNCED: {"require_backed_up": True},
    Rule.UNSOLICITED: {"unsolicited_extensions": "refuse"},
    Rule.BACKUP_ELIGIBILITY: {},
    Rule.SIGN_COUNT: {},
}


@dataclass
class Played:
    """One ceremony: who judges, by which state (and record), and who answers which options."""

    rp: RelyingParty
    browser: EmulatedBrowser
    kind: CeremonyKind
    options: dict[str, Any]
    state: CeremonyState
    record: CredentialRecord | None = None

    def answer(self, fault: Fault | None = None) -> bytes:
        if self.kind is CeremonyKind.REGISTRATION:
            return self.browser.create_body(self.options, fault=fault)
        return self.browser.get_body(self.options, fault=fault)

    def finish(self, body: Any) -> Any:
        if self.kind is CeremonyKind.REGISTRATION:
            return self.rp.finish_registration(self.state, body)
        assert self.record is not None
        return self.rp.finish_authentication(self.state, body, self.record)


def relying_party(
    attestation: str, authenticator: SoftwareAuthenticator, algorithm: int, rule: Rule | None = None, **policy: Any
) -> RelyingParty:
    policy = {"algorithms": (algorithm,), "user_verification": "required", **policy}
    if rule is not None:
        policy |= _POLICIES[rule]
    return RelyingParty(id="example.org", origins=["https://example.org"], policy=Policy(**policy))


def register(rp: RelyingParty, browser: EmulatedBrowser, **options: Any) -> Any:
    begun = rp.begin_registration(ADA, **options)
    return rp.finish_registration(begun.state, browser.create(begun.options.to_json()))


def play(
    fault: Fault, *, attestation: str = "none", algorithm: int = -7, listed: bool | None = None, counter: int | None = 5
) -> Played:
    """A ceremony in which `fault` applies."""
    synced = fault.rule is Rule.SYNCED
    authenticator = SoftwareAuthenticator(
        attestation=attestation,
        algorithms=(algorithm, -7, -8, -35),
        counter=counter,
        backup_eligible=synced,
        backup_state=synced,
    )
    browser = EmulatedBrowser("https://example.org", authenticator)
    rp = relying_party(attestation, authenticator, algorithm, fault.rule)
    if fault.ceremony is CeremonyKind.REGISTRATION:
        if Need.EARLIER_CREDENTIAL in fault.needs:
            register(rp, browser)
        extensions = CRED_PROTECT if Need.CRED_PROTECT_ENFORCED in fault.needs else None
        begun = rp.begin_registration(ADA, extensions=extensions)
        return Played(rp, browser, fault.ceremony, begun.options.to_json(), begun.state)
    record = register(rp, browser).record
    known = Need.LISTED in fault.needs if listed is None else listed
    asked = rp.begin_authentication(**({"user": ADA, "records": [record]} if known else {}))
    return Played(rp, browser, fault.ceremony, asked.options.to_json(), asked.state, record)
