"""Paths: what leads to an anchor, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certificates.writing import (
    BASIC,
    CN,
    NOW,
    SAN,
    USAGE,
    Extension,
    algorithm,
    basic,
    certificate,
    name,
    number,
    seq,
    sign,
    spki,
    tlv,
    usage,
)
from unlatch.codes import Code
from unlatch.crypto.certificates import Certificate, parse_certificate
from unlatch.crypto.paths import MAX_PATH, MAX_SIGNATURES, find_path, is_issued_by
from unlatch.errors import AttestationRefused

KEYS = [ec.generate_private_key(ec.SECP256R1()) for _ in range(6)]
ROOT, ONE, TWO, LEAF, STRANGER, SPARE = KEYS
NAMES = {
    id(key): name((CN, label))
    for key, label in zip(KEYS, ("Root", "One", "Two", "Leaf", "Strange", "Spare"), strict=True)
}
CA = [basic(True), usage(5, 6)]


def issue(key: Any, signer: Any, extensions: list[Extension] | None = None, **parts: Any) -> Certificate:
    found = CA if extensions is None else extensions
    defaults = {"subject": NAMES.get(id(key), b""), "issuer": NAMES.get(id(signer), b"")}
    return parse_certificate(certificate(key, signer, extensions_=found, **{**defaults, **parts}), "x5c")


ROOT_C = issue(ROOT, ROOT)
ONE_C, TWO_C = issue(ONE, ROOT), issue(TWO, ONE)


def leaf(signer: Any = TWO, extensions: list[Extension] | None = None, **parts: Any) -> Certificate:
    return issue(LEAF, signer, [basic(False), usage(0)] if extensions is None else extensions, **parts)


def refused(chain, anchors, detail: str, **parts: Any) -> None:
    with pytest.raises(AttestationRefused) as caught:
        find_path(chain, anchors, **{"now": NOW, **parts})
    assert (caught.value.code, caught.value.step) == (Code.ATTESTATION_NOT_TRUSTED, "attestation-trust")
    assert detail in caught.value.detail


def found(chain, anchors, **parts: Any) -> tuple[Certificate, ...]:
    return find_path(chain, anchors, **{"now": NOW, **parts})


LEAF_C = leaf()
CHAIN = [LEAF_C, TWO_C, ONE_C]


def test_from_leaf_to_root():
    assert found(CHAIN, [ROOT_C]) == (*CHAIN, ROOT_C)
    direct = leaf(ROOT)
    assert found([direct], [ROOT_C]) == (direct, ROOT_C)


def test_the_root_may_be_in_the_chain():
    assert found([*CHAIN, ROOT_C], [ROOT_C]) == (*CHAIN, ROOT_C)


def test_the_root_in_the_chain_may_be_another_issue_of_the_anchor():
    renewed = issue(ROOT, ROOT, serial=2)
    old = issue(ROOT, ROOT, end=datetime(2021, 1, 1, tzinfo=UTC))
    assert found([*CHAIN, old], [renewed]) == (*CHAIN, renewed)


def test_an_intermediate_as_anchor():
    assert found(CHAIN, [TWO_C]) == (LEAF_C, TWO_C)
    assert found([LEAF_C], [TWO_C]) == (LEAF_C, TWO_C)
    assert found([*CHAIN, ROOT_C], [ONE_C]) == (LEAF_C, TWO_C, ONE_C)


def test_the_leaf_as_anchor():
    assert found([LEAF_C], [LEAF_C]) == (LEAF_C,)
    assert found(CHAIN, [LEAF_C]) == (LEAF_C,)
    own = issue(LEAF, LEAF, [basic(False)])
    assert found([own], [own]) == (own,)
    # another certificate with the leaf's name and key is not the leaf
    refused([leaf(serial=2)], [LEAF_C], "no path")


def test_no_anchors():
    refused(CHAIN, [], "no path")


def test_an_anchor_that_the_chain_brings_along():
    own_root = issue(STRANGER, STRANGER)
    refused([leaf(STRANGER), own_root], [ROOT_C], "no path")
    copy = issue(STRANGER, STRANGER, subject=NAMES[id(ROOT)], issuer=NAMES[id(ROOT)])
    forged = leaf(STRANGER, issuer=NAMES[id(ROOT)])
    refused([forged, copy], [ROOT_C], "no path")
    refused([forged], [ROOT_C], "no path")


def test_an_anchors_name_and_key_with_other_contents():
    # Only the anchor's own contents count, not those of another issue that the chain brings along.
    small = issue(ROOT, ROOT, [basic(True, 0), usage(5)])
    widened = issue(ROOT, ROOT, [basic(True), usage(5)])
    refused([leaf(TWO), TWO_C, ONE_C, widened], [small], "allows no more than 0")


def test_a_root_in_the_chain_that_nobody_signed():
    # Anybody can write a certificate with the anchor's name and key, and nobody but its owner can sign it.
    forged = issue(ROOT, STRANGER, issuer=NAMES[id(ROOT)])
    refused([*CHAIN, forged], [ROOT_C], "x5c is not a chain")
    assert found([*CHAIN, forged], [ROOT_C, forged])[-1] == ROOT_C


def test_a_root_in_the_chain_that_another_root_signed():
    # As Google's roots were by an older one: the anchor has its name and key, and nobody named the older one.
    crossed = issue(ROOT, STRANGER)
    assert found([*CHAIN, crossed], [ROOT_C]) == (*CHAIN, ROOT_C)


def test_a_root_in_the_chain_that_was_rolled_over():
    # RFC 4210 section 4.4: the new key, certified with the old one, under the same name.
    rolled = issue(STRANGER, ROOT, subject=NAMES[id(ROOT)])
    new = leaf(STRANGER, issuer=NAMES[id(ROOT)])
    assert found([new, rolled], [ROOT_C]) == (new, rolled, ROOT_C)
    refused([new, rolled], [ONE_C], "x5c is not a chain")
    assert found([new, rolled], [new], intermediates=[ROOT_C]) == (new,)


def test_several_anchors_of_one_name():
    impostor = issue(STRANGER, STRANGER, subject=NAMES[id(ROOT)], issuer=NAMES[id(ROOT)])
    assert found(CHAIN, [impostor, ROOT_C])[-1] == ROOT_C
    assert found(CHAIN, [ROOT_C, impostor])[-1] == ROOT_C
    expired = issue(ROOT, ROOT, end=datetime(2021, 1, 1, tzinfo=UTC))
    assert found(CHAIN, [expired, ROOT_C])[-1] == ROOT_C
    broken = issue(ROOT, ROOT, spki_=seq())
    assert found(CHAIN, [broken, ROOT_C])[-1] == ROOT_C


def test_missing_intermediates():
    strange = issue(STRANGER, ROOT)
    refused([LEAF_C], [ROOT_C], "no path")
    assert found([LEAF_C], [ROOT_C], intermediates=[ONE_C, TWO_C]) == (*CHAIN, ROOT_C)
    assert found([LEAF_C, TWO_C], [ROOT_C], intermediates=[strange, ONE_C]) == (
        *CHAIN,
        ROOT_C,
    )
    refused([LEAF_C, TWO_C], [ROOT_C], "no path", intermediates=[strange])
    revoked = issue(ONE, ROOT, end=datetime(2021, 1, 1, tzinfo=UTC))
    assert found([LEAF_C, TWO_C], [ROOT_C], intermediates=[revoked, ONE_C])[2] == ONE_C


def test_an_intermediate_that_the_source_has_in_another_issue():
    """Renewed, or signed by another root (RFC 5280 section 3.2): the chain's own certificate leads nowhere."""
    expired = issue(TWO, ONE, end=datetime(2021, 1, 1, tzinfo=UTC))
    refused([LEAF_C, expired, ONE_C], [ROOT_C], "certificate 1 of the path is valid from")
    assert found([LEAF_C, expired, ONE_C], [ROOT_C], intermediates=[ONE_C, TWO_C]) == (*CHAIN, ROOT_C)
    crossed = issue(TWO, STRANGER)
    refused([LEAF_C, crossed], [ROOT_C], "no path", intermediates=[ONE_C])
    assert found([LEAF_C, crossed], [ROOT_C], intermediates=[ONE_C, TWO_C]) == (*CHAIN, ROOT_C)
    refused([LEAF_C, expired, ONE_C], [ROOT_C], "valid from", intermediates=[ONE_C, expired])
    # What the chain has is preferred.
    assert found([LEAF_C, TWO_C], [ROOT_C], intermediates=[issue(TWO, ONE, serial=2), ONE_C]) == (*CHAIN, ROOT_C)


