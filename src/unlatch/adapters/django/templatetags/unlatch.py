"""Template tags: the script, buttons, autofill and the list of passkeys; ``{% load unlatch %}``.

They write plain elements, without classes or scripts in the page, so that any style and a strict content security
policy will do. `page.js` brings them to life. Until it listens, buttons are disabled: on a slow network nobody presses
one in vain, and no form is sent without the script.
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

from unlatch.adapters.django.asking import Ask
from unlatch.adapters.django.configuration import configuration
from unlatch.adapters.django.people import entity_of
from unlatch.adapters.django.sessions import kept
from unlatch.adapters.http.passkey import as_seen
from unlatch.errors import Misconfigured

register = template.Library()


@register.simple_tag
def unlatch_script() -> str:
    """The script that the other tags need, once a page: it brings them to life, and enables their buttons."""
    return format_html('<script type="module" src="{}"></script>', reverse("unlatch:page"))


@register.simple_tag
def passkey_status() -> str:
    """Where the script says what went wrong; browsers without scripts say what they lack."""
    return format_html(
        '<p role="status" data-passkey="status"></p><noscript><p>{}</p></noscript>',
        gettext_lazy("Passkeys need JavaScript. Turn it on for this site, then load the page again."),
    )


@register.simple_tag(takes_context=True)
def passkey_autofill(context: Any, next: str | None = None) -> str:
    """Attributes of the field for the name: browsers offer passkeys in it."""
    target = _next(_request(context), next)
    return format_html('autocomplete="username webauthn" data-passkey="autofill" data-next="{}"', target)


@register.simple_tag(takes_context=True)
def passkey_sign_up(context: Any, next: str | None = None) -> str:
    """Attributes of a form that makes an account: its fields are ``username`` and, if wanted, ``display_name``.

    The script alone sends it, and enables its button. The method is one that browsers do nothing for outside of a
    dialog, so that no name gets into the address where somebody forgot to write the button disabled.
    """
    return format_html('method="dialog" data-passkey="sign-up" data-next="{}"', _next(_request(context), next))


@register.simple_tag(takes_context=True)
def passkey_sign_in(
    context: Any,
    label: str = gettext_lazy("Sign in with a passkey"),
    next: str | None = None,
) -> str:
    """A button that signs in."""
    return _button("sign-in", label, _next(_request(context), next))


@register.simple_tag(takes_context=True)
def passkey_second_factor(
    context: Any,
    label: str = gettext_lazy("Use your passkey"),
    next: str | Ask | None = None,
) -> str:
    """A button that goes on after the password."""
    return _button("second-factor", label, _next(_request(context), next))


@register.simple_tag(takes_context=True)
def passkey_confirm(
    context: Any,
    purpose: str | None = None,
    label: str = gettext_lazy("Confirm with your passkey"),
    next: str | Ask | None = None,
) -> str:
    """A button that confirms a purpose."""
    attributes = format_html(' data-purpose="{}"', purpose) if purpose else ""
    return _button("confirm", label, _next(_request(context), next), attributes)


@register.simple_tag
def passkey_add(label: str = gettext_lazy("Add a passkey")) -> str:
    """A button that adds a passkey to the account."""
    return format_html('<button type="button" disabled data-passkey="add">{}</button>', label)


@register.simple_tag(takes_context=True)
def passkey_sign_out(context: Any, label: str = gettext_lazy("Sign out"), next: str | None = None) -> str:
    """A button that signs out."""
    here = next is not None and _is_here(_request(context), next)
    target = next if here else resolve_url(settings.LOGOUT_REDIRECT_URL or settings.LOGIN_URL)
    return _button("sign-out", label, str(target))


@register.inclusion_tag("unlatch/list.html", takes_context=True)
def passkey_list(context: Any) -> dict[str, Any]:
    """The passkeys of who is signed in, with what can be done to each; nothing where nobody is."""
    request = _request(context)
    if not request.user.is_authenticated:
        return {"passkeys": None}
    configured = configuration()
    user = entity_of(request.user)
    records = configured.stores().credentials.for_user(user.id)
    current = kept(request).of(user.id).passkey
    seen = [as_seen(record, current=current) for record in records if record.rp_id == configured.door.rp.id]
    return {"passkeys": seen}


def _button(kind: str, label: str, target: str, attributes: str = "") -> str:
    return format_html(
        '<button type="button" disabled data-passkey="{}" data-next="{}"{}>{}</button>', kind, target, attributes, label
    )


def _request(context: Any) -> Any:
    """The request that a page is made for.

    Raises:
        Misconfigured: The template does not know it.
    """
    # `render` gives it to the context; what is rendered otherwise may have it as a variable.
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        raise Misconfigured("The tags of passkeys need the request: render the template with render(request, ...).")
    return request


def _next(request: Any, given: str | Ask | None) -> str:
    """Where to go then: what the template says, else what the address asks for, else Django's setting.

    Neither leads to another site, because a template may be given what came with the request. An `Ask` is signed: a
    view has decided.
    """
    if isinstance(given, Ask):
        return given.next
    asked = given or request.GET.get("next", "")
    return asked if _is_here(request, asked) else str(resolve_url(settings.LOGIN_REDIRECT_URL))


def _is_here(request: Any, address: str) -> bool:
    """Whether an address is on this site."""
    hosts = {request.get_host()}
    return bool(url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()))
