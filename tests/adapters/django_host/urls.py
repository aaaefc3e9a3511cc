from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.urls import include, path
from django.views.generic import View

from unlatch.adapters.django.access import PasskeyRequiredMixin, PasskeySecondFactorMixin, passkey_required


def mine(request):
    return HttpResponse(str(request.user))


@passkey_required(max_age=60)
def secret(request):
    return HttpResponse("secret")


@passkey_required(max_age=60)
async def awaited(request):
    return HttpResponse("awaited")


class Close(PasskeyRequiredMixin, View):
    passkey_max_age = 60
    passkey_purpose = "close the account"

    def get(self, request):
        return HttpResponse("really?")

    def post(self, request):
        return HttpResponse("closed")


class Awaited(PasskeyRequiredMixin, View):
    async def get(self, request):
        user = await request.auser()
        return HttpResponse(f"awaited by {user}")


class Login(PasskeySecondFactorMixin, LoginView):
    template_name = "unlatch/manage.html"


admin.site.login = Login.as_view()

urlpatterns = [
    path("mine", mine),
    path("secret", secret),
    path("awaited", awaited),
    path("awaited/class", Awaited.as_view()),
    path("awaited/decorated", passkey_required()(Awaited.as_view())),
    path("close", Close.as_view()),
    path("login", Login.as_view()),
    path("admin/", admin.site.urls),
    path("webauthn/", include("unlatch.adapters.django.urls")),
    path("", include("unlatch.adapters.django.well_known")),
]
