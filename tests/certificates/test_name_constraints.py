"""Name Constraints: what an authority may issue for, and what nobody here compares."""

from __future__ import annotations

import pytest

from certificates.test_paths import LEAF, NAMES, ONE, ROOT, ROOT_C, SPARE, TWO, found, issue, refused
from certificates.writing import CN, OU, SAN, Extension, O, basic, boolean, name, number, seq, tlv, usage
from unlatch.crypto.name_constraints import violation
from unlatch.errors import Malformed

MAKER = name((O, "Maker"))
MODEL = name((O, "Maker"), (OU, "Authenticator Attestation"), (CN, "Model"))
OTHERS = name((O, "Others"), (CN, "Model"))
MAIL = "1.2.840.113549.1.9.1"
PERMITTED, EXCLUDED = 0xA0, 0xA1
NO = "a name that certificate 1 may not issue"


def directory(encoded: bytes) -> bytes:
    return tlv(0xA4, encoded)


def dns(host: str) -> bytes:
    return tlv(0x82, host.encode())


def constraints(*subtrees: tuple[int, bytes], critical: bool = True) -> Extension:
    lists = [
        tlv(tag, *(seq(base) for of, base in subtrees if of == tag))
        for tag in (PERMITTED, EXCLUDED)
        if any(of == tag for of, _ in subtrees)
    ]
    return "2.5.29.30", critical, seq(*lists)


def alternative(*names: bytes) -> Extension:
    return SAN, True, seq(*names)


def chain(constrained: Extension, subject: bytes = MODEL, *extensions: Extension):
    one = issue(ONE, ROOT, [basic(True), usage(5), constrained])
    return [issue(LEAF, ONE, [basic(False), *extensions], subject=subject), one]


ONLY_MAKER = constraints((PERMITTED, directory(MAKER)))


@pytest.mark.parametrize("critical", [True, False])
def test_permitted(critical):
    only_maker = constraints((PERMITTED, directory(MAKER)), critical=critical)
    assert found(chain(only_maker), [ROOT_C])
    assert found(chain(only_maker, MAKER), [ROOT_C])
    refused(chain(only_maker, OTHERS), [ROOT_C], NO)
    refused(chain(only_maker, name((CN, "Maker"))), [ROOT_C], NO)
    refused(chain(only_maker, name((CN, "Model"), (O, "Maker"))), [ROOT_C], NO)
    two = constraints((PERMITTED, directory(MAKER)), (PERMITTED, directory(name((O, "Others")))), critical=critical)
    assert found(chain(two, OTHERS), [ROOT_C])


def test_names_are_compared_as_names():
    assert found(chain(ONLY_MAKER, name((O, " maKER"), (CN, "M"), string=0x13)), [ROOT_C])
    assert found(chain(constraints((PERMITTED, directory(seq()))), OTHERS), [ROOT_C])


def test_excluded():
    not_maker = constraints((EXCLUDED, directory(MAKER)))
    assert found(chain(not_maker, OTHERS), [ROOT_C])
    refused(chain(not_maker), [ROOT_C], NO)
    partly = constraints((PERMITTED, directory(MAKER)), (EXCLUDED, directory(MODEL)))
    assert found(chain(partly, MAKER), [ROOT_C])
    refused(chain(partly), [ROOT_C], NO)


def test_names_beside_the_subject():
    empty = name()
    assert found(chain(ONLY_MAKER, empty, alternative(directory(MODEL))), [ROOT_C])
    refused(chain(ONLY_MAKER, empty, alternative(directory(OTHERS))), [ROOT_C], NO)
    refused(chain(ONLY_MAKER, MODEL, alternative(directory(OTHERS))), [ROOT_C], NO)
    assert found(chain(ONLY_MAKER, empty), [ROOT_C])


@pytest.mark.parametrize("kind", [PERMITTED, EXCLUDED])
def test_kinds_of_names_that_are_not_compared(kind):
    hosts = constraints((kind, dns("example.org")))
    assert found(chain(hosts, MODEL, alternative(directory(OTHERS))), [ROOT_C])
    refused(chain(hosts, MODEL, alternative(dns("www.example.org"))), [ROOT_C], NO)
    mail = constraints((kind, tlv(0x81, b"example.org")))
    assert found(chain(mail), [ROOT_C])
    refused(chain(mail, name((O, "Maker"), (MAIL, "a@example.org"))), [ROOT_C], NO)


