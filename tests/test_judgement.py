"""A recorded ceremony is judged as it was: every fault, every honest answer, every W3C vector, from plain data."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from certificates.writing import CN, name, revocation_list
from fault_scenes import ADA, play, register, relying_party
from unlatch import (
    AttestationPolicy,
    CreationOptions,
    CredentialRecord,
    Malformed,
    Misconfigured,
    Policy,
    Refused,
    RelyingParty,
    RequestOptions,
    TrustVerdict,
    UnlatchError,
    UserEntity,
)
from unlatch.attestation.anchors import TrustAnchors
from unlatch.attestation.rules import StatementRules
from unlatch.errors import printable
from unlatch.judgement import (
    Expectations,
    Outcome,
    Recording,
    judge_authentication,
    judge_registration,
)
from unlatch.steps.table import STEPS
from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS, EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.statements import MAKERS
from unlatch.wire import base64url

CREATE, GET = CeremonyKind.REGISTRATION, CeremonyKind.AUTHENTICATION
NOW = datetime(2026, 11, 1, tzinfo=UTC)
VECTORS = json.loads((Path(__file__).parent / "vectors" / "w3c.json").read_text())
ROOT = base64url.decode(VECTORS["attestation_ca"]["cert_der"], "")
ORIGIN = "https://example.org"


KEY = ec.generate_private_key(ec.SECP256R1())
CRL = revocation_list(KEY, issuer=name((CN, "Root")))


def b64(text):
    return base64url.decode(text, "")


def expect(**others):
    return Expectations(**{"challenge": b"c" * 32, "rp_id": "example.org", "origins": [ORIGIN], "at": NOW, **others})


def replayed(played, body):
    """The verdict on a ceremony that went through JSON."""
    recording = Recording.of_ceremony(played.rp, played.state, body, at=played.state.created_at, record=played.record)
    again = Recording.from_json(recording.to_json())
    assert again.to_json() == recording.to_json()
    return again.judge()


def check_steps(verdict):
    """The steps tell one story: nothing passes after the refusal but what the decoder had done."""
    assert [item.step for item in verdict.steps] == [step for step in STEPS if step.ceremony is verdict.kind]
    refused = [item for item in verdict.steps if item.outcome is Outcome.REFUSED]
    assert len(refused) == (0 if verdict.accepted else 1)
    after = verdict.steps[verdict.steps.index(refused[0]) + 1 :] if refused else ()
    for item in after:
        expected = {"client": {Outcome.CLIENT}, "decoder": {Outcome.PASSED, Outcome.NOT_REACHED}}
        assert item.outcome in expected.get(item.step.done_by, {Outcome.NOT_REACHED})
    json.dumps(verdict.to_json())


REPLAYED = [fault for fault in FAULTS if not (fault.step or "").endswith("-registered")]


@pytest.mark.parametrize("fault", REPLAYED, ids=str)
def test_each_fault_is_refused_in_the_recording_as_it_was_live(fault):
    attestation = min(fault.formats) if fault.formats else "none"
    attestable = MAKERS[attestation].algorithms
    algorithm = next(each for each in sorted(fault.algorithms or {-7}) if attestable is None or each in attestable)
    played = play(fault, attestation=attestation, algorithm=algorithm)
    body = played.answer(fault)
    with pytest.raises((Malformed, Refused)) as live:
        played.finish(body)
    verdict = replayed(played, body)
    assert not verdict.accepted
    assert verdict.code == live.value.code
    if fault.step:
        assert verdict.step == fault.step
    else:
        assert verdict.error.path == live.value.path
    check_steps(verdict)


@pytest.mark.parametrize("fault", [FAULTS[0], next(fault for fault in FAULTS if fault.ceremony is GET)], ids=str)
def test_the_honest_ceremony_is_accepted_in_the_recording(fault):
    played = play(fault)
    verdict = replayed(played, played.answer())
    assert verdict.accepted
    assert (verdict.code, verdict.step, verdict.refused_at, verdict.error) == (None, None, None, None)
    assert verdict.result.user_verified
    assert {item.outcome for item in verdict.steps} == set(Outcome) - {Outcome.REFUSED, Outcome.NOT_REACHED}
    check_steps(verdict)


def vector_record(vector, registration):
    return CredentialRecord(
        id=registration.record.id,
        public_key=registration.record.public_key,
        sign_count=0,
        user_handle=b"user",
        rp_id="example.org",
        backup_eligible=registration.record.backup_eligible,
    )


def vector_expectations(vector, part, **others):
    return expect(
        **{
            "challenge": b64(part["challenge"]),
            "algorithms": [vector["cose_alg"]],
            "allow_cross_origin": True,
            "top_origins": ["https://example.com"],
            "user": UserEntity(b"user", ""),
            "anchors": [ROOT],
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            **others,
        }
    )


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS["vectors"] if vector["status"] == "current"], ids=lambda v: v["name"]
)
def test_w3c_vectors_are_accepted_with_as_much_trust_as_they_have(vector):
    part = vector["registration"]
    verdict = judge_registration(part["response_json"], vector_expectations(vector, part))
    assert verdict.accepted, verdict.to_json()["error"]
    trust = verdict.result.attestation.trust
    ladder = list(TrustVerdict)
    for required in TrustVerdict:
        again = judge_registration(part["response_json"], vector_expectations(vector, part, required_trust=required))
        assert again.accepted == (ladder.index(trust) >= ladder.index(required))
        if not again.accepted:
            assert again.step == "registration.attestation-trust"
    unanchored = judge_registration(
        part["response_json"], vector_expectations(vector, part, required_trust="anchored", anchors=())
    )
    assert unanchored.code in ("attestation_not_trusted", "attestation_not_allowed")

    assertion = vector.get("authentication")
    if assertion:
        record = vector_record(vector, verdict.result)
        verdict = judge_authentication(assertion["response_json"], vector_expectations(vector, assertion), record)
        assert verdict.accepted, verdict.to_json()["error"]


def registered(**policy):
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    rp = relying_party(browser.authenticator, -7, **policy)
    begun = rp.begin_registration(ADA)
    return rp, browser, begun, browser.create(begun.options.to_json())


def test_expectations_from_options_of_somebody_else():
    rp, browser, begun, body = registered()
    options = CreationOptions.from_json(json.dumps(begun.options.to_json()))
    told = Expectations.of_options(options, origins=[ORIGIN], at=NOW)
    verdict = judge_registration(json.dumps(body), told)
    assert verdict.accepted
    assert verdict.result.record.user_handle == ADA.id
    record = verdict.result.record
    asked = rp.begin_authentication(user=ADA, records=[record])
    answer = browser.get(asked.options.to_json())
    told = Expectations.of_options(
        RequestOptions.from_json(asked.options.to_json()),
        origins=[ORIGIN],
        at=NOW,
        user=ADA,
        user_verification="required",
    )
    assert told.allow_credentials == (record.id,)
    assert judge_authentication(answer, told, record).accepted


def test_a_registration_of_a_credential_that_somebody_has():
    _, _, begun, body = registered()
    options = CreationOptions.from_json(begun.options.to_json())
    own_id = b64(body["id"])
    for known, step in (((b"other",), None), ((b"other", own_id), "registration.credential-not-registered")):
        verdict = judge_registration(body, Expectations.of_options(options, origins=[ORIGIN], at=NOW, registered=known))
        assert verdict.step == step
        check_steps(verdict)


def test_a_sign_in_with_a_credential_that_nobody_has():
    rp, browser, _, _ = registered()
    record = register(rp, browser).record
    asked = rp.begin_authentication()
    body = browser.get(asked.options.to_json())
    told = Expectations.of_state(asked.state, rp.policy, at=asked.state.created_at)
    assert judge_authentication(body, told, record).accepted
    verdict = judge_authentication(body, told, None)
    assert (verdict.code, verdict.step) == ("credential_unknown", "authentication.user")
    check_steps(verdict)


@pytest.mark.parametrize("rp_id", ["https://example.org", "127.0.0.1", "exa mple.org", "EXAMPLE.org", "x:443"])
def test_a_relying_party_without_a_domain_is_refused(rp_id):
    """Also when the hash fits: a recorded ceremony gets a verdict, whoever recorded it."""
    for judge in (judge_registration, lambda *args: judge_authentication(*args, None)):
        verdict = judge({}, expect(rp_id=rp_id))
        assert verdict.code == "ceremony_relying_party"
        assert verdict.step.endswith(".options")
        check_steps(verdict)


def test_an_rp_id_that_options_leave_out_is_the_domain_of_the_page():
    _, _, begun, body = registered()
    told = begun.options.to_json()
    del told["rp"]["id"], told["timeout"]
    options = CreationOptions.from_json(told)
    assert judge_registration(body, Expectations.of_options(options, origins=[ORIGIN], at=NOW)).accepted
    expectations = Expectations.of_options(options, origins=["https://example.org:8443", "android:x"], at=NOW)
    assert expectations.rp_id == "example.org"
    for origins in ([], ["android:x"], [ORIGIN, "https://example.com"]):
        with pytest.raises(Misconfigured, match="rp_id"):
            Expectations.of_options(options, origins=origins, at=NOW)


def test_a_list_of_credentials_says_whose_they_are():
    """A response without user handle is enough where the options listed the credential, and only there."""
    rp, browser, _, _ = registered()
    record = register(rp, browser).record
    asked = rp.begin_authentication(user=ADA, records=[record])
    body = browser.get(asked.options.to_json())
    body["response"].pop("userHandle", None)
    told = {"challenge": asked.state.challenge, "allow_credentials": [record.id]}
    assert judge_authentication(body, expect(**told), record).accepted
    for others in ({"allow_credentials": []}, {"user": UserEntity(b"somebody else", "")}):
        verdict = judge_authentication(body, expect(**{**told, **others}), record)
        assert verdict.step == "authentication.user"
    body["response"]["userHandle"] = "AQ"
    assert judge_authentication(body, expect(**told), record).code == "user_handle_mismatch"


def test_an_app_id_that_is_no_text():
    """A begin would refuse it; of a ceremony that somebody else began it is only one more hash that does not fit."""
    rp, browser, _, _ = registered()
    record = register(rp, browser).record
    asked = rp.begin_authentication(user=ADA, records=[record])
    body = browser.get(asked.options.to_json())
    told = expect(challenge=asked.state.challenge, user=ADA, extensions={"appid": "\ud800"})
    assert judge_authentication(body, told, record).accepted
    body["clientExtensionResults"] = {"appid": True}
    assert judge_authentication(body, told, record).step == "authentication.rp-id-hash"


def test_a_recording_of_a_user_nobody_names():
    _, _, begun, body = registered()
    told = Expectations.of_options(
        CreationOptions.from_json(begun.options.to_json()), origins=[ORIGIN], at=NOW, user=None
    )
    assert judge_registration(body, told).accepted


def test_the_life_span_counts():
    rp, _, begun, body = registered()
    state = begun.state
    for late, accepted in ((timedelta(0), True), (timedelta(seconds=299), True), (timedelta(seconds=300), False)):
        told = Expectations.of_state(state, rp.policy, at=state.created_at + late)
        verdict = judge_registration(body, told)
        assert verdict.accepted == accepted
    assert (verdict.code, verdict.step) == ("ceremony_expired", "registration.options")


def test_a_stored_key_that_is_none_is_found_at_the_signature():
    rp, browser, _, _ = registered()
    record = register(rp, browser).record
    asked = rp.begin_authentication(user=ADA, records=[record])
    body = browser.get(asked.options.to_json())
    broken = CredentialRecord.from_json({**json.loads(record.to_json()), "publicKey": "AQ"})
    verdict = judge_authentication(body, Expectations.of_state(asked.state, rp.policy, at=NOW), broken)
    verdict = judge_authentication(
        body, Expectations.of_state(asked.state, rp.policy, at=asked.state.created_at), broken
    )
    assert verdict.step == "authentication.signature"
    check_steps(verdict)


@pytest.mark.parametrize("body", [b"", b"\xff", "[]", None, 5, {}, {"type": "public-key"}, "{" * 100_000], ids=repr)
@pytest.mark.parametrize("judge", [judge_registration, lambda *args: judge_authentication(*args, None)])
def test_whatever_comes_gets_a_verdict(judge, body):
    verdict = judge(body, expect())
    assert verdict.step.endswith(".response-kind")
    check_steps(verdict)


def test_policies_of_a_relying_party_are_told_exactly():
    """Also those off the ladder: self attestation refused, none allowed."""
    policy = Policy(attestation=AttestationPolicy(allow_self=False), backup="forbidden")
    _, _, begun, _ = registered()
    told = Expectations.of_state(begun.state, policy, at=NOW)
    attestation = told.policy().attestation
    assert (attestation.allow_none, attestation.allow_self, attestation.allow_unanchored) == (True, False, True)
    assert told.policy().backup == "forbidden"
    policy = Policy(
        attestation=AttestationPolicy(
            conveyance="enterprise",
            anchors=[ROOT],
            permitted_types=["basic"],
            permitted_aaguids=[bytes(16)],
            forbidden_aaguids=[b"x" * 16],
            rules=StatementRules(u2f_zero_aaguid=True, tpm_manufacturers=["id:FFFFF1D0"]),
        )
    )
    told = Expectations.of_state(begun.state, policy, at=NOW)
    attestation = told.policy().attestation
    assert attestation.conveyance == "enterprise"
    assert (attestation.allow_none, attestation.allow_self, attestation.allow_unanchored) == (False, False, False)
    recording = Recording(kind=CREATE, response={}, expectations=told)
    assert Recording.from_json(recording.to_json()).expectations == told


EVERYTHING = {
    "v": 1,
    "kind": "authentication",
    "response": {"id": "AQ"},
    "expectations": {
        "challenge": "AQ",
        "rpId": "example.org",
        "origins": [ORIGIN],
        "at": "2026-11-01T00:00:00+00:00",
        "allowSubdomains": True,
        "allowCrossOrigin": True,
        "topOrigins": ["*"],
        "userVerification": "required",
        "algorithms": [-7],
        "mediation": "conditional",
        "extensions": {"appid": "https://example.org"},
        "user": {"id": "AQ", "name": "ada", "displayName": ""},
        "allowCredentials": ["AQ"],
        "registered": ["Ag"],
        "conveyance": "direct",
        "anchors": [
            base64url.encode(ROOT),
            VECTORS["attestation_ca"]["cert_pem"],
            {"certificates": [base64url.encode(ROOT)], "formats": ["packed"], "aaguids": ["A" * 22]},
            {"certificates": [base64url.encode(ROOT)], "crls": [base64url.encode(CRL)]},
        ],
        "requiredTrust": "self",
        "allowNone": True,
        "allowSelf": False,
        "allowUnanchored": True,
        "formats": ["none", "packed"],
        "permittedTypes": ["basic"],
        "permittedAaguids": ["A" * 22],
        "forbiddenAaguids": ["A" * 22],
        "revocation": {"crls": [base64url.encode(CRL)], "required": False},
        "rules": {"packed_subject": False, "compound": "any", "tpm_manufacturers": ["id:FFFFF1D0"]},
        "backup": "forbidden",
        "requireBackedUp": True,
        "eligibilityChange": "report",
        "counterRegression": "flag",
        "unsolicitedExtensions": "refuse",
        "createdAt": "2026-10-31T23:59:00+00:00",
        "expiresAt": "2026-11-01T00:05:00+00:00",
    },
    "record": json.loads(
        CredentialRecord(id=b"\x01", public_key=b"", sign_count=0, user_handle=b"\x01", rp_id="example.org").to_json()
    ),
}


def test_every_expectation_goes_through_json():
    recording = Recording.from_json(json.dumps(EVERYTHING))
    assert json.loads(recording.to_json()) == EVERYTHING


def test_times_and_users_that_are_null_are_left_out():
    told = {**EVERYTHING["expectations"], "createdAt": None, "expiresAt": None, "user": None, "permittedAaguids": None}
    told["revocation"] = None
    expectations = Recording.from_json({**EVERYTHING, "expectations": told}).expectations
    assert (expectations.created_at, expectations.user, expectations.permitted_aaguids) == (None, None, None)
    assert expectations.revocation is None


def changed(path, value):
    copy = json.loads(json.dumps(EVERYTHING))
    target = copy
    *parents, name = path.split(".")
    for parent in parents:
        target = target[parent]
    if value is ...:
        del target[name]
    else:
        target[name] = value
    return copy


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("v", 2),
        ("v", ...),
        ("kind", "payment"),
        ("kind", 5),
        ("kind", ...),
        ("response", 5),
        ("response", ...),
        ("responseBytes", "="),
        ("expectations", []),
        ("expectations", ...),
        ("record", "x"),
        ("record", {}),
        ("surplus", 1),
        ("expectations.surplus", 1),
        ("expectations.challenge", ...),
        ("expectations.challenge", 5),
        ("expectations.rpId", 5),
        ("expectations.origins", ORIGIN),
        ("expectations.origins", [5]),
        ("expectations.origins", ...),
        ("expectations.at", ...),
        ("expectations.at", None),
        ("expectations.at", 5),
        ("expectations.at", "yesterday"),
        ("expectations.at", "2026-11-01T00:00:00"),
        ("expectations.at", "9999-12-31T23:59:59+00:00"),
        ("expectations.createdAt", "0001-01-01T00:00:00+00:00"),
        ("expectations.allowCrossOrigin", "yes"),
        ("expectations.userVerification", "perhaps"),
        ("expectations.userVerification", []),
        ("expectations.mediation", "perhaps"),
        ("expectations.algorithms", ["ES256"]),
        ("expectations.algorithms", None),
        ("expectations.extensions", []),
        ("expectations.user", "ada"),
        ("expectations.user", {"id": "", "name": "", "displayName": ""}),
        ("expectations.allowCredentials", [5]),
        ("expectations.allowCredentials", None),
        ("expectations.anchors", "x"),
        ("expectations.anchors", ["%"]),
        ("expectations.anchors", [{"formats": []}]),
        ("expectations.anchors", [{"certificates": None}]),
        ("expectations.anchors", [{"certificates": []}]),
        ("expectations.anchors", [{"certificates": ["AQ"]}]),
        ("expectations.anchors", [{"certificates": [base64url.encode(ROOT)], "formats": [5]}]),
        ("expectations.anchors", [{"certificates": [base64url.encode(ROOT)], "surplus": []}]),
        ("expectations.permittedTypes", ["excellent"]),
        ("expectations.permittedAaguids", [None]),
        ("expectations.revocation", []),
        ("expectations.revocation", {}),
        ("expectations.revocation", {"crls": [], "surplus": 1}),
        ("expectations.revocation", {"crls": [], "required": 1}),
        ("expectations.revocation", {"crls": ["AQ"]}),
        ("expectations.rules", []),
        ("expectations.rules", {"surplus": 1}),
        ("expectations.rules", {"compound": "some"}),
        ("expectations.rules", {"safetynet_max_age": "x"}),
        ("expectations.allowNone", "yes"),
    ],
)
def test_a_recording_that_is_none(member, value):
    with pytest.raises(Malformed):
        Recording.from_json(changed(member, value))


@pytest.mark.parametrize("text", [b"", "[]", "{" * 10, '{"v":1,"v":1}', b" " * 1_048_577])
def test_a_text_that_is_no_recording(text):
    with pytest.raises(Malformed):
        Recording.from_json(text)


@pytest.mark.parametrize(
    "others",
    [
        {"anchors": [b"no certificate"]},
        {"formats": ["sealed-with-wax"]},
        {"permitted_aaguids": [b"short"]},
    ],
    ids=str,
)
def test_expectations_that_no_relying_party_could_have(others):
    with pytest.raises(Misconfigured):
        judge_registration({}, expect(**others))


@pytest.mark.parametrize(
    "others",
    [
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point is that the zone is missing
        {"challenge": "text"},
        {"extensions": {1: 2}},
        {"rules": {}},
    ],
    ids=str,
)
def test_expectations_of_the_wrong_type(others):
    with pytest.raises(Misconfigured):
        expect(**others)


def test_a_user_may_be_a_handle():
    assert expect(user=b"handle").user == expect(user=UserEntity(b"handle", "")).user
    for wrong in (b"", b"x" * 65, "handle"):
        with pytest.raises(Misconfigured):
            expect(user=wrong)


def test_a_record_that_is_none():
    rp, browser, _, _ = registered()
    register(rp, browser)
    asked = rp.begin_authentication()
    body = browser.get(asked.options.to_json())
    with pytest.raises(Misconfigured, match="record"):
        judge_authentication(body, Expectations.of_state(asked.state, rp.policy, at=asked.state.created_at), {})


def test_judging_without_expectations():
    with pytest.raises(Misconfigured):
        judge_registration({}, {"rp_id": "example.org"})


SECRET = base64url.encode(b"\xa5" * 32)


@pytest.mark.parametrize(
    "response",
    [
        {"clientExtensionResults": {"prf": {"results": {"first": SECRET}}}},
        {"clientExtensionResults": {"prf": {"results": SECRET}}},
        {"clientExtensionResults": {"prf": SECRET, "credProps": {}}},
        {"clientExtensionResults": {"hmacGetSecret": {"output1": SECRET + "A"}}},
        json.dumps({"clientExtensionResults": {"prf": {"results": {"first": SECRET}}}}),
        json.dumps({"clientExtensionResults": {"prf": {"results": {"first": SECRET}}}}).encode(),
        json.dumps({"clientExtensionResults": {"prf": {"results": {"first": SECRET}}}}) + "}",
        json.dumps({"clientExtensionResults": {"prf": {"results": {"first": SECRET}}}}).encode("utf-16"),
        '{"\\u0070rf": "' + SECRET + '"',
    ],
    ids=repr,
)
def test_no_result_of_a_prf_is_recorded(response):
    recording = Recording(kind=GET, response=response, expectations=expect())
    verdict = recording.judge()
    assert not verdict.accepted
    for text in (recording.to_json(), repr(recording), json.dumps(verdict.to_json())):
        assert SECRET not in text


@pytest.mark.parametrize("response", ["not JSON", b"not \xff UTF-8", {}, {"clientExtensionResults": []}], ids=repr)
def test_what_cannot_be_read_is_recorded_as_it_is(response):
    recording = Recording(kind=GET, response=response, expectations=expect())
    again = Recording.from_json(recording.to_json())
    assert again.response == response
    assert again == recording


def test_what_cannot_be_recorded():
    with pytest.raises(Malformed):
        Recording(kind=GET, response=None, expectations=expect())
    with pytest.raises(Malformed):
        Recording(kind=GET, response={"id": b"bytes"}, expectations=expect())
    with pytest.raises(Malformed):
        Recording(kind=GET, response={}, expectations=expect(extensions={"x": b"bytes"})).to_json()

    class Metadata:
        def select(self, *_):
            raise NotImplementedError

    with pytest.raises(Misconfigured) as caught:
        Recording(kind=GET, response={}, expectations=expect(anchors=[Metadata()])).to_json()
    assert "Metadata" in caught.value.detail


def test_anchors_for_some_formats_only():
    vector = next(vector for vector in VECTORS["vectors"] if vector["name"] == "packed.ES256")
    part = vector["registration"]
    for formats, trust in ((("packed",), "anchored"), (("tpm",), "unanchored")):
        anchors = [TrustAnchors(certificates=[ROOT], formats=formats)]
        verdict = judge_registration(part["response_json"], vector_expectations(vector, part, anchors=anchors))
        assert verdict.result.attestation.trust == trust
        shown = next(item for item in verdict.steps if item.step.slug == "attestation-trust")
        assert shown.evidence["trust"] == trust


def test_a_relying_party_of_another_kind_is_no_matter():
    """Nothing is taken from anywhere but the arguments: a verdict in the past is the verdict of the past."""
    rp = RelyingParty(id="example.org")
    begun = rp.begin_registration(ADA, now=NOW)
    body = EmulatedBrowser(ORIGIN, SoftwareAuthenticator()).create(begun.options.to_json())
    recording = Recording.of_ceremony(rp, begun.state, body, at=NOW)
    assert recording.judge().accepted
    with pytest.raises(UnlatchError):
        rp.finish_registration(begun.state, body)


def test_evidence_is_printable():
    assert printable({b"\x01"}) == ["01"]
    assert printable((-(1 << 63), True)) == [-(1 << 63), True]
    assert printable([(1 << 64) - 1, 1 << 64]) == [(1 << 64) - 1, "0x10000000000000000"]
    # Neither `str` nor `json` writes an integer of more than 4300 decimal digits.
    assert json.dumps(printable([1 << 20_000])) == f'["0x1{"0" * 5000}"]'


def test_what_is_hollowed_out_is_refused_for_the_same_reason():
    output = {"results": {"first": [165, 1.5, None, True, SECRET], "second": SECRET}, "enabled": "yes"}
    recording = Recording(kind=GET, response={"clientExtensionResults": {"prf": output}}, expectations=expect())
    assert recording.response["clientExtensionResults"]["prf"] == {
        "results": {"first": ["removed", "removed", None, True, "removed"], "second": "removed"},
        "enabled": "removed",
    }


def test_what_is_judged_may_be_of_a_retired_format() -> None:
    told = Expectations(challenge=b"c", rp_id="example.org", origins=["https://example.org"], at=NOW)
    assert "android-safetynet" in told.formats
    assert "android-safetynet" not in AttestationPolicy().formats
