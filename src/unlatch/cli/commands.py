"""The command line: one function a command, heavy imports inside."""

from __future__ import annotations

import click

from unlatch import __version__
from unlatch.cli.bench.command import bench
from unlatch.cli.explain import explain
from unlatch.cli.inspect.command import inspect
from unlatch.cli.postgres import postgres
from unlatch.cli.serve import serve
from unlatch.cli.steps import steps


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="unlatch")
def unlatch() -> None:
    """Passkeys for Python: a WebAuthn relying party, and a server that uses it."""


unlatch.add_command(bench)
unlatch.add_command(explain)
unlatch.add_command(inspect)
unlatch.add_command(postgres)
unlatch.add_command(steps)
unlatch.add_command(serve)
