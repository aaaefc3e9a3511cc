"""Names in snake and camel case, base64, and two look-ups about curves and hashes."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from unlatch.compat import either_base64
from unlatch.compat.webauthn_rp.errors import DecodingError, UnimplementedError
from unlatch.compat.webauthn_rp.types.keys import number
from unlatch.errors import Malformed
from unlatch.wire import base64url
from unlatch.wire.algorithms import ALGORITHMS
from unlatch.wire.curves import ED448, ED25519, P256, P384, P521, SECP256K1

_SIZES = {curve.crv: curve.size for curve in (P256, P384, P521, SECP256K1, ED25519, ED448)}
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake_to_camel_case(s: str) -> str:
    """``client_data_JSON`` becomes ``clientDataJSON``."""
    first, *others = s.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def camel_to_snake_case(s: str) -> str:
    """``clientDataJSON`` becomes ``client_data_json``."""
    return _CAPITAL.sub("_", s).lower()


def url_base64_encode(b: bytes) -> bytes:
    """Base64url without padding, as bytes."""
    return base64url.encode(b).encode("ascii")


def url_base64_decode(s: bytes | str) -> bytes:
    """The bytes of base64url text, with or without padding; see `read_base64`."""
    return read_base64(s if isinstance(s, str) else s.decode("ascii", "replace"), "text")


def read_base64(text: Any, what: str) -> bytes:
    """The bytes of text in either alphabet, with or without padding: what pages of both ages send.

    The older library took the standard alphabet alone and dropped characters of the other one in silence.

    Raises:
        DecodingError: Not base64.
    """
    try:
        return either_base64.read(text, what)
    except Malformed as error:
        raise DecodingError(f"{what} is not base64: {error.detail}") from error


def curve_coordinate_byte_length(crv: int | Enum) -> int:
    """How many bytes a coordinate of a curve (a number or word of COSE) has.

    Raises:
        UnimplementedError: An unknown curve.
    """
    try:
        return _SIZES[number(crv)]
    except KeyError:
        raise UnimplementedError(f"no curve {crv!r}") from None


def ec2_hash_algorithm(alg: int | Enum) -> Any:
    """The hash of an ECDSA algorithm (a number or word of COSE), as an object of `cryptography`.

    Raises:
        UnimplementedError: Not such an algorithm.
    """
    from cryptography.hazmat.primitives import hashes

    row = ALGORITHMS.get(number(alg))
    if row is None or row.key_type != 2:
        raise UnimplementedError(f"{alg!r} is no ECDSA algorithm")
    return {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[row.hash]
