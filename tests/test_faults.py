"""An honest client is always accepted; one fault is always refused, at the step it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fault_scenes import TYPES, expected_trust, play
from unlatch.attestation.formats import FORMATS
from unlatch.errors import Malformed, Refused
from unlatch.steps.table import STEPS
from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS, Fault
from unlatch.testing.keys import ALGORITHMS
from unlatch.testing.statements import MAKERS

# A store refuses a known id; the ceremony's own part ends with the record.
_BY_THE_STORE = {each.name for each in STEPS if each.done_by == "store"}


def _settings(fault: Fault) -> Iterator[tuple[str, int]]:
    """Each attestation format in which the fault exists, with one key of each family in which it does."""
    for attestation in sorted(fault.formats or {"none"}):
        attestable = MAKERS[attestation].algorithms
        families: dict[str, int] = {}
        for number in sorted(fault.algorithms or {-7}):
            if attestable is None or number in attestable:
                families.setdefault(f"{ALGORITHMS[number].family}-{ALGORITHMS[number].curve}", number)
        for algorithm in families.values():
            yield attestation, algorithm


_CASES = [
    pytest.param(fault, attestation, algorithm, id=f"{fault.name}-{attestation}-{algorithm}")
    for fault in FAULTS
    if fault.step not in _BY_THE_STORE
    for attestation, algorithm in _settings(fault)
    if MAKERS[attestation].format in FORMATS
]


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
    accepted = played.finish(played.answer())
    assert accepted.user_verified
    if fault.ceremony is CeremonyKind.REGISTRATION:
        assert accepted.attestation.format == MAKERS[attestation].format
        assert accepted.attestation.trust is expected_trust(attestation)
        if attestation != "compound":
            assert accepted.attestation.type is TYPES[attestation]


def test_every_format_has_faults():
    struck = {MAKERS[attestation].format for fault in FAULTS for attestation in fault.formats or ()}
    assert struck >= set(FORMATS)
