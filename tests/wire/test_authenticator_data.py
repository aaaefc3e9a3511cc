"""Authenticator data: every part, every cut, every flag."""

import contextlib

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from honest import AAGUID, AT, BE, BS, ED, UP, UV, Credential, authenticator_data, canonical_map
from signing_keys import ALGORITHMS, signing_key
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import Flags
from unlatch.wire import curves
from unlatch.wire.authenticator_data import AuthenticatorData, decode_authenticator_data

EXTENSIONS = canonical_map({"credProtect": 2, "hmac-secret": True})


def decode(data: bytes) -> AuthenticatorData:
    return decode_authenticator_data(data, "authData")


def refused(data: bytes, path: str = "authData") -> Code:
    with pytest.raises(Malformed) as caught:
        decode(data)
    assert caught.value.path == path
    return caught.value.code


@pytest.mark.parametrize("flags", range(256))
def test_every_flags_byte(flags: int) -> None:
    data = authenticator_data(
        flags,
        count=7,
        attested=Credential().attested if flags & AT else b"",
        extensions=EXTENSIONS if flags & ED else b"",
    )
    decoded = decode(data)
    assert decoded.raw == data
    assert decoded.rp_id_hash == data[:32]
    assert decoded.flags == flags
    assert decoded.sign_count == 7
    assert decoded.user_present == bool(flags & UP) == (Flags.UP in Flags(flags))
    assert decoded.user_verified == bool(flags & UV) == (Flags.UV in Flags(flags))
    assert decoded.backup_eligible == bool(flags & BE) == (Flags.BE in Flags(flags))
    assert decoded.backup_state == bool(flags & BS) == (Flags.BS in Flags(flags))
    assert (decoded.attested is not None) == bool(flags & AT)
    assert decoded.extensions == ({"credProtect": 2, "hmac-secret": True} if flags & ED else {})


@pytest.mark.parametrize("count", [0, 1, 255, 256, 2**31, 2**32 - 1])
def test_counter_is_unsigned_and_big_endian(count: int) -> None:
    assert decode(authenticator_data(UP, count=count)).sign_count == count


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("length", [1, 16, 255, 256, 1023, 1024, 65535])
def test_attested_credential_data(algorithm: int, length: int) -> None:
    """Whether an id is too long is asked by a step of the ceremony."""
    credential = Credential(key=signing_key(algorithm), id=b"i" * length)
    attested = decode(authenticator_data(UP | AT, attested=credential.attested)).attested
    assert attested is not None
    assert attested.aaguid == AAGUID
    assert attested.credential_id == credential.id
    assert attested.public_key.algorithm.id == algorithm
    assert attested.public_key_bytes == credential.cose


@pytest.mark.parametrize("length", range(37))
def test_shorter_than_the_header(length: int) -> None:
    assert refused(bytes(length)) is Code.AUTHENTICATOR_DATA


def test_a_cut_anywhere() -> None:
    whole = authenticator_data(UP | AT | ED, attested=Credential().attested, extensions=EXTENSIONS)
    key_at = whole.index(Credential().cose)
    for end in range(len(whole)):
        with pytest.raises(Malformed) as caught:
            decode(whole[:end])
        expected = Code.AUTHENTICATOR_DATA if end < key_at else Code.CBOR_TRUNCATED
        assert caught.value.code is expected, end


@pytest.mark.parametrize("flags", [UP, UP | AT, UP | ED, UP | AT | ED])
@pytest.mark.parametrize("tail", [b"\0", b"\xa0", b"\xa1", EXTENSIONS])
def test_bytes_after_the_end(flags: int, tail: bytes) -> None:
    data = authenticator_data(
        flags,
        attested=Credential().attested if flags & AT else b"",
        extensions=EXTENSIONS if flags & ED else b"",
    )
    assert decode(data)
    assert refused(data + tail) is Code.AUTHENTICATOR_DATA


def test_flags_that_promise_what_is_not_there() -> None:
    assert refused(authenticator_data(UP | AT)) is Code.AUTHENTICATOR_DATA
    assert refused(authenticator_data(UP | ED), "authData.extensions") is Code.CBOR_TRUNCATED


def test_contents_that_no_flag_announces() -> None:
    assert refused(authenticator_data(UP, attested=Credential().attested)) is Code.AUTHENTICATOR_DATA
    assert refused(authenticator_data(UP, extensions=EXTENSIONS)) is Code.AUTHENTICATOR_DATA


def test_an_empty_credential_id() -> None:
    assert refused(authenticator_data(UP | AT, attested=Credential(id=b"").attested)) is Code.CREDENTIAL_ID


