"""Typed views of extension outputs that a ceremony has checked. None stands for "no answer" throughout.

Every extension may be ignored by client and authenticator, so every answer may be missing. *Signed* answers come from
the authenticator; *unsigned* ones from the client, which the page and whoever controls it can change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlatch.values import frozen
from unlatch.wire.extensions import credential_protection, large_blob, prf, user_verification_methods
from unlatch.wire.extensions.credential_protection import CredentialProtection
from unlatch.wire.extensions.large_blob import LargeBlobOutput
from unlatch.wire.extensions.prf import PrfOutput
from unlatch.wire.extensions.reading import CLIENT_OUTPUTS
from unlatch.wire.extensions.user_verification_methods import UserVerificationMethod


@frozen
class CredProps:
    """The output of `credProps` (section 10.1.3). Unsigned.

    Attributes:
        rk: Whether the credential is discoverable; None when the client does not say.
    """

    rk: bool | None


@frozen
class _Outputs:
    """What both ceremonies share.

    Attributes:
        client: Unsigned outputs, as JSON.
        signed: Signed outputs, as decoded CBOR.
    """

    client: Mapping[str, Any]
    signed: Mapping[str, Any]

    @property
    def prf(self) -> PrfOutput | None:
        """Unsigned: whether there is a PRF and whether the page evaluated it; never its results."""
        output = self.client.get("prf")
        return None if output is None else prf.read_output(output)

    @property
    def large_blob(self) -> LargeBlobOutput | None:
        """Unsigned: whether a blob can be held, what was read, whether the write succeeded."""
        output = self.client.get("largeBlob")
        return None if output is None else large_blob.read_output(output, f"{CLIENT_OUTPUTS}.largeBlob")

    @property
    def uvm(self) -> tuple[UserVerificationMethod, ...] | None:
        """Signed: how the user was verified. The client's copy is not looked at."""
        output = self.signed.get("uvm")
        return None if output is None else user_verification_methods.read_output(output)

    @property
    def remote_desktop(self) -> bool:
        """Unsigned: the browser passed on a request of another machine (`remoteClientDataJSON`): a risk signal."""
        return self.client.get("remoteClientDataJSON") is True


@frozen
class RegistrationOutputs(_Outputs):
    """Extension outputs of a registration."""

    @property
    def cred_props(self) -> CredProps | None:
        """Unsigned: properties of the new credential."""
        return CredProps(discoverable(self.client)) if "credProps" in self.client else None

    @property
    def app_id_excluded(self) -> bool | None:
        """Unsigned: whether the client looked for U2F credentials of the AppID (`appidExclude`)."""
        return self.client.get("appidExclude")

    @property
    def credential_protection(self) -> CredentialProtection | None:
        """Signed: what the authenticator wants before it uses the credential (`credProtect`)."""
        output = self.signed.get("credProtect")
        return None if output is None else credential_protection.read_output(output)

    @property
    def min_pin_length(self) -> int | None:
        """Signed: how many characters a PIN needs, 4 to 63."""
        return self.signed.get("minPinLength")

    @property
    def cred_blob_stored(self) -> bool | None:
        """Signed: whether the bytes of `credBlob` were stored."""
        return self.signed.get("credBlob")

    @property
    def hmac_secret(self) -> bool | None:
        """Signed: whether the credential has an HMAC secret, which is what a PRF is made of."""
        return self.signed.get("hmac-secret")


@frozen
class AuthenticationOutputs(_Outputs):
    """Extension outputs of an assertion."""

    @property
    def app_id(self) -> bool | None:
        """Unsigned: whether the AppID was used; what counts is the RP ID hash, which is checked."""
        return self.client.get("appid")

    @property
    def cred_blob(self) -> bytes | None:
        """Signed: the bytes that `credBlob` stored; empty when nothing is stored."""
        return self.signed.get("credBlob")


def discoverable(client_outputs: Mapping[str, Any]) -> bool | None:
    """`credProps.rk` of checked client outputs; None when the client does not say."""
    properties = client_outputs.get("credProps")
    return None if properties is None else properties.get("rk")
