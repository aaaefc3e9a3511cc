"""The example on `http.server`, used by a person with a real browser (WA-12)."""

import re
import sys
import threading

from browser.conftest import PATIENCE, Authenticator
from example_apps import EXAMPLES, load


def test_wa_12_register_and_sign_in(chromium, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES / "http_server"))
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    Authenticator(session)
    with load("http_server").make_server(["--bind", "localhost:0", "--notls"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        page.goto(server.origin)
        page.get_by_label("Username").fill("ada")

        def press(name):
            page.get_by_role("button", name=name).click()
            status = page.get_by_role("status").filter(has_text=re.compile(r"\S"))
            status.wait_for()
            return status.inner_text()

        assert press("Sign in") == "The server said 401."
        assert [press(name) for name in ("Register", "Sign in", "Sign in")] == ["Success"] * 3
        context.close()
        server.shutdown()
        thread.join()
    sys.modules.pop("certificate", None)
