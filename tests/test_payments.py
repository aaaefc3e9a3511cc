"""Secure Payment Confirmation: pays, never signs in; and a sign-in never pays."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honest import CHALLENGE, NOW, UP, USER, UV, Credential, authentication_body, client_data, record, relying_party
from unlatch import CeremonyState, Code, Malformed, Misconfigured, Refused, SignCountVerdict, UnlatchError, UserEntity
from unlatch.payment_details import Logo, Payment, verify_payment
from unlatch.payments import PaymentConfirmation, begin_payment, finish_payment

SHOP, MALL = "https://shop.example", "https://mall.example"
LOGOS = tuple(Logo(f"https://logos.example/{name}.png", name.title()) for name in ("one", "two", "three"))
PAYMENT = Payment(
    currency="EUR",
    value="12.50",
    instrument="Card ending in 1234",
    icon="https://bank.example/card.png",
    instrument_details="debit",
    payee_name="The Shop",
    payee_origin=SHOP,
    logos=LOGOS,
)
LENIENT = replace(PAYMENT, icon_must_be_shown=False, instrument_details=None, payee_name=None)
CREDENTIAL = Credential()
RP = relying_party()


def begin(payment=PAYMENT, **others):
    return begin_payment(
        RP,
        USER,
        **{"records": [record()], "payment": payment, "caller": SHOP, "challenge": CHALLENGE, "now": NOW, **others},
    )


def signed(payment=PAYMENT, top_origin=SHOP, **changes):
    """What a browser writes into the client data."""
    details = payment.to_json()
    members = {
        "rpId": "example.org",
        "topOrigin": top_origin,
        **details,
        **changes,
    }
    return {name: value for name, value in members.items() if value is not ...}


def body(payment=None, *, kind="payment.get", origin=SHOP, flags=UP | UV | 0x18, **client):
    details = {"payment": signed() if payment is None else payment}
    return authentication_body(flags=flags, client=client_data(kind, origin=origin, **details, **client))


def finish(begun, answer, *, known=None, **others):
    state = CeremonyState.from_json(begun.state.to_json())
    return finish_payment(RP, state, answer, known or record(), **{"user": USER, "now": NOW, **others})


def refusal(begun, answer, **others):
    with pytest.raises(Refused) as caught:
        finish(begun, answer, **others)
    return caught.value.code, caught.value.step


def test_a_payment():
    confirmation = finish(begin(), body())
    assert isinstance(confirmation, PaymentConfirmation)
    assert confirmation.payment == PAYMENT
    assert confirmation.user_handle == USER.id
    assert confirmation.record.last_used_at == NOW
    assert confirmation.sign_count is SignCountVerdict.NOT_SUPPORTED
    assert confirmation.icon_shown
    assert confirmation.logos_shown == tuple(logo.url for logo in LOGOS)
    assert finish(begin(), body(), user=USER.id).payment == PAYMENT


def test_the_request_for_the_page():
    request = begin(timeout=60).request.to_json()
    assert request == {
        "data": {
            "rpId": "example.org",
            "challenge": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "credentialIds": ["Y3JlZGVudGlhbCBpZCBvZiAyNCBieXRlcw"],
            "timeout": 60_000,
            "instrument": {
                "displayName": "Card ending in 1234",
                "icon": "https://bank.example/card.png",
                "iconMustBeShown": True,
                "details": "debit",
            },
            "payeeName": "The Shop",
            "payeeOrigin": SHOP,
            "paymentEntitiesLogos": [{"url": logo.url, "label": logo.label} for logo in LOGOS],
        },
        "total": {"currency": "EUR", "value": "12.50"},
    }
    json.dumps(request)
    drawn = begin_payment(RP, USER, records=[record()], payment=PAYMENT, caller=SHOP)
    assert len(drawn.request.challenge) == 32


def test_a_payment_never_signs_in():
    """Whatever state it meets: the type of the client data alone refuses it."""
    for state in (
        RP.begin_authentication(user=USER, records=[record()], challenge=CHALLENGE, now=NOW).state,
        RP.begin_authentication(challenge=CHALLENGE, now=NOW).state,
    ):
        lax = replace(state, origins=(SHOP,), extensions={"payment": PAYMENT.to_json()})
        with pytest.raises(Refused) as caught:
            RP.finish_authentication(lax, body(), record(), now=NOW)
        assert (caught.value.code, caught.value.step) == (Code.TYPE_MISMATCH, "authentication.type")
    with pytest.raises(Refused) as caught:
        RP.finish_authentication(begin().state, body(), record(), now=NOW)
    assert caught.value.code is Code.CEREMONY_PURPOSE
    with pytest.raises(Refused) as caught:
        RP.finish_step_up(begin().state, body(), record(), user=USER, purpose="payment.get", now=NOW)
    assert caught.value.code is Code.TYPE_MISMATCH


def test_a_sign_in_never_pays():
    assert refusal(begin(), body(kind="webauthn.get")) == (Code.TYPE_MISMATCH, "payment.type")
    sign_in = RP.begin_authentication(user=USER, records=[record()], challenge=CHALLENGE, now=NOW)
    assert refusal(sign_in, body()) == (Code.CEREMONY_PURPOSE, "payment.options")
    step_up = RP.begin_step_up(USER, records=[record()], purpose="payment.get", challenge=CHALLENGE, now=NOW)
    with pytest.raises(Malformed):
        finish(step_up, body())


@pytest.mark.parametrize(
    "change",
    [
        {"rpId": "example.com"},
        {"rp": "example.com"},
        {"rp": None},
        {"topOrigin": MALL},
        {"payeeName": "Another Shop"},
        {"payeeName": ...},
        {"payeeOrigin": MALL},
        {"payeeOrigin": ...},
        {"total": {"currency": "EUR", "value": "125.0"}},
        {"total": {"currency": "EUR", "value": "12.5"}},
        {"total": {"currency": "EUR", "value": 12.5}},
        {"total": {"currency": "USD", "value": "12.50"}},
        {"total": {}},
        {"instrument": {**PAYMENT.to_json()["instrument"], "displayName": "Another card"}},
        {"instrument": {**PAYMENT.to_json()["instrument"], "icon": "https://bank.example/other.png"}},
        {"instrument": {**PAYMENT.to_json()["instrument"], "icon": ""}},
        {"instrument": {**PAYMENT.to_json()["instrument"], "icon": None}},
        {"instrument": {**PAYMENT.to_json()["instrument"], "details": "credit"}},
        {"instrument": {"displayName": PAYMENT.instrument, "icon": PAYMENT.icon}},
        {"paymentEntitiesLogos": [{"url": "https://logos.example/other.png", "label": "One"}]},
        {"paymentEntitiesLogos": [{"url": LOGOS[0].url, "label": "Other"}]},
        {"paymentEntitiesLogos": [{"url": logo.url, "label": logo.label} for logo in (LOGOS[1], LOGOS[0])]},
        {"paymentEntitiesLogos": [{"url": logo.url, "label": logo.label} for logo in (LOGOS[0], LOGOS[0])]},
        {"paymentEntitiesLogos": [{}]},
    ],
    ids=str,
)
def test_something_else_was_shown(change):
    assert refusal(begin(), body(signed(**change))) == (Code.PAYMENT_MISMATCH, "payment.details")


@pytest.mark.parametrize("name", ["payeeName", "payeeOrigin"])
def test_a_payee_that_was_not_to_be_shown(name):
    payment = replace(PAYMENT, payee_name=None) if name == "payeeName" else replace(PAYMENT, payee_origin=None)
    details = {**signed(payment), name: PAYMENT.to_json()[name]}
    assert refusal(begin(payment), body(details)) == (Code.PAYMENT_MISMATCH, "payment.details")


@pytest.mark.parametrize(
    "change",
    [
        {"rpId": ...},
        {"rpId": 5},
        {"topOrigin": ...},
        {"total": ...},
        {"total": "12.50"},
        {"instrument": []},
        {"paymentEntitiesLogos": {}},
        {"paymentEntitiesLogos": ["one"]},
    ],
    ids=str,
)
def test_payment_details_that_are_none(change):
    with pytest.raises(Malformed) as caught:
        finish(begin(), body(signed(**change)))
    assert caught.value.path.startswith("response.clientDataJSON.payment.")


@pytest.mark.parametrize("details", [..., None, [], "payment"])
def test_client_data_without_a_payment(details):
    answer = authentication_body(client=client_data("payment.get", origin=SHOP, payment=details))
    with pytest.raises(Malformed) as caught:
        finish(begin(), answer)
    assert caught.value.path == "response.clientDataJSON.payment"


def test_what_clients_may_add_or_leave_out():
    more = signed(rp="example.org", browserBoundPublicKey="AQ", unknown={"x": 1})
    assert finish(begin(), body(more)).icon_shown
    shown = finish(begin(), body(signed(paymentEntitiesLogos=[{"url": LOGOS[1].url, "label": LOGOS[1].label}])))
    assert shown.logos_shown == (LOGOS[1].url,)
    assert finish(begin(), body(signed(paymentEntitiesLogos=...))).logos_shown == ()
    instrument = {**LENIENT.to_json()["instrument"], "icon": ""}
    assert not finish(begin(LENIENT), body(signed(LENIENT, instrument=instrument))).icon_shown
    assert finish(begin(LENIENT), body(signed(LENIENT))).icon_shown


def test_in_a_frame():
    begun = begin(top_origin=MALL)
    framed = signed(top_origin=MALL)
    assert finish(begun, body(framed, crossOrigin=True, topOrigin=MALL)).icon_shown
    assert finish(begun, body(framed, crossOrigin=True)).icon_shown
    assert refusal(begun, body(framed, crossOrigin=True, topOrigin=SHOP))[1] == "payment.top-origin"
    assert refusal(begun, body(signed(), crossOrigin=True))[1] == "payment.details"
    assert refusal(begin(), body(crossOrigin=True))[1] == "payment.cross-origin"


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        (body(origin="https://example.org"), "payment.origin"),
        (body(challenge=b"another challenge of 32 bytes...."), "payment.challenge"),
        (body(flags=UV | 0x18), "payment.user-presence"),
        (body(flags=UP | 0x18), "payment.user-verification"),
        (body(flags=UP | UV | 0x10), "payment.backup-flags"),
        (body(flags=UP | UV), "payment.backup-eligibility"),
        ({**body(), "id": "AQ", "rawId": "AQ"}, "payment.allow-credentials"),
        ({**body(), "response": {**body()["response"], "signature": "AQ"}}, "payment.signature"),
        (
            authentication_body(rp_id="example.com", client=client_data("payment.get", origin=SHOP, payment=signed())),
            "payment.rp-id-hash",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_other_steps_are_those_of_a_sign_in(answer, step):
    assert refusal(begin(), answer)[1] == step


def test_users_records_and_sessions():
    other = UserEntity(b"another", "bob")
    assert refusal(begin(), body(), user=other) == (Code.CEREMONY_USER, "payment.options")
    nobody = replace(begin(), state=replace(begin().state, user=None))
    assert refusal(nobody, body())[0] is Code.CEREMONY_USER
    assert refusal(begin(), body(), known=record(user_handle=b"another"))[1] == "payment.user"
    assert refusal(begin(session="s"), body())[0] is Code.CEREMONY_SESSION
    assert refusal(begin(), body(), known=record(sign_count=5))[1] == "payment.sign-count"
    with pytest.raises(Refused) as caught:
        begin(records=[])
    assert (caught.value.code, caught.value.step) == (Code.CREDENTIAL_UNKNOWN, "payment.user")


def test_times():
    begun = begin_payment(RP, USER, records=[record()], payment=PAYMENT, caller=SHOP, challenge=CHALLENGE)
    assert finish_payment(RP, begun.state, body(), record(), user=USER).icon_shown
    with pytest.raises(Misconfigured):
        begin(now=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "others", [{"caller": "https://shop.example/"}, {"caller": "shop"}, {"top_origin": "mall"}, {"challenge": b"short"}]
)
def test_a_payment_that_cannot_begin(others):
    with pytest.raises(Misconfigured):
        begin(**others)


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "euro"},
        {"currency": "eur"},
        {"currency": None},
        {"value": "12,50"},
        {"value": ".5"},
        {"value": 12.5},
        {"instrument": ""},
        {"icon": ""},
        {"icon": None},
        {"payee_name": None, "payee_origin": None},
        {"payee_name": 5},
        {"payee_origin": "shop.example"},
    ],
    ids=str,
)
def test_a_payment_that_cannot_be(change):
    with pytest.raises(Misconfigured):
        replace(PAYMENT, **change)


@pytest.mark.parametrize("payment", [PAYMENT, LENIENT, replace(PAYMENT, payee_origin=None, logos=())])
def test_a_payment_goes_through_the_state(payment):
    assert Payment.from_json(json.loads(json.dumps(payment.to_json()))) == payment


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"total": 5, "instrument": {}},
        {**PAYMENT.to_json(), "total": {"currency": "x", "value": "1"}},
        {**PAYMENT.to_json(), "paymentEntitiesLogos": 5},
        {**PAYMENT.to_json(), "instrument": []},
        {**PAYMENT.to_json(), "instrument": {"displayName": "x"}},
    ],
)
def test_a_state_without_a_payment(value):
    with pytest.raises(Malformed) as caught:
        Payment.from_json(value)
    assert caught.value.code is Code.STATE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["url", "label", "value", "icon", "displayName"]), inner, max_size=2)
    ),
    max_leaves=6,
)
MEMBERS = st.sampled_from(["rpId", "rp", "topOrigin", "total", "instrument", "paymentEntitiesLogos", "payeeName"])


@given(st.dictionaries(MEMBERS, JSON, max_size=3))
def test_no_shape_raises_anything_foreign(changes):
    with suppress(UnlatchError):
        verify_payment({**signed(), **changes}, PAYMENT, rp_id="example.org", top_origin=SHOP)
    with suppress(UnlatchError):
        Payment.from_json({**PAYMENT.to_json(), **changes})
