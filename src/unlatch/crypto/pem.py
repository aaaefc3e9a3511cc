"""PEM (RFC 7468) or DER, as configuration gives certificates and revocation lists."""

from __future__ import annotations

import binascii
import re

from unlatch.codes import Code
from unlatch.errors import Malformed


def decode_pem(item: bytes | str, label: str, path: str) -> list[bytes]:
    """The DER of one item.

    Args:
        item: DER, or PEM text with one block or several; text around the blocks is passed over.
        label: What the blocks are, for example ``CERTIFICATE``; others are passed over.
        path: Where the item stands, for the error.

    Returns:
        At least one encoding.

    Raises:
        Malformed: Neither DER nor PEM with such a block, or a block that is not base64.
    """
    data = item.encode("utf-8", "replace") if isinstance(item, str) else item
    if not isinstance(data, bytes):
        raise Malformed(Code.CERTIFICATE, path, f"{type(data).__name__} where bytes or text belong")
    if data[:1] == b"\x30":
        return [data]
    marker = re.escape(label).encode()
    blocks = re.findall(rb"-----BEGIN %b-----([^-]*)-----END %b-----" % (marker, marker), data)
    if not blocks:
        raise Malformed(Code.CERTIFICATE, path, f"neither DER nor a PEM block {label}")
    try:
        return [binascii.a2b_base64(b"".join(block.split()), strict_mode=True) for block in blocks]
    except ValueError:
        raise Malformed(Code.CERTIFICATE, path, "a PEM block is not base64") from None
