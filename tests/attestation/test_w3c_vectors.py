"""The attestations among the test vectors of the specification (tests/vectors/README.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from certificates.writing import NOW
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.attestation.tpm_manufacturers import TPM_MANUFACTURERS
from unlatch.codes import Code
from unlatch.errors import AttestationRefused
from unlatch.terms import TrustVerdict
from unlatch.wire import base64url
from unlatch.wire.responses import RegistrationResponse

FILE = json.loads((Path(__file__).parent.parent / "vectors" / "w3c.json").read_text())
AUTHORITY = base64url.decode(FILE["attestation_ca"]["cert_der"], "")
VECTORS = {vector["name"]: vector for vector in FILE["vectors"]}
#: The policies of the file that speak of attestation, in our words.
POLICIES: dict[str, Any] = {
    '{"accept_none_attestation": false}': {"allow_none": False},
    '{"accept_self_attestation": false}': {"allow_self": False},
    '{"trust_anchors": ["attestation_ca"]}': {},
    '{"trust_anchors": []}': {"anchors": [], "allow_unanchored": True},
    '{"tpm_vendor_allow_list": true}': {"rules": StatementRules(tpm_manufacturers=TPM_MANUFACTURERS)},
    '{"u2f_require_zero_aaguid": true}': {"rules": StatementRules(u2f_zero_aaguid=True)},
    '{"android_key": "spec-strict (origin & purpose required)"}': {},
    '{"android_key": "tolerate absent origin/purpose"}': {"rules": StatementRules(android_key_absent_lists=True)},
    '{"android_key_require_tee": true}': {"rules": StatementRules(android_key_hardware_only=True)},
    '{"android_key_require_tee": false}': {},
}
CASES = [
    (vector["name"], key, expectation["outcome"])
    for vector in FILE["vectors"]
    for expectation in vector["policy_expectations"]
    if (key := json.dumps(expectation["policy"])) in POLICIES
]


def absent(name: str) -> dict[str, Any]:
    """The two vectors whose authorization lists are empty need the waiver for every other question."""
    strict = VECTORS[name]["attestation_format"] == "android-key" and "L3-CR" not in name and "software" not in name
    return {"rules": StatementRules(android_key_absent_lists=True)} if strict else {}


def judge(name: str, **parts: Any):
    response = RegistrationResponse.from_json(VECTORS[name]["registration"]["response_json"])
    attestation = response.attestation_object
    policy = AttestationPolicy(
        **{"conveyance": "direct", "anchors": [AUTHORITY], "allow_none": True, "allow_self": True, **parts}
    )
    result = policy.procedure(attestation.format)(
        attestation.statement, attestation.authenticator_data, response.client_data.hash, rules=policy.rules
    )
    return policy.assess(attestation.format, result, attestation.attested, now=NOW)


@pytest.mark.parametrize("name", VECTORS)
def test_every_vector_verifies_and_chains(name):
    expected = VECTORS[name]["registration"]["expected"]
    verdict = judge(name, **absent(name))
    names = {"basic-or-attca": {"basic", "attca", "uncertain"}}.get(verdict.type, {str(verdict.type)})
    assert names & set(expected["attestation_type_any_of"])
    assert len(verdict.trust_path) == expected["trust_path_length"]
    if expected["chains_to_attestation_ca"]:
        assert verdict.trust is TrustVerdict.ANCHORED
    else:
        assert verdict.trust in (TrustVerdict.NONE, TrustVerdict.SELF)


@pytest.mark.parametrize(("name", "key", "outcome"), CASES)
def test_policy_expectations(name, key, outcome):
    parts = POLICIES[key]
    if "android_key" not in key:
        parts = absent(name) | parts
    if outcome == "accept":
        judge(name, **parts)
    elif outcome == "reject-or-downgrade":
        assert judge(name, **parts).trust is TrustVerdict.UNANCHORED
    else:
        with pytest.raises(AttestationRefused):
            judge(name, **parts)


def test_without_an_anchor_nothing_is_trusted():
    with pytest.raises(AttestationRefused) as caught:
        judge("packed.ES256", anchors=[judge("packed.ES384").trust_path[0]])
    assert caught.value.code is Code.ATTESTATION_NOT_TRUSTED


def test_enough_of_the_file_is_used():
    assert len(VECTORS) == 28
    assert {key for _, key, _ in CASES} == set(POLICIES)
