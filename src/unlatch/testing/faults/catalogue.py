"""The catalogue: every fault by its name."""

from __future__ import annotations

from types import MappingProxyType

from unlatch.testing.faults import (
    android_key,
    android_safetynet,
    apple,
    attestation_object,
    authentication,
    authenticator_data,
    cbor_encoding,
    client_data,
    compound,
    envelope,
    extensions,
    fido_u2f,
    keys,
    packed,
    tpm,
    tpm_certificate,
    trust,
)
from unlatch.testing.faults.fault import Fault

#: All faults, grouped by subject.
FAULTS: tuple[Fault, ...] = (
    *envelope.FAULTS,
    *client_data.FAULTS,
    *cbor_encoding.FAULTS,
    *attestation_object.FAULTS,
    *authenticator_data.FAULTS,
    *keys.FAULTS,
    *packed.FAULTS,
    *tpm.FAULTS,
    *tpm_certificate.FAULTS,
    *android_key.FAULTS,
    *android_safetynet.FAULTS,
    *fido_u2f.FAULTS,
    *apple.FAULTS,
    *compound.FAULTS,
    *trust.FAULTS,
    *authentication.FAULTS,
    *extensions.FAULTS,
)

_BY_NAME = MappingProxyType({each.name: each for each in FAULTS})


def named(name: str) -> Fault:
    """The fault called `name`.

    Raises:
        ValueError: There is none.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise ValueError(f"no fault is called {name!r}") from None
