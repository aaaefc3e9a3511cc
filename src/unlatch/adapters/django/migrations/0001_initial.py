"""The first tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes them."""

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ceremony",
            fields=[
                ("id_sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("state", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name_plural": "ceremonies",
            },
        ),
        migrations.CreateModel(
            name="CeremonyUse",
            fields=[
                ("id_sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("id_sha256", models.CharField(editable=False, max_length=64, unique=True)),
                ("user_handle", models.CharField(db_index=True, max_length=128)),
                ("credential_id", models.BinaryField()),
                ("rp_id", models.CharField(max_length=255, verbose_name="RP ID")),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField()),
                ("uv_initialized", models.BooleanField(verbose_name="verifies its user")),
                ("backup_eligible", models.BooleanField(null=True, verbose_name="can be synced")),
                ("backup_state", models.BooleanField(verbose_name="synced")),
                ("aaguid", models.UUIDField(verbose_name="AAGUID")),
                ("attestation_format", models.CharField(max_length=255)),
                ("attestation_type", models.CharField(max_length=32)),
                ("trust", models.CharField(max_length=32)),
                ("discoverable", models.BooleanField(null=True)),
                ("transports", models.TextField()),
                ("attachment", models.TextField(null=True)),
                ("name", models.TextField(null=True)),
                ("created_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("attestation_object", models.BinaryField(null=True)),
                ("client_data_json", models.BinaryField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "passkey",
            },
        ),
        migrations.CreateModel(
            name="UserHandle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=128, unique=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkey_handle",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
