"""Commands to Redis on connections that threads keep: opened again when they broke, never with a reply too many."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import ResponseError

from services import redis as service
from unlatch.server.redis_client import ThreadConnections, open_redis
from unlatch.server.settings import Settings

pytestmark = pytest.mark.needs("redis")


@pytest.fixture(scope="module")
def server():
    with service.redis() as server:
        yield server


@pytest.fixture
def client(server, tmp_path):
    with open_redis(Settings(data=tmp_path, redis=service.url(server))) as client:
        client.flushall()
        yield client


def test_each_thread_keeps_one_connection(client):
    own = ThreadConnections(client)
    numbers = {own.execute_command("CLIENT", "ID") for _ in range(3)}
    with ThreadPoolExecutor(1) as other:
        numbers |= {other.submit(own.execute_command, "CLIENT", "ID").result() for _ in range(3)}
    assert len(numbers) == 2


def test_a_connection_that_broke_is_opened_again_and_an_error_is_the_answer_to_its_own_command(client):
    own = ThreadConnections(client)
    first = own.execute_command("CLIENT", "ID")
    client.client_kill_filter(_id=first)
    assert own.execute_command("SET", "a", "1") == b"OK"
    assert own.execute_command("CLIENT", "ID") != first
    with pytest.raises(ResponseError):
        own.execute_command("LPUSH", "a", "1")
    assert own.execute_command("GETDEL", "a") == b"1"
    assert own.execute_command("GETDEL", "a") is None
