"""`manage.py import_passkeys LAYOUT`: the passkeys that another library kept for the project's users."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from unlatch.adapters.django.importing import NAMES, import_passkeys
from unlatch.compat.importing.forms import HandleForm, IdForm
from unlatch.errors import Misconfigured, Unavailable


class Command(BaseCommand):
    """The command."""

    help = (
        "Copies passkeys out of the tables that django-otp-webauthn made, or code of your own around py_webauthn. "
        "Running it again adds what is new and changes nothing else. Rows that are left out are named with the reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what can be chosen."""
        parser.add_argument("layout", choices=NAMES)
        parser.add_argument(
            "--from", default="default", dest="source", help="alias of the database with the old tables"
        )
        parser.add_argument("--table", help="name of the credentials' table, where it is another")
        parser.add_argument(
            "--user-handle", choices=[str(form) for form in HandleForm], help="how user handles were made, if not so"
        )
        parser.add_argument(
            "--credential-id",
            choices=[str(form) for form in IdForm],
            help="how credential ids are written; ids that can be read in two ways are left out without it",
        )
        parser.add_argument(
            "--handle-from",
            default="pk",
            help="py-webauthn: a column of the old table, or a field of the user model, that handles were made from",
        )
        parser.add_argument(
            "--verified",
            action="store_true",
            help="all were made with user verification, and the old code checked that",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Do it, and say how many."""
        source, handle, dry_run = options["source"], options["user_handle"], options["dry_run"]
        ids = options["credential_id"]
        if source not in connections.settings:
            raise CommandError(f"DATABASES has no {source!r}; it has {', '.join(connections.settings)}.")
        try:
            report = import_passkeys(
                options["layout"],
                source=source,
                table=options["table"],
                handle=None if handle is None else HandleForm(handle),
                ids=None if ids is None else IdForm(ids),
                handle_from=options["handle_from"],
                verified=options["verified"],
                dry_run=dry_run,
            )
        except (Misconfigured, Unavailable) as error:
            raise CommandError(error.detail) from error
        for reason in report.refused:
            self.stderr.write(reason)
        left_out = len(report.refused)
        verb = "would be added" if dry_run else "added"
        self.stdout.write(f"{report.added} {verb}, {report.present} there already, {left_out} left out")
        if left_out:
            raise CommandError(f"{left_out} of {report.total} were left out, for the reasons above.")
