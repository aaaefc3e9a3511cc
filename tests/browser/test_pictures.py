"""Pictures of each page for people to look at, and what can be measured in them.

Those of the documentation are from here: ``UNLATCH_PICTURES=docs/pictures`` writes them all, of which it shows
``account-two-light``.
"""

import pytest

LOOKS = {
    "light": {"viewport": {"width": 1024, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1024, "height": 800}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
}


def no_sideways_scrolling(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def targets_are_large_enough(page):
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, input[type=text], summary, .bar a, .aside a')]
            .filter((each) => each.offsetParent !== null && each.getBoundingClientRect().height < 44)
            .map((each) => each.outerHTML)"""
    )
    assert small == []


@pytest.mark.parametrize("look", LOOKS)
def test_pictures(open_tab, picture, look):
    tab = open_tab(**LOOKS[look])
    page = tab.page

    def snap(what):
        no_sideways_scrolling(page)
        targets_are_large_enough(page)
        page.screenshot(path=picture(f"{what}-{look}"), full_page=True)

    tab.authenticator.touch(False)
    tab.go("/")
    snap("signin")
    page.get_by_text("What is a passkey").click()
    snap("signin-open")
    tab.go("/signup")
    snap("signup")
    tab.button("Create account").click()
    snap("signup-error")
    tab.go("/nothing")
    snap("error")
    tab.authenticator.touch(True)
    tab.sign_up("ada" if look == "light" else f"ada-{look}", "Ada Lovelace")
    snap("account-one")
    other = tab.plug_in(transport="usb", defaultBackupEligibility=True, defaultBackupState=True)
    tab.button("Add a passkey").click()
    tab.says("The passkey was added.")
    assert len(other.credentials()) == 1
    snap("account-two")
    tab.cards().nth(1).get_by_role("button", name="Rename").click()
    page.screenshot(path=picture(f"rename-{look}"))
    page.keyboard.press("Escape")
    tab.cards().nth(1).get_by_role("button", name="Remove").click()
    page.screenshot(path=picture(f"remove-{look}"))
    tab.page.locator("#remove-button").click()
    tab.says("was removed")
    tab.cards().nth(0).get_by_role("button", name="Remove").click()
    page.screenshot(path=picture(f"remove-last-{look}"))
    page.keyboard.press("Escape")
    tab.sign_out()
    other.remove()
    tab.authenticator.verify_user(False)
    tab.sign_in_by_button()
    tab.says("No passkey was used.")
    snap("signin-cancelled")
