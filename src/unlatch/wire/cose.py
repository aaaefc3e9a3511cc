"""COSE public keys (RFC 9052 section 7, RFC 9053, RFC 8230, RFC 9964) as WebAuthn restricts them (section 6.5.1.1).

A credential key holds `alg` and the parameters of its key type, nothing more: no private part, no compressed point.
The algorithm, the key type and the curve must belong together. Every key is read by `decode_key`, when it is
registered and each time it is used, so a stored key gets no more trust than a fresh one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias, cast

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.values import frozen
from unlatch.wire import cbor
from unlatch.wire.algorithms import ALGORITHMS, Algorithm, KeyType
from unlatch.wire.curves import EdwardsCurve, WeierstrassCurve

if TYPE_CHECKING:
    from collections.abc import Callable

    _Map: TypeAlias = dict[cbor.Key, cbor.Value]

#: Below 2048 bits RSA is no longer thought safe; above 8192 bits a verification becomes a way to burn CPU time.
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
#: Larger exponents do not occur and slow verification down; OpenSSL draws the same line for large moduli.
MAX_RSA_EXPONENT_BITS = 64

_KTY, _ALG, _CRV, _X, _Y = 1, 3, -1, -2, -3
_N, _E = -1, -2
_PUB = -1


@frozen
class Ec2Key:
    """A point of a Weierstrass curve, coordinates big-endian and as long as the curve's field."""

    algorithm: Algorithm
    curve: WeierstrassCurve
    x: bytes
    y: bytes


@frozen
class OkpKey:
    """An encoded point of an Edwards curve (RFC 8032)."""

    algorithm: Algorithm
    curve: EdwardsCurve
    x: bytes

    def is_on_curve(self) -> bool:
        """Whether the encoding decodes to a point; asked once, at registration (see `EdwardsCurve.decode_y`)."""
        return self.curve.contains(self.x)


@frozen
class RsaKey:
    """Modulus and public exponent."""

    algorithm: Algorithm
    n: int
    e: int


@frozen
class AkpKey:
    """The encoded public key of an algorithm key pair (ML-DSA)."""

    algorithm: Algorithm
    pub: bytes


CoseKey: TypeAlias = Ec2Key | OkpKey | RsaKey | AkpKey


#: Canonical CBOR writes each ES256 key, and nearly all keys are such, in one way: this, x, then this, y.
_ES256_BEFORE_X, _ES256_BEFORE_Y = bytes.fromhex("a5010203262001215820"), bytes.fromhex("225820")
_ES256_LENGTH = 77


def es256_point(encoded: bytes) -> bytes | None:
    """The uncompressed point of an ES256 key that fills `encoded`; None for every other key and every other form.

    That the point is on its curve is for the caller to judge.
    """
    if len(encoded) == _ES256_LENGTH and encoded.startswith(_ES256_BEFORE_X) and encoded[42:45] == _ES256_BEFORE_Y:
        return b"\x04" + encoded[10:42] + encoded[45:]
    return None


def decode_key(encoded: bytes, path: str) -> CoseKey:
    """Decode a stored COSE_Key that fills `encoded`.

    Raises:
        Malformed: Not canonical CBOR, or as `read_key`.
    """
    key, end = decode_key_at(encoded, 0, path)
    if end != len(encoded):
        raise Malformed(Code.CBOR_TRAILING, path, f"{len(encoded) - end} bytes after the key")
    return key


def decode_key_at(data: bytes, offset: int, path: str, *, sorted_keys: bool = True) -> tuple[CoseKey, int]:
    """Decode the COSE_Key that starts at `offset`.

    Args:
        data: What holds the key.
        offset: Where it starts.
        path: Where in the input it stands, for the error.
        sorted_keys: False tolerates map keys out of canonical order.

    Returns:
        The key and the offset of the first byte after it.

    Raises:
        Malformed: As `decode_key`, except that bytes after the key are left to the caller.
    """
    form = _forms().get(data[offset : offset + _TELLING])
    if form is not None:
        algorithm, head, size, between, second_size, judge = form
        start = offset + len(head)
        middle = start + size
        second = middle + len(between)
        end = second + second_size
        if end <= len(data) and data.startswith(head, offset) and data.startswith(between, middle):
            return judge(algorithm, data[start:middle], data[second:end], path), end
    value, end = cbor.decode_at(data, offset, path, sorted_keys=sorted_keys)
    return read_key(value, path), end


