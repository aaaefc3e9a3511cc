"""The routes and pages, to be included: ``path("webauthn/", include("unlatch.adapters.django.urls"))``."""

from __future__ import annotations

from importlib import resources
from typing import Any

from django.urls import path

from unlatch.adapters.django import pages, views
from unlatch.adapters.http import Route
from unlatch.adapters.http.door import module

app_name = "unlatch"


def _routes() -> list[Any]:
    """One address for each path; several methods may share it."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in Route:
        by_path.setdefault(route.path, {})[route.method] = route
    return [
        path(
            address.removeprefix("/").replace("{", "<str:").replace("}", ">"),
            views.endpoint,
            {"routes": routes},
            name=next(iter(routes.values())).name.lower(),
        )
        for address, routes in by_path.items()
    ]


def _read(name: str) -> bytes:
    return resources.files("unlatch.adapters.django").joinpath(name).read_bytes()


_JAVASCRIPT = "text/javascript"

urlpatterns = [
    *_routes(),
    path("unlatch.js", views.file, {"body": module(), "media_type": _JAVASCRIPT}, name="module"),
    path("page.js", views.file, {"body": _read("page.js"), "media_type": _JAVASCRIPT}, name="page"),
    path("page.css", views.file, {"body": _read("page.css"), "media_type": "text/css"}, name="style"),
    path("manage/", pages.manage, name="manage"),
    path("confirm/", pages.confirm, name="confirm"),
    path("second-factor/", pages.second_factor, name="second-factor"),
]
