"""A relying party of ours with a browser in place of a page's reader: begin, ask the browser, finish."""

from __future__ import annotations

from typing import Any

from chromium.tabs import Tab
from unlatch import Authentication, CredentialRecord, Registration, RelyingParty, UserEntity
from unlatch.attestation.policy import AttestationPolicy
from unlatch.ceremonies.policy import Policy

USER = UserEntity(b"the handle of ada", "ada", "Ada")
#: Attestation is asked for and looked at; nothing is known about whom to trust.
DIRECT = AttestationPolicy(conveyance="direct", allow_unanchored=True, allow_none=True, allow_self=True)


def party(origin: str, *, rp_id: str = "localhost", **policy: Any) -> RelyingParty:
    """A relying party that refuses every extension output that it did not ask for, unless told otherwise."""
    return RelyingParty(id=rp_id, origins=[origin], policy=Policy(**{"unsolicited_extensions": "refuse", **policy}))


def register(rp: RelyingParty, tab: Tab, *, frame: Any = None, **begin: Any) -> Registration:
    """A whole registration."""
    ceremony = rp.begin_registration(USER, **begin)
    return rp.finish_registration(ceremony.state, tab.create(ceremony.options.to_json(), frame=frame))


def sign_in(
    rp: RelyingParty,
    tab: Tab,
    record: CredentialRecord,
    *,
    known: bool = True,
    frame: Any = None,
    asked: str | None = None,
    **begin: Any,
) -> Authentication:
    """A whole sign-in.

    Args:
        rp: Who asks.
        tab: Where.
        record: Of the passkey that is expected to answer.
        known: Whether the user is known beforehand; the passkey tells otherwise.
        frame: Where in the tab.
        asked: `mediation` of the browser's call, and of the state.
        begin: More for `begin_authentication`.
    """
    if known:
        begin.update(user=USER, records=[record])
    ceremony = rp.begin_authentication(mediation=asked, **begin)
    body = tab.get(ceremony.options.to_json(), frame=frame, mediation=asked)
    return rp.finish_authentication(ceremony.state, body, record)
