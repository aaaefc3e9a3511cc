"""Bring the tables up to date when the server starts."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from unlatch.errors import Misconfigured


def upgrade(engine: Engine) -> None:
    """Apply every migration that the database has not seen, in one transaction.

    Raises:
        Misconfigured: What is there is no database of this server, or a newer version of it wrote it.
    """
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # SQLite alters a table by making it anew. With foreign keys on, dropping the old one would cascade.
                # The pragma counts only outside of a transaction, and the connection is thrown away below.
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise Misconfigured(
            f"The database {_name(engine)!r} was written by a newer version of this server ({error}). Update unlatch."
        ) from error
    except DBAPIError as error:
        raise Misconfigured(f"The database {_name(engine)!r} cannot be used: {error.orig}.") from error
    finally:
        engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file, on an open connection."""
    config = Config()
    config.set_main_option("script_location", "unlatch.server:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _name(engine: Engine) -> str:
    return engine.url.database or engine.url.render_as_string()