def test_intermediates_in_a_circle():
    circle = [issue(ONE, TWO), issue(TWO, ONE)]
    refused([LEAF_C], [ROOT_C], "no path", intermediates=circle)


def test_an_endless_choice_is_cut_short():
    many = [issue(TWO, TWO, serial=serial) for serial in range(12)]
    refused([LEAF_C], [ROOT_C], "too many certificates", intermediates=many)


def test_a_path_that_is_too_long():
    keys = [ROOT, *(ec.generate_private_key(ec.SECP256R1()) for _ in range(MAX_PATH))]
    names = [name((CN, f"Level {level}")) for level in range(MAX_PATH + 1)]
    levels = [
        issue(keys[level], keys[level - 1], subject=names[level], issuer=names[level - 1])
        for level in range(1, MAX_PATH + 1)
    ]
    anchor = issue(ROOT, ROOT, subject=names[0], issuer=names[0])
    fits, lower = leaf(keys[-2], issuer=names[-2]), leaf(keys[-1], issuer=names[-1])
    assert len(found([fits], [anchor], intermediates=levels[:-1])) == MAX_PATH + 1
    refused([lower], [anchor], "no path", intermediates=levels)


def test_as_many_signatures_as_may_be():
    def impostors(count: int) -> list[Certificate]:
        subject = NAMES[id(ROOT)]
        return [issue(STRANGER, STRANGER, subject=subject, issuer=subject, serial=serial) for serial in range(count)]

    direct = leaf(ROOT)
    assert found([direct], [*impostors(MAX_SIGNATURES - 1), ROOT_C])[-1] == ROOT_C
    refused([direct], [*impostors(MAX_SIGNATURES), ROOT_C], "too many certificates")
    # anchors of other names cost nothing
    assert found([direct], [*[TWO_C] * 100, ROOT_C])[-1] == ROOT_C


