"""What an application brings: three protocols, and the functions that find and judge. Methods became attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from unlatch.wire.options import CreationOptions, RequestOptions
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse


class RelyingParty(Protocol):
    """The site. `EntityIcon` is gone: the specification no longer knows it."""

    @property
    def entity_id(self) -> str:
        """RP ID: the domain."""
        ...

    @property
    def entity_name(self) -> str:
        """What people read."""
        ...

    @property
    def origin(self) -> str:
        """Where the pages live."""
        ...


class User(Protocol):
    """An account."""

    @property
    def entity_name(self) -> str:
        """A user name."""
        ...

    @property
    def entity_display_name(self) -> str:
        """The person's name."""
        ...

    @property
    def entity_id(self) -> bytes:
        """User handle, 1 to 64 bytes."""
        ...

    @property
    def credentials(self) -> Mapping[str, Credential]:
        """The user's credentials by their ids in base64url."""
        ...


class Credential(Protocol):
    """A passkey."""

    @property
    def owner(self) -> User:
        """Whose it is."""
        ...

    @property
    def credential_id(self) -> bytes:
        """The raw id."""
        ...

    @property
    def credential_public_key(self) -> bytes:
        """The COSE_Key, as registered."""
        ...

    @property
    def credential_sign_count(self) -> int:
        """The stored counter; 0 accepts any."""
        ...


#: Takes the user handle of the response (empty where it has none) and returns the user; raises `LookupError` or
#: returns None where there is none. One that knows the user already ignores the handle.
UserFinder: TypeAlias = Callable[[bytes], User | None]
#: Takes a raw credential id and returns the credential; raises `LookupError` or returns None where there is none.
CredentialFinder: TypeAlias = Callable[[bytes], Credential | None]
#: Runs before all checks, and refuses by raising; may return other options and another credential, or None.
RegistrationValidator: TypeAlias = Callable[
    [CreationOptions, RegistrationResponse], tuple[CreationOptions, RegistrationResponse] | None
]
#: As `RegistrationValidator`.
AuthenticationValidator: TypeAlias = Callable[
    [RequestOptions, AuthenticationResponse], tuple[RequestOptions, AuthenticationResponse] | None
]
