"""Judge a registration or an authentication by running the ceremony itself on plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from unlatch.ceremonies.authentication import finish_authentication
from unlatch.ceremonies.origins import check_rp_id
from unlatch.ceremonies.registration import finish_registration
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, CredentialRefused, Malformed, Misconfigured, Refused
from unlatch.judgement.evidence import authentication_evidence, registration_evidence
from unlatch.judgement.expectations import Expectations
from unlatch.judgement.verdict import Outcome, StepVerdict, Verdict
from unlatch.record import CredentialRecord
from unlatch.steps.table import STEPS
from unlatch.terms import CeremonyKind
from unlatch.wire.options import UserEntity
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

_REGISTRATION, _AUTHENTICATION = CeremonyKind.REGISTRATION, CeremonyKind.AUTHENTICATION

#: Where a malformed response broke -> the row that reads it; the first prefix that fits counts.
_DECODED_BY = {
    _REGISTRATION: (
        ("response.clientDataJSON", "client-data-json"),
        ("clientExtensionResults", "client-extensions"),
        ("response.", "attestation-object"),
        ("rawId", "attestation-object"),
    ),
    _AUTHENTICATION: (
        ("response.clientDataJSON", "client-data-json"),
        ("clientExtensionResults", "client-extensions"),
        ("response.", "response-parts"),
    ),
}
#: Where a step met something malformed that only it reads.
_READ_BY_STEP = (
    ("response.attestationObject.attStmt", "attestation-statement"),
    ("clientExtensionResults", "extensions"),
    ("authenticatorData.extensions", "extensions"),
    ("record.", "signature"),
)
_OTHERS = {"client": Outcome.CLIENT, "store": Outcome.STORE, "caller": Outcome.CALLER}

Response = TypeVar("Response", RegistrationResponse, AuthenticationResponse)


def judge_registration(response: bytes | str | dict[str, Any], expectations: Expectations) -> Verdict:
    """Judge a registration response (7.1).

    Args:
        response: RegistrationResponseJSON.
        expectations: What the relying party expected.

    Returns:
        The verdict; a response of whatever kind gets one.

    Raises:
        Misconfigured: Expectations that no relying party could have: no certificates where anchors are.
    """
    rp, state = _relying_party(expectations, _REGISTRATION), expectations.state(_REGISTRATION)
    if isinstance(rp, Verdict):
        return rp
    parsed = _parse(rp.read_registration, response, _REGISTRATION)
    if isinstance(parsed, Verdict):
        return parsed
    evidence = registration_evidence(state, rp.policy, parsed)
    try:
        registration = finish_registration(rp, state, parsed, now=expectations.at)
        if parsed.credential_id in expectations.registered:
            raise CredentialRefused(
                Code.CREDENTIAL_ALREADY_REGISTERED,
                f"{_REGISTRATION}.credential-not-registered",
                received=parsed.credential_id,
            )
    except (Malformed, Refused) as error:
        return _refused(_REGISTRATION, error, evidence)
    attestation = registration.attestation
    evidence["attestation-statement"] = {"received": str(attestation.type)}
    evidence["attestation-trust"] |= {"trust": str(attestation.trust), "detail": attestation.reason}
    return Verdict(kind=_REGISTRATION, steps=_steps(_REGISTRATION, evidence), result=registration)


def judge_authentication(
    response: bytes | str | dict[str, Any], expectations: Expectations, record: CredentialRecord | None
) -> Verdict:
    """Judge an authentication response (7.2).

    Args:
        response: AuthenticationResponseJSON.
        expectations: What the relying party expected.
        record: What was stored for the response's credential id; None where nothing was.

    Returns:
        The verdict; a response of whatever kind gets one.

    Raises:
        Misconfigured: As `judge_registration`.
    """
    rp, state = _relying_party(expectations, _AUTHENTICATION), expectations.state(_AUTHENTICATION)
    if isinstance(rp, Verdict):
        return rp
    parsed = _parse(rp.read_authentication, response, _AUTHENTICATION)
    if isinstance(parsed, Verdict):
        return parsed
    if record is not None and not isinstance(record, CredentialRecord):
        raise Misconfigured("record is a CredentialRecord (CredentialRecord.from_json reads one), or None.")
    if record is not None and state.user is None and state.allow_credentials:
        # Options that list credentials know whose they are, so the response need not say it again (step 6).
        state = replace(state, user=UserEntity(record.user_handle, ""))
    evidence = {} if record is None else authentication_evidence(state, parsed, record)
    try:
        authentication = finish_authentication(rp, state, parsed, record, now=expectations.at)
    except (Malformed, Refused) as error:
        return _refused(_AUTHENTICATION, error, evidence)
    return Verdict(kind=_AUTHENTICATION, steps=_steps(_AUTHENTICATION, evidence), result=authentication)


def _relying_party(expectations: Expectations, kind: CeremonyKind) -> RelyingParty | Verdict:
    """The relying party, or the verdict on one whose RP ID is no domain: no client does a ceremony for it."""
    if not isinstance(expectations, Expectations):
        raise Misconfigured("expectations is an Expectations object.")
    try:
        check_rp_id(expectations.rp_id)
    except Misconfigured as misconfigured:
        refusal = CeremonyRefused(
            Code.CEREMONY_RELYING_PARTY,
            f"{kind}.options",
            expected="a domain",
            received=expectations.rp_id,
            detail=misconfigured.detail,
        )
        return _refused(kind, refusal, {})
    return RelyingParty(id=expectations.rp_id, policy=expectations.policy())


def _parse(
    read: Callable[[bytes | str | dict[str, Any]], Response], response: bytes | str | dict[str, Any], kind: CeremonyKind
) -> Response | Verdict:
    """The parsed response, or the verdict on one that cannot be parsed."""
    try:
        return read(response)
    except Malformed as malformed:
        slug = _first(_DECODED_BY[kind], malformed.path, "response-kind")
        return Verdict(kind=kind, steps=_steps(kind, {}, error=malformed, slug=slug, decoded=False), error=malformed)


def _refused(kind: CeremonyKind, error: Malformed | Refused, evidence: Mapping[str, dict[str, Any]]) -> Verdict:
    known = error.step.partition(".")[2] if isinstance(error, Refused) else _first(_READ_BY_STEP, error.path, "options")
    return Verdict(kind=kind, steps=_steps(kind, evidence, error=error, slug=known), error=error)


def _steps(
    kind: CeremonyKind,
    evidence: Mapping[str, dict[str, Any]],
    *,
    error: Malformed | Refused | None = None,
    slug: str | None = None,
    decoded: bool = True,
) -> tuple[StepVerdict, ...]:
    """Every step. Reading comes first and stops at its first fault; then the ceremony goes in order."""
    steps = []
    reached = True
    for step in STEPS:
        if step.ceremony is not kind:
            continue
        seen = evidence.get(step.slug, {})
        outcome = _OTHERS.get(step.done_by, Outcome.PASSED)
        if error is not None and step.slug == slug:
            outcome, seen, reached = Outcome.REFUSED, error.evidence(), False
        elif step.done_by == "decoder":
            outcome = Outcome.PASSED if decoded or reached else Outcome.NOT_REACHED
        elif step.done_by != "client" and not (decoded and reached):
            outcome = Outcome.NOT_REACHED
        steps.append(StepVerdict(step, outcome, seen))
    return tuple(steps)


def _first(prefixes: tuple[tuple[str, str], ...], path: str, otherwise: str) -> str:
    return next((slug for prefix, slug in prefixes if path.startswith(prefix)), otherwise)
