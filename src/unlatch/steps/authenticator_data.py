"""Steps about the authenticator data: RP ID hash and flags (7.1 steps 14 to 20, 7.2 steps 15 to 19)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from unlatch.codes import Code
from unlatch.errors import AuthenticatorDataRefused
from unlatch.wire.authenticator_data import BE, BS, UP, UV, AuthenticatorData
from unlatch.wire.cose import CoseKey


class BackupRule(StrEnum):
    """Which passkeys a relying party wants: all, only those bound to one device, or only those that can be synced."""

    ANY = "any"
    FORBIDDEN = "forbidden"
    REQUIRED = "required"


class EligibilityChange(StrEnum):
    """What to do when BE differs from the registered value, which the specification fixes for ever.

    A few authenticators flipped it after an update: `ALLOW_UPGRADE` accepts 0 to 1 alone, `REPORT` accepts both ways.
    """

    REFUSE = "refuse"
    ALLOW_UPGRADE = "allow-upgrade"
    REPORT = "report"


_BACKUP_FORBIDDEN, _BACKUP_REQUIRED = BackupRule.FORBIDDEN, BackupRule.REQUIRED


def verify_rp_id_hash(authenticator_data: AuthenticatorData, expected: Collection[bytes]) -> None:
    """The authenticator acted for this RP ID (or, with the `appid` extension, for the AppID)."""
    if authenticator_data.rp_id_hash not in expected:
        raise AuthenticatorDataRefused(
            Code.RP_ID_HASH_MISMATCH,
            "rp-id-hash",
            expected=list(expected),
            received=authenticator_data.rp_id_hash,
        )


def verify_user_presence(authenticator_data: AuthenticatorData, *, required: bool) -> None:
    """UP is set. Only a registration with conditional mediation may do without."""
    if required and not authenticator_data.flags & UP:
        raise AuthenticatorDataRefused(Code.USER_NOT_PRESENT, "user-presence", expected=True, received=False)


def verify_user_verification(authenticator_data: AuthenticatorData, *, required: bool) -> None:
    """UV is set where the ceremony required it."""
    if required and not authenticator_data.flags & UV:
        raise AuthenticatorDataRefused(Code.USER_NOT_VERIFIED, "user-verification", expected=True, received=False)


def verify_backup_flags(authenticator_data: AuthenticatorData) -> None:
    """A credential that cannot be backed up is not backed up: BE = 0 means BS = 0."""
    if authenticator_data.flags & (BE | BS) == BS:
        raise AuthenticatorDataRefused(
            Code.BACKUP_STATE_WITHOUT_ELIGIBILITY, "backup-flags", expected="BE or not BS", received="BS without BE"
        )


def verify_backup_eligibility(authenticator_data: AuthenticatorData, rule: BackupRule) -> None:
    """The new credential is of the kind, synced or bound to one device, that the relying party wants."""
    eligible = authenticator_data.flags & BE != 0
    if rule is _BACKUP_FORBIDDEN and eligible:
        raise AuthenticatorDataRefused(Code.BACKUP_NOT_ALLOWED, "backup-eligibility", expected=False, received=True)
    if rule is _BACKUP_REQUIRED and not eligible:
        raise AuthenticatorDataRefused(Code.BACKUP_REQUIRED, "backup-eligibility", expected=True, received=False)


def verify_backup_state(authenticator_data: AuthenticatorData, *, required: bool) -> None:
    """The new credential is already backed up, where the relying party insists on that."""
    if required and not authenticator_data.flags & BS:
        raise AuthenticatorDataRefused(Code.BACKUP_REQUIRED, "backup-state", expected=True, received=False)


def verify_same_backup_eligibility(
    authenticator_data: AuthenticatorData, registered: bool | None, change: EligibilityChange
) -> None:
    """BE is what it was at registration.

    Args:
        authenticator_data: Of the assertion.
        registered: Of the record; None (an imported record that does not tell) accepts either.
        change: What the relying party does about a difference.
    """
    current = authenticator_data.flags & BE != 0
    if registered is None or current == registered or change is EligibilityChange.REPORT:
        return
    if change is EligibilityChange.ALLOW_UPGRADE and current:
        return
    raise AuthenticatorDataRefused(
        Code.BACKUP_ELIGIBILITY_CHANGED, "backup-eligibility", expected=registered, received=current
    )


def verify_algorithm(public_key: CoseKey, offered: Collection[int]) -> None:
    """The new key's algorithm is literally one that the options offered; -9 is not -7, though both mean P-256."""
    if public_key.algorithm.id not in offered:
        raise AuthenticatorDataRefused(
            Code.ALGORITHM_NOT_OFFERED, "algorithm", expected=sorted(offered), received=public_key.algorithm.id
        )
