"""The sql backend's parsers and the library's: of the same bytes the same values, or refusals with the same codes."""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, Any

import pytest

from postgres.sql_functions import FILES, Answer, Functions, corpus, encoded_key, mutations
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.testing.keys import credential_algorithms
from unlatch.wire import base64url, cbor, client_data
from unlatch.wire.authenticator_data import AuthenticatorData, decode_authenticator_data
from unlatch.wire.cose import OkpKey, decode_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def by_library(read: Callable[[bytes], Any], inputs: Sequence[bytes]) -> list[Answer]:
    """The library's answers in the form of those from SQL."""
    answers = []
    for each in inputs:
        try:
            answers.append({"value": read(each)})
        except Malformed as error:
            answers.append({"code": error.code})
    return answers


def coded(answer: Answer, *, not_utf8: Code) -> Answer:
    """An answer from SQL with the library's code in place of what PostgreSQL's own readers raised."""
    if "value" in answer:
        return {"value": answer["value"]}
    own = {"22021": not_utf8, "22P02": Code.JSON, "WA003": answer["detail"]}
    return {"code": own.get(answer["state"], answer)}


def differences(inputs: Sequence[bytes], answers: Sequence[Answer], wanted: Sequence[Answer]) -> list[Any]:
    compared = zip(inputs, answers, wanted, strict=True)
    return [(data.hex(" "), answer, want) for data, answer, want in compared if answer != want]


def as_json(value: cbor.Value) -> Any:
    """What `decode_cbor` makes of a value, floating-point numbers apart."""
    match value:
        case bytes():
            return {"bytes": base64url.encode(value)}
        case list():
            return [as_json(item) for item in value]
        case dict() if all(type(key) is str for key in value):
            return {key: as_json(item) for key, item in value.items()}
        case dict():
            return {"map": [[as_json(key), as_json(item)] for key, item in value.items()]}
        case float():
            return {"float": str(value)}
    return value


def readable_floats(value: Any) -> Any:
    """As `as_json` has them."""
    match value:
        case {"float": str(text), **rest} if not rest:
            layout = {4: ">e", 8: ">f", 16: ">d"}[len(text)]
            return {"float": str(struct.unpack(layout, bytes.fromhex(text))[0])}
        case dict():
            return {key: readable_floats(item) for key, item in value.items()}
        case list():
            return [readable_floats(item) for item in value]
    return value


def test_cbor(sql: Functions) -> None:
    seeds = [*corpus("cbor"), *corpus("attestation_object"), *corpus("cose")]
    seeds += [
        bytes.fromhex(text)
        for text in ("818181818100", "81818181818100", "a100a10081a10081a0", "a100a10081a10081a100a0")
    ]
    inputs = [data for data in mutations(seeds, number=2000) if len(data) < 2000]
    wanted = by_library(lambda data: as_json(cbor.decode(data, "input")), inputs)
    answers = [coded(answer, not_utf8=Code.CBOR_TEXT) for answer in sql.ask_each("webauthn.decode_cbor($1)", inputs)]
    for answer, want in zip(answers, wanted, strict=True):
        if "value" in answer:
            answer["value"] = readable_floats(answer["value"])
        if "\\u0000" in json.dumps(want):
            answer.clear()  # PostgreSQL keeps no U+0000, so that only `test_cbor_with_zeros` says what is read.
            answer.update(want)
    assert differences(inputs, answers, wanted) == []
    assert {want["code"] for want in wanted if "code" in want} == {code for code in Code if "_cbor_" in code}
    assert 200 < sum("value" in want for want in wanted) < 1800


def test_cbor_of_unsorted_maps(sql: Functions) -> None:
    inputs = [data for data in mutations(corpus("attestation_object"), number=1500) if len(data) < 2000]
    inputs += [bytes.fromhex(text) for text in ("a202000100", "a3020001000200", "a1a202000100f5", "a20100a1020001")]
    wanted = by_library(lambda data: cbor.decode(data, "input", sorted_keys=False), inputs)
    answers = sql.ask_each("webauthn.expect_cbor($1, false)", inputs)
    # A key that stands twice is found at the end of its map, after whatever else is wrong in it.
    assert ["value" in answer for answer in answers] == ["value" in want for want in wanted]


