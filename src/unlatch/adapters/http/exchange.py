"""What goes in and what comes out: the routes, a request as a few facts, and an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from unlatch.adapters.http.session import Session
from unlatch.adapters.http.users import Found
from unlatch.wire.options import UserEntity


class Route(Enum):
    """The routes: method and path below the door's prefix. ``{passkey_id}`` is one segment of the path."""

    REGISTRATION_OPTIONS = ("POST", "/registration/options")
    REGISTRATION_VERIFY = ("POST", "/registration/verify")
    AUTHENTICATION_OPTIONS = ("POST", "/authentication/options")
    AUTHENTICATION_VERIFY = ("POST", "/authentication/verify")
    STEP_UP_OPTIONS = ("POST", "/step-up/options")
    STEP_UP_VERIFY = ("POST", "/step-up/verify")
    PASSKEYS = ("GET", "/passkeys")
    RENAME = ("PATCH", "/passkeys/{passkey_id}")
    REMOVE = ("DELETE", "/passkeys/{passkey_id}")
    CURRENT = ("GET", "/session")
    SIGN_OUT = ("POST", "/session/logout")

    @property
    def method(self) -> str:
        """HTTP method."""
        return self.value[0]

    @property
    def path(self) -> str:
        """Path below the prefix."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, as far as a door has to know it.

    Attributes:
        route: Which route it came to.
        body: As received; a door reads no more than `admission.expect_length` and `expect_size` allow.
        content_type: The header, or None.
        origin: The header, or None.
        fetch_site: The header ``Sec-Fetch-Site``, or None.
        passkey_id: The segment of the path, where the route has one.
        confirm_last: Whether the query says ``confirm_last=true``.
        session: What the door keeps in the host's session.
        current_user: Who is signed in, by the host's own idea of it; None where the door's session says it.
    """

    route: Route
    body: bytes = b""
    content_type: str | None = None
    origin: str | None = None
    fetch_site: str | None = None
    passkey_id: str = ""
    confirm_last: bool = False
    session: Session = field(default_factory=Session)
    current_user: Callable[[], Found] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody has signed in: tell the host.

    Attributes:
        user: Who.
        credential_id: With which passkey.
        at: When (UTC).
        verified: Whether the passkey verified its user in a way that counts as a factor of its own.
        new_account: Whether the account was made with this passkey just now.
        second_factor: Whether the passkey was presented after another factor.
    """

    user: UserEntity
    credential_id: bytes
    at: datetime
    verified: bool
    new_account: bool = False
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Somebody wants to be signed out: tell the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send back.

    Attributes:
        status: HTTP status.
        body: The body; empty with 204.
        headers: Header fields, the body's type included.
        session: To be kept in the host's session from now on; None leaves it as it is.
        event: What the host has to do with its own session.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    session: Session | None = None
    event: SignedIn | SignedOut | None = None

    @property
    def is_final(self) -> bool:
        """Whether a transaction around the request is to be committed.

        A refusal is: the ceremony that it used up stays used up. When something broke, nothing stays.
        """
        return self.status < 500
