"""The example on `http.server`, used by a person with a real browser (WA-12)."""

import sys
import threading
from types import SimpleNamespace

from browser.small_pages import whole_life
from example_apps import EXAMPLES, load

SENTENCES = {
    "unknown": "The server said 401.",
    "taken": "The server said 401.",
    "last": "The server said 401.",
    "registered": "Your account is ready.",
    "signed_in": "You are signed in.",
    "signed_out": "You are signed out.",
    "added": "The passkey was added.",
    "removed": "Passkey 1 was removed.",
}


def asks(request):
    return request.url.partition("?")[0].endswith(("/register/start", "/authenticate/start"))


def test_wa_12_a_whole_life(chromium, monkeypatch, picture):
    monkeypatch.syspath_prepend(str(EXAMPLES / "http_server"))
    with load("http_server").make_server(["--bind", "localhost:0", "--notls"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        site = SimpleNamespace(url=server.origin)
        whole_life(chromium, site, asks=asks, sentences=SENTENCES, screenshot=picture("http_server"))
        server.shutdown()
        thread.join()
    sys.modules.pop("certificate", None)