@pytest.mark.parametrize(
    ("encoded", "accepted"),
    [("6100", True), ("63610062", True), ("63c30041", False), ("62c300", False), ("61ff", False), ("6400000000", True)],
)
def test_cbor_with_zeros(sql: Functions, encoded: str, accepted: bool) -> None:
    data = bytes.fromhex(encoded)
    assert ("value" in by_library(lambda each: cbor.decode(each, "input"), [data])[0]) is accepted
    [answer] = sql.ask_each("webauthn.expect_cbor($1)", [data])
    assert ("value" in answer) is accepted


def test_cbor_takes_time_in_proportion_to_its_length(sql: Functions) -> None:
    """No size is taken from what the bytes claim, and a map of many keys is not compared pair by pair."""
    many_keys = b"\xb9\x20\x00" + b"".join(cbor.encode(key) + b"\0" for key in range(0x2000))
    bombs = [b"\x9b" + b"\x7f" * 8, b"\xbb" + b"\xff" * 8, b"\x9a\xff\xff\xff\xff" + bytes(60_000), many_keys]
    sql.connection.execute("SET statement_timeout = '20s'")
    refused, _, cut_off, read = sql.ask_each("webauthn.expect_cbor($1)", bombs)
    unsorted = sql.ask_each("webauthn.expect_cbor($1, false)", [many_keys])
    names = b"\xb9\x20\x00" + b"".join(cbor.encode(f"{name:04x}") + b"\0" for name in range(0x2000))
    [extensions] = sql.ask_each("length((webauthn.parse_authenticator_data($1)).extensions)", [_with_extensions(names)])
    sql.connection.execute("RESET statement_timeout")
    assert refused["detail"] == cut_off["detail"] == Code.CBOR_TRUNCATED
    assert [read, *unsorted] == [{"value": ""}, {"value": ""}]
    assert extensions == {"value": len(names)}


def _with_extensions(extensions: bytes) -> bytes:
    return bytes(32) + b"\x81" + bytes(4) + extensions


@pytest.mark.parametrize("length", [23, 24, 255, 256, 65535, 65536])
def test_cbor_strings_of_each_length_form(sql: Functions, length: int) -> None:
    value: cbor.Value = [b"x" * length, "x" * length]
    assert sql.ask_each("webauthn.decode_cbor($1)", [cbor.encode(value)]) == [{"value": as_json(value)}]


@pytest.mark.parametrize("reader", ["parse_authenticator_data", "parse_attestation_object", "parse_client_data"])
def test_more_than_a_response_can_be_is_refused_unread(sql: Functions, reader: str) -> None:
    [answer] = sql.ask_each(f"webauthn.{reader}($1)", [b"\xff" * 65537])
    assert answer["detail"] == Code.TOO_LARGE


def test_what_is_raised_names_a_code_of_the_library() -> None:
    told = [re.findall(r"DETAIL = '(\w+)'", file.read_text("utf-8")) for file in FILES.glob("*.sql")]
    assert len(told) > 10
    assert {name for names in told for name in names} <= set(Code)


def parts(data: AuthenticatorData) -> dict[str, Any]:
    """As `parse_authenticator_data` names them."""
    attested = data.attested
    end = len(data.raw)
    return {
        "rp_id_hash": data.rp_id_hash,
        "user_present": data.user_present,
        "user_verified": data.user_verified,
        "backup_eligible": data.backup_eligible,
        "backup_state": data.backup_state,
        "attested_credential_data_included": attested is not None,
        "extension_data_included": data.flags & 0x80 != 0,
        "sign_count": data.sign_count,
        "aaguid": attested and bytes(attested.aaguid),
        "credential_id": attested and bytes(attested.credential_id),
        "credential_public_key": attested and attested.public_key_bytes,
        "extensions": data.raw[end - _extensions_size(data) : end] if data.flags & 0x80 else None,
    }


def _extensions_size(data: AuthenticatorData) -> int:
    attested = data.attested
    return len(data.raw) - 37 - (18 + len(attested.credential_id) + len(attested.public_key_bytes) if attested else 0)


