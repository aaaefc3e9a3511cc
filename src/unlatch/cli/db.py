"""`unlatch db`: the tables of the server, brought to another version."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Unpack

import click

from unlatch.cli.exits import refuse
from unlatch.cli.places import Places, place_options, settings_at
from unlatch.errors import Misconfigured

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from unlatch.server.revisions import Revision


@click.group()
def db() -> None:
    """Bring the tables of the server to another version, or look where they are."""


@db.command()
@place_options
def check(**places: Unpack[Places]) -> None:
    """Say which version the tables have. The exit code is 0 if it is the one that this program needs, 1 if not."""
    with _database(places) as engine:
        from unlatch.server.migrate import state_of
        from unlatch.server.revisions import Level, head, pending

        level, name = state_of(engine)
        if level is Level.CURRENT:
            click.echo(f"The tables are those of this version ({name}).")
            return
        sentences = {
            Level.EMPTY: "There are no tables yet. `unlatch serve` or `unlatch db upgrade` makes them.",
            Level.BEHIND: f"The tables are at {name}, this version needs {head()}. Run: unlatch db upgrade",
            Level.NEWER: f"A newer version of unlatch has made these tables ({name}). Update this one.",
            Level.FOREIGN: "Tables of these names are there, but unlatch has not made them. Name another database.",
        }
        click.echo(sentences[level])
        if level in (Level.EMPTY, Level.BEHIND):
            for revision in pending(name):
                click.echo(f"  {revision.name}  {revision.title}")
    raise SystemExit(1)


@db.command()
@place_options
def upgrade(**places: Unpack[Places]) -> None:
    """Bring the tables to the version that this program needs. Doing it twice does no harm."""
    with _database(places) as engine:
        from unlatch.server.migrate import upgrade as run
        from unlatch.server.revisions import head

        steps = _Steps("upgraded to")
        run(engine, on_step=steps.show)
        click.echo(
            f"The tables are those of this version ({head()}).{'' if steps.shown else ' Nothing was to be done.'}"
        )


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Also if something is lost.")
@place_options
def downgrade(revision: str, yes: bool, **places: Unpack[Places]) -> None:
    """Bring the tables back to an older REVISION, a number that `check` prints, or "base" for no tables.

    Do it with the version of unlatch that made the newer ones, before you go back to the older one. Make a backup.
    """
    with _database(places) as engine:
        from unlatch.server.migrate import downgrade as run

        run(engine, revision, lose=yes, on_step=_Steps("taken back").show)
        click.echo("There are no tables any more." if revision == "base" else f"The tables are at {revision}.")


class _Steps:
    """Prints each migration when it is done, and how long it took."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._since = time.monotonic()
        self.shown = 0

    def show(self, revision: Revision) -> None:
        now = time.monotonic()
        click.echo(f"  {self._verb} {revision.name}  {revision.title} ({now - self._since:.1f} s)")
        self._since = now
        self.shown += 1


@contextmanager
def _database(places: Places) -> Iterator[Engine]:
    """The database of the options; what goes wrong is one sentence."""
    try:
        from unlatch.server.engines import open_database
    except ModuleNotFoundError as error:
        refuse(f"The database needs the package {error.name!r}: pip install 'unlatch[server]'")
    try:
        engine = open_database(settings_at(places), answer_seconds=None)
        try:
            yield engine
        finally:
            engine.dispose()
    except Misconfigured as error:
        refuse(error.detail)
