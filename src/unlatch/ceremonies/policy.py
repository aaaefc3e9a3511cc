"""One object with all that a relying party decides; it feeds the options and the verification alike."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Self, TypeVar

from unlatch.attestation.anchors import AnchorSource
from unlatch.attestation.policy import AttestationPolicy
from unlatch.ceremonies.origins import check_related_origin
from unlatch.errors import Misconfigured
from unlatch.steps.authenticator_data import BackupRule, EligibilityChange
from unlatch.steps.client_data import ANY_ORIGIN
from unlatch.steps.credential import CounterRegression
from unlatch.steps.extensions import UnsolicitedExtensions
from unlatch.terms import Attachment, AttestationConveyance, KeyOrder, ResidentKey, UserVerification
from unlatch.values import field, frozen, replace
from unlatch.wire.algorithms import ALGORITHMS, DEFAULT_ALGORITHMS

#: Section 15.1 recommends 300 to 600 seconds; below 30 seconds nobody can finish.
MIN_TIMEOUT, DEFAULT_TIMEOUT, MAX_TIMEOUT = 30, 300, 600

_SWITCHES = ("allow_cross_origin", "allow_subdomains", "require_backed_up", "keep_attestation", "known_users_only")

Choice = TypeVar("Choice", bound=StrEnum)

_ENUMERATIONS: dict[str, type[StrEnum]] = {
    "user_verification": UserVerification,
    "resident_key": ResidentKey,
    "backup": BackupRule,
    "eligibility_change": EligibilityChange,
    "counter_regression": CounterRegression,
    "unsolicited_extensions": UnsolicitedExtensions,
    "key_order": KeyOrder,
}


@frozen(kw_only=True)
class Policy:
    """What a relying party asks for and accepts. The defaults are for a consumer site with passkeys.

    Wherever the specification leaves a check to the relying party, the default is the strict side.

    Attributes:
        algorithms: COSE identifiers to offer, most preferred first; only these are accepted.
        user_verification: Asked for in both ceremonies; `required` is enforced.
        resident_key: `required` makes passkeys that can sign in without a user name.
        attachment: Ask for authenticators of one kind; None for any.
        hints: Shown to the browser, first wins (section 5.8.7).
        timeout: Seconds that a person has, and that a ceremony lives: 30 to 600.
        attestation: What attestation to ask for and what to accept.
        allow_cross_origin: Accept ceremonies inside a frame of another origin.
        top_origins: Pages that may embed such a frame; ``("*",)`` for any, by explicit choice.
        allow_subdomains: Accept every https subdomain of the RP ID; only safe where all of them are yours.
        backup: Accept all passkeys, only device-bound ones, or only syncable ones.
        require_backed_up: Accept a new passkey only when it is already backed up.
        eligibility_change: When BE differs from what was registered.
        counter_regression: When a signature counter does not grow.
        unsolicited_extensions: When outputs come that nobody asked for.
        key_order: Which CBOR maps of a response may have their keys in any order.
        keep_attestation: Keep attestation object and client data in the record, for later judgement.
        known_users_only: Refuse to begin a sign-in that does not name its user: for a second factor.

    Raises:
        Misconfigured: A value that cannot work; the message says what to change.
    """

    algorithms: tuple[int, ...] = DEFAULT_ALGORITHMS
    user_verification: UserVerification = UserVerification.PREFERRED
    resident_key: ResidentKey = ResidentKey.REQUIRED
    attachment: Attachment | None = None
    hints: tuple[str, ...] = ()
    timeout: int = DEFAULT_TIMEOUT
    attestation: AttestationPolicy = field(default_factory=AttestationPolicy)
    allow_cross_origin: bool = False
    top_origins: tuple[str, ...] = ()
    allow_subdomains: bool = False
    backup: BackupRule = BackupRule.ANY
    require_backed_up: bool = False
    eligibility_change: EligibilityChange = EligibilityChange.REFUSE
    counter_regression: CounterRegression = CounterRegression.REFUSE
    unsolicited_extensions: UnsolicitedExtensions = UnsolicitedExtensions.IGNORE
    key_order: KeyOrder = KeyOrder.CLIENT
    keep_attestation: bool = False
    known_users_only: bool = False

    def __post_init__(self) -> None:
        """Turn plain strings and lists into what they stand for, and refuse what cannot work."""
        for name, kind in _ENUMERATIONS.items():
            _set(self, name, choice(kind, getattr(self, name), name))
        if self.attachment is not None:
            _set(self, "attachment", choice(Attachment, self.attachment, "attachment"))
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool):
                raise Misconfigured(f"{name}={getattr(self, name)!r} is not True or False.")
        if not isinstance(self.attestation, AttestationPolicy):
            raise Misconfigured("attestation is an AttestationPolicy object, for example AttestationPolicy().")
        _set(self, "hints", texts(self.hints, "hints"))
        _set(self, "top_origins", texts(self.top_origins, "top_origins"))
        if not isinstance(self.algorithms, (list, tuple)):
            raise Misconfigured(f"algorithms is a list of COSE identifiers, best first, not {self.algorithms!r}.")
        _set(self, "algorithms", tuple(self.algorithms))
        _check_algorithms(self.algorithms)
        check_timeout(self.timeout)
        if self.top_origins and not self.allow_cross_origin:
            raise Misconfigured("top_origins without allow_cross_origin=True would never be used; set both or neither.")
        for origin in self.top_origins:
            if origin != ANY_ORIGIN:
                check_related_origin(origin)
        if self.require_backed_up and self.backup is BackupRule.FORBIDDEN:
            raise Misconfigured("require_backed_up contradicts backup='forbidden'.")

    @classmethod
    def passkey(cls, **choices: Any) -> Self:
        """Passkeys in place of passwords: discoverable, and the user is verified every time.

        Possession and verification are two factors in one gesture. Ask for ``user_verification="preferred"`` where a
        passkey is made by conditional create, which cannot verify.

        Args:
            choices: Any attribute, instead of what this preset says.

        Raises:
            Misconfigured: As the class itself.
        """
        return cls._preset(choices, user_verification="required", resident_key="required")

    @classmethod
    def second_factor(cls, **choices: Any) -> Self:
        """A security key after a password: possession is enough, and a sign-in must name who passed the first factor.

        Args:
            choices: Any attribute, instead of what this preset says.

        Raises:
            Misconfigured: As the class itself.
        """
        return cls._preset(choices, user_verification="discouraged", resident_key="discouraged", known_users_only=True)

    @classmethod
    def attested(
        cls, anchors: Collection[bytes | str | AnchorSource], *, enterprise: bool = False, **choices: Any
    ) -> Self:
        """Authenticators of known make, bound to one device: for organisations that hand them out.

        Args:
            anchors: Certificates (DER or PEM) of the makers, `TrustAnchors`, or other sources. Attestation that leads
                to none of them is refused, as are self attestation and none.
            enterprise: Ask for enterprise attestation, which may tell the serial number: personal data.
            choices: Any attribute, instead of what this preset says. ``attestation=AttestationPolicy(...)`` for
                permitted models, formats and so on; its anchors then come from `anchors` too.

        Raises:
            Misconfigured: No anchors, or as the class itself.
        """
        if not anchors:
            raise Misconfigured("Policy.attested needs anchors: the certificates of the makers that you trust.")
        conveyance = AttestationConveyance.ENTERPRISE if enterprise else AttestationConveyance.DIRECT
        attestation = choices.pop("attestation", None)
        if attestation is None:
            attestation = AttestationPolicy(conveyance=conveyance, anchors=anchors)
        elif isinstance(attestation, AttestationPolicy):
            attestation = replace(
                attestation,
                conveyance=conveyance,
                anchors=anchors,
                allow_none=False,
                allow_self=False,
                allow_unanchored=False,
            )
        return cls._preset(
            choices,
            attestation=attestation,
            backup="forbidden",
            keep_attestation=True,
            user_verification="required",
            resident_key="required",
        )

    @classmethod
    def _preset(cls, choices: dict[str, Any], **preset: Any) -> Self:
        unknown = choices.keys() - set(cls.__annotations__)
        if unknown:
            raise Misconfigured(f"A policy has no {', '.join(sorted(unknown))}.")
        return cls(**{**preset, **choices})


def check_timeout(seconds: int) -> None:
    """Refuse a life span outside 30 to 600 seconds.

    Raises:
        Misconfigured: Outside, or not a whole number.
    """
    if type(seconds) is not int or not MIN_TIMEOUT <= seconds <= MAX_TIMEOUT:
        raise Misconfigured(f"The timeout {seconds!r} is not {MIN_TIMEOUT} to {MAX_TIMEOUT} whole seconds.")


def _check_algorithms(algorithms: tuple[int, ...]) -> None:
    if not algorithms:
        raise Misconfigured("No algorithms: browsers would silently offer their own. Use the default (-8, -7, -257).")
    for identifier in algorithms:
        algorithm = ALGORITHMS.get(identifier) if type(identifier) is int else None
        if algorithm is None or not algorithm.for_credentials:
            known = ", ".join(f"{row.id} {row.name}" for row in ALGORITHMS.values() if row.for_credentials)
            raise Misconfigured(f"The algorithm {identifier!r} is not known for credentials; known are {known}.")
    if len(set(algorithms)) != len(algorithms):
        raise Misconfigured(f"An algorithm stands twice in {algorithms}.")


def texts(value: object, name: str) -> tuple[str, ...]:
    """A tuple of strings; one lone string is the slip that would otherwise become its letters.

    Raises:
        Misconfigured: Not a collection of strings.
    """
    if isinstance(value, str) or not isinstance(value, (list, tuple, set, frozenset)):
        raise Misconfigured(f"{name} is a list of strings, not {value!r}.")
    if not all(isinstance(item, str) for item in value):
        raise Misconfigured(f"{name} is a list of strings, not {value!r}.")
    return tuple(str(item) for item in value)


def choice(kind: type[Choice], value: str, name: str) -> Choice:
    """Turn a plain string into the enumeration's member.

    Raises:
        Misconfigured: Not one of its values; the message lists them.
    """
    if type(value) is kind:
        return value
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(repr(str(member)) for member in kind)
        raise Misconfigured(f"{name}={value!r} is not one of {choices}.") from None


def _set(policy: Policy, name: str, value: Any) -> None:
    """Assign once, while the frozen object is being made."""
    object.__setattr__(policy, name, value)
