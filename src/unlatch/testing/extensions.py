"""Extension outputs of the software authenticator (section 10 and CTAP 2.1 section 12), signed and unsigned."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from unlatch.wire import base64url

if TYPE_CHECKING:
    from unlatch.testing.authenticator import SoftwareAuthenticator, StoredCredential

_PROTECTION = {
    "userVerificationOptional": 1,
    "userVerificationOptionalWithCredentialIDList": 2,
    "userVerificationRequired": 3,
}
_MIN_PIN_LENGTH = 4
# User verified by fingerprint (2), key in hardware (2), matcher in a trusted environment (2): registry of FIDO UAF.
_UVM = [[2, 2, 2]]


def at_creation(
    authenticator: SoftwareAuthenticator, credential: StoredCredential, inputs: dict[str, Any]
) -> dict[str, Any]:
    """The signed outputs for a new credential; stores what `credBlob` brings."""
    known = authenticator.extensions
    outputs: dict[str, Any] = {}
    if "credProtect" in known and "credentialProtectionPolicy" in inputs:
        outputs["credProtect"] = _PROTECTION[inputs["credentialProtectionPolicy"]]
    if "credBlob" in known and "credBlob" in inputs:
        credential.cred_blob = base64url.decode(inputs["credBlob"], "extensions.credBlob")
        outputs["credBlob"] = True
    if "hmac-secret" in known and (inputs.get("hmacCreateSecret") or "prf" in inputs):
        outputs["hmac-secret"] = True
    if "minPinLength" in known and inputs.get("minPinLength"):
        outputs["minPinLength"] = _MIN_PIN_LENGTH
    if "uvm" in known and inputs.get("uvm"):
        outputs["uvm"] = _UVM
    return outputs


def at_assertion(
    authenticator: SoftwareAuthenticator, credential: StoredCredential, inputs: dict[str, Any]
) -> dict[str, Any]:
    """The signed outputs of an assertion."""
    known = authenticator.extensions
    outputs: dict[str, Any] = {}
    if "credBlob" in known and inputs.get("getCredBlob"):
        outputs["credBlob"] = credential.cred_blob or b""
    if "uvm" in known and inputs.get("uvm"):
        outputs["uvm"] = _UVM
    return outputs


def client_at_creation(
    authenticator: SoftwareAuthenticator, credential: StoredCredential, inputs: dict[str, Any]
) -> dict[str, Any]:
    """`clientExtensionResults` of a creation, in their JSON forms."""
    known = authenticator.extensions
    outputs: dict[str, Any] = {}
    if "credProps" in known and inputs.get("credProps"):
        outputs["credProps"] = {"rk": credential.discoverable}
    if "prf" in known and "prf" in inputs:
        outputs["prf"] = {"enabled": True}
        if evaluated := inputs["prf"].get("eval"):
            outputs["prf"]["results"] = _evaluate(credential, evaluated)
    if "largeBlob" in known and "largeBlob" in inputs:
        outputs["largeBlob"] = {"supported": credential.discoverable}
    if "appid" in known and "appidExclude" in inputs:
        outputs["appidExclude"] = True
    return outputs


def client_at_assertion(
    authenticator: SoftwareAuthenticator, credential: StoredCredential, inputs: dict[str, Any]
) -> dict[str, Any]:
    """`clientExtensionResults` of an assertion, in their JSON forms; a `largeBlob` write is carried out."""
    known = authenticator.extensions
    outputs: dict[str, Any] = {}
    if "appid" in known and "appid" in inputs:
        outputs["appid"] = False
    if "prf" in known and "prf" in inputs:
        chosen = (inputs["prf"].get("evalByCredential") or {}).get(base64url.encode(credential.id))
        evaluated = chosen or inputs["prf"].get("eval")
        outputs["prf"] = {"results": _evaluate(credential, evaluated)} if evaluated else {}
    if "largeBlob" in known and "largeBlob" in inputs:
        outputs["largeBlob"] = _large_blob(credential, inputs["largeBlob"])
    return outputs


def _evaluate(credential: StoredCredential, inputs: dict[str, Any]) -> dict[str, str]:
    """The PRF of section 10.1.4: HMAC over a salt that is bound to WebAuthn by a prefix."""
    results: dict[str, str] = {}
    for member in ("first", "second"):
        if member in inputs:
            salt = sha256(b"WebAuthn PRF\x00" + base64url.decode(inputs[member], f"prf.eval.{member}")).digest()
            results[member] = base64url.encode(hmac.digest(credential.prf_secret, salt, "sha256"))
    return results


def _large_blob(credential: StoredCredential, asked: dict[str, Any]) -> dict[str, Any]:
    if "write" in asked:
        credential.large_blob = base64url.decode(asked["write"], "extensions.largeBlob.write")
        return {"written": True}
    if asked.get("read") and credential.large_blob is not None:
        return {"blob": base64url.encode(credential.large_blob)}
    return {}
