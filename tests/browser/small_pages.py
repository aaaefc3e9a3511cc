"""A whole life at a page of an example: those without a framework's door are built alike."""

from __future__ import annotations

from browser.conftest import PATIENCE, Tab


def press(tab, name, *, sentence, asks=None, enter=False):
    """Press a button. The authenticator is touched for what it asks, and not for what waits for autofill.

    Args:
        tab: The tab.
        name: What is on the button.
        sentence: What the page says then.
        asks: Whether a request of the page begins what the button asks for; None where no passkey is asked for.
        enter: Press Enter in the field for the name, in place of the button.
    """

    def pressed(route):
        if asks is not None and asks(route.request):
            tab.authenticator.touch(True)
        route.continue_()

    tab.hands_off()
    tab.page.evaluate("document.getElementById('status').textContent = ''")
    tab.page.route("**/*", pressed)
    if enter:
        tab.page.get_by_label("Username").press("Enter")
    else:
        tab.button(name).click()
    tab.says(sentence)
    tab.page.unroute("**/*")


def lists(tab, number):
    """Wait until the page lists so many passkeys."""
    # By selector and not by `wait_for_function`: to ask again that evaluates text, which a strict page does not allow.
    tab.page.locator(f"#passkeys:not(:has(li:nth-child({number + 1})))").wait_for(state="attached")
    tab.page.locator(f"#passkeys li:nth-child({number})").wait_for(state="attached")


def whole_life(chromium, site, *, asks, sentences, screenshot):
    """Sign up, out, in by name and by autofill, a second device, remove the first, in with the second.

    Args:
        chromium: The browser.
        site: With its `url`.
        asks: As in `press`.
        sentences: What the page says when somebody is `unknown`, a name `taken`, a passkey the `last` one; and when it
            is done: `registered`, `signed_in`, `signed_out`, `added`, `removed`.
        screenshot: Where to put a picture.
    """
    context = chromium.new_context(locale="en-GB", viewport={"width": 480, "height": 480})
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), site)
    tab.hands_off()
    tab.go("/")
    tab.page.emulate_media(color_scheme="dark")
    assert tab.page.evaluate("getComputedStyle(document.body).color") == "rgb(255, 255, 255)"
    tab.page.emulate_media(color_scheme="light")
    tab.page.get_by_label("Username").fill("ada")
    press(tab, "Sign in", sentence=sentences["unknown"])
    press(tab, "Register", sentence=sentences["registered"], asks=asks)
    lists(tab, 1)
    press(tab, "Add a passkey", sentence="This device already holds a passkey for this account.", asks=asks)
    press(tab, "Remove Passkey 1", sentence=sentences["last"])
    press(tab, "Sign out", sentence=sentences["signed_out"])
    press(tab, "Register", sentence=sentences["taken"])
    for _ in range(2):
        press(tab, "Sign in", sentence=sentences["signed_in"], asks=asks)
        press(tab, "Sign out", sentence=sentences["signed_out"])
    tab.go("/unlatch.js")  # where nothing waits for autofill
    tab.authenticator.touch(True)  # chooses what autofill offers, as soon as it does
    tab.go("/")
    tab.says(sentences["signed_in"])
    lists(tab, 1)

    first, second = tab.authenticator, tab.plug_in(transport="usb")
    tab.authenticator = second
    press(tab, "Add a passkey", sentence=sentences["added"], asks=asks)
    lists(tab, 2)
    assert [len(each.credentials()) for each in (first, second)] == [1, 1]
    tab.page.screenshot(path=screenshot)
    press(tab, "Remove Passkey 1", sentence=sentences["removed"])
    lists(tab, 1)
    first.remove()
    press(tab, "Sign out", sentence=sentences["signed_out"])
    tab.page.get_by_label("Username").fill("ada")
    press(tab, "Sign in", sentence=sentences["signed_in"], asks=asks, enter=True)
    lists(tab, 1)
    context.close()
    assert tab.problems == []
