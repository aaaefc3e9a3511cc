"""Sealed ceremonies: the state travels with the page, encrypted and authenticated; only its use is remembered.

Beginning a ceremony writes nothing, so a page with autofill costs no storage however often it is shown, and nobody
can fill the store by asking for options. Finishing writes one small entry, which keeps the same seal from being used
again. The price: about one kilobyte more on the way to the page and back, and keys to look after.

A sealed text is base64url of ::

    version (1 byte) | name of the key (8) | nonce (12) | AES-256-GCM of the state's JSON, with its tag (16)

The header is authenticated with the rest. Nonces are random: one key is good for about 2^32 ceremonies, so change it
every few months on a very busy site.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, Malformed, Misconfigured
from unlatch.wire import base64url

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.stores.protocols import AsyncCeremonyUses, CeremonyUses

KEY_LENGTH = 32
#: Longest sealed text that is looked at: more than the longest state, less than what hurts.
MAX_SEALED_LENGTH = 131_072
#: A use is remembered for this much longer than the state lives, so that a clock that goes back opens nothing.
REMEMBER = timedelta(hours=1)

_VERSION = b"\x01"
_KEY_NAME_LENGTH = 8
_NONCE_LENGTH = 12
_HEADER_LENGTH = len(_VERSION) + _KEY_NAME_LENGTH
_PURPOSE = b"unlatch sealed ceremony"


class SealedCeremonies:
    """A `CeremonyStore` whose ids are the states themselves, sealed.

    ```python
    ceremonies = SealedCeremonies([new_key, old_key], uses=SqlCeremonyUses(engine))
    ```

    `take` says why it refuses: `CEREMONY_SEAL` (not a seal of these keys, or changed), `CEREMONY_EXPIRED` or
    `CEREMONY_USED`.
    """

    def __init__(self, keys: Sequence[bytes] | Seal, *, uses: CeremonyUses) -> None:
        """Seal with the first key, open with any.

        Args:
            keys: 32 random bytes each, newest first. Put a new key in front; drop an old one when no ceremony that it
                sealed is alive any more (ten minutes later). All servers of a site need the same keys. Or a `Seal` of
                them, for those who make a store for each transaction.
            uses: Where uses are remembered.

        Raises:
            Misconfigured: No key, a key of another length, or one twice.
        """
        self._seal = keys if isinstance(keys, Seal) else Seal(keys)
        self._uses = uses

    def put(self, state: CeremonyState) -> str:
        """Seal a state; nothing is written."""
        return self._seal.close(state)

    def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """Open a sealed state once, unless it has expired.

        Raises:
            CeremonyRefused: It is no seal of these keys, has expired, or was used.
            Unavailable: The store of uses did not answer.
        """
        key, state = self._seal.open(ceremony_id, now)
        self._uses.use(key, now=now, until=state.expires_at + REMEMBER)
        return state

    def sweep(self, now: datetime) -> int:
        """Forget uses that are no longer needed, and return how many."""
        return self._uses.sweep(now)


class AsyncSealedCeremonies:
    """`SealedCeremonies`, awaited."""

    def __init__(self, keys: Sequence[bytes] | Seal, *, uses: AsyncCeremonyUses) -> None:
        """As `SealedCeremonies`."""
        self._seal = keys if isinstance(keys, Seal) else Seal(keys)
        self._uses = uses

    async def put(self, state: CeremonyState) -> str:
        """As `SealedCeremonies.put`."""
        return self._seal.close(state)

    async def take(self, ceremony_id: str, now: datetime) -> CeremonyState | None:
        """As `SealedCeremonies.take`."""
        key, state = self._seal.open(ceremony_id, now)
        await self._uses.use(key, now=now, until=state.expires_at + REMEMBER)
        return state

    async def sweep(self, now: datetime) -> int:
        """As `SealedCeremonies.sweep`."""
        return await self._uses.sweep(now)


class Seal:
    """The keys, made ready: closes with the first, opens with all."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Make the keys ready.

        Raises:
            Misconfigured: As `SealedCeremonies`.
        """
        if isinstance(keys, (bytes, str)) or not keys:
            raise Misconfigured(
                "Sealed ceremonies need a list of keys, newest first; make one with secrets.token_bytes(32)."
            )
        if any(not isinstance(key, bytes) or len(key) != KEY_LENGTH for key in keys):
            raise Misconfigured(
                f"A key for sealed ceremonies is {KEY_LENGTH} random bytes; make one with secrets.token_bytes(32)."
            )
        self._keys = {_name(key): AESGCM(key) for key in keys}
        if len(self._keys) != len(keys):
            raise Misconfigured("A key for sealed ceremonies stands twice in the list.")
        self._newest = _name(keys[0])

    def close(self, state: CeremonyState) -> str:
        """Return the state as sealed text."""
        header = _VERSION + self._newest
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        sealed = self._keys[self._newest].encrypt(nonce, state.to_json().encode("utf-8"), _PURPOSE + header)
        return base64url.encode(header + nonce + sealed)

    def open(self, text: str, now: datetime) -> tuple[bytes, CeremonyState]:
        """Return what names the seal (32 bytes), and the state in it.

        Raises:
            CeremonyRefused: It is no seal of these keys, or has expired.
        """
        if len(text) > MAX_SEALED_LENGTH:
            raise _refused("longer than any seal")
        try:
            raw = base64url.decode(text, "ceremony")
        except Malformed as error:
            raise _refused("not base64url") from error
        header, nonce, sealed = (
            raw[:_HEADER_LENGTH],
            raw[_HEADER_LENGTH : _HEADER_LENGTH + _NONCE_LENGTH],
            raw[_HEADER_LENGTH + _NONCE_LENGTH :],
        )
        cipher = self._keys.get(header[len(_VERSION) :]) if header.startswith(_VERSION) else None
        if cipher is None or len(nonce) < _NONCE_LENGTH:
            raise _refused("sealed by a key that is not in the list, or no seal at all")
        try:
            state = CeremonyState.from_json(cipher.decrypt(nonce, sealed, _PURPOSE + header))
        except InvalidTag as error:
            raise _refused("changed or cut off") from error
        if state.expires_at <= now:
            raise CeremonyRefused(
                Code.CEREMONY_EXPIRED, "options", expected=state.expires_at.isoformat(), received=now.isoformat()
            )
        return sha256(raw).digest(), state


def _name(key: bytes) -> bytes:
    """What a seal says about its key: enough to find it, nothing to learn from."""
    return sha256(b"unlatch key name" + key).digest()[:_KEY_NAME_LENGTH]


def _refused(detail: str) -> CeremonyRefused:
    return CeremonyRefused(Code.CEREMONY_SEAL, "options", detail=detail)
