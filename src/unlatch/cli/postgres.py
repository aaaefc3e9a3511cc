"""``unlatch postgres``: passkeys inside PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unlatch.cli.exits import refuse
from unlatch.cli.text import visible
from unlatch.errors import Misconfigured

if TYPE_CHECKING:
    from unlatch.postgres.install import Cursor, Status

_DSN = click.option("--dsn", envvar="UNLATCH_POSTGRES_DSN", required=True, help="Where: postgresql://... or host=... ")
_PYTHON_PATH = click.option(
    "--python-path",
    metavar="DIR",
    help="Folder with this package and cryptography for the database server's Python, an absolute path there. "
    "Default: the server's own PYTHONPATH.",
)
_BACKENDS = click.Choice(["sql", "plpython"])
_WHICH = "sql needs nothing but PostgreSQL; plpython verifies with this library, and needs a superuser."
_BACKEND = click.option("--backend", type=_BACKENDS, default="sql", show_default=True, help=_WHICH)


@click.group()
def postgres() -> None:
    """Passkeys inside PostgreSQL: install the schema `webauthn` and look after it."""


@postgres.command()
@_DSN
@click.option("--backend", type=_BACKENDS, help=_WHICH + " Default: the one that is installed, else sql.")
@_PYTHON_PATH
@click.option("--rp-id", help="Domain that the passkeys are bound to; written to webauthn.config.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Where its pages live, several times for several. Sets exactly these; without it a relying party that is "
    "there keeps its own, and a new one gets https:// and its domain.",
)
@click.option("--grant-to", metavar="ROLE", help="Give this role what the owner of wrapper functions needs.")
def install(
    dsn: str,
    backend: str | None,
    python_path: str | None,
    rp_id: str | None,
    origins: tuple[str, ...],
    grant_to: str | None,
) -> None:
    """Install the schema, or change its backend; takes over the tables of pg-webauthn where they are."""
    from unlatch.postgres import install as door

    if origins and rp_id is None:
        refuse("--origin needs --rp-id: an origin belongs to a relying party.")
    with _cursor(dsn) as cursor:
        status = door.install(cursor, backend=backend, python_path=python_path)
        written = rp_id is not None and door.configure(cursor, rp_id, origins=origins)
        status = door.status(cursor)
        if grant_to is not None:
            door.grant(cursor, grant_to)
    _tell(status)
    if rp_id is not None and not written:
        click.echo(f"{rp_id} was configured before and stays so; to change its origins, give them all with --origin.")


@postgres.command()
@_DSN
@_PYTHON_PATH
def upgrade(dsn: str, python_path: str | None) -> None:
    """Bring an installation to this version of the package."""
    from unlatch.postgres import install as door

    with _cursor(dsn) as cursor:
        status = door.upgrade(cursor, python_path=python_path)
    _tell(status)


@postgres.command()
@_DSN
@click.option("--with-data", is_flag=True, help="Also if there are passkeys: they are lost.")
def uninstall(dsn: str, with_data: bool) -> None:
    """Take the schema away."""
    from unlatch.postgres import install as door

    with _cursor(dsn) as cursor:
        door.uninstall(cursor, with_data=with_data)
    click.echo("uninstalled")


@postgres.command()
@_DSN
def status(dsn: str) -> None:
    """Print what is installed; exit code 1 where nothing is."""
    from unlatch.postgres import install as door

    with _cursor(dsn) as cursor:
        found = door.status(cursor)
    _tell(found)
    if not found.installed:
        raise SystemExit(1)


@postgres.command()
@_BACKEND
@_PYTHON_PATH
def script(backend: str, python_path: str | None) -> None:
    """Print the SQL of an installation, for who wants to read it or to run it with psql."""
    from unlatch.postgres.script import Backend, build

    click.echo(_or_refuse(lambda: build(Backend(backend), python_path=python_path)))


@postgres.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_BACKEND
@_PYTHON_PATH
def extension(folder: Path, backend: str, python_path: str | None) -> None:
    """Write the files for CREATE EXTENSION webauthn into FOLDER."""
    from unlatch.postgres.extension import write
    from unlatch.postgres.script import Backend

    try:
        files = _or_refuse(lambda: write(folder, backend=Backend(backend), python_path=python_path))
    except OSError as error:
        refuse(
            f"{visible(str(folder))} cannot be written: {error.strerror}. Name a folder that you may write to, and "
            "copy the files from there to $(pg_config --sharedir)/extension as an administrator."
        )
    for path in files:
        click.echo(path)


def _tell(status: Status) -> None:
    if not status.installed:
        click.echo("not installed" + ("; the tables of pg-webauthn are there to be taken over" * status.adoptable))
        return
    click.echo(
        f"webauthn {status.version}, backend {status.backend}{', extension' * status.extension}: "
        f"{status.relying_parties} relying parties, {status.credentials} passkeys"
    )
    if not status.relying_parties:
        click.echo("webauthn.config has no row yet: install again with --rp-id and --origin.")


@contextmanager
def _cursor(dsn: str) -> Iterator[Cursor]:
    """A cursor in one transaction, which a refusal undoes."""
    try:
        import psycopg
    except ModuleNotFoundError:
        refuse("PostgreSQL needs its driver: pip install 'unlatch[postgresql]'")
    try:
        with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
            yield cursor
    except psycopg.Error as error:
        told = [error.diag.message_primary or str(error), error.diag.message_detail, error.diag.message_hint]
        refuse(visible(". ".join(part.strip().rstrip(".") for part in told if part) + "."))
    except Misconfigured as error:
        refuse(error.detail)


def _or_refuse(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Misconfigured as error:
        refuse(error.detail)
