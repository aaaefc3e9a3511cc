"""Signatures: made by `cryptography`, verified with a COSE key; every other spelling and every other key refused."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signing_keys import ALGORITHMS, signing_key
from unlatch.crypto import signatures
from unlatch.crypto.signatures import KeyCache, VerificationKey, load_stored_key
from unlatch.errors import Malformed, Misconfigured
from unlatch.wire import cbor
from unlatch.wire.algorithms import ALGORITHMS as ROWS
from unlatch.wire.cose import decode_key

ECDSA = (-7, -35, -36, -47, -9, -51, -52)
PSS = {-37: hashes.SHA256(), -38: hashes.SHA384(), -39: hashes.SHA512()}
PKCS1 = {-257: hashes.SHA256(), -258: hashes.SHA384(), -259: hashes.SHA512()}
DATA = b"authenticator data and the hash of the client data"
HASHES = {
    -7: hashes.SHA256(),
    -35: hashes.SHA384(),
    -36: hashes.SHA512(),
    -47: hashes.SHA256(),
    -9: hashes.SHA256(),
    -51: hashes.SHA384(),
    -52: hashes.SHA512(),
}


def key_of(algorithm: int, index: int = 0) -> VerificationKey:
    return load_stored_key(cbor.encode(signing_key(algorithm, index).cose), "key")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(algorithm: int) -> None:
    signature = signing_key(algorithm).sign(DATA)
    assert key_of(algorithm).verifies(signature, DATA)
    assert not key_of(algorithm).verifies(signature, DATA + b"\0")
    assert not key_of(algorithm).verifies(signature, DATA[:-1])
    assert not key_of(algorithm, 1).verifies(signature, DATA)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_change_anywhere_in_the_signature(algorithm: int) -> None:
    key, signature = key_of(algorithm), signing_key(algorithm).sign(DATA)
    step = max(1, len(signature) // 100)
    for index in range(0, len(signature), step):
        changed = bytearray(signature)
        changed[index] ^= 1 << (index % 8)
        assert not key.verifies(bytes(changed), DATA)
    for changed in (b"", signature[:-1], signature[1:], signature + b"\0", b"\0" + signature, signature * 2):
        assert not key.verifies(changed, DATA)


@given(st.sampled_from(ALGORITHMS), st.binary(max_size=200))
def test_any_signature_gives_an_answer(algorithm: int, signature: bytes) -> None:
    assert key_of(algorithm).verifies(signature, DATA) is False


@pytest.mark.parametrize("signed_with", ALGORITHMS)
@pytest.mark.parametrize("verified_as", [*ALGORITHMS, -65535])
def test_the_algorithm_and_the_key_belong_together(signed_with: int, verified_as: int) -> None:
    """A key object of another kind or curve, or another hash or padding, makes the answer False, never an error."""
    key = signing_key(signed_with)
    answer = signatures.is_valid_with(key.public, ROWS[verified_as], key.sign(DATA), DATA)
    same = ({-7, -9}, {-35, -51}, {-36, -52}, {-8, -19})
    assert answer is (signed_with == verified_as or any({signed_with, verified_as} <= twins for twins in same))


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, -65535])
@pytest.mark.parametrize("key", [X25519PrivateKey.generate().public_key(), None, "key", b"key", object()])
def test_what_is_no_signing_key(algorithm: int, key: Any) -> None:
    assert signatures.is_valid_with(key, ROWS[algorithm], b"signature", DATA) is False


def test_rs1_for_old_statements() -> None:
    private = signing_key(-257).private
    signature = private.sign(DATA, padding.PKCS1v15(), hashes.SHA1())
    assert signatures.is_valid_with(private.public_key(), ROWS[-65535], signature, DATA)
    assert not key_of(-257).verifies(signature, DATA)


@pytest.mark.parametrize("curve", [ec.SECP224R1(), ec.BrainpoolP256R1(), ec.SECP256K1(), ec.SECP384R1()])
def test_another_curve_than_the_algorithms(curve: Any) -> None:
    private = ec.generate_private_key(curve)
    signature = private.sign(DATA, ec.ECDSA(hashes.SHA256()))
    assert not signatures.is_valid_with(private.public_key(), ROWS[-7], signature, DATA)


@pytest.mark.parametrize("algorithm", ECDSA)
def test_ecdsa_is_strict_der(algorithm: int) -> None:
    key, private = key_of(algorithm), signing_key(algorithm).private
    size = (private.curve.key_size + 7) // 8
    honest = private.sign(DATA, ec.ECDSA(HASHES[algorithm]))
    r, s = decode_dss_signature(honest)
    assert key.verifies(encode_dss_signature(r, s), DATA)
    body = honest[2 + (honest[1] == 0x81) :]
    long_form = b"\x30\x81" if len(body) < 0x80 else b"\x30\x82\x00"
    fixed = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    two = [n.to_bytes(size + 2, "big") for n in (r, s)]
    zeros = b"".join(b"\x02" + bytes((len(n),)) + n for n in two)
    for other in (
        fixed,  # IEEE P1363
        long_form + bytes((len(body),)) + body,  # a length longer than needed
        b"\x30\x80" + body + b"\0\0",  # indefinite
        b"\x30" + (b"\x81" if len(zeros) >= 0x80 else b"") + bytes((len(zeros),)) + zeros,  # leading zeros
        b"\x31" + honest[1:],  # a set
        honest + b"\x05\x00",
        encode_dss_signature(s, r),
        encode_dss_signature(r, 1),
        encode_dss_signature(1, 1),
    ):
        assert not key.verifies(other, DATA)


@pytest.mark.parametrize("algorithm", ECDSA)
def test_ecdsa_numbers_are_in_range(algorithm: int) -> None:
    """Adding the group order to s keeps the equation and breaks the range; r and s are at least 1."""
    orders = {
        "secp256r1": 2**256 - 2**224 + 2**192 - 0x4319055258E8617B0C46353D039CDAAF,
        "secp256k1": 2**256 - 0x14551231950B75FC4402DA1732FC9BEBF,
        "secp384r1": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
        "secp521r1": 2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    }
    key, private = key_of(algorithm), signing_key(algorithm).private
    order = orders[private.curve.name]
    r, s = decode_dss_signature(private.sign(DATA, ec.ECDSA(HASHES[algorithm])))
    assert key.verifies(encode_dss_signature(r, order - s), DATA), "the mirrored s is a signature too"
    for numbers in ((r, s + order), (r + order, s), (0, s), (r, 0), (0, 0), (order, s), (r, order)):
        assert not key.verifies(encode_dss_signature(*numbers), DATA)


@pytest.mark.parametrize("algorithm", PSS)
def test_the_salt_is_as_long_as_the_hash(algorithm: int) -> None:
    digest, key, private = PSS[algorithm], key_of(algorithm), signing_key(algorithm).private
    for length in (0, 5, 20, 32, 48, 64, padding.PSS.MAX_LENGTH):
        signature = private.sign(DATA, padding.PSS(padding.MGF1(digest), length), digest)
        assert key.verifies(signature, DATA) is (length == digest.digest_size)


@pytest.mark.parametrize("algorithm", [*PKCS1, *PSS])
def test_an_rsa_signature_is_as_long_as_the_modulus(algorithm: int) -> None:
    """A number below 256^255 is the same number without its zero in front, and another signature."""
    key, signing = key_of(algorithm), signing_key(algorithm)
    data, signature = next(
        (data, signature)
        for data in map(str.encode, map(str, itertools.count()))
        if (signature := signing.sign(data))[0] == 0
    )
    assert key.verifies(signature, data)
    for other in (signature[1:], b"\0" + signature, signature + b"\0", signature[:-1]):
        assert not key.verifies(other, data)


def test_the_mask_uses_the_same_hash() -> None:
    private = signing_key(-37).private
    mixed = private.sign(DATA, padding.PSS(padding.MGF1(hashes.SHA512()), 32), hashes.SHA256())
    assert not key_of(-37).verifies(mixed, DATA)


@pytest.mark.parametrize("algorithm", PKCS1)
def test_pkcs1_names_its_hash(algorithm: int) -> None:
    private = signing_key(algorithm).private
    for other, digest in PKCS1.items():
        signature = private.sign(DATA, padding.PKCS1v15(), digest)
        assert key_of(algorithm).verifies(signature, DATA) is (other == algorithm)


@pytest.mark.parametrize("what", [None, "key", {1: 2}, b"key"])
def test_load_key_takes_cose_keys(what: Any) -> None:
    with pytest.raises(TypeError, match=f"not a COSE key: {type(what).__name__}"):
        signatures.load_key(what)


def spoilt(encoded: bytes, index: int) -> bytes:
    return encoded[:index] + bytes((encoded[index] ^ 1,)) + encoded[index + 1 :]


def outcome(read: Any, encoded: bytes) -> object:
    """The algorithm of a key that is read; code and path of the refusal otherwise."""
    try:
        return read(encoded, "key").algorithm.id
    except Malformed as malformed:
        return malformed.code, malformed.path


@pytest.mark.parametrize("algorithm", [-7, -35, -8, -257, -48])
def test_a_stored_key_is_judged_as_a_new_one_is(algorithm: int) -> None:
    """Wherever one bit of a stored key changes, `load_stored_key` says what `decode_key` says, with its code."""
    encoded = cbor.encode(signing_key(algorithm).cose)
    for changed in (*(spoilt(encoded, index) for index in range(min(len(encoded), 78))), encoded + b"\0", encoded[:-1]):
        assert outcome(load_stored_key, changed) == outcome(decode_key, changed)


def test_a_cached_key_is_loaded_once_and_verifies() -> None:
    cache = KeyCache(2)
    first, second, third = (cbor.encode(signing_key(algorithm).cose) for algorithm in (-7, -8, -257))
    kept = cache.load(first, "key")
    assert cache.load(bytes(bytearray(first)), "key") is kept
    assert kept.verifies(signing_key(-7).sign(DATA), DATA)
    assert not kept.verifies(signing_key(-7).sign(DATA), DATA + b"\0")
    cache.load(second, "key")
    assert cache.load(first, "key") is kept, "it was used since"
    cache.load(third, "key")
    assert cache.load(first, "key") is kept
    for encoded in (second, third):
        cache.load(encoded, "key")
    assert cache.load(first, "key") is not kept, "two others were used since, and there is room for two"


def test_a_cache_keeps_no_key_that_is_refused() -> None:
    cache = KeyCache()
    off_its_curve = spoilt(cbor.encode(signing_key(-7).cose), 76)
    for _ in range(2):
        with pytest.raises(Malformed):
            cache.load(off_its_curve, "key")


@pytest.mark.parametrize("size", [0, -1, True, 1.5, None, "10"])
def test_a_cache_has_a_size(size: Any) -> None:
    with pytest.raises(Misconfigured, match="1 key or more"):
        KeyCache(size)
    assert KeyCache(1)
