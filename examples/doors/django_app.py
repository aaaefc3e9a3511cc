import os
import secrets
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import JsonResponse
from django.urls import include, path
from django.views.static import serve

settings.configure(
    SECRET_KEY=os.environ.get("SECRET_KEY", secrets.token_hex()),  # set it, or a restart signs everybody out
    DEBUG=True,
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "unlatch.adapters.django",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["unlatch.adapters.django.backends.PasskeyBackend"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "guild.sqlite3",
            "OPTIONS": {"transaction_mode": "IMMEDIATE"},
        }
    },
    UNLATCH={"RP_ID": "localhost", "ORIGINS": ["http://localhost:8000"], "SIGN_UP": True},
)
django.setup()

from unlatch.adapters.django.access import passkey_required  # noqa: E402 - the settings come first


@passkey_required(max_age=60, purpose="launch")
def launch(request):
    return JsonResponse({"by": request.user.get_username()})


urlpatterns = [
    path("launch", launch),
    path("webauthn/", include("unlatch.adapters.django.urls")),
    path("", serve, {"document_root": "static", "path": "index.html"}),
    path("<path:path>", serve, {"document_root": "static"}),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
