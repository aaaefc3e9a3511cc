"""Curves: a point is there exactly where `cryptography` finds it, and small orders are known."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from unlatch.wire import curves
from unlatch.wire.curves import EdwardsCurve, WeierstrassCurve

WEIERSTRASS = [
    (curves.P256, ec.SECP256R1()),
    (curves.P384, ec.SECP384R1()),
    (curves.P521, ec.SECP521R1()),
    (curves.SECP256K1, ec.SECP256K1()),
]
EDWARDS = [(curves.ED25519, Ed25519PrivateKey), (curves.ED448, Ed448PrivateKey)]


def on_curve_by_cryptography(curve: ec.EllipticCurve, x: int, y: int) -> bool:
    try:
        ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("ours", "theirs"), WEIERSTRASS, ids=lambda value: value.name)
def test_real_points_and_their_neighbours(ours: WeierstrassCurve, theirs: ec.EllipticCurve) -> None:
    for _ in range(5):
        point = ec.generate_private_key(theirs).public_key().public_numbers()
        x, y = point.x.to_bytes(ours.size, "big"), point.y.to_bytes(ours.size, "big")
        assert ours.contains(x, y)
        assert ours.contains(x, (ours.p - point.y).to_bytes(ours.size, "big"))
        assert not ours.contains(x, ((point.y + 1) % ours.p).to_bytes(ours.size, "big"))
        assert not ours.contains(y, x)


@pytest.mark.parametrize(("ours", "theirs"), WEIERSTRASS, ids=lambda value: value.name)
def test_sizes_and_constants(ours: WeierstrassCurve, theirs: ec.EllipticCurve) -> None:
    assert ours.size == (theirs.key_size + 7) // 8
    assert ours.p.bit_length() == theirs.key_size


@given(st.data())
def test_coordinates_near_the_edges(data: st.DataObject) -> None:
    ours, theirs = data.draw(st.sampled_from(WEIERSTRASS))
    edge = st.sampled_from([0, 1, 2, ours.p - 1, ours.p, ours.p + 1, (1 << 8 * ours.size) - 1])
    x, y = data.draw(edge), data.draw(edge | st.integers(0, ours.p))
    expected = x < ours.p and y < ours.p and on_curve_by_cryptography(theirs, x, y)
    assert ours.contains(x.to_bytes(ours.size, "big"), y.to_bytes(ours.size, "big")) == expected


def test_a_coordinate_is_smaller_than_the_field() -> None:
    """The point (x + p, y) satisfies the equation too; P-521 leaves the most room to write it."""
    curve = curves.P521
    for x in range(200):
        square = (x**3 + curve.a * x + curve.b) % curve.p
        y = pow(square, (curve.p + 1) // 4, curve.p)
        if y * y % curve.p == square:
            assert curve.contains(x.to_bytes(66, "big"), y.to_bytes(66, "big"))
            assert not curve.contains((x + curve.p).to_bytes(66, "big"), y.to_bytes(66, "big"))
            assert not curve.contains(x.to_bytes(66, "big"), (y + curve.p).to_bytes(66, "big"))
            return
    pytest.fail("no small x on the curve")


@pytest.mark.parametrize(("curve", "private_key"), EDWARDS, ids=lambda value: getattr(value, "name", ""))
def test_real_edwards_points(curve: EdwardsCurve, private_key: type) -> None:
    for _ in range(20):
        encoded = private_key.generate().public_key().public_bytes_raw()
        assert len(encoded) == curve.size
        assert curve.contains(encoded)
        flipped = encoded[:-1] + bytes((encoded[-1] ^ 0x80,))
        assert curve.contains(flipped), "the other root is on the curve too"


def encode(curve: EdwardsCurve, y: int, sign: int = 0) -> bytes:
    return (y | sign << (8 * curve.size - 1)).to_bytes(curve.size, "little")


def recover_x(curve: EdwardsCurve, y: int) -> int | None:
    """An x for which ax^2 + y^2 = 1 + dx^2y^2, found by a general square root; None if there is none."""
    p = curve.p
    square = (y * y - 1) * pow(curve.d * y * y - curve.a, -1, p) % p
    if p % 4 == 3:
        x = pow(square, (p + 1) // 4, p)
    else:
        x = pow(square, (p + 3) // 8, p)
        if x * x % p != square:
            x = x * pow(2, (p - 1) // 4, p) % p
    return x if x * x % p == square else None


def multiply(curve: EdwardsCurve, point: tuple[int, int], times: int) -> tuple[int, int]:
    """Repeated addition by the complete formula of RFC 8032."""
    p, result = curve.p, (0, 1)
    for _ in range(times):
        (x1, y1), (x2, y2) = result, point
        product = curve.d * x1 * x2 * y1 * y2 % p
        result = (
            (x1 * y2 + x2 * y1) * pow(1 + product, -1, p) % p,
            (y1 * y2 - curve.a * x1 * x2) * pow(1 - product, -1, p) % p,
        )
    return result


@pytest.mark.parametrize(("curve", "cofactor"), [(curves.ED25519, 8), (curves.ED448, 4)], ids=["Ed25519", "Ed448"])
def test_small_orders_are_exactly_those_listed(curve: EdwardsCurve, cofactor: int) -> None:
    for y in curve.small_order:
        assert not curve.contains(encode(curve, y))
        assert not curve.contains(encode(curve, y, 1))
        assert curve.decode_y(encode(curve, y)) is None
        x = recover_x(curve, y)
        assert x is not None, "each listed y belongs to a point"
        assert multiply(curve, (x, y), cofactor) == (0, 1), "whose order divides the cofactor"
    points = 2 * len(curve.small_order) - 2  # y = 1 and y = -1 have one x each
    assert points == cofactor, "and all of them are listed"


@given(st.sampled_from([curve for curve, _ in EDWARDS]), st.integers(0, 2**456))
def test_decompression(curve: EdwardsCurve, number: int) -> None:
    y = number % curve.p
    expected = recover_x(curve, y) is not None and y not in curve.small_order
    assert curve.contains(encode(curve, y)) == expected
    assert curve.contains(encode(curve, y, 1)) == expected


@pytest.mark.parametrize("curve", [curve for curve, _ in EDWARDS], ids=lambda curve: curve.name)
def test_y_is_smaller_than_the_field(curve: EdwardsCurve) -> None:
    """RFC 8032 refuses y >= p; several verifiers reduce it instead, and then one key has two encodings."""
    for y in range(2, 19):
        assert curve.decode_y(encode(curve, y)) == y
        beyond = y + curve.p
        assert curve.decode_y(encode(curve, beyond)) is None
        assert not curve.contains(encode(curve, beyond))
    assert curve.decode_y(b"\xff" * curve.size) is None


def test_the_unused_byte_of_ed448_is_zero() -> None:
    encoded = Ed448PrivateKey.generate().public_key().public_bytes_raw()
    for last in range(1, 0x80):
        assert not curves.ED448.contains(encoded[:-1] + bytes((last,)))
