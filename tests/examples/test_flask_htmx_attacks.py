"""Attacks on the passwordless application of `examples/flask_htmx`."""

from __future__ import annotations

import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from at_once import delete_at_once
from example_apps import EXAMPLES
from examples.certificates import issue
from examples.htmx_person import ORIGIN, code_of, link_of
from examples.mailbox import mailbox
from unlatch import Misconfigured
from unlatch.testing import SoftwareAuthenticator

pytestmark = pytest.mark.needs("redis")


def made_by(site, monkeypatch):
    """The secrets of the mails from now on, whether they are sent or not."""
    secrets = site.app.extensions["mail_secrets"]
    made = []
    issue = type(secrets).issue

    def keep(self, *args):
        made.append(issue(self, *args))
        return made[-1]

    monkeypatch.setattr(type(secrets), "issue", keep)
    return made


def test_rh_4_digits_are_not_guessed_by_asking_often(person, site, monkeypatch):
    """Five tries a mail, five mails an hour: what was made for a mail that is not sent opens nothing."""
    ada, guesser = person(), person()
    ada.confirm(ada.sign_up())
    made = made_by(site, monkeypatch)
    for _ in range(6):
        guesser.post("email-login", username_email=ada.name)
    for _ in range(5):
        site.mails.next()
    assert guesser.post("email-code", code=made[-1].code).status_code == 400
    assert guesser.post("magic-link", secret=made[-1].token).status_code == 400


def test_rh_11_an_address_is_not_confirmed_by_asking_often(person, site, monkeypatch):
    """Mails are counted for the address: neither one account nor many fill a mailbox, or guess its digits."""
    made = made_by(site, monkeypatch)
    address = "victim@example.com"
    people = [person() for _ in range(4)]
    for eve in people:
        eve.create_user(email=address)
        site.mails.next()
    for _ in range(2):
        people[0].post("send-confirmation")
    assert site.mails.next()["to"] == address
    assert people[0].post("verify-email", code=made[-1].code).status_code == 400
    # What somebody asked to confirm takes nothing from the sign-in mails of the owner.
    owner = person()
    owner.create_user(email=f"{owner.name}@example.com")
    assert owner.confirm(site.mails.next()).headers["hx-redirect"]
    for _ in range(5):
        owner.post("send-confirmation")
    for _ in range(4):
        site.mails.next()
    owner.post("email-login", username_email=owner.name)
    assert site.mails.next()["subject"] == "Sign in"


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\nSubject: x",
        "root,postmaster,b@example.org",
        "x<b@example.org>",
        '"x"b@example.org',
        "b@example.org;x",
        "b\x00@example.org",
        "b@example..org",
        "b@-example.org",
        "bücher@example.org",
        "b@example",
    ],
)
def test_rh_4_an_address_is_one_address_and_no_header(person, address):
    eve = person()
    answer = eve.create_user(email=address)
    assert answer.status_code == 400
    assert "not an e-mail address" in answer.text


@pytest.mark.parametrize(
    "target", ["//[", "/\\evil.example", "\t//evil.example", "/\n/evil.example", " //evil.example"]
)
def test_rh_3_no_next_leads_away_or_breaks(person, target):
    ada = person()
    ada.sign_up()
    assert ada.answer(ada.get("/auth/login", next=target)).json()["next"] == "/auth/user-profile"
    path, body = ada.sent
    page = ada.get("/auth/login")
    assert ada.answer(page).status_code == 200
    again = ada.http.post(f"/auth/{path}", params={"next": target}, headers={"origin": ORIGIN}, json=body)
    assert again.status_code == 400


def test_rh_6_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(person):
    ada, thief = person(), person()
    ada.sign_up()
    thief.http.cookies = dict(ada.http.cookies)
    assert thief.is_in()
    ada.post("logout")
    assert not thief.is_in()


