"""What anybody may fetch below ``/.well-known``: ``path("", include("unlatch.adapters.django.well_known"))``."""

from django.urls import path

from unlatch.adapters.django import views
from unlatch.adapters.django.configuration import configuration

urlpatterns = [
    path(document.path.removeprefix("/"), views.document, {"shown": document})
    for document in configuration().door.documents
]
