"""`unlatch backup` and `unlatch restore`: a SQLite database in one file, and back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unlatch.cli.exits import refuse
from unlatch.cli.places import Places, settings_at
from unlatch.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE = click.Path(dir_okay=False, path_type=Path)

_DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the SQLite file. Default: $UNLATCH_DATA, or your account's folder for application data.",
)
_DATABASE = click.option(
    "--database", metavar="URL", envvar="UNLATCH_DATABASE", show_envvar=True, help="As for serve; SQLite only."
)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Replace FILE if it is there.")
@_DATA
@_DATABASE
def backup(file: Path, replace: bool, data: Path | None, database: str | None) -> None:
    """Copy the SQLite database into FILE, whole and checked. The server may run."""
    with _one_sentence(), _bar("copying") as progress:
        from unlatch.server.backup import back_up

        contents = back_up(_sqlite_file(data, database), file, replace=replace, progress=progress)
    click.echo(f"{file} has {contents}. Keep it as safe as the database: it holds who has an account.")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Also if there are accounts in the database; they are kept in a file.")
@_DATA
@_DATABASE
def restore(file: Path, replace: bool, data: Path | None, database: str | None) -> None:
    """Make the SQLite database what it was when the backup FILE was made. The server may run.

    Everybody must sign in again. Passkeys that were removed since are back, those that were made since are gone.
    """
    with _one_sentence(), _bar("restoring") as progress:
        from unlatch.server.backup import restore as run

        path = _sqlite_file(data, database)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        contents, kept = run(file, path, replace=replace, progress=progress)
    click.echo(f"{path} has {contents}. Everybody must sign in again.")
    if kept is not None:
        click.echo(f"What it was before is in {kept}.")


def _sqlite_file(data: Path | None, database: str | None) -> Path:
    from unlatch.server.engines import sqlite_file

    places = Places(data=data, database=database, redis=None, ceremonies=None, seal_keys_file=None)
    path = sqlite_file(settings_at(places))
    if path is None:
        raise Misconfigured(
            "This is for SQLite. For PostgreSQL take pg_dump and pg_restore, for MariaDB mariadb-dump: "
            "docs/how-to/backups.md says how."
        )
    return path


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        refuse(f"The database needs the package {error.name!r}: pip install 'unlatch[server]'")
    except Misconfigured as error:
        refuse(error.detail)
    except OSError as error:
        refuse(f"{str(error.filename)!r} cannot be used ({error.strerror}).")


@contextmanager
def _bar(label: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on a terminal; silent elsewhere."""
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def show(part: float) -> None:
            bar.update(int(part * 1000) - bar.pos)

        yield show
