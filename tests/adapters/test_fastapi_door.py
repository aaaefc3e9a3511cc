"""The doors for FastAPI and Starlette, on applications as people have them."""

import asyncio
from typing import Annotated

import httpx
import pytest
import schemathesis
from fastapi import Depends, FastAPI, HTTPException
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route as HttpRoute

from adapters.asgi import Loop
from adapters.people import Person, bad_requests, whole_journey
from adapters.visitors import Accounts
from unlatch import Misconfigured, Policy, RelyingParty, UserEntity
from unlatch.adapters.fastapi import Unlatch
from unlatch.adapters.http import HttpCode, Rejected, Route, Users
from unlatch.adapters.starlette import Unlatch as StarletteUnlatch
from unlatch.stores.memory import AsyncMemoryCeremonies, AsyncMemoryCredentials
from unlatch.stores.sqlalchemy import add_tables, create_async_sqlite_engine

ORIGIN = "https://example.org"
RP = RelyingParty(id="example.org", policy=Policy.passkey())


class Base(DeclarativeBase):
    pass


class Member(Base):
    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    handle: Mapped[bytes] = mapped_column(LargeBinary(64), unique=True)


add_tables(Base.metadata)


def users_of(session: AsyncSession) -> Users:
    """The members, by the session of a request."""

    async def find(**by: object) -> UserEntity | None:
        member = await session.scalar(select(Member).filter_by(**by))
        return None if member is None else UserEntity(member.handle, member.name)

    async def create(user: UserEntity) -> None:
        try:
            async with session.begin_nested():
                session.add(Member(name=user.name, handle=user.id))
        except IntegrityError:
            raise Rejected(HttpCode.USERNAME_TAKEN) from None

    return Users(by_handle=lambda handle: find(handle=handle), by_name=lambda name: find(name=name), create=create)


class Club:
    """A FastAPI application that had members, and a dependency for its session, before it had passkeys."""

    def __init__(self, file):
        self.engine = create_async_sqlite_engine(file)
        sessions = async_sessionmaker(self.engine, expire_on_commit=False)

        async def get_session():
            async with sessions() as session:
                yield session

        self.unlatch = unlatch = Unlatch(RP, users=users_of, session=get_session)
        self.app = app = FastAPI()
        app.add_middleware(SessionMiddleware, secret_key="not secret", https_only=True)
        unlatch.install(app)
        self.events = []

        @unlatch.on_sign_in
        async def signed_in(request, event):
            self.events.append(event)
            request.session["greeting"] = f"Hello {event.user.name}"

        @unlatch.on_sign_out
        def signed_out(request):
            request.session.clear()

        async def me(user: Annotated[UserEntity | None, Depends(unlatch.user())]) -> str:
            return "nobody" if user is None else user.name

        async def close() -> str:
            return "closed"

        app.add_api_route("/me", me)
        closing = Depends(unlatch.passkey_required(max_age=60, purpose="close the account"))
        app.add_api_route("/close", close, methods=["POST"], dependencies=[closing])
        app.add_api_route("/secret", close, dependencies=[Depends(unlatch.passkey_required(max_age=60))])


@pytest.fixture
def runner():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def person(runner):
    """People, each with a client of their own on an application."""

    def person(app, prefix="/webauthn"):
        return Person(httpx.Client(transport=Loop(app, runner), base_url=ORIGIN), ORIGIN, prefix)

    return person


@pytest.fixture
def club(tmp_path, runner):
    club = Club(tmp_path / "club.sqlite3")

    async def make():
        async with club.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    runner.run(make())
    yield club
    runner.run(club.engine.dispose())


def test_the_whole_journey_on_an_existing_session(club, person):
    whole_journey(person(club.app), "ada")
    assert [event.new_account for event in club.events] == [True, False, False]


def test_the_passkey_signs_in_to_the_rest_of_the_application(club, person):
    ada = person(club.app)
    assert ada.http.get("/me").json() == "nobody"
    secret = ada.http.get("/secret")
    assert (secret.status_code, secret.json()["code"]) == (401, "not_signed_in")
    assert secret.headers["content-type"] == "application/problem+json"
    ada.create(username="ada")
    assert ada.http.get("/me").json() == "ada"
    assert ada.http.get("/secret").json() == "closed"
    assert ada.http.post("/close").json()["code"] == "confirmation_needed"
    assert ada.step_up(purpose="close the account").status_code == 200
    assert ada.http.post("/close").json() == "closed"
    ada.sign_out()
    assert ada.http.get("/me").json() == "nobody"