def hexed(values: dict[str, Any]) -> dict[str, Any]:
    return {name: f"\\x{value.hex()}" if isinstance(value, bytes) else value for name, value in values.items()}


def test_authenticator_data(sql: Functions) -> None:
    """The library judges the key while it reads; here that is a second question."""
    seeds = corpus("authenticator_data")
    seeds += [seeds[0][:32] + bytes((flags,)) + bytes.fromhex("80000000") for flags in (0, 1, 5, 29, 63)]
    seeds += [seeds[0][:32] + b"\x81\xff\xff\xff\xff" + cbor.encode({"credProtect": 2, "minPinLength": 4})]
    seeds += [seeds[0][:32] + b"\x81\0\0\0\0" + cbor.encode(value) for value in ({}, {1: 2}, [], None, {b"a": 1})]
    inputs = [data for data in mutations(seeds, number=2500) if len(data) < 1500]
    wanted = by_library(lambda data: hexed(parts(decode_authenticator_data(data, "input"))), inputs)
    answers = [
        coded(answer, not_utf8=Code.CBOR_TEXT)
        for answer in sql.ask_each("webauthn.parse_authenticator_data($1)", inputs)
    ]
    refused_keys = [
        place for place, want in enumerate(wanted) if "_key" in want.get("code", "") and "cbor" not in want["code"]
    ]
    keys = [
        bytes.fromhex(answers[place].get("value", {}).get("credential_public_key", r"\x")[2:]) for place in refused_keys
    ]
    for place, key, judged in zip(
        refused_keys, keys, sql.ask_each("webauthn.expect_credential_key($1)", keys), strict=True
    ):
        if key:
            answers[place] = coded(judged, not_utf8=Code.CBOR_TEXT)
            if judged["state"] == "WA001":
                answers[place] = wanted[place]
        elif "code" in answers[place]:
            answers[place] = wanted[place]
    assert differences(inputs, answers, wanted) == []
    assert 100 < sum("value" in want for want in wanted) < 2400


def test_sign_counts_above_2_to_the_31(sql: Functions) -> None:
    [answer] = sql.ask_each("webauthn.parse_authenticator_data($1)", [bytes(33) + b"\xff" * 4])
    assert answer["value"]["sign_count"] == 2**32 - 1


def registered(data: bytes) -> int:
    """The algorithm of a key that may be registered."""
    key = decode_key(data, "key")
    if type(key) is OkpKey and not key.is_on_curve():
        raise Malformed(Code.KEY_NOT_ON_CURVE, "key", "off the curve")
    return key.algorithm.id


