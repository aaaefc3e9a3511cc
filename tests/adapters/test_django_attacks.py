"""What somebody else might try at the door of a Django project, and projects that are set up in another way."""

from __future__ import annotations

from io import BytesIO, StringIO
from uuid import UUID

import pytest

import adapters.django_host  # noqa: F401 - sets Django up, before anything that needs it is imported

# isort: split
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth import aauthenticate, authenticate, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.template import Context, RequestContext, Template
from django.test import RequestFactory, override_settings
from django.test.client import AsyncClient

from adapters.django_host.visits import PAGE, PASSWORD, changed, give_password, person, with_password
from adapters.people import whole_journey
from unlatch.adapters.django.models import Ceremony, Credential, UserHandle
from unlatch.adapters.django.people import entity_of
from unlatch.errors import Misconfigured

ADA, EVE = "ada@example.org", "eve@example.org"
COOKIE = settings.SESSION_COOKIE_NAME


def session_id(person):
    return person.http.cookies.get(COOKIE)


def thief_of(cookie, application):
    """Somebody with a session's id that was planted, or seen, before."""
    thief = person(application)
    thief.http.cookies.set(COOKIE, cookie, domain="example.org")
    return thief


@override_settings(AUTHENTICATION_BACKENDS=["unlatch.adapters.django.backends.PasskeyBackend"])
def test_the_back_end_knows_no_passwords(members):
    with_password(members, ADA)
    assert authenticate(username=ADA, password=PASSWORD) is None
    assert async_to_sync(aauthenticate)(username=ADA, password=PASSWORD) is None
    assert async_to_sync(aauthenticate)(passkey=ADA) is None


def test_a_session_that_was_planted_opens_nothing(application):
    ada = person(application)
    ada.post("/authentication/options", {})
    planted = session_id(ada)
    ada.create(username=ADA)
    first = session_id(ada)
    ada.sign_in()  # once more, without signing out
    assert len({planted, first, session_id(ada)}) == 3
    for cookie in (planted, first):
        assert thief_of(cookie, application).username() is None
    kept = session_id(ada)
    ada.sign_out()
    assert thief_of(kept, application).username() is None


