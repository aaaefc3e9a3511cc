"""The sql backend's signatures: every published vector of its algorithms, the edges, and the library's own verdict."""

from __future__ import annotations

import math
import random
from hashlib import sha256, sha512
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from postgres.sql_functions import Functions, encoded_key
from signing_keys import ALGORITHMS, signing_key
from test_wycheproof import cose_key, expected, load
from unlatch.crypto.signatures import load_stored_key
from unlatch.wire import algorithms, cbor
from unlatch.wire.curves import ED25519

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Key, data, signature.
Case = tuple[bytes, bytes, bytes]

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
L = 2**252 + 27742317777372353535851937790883648493
DATA = b"what the authenticator signs"
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + sha256(DATA).digest()


def verdicts(sql: Functions, cases: list[Case]) -> list[object]:
    """True or False for each case; an error becomes its SQLSTATE."""
    answers = sql.ask("webauthn.verify_signature($1, $2, $3)", cases)
    return [answer.get("value", answer.get("state")) for answer in answers]


def as_library(sql: Functions, cases: list[Case]) -> list[object]:
    """The verdicts, after a look that the library has the same."""
    found = verdicts(sql, cases)
    assert found == [load_stored_key(key, "key").verifies(signature, data) for key, data, signature in cases]
    return found


@pytest.mark.parametrize(
    ("file", "algorithm", "number"),
    [
        ("ecdsa_secp256r1_sha256_test.json", -7, 484),
        ("ed25519_test.json", -8, 151),
        ("rsa_signature_2048_sha256_test.json", -257, 259),
    ],
)
def test_every_vector(sql: Functions, file: str, algorithm: int, number: int) -> None:
    cases, wanted, names = [], [], []
    for group in load(file)["testGroups"]:
        for test in group["tests"]:
            cases.append((cose_key(algorithm, group), bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])))
            wanted.append(expected(test))
            names.append(f"{test['tcId']} {test['comment']}")
    assert len(cases) == number
    assert dict(zip(names, verdicts(sql, cases), strict=True)) == dict(zip(names, wanted, strict=True))


def test_honest_signatures_and_their_mutations(sql: Functions) -> None:
    """For each algorithm: true, and false once a bit of data, signature or (where the key stays one) key changes."""
    chance = random.Random(6)
    honest, changed = [], []
    for number in (-7, -9, -8, -19, -257):
        for length in (0, 1, 32, 69, 300):
            data = chance.randbytes(length)
            signature = signing_key(number).sign(data)
            honest.append((encoded_key(number), data, signature))
            for _ in range(4):
                broken = bytearray(signature)
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
                changed.append((encoded_key(number), data, bytes(broken)))
            changed += [(encoded_key(number), data + b"\0", signature), (encoded_key(number), data, signature + b"\0")]
            changed += [(encoded_key(number), data, signature[:-1]), (encoded_key(number), data, b"")]
    for number, stranger in ((-7, -9), (-9, -7), (-8, -19), (-19, -8)):
        changed.append((encoded_key(number), DATA, signing_key(stranger).sign(DATA)))
    assert set(as_library(sql, honest)) == {True}
    assert set(as_library(sql, changed)) == {False}


@pytest.mark.parametrize("number", sorted(set(ALGORITHMS) - {-7, -9, -8, -19, -257}))
def test_another_algorithm_is_refused_by_name(sql: Functions, number: int) -> None:
    [answer] = sql.ask("webauthn.verify_signature($1, $2, $3)", [(encoded_key(number), DATA, b"")])
    assert answer["state"] == "WA001"
    name = algorithms.ALGORITHMS[number].name
    assert answer["message"] == f"algorithm {number} ({name}) is not supported by the sql backend"


def es256_key(secret: int) -> bytes:
    point = ec.derive_private_key(secret, ec.SECP256R1()).public_key().public_numbers()
    return cbor.encode({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})


def test_keys_that_are_small_multiples_of_the_generator(sql: Functions) -> None:
    """The sums inside meet equal points, opposite points and infinity here."""
    cases = []
    for secret in (*range(1, 17), 255, 256, N // 2, N - 1, N - 2, N - 8, N - 16):
        private = ec.derive_private_key(secret, ec.SECP256R1())
        cases.append((es256_key(secret), DATA, private.sign(DATA, ec.ECDSA(hashes.SHA256()))))
    assert set(as_library(sql, cases)) == {True}


def test_sums_at_infinity_and_at_chosen_points(sql: Functions) -> None:
    """With key dG, u1 + u2 d is any number: 0 is infinity, 1 to 16 and their negatives are entries of the tables."""
    digest = int.from_bytes(sha256(DATA).digest(), "big")
    cases = []
    for secret in (1, 2, 8, N - 1):
        for point in (0, 1, 2, 8, 16, N - 1, N - 8):
            # s = (e + rd)/k with k = point; for infinity r = -e/d with any s.
            if point == 0:
                r, s = -digest * pow(secret, -1, N) % N, 12345
            else:
                r = ec.derive_private_key(point, ec.SECP256R1()).public_key().public_numbers().x % N
                s = (digest + r * secret) * pow(point, -1, N) % N
            cases.append((es256_key(secret), DATA, utils.encode_dss_signature(r, s)))
    found = as_library(sql, cases)
    assert found == ([False] + [True] * 6) * 4


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (0, 0), (N, 1), (1, N), (N + 1, 1), (1, N + 1), (2**256 - 1, 1), (2**256, 1)]
)
def test_r_and_s_out_of_range(sql: Functions, r: int, s: int) -> None:
    assert as_library(sql, [(es256_key(7), DATA, utils.encode_dss_signature(r, s))]) == [False]


