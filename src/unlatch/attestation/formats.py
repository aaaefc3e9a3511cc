"""The table of attestation statement formats: a value, not a registry that imports fill."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from unlatch.attestation import none, packed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from unlatch.attestation.statement import Procedure

_PLAIN: dict[str, Procedure] = {
    "none": none.verify,
    "packed": packed.verify,
}


def select_formats(names: Collection[str]) -> Mapping[str, Procedure]:
    """The procedures of these formats.

    Args:
        names: Format identifiers; unknown ones are left out.

    Returns:
        A frozen table.
    """
    table = {name: procedure for name, procedure in _PLAIN.items() if name in names}
    return MappingProxyType(table)


#: Every format that we know, by its identifier.
FORMATS: Mapping[str, Procedure] = select_formats(_PLAIN)

#: The formats that are accepted unless a policy says otherwise: all but the retired `android-safetynet`.
DEFAULT_FORMATS: frozenset[str] = frozenset(FORMATS) - {"android-safetynet"}
