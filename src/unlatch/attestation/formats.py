"""The frozen table of statement formats."""

from __future__ import annotations

from types import MappingProxyType

from unlatch.attestation import none

FORMATS = MappingProxyType({"none": none.verify})
DEFAULT_FORMATS = ("none",)
