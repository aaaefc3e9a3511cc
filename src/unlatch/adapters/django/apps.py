"""The app, as `INSTALLED_APPS` names it."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.core.signals import setting_changed


class UnlatchConfig(AppConfig):
    """Passkeys."""

    name = "unlatch.adapters.django"
    label = "unlatch"
    verbose_name = "Passkeys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and read the settings again when a test changes them."""
        from unlatch.adapters.django.checks import CHECKS
        from unlatch.adapters.django.configuration import reread

        for check in CHECKS:
            checks.register(check, checks.Tags.security)
        setting_changed.connect(reread, dispatch_uid="unlatch")
