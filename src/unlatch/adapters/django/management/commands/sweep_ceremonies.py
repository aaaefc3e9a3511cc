"""`manage.py sweep_ceremonies`: forget ceremonies that nobody finished. Run it daily, as `clearsessions`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.stores import DjangoCeremonyUses


class Command(BaseCommand):
    """The command."""

    help = "Forgets passkey ceremonies that have expired."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Do it, and say how many."""
        now = datetime.now(UTC)
        configured = configuration()
        swept = configured.stores().ceremonies.sweep(now) + DjangoCeremonyUses(configured.using).sweep(now)
        self.stdout.write(f"{swept} forgotten")
