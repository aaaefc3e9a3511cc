import os
import secrets
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from unlatch import Policy, RelyingParty, UserEntity
from unlatch.adapters.http import HttpCode, Rejected, Users
from unlatch.adapters.starlette import Unlatch
from unlatch.stores.sqlalchemy import add_tables, create_async_sqlite_engine

SECRET_KEY = os.environ.get("SECRET_KEY", secrets.token_hex())  # set it, or a restart signs everybody out
engine = create_async_sqlite_engine("circle.sqlite3")
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[bytes] = mapped_column(unique=True)  # what passkeys call the user


add_tables(Base.metadata)


def users_of(session):
    async def find(**by):
        user = await session.scalar(select(User).filter_by(**by))
        return user and UserEntity(user.handle, user.name)

    async def create(user):
        try:
            async with session.begin_nested():
                session.add(User(name=user.name, handle=user.id))
        except IntegrityError:
            raise Rejected(HttpCode.USERNAME_TAKEN) from None

    return Users(by_handle=lambda handle: find(handle=handle), by_name=lambda name: find(name=name), create=create)


rp = RelyingParty(id="localhost", origins=["http://localhost:8000"], policy=Policy.passkey())
unlatch = Unlatch(rp, users=users_of, database=sessions)


async def launch(request):
    user = await unlatch.expect_passkey(request, max_age=60, purpose="launch")
    return JSONResponse({"by": user.name})


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = Starlette(
    routes=[
        *unlatch.routes(),
        Route("/launch", launch, methods=["POST"]),
        Mount("/", StaticFiles(directory="static", html=True)),
    ],
    middleware=[Middleware(SessionMiddleware, secret_key=SECRET_KEY)],  # https_only=True
    lifespan=lifespan,
)
unlatch.refuse_with_problems(app)
