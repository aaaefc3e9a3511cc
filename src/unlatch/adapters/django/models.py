"""What is kept: handles of users, their passkeys, and ceremonies for the few minutes that they last.

A credential id may have 1023 bytes, more than databases index: rows are found by its SHA-256, in hexadecimal, which no
collation can confuse. A ceremony id is a secret of its holder: only its SHA-256 is here, so a leaked table opens
nothing.
"""

from __future__ import annotations

import json
from hashlib import sha256

from django.conf import settings
from django.db import models

from unlatch.adapters.http.providers import default_name, provider_name


class UserHandle(models.Model):
    """What passkeys call a user (section 5.4.3): random bytes, whatever the primary key of the user model is."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkey_handle")
    #: 1 to 64 bytes, in hexadecimal.
    value = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        return f"handle of {self.user}"


class Credential(models.Model):
    """A credential record (section 4); `stores` turns rows into `CredentialRecord` and back."""

    id_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    #: None for the moment between a sign-up's passkey and its account, which are made in one transaction.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="passkeys")
    user_handle = models.CharField(max_length=128, db_index=True)
    credential_id = models.BinaryField()
    rp_id = models.CharField("RP ID", max_length=255)
    public_key = models.BinaryField()
    #: Unsigned 32 bits: one more than a signed integer holds.
    sign_count = models.BigIntegerField()
    uv_initialized = models.BooleanField("verifies its user")
    backup_eligible = models.BooleanField("can be synced", null=True)
    backup_state = models.BooleanField("synced")
    aaguid = models.UUIDField("AAGUID")
    attestation_format = models.CharField(max_length=255)
    attestation_type = models.CharField(max_length=32)
    trust = models.CharField(max_length=32)
    discoverable = models.BooleanField(null=True)
    #: The client's own words, so any text at all: as JSON, whose escapes every database takes.
    transports = models.TextField()
    attachment = models.TextField(null=True)
    name = models.TextField(null=True)
    created_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    attestation_object = models.BinaryField(null=True)
    client_data_json = models.BinaryField(null=True)

    class Meta:
        verbose_name = "passkey"

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name given by its owner, else the provider's, else a description."""
        return self.name or default_name(self.aaguid.bytes, tuple(json.loads(self.transports)))

    @property
    def provider(self) -> str | None:
        """The password manager or device that says to hold it; None when unknown."""
        return provider_name(self.aaguid.bytes)


class Ceremony(models.Model):
    """A ceremony that waits to be finished."""

    id_sha256 = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=32)
    state = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "ceremonies"

    def __str__(self) -> str:
        return self.kind


class CeremonyUse(models.Model):
    """That a sealed ceremony was used (`unlatch.stores.sealed`)."""

    id_sha256 = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.id_sha256


def digest(key: bytes | str) -> str:
    """SHA-256 of a credential id or of a ceremony id in hexadecimal, under which its row is found."""
    # A ceremony id is the client's text: half characters must not raise, and match no row.
    return sha256(key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key).hexdigest()
