"""Which migrations there are, and how far a database has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from unlatch.server.schema import metadata

#: What Alembic calls the state before the first migration.
BASE = "base"


class Level(StrEnum):
    """How a database stands to this version of the server."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Revision:
    """One migration.

    Attributes:
        name: Its number, as in the database.
        title: What it does, in one line.
        loses: The tables whose rows are lost when it is taken back.
    """

    name: str
    title: str
    loses: tuple[str, ...]


def script_configuration() -> Config:
    """Alembic's configuration as far as it says where the migrations are."""
    config = Config()
    config.set_main_option("script_location", "unlatch.server:migrations")
    config.set_main_option("path_separator", "os")
    return config


@cache
def revisions() -> tuple[Revision, ...]:
    """All migrations of this version, the first one first."""
    scripts = reversed(list(ScriptDirectory.from_config(script_configuration()).walk_revisions()))
    return tuple(Revision(script.revision, script.doc.rstrip("."), tuple(script.module.LOSES)) for script in scripts)


def head() -> str:
    """The number of the newest migration of this version."""
    return revisions()[-1].name


def current(connection: Connection) -> str | None:
    """The number that the database says it has; None when it says nothing."""
    return MigrationContext.configure(connection).get_current_revision()


def level_of(connection: Connection) -> Level:
    """How the database of a connection stands to this version."""
    name = current(connection)
    if name is None:
        taken = set(metadata.tables).intersection(inspect(connection).get_table_names())
        return Level.FOREIGN if taken else Level.EMPTY
    if name == head():
        return Level.CURRENT
    return Level.BEHIND if name in (revision.name for revision in revisions()) else Level.NEWER


def pending(name: str | None) -> Iterator[Revision]:
    """The migrations that a database with this number has not seen, the first one first."""
    seen = name is None
    for revision in revisions():
        if seen:
            yield revision
        seen = seen or revision.name == name
