"""The Django project of `adapters.django_host`, empty before each test, and people at its door."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def tables():
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    yield
    connections.close_all()


@pytest.fixture
def members(tables):
    """The user model; nothing of other tests is left over."""
    from django.contrib.auth import get_user_model

    from unlatch.adapters.django.models import Ceremony, Credential

    model = get_user_model()
    model.objects.all().delete()
    Credential.objects.all().delete()
    Ceremony.objects.all().delete()
    return model


@pytest.fixture
def application(members):
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()
