"""The doors with a page in front: what people do, in a real browser with virtual authenticators."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest

from browser.conftest import PATIENCE, Tab
from browser.doors import DOORS

#: For what the module does: it is the same behind every door.
ONE_DOOR = pytest.mark.parametrize("site", ["flask"], indirect=True)
SIMPLEWEBAUTHN = "tests/interop/node/node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js"


@pytest.fixture(scope="module", params=sorted(DOORS))
def site(request, tmp_path_factory):
    with DOORS[request.param](tmp_path_factory.mktemp(request.param)) as url:
        yield SimpleNamespace(url=url, name=request.param)


@pytest.fixture
def open_door(chromium, site):
    """Opens tabs on the site; at the end looks whether a page complained."""
    opened = []

    def open_door(*scripts):
        context = chromium.new_context(locale="en-GB", viewport={"width": 420, "height": 640})
        context.set_default_timeout(PATIENCE)
        tab = Tab(context.new_page(), site)
        opened.append((context, tab))
        for script in scripts:
            tab.page.add_init_script(script)
        tab.authenticator.touch(False)
        tab.go("/")
        return tab

    yield open_door
    complaints = [problem for _, tab in opened for problem in tab.problems]
    for context, _ in opened:
        context.close()
    assert complaints == []


def press(tab, name, *, touch=True, enter=False):
    """Press a button, or Enter on it.

    The authenticator is touched from then on, else what waits for autofill would be faster.
    """

    def asked(route):
        if '"conditional"' not in (route.request.post_data or ""):
            tab.authenticator.touch(touch)
        route.continue_()

    tab.authenticator.touch(False)
    tab.page.unroute("**/options")
    tab.page.route("**/options", asked)
    if enter:
        tab.button(name).press("Enter")
    else:
        tab.button(name).click()


def lists(tab, *names):
    """Wait until the page lists exactly these passkeys."""
    # Not `wait_for_function`: to ask again it evaluates text, which a strict page does not allow.
    items, listed = tab.page.locator("#passkeys li"), None
    end = time.monotonic() + PATIENCE / 1000
    while listed != list(names) and time.monotonic() < end:
        tab.page.wait_for_timeout(50)
        listed = items.evaluate_all("(items) => items.map((item) => item.firstChild.textContent)")
    assert listed == list(names)


def sign_up(tab, name):
    tab.page.get_by_label("Name").fill(name)
    press(tab, "Create an account")
    tab.says("Your account is ready.")
    tab.page.locator("#passkeys li").wait_for()


def sign_out(tab):
    tab.authenticator.touch(False)
    tab.button("Sign out").click()
    tab.says("You are signed out.")
    tab.page.get_by_label("Name").wait_for()


def test_the_whole_journey(open_door, site, name, picture):
    tab = open_door()
    tab.page.get_by_label("Name").wait_for()
    tab.page.screenshot(path=picture(f"door-{site.name}-outside"))
    sign_up(tab, name)
    sign_out(tab)
    # In again by autofill: nothing on the page is pressed.
    tab.go("/page.css")  # where nothing waits for autofill
    tab.authenticator.touch(True)
    tab.go("/")
    tab.says("You are signed in.")
    sign_out(tab)
    press(tab, "Sign in with a passkey")
    tab.says("You are signed in.")
    # A second device.
    key = tab.plug_in(transport="usb")
    press(tab, "Add a passkey")
    tab.says("The passkey was added.")
    lists(tab, "Passkey", "Security key")
    # A step-up, for one purpose.
    press(tab, "Launch")
    tab.says(f"Launched by {name}.")
    tab.page.screenshot(path=picture(f"door-{site.name}-inside"))
    # The first passkey goes, and the authenticator is told.
    tab.button("Remove Passkey").click()
    tab.says("Passkey was removed.")
    lists(tab, "Security key")
    tab.forgets_all()
    assert len(key.credentials()) == 1
    tab.page.once("dialog", lambda dialog: dialog.accept())
    tab.button("Remove Security key").click()
    tab.says("Security key was removed.")
    lists(tab)


@ONE_DOOR
def test_refusals_are_sentences(open_door, name):
    tab, other = open_door(), open_door()
    sign_up(tab, name)
    other.page.get_by_label("Name").fill(name)
    press(other, "Create an account")
    other.says("This username is taken.")
    other.page.get_by_label("Name").fill("")
    other.authenticator.verify_user(False)
    press(other, "Sign in with a passkey")
    other.says("No passkey was used.")
    # A passkey that the site refuses is not left behind.
    tab.page.route(
        "**/registration/verify",
        lambda route: route.fulfill(status=403, json={"code": "attestation_not_trusted", "detail": "Not trusted."}),
    )
    key = tab.plug_in(transport="usb")
    press(tab, "Add a passkey")
    tab.says("Not trusted.")
    tab.forgets_all(key)


@ONE_DOOR
def test_the_page_is_never_blank_and_keeps_the_focus(open_door, name):
    tab = open_door()

    def focused():
        return tab.page.evaluate("document.activeElement.id")

    tab.page.get_by_label("Name").fill(name)
    press(tab, "Create an account", enter=True)
    lists(tab, "Passkey")
    assert focused() == "inside"
    tab.page.once("dialog", lambda dialog: dialog.accept())
    press(tab, "Remove Passkey", enter=True)
    tab.says("Passkey was removed.")
    lists(tab)
    assert focused() == "inside"
    press(tab, "Sign out", touch=False, enter=True)
    tab.page.get_by_label("Name").wait_for()
    assert focused() == "outside"
    tab.page.route("**/webauthn/session", lambda route: route.abort())
    tab.go("/")
    tab.says("The site could not be reached. Reload this page to try again.")


@ONE_DOOR
@pytest.mark.parametrize("button", ["Sign in with a passkey", "Create an account"])
def test_a_browser_without_passkeys(open_door, name, button):
    tab = open_door("delete window.PublicKeyCredential")
    tab.page.get_by_label("Name").fill(name if button == "Create an account" else "")
    tab.button(button).click()
    tab.says("This browser cannot use passkeys. Open this page in a current version of Chrome")


OLD_BROWSERS = {
    "no functions for JSON": """
        delete PublicKeyCredential.parseCreationOptionsFromJSON;
        delete PublicKeyCredential.parseRequestOptionsFromJSON;
        delete PublicKeyCredential.prototype.toJSON;
    """,
    "a broken toJSON, no signals, no capabilities": """
        PublicKeyCredential.prototype.toJSON = () => { throw new TypeError("Illegal invocation"); };
        for (const name of Object.getOwnPropertyNames(PublicKeyCredential)) {
            if (name.startsWith("signal") || name === "getClientCapabilities") delete PublicKeyCredential[name];
        }
    """,
}


@ONE_DOOR
@pytest.mark.parametrize("browser", sorted(OLD_BROWSERS))
def test_older_browsers(open_door, name, browser):
    tab = open_door(OLD_BROWSERS[browser])
    sign_up(tab, name)
    sign_out(tab)
    press(tab, "Sign in with a passkey")
    tab.says("You are signed in.")
    press(tab, "Launch")
    tab.says("Launched by")


MODULE = 'const m = await import("/webauthn/unlatch.js"); const passkeys = new m.Passkeys();'


def run(tab, program):
    return tab.page.evaluate(f"async () => {{ {MODULE} {program} }}")


@ONE_DOOR
def test_what_the_module_offers_beside_the_page(open_door, name):
    tab = open_door()
    sign_up(tab, name)
    assert run(tab, "return [m.isSupported(), await m.canAutofill(), await m.hasPlatformAuthenticator()]") == [True] * 3
    assert run(tab, "return await m.capabilities()")["conditionalGet"] is True
    (passkey,) = run(tab, "return passkeys.list()")
    assert run(tab, f"return passkeys.rename({json.dumps(passkey['id'])}, 'My phone')")["name"] == "My phone"
    # What was made silently is there, or nothing has happened: this browser's authenticator decides.
    made = run(tab, "return passkeys.addSilently({ seconds: 1 })")
    assert len(run(tab, "return passkeys.list()")) == 1 + made
    # Where the door wants a confirmation first, what is to be silent gives up.
    refusal = json.dumps({"status": 403, "code": "confirmation_needed", "detail": "Please confirm."})
    requests = []
    tab.page.on("request", lambda request: requests.append(request.url.rpartition("webauthn")[2]))
    tab.page.route("**/registration/options", lambda route: route.fulfill(status=403, body=refusal))
    able = "PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true });"
    assert run(tab, f"{able} return passkeys.addSilently({{ seconds: 1 }})") is False
    assert "/registration/options" in requests
    assert "/step-up/options" not in requests
    tab.page.unroute("**/registration/options")
    # Extensions with bytes, both ways, with and without the browser's own functions.
    tab.authenticator.remove()
    tab.authenticator = tab.plug_in(hasPrf=True)
    prf = """
        const creation = await m.call("POST", "/webauthn/registration/options", {});
        creation.options.extensions = { prf: {} };
        const made = await m.createPasskey(creation.options);
        const begun = await m.call("POST", "/webauthn/authentication/options", {});
        const use = async (prf) => {
            begun.options.allowCredentials = [{ type: "public-key", id: made.id }];
            begun.options.extensions = { prf };
            return (await m.getPasskey(begun.options)).clientExtensionResults.prf.results.first;
        };
        const values = { first: "AAAA" };
        return [await use({ eval: values }), await use({ evalByCredential: { [made.id]: values } })];
    """
    assert [len(result) for result in run(tab, prf)] == [43, 43]
    tab.page.evaluate(f"() => {{ {OLD_BROWSERS['no functions for JSON']} }}")
    first, second = run(tab, prf)
    assert first == second


@pytest.mark.needs("simplewebauthn")
def test_simplewebauthn_browser_on_our_routes(open_door, site, name, pytestconfig):
    tab = open_door()
    tab.authenticator.touch(True)
    tab.page.goto(f"{site.url}/page.css")
    tab.page.add_script_tag(path=str(pytestconfig.rootpath / SIMPLEWEBAUTHN))
    answers = tab.page.evaluate(
        """async (name) => {
            const post = async (path, body) => {
                const headers = {"content-type": "application/json"};
                const answer = await fetch("/webauthn" + path, {method: "POST", headers, body: JSON.stringify(body)});
                return [answer.status, answer.status === 204 ? null : await answer.json()];
            };
            const {startRegistration, startAuthentication} = SimpleWebAuthnBrowser;
            const [, creation] = await post("/registration/options", {username: name});
            const made = await startRegistration({optionsJSON: creation.options});
            const up = await post("/registration/verify", {ceremony_id: creation.ceremony_id, credential: made});
            await post("/session/logout", {});
            const [, request] = await post("/authentication/options", {});
            const used = await startAuthentication({optionsJSON: request.options});
            const into = await post("/authentication/verify", {ceremony_id: request.ceremony_id, credential: used});
            return [up[0], up[1].user.username, into[0]];
        }""",
        name,
    )
    assert answers == [201, name, 200]
