"""COSE keys: every algorithm is read, and each rule refuses by its own code."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from calls import count
from certificates import writing
from signing_keys import ALGORITHMS, signing_key, unsigned
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import algorithms, cbor, cose, curves
from unlatch.wire.spki import encode_spki

ECDSA = (-7, -35, -36, -47, -9, -51, -52)
EDDSA = (-8, -19, -53)
RSA = (-257, -258, -259, -37, -38, -39)
ML_DSA = (-48, -49, -50)


def refused(key: Any) -> Code:
    """For one reason, whether it is recognised by its form or read entry by entry."""
    told = []
    for read in (lambda: cose.decode_key(cbor.encode(key), "key"), lambda: cose.read_key(key, "key")):
        with pytest.raises(Malformed) as caught:
            read()
        assert caught.value.path == "key"
        told.append((caught.value.code, caught.value.detail))
    assert told[0] == told[1]
    return told[0][0]


def changed(algorithm: int, **changes: Any) -> dict[Any, Any]:
    """The key of an algorithm with labels (`x_2` stands for -2, `p_1` for 1) set, or removed where `...`."""
    key = dict(signing_key(algorithm).cose)
    for name, value in changes.items():
        label = int(name[2:]) * (-1 if name[0] == "x" else 1)
        if value is ...:
            del key[label]
        else:
            key[label] = value
    return key


def test_the_tests_know_every_algorithm() -> None:
    rows = algorithms.ALGORITHMS.values()
    assert {row.id for row in rows if row.for_credentials} == set(ALGORITHMS) == {*ECDSA, *EDDSA, *RSA, *ML_DSA}
    assert set(algorithms.POST_QUANTUM_ALGORITHMS) <= set(ALGORITHMS)
    assert algorithms.DEFAULT_ALGORITHMS == (-8, -7, -257)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_honest_key(algorithm: int) -> None:
    key = signing_key(algorithm)
    decoded = cose.decode_key(cbor.encode(key.cose), "key")
    assert decoded.algorithm is algorithms.ALGORITHMS[algorithm]
    assert cose.read_key(dict(reversed(key.cose.items())), "key") == decoded
    assert encode_spki(decoded) == key.spki


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
@pytest.mark.parametrize("exponent", [3, 65537])
def test_spki_of_rsa_keys(bits: int, exponent: int) -> None:
    """Lengths in DER change their form with the size; the modulus always has its top bit set, e sometimes."""
    n = (1 << bits) - 1
    key = cose.decode_key(cbor.encode({1: 3, 3: -257, -1: unsigned(n), -2: unsigned(exponent)}), "")
    theirs = rsa.RSAPublicNumbers(exponent, n).public_key()
    assert encode_spki(key) == theirs.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("size", [*range(120, 136), 255, 256, 257, 65_535, 65_536])
def test_spki_of_rsa_numbers_of_every_length(size: int) -> None:
    """Shorter and longer ones than are ever read, so that each form of a length in DER stands there."""
    n = (1 << 8 * size - 1) + 1
    key = cose.RsaKey(algorithms.ALGORITHMS[-257], n, 3)
    inner = writing.tlv(0x03, b"\0", writing.seq(writing.number(n), writing.number(3)))
    assert encode_spki(key) == writing.seq(writing.seq(writing.oid("1.2.840.113549.1.1.1"), writing.tlv(0x05)), inner)


@pytest.mark.parametrize("value", [None, 1, b"", "", [], [1, 2], True, 1.5])
def test_a_key_is_a_map(value: Any) -> None:
    assert refused(value) is Code.KEY


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_bytes_are_canonical_and_filled(algorithm: int) -> None:
    encoded = cbor.encode(signing_key(algorithm).cose)
    for data, code in ((encoded + b"\0", Code.CBOR_TRAILING), (encoded[:-1], Code.CBOR_TRUNCATED)):
        with pytest.raises(Malformed) as caught:
            cose.decode_key(data, "key")
        assert caught.value.code is code


# The algorithm and what it binds


@pytest.mark.parametrize(
    "identifier", [..., None, 0, -6, -10, -65535, -65536, 7, 2**64 - 1, True, "ES256", b"\x26", -7.0]
)
def test_algorithms_that_a_credential_may_not_have(identifier: Any) -> None:
    assert refused(changed(-7, p_3=identifier)) is Code.KEY_ALGORITHM


def test_rs1_is_for_statements_only() -> None:
    assert refused(changed(-257, p_3=-65535)) is Code.KEY_ALGORITHM


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("key_type", [..., None, 0, 1, 2, 3, 4, 5, 6, 7, 8, True, "EC2"])
def test_key_type(algorithm: int, key_type: Any) -> None:
    honest = signing_key(algorithm).cose[1]
    if key_type != honest or key_type is True:
        assert refused(changed(algorithm, p_1=key_type)) is Code.KEY_ALGORITHM


@pytest.mark.parametrize("algorithm", [*ECDSA, *EDDSA])
@pytest.mark.parametrize("curve", [None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, True, "P-256", 1.0])
def test_curve(algorithm: int, curve: Any) -> None:
    honest = signing_key(algorithm).cose[-1]
    if curve != honest or type(curve) is not int:
        assert refused(changed(algorithm, x_1=curve)) is Code.KEY_ALGORITHM


def test_ed448_under_eddsa_is_not_a_webauthn_key() -> None:
    assert refused({**signing_key(-53).cose, 3: -8}) is Code.KEY_ALGORITHM


# Parameters


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_missing_parameters(algorithm: int) -> None:
    for label in signing_key(algorithm).cose.keys() - {1, 3}:
        assert refused(changed(algorithm, **{f"x_{-label}": ...})) is Code.KEY_PARAMETERS


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("label", [2, 4, 5, 0, -4, -5, -70000, "kid", b"x"])
def test_surplus_parameters(algorithm: int, label: Any) -> None:
    """Among them the private parts: -4 (EC2, OKP), -3 to -12 (RSA), -2 (AKP)."""
    assert refused({**signing_key(algorithm).cose, label: b"\x01" * 32}) is Code.KEY_PARAMETERS


@pytest.mark.parametrize("algorithm", RSA)
@pytest.mark.parametrize("label", range(-12, -2))
def test_private_rsa_parts(algorithm: int, label: int) -> None:
    assert refused({**signing_key(algorithm).cose, label: b"\x01"}) is Code.KEY_PARAMETERS


@pytest.mark.parametrize("algorithm", ML_DSA)
def test_private_ml_dsa_seed(algorithm: int) -> None:
    assert refused({**signing_key(algorithm).cose, -2: bytes(32)}) is Code.KEY_PARAMETERS


# Points


@pytest.mark.parametrize("algorithm", ECDSA)
@pytest.mark.parametrize("label", [-2, -3])
def test_coordinates_have_the_length_of_the_field(algorithm: int, label: int) -> None:
    honest = signing_key(algorithm).cose[label]
    for value in (honest[1:], b"\0" + honest, b"", honest * 2, None, 1, "x" * len(honest), [honest], True, False):
        assert refused({**signing_key(algorithm).cose, label: value}) is Code.KEY_LENGTH


@pytest.mark.parametrize("algorithm", ECDSA)
def test_points_off_their_curve(algorithm: int) -> None:
    honest = signing_key(algorithm).cose
    size = len(honest[-2])
    flipped = honest[-3][:-1] + bytes((honest[-3][-1] ^ 1,))
    for x, y in (
        (honest[-2], flipped),
        (bytes(size), bytes(size)),
        (b"\xff" * size, b"\xff" * size),
        (honest[-3], honest[-2]),
    ):
        assert refused({**honest, -2: x, -3: y}) is Code.KEY_NOT_ON_CURVE


def test_a_point_of_another_curve_of_the_same_size() -> None:
    other = ec.generate_private_key(ec.SECP256K1()).public_key().public_numbers()
    key = {**signing_key(-7).cose, -2: other.x.to_bytes(32, "big"), -3: other.y.to_bytes(32, "big")}
    assert refused(key) is Code.KEY_NOT_ON_CURVE


@pytest.mark.parametrize("algorithm", EDDSA)
def test_edwards_points_have_the_length_of_the_curve(algorithm: int) -> None:
    honest = signing_key(algorithm).cose[-2]
    for value in (honest[1:], b"\0" + honest, b"", None, 1, "x" * len(honest), True):
        assert refused(changed(algorithm, x_2=value)) is Code.KEY_LENGTH


@pytest.mark.parametrize("algorithm", EDDSA)
def test_edwards_points_of_small_order_and_not_canonical(algorithm: int) -> None:
    curve = curves.ED448 if algorithm == -53 else curves.ED25519
    encodings = [y.to_bytes(curve.size, "little") for y in (*curve.small_order, curve.p, curve.p + 1, curve.p + 3)]
    for encoded in (*encodings, b"\xff" * curve.size):
        assert refused(changed(algorithm, x_2=encoded)) is Code.KEY_NOT_ON_CURVE


@pytest.mark.parametrize("algorithm", EDDSA)
def test_an_edwards_point_off_the_curve_is_told_at_registration(algorithm: int) -> None:
    """Decoding a stored key does not ask (the signature's verification does); `is_on_curve` does."""
    curve = curves.ED448 if algorithm == -53 else curves.ED25519
    y = next(y for y in range(2, 100) if not curve.contains(y.to_bytes(curve.size, "little")))
    off = cose.decode_key(cbor.encode(changed(algorithm, x_2=y.to_bytes(curve.size, "little"))), "")
    assert isinstance(off, cose.OkpKey)
    assert not off.is_on_curve()
    on = cose.decode_key(cbor.encode(signing_key(algorithm).cose), "")
    assert isinstance(on, cose.OkpKey)
    assert on.is_on_curve()


# RSA


def rsa_key(n: int, e: int = 65537) -> dict[int, Any]:
    return {1: 3, 3: -257, -1: unsigned(n), -2: unsigned(e)}


@pytest.mark.parametrize("bits", [2048, 2049, 3482, 4096, 8192])
def test_rsa_sizes_that_are_fine(bits: int) -> None:
    key = cose.decode_key(cbor.encode(rsa_key((1 << bits - 1) + 1)), "")
    assert isinstance(key, cose.RsaKey)
    assert key.n.bit_length() == bits


@pytest.mark.parametrize("bits", [1, 8, 512, 1024, 2040, 2047, 8193, 16384])
def test_rsa_sizes_that_are_not(bits: int) -> None:
    assert refused(rsa_key((1 << bits - 1) | 1)) is Code.KEY_WEAK


def test_an_even_modulus() -> None:
    assert refused(rsa_key(1 << 2047)) is Code.KEY_WEAK


@pytest.mark.parametrize("exponent", [1, 2, 4, 65536, 2**64 + 1, 2**2000 + 1])
def test_rsa_exponents_that_are_not_fine(exponent: int) -> None:
    assert refused(rsa_key((1 << 2047) + 1, exponent)) is Code.KEY_WEAK


@pytest.mark.parametrize("exponent", [3, 5, 17, 65537, 2**63 + 1, 2**64 - 1])
def test_rsa_exponents_that_are(exponent: int) -> None:
    key = cose.decode_key(cbor.encode(rsa_key((1 << 2047) + 1, exponent)), "")
    assert isinstance(key, cose.RsaKey)
    assert key.e == exponent


@pytest.mark.parametrize("label", [-1, -2])
def test_rsa_numbers_have_no_leading_zero(label: int) -> None:
    honest = signing_key(-257).cose
    for value in (b"\0" + honest[label], b"\0", b"", None, 65537, "x", True, [1]):
        assert refused({**honest, label: value}) is Code.KEY_LENGTH


# ML-DSA


@pytest.mark.parametrize("algorithm", ML_DSA)
def test_ml_dsa_length(algorithm: int) -> None:
    honest = signing_key(algorithm).cose[-1]
    for value in (honest[1:], honest + b"\0", b"", None, 1, "x" * len(honest), True):
        assert refused(changed(algorithm, x_1=value)) is Code.KEY_LENGTH


def test_ml_dsa_parameter_sets_are_not_mixed() -> None:
    assert refused({**signing_key(-48).cose, 3: -49}) is Code.KEY_LENGTH


# Anything


@given(st.sampled_from(ALGORITHMS), st.data())
def test_any_change_gives_a_key_or_a_refusal(algorithm: int, data: st.DataObject) -> None:
    """The same one, whether its form is recognised or it is read entry by entry."""
    encoded = bytearray(cbor.encode(signing_key(algorithm).cose))
    for _ in range(data.draw(st.integers(1, 3))):
        # Most of the interesting bytes, labels and heads, are at the beginning.
        position = data.draw(st.integers(0, min(len(encoded), 80) - 1))
        encoded[position] = data.draw(st.integers(0, 255))
    ways: list[Callable[[], cose.CoseKey]] = [
        lambda: cose.decode_key(bytes(encoded), ""),
        lambda: cose.read_key(cbor.decode(bytes(encoded), ""), ""),
    ]
    told: list[object] = []
    for read in ways:
        try:
            told.append(read())
        except Malformed:
            told.append("refused")
    assert told[0] == told[1]


def test_the_usual_form_of_a_key_takes_the_short_way() -> None:
    usual = cbor.encode(signing_key(-7).cose)
    other = cbor.encode({1: 3, 3: -257, -1: b"\xff" * 384, -2: b"\x01\x00\x01"})  # RSA, larger than most
    for before, after in ((b"", b""), (b"", other), (usual[:50], b""), (other, other), (bytes(100), usual)):
        for encoded, times in ((usual, 0), (other, 1)):
            data, offset = before + encoded + after, len(before)
            assert cose.decode_key_at(data, offset, "") == (cose.decode_key(encoded, ""), offset + len(encoded))
            assert count(cose.read_key, lambda d=data, o=offset: cose.decode_key_at(d, o, "")) == times


def test_the_place_of_what_is_no_cbor() -> None:
    for encoded in (b"", b"\xff", cbor.encode(signing_key(-7).cose)[:-1]):
        with pytest.raises(Malformed) as caught:
            cose.decode_key_at(b"\0" + encoded, 1, "key")
        assert caught.value.path == "key"


def test_the_log_is_told_what_is_too_much_and_too_little() -> None:
    encoded = cbor.encode(signing_key(-7).cose)
    surplus = cbor.encode({**signing_key(-7).cose, 2: b"kid", "kid": 1})
    for data, detail in (
        (encoded + b"\0\0", "2 bytes after the key"),
        (surplus, "missing or surplus COSE key parameters [2, 'kid']"),
        (cbor.encode(changed(-7, x_2=...)), "missing or surplus COSE key parameters [-2]"),
        (cbor.encode(changed(-257, x_1=b"")), "parameter -1 must be a byte string without leading zeros"),
        (cbor.encode(changed(-257, x_2=b"\0\3")), "parameter -2 must be a byte string without leading zeros"),
    ):
        with pytest.raises(Malformed) as caught:
            cose.decode_key(data, "key")
        assert (caught.value.path, caught.value.detail) == ("key", detail)


# Recognised by their canonical form


@pytest.fixture
def new_forms() -> Iterator[None]:
    """The forms, made anew: what an earlier test left must not hide how they are made."""
    cose._forms.cache_clear()
    yield
    cose._forms.cache_clear()


def read(encoded: bytes) -> object:
    try:
        return cose.decode_key(encoded, "key")
    except Malformed as malformed:
        return malformed.code, malformed.path, malformed.detail


def read_entry_by_entry(encoded: bytes) -> object:
    """As `decode_key`, without recognising anything."""
    try:
        value, end = cbor.decode_at(encoded, 0, "key")
        key = cose.read_key(value, "key")
        if end != len(encoded):
            raise Malformed(Code.CBOR_TRAILING, "key", f"{len(encoded) - end} bytes after the key")
    except Malformed as malformed:
        return malformed.code, malformed.path, malformed.detail
    return key


@pytest.mark.usefixtures("new_forms")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_recognised_key_is_judged_as_any_other(algorithm: int) -> None:
    encoded = cbor.encode(signing_key(algorithm).cose)
    assert read(encoded) == read_entry_by_entry(encoded) == read(encoded + b"")
    size = len(encoded)
    for index in {*range(24), *range(size // 2 - 4, size // 2 + 4), *range(size - 12, size)}:
        for value in {0, 1, encoded[index] ^ 1, encoded[index] ^ 0x80, 0x58, 0xFF}:
            changed = encoded[:index] + bytes((value,)) + encoded[index + 1 :]
            assert read(changed) == read_entry_by_entry(changed), f"byte {index} is {value}"
        assert read(encoded[:index]) == read_entry_by_entry(encoded[:index])
    assert cose.decode_key_at(b"--" + encoded + b"--", 2, "")[1] == size + 2


@pytest.mark.usefixtures("new_forms")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_usual_keys_are_recognised(algorithm: int, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = cbor.encode(signing_key(algorithm).cose)
    monkeypatch.setattr(cbor, "decode_at", None)
    assert cose.decode_key(encoded, "key").algorithm.id == algorithm
