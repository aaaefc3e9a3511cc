"""The specification's own test vectors, through the public API and both ways.

Every pair is registered and signed in with; each of its `policy_expectations` becomes a policy and must come out as
listed, at the step listed; and whatever the authenticator signed may not change by one bit.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate

from unlatch import (
    AttestationPolicy,
    CeremonyState,
    CredentialRecord,
    Malformed,
    Policy,
    Refused,
    RegistrationResponse,
    RelyingParty,
    TrustVerdict,
    UserEntity,
)
from unlatch.attestation.rules import StatementRules
from unlatch.attestation.tpm_manufacturers import TPM_MANUFACTURERS
from unlatch.wire.algorithms import ALGORITHMS

FILE = json.loads((Path(__file__).parent / "vectors" / "w3c.json").read_text())
PAIRS: dict[str, dict[str, Any]] = {vector["name"]: vector for vector in FILE["vectors"]}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
USER = UserEntity(b"user handle of the vectors", "ada", "Ada")
EVERY_ALGORITHM = tuple(row.id for row in ALGORITHMS.values() if row.for_credentials)

#: Pairs whose statement the procedure refuses when it is applied as written: their lists are empty.
LENIENT = {
    name for name, pair in PAIRS.items() if pair["registration"]["expected"]["outcome"] == "valid-only-if-lenient"
}


def binary(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


ANCHOR = binary(FILE["attestation_ca"]["cert_der"])
OTHER_ANCHOR = FILE["spec_body_examples"]["packed_attestation_certificate"]["pem"]


def rules_for(pair: dict[str, Any], **rules: Any) -> StatementRules:
    return StatementRules(**{"android_key_absent_lists": pair["name"] in LENIENT} | rules)


def trusting(pair: dict[str, Any], **attestation: Any) -> AttestationPolicy:
    """All checks on, the vectors' root as the anchor."""
    defaults = {"conveyance": "direct", "anchors": [ANCHOR], "allow_none": True, "allow_self": True}
    return AttestationPolicy(**{**defaults, "rules": rules_for(pair), **attestation})


def relying_party(pair: dict[str, Any], **policy: Any) -> RelyingParty:
    """Everything that the pair needs is allowed, and nothing else."""
    framed = pair["cross_origin"]
    defaults: dict[str, Any] = {
        "algorithms": [pair["cose_alg"]],
        "allow_cross_origin": framed,
        "top_origins": [pair["top_origin"]] if pair["top_origin"] else [],
        "attestation": trusting(pair),
    }
    return RelyingParty(id=pair["rp_id"], origins=[pair["origin"]], policy=Policy(**defaults | policy))


def register(rp: RelyingParty, pair: dict[str, Any], body: Any = None) -> Any:
    begun = rp.begin_registration(USER, challenge=binary(pair["registration"]["challenge"]), now=NOW)
    state = CeremonyState.from_json(begun.state.to_json())
    return rp.finish_registration(state, body or json.dumps(pair["registration"]["response_json"]), now=NOW)


def sign_in(rp: RelyingParty, pair: dict[str, Any], record: CredentialRecord, body: Any = None) -> Any:
    begun = rp.begin_authentication(
        user=USER, records=[record], challenge=binary(pair["authentication"]["challenge"]), now=NOW
    )
    state = CeremonyState.from_json(begun.state.to_json())
    record = CredentialRecord.from_json(record.to_json())
    return rp.finish_authentication(state, body or json.dumps(pair["authentication"]["response_json"]), record, now=NOW)


def each_pair(pairs: Iterable[dict[str, Any]] = tuple(PAIRS.values())) -> Any:
    return pytest.mark.parametrize("pair", [pytest.param(pair, id=pair["name"]) for pair in pairs])


def test_there_are_28_pairs() -> None:
    assert len(PAIRS) == 28


