"""The neutral door: what people do, and what is refused, with blocking and with awaited stores."""

from __future__ import annotations

import json

import pytest

from adapters.visitors import ORIGIN, Accounts, House, Visitor
from unlatch import Misconfigured, Policy, RelyingParty, UserEntity
from unlatch.adapters.http import Door, HttpCode, Rejected, Request, Route, Session, SignedIn, SignedOut, Users
from unlatch.decoys import Decoys
from unlatch.testing import SoftwareAuthenticator
from unlatch.wire import base64url
from unlatch.wire.strict_json import MAX_BYTES

VERIFY = Route.AUTHENTICATION_VERIFY


@pytest.fixture(params=[False, True], ids=["blocking", "awaited"])
def house(request):
    return House(awaited=request.param)


@pytest.fixture
def ada(house):
    """Somebody with an account, signed in."""
    ada = Visitor(house)
    assert ada.sign_up("ada")[0] == 201
    return ada


def test_sign_up_sign_out_sign_in(house):
    ada = Visitor(house)
    status, made = ada.sign_up("ada")
    assert (status, made["new_account"]) == (201, True)
    assert made["user"] == {"username": "ada", "display_name": "A person"}
    (handle,) = house.accounts.all
    assert isinstance(ada.event, SignedIn)
    assert (ada.event.user.id, ada.event.new_account, ada.event.verified) == (handle, True, True)
    assert ada.username() == "ada"
    ada.sign_out()
    assert isinstance(ada.event, SignedOut)
    assert ada.username() is None
    assert ada.sign_in() == (200, {"user_id": base64url.encode(handle)})
    assert ada.sign_in(mediation="conditional")[0] == 200
    ada.sign_out()
    assert ada.sign_in(username="ada")[0] == 200
    assert ada.passkeys()[0]["current"] is True


def test_a_ceremony_works_once_in_its_browser(house, ada):
    ada.sign_out()
    body = ada.get()
    assert Visitor(house).code(VERIFY, body) == (401, "not_verified")
    # The refused try has used it up, as a successful one does.
    assert ada.code(VERIFY, body) == (410, "ceremony_unknown")
    body = ada.get()
    assert ada.send(VERIFY, body)[0] == 200
    assert ada.code(VERIFY, body) == (410, "ceremony_unknown")


def test_every_refused_sign_in_looks_the_same(house, ada):
    ada.sign_out()
    wrong = ada.get()
    wrong["credential"]["response"]["signature"] = "AAAA"
    stranger = Visitor(house, SoftwareAuthenticator())
    stranger.sign_up("bob")
    house.accounts.all.popitem()
    stranger.sign_out()
    answers = [ada.send(VERIFY, wrong), stranger.send(VERIFY, stranger.get())]
    for _, document in answers:
        del document["instance"]
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["code"]) == (401, "not_verified")


def test_a_passkey_that_nobody_has_is_named_where_that_is_wanted():
    house = House(tell_unknown=True)
    ada = Visitor(house)
    ada.sign_up("ada")
    (passkey,) = ada.passkeys()
    ada.send(Route.REMOVE, passkey_id=passkey["id"], confirm_last=True)
    ada.sign_out()
    status, document = ada.send(VERIFY, body := ada.get())
    assert (status, document["code"]) == (401, "not_verified")
    assert document["signal"] == {
        "method": "signalUnknownCredential",
        "arguments": {"rpId": "example.org", "credentialId": body["credential"]["id"]},
    }


def test_names_without_an_account_get_decoys():
    accounts = Accounts()
    users = accounts.users(by_name=lambda name: accounts.by_name(name.lower()), key=str.lower)
    house = House(decoys=Decoys(b"s" * 32), users=users)
    ada = Visitor(house)
    ada.sign_up("ada")
    ada.sign_out()
    listed = [ada.begin(Route.AUTHENTICATION_OPTIONS, {"username": name})["options"] for name in ("ada", "bob", "Bob")]
    ids = [[credential["id"] for credential in options["allowCredentials"]] for options in listed]
    assert all(ids)
    assert ids[1] == ids[2] != ids[0]
    with pytest.raises(Misconfigured, match="decoys"):
        House(decoys=Decoys(b"s" * 32), tell_unknown=True)
    # As they come out of an environment.
    for mistake in ({"tell_unknown": "False"}, {"confirm_within": "600"}, {"confirm_within": 0}):
        with pytest.raises(Misconfigured, match=f"^{next(iter(mistake))} is"):
            House(**mistake)


