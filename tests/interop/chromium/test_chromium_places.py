"""Where a ceremony happens: frames of other origins, related origins, subdomains, other sites."""

from __future__ import annotations

import pytest

from chromium.party import USER, party, register, sign_in
from chromium.sites import HOME, RELATED, STRANGER, SUBDOMAIN
from chromium.tabs import BrowserError
from unlatch import Refused, RelyingParty
from unlatch.ceremonies.policy import Policy
from unlatch.codes import Code


def test_a_frame_of_another_origin(new_tab, site, other_site):
    """The relying party is in the frame; the page around it is `other_site`."""
    new_tab.page.goto(other_site.origin)
    new_tab.plug_in()
    frame = new_tab.embed(site.origin)
    refusing = {
        Code.CROSS_ORIGIN_NOT_EXPECTED: party(site.origin),
        Code.TOP_ORIGIN_NOT_EXPECTED: party(site.origin, allow_cross_origin=True, top_origins=["https://example.org"]),
    }
    for code, closed in refusing.items():
        with pytest.raises(Refused) as caught:
            register(closed, new_tab, frame=frame)
        assert caught.value.code is code

    open_party = party(site.origin, allow_cross_origin=True, top_origins=[other_site.origin])
    registration = register(open_party, new_tab, frame=frame)
    assert (registration.origin, registration.cross_origin) == (site.origin, True)
    assert registration.top_origin == other_site.origin
    signed_in = sign_in(open_party, new_tab, registration.record, frame=frame)
    assert (signed_in.cross_origin, signed_in.top_origin) == (True, other_site.origin)
    for code, closed in refusing.items():
        with pytest.raises(Refused) as caught:
            sign_in(closed, new_tab, signed_in.record, frame=frame)
        assert caught.value.code is code


def test_a_frame_of_the_same_origin_is_no_cross_origin(new_tab, site):
    new_tab.page.goto(site.origin)
    new_tab.plug_in()
    registration = register(party(site.origin), new_tab, frame=new_tab.embed(site.origin))
    assert (registration.cross_origin, registration.top_origin) == (False, None)


def test_another_port_is_another_origin(new_tab, site, other_site):
    """Browsers let every port use the RP ID; the list of origins is what tells them apart."""
    new_tab.page.goto(other_site.origin)
    new_tab.plug_in()
    with pytest.raises(Refused) as caught:
        register(party(site.origin), new_tab)
    assert caught.value.code is Code.ORIGIN_NOT_EXPECTED


@pytest.fixture
def home():
    return party(f"https://{HOME}", rp_id=HOME)


@pytest.fixture
def family():
    """`HOME` with the site that its `/.well-known/webauthn` names."""
    return RelyingParty(
        id=HOME,
        related_origins=[f"https://{RELATED}"],
        policy=Policy(unsolicited_extensions="refuse"),
    )


def test_related_origins(new_tab, home, family):
    new_tab.page.goto(f"https://{RELATED}")
    new_tab.plug_in()
    with pytest.raises(Refused) as caught:
        register(home, new_tab)
    assert caught.value.code is Code.ORIGIN_NOT_EXPECTED
    registration = register(family, new_tab)
    assert registration.origin == f"https://{RELATED}"

    # The same passkey at home and abroad; home's own list decides what it accepts.
    record = sign_in(family, new_tab, registration.record).record
    with pytest.raises(Refused) as caught:
        sign_in(home, new_tab, record)
    assert caught.value.code is Code.ORIGIN_NOT_EXPECTED
    new_tab.page.goto(f"https://{HOME}")
    assert sign_in(home, new_tab, record).user_handle == USER.id


def test_a_stranger_is_stopped_by_the_browser(new_tab, family):
    new_tab.page.goto(f"https://{STRANGER}")
    new_tab.plug_in()
    with pytest.raises(BrowserError) as caught:
        register(family, new_tab)
    assert caught.value.name == "SecurityError"


def test_subdomains_by_explicit_choice_only(new_tab, home):
    new_tab.page.goto(f"https://{SUBDOMAIN}")
    new_tab.plug_in()
    with pytest.raises(Refused) as caught:
        register(home, new_tab)
    assert caught.value.code is Code.ORIGIN_NOT_EXPECTED
    open_home = party(f"https://{HOME}", rp_id=HOME, allow_subdomains=True)
    registration = register(open_home, new_tab)
    assert registration.origin == f"https://{SUBDOMAIN}"
    assert sign_in(open_home, new_tab, registration.record).origin == f"https://{SUBDOMAIN}"
