"""`init_credential`, `store_credential`, `get_credentials`, `verify_assertion`, with the arguments that they have."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from unlatch.ceremonies.challenge import check_challenge
from unlatch.ceremonies.policy import MAX_TIMEOUT, MIN_TIMEOUT, choice
from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.compat.pg_webauthn.tables import Challenges, Kept, metadata
from unlatch.errors import Malformed, Misconfigured, Unavailable
from unlatch.stores.sqlalchemy import SqlCredentials, credentials
from unlatch.stores.sqlalchemy.tables import digest
from unlatch.terms import AttestationConveyance, CeremonyKind, UserVerification
from unlatch.wire import base64url
from unlatch.wire.client_data import CollectedClientData
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.record import CredentialRecord

_FIVE_MINUTES = timedelta(minutes=5)
#: How often a sign-in is tried again because another one with the same credential was faster.
_ATTEMPTS = 10


class PgWebAuthn:
    """The four functions, and two more, on one database.

    The caller makes the challenge, 16 random bytes or more (`secrets.token_bytes(32)`), and it works once. A function
    returns None where the extension returned NULL; everything else that is wrong raises an `UnlatchError`.

    Options have the members that the extension's have: ES256 alone unless `algorithms` says more, no
    `excludeCredentials`, no transports, and an RP ID only where one was passed.
    """

    def __init__(self, engine: Engine, rp: RelyingParty, *, algorithms: Sequence[int] = (-7,)) -> None:
        """Bring a database and a relying party together.

        Args:
            engine: SQLAlchemy's engine of any database.
            rp: The site; what the extension never checked (origin, RP ID, presence) is checked by it.
            algorithms: What to offer; the extension knew ES256 alone.
        """
        self._challenges = Challenges(engine)
        self._credentials = SqlCredentials(engine)
        self._engine = engine
        self._rp = rp
        self._algorithms = tuple(algorithms)

    def create_tables(self) -> None:
        """Make the tables that are missing; or put them into your own migrations."""
        credentials.create(self._engine, checkfirst=True)
        metadata.create_all(self._engine)

    def init_credential(
        self,
        challenge: bytes,
        user_name: str,
        user_id: bytes,
        user_display_name: str,
        relying_party_name: str,
        relying_party_id: str | None = None,
        require_resident_key: bool = False,
        user_verification: str = "preferred",
        attestation: str = "none",
        timeout: timedelta = _FIVE_MINUTES,
        challenge_at: datetime | None = None,
    ) -> dict[str, Any]:
        """Begin to sign up.

        Args:
            challenge: Random bytes.
            user_name: What the account is called.
            user_id: User handle, 1 to 64 bytes.
            user_display_name: The person's name.
            relying_party_name: What people read.
            relying_party_id: That of the relying party, or None for the domain of the page.
            require_resident_key: Whether the passkey must be usable without a user name.
            user_verification: ``required``, ``preferred`` or ``discouraged``.
            attestation: ``none``, ``indirect``, ``direct`` or ``enterprise``; accepted is what the policy accepts.
            timeout: 30 seconds to 10 minutes.
            challenge_at: Aware time; the clock when left out.

        Returns:
            ``{"publicKey": PublicKeyCredentialCreationOptions}``.

        Raises:
            CeremonyRefused: The challenge was given before.
            Misconfigured: A value that cannot work.
            Malformed: A user id or name that cannot be one.
        """
        user = UserEntity(user_id, user_name, user_display_name)
        conveyance = choice(AttestationConveyance, attestation, "attestation")
        state = self._state(
            CeremonyKind.REGISTRATION,
            challenge,
            relying_party_id,
            user=user,
            user_verification=user_verification,
            timeout=timeout,
            now=challenge_at,
        )
        options = {
            "rp": {"name": relying_party_name} | ({} if relying_party_id is None else {"id": relying_party_id}),
            "user": user.to_json(),
            "challenge": base64url.encode(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in self._algorithms],
            "timeout": _milliseconds(timeout),
            "authenticatorSelection": {
                "requireResidentKey": require_resident_key,
                "userVerification": str(state.user_verification),
            },
            "attestation": str(conveyance),
        }
        self._challenges.put(Kept(state, json.dumps(options), digest(user_name)))
        return {"publicKey": options}

    def get_credential_creation_options(self, challenge: bytes) -> dict[str, Any] | None:
        """The options of `init_credential` again, for another device; None where the challenge is unknown."""
        kept = self._challenges.look(challenge)
        if kept is None or kept.state.kind is not CeremonyKind.REGISTRATION:
            return None
        return {"publicKey": json.loads(kept.options)}

    def store_credential(
        self,
        credential_id: str,
        credential_type: str,
        attestation_object: str,
        client_data_json: str,
        credential_at: datetime | None = None,
    ) -> bytes | None:
        """Finish to sign up. All texts are base64url.

        Returns:
            The user id; None where the challenge is unknown.

        Raises:
            Malformed: Not base64url, or not what the specification says.
            Refused: The challenge is used or expired, a check says no, or the credential is registered already.
        """
        body = {
            "id": credential_id,
            "type": credential_type,
            "response": {"attestationObject": attestation_object, "clientDataJSON": client_data_json},
        }
        response = self._rp.read_registration(body)
        kept = self._kept(response.client_data, CeremonyKind.REGISTRATION)
        if kept is None or kept.state.user is None:
            return None
        now = _now(credential_at)
        self._challenges.use(kept.state.challenge, now)
        registration = self._rp.finish_registration(kept.state, response, now=now)
        self._credentials.add(registration.record)
        if kept.user_name_sha256 is not None:
            self._challenges.name_user(kept.user_name_sha256, registration.user.id)
        return registration.user.id

    def get_credentials(
        self,
        challenge: bytes,
        user_name: str | None = None,
        user_verification: str = "preferred",
        timeout: timedelta = _FIVE_MINUTES,
        relying_party_id: str | None = None,
        challenge_at: datetime | None = None,
    ) -> dict[str, Any]:
        """Begin to sign in.

        Args:
            challenge: Random bytes.
            user_name: Who it is; None lets the passkey tell.
            user_verification: ``required``, ``preferred`` or ``discouraged``.
            timeout: 30 seconds to 10 minutes.
            relying_party_id: That of the relying party, or None for the domain of the page.
            challenge_at: Aware time; the clock when left out.

        Returns:
            ``{"publicKey": PublicKeyCredentialRequestOptions}``.

        Raises:
            CeremonyRefused: The challenge was given before.
            Misconfigured: A value that cannot work.
        """
        state = self._state(
            CeremonyKind.AUTHENTICATION,
            challenge,
            relying_party_id,
            user=None,
            user_verification=user_verification,
            timeout=timeout,
            now=challenge_at,
        )
        name = None if user_name is None else digest(user_name)
        listed = sorted(record.id for record in self._records_named(name) if record.rp_id == self._rp.id)
        options = {
            "challenge": base64url.encode(challenge),
            "timeout": _milliseconds(timeout),
            "allowCredentials": [{"type": "public-key", "id": base64url.encode(each)} for each in listed],
            "userVerification": str(state.user_verification),
        } | ({} if relying_party_id is None else {"rpId": relying_party_id})
        self._challenges.put(Kept(state, json.dumps(options), name))
        return {"publicKey": options}

    def verify_assertion(
        self,
        credential_id: str,
        credential_type: str,
        authenticator_data: str,
        client_data_json: str,
        signature: str,
        user_handle: str | None,
        verified_at: datetime | None = None,
    ) -> bytes | None:
        """Finish to sign in. All texts are base64url; an empty user handle counts as none.

        Returns:
            The user id; None where the challenge or the credential is unknown, or the credential is another user's than
            the challenge's.

        Raises:
            Malformed: Not base64url, or not what the specification says.
            Refused: The challenge is used or expired, or a check says no.
        """
        body = {
            "id": credential_id,
            "type": credential_type,
            "response": {
                "authenticatorData": authenticator_data,
                "clientDataJSON": client_data_json,
                "signature": signature,
                "userHandle": user_handle,
            },
        }
        response = self._rp.read_authentication(body)
        kept = self._kept(response.client_data, CeremonyKind.AUTHENTICATION)
        record = self._credentials.get(response.credential_id)
        if kept is None or record is None:
            return None
        named = kept.user_name_sha256
        if named is not None and record.user_handle not in self._challenges.users_named(named):
            return None
        state = kept.state
        if named is not None:
            state = replace(state, user=UserEntity(record.user_handle, ""))
        now = _now(verified_at)
        self._challenges.use(state.challenge, now)
        for _ in range(_ATTEMPTS):
            authentication = self._rp.finish_authentication(state, response, record, now=now)
            if self._credentials.update(record, authentication.record):
                return authentication.user_handle
            record = self._credentials.get(response.credential_id)
            if record is None:
                return None
        raise Unavailable(Code.STORE_UNAVAILABLE, detail="other sign-ins kept changing the record")

    def prune(self, older_than: timedelta, now: datetime | None = None) -> int:
        """Forget challenges that expired longer ago than this, and return how many. The extension never did."""
        return self._challenges.prune(_now(now) - older_than)

    def _records_named(self, user_name_sha256: bytes | None) -> list[CredentialRecord]:
        if user_name_sha256 is None:
            return []
        handles = self._challenges.users_named(user_name_sha256)
        return [record for handle in handles for record in self._credentials.for_user(handle)]

    def _kept(self, client_data: CollectedClientData, kind: CeremonyKind) -> Kept | None:
        """What the challenge inside the client data began; None for one that was never given, or for something else."""
        try:
            challenge = base64url.decode(client_data.challenge, "challenge")
        except Malformed:
            return None
        kept = self._challenges.look(challenge)
        return kept if kept is not None and kept.state.kind is kind else None

    def _state(
        self,
        kind: CeremonyKind,
        challenge: bytes,
        relying_party_id: str | None,
        *,
        user: UserEntity | None,
        user_verification: str,
        timeout: timedelta,
        now: datetime | None,
    ) -> CeremonyState:
        rp = self._rp
        if relying_party_id not in (None, rp.id):
            raise Misconfigured(f"relying_party_id is {relying_party_id!r}, but this relying party is {rp.id!r}.")
        check_challenge(challenge)
        _milliseconds(timeout)
        begun = _now(now)
        return CeremonyState(
            kind=kind,
            challenge=challenge,
            rp_id=rp.id,
            origins=rp.expected_origins,
            created_at=begun,
            expires_at=begun + timeout,
            allow_subdomains=rp.policy.allow_subdomains,
            allow_cross_origin=rp.policy.allow_cross_origin,
            top_origins=rp.policy.top_origins,
            user=user,
            algorithms=self._algorithms if kind is CeremonyKind.REGISTRATION else (),
            user_verification=choice(UserVerification, user_verification, "user_verification"),
        )


def _milliseconds(timeout: timedelta) -> int:
    """The constraint `reasonable_timeout`: both ends are allowed."""
    milliseconds = timeout // timedelta(milliseconds=1) if isinstance(timeout, timedelta) else 0
    if not MIN_TIMEOUT * 1000 <= milliseconds <= MAX_TIMEOUT * 1000:
        raise Misconfigured(f"The timeout {timeout!r} is not a timedelta of {MIN_TIMEOUT} to {MAX_TIMEOUT} seconds.")
    return milliseconds


def _now(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if now.tzinfo is None:
        raise Misconfigured("A time without a time zone; pass datetime.now(UTC), or leave it out.")
    return now
