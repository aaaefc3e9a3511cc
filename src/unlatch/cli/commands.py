"""The command line: one function a command, heavy imports inside."""

from __future__ import annotations

from pathlib import Path

import click

from unlatch import __version__
from unlatch.cli.bench.command import bench
from unlatch.cli.exits import refuse
from unlatch.cli.explain import explain
from unlatch.cli.import_passkeys import import_passkeys
from unlatch.cli.inspect.command import inspect
from unlatch.cli.steps import steps
from unlatch.errors import Misconfigured


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="unlatch")
def unlatch() -> None:
    """Passkeys for Python: a WebAuthn relying party, and a server that uses it."""


unlatch.add_command(bench)
unlatch.add_command(explain)
unlatch.add_command(import_passkeys)
unlatch.add_command(inspect)
unlatch.add_command(steps)


@unlatch.command()
@click.option("--host", default="localhost", show_default=True, help="Name or address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the database. Default: $UNLATCH_DATA, or your account's folder for application data.",
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
def serve(host: str, port: int, data: Path | None, rp_id: str, rp_name: str, origins: tuple[str, ...]) -> None:
    """Serve passkeys: pages, a JSON interface under /v1, and a SQLite file. Ctrl-C stops it."""
    try:
        from unlatch.server.run import serve as run
        from unlatch.server.settings import default_data_folder
    except ModuleNotFoundError as error:
        refuse(f"The server needs the package {error.name!r}: pip install 'unlatch[server]'")
    try:
        run(
            host=host,
            port=port,
            data=data or default_data_folder(),
            rp_id=rp_id,
            rp_name=rp_name,
            origins=origins,
        )
    except Misconfigured as error:
        refuse(error.detail)