def test_keys(sql: Functions) -> None:
    """Every key that breaks in some way; algorithms of other backends are refused by name before anything else."""
    supported = (-7, -9, -8, -19, -257)
    seeds = [encoded_key(number) for number in (*supported, *credential_algorithms("ecdsa", "pss"))]
    es256, _, eddsa, _, rs256, *_ = (cbor.decode(seed, "key") for seed in seeds)
    for base, changes in (
        (es256, ({1: 1}, {1: 3}, {3: -8}, {3: -257}, {3: -9}, {3: 5.5}, {3: "ES256"}, {3: 2**64 - 1}, {-1: 2})),
        (es256, ({-3: True}, {-2: b""}, {-2: bytes(31)}, {-3: bytes(33)}, {-2: bytes(32)}, {-4: b"d"}, {2: b"kid"})),
        (es256, ({-2: b"\xff" * 32}, {-3: b"\xff" * 32}, {-2: "x" * 32}, {-2: 5}, {-2: None}, {-2: [1]}, {1: "EC2"})),
        (eddsa, ({1: 2}, {-1: 1}, {-1: 4}, {-2: bytes(31)}, {-2: bytes(33)}, {-2: "x" * 32}, {-4: b"d"}, {-3: b""})),
        (rs256, ({1: 2}, {-1: b""}, {-1: bytes(256)}, {-2: b""}, {-2: b"\0\3"}, {-2: b"\1"}, {-2: b"\4"}, {-3: b"d"})),
        (rs256, ({-1: b"\x7f" + b"\xff" * 255}, {-1: b"\xff" * 1024}, {-1: b"\1" + b"\xff" * 1024}, {-1: b"x" * 255})),
        (rs256, ({-1: b"\xff" * 255 + b"\xfe"}, {-2: b"\xff" * 8}, {-2: b"\1" * 9}, {-2: b"\3"}, {-1: 5}, {-2: 3})),
        (es256, ({-1: 6}, {-1: 8}, {-1: "P-256"}, {-1: None})),
    ):  # fmt: skip
        seeds += [cbor.encode({**base, **change}) for change in changes]
        seeds += [cbor.encode({label: item for label, item in base.items() if label != left_out}) for left_out in base]
    for y in (*range(2, 20), 2**255 - 20, 2**255 - 19, 2**255 - 18, 2**255 - 1, *_SMALL_ORDER):
        for sign in (0, 1):
            seeds.append(cbor.encode({**eddsa, -2: (y | sign << 255).to_bytes(32, "little")}))
    seeds += [cbor.encode(value) for value in ({}, [], 1, "key", {3: -7}, {3: None}, {1: 2})]
    inputs = mutations(seeds, number=1800)

    wanted = by_library(registered, inputs)
    answers = sql.ask_each("webauthn.expect_credential_key($1)", inputs)
    for place, answer in enumerate(answers):
        if answer.get("state") == "WA001":
            algorithm = cbor.decode(inputs[place], "key")[3]
            assert algorithm in credential_algorithms()
            assert algorithm not in supported
            answers[place] = wanted[place]
        else:
            answers[place] = coded(answer, not_utf8=Code.CBOR_TEXT)
        if answer.get("detail") == Code.CBOR_TRAILING and "code" in wanted[place]:
            answers[place] = wanted[place]  # The library looks for the end of the bytes last.
    assert differences(inputs, answers, wanted) == []
    assert {want.get("value") for want in wanted} > set(supported)
    assert {want["code"] for want in wanted if "code" in want} > {
        code for code in Code if code.startswith("malformed_key")
    }


_SMALL_ORDER = (
    0,
    1,
    2**255 - 20,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    2**255 - 19 - 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
)


def client(data: bytes) -> dict[str, Any]:
    found = client_data.decode_client_data(data, "input")
    names = ("type", "challenge", "origin", "cross_origin", "top_origin")
    return {name: getattr(found, name) for name in names}


GOOD = '{"type":"webauthn.get","challenge":"AAEC","origin":"https://example.org","crossOrigin":false'
CLIENT_DATA = [
    GOOD + "}",
    "\ufeff" + GOOD + "}",
    "\ufeff\ufeff" + GOOD + "}",
    " \t\r\n" + GOOD + "} \n",
    "\x0b" + GOOD + "}",
    GOOD + "} x",
    GOOD + "}{}",
    GOOD + ',"topOrigin":"https://top.example","x":{"y":[1,2.5e3,{"z":null}]}}',
    GOOD + ',"topOrigin":null}',
    GOOD + ',"topOrigin":5}',
    GOOD + ',"crossOrigin":true}',
    GOOD + ',"or\\u0069gin":"https://evil.example"}',
    GOOD + ',"x":{"a":1,"a":1}}',
    GOOD + ',"x":[{"a":1,"b":[{"c":1,"c":2}]}]}',
    GOOD + ',"x":"\\ud83d\\ude00"}',
    GOOD + ',"x":"\\ud83d"}',
    GOOD + ',"x":"\\ude00\\ud83d"}',
    GOOD + ',"x":[["\\ud800"]]}',
    GOOD + ',"\\udfff":1}',
    GOOD + ',"x":"\x01"}',
    GOOD + ',"x":"\x7f\u2028"}',
    GOOD + ',"x":NaN}',
    GOOD + ',"x":-Infinity}',
    GOOD + ',"x":1e999}',
    GOOD + ',"x":1.7976931348623157e308}',
    GOOD + ',"x":01}',
    GOOD + ',"x":-0}',
    GOOD + ',"x":1.}',
    GOOD + ",}",
    GOOD + "," + '"x":' + "[" * 31 + "]" * 31 + "}",
    GOOD + "," + '"x":' + "[" * 32 + "]" * 32 + "}",
    GOOD + "," + '"x":' + '{"a":' * 31 + "1" + "}" * 32,
    GOOD + "," + '"x":' + '{"a":' * 32 + "1" + "}" * 33,
    GOOD + ',"x":"' + "x" * (65536 - len(GOOD) - 8) + '"}',
    GOOD + ',"x":"' + "x" * (65536 - len(GOOD) - 7) + '"}',
    GOOD.replace("false", "null") + "}",
    GOOD.replace("false", '"false"') + "}",
    GOOD.replace('"AAEC"', "5") + "}",
    GOOD.replace('"challenge"', '"Challenge"') + "}",
    GOOD.replace('"type":', '"type":null,"_":') + "}",
    '{"type":"webauthn.get"}',
    "{}", "[]", "1", "null", '"text"', "", " ", "{", "[" * 60_000,
]  # fmt: skip