def test_a_refusal_uses_the_ceremony_up_and_what_breaks_leaves_nothing(club, person):
    ada = person(club.app)
    begun = ada.post("/registration/options", {"username": "ada"}).json()
    bad = {"ceremony_id": begun["ceremony_id"], "credential": {"id": "AA"}}
    assert ada.post("/registration/verify", bad).status_code == 400
    assert ada.post("/registration/verify", bad).json()["code"] == "ceremony_unknown"

    @club.unlatch.on_sign_in
    def broken(request, event):
        raise RuntimeError("a secret detail")

    answer = ada.create(username="ada")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert ada.username() is None
    assert ada.post("/registration/options", {"username": "ada"}).status_code == 200


def test_a_hook_turns_somebody_away(club, person):
    ada = person(club.app)
    ada.create(username="ada")
    ada.sign_out()

    @club.unlatch.on_sign_in
    def closed(request, event):
        raise HTTPException(403, "come tomorrow")

    answer = ada.sign_in()
    assert (answer.status_code, answer.json()) == (403, {"detail": "come tomorrow"})
    assert ada.username() is None


def test_who_goes_away_in_the_middle_is_no_fault_of_ours(club, runner, caplog):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    path = "/webauthn/authentication/options"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": [], "scheme": "https", "server": ("example.org", 443), "http_version": "1.1"}
    runner.run(club.app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert "internal_error" not in caplog.text


def test_bad_requests(club, person):
    bad_requests(person(club.app))


def test_every_answer_is_described_and_none_is_a_server_error(club, person):
    ada = person(club.app)
    ada.create(username="schemathesis")
    document = club.app.openapi()
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    own = {("/webauthn" + route.path, route.method) for route in Route}
    assert own <= described
    schema = schemathesis.openapi.from_asgi("/openapi.json", club.app)
    cookies = "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())
    for path, method in sorted(own):
        operation = document["paths"][path][method.lower()]
        assert "4XX" in operation["responses"]
        assert "422" not in operation["responses"]
        assert operation["summary"]

        check(schema[path][method], ada.http, cookies)


def check(operation, client, cookies):
    """Send what the description allows; every answer must be described, and none a server error."""

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate])
    @given(case=operation.as_strategy())
    def call(case):
        body = case.body if isinstance(case.body, dict) else None
        answer = client.request(
            case.method, case.formatted_path, params=case.query or None, json=body, headers={"cookie": cookies}
        )
        assert answer.status_code < 500
        operation.validate_response(schemathesis.Response.from_httpx(answer, verify=False))

    call()


def starlette_app(**choices):
    accounts = Accounts()
    unlatch = StarletteUnlatch(
        RP,
        users=accounts.awaited(),
        credentials=AsyncMemoryCredentials(),
        ceremonies=AsyncMemoryCeremonies(),
        **choices,
    )

    async def secret(request):
        user = await unlatch.expect_passkey(request, max_age=60)
        return PlainTextResponse(user.name)

    async def password(request):
        unlatch.after_first_factor(request, accounts.by_name("ada"))
        return PlainTextResponse("")

    async def leave(request):
        unlatch.forget(request)
        return PlainTextResponse("")

    own = [HttpRoute("/secret", secret), HttpRoute("/password", password), HttpRoute("/leave", leave)]
    app = Starlette(
        routes=[*unlatch.routes(), *own],
        middleware=[Middleware(SessionMiddleware, secret_key="not secret", https_only=True)],
    )
    unlatch.refuse_with_problems(app)
    return app


def test_starlette_without_a_database(person):
    app = starlette_app(manage="https://example.org/account")
    ada = person(app)
    whole_journey(ada, "bob")
    bad_requests(person(app))
    assert ada.http.get("/.well-known/passkey-endpoints").json() == {"manage": "https://example.org/account"}
    assert ada.http.get("/secret").json()["code"] == "not_signed_in"
    assert ada.create(username="ada").status_code == 201
    assert ada.http.get("/secret").text == "ada"
    ada.http.get("/leave")
    assert ada.username() is None
    ada.http.get("/password")
    assert ada.sign_in(factor="second").status_code == 200
    assert ada.http.get("/secret").text == "ada"


def test_starlette_with_a_database(club, person):
    unlatch = StarletteUnlatch(
        RP, users=users_of, database=async_sessionmaker(club.engine, expire_on_commit=False), prefix="/own"
    )
    app = Starlette(
        routes=unlatch.routes(), middleware=[Middleware(SessionMiddleware, secret_key="not secret", https_only=True)]
    )
    ada = person(app, "/own")
    assert ada.create(username="ada").status_code == 201
    assert ada.username() == "ada"


def test_mistakes_are_told(person):
    with pytest.raises(Misconfigured, match="a place to keep"):
        StarletteUnlatch(RP, users=Accounts().users())
    unlatch = StarletteUnlatch(
        RP, users=users_of, credentials=AsyncMemoryCredentials(), ceremonies=AsyncMemoryCeremonies()
    )
    answer = person(Starlette(routes=unlatch.routes())).http.get("/webauthn/session")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
