"""Everything that a ceremony is judged by, besides the response and the record, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import NoneType
from typing import Any, Self, cast

from unlatch.attestation.anchors import AnchorSelection, AnchorSource
from unlatch.attestation.formats import FORMATS
from unlatch.attestation.policy import AttestationPolicy
from unlatch.attestation.rules import StatementRules
from unlatch.ceremonies.policy import Policy, choice
from unlatch.ceremonies.state import CeremonyState
from unlatch.crypto.revocation import Revocation
from unlatch.errors import Misconfigured
from unlatch.steps.authenticator_data import BackupRule, EligibilityChange
from unlatch.steps.credential import CounterRegression
from unlatch.steps.extensions import UnsolicitedExtensions
from unlatch.terms import (
    AttestationConveyance,
    AttestationType,
    CeremonyKind,
    KeyOrder,
    Mediation,
    TrustVerdict,
    UserVerification,
)
from unlatch.wire.algorithms import DEFAULT_ALGORITHMS
from unlatch.wire.options import MAX_USER_HANDLE_LENGTH, CreationOptions, RequestOptions, UserEntity

#: The user of a recorded registration that does not name one.
_NOBODY = UserEntity(b"\x00", "")
#: Lists, and what they hold.
_LISTS: dict[str, type | tuple[type, ...]] = {
    "origins": str,
    "top_origins": str,
    "algorithms": int,
    "allow_credentials": bytes,
    "registered": bytes,
    "anchors": object,
    "formats": str,
    "permitted_types": str,
    "permitted_aaguids": bytes,
    "forbidden_aaguids": bytes,
}
#: Far from the ends of what a datetime can be, where adding a second fails.
_YEARS = range(1970, 9000)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "challenge": bytes,
    "rp_id": str,
    "extensions": Mapping,
    "revocation": (Revocation, NoneType),
    "rules": StatementRules,
    "user": (UserEntity, NoneType),
    "allow_subdomains": bool,
    "allow_cross_origin": bool,
    "require_backed_up": bool,
    "allow_none": (bool, NoneType),
    "allow_self": (bool, NoneType),
    "allow_unanchored": (bool, NoneType),
}
_CHOICES = {
    "user_verification": UserVerification,
    "conveyance": AttestationConveyance,
    "required_trust": TrustVerdict,
    "backup": BackupRule,
    "eligibility_change": EligibilityChange,
    "counter_regression": CounterRegression,
    "unsolicited_extensions": UnsolicitedExtensions,
    "key_order": KeyOrder,
}


class _NoAnchors:
    """Knows no anchor: nothing leads to one, which is another thing than not asking."""

    def select(self, *_: object) -> AnchorSelection:
        """None."""
        return AnchorSelection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What the relying party expected. The defaults are those of `Policy`, but for `formats`.

    Nothing here is judged as a configuration: a recorded ceremony may come from a site that we would not set up so.

    Attributes:
        challenge: What was sent.
        rp_id: The RP ID; empty for the domain of the page, where `origins` has one, as clients take it.
        origins: Every accepted origin: pages, related pages, applications.
        at: When it is judged (aware): for certificates and for the life span.
        allow_subdomains: Accept every https subdomain of the RP ID.
        allow_cross_origin: Accept frames of another origin.
        top_origins: Pages that may embed such a frame; ``("*",)`` for any.
        user_verification: Asked for; `required` is enforced.
        algorithms: COSE identifiers that were offered (registration).
        mediation: `conditional` allows a registration without user presence.
        extensions: Client extension inputs, in their JSON forms.
        user: The account (entity or user handle): of a registration, or of a sign-in by somebody known. None in a
            sign-in without a user name; where `allow_credentials` lists some, the record's owner was known.
        allow_credentials: Ids that the options listed (authentication).
        registered: Ids that users have already (registration).
        conveyance: What attestation was asked for.
        anchors: Trusted certificates, DER or PEM, or `TrustAnchors` for certain formats or models.
        required_trust: The least that the attestation must be worth, on the ladder none, self, unanchored, anchored.
        allow_none: Whether no attestation is enough; None leaves it to `required_trust`.
        allow_self: Whether self attestation is enough; None leaves it to `required_trust`.
        allow_unanchored: Whether a statement that nobody vouches for is enough; None leaves it to `required_trust`.
        formats: Accepted statement formats; every one that we know, because what is judged may be old.
        permitted_types: Accepted attestation types; None for all.
        permitted_aaguids: Accepted models; None for all.
        forbidden_aaguids: Refused models.
        revocation: Lists of revoked certificates, and whether a path needs them; None asks for none.
        rules: How statements are read where the specification leaves it open.
        backup: Accept all passkeys, only device-bound ones, or only syncable ones (registration).
        require_backed_up: Accept a new passkey only when it is backed up.
        eligibility_change: When BE differs from what was registered.
        counter_regression: When a signature counter does not grow.
        unsolicited_extensions: When outputs come that nobody asked for.
        key_order: Which CBOR maps may have their keys in any order.
        created_at: When the ceremony began; None for `at`.
        expires_at: When it ended; None for a time after `at`.

    Raises:
        Misconfigured: A value of a wrong type, or one that does not exist.
    """

    challenge: bytes
    origins: Sequence[str]
    at: datetime
    rp_id: str = ""
    allow_subdomains: bool = False
    allow_cross_origin: bool = False
    top_origins: Sequence[str] = ()
    user_verification: UserVerification = UserVerification.PREFERRED
    algorithms: Sequence[int] = DEFAULT_ALGORITHMS
    mediation: Mediation | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    user: UserEntity | bytes | None = None
    allow_credentials: Sequence[bytes] = ()
    registered: Sequence[bytes] = ()
    conveyance: AttestationConveyance = AttestationConveyance.NONE
    anchors: Sequence[bytes | str | AnchorSource] = ()
    required_trust: TrustVerdict = TrustVerdict.NONE
    allow_none: bool | None = None
    allow_self: bool | None = None
    allow_unanchored: bool | None = None
    formats: Sequence[str] = tuple(sorted(FORMATS))
    permitted_types: Sequence[AttestationType] | None = None
    permitted_aaguids: Sequence[bytes] | None = None
    forbidden_aaguids: Sequence[bytes] = ()
    revocation: Revocation | None = None
    rules: StatementRules = field(default_factory=StatementRules)
    backup: BackupRule = BackupRule.ANY
    require_backed_up: bool = False
    eligibility_change: EligibilityChange = EligibilityChange.REFUSE
    counter_regression: CounterRegression = CounterRegression.REFUSE
    unsolicited_extensions: UnsolicitedExtensions = UnsolicitedExtensions.IGNORE
    key_order: KeyOrder = KeyOrder.CLIENT
    created_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        """Turn plain strings and lists into what they stand for."""
        if isinstance(self.user, bytes):
            if not 0 < len(self.user) <= MAX_USER_HANDLE_LENGTH:
                raise Misconfigured("user is a handle that nobody can have; one has 1 to 64 bytes.")
            object.__setattr__(self, "user", UserEntity(self.user, ""))
        for name, kinds in _TYPES.items():
            if not isinstance(getattr(self, name), kinds):
                raise Misconfigured(f"{name}={getattr(self, name)!r} has the wrong type.")
        for name in ("at", "created_at", "expires_at"):
            time = getattr(self, name)
            if time is None and name != "at":
                continue
            if not (isinstance(time, datetime) and time.tzinfo and time.year in _YEARS):
                raise Misconfigured(f"{name}={time!r} is not a time with a time zone, in a year that counts.")
        if not all(isinstance(name, str) for name in self.extensions):
            raise Misconfigured("extensions has a name that is not a string.")
        for name, kinds in _LISTS.items():
            value = getattr(self, name)
            if value is None and name.startswith("permitted_"):
                continue
            if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
                raise Misconfigured(f"{name} is a list, also where it holds only one.")
            if not all(isinstance(item, kinds) for item in value):
                raise Misconfigured(f"{name} holds something of a wrong type.")
            object.__setattr__(self, name, tuple(value))
        object.__setattr__(self, "rp_id", self.rp_id or _domain(self.origins))
        for name, kind in _CHOICES.items():
            object.__setattr__(self, name, choice(kind, getattr(self, name), name))
        if self.mediation is not None:
            object.__setattr__(self, "mediation", choice(Mediation, self.mediation, "mediation"))
        if self.permitted_types is not None:
            types = tuple(choice(AttestationType, item, "permitted_types") for item in self.permitted_types)
            object.__setattr__(self, "permitted_types", types)

    @classmethod
    def of_state(cls, state: CeremonyState, policy: Policy, *, at: datetime) -> Self:
        """The expectations of a ceremony that was begun here.

        Args:
            state: What survived between begin and finish.
            policy: Of the relying party.
            at: When the response came.

        Returns:
            What `judge_registration` and `judge_authentication` take. The session is left out: it was compared when
            the response came, and is not told.
        """
        attestation = policy.attestation
        asked_nothing = attestation.conveyance is AttestationConveyance.NONE
        return cls(
            challenge=state.challenge,
            rp_id=state.rp_id,
            origins=state.origins,
            at=at,
            allow_subdomains=state.allow_subdomains,
            allow_cross_origin=state.allow_cross_origin,
            top_origins=state.top_origins,
            user_verification=state.user_verification,
            algorithms=state.algorithms or policy.algorithms,
            mediation=state.mediation,
            extensions=state.extensions,
            user=state.user,
            allow_credentials=state.allow_credentials,
            conveyance=attestation.conveyance,
            anchors=tuple(attestation.anchors),
            required_trust=TrustVerdict.ANCHORED,
            allow_none=_either(attestation.allow_none, asked_nothing),
            allow_self=_either(attestation.allow_self, asked_nothing),
            allow_unanchored=_either(attestation.allow_unanchored, asked_nothing),
            formats=tuple(sorted(attestation.formats)),
            permitted_types=None if attestation.permitted_types is None else tuple(attestation.permitted_types),
            permitted_aaguids=None if attestation.permitted_aaguids is None else tuple(attestation.permitted_aaguids),
            forbidden_aaguids=tuple(sorted(attestation.forbidden_aaguids)),
            revocation=attestation.revocation,
            rules=attestation.rules,
            backup=policy.backup,
            require_backed_up=policy.require_backed_up,
            eligibility_change=policy.eligibility_change,
            counter_regression=policy.counter_regression,
            unsolicited_extensions=policy.unsolicited_extensions,
            key_order=policy.key_order,
            created_at=state.created_at,
            expires_at=state.expires_at,
        )

    @classmethod
    def of_options(
        cls,
        options: CreationOptions | RequestOptions,
        *,
        origins: Sequence[str],
        at: datetime,
        **others: Any,
    ) -> Self:
        """The expectations that options tell of, whoever made them.

        Args:
            options: Read with ``CreationOptions.from_json`` or ``RequestOptions.from_json``.
            origins: As in the attributes.
            at: As in the attributes.
            others: Further attributes; they win over the options.
        """
        told: dict[str, Any] = {
            "challenge": options.challenge,
            "rp_id": options.rp_id or "",
            "user_verification": options.user_verification,
            "extensions": options.extensions,
        }
        if isinstance(options, CreationOptions):
            told |= {"user": options.user, "algorithms": options.algorithms, "conveyance": options.attestation}
        else:
            told["allow_credentials"] = [credential.id for credential in options.allow_credentials]
        return cls(**{**told, "origins": origins, "at": at, **others})

    def state(self, kind: CeremonyKind) -> CeremonyState:
        """The state that a begin would have kept."""
        user = cast("UserEntity | None", self.user) or (_NOBODY if kind is CeremonyKind.REGISTRATION else None)
        return CeremonyState(
            kind=kind,
            challenge=self.challenge,
            rp_id=self.rp_id,
            origins=tuple(self.origins),
            created_at=self.created_at or self.at,
            expires_at=self.expires_at or self.at + timedelta(seconds=1),
            allow_subdomains=self.allow_subdomains,
            allow_cross_origin=self.allow_cross_origin,
            top_origins=tuple(self.top_origins),
            mediation=self.mediation,
            user=user,
            algorithms=tuple(self.algorithms),
            user_verification=self.user_verification,
            attestation=self.conveyance,
            allow_credentials=tuple(self.allow_credentials),
            extensions=dict(self.extensions),
        )

    def policy(self) -> Policy:
        """The policy that a relying party would have had.

        Raises:
            Misconfigured: Anchors, formats, AAGUIDs or rules that cannot be.
        """
        return Policy(
            attestation=self._attestation_policy(),
            backup=self.backup,
            require_backed_up=self.require_backed_up,
            eligibility_change=self.eligibility_change,
            counter_regression=self.counter_regression,
            unsolicited_extensions=self.unsolicited_extensions,
            key_order=self.key_order,
        )

    def _attestation_policy(self) -> AttestationPolicy:
        trust = self.required_trust
        allow_none = _either(self.allow_none, trust is TrustVerdict.NONE)
        conveyance = self.conveyance
        if not allow_none and conveyance is AttestationConveyance.NONE:
            # A policy must ask for what it requires; what was asked in fact stands in the state.
            conveyance = AttestationConveyance.DIRECT
        return AttestationPolicy(
            conveyance=conveyance,
            formats=tuple(self.formats),
            anchors=tuple(self.anchors) or (_NoAnchors(),),
            allow_none=allow_none,
            allow_self=_either(self.allow_self, trust in (TrustVerdict.NONE, TrustVerdict.SELF)),
            allow_unanchored=_either(self.allow_unanchored, trust is not TrustVerdict.ANCHORED),
            permitted_types=self.permitted_types,
            permitted_aaguids=self.permitted_aaguids,
            forbidden_aaguids=self.forbidden_aaguids,
            revocation=self.revocation,
            rules=self.rules,
        )


def _domain(origins: Sequence[str]) -> str:
    """The domain of the pages: the RP ID of options that name none (section 5.4.2)."""
    hosts = {origin.partition("://")[2].partition(":")[0] for origin in origins if "://" in origin}
    if len(hosts) != 1:
        raise Misconfigured("rp_id is left out, which means the domain of the page, but origins is not of one domain.")
    return hosts.pop()


def _either(explicit: bool | None, otherwise: bool) -> bool:
    return otherwise if explicit is None else explicit
