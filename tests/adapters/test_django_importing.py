"""Passkeys of a Django project's users move out of other libraries' tables, and open its door."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

import adapters.django_host  # noqa: F401 - sets Django up, before anything that needs it is imported

# isort: split
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from adapters.django_host.visits import person
from compat.old_databases import django_otp_webauthn, py_webauthn
from unlatch.adapters.django.models import Credential, UserHandle
from unlatch.adapters.django.people import entity_of
from unlatch.testing import SoftwareAuthenticator

URL = f"sqlite:///{settings.DATABASES['default']['NAME']}"
PAGE = Path(__file__).parents[2] / "docs" / "from-django-otp-webauthn.md"
OLD = ("django_otp_webauthn_webauthncredential", "django_otp_webauthn_webauthnuserhandle", "shop_credential")


@pytest.fixture
def users(members):
    """Two members, in a database where other libraries' tables are."""
    yield [members.objects.create(email=f"{name}@example.org") for name in ("ada", "bob")]
    with connection.cursor() as cursor:
        for table in OLD:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


def run(*arguments):
    """What the command says, its complaints, and how it ended."""
    said, complaints = io.StringIO(), io.StringIO()
    try:
        call_command("import_passkeys", *arguments, stdout=said, stderr=complaints)
    except CommandError as error:
        return said.getvalue(), complaints.getvalue(), str(error)
    return said.getvalue(), complaints.getvalue(), ""


def signs_in(application, old, email):
    visitor = person(application)
    visitor.browser = old.browser
    answer = visitor.sign_in()
    return answer.status_code == 200 and visitor.username() == email and visitor


def test_the_page_s_commands_let_users_of_django_otp_webauthn_in(application, users):
    (old,) = django_otp_webauthn(URL, tuple(user.pk.hex for user in users))
    look, do = (line.split() for line in re.findall(r"\npython manage.py import_passkeys (.+)", PAGE.read_text()))
    # She has signed in by other means since the app is there, so she has a handle that no passkey knows.
    entity_of(users[0])
    before = UserHandle.objects.get().value
    left_out = "1 of 2 were left out, for the reasons above."
    assert run(*look) == (
        "1 would be added, 0 there already, 1 left out\n",
        "row 2: the user handle is not known\n",
        left_out,
    )
    assert (Credential.objects.count(), UserHandle.objects.get().value) == (0, before)
    assert run(*do)[0] == "1 added, 0 there already, 1 left out\n"
    ada = signs_in(application, old, "ada@example.org")
    (passkey,) = ada.passkeys()
    assert (passkey["name"], passkey["synced"], passkey["created_at"][:10]) == ("My phone", True, "2026-01-02")
    assert [row.user for row in Credential.objects.all()] == [users[0]]
    assert run(*do)[0] == "0 added, 1 there already, 1 left out\n"
    # Whether the old passkey verified her when it was made is not known: alone it confirms nothing.
    assert ada.post("/step-up/options", {"purpose": "close the account"}).json()["code"] == "cannot_confirm"
    ada.browser.authenticator = SoftwareAuthenticator()
    assert ada.create().status_code == 201
    assert ada.step_up(purpose="close the account").status_code == 200


@pytest.mark.parametrize(
    ("handle", "options"),
    [
        (lambda user: str(user.pk).encode(), ()),
        (lambda user: user.email.encode(), ("--handle-from", "email")),
        (lambda user: b"any bytes", ("--handle-from", "webauthn_user_id", "--user-handle", "bytes")),
        (lambda user: user.pk.bytes, ("--user-handle", "uuid")),
    ],
)
def test_tables_of_ones_own_around_py_webauthn(application, users, handle, options):
    (old,) = py_webauthn(URL, users[1].pk.hex, handle(users[1]))
    assert run("py-webauthn", *options, "--verified") == ("1 added, 0 there already, 0 left out\n", "", "")
    assert signs_in(application, old, "bob@example.org").step_up(purpose="close the account").status_code == 200


def test_a_view_on_a_table_with_other_names_in_another_database(application, users):
    other = settings.DATABASES["other"]["NAME"]
    (old,) = py_webauthn(f"sqlite:///{other}", users[0].pk.hex, str(users[0].pk).encode())
    with connections["other"].cursor() as cursor:
        cursor.execute("ALTER TABLE shop_credential RENAME user_id TO owner_id")
        cursor.execute("CREATE VIEW old_credential AS SELECT *, owner_id AS user_id FROM shop_credential")
        said = run("py-webauthn", "--from", "other", "--table", "old_credential")
        cursor.execute("DROP VIEW old_credential")
        cursor.execute("DROP TABLE shop_credential")
    assert said == ("1 added, 0 there already, 0 left out\n", "", "")
    assert signs_in(application, old, "ada@example.org")


def test_what_cannot_be_told_apart_is_left_out(application, users):
    bob = person(application)
    users[0].delete()
    bob.create(username="eve@example.org")
    eve = Credential.objects.get().user
    django_otp_webauthn(URL, (eve.pk.hex, users[1].pk.hex))
    assert "the user has passkeys here already" in run("django-otp-webauthn")[1]
    UserHandle.objects.create(user=users[1], value=bytes(64).hex())
    assert "is another user's here" in run("django-otp-webauthn")[1]
    for who in (users[1], eve):
        who.delete()
    assert run("django-otp-webauthn")[1].count("there is no user") == 2
    assert not Credential.objects.exists()


def test_what_the_command_cannot_do(users):
    py_webauthn(URL, "no user")
    assert "there is no user 'no user' here" in run("py-webauthn")[1]
    for arguments, sentence in (
        (("django-otp-webauthn",), "There is no table 'webauthncredential'"),
        (("py-webauthn", "--table", "nowhere"), "There is no table 'nowhere'"),
        (("py-webauthn", "--table", "django_session"), "has no column 'user_id'"),
        (("py-webauthn", "--from", "old"), "DATABASES has no 'old'; it has default"),
        (("py-webauthn", "--from", "replica"), "there are: none"),
    ):
        assert sentence in run(*arguments)[2]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_credential SET user_id = %s", [users[0].pk.hex])
    assert "Neither the old table nor Member has 'nothing'" in run("py-webauthn", "--handle-from", "nothing")[2]
