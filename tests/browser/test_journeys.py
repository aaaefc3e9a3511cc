"""What people do, in a real browser with virtual authenticators, on the real server."""

import pytest


def test_sign_up_sign_out_sign_in_by_the_button(tab, name):
    tab.sign_up(name, "Ada Lovelace")
    assert tab.names() == ["Passkey"]
    card = tab.cards().first
    assert "This session" in card.inner_text()
    assert "This device only" in card.inner_text()
    assert "Ada Lovelace" in tab.page.locator("header").inner_text()
    tab.sign_out()
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")
    assert "just now" in tab.cards().first.inner_text()


def test_nothing_is_pressed_or_sent_before_the_scripts_listen(tab, name):
    arrive = tab.go_before_its_scripts("/signup", "**/signup.js")
    username = tab.page.get_by_label("Username")
    username.fill(name)
    username.press("Enter")
    assert tab.button("Create account").is_disabled()
    arrive()
    tab.button("Create account").click()
    tab.page.wait_for_url("**/account")
    arrive = tab.go_before_its_scripts("/account", "**/account.js")
    assert tab.button("Add a passkey").is_disabled()
    assert tab.button("Sign out").is_disabled()
    arrive()
    tab.sign_out()
    arrive = tab.go_before_its_scripts("/signin", "**/signin.js")
    assert tab.button("Sign in with a passkey").is_disabled()
    arrive()
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")


def test_sign_in_by_autofill(tab, name):
    tab.sign_up(name)
    tab.sign_out()
    assert tab.page.get_by_label("Username").get_attribute("autocomplete") == "username webauthn"
    # The person chooses the passkey that the browser offers: nothing on the page is pressed.
    tab.authenticator.touch(True)
    tab.go("/signin")
    tab.page.wait_for_url("**/account")
    assert name in tab.page.locator("h1 + .lead").inner_text()


def test_the_button_ends_what_waits_for_autofill(tab, name):
    tab.sign_up(name)
    tab.sign_out()
    requests = []
    tab.page.on("request", lambda request: requests.append(request.url))
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")
    assert sum(url.endswith("/v1/authentication/verify") for url in requests) == 1


def test_the_autofill_request_is_renewed_before_its_challenge_ends(tab, name):
    tab.sign_up(name)
    tab.sign_out()
    # As if the challenges of this server lived for a second.
    ends = 0

    def shorten(route):
        nonlocal ends
        ends += 1
        answer = route.fetch()
        if ends == 3:
            # The person chooses a passkey from what waits now.
            tab.authenticator.touch(True)
        route.fulfill(response=answer, json={**answer.json(), "expires_in": 1 if ends < 3 else 300})

    tab.page.route("**/v1/authentication/options", shorten)
    tab.go("/signin")
    tab.page.wait_for_url("**/account")
    assert ends == 3


def test_a_second_passkey_on_a_second_authenticator(tab, name):
    tab.sign_up(name)
    key = tab.plug_in(transport="usb", defaultBackupEligibility=True, defaultBackupState=True)
    tab.button("Add a passkey").click()
    tab.says("The passkey was added.")
    assert tab.names() == ["Passkey", "Security key"]
    assert len(key.credentials()) == 1
    assert "Synced" in tab.cards().nth(1).inner_text()
    # With the first authenticator gone, the second one opens the same account.
    tab.sign_out()
    tab.authenticator.remove()
    tab.authenticator = key
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")
    assert "This session" in tab.cards().nth(1).inner_text()
    assert "This session" not in tab.cards().nth(0).inner_text()


def test_rename(tab, name):
    tab.sign_up(name)
    tab.button("Rename Passkey").click()
    field = tab.page.get_by_label("Name", exact=True)
    assert field.input_value() == "Passkey"
    field.fill("   ")
    tab.button("Save").click()
    tab.page.get_by_text("Please give the passkey a name.").wait_for()
    field.fill("My laptop")
    tab.button("Save").click()
    tab.says("The passkey has a new name.")
    assert tab.names() == ["My laptop"]
    assert tab.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Rename My laptop"
    tab.page.reload()
    tab.cards().first.wait_for()
    assert tab.names() == ["My laptop"]


def test_remove_and_sign_in_with_the_removed_one(tab, name):
    tab.sign_up(name)
    (removed,) = tab.authenticator.credentials()
    key = tab.plug_in(transport="usb")
    tab.button("Add a passkey").click()
    tab.says("The passkey was added.")
    tab.button("Remove Passkey").click()
    dialog = tab.page.get_by_role("dialog")
    assert not dialog.get_by_text("This is your last passkey.").is_visible()
    dialog.get_by_role("button", name="Remove").click()
    tab.says("Passkey was removed.")
    assert tab.names() == ["Security key"]
    # The page told the authenticator: it does not even offer it any more.
    tab.forgets_all()
    # Should an authenticator not listen, the server refuses.
    tab.authenticator.add(removed)
    tab.sign_out()
    key.remove()
    tab.sign_in_by_button()
    tab.says("This passkey was removed from its account")
    assert tab.page.url.endswith("/signin")
    # And the page told it once more.
    tab.forgets_all()


