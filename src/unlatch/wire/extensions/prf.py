"""The `prf` extension (section 10.1.4), and `hmacGetSecret`, its form for native clients (CTAP 2.1 section 12.5).

Its results are secrets of the page: keys to encrypt with. No server needs them, yet ``toJSON()`` puts them into what a
page uploads. They are checked and forgotten when a response is read: of ``results.first`` nothing stays but its name.
So they can be in no value, log, record or database that comes from here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from unlatch.codes import Code
from unlatch.errors import ExtensionRefused
from unlatch.values import frozen
from unlatch.wire import base64url
from unlatch.wire.extensions.reading import (
    CLIENT_OUTPUTS,
    bad_input,
    bad_output,
    binary_input,
    binary_output,
    boolean_output,
    object_input,
)

RESULT_LENGTH = 32
#: CTAP 2.1 section 12.5: salts are 32 bytes each.
_SALT_LENGTH = 32
#: Where results stand: output -> (member that holds them, their names).
_RESULTS = ("first", "second")
_SECRETS = ("output1", "output2")


@frozen
class PrfValues:
    """What to evaluate the PRF of a credential at.

    Attributes:
        first: Any bytes; the client hashes them together with a prefix of its own.
        second: For a second result, for example the next key while keys are rotated.
    """

    first: bytes
    second: bytes | None = None

    def to_json(self) -> dict[str, str]:
        """AuthenticationExtensionsPRFValuesJSON."""
        values = {"first": base64url.encode(self.first)}
        if self.second is not None:
            values["second"] = base64url.encode(self.second)
        return values


@frozen
class PrfOutput:
    """What is left of the output of `prf`. Unsigned.

    Attributes:
        enabled: Whether the new credential has a PRF; None in an assertion and from clients that do not say.
        evaluated: Whether the page has got results. They are not here and nowhere else.
    """

    enabled: bool | None
    evaluated: bool


def check_creation_input(value: Any, path: str) -> None:
    """``{}`` or ``{eval}``; there is no credential yet that could be named.

    Raises:
        Malformed: Anything else.
    """
    if isinstance(value, dict) and "evalByCredential" in value:
        bad_input(f"{path}.evalByCredential", "names credentials, and there is none yet; use eval")
    prf = object_input(value, path, ("eval",))
    if "eval" in prf:
        _check_values(prf["eval"], f"{path}.eval")


def check_request_input(value: Any, path: str, allowed: Collection[bytes]) -> None:
    """``{eval?, evalByCredential?}``; the latter names credentials out of `allowCredentials`.

    Args:
        value: The input.
        path: Where it stands.
        allowed: Ids in `allowCredentials`.

    Raises:
        Malformed: Anything else; browsers would answer SyntaxError or NotSupportedError.
    """
    prf = object_input(value, path, ("eval", "evalByCredential"))
    if "eval" in prf:
        _check_values(prf["eval"], f"{path}.eval")
    by_credential = prf.get("evalByCredential", {})
    path = f"{path}.evalByCredential"
    if not isinstance(by_credential, dict):
        bad_input(path, "an object from credential ids to values")
    for text, values in by_credential.items():
        if binary_input(text, path) not in allowed:
            bad_input(f"{path}.{text}", "is not the id of a credential in allowCredentials")
        _check_values(values, f"{path}.{text}")


def check_hmac_get_secret_input(value: Any, path: str) -> None:
    """``{salt1, salt2?}``, 32 bytes each.

    Raises:
        Malformed: Anything else.
    """
    salts = object_input(value, path, ("salt1", "salt2"))
    for name in {"salt1": None, **salts}:
        if len(binary_input(salts.get(name), f"{path}.{name}")) != _SALT_LENGTH:
            bad_input(f"{path}.{name}", f"{_SALT_LENGTH} bytes")


def check_output(value: Any, path: str) -> None:
    """``{enabled?, results?: {first, second?}}``, results of 32 bytes each, or None where they were forgotten.

    Raises:
        Malformed: Anything else.
    """
    if not isinstance(value, dict):
        bad_output(path, "expected an object")
    if "enabled" in value:
        boolean_output(value["enabled"], f"{path}.enabled")
    results = value.get("results")
    if results is not None:
        _check_results(results, f"{path}.results", _RESULTS)


def check_hmac_get_secret_output(value: Any, path: str) -> None:
    """``{output1, output2?}``, 32 bytes each, or None where they were forgotten.

    Raises:
        Malformed: Anything else.
    """
    _check_results(value, path, _SECRETS)


def forget_results(outputs: dict[str, Any]) -> dict[str, Any]:
    """Client outputs without the secrets in them; what is left says only which results there were.

    Args:
        outputs: As received; not changed.

    Raises:
        Malformed: An output of `prf` or `hmacGetSecret` that has not their shape.
    """
    kept = dict(outputs)
    if "prf" in kept:
        prf = kept["prf"]
        check_output(prf, f"{CLIENT_OUTPUTS}.prf")
        # Members that are not known may be results under another name.
        kept["prf"] = {name: prf[name] for name in ("enabled",) if name in prf}
        if prf.get("results") is not None:
            kept["prf"]["results"] = _names(prf["results"], _RESULTS)
    if "hmacGetSecret" in kept:
        check_hmac_get_secret_output(kept["hmacGetSecret"], f"{CLIENT_OUTPUTS}.hmacGetSecret")
        kept["hmacGetSecret"] = _names(kept["hmacGetSecret"], _SECRETS)
    return kept


def forget_cleartext(signed_outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Signed outputs without a `prf` among them: authenticators must not write one (section 10.1.4), some have.

    What `hmac-secret` holds is encrypted for the client, and stays.
    """
    if "prf" not in signed_outputs:
        return signed_outputs
    return {identifier: output for identifier, output in signed_outputs.items() if identifier != "prf"}


