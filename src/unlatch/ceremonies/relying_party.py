"""The relying party: who it is, where it lives, what it wants; validated once, then never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from unlatch.ceremonies.authentication import (
    Authentication,
    AuthenticationCeremony,
    begin_authentication,
    finish_authentication,
)
from unlatch.ceremonies.challenge import new_challenge
from unlatch.ceremonies.origins import check_app_origin, check_origin, check_related_origin, check_rp_id
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.state import CeremonyState
from unlatch.crypto.signatures import KeyCache
from unlatch.errors import Misconfigured
from unlatch.record import CredentialRecord
from unlatch.terms import Attachment, Mediation, ResidentKey, UserVerification
from unlatch.values import field, frozen
from unlatch.wire.options import UserEntity
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

if TYPE_CHECKING:
    from unlatch.ceremonies.registration import Registration, RegistrationCeremony
    from unlatch.wire.extensions.inputs import AuthenticationInputs, RegistrationInputs


@frozen
class RelyingParty:
    """A site (or a group of sites and apps) that people sign in to.

    Attributes:
        id: RP ID: the domain that passkeys are scoped to, without scheme and port.
        name: Shown by some browsers; the RP ID when left out.
        origins: Where the pages live, as browsers write origins; ``https://`` and the RP ID when left out.
        policy: What is asked for and accepted.
        related_origins: Other sites of yours that share the passkeys (section 5.11).
        app_origins: Native applications, for example ``android:apk-key-hash:...``.
        key_cache: Where the key objects of people who sign in often are kept; None builds each anew.

    Raises:
        Misconfigured: A value that cannot work; the message says what to change.
    """

    id: str
    name: str = ""
    origins: Sequence[str] = ()
    policy: Policy = field(default_factory=Policy)
    related_origins: Sequence[str] = ()
    app_origins: Sequence[str] = ()
    key_cache: KeyCache | None = field(default=None, repr=False, compare=False)
    id_hash: bytes = field(init=False, repr=False)
    expected_origins: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Validate everything, and prepare what each ceremony needs."""
        check_rp_id(self.id)
        if not isinstance(self.name, str):
            raise Misconfigured(f"The name {self.name!r} of the relying party is not a string.")
        if not isinstance(self.policy, Policy):
            raise Misconfigured("policy is a Policy object, for example Policy(user_verification='required').")
        if self.key_cache is not None and not isinstance(self.key_cache, KeyCache):
            raise Misconfigured(f"key_cache is a KeyCache object or None, not {self.key_cache!r}.")
        origins = _origins(self.origins, "origins") or (f"https://{self.id}",)
        related = _origins(self.related_origins, "related_origins")
        apps = _origins(self.app_origins, "app_origins")
        for origin in origins:
            check_origin(origin, self.id)
        for origin in related:
            check_related_origin(origin)
        for origin in apps:
            check_app_origin(origin)
        for name, value in (
            ("name", self.name or self.id),
            ("origins", origins),
            ("related_origins", related),
            ("app_origins", apps),
            ("id_hash", sha256(self.id.encode("ascii")).digest()),
            ("expected_origins", origins + related + apps),
        ):
            object.__setattr__(self, name, value)

    def read_registration(self, body: bytes | str | dict[str, Any] | RegistrationResponse) -> RegistrationResponse:
        """Read what the page sent back, as `finish_registration` does; a parsed response is taken as it is.

        Raises:
            Malformed: The body is not what the specification says.
        """
        if isinstance(body, RegistrationResponse):
            return body
        return RegistrationResponse.from_json(body, key_order=self.policy.key_order)

    def read_authentication(
        self, body: bytes | str | dict[str, Any] | AuthenticationResponse
    ) -> AuthenticationResponse:
        """Read what the page sent back, as `finish_authentication` does; a parsed response is taken as it is.

        Raises:
            Malformed: The body is not what the specification says.
        """
        if isinstance(body, AuthenticationResponse):
            return body
        return AuthenticationResponse.from_json(body, key_order=self.policy.key_order)

    def begin_registration(
        self,
        user: UserEntity,
        *,
        exclude: Iterable[CredentialRecord] = (),
        session: str | None = None,
        mediation: Mediation | None = None,
        user_verification: UserVerification | None = None,
        resident_key: ResidentKey | None = None,
        attachment: Attachment | None = None,
        hints: Iterable[str] | None = None,
        extensions: Mapping[str, Any] | RegistrationInputs | None = None,
        timeout: int | None = None,
        challenge: bytes | None = None,
        now: datetime | None = None,
    ) -> RegistrationCeremony:
        """Begin to register a passkey (section 7.1 step 1).

        Args:
            user: The account that it is for.
            exclude: All records that the account has, so that one authenticator is not registered twice.
            session: Name of the session that begins; the finish must come from the same. Stored hashed.
            mediation: `conditional` for a passkey made silently after another sign-in.
            user_verification: Instead of the policy's.
            resident_key: Instead of the policy's.
            attachment: Instead of the policy's.
            hints: Instead of the policy's.
            extensions: Client extension inputs, in their JSON forms or typed.
            timeout: Seconds, 30 to 600, instead of the policy's.
            challenge: At least 16 bytes; 32 random ones when left out.
            now: Aware time; the clock when left out.

        Returns:
            Options for the page and state for the server.

        Raises:
            Misconfigured: Arguments that contradict each other or the specification.
            Malformed: An extension input that browsers would ignore or refuse.
        """
        from unlatch.ceremonies.registration import begin_registration  # not for those who only sign in

        return begin_registration(
            self,
            user,
            challenge=new_challenge() if challenge is None else challenge,
            now=_now(now),
            exclude=exclude,
            session=session,
            mediation=mediation,
            user_verification=user_verification,
            resident_key=resident_key,
            attachment=attachment,
            hints=hints,
            extensions=extensions,
            timeout=timeout,
        )

    def finish_registration(
        self,
        state: CeremonyState,
        body: bytes | str | dict[str, Any] | RegistrationResponse,
        *,
        session: str | None = None,
        now: datetime | None = None,
    ) -> Registration:
        """Verify what the page sent back (section 7.1 steps 2 to 28).

        Args:
            state: From the begin; the caller makes sure that it is used once.
            body: The RegistrationResponseJSON: text as received, parsed JSON, or the parsed response.
            session: As at the begin.
            now: Aware time; the clock when left out.

        Returns:
            The verified registration, with the record to store under a unique constraint on its id (step 26).

        Raises:
            Malformed: The body is not what the specification says.
            Refused: A step says no.
        """
        response = self.read_registration(body)
        return _finish_registration()(self, state, response, now=_now(now), session=session)

    def begin_authentication(
        self,
        *,
        user: UserEntity | bytes | None = None,
        records: Iterable[CredentialRecord] = (),
        session: str | None = None,
        mediation: Mediation | None = None,
        user_verification: UserVerification | None = None,
        hints: Iterable[str] | None = None,
        extensions: Mapping[str, Any] | AuthenticationInputs | None = None,
        timeout: int | None = None,
        challenge: bytes | None = None,
        now: datetime | None = None,
    ) -> AuthenticationCeremony:
        """Begin to sign somebody in (section 7.2 step 1).

        Args:
            user: Who it is (entity or user handle), if that is known; None lets the passkey tell.
            records: The user's records, listed in the options.
            session: Name of the session that begins; the finish must come from the same. Stored hashed.
            mediation: `conditional` for autofill.
            user_verification: Instead of the policy's.
            hints: Instead of the policy's.
            extensions: Client extension inputs, in their JSON forms or typed.
            timeout: Seconds, 30 to 600, instead of the policy's.
            challenge: At least 16 bytes; 32 random ones when left out.
            now: Aware time; the clock when left out.

        Returns:
            Options for the page and state for the server.

        Raises:
            Misconfigured: Arguments that contradict each other or the specification.
            Malformed: An extension input that browsers would ignore or refuse.
        """
        return begin_authentication(
            self,
            user,
            challenge=new_challenge() if challenge is None else challenge,
            now=_now(now),
            records=records,
            session=session,
            mediation=mediation,
            user_verification=user_verification,
            hints=hints,
            extensions=extensions,
            timeout=timeout,
        )

    def finish_authentication(
        self,
        state: CeremonyState,
        body: bytes | str | dict[str, Any] | AuthenticationResponse,
        record: CredentialRecord | None,
        *,
        session: str | None = None,
        other_factor: bool = False,
        now: datetime | None = None,
    ) -> Authentication:
        """Verify what the page sent back (section 7.2 steps 2 to 24).

        Args:
            state: From the begin; the caller makes sure that it is used once.
            body: The AuthenticationResponseJSON: text as received, parsed JSON, or the parsed response.
            record: The record that the caller found for the response's `credential_id`; None, where there is none, is
                refused.
            session: As at the begin.
            other_factor: The caller has just checked another factor of the same user, as strong as user verification.
                With it, user verification of this credential counts from the next time on (`uv_initialized`).
            now: Aware time; the clock when left out.

        Returns:
            The verified authentication, with the updated record to store.

        Raises:
            Malformed: The body is not what the specification says, or the stored key is not valid.
            Refused: A step says no.
        """
        response = self.read_authentication(body)
        return finish_authentication(
            self, state, response, record, now=_now(now), session=session, other_factor=other_factor
        )

    def begin_step_up(
        self,
        user: UserEntity | bytes,
        *,
        records: Iterable[CredentialRecord],
        purpose: str,
        session: str | None = None,
        hints: Iterable[str] | None = None,
        extensions: Mapping[str, Any] | AuthenticationInputs | None = None,
        timeout: int | None = None,
        challenge: bytes | None = None,
        now: datetime | None = None,
    ) -> AuthenticationCeremony:
        """Begin to confirm one action: this user, verified, just now, for this purpose.

        Args:
            user: Who is signed in (entity or user handle).
            records: The user's records; one of them has to answer.
            purpose: What is to be confirmed, in the caller's words: ``"remove passkey 3"``. The finish must say the
                same, so that a confirmation of one thing is none of another.
            session: As in `begin_authentication`; better never left out here.
            hints: As in `begin_authentication`.
            extensions: As in `begin_authentication`.
            timeout: As in `begin_authentication`.
            challenge: As in `begin_authentication`.
            now: As in `begin_authentication`.

        Raises:
            CredentialRefused: The user has no passkey to step up with.
            Misconfigured: As `begin_authentication`, or no purpose.
            Malformed: As `begin_authentication`.
        """
        from unlatch.ceremonies.step_up import begin_step_up  # few sites have step-ups

        return begin_step_up(
            self,
            user,
            records=records,
            purpose=purpose,
            challenge=new_challenge() if challenge is None else challenge,
            now=_now(now),
            session=session,
            hints=hints,
            extensions=extensions,
            timeout=timeout,
        )

    def finish_step_up(
        self,
        state: CeremonyState,
        body: bytes | str | dict[str, Any] | AuthenticationResponse,
        record: CredentialRecord | None,
        *,
        user: UserEntity | bytes,
        purpose: str,
        session: str | None = None,
        other_factor: bool = False,
        now: datetime | None = None,
    ) -> Authentication:
        """Verify the confirmation; a sign-in's state does not do, and neither does a step-up's for a sign-in.

        Args:
            state: From `begin_step_up`; the caller makes sure that it is used once.
            body: As in `finish_authentication`.
            record: As in `finish_authentication`.
            user: Who is signed in now.
            purpose: What is about to be done.
            session: As at the begin.
            other_factor: As in `finish_authentication`; then `uv_initialized` need not be set before.
            now: Aware time; the clock when left out.

        Raises:
            Malformed: As `finish_authentication`.
            Refused: As `finish_authentication`; or begun for another user or purpose; or user verification of this
                credential does not count as a factor.
            Misconfigured: No purpose.
        """
        from unlatch.ceremonies.step_up import finish_step_up  # few sites have step-ups

        response = self.read_authentication(body)
        return finish_step_up(
            self,
            state,
            response,
            record,
            user=user,
            purpose=purpose,
            now=_now(now),
            session=session,
            other_factor=other_factor,
        )


@cache
def _finish_registration() -> Callable[..., Registration]:
    """Loaded once, not for those who only sign in; an import inside a function takes its time at each call."""
    from unlatch.ceremonies.registration import finish_registration

    return finish_registration


def _now(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if now.tzinfo is None:
        raise Misconfigured("now= is a time without a time zone; pass datetime.now(UTC) or leave it out.")
    return now


def _origins(value: object, name: str) -> tuple[str, ...]:
    """A tuple without doubles; one lone string is the slip that would otherwise become its letters."""
    if isinstance(value, str) or not isinstance(value, (list, tuple, set, frozenset)):
        raise Misconfigured(f"{name} is a list of origins, for example ['https://example.org'], not {value!r}.")
    if not all(isinstance(origin, str) for origin in value):
        raise Misconfigured(f"{name} is a list of strings, not {value!r}.")
    origins = tuple(sorted(value)) if isinstance(value, (set, frozenset)) else tuple(value)
    if len(set(origins)) != len(origins):
        raise Misconfigured(f"An origin stands twice in {name}.")
    return origins