def test_rh_3_a_sign_in_opens_a_new_session(person):
    """A session that somebody knew before is closed, also when it was another one's."""
    ada, thief = person(), person()
    ada.sign_up()
    thief.http.cookies = dict(ada.http.cookies)
    ada.answer(ada.get("/auth/login"))
    assert ada.is_in()
    assert not thief.is_in()


def test_rh_11_removing_a_passkey_ends_the_sessions_elsewhere(person):
    ada, lost = person(), person()
    mail = ada.sign_up()
    ada.confirm(mail)
    lost.browser = ada.browser
    lost.answer(lost.post("prepare-login", username_email=""))
    first = ada.get("/auth/user-profile").text
    ada.browser = type(ada.browser)(ORIGIN, SoftwareAuthenticator())
    ada.answer(ada.get("/auth/create-credential"))
    assert lost.is_in()
    identity = first.split('name="id" value="')[1].split('"')[0]
    assert "Passkeys: 1" in ada.post("remove-credential", id=identity).text
    assert ada.is_in()
    assert not lost.is_in()


def test_rh_11_two_removals_at_once_leave_a_passkey(person, site):
    ada = person()
    ada.sign_up()
    ada.browser = type(ada.browser)(ORIGIN, SoftwareAuthenticator())
    ada.answer(ada.get("/auth/create-credential"))
    both = re.findall(r'name="id" value="([^"]+)"', ada.get("/auth/user-profile").text)
    with site.app.app_context():
        engine = site.module.db.engine
    answers = delete_at_once(engine, lambda each: ada.post("remove-credential", id=each), both)
    assert sorted("changed a moment ago" in answer.text for answer in answers) == [False, True]
    assert "Passkeys: 1" in ada.get("/auth/user-profile").text


def test_rh_4_the_page_of_a_link_says_who_will_be_signed_in(person, site):
    """Or a link of somebody else's account, sent to me, would sign me in there unnoticed."""
    eve = person()
    eve.confirm(eve.sign_up())
    eve.post("email-login", username_email=eve.name)
    path = link_of(site.mails.next()).removeprefix(ORIGIN)
    assert f"<strong>{eve.name}</strong>" in person().get(path).text


def test_rh_4_a_link_opens_once_and_digits_are_tried_five_times_also_at_once(person, site):
    ada, phone = person(), person()
    ada.confirm(ada.sign_up())
    phone.post("email-login", username_email=ada.name)
    mail = site.mails.next()
    secret, code = link_of(mail).split("secret=")[1], code_of(mail)
    crowd = [person() for _ in range(8)]
    for each in crowd:
        each.http.cookies = dict(phone.http.cookies)
    with ThreadPoolExecutor(len(crowd)) as pool:
        wrong = [f"{(int(code) + 1 + number) % 10**6:06}" for number in range(len(crowd))]
        list(pool.map(lambda each, guess: each.post("email-code", code=guess), crowd, wrong))
        assert phone.post("email-code", code=code).status_code == 400  # the tries of all count
        statuses = sorted(pool.map(lambda each: each.post("magic-link", secret=secret).status_code, crowd))
    assert statuses == [302] + [400] * 7


def test_names_of_accounts_that_nobody_can_open_are_free_after_a_day(person, site):
    """What was never confirmed, neither by a passkey nor by mail, goes; everything else stays."""
    ada, bob, eve = person(), person(), person()
    ada.sign_up()  # a passkey
    bob.create_user()  # a confirmed address
    bob.confirm(site.mails.next())
    eve.create_user()  # neither
    site.mails.next()
    before = person()
    assert "taken" in person(eve.name).create_user(email="other@example.net").text
    with site.app.app_context():
        db = site.module.db
        users = {user.username: user for user in db.session.scalars(db.select(site.module.models.User))}
        for each in (ada, bob, eve):
            users[each.name].created_at -= timedelta(hours=25)
        db.session.commit()
    assert before.create_user(email="before@example.net").status_code == 200
    site.mails.next()
    assert not eve.is_in()
    assert ada.is_in()
    assert bob.is_in()
    late = person(eve.name)
    assert late.create_user().status_code == 200
    assert site.mails.next()["to"] == f"{eve.name}@example.org"
    assert not eve.is_in()  # the old session is none of the new account


