"""What a request that can change something must be, before anybody reads it: from one of our own pages, JSON, small."""

from __future__ import annotations

from collections.abc import Collection

from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.wire.strict_json import MAX_BYTES


def expect_own_page(origins: Collection[str], *, origin: str | None, fetch_site: str | None) -> None:
    """Refuse what a page of another site sent; programs, which send neither header, pass.

    Every browser that can make a passkey sends at least one of the two.

    Args:
        origins: Where our own pages live.
        origin: The header ``Origin``.
        fetch_site: The header ``Sec-Fetch-Site``.

    Raises:
        Rejected: From elsewhere.
    """
    if origin is not None:
        if origin not in origins:
            raise Rejected(HttpCode.FOREIGN_ORIGIN)
    elif fetch_site not in (None, "same-origin", "none"):
        raise Rejected(HttpCode.FOREIGN_ORIGIN)


def expect_json(content_type: str | None) -> None:
    """Refuse all but JSON: a form on another site cannot send it without the browser asking us first.

    Raises:
        Rejected: Another content type, or none.
    """
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise Rejected(HttpCode.MEDIA_TYPE)


def expect_length(declared: str | None) -> None:
    """Refuse a body that says by itself that it is too large; the reader must still count.

    Args:
        declared: The header ``Content-Length``.

    Raises:
        Malformed: More than `strict_json.MAX_BYTES`, or no number.
    """
    text = declared or "0"
    if not text.isascii() or not text.isdigit() or int(text[:20]) > MAX_BYTES:
        raise Malformed(Code.TOO_LARGE, "", f"content-length {text[:20]!r}")


def expect_size(size: int) -> None:
    """Refuse a body that turns out to be too large.

    Raises:
        Malformed: More than `strict_json.MAX_BYTES` bytes.
    """
    if size > MAX_BYTES:
        raise Malformed(Code.TOO_LARGE, "", f"more than {MAX_BYTES} bytes")
