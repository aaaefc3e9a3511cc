import os
import secrets
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.middleware.sessions import SessionMiddleware

from unlatch import Policy, RelyingParty, UserEntity
from unlatch.adapters.fastapi import Unlatch
from unlatch.adapters.http import HttpCode, Rejected, Users
from unlatch.stores.sqlalchemy import add_tables, create_async_sqlite_engine

SECRET_KEY = os.environ.get("SECRET_KEY", secrets.token_hex())  # set it, or a restart signs everybody out
engine = create_async_sqlite_engine("club.sqlite3")
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[bytes] = mapped_column(unique=True)  # what passkeys call the user


add_tables(Base.metadata)


async def get_session():
    async with sessions() as session:
        yield session


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
unlatch = Unlatch(rp, users=users_of, session=get_session)


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.add_middleware(SessionMiddleware, secret_key=SECRET_KEY)  # https_only=True on https
unlatch.install(app)


@app.post("/launch")
async def launch(user: Annotated[UserEntity, Depends(unlatch.passkey_required(max_age=60, purpose="launch"))]):
    return {"by": user.name}


app.mount("/", StaticFiles(directory="static", html=True))
