"""Secure Payment Confirmation: a passkey signs what was paid to whom (W3C SPC, sections 4 and 8).

A merchant's page lets the browser show amount, payee and instrument; the bank's passkey signs them together with the
bank's challenge. Such an assertion comes from a page that is not the relying party's, so it must never sign anybody
in, and a sign-in must never pay: the two have different types (``payment.get``, ``webauthn.get``), states with
different purposes, and different functions. Nothing else in this package accepts ``payment.get``.

```python
begun = begin_payment(rp, user, records=records, payment=payment, caller="https://shop.example")
begun.request.to_json()        # to the merchant's page, for its PaymentRequest
confirmation = finish_payment(rp, begun.state, body, record, user=user)
```

Credentials for payments are registered with ``RegistrationInputs(payment=True)``. Browser bound keys, which SPC adds
for clients with synced passkeys, are not verified here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from unlatch.ceremonies.authentication import begin_authentication
from unlatch.ceremonies.challenge import CHALLENGE_LENGTH
from unlatch.ceremonies.origins import check_related_origin
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import CeremonyRefused, CredentialRefused, Misconfigured, Refused
from unlatch.payment_details import Payment, verify_payment
from unlatch.record import CredentialRecord
from unlatch.steps import authenticator_data, client_data, credential, extensions
from unlatch.terms import CeremonyKind, SignCountVerdict, UserHandle, UserVerification
from unlatch.wire import base64url
from unlatch.wire.options import UserEntity
from unlatch.wire.responses import AuthenticationResponse

PAYMENT_TYPE = "payment.get"
_DETAILS = "payment"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What the merchant's page needs for its `PaymentRequest`.

    Attributes:
        rp_id: The RP ID of the credentials.
        challenge: To be signed.
        credential_ids: Credentials of the user.
        payment: What is shown and signed.
        timeout: Milliseconds.
    """

    rp_id: str
    challenge: bytes
    credential_ids: tuple[bytes, ...]
    payment: Payment
    timeout: int | None

    def to_json(self) -> dict[str, Any]:
        """``data`` for the method ``secure-payment-confirmation``, and ``total`` for the details.

        `challenge` and `credentialIds` are base64url here; the page turns them into bytes.
        """
        details = self.payment.to_json()
        total = details.pop("total")
        return {
            "data": {
                "rpId": self.rp_id,
                "challenge": base64url.encode(self.challenge),
                "credentialIds": [base64url.encode(item) for item in self.credential_ids],
                "timeout": self.timeout,
                **details,
            },
            "total": total,
        }


@dataclass(frozen=True, slots=True)
class PaymentCeremony:
    """A payment that waits to be confirmed.

    Attributes:
        request: For the merchant's page.
        state: For the server, until the finish.
    """

    request: PaymentRequest
    state: CeremonyState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentConfirmation:
    """A confirmed payment. It is no sign-in.

    Attributes:
        payment: What was confirmed.
        user_handle: Who confirmed it.
        record: The updated record, to be stored in place of the old one.
        sign_count: What the signature counter says.
        icon_shown: Whether the instrument's icon was shown.
        logos_shown: The logos that were shown, in their order.
    """

    payment: Payment
    user_handle: UserHandle
    record: CredentialRecord
    sign_count: SignCountVerdict
    icon_shown: bool
    logos_shown: tuple[str, ...]


def begin_payment(
    rp: RelyingParty,
    user: UserEntity | bytes,
    *,
    records: Iterable[CredentialRecord],
    payment: Payment,
    caller: str,
    top_origin: str | None = None,
    session: str | None = None,
    timeout: int | None = None,
    challenge: bytes | None = None,
    now: datetime | None = None,
) -> PaymentCeremony:
    """Begin a payment.

    Args:
        rp: The relying party: the bank.
        user: Whose credentials are used.
        records: Those credentials.
        payment: What is to be shown and signed.
        caller: Origin of the page that invokes SPC.
        top_origin: Origin of the page around it; None when the caller is no frame.
        session: As for a sign-in, where the answer comes through a session of the relying party.
        timeout: Seconds, instead of the policy's.
        challenge: At least 16 bytes; 32 random ones when left out.
        now: Aware time; the clock when left out.

    Raises:
        CredentialRefused: The user has no credential.
        Misconfigured: An origin that is none, or arguments that contradict each other.
    """
    check_related_origin(caller)
    top = caller if top_origin is None else top_origin
    check_related_origin(top)
    owned = tuple(records)
    if not owned:
        raise _named(
            CredentialRefused(Code.CREDENTIAL_UNKNOWN, "user", detail="the user has no credential to pay with")
        )
    ceremony = begin_authentication(
        rp,
        user,
        challenge=secrets.token_bytes(CHALLENGE_LENGTH) if challenge is None else challenge,
        now=_now(now),
        records=owned,
        session=session,
        user_verification=UserVerification.REQUIRED,
        timeout=timeout,
    )
    options = ceremony.options
    state = replace(
        ceremony.state,
        purpose=PAYMENT_TYPE,
        origins=(caller,),
        allow_subdomains=False,
        allow_cross_origin=top != caller,
        top_origins=(top,),
        extensions={_DETAILS: payment.to_json()},
    )
    ids = tuple(item.id for item in options.allow_credentials)
    return PaymentCeremony(PaymentRequest(rp.id, options.challenge, ids, payment, options.timeout), state)


