"""SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) of a credential key, as clients offer it in `publicKey`.

Only written, never read: two encodings of one key are compared by making ours. The prefixes are the DER of
RFC 5480 (EC), RFC 8410 (Edwards curves), RFC 8017 (RSA) and RFC 9881 (ML-DSA).
"""

from __future__ import annotations

from unlatch.wire.cose import CoseKey, Ec2Key, OkpKey, RsaKey

#: By curve: everything before the coordinates. Their length is the curve's, so all of it is constant.
_EC_PREFIX = {
    1: bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
    2: bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004"),
    3: bytes.fromhex("30819b301006072a8648ce3d020106052b810400230381860004"),
    8: bytes.fromhex("3056301006072a8648ce3d020106052b8104000a03420004"),
}
_EDWARDS_PREFIX = {6: bytes.fromhex("302a300506032b6570032100"), 7: bytes.fromhex("3043300506032b6571033a00")}
_RSA_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
_ML_DSA_ALGORITHM = {
    -48: bytes.fromhex("300b0609608648016503040311"),
    -49: bytes.fromhex("300b0609608648016503040312"),
    -50: bytes.fromhex("300b0609608648016503040313"),
}


def encode_spki(key: CoseKey) -> bytes:
    """DER of the key's SubjectPublicKeyInfo."""
    if isinstance(key, Ec2Key):
        return _EC_PREFIX[key.curve.crv] + key.x + key.y
    if isinstance(key, OkpKey):
        return _EDWARDS_PREFIX[key.curve.crv] + key.x
    if isinstance(key, RsaKey):
        public_key = _tlv(0x30, _integer(key.n) + _integer(key.e))
        return _tlv(0x30, _RSA_ALGORITHM + _tlv(0x03, b"\x00" + public_key))
    return _tlv(0x30, _ML_DSA_ALGORITHM[key.algorithm.id] + _tlv(0x03, b"\x00" + key.pub))


def _integer(value: int) -> bytes:
    """DER INTEGER of a positive number: one leading zero where the top bit would read as a sign."""
    return _tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _tlv(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content
