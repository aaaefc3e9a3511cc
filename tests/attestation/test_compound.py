"""Compound: section 8.9, all or any, and what the policy makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.ceremonies import AAGUID, CREDENTIAL, LEAF, OTHER, Registration, leaf, root
from attestation.test_apple import statement as apple
from attestation.test_fido_u2f import statement as u2f
from certificates.writing import NOW, sign
from unlatch.attestation.anchors import TrustAnchors
from unlatch.attestation.formats import FORMATS, select_formats
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.codes import Code
from unlatch.errors import AttestationRefused, Misconfigured
from unlatch.terms import AttestationType, TrustVerdict


def packed(registration: Registration, key: Any = LEAF) -> dict[str, Any]:
    return {"alg": -7, "sig": sign(key, registration.signed), "x5c": [leaf()]}


def element(name: Any, statement: Any) -> dict[str, Any]:
    return {"fmt": name, "attStmt": statement}


def self_attestation(registration: Registration) -> dict[str, Any]:
    return {"alg": -7, "sig": sign(CREDENTIAL, registration.signed)}


def test_all_components_are_verified():
    registration = Registration()
    made = [element("packed", packed(registration)), element("apple", apple(registration))]
    result = registration.verify("compound", made)
    assert [name for name, _ in result.components] == ["packed", "apple"]
    assert [part.type for _, part in result.components] == [AttestationType.BASIC_OR_ATTCA, AttestationType.ANONCA]
    assert (result.type, result.trust_path) == (AttestationType.BASIC_OR_ATTCA, tuple(made[0]["attStmt"]["x5c"]))


def test_one_that_is_not_sound():
    registration = Registration()
    made = [element("packed", packed(registration, OTHER)), element("apple", apple(registration))]
    registration.refused("compound", made, "does not verify")
    registration.refused("compound", made[::-1], "does not verify")
    for order in (made, made[::-1]):
        result = registration.verify("compound", order, compound="any")
        assert [name for name, _ in result.components] == ["apple"]
    registration.refused("compound", [made[0], made[0]], "does not verify", compound="any")


def test_formats_that_are_not_accepted():
    registration = Registration()
    made = [element("packed", packed(registration)), element("fido-u3f", {})]
    refused = registration.refused("compound", made, "not accepted")
    assert (refused.code, refused.received) == (Code.FORMAT_NOT_SUPPORTED, "fido-u3f")
    registration.verify("compound", made, compound="any")
    procedure = select_formats({"compound", "packed"})["compound"]
    made = [element("packed", packed(registration)), element("apple", apple(registration))]
    with pytest.raises(AttestationRefused):
        procedure(made, registration.authenticator_data, registration.client_data_hash, rules=StatementRules())


def test_as_many_as_may_be():
    registration = Registration()
    parts = [element("packed", packed(registration))] * 9
    assert len(registration.verify("compound", parts[:8]).components) == 8
    registration.malformed("compound", parts, "")


def test_errors_name_the_component():
    registration = Registration()
    made = [element("packed", packed(registration)), element("packed", packed(registration) | {"x5c": []})]
    registration.malformed("compound", made, "[1].attStmt.x5c")
    made[1] = element("apple", {"x5c": [b"0"]})
    registration.malformed("compound", made, "[1].attStmt.x5c[0]", Code.DER)


@pytest.mark.parametrize("rule", ["all", "any"])
@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda parts: parts[:1], ""),
        (lambda parts: [], ""),
        (lambda parts: parts * 5, ""),
        (lambda parts: parts[0], ""),
        (lambda parts: [*parts, 1], "[2]"),
        (lambda parts: [*parts, {"fmt": "none"}], "[2]"),
        (lambda parts: [*parts, {"fmt": "none", "attStmt": {}, "x": 1}], "[2]"),
        (lambda parts: [*parts, element(1, {})], "[2].fmt"),
        (lambda parts: [*parts, element("compound", [parts[0], parts[1]])], "[2].fmt"),
    ],
)
def test_shapes(change, path, rule):
    registration = Registration()
    parts = [element("packed", packed(registration)), element("apple", apple(registration))]
    with pytest.raises(Exception, match="not well-formed") as caught:
        registration.verify("compound", change(parts), compound=rule)
    assert caught.value.path == f"response.attestationObject.attStmt{path}"


def assess(policy: AttestationPolicy, *names: str):
    registration = Registration()
    statements = {
        "packed": packed(registration),
        "apple": apple(registration),
        "none": {},
        "self": self_attestation(registration),
        "fido-u2f": u2f(registration),
    }
    made = [element("packed" if name == "self" else name, statements[name]) for name in names]
    result = policy.procedure("compound")(
        made, registration.authenticator_data, registration.client_data_hash, rules=policy.rules
    )
    return policy.assess("compound", result, registration.authenticator_data.attested, now=NOW)


def policy(rule: str, **parts: Any) -> AttestationPolicy:
    anchors = [TrustAnchors(certificates=[root()], formats=["packed"])]
    return AttestationPolicy(conveyance="direct", anchors=anchors, rules=StatementRules(compound=rule), **parts)


def test_all_means_that_the_least_counts():
    with pytest.raises(AttestationRefused) as caught:
        assess(policy("all"), "packed", "apple")
    assert caught.value.code is Code.ATTESTATION_NOT_TRUSTED
    verdict = assess(policy("all", allow_unanchored=True), "packed", "apple")
    assert (verdict.format, verdict.type, verdict.trust) == (
        "compound", AttestationType.ANONCA, TrustVerdict.UNANCHORED,
    )  # fmt: skip
    assert assess(policy("all"), "packed", "packed").trust is TrustVerdict.ANCHORED
    assert assess(policy("all", allow_self=True), "packed", "self").trust is TrustVerdict.SELF
    assert assess(policy("all", allow_none=True), "none", "packed").trust is TrustVerdict.NONE


def test_any_means_that_the_best_counts():
    for order in (("packed", "apple"), ("apple", "packed"), ("none", "packed"), ("packed", "self")):
        verdict = assess(policy("any"), *order)
        assert (verdict.type, verdict.trust) == (AttestationType.BASIC_OR_ATTCA, TrustVerdict.ANCHORED)
    with pytest.raises(AttestationRefused):
        assess(policy("any"), "apple", "self")
    lenient = policy("any", allow_self=True, allow_none=True, allow_unanchored=True)
    for order in (("packed", "none"), ("none", "packed"), ("self", "packed"), ("apple", "packed")):
        assert assess(lenient, *order).trust is TrustVerdict.ANCHORED


def test_anchors_for_a_model_count_inside_too():
    for rule in ("all", "any"):
        for aaguid, trust in ((AAGUID, TrustVerdict.ANCHORED), (bytes(16), TrustVerdict.UNANCHORED)):
            own = AttestationPolicy(
                conveyance="direct",
                anchors=[TrustAnchors(certificates=[root()], aaguids=[aaguid])],
                rules=StatementRules(compound=rule),
                allow_unanchored=True,
            )
            assert assess(own, "packed", "packed").trust is trust


def test_which_component_speaks_of_the_model():
    """A U2F statement covers no AAGUID: beside a sound one that nobody vouches for, it must not prove that one's."""
    anchors = {"packed": [TrustAnchors(certificates=[root()], formats=["packed"])]}
    anchors["fido-u2f"] = [TrustAnchors(certificates=[root()], formats=["fido-u2f"])]
    for rule, vouched, good in (("all", "packed", False), ("any", "packed", True), ("any", "fido-u2f", False)):
        models = {"conveyance": "direct", "rules": StatementRules(compound=rule), "permitted_aaguids": [AAGUID]}
        for names in (("packed", "fido-u2f"), ("fido-u2f", "packed")):
            if good:
                assert assess(AttestationPolicy(anchors=anchors[vouched], **models), *names).trust == "anchored"
            else:
                with pytest.raises(AttestationRefused):
                    assess(AttestationPolicy(anchors=anchors[vouched], **models), *names)
            assert assess(AttestationPolicy(anchors=[root()], **models), *names).trust is TrustVerdict.ANCHORED


