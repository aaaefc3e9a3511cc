"""Authenticator data (section 6.1) as parts that can be put together in any way, also in wrong ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attested:
    """Attested credential data (section 6.5.2).

    Attributes:
        aaguid: 16 bytes.
        credential_id: Up to 1023 bytes for an honest authenticator.
        public_key: Encoded COSE_Key.
        declared_length: What the length field says; the true length when None.
    """

    aaguid: bytes
    credential_id: bytes
    public_key: bytes
    declared_length: int | None = None

    def encode(self) -> bytes:
        """The bytes that follow the signature counter."""
        length = len(self.credential_id) if self.declared_length is None else self.declared_length
        return self.aaguid + length.to_bytes(2, "big") + self.credential_id + self.public_key


@dataclass(frozen=True, slots=True)
class Parts:
    """What authenticator data is made of; nothing checks that the flags tell the truth about the rest.

    Attributes:
        rp_id_hash: 32 bytes.
        flags: One octet, see `unlatch.terms.Flags`.
        sign_count: 0 to 2^32 - 1.
        attested: Attested credential data, or None.
        extensions: Encoded extension map, or None.
        tail: Left-over bytes; an honest authenticator has none.
    """

    rp_id_hash: bytes
    flags: int
    sign_count: int
    attested: Attested | None = None
    extensions: bytes | None = None
    tail: bytes = b""

    def encode(self) -> bytes:
        """The authenticator data."""
        attested = self.attested.encode() if self.attested else b""
        head = self.rp_id_hash + bytes((self.flags,)) + self.sign_count.to_bytes(4, "big")
        return head + attested + (self.extensions or b"") + self.tail
