"""How pasted bytes may be written down: hex, base64url, base64, PEM, or as they are."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from unlatch.crypto.pem import decode_pem
from unlatch.errors import Malformed

_HEX = re.compile(r"(?:0x)?(?:[0-9a-f]{2}[\s:]*)+", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9_+/-]+={0,2}")
_PEM = "CERTIFICATE"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was pasted.

    Attributes:
        encoding: Its name: ``text``, ``pem``, ``hex``, ``base64url``, ``base64`` or ``binary``.
        data: The bytes that it gives.
    """

    encoding: str
    data: bytes


def readings(pasted: bytes) -> list[Reading]:
    """Every way to read it, the likeliest first; a PEM text with several certificates gives several.

    Hex is base64, too, so both are there for what could be either. Padding, line breaks and either alphabet of base64
    are fine here: this only looks, it decides nothing.
    """
    try:
        text = pasted.decode("utf-8").strip()
    except UnicodeDecodeError:
        return [Reading("binary", pasted)]
    text = text.strip("\"'")
    if not text:
        return []
    if text.startswith("{"):
        return [Reading("text", text.encode("utf-8"))]
    if f"-----BEGIN {_PEM}-----" in text:
        try:
            return [Reading("pem", der) for der in decode_pem(text, _PEM, "")]
        except Malformed:
            return []
    found = []
    if _HEX.fullmatch(text):
        digits = re.sub(r"[\s:]", "", text)
        found.append(Reading("hex", bytes.fromhex(digits[2:] if digits[:2] in ("0x", "0X") else digits)))
    compact = re.sub(r"[\r\n\t]", "", text)
    if _BASE64.fullmatch(compact) and len(compact.rstrip("=")) % 4 != 1:
        standard = compact.rstrip("=").replace("-", "+").replace("_", "/")
        name = "base64" if set(compact) & set("+/=") else "base64url"
        found.append(Reading(name, binascii.a2b_base64(standard + "=" * (-len(standard) % 4))))
    if not pasted.isascii() or not text.isprintable():
        found.append(Reading("binary", pasted))
    return found
