"""The two cookies: `session` proves who is signed in, `visitor` ties an anonymous ceremony to one browser.

Both hold 256 random bits. The server keeps only their SHA-256: a leaked table opens no session.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from unlatch.server.settings import Settings

_TOKEN_BYTES = 32
#: Length of a token in text: 32 bytes as base64url.
_TOKEN_LENGTH = 43


def new_token() -> str:
    """A fresh secret for a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What the server keeps of a token (32 bytes). The token has 256 random bits: it needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


class Answer(Protocol):
    """What a cookie is set in."""

    raw_headers: list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie of this site.

    Attributes:
        name: With the ``__Host-`` prefix wherever the site is https: no other host can set it then.
        secure: Whether it is marked Secure.
        seconds: How long the browser keeps it.
    """

    name: str
    secure: bool
    seconds: int

    def read(self, request: Request) -> str | None:
        """The token that the browser sent, if it has the form of one."""
        # Read and written here, because Starlette asks `http.cookies`, which takes as long as a database statement.
        wanted, token = self.name.encode(), b""
        for field, value in request.scope["headers"]:
            if field == b"cookie" and wanted in value:
                for pair in value.split(b";"):
                    name, _, content = pair.strip().partition(b"=")
                    if name == wanted:
                        token = content  # of two, the last counts
        return token.decode() if len(token) == _TOKEN_LENGTH and token.isascii() else None

    def set(self, response: Answer, token: str) -> None:
        """Give the browser a token."""
        self._write(response, f"{token}; Max-Age={self.seconds}")

    def clear(self, response: Answer) -> None:
        """Have the browser forget its token."""
        self._write(response, '""; Max-Age=0')

    def _write(self, response: Answer, value: str) -> None:
        text = f"{self.name}={value}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}"
        response.raw_headers.append((b"set-cookie", text.encode()))


def session_cookie(settings: Settings) -> Cookie:
    """The cookie of signed-in people."""
    return _cookie("session", settings, int(settings.session_lifetime.total_seconds()))


def visitor_cookie(settings: Settings) -> Cookie:
    """The cookie of people who are about to sign in or sign up; it lasts a day."""
    return _cookie("visitor", settings, 86_400)


def _cookie(name: str, settings: Settings, seconds: int) -> Cookie:
    prefix = "__Host-" if settings.secure else ""
    return Cookie(f"{prefix}unlatch-{name}", settings.secure, seconds)
