"""Payloads of the Signal API (section 5.1.10): keep what people see in their passkey managers in step with accounts.

The page calls ``PublicKeyCredential[signal.method](signal.arguments)`` where that method exists; nothing comes back.

* `unknown_credential` after a sign-in with a credential that nobody has: safe for anybody, because it only repeats the
  id that this client has just presented.
* `all_accepted_credentials` and `current_user_details` to the signed-in user alone: they tell ids and names. Send them
  at every sign-in and after every change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unlatch.errors import Misconfigured
from unlatch.record import CredentialRecord
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity


@dataclass(frozen=True, slots=True)
class Signal:
    """One call for the page to make.

    Attributes:
        method: Static method of `PublicKeyCredential`.
        arguments: Its argument, as JSON.
    """

    method: str
    arguments: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the page."""
        return {"method": self.method, "arguments": self.arguments}


def unknown_credential(rp_id: str, credential_id: bytes) -> Signal:
    """The credential that was just presented does not exist here (any more); its manager may hide or delete it."""
    return Signal("signalUnknownCredential", {"rpId": rp_id, "credentialId": base64url.encode(credential_id)})


def all_accepted_credentials(rp_id: str, user_handle: bytes, records: Iterable[CredentialRecord]) -> Signal:
    """These are all credentials of the account; managers may delete others, irreversibly.

    Args:
        rp_id: The RP ID.
        user_handle: The account.
        records: *All* its records, from one consistent read: what is missing may be gone for ever. None at all is a
            true answer too.

    Raises:
        Misconfigured: A record of another user or relying party.
    """
    ids = []
    for record in records:
        if record.user_handle != user_handle or record.rp_id != rp_id:
            raise Misconfigured("A record belongs to another user or relying party; pass those of this account alone.")
        ids.append(base64url.encode(record.id))
    return Signal(
        "signalAllAcceptedCredentials",
        {"rpId": rp_id, "userId": base64url.encode(user_handle), "allAcceptedCredentialIds": ids},
    )


def current_user_details(rp_id: str, user: UserEntity) -> Signal:
    """What the account is called now; managers show it."""
    return Signal(
        "signalCurrentUserDetails",
        {
            "rpId": rp_id,
            "userId": base64url.encode(user.id),
            "name": user.name,
            "displayName": user.display_name,
        },
    )