def test_authorities_in_between_and_above():
    constrained = issue(ONE, ROOT, [basic(True), usage(5), ONLY_MAKER])
    within, outside = (issue(TWO, ONE, subject=subject) for subject in (MAKER, NAMES[id(TWO)]))
    assert found([issue(LEAF, TWO, [], subject=MODEL, issuer=MAKER), within, constrained], [ROOT_C])
    refused([issue(LEAF, TWO, [], subject=MODEL), outside, constrained], [ROOT_C], "a name that certificate 2 may not")
    # an authority that rolls its key over keeps its name
    rolled = issue(TWO, ONE, subject=NAMES[id(ONE)])
    assert found([issue(LEAF, TWO, [], subject=MODEL, issuer=NAMES[id(ONE)]), rolled, constrained], [ROOT_C])
    # a leaf is judged whoever issued it
    own = issue(LEAF, ONE, [], subject=NAMES[id(ONE)])
    refused([own, constrained], [ROOT_C], NO)
    anchor = issue(SPARE, SPARE, [basic(True), ONLY_MAKER])
    assert found([issue(LEAF, SPARE, [], subject=MODEL)], [anchor])
    refused([issue(LEAF, SPARE, [], subject=OTHERS)], [anchor], NO)


def test_what_stands_above_a_key_that_was_rolled_over():
    constrained = issue(ONE, ROOT, [basic(True), usage(5), ONLY_MAKER])
    outside = issue(SPARE, ONE, subject=NAMES[id(TWO)])
    rolled = issue(TWO, SPARE, issuer=NAMES[id(TWO)])
    refused([issue(LEAF, TWO, [], subject=MODEL), rolled, outside, constrained], [ROOT_C], "certificate 3 may not")


def test_two_authorities_constrain_both():
    above = issue(SPARE, ROOT, [basic(True), constraints((EXCLUDED, directory(MODEL)))])
    one = issue(ONE, SPARE, [basic(True), constraints((PERMITTED, directory(MAKER)))], subject=MAKER)
    parts = {"issuer": MAKER}
    assert found([issue(LEAF, ONE, [], subject=MAKER, **parts), one, above], [ROOT_C])
    refused([issue(LEAF, ONE, [], subject=MODEL, **parts), one, above], [ROOT_C], "certificate 2 may not issue")


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (seq(), "constrain nothing"),
        (b"", "the bytes end"),
        (seq(tlv(PERMITTED, seq(directory(MAKER), tlv(0x80, b"\1")))), "a minimum or maximum"),
        (seq(tlv(PERMITTED, seq(directory(MAKER))), number(1)), "a surplus element"),
        (seq(tlv(EXCLUDED, boolean(True))), "tag 0x01"),
        (seq(tlv(EXCLUDED, seq(directory(boolean(True))))), "a name that cannot be read"),
        (seq(tlv(PERMITTED, seq(directory(name((CN, "x" * 1100)))))), "too long"),
    ],
)
def test_constraints_that_cannot_be_read(value, detail):
    path = chain(("2.5.29.30", False, value))
    refused(path, [ROOT_C], detail)
    with pytest.raises(Malformed) as caught:
        violation(path)
    assert caught.value.path == ("" if "name that" in detail or "long" in detail else "x5c")


def test_names_that_cannot_be_read():
    long = name((O, "Maker"), (CN, "x" * 1100))
    refused(chain(ONLY_MAKER, long), [ROOT_C], "too long")
    odd = chain(ONLY_MAKER, seq(boolean(True)))
    refused(odd, [ROOT_C], "tag 0x01")
    with pytest.raises(Malformed) as caught:
        violation(odd)
    assert caught.value.path == "x5c"
    refused(chain(ONLY_MAKER, MODEL, (SAN, True, b"")), [ROOT_C], "the bytes end")
