"""``unlatch import``: passkeys out of the tables of another library's user."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from unlatch.cli.exits import refuse
from unlatch.cli.text import visible
from unlatch.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from unlatch.compat.importing import Report

#: Exit code when some rows were left out.
_INCOMPLETE = 1
_EVERY = 1000


@click.command("import")
@click.argument("layout")
@click.option("--from", "source", required=True, metavar="URL", help="The old database; nothing is written to it.")
@click.option("--to", "target", required=True, metavar="URL", help="The database with our tables; made if missing.")
@click.option("--rp-id", required=True, metavar="DOMAIN", help="RP ID of the passkeys, as they were made.")
@click.option("--table", metavar="NAME", help="Name of the credentials' table, where it is another.")
@click.option(
    "--user-handle",
    type=click.Choice(["bytes", "text", "uuid", "uuid-text", "hex", "base64"]),
    help="How user handles were made, if not in the layout's way.",
)
@click.option(
    "--credential-id",
    type=click.Choice(["raw", "base64", "hex"]),
    help="How credential ids are written; ids that can be read in two ways are left out without it.",
)
@click.option("--verified", is_flag=True, help="All were made with user verification, and the old code checked that.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_passkeys(
    layout: str,
    source: str,
    target: str,
    rp_id: str,
    table: str | None,
    user_handle: str | None,
    credential_id: str | None,
    verified: bool,
    dry_run: bool,
) -> None:
    """Copy passkeys from another library's tables; LAYOUT names whose.

    Layouts: flask-htmx, webauthn-rp, django-otp-webauthn, py-webauthn, flask-passkey, pg-webauthn. URLs are
    SQLAlchemy's, for example sqlite:////srv/app.db or postgresql+psycopg://user@host/name. Running it again adds what
    is new and changes nothing else. It ends with exit code 1 if rows were left out; each is named with its reason.
    """
    try:
        from unlatch.compat.importing import LAYOUTS
        from unlatch.compat.importing.databases import import_between
    except ModuleNotFoundError as error:
        refuse(f"The import needs the package {error.name!r}: pip install 'unlatch[sqlalchemy]'")
    if layout not in LAYOUTS:
        refuse(f"There is no layout {visible(layout)!r}; there are {', '.join(LAYOUTS)}.")

    def show(report: Report) -> None:
        if report.total % _EVERY == 0:
            click.echo(f"{report.total} rows ...", err=True)

    try:
        report = import_between(
            source,
            target,
            LAYOUTS[layout],
            rp_id=rp_id,
            table=table,
            handle=user_handle,
            ids=credential_id,
            verified=verified,
            dry_run=dry_run,
            progress=show,
        )
    except (Misconfigured, Unavailable) as error:
        refuse(visible(error.detail))
    for reason in report.refused:
        click.echo(visible(reason), err=True)
    verb = "would be added" if dry_run else "added"
    click.echo(f"{report.added} {verb}, {report.present} there already, {len(report.refused)} left out")
    if report.refused:
        sys.exit(_INCOMPLETE)