def read_key(value: cbor.Value, path: str) -> CoseKey:
    """Make a key from its decoded CBOR map.

    Args:
        value: The decoded COSE_Key.
        path: Where in the input the key stands, for the error.

    Raises:
        Malformed: Not a map; unknown algorithm, or one that credentials may not use; key type or curve that does not
            belong to it; a missing, surplus, private or badly sized parameter; a point off its curve or of small
            order; an RSA modulus or exponent outside the accepted range.
    """
    if type(value) is not dict:
        raise Malformed(Code.KEY, path, "a COSE key is a map")
    identifier = value.get(_ALG)
    algorithm = ALGORITHMS.get(identifier) if type(identifier) is int else None
    if algorithm is None or not algorithm.for_credentials:
        raise Malformed(Code.KEY_ALGORITHM, path, f"algorithm {identifier!r} is not known for credentials")
    key_type = value.get(_KTY)
    if type(key_type) is not int or key_type != algorithm.key_type:
        raise Malformed(Code.KEY_ALGORITHM, path, f"key type {key_type!r} does not belong to {algorithm.name}")
    return _READERS[key_type](value, algorithm, path)


def _expect_parameters(value: _Map, parameters: frozenset[int], path: str) -> None:
    """Refuse surplus parameters (a private part among them) as well as missing ones."""
    if value.keys() != parameters:
        odd = sorted(value.keys() ^ parameters, key=str)
        raise Malformed(Code.KEY_PARAMETERS, path, f"missing or surplus COSE key parameters {odd}")


def _expect_curve(value: _Map, algorithm: Algorithm, path: str) -> None:
    curve = value[_CRV]
    bound = cast("WeierstrassCurve | EdwardsCurve", algorithm.curve)
    if type(curve) is not int or curve != bound.crv:
        raise Malformed(Code.KEY_ALGORITHM, path, f"curve {curve!r} does not belong to {algorithm.name}")


def _sized(value: _Map, label: int, size: int, path: str) -> bytes:
    found = value[label]
    if not isinstance(found, bytes) or len(found) != size:
        raise Malformed(Code.KEY_LENGTH, path, f"parameter {label} must be a byte string of {size} bytes")
    return found


_EC2_PARAMETERS = frozenset((_KTY, _ALG, _CRV, _X, _Y))


def _read_ec2(value: _Map, algorithm: Algorithm, path: str) -> Ec2Key:
    _expect_parameters(value, _EC2_PARAMETERS, path)
    _expect_curve(value, algorithm, path)
    size = cast("WeierstrassCurve", algorithm.curve).size
    # A compressed point has a boolean y; `_sized` refuses it like any other value that is not a coordinate.
    return _ec2(algorithm, _sized(value, _X, size, path), _sized(value, _Y, size, path), path)


def _ec2(algorithm: Algorithm, x: bytes, y: bytes, path: str) -> Ec2Key:
    curve = cast("WeierstrassCurve", algorithm.curve)
    if not curve.contains(x, y):
        raise Malformed(Code.KEY_NOT_ON_CURVE, path, f"the point is not on {curve.name}")
    return Ec2Key(algorithm, curve, x, y)


_OKP_PARAMETERS = frozenset((_KTY, _ALG, _CRV, _X))


def _read_okp(value: _Map, algorithm: Algorithm, path: str) -> OkpKey:
    _expect_parameters(value, _OKP_PARAMETERS, path)
    _expect_curve(value, algorithm, path)
    return _okp(algorithm, _sized(value, _X, cast("EdwardsCurve", algorithm.curve).size, path), b"", path)


def _okp(algorithm: Algorithm, x: bytes, _: bytes, path: str) -> OkpKey:
    curve = cast("EdwardsCurve", algorithm.curve)
    if curve.decode_y(x) is None:
        raise Malformed(Code.KEY_NOT_ON_CURVE, path, f"not a canonical point of large order on {curve.name}")
    return OkpKey(algorithm, curve, x)


_RSA_PARAMETERS = frozenset((_KTY, _ALG, _N, _E))


def _read_rsa(value: _Map, algorithm: Algorithm, path: str) -> RsaKey:
    _expect_parameters(value, _RSA_PARAMETERS, path)
    return _rsa(algorithm, value[_N], value[_E], path)


