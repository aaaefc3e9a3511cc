"""SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) of a credential key, as clients offer it in `publicKey`.

Only written, never read: two encodings of one key are compared by making ours. The prefixes are the DER of
RFC 5480 (EC), RFC 8410 (Edwards curves) and RFC 8017 (RSA).
"""

from __future__ import annotations

from unlatch.wire.cose import CoseKey, Ec2Key, OkpKey, RsaKey

_EC_ALGORITHM = {
    1: "301306072a8648ce3d020106082a8648ce3d030107",
    2: "301006072a8648ce3d020106052b81040022",
    3: "301006072a8648ce3d020106052b81040023",
    8: "301006072a8648ce3d020106052b8104000a",
}
_EDWARDS_ALGORITHM = {6: "300506032b6570", 7: "300506032b6571"}
_RSA_ALGORITHM = "300d06092a864886f70d0101010500"


def encode_spki(key: CoseKey) -> bytes | None:
    """DER of the key's SubjectPublicKeyInfo; None for keys whose form no client is asked to know (ML-DSA)."""
    if type(key) is Ec2Key:
        return _spki(_EC_ALGORITHM[key.curve.crv], b"\x04" + key.x + key.y)
    if type(key) is OkpKey:
        return _spki(_EDWARDS_ALGORITHM[key.curve.crv], key.x)
    if type(key) is RsaKey:
        return _spki(_RSA_ALGORITHM, _tlv(0x30, _integer(key.n) + _integer(key.e)))
    return None


def _spki(algorithm: str, public_key: bytes) -> bytes:
    return _tlv(0x30, bytes.fromhex(algorithm) + _tlv(0x03, b"\x00" + public_key))


def _integer(value: int) -> bytes:
    """DER INTEGER of a positive number: one leading zero where the top bit would read as a sign."""
    return _tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content