def finish_payment(
    rp: RelyingParty,
    state: CeremonyState,
    body: bytes | str | dict[str, Any] | AuthenticationResponse,
    record: CredentialRecord | None,
    *,
    user: UserEntity | bytes,
    session: str | None = None,
    now: datetime | None = None,
) -> PaymentConfirmation:
    """Verify a payment assertion: the steps of a sign-in with SPC's changes.

    Args:
        rp: The relying party.
        state: From `begin_payment`; the caller makes sure that it is used once.
        body: The AuthenticationResponseJSON that the merchant passed on.
        record: The record that the caller found for the response's `credential_id`; None is refused.
        user: Whose payment it is.
        session: As at the begin.
        now: Aware time; the clock when left out.

    Raises:
        Malformed: The body is not what the specification says.
        Refused: A step says no; its name begins with ``payment.``.
    """
    response = rp.read_authentication(body)
    try:
        return _finish(rp, state, response, record, user=user, session=session, now=_now(now))
    except Refused as refusal:
        raise _named(refusal) from refusal.__cause__


def _finish(
    rp: RelyingParty,
    state: CeremonyState,
    response: AuthenticationResponse,
    found: CredentialRecord | None,
    *,
    user: UserEntity | bytes,
    session: str | None,
    now: datetime,
) -> PaymentConfirmation:
    policy = rp.policy
    cdata, data = response.client_data, response.authenticator_data
    handle = user.id if isinstance(user, UserEntity) else user

    state.check(CeremonyKind.AUTHENTICATION, rp.id, session=session, now=now, purpose=PAYMENT_TYPE)
    if state.user is None or state.user.id != handle:
        raise CeremonyRefused(Code.CEREMONY_USER, "options", received=handle, detail="begun for another user")
    payment = Payment.from_json(state.extensions.get(_DETAILS))
    credential.verify_allowed(response.credential_id, state.allow_credentials)
    record = credential.verify_user(response, found, rp_id=rp.id, user_handle=handle)
    client_data.verify_type(cdata, PAYMENT_TYPE)
    client_data.verify_challenge(cdata, state.challenge)
    client_data.verify_origin(cdata, state.origins, subdomains_of=None)
    shown = verify_payment(cdata.members.get("payment"), payment, rp_id=rp.id, top_origin=state.top_origins[0])
    client_data.verify_cross_origin(cdata, allowed=state.allow_cross_origin)
    client_data.verify_top_origin(cdata, state.top_origins, cross_origin_allowed=state.allow_cross_origin)
    authenticator_data.verify_rp_id_hash(data, (rp.id_hash,))
    authenticator_data.verify_user_presence(data, required=True)
    authenticator_data.verify_user_verification(data, required=True)
    authenticator_data.verify_backup_flags(data)
    authenticator_data.verify_same_backup_eligibility(data, record.backup_eligible, policy.eligibility_change)
    credential.verify_signature(response, record)
    sign_count = credential.verify_sign_count(data.sign_count, record.sign_count, policy.counter_regression)
    extensions.verify_extensions(
        state.extensions,
        response.client_extension_results,
        data.extensions,
        policy.unsolicited_extensions,
        ceremony=CeremonyKind.AUTHENTICATION,
        credential_id=response.credential_id,
    )
    return PaymentConfirmation(
        payment=payment,
        user_handle=record.user_handle,
        record=replace(
            record,
            sign_count=max(data.sign_count, record.sign_count),
            backup_eligible=data.backup_eligible,
            backup_state=data.backup_state,
            last_used_at=now,
        ),
        sign_count=sign_count,
        icon_shown=shown.icon,
        logos_shown=shown.logos,
    )


def _named(refusal: Refused) -> Refused:
    """``payment.type``: these steps are not those of a sign-in, though they have their names."""
    refusal.step = f"{_DETAILS}.{refusal.step.rpartition('.')[2]}"
    return refusal


def _now(now: datetime | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    if now.tzinfo is None:
        raise Misconfigured("now= is a time without a time zone; pass datetime.now(UTC) or leave it out.")
    return now
