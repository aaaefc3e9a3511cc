"""`unlatch serve`: the passkey server."""

from __future__ import annotations

from typing import Unpack

import click

from unlatch.cli.exits import refuse
from unlatch.cli.places import Places, place_options, settings_at
from unlatch.errors import Misconfigured


@click.command()
@click.option("--host", default="localhost", show_default=True, help="Name or address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 128),
    envvar="UNLATCH_WORKERS",
    show_envvar=True,
    help="Processes that answer requests: one for each processor. With SQLite, more than one gains little: it has "
    "one writer at a time.",
)
@click.option(
    "--metrics",
    metavar="[ADDRESS:]PORT",
    envvar="UNLATCH_METRICS",
    show_envvar=True,
    help="Tell Prometheus metrics there, apart from the site: a port of this machine, or an address that only your "
    "own network reaches. Default: nowhere.",
)
@click.option("--rp-id", default="localhost", show_default=True, help="Domain that the passkeys are bound to.")
@click.option("--rp-name", default="Unlatch", show_default=True, help="Name of the site, as people read it.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Where people use the site, as browsers write it; may be given several times, the main one first. "
    "Default: http://localhost:PORT, or https:// and the RP ID.",
)
@place_options
def serve(
    host: str,
    port: int,
    workers: int,
    metrics: str | None,
    rp_id: str,
    rp_name: str,
    origins: tuple[str, ...],
    **places: Unpack[Places],
) -> None:
    """Serve passkeys: pages, a JSON interface under /v1, and a SQLite file or a database server. Ctrl-C stops it."""
    try:
        from unlatch.server.run import serve as run
    except ModuleNotFoundError as error:
        refuse(f"The server needs the package {error.name!r}: pip install 'unlatch[server]'")
    try:
        settings = settings_at(
            places, workers=workers, metrics=metrics or None, rp_id=rp_id, rp_name=rp_name, origins=origins
        )
        run(settings, host=host, port=port)
    except Misconfigured as error:
        refuse(error.detail)
