"""Mutation that knows the layers: JSON, base64url inside it, and CBOR or JSON again inside that.

A flipped bit in a response hardly ever gets past the outermost decoder. Here one member is opened, as deep as it goes,
changed, and everything around it is written again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from unlatch import Malformed
from unlatch.wire import base64url, cbor

#: Changes bytes without knowing what they are.
MutateBytes = Callable[[bytes], bytes]

_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, -7, -257, 2**31, 2**63, 2**64, -(2**63), 0.5, 1e308, "", "A", "AA", "AA==", "\ud800",
    "public-key", "none", "packed", "\x00", [], {}, [[]], {"": None},
)  # fmt: skip


def mutate(data: bytes, random: Random, mutate_bytes: MutateBytes) -> bytes:
    """Change `data` somewhere, on one of its layers."""
    if random.random() < 0.2:
        return mutate_bytes(data)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        data = _mutate_layer(data, random, mutate_bytes)
    return data


def _mutate_layer(data: bytes, random: Random, mutate_bytes: MutateBytes) -> bytes:
    if data[:1] == b"{":
        try:
            text = json.loads(data)
        except (ValueError, RecursionError):
            return mutate_bytes(data)
        return json.dumps(_changed(text, random, mutate_bytes)).encode("utf-8", "surrogatepass")
    if len(data) > 2 and data[0] >> 5 in (4, 5):
        try:
            value = cbor.decode(data, "", sorted_keys=False)
            return cbor.encode(_changed(value, random, mutate_bytes))
        except (Malformed, TypeError, ValueError, OverflowError):
            return mutate_bytes(data)
    return mutate_bytes(data)


def _changed(value: Any, random: Random, mutate_bytes: MutateBytes) -> Any:
    """`value` with one change in it; values inside are opened more often than they are replaced."""
    if random.random() < 0.08:
        return random.choice(_ODD_VALUES)
    if isinstance(value, dict) and value:
        return _changed_dict(value, random, mutate_bytes)
    if isinstance(value, list) and value:
        return _changed_list(value, random, mutate_bytes)
    if isinstance(value, bytes):
        return _mutate_layer(value, random, mutate_bytes)
    if isinstance(value, str):
        try:
            decoded = base64url.decode(value, "")
        except Malformed:
            return mutate_bytes(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogateescape")
        return base64url.encode(_mutate_layer(decoded, random, mutate_bytes))
    if isinstance(value, int) and not isinstance(value, bool):
        return value + random.choice((-1, 1, -256, 256, 2**32, -value, -2 * value))
    return random.choice(_ODD_VALUES)


def _changed_dict(value: dict[Any, Any], random: Random, mutate_bytes: MutateBytes) -> dict[Any, Any]:
    value = dict(value)
    name = random.choice(list(value))
    match random.randrange(16):
        case 0:
            del value[name]
        case 1:
            value[random.choice((0, -1, 3, "", "x", "alg", "x5c", "ver", "v"))] = random.choice(_ODD_VALUES)
        case 2:
            value[name] = value[random.choice(list(value))]
        case _:
            value[name] = _changed(value[name], random, mutate_bytes)
    return value


def _changed_list(value: list[Any], random: Random, mutate_bytes: MutateBytes) -> list[Any]:
    value = list(value)
    index = random.randrange(len(value))
    match random.randrange(8):
        case 0:
            del value[index]
        case 1:
            value *= random.choice((2, 3, 20))
        case 2:
            value.insert(index, random.choice(_ODD_VALUES))
        case _:
            value[index] = _changed(value[index], random, mutate_bytes)
    return value
