"""Base64url: one value has exactly one text."""

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import base64url

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def refused(text: object) -> Code:
    with pytest.raises(Malformed) as caught:
        base64url.decode(text, "some.path")
    assert caught.value.path == "some.path"
    return caught.value.code


@given(st.binary(max_size=200))
def test_agrees_with_the_standard_library(data: bytes) -> None:
    text = base64url.encode(data)
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert base64url.decode(text, "") == data


@given(st.text(ALPHABET, max_size=24))
def test_what_is_decoded_has_one_spelling(text: str) -> None:
    padded = text + "=" * (-len(text) % 4)
    if len(text) % 4 == 1 or base64url.encode(base64.urlsafe_b64decode(padded)) != text:
        # Only an impossible length or spare bits can be wrong with these letters.
        assert refused(text) is Code.BASE64URL
    else:
        assert base64url.encode(base64url.decode(text, "")) == text


@pytest.mark.parametrize("length", [1, 5, 9])
def test_a_length_of_one_too_many_is_impossible(length: int) -> None:
    assert refused("A" * length) is Code.BASE64URL


@pytest.mark.parametrize("last", sorted(set(ALPHABET) - set("AQgw")))
def test_spare_bits_after_two_characters(last: str) -> None:
    assert refused("A" + last) is Code.BASE64URL
    assert refused("AAAAA" + last) is Code.BASE64URL


@pytest.mark.parametrize("last", sorted(set(ALPHABET) - set("AEIMQUYcgkosw048")))
def test_spare_bits_after_three_characters(last: str) -> None:
    assert refused("AA" + last) is Code.BASE64URL


@pytest.mark.parametrize(
    "text",
    ["AA==", "AAA=", "AAAA====", "AA=A", "=AAA", "AAA+", "AAA/", "AA A", "AAA\n", "\nAAAA", "AAA!", "AAAé", "AAA\x00"],
)
def test_characters_outside_the_alphabet(text: str) -> None:
    assert refused(text) is Code.BASE64URL


@given(st.characters().filter(lambda character: character not in ALPHABET), st.integers(0, 4))
def test_no_foreign_character_is_skipped(character: str, position: int) -> None:
    assert refused(("A" * position + character + "A" * (4 - position))[: 4 if position < 4 else 5]) is Code.BASE64URL


@pytest.mark.parametrize("value", [None, 1, b"AAAA", ["AAAA"], {"a": 1}, True, 1.5])
def test_only_text_is_base64url(value: object) -> None:
    assert refused(value) is Code.JSON_TYPE


def test_half_a_character_is_not_text() -> None:
    assert refused("AAA\ud800") is Code.BASE64URL


def test_nothing_is_nothing() -> None:
    assert base64url.decode("", "") == b""
    assert base64url.encode(b"") == ""


@pytest.mark.parametrize("last", ALPHABET)
def test_nothing_but_padding_is_taken_off(last: str) -> None:
    assert base64url.encode(base64.urlsafe_b64decode("AAA" + last)) == "AAA" + last
