"""The policy: what it asks for, whom it trusts, what it accepts, and which set-ups it refuses."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from attestation.ceremonies import AAGUID, CREDENTIAL, LEAF, OTHER, ROOT, ROOT_NAME, Registration, leaf, root
from certificates.writing import CN, NOW, basic, certificate, name, revocation_list, sign, tlv, usage
from unlatch.attestation.anchors import AnchorSelection, TrustAnchors
from unlatch.attestation.policy import AttestationPolicy, AttestationVerdict
from unlatch.attestation.rules import StatementRules
from unlatch.codes import Code
from unlatch.crypto.certificates import parse_certificate
from unlatch.crypto.revocation import Revocation
from unlatch.errors import AttestationRefused, Misconfigured
from unlatch.terms import AttestationConveyance, AttestationType, TrustVerdict

SERIAL = "1.3.6.1.4.1.45724.1.1.2"
ISSUING_NAME = name((CN, "Issuing"))
ISSUING = certificate(OTHER, ROOT, subject=ISSUING_NAME, issuer=ROOT_NAME, extensions_=[basic(True), usage(5, 6)])
ROOT_DER = root()


def pem(*items: bytes) -> str:
    return "".join(
        f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(item).decode()}-----END CERTIFICATE-----\n" for item in items
    )


def assess(
    policy: AttestationPolicy, kind: str = "basic", *, aaguid: bytes = AAGUID, **parts: Any
) -> AttestationVerdict:
    registration = Registration(aaguid=aaguid)
    statement: dict[str, Any] = {"alg": -7, "sig": sign(LEAF if kind == "basic" else CREDENTIAL, registration.signed)}
    statement_format = "none" if kind == "none" else "packed"
    if kind == "none":
        statement = {}
    elif kind == "basic":
        now, chain = parts.pop("now", NOW), parts.pop("chain", [])
        statement["x5c"] = [leaf(**parts), *chain]
    result = policy.procedure(statement_format)(
        statement, registration.authenticator_data, registration.client_data_hash, rules=policy.rules
    )
    moment = now if kind == "basic" else NOW
    return policy.assess(statement_format, result, registration.authenticator_data.attested, now=moment)


def refused(policy: AttestationPolicy, code: Code, kind: str = "basic", **parts: Any) -> str:
    with pytest.raises(AttestationRefused) as caught:
        assess(policy, kind, **parts)
    assert (caught.value.code, caught.value.step) == (code, "attestation-trust")
    return caught.value.detail


def direct(**parts: Any) -> AttestationPolicy:
    return AttestationPolicy(**{"conveyance": "direct", "anchors": [ROOT_DER], **parts})


@pytest.mark.parametrize(
    ("kind", "attestation_type", "trust"),
    [
        ("none", AttestationType.NONE, TrustVerdict.NONE),
        ("self", AttestationType.SELF, TrustVerdict.SELF),
        ("basic", AttestationType.BASIC_OR_ATTCA, TrustVerdict.UNANCHORED),
    ],
)
def test_the_zero_value_accepts_what_is_sound_and_trusts_nothing(kind, attestation_type, trust):
    policy = AttestationPolicy()
    assert policy.conveyance is AttestationConveyance.NONE
    verdict = assess(policy, kind)
    assert (verdict.type, verdict.trust, verdict.anchored_path) == (attestation_type, trust, ())
    assert len(verdict.trust_path) == (kind == "basic")
    assert bool(verdict.reason) == (kind == "basic")


def test_without_trust_an_expired_certificate_is_no_matter():
    verdict = assess(AttestationPolicy(), now=datetime(2100, 1, 1, tzinfo=UTC))
    assert verdict.trust is TrustVerdict.UNANCHORED


def test_anchored():
    verdict = assess(direct())
    assert verdict.trust is TrustVerdict.ANCHORED
    assert verdict.anchored_path == (*verdict.trust_path, ROOT_DER)
    assert (verdict.format, verdict.reason) == ("packed", "")
    # asking for nothing, but knowing whom to trust
    assert assess(AttestationPolicy(anchors=[ROOT_DER])).trust is TrustVerdict.ANCHORED


def test_the_strict_zero_value_of_whoever_asks():
    refused(direct(), Code.ATTESTATION_NOT_ALLOWED, "none")
    refused(direct(), Code.ATTESTATION_NOT_ALLOWED, "self")
    assert "no path" in refused(direct(anchors=[root(OTHER)]), Code.ATTESTATION_NOT_TRUSTED)
    assert "valid from" in refused(direct(), Code.ATTESTATION_NOT_TRUSTED, now=datetime(2100, 1, 1, tzinfo=UTC))


def test_what_may_be_said_explicitly():
    assert assess(direct(allow_none=True), "none").trust is TrustVerdict.NONE
    assert assess(direct(allow_self=True), "self").trust is TrustVerdict.SELF
    verdict = assess(direct(anchors=[root(OTHER)], allow_unanchored=True))
    assert (verdict.trust, verdict.reason) == (TrustVerdict.UNANCHORED, "no path from x5c to an anchor")
    assert assess(direct(anchors=[], allow_unanchored=True)).trust is TrustVerdict.UNANCHORED
    refused(AttestationPolicy(allow_self=False), Code.ATTESTATION_NOT_ALLOWED, "self")
    refused(AttestationPolicy(allow_unanchored=False), Code.ATTESTATION_NOT_TRUSTED)


def test_types():
    policy = AttestationPolicy(permitted_types=[AttestationType.BASIC_OR_ATTCA, AttestationType.NONE])
    assess(policy)
    assess(policy, "none")
    assert "type" in refused(policy, Code.ATTESTATION_NOT_ALLOWED, "self")


def test_models():
    other = bytes(15) + b"\1"
    assess(AttestationPolicy(permitted_aaguids=[AAGUID]))
    refused(AttestationPolicy(permitted_aaguids=[other]), Code.AAGUID_NOT_ALLOWED)
    refused(AttestationPolicy(permitted_aaguids=[]), Code.AAGUID_NOT_ALLOWED)
    assess(AttestationPolicy(forbidden_aaguids=[other]))
    refused(AttestationPolicy(forbidden_aaguids=[AAGUID]), Code.AAGUID_NOT_ALLOWED)
    refused(AttestationPolicy(forbidden_aaguids=[AAGUID]), Code.AAGUID_NOT_ALLOWED, "none")


def test_formats_are_case_sensitive_and_chosen():
    policy = AttestationPolicy(formats=["none"])
    for unknown in ("packed", "None", "NONE", "none ", "", "tpm2"):
        with pytest.raises(AttestationRefused) as caught:
            policy.procedure(unknown)
        assert (caught.value.code, caught.value.step) == (Code.FORMAT_NOT_SUPPORTED, "format")
    policy.procedure("none")


def test_anchors_for_a_format_or_a_model():
    for scope, trust in (
        ({"formats": ["packed"]}, TrustVerdict.ANCHORED),
        ({"formats": ["tpm", "fido-u2f"]}, TrustVerdict.UNANCHORED),
        ({"aaguids": [AAGUID]}, TrustVerdict.ANCHORED),
        ({"aaguids": [bytes(16)]}, TrustVerdict.UNANCHORED),
        ({"formats": ["packed"], "aaguids": [bytes(16)]}, TrustVerdict.UNANCHORED),
    ):
        anchors = TrustAnchors(certificates=[ROOT_DER], **scope)
        verdict = assess(AttestationPolicy(anchors=[anchors]))
        assert verdict.trust is trust, scope
        assert verdict.reason.startswith("no anchor is known") == (trust is TrustVerdict.UNANCHORED)


def test_the_first_source_that_leads_somewhere():
    foreign = TrustAnchors(certificates=[root(OTHER)])
    elsewhere = TrustAnchors(certificates=[ROOT_DER], formats=["tpm"])
    assert assess(direct(anchors=[foreign, elsewhere, ROOT_DER])).trust is TrustVerdict.ANCHORED
    assert assess(direct(anchors=[ROOT_DER, foreign])).trust is TrustVerdict.ANCHORED
    refused(direct(anchors=[foreign, elsewhere]), Code.ATTESTATION_NOT_TRUSTED)


def test_a_source_of_another_kind():
    class Metadata:
        def select(self, statement_format, attested, chain):
            assert (statement_format, attested.aaguid, len(chain)) == ("packed", AAGUID, 1)
            return AnchorSelection(TrustAnchors(certificates=[ROOT_DER]).select("", attested, ()).anchors)

    assert assess(direct(anchors=[Metadata()])).trust is TrustVerdict.ANCHORED


def test_intermediates_that_the_source_supplies():
    issued = {"signer": OTHER, "issuer": ISSUING_NAME}
    assert assess(direct(), chain=[ISSUING], **issued).trust is TrustVerdict.ANCHORED
    refused(direct(), Code.ATTESTATION_NOT_TRUSTED, **issued)
    supplied = TrustAnchors(certificates=[ROOT_DER], intermediates=[pem(ISSUING)])
    verdict = assess(direct(anchors=[supplied]), **issued)
    assert verdict.trust is TrustVerdict.ANCHORED
    assert verdict.anchored_path[1:] == (ISSUING, ROOT_DER)
    assert len(verdict.trust_path) == 1


def test_pem_and_der():
    assert assess(direct(anchors=[pem(ROOT_DER)])).trust is TrustVerdict.ANCHORED
    several = "Subject: Root\n" + pem(root(OTHER), ROOT_DER).replace("\n", "\r\n")
    assert assess(direct(anchors=[several.encode()])).trust is TrustVerdict.ANCHORED


def test_serial_numbers_are_for_enterprises():
    numbered = {"replace": {SERIAL: (SERIAL, False, tlv(0x04, b"1"))}}
    assert assess(direct(conveyance="enterprise"), **numbered).trust is TrustVerdict.ANCHORED
    assert "serial number" in refused(direct(), Code.ATTESTATION_NOT_ALLOWED, **numbered)


def test_serial_numbers_are_a_rule_of_packed_alone():
    registration = Registration()
    certificate = leaf(replace={SERIAL: (SERIAL, False, tlv(0x04, b"1"))})
    result = replace(registration.verify("none", {}), type=AttestationType.ANONCA)
    result = replace(result, chain=(parse_certificate(certificate, "x5c[0]"),))
    verdict = direct().assess("apple", result, registration.authenticator_data.attested, now=NOW)
    assert verdict.trust is TrustVerdict.ANCHORED


def test_the_age_of_statements_that_do_not_tell_it():
    assert assess(direct(rules=StatementRules(safetynet_max_age=1))).trust is TrustVerdict.ANCHORED


def test_what_is_said_twice_is_no_contradiction():
    assert assess(direct(allow_none=False, allow_self=False, allow_unanchored=False)).trust is TrustVerdict.ANCHORED


def test_revoked():
    revoking = Revocation(crls=[revocation_list(ROOT, issuer=ROOT_NAME, serials=[1])])
    for policy in (direct(revocation=revoking), direct(revocation=revoking, allow_unanchored=True)):
        assert "revoked" in refused(policy, Code.ATTESTATION_CERTIFICATE)
        assert assess(policy, serial=2).trust is TrustVerdict.ANCHORED


def test_revoked_whatever_other_sources_say():
    revoking = Revocation(crls=[revocation_list(ROOT, issuer=ROOT_NAME, serials=[1])])
    named, foreign = TrustAnchors(certificates=[ROOT_DER]), TrustAnchors(certificates=[root(OTHER)])
    for anchors in ([named, foreign], [foreign, named], [named, foreign, named]):
        policy = direct(anchors=anchors, revocation=revoking, allow_unanchored=True)
        assert "revoked" in refused(policy, Code.ATTESTATION_CERTIFICATE)
        assert assess(policy, serial=2).trust is TrustVerdict.ANCHORED


def test_status_that_is_not_known():
    nothing = Revocation(crls=[])
    assert "no current" in refused(direct(revocation=nothing), Code.ATTESTATION_NOT_TRUSTED)
    assert assess(direct(revocation=nothing, allow_unanchored=True)).trust is TrustVerdict.UNANCHORED
    assert assess(direct(revocation=Revocation(crls=[], required=False))).trust is TrustVerdict.ANCHORED


def test_lists_that_the_anchors_bring_along():
    revoking = revocation_list(ROOT, issuer=ROOT_NAME, serials=[1])
    source = TrustAnchors(certificates=[ROOT_DER], crls=iter([revoking]))
    for policy in (direct(anchors=[source]), direct(anchors=[source], allow_unanchored=True)):
        assert "revoked" in refused(policy, Code.ATTESTATION_CERTIFICATE)
        assert assess(policy, serial=2).trust is TrustVerdict.ANCHORED
    # Both kinds of lists count, and either is enough where one is required.
    required = Revocation(crls=[], required=True)
    assert assess(direct(anchors=[source], revocation=required), serial=2).trust is TrustVerdict.ANCHORED
    other = Revocation(crls=[revocation_list(ROOT, issuer=ROOT_NAME, serials=[2])])
    assert "revoked" in refused(direct(anchors=[source], revocation=other), Code.ATTESTATION_CERTIFICATE)
    assert "revoked" in refused(direct(anchors=[source], revocation=other), Code.ATTESTATION_CERTIFICATE, serial=2)
    for wrong in ([b"no list"], b"no list"):
        with pytest.raises(Misconfigured, match=r"crls"):
            TrustAnchors(certificates=[ROOT_DER], crls=wrong)


def test_every_source_of_anchors_is_asked():
    others = [TrustAnchors(certificates=[ROOT_DER], formats=["tpm"]), TrustAnchors(certificates=[root(OTHER)])]
    mine = TrustAnchors(certificates=[ROOT_DER], formats=["packed"])
    for sources in ([*others, mine], [mine, *others], [others[0], mine]):
        assert assess(direct(anchors=sources)).trust is TrustVerdict.ANCHORED
    assert "no path" in refused(direct(anchors=others), Code.ATTESTATION_NOT_TRUSTED)


def test_verdicts_name_the_format():
    lenient = direct(anchors=[root(OTHER)], allow_none=True, allow_self=True, allow_unanchored=True)
    for kind, statement_format in (("none", "none"), ("self", "packed"), ("basic", "packed")):
        assert assess(lenient, kind).format == statement_format


def test_the_root_in_the_chain():
    strict = StatementRules(root_in_chain=False)
    assert assess(direct(), chain=[ROOT_DER]).trust is TrustVerdict.ANCHORED
    assert "root" in refused(direct(rules=strict), Code.ATTESTATION_NOT_TRUSTED, chain=[ROOT_DER])
    assert assess(direct(rules=strict)).trust is TrustVerdict.ANCHORED
    issued = {"signer": OTHER, "issuer": ISSUING_NAME}
    assert assess(direct(rules=strict), chain=[ISSUING], **issued).trust is TrustVerdict.ANCHORED
    # an attestation certificate that was listed itself is no root
    own = leaf(signer=LEAF, issuer=name((CN, "Self")), subject=name((CN, "Self")))
    registration = Registration()
    policy = direct(anchors=[own], rules=replace(strict, packed_subject=False))
    statement = {"alg": -7, "sig": sign(LEAF, registration.signed), "x5c": [own]}
    result = registration.verify("packed", statement, packed_subject=False)
    verdict = policy.assess("packed", result, registration.authenticator_data.attested, now=NOW)
    assert verdict.trust is TrustVerdict.ANCHORED


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"certificates": [b"\x30\x00"]}, r"^TrustAnchors\.certificates\[0\] is not a certificate in DER or PEM: the "),
        ({"certificates": ["PEM"]}, r"^TrustAnchors\.certificates\[0\] is not .* PEM block CERTIFICATE"),
        ({"certificates": [ROOT_DER], "intermediates": [b""]}, r"^TrustAnchors\.intermediates\[0\] is not"),
        ({"certificates": [ROOT_DER], "crls": [ROOT_DER, b""]}, r"^TrustAnchors\.crls\[0\] is not a usable CRL"),
        ({"certificates": [ROOT_DER], "aaguids": [b"short"]}, r"^TrustAnchors\.aaguids holds b'short'"),
        ({"certificates": 5}, r"^TrustAnchors\.certificates is a list; .* not int$"),
        ({"certificates": [ROOT_DER], "formats": "packed"}, r"^TrustAnchors\.formats is a list; .* not str$"),
        ({"certificates": []}, r"^TrustAnchors\.certificates is empty"),
    ],
)
def test_anchors_that_cannot_be_are_named(wrong, told):
    with pytest.raises(Misconfigured, match=told):
        TrustAnchors(**wrong)


def test_the_rules_of_the_conformance_tests():
    rules = StatementRules.conformance()
    assert (rules.u2f_zero_aaguid, rules.tpm_name_by_own_prefix, rules.root_in_chain) == (True, True, False)
    assert (rules.safetynet_max_age, rules.packed_subject, rules.explicit_basic_constraints) == (60, True, True)
    assert rules.tpm_manufacturers > {"id:FFFFF1D0", "id:49465800"}


def test_a_leaf_that_is_an_anchor():
    own = leaf()
    registration = Registration()
    policy = direct(anchors=[own])
    statement = {"alg": -7, "sig": sign(LEAF, registration.signed), "x5c": [own]}
    result = registration.verify("packed", statement)
    verdict = policy.assess("packed", result, registration.authenticator_data.attested, now=NOW)
    assert (verdict.trust, verdict.anchored_path) == (TrustVerdict.ANCHORED, (own,))


@pytest.mark.parametrize(
    ("parts", "advice"),
    [
        ({"conveyance": "always"}, "none, indirect, direct, enterprise"),
        ({"conveyance": "direct"}, "allow_unanchored=True"),
        ({"conveyance": "indirect", "allow_unanchored": False}, "allow_unanchored=True"),
        ({"conveyance": "enterprise", "allow_none": True, "allow_self": True}, "allow_unanchored=True"),
        ({"allow_none": False}, "ask for 'direct'"),
        ({"anchors": ROOT_DER}, "is a list"),
        ({"anchors": pem(ROOT_DER)}, "is a list"),
        ({"formats": "packed"}, "is a list"),
        ({"formats": []}, "formats is empty"),
        ({"formats": ["none", "paked"]}, "paked"),
        ({"preferred_formats": ["tpm"], "formats": ["none"]}, "tpm"),
        ({"permitted_aaguids": ["00112233-4455-6677-8899-aabbccddeeff"]}, "permitted_aaguids holds '00"),
        ({"forbidden_aaguids": [b"1"]}, "forbidden_aaguids holds b'1'"),
        ({"anchors": [b""]}, "neither DER nor"),
        ({"anchors": [1]}, "int"),
        ({"anchors": [None]}, "NoneType"),
        ({"anchors": ["é"]}, "neither DER nor"),
        ({"anchors": [pem(ROOT_DER)[:90] + "!" + pem(ROOT_DER)[90:]]}, "not base64"),
        ({"anchors": [ROOT_DER[:-1]]}, "longer than what is left"),
        ({"anchors": [pem(b"\x30\x00")]}, "bytes end inside"),
    ],
)
def test_set_ups_that_cannot_be_meant(parts, advice):
    with pytest.raises(Misconfigured) as caught:
        AttestationPolicy(**parts)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("parts", "advice"),
    [
        ({"certificates": []}, "at least one"),
        ({"certificates": ROOT_DER}, "give a list"),
        ({"certificates": [ROOT_DER], "intermediates": pem(ROOT_DER)}, "give a list"),
        ({"certificates": [ROOT_DER], "intermediates": [b"x"]}, "intermediates[0]"),
        ({"certificates": [ROOT_DER], "aaguids": ["x"]}, "16 bytes"),
    ],
)
def test_anchors_that_cannot_be_meant(parts, advice):
    with pytest.raises(Misconfigured) as caught:
        TrustAnchors(**parts)
    assert advice in str(caught.value)


def test_policies_are_values():
    policy = direct(preferred_formats=["packed"])
    assert policy.preferred_formats == ("packed",)
    with pytest.raises(AttributeError):
        policy.allow_none = True


def test_lists_are_read_once_even_from_an_iterator():
    assert refused(AttestationPolicy(forbidden_aaguids=iter([AAGUID])), Code.AAGUID_NOT_ALLOWED)
    policy = AttestationPolicy(
        conveyance="direct",
        anchors=iter([TrustAnchors(certificates=iter([ROOT_DER]), formats=iter(["packed"]), aaguids=iter([AAGUID]))]),
        formats=iter(["packed"]),
        permitted_aaguids=iter([AAGUID]),
        permitted_types=iter([AttestationType.BASIC_OR_ATTCA]),
    )
    for _ in range(2):
        assert assess(policy).trust is TrustVerdict.ANCHORED


@pytest.mark.parametrize("value", [1, True, 1.5, object(), "packed", b"packed"])
@pytest.mark.parametrize("name", ["preferred_formats", "formats", "anchors", "permitted_aaguids", "forbidden_aaguids"])
def test_what_is_no_list_is_misconfigured(name, value):
    with pytest.raises(Misconfigured, match=f"{name} is a list"):
        AttestationPolicy(**{name: value})


@pytest.mark.parametrize("value", [1, True, object(), ROOT_DER])
def test_anchors_and_revocation_lists_are_lists(value):
    for member in ("certificates", "intermediates", "aaguids"):
        with pytest.raises(Misconfigured, match=f"{member} is a list"):
            TrustAnchors(**{"certificates": [ROOT_DER], member: value})
    with pytest.raises(Misconfigured, match="collection"):
        Revocation(crls=value)


def test_formats_that_are_no_text():
    for formats in ([1], [["packed"]], [None]):
        with pytest.raises(Misconfigured, match="strings"):
            AttestationPolicy(formats=formats)


def test_unknown_types_of_attestation_are_misconfigured():
    with pytest.raises(Misconfigured, match="say some of none, self"):
        AttestationPolicy(permitted_types=["basics"])
