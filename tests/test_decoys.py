"""Decoys: stable, keyed, plausible, as much work for somebody as for nobody."""

import hmac as standard_hmac
from collections import Counter
from dataclasses import replace

import pytest

from honest import USER, record
from unlatch import AsyncPasskeys, Code, Misconfigured, Passkeys, Refused, RelyingParty
from unlatch import decoys as module
from unlatch.decoys import COMMON_LOOKS, Decoys, Look, looks_of
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials, MemoryCeremonies, MemoryCredentials
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

SECRET = bytes(range(32))
DECOYS = Decoys(SECRET)
RP = RelyingParty(id="example.org")


def decoys_for(name, decoys=DECOYS, rp_id="example.org"):
    return decoys.fill(rp_id, decoys.user_handle(name), [])


def test_they_are_the_same_tomorrow():
    assert decoys_for("ada") == decoys_for("ada", Decoys(SECRET))
    assert DECOYS.user_handle("ada") == Decoys(SECRET).user_handle("ada")


def test_they_are_others_for_another_name_site_or_secret():
    seen = [decoys_for("ada"), decoys_for("bob"), decoys_for("ada", rp_id="example.com")]
    seen.append(decoys_for("ada", Decoys(b"x" * 32)))
    ids = [item.id for records in seen for item in records]
    assert len(set(ids)) == len(ids)
    assert len({DECOYS.user_handle(name) for name in ("ada", "bob", "", "\ud800")}) == 4
    assert len(DECOYS.user_handle("ada")) == 32


def test_they_look_like_those_of_real_users():
    counts, looks = Counter(), Counter()
    for number in range(2000):
        records = decoys_for(f"user {number}")
        counts[len(records)] += 1
        looks.update((len(item.id), item.transports) for item in records)
    assert set(counts) == {1, 2, 3}
    assert 0.65 < counts[1] / 2000 < 0.75
    assert set(looks) == {(look.id_length, look.transports) for look in COMMON_LOOKS}
    total, weights = sum(looks.values()), sum(look.weight for look in COMMON_LOOKS)
    for look in COMMON_LOOKS:
        expected = look.weight / weights
        assert abs(looks[look.id_length, look.transports] / total - expected) < 0.04


def test_nothing_can_be_verified_with_them():
    for decoy in decoys_for("ada"):
        assert decoy.public_key == b""
        assert decoy.user_handle == DECOYS.user_handle("ada")


def test_who_has_credentials_gets_them():
    assert DECOYS.fill("example.org", USER.id, iter([record()])) == [record()]
    assert DECOYS.fill("example.org", USER.id, []) == DECOYS.fill("example.org", USER.id, [])


def test_as_much_work_for_somebody_as_for_nobody(monkeypatch):
    calls = []

    def counting(key, message, algorithm):
        calls.append(len(message))
        return standard_hmac.digest(key, message, algorithm)

    monkeypatch.setattr(module, "digest", counting)
    work = set()
    for name in ("ada", "bob", "eve", "mallory", "trent"):
        for records in ([], [record()], [record(), replace(record(), id=b"2")]):
            calls.clear()
            handle = b"a handle of 32 bytes, or so, yes" if records else DECOYS.user_handle(name)
            calls.clear()
            DECOYS.fill("example.org", handle, records)
            work.add(tuple(calls))
    assert len(work) == 1


def test_the_secret_is_not_shown():
    assert repr(SECRET) not in repr(DECOYS)
    assert "secret" not in repr(DECOYS)


@pytest.mark.parametrize(
    "arguments",
    [
        (b"short",),
        ("x" * 32,),
        (SECRET, ()),
        (SECRET, (Look(20, (), 0),)),
        (SECRET, (Look(0, ()),)),
        (SECRET, (Look(1024, ()),)),
    ],
)
def test_decoys_that_would_hide_nothing(arguments):
    with pytest.raises(Misconfigured):
        Decoys(*arguments)


def test_looks_of_your_own_users():
    records = [replace(record(), id=bytes([n]) * 20, transports=("internal",)) for n in range(3)] + [record()]
    looks = looks_of(records)
    assert looks == (Look(20, ("internal",), 3), Look(25, (), 1))
    own = Decoys(SECRET, looks)
    assert {len(item.id) for n in range(50) for item in decoys_for(str(n), own)} == {20, 25}
    with pytest.raises(Misconfigured):
        looks_of([])


def test_long_ids():
    long = Decoys(SECRET, [Look(1023, ())])
    assert len(decoys_for("ada", long)[0].id) == 1023


def test_a_sign_in_of_nobody_fails_like_any_other():
    """An answer to decoys is refused as an unknown credential is."""
    browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator())
    passkeys = Passkeys(RP, credentials=MemoryCredentials(), ceremonies=MemoryCeremonies(), decoys=DECOYS)
    begun = passkeys.begin_registration(USER)
    passkeys.finish_registration(begun.id, browser.create(begun.options.to_json()))
    nobody = passkeys.begin_authentication(DECOYS.user_handle("nobody"))
    assert [item.id for item in nobody.options.allow_credentials] == [item.id for item in decoys_for("nobody")]
    somebody = passkeys.begin_authentication(USER)
    assert nobody.options.to_json().keys() == somebody.options.to_json().keys()
    answer = browser.get({**somebody.options.to_json(), "challenge": nobody.options.to_json()["challenge"]})
    codes = []
    forged = {**answer, **dict.fromkeys(("id", "rawId"), "AQ")}
    for begun_id, body in ((nobody.id, forged), (somebody.id, forged)):
        with pytest.raises(Refused) as caught:
            passkeys.finish_authentication(begun_id, body)
        codes.append(caught.value.code)
    assert codes == [Code.CREDENTIAL_NOT_ALLOWED] * 2


async def test_awaited():
    passkeys = AsyncPasskeys(
        RP, credentials=AsyncMemoryCredentials(), ceremonies=AsyncMemoryCeremonies(), decoys=DECOYS
    )
    begun = await passkeys.begin_authentication(DECOYS.user_handle("nobody"))
    assert len(begun.options.allow_credentials) == len(decoys_for("nobody"))
    assert (await passkeys.begin_authentication()).options.allow_credentials == ()
