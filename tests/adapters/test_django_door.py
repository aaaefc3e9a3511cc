"""The Django app, on a project with a user model of its own."""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

import adapters.django_host  # noqa: F401 - sets Django up, before anything that needs it is imported

# isort: split
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends import signed_cookies
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.client import AsyncClient

from adapters.django_host.visits import PAGE, changed, give_password, person, with_password
from adapters.people import bad_requests, whole_journey
from unlatch.adapters.django.checks import CHECKS, check_sign_up
from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.events import signed_in
from unlatch.adapters.django.models import Ceremony, CeremonyUse, Credential, UserHandle
from unlatch.adapters.django.stores import DjangoCeremonyUses
from unlatch.adapters.http import HttpCode, Rejected
from unlatch.stores.contract import sample_state
from unlatch.stores.sealed import SealedCeremonies


def test_the_whole_journey_with_a_user_model_of_ones_own(application, members):
    ada = person(application)
    whole_journey(ada, "ada@example.org")
    user = members.objects.get()
    assert not user.has_usable_password()
    assert user.last_login is not None
    assert Ceremony.objects.count() == 0
    ada.create(username="bob@example.org")
    bob = members.objects.get(email="bob@example.org")
    assert [str(passkey) for passkey in bob.passkeys.all()] == ["Passkey"]
    bob.delete()
    assert not Credential.objects.exists()
    assert [handle.user for handle in UserHandle.objects.all()] == [user]


def test_bad_requests(application):
    ada = person(application)
    bad_requests(ada)
    other = ada.http.get("/webauthn/registration/options")
    assert (other.status_code, other.headers["allow"]) == (405, "POST")
    endpoints = ada.http.get("/.well-known/passkey-endpoints")
    assert endpoints.json() == {"manage": "https://example.org/webauthn/manage/"}


def test_names_that_the_model_does_not_take_and_names_that_are_taken(application, members):
    ada = person(application)
    refused = ada.post("/registration/options", {"username": "noaddress"})
    assert (refused.json()["code"], refused.json()["detail"]) == ("username_invalid", "Enter a valid email address.")
    begun = ada.post("/registration/options", {"username": "bob@example.org"}).json()
    credential = ada.browser.create(begun["options"])
    members.objects.create(email="bob@example.org")
    refused = ada.post("/registration/options", {"username": "bob@example.org"})
    assert refused.json()["code"] == "username_taken"
    # Somebody was faster: the name is taken between begin and finish.
    late = ada.post("/registration/verify", {"ceremony_id": begun["ceremony_id"], "credential": credential})
    assert late.json()["code"] == "username_taken"
    assert not Credential.objects.exists()
    with changed(SIGN_UP=False):
        closed = ada.post("/registration/options", {"username": "eve@example.org"})
        assert closed.json()["code"] == "sign_up_closed"


def test_names_in_the_form_that_the_model_keeps(application, members, monkeypatch):
    ada, eve = person(application), person(application)
    assert ada.create(username="Ada@Example.ORG").status_code == 201
    assert members.objects.get().email == "Ada@example.org"
    taken = eve.post("/registration/options", {"username": "Ada@example.org"})
    assert taken.json()["code"] == "username_taken"
    with changed(SIGN_UP="adapters.test_django_door.maker"):
        assert eve.create(username="Bob@Example.ORG").status_code == 201
    assert members.objects.filter(email="Bob@example.org").exists()
    for typed in ("Ada@Example.ORG", "Ada@example.org"):
        ada.sign_out()
        assert ada.sign_in(username=typed).status_code == 200
    # Whoever is older than that is found as they are written.
    members.objects.filter(email="Ada@example.org").update(email="Ada@Example.ORG")
    ada.sign_out()
    assert ada.sign_in(username="Ada@Example.ORG").status_code == 200

    def clean(user):
        user.email = user.email.lower()
        if user.email.startswith("nobody"):
            raise ValidationError("Nobody is no name.")

    monkeypatch.setattr(members, "clean", clean)
    assert person(application).create(username="Cleo@Example.org").status_code == 201
    assert members.objects.filter(email="cleo@example.org").exists()
    taken = person(application).post("/registration/options", {"username": "CLEO@example.org"})
    assert taken.json()["code"] == "username_taken"
    refused = person(application).create(username="nobody@example.org").json()
    assert (refused["code"], refused["detail"]) == ("username_invalid", "Nobody is no name.")


