"""Views that need a recent verification by passkey, and password sign-ins that go on with one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.views import redirect_to_login

from unlatch.adapters.django.asking import Ask
from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.people import current_user, entity_of
from unlatch.adapters.django.sessions import after_first_factor, kept
from unlatch.adapters.django.views import response_of
from unlatch.adapters.http import HttpCode, Rejected


def passkey_required(*, max_age: int = 600, purpose: str | None = None) -> Callable[[Any], Any]:
    """Decorate a view, plain or asynchronous, that needs somebody who was verified by a passkey recently.

    Who opens a page and was not is sent to sign in or to confirm, and comes back. Any other request is answered with a
    problem document, code ``not_signed_in`` or ``confirmation_needed``: let the page confirm before it sends.

    Args:
        max_age: Seconds that count as recent.
        purpose: What must have been confirmed by a step-up; None where the sign-in itself will do.
    """

    def decorate(view: Any) -> Any:
        if iscoroutinefunction(view):

            @wraps(view)
            async def awaited(request: Any, *args: Any, **kwargs: Any) -> Any:
                refusal = await sync_to_async(_refusal)(request, max_age, purpose)
                return await view(request, *args, **kwargs) if refusal is None else refusal

            return awaited

        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            refusal = _refusal(request, max_age, purpose)
            return view(request, *args, **kwargs) if refusal is None else refusal

        return guarded

    return decorate


class PasskeyRequiredMixin:
    """`passkey_required` for class-based views; stands before the view's class.

    Attributes:
        passkey_max_age: Seconds that count as recent.
        passkey_purpose: What must have been confirmed by a step-up; None where the sign-in itself will do.
    """

    passkey_max_age: int = 600
    passkey_purpose: str | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Let through whoever was verified recently."""
        parent: Any = super()

        async def awaited(*args: Any, **kwargs: Any) -> Any:
            return await parent.dispatch(*args, **kwargs)

        view = awaited if getattr(self, "view_is_async", False) else parent.dispatch
        guard = passkey_required(max_age=self.passkey_max_age, purpose=self.passkey_purpose)
        return guard(view)(request, *args, **kwargs)


class PasskeySecondFactorMixin:
    """For a `LoginView`: whoever has passkeys presents one after the password; nobody is signed in before."""

    request: Any
    get_success_url: Callable[[], str]

    def form_valid(self, form: Any) -> Any:
        """The password is right."""
        user = form.get_user()
        records = configuration().stores().credentials.for_user(entity_of(user).id)
        if not any(record.rp_id == configuration().door.rp.id for record in records):
            parent: Any = super()
            return parent.form_valid(form)
        after_first_factor(self.request, user)
        return Ask(self.get_success_url()).redirect("second-factor")


def _refusal(request: Any, max_age: int, purpose: str | None) -> Any:
    """What to answer instead of the view; None to let it answer."""
    door = configuration().door
    try:
        door.expect_confirmed(kept(request), current_user(request), max_age=max_age, purpose=purpose)
    except Rejected as error:
        here = request.get_full_path()
        # Without the header it is an old browser or a program, which will follow a redirect or not.
        is_page = request.method in ("GET", "HEAD") and request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        if is_page and error.code is HttpCode.NOT_SIGNED_IN:
            return redirect_to_login(here)
        if is_page and error.code is HttpCode.CONFIRMATION_NEEDED:
            return Ask(here, purpose).redirect("confirm")
        return response_of(door.problem(error, where=f"{request.method} {request.path}"))
    return None
