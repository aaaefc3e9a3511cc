"""The table of attestation statement formats: a value, not a registry that imports fill."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from unlatch.attestation import android_key, android_safetynet, apple, compound, fido_u2f, none, packed, tpm

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from unlatch.attestation.statement import Procedure

_PLAIN: dict[str, Procedure] = {
    "none": none.verify,
    "packed": packed.verify,
    "tpm": tpm.verify,
    "android-key": android_key.verify,
    "android-safetynet": android_safetynet.verify,
    "fido-u2f": fido_u2f.verify,
    "apple": apple.verify,
}


def select_formats(names: Collection[str]) -> Mapping[str, Procedure]:
    """The procedures of these formats.

    Args:
        names: Format identifiers; unknown ones are left out.

    Returns:
        A frozen table. Its `compound` accepts the other formats of the table inside, and no more.
    """
    table = {name: procedure for name, procedure in _PLAIN.items() if name in names}
    if compound.IDENTIFIER in names:
        table[compound.IDENTIFIER] = compound.procedure(MappingProxyType(dict(table)))
    return MappingProxyType(table)


#: Every format that we know, by its identifier.
FORMATS: Mapping[str, Procedure] = select_formats({*_PLAIN, compound.IDENTIFIER})

#: The formats that are accepted unless a policy says otherwise: all but the retired `android-safetynet`.
DEFAULT_FORMATS: frozenset[str] = frozenset(FORMATS) - {"android-safetynet"}