def _rsa(algorithm: Algorithm, modulus: cbor.Value, exponent: cbor.Value, path: str) -> RsaKey:
    n, e = _unsigned(modulus, _N, path), _unsigned(exponent, _E, path)
    if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS:
        raise Malformed(Code.KEY_WEAK, path, f"an RSA modulus of {n.bit_length()} bits")
    if n % 2 == 0 or e % 2 == 0 or e < 3 or e.bit_length() > MAX_RSA_EXPONENT_BITS:
        raise Malformed(Code.KEY_WEAK, path, "RSA modulus and exponent must be odd, the exponent at least 3 and small")
    return RsaKey(algorithm, n, e)


def _unsigned(found: cbor.Value, label: int, path: str) -> int:
    """A big-endian integer in as few bytes as possible (RFC 8230 section 4)."""
    if not isinstance(found, bytes) or not found or found[0] == 0:
        raise Malformed(Code.KEY_LENGTH, path, f"parameter {label} must be a byte string without leading zeros")
    return int.from_bytes(found, "big")


_AKP_PARAMETERS = frozenset((_KTY, _ALG, _PUB))


def _read_akp(value: _Map, algorithm: Algorithm, path: str) -> AkpKey:
    _expect_parameters(value, _AKP_PARAMETERS, path)
    return _akp(algorithm, _sized(value, _PUB, algorithm.key_length, path), b"", path)


def _akp(algorithm: Algorithm, public_key: bytes, _: bytes, __: str) -> AkpKey:
    return AkpKey(algorithm, public_key)


_READERS: dict[int, Callable[[_Map, Algorithm, str], CoseKey]] = {
    KeyType.EC2: _read_ec2,
    KeyType.OKP: _read_okp,
    KeyType.RSA: _read_rsa,
    KeyType.AKP: _read_akp,
}


if TYPE_CHECKING:
    #: Judges the parameters of a key: the algorithm, one or two byte strings (the second may be empty), the path.
    _Judge: TypeAlias = Callable[[Algorithm, bytes, bytes, str], CoseKey]
    #: Algorithm, what stands before the first parameter, its size, what stands before the second, its size, the judge.
    _Form: TypeAlias = tuple[Algorithm, bytes, int, bytes, int, _Judge]

#: In so many bytes a key tells its type, its algorithm and its curve.
_TELLING = 8
#: What makes nearly all RSA keys: a modulus of 2048 bits and the exponent 65537.
_USUAL_N, _USUAL_E = 256, 3


@cache
def _forms() -> dict[bytes, _Form]:
    """The canonical form of the keys of each algorithm, by its first bytes.

    Canonical CBOR leaves nothing open but the parameters, so a key is recognised without reading it entry by entry.
    Its parameters are judged as any other's, and about everything of another form the general reader decides.
    """
    forms = {}
    for algorithm in ALGORITHMS.values():
        if algorithm.for_credentials:
            form = _form(algorithm)
            forms[form[1][:_TELLING]] = form
    return forms


def _form(algorithm: Algorithm) -> _Form:
    fixed: _Map = {_KTY: int(algorithm.key_type), _ALG: algorithm.id}
    if algorithm.curve is not None:
        fixed[_CRV] = algorithm.curve.crv
    size = algorithm.key_length if algorithm.curve is None else algorithm.curve.size
    shapes: dict[KeyType, tuple[_Judge, tuple[tuple[int, int], ...]]] = {
        KeyType.EC2: (_ec2, ((_X, size), (_Y, size))),
        KeyType.OKP: (_okp, ((_X, size),)),
        KeyType.RSA: (_rsa, ((_N, _USUAL_N), (_E, _USUAL_E))),
        KeyType.AKP: (_akp, ((_PUB, size),)),
    }
    judge, parameters = shapes[algorithm.key_type]
    # An entry without its value, as it stands in a map behind the byte that counts the entries.
    before = [cbor.encode({label: bytes(length)})[1:-length] for label, length in parameters] + [b""]
    head = bytes((0xA0 + len(fixed) + len(parameters),)) + cbor.encode(fixed)[1:] + before[0]
    return algorithm, head, parameters[0][1], before[1], sum(length for _, length in parameters[1:]), judge
