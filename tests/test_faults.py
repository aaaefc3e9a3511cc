"""An honest client is always accepted; one fault is always refused, at the step it belongs to."""

from __future__ import annotations

import pytest

from fault_scenes import play
from unlatch.attestation.formats import FORMATS
from unlatch.errors import Malformed, Refused
from unlatch.steps.table import STEPS
from unlatch.testing import FAULTS, Fault, Rule
from unlatch.testing.keys import ALGORITHMS
from unlatch.testing.statements import MAKERS

# A store refuses a known id; the ceremony's own part ends with the record.
_BY_THE_STORE = {each.name for each in STEPS if each.done_by == "store"}


def _settings(fault: Fault):
    """One setting for each attestation format and key family in which the fault exists."""
    attestations = sorted(fault.formats) if fault.formats else ["none"]
    algorithms = sorted(fault.algorithms) if fault.algorithms else [-7]
    families: dict[str, int] = {}
    for number in algorithms:
        families.setdefault(f"{ALGORITHMS[number].family}-{ALGORITHMS[number].curve}", number)
    for attestation in attestations:
        for algorithm in families.values():
            yield attestation, algorithm


def _cases_of():
    for fault in FAULTS:
        if fault.step in _BY_THE_STORE or fault.rule is Rule.TRUST:
            continue
        for attestation, algorithm in _settings(fault):
            if MAKERS[attestation].format in FORMATS:
                yield pytest.param(fault, attestation, algorithm, id=f"{fault.name}-{attestation}-{algorithm}")


_CASES = list(_cases_of())


@pytest.mark.parametrize(("fault", "attestation", "algorithm"), _CASES)
def test_each_fault_is_refused_where_it_belongs(fault, attestation, algorithm):
    played = play(fault, attestation=attestation, algorithm=algorithm)
    body = played.answer(fault)
    with pytest.raises((Malformed, Refused)) as caught:
        played.finish(body)
    error = caught.value
    assert (error.code, getattr(error, "step", None)) == (fault.code, fault.step), error.evidence()


@pytest.mark.parametrize(("fault", "attestation", "algorithm"), _CASES)
def test_without_the_fault_the_same_ceremony_is_accepted(fault, attestation, algorithm):
    played = play(fault, attestation=attestation, algorithm=algorithm)
    assert played.finish(played.answer()).user_verified
