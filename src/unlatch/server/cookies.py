"""The two cookies: `session` proves who is signed in, `visitor` ties an anonymous ceremony to one browser.

Both hold 256 random bits. The server keeps only their SHA-256: a leaked table opens no session.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

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
        token = request.cookies.get(self.name)
        return token if token is not None and len(token) == _TOKEN_LENGTH and token.isascii() else None

    def set(self, response: Response, token: str) -> None:
        """Give the browser a token."""
        response.headers.append("set-cookie", f"{self.name}={token}; Max-Age={self.seconds}{self._attributes}")

    def clear(self, response: Response) -> None:
        """Have the browser forget its token."""
        response.headers.append("set-cookie", f'{self.name}=""; Max-Age=0{self._attributes}')

    @property
    def _attributes(self) -> str:
        # Written here, because Starlette asks `http.cookies`, which takes as long as a database statement.
        return f"; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}"


def session_cookie(settings: Settings) -> Cookie:
    """The cookie of signed-in people."""
    return _cookie("session", settings, int(settings.session_lifetime.total_seconds()))


def visitor_cookie(settings: Settings) -> Cookie:
    """The cookie of people who are about to sign in or sign up; it lasts a day."""
    return _cookie("visitor", settings, 86_400)


def _cookie(name: str, settings: Settings, seconds: int) -> Cookie:
    prefix = "__Host-" if settings.secure else ""
    return Cookie(f"{prefix}unlatch-{name}", settings.secure, seconds)
