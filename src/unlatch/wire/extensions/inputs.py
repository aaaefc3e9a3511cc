"""Typed extension inputs, for those who would rather not write JSON; `to_json` gives what options carry.

```python
RegistrationInputs(cred_props=True, prf=True, credential_protection="userVerificationRequired").to_json()
AuthenticationInputs(prf=PrfValues(b"encryption key, version 1"), large_blob_read=True).to_json()
```
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlatch.values import field, frozen
from unlatch.wire import base64url
from unlatch.wire.extensions.credential_protection import CredentialProtection
from unlatch.wire.extensions.large_blob import LargeBlobSupport
from unlatch.wire.extensions.prf import PrfValues


@frozen(kw_only=True)
class RegistrationInputs:
    """What a registration asks of extensions; everything is left out unless it is set.

    Attributes:
        cred_props: Tell whether the credential is discoverable.
        prf: Give the credential a PRF; with values, evaluate it at once where the authenticator can.
        large_blob: Make a credential that can hold a blob.
        app_id_exclude: Do not register an authenticator that was registered with U2F under this AppID.
        credential_protection: What the authenticator shall want before it uses the credential.
        enforce_protection: Rather make no credential than a less protected one.
        min_pin_length: Tell how long PINs must be; only authenticators set up for this RP ID answer.
        cred_blob: Up to 32 bytes (some authenticators take more) to keep beside the credential.
        hmac_create_secret: As `prf`, for native clients.
        uvm: Tell how the user was verified.
        payment: Make a credential for Secure Payment Confirmation.
        others: Further inputs, in their JSON forms.
    """

    cred_props: bool = False
    prf: PrfValues | bool = False
    large_blob: LargeBlobSupport | str | None = None
    app_id_exclude: str | None = None
    credential_protection: CredentialProtection | str | None = None
    enforce_protection: bool = False
    min_pin_length: bool = False
    cred_blob: bytes | None = None
    hmac_create_secret: bool = False
    uvm: bool = False
    payment: bool = False
    others: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """AuthenticationExtensionsClientInputsJSON."""
        prf = {"eval": self.prf.to_json()} if isinstance(self.prf, PrfValues) else {}
        protection = self.credential_protection
        return _present(
            {
                "credProps": self.cred_props or None,
                "prf": prf if self.prf else None,
                "largeBlob": None if self.large_blob is None else {"support": str(self.large_blob)},
                "appidExclude": self.app_id_exclude,
                "credentialProtectionPolicy": None if protection is None else str(protection),
                "enforceCredentialProtectionPolicy": self.enforce_protection or None,
                "minPinLength": self.min_pin_length or None,
                "credBlob": None if self.cred_blob is None else base64url.encode(self.cred_blob),
                "hmacCreateSecret": self.hmac_create_secret or None,
                "uvm": self.uvm or None,
                "payment": {"isPayment": True} if self.payment else None,
            },
            self.others,
        )


@frozen(kw_only=True)
class AuthenticationInputs:
    """What a sign-in asks of extensions; everything is left out unless it is set.

    Attributes:
        app_id: Accept credentials that were registered with U2F under this AppID.
        prf: Values to evaluate the PRF at, whichever credential is used.
        prf_by_credential: Values for single credentials, by id; they win over `prf`.
        large_blob_read: Read the blob.
        large_blob_write: Write the blob; the sign-in must allow exactly one credential.
        get_cred_blob: Read what `cred_blob` stored.
        uvm: Tell how the user was verified.
        others: Further inputs, in their JSON forms.
    """

    app_id: str | None = None
    prf: PrfValues | None = None
    prf_by_credential: Mapping[bytes, PrfValues] = field(default_factory=dict)
    large_blob_read: bool = False
    large_blob_write: bytes | None = None
    get_cred_blob: bool = False
    uvm: bool = False
    others: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """AuthenticationExtensionsClientInputsJSON."""
        by_credential = {base64url.encode(key): values.to_json() for key, values in self.prf_by_credential.items()}
        write = self.large_blob_write
        written = None if write is None else base64url.encode(write)
        prf = _present({"eval": self.prf and self.prf.to_json(), "evalByCredential": by_credential or None}, {})
        blob = _present({"read": self.large_blob_read or None, "write": written}, {})
        return _present(
            {
                "appid": self.app_id,
                "prf": prf or None,
                "largeBlob": blob or None,
                "getCredBlob": self.get_cred_blob or None,
                "uvm": self.uvm or None,
            },
            self.others,
        )


def _present(inputs: dict[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in inputs.items() if value is not None}, **others}