def test_a_revoked_certificate_counts_for_more_than_a_path_that_leads_nowhere():
    def revoked(path, _now):
        raise AttestationRefused(Code.ATTESTATION_CERTIFICATE, "attestation-trust", detail=f"{len(path)}")

    expired = issue(ROOT, ROOT, end=datetime(2021, 1, 1, tzinfo=UTC))
    impostors = [issue(STRANGER, STRANGER, subject=NAMES[id(ROOT)], issuer=NAMES[id(ROOT)])] * MAX_SIGNATURES
    for others in ([], [expired], [issue(ROOT, ROOT, [basic(True), ("2.5.29.30", False, seq())])], impostors):
        for anchors in ([ROOT_C, *others], [*others[:2], ROOT_C]):
            with pytest.raises(AttestationRefused) as caught:
                found([leaf(ROOT)], anchors, revocation=revoked)
            assert (caught.value.code, caught.value.detail) == (Code.ATTESTATION_CERTIFICATE, "2")


def test_issued_by_needs_the_name_and_the_signature():
    assert is_issued_by(leaf(ROOT), ROOT_C)
    assert not is_issued_by(leaf(ROOT, issuer=name((CN, "Other"))), ROOT_C)
    assert not is_issued_by(leaf(STRANGER, issuer=NAMES[id(ROOT)]), ROOT_C)


def test_a_self_issued_intermediate_needs_its_constraints():
    subject = NAMES[id(ROOT)]
    child = leaf(SPARE, issuer=subject)
    assert found([child, issue(SPARE, ROOT, subject=subject, issuer=subject)], [ROOT_C])
    rolled = issue(SPARE, ROOT, [], subject=subject, issuer=subject)
    refused([child, rolled], [ROOT_C], "certificate 1 of the path is no certificate authority")