def test_names_without_an_account_and_without_decoys_get_what_names_nobody(house):
    options = Visitor(house).begin(Route.AUTHENTICATION_OPTIONS, {"username": "nobody"})["options"]
    assert options["allowCredentials"] == []


def test_a_second_passkey_and_removal_of_the_first(house, ada):
    assert [signal["method"] for signal in ada.send(Route.PASSKEYS)[1]["signals"]] == [
        "signalAllAcceptedCredentials",
        "signalCurrentUserDetails",
    ]
    first, ada.browser.authenticator = ada.browser.authenticator, SoftwareAuthenticator()
    status, made = ada.send(Route.REGISTRATION_VERIFY, ada.create())
    assert (status, made["new_account"], ada.event) == (201, False, None)
    old, new = ada.passkeys()
    assert new["id"] == made["passkey_id"]
    status, renamed = ada.send(Route.RENAME, {"name": " Key  ring "}, passkey_id=new["id"])
    assert (status, renamed["name"]) == (200, "Key ring")
    assert ada.send(Route.REMOVE, passkey_id=old["id"]) == (204, None)
    assert ada.code(Route.REMOVE, passkey_id=old["id"]) == (404, "passkey_not_found")
    assert ada.code(Route.REMOVE, passkey_id=new["id"]) == (409, "last_passkey")
    ada.sign_out()
    assert ada.sign_in()[0] == 200
    ada.browser.authenticator = first
    assert ada.code(VERIFY, ada.get()) == (401, "not_verified")


def test_what_matters_is_confirmed_first(house, ada):
    house.clock.passes(601)
    ada.browser.authenticator, first = SoftwareAuthenticator(), ada.browser.authenticator
    (passkey,) = ada.passkeys()
    assert ada.code(Route.REGISTRATION_OPTIONS, {}) == (403, "confirmation_needed")
    assert ada.code(Route.REMOVE, passkey_id=passkey["id"], confirm_last=True) == (403, "confirmation_needed")
    ada.browser.authenticator = first
    assert ada.step_up() == (200, {"purpose": "presence"})
    assert ada.send(Route.REMOVE, passkey_id=passkey["id"], confirm_last=True) == (204, None)
    # Without a passkey nobody can confirm: the next one is made without.
    house.clock.passes(601)
    assert ada.send(Route.REGISTRATION_VERIFY, ada.create())[0] == 201


def test_the_hosts_own_routes_ask_for_a_confirmation(house, ada):
    def allowed(**asked):
        try:
            house.door.expect_confirmed(Session.from_json(ada.session), user, **asked)
        except Rejected as rejected:
            return rejected.code
        return None

    (user,) = house.accounts.all.values()
    assert allowed(max_age=60) is None
    assert allowed(max_age=60, purpose="pay 5") is HttpCode.CONFIRMATION_NEEDED
    house.clock.passes(61)
    assert allowed(max_age=60) is HttpCode.CONFIRMATION_NEEDED
    body = ada.get(Route.STEP_UP_OPTIONS, purpose="pay 5")
    assert ada.code(Route.STEP_UP_VERIFY, {**body, "purpose": "pay 500"}) == (401, "not_verified")
    assert ada.step_up(purpose="pay 5")[0] == 200
    assert allowed(max_age=60, purpose="pay 5") is None
    assert allowed(max_age=60) is None
    # What one user confirmed says nothing about another.
    user = UserEntity(b"another", "another")
    assert allowed(max_age=60) is HttpCode.CONFIRMATION_NEEDED
    user = None
    assert allowed(max_age=60) is HttpCode.NOT_SIGNED_IN


def test_a_second_factor(house, ada):
    (user,) = house.accounts.all.values()
    ada.sign_out()
    assert ada.code(Route.AUTHENTICATION_OPTIONS, {"factor": "second"}) == (401, "not_signed_in")
    ada.session = house.door.after_first_factor(Session.from_json(ada.session), user).to_json()
    assert ada.username() is None
    body = ada.get(factor="second")
    assert body["credential"]["id"]
    # It is no sign-in by itself: without the first factor it opens nothing.
    assert ada.code(VERIFY, body) == (401, "not_verified")
    assert ada.send(VERIFY, {**ada.get(factor="second"), "factor": "second"})[0] == 200
    assert ada.event.second_factor
    assert ada.username() == "ada"
    ada.session = house.door.after_first_factor(Session.from_json(ada.session), user).to_json()
    house.clock.passes(601)
    assert ada.code(Route.AUTHENTICATION_OPTIONS, {"factor": "second"}) == (401, "not_signed_in")


