"""What browsers say, as words for people."""

import json

import pytest

from unlatch.client_errors import Capability, advice, all_advice, extension_capability, has_capability
from unlatch.terms import CeremonyKind

CREATE, GET = CeremonyKind.REGISTRATION, CeremonyKind.AUTHENTICATION
#: Sections 5.1.3 and 5.1.4, and the two that are proposed.
NAMES = {
    CREATE: (
        *("AbortError", "ConstraintError", "InvalidStateError", "NotSupportedError", "SecurityError"),
        *("NotAllowedError", "TypeError", "UnknownError", "OptOutError", "TimeoutError"),
    ),
    GET: ("AbortError", "SecurityError", "NotAllowedError", "TypeError", "UnknownError", "OptOutError", "TimeoutError"),
}


@pytest.mark.parametrize("ceremony", [CREATE, GET])
def test_every_name_has_a_sentence_and_a_next_step(ceremony):
    table = all_advice(ceremony)
    assert set(NAMES[ceremony]) < set(table)
    for name, item in table.items():
        assert item == advice(ceremony, name).to_json()
        assert item["sentence"].endswith(".")
        assert item["nextStep"].endswith(".")
        assert item["code"].replace("_", "").isalpha()
    json.dumps(table)


def test_what_a_name_means_depends_on_the_ceremony():
    assert advice(CREATE, "NotAllowedError").code == "not_registered"
    assert advice(GET, "NotAllowedError").code == "not_signed_in"
    assert advice(CREATE, "InvalidStateError").code == "already_registered"


def test_what_is_better_not_said_and_what_the_site_has_to_look_at():
    assert advice(GET, "AbortError").silent
    assert not advice(GET, "NotAllowedError").silent
    assert advice(CREATE, "SecurityError").fault
    assert not advice(CREATE, "InvalidStateError").fault


@pytest.mark.parametrize("name", ["", "Error", "notallowederror", "x" * 1000])
def test_unknown_names_get_general_advice(name):
    assert advice(GET, name).code == "unknown"


def test_capabilities():
    told = {"conditionalGet": True, "relatedOrigins": False, "extension:prf": True, "hybridTransport": "yes"}
    assert has_capability(told, Capability.CONDITIONAL_GET) is True
    assert has_capability(told, Capability.RELATED_ORIGINS) is False
    assert has_capability(told, extension_capability("prf")) is True
    assert has_capability(told, Capability.HYBRID_TRANSPORT) is None
    assert has_capability(told, Capability.CONDITIONAL_CREATE) is None
    for nothing in (None, [], "conditionalGet", 5):
        assert has_capability(nothing, Capability.CONDITIONAL_GET) is None
    assert len(Capability) == 9