def test_the_last_passkey_goes_only_after_a_second_confirmation(tab, name):
    tab.sign_up(name)
    tab.button("Remove Passkey").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_text("This is your last passkey.").wait_for()
    assert dialog.get_by_role("button", name="Remove").is_disabled()
    dialog.get_by_role("button", name="Keep it").click()
    assert tab.names() == ["Passkey"]
    assert tab.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove Passkey"
    tab.button("Remove Passkey").click()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Remove").click()
    tab.says("Passkey was removed.")
    tab.page.get_by_text("This account has no passkey.").wait_for()


def test_who_signed_in_long_ago_confirms_before_passkeys_are_added_or_removed(tab, open_tab, server, name):
    """Whoever finds an open session cannot stay: the page asks for a passkey, then does what was asked, in one go."""
    tab.sign_up(name)
    server.move_sign_in(name, "-11 minutes")
    tab.authenticator.verify_user(False)
    tab.button("Add a passkey").click()
    tab.says("No passkey was used.")
    assert tab.page.evaluate("document.activeElement.id") == "add"
    tab.authenticator.verify_user(True)
    tab.button("Add a passkey").click()
    # After the confirmation the browser was asked to make one, and this device has one already.
    tab.says("This device already holds a passkey for this account.")
    assert tab.page.evaluate("document.activeElement.id") == "add"

    server.move_sign_in(name, "-11 minutes")
    stranger = open_tab()
    stranger.sign_up(f"{name}-other")
    own = tab.authenticator.credentials()[0]
    tab.authenticator.clear()
    tab.authenticator.add(stranger.authenticator.credentials()[0])
    tab.button("Remove Passkey").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Remove").click()
    dialog.get_by_role("alert").filter(has_text="This passkey is of another account.").wait_for()
    assert dialog.get_by_role("status").inner_text() == ""
    tab.authenticator.clear()
    tab.authenticator.add(own)
    said = []

    def look(route):
        said.append((dialog.get_by_role("status").inner_text(), dialog.get_by_role("alert").is_visible()))
        route.continue_()

    tab.page.route("**/v1/authentication/verify", look)
    dialog.get_by_role("button", name="Remove").click()
    tab.says("Passkey was removed.")
    # Inside the dialog: while it is open nobody hears the rest of the page.
    assert said == [("Confirm that it is you. Use a passkey that you have for this account.", False)]
    tab.page.get_by_text("This account has no passkey.").wait_for()
    assert tab.page.evaluate("document.activeElement.id") == "main"


def test_the_same_authenticator_is_not_registered_twice(tab, name):
    tab.sign_up(name)
    tab.button("Add a passkey").click()
    tab.says("This device already holds a passkey for this account.")
    assert tab.names() == ["Passkey"]


def test_a_cancelled_dialog_is_no_drama(tab, name):
    tab.go("/signup")
    tab.page.get_by_label("Username").fill(name)
    tab.authenticator.verify_user(False)
    tab.button("Create account").click()
    tab.says("No passkey was made.")
    # The focus is back where it was, and the next try works.
    assert tab.page.evaluate("document.activeElement.id") == "sign-up-button"
    tab.authenticator.verify_user(True)
    tab.button("Create account").click()
    tab.page.wait_for_url("**/account")
    tab.sign_out()
    tab.authenticator.verify_user(False)
    tab.sign_in_by_button()
    tab.says("No passkey was used.")
    assert tab.page.evaluate("document.activeElement.id") == "sign-in-button"
    tab.authenticator.verify_user(True)
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")


def test_a_taken_name_is_said_at_the_field(tab, open_tab, name):
    tab.sign_up(name)
    other = open_tab()
    other.go("/signup")
    other.page.get_by_label("Username").fill(name.upper())
    other.button("Create account").click()
    other.page.locator("#username-error", has_text="This username is taken.").wait_for()
    assert other.page.get_by_label("Username").get_attribute("aria-invalid") == "true"
    assert other.page.evaluate("document.activeElement.id") == "username"
    other.forgets_all()


def test_a_passkey_that_the_server_refused_is_not_left_behind(tab, open_tab, name):
    slow = open_tab()
    slow.go("/signup")
    slow.page.get_by_label("Username").fill(name)

    def meanwhile(route):
        tab.sign_up(name)
        route.continue_()

    slow.page.route("**/v1/registration/verify", meanwhile)
    slow.button("Create account").click()
    slow.page.locator("#username-error", has_text="This username is taken.").wait_for()
    slow.forgets_all()