def test_the_second_factor_is_of_whom_the_first_was(house, ada):
    bob = Visitor(house, SoftwareAuthenticator())
    bob.sign_up("bob")
    ada_entity, bob_entity = house.accounts.all.values()
    bob.session = house.door.after_first_factor(Session(), bob_entity).to_json()
    body = {**bob.get(factor="second"), "factor": "second"}
    session = Session.from_json(bob.session)
    bob.session = house.door.after_first_factor(session, ada_entity).to_json()
    assert bob.code(VERIFY, body) == (401, "not_verified")
    assert bob.username() is None


def test_a_passkey_made_silently_learns_to_verify_after_another_factor():
    house = House(policy=Policy.passkey())
    ada = Visitor(house)
    ada.sign_up("ada")
    (user,) = house.accounts.all.values()
    ada.browser.authenticator = SoftwareAuthenticator()
    begun = ada.begin(Route.REGISTRATION_OPTIONS, {"mediation": "conditional"})
    assert begun["options"]["authenticatorSelection"]["userVerification"] == "preferred"
    credential = ada.browser.create(begun["options"], mediation="conditional")
    finish = {"ceremony_id": begun["ceremony_id"], "credential": credential}
    assert ada.send(Route.REGISTRATION_VERIFY, finish)[0] == 201
    ada.sign_out()
    assert ada.sign_in()[0] == 200
    assert not ada.event.verified
    assert ada.code(Route.STEP_UP_VERIFY, ada.get(Route.STEP_UP_OPTIONS)) == (401, "not_verified")
    ada.session = house.door.after_first_factor(Session(), user).to_json()
    assert ada.send(VERIFY, {**ada.get(factor="second"), "factor": "second"})[0] == 200
    assert ada.step_up()[0] == 200


def test_a_name_that_is_taken(house, ada):
    other, third = Visitor(house), Visitor(house, SoftwareAuthenticator())
    assert other.code(Route.REGISTRATION_OPTIONS, {"username": "ada"}) == (409, "username_taken")
    assert other.code(Route.REGISTRATION_OPTIONS, {"username": "a b"}) == (400, "username_invalid")
    late = other.create(username="bob")
    third.sign_up("bob")
    assert other.code(Route.REGISTRATION_VERIFY, late) == (409, "username_taken")
    # Neither account nor passkey is left.
    assert house.record(base64url.decode(late["credential"]["id"], "id")) is None
    assert len(house.accounts.all) == 2
    assert other.code(VERIFY, other.get()) == (401, "not_verified")


def test_without_create_nobody_signs_up():
    accounts = Accounts()
    ada = Visitor(House(users=Users(by_handle=accounts.all.get)))
    assert ada.code(Route.REGISTRATION_OPTIONS, {"username": "ada"}) == (403, "sign_up_closed")
    assert ada.code(Route.AUTHENTICATION_OPTIONS, {"username": "ada"}) == (400, "malformed_request")
    with pytest.raises(Misconfigured, match="by_name"):
        Users(by_handle=accounts.all.get, create=accounts.create)