@pytest.mark.parametrize("rule", ["all", "any"])
def test_where_no_component_speaks_of_the_model(rule):
    """However many statements cover no AAGUID, they do not prove one together."""
    own = AttestationPolicy(
        conveyance="direct", anchors=[root()], rules=StatementRules(compound=rule), permitted_aaguids=[AAGUID]
    )
    with pytest.raises(AttestationRefused) as caught:
        assess(own, "fido-u2f", "fido-u2f")
    assert (caught.value.code, caught.value.step) == (Code.AAGUID_NOT_ALLOWED, "attestation-trust")
    assert caught.value.received == AAGUID


def test_the_table_is_frozen_and_knows_all_formats():
    assert set(FORMATS) == {
        "none", "packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound",
    }  # fmt: skip
    with pytest.raises(TypeError):
        FORMATS["none"] = FORMATS["packed"]


@pytest.mark.parametrize(
    ("rules", "advice"),
    [
        ({"compound": "most"}, "'all' or 'any'"),
        ({"tpm_manufacturers": "id:FFFFF1D0"}, "also where it holds only one"),
        ({"tpm_manufacturers": 5}, "also where it holds only one"),
        ({"tpm_manufacturers": [5]}, "also where it holds only one"),
        ({"safetynet_max_age": 0}, "safetynet_max_age"),
        ({"safetynet_max_age": "60"}, "safetynet_max_age"),
        ({"safetynet_max_age": 100 * 365 * 86_400 + 1}, "safetynet_max_age"),
        ({"packed_subject": "false"}, "packed_subject is 'false'; say True or False"),
        ({"root_in_chain": 0}, "root_in_chain"),
    ],
)
def test_an_unknown_rule(rules, advice):
    with pytest.raises(Misconfigured, match=advice):
        StatementRules(**rules)


@pytest.mark.parametrize("age", [None, 1, 100 * 365 * 86_400])
def test_ages_up_to_a_century(age):
    assert StatementRules(safetynet_max_age=age).safetynet_max_age == age