@each_pair()
def test_both_ways(pair: dict[str, Any]) -> None:
    rp = relying_party(pair)
    registration = register(rp, pair)
    expected = pair["registration"]["expected"]
    path = expected["trust_path_length"]
    assert len(registration.attestation.trust_path) == path
    assert registration.attestation.format == pair["attestation_format"]
    types = {"basic-or-attca": {"basic", "attca"}}.get(registration.attestation.type, {registration.attestation.type})
    assert types & set(expected["attestation_type_any_of"])
    if expected["chains_to_attestation_ca"]:
        assert registration.attestation.trust is TrustVerdict.ANCHORED
    else:
        assert registration.attestation.trust == pair["attestation_type"]
    record = registration.record
    derived = pair["registration"]["derived"]
    assert record.id == binary(pair["registration"]["response_json"]["rawId"])
    assert record.sign_count == 0
    assert registration.cross_origin is bool(derived["client_data"].get("crossOrigin", False))
    assert registration.top_origin == derived["client_data"].get("topOrigin")

    authentication = sign_in(rp, pair, record)
    expected = pair["authentication"]["expected"]
    assert authentication.record.sign_count == expected["new_sign_count"]
    assert authentication.record.backup_state is expected["backup_state"]
    assert authentication.user_handle == USER.id


# Policies

UNFRAMED = {"allow_cross_origin": False, "top_origins": []}
STEPS = {
    "UV": "user-verification",
    "crossOrigin": "cross-origin",
    "topOrigin": "top-origin",
    "alg membership": "algorithm",
    "attestation trust": "attestation-trust",
    "AuthorizationList": "attestation-statement",
    "not a W3C step (vendor id id:00000000 is unassigned)": "attestation-statement",
    "not a W3C step (FIDO conformance rule)": "attestation-statement",
    # The frame itself is refused before its embedding page.
    "crossOrigin/topOrigin": "cross-origin",
}