def test_views_that_need_a_recent_verification(application):
    ada = person(application)
    assert ada.http.get("/secret", headers=PAGE).headers["location"] == "/login?next=/secret"
    assert ada.http.post("/secret").status_code == 403  # Django's own check of forms comes first
    answer = ada.http.get("/secret", headers={"sec-fetch-mode": "cors"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    ada.create(username="ada@example.org")
    assert ada.http.get("/secret").text == "secret"
    asked = ada.http.get("/close", headers=PAGE).headers["location"]
    assert asked.startswith("/webauthn/confirm/?ask=")
    page = ada.http.get(asked)
    assert "<strong>close the account</strong>" in page.text
    assert 'data-purpose="close the account"' in page.text
    assert 'data-next="/close"' in page.text
    assert ada.http.get(asked[:-1] + "x").headers["location"] == "/mine"
    ada.step_up(purpose="close the account")
    assert ada.http.get("/close").text == "really?"


async def test_asynchronous_views(application):
    client = AsyncClient(headers={"host": "example.org"})
    answer = await client.get("/awaited", headers={"host": "example.org", "sec-fetch-mode": "cors"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_passkey_after_the_password(application, members):
    with_password(members, "ada@example.org")
    ada = person(application)
    # Without a passkey the password is all there is.
    assert give_password(ada, "ada@example.org").headers["location"] == "/mine"
    assert ada.create().status_code == 201
    ada.sign_out()
    asked = give_password(ada, "ada@example.org").headers["location"]
    assert asked.startswith("/webauthn/second-factor/?ask=")
    assert ada.username() is None
    assert 'data-next="/mine"' in ada.http.get(asked).text
    events = []

    def note(event, **_):
        events.append(event)

    with receiver(note):
        assert ada.sign_in(factor="second").status_code == 200
    assert [event.second_factor for event in events] == [True]
    assert ada.http.get("/mine").text == "ada@example.org"
    assert ada.http.get("/webauthn/second-factor/").headers["location"] == "/login"
    # Whoever is closed out gets no further.
    members.objects.update(is_active=False)
    ada.sign_out()
    assert ada.sign_in().json()["code"] == "not_verified"


@contextmanager
def receiver(react):
    """Something of the application that reacts to sign-ins."""
    signed_in.connect(react, dispatch_uid="test")
    try:
        yield
    finally:
        signed_in.disconnect(dispatch_uid="test")


def broken(*_, **__):
    raise RuntimeError("a secret detail")


def denying(**_):
    raise PermissionDenied


def refusing(**_):
    raise Rejected(HttpCode.NOT_VERIFIED, "Not on Sundays.")


def test_what_breaks_leaves_nothing(application, members):
    ada = person(application)
    with receiver(broken):
        answer = ada.create(username="ada@example.org")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    with changed(SIGN_UP=broken):
        assert ada.create(username="ada@example.org").status_code == 500
    assert not members.objects.exists()
    assert not Credential.objects.exists()
    assert ada.username() is None


def test_who_is_refused_by_the_application_is_not_signed_in(application):
    ada = person(application)
    ada.create(username="ada@example.org")
    ada.sign_out()
    with receiver(refusing):
        assert ada.sign_in().json()["detail"] == "Not on Sundays."
    with receiver(denying):
        assert ada.sign_in().json()["code"] == "not_verified"
    assert ada.username() is None
    assert ada.http.get("/mine").text == "AnonymousUser"


def test_a_database_without_its_tables_is_a_problem(application):
    begin = person(application)
    with connection.schema_editor() as editor:
        editor.delete_model(Ceremony)
    try:
        answer = begin.post("/authentication/options", {})
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(Ceremony)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")


def test_pages_and_the_admin_site(application, members):
    ada = person(application)
    ada.create(username="ada@example.org")
    page = ada.http.get("/webauthn/manage/")
    (passkey,) = ada.passkeys()
    assert f'data-passkey="remove" data-id="{passkey["id"]}"' in page.text
    assert '<script type="module" src="/webauthn/page.js"></script>' in page.text
    assert ada.http.get("/webauthn/page.js").status_code == 200
    members.objects.update(is_staff=True, is_superuser=True)
    listed = ada.http.get("/admin/unlatch/credential/?q=ada")
    assert "ada@example.org" in listed.text
    row = Credential.objects.get()
    shown = ada.http.get(f"/admin/unlatch/credential/{row.pk}/change/")
    assert 'name="_save"' not in shown.text
    assert ada.http.get("/admin/unlatch/credential/add/").status_code == 403
    removal = {"post": "yes", "csrfmiddlewaretoken": "a" * 32}
    ada.http.cookies.set("csrftoken", "a" * 32, domain="example.org")
    assert ada.http.post(f"/admin/unlatch/credential/{row.pk}/delete/", data=removal).status_code == 302
    assert not Credential.objects.exists()


def test_ceremonies_that_nobody_finished_are_swept(members):
    store = configuration().stores().ceremonies
    store.put(sample_state(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    store.put(sample_state(expires_at=datetime.now(UTC) + timedelta(seconds=60)))
    told = io.StringIO()
    call_command("sweep_ceremonies", stdout=told)
    assert told.getvalue() == "1 forgotten\n"
    Ceremony.objects.all().delete()


def sealed():
    return SealedCeremonies([b"k" * 32], uses=DjangoCeremonyUses())


def maker(user):
    if user.name == "eve@example.org":
        raise Rejected(HttpCode.SIGN_UP_CLOSED)
    return get_user_model().objects.create(email=user.name.replace("bob", "ada"), is_staff=True)


def test_ceremonies_elsewhere_and_accounts_made_by_a_function(application, members):
    here = "adapters.test_django_door"
    with changed(CEREMONIES=f"{here}.sealed", SIGN_UP=f"{here}.maker"):
        ada, eve = person(application), person(application)
        begun = ada.post("/registration/options", {"username": "ada@example.org"}).json()
        assert not Ceremony.objects.exists()
        body = {"ceremony_id": begun["ceremony_id"], "credential": ada.browser.create(begun["options"])}
        assert ada.post("/registration/verify", body).status_code == 201
        assert members.objects.get().is_staff
        ada.sign_out()
        assert ada.post("/registration/verify", body).json()["code"] == "ceremony_used"
        assert eve.create(username="eve@example.org").json()["code"] == "sign_up_closed"
        assert eve.create(username="bob@example.org").json()["code"] == "username_taken"
    assert Credential.objects.count() == 1
    CeremonyUse.objects.all().delete()


def test_the_admin_site_and_others_ask_for_permission(application, members):
    ada = person(application)
    ada.create(username="ada@example.org")
    assert ada.http.get("/admin/unlatch/credential/").status_code == 302
    assert person(application).http.get("/webauthn/manage/").headers["location"].startswith("/login?next=")


def test_the_migrations_are_those_of_the_models(tables):
    call_command("makemigrations", "unlatch", check=True, dry_run=True, verbosity=0)


class SessionStore(signed_cookies.SessionStore):
    """Sessions in cookies, under another name."""


MISTAKES = {
    "unlatch.E001": [
        {"UNLATCH": None},
        {"UNLATCH": {}},
        {"UNLATCH": {"RP_ID": "example.org", "RP_IP": 1}},
        {"UNLATCH": {"RP_ID": "https://example.org"}},
        {"UNLATCH": {"RP_ID": "example.org", "ORIGINS": ["http://example.org"]}},
        {"UNLATCH": {"RP_ID": "example.org", "ORIGINS": ["https://example.com"]}},
        {"UNLATCH": {"RP_ID": "example.org", "SIGN_UP": "nowhere.at_all"}},
        {"UNLATCH": {"RELYING_PARTY": "example.org"}},
        {"UNLATCH": {"RP_ID": "example.org", "ORIGINS": "https://example.org"}},
        {"UNLATCH": {"RP_ID": "example.org", "CONFIRM_WITHIN": "600"}},
        {"UNLATCH": {"RP_ID": "example.org", "TELL_UNKNOWN": "False"}},
        {"UNLATCH": {"RP_ID": "example.org", "CEREMONIES": DjangoCeremonyUses()}},
    ],
    "unlatch.E002": [
        {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"},
        {"SESSION_ENGINE": "adapters.test_django_door"},
    ],
    "unlatch.E003": [{"MIDDLEWARE": []}],
    "unlatch.E004": [{"MIDDLEWARE": list(reversed(settings.MIDDLEWARE))}],
    "unlatch.E005": [{"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}],
    "unlatch.W001": [{"ALLOWED_HOSTS": ["example.com"]}],
    "unlatch.W002": [{"ROOT_URLCONF": "unlatch.adapters.django.well_known"}],
}


@pytest.mark.parametrize("code", MISTAKES)
def test_mistakes_are_told_by_the_checks(code):
    for mistake in MISTAKES[code]:
        with override_settings(**mistake):
            found = {message.id for check in CHECKS for message in check(app_configs=None)}
        assert code in found, mistake


def test_a_user_model_that_needs_more_than_a_name(monkeypatch):
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "id")
    (found,) = check_sign_up()
    assert (found.id, found.msg.endswith("more than a name: email.")) == ("unlatch.E006", True)
    with changed(SIGN_UP=maker):
        assert check_sign_up() == []


def test_a_project_without_mistakes_passes_and_a_slow_database_is_told(monkeypatch):
    assert [message for check in CHECKS for message in check(app_configs=None)] == []
    monkeypatch.delitem(settings.DATABASES["default"]["OPTIONS"], "transaction_mode")
    assert {message.id for check in CHECKS for message in check(app_configs=None)} == {"unlatch.W003"}
