"""What people see when something breaks inside: never more than that it broke."""

import asyncio
import json
import logging

import httpx
import pytest
from sqlalchemy import text

from unlatch.server import log
from unlatch.server.application import create_application
from unlatch.server.database import Database
from unlatch.server.edge import Edge
from unlatch.server.engines import open_database_file
from unlatch.server.migrate import upgrade
from unlatch.server.settings import CeremonyKeeping, Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path, ceremonies=CeremonyKeeping.DATABASE)


@pytest.fixture
def database(tmp_path):
    engine = open_database_file(tmp_path)
    upgrade(engine)
    database = Database(engine)
    yield database
    database.close()


@pytest.fixture
def lines(caplog):
    """What is logged, as it is written."""
    caplog.set_level(logging.INFO, "unlatch.http")
    return lambda: [json.loads(log.JsonLines().format(record)) for record in caplog.records]


def send(application, method, path, **options):
    async def run():
        transport = httpx.ASGITransport(application, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            return await client.request(method, path, **options)

    return asyncio.run(run())


def test_a_bug_is_a_problem_without_its_words(settings, database, lines, monkeypatch):
    application = create_application(settings, database)

    async def broken(work):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(database, "write", broken)
    answer = send(application, "POST", "/v1/authentication/options", json={})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["content-security-policy"]
    assert "secret" not in answer.text
    (line,) = [line for line in lines() if line["event"] == "internal_error"]
    assert line["instance"] == answer.json()["instance"]
    assert "a secret detail" in line["traceback"]
    assert line["where"] == "POST /v1/authentication/options"


def test_a_bug_behind_a_page_is_a_page(settings, database, monkeypatch):
    application = create_application(settings, database)

    async def broken(work):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(database, "read", broken)
    headers = {"accept": "text/html", "cookie": f"unlatch-session={'a' * 43}"}
    answer = send(application, "GET", "/account", headers=headers)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret" not in answer.text


def test_a_database_that_lost_its_tables_is_unavailable_and_nothing_of_it_is_told(settings, database, lines):
    application = create_application(settings, database)

    def drop(connection):
        connection.execute(text("DROP TABLE unlatch_ceremonies"))

    asyncio.run(database.write(drop))
    answer = send(application, "POST", "/v1/authentication/options", json={})
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "2"
    (line,) = [line for line in lines() if line["event"] == "unavailable"]
    assert "no such table" in line["detail"]
    # The statement is in the log, what was to be written is not.
    assert "challenge" not in json.dumps(line)


def at_the_edge(settings, receive):
    """The errors that the edge answers with, for a request whose body comes from `receive`."""
    errors = []

    async def application(scope, receive, send):
        raise AssertionError("must not be reached")

    async def answer(scope, error):
        async def say(scope, receive, send):
            errors.append(str(error.code))

        return say

    edge = Edge(application, settings=settings, answer=answer)
    scope = {"type": "http", "method": "POST", "path": "/v1/session/logout", "headers": []}
    asyncio.run(edge(scope, receive, None))
    return errors


def test_a_body_that_never_comes_is_given_up(settings, monkeypatch):
    monkeypatch.setattr("unlatch.server.edge.BODY_SECONDS", 0.05)

    async def receive():
        await asyncio.sleep(60)

    assert at_the_edge(settings, receive) == ["request_timeout"]


def test_a_body_that_never_ends_is_not_read_to_the_end(settings):
    pieces = 0

    async def receive():
        nonlocal pieces
        pieces += 1
        assert pieces < 100
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    assert at_the_edge(settings, receive) == ["malformed_too_large"]
    assert pieces == 65


def test_a_client_that_goes_away_is_no_error_of_ours(settings):
    messages = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}],
    )

    async def receive():
        return next(messages)

    assert at_the_edge(settings, receive) == ["malformed_request"]