def test_text_that_no_database_takes(person):
    eve = person()
    for wanted in ("\x00", "a\x00b@example.org"):
        assert eve.post("email-login", username_email=wanted).status_code == 200
        assert eve.post("prepare-login", username_email=wanted).status_code == 200
        answer = eve.post("create-user", username=eve.name, name=wanted, email="eve@example.net")
        assert (answer.status_code, "cannot be shown" in answer.text) == (400, True)


def test_settings_that_would_give_secrets_away(site):
    create_app = site.module.create_app
    for given in ({}, {"SECRET_KEY": "x" * 64}, {"MAIL_SERVER": "mail.example.org"}):
        with pytest.raises(Misconfigured, match="SECRET_KEY and MAIL_SERVER"):
            create_app(ORIGIN="https://example.org", **given)
    create_app(ORIGIN="https://example.org", SECRET_KEY="x" * 64, MAIL_SERVER="mail.example.org")
    lines = (EXAMPLES / "flask_htmx" / "env.example").read_text("utf-8").splitlines()
    assert not [line for line in lines if line.startswith("SECRET_KEY=")]  # or whoever copies the file shares a key


def test_redis_that_does_not_answer_is_a_sentence(person, site, monkeypatch):
    from redis.exceptions import ConnectionError as NoAnswer

    ada = person()
    ada.sign_up()
    page = ada.get("/auth/login")

    def down(*_args, **_kwargs):
        raise NoAnswer("down")

    monkeypatch.setattr(type(site.redis), "execute_command", down)
    answers = [ada.get("/auth/login"), ada.post("email-login", username_email="x"), ada.answer(page)]
    assert [(answer.status_code, "Try again" in answer.text) for answer in answers] == [(503, True)] * 3


def test_rh_10_starttls_only_with_a_certificate_that_is_trusted(person, site, monkeypatch, tmp_path, caplog):
    """Refused: self-signed, of an unknown authority, of another host, none at all. Trusted: of the given authority."""
    authority, other = issue("authority"), issue("another authority")
    good = issue("localhost", by=authority)
    (tmp_path / "authority.pem").write_bytes(authority.pem)

    def mail_over(certificate, **settings):
        """Sign up; what the log says, and the mail if there is one."""
        caplog.clear()
        context = None
        if certificate is not None:
            (tmp_path / "server.pem").write_bytes(certificate.pem)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tmp_path / "server.pem")
        with mailbox(context) as mails, monkeypatch.context() as patch:
            chosen = {"MAIL_SERVER": "localhost", "MAIL_PORT": str(mails.port), "MAIL_STARTTLS": "true", **settings}
            for name, value in chosen.items():
                patch.setitem(site.app.config, name, value)
            assert person().create_user().status_code == 200
            site.wait_for_mails()
            return caplog.text, None if mails.is_empty() else mails.next()

    trusting = {"MAIL_CA_FILE": str(tmp_path / "authority.pem")}
    log, mail = mail_over(good, **trusting)
    assert (log, mail["subject"]) == ("", "Confirm your address")
    for wrong in (issue("localhost"), issue("localhost", by=other), issue("mail.example.org", by=authority)):
        log, mail = mail_over(wrong, **trusting)
        assert mail is None
        assert "certificate of the mail server localhost is not trusted" in log
        assert "MAIL_CA_FILE" in log
    log, mail = mail_over(good)  # the machine's own authorities do not know ours
    assert (mail, "not trusted" in log) == (None, True)
    for anything_but_false in ("true", "True", "1", ""):  # a slip of the pen does not send secrets in the clear
        log, mail = mail_over(None, MAIL_STARTTLS=anything_but_false)
        assert (mail, "could not be sent" in log) == (None, True)
