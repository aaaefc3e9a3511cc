"""Whoever finds an open session must not be able to stay: passkeys are added and removed shortly after a sign-in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from unlatch.adapters.http.visit import CONFIRM_WITHIN
from unlatch.ceremonies.step_up import is_fresh
from unlatch.server.codes import Rejected, ServerCode
from unlatch.server.schema import credentials
from unlatch.server.sessions import Session


def count_passkeys(connection: Connection, session: Session) -> int:
    """How many passkeys the account of a session has."""
    statement = select(func.count()).where(credentials.c.user_handle == session.user.handle)
    return connection.execute(statement).scalar_one()


def expect_fresh(connection: Connection, session: Session, *, now: datetime) -> None:
    """Ask for a sign-in of the last ten minutes. An account without passkeys has none to sign in with.

    Raises:
        Rejected: The session is older, or was opened at a time that is yet to come.
    """
    if is_fresh(session.created_at, max_age=CONFIRM_WITHIN, now=now) or not count_passkeys(connection, session):
        return
    raise Rejected(
        ServerCode.CONFIRMATION_NEEDED, "Please confirm with your passkey first: sign in again, then repeat this."
    )
