"""The tree of errors, its codes and words: what the documentation draws is what exists, and nothing leaks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from finishing import sign_in, sign_in_refused
from honest import Credential, authentication_body, base64url, record
from unlatch import errors, terms
from unlatch.codes import Code
from unlatch.errors import (
    CredentialRefused,
    Malformed,
    Misconfigured,
    Refused,
    Unavailable,
    UnlatchError,
)
from unlatch.terms import CeremonyKind, Flags


def classes(parent: type[UnlatchError] = UnlatchError) -> list[type[UnlatchError]]:
    """The tree below and with a class, in order of definition."""
    return [parent, *(found for child in parent.__subclasses__() for found in classes(child))]


def test_the_drawing_shows_the_tree() -> None:
    drawn = re.findall(r"^[│├└─ ]*(\w+)", (errors.__doc__ or "").split("```")[1], re.MULTILINE)
    public = [kind for kind in classes() if not kind.__name__.startswith("_")]
    assert drawn == [kind.__name__ for kind in public if kind.__module__ == "unlatch.errors"]
    assert issubclass(UnlatchError, Exception)


def test_malformed() -> None:
    error = Malformed(Code.BASE64URL, "rawId", "a space")
    assert str(error) == "The request is not well-formed."
    assert error.status_hint == 400
    assert error.evidence() == {"code": "malformed_base64url", "detail": "a space", "path": "rawId"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("text", "text"),
        (b"\x01\xff", "01ff"),
        ([b"\x01", "a", (1, b"\x02")], ["01", "a", [1, "02"]]),
        (frozenset((1,)), [1]),
        ({b"\x03"}, ["03"]),
        (1.5, "1.5"),
        ({"a": 1}, "{'a': 1}"),
    ],
)
def test_refused(value: Any, written: Any) -> None:
    error = Refused(Code.CHALLENGE_MISMATCH, "challenge", expected=value, received=value, detail="d")
    assert error.step == "challenge"
    evidence = error.during(CeremonyKind.REGISTRATION).evidence()
    assert evidence == {
        "code": "challenge_mismatch",
        "detail": "d",
        "step": "registration.challenge",
        "expected": written,
        "received": written,
    }
    assert json.dumps(evidence)


def test_a_step_is_named_once() -> None:
    error = Refused(Code.CHALLENGE_MISMATCH, "challenge").during(CeremonyKind.AUTHENTICATION)
    assert error.during(CeremonyKind.REGISTRATION) is error
    assert error.step == "authentication.challenge"


def test_unavailable_and_misconfigured() -> None:
    assert Unavailable(Code.STORE_UNAVAILABLE).status_hint == 503
    error = Misconfigured("Write this instead.")
    assert (str(error), error.detail, error.code) == ("Write this instead.", "Write this instead.", Code.MISCONFIGURED)
    assert error.status_hint == 500


@pytest.mark.parametrize("code", Code)
def test_codes(code: Code) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", code)
    assert code.status_hint in (400, 403, 409, 410, 413, 500, 503)
    assert re.fullmatch(r"[A-Z][^{}%]*\.", code.message)
    assert Code(str(code)) is code
    assert code.name == code.name.upper()


def test_every_code_is_raised_somewhere() -> None:
    """A code that nothing raises is a promise to readers of the log that nobody keeps."""
    package = Path(errors.__file__).parent
    sources = [path.read_text() for path in package.rglob("*.py") if path.name != "codes.py"]
    raised = {name for source in sources for name in re.findall(r"\bCode\.([A-Z0-9_]+)\b", source)}
    assert {code.name for code in Code} - raised == set()


def test_malformed_codes_say_so() -> None:
    for code in Code:
        if code.value.startswith("malformed_"):
            assert code.status_hint in (400, 413)


def test_nobody_can_tell_unknown_user_unknown_credential_and_bad_signature_apart() -> None:
    """Not by the sentence, and not by the status."""
    body = authentication_body()
    forged = body | {"response": body["response"] | {"signature": base64url(bytes(70))}}
    outcomes = {
        sign_in_refused(CredentialRefused, forged)[0],
        sign_in_refused(CredentialRefused, None, record(Credential(id=b"another")))[0],
        sign_in_refused(CredentialRefused, authentication_body(userHandle=base64url(b"nobody")))[0],
        sign_in_refused(CredentialRefused, authentication_body(userHandle=None))[0],
        Code.CREDENTIAL_UNKNOWN,
        Code.CREDENTIAL_NOT_ALLOWED,
    }
    assert len(outcomes) >= 5
    assert len({(code.message, code.status_hint) for code in outcomes}) == 1


def test_the_sentence_names_no_value() -> None:
    """A refusal about the counter must not print the stored counter, as one library's does."""
    with pytest.raises(Refused) as caught:
        sign_in(authentication_body(count=7), record(sign_count=123_456))
    assert "123456" in json.dumps(caught.value.evidence())
    assert "123456" not in str(caught.value)
    assert caught.value.args == (caught.value.code.message,)


# Words


def test_flags() -> None:
    assert [int(flag) for flag in Flags] == [0x01, 0x04, 0x08, 0x10, 0x40, 0x80]


def test_words_are_those_of_the_specification() -> None:
    assert list(terms.UserVerification) == ["required", "preferred", "discouraged"]
    assert list(terms.ResidentKey) == ["required", "preferred", "discouraged"]
    assert list(terms.Attachment) == ["platform", "cross-platform"]
    assert list(terms.Hint) == ["security-key", "client-device", "hybrid"]
    assert list(terms.Transport) == ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"]
    assert list(terms.Mediation) == ["silent", "optional", "conditional", "required"]
    assert list(terms.AttestationConveyance) == ["none", "indirect", "direct", "enterprise"]
    assert len(terms.ZERO_AAGUID) == 16
    assert not any(terms.ZERO_AAGUID)
