"""Honest responses of our authenticator, judged by three other relying parties and by us.

Where another one refuses what we accept, `disagreements.py` says so and why; a refusal that is not listed there, and
one that is listed and does not come, fails.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import judges
import pytest
from disagreements import DISAGREEMENTS, about
from recordings import Case, cases, recorded

from parts import path_of
from unlatch.wire import base64url

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "interop.md"
IN_PROCESS = {"py_webauthn": judges.py_webauthn, "python-fido2": judges.python_fido2}
NODE = pytest.param("SimpleWebAuthn", marks=pytest.mark.needs("simplewebauthn"))
CASES = cases()

# One worker: each would make all keys again, and start a node process of its own.
pytestmark = pytest.mark.xdist_group("second-opinions")


@pytest.fixture(scope="module")
def simplewebauthn():
    with judges.SimpleWebAuthn(path_of("simplewebauthn")) as judge:
        yield judge


@pytest.fixture
def judge(request):
    name = request.param
    return name, IN_PROCESS.get(name) or request.getfixturevalue("simplewebauthn")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_we_accept(case):
    judges.ours(recorded(case))


@pytest.mark.parametrize("judge", [*IN_PROCESS, NODE], indirect=True)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_others_accept_or_the_reason_is_known(case, judge):
    name, verify = judge
    rows, refusal = about(name, case), None
    try:
        verify(recorded(case))
    except Exception as error:  # noqa: BLE001  # each library has errors of its own
        refusal = f"{type(error).__name__}: {error}"
    if refusal is None:
        assert [row for row in rows if row.always] == []
    else:
        assert [row for row in rows if re.search(row.message, refusal)], refusal


@pytest.mark.parametrize("judge", [*IN_PROCESS, NODE], indirect=True)
@pytest.mark.parametrize("ceremony", ["registration", "authentication"])
def test_every_judge_refuses_a_signature_that_is_wrong(judge, ceremony):
    """So that accepting means something."""
    _, verify = judge
    recording = recorded(Case("packed", -7))
    spoiled = deepcopy(getattr(recording, ceremony))
    member = "attestationObject" if ceremony == "registration" else "signature"
    # Of a registration the last bytes are authenticator data (the key), which is signed too.
    signed = bytearray(base64url.decode(spoiled["response"][member], ""))
    signed[-1] ^= 1
    spoiled["response"][member] = base64url.encode(bytes(signed))
    with pytest.raises(Exception) as caught:  # noqa: PT011  # each library has errors of its own
        verify(replace(recording, **{ceremony: spoiled}))
    assert type(caught.value).__name__ != "TypeError"


@pytest.mark.parametrize("row", DISAGREEMENTS, ids=lambda row: f"{row.judge}-{row.message[:20]}")
def test_every_disagreement_is_met_and_documented(row):
    assert any(row.concerns(case) for case in CASES)
    assert row.reason in " ".join(DOCUMENT.read_text().split())