def test_r_and_s_plus_the_order(sql: Functions) -> None:
    """Numbers that are congruent to a true signature's are not one, also where they fit into 32 bytes."""
    private = ec.derive_private_key(7, ec.SECP256R1())
    r, s = utils.decode_dss_signature(private.sign(DATA, ec.ECDSA(hashes.SHA256())))
    forms = [(r, s), (r, N - s), (r + N, s), (r, s + N), (N - r, s)]
    cases = [(es256_key(7), DATA, utils.encode_dss_signature(*form)) for form in forms]
    assert as_library(sql, cases) == [True, True, False, False, False]


def test_der_that_is_not_strict(sql: Functions) -> None:
    one, large = bytes.fromhex("020101"), bytes.fromhex("0221 00" + "ff" * 32)
    good = {
        b"\x30\x06" + one + one: "01".zfill(64) * 2,
        b"\x30\x26" + one + large: "01".zfill(64) + "ff" * 32,
        b"\x30\x46" + large + large: "ff" * 64,
        bytes.fromhex("30 06 020100 020100"): "00" * 64,
    }
    answers = sql.ask_each("webauthn.decode_asn1_der_signature($1)", list(good))
    assert answers == [{"value": f"\\x{numbers}"} for numbers in good.values()]
    bad = [
        "", "30", "3000", "3003 020101", "3005 020101 0201", "3007 020101 020101", "3005 020101 020101",
        "3106 020101 020101", "3006 030101 020101", "3006 020101 030101", "3006 020181 020101", "3006 0201ff 020101",
        "3006 020180 020101",
        "3007 02020001 020101", "3007 020101 02020001", "3006 0200 02020101", "3080 020101 020101 0000",
        "308106 020101 020101", "3007 02810101 020101", "3009 020101 020101 020101", "3008 020101 020101 0500",
        "3006 020101 020101 00", f"3027 020101 022201 {'ff' * 33}", f"3026 020101 0221 01{'ff' * 32}",
        f"3026 020101 0220 {'7f' * 32} 00", "3006 02ff01 020101", "3006 020101 0202 01",
    ]  # fmt: skip
    answers = sql.ask_each("webauthn.decode_asn1_der_signature($1)", [bytes.fromhex(text) for text in bad])
    assert dict(zip(bad, answers, strict=True)) == {text: {"value": None} for text in bad}