def test_a_cloned_authenticator(tab, name):
    tab.sign_up(name)
    (original,) = tab.authenticator.credentials()
    tab.sign_out()
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")
    tab.sign_out()
    # A copy of the key, with the counter that it had when it was made.
    tab.authenticator.clear()
    tab.authenticator.add(original)
    tab.sign_in_by_button()
    tab.says("This passkey may have been copied.")
    assert tab.page.url.endswith("/signin")


def test_the_server_restarts_in_between(tab, server, name):
    tab.sign_up(name)
    server.restart()
    tab.page.reload()
    tab.cards().first.wait_for()
    tab.sign_out()
    server.restart(hard=True)
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")


def test_a_server_that_is_away_is_a_sentence(tab, server, name):
    tab.sign_up(name)
    server.stop()
    try:
        tab.button("Add a passkey").click()
        tab.says("The site could not be reached.")
    finally:
        server.start(port=server.port)
    tab.button("Add a passkey").click()
    tab.says("This device already holds a passkey for this account.")


def test_a_session_that_ended_elsewhere_leads_to_sign_in(tab, name):
    tab.sign_up(name)
    tab.authenticator.touch(False)
    tab.page.context.clear_cookies()
    tab.button("Add a passkey").click()
    tab.page.wait_for_url("**/signin")


@pytest.mark.parametrize("path", ["/", "/signup"])
def test_a_page_without_javascript_says_so(open_tab, path):
    tab = open_tab(java_script_enabled=False)
    tab.go(path)
    assert "needs JavaScript" in tab.page.locator("main").inner_text()


def test_a_browser_without_passkeys_is_told(open_tab):
    tab = open_tab()
    tab.page.add_init_script("delete window.PublicKeyCredential")
    for path in ("/signin", "/signup"):
        tab.go(path)
        tab.says("This browser cannot use passkeys.")


def test_a_browser_without_the_json_functions_works_too(tab, name):
    tab.page.add_init_script(
        """for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) {
             delete PublicKeyCredential[name];
           }
           delete PublicKeyCredential.prototype.toJSON;"""
    )
    tab.sign_up(name)
    tab.sign_out()
    tab.sign_in_by_button()
    tab.page.wait_for_url("**/account")
    tab.authenticator.touch(True)
    tab.button("Add a passkey").click()
    tab.says("This device already holds a passkey for this account.")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("AbortError", "The dialog was ended."),
        ("SecurityError", "Your browser does not allow passkeys at this address."),
        ("ConstraintError", "This device cannot confirm that it is you."),
        ("NotSupportedError", "This device or security key is too old for passkeys."),
        ("InvalidStateError", "Your browser is busy with another passkey dialog."),
        ("UnknownError", "Your device or security key reported a problem."),
        ("DataError", "Your browser could not do that."),
    ],
)
def test_every_error_of_the_browser_is_a_sentence(tab, error, sentence):
    tab.page.add_init_script(
        f"navigator.credentials.get = () => Promise.reject(new DOMException('technical words', '{error}'))"
    )
    tab.go("/signin")
    tab.button("Sign in with a passkey").click()
    tab.says(sentence)
    assert "technical" not in tab.status().inner_text()


def test_everything_works_with_the_keyboard_alone(tab, name):
    keyboard = tab.page.keyboard
    tab.go("/signup")

    def tab_to(element_id):
        for _ in range(30):
            if tab.page.evaluate("document.activeElement.id || document.activeElement.ariaLabel") == element_id:
                return
            keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {element_id}")

    keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Skip to content"
    tab_to("username")
    keyboard.type(name)
    keyboard.press("Enter")
    tab.page.wait_for_url("**/account")
    tab_to("Rename Passkey")
    keyboard.press("Enter")
    keyboard.type("By keyboard")
    keyboard.press("Enter")
    tab.says("The passkey has a new name.")
    tab_to("Remove By keyboard")
    keyboard.press("Space")
    tab.page.get_by_role("dialog").wait_for()
    keyboard.press("Escape")
    tab.page.get_by_role("dialog").wait_for(state="hidden")
    assert tab.names() == ["By keyboard"]
    tab.authenticator.touch(False)
    tab.page.locator("body").press("Home")
    tab.page.evaluate("document.activeElement.blur()")
    tab_to("sign-out")
    keyboard.press("Enter")
    tab.page.wait_for_url("**/signin")
    tab.touch_when_asked_by_the_button()
    tab_to("username")
    keyboard.press("Enter")
    tab.page.wait_for_url("**/account")
