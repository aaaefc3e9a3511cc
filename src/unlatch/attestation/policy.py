"""What an attestation is worth to this relying party (steps 23 and 24 of section 7.1).

Verification yields data: a type and a trust path. The policy looks for an anchor and accepts or refuses. The same
object says what the options ask for, so that asking and judging cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from unlatch.attestation.anchors import UNSIGNED_AAGUID, AnchorSource, TrustAnchors, expect_aaguid_bytes, listed
from unlatch.attestation.formats import DEFAULT_FORMATS, FORMATS, select_formats
from unlatch.attestation.rules import CompoundRule, StatementRules
from unlatch.codes import Code
from unlatch.crypto.trust import TRUST_STEP, graver, untrusted
from unlatch.errors import AttestationRefused, Misconfigured
from unlatch.terms import ZERO_AAGUID, AttestationConveyance, AttestationType, TrustVerdict
from unlatch.values import field, frozen, replace

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.attestation.statement import AttestationResult, Procedure
    from unlatch.crypto.certificates import Certificate
    from unlatch.crypto.revocation import Revocation
    from unlatch.wire.authenticator_data import AttestedCredentialData

FORMAT_STEP = "format"

_LISTS = ("preferred_formats", "formats", "anchors", "permitted_types", "permitted_aaguids", "forbidden_aaguids")
_TYPE_NONE, _TRUST_NONE, _ASK_NONE = AttestationType.NONE, TrustVerdict.NONE, AttestationConveyance.NONE
#: From the least to the most that can be said of an attestation.
_RANK = (TrustVerdict.NONE, TrustVerdict.SELF, TrustVerdict.UNANCHORED, TrustVerdict.ANCHORED)


@frozen
class AttestationVerdict:
    """An accepted attestation.

    Attributes:
        format: Attestation statement format identifier.
        type: What kind of attestation it is.
        trust: What it is worth; only `ANCHORED` authenticates the AAGUID (and not where the format is `fido-u2f`,
            whose signature does not cover it).
        trust_path: Certificates as received, DER, the attestation certificate first; empty for none and self.
        anchored_path: The path that was followed, DER, from the attestation certificate to the anchor, with the
            intermediates that the anchors' source supplied; empty unless anchored.
        reason: Why the trust path is not anchored, for the log; empty where it is or where there is none.
    """

    format: str
    type: AttestationType
    trust: TrustVerdict
    trust_path: tuple[bytes, ...] = ()
    anchored_path: tuple[bytes, ...] = ()
    reason: str = ""


@frozen(kw_only=True)
class AttestationPolicy:
    """Which attestations to ask for, which to accept, and whom to trust.

    The zero value is what a consumer site wants: nothing is asked for, any sound statement is accepted, nothing is
    trusted. As soon as attestation is asked for, only anchored statements are accepted unless the policy says more.

    Attributes:
        conveyance: What the options ask the client for.
        preferred_formats: Preferred formats for the options, best first; advice only.
        formats: The formats that are accepted, inside a compound statement too. A format outside is refused.
        anchors: Trusted certificates (DER or PEM, for every format and model), `TrustAnchors`, or other sources.
        allow_none: Accept a response without attestation. None: only while `conveyance` is none.
        allow_self: Accept self attestation. None: only while `conveyance` is none.
        allow_unanchored: Accept a sound statement that leads to no anchor. None: only while `conveyance` is none.
        permitted_types: Attestation types that are accepted; None for all.
        permitted_aaguids: The only authenticator models that are accepted, 16 bytes each; None for all. What an
            authenticator says of itself is only proven by an anchored attestation. With a list, a `fido-u2f` statement
            must have the zero AAGUID, and the list it: U2F devices have no other, and their signature covers none.
        forbidden_aaguids: Authenticator models that are refused.
        revocation: Lists of revoked certificates, and whether a path needs them. None asks for none, and refuses what
            the lists of an anchors' source name.
        rules: How the format procedures read what the specification leaves open.
    """

    conveyance: AttestationConveyance = AttestationConveyance.NONE
    preferred_formats: tuple[str, ...] = ()
    formats: Collection[str] = DEFAULT_FORMATS
    anchors: Collection[bytes | str | AnchorSource] = ()
    allow_none: bool | None = None
    allow_self: bool | None = None
    allow_unanchored: bool | None = None
    permitted_types: Collection[AttestationType] | None = None
    permitted_aaguids: Collection[bytes] | None = None
    forbidden_aaguids: Collection[bytes] = ()
    revocation: Revocation | None = None
    rules: StatementRules = field(default_factory=StatementRules)
    _sources: tuple[AnchorSource, ...] = field(init=False, repr=False, compare=False)
    _procedures: Mapping[str, Procedure] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Validate the policy once, here.

        Raises:
            Misconfigured: A value that does not exist, or a combination that could not work or would trust silently.
        """
        try:
            conveyance = AttestationConveyance(self.conveyance)
        except ValueError:
            known = ", ".join(AttestationConveyance)
            raise Misconfigured(f"conveyance is {self.conveyance!r}; say one of {known}") from None
        asks = conveyance is not AttestationConveyance.NONE
        for name in _LISTS:
            if getattr(self, name) is not None or not name.startswith("permitted_"):
                object.__setattr__(self, name, listed(getattr(self, name), name))
        if not all(isinstance(item, str) for item in (*self.formats, *self.preferred_formats)):
            raise Misconfigured("formats and preferred_formats hold the names of formats, which are strings")
        if not self.formats:
            raise Misconfigured("formats is empty, so nothing could be registered; leave it out or name formats")
        unknown = sorted(set(self.formats) - FORMATS.keys())
        if unknown:
            raise Misconfigured(f"formats names {unknown}; there are {sorted(FORMATS)}")
        unknown = sorted(set(self.preferred_formats) - set(self.formats))
        if unknown:
            raise Misconfigured(f"preferred_formats names {unknown}, which formats does not accept")
        if asks and not self.anchors and not self.allow_unanchored:
            raise Misconfigured(
                f"conveyance is {conveyance.value!r} but there are no anchors to trust; give anchors, or say "
                "allow_unanchored=True if statements that nobody vouches for are acceptable"
            )
        if not asks and self.allow_none is False:
            raise Misconfigured(
                "conveyance is 'none', so clients remove attestations, but allow_none is False: nobody could register; "
                "ask for 'direct' attestation or leave allow_none out"
            )
        known = ", ".join(AttestationType)
        if any(str(kind) not in tuple(AttestationType) for kind in self.permitted_types or ()):
            raise Misconfigured(f"permitted_types is {self.permitted_types!r}; say some of {known}")
        for aaguid in self.permitted_aaguids or ():
            expect_aaguid_bytes(aaguid, "permitted_aaguids")
        for aaguid in self.forbidden_aaguids:
            expect_aaguid_bytes(aaguid, "forbidden_aaguids")
        for item in self.anchors:
            if not isinstance(item, (bytes, str)) and not hasattr(item, "select"):
                raise Misconfigured(f"anchors holds {type(item).__name__}; give DER, PEM, or TrustAnchors")
        own = [item for item in self.anchors if isinstance(item, (bytes, str))]
        others = [item for item in self.anchors if not isinstance(item, (bytes, str))]
        sources = (*((TrustAnchors(certificates=own),) if own else ()), *others)
        settled = {
            "conveyance": conveyance,
            "formats": frozenset(self.formats),
            "forbidden_aaguids": frozenset(self.forbidden_aaguids),
            "_sources": sources,
            "_procedures": select_formats(self.formats),
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def procedure(self, statement_format: str) -> Procedure:
        """The procedure of an accepted format; identifiers are case-sensitive.

        Raises:
            AttestationRefused: Unknown or not accepted (step ``format``).
        """
        procedure = self._procedures.get(statement_format)
        if procedure is None:
            raise AttestationRefused(
                Code.FORMAT_NOT_SUPPORTED, FORMAT_STEP, expected=sorted(self.formats), received=statement_format
            )
        return procedure

    def assess(
        self, statement_format: str, result: AttestationResult, attested: AttestedCredentialData, *, now: datetime
    ) -> AttestationVerdict:
        """Say what a sound statement is worth, or refuse it.

        Args:
            statement_format: Identifier of the statement's format.
            result: What its procedure returned.
            attested: The credential that it speaks of.
            now: The moment to judge certificates at; aware.

        Raises:
            AttestationRefused: Not trusted, or not allowed (step ``attestation-trust``).
        """
        self._expect_aaguid(attested.aaguid)
        if result.components:
            return self._assess_compound(statement_format, result, attested, now=now)
        self._expect_covered_aaguid(statement_format, attested.aaguid)
        return self._assess_one(statement_format, result, attested, now=now)

    def _expect_aaguid(self, aaguid: bytes) -> None:
        permitted = self.permitted_aaguids
        if aaguid in self.forbidden_aaguids or (permitted is not None and aaguid not in permitted):
            raise AttestationRefused(
                Code.AAGUID_NOT_ALLOWED, TRUST_STEP, received=aaguid, detail="this authenticator model is not accepted"
            )

    def _expect_covered_aaguid(self, statement_format: str, aaguid: bytes) -> None:
        """Where models are chosen, a statement must speak of the model."""
        if self.permitted_aaguids is not None and statement_format == UNSIGNED_AAGUID and aaguid != ZERO_AAGUID:
            raise AttestationRefused(
                Code.AAGUID_NOT_ALLOWED,
                TRUST_STEP,
                received=aaguid,
                detail="a U2F device has no AAGUID, and its signature covers none",
            )

    def _assess_compound(
        self, statement_format: str, result: AttestationResult, attested: AttestedCredentialData, *, now: datetime
    ) -> AttestationVerdict:
        """All: every component must be acceptable, the least counts. Any: one must be, the best counts."""
        verdicts: list[AttestationVerdict] = []
        refusal: AttestationRefused | None = None
        # Where all must be acceptable, one that covers the AAGUID speaks for the others too.
        needs_all = self.rules.compound is CompoundRule.ALL
        is_covered = needs_all and any(name != UNSIGNED_AAGUID for name, _ in result.components)
        for name, component in result.components:
            try:
                if not is_covered:
                    self._expect_covered_aaguid(name, attested.aaguid)
                verdicts.append(self._assess_one(name, component, attested, now=now))
            except AttestationRefused as refused:
                if needs_all:
                    raise
                refusal = refused
        if not verdicts and refusal is not None:
            raise refusal
        choose = min if needs_all else max
        return replace(choose(verdicts, key=lambda verdict: _RANK.index(verdict.trust)), format=statement_format)

    def _assess_one(
        self, statement_format: str, result: AttestationResult, attested: AttestedCredentialData, *, now: datetime
    ) -> AttestationVerdict:
        if self.permitted_types is not None and result.type not in self.permitted_types:
            raise AttestationRefused(
                Code.ATTESTATION_NOT_ALLOWED,
                TRUST_STEP,
                expected=sorted(self.permitted_types),
                received=str(result.type),
                detail="this type of attestation is not accepted",
            )
        if result.type is _TYPE_NONE:
            self._expect_allowed(self.allow_none, "a response without attestation")
            return AttestationVerdict(statement_format, result.type, _TRUST_NONE)
        if result.type is AttestationType.SELF:
            self._expect_allowed(self.allow_self, "self attestation")
            return AttestationVerdict(statement_format, result.type, TrustVerdict.SELF)
        self._expect_fresh(statement_format, result, now)
        self._expect_no_serial_number(statement_format, result.chain[0])
        try:
            path = self._find_path(statement_format, attested, result.chain, now=now)
        except AttestationRefused as refused:
            # Whoever keeps lists of revoked certificates does not want them, trusted or not.
            if refused.code is not Code.ATTESTATION_NOT_TRUSTED or not self._allows(self.allow_unanchored):
                raise
            return AttestationVerdict(
                statement_format, result.type, TrustVerdict.UNANCHORED, result.trust_path, reason=refused.detail
            )
        followed = tuple(certificate.raw for certificate in path)
        return AttestationVerdict(statement_format, result.type, TrustVerdict.ANCHORED, result.trust_path, followed)

    def _find_path(
        self, statement_format: str, attested: AttestedCredentialData, chain: tuple[Certificate, ...], *, now: datetime
    ) -> tuple[Certificate, ...]:
        """The first valid path that any source's anchors allow.

        Raises:
            AttestationRefused: There is none.
        """
        from unlatch.crypto.names import is_same_name
        from unlatch.crypto.paths import find_path
        from unlatch.crypto.revocation import Revocation

        if not self.rules.root_in_chain and any(is_same_name(each.subject, each.issuer) for each in chain[1:]):
            raise untrusted("x5c contains the root")
        # Without a word about revocation, only what an anchors' source lists is revoked.
        revocation = self.revocation or Revocation(crls=(), required=False)
        refusal: AttestationRefused | None = None
        for source in self._sources:
            selection = source.select(statement_format, attested, chain)
            if not selection.anchors:
                continue
            try:
                return find_path(
                    chain,
                    selection.anchors,
                    now=now,
                    intermediates=selection.intermediates,
                    revocation=partial(revocation.judge, supplied=selection.revocation_lists),
                )
            except AttestationRefused as refused:
                refusal = graver(refusal, refused)
        raise refusal or untrusted("no anchor is known for this format and authenticator model")

    def _allows(self, explicit: bool | None) -> bool:
        return self.conveyance is _ASK_NONE if explicit is None else explicit

    def _expect_allowed(self, explicit: bool | None, what: str) -> None:
        if not self._allows(explicit):
            raise AttestationRefused(Code.ATTESTATION_NOT_ALLOWED, TRUST_STEP, detail=f"{what} is not accepted")

    def _expect_fresh(self, statement_format: str, result: AttestationResult, now: datetime) -> None:
        """A SafetyNet timestamp that is there and neither too old nor in the future, where the rules ask."""
        limit = self.rules.safetynet_max_age
        if limit is None or statement_format != "android-safetynet":
            return
        age = None if result.signed_at is None else now - result.signed_at
        if age is None or not -timedelta(seconds=limit / 5) <= age <= timedelta(seconds=limit):
            raise AttestationRefused(
                Code.ATTESTATION_NOT_TRUSTED,
                TRUST_STEP,
                received=None if age is None else str(age),
                detail="the statement is not fresh",
            )

    def _expect_no_serial_number(self, statement_format: str, leaf: Certificate) -> None:
        """Section 8.2.2: a serial number may only be told where enterprise attestation was asked for."""
        from unlatch.attestation.packed import SERIAL_NUMBER_EXTENSION

        if (
            statement_format == "packed"
            and self.conveyance is not AttestationConveyance.ENTERPRISE
            and SERIAL_NUMBER_EXTENSION in leaf.extensions
        ):
            raise AttestationRefused(
                Code.ATTESTATION_NOT_ALLOWED,
                TRUST_STEP,
                detail="a certificate with the device's serial number, which was not asked for",
            )
