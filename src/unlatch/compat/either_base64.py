"""Base64 as pages of both ages write it: either alphabet, with or without padding; one value, one reading.

New pages send what ``toJSON()`` gives (base64url); pages written before it encode by hand, mostly in the standard
alphabet. Our own doors take base64url alone; only the skins of older libraries read both.
"""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire import base64url

_TO_URL_SAFE = str.maketrans("+/", "-_")


def read(text: object, path: str) -> bytes:
    """Return the bytes that `text` stands for.

    Args:
        text: What the client sent.
        path: Where in the input the text stands, for the error.

    Raises:
        Malformed: Not a string, a character of neither alphabet, both alphabets at once, impossible padding or length.
    """
    if not isinstance(text, str):
        raise Malformed(Code.JSON_TYPE, path, "expected a base64 string")
    plain = text.rstrip("=")
    url_safe = plain.translate(_TO_URL_SAFE)
    mixed = url_safe != plain and ("-" in plain or "_" in plain)
    if mixed or (plain != text and (len(text) % 4 or len(text) - len(plain) > 2)):
        raise Malformed(Code.BASE64URL, path, "not base64: both alphabets at once, or impossible padding")
    return base64url.decode(url_safe, path)
