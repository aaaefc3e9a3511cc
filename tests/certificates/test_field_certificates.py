"""Certificates of the field: what other readers accept too, and what costs too much."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import certificates.writing as writing
from certificates.writing import CN, NOW, C, O, algorithm, basic, certificate, name, number, oid, seq, tlv
from unlatch.crypto.certificates import load_public_key, parse_certificate
from unlatch.crypto.names import is_same_name
from unlatch.crypto.paths import find_path
from unlatch.errors import AttestationRefused, Malformed

ROOT, LEAF = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
NAME = name((C, "SE"), (O, "Maker  AB"), (CN, "Root"))
PRINTABLE, TELETEX, BMP = 0x13, 0x14, 0x1E


def reached(leaf: bytes, *anchors: bytes) -> bool:
    try:
        find_path([parse_certificate(leaf, "leaf")], [parse_certificate(item, "anchor") for item in anchors], now=NOW)
    except AttestationRefused:
        return False
    return True


def root(subject: bytes = NAME) -> bytes:
    return certificate(ROOT, ROOT, subject=subject, issuer=subject, extensions_=[basic(True)])


@pytest.mark.parametrize(
    "issuer",
    [
        name((C, "SE"), (O, "Maker  AB"), (CN, "Root"), string=PRINTABLE),
        name((C, "SE"), (O, "Maker  AB"), (CN, "Root"), string=TELETEX),
        name((C, "se"), (O, "MAKER AB"), (CN, "root")),
        name((C, "SE"), (O, " Maker AB "), (CN, "Root")),
    ],
    ids=["PrintableString", "TeletexString", "letter case", "spaces"],
)
def test_names_that_rfc_5280_calls_the_same(issuer: bytes) -> None:
    assert is_same_name(issuer, NAME)
    assert reached(certificate(LEAF, ROOT, subject=name(), issuer=issuer), root())
    # The signature keeps the last word.
    assert not reached(certificate(LEAF, LEAF, subject=name(), issuer=issuer), root())


@pytest.mark.parametrize(
    "issuer",
    [
        name((C, "SE"), (O, "Maker AB")),
        name((C, "SE"), (CN, "Root"), (O, "Maker AB")),
        name((C, "SE"), (O, "Maker AB"), (CN, "Root"), one_rdn=True),
        name((C, "SE"), (O, "MakerAB"), (CN, "Root")),
        name((C, "SE"), (O, "Maker AB"), (CN, "Root"), string=BMP),  # the bytes are no UTF-16 of these letters
        name(),
    ],
    ids=["fewer", "another order", "one RDN", "no space", "other text", "empty"],
)
def test_other_names(issuer: bytes) -> None:
    assert not is_same_name(issuer, NAME)
    assert not reached(certificate(LEAF, ROOT, subject=name(), issuer=issuer), root())


def test_names_that_cannot_be_read_are_the_same_only_byte_by_byte() -> None:
    broken = seq(tlv(0x31, seq(number(1))))
    assert is_same_name(broken, broken)
    assert not is_same_name(broken, seq(tlv(0x31, seq(number(2)))))
    long = name((CN, "x" * 2000))
    assert is_same_name(long, long)
    assert not is_same_name(long, name((CN, "X" * 2000)))


@pytest.mark.parametrize(("parameters", "accepted"), [(b"", True), (b"\x05\x00", True), (b"\x30\x00", False)])
def test_an_ecdsa_algorithm_with_null_as_java_wrote_it(
    parameters: bytes, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor = root()
    named = seq(oid("1.2.840.10045.4.3.2"), parameters)
    monkeypatch.setattr(writing, "algorithm", lambda *_args, **_kwargs: named)
    assert reached(certificate(LEAF, ROOT, subject=name(), issuer=NAME), anchor) is accepted


@pytest.mark.parametrize(("exponent", "accepted"), [(3, True), (65537, True), (2**63 + 1, True), (2**64 + 1, False)])
def test_a_giant_rsa_exponent_is_not_used(exponent: int, accepted: bool) -> None:
    modulus = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
    rsa_key = seq(number(modulus), number(exponent))
    spki = seq(seq(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), tlv(0x03, b"\x00", rsa_key))
    if accepted:
        assert load_public_key(spki, "spki")
    else:
        with pytest.raises(Malformed) as caught:
            load_public_key(spki, "spki")
        assert "exponent" in caught.value.detail


def test_old_shapes() -> None:
    """Version 1 without extensions, serial numbers that are negative or longer than RFC 5280 allows."""
    old_root = certificate(ROOT, ROOT, subject=NAME, issuer=NAME, version=None)
    assert reached(certificate(LEAF, ROOT, subject=name(), issuer=NAME, version=None), old_root)
    assert reached(certificate(LEAF, ROOT, subject=name(), issuer=NAME, serial=-5), root())
    assert reached(certificate(LEAF, ROOT, subject=name(), issuer=NAME, serial=1 << 300), root())
    assert algorithm(ROOT) in old_root
