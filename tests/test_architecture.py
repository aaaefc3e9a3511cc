"""The import graph is the architecture: it is proved here, and so is the proof."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from honest import NOW, ORIGIN, RP_ID, authentication_body, authentication_state
from honest import record as base_record
from import_rules import MAX_LINES, violations

SOURCE = Path(__file__).parents[1] / "src"

HEAVY = (
    "asyncio",
    "cryptography.x509",
    "sqlite3",
    "sqlalchemy",
    "aiosqlite",
    "alembic",
    "psycopg",
    "redis",
    "fastapi",
    "starlette",
    "uvicorn",
    "flask",
    "django",
    "pydantic",
    "jinja2",
    "click",
)


def test_the_package_keeps_its_own_table():
    found = violations(SOURCE)
    assert not found, "\n".join(found)


#: What is written where -> a word of the sentence that refuses it.
FAULTS = {
    "upwards": ("wire/cbor.py", "import unlatch.steps.table", "upwards"),
    "upwards_from": ("terms.py", "from unlatch.wire import cbor", "upwards"),
    "upwards_module_by_name": ("wire/cbor.py", "from unlatch import steps", "upwards"),
    "public_names_below_the_doors": ("flows.py", "from unlatch import RelyingParty", "upwards"),
    "for_type_checking": ("terms.py", "if TYPE_CHECKING:\n    from unlatch.record import CredentialRecord", "upwards"),
    "in_a_function": ("wire/cose.py", "def f():\n    from unlatch.crypto import signatures", "upwards"),
    "relative": ("wire/cose.py", "from . import cbor", "relative"),
    "third_party_in_wire": ("wire/cose.py", "from cryptography.hazmat import primitives", "third parties: none"),
    "third_party_in_steps": ("steps/origin.py", "import cryptography", "third parties: none"),
    "third_party_in_words": ("errors.py", "import pydantic", "third parties: none"),
    "wrong_third_party_in_crypto": ("crypto/signatures.py", "import OpenSSL", "third parties: cryptography"),
    "wrong_driver": ("stores/redis.py", "import sqlalchemy", "third parties: redis"),
    "driver_in_the_protocol": ("stores/protocols.py", "import sqlalchemy", "third parties: none"),
    "wrong_framework": ("adapters/flask.py", "import django.http", "third parties: flask"),
    "step_imports_step": ("steps/origin.py", "from unlatch.steps.challenge import verify", "another step"),
    "step_imports_step_by_name": ("steps/origin.py", "from unlatch.steps import challenge", "another step"),
    "store_knows_a_ceremony": ("stores/memory.py", "from unlatch.ceremonies.registration import x", "a store knows"),
    "store_knows_a_step": ("stores/memory.py", "import unlatch.steps.table", "a store knows"),
    "store_knows_flows": ("stores/memory.py", "import unlatch.flows", "a store knows"),
    "testing_knows_a_judge": ("testing/browser.py", "from unlatch.crypto import signatures", "judgement"),
    "testing_knows_public_names": ("testing/browser.py", "from unlatch import RelyingParty", "judgement"),
    "testing_is_imported": ("server/app.py", "from unlatch.testing import browser", "its own tester"),
    "part_without_floor": ("magic/wand.py", "", "no floor"),
    "import_of_part_without_floor": ("server/app.py", "import unlatch.nowhere", "without a floor"),
    "name_for_nothing": ("wire/utils.py", "", "says nothing"),
    "folder_for_nothing": ("server/common/x.py", "", "says nothing"),
    "assert": ("record.py", "def f(x):\n    assert x", "line 2: assert"),
    "too_long": ("record.py", "\n" * (MAX_LINES + 1), "401 lines"),
    "circle": ("wire/cbor.py", "import unlatch.wire.cose", "circle: unlatch.wire.cbor -> unlatch.wire.cose ->"),
}

ALLOWED = {
    "same_floor": ("attestation/packed.py", "from unlatch.crypto import signatures"),
    "cryptography": ("crypto/signatures.py", "from cryptography.hazmat import primitives"),
    "step_table": ("steps/origin.py", "from unlatch.steps.table import row"),
    "store_values": ("stores/memory.py", "from unlatch.ceremonies.state import CeremonyState\nimport unlatch.record"),
    "store_driver": ("stores/sqlalchemy_tables.py", "import sqlalchemy.orm"),
    "public_names_in_a_product": ("server/app.py", "from unlatch import RelyingParty\nimport fastapi"),
    "testing_assert": ("testing/browser.py", "from unlatch.wire import cbor\ndef f(x):\n    assert x"),
    "circle_of_types": ("wire/cbor.py", "if TYPE_CHECKING:\n    import unlatch.wire.cose"),
    "circle_later": ("wire/cbor.py", "def f():\n    import unlatch.wire.cose"),
}


def a_package(folder, path, text):
    """A small sound package, with one file of it written anew."""
    files = {
        "__init__.py": "from unlatch.errors import Refused",
        "errors.py": "import enum",
        "wire/__init__.py": "",
        "wire/cbor.py": "from unlatch.errors import Refused",
        "wire/cose.py": "from unlatch.wire import cbor",
        "steps/challenge.py": "from unlatch.wire import cbor",
        "steps/table.py": "",
    }
    for name, content in {**files, path: text}.items():
        file = folder / "unlatch" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return folder


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault, tmp_path):
    path, text, sentence = FAULTS[fault]
    found = violations(a_package(tmp_path, path, text))
    assert len(found) == 1
    assert sentence in found[0]


@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_allowed_passes(case, tmp_path):
    path, text = ALLOWED[case]
    assert violations(a_package(tmp_path, path, text)) == []


def loaded_by(program):
    """The modules that a program of its own has loaded when it ends."""
    program = f"{program}; import json; print(json.dumps(sorted(sys.modules)))"
    # -I: neither the environment nor the folder of the test has a say; the path is given by hand.
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(SOURCE)!r}); {program}"]
    # Measuring coverage loads modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    result = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return set(json.loads(result.stdout))


def test_importing_the_package_loads_nothing():
    loaded = loaded_by("import unlatch")
    assert {name for name in loaded if name.startswith(("unlatch", "cryptography"))} == {"unlatch"}


def test_every_public_name_is_there_and_loads_nothing_heavy():
    loaded = loaded_by("import unlatch; assert set(unlatch.__all__) <= set(dir(unlatch)); from unlatch import *")
    assert sorted(loaded.intersection(HEAVY)) == []


def test_the_app_for_django_imports_passkeys_without_sqlalchemy():
    loaded = loaded_by("import unlatch.compat.importing.copying, unlatch.compat.importing.layouts")
    assert "sqlalchemy" not in loaded


def test_a_name_that_is_not_public():
    import unlatch

    for name in unlatch.__all__:
        assert getattr(unlatch, name).__name__ == name
    with pytest.raises(AttributeError, match="'unlatch' has no attribute 'nothing'"):
        unlatch.nothing  # noqa: B018 - asking for it is the test


#: What the first sign-in of a process does without: what reads certificates, and what takes long to load.
NOT_FOR_A_SIGN_IN = frozenset(
    (
        *("unlatch.crypto.certificates", "unlatch.attestation.packed", "unlatch.ceremonies.registration"),
        *("unlatch.ceremonies.step_up", "unlatch.flows", "dataclasses", "inspect", "secrets", "urllib", "uuid"),
    )
)


def test_who_signs_people_in_loads_no_certificates():
    response, record = authentication_body(), base_record()
    state = authentication_state().to_json()
    loaded = loaded_by(
        f"import unlatch, datetime; unlatch.RelyingParty(id={RP_ID!r}, origins=[{ORIGIN!r}]).finish_authentication("
        f"unlatch.CeremonyState.from_json({state!r}), {response!r}, unlatch.CredentialRecord.from_json("
        f"{record.to_json()!r}), now=datetime.datetime.fromisoformat({NOW.isoformat()!r}))"
    )
    assert "unlatch.crypto.signatures" in loaded
    assert sorted(loaded.intersection({*HEAVY, *NOT_FOR_A_SIGN_IN})) == []
