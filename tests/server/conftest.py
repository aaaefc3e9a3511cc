"""One real server for most tests of this folder, and people to use it."""

import itertools

import pytest

from live_server import LiveServer, Person
from unlatch.testing import SoftwareAuthenticator


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with LiveServer(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture
def people(server):
    """Makes people, each with a browser and an authenticator."""
    made = []

    def make(**settings):
        made.append(Person(server, SoftwareAuthenticator(**settings)))
        return made[-1]

    yield make
    for person in made:
        person.http.close()


@pytest.fixture
def person(people):
    return people()


_NUMBERS = itertools.count(1)


@pytest.fixture
def name():
    """A username that nobody has."""
    return f"person{next(_NUMBERS)}"
