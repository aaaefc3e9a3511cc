"""An honest client is always accepted; one fault is always refused, at the step it belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from fault_scenes import ADA, TYPES, expected_trust, play
from unlatch import Passkeys, UserEntity
from unlatch.attestation.formats import FORMATS
from unlatch.errors import Malformed, Refused
from unlatch.steps.table import STEPS
from unlatch.stores.memory import MemoryCeremonies, MemoryCredentials
from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS, ODDITIES, Deviation
from unlatch.testing.keys import ALGORITHMS
from unlatch.testing.statements import MAKERS

BOB = UserEntity(b"handle-of-bob", "bob", "Bob")

# A store refuses a known id; the ceremony's own part ends with the record.
_BY_THE_STORE = {each.name for each in STEPS if each.done_by == "store"}


def _settings(fault: Deviation) -> Iterator[tuple[str, int]]:
    """Each attestation format in which the fault exists, with one key of each family in which it does."""
    for attestation in sorted(fault.formats or {"none"}):
        attestable = MAKERS[attestation].algorithms
        families: dict[str, int] = {}
        for number in sorted(fault.algorithms or {-7}):
            if attestable is None or number in attestable:
                families.setdefault(f"{ALGORITHMS[number].family}-{ALGORITHMS[number].curve}", number)
        for algorithm in families.values():
            yield attestation, algorithm


def _cases(deviations: Iterable[Deviation]) -> list[Any]:
    return [
        pytest.param(each, attestation, algorithm, id=f"{each.name}-{attestation}-{algorithm}")
        for each in deviations
        for attestation, algorithm in _settings(each)
    ]


_CASES = _cases(fault for fault in FAULTS if fault.step not in _BY_THE_STORE)


@pytest.mark.parametrize(("fault", "attestation", "algorithm"), _CASES)
def test_each_fault_is_refused_where_it_belongs(fault, attestation, algorithm):
    played = play(fault, attestation=attestation, algorithm=algorithm)
    body = played.answer(fault)
    with pytest.raises((Malformed, Refused)) as caught:
        played.finish(body)
    error = caught.value
    assert (error.code, getattr(error, "step", None)) == (fault.code, fault.step), error.evidence()
    assert json.dumps(error.evidence(), allow_nan=False)


def _honest_cases() -> list[Any]:
    """The same ceremonies without faults; most faults share theirs."""
    distinct: dict[tuple[object, ...], Any] = {}
    for case in _CASES:
        fault, attestation, algorithm = case.values
        distinct.setdefault((fault.ceremony, fault.needs, fault.rule, attestation, algorithm), case)
    return list(distinct.values())


@pytest.mark.parametrize(("fault", "attestation", "algorithm"), _honest_cases())
def test_without_the_fault_the_same_ceremony_is_accepted(fault, attestation, algorithm):
    played = play(fault, attestation=attestation, algorithm=algorithm)
    accepted = played.finish(played.answer())
    assert accepted.user_verified
    if fault.ceremony is CeremonyKind.REGISTRATION:
        assert accepted.attestation.format == MAKERS[attestation].format
        assert accepted.attestation.trust is expected_trust(attestation)
        if attestation != "compound":
            assert accepted.attestation.type is TYPES[attestation]


@pytest.mark.parametrize(("oddity", "attestation", "algorithm"), _cases(ODDITIES))
def test_each_oddity_is_accepted(oddity, attestation, algorithm):
    played = play(oddity, attestation=attestation, algorithm=algorithm)
    played.finish(played.answer(oddity))


def test_a_store_refuses_a_credential_that_is_registered():
    (fault,) = (each for each in FAULTS if each.step in _BY_THE_STORE)
    played = play(fault)
    passkeys = Passkeys(played.rp, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())
    earlier = passkeys.begin_registration(ADA)
    passkeys.finish_registration(earlier.id, played.browser.create(earlier.options.to_json()))
    begun = passkeys.begin_registration(BOB)
    body = played.browser.create_body(begun.options.to_json(), fault=fault)
    with pytest.raises(Refused) as caught:
        passkeys.finish_registration(begun.id, body)
    assert (caught.value.code, caught.value.step) == (fault.code, fault.step)
    assert passkeys.list(BOB.id) == []


def test_every_format_has_faults():
    struck = {MAKERS[attestation].format for fault in FAULTS for attestation in fault.formats or ()}
    assert struck == set(FORMATS)