def policy_of(pair: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Arguments of `Policy` for the policy that the file names."""
    named = {name: value for name, value in named.items() if name != "phase"}
    if set(named) == {"allow_cross_origin", "allowed_top_origins"}:
        return {"allow_cross_origin": True, "top_origins": named["allowed_top_origins"]}
    ((name, value),) = named.items()
    if name == "user_verification":
        return {"user_verification": value}
    if name == "allow_cross_origin":
        return {"allow_cross_origin": True} if value else UNFRAMED
    if name == "pub_key_cred_params_lacks":
        return {"algorithms": [identifier for identifier in EVERY_ALGORITHM if identifier != value]}
    if name == "accept_none_attestation":
        return {"attestation": trusting(pair, allow_none=value)}
    if name == "accept_self_attestation":
        return {"attestation": trusting(pair, allow_self=value)}
    if name == "trust_anchors":
        return {"attestation": trusting(pair, anchors=[ANCHOR] if value else [OTHER_ANCHOR])}
    rules = {
        ("android_key", "spec-strict (origin & purpose required)"): {"android_key_absent_lists": False},
        ("android_key", "tolerate absent origin/purpose"): {"android_key_absent_lists": True},
        ("android_key_require_tee", True): {"android_key_hardware_only": True},
        ("android_key_require_tee", False): {"android_key_hardware_only": False},
        ("tpm_vendor_allow_list", True): {"tpm_manufacturers": TPM_MANUFACTURERS},
        ("u2f_require_zero_aaguid", True): {"u2f_zero_aaguid": True},
    }[name, value]
    return {"attestation": trusting(pair, rules=rules_for(pair, **rules))}


EXPECTATIONS = [
    pytest.param(pair, expectation, id=f"{pair['name']}-{'-'.join(map(str, expectation['policy'].items()))}")
    for pair in PAIRS.values()
    for expectation in pair["policy_expectations"]
]


@pytest.mark.parametrize(("pair", "expectation"), EXPECTATIONS)
def test_policy(pair: dict[str, Any], expectation: dict[str, Any]) -> None:
    named = expectation["policy"]
    rp = relying_party(pair, **policy_of(pair, named))
    record = register(relying_party(pair), pair).record
    phases = {
        "registration": lambda: register(rp, pair),
        "authentication": lambda: sign_in(rp, pair, record),
    }
    if "phase" in named:
        phases = {named["phase"]: phases[named["phase"]]}
    elif not {"allow_cross_origin"} & named.keys():
        # Attestation and algorithms are judged when a credential is registered.
        phases = {"registration": phases["registration"]}
    for phase, finish in phases.items():
        if expectation["outcome"] == "accept":
            assert finish()
            continue
        with pytest.raises(Refused) as caught:
            finish()
        assert caught.value.step == f"{phase}.{STEPS[expectation['step']]}"


@each_pair(pair for pair in PAIRS.values() if pair["ca_cert"])
def test_without_an_anchor_the_other_choice_is_a_lesser_verdict(pair: dict[str, Any]) -> None:
    """`reject-or-downgrade`: `test_policy` sees the refusal, this the downgrade."""
    for anchors in ([], [OTHER_ANCHOR]):
        policy = trusting(pair, anchors=anchors, allow_unanchored=True)
        registration = register(relying_party(pair, attestation=policy), pair)
        assert registration.attestation.trust is TrustVerdict.UNANCHORED
        assert registration.record.trust is TrustVerdict.UNANCHORED


@each_pair()
def test_the_zero_policy_takes_what_the_procedures_find_sound(pair: dict[str, Any]) -> None:
    rp = relying_party(pair, attestation=AttestationPolicy())
    if pair["name"] in LENIENT:
        with pytest.raises(Refused) as caught:
            register(rp, pair)
        assert caught.value.step == "registration.attestation-statement"
    else:
        assert register(rp, pair).attestation.trust is not TrustVerdict.ANCHORED


@each_pair()
def test_what_the_pair_was_not_made_for(pair: dict[str, Any]) -> None:
    """Another challenge, origin, RP ID or kind of ceremony, both ways."""
    rp = relying_party(pair)
    record = register(rp, pair).record
    elsewhere = deepcopy(pair) | {"origin": "https://login.example.org"}
    for ceremony in ("registration", "authentication"):
        other = deepcopy(pair)
        other[ceremony]["challenge"] = text(binary(pair[ceremony]["challenge"])[::-1])
        for changed, step in ((other, "challenge"), (elsewhere, "origin")):
            finish = {
                "registration": lambda changed=changed: register(relying_party(changed), changed),
                "authentication": lambda changed=changed: sign_in(relying_party(changed), changed, record),
            }[ceremony]
            with pytest.raises(Refused) as caught:
                finish()
            assert caught.value.step == f"{ceremony}.{step}"


# One bit

SIGNED_MEMBERS = {
    "registration": ("clientDataJSON", "attestationObject"),
    "authentication": ("clientDataJSON", "authenticatorData", "signature"),
}


def changes(data: bytes) -> Any:
    """Each byte changed once, the lowest bit and the highest in turn."""
    for index in range(len(data)):
        changed = bytearray(data)
        changed[index] ^= 0x80 if index % 2 else 0x01
        yield index, bytes(changed)


def is_refused(finish: Any) -> bool:
    try:
        finish()
    except (Malformed, Refused):
        return True
    return False


@each_pair()
def test_one_changed_byte_of_an_assertion(pair: dict[str, Any]) -> None:
    rp = relying_party(pair)
    record = register(rp, pair).record
    begun = rp.begin_authentication(
        user=USER, records=[record], challenge=binary(pair["authentication"]["challenge"]), now=NOW
    )
    honest = pair["authentication"]["response_json"]
    for member in SIGNED_MEMBERS["authentication"]:
        for index, changed in changes(binary(honest["response"][member])):
            body = honest | {"response": honest["response"] | {member: text(changed)}}
            assert is_refused(lambda body=body: rp.finish_authentication(begun.state, body, record, now=NOW)), (
                member,
                index,
            )


def body_with(pair: dict[str, Any], member: str, value: bytes) -> dict[str, Any]:
    """A registration with one member changed and without the copies that would give the change away."""
    honest = pair["registration"]["response_json"]
    response = {name: honest["response"][name] for name in SIGNED_MEMBERS["registration"]}
    return honest | {"response": response | {member: text(value)}}


def nobody_signs(pair: dict[str, Any], attestation_object: bytes) -> set[int]:
    """Where a change may pass unseen in an attested registration.

    U2F signs neither flags nor counter nor AAGUID; and the count of unused bits before a certificate's signature stands
    outside what is signed, which early U2F devices wrote wrongly.
    """
    free = set()
    if pair["attestation_format"] == "fido-u2f":
        (encoded,) = pair["registration"]["derived"]["att_stmt"]["x5c"]
        free.add(attestation_object.index(load_der_x509_certificate(binary(encoded)).signature) - 1)
        data_at = attestation_object.index(binary(pair["registration"]["derived"]["authenticator_data"]))
        free |= set(range(data_at + 32, data_at + 53))
    return free


@each_pair(pair for pair in PAIRS.values() if pair["attestation_format"] != "none")
def test_one_changed_byte_of_an_attested_registration(pair: dict[str, Any]) -> None:
    """The anchor is what makes the certificates' bytes matter: without it nobody vouches for them."""
    rp = relying_party(pair)
    begun = rp.begin_registration(USER, challenge=binary(pair["registration"]["challenge"]), now=NOW)
    attestation_object = binary(pair["registration"]["response_json"]["response"]["attestationObject"])
    free = nobody_signs(pair, attestation_object)
    for member in SIGNED_MEMBERS["registration"]:
        for index, changed in changes(binary(pair["registration"]["response_json"]["response"][member])):
            if member == "attestationObject" and index in free:
                continue
            body = body_with(pair, member, changed)
            assert is_refused(lambda body=body: rp.finish_registration(begun.state, body, now=NOW)), (member, index)


@each_pair(pair for pair in PAIRS.values() if pair["attestation_format"] == "none")
def test_one_changed_byte_of_a_registration_that_nobody_signed(pair: dict[str, Any]) -> None:
    """What passes changed nothing that is checked: type, challenge, origin, framing, RP ID, key, required flags."""
    rp = relying_party(pair)
    begun = rp.begin_registration(USER, challenge=binary(pair["registration"]["challenge"]), now=NOW)
    honest = register(rp, pair)
    passed: dict[str, set[int]] = {member: set() for member in SIGNED_MEMBERS["registration"]}
    for member, indices in passed.items():
        data = binary(pair["registration"]["response_json"]["response"][member])
        for index, changed in changes(data):
            try:
                response = RegistrationResponse.from_json(body_with(pair, member, changed))
                registration = rp.finish_registration(begun.state, response, now=NOW)
            except (Malformed, Refused):
                continue
            indices.add(index)
            assert response.client_data.type == "webauthn.create"
            assert response.client_data.challenge == pair["registration"]["challenge"]
            assert response.attestation_object.authenticator_data.rp_id_hash == rp.id_hash
            assert registration.user_present
            assert registration.record.backup_eligible or not registration.record.backup_state
            assert registration.origin == honest.origin
            assert registration.attestation == honest.attestation
            assert registration.cross_origin in (honest.cross_origin, False)
            assert registration.top_origin in (honest.top_origin, None)
            for name in ("id", "public_key", "user_handle", "rp_id", "attestation_format"):
                assert getattr(registration.record, name) == getattr(honest.record, name)
    data_at = binary(pair["registration"]["response_json"]["response"]["attestationObject"]).index(rp.id_hash)
    # Flags, counter, AAGUID; and in the client data the names of members that may be absent, and unknown members.
    assert passed["attestationObject"] <= set(range(data_at + 32, data_at + 53))
    members = pair["registration"]["derived"]["client_data_json_text"]
    free = set()
    for name in ("crossOrigin", "topOrigin"):
        found = members.find(name)
        free |= set(range(found, found + len(name))) if found >= 0 else set()
    if "extraData" in members:
        free |= set(range(members.index("extraData"), len(members)))
    assert passed["clientDataJSON"] <= free


@each_pair(pair for pair in PAIRS.values() if pair["attestation_format"] == "none")
def test_flags_of_a_registration_that_nobody_signed(pair: dict[str, Any]) -> None:
    rp = relying_party(pair)
    data = bytearray(binary(pair["registration"]["response_json"]["response"]["attestationObject"]))
    flags_at = data.index(rp.id_hash) + 32
    for flags in range(256):
        data[flags_at] = flags
        present, backup, contents = flags & 0x01, flags & 0x18, flags & 0xC0
        body = body_with(pair, "attestationObject", bytes(data))
        if present and backup != 0x10 and contents == 0x40:
            assert register(rp, pair, body)
        elif contents == 0x40:
            with pytest.raises(Refused) as caught:
                register(rp, pair, body)
            assert caught.value.step == f"registration.{'backup-flags' if present else 'user-presence'}"
        else:
            with pytest.raises(Malformed):
                register(rp, pair, body)