def rsa_key(n: int, e: int) -> bytes:
    numbers = (value.to_bytes((value.bit_length() + 7) // 8, "big") for value in (n, e))
    return cbor.encode({1: 3, 3: -257, **dict(zip((-1, -2), numbers, strict=True))})


def rsa_signed(primes: Sequence[int], e: int) -> tuple[int, bytes]:
    """A modulus, and a signature over `DATA` as one number of its length."""
    n = math.prod(primes)
    size = (n.bit_length() + 7) // 8
    message = int.from_bytes(padded(DIGEST_INFO, size=size), "big")
    return n, pow(message, pow(e, -1, math.prod(prime - 1 for prime in primes)), n).to_bytes(size, "big")


def test_rsa_of_other_sizes(sql: Functions) -> None:
    made = [signing_key(-257).private, rsa.generate_private_key(3, 2055)]
    p, q, r, s = (prime for private in made for prime in (private.private_numbers().p, private.private_numbers().q))
    for primes, e in (((p, q), 2**64 - 59), ((r, s), 3), ((r, s), 65537), ((p, q, r), 65537), ((p, q, r, s), 65537)):
        n, signature = rsa_signed(primes, e)
        size = len(signature)
        more = int.from_bytes(signature, "big") + n
        others = [b"\0" + signature, signature[1:], more.to_bytes(size + 1, "big")]
        if more < 1 << 8 * size:
            others.append(more.to_bytes(size, "big"))
        cases = [(rsa_key(n, e), DATA, each) for each in (signature, *others)]
        assert as_library(sql, cases) == [True] + [False] * len(others)


def test_rsa_paddings_that_a_lenient_reader_would_take(sql: Functions) -> None:
    """Each is signed with the private key, so that only the comparison of the encoded message can object."""
    numbers = signing_key(-257).private.private_numbers()
    info = DIGEST_INFO
    without_null = bytes.fromhex("302f300b0609608648016503040201 0420") + sha256(DATA).digest()
    messages = [
        padded(info),
        padded(info, lead=b"\0\2"),
        padded(info, lead=b"\1\1"),
        padded(without_null),
        padded(info, stuffing=b"\xfe"),
        padded(info + bytes(100)),
        b"\0\1" + b"\xff" * 8 + b"\0" + info + b"\x42" * (256 - 11 - len(info)),
        b"\0\1\0" + bytes(253 - len(info)) + info,
        bytes(256),
        bytes(255) + b"\1",
        (numbers.public_numbers.n - 1).to_bytes(256, "big"),
    ]
    cases = []
    for message in messages:
        signature = pow(int.from_bytes(message, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")
        cases.append((rsa_key(numbers.public_numbers.n, 65537), DATA, signature))
    assert as_library(sql, cases) == [True] + [False] * (len(cases) - 1)


def padded(content: bytes, *, lead: bytes = b"\0\1", stuffing: bytes = b"\xff", size: int = 256) -> bytes:
    return lead + stuffing * (size - 3 - len(content)) + b"\0" + content


def edwards_sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """RFC 8032 section 5.1.4 in affine coordinates."""
    p, d = ED25519.p, ED25519.d
    (x1, y1), (x2, y2) = one, other
    t = d * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, p) % p, (y1 * y2 + x1 * x2) * pow(1 - t, -1, p) % p


def edwards_times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while number:
        if number & 1:
            total = edwards_sum(total, point)
        point = edwards_sum(point, point)
        number >>= 1
    return total


def edwards_encoded(point: tuple[int, int]) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def edwards_point(y: int) -> tuple[int, int]:
    """The point with this y and an even x."""
    p = ED25519.p
    square = (y * y - 1) * pow(ED25519.d * y * y + 1, -1, p) % p
    x = pow(square, (p + 3) // 8, p)
    if x * x % p != square:
        x = x * pow(2, (p - 1) // 4, p) % p
    assert x * x % p == square
    return (p - x if x % 2 else x), y


BASE = edwards_point(4 * pow(5, -1, ED25519.p) % ED25519.p)


def ed25519_key(x: bytes) -> bytes:
    return cbor.encode({1: 1, 3: -8, -1: 6, -2: x})


def test_ed25519_keys_with_a_part_of_small_order(sql: Functions) -> None:
    """The equation without the cofactor holds only where the hash takes the small part away: one time in eight."""
    order_8 = edwards_point(max(y for y in ED25519.small_order if y not in (0, 1, ED25519.p - 1)))
    secret, nonce = 1234567, 7654321
    key = edwards_encoded(edwards_sum(edwards_times(secret, BASE), order_8))
    r = edwards_encoded(edwards_times(nonce, BASE))
    cases = []
    for number in range(24):
        data = bytes((number,))
        challenge = int.from_bytes(sha512(r + key + data).digest(), "little") % L
        cases.append((ed25519_key(key), data, r + ((nonce + challenge * secret) % L).to_bytes(32, "little")))
    found = as_library(sql, cases)
    assert 0 < found.count(True) < 24


def test_ed25519_that_is_not_canonical(sql: Functions) -> None:
    signature = signing_key(-8).sign(DATA)
    s = int.from_bytes(signature[32:], "little")
    cases = [(encoded_key(-8), DATA, signature[:32] + (s + k * L).to_bytes(32, "little")) for k in range(15)]
    assert as_library(sql, cases) == [True] + [False] * (len(cases) - 1)
    # R is the neutral point, in its canonical and in its three other encodings; S = h a.
    secret = 99
    key = edwards_encoded(edwards_times(secret, BASE))
    cases = []
    for number in (1, 1 + ED25519.p, 1 + 2**255, 1 + ED25519.p + 2**255):
        r = number.to_bytes(32, "little")
        challenge = int.from_bytes(sha512(r + key + DATA).digest(), "little") % L
        cases.append((ed25519_key(key), DATA, r + (challenge * secret % L).to_bytes(32, "little")))
    assert as_library(sql, cases) == [True, False, False, False]


def test_ed25519_keys_off_the_curve_verify_nothing(sql: Functions) -> None:
    off = [y for y in range(2, 40) if not ED25519.contains(y.to_bytes(32, "little"))]
    signature = signing_key(-8).sign(DATA)
    cases = [(ed25519_key(y.to_bytes(32, "little")), DATA, signature) for y in off]
    assert len(cases) > 10
    assert set(as_library(sql, cases)) == {False}