def test_a_host_with_its_own_idea_of_who_is_signed_in():
    house = House()
    user = UserEntity(b"handle", "ada", "Ada")
    house.accounts.all[user.id] = user
    ada = Visitor(house)
    facts = {"current_user": lambda: user}
    _, begun = ada.send(Route.REGISTRATION_OPTIONS, {}, **facts)
    body = {"ceremony_id": begun["ceremony_id"], "credential": ada.browser.create(begun["options"])}
    # Begun by ada, it cannot be finished by nobody.
    assert ada.code(Route.REGISTRATION_VERIFY, body) == (403, "ceremony_session")
    _, begun = ada.send(Route.REGISTRATION_OPTIONS, {}, **facts)
    ada.browser.authenticator = SoftwareAuthenticator()
    body = {"ceremony_id": begun["ceremony_id"], "credential": ada.browser.create(begun["options"])}
    assert ada.send(Route.REGISTRATION_VERIFY, body, **facts)[0] == 201
    assert ada.code(Route.REGISTRATION_OPTIONS, {"username": "x"}, **facts) == (409, "already_signed_in")
    assert ada.code(Route.PASSKEYS) == (401, "not_signed_in")
    # A session of somebody else says nothing about ada: she has not been verified.
    assert ada.code(Route.REGISTRATION_OPTIONS, {}, **facts) == (403, "confirmation_needed")


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"origin": "https://evil.example"}, (403, "foreign_origin")),
        ({"origin": "null"}, (403, "foreign_origin")),
        ({"origin": None, "fetch_site": "cross-site"}, (403, "foreign_origin")),
        ({"origin": None, "fetch_site": "same-site"}, (403, "foreign_origin")),
        ({"content_type": "text/plain"}, (415, "unsupported_media_type")),
        ({"content_type": None}, (415, "unsupported_media_type")),
        ({"body": b" " * MAX_BYTES + b"{}"}, (413, "malformed_too_large")),
        ({"body": b"{"}, (400, "malformed_json")),
        ({"body": b"[]"}, (400, "malformed_json_type")),
        ({"body": b'{"mediation":"silent"}'}, (400, "malformed_request")),
        ({"body": b'{"username":5}'}, (400, "malformed_request")),
        ({"body": b'{"unknown":"x"}'}, (400, "malformed_request")),
        ({"body": b'{"username":"a\\u0000b"}'}, (400, "malformed_request")),
    ],
)
def test_what_is_not_admitted(facts, refusal):
    facts = dict(facts)
    body = facts.pop("body", b"{}")
    assert Visitor(House()).code(Route.AUTHENTICATION_OPTIONS, body, **facts) == refusal


@pytest.mark.parametrize("facts", [{"origin": None}, {"origin": None, "fetch_site": "same-origin"}])
def test_what_is_admitted(facts):
    assert Visitor(House()).send(Route.AUTHENTICATION_OPTIONS, {}, **facts)[0] == 200


@pytest.mark.parametrize(
    "body", [{}, {"ceremony_id": 5, "credential": {}}, {"ceremony_id": "x", "credential": []}, {"ceremony_id": "x"}]
)
def test_a_finish_that_is_none(body):
    assert Visitor(House()).code(VERIFY, body)[0] == 400


@pytest.mark.parametrize("body", [{"name": ""}, {"name": "x" * 65}, {}, {"name": None}, {"name": "a", "b": "c"}])
def test_a_name_that_cannot_be(body):
    assert Visitor(House()).code(Route.RENAME, body)[0] == 400


def test_what_breaks_is_answered_and_not_kept(caplog):
    def broken(handle):
        raise RuntimeError("a secret detail")

    door = House(users=Users(by_handle=broken)).door
    answer = door.answer(Request(route=Route.PASSKEYS, session=Session(user=b"x")), House().stores)
    assert (answer.status, answer.is_final) == (500, False)
    assert b"secret" not in answer.body
    assert dict(answer.headers)["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["instance"] in caplog.text


def test_a_coroutine_where_nobody_awaits_is_a_clear_mistake(caplog):
    door = House(users=Accounts().awaited()).door
    assert door.answer(Request(route=Route.CURRENT, session=Session(user=b"x")), House().stores).status == 500
    assert "plain function" in caplog.text


@pytest.mark.parametrize(
    "value", [None, [], {"b": 5}, {"u": "="}, {"v": "x"}, {"c": []}, {"c": {"a": "b"}}, {"v": 1e20}, {"t": 10**400}]
)
def test_a_session_that_cannot_be_read_is_empty(value):
    assert Session.from_json(value) == Session()


def test_documents_for_browsers_and_passkey_managers():
    rp = RelyingParty(id="example.org", related_origins=["https://example.de"])
    door = Door(rp, users=Accounts().users(), enroll="https://example.org/account")
    assert {document.path: json.loads(document.body) for document in door.documents} == {
        "/.well-known/webauthn": {"origins": ["https://example.de"]},
        "/.well-known/passkey-endpoints": {"enroll": "https://example.org/account"},
    }


def test_a_session_remembers_the_newest_purposes():
    house = House()
    session = Session(user=b"x")
    for number in range(12):
        session = session.after_confirming(b"x", f"purpose {number}", house.clock.now)
        house.clock.passes(1)
    assert min(Session.from_json(session.to_json()).confirmed) == "purpose 10"
    assert len(session.confirmed) == 8
    assert isinstance(house.door, Door)
    assert ORIGIN in house.door.rp.expected_origins