def test_order_and_strangers():
    refused([LEAF_C, ONE_C, TWO_C], [ROOT_C], "not a chain")
    refused([*CHAIN, issue(STRANGER, STRANGER)], [ROOT_C], "not a chain")
    refused([leaf(ROOT), ONE_C], [ROOT_C], "not a chain")
    refused([*CHAIN, ONE_C], [ROOT_C], "not a chain")


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("moment", ["start", "end"])
def test_every_certificate_must_be_valid_at_the_time(position, moment):
    second = timedelta(seconds=1)
    for delta, good in ((0 * second, True), (second, False)):
        dates = {"start": NOW + delta} if moment == "start" else {"end": NOW - delta}
        parts: list[dict[str, Any]] = [{}, {}, {}, {}]
        parts[position] = dates
        chain = [leaf(**parts[0]), issue(TWO, ONE, **parts[1]), issue(ONE, ROOT, **parts[2])]
        anchor = issue(ROOT, ROOT, **parts[3])
        if good:
            assert len(found(chain, [anchor])) == 4
        else:
            refused(chain, [anchor], f"certificate {position} of the path is valid from")


@pytest.mark.parametrize("position", [0, 1, 2])
def test_every_signature_must_verify(position):
    wrong = sign(STRANGER, b"something else")
    chain = [
        leaf(signature=wrong if position == 0 else None),
        issue(TWO, ONE, signature=wrong if position == 1 else None),
        issue(ONE, ROOT, signature=wrong if position == 2 else None),
    ]
    refused(chain, [ROOT_C], "no path" if position == 2 else "not a chain")


def test_the_algorithm_outside_must_be_the_one_inside():
    odd = leaf(ROOT, inner_algorithm=algorithm(ROOT, "sha384"))
    refused([odd], [ROOT_C], "no path")


def test_a_broken_issuer_name():
    refused([leaf(ROOT, issuer=name((CN, "Other")))], [ROOT_C], "no path")
    refused([leaf(issuer=name((CN, "Other"))), TWO_C, ONE_C], [ROOT_C], "not a chain")


@pytest.mark.parametrize(
    ("extensions", "detail"),
    [
        ([basic(False), usage(5)], "no certificate authority"),
        ([usage(5)], "no certificate authority"),
        ([], "no certificate authority"),
        ([basic(True), usage(0, 6)], "not for signing certificates"),
        ([basic(True), (USAGE, True, tlv(0x03, b"\0\0"))], "not for signing certificates"),
        ([basic(True), ("1.2.3", True, b"")], "unknown critical extension 1.2.3"),
        ([basic(True), ("2.5.29.36", True, seq())], "unknown critical extension 2.5.29.36"),
        ([(BASIC, True, b"")], "the bytes end"),
        ([basic(True), (USAGE, True, number(1))], "tag 0x02"),
    ],
)
def test_intermediates_that_may_not_issue(extensions, detail):
    refused([leaf(), issue(TWO, ROOT, extensions)], [ROOT_C], detail)
    refused([leaf()], [ROOT_C], detail, intermediates=[issue(TWO, ROOT, extensions)])


@pytest.mark.parametrize(
    "extensions",
    [
        [basic(True)],
        [basic(True), usage(5)],
        [basic(True), ("1.2.3", False, b"")],
        [basic(True), ("2.5.29.32", True, seq())],
        [basic(True), (SAN, True, seq())],
    ],
)
def test_intermediates_that_may(extensions):
    assert len(found([leaf(), issue(TWO, ROOT, extensions)], [ROOT_C])) == 3


def test_a_version_1_intermediate():
    refused([leaf(), issue(TWO, ROOT, [], version=1)], [ROOT_C], "no certificate authority")