@pytest.mark.parametrize(
    "extensions", [[], ["credProtect"], "credProtect", 1, None, True, {1: 2}, {b"a": 1}, {"a": 1, 2: 3}]
)
def test_extensions_are_a_map_from_text(extensions: object) -> None:
    encoded = canonical_map(extensions) if isinstance(extensions, dict) else cbor2.dumps(extensions)
    assert refused(authenticator_data(UP | ED, extensions=encoded), "authData.extensions") is Code.AUTHENTICATOR_DATA


def test_extensions_are_canonical() -> None:
    one, two = cbor2.dumps("credProtect") + b"\x02", cbor2.dumps("hmac-secret") + b"\xf5"
    assert decode(authenticator_data(UP | ED, extensions=b"\xa2" + one + two))
    for encoded, code in (
        (b"\xa2" + two + one, Code.CBOR_KEY_ORDER),
        (b"\xa2" + one + one, Code.CBOR_DUPLICATE_KEY),
        (b"\xa1\x61a" + b"\x81" * 900 + b"\x00", Code.CBOR_DEPTH),
        (b"\xbf" + one + b"\xff", Code.CBOR_INDEFINITE),
    ):
        assert refused(authenticator_data(UP | ED, extensions=encoded), "authData.extensions") is code


def test_an_empty_map_of_extensions() -> None:
    assert decode(authenticator_data(UP | ED, extensions=b"\xa0")).extensions == {}


def test_the_key_is_judged_where_it_is_read() -> None:
    honest = Credential()
    head = honest.aaguid + len(honest.id).to_bytes(2, "big") + honest.id
    off = canonical_map({**honest.key.cose, -3: bytes(32)})
    data = authenticator_data(UP | AT, attested=head + off)
    assert refused(data, "authData.credentialPublicKey") is Code.KEY_NOT_ON_CURVE
    data = authenticator_data(UP | AT, attested=head + b"\x80")
    assert refused(data, "authData.credentialPublicKey") is Code.KEY
    unsorted = b"\xa5" + b"".join(cbor2.dumps(k) + cbor2.dumps(v) for k, v in reversed(honest.key.cose.items()))
    assert refused(authenticator_data(UP | AT, attested=head + unsorted), "authData.credentialPublicKey") is (
        Code.CBOR_KEY_ORDER
    )


@pytest.mark.parametrize("algorithm", [-8, -19, -53])
def test_an_edwards_point_off_its_curve_is_not_registered(algorithm: int) -> None:
    honest = Credential(key=signing_key(algorithm))
    curve = curves.ED448 if algorithm == -53 else curves.ED25519
    y = next(y for y in range(2, 100) if not curve.contains(y.to_bytes(curve.size, "little")))
    off = canonical_map({**honest.key.cose, -2: y.to_bytes(curve.size, "little")})
    head = honest.aaguid + len(honest.id).to_bytes(2, "big") + honest.id
    data = authenticator_data(UP | AT, attested=head + off)
    assert refused(data, "authData.credentialPublicKey") is Code.KEY_NOT_ON_CURVE


@given(st.binary(max_size=250), st.integers(0, 255))
def test_any_bytes_give_a_value_or_a_refusal(data: bytes, flags: int) -> None:
    data = data[:32] + bytes((flags,)) + data[32:]
    try:
        decoded = decode(data)
    except Malformed:
        return
    assert decoded.raw == data


@given(st.data())
def test_any_change_gives_a_value_or_a_refusal(data: st.DataObject) -> None:
    whole = bytearray(authenticator_data(UP | AT | ED, attested=Credential().attested, extensions=EXTENSIONS))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(32, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Malformed):
        decode(bytes(whole))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (authenticator_data(UP | AT, attested=AAGUID + b"\x00\x14" + bytes(19)), "the credential id is cut off"),
        (authenticator_data(UP) + bytes(3), "3 bytes that no flag announces"),
    ],
)
def test_the_log_is_told_what_is_wrong_and_where(data: bytes, detail: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode(data)
    assert (caught.value.path, caught.value.detail) == ("authData", detail)


def test_an_empty_credential_id_with_nothing_behind_it() -> None:
    """Its length is there and says 0: that, and not that something is cut off, is what is wrong."""
    assert refused(authenticator_data(UP | AT, attested=AAGUID + b"\0\0")) is Code.CREDENTIAL_ID
    assert refused(authenticator_data(UP | AT, attested=AAGUID + b"\0")) is Code.AUTHENTICATOR_DATA