def test_a_planted_session_has_not_passed_the_first_factor(application, members):
    ada = person(application)
    with_password(members, ADA)
    give_password(ada, ADA)
    ada.create()
    ada.sign_out()
    ada.post("/authentication/options", {})
    planted = session_id(ada)
    assert "second-factor" in give_password(ada, ADA).headers["location"]
    thief = thief_of(planted, application)
    answer = thief.post("/authentication/options", {"factor": "second"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert ada.sign_in(factor="second").status_code == 200


def test_a_second_factor_is_not_a_sign_in_and_of_no_use_to_others(application, members):
    ada, eve = person(application), person(application)
    with_password(members, ADA)
    give_password(ada, ADA)
    ada.create()
    ada.sign_out()
    eve.create(username=EVE)
    eve.sign_out()
    # Eve knows the password, and has a passkey of her own.
    give_password(eve, ADA)
    assert eve.username() is None
    begun = eve.post("/authentication/options", {"factor": "second"}).json()
    begun["options"]["allowCredentials"] = []
    body = {"ceremony_id": begun["ceremony_id"], "credential": eve.browser.get(begun["options"])}
    assert eve.post("/authentication/verify", {**body, "factor": "second"}).status_code == 401
    begun = eve.post("/authentication/options", {"factor": "second"}).json()
    begun["options"]["allowCredentials"] = []
    body = {"ceremony_id": begun["ceremony_id"], "credential": eve.browser.get(begun["options"])}
    assert eve.post("/authentication/verify", body).status_code == 401
    assert eve.username() is None


def test_the_admin_site_s_form_is_no_way_around_the_second_factor(application, members):
    ada, eve = person(application), person(application)
    with_password(members, ADA, is_staff=True, is_superuser=True)
    give_password(ada, ADA)
    ada.create()
    eve.create(username=EVE)
    answer = give_password(eve, ADA, at="/admin/login/?next=/admin/")
    assert answer.headers["location"].startswith("/webauthn/second-factor/?ask=")
    assert eve.username() == EVE
    assert eve.http.get("/admin/").status_code == 302


def test_a_confirmation_is_that_user_s_and_that_session_s(application):
    ada, eve = person(application), person(application)
    eve.create(username=EVE)
    ada.create(username=ADA)
    ada.step_up(purpose="close the account")
    assert ada.http.get("/close").text == "really?"
    ada.browser, eve.browser = eve.browser, ada.browser
    ada.sign_in()  # Eve's passkey, in Ada's session
    assert ada.username() == EVE
    assert ada.http.get("/close", headers=PAGE).status_code == 302
    ada.browser = eve.browser
    ada.sign_in()
    assert ada.username() == ADA
    assert ada.http.get("/close", headers=PAGE).status_code == 302
    ada.step_up(purpose="close the account")
    ada.sign_out()
    ada.sign_in()
    assert ada.http.get("/close", headers=PAGE).status_code == 302


def test_whoever_is_not_active_gets_no_further_and_keeps_the_passkey(application, members):
    ada = person(application)
    ada.create(username=ADA)
    members.objects.update(is_active=False)
    assert ada.username() is None
    assert ada.http.get("/close", headers=PAGE).headers["location"].startswith("/login")
    with changed(TELL_UNKNOWN=True):
        refused = ada.sign_in().json()
        assert (refused["code"], "signal" in refused) == ("not_verified", False)
        members.objects.all().delete()
        assert "signal" in ada.sign_in().json()
    assert not Ceremony.objects.exists()


def test_the_admin_site_shows_no_keys_and_changes_nothing(application, members):
    ada = person(application)
    ada.create(username=ADA)
    members.objects.update(is_staff=True, is_superuser=True)
    row = Credential.objects.get()
    path = f"/admin/unlatch/credential/{row.pk}/change/"
    shown = ada.http.get(path).text
    for secret in (row.public_key, row.credential_id, bytes.fromhex(row.user_handle)):
        assert bytes(secret).hex() not in shown
        assert str(bytes(secret)) not in shown
    form = {"name": "Eve's", "sign_count": "0", "csrfmiddlewaretoken": "a" * 32}
    ada.http.cookies.set("csrftoken", "a" * 32, domain="example.org")
    assert ada.http.post(path, data=form).status_code == 403
    row.refresh_from_db()
    assert row.name is None


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(members, address):
    request = RequestFactory(headers={"host": "example.org"}).get("/login", {"next": address})
    tags = (
        "{% passkey_sign_in %}{% passkey_sign_in next=to %}{% passkey_autofill next=to %}{% passkey_sign_out next=to %}"
    )
    page = Template("{% load unlatch %}" + tags).render(RequestContext(request, {"to": address}))
    assert page.count("data-next=") == page.count('data-next="/mine"') + page.count('data-next="/login"') == 4
    request = RequestFactory(headers={"host": "example.org"}).get("/login", {"next": "/close?a=b&c"})
    page = Template("{% load unlatch %}{% passkey_sign_in %}").render(RequestContext(request))
    assert 'data-next="/close?a=b&amp;c"' in page


def test_tags_without_a_user_or_a_request():
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    listed = Template("{% load unlatch %}{% passkey_list %}").render(Context({"request": request}))
    assert listed.strip() == ""
    with pytest.raises(Misconfigured, match="render"):
        Template("{% load unlatch %}{% passkey_sign_in %}").render(Context())


def test_pages_of_ours_are_not_framed(application):
    ada = person(application)
    ada.create(username=ADA)
    assert ada.http.get("/webauthn/manage/").headers["x-frame-options"] == "DENY"


def test_asynchronous_views_know_who_is_signed_in(application):
    client = AsyncClient()
    get = async_to_sync(client.get)
    ada = person(application)
    for path in ("/awaited", "/awaited/class", "/awaited/decorated"):
        refused = get(path, headers={"host": "example.org", **PAGE})
        assert refused.headers["location"] == f"/login?next={path}"
    ada.create(username=ADA)
    client.cookies[COOKIE] = session_id(ada)
    for path in ("/awaited", "/awaited/class", "/awaited/decorated"):
        assert get(path, headers={"host": "example.org"}).content.startswith(b"awaited")


def test_a_project_that_asks_everybody_to_sign_in(members):
    needed = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE, needed]):
        ada = person(get_wsgi_application())
        assert ada.http.get("/mine").headers["location"] == "/login?next=/mine"
        whole_journey(ada, ADA)
        assert ada.http.get("/webauthn/page.js").status_code == 200
        assert ada.http.get("/.well-known/passkey-endpoints").status_code == 200
        assert ada.http.get("/webauthn/second-factor/").headers["location"] == "/login"


