"""The authentication backend: a sign-in that a door has verified becomes a user of Django."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from unlatch.adapters.django.people import user_with
from unlatch.adapters.http import SignedIn


class PasskeyBackend(ModelBackend):
    """Signs in by passkey, and gives permissions as `ModelBackend` does; it knows no passwords."""

    def authenticate(self, request: HttpRequest | None, passkey: SignedIn | None = None, **_: Any) -> Any:  # noqa: ARG002 - Django's signature
        """The user of a verified sign-in, or None.

        Args:
            request: The request.
            passkey: What the door says. Only our own code can make one, so nothing a client sends gets here.
        """
        user = user_with(passkey.user.id) if isinstance(passkey, SignedIn) else None
        return user if user is not None and self.user_can_authenticate(user) else None

    async def aauthenticate(self, request: HttpRequest | None, passkey: SignedIn | None = None, **_: Any) -> Any:
        """As `authenticate`, awaited; `ModelBackend` would ask for a password here."""
        return await sync_to_async(self.authenticate)(request, passkey=passkey)
