"""Passkeys in the admin site: to look at and to remove. What a passkey is cannot be edited; its name is its owner's."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model

from unlatch.adapters.django.models import Credential


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):
    """Passkeys, newest first."""

    list_display = ("shown_name", "user", "provider", "backup_state", "created_at", "last_used_at")
    list_filter = ("backup_state", "uv_initialized", "attestation_format")
    list_select_related = ("user",)
    ordering = ("-pk",)
    fields = (
        "shown_name",
        "user",
        "provider",
        "rp_id",
        "created_at",
        "last_used_at",
        "sign_count",
        "uv_initialized",
        "backup_eligible",
        "backup_state",
        "discoverable",
        "transports",
        "attachment",
        "aaguid",
        "attestation_format",
        "attestation_type",
        "trust",
        "id_sha256",
    )
    readonly_fields = fields

    def get_search_fields(self, request: Any) -> tuple[str, ...]:  # noqa: ARG002 - Django's signature
        """By the name of the user, whatever the user model calls it, and by the passkey's own."""
        model: Any = get_user_model()
        return (f"user__{model.USERNAME_FIELD}", "name")

    def has_add_permission(self, request: Any) -> bool:  # noqa: ARG002 - Django's signature
        """Only an authenticator makes a passkey."""
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Nothing of it can be changed here."""
        return False

    @admin.display(description="name")
    def shown_name(self, row: Credential) -> str:
        """As its owner sees it."""
        return row.shown_name

    @admin.display(description="provider")
    def provider(self, row: Credential) -> str:
        """The password manager or device that says to hold it."""
        return row.provider or "-"
