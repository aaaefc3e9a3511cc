"""What must survive between begin and finish, and how it is written down.

The state is the ceremony: whoever can choose it chooses what is verified. Keep it on the server (or sealed), use it
once, and hand it to the finish of the same kind, session and relying party, which all are checked again there.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, Malformed, Misconfigured
from unlatch.terms import AttestationConveyance, CeremonyKind, Mediation, UserVerification
from unlatch.values import field, frozen, maker
from unlatch.wire import base64url, strict_json
from unlatch.wire.options import UserEntity

#: Version of the JSON form; a state lives ten minutes at most, so older versions need no reader.
_VERSION = 1
#: Servers that share ceremonies may disagree about the time by this much.
_CLOCK_SKEW = timedelta(seconds=60)
_REGISTRATION = CeremonyKind.REGISTRATION
#: One encoder: `json.dumps` makes another at each call that has separators of its own.
_encode = json.JSONEncoder(separators=(",", ":")).encode


@frozen(kw_only=True)
class CeremonyState:
    """Everything that a finish is judged by (besides the policy of the relying party and the record).

    Attributes:
        kind: Registration or authentication.
        challenge: At least 16 random bytes.
        rp_id: The RP ID that was offered.
        origins: Accepted origins.
        allow_subdomains: Whether https subdomains of the RP ID are accepted as well.
        allow_cross_origin: Whether ceremonies in frames are accepted.
        top_origins: Accepted embedding pages.
        created_at: When it began (aware).
        expires_at: First moment at which it is no longer accepted (aware).
        mediation: What the page was told; `conditional` allows a registration without user presence.
        user: The account; None in an authentication that is to find out who it is.
        algorithms: What the options offered (registration).
        user_verification: What the options asked for.
        attestation: What the options asked for (registration).
        allow_credentials: Ids that the options listed (authentication).
        extensions: Client extension inputs, as JSON.
        session_hash: SHA-256 of the session that began it; None when it is bound to none.
        purpose: What a step-up is for; None for a plain registration or sign-in.
    """

    kind: CeremonyKind
    challenge: bytes
    rp_id: str
    origins: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    allow_subdomains: bool = False
    allow_cross_origin: bool = False
    top_origins: tuple[str, ...] = ()
    mediation: Mediation | None = None
    user: UserEntity | None = None
    algorithms: tuple[int, ...] = ()
    user_verification: UserVerification = UserVerification.PREFERRED
    attestation: AttestationConveyance = AttestationConveyance.NONE
    allow_credentials: tuple[bytes, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)
    session_hash: bytes | None = None
    purpose: str | None = None

    def check(
        self, kind: CeremonyKind, rp_id: str, *, session: str | None, now: datetime, purpose: str | None = None
    ) -> None:
        """Refuse to finish another ceremony than the one that was begun.

        Raises:
            CeremonyRefused: Another kind, purpose, relying party or session, or outside its life span.
        """
        if self.kind is not kind:
            raise CeremonyRefused(Code.CEREMONY_KIND, "options", expected=str(self.kind), received=str(kind))
        if self.purpose != purpose:
            raise CeremonyRefused(Code.CEREMONY_PURPOSE, "options", expected=self.purpose, received=purpose)
        if self.rp_id != rp_id:
            raise CeremonyRefused(Code.CEREMONY_RELYING_PARTY, "options", expected=self.rp_id, received=rp_id)
        begun_in = self.session_hash
        if (begun_in is not None or session is not None) and not compare_digest(
            begun_in or b"", hash_session(session) or b""
        ):
            raise CeremonyRefused(Code.CEREMONY_SESSION, "options", detail="begun in another session")
        # Differences of times cannot overflow, as a time minus the skew could.
        if now >= self.expires_at or (now < self.created_at and self.created_at - now > _CLOCK_SKEW):
            raise CeremonyRefused(
                Code.CEREMONY_EXPIRED,
                "options",
                expected=f"{self.created_at.isoformat()} to {self.expires_at.isoformat()}",
                received=now.isoformat(),
            )

    def check_registration(self, rp_id: str, *, session: str | None, now: datetime) -> UserEntity:
        """As `check`, for a registration.

        Returns:
            The user that the new credential is for.

        Raises:
            CeremonyRefused: As `check`, or a state that names no user.
        """
        self.check(_REGISTRATION, rp_id, session=session, now=now)
        if self.user is None:
            raise CeremonyRefused(Code.CEREMONY_KIND, "options", detail="a registration without a user")
        return self.user

    def to_json(self) -> str:
        """One line of JSON, to keep on the server."""
        return _encode(
            {
                "v": _VERSION,
                "kind": self.kind,
                "challenge": base64url.encode(self.challenge),
                "rpId": self.rp_id,
                "origins": self.origins,
                "createdAt": self.created_at.isoformat(),
                "expiresAt": self.expires_at.isoformat(),
                "allowSubdomains": self.allow_subdomains,
                "allowCrossOrigin": self.allow_cross_origin,
                "topOrigins": self.top_origins,
                "mediation": self.mediation,
                "user": None if self.user is None else self.user.to_json(),
                "algorithms": self.algorithms,
                "userVerification": self.user_verification,
                "attestation": self.attestation,
                "allowCredentials": [base64url.encode(item) for item in self.allow_credentials],
                "extensions": self.extensions,
                "session": None if self.session_hash is None else base64url.encode(self.session_hash),
                "purpose": self.purpose,
            }
        )

    @classmethod
    def from_json(cls, text: bytes | str) -> CeremonyState:
        """Read what `to_json` wrote.

        Raises:
            Malformed: Anything else; a state that was cut off or changed is never half-understood.
        """
        value = strict_json.parse_object(text, "state", limit=strict_json.MAX_STORED_BYTES)
        version = value.pop("v", None)
        if type(version) is not int or version != _VERSION:
            raise Malformed(Code.STATE, "state.v", f"not version {_VERSION}")
        try:
            state = make_state(
                kind=CeremonyKind(value.pop("kind")),
                challenge=base64url.decode(value.pop("challenge"), "state.challenge"),
                rp_id=_text(value.pop("rpId")),
                origins=_texts(value.pop("origins")),
                created_at=_time(value.pop("createdAt")),
                expires_at=_time(value.pop("expiresAt")),
                allow_subdomains=_boolean(value.pop("allowSubdomains")),
                allow_cross_origin=_boolean(value.pop("allowCrossOrigin")),
                top_origins=_texts(value.pop("topOrigins")),
                mediation=_optional(Mediation, value.pop("mediation")),
                user=_optional(lambda item: UserEntity.from_json(item, "state.user"), value.pop("user")),
                algorithms=_integers(value.pop("algorithms")),
                user_verification=UserVerification(value.pop("userVerification")),
                attestation=AttestationConveyance(value.pop("attestation")),
                allow_credentials=tuple(
                    base64url.decode(item, "state.allowCredentials") for item in _texts(value.pop("allowCredentials"))
                ),
                extensions=_object(value.pop("extensions")),
                session_hash=_optional(lambda item: base64url.decode(item, "state.session"), value.pop("session")),
                purpose=_optional(_text, value.pop("purpose")),
            )
        except KeyError as error:
            raise Malformed(Code.STATE, f"state.{error.args[0]}", "the member is missing") from None
        except (TypeError, ValueError) as error:
            raise Malformed(Code.STATE, "state", str(error)) from None
        if value:
            raise Malformed(Code.STATE, "state", f"unknown members {sorted(value)}")
        return state


#: In hot places: see `maker`.
make_state = maker(CeremonyState)


def hash_session(session: str | None) -> bytes | None:
    """SHA-256 of a session's name, so that a stored state does not give the session away.

    Raises:
        Misconfigured: Neither text nor None.
    """
    if session is None:
        return None
    if not isinstance(session, str):
        raise Misconfigured(f"session= is text or None, not {type(session).__name__}.")
    # A cookie may hold half a character; it need not be text for a hash.
    return sha256(session.encode("utf-8", "surrogatepass")).digest()


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("expected a string")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("expected a boolean")
    return value


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise TypeError("expected an object")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if type(value) is not list:
        raise TypeError("expected a list")
    return tuple(_text(item) for item in value)


def _integers(value: Any) -> tuple[int, ...]:
    if type(value) is not list or not all(type(item) is int for item in value):
        raise TypeError("expected a list of numbers")
    return tuple(value)


def _time(value: Any) -> datetime:
    time = datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError("a time without its offset from UTC")
    return time


def _optional(read: Any, value: Any) -> Any:
    return None if value is None else read(value)
