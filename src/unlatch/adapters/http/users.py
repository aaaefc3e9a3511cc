"""Who the users are: that knows the host application alone, so it lends a few functions."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from unlatch.errors import Misconfigured
from unlatch.wire.options import UserEntity

if TYPE_CHECKING:
    from unlatch.flows import Flow
    from unlatch.stores.requests import AsyncStores, Stores

T = TypeVar("T")

#: Bytes of a new user handle: random, so that it says nothing about the person (section 14.6.1).
HANDLE_LENGTH = 32

#: A user, or nobody; plain, or awaited where the door is asynchronous.
Found = UserEntity | None | Awaitable[UserEntity | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """The host application's users, as functions that it lends. With an asynchronous door they may be coroutines.

    Attributes:
        by_handle: Finds a user by the user handle (`UserEntity.id`, which never changes), None when there is none.
        by_name: Finds a user by what people type. Needed for sign-ins that name their user, and for sign-up.
        create: Makes an account for a verified passkey; raises `Rejected(HttpCode.USERNAME_TAKEN)` when somebody was
            faster. None where accounts are made elsewhere: then passkeys are only added by people who are signed in.
        key: The form in which `by_name` compares names (case, spaces). Decoys are made of it: else a name without an
            account would show itself by looking different in capitals.
    """

    by_handle: Callable[[bytes], Found]
    by_name: Callable[[str], Found] | None = None
    create: Callable[[UserEntity], object] | None = None
    key: Callable[[str], str] = str

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if self.create is not None and self.by_name is None:
            raise Misconfigured("Users(create=...) needs by_name too: a name that is taken is said before a passkey.")


def new_user_handle() -> bytes:
    """A fresh user handle, for a new account or for one that was made before it could have passkeys."""
    return secrets.token_bytes(HANDLE_LENGTH)


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """A call of one of the host's functions, as a request that a flow yields beside those to its stores."""

    call: Callable[[], Any]

    def perform(self, stores: Stores) -> T:  # noqa: ARG002 - asks the host, not a store
        """Call it.

        Raises:
            Misconfigured: It is a coroutine, which nobody awaits here.
        """
        answer = self.call()
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()
            raise Misconfigured(f"{self.call!r} must be a plain function here: this door does not await.")
        found: T = answer
        return found

    async def perform_async(self, stores: AsyncStores) -> T:  # noqa: ARG002 - as above
        """Call it, and await the answer if it is one to be awaited."""
        answer = self.call()
        found: T = await answer if inspect.isawaitable(answer) else answer
        return found


def ask(call: Callable[[], Any]) -> Flow[Any]:
    """Ask the host from within a flow."""
    return _ask(Ask(call))


def _ask(request: Ask[Any]) -> Generator[Ask[Any], Any, Any]:
    return (yield request)
