"""The words of the specification that everything else is written in: enumerations and named types.

Enumerations that arrive from clients are open: the specification makes them plain strings on purpose, so an
unknown value is kept as it is (`Transport` and `Attachment` are offered for comparison, never for validation).

Python 3.11 finds a member of an enumeration by a call; where every ceremony passes, modules bind it to a name.
"""

from __future__ import annotations

from enum import IntFlag, StrEnum
from typing import NewType

Challenge = NewType("Challenge", bytes)
CredentialId = NewType("CredentialId", bytes)
UserHandle = NewType("UserHandle", bytes)
RpId = NewType("RpId", str)
Origin = NewType("Origin", str)
Aaguid = NewType("Aaguid", bytes)

#: The AAGUID of an authenticator that does not say what it is.
ZERO_AAGUID = Aaguid(bytes(16))


class CeremonyKind(StrEnum):
    """The two ceremonies of sections 7.1 and 7.2."""

    REGISTRATION = "registration"
    AUTHENTICATION = "authentication"


class Flags(IntFlag):
    """The flags byte of authenticator data (section 6.1). Bits 1 and 5 are reserved and carry no meaning."""

    UP = 0x01
    UV = 0x04
    BE = 0x08
    BS = 0x10
    AT = 0x40
    ED = 0x80


class KeyOrder(StrEnum):
    """Whose CBOR maps must have their keys in the order of CTAP2 (section 2.4 says SHOULD)."""

    CANONICAL = "canonical"
    """Everybody's."""
    CLIENT = "client"
    """Authenticators'. Clients write the maps of the attestation object, and some do not sort them."""
    ANY = "any"
    """Nobody's: keys and extension outputs may be unsorted too."""


class UserVerification(StrEnum):
    """`UserVerificationRequirement` (section 5.8.6)."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    DISCOURAGED = "discouraged"


class ResidentKey(StrEnum):
    """`ResidentKeyRequirement` (section 5.4.6)."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    DISCOURAGED = "discouraged"


class Attachment(StrEnum):
    """`AuthenticatorAttachment` (section 5.4.5)."""

    PLATFORM = "platform"
    CROSS_PLATFORM = "cross-platform"


class Hint(StrEnum):
    """`PublicKeyCredentialHint` (section 5.8.7)."""

    SECURITY_KEY = "security-key"
    CLIENT_DEVICE = "client-device"
    HYBRID = "hybrid"


class Transport(StrEnum):
    """`AuthenticatorTransport` (section 5.8.4)."""

    USB = "usb"
    NFC = "nfc"
    BLE = "ble"
    SMART_CARD = "smart-card"
    HYBRID = "hybrid"
    INTERNAL = "internal"


class Mediation(StrEnum):
    """`CredentialMediationRequirement` of Credential Management; a sibling of `publicKey`, not inside it."""

    SILENT = "silent"
    OPTIONAL = "optional"
    CONDITIONAL = "conditional"
    REQUIRED = "required"


class AttestationConveyance(StrEnum):
    """`AttestationConveyancePreference` (section 5.4.7)."""

    NONE = "none"
    INDIRECT = "indirect"
    DIRECT = "direct"
    ENTERPRISE = "enterprise"


class AttestationType(StrEnum):
    """What kind of attestation a statement carries (section 6.5.4).

    Basic and AttCA cannot be told apart from the data alone, which is why one value names both.
    """

    NONE = "none"
    SELF = "self"
    BASIC = "basic"
    ATTCA = "attca"
    BASIC_OR_ATTCA = "basic-or-attca"
    ANONCA = "anonca"


class TrustVerdict(StrEnum):
    """What the trust path of an attestation is worth.

    `NONE` and `SELF` have no path; `UNANCHORED` is a sound statement that leads to no known anchor;
    only `ANCHORED` has been followed to an anchor that the relying party named.
    """

    NONE = "none"
    SELF = "self"
    UNANCHORED = "unanchored"
    ANCHORED = "anchored"


class SignCountVerdict(StrEnum):
    """What the signature counter says (section 6.1.1); `IGNORED` where it regressed and the policy does not look."""

    NOT_SUPPORTED = "not-supported"
    INCREASED = "increased"
    REGRESSED = "regressed"
    IGNORED = "ignored"


class BackupChange(StrEnum):
    """How the backup state moved since the credential was last seen."""

    NONE = "none"
    BACKED_UP = "backed-up"
    NO_LONGER_BACKED_UP = "no-longer-backed-up"