def test_client_data(sql: Functions) -> None:
    inputs = [text.encode() for text in CLIENT_DATA]
    inputs += [GOOD.encode() + b',"x":"\xed\xa0\x80"}', GOOD.encode() + b',"x":"\xff"}', b"\x00", inputs[0] + b"\x00"]
    answers = sql.ask_each("webauthn.parse_client_data($1)", inputs)
    # PostgreSQL's parser has codes of its own, for a number too large and for brackets without end.
    own = {"22003": Code.JSON, "54001": Code.JSON}
    found = [
        {"code": own[answer["state"]]} if answer.get("state") in own else coded(answer, not_utf8=Code.JSON)
        for answer in answers
    ]
    assert differences(inputs, found, by_library(client, inputs)) == []


def test_client_data_with_faults_everywhere(sql: Functions) -> None:
    """Which of several faults is named first is a matter of taste; whether there is one is not."""
    seeds = [text.encode() for text in CLIENT_DATA if 2 < len(text) < 300]
    inputs = [data for data in mutations(seeds, number=1500) if b"\\u0000" not in data]
    wanted = by_library(client, inputs)
    answers = sql.ask_each("webauthn.parse_client_data($1)", inputs)
    assert [answer.get("value") for answer in answers] == [want.get("value") for want in wanted]
    assert {answer["state"] for answer in answers if "state" in answer} == {"WA003", "22021", "22P02", "22003"}


@pytest.mark.parametrize(
    ("member", "state"), [('"x":"\\u0000"', "22P05"), ('"x":1e-999', "22003"), (f'"x":{10**400}', "22003")]
)
def test_what_postgresql_cannot_hold_is_refused(sql: Functions, member: str, state: str) -> None:
    """The library accepts these; no browser writes them."""
    data = f"{GOOD},{member}}}".encode()
    assert client(data)["type"] == "webauthn.get"
    assert sql.ask_each("webauthn.parse_client_data($1)", [data])[0]["state"] == state


def test_base64url(sql: Functions) -> None:
    seeds = [
        *corpus("base64url"),
        b"-_",
        b"-_-_",
        b"AB",
        b"AAB",
        b"A",
        b"AA==",
        b"AA\n",
        b" AA",
        b"+/",
        b"A.A",
        b"\xc3\xa9",
    ]
    inputs = []
    for data in mutations(seeds, number=1500):
        try:
            data.decode()
        except UnicodeDecodeError:
            continue
        if b"\0" not in data:  # not a text of PostgreSQL
            inputs.append(data)
    wanted = by_library(lambda data: f"\\x{base64url.decode(data.decode(), 'input').hex()}", inputs)
    answers = sql.ask_each("webauthn.base64url_decode(convert_from($1, 'UTF8'))", inputs)
    refused = [answer for answer in answers if "state" in answer]
    assert all(answer["state"] == "22023" and "base64" in answer["message"] for answer in refused)
    found = [{"code": answer["detail"]} if "state" in answer else answer for answer in answers]
    assert differences(inputs, found, wanted) == []
    values = [bytes(range(length)) for length in range(200)]
    encoded = sql.ask_each("webauthn.base64url_encode($1)", values)
    assert encoded == [{"value": base64url.encode(value)} for value in values]
