"""A sign-in that is judged outside of the transaction which decides it: nothing gets in between."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text

from ops.house import House
from unlatch.errors import CeremonyRefused, CredentialRefused, Malformed
from unlatch.server.codes import Rejected
from unlatch.server.engines import open_database
from unlatch.server.settings import Settings
from unlatch.server.signing_in import SignIn
from unlatch.testing.keys import KeyPair

KINDS = ["sqlite_url", pytest.param("postgresql_url", marks=pytest.mark.needs("postgresql"))]
COUNT = "sign_count = sign_count + "
KEEP_ASIDE = """INSERT INTO removed_passkeys (id_sha256, user_handle, record, removed_at)
                SELECT id_sha256, user_handle, :record, created_at FROM unlatch_credentials"""


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    house = House(Settings(data=tmp_path, database=request.getfixturevalue(request.param), seal_keys=(bytes(32),)))
    yield house
    house.database.close()
    house.engine.dispose()


@pytest.mark.needs("postgresql")
def test_a_stricter_default_of_the_database_refuses_no_sign_in_that_was_overtaken(tmp_path, postgresql_url):
    settings = Settings(data=tmp_path, database=postgresql_url, seal_keys=(bytes(32),))
    engine = open_database(settings)
    with engine.begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'"))
    engine.dispose()
    house = House(settings)
    first = house.left()[2]
    house.sign_in_while(f"UPDATE unlatch_credentials SET {COUNT} 7")
    assert house.left() == (1, 1, first + 7)
    house.database.close()
    house.engine.dispose()


def test_whatever_happens_to_the_record_between_judging_and_deciding(house):
    first = house.left()[2]
    # A name is nothing that was judged.
    house.sign_in_while("UPDATE unlatch_credentials SET name = 'Key'")
    assert house.left() == (1, 1, first + 1)
    # A later sign-in came first: both are right, and the higher counter stays.
    house.sign_in_while(f"UPDATE unlatch_credentials SET {COUNT} 7")
    assert house.left() == (2, 2, first + 8)
    # The counter that this sign-in has was used by somebody else: a copy of the passkey.
    house.rows(f"UPDATE unlatch_credentials SET sign_count = {first + 2}")
    with pytest.raises(CredentialRefused, match="copied"):
        house.sign_in_while(f"UPDATE unlatch_credentials SET {COUNT} 1")
    assert house.left() == (2, 3, first + 3)
    # Removed: it is told, because the sign-in was right, and the ceremony is used up.
    with pytest.raises(Rejected):
        house.sign_in_while(f"{KEEP_ASIDE}; DELETE FROM unlatch_credentials", record=house.made.record.to_json())
    assert house.left()[:2] == (2, 4)
    house.rows("DELETE FROM removed_passkeys")
    with pytest.raises(CredentialRefused):
        house.sign_in(house.answer())
    assert house.left()[:2] == (2, 5)


def test_an_id_that_was_registered_by_somebody_else_meanwhile_opens_nothing(house):
    """Removed by its owner, it may be registered anew, with whatever counter and flags, by whoever has a copy."""
    with pytest.raises(CredentialRefused):
        house.sign_in_while("UPDATE unlatch_credentials SET public_key = :key", key=KeyPair.generate(-7).encoded)
    assert house.left()[:2] == (0, 1)


def test_an_account_that_an_id_belongs_to_meanwhile_is_not_opened(house):
    eve = """INSERT INTO users (handle, username, username_key, display_name, created_at)
             SELECT :handle, 'eve', 'eve', 'Eve', created_at FROM users"""
    with pytest.raises(CredentialRefused):
        house.sign_in_while(f"{eve}; UPDATE unlatch_credentials SET user_handle = :handle", handle=bytes(64))
    assert house.left()[:2] == (0, 1)


def test_a_deleted_account_is_not_opened(house):
    with pytest.raises(CredentialRefused):
        house.sign_in_while("DELETE FROM unlatch_credentials; DELETE FROM users")
    assert house.left() == (0, 1, None)


def test_one_answer_at_once_counts_once_and_a_refused_one_is_used_up(house):
    answer = house.answer()

    async def all_at_once():
        sign_ins = [SignIn(house.site.desk(), **answer) for _ in range(24)]
        return await asyncio.gather(
            *(house.database.write(each.within, before=each.before) for each in sign_ins), return_exceptions=True
        )

    assert Counter(map(type, asyncio.run(all_at_once()))) == {tuple: 1, CeremonyRefused: 23}
    assert house.left()[:2] == (1, 1)
    for spoil, error in (({"binding": "another"}, CeremonyRefused), ({"credential": {}}, Malformed)):
        answer = house.answer()
        with pytest.raises(error):
            house.sign_in(answer | spoil)
        with pytest.raises(CeremonyRefused) as used:
            house.sign_in(answer)
        assert used.value.code == "ceremony_used"
    assert house.left()[:2] == (1, 3)


def test_a_new_session_replaces_the_one_that_the_browser_has(house):
    _, token = house.sign_in(house.answer())
    house.sign_in(house.answer() | {"former_token": token})
    assert house.left()[:2] == (1, 2)
