"""Passkeys with their stores: each ceremony is one call to begin and one call to finish."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from unlatch import flows
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.flows import run_async, run_sync
from unlatch.stores.requests import AsyncStores, Stores

if TYPE_CHECKING:
    from collections.abc import Callable

    from unlatch.ceremonies.authentication import Authentication
    from unlatch.ceremonies.registration import Registration
    from unlatch.ceremonies.relying_party import RelyingParty
    from unlatch.decoys import Decoys
    from unlatch.flows import AuthenticationChoices, Begun, RegistrationChoices, StepUpChoices
    from unlatch.record import CredentialRecord
    from unlatch.stores.protocols import AsyncCeremonyStore, AsyncCredentialStore, CeremonyStore, CredentialStore
    from unlatch.wire.options import CreationOptions, RequestOptions, UserEntity

#: Longest name of a passkey, in characters.
MAX_NAME_LENGTH = 255


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Passkeys:
    """The passkeys of a relying party, kept in stores.

    ```python
    passkeys = Passkeys(rp, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())

    begun = passkeys.begin_registration(UserEntity(id=handle, name="ada"), session=session_id)
    # the page gets begun.id and begun.options.to_json(), and posts what the browser made of them
    registration = passkeys.finish_registration(begun.id, body, session=session_id)
    ```

    A ceremony can be finished once, whatever comes of it: after any error, begin again.

    Every method may raise `unlatch.errors.Unavailable` when a store does not answer.
    """

    def __init__(
        self,
        rp: RelyingParty,
        *,
        credentials: CredentialStore,
        ceremonies: CeremonyStore,
        clock: Callable[[], datetime] = _utc_now,
        decoys: Decoys | None = None,
    ) -> None:
        """Bring a relying party and its stores together.

        Args:
            rp: The relying party.
            credentials: Where records live.
            ceremonies: Where ceremonies wait.
            clock: Returns the time, aware.
            decoys: Lists credentials for users who have none, where a sign-in names its user; see `unlatch.decoys`.
        """
        self.rp = rp
        self._stores = Stores(credentials, ceremonies)
        self._clock = clock
        self._decoys = decoys

    def begin_registration(
        self, user: UserEntity, *, session: str | None = None, **choices: Unpack[RegistrationChoices]
    ) -> Begun[CreationOptions]:
        """Begin to register a passkey for a user.

        Make sure first that the caller may do that: a passkey is a key to the account.

        Args:
            user: The account. Its `id` never changes and names no person; `name` is what people choose by.
            session: Any text that names the browser's session, for example the hash of its cookie. When it is given,
                the finish must give the same.
            choices: What to ask for differently this time, see `RegistrationChoices`.

        Returns:
            The ceremony's id and the options for the page.

        Raises:
            Misconfigured: Choices that contradict each other or the specification.
        """
        return run_sync(
            flows.begin_registration(self.rp, user, session=session, now=self._clock(), **choices), self._stores
        )

    def finish_registration(
        self, ceremony_id: str, body: bytes | str | dict[str, Any], *, session: str | None = None
    ) -> Registration:
        """Verify what the page sent back, and keep the new credential.

        Args:
            ceremony_id: `Begun.id`, as the page returned it.
            body: The RegistrationResponseJSON, best as the bytes that were received.
            session: As at the begin.

        Returns:
            The registration, whose record is stored.

        Raises:
            Malformed: The body is not what the specification says.
            Refused: The ceremony is unknown, used or expired; a step says no; or the credential is registered already.
        """
        return run_sync(
            flows.finish_registration(self.rp, ceremony_id, body, session=session, now=self._clock()), self._stores
        )

    def begin_authentication(
        self,
        user: UserEntity | bytes | None = None,
        *,
        session: str | None = None,
        **choices: Unpack[AuthenticationChoices],
    ) -> Begun[RequestOptions]:
        """Begin to sign somebody in.

        Args:
            user: Who it is (entity or user handle), for a second factor or a step-up: only a passkey of this user will
                do. None lets the passkey tell who it is.
            session: As in `begin_registration`.
            choices: What to ask for differently this time, see `AuthenticationChoices`.

        Returns:
            The ceremony's id and the options for the page.

        Raises:
            Misconfigured: Choices that contradict each other or the specification.
        """
        return run_sync(
            flows.begin_authentication(
                self.rp, user, session=session, now=self._clock(), decoys=self._decoys, **choices
            ),
            self._stores,
        )

    def finish_authentication(
        self,
        ceremony_id: str,
        body: bytes | str | dict[str, Any],
        *,
        session: str | None = None,
        other_factor: bool = False,
    ) -> Authentication:
        """Verify what the page sent back, and update the record.

        Args:
            ceremony_id: `Begun.id`, as the page returned it.
            body: The AuthenticationResponseJSON, best as the bytes that were received.
            session: As at the begin.
            other_factor: Another factor of this user, as strong as user verification, was checked just now.

        Returns:
            The authentication: `user_handle` says who signed in.

        Raises:
            Malformed: The body is not what the specification says.
            Refused: The ceremony is unknown, used or expired; the credential is unknown; or a step says no.
        """
        return run_sync(
            flows.finish_authentication(
                self.rp, ceremony_id, body, session=session, other_factor=other_factor, now=self._clock()
            ),
            self._stores,
        )

    def begin_step_up(
        self,
        user: UserEntity | bytes,
        *,
        purpose: str,
        session: str | None = None,
        **choices: Unpack[StepUpChoices],
    ) -> Begun[RequestOptions]:
        """Begin to confirm one action of somebody who is signed in: this user, verified, just now, for this alone.

        Args:
            user: Who is signed in (entity or user handle).
            purpose: What is to be confirmed, in your words, for example ``"remove passkey 3"``.
            session: As in `begin_registration`; better never left out here.
            choices: What to ask for differently this time, see `StepUpChoices`.

        Returns:
            The ceremony's id and the options for the page.

        Raises:
            CredentialRefused: The user has no passkey to step up with.
            Misconfigured: Choices that contradict each other or the specification.
        """
        return run_sync(
            flows.begin_step_up(self.rp, user, purpose=purpose, session=session, now=self._clock(), **choices),
            self._stores,
        )

    def finish_step_up(
        self,
        ceremony_id: str,
        body: bytes | str | dict[str, Any],
        *,
        user: UserEntity | bytes,
        purpose: str,
        session: str | None = None,
        other_factor: bool = False,
    ) -> Authentication:
        """Verify the confirmation, and update the record.

        Args:
            ceremony_id: `Begun.id`, as the page returned it.
            body: The AuthenticationResponseJSON, best as the bytes that were received.
            user: Who is signed in now.
            purpose: What is about to be done; as at the begin.
            session: As at the begin.
            other_factor: As in `finish_authentication`.

        Raises:
            Malformed: The body is not what the specification says.
            Refused: As `finish_authentication`; or begun for another user or purpose; or user verification of this
                credential does not count as a factor.
        """
        flow = flows.finish_step_up(
            self.rp,
            ceremony_id,
            body,
            user=user,
            purpose=purpose,
            session=session,
            other_factor=other_factor,
            now=self._clock(),
        )
        return run_sync(flow, self._stores)

    def list(self, user_handle: bytes) -> list[CredentialRecord]:
        """Return the user's records, oldest first."""
        return self._stores.credentials.for_user(user_handle)

    def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """Give one of the user's passkeys a name; False if the user has no such passkey.

        Raises:
            Malformed: The name is empty, longer than 255 characters, or has control characters.
        """
        return self._stores.credentials.rename(user_handle, credential_id, check_name(name))

    def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """Forget one of the user's passkeys; False if the user has no such passkey."""
        return self._stores.credentials.remove(user_handle, credential_id)


