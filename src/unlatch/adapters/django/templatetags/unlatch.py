"""Template tags: the script, buttons, autofill and the list of passkeys; ``{% load unlatch %}``.

They write plain elements, without classes or scripts in the page, so that any style and a strict content security
policy will do. `page.js` brings them to life.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.people import entity_of
from unlatch.adapters.django.sessions import kept
from unlatch.adapters.http.passkey import as_seen

register = template.Library()


@register.simple_tag
def unlatch_script() -> str:
    """The script that the other tags need, once a page."""
    return format_html('<script type="module" src="{}"></script>', reverse("unlatch:page"))


@register.simple_tag
def passkey_status() -> str:
    """Where the script says what went wrong."""
    return format_html('<p role="status" data-passkey="{}"></p>', "status")


@register.simple_tag(takes_context=True)
def passkey_autofill(context: Any, next: str | None = None) -> str:
    """Attributes of the field for the name: browsers offer passkeys in it."""
    return format_html(
        'autocomplete="username webauthn" data-passkey="autofill" data-next="{}"', _next(context["request"], next)
    )


@register.simple_tag(takes_context=True)
def passkey_sign_in(
    context: Any,
    label: str = gettext_lazy("Sign in with a passkey"),
    next: str | None = None,
) -> str:
    """A button that signs in."""
    return _button("sign-in", label, _next(context["request"], next))


@register.simple_tag(takes_context=True)
def passkey_second_factor(
    context: Any,
    label: str = gettext_lazy("Use your passkey"),
    next: str | None = None,
) -> str:
    """A button that goes on after the password."""
    return _button("second-factor", label, _next(context["request"], next))


@register.simple_tag(takes_context=True)
def passkey_confirm(
    context: Any,
    purpose: str | None = None,
    label: str = gettext_lazy("Confirm with your passkey"),
    next: str | None = None,
) -> str:
    """A button that confirms a purpose."""
    attributes = format_html(' data-purpose="{}"', purpose) if purpose else ""
    return _button("confirm", label, _next(context["request"], next), attributes)


@register.simple_tag
def passkey_add(label: str = gettext_lazy("Add a passkey")) -> str:
    """A button that adds a passkey to the account."""
    return format_html('<button type="button" data-passkey="add">{}</button>', label)


@register.simple_tag
def passkey_sign_out(label: str = gettext_lazy("Sign out"), next: str | None = None) -> str:
    """A button that signs out."""
    target = next or resolve_url(settings.LOGOUT_REDIRECT_URL or settings.LOGIN_URL)
    return _button("sign-out", label, target)


@register.inclusion_tag("unlatch/list.html", takes_context=True)
def passkey_list(context: Any) -> dict[str, Any]:
    """The passkeys of who is signed in, with what can be done to each."""
    request = context["request"]
    configured = configuration()
    user = entity_of(request.user)
    records = configured.stores().credentials.for_user(user.id)
    current = kept(request).of(user.id).passkey
    seen = [as_seen(record, current=current) for record in records if record.rp_id == configured.door.rp.id]
    return {"passkeys": seen}


def _button(kind: str, label: str, target: str, attributes: str = "") -> str:
    return format_html(
        '<button type="button" data-passkey="{}" data-next="{}"{}>{}</button>', kind, target, attributes, label
    )


def _next(request: Any, given: str | None) -> str:
    """Where to go then: what the template says, else what the address asks for and is ours, else Django's setting."""
    asked = given or request.GET.get("next", "")
    hosts = {request.get_host()}
    if asked and (given or url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure())):
        return str(asked)
    return str(resolve_url(settings.LOGIN_REDIRECT_URL))
