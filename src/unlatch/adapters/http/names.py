"""The names that people choose: usernames, display names, and names of passkeys.

A username is compared in a normal form, so that two accounts cannot differ by case, width or the way an accent is
typed (the idea of RFC 8265, UsernameCaseMapped, without its tables). What is shown is what the person typed.
"""

from __future__ import annotations

import unicodedata

from unlatch.adapters.http.codes import HttpCode, Rejected

#: Authenticators may cut names after 64 bytes (WebAuthn section 5.4.1); longer ones would be shown cut.
MAX_LENGTH = 64

#: Joiners that Persian, Indic scripts and emoji need inside a word; all other format characters are invisible tricks.
_JOINERS = frozenset("\u200c\u200d")


def clean_username(text: str) -> str:
    """Return the username as it will be shown: trimmed, in NFC.

    Raises:
        Rejected: Empty, too long, or with spaces or characters that cannot be seen.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not name:
        raise Rejected(HttpCode.USERNAME_INVALID, "Please choose a username.")
    _check_length(name, HttpCode.USERNAME_INVALID, "A username")
    for character in name:
        category = unicodedata.category(character)
        if category[0] == "Z":
            raise Rejected(HttpCode.USERNAME_INVALID, "A username cannot contain spaces.")
        if category[0] == "C":
            raise Rejected(HttpCode.USERNAME_INVALID, "A username cannot contain characters that nobody can see.")
    if not username_key(name):
        raise Rejected(HttpCode.USERNAME_INVALID, "A username cannot contain characters that nobody can see.")
    return name


def username_key(name: str) -> str:
    """The normal form under which a username is unique."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def clean_display_name(text: str | None, *, username: str) -> str:
    """Return the display name, or the username where none is given.

    Raises:
        Rejected: Too long, or with characters that cannot be seen.
    """
    return _clean(text or "", HttpCode.DISPLAY_NAME_INVALID, "A name") or username


def clean_passkey_name(text: str) -> str:
    """Return the name for a passkey.

    Raises:
        Rejected: Empty, too long, or with characters that cannot be seen.
    """
    name = _clean(text, HttpCode.PASSKEY_NAME_INVALID, "A passkey's name")
    if not name:
        raise Rejected(HttpCode.PASSKEY_NAME_INVALID, "Please give the passkey a name.")
    return name


def _clean(text: str, code: HttpCode, what: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    _check_length(name, code, what)
    if any(unicodedata.category(character)[0] == "C" and character not in _JOINERS for character in name):
        raise Rejected(code, f"{what} cannot contain characters that nobody can see.")
    return name


def _check_length(name: str, code: HttpCode, what: str) -> None:
    if len(name) > MAX_LENGTH:
        raise Rejected(code, f"{what} can have at most {MAX_LENGTH} characters.")
