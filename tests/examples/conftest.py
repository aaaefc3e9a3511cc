"""The passwordless application of `examples/flask_htmx`, and people who use it."""

from __future__ import annotations

import itertools
from ipaddress import ip_address
from types import SimpleNamespace

import pytest

from example_apps import package
from examples.htmx_person import Person
from examples.mailbox import mailbox
from services.redis import redis, url

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The application of `examples/flask_htmx`, with a Redis and a mailbox of its own."""
    database = f"sqlite:///{tmp_path_factory.mktemp('passwordless') / 'site.db'}"
    with redis() as server, mailbox() as mails, package("flask_htmx", "passwordless") as module:
        settings = {
            "SECRET_KEY": "of the tests",
            "SQLALCHEMY_DATABASE_URI": database,
            "REDIS_URL": url(server),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": mails.port,
            "MAIL_STARTTLS": "false",
        }
        app = module.create_app(**settings)
        module.migrate(app)
        yield SimpleNamespace(
            app=app,
            mails=mails,
            redis=app.extensions["redis"],
            module=module,
            wait_for_mails=lambda: module.post.sender.submit(int).result(30),
        )
        with app.app_context():
            module.db.engine.dispose()
        app.extensions["redis"].close()


@pytest.fixture
def person(site):
    """Makes people; at the end no mail is left that no test expected."""
    people = []

    def person(name=None, address=None):
        number = next(NUMBERS)
        people.append(Person(site, name or f"person{number}", address or str(ip_address("10.0.0.0") + number)))
        return people[-1]

    yield person
    for each in people:
        each.http.close()
    site.wait_for_mails()
    assert site.mails.is_empty(), "a mail that no test expected"
