"""The metrics: what several processes counted, added up, and nothing that says who."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from live_server import PATIENCE, SOURCE, LiveServer, Person
from unlatch.errors import Misconfigured
from unlatch.server.metrics.listener import Address


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def scrape(port):
    """Name with labels -> value."""
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE, verify=False)
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def pids(values):
    return {int(pid) for name in values for pid in re.findall(r'resident_bytes\{pid="(\d+)"', name)}


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def test_two_workers_count_together_and_tell_nothing_of_anybody(tmp_path):
    port = free_port()
    with LiveServer(tmp_path / "data", "--workers", "2", "--metrics", str(port)) as server:
        with Person(server) as person:
            person.sign_up("somebody-particular")
            for _ in range(6):
                person.sign_out()
                # A connection each time, so that both workers get some.
                with Person(server, person.browser.authenticator) as again:
                    again.http.cookies = person.http.cookies
                    assert again.sign_in().status_code == 200
            person.sign_out()
            stale = person.begin_sign_in()
            person.post("/v1/authentication/verify", stale)
            person.post("/v1/authentication/verify", stale)
            person.http.get("/nothing/here/somebody-particular")
            person.http.request("BREW", "/v1/session")
        values = scrape(port)
        assert values['unlatch_ceremonies_begun_total{ceremony="registration"}'] == 1
        assert values['unlatch_ceremonies_finished_total{ceremony="registration"}'] == 1
        assert values['unlatch_ceremonies_begun_total{ceremony="authentication"}'] == 7
        assert values['unlatch_ceremonies_finished_total{ceremony="authentication"}'] == 7
        assert values['unlatch_ceremonies_refused_total{ceremony="authentication",code="ceremony_used"}'] == 1
        verify = 'route="/v1/authentication/verify"'
        assert values[f'unlatch_http_requests_total{{method="POST",{verify},status="200"}}'] == 7
        assert values[f'unlatch_http_requests_total{{method="POST",{verify},status="410"}}'] == 1
        assert values[f"unlatch_http_request_seconds_count{{{verify}}}"] == 8
        assert values['unlatch_http_requests_total{method="GET",route="none",status="404"}'] == 1
        assert not any("BREW" in name for name in values)
        assert "somebody" not in "".join(values)

        # A worker that dies takes its gauges with it, and none of its counts.
        before = wait_for(lambda: len(found := pids(scrape(port))) == 2 and found)
        os.kill(min(before), signal.SIGKILL)
        wait_for(lambda: len(found := pids(scrape(port))) == 2 and found != before)
        after = scrape(port)
        assert after['unlatch_ceremonies_finished_total{ceremony="authentication"}'] == 7
        assert all(after[f'unlatch_process_resident_bytes{{pid="{pid}"}}'] > 10_000_000 for pid in pids(after))
        assert after["unlatch_database_connections_open"] >= after["unlatch_database_connections_in_use"]

        # On the site itself there is nothing.
        assert httpx.get(f"{server.url}/metrics", verify=False).status_code == 404


def test_without_the_option_nothing_listens_and_nothing_is_loaded(tmp_path):
    program = "import sys; from unlatch.server.application import create_application; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(SOURCE)}, capture_output=True, text=True
    )
    assert "unlatch.server.metrics" in loaded.stdout
    assert "prometheus_client" not in loaded.stdout


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("9464", "127.0.0.1", 9464), ("10.0.0.7:80", "10.0.0.7", 80), ("[::1]:9464", "::1", 9464), (":1", "127.0.0.1", 1)],
)
def test_where_it_may_listen(text, host, port):
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize("text", ["", "x", "localhost", "0", "65536", "127.0.0.1:", "127.0.0.1:-1", "1:2:999999", "²"])
def test_what_is_no_address(text):
    with pytest.raises(Misconfigured, match="--metrics is a port"):
        Address.parse(text)


def test_a_port_that_is_taken_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "unlatch.cli", "serve", "--port", "0", "--data", tmp_path, "--metrics", str(port)],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert result.returncode == 2
    assert result.stderr == (
        f"unlatch: Metrics cannot listen on '127.0.0.1', port {port} (Address already in use). Name another address "
        "with --metrics.\n"
    )