@pytest.mark.parametrize(
    ("extensions", "parts", "good"),
    [
        ([], {"version": 1}, True),
        ([], {}, True),
        ([("1.2.3", True, b"")], {}, True),
        ([], {"issuer": NAMES[id(ONE)]}, False),
        ([basic(False)], {}, False),
        ([basic(True), usage(6)], {}, False),
        ([basic(True, 0)], {}, False),
        ([basic(True, 1)], {}, True),
    ],
)
def test_anchors_as_issuers(extensions, parts, good):
    chain, anchor = [leaf(), issue(TWO, ROOT)], issue(ROOT, ROOT, extensions, **parts)
    if good:
        assert found(chain, [anchor])[-1] == anchor
    else:
        refused(chain, [anchor], "certificate 2 of the path" if "issuer" not in parts else "authority")


def test_a_leaf_anchor_issues_nothing():
    child = issue(STRANGER, LEAF, [basic(False)])
    refused([child], [LEAF_C], "no certificate authority")
    refused([child, LEAF_C], [LEAF_C], "no certificate authority")


def test_path_lengths():
    def chain(one: int | None, two: int | None) -> list[Certificate]:
        return [leaf(), issue(TWO, ONE, [basic(True, two)]), issue(ONE, ROOT, [basic(True, one)])]

    assert found(chain(1, 0), [ROOT_C])
    assert found(chain(None, 0), [ROOT_C])
    refused(chain(0, None), [ROOT_C], "certificate 2 of the path allows no more than 0")
    # self-issued certificates do not count
    rolled = [leaf(), issue(TWO, SPARE, [basic(True)], issuer=NAMES[id(TWO)])]
    over = issue(SPARE, ROOT, [basic(True, 0)], subject=NAMES[id(TWO)])
    assert found([*rolled, over], [ROOT_C])


def test_every_intermediate_below_counts():
    def chain(allowed: int) -> list[Certificate]:
        above = issue(SPARE, ROOT, [basic(True, allowed)])
        return [leaf(), TWO_C, issue(ONE, SPARE), above]

    assert found(chain(2), [ROOT_C])
    refused(chain(1), [ROOT_C], "certificate 3 of the path allows no more than 1")


@pytest.mark.parametrize(("bits", "fine"), [((0,), True), ((1,), True), ((0, 5), True), ((2,), False), ((5, 6), False)])
def test_what_the_attestation_key_is_for(bits, fine):
    """RFC 5280 section 4.2.1.3: where Key Usage stands, it restricts."""
    odd = leaf(ROOT, [basic(False), usage(*bits)])
    for anchor in (ROOT_C, odd):
        if fine:
            assert found([odd], [anchor])
        else:
            refused([odd], [anchor], "not for signing")
    broken = leaf(ROOT, [basic(False), (USAGE, True, number(1))])
    refused([broken], [ROOT_C], "tag 0x02")


@pytest.mark.parametrize("identifier", ["1.2.3", "2.5.29.30"])
def test_a_leaf_with_an_unknown_critical_extension(identifier):
    odd = leaf(ROOT, [basic(False), (identifier, True, b"")])
    refused([odd], [ROOT_C], "certificate 0 of the path has the unknown critical extension")
    refused([odd], [odd], "certificate 0 of the path has the unknown critical extension")
    assert found([leaf(ROOT, [(identifier, False, b"")])], [ROOT_C])


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP521R1()),
    ],
)
def test_roots_of_every_kind(key):
    subject = name((CN, "Any"))
    anchor = issue(key, key, subject=subject, issuer=subject)
    assert found([leaf(key, issuer=subject)], [anchor])
    refused(
        [leaf(key, issuer=subject, digest="sha1")] if isinstance(key, rsa.RSAPrivateKey) else [leaf()],
        [anchor],
        "no path",
    )


def test_pss_signed_leaves():
    key = rsa.generate_private_key(65537, 2048)
    subject = name((CN, "Any"))
    anchor = issue(key, key, subject=subject, issuer=subject)
    assert found([leaf(key, issuer=subject, pss=True)], [anchor])


def test_a_key_of_another_size_than_accepted():
    weak = rsa.generate_private_key(65537, 1024)
    subject = name((CN, "Weak"))
    anchor = issue(weak, weak, subject=subject, issuer=subject)
    refused([leaf(weak, issuer=subject)], [anchor], "no path")
    assert spki(weak) == anchor.spki