class Lagging:
    """Reads passkeys from a replica that has heard of nothing yet."""

    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label == "unlatch" else None


class Elsewhere:
    """Keeps users and passkeys in a database of their own, and sessions in another."""

    def db_for_read(self, model, **hints):
        return "other" if model._meta.app_label in ("unlatch", "django_host") else None

    db_for_write = db_for_read


def test_a_replica_that_lags_behind(application):
    with override_settings(DATABASE_ROUTERS=["adapters.test_django_attacks.Lagging"]):
        whole_journey(person(application), ADA)


def test_users_and_passkeys_in_a_database_of_their_own(application):
    call_command("migrate", database="other", verbosity=0)
    with override_settings(DATABASE_ROUTERS=["adapters.test_django_attacks.Elsewhere"]):
        for choice in ({}, {"CEREMONIES": "adapters.test_django_door.sealed"}):
            with changed(**choice):
                whole_journey(person(application), f"{len(choice)}@example.org")
        assert UserHandle.objects.count() == 2
        call_command("sweep_ceremonies", verbosity=0, stdout=StringIO())
    assert not UserHandle.objects.exists()


def test_somebody_without_a_name(members):
    user = members.objects.create(email=ADA)
    user.email = None  # as in models where a telephone number or the like may be missing
    assert (entity_of(user).name, entity_of(user).display_name) == ("", "")
    user.get_full_name = lambda: "Ada L."
    assert (entity_of(user).name, entity_of(user).display_name) == ("Ada L.", "Ada L.")


def test_requests_in_a_transaction_of_django_s(application, members, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    ada = person(get_wsgi_application())
    whole_journey(ada, ADA)
    begun = ada.post("/authentication/options", {}).json()
    ada.browser.create(ada.post("/registration/options", {"username": EVE}).json()["options"])
    body = {"ceremony_id": begun["ceremony_id"], "credential": ada.browser.get(begun["options"])}
    assert [ada.post("/authentication/verify", body).json()["code"] for _ in range(2)] == [
        "not_verified",
        "ceremony_unknown",
    ]
    with changed(SIGN_UP="adapters.test_django_attacks.half_made"):
        assert ada.create(username=EVE).status_code == 500
    assert not members.objects.filter(email=EVE).exists()
    assert not Credential.objects.exists()


def test_somebody_who_is_gone_in_the_middle(application, caplog):
    class Gone(BytesIO):
        def read(self, *_):
            raise OSError("connection reset")

    environ = RequestFactory(headers={"host": "example.org"})._base_environ(
        PATH_INFO="/webauthn/authentication/options",
        REQUEST_METHOD="POST",
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH="2",
        **{"wsgi.input": Gone()},
    )
    answers = []
    b"".join(application(environ, lambda status, headers: answers.append(status)))
    assert answers == ["400 Bad Request"]
    assert "internal_error" not in caplog.text


def half_made(user):
    get_user_model().objects.create(email=user.name)
    raise RuntimeError("then it broke")


def test_a_model_that_pays_no_heed_to_capitals(application, members, monkeypatch):
    def by_natural_key(self, name):
        return self.get(email__iexact=name)

    monkeypatch.setattr(type(members._default_manager), "get_by_natural_key", by_natural_key)
    ada = person(application)
    ada.create(username=ADA)
    ada.sign_out()
    assert ada.post("/registration/options", {"username": ADA.upper()}).json()["code"] == "username_taken"
    assert ada.sign_in(username=ADA.title()).status_code == 200


def test_somebody_of_another_back_end_adds_a_passkey(application, members):
    """Signed in by whatever means, with a user whose rows came from elsewhere."""
    user = members.objects.create(email=ADA)
    ada = person(application)
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    ada.http.cookies.set(COOKIE, session.session_key, domain="example.org")
    assert ada.post("/step-up/options", {}).json()["code"] == "cannot_confirm"
    assert ada.create().status_code == 201
    assert ada.step_up().status_code == 200
    assert UserHandle.objects.get(user=user).value == Credential.objects.get(user=user).user_handle


def test_the_name_in_the_admin_site_is_the_owner_s():
    assert str(Credential(aaguid=UUID(int=0), transports='["usb"]')) == "Security key"
