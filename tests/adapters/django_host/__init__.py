"""A Django project as people have them, for the tests: a user model of its own, with an e-mail address and a UUID.

Importing this sets Django up for the process, which is possible once.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import django
from django.conf import settings

#: Goes with the process.
_FOLDER = tempfile.TemporaryDirectory(prefix="unlatch-django-")
#: These files need not survive a power cut.
_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    "init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL;",
}

if not settings.configured:
    settings.configure(
        SECRET_KEY="not secret" * 5,
        ALLOWED_HOSTS=["example.org"],
        ROOT_URLCONF="adapters.django_host.urls",
        AUTH_USER_MODEL="django_host.Member",
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "adapters.django_host",
            "unlatch.adapters.django",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        AUTHENTICATION_BACKENDS=[
            "django.contrib.auth.backends.ModelBackend",
            "unlatch.adapters.django.backends.PasskeyBackend",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(_FOLDER.name) / "db.sqlite3",
                "OPTIONS": _OPTIONS,
            },
            # A replica that lags behind: it has nothing yet.
            "replica": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(_FOLDER.name) / "replica.sqlite3"},
            "other": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(_FOLDER.name) / "other.sqlite3",
                "OPTIONS": _OPTIONS,
            },
            # The tests that start the servers say where they are.
            "postgresql": {"ENGINE": "django.db.backends.postgresql", "USER": "postgres", "NAME": "postgres"},
            "mariadb": {
                "ENGINE": "django.db.backends.mysql",
                "USER": "root",
                "NAME": "django",
                # PyMySQL reads all certificates of the machine for each connection, through a socket or not.
                "OPTIONS": {"ssl_disabled": True},
            },
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login",
        LOGIN_REDIRECT_URL="/mine",
        STATIC_URL="/static/",
        UNLATCH={
            "RP_ID": "example.org",
            "SIGN_UP": True,
            "MANAGE_PAGE": "https://example.org/webauthn/manage/",
        },
    )
    django.setup()
