"""Faults of the credential's COSE key: type, algorithm and curve that do not belong together, and bad numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa

from unlatch.codes import Code
from unlatch.testing.faults.writing import drop, edit, fault, put, through, to
from unlatch.testing.keys import KeyPair, credential_algorithms, unsigned
from unlatch.testing.points import Point
from unlatch.wire import cbor

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene


_EC2, _OKP = credential_algorithms("ecdsa"), credential_algorithms("eddsa")
_RSA, _AKP = credential_algorithms("pkcs1", "pss"), credential_algorithms("mldsa")
_KTY, _ALG, _CRV, _X, _Y, _N, _E = 1, 3, -1, -2, -3, -1, -2


def _key(name: str, what: str, change: Change, code: Code, algorithms: Any = None) -> Fault:
    return fault(
        f"registration.attestation-object.key-{name}",
        what,
        Point.KEY,
        change,
        code,
        decoder=True,
        algorithms=algorithms,
    )


def _flip_last(octets: bytes) -> bytes:
    return octets[:-1] + bytes((octets[-1] ^ 1,))


def _modulus(bits: int) -> Change:
    """A sound modulus of another size; made when the fault strikes."""

    def change(key: dict[Any, Any], _scene: Scene) -> dict[Any, Any]:
        numbers = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key().public_numbers()
        return {**key, _N: unsigned(numbers.n)}

    return change


def _foreign(algorithm: int) -> Change:
    """A sound key of `algorithm` that still claims to be for the algorithm which was chosen."""
    return lambda key, _scene: {**KeyPair.generate(algorithm).cose, _ALG: key[_ALG]}


def _not_offered(honest: int, scene: Scene) -> int:
    offered = {each["alg"] for each in scene.options["pubKeyCredParams"]}
    # An algorithm that the format can attest as well is tried first.
    preferred = (honest, -7, -8, -35, -257, -36, -258, -37)
    return next(number for number in (*preferred, *credential_algorithms()) if number not in offered)


_ANY = (
    fault(
        "registration.attestation-object.key-not-a-map",
        "The key is not a map.",
        Point.KEY_BYTES,
        to(cbor.encode([1, 2, 3])),
        Code.KEY,
        decoder=True,
    ),
    fault(
        "registration.attestation-object.key-raw-point",
        "The key is a byte string.",
        Point.KEY_BYTES,
        to(cbor.encode(b"\x04" * 65)),
        Code.KEY,
        decoder=True,
    ),
    fault(
        "registration.attestation-object.key-cut",
        "The key ends inside its first parameter.",
        Point.KEY_BYTES,
        to(b"\xa1\x01\x58"),
        Code.CBOR_TRUNCATED,
        decoder=True,
    ),
    _key("no-alg", "The key names no algorithm.", drop(_ALG), Code.KEY_ALGORITHM),
    _key("alg-text", "The algorithm is named by a text.", put(_ALG, "ES256"), Code.KEY_ALGORITHM),
    _key("alg-unknown", "The algorithm does not exist.", put(_ALG, -9999), Code.KEY_ALGORITHM),
    _key("alg-symmetric", "The algorithm is an HMAC.", put(_ALG, 5), Code.KEY_ALGORITHM),
    _key("alg-sha-1", "The algorithm is RS1, which is for attestation only.", put(_ALG, -65535), Code.KEY_ALGORITHM),
    _key("no-kty", "The key has no type.", drop(_KTY), Code.KEY_ALGORITHM),
    _key("kty-symmetric", "The key type is symmetric.", put(_KTY, 4), Code.KEY_ALGORITHM),
    _key("kty-text", "The key type is a text.", put(_KTY, "EC2"), Code.KEY_ALGORITHM),
    _key(
        "kid",
        "The key has an identifier, which is not one of its required parameters.",
        put(2, b"kid"),
        Code.KEY_PARAMETERS,
    ),
    _key("key-operations", "The key lists operations.", put(4, [2]), Code.KEY_PARAMETERS),
    _key("text-label", "The key has a parameter with a text label.", put("x", b""), Code.KEY_PARAMETERS),
    _key(
        "ec-private",
        "The private part of the key came along.",
        put(-4, b"\x01" * 32),
        Code.KEY_PARAMETERS,
        (*_EC2, *_OKP),
    ),
    _key("rsa-private", "The private part of the key came along.", put(-3, b"\x01" * 256), Code.KEY_PARAMETERS, _RSA),
    _key("akp-private", "The private part of the key came along.", put(-2, b"\x01" * 32), Code.KEY_PARAMETERS, _AKP),
    fault(
        "registration.algorithm.not-offered",
        "The algorithm of the key was not offered.",
        Point.ALGORITHM,
        _not_offered,
        Code.ALGORITHM_NOT_OFFERED,
        formats=("none", "packed", "packed-self"),
    ),
    fault(
        "registration.algorithm.fully-specified",
        "The key says ESP256 where ES256 was offered.",
        Point.KEY,
        put(_ALG, -9),
        Code.ALGORITHM_NOT_OFFERED,
        formats=("none",),
        algorithms=(-7,),
    ),
)

_EC2_KEYS = (
    _key("ec2-off-curve", "The point is not on the curve.", edit(_Y, _flip_last), Code.KEY_NOT_ON_CURVE, _EC2),
    _key(
        "ec2-infinity",
        "Both coordinates are zero.",
        through(lambda key: {**key, _X: bytes(len(key[_X])), _Y: bytes(len(key[_Y]))}),
        Code.KEY_NOT_ON_CURVE,
        _EC2,
    ),
    _key(
        "ec2-x-not-reduced",
        "The x coordinate is not smaller than the field's prime.",
        edit(_X, lambda x: b"\xff" * len(x)),
        Code.KEY_NOT_ON_CURVE,
        _EC2,
    ),
    _key("ec2-x-short", "The x coordinate lacks a byte.", edit(_X, lambda x: x[1:]), Code.KEY_LENGTH, _EC2),
    _key(
        "ec2-x-long",
        "A zero byte stands before the x coordinate.",
        edit(_X, lambda x: b"\x00" + x),
        Code.KEY_LENGTH,
        _EC2,
    ),
    _key("ec2-y-short", "The y coordinate lacks a byte.", edit(_Y, lambda y: y[:-1]), Code.KEY_LENGTH, _EC2),
    _key("ec2-x-integer", "The x coordinate is an integer.", put(_X, 5), Code.KEY_LENGTH, _EC2),
    _key("ec2-compressed", "The point is compressed: y is a sign.", put(_Y, True), Code.KEY_LENGTH, _EC2),
    _key("ec2-no-x", "The x coordinate is missing.", drop(_X), Code.KEY_PARAMETERS, _EC2),
    _key("ec2-no-y", "The y coordinate is missing.", drop(_Y), Code.KEY_PARAMETERS, _EC2),
    _key("ec2-no-crv", "The curve is missing.", drop(_CRV), Code.KEY_PARAMETERS, _EC2),
    _key(
        "ec2-crv-other",
        "The curve does not belong to the algorithm.",
        edit(_CRV, lambda curve: 2 if curve != 2 else 1),
        Code.KEY_ALGORITHM,
        _EC2,
    ),
    _key("ec2-crv-text", "The curve is named by a text.", put(_CRV, "P-256"), Code.KEY_ALGORITHM, _EC2),
    _key(
        "ec2-p-384",
        "A sound P-384 key claims to be for an algorithm of another curve.",
        _foreign(-35),
        Code.KEY_ALGORITHM,
        (-7, -9, -36, -47, -52),
    ),
    _key("ec2-okp-type", "The key claims to be an octet key pair.", put(_KTY, 1), Code.KEY_ALGORITHM, _EC2),
    _key("ec2-rsa-under-ecdsa", "An RSA key claims to be for ECDSA.", _foreign(-257), Code.KEY_ALGORITHM, _EC2),
)

_OKP_KEYS = (
    _key("okp-x-short", "The public key lacks a byte.", edit(_X, lambda x: x[:-1]), Code.KEY_LENGTH, _OKP),
    _key("okp-x-long", "A byte follows the public key.", edit(_X, lambda x: x + b"\x00"), Code.KEY_LENGTH, _OKP),
    _key("okp-no-x", "The public key is missing.", drop(_X), Code.KEY_PARAMETERS, _OKP),
    _key("okp-no-crv", "The curve is missing.", drop(_CRV), Code.KEY_PARAMETERS, _OKP),
    _key(
        "okp-ed448",
        "An Ed448 key claims to be for EdDSA as WebAuthn means it.",
        _foreign(-53),
        Code.KEY_ALGORITHM,
        (-8, -19),
    ),
    _key("okp-ed25519", "An Ed25519 key claims to be for Ed448.", _foreign(-8), Code.KEY_ALGORITHM, (-53,)),
    _key("okp-agreement-curve", "The curve is X25519, which cannot sign.", put(_CRV, 4), Code.KEY_ALGORITHM, _OKP),
    _key("okp-ec2-type", "The key claims to be of type EC2.", put(_KTY, 2), Code.KEY_ALGORITHM, _OKP),
    _key(
        "okp-off-curve",
        "The octets are no point of the curve.",
        put(_X, b"\x02" + bytes(31)),
        Code.KEY_NOT_ON_CURVE,
        (-8, -19),
    ),
    _key(
        "okp-identity",
        "The public key is the neutral element, under which anyone can sign.",
        edit(_X, lambda x: b"\x01" + bytes(len(x) - 1)),
        Code.KEY_NOT_ON_CURVE,
        _OKP,
    ),
    _key(
        "okp-small-order",
        "The public key is a point of small order.",
        edit(_X, lambda x: bytes(len(x))),
        Code.KEY_NOT_ON_CURVE,
        _OKP,
    ),
    _key(
        "okp-not-canonical",
        "The y coordinate is not smaller than the field's prime.",
        put(_X, (2**255 - 19 + 3).to_bytes(32, "little")),
        Code.KEY_NOT_ON_CURVE,
        (-8, -19),
    ),
)

_RSA_KEYS = (
    _key("rsa-1024", "The modulus has 1024 bits.", _modulus(1024), Code.KEY_WEAK, _RSA),
    _key("rsa-tiny", "The modulus is 3.", put(_N, b"\x03"), Code.KEY_WEAK, _RSA),
    _key("rsa-huge", "The modulus has 16,384 bits.", put(_N, b"\xff" * 2048), Code.KEY_WEAK, _RSA),
    _key("rsa-even", "The modulus is even.", edit(_N, lambda n: n[:-1] + bytes((n[-1] & 0xFE,))), Code.KEY_WEAK, _RSA),
    _key(
        "rsa-leading-zero",
        "The modulus has a leading zero byte.",
        edit(_N, lambda n: b"\x00" + n),
        Code.KEY_LENGTH,
        _RSA,
    ),
    _key("rsa-empty", "The modulus is empty.", put(_N, b""), Code.KEY_LENGTH, _RSA),
    _key("rsa-no-modulus", "The modulus is missing.", drop(_N), Code.KEY_PARAMETERS, _RSA),
    _key("rsa-no-exponent", "The exponent is missing.", drop(_E), Code.KEY_PARAMETERS, _RSA),
    _key(
        "rsa-exponent-1", "The exponent is 1: everything is its own signature.", put(_E, b"\x01"), Code.KEY_WEAK, _RSA
    ),
    _key("rsa-exponent-even", "The exponent is even.", put(_E, b"\x01\x00\x00"), Code.KEY_WEAK, _RSA),
    _key(
        "rsa-exponent-long",
        "The exponent has a leading zero byte.",
        put(_E, b"\x00\x01\x00\x01"),
        Code.KEY_LENGTH,
        _RSA,
    ),
    _key("rsa-exponent-huge", "The exponent has 2048 bits.", put(_E, b"\xff" * 256), Code.KEY_WEAK, _RSA),
    _key("rsa-exponent-integer", "The exponent is an integer.", put(_E, 65537), Code.KEY_LENGTH, _RSA),
    _key("rsa-ec2-under-rsa", "An EC key claims to be for RSA.", _foreign(-7), Code.KEY_ALGORITHM, _RSA),
)

_AKP_KEYS = (
    _key("akp-pub-short", "The public key lacks a byte.", edit(-1, lambda pub: pub[:-1]), Code.KEY_LENGTH, _AKP),
    _key(
        "akp-pub-other-size",
        "The public key is one of another parameter set.",
        through(lambda key: {**key, -1: KeyPair.generate(-48 if key[_ALG] != -48 else -49).cose[-1]}),
        Code.KEY_LENGTH,
        _AKP,
    ),
    _key("akp-no-pub", "The public key is missing.", drop(-1), Code.KEY_PARAMETERS, _AKP),
)


FAULTS = (*_ANY, *_EC2_KEYS, *_OKP_KEYS, *_RSA_KEYS, *_AKP_KEYS)
