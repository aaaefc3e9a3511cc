"""What a challenge must be (section 13.4.3)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from unlatch.errors import Misconfigured

MIN_CHALLENGE_LENGTH, CHALLENGE_LENGTH, MAX_CHALLENGE_LENGTH = 16, 32, 1024


def new_challenge() -> bytes:
    """32 random bytes."""
    return _random()(CHALLENGE_LENGTH)


@cache
def _random() -> Callable[[int], bytes]:
    """Loaded with the first challenge: it loads more of the standard library than all that a verification needs."""
    import secrets

    return secrets.token_bytes


def check_challenge(challenge: bytes) -> None:
    """Refuse a challenge that could be guessed, or that nobody would send.

    Raises:
        Misconfigured: Not bytes, shorter than 16 bytes, or longer than 1024.
    """
    if not isinstance(challenge, bytes) or not MIN_CHALLENGE_LENGTH <= len(challenge) <= MAX_CHALLENGE_LENGTH:
        raise Misconfigured(
            f"A challenge is {MIN_CHALLENGE_LENGTH} to {MAX_CHALLENGE_LENGTH} random bytes; leave it out to have "
            f"one made."
        )
