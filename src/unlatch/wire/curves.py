"""The curves that credential keys live on, and whether a point is really there.

Pure integer arithmetic on public values. A point off its curve, or of small order, makes signatures meaningless: a
key with such a point is refused where it is read, before anything is verified with it.
"""

from __future__ import annotations

from unlatch.values import frozen


@frozen
class WeierstrassCurve:
    """y^2 = x^3 + ax + b over the integers modulo p (SEC 2 version 2.0).

    Attributes:
        crv: COSE elliptic curve identifier.
        name: Name as in RFC 9053.
        size: Length of one coordinate in bytes.
    """

    crv: int
    name: str
    size: int
    p: int
    a: int
    b: int

    def contains(self, x: bytes, y: bytes) -> bool:
        """Whether the big-endian affine coordinates are in range and satisfy the curve's equation.

        These curves have prime order, so every point on them (infinity has no affine coordinates) is fit for use.
        """
        u = int.from_bytes(x, "big")
        v = int.from_bytes(y, "big")
        return u < self.p and v < self.p and (v * v - (u * u + self.a) * u - self.b) % self.p == 0


@frozen
class EdwardsCurve:
    """ax^2 + y^2 = 1 + dx^2y^2 over the integers modulo p (RFC 8032 section 5).

    Attributes:
        crv: COSE elliptic curve identifier.
        name: Name as in RFC 9053.
        size: Length of an encoded point in bytes.
        small_order: The y coordinates of all points whose order divides the cofactor.
    """

    crv: int
    name: str
    size: int
    p: int
    a: int
    d: int
    small_order: frozenset[int]

    def decode_y(self, encoded: bytes) -> int | None:
        """The y coordinate of a canonical encoding that is not of small order; None for every other encoding.

        A few comparisons, cheap enough for every use of a key. That the point is on the curve at all is what
        `contains` asks when the key is registered, and what the verification of each signature asks again.
        """
        last = len(encoded) - 1
        y = int.from_bytes(encoded[:last] + bytes((encoded[last] & 0x7F,)), "little")
        return y if y < self.p and y not in self.small_order else None

    def contains(self, encoded: bytes) -> bool:
        """Whether `encoded` is a canonical point (RFC 8032 sections 5.1.3 and 5.2.3) that is not of small order.

        x = 0 belongs to points of small order only, so the rule that its sign bit be zero needs no line of its own.
        """
        y = self.decode_y(encoded)
        if y is None:
            return False
        p = self.p
        u = (y * y - 1) % p
        v = (self.d * y * y - self.a) % p
        # x^2 = u/v has a root exactly where u*v is a square (Euler's criterion); which root is of no interest here.
        return pow(u * v % p, (p - 1) // 2, p) == 1


P256 = WeierstrassCurve(
    crv=1,
    name="P-256",
    size=32,
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    a=-3,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
)
P384 = WeierstrassCurve(
    crv=2,
    name="P-384",
    size=48,
    p=2**384 - 2**128 - 2**96 + 2**32 - 1,
    a=-3,
    b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
)
P521 = WeierstrassCurve(
    crv=3,
    name="P-521",
    size=66,
    p=2**521 - 1,
    a=-3,
    b=int(
        "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF1"
        "09E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
        16,
    ),
)
SECP256K1 = WeierstrassCurve(crv=8, name="secp256k1", size=32, p=2**256 - 2**32 - 977, a=0, b=7)
_P25519 = 2**255 - 19
#: Points of order 8 double to y = 0, which gives dy^4 + 2y^2 = 1; its two roots in the field:
_Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
ED25519 = EdwardsCurve(
    crv=6,
    name="Ed25519",
    size=32,
    p=_P25519,
    a=-1,
    d=-121665 * pow(121666, -1, _P25519) % _P25519,
    small_order=frozenset((0, 1, _P25519 - 1, _Y_OF_ORDER_8, _P25519 - _Y_OF_ORDER_8)),
)
_P448 = 2**448 - 2**224 - 1
ED448 = EdwardsCurve(crv=7, name="Ed448", size=57, p=_P448, a=1, d=-39081, small_order=frozenset((0, 1, _P448 - 1)))
