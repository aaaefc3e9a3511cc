"""Keys of sealed ceremonies: given by the operator, or made on this machine and kept in the data folder.

Whoever has such a key can write ceremonies of his own: it is a secret like the password of the database. The text has
one key a line (or separated by commas), newest first; each is base64url of 32 random bytes:

    python -c "import secrets; print(secrets.token_urlsafe(32))"
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from unlatch.errors import Malformed, Misconfigured
from unlatch.stores.sealed import KEY_LENGTH
from unlatch.wire import base64url

VARIABLE: Final = "UNLATCH_SEAL_KEYS"
FILE_NAME: Final = "seal-keys"

_ADVICE = (
    f"A key is base64url of {KEY_LENGTH} random bytes, one a line, newest first; make one with: "
    'python -c "import secrets; print(secrets.token_urlsafe(32))"'
)


def given_keys(file: Path | None, environment: Mapping[str, str]) -> tuple[bytes, ...]:
    """The keys that the operator gave: those of the file, else of `UNLATCH_SEAL_KEYS`, else none.

    Args:
        file: The file that the operator named.
        environment: Where `UNLATCH_SEAL_KEYS` is looked up.

    Raises:
        Misconfigured: A key is no key, or the file cannot be read. No key is repeated.
    """
    if file is not None:
        return _read_file(file)
    text = environment.get(VARIABLE)
    return parse_keys(text, where=VARIABLE) if text else ()


def own_keys(data: Path) -> tuple[bytes, ...]:
    """The keys in the data folder, which are made when missing, for their owner's eyes only.

    Raises:
        Misconfigured: They cannot be read or made.
    """
    path = data / FILE_NAME
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
    except FileExistsError:
        pass  # another server was faster
    except OSError as error:
        raise Misconfigured(
            f"The data folder {str(data)!r} cannot be used ({error.strerror}). Name another one with --data."
        ) from error
    return _read_file(path)


def parse_keys(text: str, *, where: str) -> tuple[bytes, ...]:
    """Read the text of keys.

    Args:
        text: The keys.
        where: What the message calls the place that they came from.

    Raises:
        Misconfigured: None, one that is no key, or one twice.
    """
    words = text.replace(",", " ").split()
    try:
        keys = tuple(base64url.decode(word, "key") for word in words)
    except Malformed:
        raise Misconfigured(f"{where} has something that is no key. {_ADVICE}") from None
    if not keys or any(len(key) != KEY_LENGTH for key in keys) or len(set(keys)) != len(keys):
        raise Misconfigured(f"{where} has no key, one of another length, or one twice. {_ADVICE}")
    return keys


def _read_file(path: Path) -> tuple[bytes, ...]:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Misconfigured(f"The keys {str(path)!r} cannot be read ({error.strerror}).") from error
    return parse_keys(text, where=f"The file {str(path)!r}")


def _make(path: Path) -> None:
    """Make the file at once with its content, so that two servers that start together end with the same key."""
    mine = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(KEY_LENGTH) + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(mine)
    finally:
        mine.unlink()
