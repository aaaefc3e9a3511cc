"""Removing a passkey while others sign in, remove and write: it is done at once, and then it is done."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from ops.house import House
from unlatch.adapters.http.passkey import passkey_id
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.managing import list_passkeys, rename_passkey
from unlatch.server.registering import finish_adding
from unlatch.server.sessions import close_session
from unlatch.server.settings import Settings
from unlatch.server.signing_in import SignIn

THIEVES = 4
ROUNDS = 5


@pytest.fixture
def house(database_url, tmp_path):
    house = House(Settings(data=tmp_path, database=database_url, seal_keys=(bytes(32),)))
    yield house
    house.database.close()
    house.engine.dispose()


def test_a_passkey_that_somebody_signs_in_with_all_the_time_is_removed_at_the_first_try(house):
    owner = house.session()

    async def remove(stolen, passkey):
        succeeded = asyncio.Semaphore(0)
        removed = asyncio.Event()

        async def thief():
            while True:
                too_late = removed.is_set()
                sign_in = SignIn(house.site.desk(), **house.answer(stolen))
                try:
                    await house.database.write(sign_in.within, before=sign_in.before)
                except Rejected as refused:
                    return refused.code
                if too_late:
                    return None
                succeeded.release()

        thieves = [asyncio.ensure_future(thief()) for _ in range(THIEVES)]
        for _ in range(2 * THIEVES):
            await succeeded.acquire()
        await house.database.write(house.removing(owner, passkey))
        removed.set()
        assert await asyncio.gather(*thieves) == [ServerCode.PASSKEY_REMOVED] * THIEVES

    for _ in range(ROUNDS):
        asyncio.run(remove(*house.add(owner)))
        assert house.rows("SELECT token_hash FROM sessions") == [(owner.token_hash,)]


def test_three_removals_at_once_leave_one_passkey(house):
    owner = house.session()
    for _ in range(ROUNDS):
        for _ in range(2):
            house.add(owner)
        passkeys = [passkey_id(record.id) for record in house.write(partial(list_passkeys, session=owner))]

        async def all_at_once(units):
            return await asyncio.gather(*map(house.database.write, units), return_exceptions=True)

        done = asyncio.run(all_at_once([house.removing(owner, each) for each in passkeys]))
        (refused,) = [each for each in done if isinstance(each, Exception)]
        assert isinstance(refused, Rejected)
        assert refused.code == ServerCode.LAST_PASSKEY
        assert house.rows("SELECT count(*) FROM unlatch_credentials") == [(1,)]


@pytest.mark.parametrize("deed", ["add", "rename", "remove"])
def test_a_session_that_ends_while_its_request_waits_changes_nothing(house, deed):
    owner, thief = house.session(), house.session()
    _, other = house.add(owner)
    unit = {
        "add": partial(finish_adding, house.site.desk(), session=thief, **house.begin_adding(thief)[1]),
        "rename": partial(rename_passkey, session=thief, passkey_id=other, name="Mine"),
        "remove": house.removing(thief, other),
    }[deed]
    before = house.rows("SELECT id_sha256, name FROM unlatch_credentials ORDER BY number")
    end = "DELETE FROM sessions WHERE token_hash = :token"
    if house.engine.dialect.name == "sqlite":  # one writes, and the others have not begun
        house.rows(end, token=thief.token_hash)
        do = partial(house.write, unit)
    else:
        do = partial(house.while_somebody, end, partial(house.write, unit), token=thief.token_hash)
    with pytest.raises(Rejected) as refused:
        do()
    assert refused.value.code == ServerCode.NOT_SIGNED_IN
    assert house.rows("SELECT id_sha256, name FROM unlatch_credentials ORDER BY number") == before
    assert house.rows("SELECT count(*) FROM removed_passkeys") == [(0,)]


def test_a_session_is_not_ended_before_what_it_writes_is_done(house):
    _, token = house.sign_in(house.answer())
    session = house.session_of(token)
    _, answer = house.begin_adding(session)
    with ThreadPoolExecutor(1) as pool:
        with house.engine.begin() as connection:
            finish_adding(house.site.desk(), connection, session, **answer)
            ended = pool.submit(house.write, partial(close_session, token=token))
            if house.engine.dialect.name != "sqlite":  # where whoever writes waits for everybody else
                house.wait_for_a_lock()
        ended.result()
    assert house.rows("SELECT count(*) FROM unlatch_credentials") == [(2,)]
    assert house.rows("SELECT count(*) FROM sessions") == [(0,)]
