"""The catalogue of faults itself: names, and that every fault really changes something."""

from __future__ import annotations

from dataclasses import replace

import pytest
from options_json import ORIGIN, creation, request

from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS, ODDITIES, EmulatedBrowser, Need, SoftwareAuthenticator, named
from unlatch.testing.keys import ALGORITHMS

_INPUTS = {
    "registration": {
        "credentialProtectionPolicy": "userVerificationRequired",
        "enforceCredentialProtectionPolicy": True,
        "prf": {"eval": {"first": "AAEC"}},
        "largeBlob": {"support": "required"},
    },
    "authentication": {"prf": {"eval": {"first": "AAEC"}}, "largeBlob": {"read": True}},
}


def scene_for(fault):
    """A browser and options in which `fault` applies."""
    attestation = min(fault.formats) if fault.formats else "none"
    algorithm = max(fault.algorithms) if fault.algorithms else -7
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm,)))
    required = {"userVerification": "required"}
    if fault.ceremony is CeremonyKind.REGISTRATION:
        if Need.EARLIER_CREDENTIAL in fault.needs:
            browser.create(creation(algorithm))
        return browser, creation(algorithm, authenticatorSelection=required, extensions=_INPUTS["registration"])
    listed = browser.create(creation(algorithm))["id"]
    return browser, request(
        *(() if Need.NOT_LISTED in fault.needs else (listed,)), **required, extensions=_INPUTS["authentication"]
    )


def test_names_are_unique_and_tell_ceremony_and_step():
    everything = (*FAULTS, *ODDITIES)
    assert len({each.name for each in everything}) == len(everything)
    for each in FAULTS:
        assert each.name.startswith(f"{each.ceremony}.")
        assert each.step is None or each.name.startswith(each.step + ".")
        assert each.what.endswith(".")


def test_there_are_many():
    assert len(FAULTS) >= 150


@pytest.mark.parametrize("fault", [*FAULTS, *ODDITIES], ids=str)
def test_each_fault_changes_what_passes_its_point(fault):
    seen = []

    def change(honest, scene):
        false = fault.change(honest, scene)
        seen.append((honest, false))
        return false

    browser, options = scene_for(fault)
    assert fault.applies(browser.authenticator, options)
    post = browser.create_body if fault.ceremony is CeremonyKind.REGISTRATION else browser.get_body
    post(options, fault=replace(fault, change=change))
    assert len(seen) == 1
    honest, false = seen[0]
    assert repr(honest) != repr(false)


def test_a_fault_without_occasion_is_an_error():
    browser, options = scene_for(named("registration.challenge.other"))
    with pytest.raises(ValueError, match="belongs to authentication"):
        browser.create(options, fault="authentication.challenge.other")
    with pytest.raises(ValueError, match="does not apply"):
        browser.create(options, fault="registration.attestation-statement.packed-no-unit")
    with pytest.raises(ValueError, match="no body"):
        browser.create(options, fault="registration.response-kind.empty-body")
    with pytest.raises(ValueError, match="no fault or oddity is called"):
        browser.create(options, fault="registration.challenge.nonsense")


def test_algorithms_of_faults_exist():
    assert all(each.algorithms is None or each.algorithms <= ALGORITHMS.keys() for each in FAULTS)
