"""Between our values and Django's database: errors that are ours, and times that the settings allow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.db import Error

from unlatch.codes import Code
from unlatch.errors import Unavailable


@contextmanager
def translated() -> Iterator[None]:
    """Let no error of the database out.

    Raises:
        Unavailable: In place of Django's.
    """
    try:
        yield
    except Error as error:
        detail = f"the database did not answer: {type(error).__name__}: {error}"
        raise Unavailable(Code.STORE_UNAVAILABLE, detail=detail) from error


def to_column(time: datetime | None) -> datetime | None:
    """An aware time as the settings want it in a column: aware, or in UTC without saying so."""
    if time is None:
        return None
    utc = time.astimezone(UTC)
    return utc if settings.USE_TZ else utc.replace(tzinfo=None)


def from_column(time: datetime | None) -> datetime | None:
    """Back to an aware time in UTC."""
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
