"""What a payment assertion signs: amount, payee, instrument (SPC, `CollectedClientAdditionalPaymentData`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from unlatch.ceremonies.origins import check_related_origin
from unlatch.codes import Code
from unlatch.errors import ClientDataRefused, Malformed, Misconfigured

#: ISO 4217 codes, and amounts as `PaymentCurrencyAmount` takes them.
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PATH = "response.clientDataJSON.payment"


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo that is shown beside the payment, for example of a card network."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is shown to the person and signed.

    Attributes:
        currency: ISO 4217 code, for example ``EUR``.
        value: Decimal text, for example ``12.50``; compared as text.
        instrument: Name of the card or account.
        icon: URL of the instrument's icon.
        icon_must_be_shown: Whether the payment fails where the icon cannot be fetched.
        instrument_details: More about the instrument; may be None.
        payee_name: Name of the payee; may be None if there is an origin.
        payee_origin: Origin of the payee; may be None if there is a name.
        logos: Further logos; clients show those that they can.

    Raises:
        Misconfigured: A value that browsers would refuse.
    """

    currency: str
    value: str
    instrument: str
    icon: str
    icon_must_be_shown: bool = True
    instrument_details: str | None = None
    payee_name: str | None = None
    payee_origin: str | None = None
    logos: tuple[Logo, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what browsers would refuse."""
        texts = (self.currency, self.value, self.instrument, self.icon)
        optional = (self.instrument_details, self.payee_name, self.payee_origin)
        if not all(isinstance(text, str) for text in texts) or not all(
            text is None or isinstance(text, str) for text in optional
        ):
            raise Misconfigured("The parts of a payment are texts.")
        if not _CURRENCY.fullmatch(self.currency) or not _AMOUNT.fullmatch(self.value):
            raise Misconfigured(f"{self.currency!r} {self.value!r} is no amount such as 'EUR' '12.50'.")
        if not self.instrument or not self.icon:
            raise Misconfigured("A payment needs the name of an instrument and the URL of its icon.")
        if not self.payee_name and not self.payee_origin:
            raise Misconfigured("A payment needs a payee: payee_name, payee_origin or both.")
        if self.payee_origin is not None:
            check_related_origin(self.payee_origin)

    def to_json(self) -> dict[str, Any]:
        """The members of `SecurePaymentConfirmationRequest` and the total."""
        instrument: dict[str, Any] = {
            "displayName": self.instrument,
            "icon": self.icon,
            "iconMustBeShown": self.icon_must_be_shown,
        }
        if self.instrument_details is not None:
            instrument["details"] = self.instrument_details
        value: dict[str, Any] = {
            "total": {"currency": self.currency, "value": self.value},
            "instrument": instrument,
        }
        if self.payee_name is not None:
            value["payeeName"] = self.payee_name
        if self.payee_origin is not None:
            value["payeeOrigin"] = self.payee_origin
        if self.logos:
            value["paymentEntitiesLogos"] = [{"url": logo.url, "label": logo.label} for logo in self.logos]
        return value

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` wrote.

        Raises:
            Malformed: Anything else.
        """
        try:
            if not isinstance(value, dict):
                raise TypeError("no payment")
            total, instrument = value["total"], value["instrument"]
            return cls(
                currency=total["currency"],
                value=total["value"],
                instrument=instrument["displayName"],
                icon=instrument["icon"],
                icon_must_be_shown=instrument["iconMustBeShown"],
                instrument_details=instrument.get("details"),
                payee_name=value.get("payeeName"),
                payee_origin=value.get("payeeOrigin"),
                logos=tuple(Logo(logo["url"], logo["label"]) for logo in value.get("paymentEntitiesLogos", ())),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise Malformed(Code.STATE, "state.extensions.payment", f"no payment: {error!r}") from None
        except Misconfigured as misconfigured:
            raise Malformed(Code.STATE, "state.extensions.payment", misconfigured.detail) from None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the client could show of what it was asked to.

    Attributes:
        icon: Whether the instrument's icon was shown.
        logos: URLs of the logos that were shown.
    """

    icon: bool
    logos: tuple[str, ...]


def verify_payment(signed: object, payment: Payment, *, rp_id: str, top_origin: str) -> Shown:
    """The signed details are those that were to be shown.

    Members that are not known are left alone; `rp` is an older name of `rpId` that some clients send as well.

    Args:
        signed: The member `payment` of the client data.
        payment: What was to be shown.
        rp_id: The RP ID.
        top_origin: Origin of the top-level page.

    Raises:
        Malformed: A member is missing or has the wrong type.
        ClientDataRefused: Something else was shown.
    """
    if not isinstance(signed, dict):
        _malformed("", "expected an object")
    for name, expected in (("rpId", rp_id), ("topOrigin", top_origin)):
        if not isinstance(signed.get(name), str):
            _malformed(f".{name}", "expected a string")
        _expect(name, expected, signed[name])
    if "rp" in signed:
        _expect("rp", rp_id, signed["rp"])
    _expect("payeeName", payment.payee_name, signed.get("payeeName"))
    _expect("payeeOrigin", payment.payee_origin, signed.get("payeeOrigin"))
    total, instrument = signed.get("total"), signed.get("instrument")
    if not isinstance(total, dict):
        _malformed(".total", "expected an object")
    if not isinstance(instrument, dict):
        _malformed(".instrument", "expected an object")
    _expect("total.currency", payment.currency, total.get("currency"))
    _expect("total.value", payment.value, total.get("value"))
    _expect("instrument.displayName", payment.instrument, instrument.get("displayName"))
    _expect("instrument.details", payment.instrument_details, instrument.get("details"))
    icon = instrument.get("icon")
    # A client that may do without the icon, and could not fetch it, says so with an empty one.
    if icon != "" or payment.icon_must_be_shown:
        _expect("instrument.icon", payment.icon, icon)
    return Shown(icon != "", _logos(signed.get("paymentEntitiesLogos", []), payment))


def _logos(signed: object, payment: Payment) -> tuple[str, ...]:
    """Some of the logos, in their order."""
    if not isinstance(signed, list):
        _malformed(".paymentEntitiesLogos", "expected a list")
    rest = iter(payment.logos)
    shown = []
    for logo in signed:
        if not isinstance(logo, dict):
            _malformed(".paymentEntitiesLogos", "expected a list of objects")
        if not any(each.url == logo.get("url") and each.label == logo.get("label") for each in rest):
            _expect("paymentEntitiesLogos", [each.url for each in payment.logos], logo.get("url"))
        shown.append(str(logo.get("url")))
    return tuple(shown)


def _expect(name: str, expected: object, received: object) -> None:
    if type(received) is not type(expected) or received != expected:
        raise ClientDataRefused(
            Code.PAYMENT_MISMATCH, "details", expected=expected, received=received, detail=f"payment.{name}"
        )


def _malformed(path: str, detail: str) -> NoReturn:
    raise Malformed(Code.CLIENT_DATA, _PATH + path, detail)
