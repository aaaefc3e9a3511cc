"""Where the specification's text and the field disagree: one named switch each, with the choice that we made.

The defaults accept every conforming statement and every test vector that the specification calls current; a switch
makes a rule stricter than the text (as the FIDO conformance tests are), or waives one for hardware that breaks it.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Self

from unlatch.attestation.tpm_manufacturers import TPM_MANUFACTURERS
from unlatch.errors import Misconfigured
from unlatch.values import frozen

#: The manufacturer of the TPMs in FIDO's conformance tests.
_CONFORMANCE_TPM = "id:FFFFF1D0"

#: A century in seconds, far below what a difference of times can hold.
_MAX_AGE = 100 * 365 * 86_400
_SWITCHES = (
    "packed_subject",
    "explicit_basic_constraints",
    "u2f_zero_aaguid",
    "tpm_critical_name",
    "tpm_name_by_own_prefix",
    "android_key_hardware_only",
    "android_key_absent_lists",
    "android_key_verify_purpose",
    "root_in_chain",
    "safetynet_profile",
)


class CompoundRule(StrEnum):
    """How many statements inside a compound one must be sound (section 8.9 leaves it to the relying party)."""

    ALL = "all"
    ANY = "any"


@frozen(kw_only=True)
class StatementRules:
    """How the format procedures read what is open.

    Attributes:
        packed_subject: Whether C, O, OU and CN of a packed attestation certificate must be as section 8.2.1 says. On:
            the text is plain, although its own sample certificate lacks OU. Turn it off for a device that is known
            to break it.
        explicit_basic_constraints: Whether an attestation certificate (packed, tpm) must carry Basic Constraints: the
            text says that the CA component MUST be false. On; off accepts their absence, never CA true.
        u2f_zero_aaguid: Whether `fido-u2f` demands the zero AAGUID, as U2F devices have and the FIDO conformance tests
            ask. Off: the text has no such step and its test vector has another AAGUID.
        tpm_critical_name: Whether the alternative name of a TPM's certificate must be critical, as it must beside an
            empty subject (RFC 5280 section 4.2.1.6). On: real ones are.
        tpm_manufacturers: TPM manufacturer ids (``"id:FFFFF1D0"``) that are accepted; None for any. None: the text
            asks for none, assigned lists go stale, and the test vector has an unassigned one. `TPM_MANUFACTURERS`
            of `unlatch.attestation.tpm_manufacturers` is the registry of the Trusted Computing Group.
        tpm_name_by_own_prefix: Whether the hash in ``attested.name`` may be another than the `nameAlg` of pubArea, as
            one FIDO conformance test wants. Off: TPM 2.0 part 1 section 16 computes a name with `nameAlg`.
        android_key_hardware_only: Whether origin and purpose must stand in the hardware-enforced list. Off: the text
            leaves it to the relying party, and otherwise joins both lists.
        android_key_security_level: The least level that attestation and key must have: 0 software, 1 a trusted
            execution environment, 2 a secure element. 0: the text does not look, and its test vector says 0.
        android_key_absent_lists: Whether origin and purpose may be missing altogether, as in one superseded test
            vector. Off: the text compares them.
        android_key_verify_purpose: Whether a key may also be for verifying (KM_PURPOSE_VERIFY), as some applications
            ask for: it lets nobody sign. Off: the text wants `purpose` to be KM_PURPOSE_SIGN.
        root_in_chain: Whether `x5c` may contain the root. On: section 8 has the certificate "and its certificate
            chain", Android's chains end in it, and nothing in `x5c` becomes an anchor. FIDO conformance refuses it.
        compound: How many statements of a compound one must be sound. All.
        safetynet_profile: Whether a SafetyNet verdict must say that the device matches a certified profile
            (`ctsProfileMatch`). On: Google's guide, which the text refers to, has it so for a device that is to be
            trusted, and FIDO conformance asks for it. Off accepts devices with an unlocked boot loader, another system
            or no certification: the text has no such step, and everything else is still verified.
        safetynet_max_age: Seconds that a SafetyNet timestamp may lie in the past (or a fifth of it in the future);
            None does not look. None: the nonce already binds the statement to this ceremony, and the text has no such
            step; FIDO conformance asks for 60.
    """

    packed_subject: bool = True
    explicit_basic_constraints: bool = True
    u2f_zero_aaguid: bool = False
    tpm_critical_name: bool = True
    tpm_manufacturers: Collection[str] | None = None
    tpm_name_by_own_prefix: bool = False
    android_key_hardware_only: bool = False
    android_key_security_level: int = 0
    android_key_absent_lists: bool = False
    android_key_verify_purpose: bool = False
    root_in_chain: bool = True
    compound: CompoundRule = CompoundRule.ALL
    safetynet_profile: bool = True
    safetynet_max_age: int | None = None

    @classmethod
    def conformance(cls) -> Self:
        """What the FIDO conformance tests of servers ask of statements, where that is another thing than the defaults.

        Not included, because no rule should make it possible: credentials that sign with SHA-1 (RS1), and assertions
        without user presence, which section 7.2 step 16 refuses.
        """
        return cls(
            u2f_zero_aaguid=True,
            tpm_manufacturers=TPM_MANUFACTURERS | {_CONFORMANCE_TPM},
            tpm_name_by_own_prefix=True,
            root_in_chain=False,
            safetynet_max_age=60,
        )

    def __post_init__(self) -> None:
        """Refuse values that mean nothing.

        Raises:
            Misconfigured: An unknown compound rule, one text for many manufacturers, an age that is not positive, or
                another value of a wrong type.
        """
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool):
                raise Misconfigured(f"rules.{name} is {getattr(self, name)!r}; say True or False")
        if self.compound not in tuple(CompoundRule):
            raise Misconfigured(f"rules.compound is {self.compound!r}; say 'all' or 'any'")
        object.__setattr__(self, "compound", CompoundRule(self.compound))
        if self.tpm_manufacturers is not None:
            ids = self.tpm_manufacturers
            if (
                isinstance(ids, str)
                or not isinstance(ids, Collection)
                or not all(isinstance(item, str) for item in ids)
            ):
                raise Misconfigured("rules.tpm_manufacturers is a collection of ids, also where it holds only one")
            object.__setattr__(self, "tpm_manufacturers", frozenset(ids))
        if type(self.android_key_security_level) is not int or not 0 <= self.android_key_security_level <= 2:
            raise Misconfigured("rules.android_key_security_level is 0, 1 or 2")
        age = self.safetynet_max_age
        if age is not None and (type(age) is not int or not 0 < age <= _MAX_AGE):
            raise Misconfigured("rules.safetynet_max_age is a whole number of seconds above 0, or None")