class AsyncPasskeys:
    """`Passkeys`, awaited, with asynchronous stores."""

    def __init__(
        self,
        rp: RelyingParty,
        *,
        credentials: AsyncCredentialStore,
        ceremonies: AsyncCeremonyStore,
        clock: Callable[[], datetime] = _utc_now,
        decoys: Decoys | None = None,
    ) -> None:
        """As `Passkeys`."""
        self.rp = rp
        self._stores = AsyncStores(credentials, ceremonies)
        self._clock = clock
        self._decoys = decoys

    async def begin_registration(
        self, user: UserEntity, *, session: str | None = None, **choices: Unpack[RegistrationChoices]
    ) -> Begun[CreationOptions]:
        """As `Passkeys.begin_registration`."""
        return await run_async(
            flows.begin_registration(self.rp, user, session=session, now=self._clock(), **choices), self._stores
        )

    async def finish_registration(
        self, ceremony_id: str, body: bytes | str | dict[str, Any], *, session: str | None = None
    ) -> Registration:
        """As `Passkeys.finish_registration`."""
        return await run_async(
            flows.finish_registration(self.rp, ceremony_id, body, session=session, now=self._clock()), self._stores
        )

    async def begin_authentication(
        self,
        user: UserEntity | bytes | None = None,
        *,
        session: str | None = None,
        **choices: Unpack[AuthenticationChoices],
    ) -> Begun[RequestOptions]:
        """As `Passkeys.begin_authentication`."""
        return await run_async(
            flows.begin_authentication(
                self.rp, user, session=session, now=self._clock(), decoys=self._decoys, **choices
            ),
            self._stores,
        )

    async def finish_authentication(
        self,
        ceremony_id: str,
        body: bytes | str | dict[str, Any],
        *,
        session: str | None = None,
        other_factor: bool = False,
    ) -> Authentication:
        """As `Passkeys.finish_authentication`."""
        return await run_async(
            flows.finish_authentication(
                self.rp, ceremony_id, body, session=session, other_factor=other_factor, now=self._clock()
            ),
            self._stores,
        )

    async def begin_step_up(
        self,
        user: UserEntity | bytes,
        *,
        purpose: str,
        session: str | None = None,
        **choices: Unpack[StepUpChoices],
    ) -> Begun[RequestOptions]:
        """As `Passkeys.begin_step_up`."""
        return await run_async(
            flows.begin_step_up(self.rp, user, purpose=purpose, session=session, now=self._clock(), **choices),
            self._stores,
        )

    async def finish_step_up(
        self,
        ceremony_id: str,
        body: bytes | str | dict[str, Any],
        *,
        user: UserEntity | bytes,
        purpose: str,
        session: str | None = None,
        other_factor: bool = False,
    ) -> Authentication:
        """As `Passkeys.finish_step_up`."""
        flow = flows.finish_step_up(
            self.rp,
            ceremony_id,
            body,
            user=user,
            purpose=purpose,
            session=session,
            other_factor=other_factor,
            now=self._clock(),
        )
        return await run_async(flow, self._stores)

    async def list(self, user_handle: bytes) -> list[CredentialRecord]:
        """As `Passkeys.list`."""
        return await self._stores.credentials.for_user(user_handle)

    async def rename(self, user_handle: bytes, credential_id: bytes, name: str) -> bool:
        """As `Passkeys.rename`."""
        return await self._stores.credentials.rename(user_handle, credential_id, check_name(name))

    async def remove(self, user_handle: bytes, credential_id: bytes) -> bool:
        """As `Passkeys.remove`."""
        return await self._stores.credentials.remove(user_handle, credential_id)


def check_name(name: str) -> str:
    """Return a passkey's name without the spaces around it.

    Raises:
        Malformed: Nothing is left, or too much, or it has control characters or half characters.
    """
    trimmed = name.strip()
    if not 0 < len(trimmed) <= MAX_NAME_LENGTH:
        raise Malformed(Code.RECORD, "name", f"{len(trimmed)} characters where 1 to {MAX_NAME_LENGTH} are possible")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in trimmed):
        raise Malformed(Code.RECORD, "name", "control characters")
    return trimmed
