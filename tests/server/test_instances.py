"""Several servers share nothing but the database and Redis, and survive what happens to each of them."""

import httpx
import pytest

from live_server import Person
from server.instances import Load, Site, break_everything

pytestmark = [pytest.mark.needs("nginx"), pytest.mark.needs("postgresql"), pytest.mark.needs("redis")]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


def test_what_one_server_began_the_other_finishes(site):
    with Person(site) as person:
        first, second = (f"http://127.0.0.1:{instance.port}" for instance in site.instances)
        begun = person.post(f"{first}/v1/registration/options", {"username": "ada"})
        cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in begun.cookies.items())}
        body = {
            "ceremony_id": begun.json()["ceremony_id"],
            "credential": person.browser.create(begun.json()["options"]),
        }
        assert httpx.post(f"{second}/v1/registration/verify", json=body, headers=cookies).status_code == 201
        assert httpx.post(f"{first}/v1/registration/verify", json=body, headers=cookies).status_code == 410


def test_a_killed_server_and_restarted_services_lose_nothing_and_let_no_replay_in(site):
    load = Load(site, visitors=4)
    with load:
        break_everything(load, more=6)
    report = load.compare()
    assert report["broken"] == []
    # Else nothing was interrupted, and the test has shown nothing.
    assert report["unknown"] + sum(report["refusals"].values()) > len(load.visitors)
