"""Documents that browsers and passkey managers fetch from the RP ID: who shares its passkeys, where to manage them.

`/.well-known/webauthn` (section 5.11) lets pages of other sites use the passkeys of this RP ID. Browsers look at the
*labels* of the listed origins: the first label of the registrable domain, so that ``www.example.de`` and
``example.co.uk`` both count as ``example``. They have to take five labels and may skip all later ones.

What a registrable domain is only the public suffix list knows, which is not shipped here. `registrable_domain` guesses
by the shape of country-code domains; pass a function of your own (several packages on the index read the list) where
the guess is not good enough. The guess affects the warning about too many labels and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from unlatch.ceremonies.origins import check_related_origin
from unlatch.errors import Misconfigured

#: What clients must support at least (section 5.11.1).
MAX_LABELS = 5
#: Second-level names under which countries register domains: example.co.uk, example.com.au, example.or.jp.
_SECOND_LEVEL = frozenset(
    (
        "ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gr", "ltd", "me", "mil", "ne", "net", "nom", "or", "org",
        "plc", "sch",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """What to answer to a GET of `path`: status 200, this type, these bytes; to anybody, without a redirect.

    Attributes:
        path: On the host of the RP ID.
        body: JSON.
        media_type: The `Content-Type`.
    """

    path: str
    body: bytes
    media_type: str = "application/json"


def registrable_domain(host: str) -> str:
    """The registrable domain of a host, by rule of thumb; see the module.

    Returns:
        The last two labels; the last three under a country code whose second level is a usual one; the host itself
        where it has fewer.
    """
    labels = host.split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if country else -2 :])


def labels(origins: Sequence[str], registrable_domain: Callable[[str], str] = registrable_domain) -> tuple[str, ...]:
    """The distinct labels of origins, in their order, as clients count them."""
    hosts = (urlsplit(origin).hostname or "" for origin in origins)
    return tuple(dict.fromkeys(registrable_domain(host).partition(".")[0] for host in hosts))


def related_origins(
    origins: Sequence[str],
    *,
    registrable_domain: Callable[[str], str] = registrable_domain,
    max_labels: int | None = MAX_LABELS,
) -> Document:
    """The document that says which other origins may use the passkeys of this RP ID.

    Args:
        origins: The most important first, because clients may stop early. The same list belongs into
            ``RelyingParty(related_origins=...)``. Applications are not listed here.
        registrable_domain: From a host to its registrable domain.
        max_labels: Refuse lists with more labels than every client takes; None for no limit.

    Raises:
        Misconfigured: No origin, one that is none, one that stands twice, or too many labels.
    """
    if isinstance(origins, str) or not origins:
        raise Misconfigured("related_origins takes a list of at least one origin, for example ['https://example.de'].")
    for origin in origins:
        check_related_origin(origin)
    if len(set(origins)) != len(origins):
        raise Misconfigured("An origin stands twice among the related origins.")
    found = labels(origins, registrable_domain)
    if max_labels is not None and len(found) > max_labels:
        raise Misconfigured(
            f"The related origins have {len(found)} labels ({', '.join(found)}); browsers need not look at more than "
            f"{max_labels}. Shorten the list, or pass max_labels=None if the first ones are those that matter."
        )
    return _document("/.well-known/webauthn", {"origins": list(origins)})


def passkey_endpoints(
    *, enroll: str | None = None, manage: str | None = None, prf_usage_details: str | None = None
) -> Document:
    """The document that tells passkey managers where to send people (W3C "Passkey Endpoints").

    Args:
        enroll: Page where a signed-in person makes a passkey.
        manage: Page where a signed-in person sees and removes passkeys.
        prf_usage_details: Page that says what is encrypted with passkeys here, and is lost with them.

    Raises:
        Misconfigured: Not an https address.
    """
    pages = {"enroll": enroll, "manage": manage, "prfUsageDetails": prf_usage_details}
    for name, page in pages.items():
        if page is not None and not _is_https(page):
            raise Misconfigured(f"{name}={page!r} is not the https address of a page.")
    return _document("/.well-known/passkey-endpoints", {name: page for name, page in pages.items() if page is not None})


def _is_https(address: str) -> bool:
    if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _document(path: str, value: dict[str, object]) -> Document:
    return Document(path, json.dumps(value, separators=(",", ":")).encode("ascii"))
