"""The Flask extension, on applications as people have them."""

from __future__ import annotations

import httpx
import pytest
from flask import Flask, abort
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import LargeBinary, String, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from adapters.people import Person, bad_requests, whole_journey
from adapters.visitors import Accounts
from unlatch import Misconfigured, UserEntity
from unlatch.adapters.flask import Unlatch
from unlatch.adapters.http import HttpCode, Rejected, Users, new_user_handle
from unlatch.stores.memory import MemoryCeremonies, MemoryCredentials

ORIGIN = "https://example.org"


def person(app, *, origin=ORIGIN, prefix="/webauthn"):
    return Person(httpx.Client(transport=httpx.WSGITransport(app=app), base_url=origin), origin, prefix)


def an_app(**config):
    app = Flask("shop")
    app.config.update(SECRET_KEY="not secret", UNLATCH_RP_ID="example.org", **config)
    return app


class Shop:
    """An application that had users, Flask-Login and Flask-SQLAlchemy before it had passkeys."""

    def __init__(self, url="sqlite:///:memory:", **config):
        class Base(DeclarativeBase):
            pass

        db = self.db = SQLAlchemy(model_class=Base, disable_autonaming=True)

        class User(UserMixin, db.Model):
            __tablename__ = "shop_user"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str] = mapped_column(String(64), unique=True)
            passkey_handle: Mapped[bytes] = mapped_column(LargeBinary(64), unique=True, default=new_user_handle)

            @property
            def entity(self):
                return UserEntity(self.passkey_handle, self.name)

        def find(**by):
            user = db.session.scalar(select(User).filter_by(**by))
            return None if user is None else user.entity

        def create(user):
            try:
                with db.session.begin_nested():
                    db.session.add(User(name=user.name, passkey_handle=user.id))
            except IntegrityError:
                raise Rejected(HttpCode.USERNAME_TAKEN) from None

        self.User = User
        self.events = []
        self.unlatch = Unlatch(
            users=Users(
                by_handle=lambda handle: find(passkey_handle=handle),
                by_name=lambda name: find(name=name),
                create=create,
            ),
            db=db,
            current_user=lambda: current_user.entity if current_user.is_authenticated else None,
        )

        @self.unlatch.on_sign_in
        def signed_in(event):
            self.events.append(event)
            login_user(db.session.scalar(select(User).filter_by(passkey_handle=event.user.id)))

        self.unlatch.on_sign_out(logout_user)
        self.app = self.factory(url, **config)

    def factory(self, url, **config):
        app = an_app(SQLALCHEMY_DATABASE_URI=url, **config)
        self.db.init_app(app)
        LoginManager(app).user_loader(lambda number: self.db.session.get(self.User, int(number)))
        self.unlatch.init_app(app)

        @app.get("/mine")
        @login_required
        def mine():
            return current_user.name

        @app.post("/close")
        @self.unlatch.passkey_required(max_age=60, purpose="close the account")
        def close():
            return "closed"

        @app.get("/secret")
        @self.unlatch.passkey_required(max_age=60)
        def secret():
            return "secret"

        @app.get("/awaited")
        @self.unlatch.passkey_required(max_age=60)
        async def awaited():
            return "awaited"

        with app.app_context():
            self.db.create_all()
        return app


@pytest.fixture
def shop():
    return Shop()


def test_the_whole_journey_with_flask_login_and_flask_sqlalchemy(shop):
    ada = person(shop.app)
    whole_journey(ada, "ada")
    assert [event.new_account for event in shop.events] == [True, False, False]
    with shop.app.app_context():
        names = set(inspect(shop.db.engine).get_table_names())
    assert {"unlatch_credentials", "unlatch_ceremonies"} < names


def test_the_passkey_signs_in_to_the_rest_of_the_application(shop):
    ada = person(shop.app)
    assert ada.http.get("/mine").status_code == 401
    assert ada.http.get("/secret").json()["code"] == "not_signed_in"
    ada.create(username="ada")
    assert ada.http.get("/mine").text == "ada"
    assert ada.http.get("/secret").text == "secret"
    assert ada.http.get("/awaited").text == "awaited"
    assert ada.http.post("/close").json()["code"] == "confirmation_needed"
    assert ada.step_up(purpose="close the account").status_code == 200
    assert ada.http.post("/close").text == "closed"
    ada.sign_out()
    assert ada.http.get("/mine").status_code == 401


