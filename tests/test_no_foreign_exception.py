"""Whatever comes in, a result or one of our errors comes out: at every public entry point, at every level of a body.

Honest bodies are broken as JSON, as base64url, as CBOR, byte by byte and type by type. The examples are drawn from a
fixed seed, so a run is repeatable; `make fuzz` looks further.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honest import (
    AT,
    BE,
    BS,
    ED,
    NOW,
    UP,
    USER,
    UV,
    Credential,
    authentication_body,
    authentication_state,
    base64url,
    canonical_map,
    record,
    registration_body,
    registration_state,
    relying_party,
)
from signing_keys import signing_key
from unlatch import (
    AuthenticationResponse,
    CeremonyState,
    CreationOptions,
    CredentialRecord,
    RegistrationResponse,
    RelyingParty,
    RequestOptions,
    UnlatchError,
)
from unlatch.wire import cbor
from unlatch.wire.algorithms import ALGORITHMS

EXAMPLES = settings(derandomize=True, max_examples=100)
FEWER = settings(derandomize=True, max_examples=50)

RP: RelyingParty = relying_party(
    algorithms=[row.id for row in ALGORITHMS.values() if row.for_credentials],
    allow_cross_origin=True,
    allow_subdomains=True,
    top_origins=["*"],
)
EXTENSIONS = canonical_map({"credProtect": 2, "hmac-secret": True})
RESULTS = {"credProps": {"rk": True}, "prf": {"enabled": True}, "largeBlob": {"supported": True}, "appid": False}
REGISTRATION = registration_body(flags=UP | UV | BE | BS | AT | ED, extensions=EXTENSIONS) | {
    "clientExtensionResults": RESULTS
}
AUTHENTICATION = authentication_body(flags=UP | UV | BE | BS | ED, extensions=canonical_map({"credProtect": 2})) | {
    "clientExtensionResults": {"appid": False, "prf": {"results": {"first": base64url(bytes(32))}}}
}
REGISTRATION_STATE = registration_state(RP, extensions={"credProps": True, "prf": {}})
AUTHENTICATION_STATE = authentication_state(RP, user=USER, records=[record()])


def finish_registration(body: Any) -> object:
    return RP.finish_registration(REGISTRATION_STATE, body, now=NOW)


def finish_authentication(body: Any) -> object:
    return RP.finish_authentication(AUTHENTICATION_STATE, body, record(), now=NOW)


#: Every public entry that reads what others wrote, with something honest for it.
ENTRIES: dict[str, tuple[Callable[[Any], object], dict[str, Any]]] = {
    "RegistrationResponse.from_json": (RegistrationResponse.from_json, REGISTRATION),
    "AuthenticationResponse.from_json": (AuthenticationResponse.from_json, AUTHENTICATION),
    "finish_registration": (finish_registration, REGISTRATION),
    "finish_authentication": (finish_authentication, AUTHENTICATION),
    "CredentialRecord.from_json": (CredentialRecord.from_json, json.loads(record(created_at=NOW).to_json())),
    "CeremonyState.from_json": (CeremonyState.from_json, json.loads(AUTHENTICATION_STATE.to_json())),
    "CreationOptions.from_json": (
        CreationOptions.from_json,
        RP.begin_registration(USER, exclude=[record()]).options.to_json(),
    ),
    "RequestOptions.from_json": (
        RequestOptions.from_json,
        RP.begin_authentication(user=USER, records=[record()]).options.to_json(),
    ),
}
each_entry = pytest.mark.parametrize("entry", ENTRIES)

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "AA", "AA==", "public-key", "9" * 400, "{}", "[]", "null"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
#: What only a caller who passes a parsed object can bring in.
FOREIGN: st.SearchStrategy[Any] = st.one_of(
    st.builds(bytes, st.just(b"bytes")),
    st.builds(bytearray, st.just(b"x")),
    st.builds(set, st.just((1, 2))),
    st.builds(object),
    st.builds(dict, st.sampled_from([((1, 2),), ((b"a", 1),), ((("a",), 1),)])),
    st.sampled_from([(1, 2), 1j, range(3)]),
)


def survives(call: Callable[[Any], object], value: Any) -> None:
    try:
        call(value)
    except UnlatchError as error:
        # What the log is told must work as well.
        json.dumps(error.evidence())


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a JSON value."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [(value, key), *places(inner)]
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += [(value, index), *places(inner)]
    return found


@each_entry
def test_honest_input_is_honest(entry: str) -> None:
    call, honest = ENTRIES[entry]
    assert call(json.dumps(honest))
    assert call(json.dumps(honest).encode())
    if entry != "CeremonyState.from_json":
        assert call(honest)


@each_entry
@given(st.data())
@EXAMPLES
def test_members_swapped_for_anything(entry: str, data: st.DataObject) -> None:
    call, honest = ENTRIES[entry]
    value = deepcopy(honest)
    for _ in range(data.draw(st.integers(1, 2))):
        container, key = data.draw(st.sampled_from(places(value)))
        if data.draw(st.booleans()):
            container[key] = data.draw(JUNK | FOREIGN)
        elif isinstance(container, dict):
            container.pop(key, None)
        elif data.draw(st.booleans()):
            container.append(data.draw(JUNK))
        if not places(value):
            break
    survives(call, value)
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        return
    survives(call, text)


@each_entry
@given(st.data())
@FEWER
def test_text_broken_anywhere(entry: str, data: st.DataObject) -> None:
    call, honest = ENTRIES[entry]
    text = bytearray(json.dumps(honest).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(text) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                text[position] = data.draw(st.integers(0, 255))
            case 1:
                del text[position : position + data.draw(st.integers(1, 20))]
            case 2:
                text[position:position] = data.draw(st.binary(max_size=6))
            case _:
                text[position:position] = text[: data.draw(st.integers(0, 40))]
        if not text:
            break
    survives(call, bytes(text))
    survives(call, text.decode("utf-8", "replace"))


@each_entry
@given(st.binary(max_size=60) | st.text(max_size=60) | JUNK | FOREIGN)
@FEWER
def test_anything_at_all(entry: str, value: Any) -> None:
    survives(ENTRIES[entry][0], value)


@each_entry
@pytest.mark.parametrize(
    "value", [None, 1, 1.5, True, [], (), set(), object(), bytearray(b"{}"), memoryview(b"{}"), int]
)
def test_what_is_no_text(entry: str, value: Any) -> None:
    with pytest.raises(UnlatchError):
        ENTRIES[entry][0](value)


# Inside the binary members

BINARY = [
    ("finish_registration", "clientDataJSON"),
    ("finish_registration", "attestationObject"),
    ("finish_authentication", "clientDataJSON"),
    ("finish_authentication", "authenticatorData"),
    ("finish_authentication", "signature"),
    ("finish_authentication", "userHandle"),
]


def with_member(entry: str, member: str, value: bytes) -> dict[str, Any]:
    """The honest body with one binary member replaced, without the copies that would contradict it."""
    honest = ENTRIES[entry][1]
    kept = {
        name: inner
        for name, inner in honest["response"].items()
        if entry == "finish_authentication" or name in ("clientDataJSON", "attestationObject", "transports")
    }
    return honest | {"response": kept | {member: base64url(value)}}


@pytest.mark.parametrize(("entry", "member"), BINARY)
@given(st.data())
@EXAMPLES
def test_binary_members_broken_anywhere(entry: str, member: str, data: st.DataObject) -> None:
    call, honest = ENTRIES[entry]
    text = honest["response"][member]
    value = bytearray(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, max(0, len(value) - 1)))
        match data.draw(st.integers(0, 3)):
            case 0 if value:
                value[position] = data.draw(st.integers(0, 255))
            case 1:
                del value[position : position + data.draw(st.integers(1, 40))]
            case 2:
                value[position:position] = data.draw(st.binary(max_size=8))
            case _:
                value[position:position] = data.draw(
                    st.sampled_from(
                        [b"\xa1", b"\x81" * 20, b"\x9b" + b"\xff" * 8, b"\xbf", b"\xfb" + bytes(8), b"\xc1"]
                    )
                )
    survives(call, with_member(entry, member, bytes(value)))


@pytest.mark.parametrize(("entry", "member"), BINARY)
@given(st.binary(max_size=120))
@FEWER
def test_binary_members_replaced(entry: str, member: str, value: bytes) -> None:
    survives(ENTRIES[entry][0], with_member(entry, member, value))


CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats()
    | st.binary(max_size=40)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.integers(-8, 8) | st.text(max_size=5) | st.binary(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
LABELS = st.sampled_from([1, 2, 3, -1, -2, -3, -4])
SIZES = [bytes(32), bytes(57), bytes(256), b"\1" * 256, bytes(1312)]
VALUES = CBOR | st.sampled_from([1, 2, 3, 7, -7, -8, -257, -37, -48, -53, -65535, True, False, *SIZES])


@given(st.dictionaries(LABELS, VALUES, max_size=6), st.sampled_from([-7, -8, -257, -53, -48]), st.booleans())
@EXAMPLES
def test_any_map_as_a_key(changes: dict[int, Any], algorithm: int, keep: bool) -> None:
    """At registration, and as a stored key when somebody signs in."""
    base = signing_key(algorithm).cose if keep else {}
    encoded = cbor.encode(base | changes)
    credential = Credential()
    head = credential.aaguid + len(credential.id).to_bytes(2, "big") + credential.id
    data = RP.id_hash + bytes((UP | AT,)) + bytes(4) + head + encoded
    survives(
        finish_registration,
        with_member(
            "finish_registration", "attestationObject", canonical_map({"fmt": "none", "attStmt": {}, "authData": data})
        ),
    )
    stored = record(public_key=encoded)
    survives(lambda body: RP.finish_authentication(AUTHENTICATION_STATE, body, stored, now=NOW), AUTHENTICATION)


@given(
    st.sampled_from(
        ["none", "packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound", "x"]
    ),
    CBOR,
)
@EXAMPLES
def test_any_value_as_a_statement(name: str, statement: Any) -> None:
    text = REGISTRATION["response"]["authenticatorData"]
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    try:
        encoded = cbor.encode({"fmt": name, "attStmt": statement, "authData": data})
    except UnicodeEncodeError:
        return
    survives(finish_registration, with_member("finish_registration", "attestationObject", encoded))


@given(st.data())
@EXAMPLES
def test_a_state_that_was_tampered_with_is_finished_or_refused(data: st.DataObject) -> None:
    """Whoever can change a state has won already; but even then nothing foreign comes out."""
    value = json.loads((REGISTRATION_STATE if data.draw(st.booleans()) else AUTHENTICATION_STATE).to_json())
    container, key = data.draw(st.sampled_from(places(value)))
    container[key] = data.draw(JUNK | st.sampled_from(["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00"]))
    try:
        state = CeremonyState.from_json(json.dumps(value))
    except UnlatchError:
        return
    survives(lambda body: RP.finish_registration(state, body, now=NOW), REGISTRATION)
    survives(lambda body: RP.finish_authentication(state, body, record(), now=NOW), AUTHENTICATION)
