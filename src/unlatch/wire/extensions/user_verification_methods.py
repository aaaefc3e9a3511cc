"""The `uvm` extension (section 10.3 of Level 2): how the user was verified, up to three methods at once.

The numbers are those of the FIDO Registry of Predefined Values, section 3.
"""

from __future__ import annotations

from typing import Any

from unlatch.values import frozen
from unlatch.wire.extensions.reading import bad_output

_MAX_METHODS = 3
_LARGEST = (2**32 - 1, 2**16 - 1, 2**16 - 1)


@frozen
class UserVerificationMethod:
    """One method.

    Attributes:
        method: Flags of `USER_VERIFY_METHODS`: 2 fingerprint, 4 passcode, 16 face ...
        key_protection: Flags of `KEY_PROTECTION_TYPES`: 1 software, 2 hardware, 4 TEE, 8 secure element ...
        matcher_protection: Flags of `MATCHER_PROTECTION_TYPES`: 1 software, 2 TEE, 4 on chip.
    """

    method: int
    key_protection: int
    matcher_protection: int


def check_output(value: Any, path: str) -> None:
    """One to three lists of three numbers.

    Raises:
        Malformed: Anything else.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= _MAX_METHODS:
        bad_output(path, f"expected a list of 1 to {_MAX_METHODS} methods")
    for index, entry in enumerate(value):
        if not isinstance(entry, list) or len(entry) != len(_LARGEST):
            bad_output(f"{path}[{index}]", f"expected {len(_LARGEST)} numbers")
        for number, largest in zip(entry, _LARGEST, strict=True):
            if type(number) is not int or not 0 <= number <= largest:
                bad_output(f"{path}[{index}]", f"expected numbers from 0 to {largest}")


def read_output(value: list[list[int]]) -> tuple[UserVerificationMethod, ...]:
    """The typed form of a checked output."""
    return tuple(UserVerificationMethod(*entry) for entry in value)
