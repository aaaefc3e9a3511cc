"""The areas of warp's 299 good and bad cases, and where ours are (WA-14): at least as many, written afresh.

A test function counts with all its parameters, a group of faults with all its members: `tests/test_faults.py` plays
each of them.
"""

import importlib.util
import sys
from math import prod
from pathlib import Path

import pytest

from unlatch.testing import FAULTS, ODDITIES

TESTS = Path(__file__).parents[1]
#: Area -> how many cases warp had, test functions of ours, groups of our faults.
AREAS = {
    "attestation": (54, ["attestation/test_packed.py", "attestation/test_fido_u2f.py"], ["attestation-statement"]),
    "authentication": (
        27,
        ["ceremonies/test_authentication.py", "compat/test_warp.py::test_wa_5_counters"],
        ["allow-credentials", "user", "signature", "sign-count", "response-parts"],
    ),
    "authenticator data": (29, ["wire/test_authenticator_data.py"], ["rp-id-hash", "user-presence"]),
    "registration": (36, ["ceremonies/test_registration.py"], ["algorithm", "format", "credential-id-length"]),
    "cose": (65, ["wire/test_cose.py", "compat/test_warp.py::test_wa_8_keys_of_every_algorithm"], []),
    "common": (27, ["compat/test_warp.py::test_wa_11_challenges_are_long"], ["type", "challenge", "origin"]),
    "extensions": (
        37,
        ["compat/test_warp.py::test_wa_7_good_outputs", "compat/test_warp.py::test_wa_7_wrong_outputs"],
        ["extensions"],
    ),
    "options": (
        24,
        [
            "compat/test_warp.py::test_wa_6_options",
            "compat/test_warp.py::test_wa_6_options_of_the_other_ceremony",
            "compat/test_warp.py::test_wa_6_options_with_impossible_values",
        ],
        [],
    ),
}


def module_of(path):
    """A test module, loaded once more, to be looked at."""
    name = "seen_" + path.removesuffix(".py").replace("/", "_")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, TESTS / path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def count(reference):
    """How many cases a test function has, or all functions of a file."""
    path, _, wanted = reference.partition("::")
    functions = {name: each for name, each in vars(module_of(path)).items() if name.startswith("test_")}
    chosen = [functions[wanted]] if wanted else list(functions.values())
    return sum(
        prod(len(list(mark.args[1])) for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize")
        for function in chosen
    )


@pytest.mark.parametrize("area", AREAS)
def test_wa_14_each_area_has_its_cases(area):
    least, references, groups = AREAS[area]
    faults = sum(each.name.split(".")[1] in groups for each in (*FAULTS, *ODDITIES))
    assert bool(faults) == bool(groups)
    assert faults + sum(count(reference) for reference in references) >= least


def test_wa_14_none_is_forgotten():
    assert sum(least for least, _, _ in AREAS.values()) == 299
