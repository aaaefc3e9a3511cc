"""The command line: one function a command, heavy imports inside."""

from __future__ import annotations

import click

from unlatch import __version__
from unlatch.cli.backup import backup, restore
from unlatch.cli.bench.command import bench
from unlatch.cli.db import db
from unlatch.cli.doctor import doctor
from unlatch.cli.explain import explain
from unlatch.cli.import_passkeys import import_passkeys
from unlatch.cli.inspect.command import inspect
from unlatch.cli.postgres import postgres
from unlatch.cli.serve import serve
from unlatch.cli.steps import steps


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="unlatch")
def unlatch() -> None:
    """Passkeys for Python: a WebAuthn relying party, and a server that uses it."""


for command in (backup, bench, db, doctor, explain, import_passkeys, inspect, postgres, restore, serve, steps):
    unlatch.add_command(command)
