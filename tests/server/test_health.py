"""/health on the server that everybody uses; what happens when parts of it go is in tests/ops."""

import httpx


def test_a_server_with_sqlite_is_live_and_ready(server):
    # No page, whoever asks.
    with httpx.Client(base_url=server.url, headers={"accept": "text/html"}, verify=False) as client:
        for name in ("live", "ready"):
            answer = client.get(f"/health/{name}")
            assert answer.status_code == 200
            assert answer.json() == {"status": name}
            assert answer.headers["cache-control"] == "no-store"
