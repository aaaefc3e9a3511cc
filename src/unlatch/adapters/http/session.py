"""What a door keeps in the host's session: one small JSON object.

It says which passkey signed somebody in and when that person was last verified. It does not say who is signed in where
the host has its own idea of that: whatever is here of one user is void for any other (`Session.of`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from unlatch.ceremonies.step_up import is_fresh
from unlatch.errors import Malformed
from unlatch.wire import base64url

#: Name under which hosts keep it in a session that is a mapping.
KEY = "_unlatch"

#: How long somebody who passed a first factor has for the second.
FIRST_FACTOR_LIFE = timedelta(minutes=10)

#: Confirmed purposes that are remembered; sessions in cookies have little room.
MAX_CONFIRMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The door's part of one browser's session.

    Attributes:
        binding: Random text that ties ceremonies to this browser; None until one begins.
        user: User handle of who signed in, or confirmed something, with a passkey here.
        passkey: `passkey_id` of that passkey.
        verified_at: When that user was last verified by a passkey (UTC).
        confirmed: Purpose -> when it was last confirmed.
        first_factor: User handle of who has passed another factor and is to present a passkey now.
        first_factor_at: When that was.
    """

    binding: str | None = None
    user: bytes | None = None
    passkey: str | None = None
    verified_at: datetime | None = None
    confirmed: Mapping[str, datetime] = field(default_factory=dict)
    first_factor: bytes | None = None
    first_factor_at: datetime | None = None

    def bound(self) -> Session:
        """With a binding."""
        return self if self.binding else replace(self, binding=secrets.token_urlsafe(24))

    def of(self, user_handle: bytes) -> Session:
        """As far as it speaks of this user: of another one nothing but the binding is left."""
        return self if self.user == user_handle else Session(binding=self.binding)

    def expects(self, now: datetime) -> bytes | None:
        """Who is to present a passkey as second factor now."""
        if self.first_factor_at is None or not timedelta(0) <= now - self.first_factor_at <= FIRST_FACTOR_LIFE:
            return None
        return self.first_factor

    def is_confirmed(self, *, max_age: int, purpose: str | None, now: datetime) -> bool:
        """Whether this user was verified recently: at all, or for a purpose.

        Args:
            max_age: Seconds that count as recent.
            purpose: What must have been confirmed; None where any verification will do, the sign-in too.
            now: Aware time.
        """
        at = self.verified_at if purpose is None else self.confirmed.get(purpose)
        return is_fresh(at, max_age=max_age, now=now)

    def after_confirming(self, user_handle: bytes, purpose: str, now: datetime) -> Session:
        """With one more purpose confirmed by this user; the oldest are forgotten."""
        newest = sorted({**self.confirmed, purpose: now}.items(), key=lambda item: item[1])[-MAX_CONFIRMED:]
        return replace(self, user=user_handle, verified_at=now, confirmed=dict(newest))

    def to_json(self) -> dict[str, Any]:
        """Plain data, short: it may travel in a cookie."""
        written = {
            "b": self.binding,
            "u": None if self.user is None else base64url.encode(self.user),
            "p": self.passkey,
            "v": _seconds(self.verified_at),
            "c": {purpose: _seconds(at) for purpose, at in self.confirmed.items()} or None,
            "f": None if self.first_factor is None else base64url.encode(self.first_factor),
            "t": _seconds(self.first_factor_at),
        }
        return {name: value for name, value in written.items() if value is not None}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` wrote. What cannot be read is an empty session: nobody was verified."""
        if not isinstance(value, dict):
            return cls()
        try:
            return cls(
                binding=_text(value.get("b")),
                user=_bytes(value.get("u")),
                passkey=_text(value.get("p")),
                verified_at=_time(value.get("v")),
                confirmed={str(purpose): at for purpose, when in value.get("c", {}).items() if (at := _time(when))},
                first_factor=_bytes(value.get("f")),
                first_factor_at=_time(value.get("t")),
            )
        except (Malformed, AttributeError, TypeError, ValueError, OverflowError, OSError):
            return cls()


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _bytes(value: object) -> bytes | None:
    return None if value is None else base64url.decode(value, "session")


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp())


def _time(value: Any) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)
