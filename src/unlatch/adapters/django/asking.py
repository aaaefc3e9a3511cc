"""Sending somebody to a page that asks for the passkey, and back.

What is asked, and where to go then, is signed: nobody can be led to confirm what no view of the site asked for, or to
another site.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

_SALT = "unlatch.ask"
#: Seconds in which a page is to be opened.
_LIFE = 600


@dataclass(frozen=True, slots=True)
class Ask:
    """What a page asks for.

    Attributes:
        next: Path to go to then.
        purpose: What is to be confirmed; None for presence alone.
    """

    next: str
    purpose: str | None = None

    def redirect(self, page: str) -> HttpResponseRedirect:
        """Send somebody to one of our pages.

        Args:
            page: Its name in `urls`.
        """
        ask = signing.dumps([self.next, self.purpose], salt=_SALT)
        return HttpResponseRedirect(f"{reverse(f'unlatch:{page}')}?{urlencode({'ask': ask})}")


def read(text: str) -> Ask | None:
    """What was asked; None when it is not ours, or too old."""
    try:
        path, purpose = signing.loads(text, salt=_SALT, max_age=_LIFE)
    except signing.BadSignature:
        return None
    return Ask(path, purpose)
