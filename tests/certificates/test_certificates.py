"""Certificates: read as general parsers read them, odd ones too, broken ones refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa, rsa, x25519

from certificates.writing import (
    BASIC,
    CN,
    EKU,
    SAN,
    USAGE,
    C,
    O,
    basic,
    boolean,
    certificate,
    name,
    number,
    oid,
    seq,
    spki,
    time,
    tlv,
    usage,
)
from unlatch.codes import Code
from unlatch.crypto.certificates import (
    MAX_CERTIFICATE_BYTES,
    BasicConstraints,
    Certificate,
    basic_constraints,
    extended_key_usage,
    key_usage,
    parse_certificate,
)
from unlatch.crypto.names import (
    alternative_directory_names,
    alternative_dns_names,
    is_same_name,
    is_within,
    name_attributes,
)
from unlatch.errors import Malformed
from unlatch.wire import der

KEY = ec.generate_private_key(ec.SECP256R1())
NAME = name((CN, "Somebody"))


def made(**parts: Any) -> bytes:
    return certificate(KEY, KEY, **{"subject": NAME, "issuer": NAME, **parts})


def parsed(**parts: Any) -> Certificate:
    return parse_certificate(made(**parts), "x5c[0]")


def malformed(data: bytes, code: Code = Code.CERTIFICATE) -> str:
    with pytest.raises(Malformed) as caught:
        parse_certificate(data, "x5c[0]")
    assert (caught.value.code, caught.value.path) == (code, "x5c[0]")
    return caught.value.detail


def test_the_frame():
    found = parsed(serial=-5, extensions_=[basic(False), usage(0)])
    assert (found.version, found.serial_number, found.subject, found.issuer) == (3, b"\xfb", NAME, NAME)
    assert found.not_before == datetime(2020, 1, 1, tzinfo=UTC)
    assert found.spki == spki(KEY)
    assert found.signature_algorithm == found.tbs_signature_algorithm
    assert set(found.extensions) == {BASIC, USAGE}
    assert found.raw[4:].startswith(found.tbs)


@pytest.mark.parametrize(("version", "number_"), [(None, 1), (1, 1), (2, 2), (3, 3)])
def test_versions(version, number_):
    assert parsed(version=version).version == number_


@pytest.mark.parametrize("version", [0, 4, 128])
def test_versions_that_do_not_exist(version):
    assert "version" in malformed(made(version=version))


def test_unique_identifiers():
    assert parsed(extra=tlv(0x81, b"\0\1") + tlv(0x82, b"\0\2")).version == 3
    malformed(made(extra=tlv(0x82, b"\0\1") + tlv(0x81, b"\0\2")), Code.DER)
    malformed(made(extra=number(1)), Code.DER)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(1950, 1, 1, tzinfo=UTC), b"500101000000Z"),
        (datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), b"491231235959Z"),
        (datetime(1949, 1, 1, tzinfo=UTC), b"19490101000000Z"),
        (datetime(3024, 1, 1, tzinfo=UTC), b"30240101000000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), b"99991231235959Z"),
    ],
)
def test_dates(moment, text):
    assert time(moment)[2:] == text
    assert parsed(end=moment).not_after == moment


@pytest.mark.parametrize(
    "wrong",
    [
        tlv(0x17, b"2001010000Z"),
        tlv(0x17, b"200101000000+"),
        tlv(0x17, b"2001010000+0100"),
        tlv(0x17, b"200101 00000Z"),
        tlv(0x17, b"20\xb2101000000Z"),
        tlv(0x17, b"201301000000Z"),
        tlv(0x17, b"200230000000Z"),
        tlv(0x17, b"200101240000Z"),
        tlv(0x17, b"200101000060Z"),
        tlv(0x18, b"00000101000000Z"),
        tlv(0x18, b"20200101000000.5Z"),
        tlv(0x18, b"200101000000Z"),
        tlv(0x0C, b"20200101000000Z"),
        tlv(0x17, b""),
    ],
)
def test_dates_that_are_not_in_form(wrong):
    assert "date" in malformed(made(validity=seq(time(datetime(2020, 1, 1, tzinfo=UTC)), wrong)))
    malformed(made(validity=seq(wrong)))


def test_a_third_date():
    moment = time(datetime(2020, 1, 1, tzinfo=UTC))
    malformed(made(validity=seq(moment, moment, moment)), Code.DER)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x31\x00", number(1), seq(seq(), seq(), tlv(0x03, b"\0"))])
def test_what_is_no_certificate(data):
    malformed(data, Code.DER)


def test_bytes_before_and_after():
    malformed(made() + b"\0", Code.DER)
    malformed(made()[:-1], Code.DER)


def test_too_large():
    malformed(made(extensions_=[("1.2.3", False, bytes(MAX_CERTIFICATE_BYTES))]))


def test_the_largest_certificate():
    frame = (
        len(made(extensions_=[("1.2.3", False, bytes(MAX_CERTIFICATE_BYTES - 1000))])) - MAX_CERTIFICATE_BYTES + 1000
    )
    for size, fits in ((MAX_CERTIFICATE_BYTES, True), (MAX_CERTIFICATE_BYTES + 1, False)):
        # The signature's length varies by a byte or two; the extension makes up for it.
        data = made(extensions_=[("1.2.3", False, bytes(size - frame))], signature=bytes(72))
        data = made(extensions_=[("1.2.3", False, bytes(2 * size - frame - len(data)))], signature=bytes(72))
        assert len(data) == size
        if fits:
            assert parse_certificate(data, "").raw == data
        else:
            malformed(data)


@pytest.mark.parametrize(
    ("identifier", "value", "read"),
    [
        (BASIC, b"", basic_constraints),
        (BASIC, seq(tlv(0x01, b"\x01")), basic_constraints),
        (BASIC, seq(boolean(True), tlv(0x02, b"\0\0")), basic_constraints),
        (BASIC, seq(boolean(True), number(-1)), basic_constraints),
        (BASIC, seq(boolean(True), number(2**32)), basic_constraints),
        (BASIC, seq(boolean(True), number(1), number(1)), basic_constraints),
        (USAGE, b"", key_usage),
        (USAGE, tlv(0x03, b"\x08\x80"), key_usage),
        (EKU, b"", extended_key_usage),
        (EKU, seq(number(1)), extended_key_usage),
        (EKU, seq(tlv(0x06)), extended_key_usage),
        (SAN, b"", alternative_dns_names),
        (SAN, seq(b"\x82\x05a"), alternative_dns_names),
        (SAN, seq(tlv(0xA4, b"")), alternative_directory_names),
        (SAN, seq(tlv(0xA4, seq(number(1)))), alternative_directory_names),
        (SAN, seq(tlv(0xA4, seq(tlv(0x31, number(1))))), alternative_directory_names),
        (SAN, seq(tlv(0xA4, seq(tlv(0x31, seq(oid("1.2.3")))))), alternative_directory_names),
        (SAN, seq(tlv(0xA4, seq(tlv(0x31, seq(oid("1.2.3"), number(1), number(1)))))), alternative_directory_names),
        (SAN, seq(tlv(0xA4, seq(tlv(0x31, seq(tlv(0x06)))))), alternative_directory_names),
        (SAN, seq(tlv(0xA4, name((CN, "\xff"), string=0x13))), alternative_directory_names),
    ],
)
def test_what_is_wrong_is_found_in_the_certificate(identifier, value, read):
    with pytest.raises(Malformed) as caught:
        read(parsed(extensions_=[(identifier, False, value)]))
    assert (caught.value.code in (Code.CERTIFICATE, Code.DER), caught.value.path) == (True, "x5c[0]")
    assert caught.value.detail


def test_keys_at_the_limits():
    def of(bits: int, e: int = 65537) -> Certificate:
        key = rsa.RSAPublicNumbers(e, (1 << (bits - 1)) + 1).public_key()
        return parsed(spki_=spki(key))

    for bits, e in ((2048, 3), (8192, 65537), (2048, 2**64 - 1)):
        assert of(bits, e).public_key().key_size == bits
    for bits, e in ((2047, 3), (8193, 3), (2048, 2**64 + 1)):
        with pytest.raises(Malformed) as caught:
            of(bits, e).public_key()
        assert (caught.value.code, caught.value.path) == (Code.CERTIFICATE, "x5c[0]")
        assert "RSA key" in caught.value.detail


def test_hosts_that_are_not_ascii():
    assert alternative_dns_names(parsed(extensions_=[(SAN, False, seq(tlv(0x82, b"a\xff")))])) == ["a\ufffd"]


@pytest.mark.parametrize(("length", "compared"), [(1024, True), (1025, False)])
def test_the_longest_names_that_are_compared(length, compared):
    around = len(name((CN, "x" * 900))) - 900
    lower, upper = (name((CN, letter * (length - around))) for letter in "yY")
    assert len(lower) == length
    assert is_same_name(lower, upper) is compared
    if compared:
        assert is_within(lower, upper)
    else:
        with pytest.raises(Malformed):
            is_within(lower, upper)


def test_extensions_need_version_3():
    assert "version 2" in malformed(made(version=2, extensions_=[basic(False)]))


@pytest.mark.parametrize("version", [seq(), tlv(0x02, b"\0\2")])
def test_versions_that_are_no_numbers(version):
    tbs = der.Cursor(der.decode(parsed(version=None).tbs, der.SEQUENCE, "").content, "")
    parts = b""
    while not tbs.at_end:
        parts += tbs.next().raw
    malformed(seq(seq(tlv(0xA0, version), parts), parsed().signature_algorithm, tlv(0x03, b"\0")), Code.DER)


@pytest.mark.parametrize(
    "extensions",
    [
        number(1),
        seq(number(1)),
        seq(seq(number(1))),
        seq(seq(tlv(0x06), tlv(0x04))),
        seq(seq(oid("1.2.3"), number(1))),
        seq(seq(oid("1.2.3"), tlv(0x01, b"\1"), tlv(0x04))),
        seq(seq(oid("1.2.3"), tlv(0x04), number(1))),
    ],
)
def test_extensions_that_are_none(extensions):
    malformed(made(extra=tlv(0xA3, extensions)), Code.DER)


def test_an_extension_twice():
    assert "twice" in malformed(made(extensions_=[basic(False), basic(True)]))


def test_a_default_that_is_written_out():
    explicit = seq(seq(oid(BASIC), boolean(False), tlv(0x04, seq(boolean(False)))))
    found = parsed(extra=tlv(0xA3, explicit))
    assert not found.extensions[BASIC].critical
    assert basic_constraints(found) == BasicConstraints(ca=False, path_length=None)


def test_a_signature_whose_unused_bits_are_counted_wrongly():
    found = parsed()
    for count in (1, 3, 7):
        odd = seq(found.tbs, found.signature_algorithm, tlv(0x03, bytes((count,)) + found.signature))
        assert parse_certificate(odd, "", miscounts=True).signature == found.signature
        malformed(odd)
    for wrong in (tlv(0x03), tlv(0x03, b"\x08" + found.signature)):
        encoded = seq(found.tbs, found.signature_algorithm, wrong)
        malformed(encoded)
        with pytest.raises(Malformed):
            parse_certificate(encoded, "", miscounts=True)


@pytest.mark.parametrize(
    ("value", "constraints"),
    [
        (seq(), BasicConstraints(ca=False, path_length=None)),
        (seq(boolean(True)), BasicConstraints(ca=True, path_length=None)),
        (seq(boolean(True), number(0)), BasicConstraints(ca=True, path_length=0)),
        (seq(boolean(True), number(2**32 - 1)), BasicConstraints(ca=True, path_length=2**32 - 1)),
        (seq(boolean(False), number(2)), BasicConstraints(ca=False, path_length=2)),
        (seq(number(3)), BasicConstraints(ca=False, path_length=3)),
    ],
)
def test_basic_constraints(value, constraints):
    assert basic_constraints(parsed(extensions_=[(BASIC, True, value)])) == constraints
    assert basic_constraints(parsed()) is None


@pytest.mark.parametrize(
    ("bits", "found"),
    [(b"\x07\x80", {0}), (b"\x01\x06", {5, 6}), (b"\x07\x00\x80", {8}), (b"\x00\xff", set(range(8))), (b"\0\0", set())],
)
def test_key_usage(bits, found):
    assert key_usage(parsed(extensions_=[(USAGE, True, tlv(0x03, bits))])) == found
    assert key_usage(parsed()) is None


@pytest.mark.parametrize("bits", [b"", b"\x00", b"\x08\x80", b"\x00\x80\x00\x00"])
def test_key_usage_that_is_none(bits):
    with pytest.raises(Malformed):
        key_usage(parsed(extensions_=[(USAGE, True, tlv(0x03, bits))]))


def test_extended_key_usage():
    purposes = (EKU, False, seq(oid("2.23.133.8.3"), oid("1.3.6.1.5.5.7.3.1")))
    assert extended_key_usage(parsed(extensions_=[purposes])) == {"2.23.133.8.3", "1.3.6.1.5.5.7.3.1"}
    assert extended_key_usage(parsed()) == frozenset()
    with pytest.raises(Malformed):
        extended_key_usage(parsed(extensions_=[(EKU, False, seq(number(1)))]))


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
        ed448.Ed448PrivateKey.generate(),
        mldsa.MLDSA44PrivateKey.generate(),
    ],
)
def test_keys(key):
    assert parsed(spki_=spki(key)).public_key() == key.public_key()


@pytest.mark.parametrize(
    "wrong",
    [
        seq(),
        seq(seq(oid("1.2.3")), tlv(0x03, b"\0\0")),
        seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), tlv(0x03, b"\0\x04" + bytes(64))),
        seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.3")), tlv(0x03, b"\0\x04" + bytes(64))),
        seq(seq(oid("1.2.840.10045.2.1"), seq(number(1))), tlv(0x03, b"\0\x04" + bytes(64))),
        seq(seq(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), tlv(0x03, b"\0" + seq(number(15), number(3)))),
        seq(seq(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), tlv(0x03, b"\0" + seq(number(0), number(0)))),
        spki(rsa.generate_private_key(65537, 1024)),
        spki(rsa.generate_private_key(65537, 2048))[:-1],
        seq(seq(oid("1.3.101.112")), tlv(0x03, b"\0" + bytes(31))),
        spki(KEY)[:-2] + b"\0\0",
    ],
)
def test_keys_that_cannot_be_loaded(wrong):
    try:
        found = parsed(spki_=wrong)
    except Malformed:
        return  # not even a SEQUENCE that ends where it says
    with pytest.raises(Malformed) as caught:
        found.public_key()
    assert (caught.value.code, caught.value.path) == (Code.CERTIFICATE, "x5c[0]")


def test_keys_that_do_not_sign():
    agreement = x25519.X25519PrivateKey.generate().public_key()
    encoded = agreement.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert parsed(spki_=encoded).public_key() == agreement


def test_names():
    assert name_attributes(name((C, "SE"), (O, "Å"), (O, "B")), "") == {C: ("SE",), O: ("Å", "B")}
    assert name_attributes(name((C, "SE"), (O, "B"), one_rdn=True), "") == {C: ("SE",), O: ("B",)}
    assert name_attributes(name(), "") == {}


@pytest.mark.parametrize(
    ("tag", "content", "text"),
    [
        (0x0C, "Ä".encode(), "Ä"),
        (0x13, b"AE", "AE"),
        (0x14, b"\xc4", "Ä"),
        (0x16, b"a@b", "a@b"),
        (0x1E, "Ä".encode("utf-16-be"), "Ä"),
        (0x1C, "Ä".encode("utf-32-be"), "Ä"),
        (0x03, b"\0A", "#03020041"),
    ],
)
def test_the_strings_of_names(tag, content, text):
    assert name_attributes(seq(tlv(0x31, seq(oid(CN), tlv(tag, content)))), "") == {CN: (text,)}


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        seq(number(1)),
        seq(tlv(0x31, number(1))),
        seq(tlv(0x31, seq(oid(CN)))),
        seq(tlv(0x31, seq(oid(CN), number(1), number(1)))),
        seq(tlv(0x31, seq(oid(CN), tlv(0x0C, b"\xff")))),
        seq(tlv(0x31, seq(oid(CN), tlv(0x13, b"\xff")))),
        seq(tlv(0x31, seq(oid(CN), tlv(0x1E, b"\x00")))),
        seq(tlv(0x31, seq(oid(CN), tlv(0x1C, b"\xff\xff\xff\xff")))),
    ],
)
def test_names_that_cannot_be_read(wrong):
    with pytest.raises(Malformed):
        name_attributes(wrong, "")


def test_alternative_names():
    found = parsed(extensions_=[(SAN, False, seq(tlv(0x82, b"a.example"), tlv(0xA4, NAME), tlv(0x86, b"uri:")))])
    assert alternative_dns_names(found) == ["a.example"]
    assert alternative_directory_names(found) == [{CN: ("Somebody",)}]
    assert alternative_dns_names(parsed()) == []
