"""What bytes can be: the kinds that ``unlatch inspect`` knows, and how it tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unlatch.cli.inspect import certificate, fields
from unlatch.cli.inspect.encodings import Reading
from unlatch.errors import Malformed
from unlatch.wire import strict_json

#: Kind -> what is in it, or `Malformed`. The order is that of the attempts: what is most exactly recognised first.
KINDS: dict[str, Callable[[bytes], dict[str, Any]]] = {
    "registration": fields.registration,
    "authentication": fields.authentication,
    "client-data": fields.client_data,
    "certificate": certificate.certificate,
    "attestation-object": fields.attestation_object,
    "cose-key": fields.cose_key,
    "authenticator-data": fields.authenticator_data,
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What something turned out to be.

    Attributes:
        kind: A key of `KINDS`.
        encoding: How it was written down.
        length: Bytes.
        fields: What is in it; JSON-able, bytes as hex.
    """

    kind: str
    encoding: str
    length: int
    fields: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"kind": self.kind, "encoding": self.encoding, "length": self.length, "fields": self.fields}


class NotRecognisedError(Exception):
    """Nothing fits.

    Attributes:
        attempts: What was tried, and why it did not fit.
    """

    def __init__(self, attempts: list[str]) -> None:
        super().__init__("nothing fits")
        self.attempts = attempts


def recognise(found: list[Reading], *, kind: str | None = None) -> list[Recognised]:
    """Decode each certificate of a PEM text, else the first reading that fits some kind.

    Args:
        found: Ways to read it.
        kind: The only kind to try; None for all.

    Raises:
        NotRecognisedError: Nothing fits.
    """
    recognised, attempts = [], []
    for reading in found:
        for name in [kind] if kind else _candidates(reading):
            try:
                decoded = KINDS[name](reading.data)
            except Malformed as error:
                where = f" at {error.path}" if error.path else ""
                attempts.append(f"{name} ({reading.encoding}, {len(reading.data)} bytes){where}: {error.detail}")
                continue
            recognised.append(Recognised(name, reading.encoding, len(reading.data), decoded))
            break
        if recognised and reading.encoding != "pem":
            break
    if not recognised:
        raise NotRecognisedError(attempts)
    return recognised


def _candidates(reading: Reading) -> list[str]:
    """Kinds worth trying: JSON tells by its members what it wants to be, so that one reason is given and not seven."""
    if reading.encoding == "pem":
        return ["certificate"]
    if not reading.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return [name for name in KINDS if name not in ("registration", "authentication", "client-data")]
    try:
        value = strict_json.parse_object(reading.data, "", byte_order_mark=True)
    except Malformed:
        return ["registration", "authentication", "client-data"]
    inner = value.get("response")
    if isinstance(inner, dict):
        return ["registration" if "attestationObject" in inner else "authentication"]
    return ["client-data"]
