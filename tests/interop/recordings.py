"""Honest ceremonies of our own authenticator, recorded once, for several relying parties to judge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cbor2

from unlatch import CeremonyState, RelyingParty, UserEntity
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.policy import AttestationPolicy
from unlatch.ceremonies.policy import Policy
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.keys import ALGORITHMS, credential_algorithms
from unlatch.testing.statements import MAKERS
from unlatch.wire import base64url

RP_ID, ORIGIN = "example.org", "https://example.org"
USER = UserEntity(b"the handle of ada", "ada", "Ada")

#: Formats that do not look at the credential's key, or that no other judge knows: a few algorithms will do.
_A_FEW = {"android-safetynet": (-7, -8, -257), "compound": (-7, -257)}
#: Formats with an attestation key of its own, and the algorithms that it may have there.
_ATTESTATION_KEYS = {"packed": credential_algorithms(), "tpm": (-257, -65535)}


@dataclass(frozen=True, slots=True)
class Case:
    """What is recorded.

    Attributes:
        attestation: A key of `MAKERS`.
        algorithm: COSE number of the credential's key.
        signed_with: COSE number of the attestation key, where the format has one.
        root_in_chain: Whether `x5c` ends with the root, as Android's chains do.
    """

    attestation: str
    algorithm: int
    signed_with: int = -7
    root_in_chain: bool = False

    def __str__(self) -> str:
        """A name for test reports."""
        signed_with = "" if self.signed_with == -7 else f"-by-{ALGORITHMS[self.signed_with].name}"
        root = "-with-root" if self.root_in_chain else ""
        return f"{self.attestation}-{ALGORITHMS[self.algorithm].name}{signed_with}{root}"


@dataclass(frozen=True, slots=True)
class Recording:
    """A registration and a sign-in, with everything that a judge needs.

    Attributes:
        case: Of whom.
        creation: PublicKeyCredentialCreationOptionsJSON.
        registration: RegistrationResponseJSON.
        request: PublicKeyCredentialRequestOptionsJSON.
        authentication: AuthenticationResponseJSON.
        anchor: The root of the authenticator's attestation, DER.
        states: Our own state of both ceremonies.
    """

    case: Case
    creation: dict[str, Any]
    registration: dict[str, Any]
    request: dict[str, Any]
    authentication: dict[str, Any]
    anchor: bytes
    states: tuple[CeremonyState, CeremonyState]


def cases() -> tuple[Case, ...]:
    """Every format with every algorithm that it can attest, and with every attestation key."""
    found = []
    for name, maker in MAKERS.items():
        algorithms = _A_FEW.get(name, credential_algorithms())
        found += [Case(name, each) for each in algorithms if maker.algorithms is None or each in maker.algorithms]
        found += [Case(name, -7, signed_with) for signed_with in _ATTESTATION_KEYS.get(name, ()) if signed_with != -7]
    found += [Case("android-key", algorithm, root_in_chain=True) for algorithm in (-7, -35, -36, -257, -37)]
    return tuple(found)


def relying_party(anchor: bytes | None = None) -> RelyingParty:
    """Ours: direct attestation, every format and algorithm; only what leads to the anchor, none or self will do."""
    return RelyingParty(
        id=RP_ID,
        origins=[ORIGIN],
        policy=Policy(
            algorithms=credential_algorithms(),
            attestation=AttestationPolicy(
                conveyance="direct",
                formats=FORMATS,
                anchors=[] if anchor is None else [anchor],
                allow_unanchored=anchor is None,
                allow_none=True,
                allow_self=True,
            ),
        ),
    )


def recorded(case: Case) -> Recording:
    """Register and sign in; nobody has judged yet. The same each time, but for verdicts that age within seconds."""
    return _record(case) if case.attestation == "android-safetynet" else _recorded(case)


@cache
def _recorded(case: Case) -> Recording:
    return _record(case)


def _record(case: Case) -> Recording:
    authenticator = SoftwareAuthenticator(
        attestation=case.attestation, algorithms=(case.algorithm,), attestation_algorithm=case.signed_with
    )
    browser = EmulatedBrowser(ORIGIN, authenticator)
    rp = relying_party()
    begun = rp.begin_registration(USER)
    creation = begun.options.to_json()
    registration = browser.create(creation)
    if case.root_in_chain:
        _append_to_chain(registration, authenticator.trust_anchors[0])
    again = rp.begin_authentication()
    request = again.options.to_json()
    return Recording(
        case=case,
        creation=creation,
        registration=registration,
        request=request,
        authentication=browser.get(request),
        anchor=authenticator.trust_anchors[0],
        states=(begun.state, again.state),
    )


def _append_to_chain(registration: dict[str, Any], certificate: bytes) -> None:
    """Certificates after the first are not signed by anything in a registration."""
    encoded = base64url.decode(registration["response"]["attestationObject"], "")
    attestation_object = cbor2.loads(encoded)
    attestation_object["attStmt"]["x5c"].append(certificate)
    encoded = cbor2.dumps(attestation_object, canonical=True)
    registration["response"]["attestationObject"] = base64url.encode(encoded)
