"""The secrets that mails carry: a link, or six digits for who reads mail on another device."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

#: Seconds that both are valid.
LIFE = 600
#: How often digits may be guessed for one mail; how many mails of a kind an hour go to one address, and by one client.
TRIES, MAILS, MAILS_OF_CLIENT = 5, 5, 20


@dataclass(frozen=True, slots=True)
class MailSecret:
    """What was made for one mail.

    Attributes:
        token: 256 bits, for the link.
        code: Six digits; worth nothing without `request`.
        request: 256 bits that stay in the browser that asked for the mail.
        is_to_be_sent: Whether there is somebody to mail them to, now. If not, they open nothing.
    """

    token: str
    code: str
    request: str
    is_to_be_sent: bool


class MailSecrets:
    """Kept in Redis as hashes. The link and the digits of a mail open the same door, and only one of them, once."""

    def __init__(self, redis: Any) -> None:
        self.redis = redis

    def issue(self, purpose: str, uid: str | None, address: str, *, client: str) -> MailSecret:
        """Make the secrets of a mail; for nobody, the same is done and nothing can be opened.

        Mails are counted for their address, whoever asks: no mailbox is filled, and digits are not guessed by asking
        for ever new ones. And for the client, whoever gets them: nobody writes to everybody from here.
        """
        to_address = self._count(_key("mails", purpose, address), life=3600)
        of_client = self._count(_key("client", purpose, client), life=3600)
        is_to_be_sent = uid is not None and to_address <= MAILS and of_client <= MAILS_OF_CLIENT
        token, request = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        made = MailSecret(token, f"{secrets.randbelow(10**6):06}", request, is_to_be_sent)
        door = _key("mail", purpose, made.token)
        self.redis.set(door, uid if uid and is_to_be_sent else "", ex=LIFE)
        entry = {"door": door, "code": _digest(made.request, made.code)}
        self.redis.set(_key("code", purpose, made.request), json.dumps(entry), ex=LIFE)
        return made

    def look_at_token(self, purpose: str, token: str) -> str | None:
        """The `uid` that a link was made for; it is not used up."""
        uid = self.redis.get(_key("mail", purpose, token))
        return uid.decode() if uid else None

    def take_token(self, purpose: str, token: str) -> str | None:
        """Use a link up; the `uid` it was made for."""
        uid = self.redis.getdel(_key("mail", purpose, token))
        return uid.decode() if uid else None

    def take_code(self, purpose: str, request: str, code: str) -> str | None:
        """Try six digits; the `uid` that they were made for. Every try counts, before it is compared."""
        if self._count(_key("tries", purpose, request), life=LIFE) > TRIES:
            return None
        entry = json.loads(self.redis.get(_key("code", purpose, request)) or "{}")
        if not hmac.compare_digest(entry.get("code", ""), _digest(request, code)):
            return None
        uid = self.redis.getdel(entry["door"])
        return uid.decode() if uid else None

    def _count(self, key: str, *, life: int) -> int:
        with self.redis.pipeline() as both:
            both.set(key, 0, ex=life, nx=True)
            both.incr(key)
            return int(both.execute()[1])


def _key(kind: str, purpose: str, secret: str) -> str:
    return f"passwordless:{kind}:{purpose}:{sha256(secret.encode()).hexdigest()}"


def _digest(request: str, code: str) -> str:
    return hmac.digest(request.encode(), code.strip().encode(), "sha256").hex()
