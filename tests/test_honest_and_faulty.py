"""Honest clients of every kind are accepted through a whole life; a fault thrown in at any point of it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fault_scenes import ADA, expected_trust, relying_party
from unlatch.errors import Malformed, Refused
from unlatch.steps.table import STEPS
from unlatch.terms import BackupChange, CeremonyKind, SignCountVerdict
from unlatch.testing import FAULTS, EmulatedBrowser, Need, SoftwareAuthenticator
from unlatch.testing.keys import credential_algorithms
from unlatch.testing.statements import MAKERS
from unlatch.testing.statements.tpm import NAME_ALGORITHMS, NameLayout, TpmSettings

# Those that only a relying party with a special rule refuses are in test_faults.
_UNRULED = [fault for fault in FAULTS if fault.rule is None and fault.step != "registration.credential-not-registered"]
_INSIDE_COMPOUND = sorted(set(MAKERS) - {"none", "compound"})

extension_inputs = st.fixed_dictionaries(
    {},
    optional={
        "credProps": st.just(True),
        "credentialProtectionPolicy": st.sampled_from(
            (
                "userVerificationOptional",
                "userVerificationOptionalWithCredentialIDList",
                "userVerificationRequired",
            )
        ),
        "minPinLength": st.just(True),
        "credBlob": st.just("AAEC"),
        "hmacCreateSecret": st.just(True),
        "prf": st.just({"eval": {"first": "AAEC"}}),
        "largeBlob": st.sampled_from(({"support": "preferred"}, {"support": "required"})),
        "uvm": st.just(True),
    },
)
request_inputs = st.fixed_dictionaries(
    {},
    optional={
        "getCredBlob": st.just(True),
        "prf": st.sampled_from(({"eval": {"first": "AAEC"}}, {"eval": {"first": "AAEC", "second": "AwQF"}})),
        "largeBlob": st.just({"read": True}),
        "uvm": st.just(True),
    },
)


@dataclass(frozen=True)
class Client:
    """A kind of client."""

    authenticator: dict[str, Any]
    listed: bool
    required: bool
    created_with: dict[str, Any]
    used_with: dict[str, Any]


@st.composite
def clients(draw: st.DrawFn) -> Client:
    attestation = draw(st.sampled_from(sorted(MAKERS)))
    inside = draw(st.lists(st.sampled_from(_INSIDE_COMPOUND), min_size=2, max_size=3))
    possible = set(credential_algorithms())
    for name in inside if attestation == "compound" else [attestation]:
        algorithms = MAKERS[name].algorithms
        possible &= possible if algorithms is None else algorithms
    synced = draw(st.booleans())
    discoverable = draw(st.booleans())
    required = draw(st.booleans())
    authenticator = {
        "attestation": attestation,
        "compound": inside,
        "algorithms": (draw(st.sampled_from(sorted(possible))),),
        "user_verified": required or draw(st.booleans()),
        "backup_eligible": synced,
        "backup_state": synced and draw(st.booleans()),
        "counter": draw(st.none() | st.integers(0, 2**32 - 5)),
        "discoverable": discoverable,
        "transports": draw(st.lists(st.sampled_from(("usb", "nfc", "internal", "hybrid", "telepathy")))),
        "attachment": draw(st.sampled_from((None, "platform", "cross-platform", "implanted"))),
        "tpm": TpmSettings(
            name_algorithm=draw(st.sampled_from(sorted(NAME_ALGORITHMS))),
            name_layout=draw(st.sampled_from(NameLayout)),
        ),
    }
    listed = not discoverable or draw(st.booleans())
    created_with = draw(extension_inputs)
    if not discoverable:
        # Options that ask for a large blob without a discoverable credential are never built.
        created_with.pop("largeBlob", None)
    return Client(authenticator, listed, required, created_with, draw(request_inputs))


@settings(max_examples=60)
@given(clients(), st.data())
def test_a_whole_life(client: Client, data: st.DataObject):
    authenticator = SoftwareAuthenticator(**client.authenticator)
    browser = EmulatedBrowser("https://example.org", authenticator)
    rp = relying_party(
        authenticator,
        *authenticator.algorithms,
        user_verification="required" if client.required else "preferred",
        resident_key="required" if authenticator.discoverable else "discouraged",
    )

    begun = rp.begin_registration(ADA, extensions=client.created_with)
    options = begun.options.to_json()
    _refused(rp.finish_registration, begun.state, browser, options, data, CeremonyKind.REGISTRATION)
    registration = rp.finish_registration(begun.state, browser.create(options))
    record = registration.record
    if authenticator.attestation != "compound":
        assert registration.attestation.trust is expected_trust(authenticator.attestation)
    assert record.backup_eligible == authenticator.backup_eligible
    assert registration.user_verified == authenticator.user_verified

    for _ in range(2):
        known = {"user": ADA, "records": [record]} if client.listed else {}
        asked = rp.begin_authentication(**known, extensions=client.used_with)
        options = asked.options.to_json()
        _refused(
            lambda state, body, record=record: rp.finish_authentication(state, body, record),
            asked.state,
            browser,
            options,
            data,
            CeremonyKind.AUTHENTICATION,
        )
        authentication = rp.finish_authentication(asked.state, browser.get(options), record)
        counts = authenticator.counter is not None
        assert authentication.sign_count is (SignCountVerdict.INCREASED if counts else SignCountVerdict.NOT_SUPPORTED)
        assert authentication.backup_change is BackupChange.NONE
        record = authentication.record


def _refused(finish: Any, state: Any, browser: EmulatedBrowser, options: Any, data: st.DataObject, kind: CeremonyKind):
    """One fault that applies to this client, and that alone, is refused where it belongs."""
    possible = [fault for fault in _UNRULED if fault.ceremony is kind and fault.applies(browser.authenticator, options)]
    fault = data.draw(st.sampled_from(possible))
    before = list(browser.authenticator.credentials)
    body = (browser.create_body if kind is CeremonyKind.REGISTRATION else browser.get_body)(options, fault=fault)
    with pytest.raises((Malformed, Refused)) as caught:
        finish(state, body)
    assert (caught.value.code, getattr(caught.value, "step", None)) == (fault.code, fault.step), fault.name
    browser.authenticator.credentials = before


def test_every_step_of_ours_has_a_fault():
    # What the response cannot make wrong: the state, the look-up of anchors, and making the record.
    beyond_a_response = {"options", "trust-anchors", "record"}
    ours = {step.name for step in STEPS if "." in step.done_by and step.slug not in beyond_a_response}
    assert ours <= {fault.step for fault in FAULTS}


def test_decoded_steps_have_faults_too():
    # Hashing cannot fail by itself: a wrong hash surfaces as a signature that does not verify.
    decoded = {step.name for step in STEPS if step.done_by == "decoder" and step.slug != "client-data-hash"}
    named = {".".join(fault.name.split(".")[:2]) for fault in FAULTS if fault.step is None}
    assert decoded <= named


def test_needs_are_all_used():
    assert {need for fault in FAULTS for need in fault.needs} == set(Need)