def test_somebody_who_signed_in_with_a_password_adds_a_passkey(shop):
    @shop.app.post("/password")
    def password():
        login_user(shop.db.session.scalar(select(shop.User)))
        return ""

    @shop.app.post("/password-first")
    def password_first():
        shop.unlatch.after_first_factor(shop.db.session.scalar(select(shop.User)).entity)
        return ""

    @shop.app.post("/leave")
    def leave():
        logout_user()
        shop.unlatch.forget()
        return ""

    with shop.app.app_context():
        shop.db.session.add(shop.User(name="old hand"))
        shop.db.session.commit()
    ada = person(shop.app)
    ada.http.post("/password")
    assert ada.http.get("/secret").json()["code"] == "confirmation_needed"
    assert ada.create().json()["new_account"] is False
    ada.http.post("/leave")
    assert ada.username() is None
    ada.http.post("/password-first")
    assert ada.username() is None
    assert ada.sign_in(factor="second").status_code == 200
    assert shop.events[-1].second_factor
    assert ada.username() == "old hand"


def test_a_refusal_uses_the_ceremony_up_and_what_breaks_leaves_nothing(shop):
    ada = person(shop.app)
    begun = ada.post("/registration/options", {"username": "ada"}).json()
    bad = {"ceremony_id": begun["ceremony_id"], "credential": {"id": "AA"}}
    assert ada.post("/registration/verify", bad).status_code == 400
    assert ada.post("/registration/verify", bad).json()["code"] == "ceremony_unknown"

    @shop.unlatch.on_sign_in
    def broken(event):
        raise RuntimeError("a secret detail")

    answer = ada.create(username="ada")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    with shop.app.app_context():
        assert shop.db.session.scalars(select(shop.User)).all() == []
    assert ada.http.get("/mine").status_code == 401


def _reject():
    raise Rejected(HttpCode.SIGN_UP_CLOSED)


@pytest.mark.parametrize("turned_away", [lambda: abort(403), _reject])
def test_a_hook_turns_somebody_away(shop, turned_away):
    ada = person(shop.app)
    ada.create(username="ada")
    ada.sign_out()
    shop.unlatch.on_sign_in(lambda event: turned_away())
    assert ada.sign_in().status_code == 403
    assert ada.username() is None
    assert ada.http.get("/mine").status_code == 401


def test_a_body_that_cannot_be_read_is_no_fault_of_ours(shop):
    class Broken:
        def read(self, size=-1):
            raise OSError("not a chunk")

    path, headers = "/webauthn/authentication/options", {"content-type": "application/json"}
    client = shop.app.test_client()
    chunked = {"wsgi.input": Broken(), "wsgi.input_terminated": True}
    answer = client.post(path, headers=headers, environ_overrides=chunked)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_request")
    shop.app.config["MAX_CONTENT_LENGTH"] = 10
    answer = client.post(path, headers=headers, data='{"username": "somebody"}')
    assert (answer.status_code, answer.json["code"]) == (413, "malformed_too_large")


def test_sessions_with_an_id_get_a_new_one_at_every_sign_in(shop):
    class Sessions(SecureCookieSessionInterface):
        times = 0

        def regenerate(self, session):
            assert "_user_id" not in session
            self.times += 1

    sessions = shop.app.session_interface = Sessions()
    ada = person(shop.app)
    ada.create(username="ada")
    assert sessions.times == 1
    ada.sign_out()
    ada.sign_in()
    assert sessions.times == 2


def test_bad_requests(shop):
    bad_requests(person(shop.app))


def test_one_extension_for_two_applications_and_an_own_prefix(shop):
    second = shop.factory("sqlite:///:memory:", UNLATCH_URL_PREFIX="/auth/passkeys")
    ada, eve = person(shop.app), person(second, prefix="/auth/passkeys")
    ada.create(username="ada")
    assert eve.create(username="ada").status_code == 201
    assert second.test_client().get("/webauthn/session").status_code == 404


def test_without_a_database_and_without_flask_login():
    accounts = Accounts()
    app = an_app(UNLATCH_MANAGE_PAGE="https://example.org/account")
    unlatch = Unlatch(app, users=accounts.users(), credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())

    @app.get("/me")
    def me():
        user = unlatch.current_user()
        return "nobody" if user is None else user.name

    ada = person(app)
    whole_journey(ada, "ada")
    assert ada.http.get("/me").text == "nobody"
    ada.create(username="bob")
    assert ada.http.get("/me").text == "bob"
    endpoints = ada.http.get("/.well-known/passkey-endpoints")
    assert endpoints.json() == {"manage": "https://example.org/account"}


def test_a_database_that_is_away_is_a_problem(shop):
    with shop.app.app_context():
        shop.db.drop_all()
    answer = person(shop.app).post("/authentication/options", {})
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"]


def test_mistakes_are_told_when_the_application_starts():
    with pytest.raises(Misconfigured, match="a place to keep"):
        Unlatch(users=Accounts().users())
    unlatch = Unlatch(users=Accounts().users(), credentials=MemoryCredentials(), ceremonies=MemoryCeremonies())
    with pytest.raises(Misconfigured, match="UNLATCH_RP_ID"):
        unlatch.init_app(Flask("shop"))
    app = Flask("shop")
    with app.test_request_context(), pytest.raises(Misconfigured, match="init_app"):
        unlatch.after_first_factor(UserEntity(b"x", "x"))
