"""A ceremony as one piece of JSON: response, expectations and record, to be judged again at any time and place.

A recording says who registered or signed in where, so it is as private as an access log. What a page evaluated with
`prf` is never in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.codes import Code
from unlatch.errors import Malformed, Misconfigured
from unlatch.judgement.expectations import Expectations
from unlatch.judgement.expectations_json import expectations_from_json, expectations_to_json
from unlatch.judgement.judge import judge_authentication, judge_registration
from unlatch.judgement.verdict import Verdict
from unlatch.record import CredentialRecord
from unlatch.terms import CeremonyKind
from unlatch.wire import base64url, strict_json
from unlatch.wire.extensions.prf import forget_results

#: A response, a record with its attestation and some hundred certificates.
MAX_BYTES = 1_048_576
_VERSION = 1
_SECRET_OUTPUTS = ("prf", "hmacGetSecret")
#: Stands where an output was that held secrets in a form that cannot be taken apart.
_REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recorded ceremony.

    Attributes:
        kind: Which ceremony.
        response: What the page sent: the JSON object, or text or bytes where it is none. Results of `prf` are taken
            out when the recording is made.
        expectations: What it is judged by.
        record: What was stored for the credential (authentication); None where nothing was.
    """

    kind: CeremonyKind
    response: dict[str, Any] | str | bytes
    expectations: Expectations
    record: CredentialRecord | None = None

    def __post_init__(self) -> None:
        """Keep the response without secrets, parsed where it can be."""
        object.__setattr__(self, "response", _without_secrets(self.response))

    @classmethod
    def of_ceremony(
        cls,
        rp: RelyingParty,
        state: CeremonyState,
        body: bytes | str | dict[str, Any],
        *,
        at: datetime,
        record: CredentialRecord | None = None,
    ) -> Self:
        """Record a ceremony as it happens, for example when its finish was refused.

        Args:
            rp: The relying party.
            state: The state that the finish got.
            body: The response that the finish got.
            at: When (aware).
            record: The record that the finish got (authentication).
        """
        expectations = Expectations.of_state(state, rp.policy, at=at)
        return cls(kind=state.kind, response=body, expectations=expectations, record=record)

    def judge(self) -> Verdict:
        """Judge it.

        Raises:
            Misconfigured: Expectations that no relying party could have.
        """
        if self.kind is CeremonyKind.REGISTRATION:
            return judge_registration(self.response, self.expectations)
        return judge_authentication(self.response, self.expectations, self.record)

    def to_json(self) -> str:
        """JSON text, for a file.

        Raises:
            Misconfigured: Anchors that are not certificates, such as metadata; name the anchors themselves.
            Malformed: A response or an extension input that is no JSON.
        """
        value: dict[str, Any] = {"v": _VERSION, "kind": str(self.kind)}
        if isinstance(self.response, bytes):
            value["responseBytes"] = base64url.encode(self.response)
        else:
            value["response"] = self.response
        value["expectations"] = expectations_to_json(self.expectations)
        if self.record is not None:
            value["record"] = json.loads(self.record.to_json())
        try:
            return json.dumps(value, indent=2, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise Malformed(Code.RECORDING, "recording", f"not JSON: {error}") from None

    @classmethod
    def from_json(cls, text: bytes | str | dict[str, Any]) -> Self:
        """Read what `to_json` wrote, or somebody by hand.

        Raises:
            Malformed: Not a recording; the path says where.
        """
        value = text if isinstance(text, dict) else strict_json.parse_object(text, "recording", limit=MAX_BYTES)
        if value.get("v") != _VERSION:
            raise Malformed(Code.RECORDING, "recording.v", f"version {value.get('v')!r} is not {_VERSION}")
        surplus = value.keys() - {"v", "kind", "response", "responseBytes", "expectations", "record"}
        if surplus:
            raise Malformed(Code.RECORDING, "recording", f"unknown members {sorted(map(str, surplus))}")
        try:
            kind = CeremonyKind(strict_json.text_member(value, "kind", "recording"))
        except ValueError as error:
            raise Malformed(Code.RECORDING, "recording.kind", str(error)) from None
        expectations = strict_json.object_member(value, "expectations", "recording")
        record = value.get("record")
        if record is not None and not isinstance(record, dict):
            raise Malformed(Code.RECORDING, "recording.record", "expected an object")
        try:
            return cls(
                kind=kind,
                response=_response(value),
                expectations=expectations_from_json(expectations, "recording.expectations"),
                record=None if record is None else CredentialRecord.from_json(record),
            )
        except Misconfigured as misconfigured:
            raise Malformed(Code.RECORDING, "recording.expectations", misconfigured.detail) from None


def _response(value: dict[str, Any]) -> dict[str, Any] | str | bytes:
    if "responseBytes" in value:
        return base64url.decode(value["responseBytes"], "recording.responseBytes")
    response = strict_json.member(value, "response", "recording")
    if not isinstance(response, (dict, str)):
        raise Malformed(Code.RECORDING, "recording.response", "expected an object or a text")
    return response


def _without_secrets(response: dict[str, Any] | str | bytes) -> dict[str, Any] | str | bytes:
    """The response as an object where it can be one; what cannot be read is kept only if no secret can be in it."""
    text = _text(response)
    try:
        parsed = strict_json.parse_object(text, "")
    except Malformed:
        return _REMOVED if _may_hold_secrets(text) else text
    outputs = parsed.get("clientExtensionResults")
    if not isinstance(outputs, dict) or not any(name in outputs for name in _SECRET_OUTPUTS):
        return parsed
    try:
        kept = forget_results(outputs)
    except Malformed:
        kept = {name: _hollow(output) if name in _SECRET_OUTPUTS else output for name, output in outputs.items()}
    return {**parsed, "clientExtensionResults": kept}


def _hollow(output: Any) -> Any:
    """An output that has not its shape, with that shape and nothing in it: it is refused for the same reason."""
    if isinstance(output, dict):
        return {name: _hollow(item) for name, item in output.items()}
    if isinstance(output, list):
        return [_hollow(item) for item in output]
    return output if output is None or isinstance(output, bool) else _REMOVED


def _text(response: dict[str, Any] | str | bytes) -> str | bytes:
    if isinstance(response, (str, bytes)):
        return response
    if not isinstance(response, dict):
        raise Malformed(Code.RECORDING, "recording.response", "expected an object, a text or bytes")
    try:
        return json.dumps(response, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed(Code.RECORDING, "recording.response", f"not JSON: {error}") from None


def _may_hold_secrets(unreadable: str | bytes) -> bool:
    """Whether text that is no JSON mentions a secret output, or could in a disguise: JSON escapes letters."""
    raw = unreadable if isinstance(unreadable, bytes) else unreadable.encode("utf-8", "surrogatepass")
    return b"\\u" in raw or b"\x00" in raw or any(name.encode("ascii") in raw for name in _SECRET_OUTPUTS)