def read_output(value: Mapping[str, Any]) -> PrfOutput:
    """The typed form of a checked output."""
    return PrfOutput(value.get("enabled"), value.get("results") is not None)


def verify_results(requested: Any, output: Mapping[str, Any], credential_id: bytes) -> None:
    """Results are those of the values that were asked for: none for none, a second one exactly for a second one.

    Args:
        requested: The input; of `evalByCredential` the entry of this credential wins over `eval`.
        output: The checked output.
        credential_id: Of the credential that was made or used.

    Raises:
        ExtensionRefused: More or fewer results than values.
    """
    results = output.get("results")
    if results is None:
        return
    values = _chosen(requested, credential_id)
    if values is None or ("second" in values) != ("second" in results):
        raise ExtensionRefused(
            Code.EXTENSION_CONTRADICTS,
            "extensions",
            expected=sorted(values or ()),
            received=sorted(results),
            detail="prf: results for other values than were asked for",
        )


def _chosen(requested: Any, credential_id: bytes) -> dict[str, Any] | None:
    """The values of an input of any shape; a recorded ceremony may have been begun by another library."""
    if not isinstance(requested, dict):
        return None
    by_credential = requested.get("evalByCredential")
    chosen = by_credential.get(base64url.encode(credential_id)) if isinstance(by_credential, dict) else None
    values = requested.get("eval") if chosen is None else chosen
    return values if isinstance(values, dict) else None


def _check_values(value: Any, path: str) -> None:
    values = object_input(value, path, _RESULTS)
    if "first" not in values:
        bad_input(f"{path}.first", "is missing")
    for name in values:
        binary_input(values[name], f"{path}.{name}")


def _check_results(value: Any, path: str, names: tuple[str, str]) -> None:
    if not isinstance(value, dict):
        bad_output(path, "expected an object")
    if names[0] not in value:
        bad_output(f"{path}.{names[0]}", "is missing")
    for name in names:
        found = value.get(name)
        if found is None:
            continue
        result = binary_output(found, f"{path}.{name}")
        if result is not None and len(result) != RESULT_LENGTH:
            bad_output(f"{path}.{name}", f"expected {RESULT_LENGTH} bytes")


def _names(results: Mapping[str, Any], names: tuple[str, str]) -> dict[str, None]:
    return {name: None for name in names if name in results}
