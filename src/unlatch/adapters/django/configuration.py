"""`settings.UNLATCH`: the settings, read once.

* ``RP_ID``: the domain; needed, unless ``RELYING_PARTY`` is given.
* ``RP_NAME``, ``ORIGINS``: as `RelyingParty`; the origin is https on the RP ID when left out.
* ``RELYING_PARTY``: a `RelyingParty`, in place of these three.
* ``SIGN_UP``: whether anybody may make an account with a passkey: False, True, or the dotted path of a function that
  takes the new `UserEntity` and returns a user that it has made and saved, never one that was there.
* ``CEREMONIES``: the dotted path of a function without arguments that returns a `CeremonyStore`, called for each
  request; left out, ceremonies wait in the database.
* ``CONFIRM_WITHIN``: seconds, 600; None asks for no confirmation.
* ``DECOYS``, ``TELL_UNKNOWN``, ``ENROLL_PAGE``, ``MANAGE_PAGE``: as `Door`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import router
from django.utils.module_loading import import_string

from unlatch.adapters.django.models import Credential
from unlatch.adapters.django.people import users
from unlatch.adapters.django.stores import DjangoCeremonies, DjangoCredentials
from unlatch.adapters.http import Door
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.errors import Misconfigured
from unlatch.stores.protocols import CeremonyStore
from unlatch.stores.requests import Stores

#: What `settings.UNLATCH` may hold.
KEYS = frozenset(
    {
        "RP_ID",
        "RP_NAME",
        "ORIGINS",
        "RELYING_PARTY",
        "SIGN_UP",
        "CEREMONIES",
        "CONFIRM_WITHIN",
        "DECOYS",
        "TELL_UNKNOWN",
        "ENROLL_PAGE",
        "MANAGE_PAGE",
    }
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the settings say, ready for use.

    Attributes:
        door: The routes.
        ceremonies: Makes the store of ceremonies; None for the database.
    """

    door: Door
    ceremonies: Callable[[], CeremonyStore] | None

    @property
    def using(self) -> str:
        """Alias of the database that passkeys are kept in."""
        return str(router.db_for_write(Credential))

    def stores(self) -> Stores:
        """Where passkeys and ceremonies are kept."""
        ceremonies = DjangoCeremonies(self.using) if self.ceremonies is None else self.ceremonies()
        return Stores(DjangoCredentials(self.using), ceremonies)


@cache
def configuration() -> Configuration:
    """Read the settings.

    Raises:
        Misconfigured: They cannot work; `manage.py check` says the same.
    """
    given = getattr(settings, "UNLATCH", None)
    if not isinstance(given, dict):
        raise Misconfigured("Set UNLATCH = {'RP_ID': 'example.org'} in your settings, with the domain of your site.")
    unknown = sorted(str(key) for key in given if key not in KEYS)
    if unknown:
        raise Misconfigured(f"UNLATCH has no {', '.join(unknown)}; it knows {', '.join(sorted(KEYS))}.")
    door = Door(
        _relying_party(given),
        users=users(_function(given.get("SIGN_UP", False))),
        decoys=given.get("DECOYS"),
        confirm_within=given.get("CONFIRM_WITHIN", 600),
        tell_unknown=given.get("TELL_UNKNOWN", False),
        enroll=given.get("ENROLL_PAGE"),
        manage=given.get("MANAGE_PAGE"),
    )
    ceremonies = _function(given.get("CEREMONIES"))
    if ceremonies is not None and not callable(ceremonies):
        raise Misconfigured(
            "UNLATCH['CEREMONIES'] is the dotted path of a function that returns a store of ceremonies."
        )
    return Configuration(door, ceremonies)


def reread(*, setting: str, **_: Any) -> None:
    """Forget what was read, when a test changes the settings."""
    if setting == "UNLATCH":
        configuration.cache_clear()


def _function(value: Any) -> Any:
    """The function behind a dotted path; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return import_string(value)
    except ImportError as error:
        raise Misconfigured(f"UNLATCH names {value!r}, which cannot be loaded: {error}") from error


def _relying_party(given: dict[str, Any]) -> RelyingParty:
    if "RELYING_PARTY" in given:
        rp = given["RELYING_PARTY"]
        if not isinstance(rp, RelyingParty):
            raise Misconfigured("UNLATCH['RELYING_PARTY'] is a RelyingParty object.")
        return rp
    rp_id = given.get("RP_ID")
    if not rp_id:
        raise Misconfigured(
            "Set UNLATCH['RP_ID'] to the domain of the site, for example 'example.org', or to 'localhost' together "
            "with 'ORIGINS': ['http://localhost:8000'] while you develop."
        )
    return RelyingParty(
        id=rp_id, name=given.get("RP_NAME", ""), origins=given.get("ORIGINS", ()), policy=Policy.passkey()
    )
