"""Base64url as WebAuthn uses it: the URL-safe alphabet of RFC 4648 section 5, without padding, canonical.

`base64.urlsafe_b64decode` skips foreign characters and accepts non-zero trailing bits, so several texts would name
one credential id. Here one value has exactly one text.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from unlatch.codes import Code
from unlatch.errors import Malformed

#: The characters that tell standard base64 from base64url become one that is in neither alphabet.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
#: By length modulo 4: what standard base64 has after such a text.
_PADDING = (b"", b"", b"==", b"=")

# Which last characters leave the unused bits zero: after 2 characters 4 bits are spare, after 3 characters 2 bits.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#: By length modulo 4; a length of 4n + 1 is impossible whatever stands last.
_LAST: tuple[frozenset[str], ...] = (frozenset(), frozenset(), frozenset(_ALPHABET[::16]), frozenset(_ALPHABET[::4]))


def encode(data: bytes) -> str:
    """Return the unpadded base64url text of `data`."""
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL_SAFE).decode()


def decode(text: object, path: str) -> bytes:
    """Return the bytes that `text` stands for.

    Args:
        text: What the client sent; anything but a `str` is refused.
        path: Where in the input the text stands, for the error.

    Raises:
        Malformed: Not a string, padded, a character outside the alphabet, an impossible length, or spare bits set.
    """
    if type(text) is not str:
        raise Malformed(Code.JSON_TYPE, path, "expected a base64url string")
    remainder = len(text) % 4
    if remainder and text[-1] not in _LAST[remainder]:
        raise Malformed(Code.BASE64URL, path, "length or last character is impossible in canonical base64url")
    try:
        # UTF-8 and not ASCII, which takes longer to look up: bytes beyond ASCII are in no alphabet either.
        standard = text.encode().translate(_TO_STANDARD)
        return a2b_base64(standard + _PADDING[remainder], strict_mode=True)
    except ValueError:
        raise Malformed(
            Code.BASE64URL, path, "a character outside the base64url alphabet, which is unpadded and has - and _"
        ) from None
