"""One ceremony while it is played: what is known so far, and the one place where it may be falsified."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.terms import CeremonyKind
    from unlatch.testing.authenticator import SoftwareAuthenticator, StoredCredential
    from unlatch.testing.faults.fault import Deviation
    from unlatch.testing.keys import KeyPair

_Value = TypeVar("_Value")


@dataclass(slots=True)
class Scene:
    """What the stages of one ceremony have produced; a fault may look at it.

    Attributes:
        ceremony: Which ceremony is played.
        options: The options JSON as the relying party sent it.
        authenticator: Who answers.
        fault: The fault or oddity to bring in, or None for an honest and ordinary response.
        struck: Whether the fault's point was passed.
        client_data_json: The serialized client data.
        client_data_hash: SHA-256 of it, as the authenticator got it.
        key: The key pair of the credential.
        sent_algorithm: `alg` of the key as it stands in the authenticator data.
        attestation_object: Its three members.
        rp_id: The RP ID whose hash is sent.
        credential_id: Its id, as it stands in the response.
        authenticator_data: The bytes that are signed.
        credential: The credential that answers an authentication.
    """

    ceremony: CeremonyKind
    options: dict[str, Any]
    authenticator: SoftwareAuthenticator
    fault: Deviation | None = None
    struck: bool = False
    client_data_json: bytes = b""
    client_data_hash: bytes = b""
    key: KeyPair | None = None
    credential_id: bytes = b""
    authenticator_data: bytes = b""
    credential: StoredCredential | None = None
    sent_algorithm: object = None
    attestation_object: dict[str, Any] = field(default_factory=dict)
    rp_id: str = ""

    def at(self, point: Point, value: _Value) -> _Value:
        """Pass `value` through `point`: changed if the fault strikes there, as it is otherwise."""
        if self.fault is None or self.fault.point is not point:
            return value
        self.struck = True
        changed: _Value = self.fault.change(value, self)
        return changed

    def check_struck(self) -> None:
        """Complain when the fault had no occasion: silence would look like a relying party that accepts it.

        Raises:
            ValueError: The fault's point was not passed in this ceremony.
        """
        if self.fault is not None and not self.struck:
            raise ValueError(f"fault {self.fault.name} found no {self.fault.point} in this ceremony")

    @property
    def credential_key(self) -> KeyPair:
        """The credential's key pair, once there is one.

        Raises:
            ValueError: The stage that makes or finds it has not been reached.
        """
        if self.key is None:
            raise ValueError("the credential key is not known yet")
        return self.key
