"""The catalogue: every fault and every oddity by its name."""

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
    extension_outputs,
    extensions,
    fido_u2f,
    keys,
    oddities,
    packed,
    packed_certificate,
    tpm,
    tpm_certificate,
    trust,
)
from unlatch.testing.faults.fault import Deviation, Fault, Oddity

#: All faults, grouped by subject.
FAULTS: tuple[Fault, ...] = (
    *envelope.FAULTS,
    *client_data.FAULTS,
    *cbor_encoding.FAULTS,
    *attestation_object.FAULTS,
    *authenticator_data.FAULTS,
    *keys.FAULTS,
    *packed.FAULTS,
    *packed_certificate.FAULTS,
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
    *extension_outputs.FAULTS,
)

#: All oddities.
ODDITIES: tuple[Oddity, ...] = oddities.ODDITIES

_BY_NAME: MappingProxyType[str, Deviation] = MappingProxyType({each.name: each for each in (*FAULTS, *ODDITIES)})


def named(name: str) -> Deviation:
    """The fault or oddity called `name`.

    Raises:
        ValueError: There is none.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise ValueError(f"no fault or oddity is called {name!r}") from None
