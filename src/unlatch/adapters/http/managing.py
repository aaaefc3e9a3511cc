"""What people do with the passkeys they have: look at them, rename them, remove them."""

from __future__ import annotations

from collections.abc import Iterable

from unlatch import signals
from unlatch.adapters.http import log
from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.confirming import expect_confirmed
from unlatch.adapters.http.exchange import Answer
from unlatch.adapters.http.names import clean_passkey_name
from unlatch.adapters.http.passkey import as_seen, passkey_id
from unlatch.adapters.http.visit import Visit, json_answer
from unlatch.flows import Flow
from unlatch.record import CredentialRecord
from unlatch.stores.requests import RemoveCredential, RenameCredential, Request, UserCredentials
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity


def list_all(visit: Visit) -> Flow[Answer]:
    """The passkeys of the account, oldest first, and what the page may signal to passkey managers.

    Raises:
        Rejected: Nobody is signed in.
    """
    user: UserEntity = yield from visit.signed_in()
    records = yield from _records(visit, user)
    current = visit.session_of(user).passkey
    told = (
        signals.all_accepted_credentials(visit.rp.id, user.id, records),
        signals.current_user_details(visit.rp.id, user),
    )
    return json_answer(
        {
            "passkeys": [as_seen(record, current=current).to_json() for record in records],
            "signals": [signal.to_json() for signal in told],
        }
    )


def rename(visit: Visit) -> Flow[Answer]:
    """Give a passkey another name, and show it as it is now.

    Raises:
        Rejected: Nobody is signed in, the account has no such passkey, or the name cannot be used.
    """
    name = clean_passkey_name(visit.fields(needed=("name",))["name"])
    user: UserEntity = yield from visit.signed_in()
    record = _find((yield from _records(visit, user)), visit.request.passkey_id)
    request: Request[bool] = RenameCredential(user.id, record.id, name)
    if not (yield request):
        raise Rejected(HttpCode.PASSKEY_NOT_FOUND)
    renamed = _find((yield from _records(visit, user)), visit.request.passkey_id)
    return json_answer(as_seen(renamed, current=visit.session_of(user).passkey).to_json())


def remove(visit: Visit) -> Flow[Answer]:
    """Remove a passkey; the last one only where the request says that this is meant.

    Raises:
        Rejected: Nobody is signed in, the account has no such passkey, it is the last one, or a confirmation is needed.
    """
    user: UserEntity = yield from visit.signed_in()
    records = yield from _records(visit, user)
    record = _find(records, visit.request.passkey_id)
    if len(records) == 1 and not visit.request.confirm_last:
        raise Rejected(HttpCode.LAST_PASSKEY)
    yield from expect_confirmed(visit, user)
    request: Request[bool] = RemoveCredential(user.id, record.id)
    if not (yield request):
        raise Rejected(HttpCode.PASSKEY_NOT_FOUND)
    log.event("passkey_removed", user=base64url.encode(user.id), passkey=passkey_id(record.id))
    return Answer(status=204, headers=(("cache-control", "no-store"),))


def _records(visit: Visit, user: UserEntity) -> Flow[list[CredentialRecord]]:
    request: Request[list[CredentialRecord]] = UserCredentials(user.id)
    records: list[CredentialRecord] = yield request
    return [record for record in records if record.rp_id == visit.rp.id]


def _find(records: Iterable[CredentialRecord], wanted: str) -> CredentialRecord:
    for record in records:
        if passkey_id(record.id) == wanted:
            return record
    raise Rejected(HttpCode.PASSKEY_NOT_FOUND)
