"""Revocation lists: whose they are, what they cover, and what their absence means."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from certificates.test_paths import LEAF_C, NAMES, ONE, ONE_C, ROOT, ROOT_C, TWO, TWO_C, issue, leaf
from certificates.writing import (
    CN,
    NOW,
    algorithm,
    basic,
    name,
    number,
    revocation_list,
    seq,
    sign,
    time,
    tlv,
    usage,
)
from unlatch.codes import Code
from unlatch.crypto.paths import find_path
from unlatch.crypto.revocation import Revocation, parse_revocation_list
from unlatch.errors import AttestationRefused, Malformed, Misconfigured

POINT, NUMBER, DELTA = "2.5.29.28", "2.5.29.20", "2.5.29.27"
PATH = (LEAF_C, TWO_C, ROOT_2 := issue(ONE, ONE))


def crl(signer: Any = ONE, **parts: Any) -> bytes:
    return revocation_list(signer, **{"issuer": NAMES[id(signer)], **parts})


def judge(*crls: bytes, required: bool = True, path=PATH, now: datetime = NOW) -> None:
    Revocation(crls=crls, required=required).judge(path, now)


def refused(code: Code, *crls: bytes, **parts: Any) -> str:
    with pytest.raises(AttestationRefused) as caught:
        judge(*crls, **parts)
    assert (caught.value.code, caught.value.step) == (code, "attestation-trust")
    return caught.value.detail


def test_all_is_well():
    judge(crl(), crl(TWO))
    judge(crl(serials=[5, 6]), crl(TWO, serials=[300]))


def test_revoked_counts_for_more_than_unknown():
    assert "certificate 1" in refused(Code.ATTESTATION_CERTIFICATE, crl(serials=[7, 1]))
    assert "covers certificate 0" in refused(Code.ATTESTATION_NOT_TRUSTED)


def test_revoked_at_every_height():
    assert "certificate 1" in refused(Code.ATTESTATION_CERTIFICATE, crl(serials=[7, 1]), crl(TWO))
    assert "certificate 0" in refused(Code.ATTESTATION_CERTIFICATE, crl(), crl(TWO, serials=[1]))
    assert "certificate 0" in refused(Code.ATTESTATION_CERTIFICATE, crl(TWO, serials=[1]), required=False)
    old = crl(TWO, serials=[1], end=datetime(2026, 2, 1, tzinfo=UTC))
    refused(Code.ATTESTATION_CERTIFICATE, old, crl(TWO), crl(), required=False)


def test_a_missing_list():
    assert "certificate 0" in refused(Code.ATTESTATION_NOT_TRUSTED, crl())
    assert "certificate 1" in refused(Code.ATTESTATION_NOT_TRUSTED, crl(TWO))
    judge(required=False)


@pytest.mark.parametrize(
    "parts",
    [
        {"start": datetime(2026, 7, 1, tzinfo=UTC)},
        {"end": datetime(2026, 5, 1, tzinfo=UTC)},
        {"end": None},
    ],
)
def test_a_list_that_is_not_current(parts):
    refused(Code.ATTESTATION_NOT_TRUSTED, crl(), crl(TWO, **parts))
    judge(crl(), crl(TWO, **parts), crl(TWO))


def test_a_list_of_somebody_else():
    by_one_in_the_name_of_two = revocation_list(ONE, issuer=NAMES[id(TWO)], serials=[1])
    judge(crl(), crl(TWO), by_one_in_the_name_of_two)
    refused(Code.ATTESTATION_NOT_TRUSTED, crl(), by_one_in_the_name_of_two)
    refused(Code.ATTESTATION_NOT_TRUSTED, crl(), revocation_list(TWO, issuer=name((CN, "Other"))))


def test_a_key_that_may_not_sign_lists():
    no_lists = issue(TWO, ONE, [basic(True), usage(5)])
    refused(Code.ATTESTATION_NOT_TRUSTED, crl(), crl(TWO), path=(LEAF_C, no_lists, ROOT_2))
    any_use = issue(TWO, ONE, [basic(True)])
    judge(crl(), crl(TWO), path=(LEAF_C, any_use, ROOT_2))


def point(*fields: bytes) -> dict[str, Any]:
    return {"extensions_": [(POINT, True, seq(*fields))]}


USERS, AUTHORITIES = tlv(0x81, b"\xff"), tlv(0x82, b"\xff")


def test_lists_for_one_kind():
    judge(crl(**point(AUTHORITIES)), crl(TWO, **point(USERS)))
    judge(crl(**point(tlv(0xA0, tlv(0xA0)))), crl(TWO, **point(tlv(0x81, b"\0"))))
    refused(Code.ATTESTATION_NOT_TRUSTED, crl(**point(USERS)), crl(TWO))
    refused(Code.ATTESTATION_NOT_TRUSTED, crl(), crl(TWO, **point(AUTHORITIES)))
    unconstrained = leaf(extensions=[])
    judge(crl(), crl(TWO, **point(USERS)), path=(unconstrained, TWO_C, ROOT_2))


@pytest.mark.parametrize(
    "parts",
    [
        point(tlv(0x83, b"\x01\x06")),
        point(tlv(0x84, b"\xff")),
        point(tlv(0x85, b"\xff")),
        {"extensions_": [(DELTA, True, number(1))]},
        {"extensions_": [(NUMBER, False, number(1)), (NUMBER, False, number(1))]},
        {"serials": [5], "entry_extensions": [("2.5.29.29", True, seq())]},
        {"inner_algorithm": algorithm(ONE, "sha384")},
    ],
)
def test_lists_that_tell_a_part_only(parts):
    with pytest.raises(Malformed) as caught:
        parse_revocation_list(crl(**parts), "crls[0]")
    assert (caught.value.code, caught.value.path) == (Code.CERTIFICATE, "crls[0]")
    with pytest.raises(Misconfigured, match=r"Revocation.crls\[0\]"):
        Revocation(crls=[crl(**parts)])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        seq(number(1)),
        seq(seq(), algorithm(TWO), tlv(0x03)),
        seq(seq(number(1)), algorithm(TWO), tlv(0x03, b"\0")),
        seq(seq(algorithm(TWO), number(1)), algorithm(TWO), tlv(0x03, b"\0")),
        seq(seq(algorithm(TWO), seq(), number(1)), algorithm(TWO), tlv(0x03, b"\0")),
        seq(seq(algorithm(TWO), seq(), time(NOW), tlv(0x17, b"tomorrow")), algorithm(TWO), tlv(0x03, b"\0")),
        seq(seq(algorithm(TWO), seq(), time(NOW), seq(number(1))), algorithm(TWO), tlv(0x03, b"\0")),
        seq(seq(algorithm(TWO), seq(), time(NOW), seq(seq(number(1), number(1)))), algorithm(TWO), tlv(0x03, b"\0")),
        crl(serials=[5], entry_extensions=[("1.2.3", False, b"")]).replace(b"\x06\x02\x2a\x03", b"\x05\x02\x2a\x03"),
        crl(**point(number(1))),
        crl(**point(b"\xa0\x05a")),
        crl(extensions_=[("2.5.29.28", True, b"")]),
        crl(**point(tlv(0x81, b"\1"))),
        crl(**point(tlv(0x82, b"\1"))),
        crl(extensions_=[("1.2.3", False, b"")]).replace(b"\x06\x02\x2a\x03", b"\x05\x02\x2a\x03"),
    ],
)
def test_what_is_wrong_is_found_in_the_list(data):
    with pytest.raises(Malformed) as caught:
        parse_revocation_list(data, "crls[0]")
    assert (caught.value.code in (Code.CERTIFICATE, Code.DER), caught.value.path) == (True, "crls[0]")


def test_the_hours_of_a_list():
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    found = parse_revocation_list(crl(TWO, start=start, end=end), "")
    second = timedelta(seconds=1)
    moments = (start - second, start, end, end + second)
    assert [found.is_current(moment) for moment in moments] == [False, True, True, False]


def test_a_default_that_is_written_out():
    """Authorities only, and users only, each said to be false: the list is for both."""
    both = point(tlv(0x81, b"\0") + tlv(0x82, b"\0"))
    found = parse_revocation_list(crl(TWO, **both), "")
    assert (found.for_users, found.for_authorities) == (True, True)
    judge(crl(**both), crl(TWO, **both))


def test_what_is_revoked_is_told():
    with pytest.raises(AttestationRefused) as caught:
        judge(crl(TWO, serials=[1]), crl())
    assert (caught.value.received, caught.value.detail) == (b"\1", "certificate 0 of the path is revoked")


def test_what_is_read_over():
    judge(
        crl(extensions_=[(NUMBER, False, number(1)), ("2.5.29.35", False, seq())]),
        crl(TWO, serials=[9], entry_extensions=[("2.5.29.21", False, tlv(0x0A, b"\1"))]),
    )


def test_a_list_of_version_1():
    tbs = seq(algorithm(TWO), NAMES[id(TWO)], time(NOW), time(datetime(2051, 1, 1, tzinfo=UTC)))
    judge(crl(), seq(tbs, algorithm(TWO), tlv(0x03, b"\0" + sign(TWO, tbs))))


def test_pem():
    text = f"-----BEGIN X509 CRL-----\n{base64.encodebytes(crl(TWO)).decode()}-----END X509 CRL-----\n"
    Revocation(crls=[text, crl()]).judge(PATH, NOW)


@pytest.mark.parametrize("wrong", [b"", b"\x30\x00", crl()[:-1], "text", 1])
def test_what_is_no_list(wrong):
    with pytest.raises(Misconfigured, match=r"crls\[0\]"):
        Revocation(crls=[wrong])
    with pytest.raises(Misconfigured, match="collection"):
        Revocation(crls=crl())


def test_surplus_parts():
    named = algorithm(TWO)
    fields = (named, NAMES[id(TWO)], time(NOW), time(datetime(2027, 1, 1, tzinfo=UTC)))
    signature = tlv(0x03, b"\0" + sign(TWO, b""))
    parse_revocation_list(seq(seq(*fields), named, signature), "")
    entry = seq(seq(number(5), time(NOW), seq(), number(1)))
    for wrong in (
        seq(seq(*fields), named, signature, number(1)),
        seq(seq(*fields, number(1)), named, signature),
        seq(seq(*fields, entry), named, signature),
    ):
        with pytest.raises(Malformed) as caught:
            parse_revocation_list(wrong, "")
        assert caught.value.code is Code.DER


def test_within_a_search():
    chain, revocation = [LEAF_C, TWO_C], Revocation(crls=[crl(TWO, serials=[1]), crl()])
    with pytest.raises(AttestationRefused) as caught:
        find_path([*chain, ONE_C], [ROOT_C], now=NOW, revocation=revocation.judge)
    assert caught.value.detail == "certificate 0 of the path is revoked"
    fine = Revocation(crls=[crl(TWO), crl(), crl(ROOT)])
    assert len(find_path([*chain, ONE_C], [ROOT_C], now=NOW, revocation=fine.judge)) == 4
    anchored_itself = find_path([LEAF_C], [LEAF_C], now=NOW, revocation=Revocation(crls=[]).judge)
    assert anchored_itself == (LEAF_C,)
