"""The table of attestation statement formats: a value, not a registry that imports fill."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from unlatch.attestation import none, packed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unlatch.attestation.statement import Procedure

#: Every format that we know, by its identifier.
FORMATS: Mapping[str, Procedure] = MappingProxyType(
    {
        "none": none.verify,
        "packed": packed.verify,
    }
)

#: The formats that are accepted unless a policy says otherwise.
DEFAULT_FORMATS: Mapping[str, Procedure] = FORMATS
