"""The server keeps to its own description, whatever is sent."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from live_server import Person
from unlatch.testing import SoftwareAuthenticator


@pytest.fixture(scope="module")
def api(server):
    # Somebody who is signed in: the routes behind that door are tried as well.
    with Person(server, SoftwareAuthenticator()) as person:
        person.sign_up("schemathesis")
        cookies = dict(person.http.cookies)
    schema = schemathesis.openapi.from_url(f"{server.url}/v1/openapi.json")
    schema.config.headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return schema


OPERATIONS = [
    ("/v1/authentication/options", "POST"),
    ("/v1/authentication/verify", "POST"),
    ("/v1/passkeys", "GET"),
    ("/v1/passkeys/{passkey_id}", "PATCH"),
    ("/v1/passkeys/{passkey_id}", "DELETE"),
    ("/v1/registration/options", "POST"),
    ("/v1/registration/verify", "POST"),
    ("/v1/session", "GET"),
    ("/v1/session/logout", "POST"),
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_described_and_none_is_a_server_error(api, path, method):
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(case=api[path][method].as_strategy())
    def call(case):
        # What is described can still be refused: a ceremony that never was, a name that is no name.
        case.call_and_validate(excluded_checks=[schemathesis.checks.positive_data_acceptance])

    call()


def test_the_description_names_every_route(server):
    document = httpx.get(f"{server.url}/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert described == set(OPERATIONS)
    for path in document["paths"].values():
        for operation in path.values():
            assert "4XX" in operation["responses"]
            assert "422" not in operation["responses"]
            assert operation["summary"]


def test_no_server_error_was_logged(server):
    assert [event for event in server.events() if event["level"] == "error"] == []
