"""A software authenticator: keys, credentials, counters and attestation, without hardware."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from unlatch.terms import Flags
from unlatch.testing import extensions as extension_outputs
from unlatch.testing.authenticator_data import Attested, Parts
from unlatch.testing.certificates import Authority
from unlatch.testing.errors import ClientError
from unlatch.testing.keys import ALGORITHMS, KeyPair
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene
from unlatch.testing.statements import MAKERS
from unlatch.testing.statements.tpm import TpmSettings
from unlatch.wire import base64url, cbor

#: The AAGUID of the software authenticator, readable in a hex dump.
TEST_AAGUID = b"unlatch-testing!"

#: Signed and unsigned outputs that the authenticator and browser can produce together.
EXTENSIONS = frozenset(
    ("credProps", "credProtect", "credBlob", "hmac-secret", "largeBlob", "minPinLength", "prf", "uvm", "appid")
)


@dataclass(slots=True)
class StoredCredential:
    """A credential that lives in a software authenticator. Tests may change it to play clones and damaged keys.

    Attributes:
        id: Credential id.
        rp_id: The relying party it belongs to.
        user_handle: `user.id` of the registration.
        key: The key pair.
        sign_count: The last counter value that was used; stays 0 when the authenticator does not count.
        discoverable: Whether it can be found without being listed.
        large_blob: What was written with the `largeBlob` extension.
        cred_blob: What was stored with the `credBlob` extension.
        prf_secret: The secret behind `prf` and `hmac-secret`.
    """

    id: bytes
    rp_id: str
    user_handle: bytes
    key: KeyPair
    sign_count: int
    discoverable: bool
    large_blob: bytes | None = None
    cred_blob: bytes | None = None
    prf_secret: bytes = b""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What the authenticator answers to a creation request (section 6.3.2)."""

    format: str
    statement: Any
    authenticator_data: bytes


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the authenticator answers to a get request (section 6.3.3)."""

    credential: StoredCredential
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None


class SoftwareAuthenticator:
    """An authenticator for tests; every argument is an attribute that may be changed between two ceremonies.

    Args:
        attestation: ``"none"``, ``"packed"``, ``"packed-self"`` or another key of `unlatch.testing.statements.MAKERS`.
        algorithms: COSE numbers that it can make credentials of.
        aaguid: Its model, 16 bytes; `TEST_AAGUID` if None, and zero with ``"fido-u2f"``, which knows no models.
        user_verified: Whether it can verify its user, and does when it is not discouraged.
        user_present: Whether its user touches it.
        backup_eligible: BE flag.
        backup_state: BS flag.
        counter: The signature counter of a new credential; None for an authenticator that does not count (always 0).
        transports: What `getTransports()` reports.
        attachment: What `authenticatorAttachment` reports.
        discoverable: Whether it stores discoverable credentials.
        extensions: Which extensions it answers, of `EXTENSIONS`.
        attestation_algorithm: COSE number of the attestation key.
        compound: The formats inside a ``"compound"`` statement.
        tpm: What kind of TPM it has.
        now: Its clock, which only ``"android-safetynet"`` looks at.
    """

    def __init__(
        self,
        *,
        attestation: str = "none",
        algorithms: Sequence[int] = (-8, -7, -257),
        aaguid: bytes | None = None,
        user_verified: bool = True,
        user_present: bool = True,
        backup_eligible: bool = False,
        backup_state: bool = False,
        counter: int | None = 1,
        transports: Sequence[str] = ("internal",),
        attachment: str | None = "platform",
        discoverable: bool = True,
        extensions: Iterable[str] = EXTENSIONS,
        attestation_algorithm: int = -7,
        compound: Sequence[str] = ("packed", "packed-self"),
        tpm: TpmSettings | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if attestation not in MAKERS:
            raise ValueError(f"no attestation format {attestation!r}; there are {', '.join(MAKERS)}")
        if unknown := [number for number in algorithms if number not in ALGORITHMS]:
            raise ValueError(f"no algorithms {unknown}; there are {sorted(ALGORITHMS)}")
        if aaguid is None:
            aaguid = bytes(16) if attestation == "fido-u2f" else TEST_AAGUID
        if len(aaguid) != 16:
            raise ValueError("an AAGUID has 16 bytes")
        self.attestation = attestation
        self.algorithms = tuple(algorithms)
        self.aaguid: bytes = aaguid
        self.user_verified = user_verified
        self.user_present = user_present
        self.backup_eligible = backup_eligible
        self.backup_state = backup_state
        self.counter = counter
        self.transports = tuple(transports)
        self.attachment = attachment
        self.discoverable = discoverable
        self.extensions = frozenset(extensions)
        self.attestation_algorithm = attestation_algorithm
        self.compound = tuple(compound)
        self.tpm = tpm or TpmSettings()
        self.now = now
        self.credentials: list[StoredCredential] = []

    @cached_property
    def root(self) -> Authority:
        """The root that a relying party has to trust, and the only one."""
        return Authority.root()

    @cached_property
    def issuer(self) -> Authority:
        """The intermediate authority that issues attestation certificates."""
        return self.root.subordinate()

    @cached_property
    def attestation_key(self) -> KeyPair:
        """The key that signs statements of the formats with a batch certificate."""
        return KeyPair.generate(self.attestation_algorithm)

    @cached_property
    def service_key(self) -> KeyPair:
        """The key of the service that signs SafetyNet reports."""
        return KeyPair.generate(-257)

    @property
    def trust_anchors(self) -> tuple[bytes, ...]:
        """DER certificates that a relying party must name as anchors to trust this authenticator's attestation."""
        return (self.root.certificate,)

    def format_for(self, options: dict[str, Any]) -> str:
        """Which of `MAKERS` the relying party will see: an attestation that it did not ask for is taken away.

        Self attestation of an authenticator without a model passes, since it says nothing that `none` would not
        (section 5.1.3, conveyance `none`).
        """
        if options.get("attestation", "none") != "none":
            return self.attestation
        return "packed-self" if self.attestation == "packed-self" and self.aaguid == bytes(16) else "none"

    def listed(self, options: dict[str, Any]) -> list[bytes]:
        """The ids in `allowCredentials` whose type a client knows."""
        return [
            base64url.decode(each["id"], "allowCredentials.id")
            for each in options.get("allowCredentials") or ()
            if each.get("type") == "public-key"
        ]

    def find(self, rp_id: str, listed: Iterable[bytes]) -> StoredCredential | None:
        """The newest credential for `rp_id` that `listed` names, or the newest discoverable one if it names none."""
        wanted = set(listed)
        for credential in reversed(self.credentials):
            if credential.rp_id == rp_id and (credential.id in wanted if wanted else credential.discoverable):
                return credential
        return None

    def make_credential(self, scene: Scene, *, rp_id: str, conditional: bool = False) -> Attestation:
        """Make a credential and attest it (section 6.3.2).

        Args:
            scene: The ceremony; the client data hash must be there.
            rp_id: Effective RP ID.
            conditional: Made during `mediation: "conditional"`: neither presence nor verification is tested.

        Raises:
            ClientError: No common algorithm, or user verification or a discoverable credential that it cannot give.
        """
        options = scene.options
        selection = options.get("authenticatorSelection") or {}
        requirement = selection.get("userVerification", "preferred")
        resident = selection.get("residentKey") or ("required" if selection.get("requireResidentKey") else "preferred")
        self._require(requirement, conditional=conditional)
        if resident == "required" and not self.discoverable:
            raise ClientError("ConstraintError", "the authenticator stores no discoverable credentials")

        key = KeyPair.generate(scene.at(Point.ALGORITHM, self.choose_algorithm(options)))
        scene.key = key
        scene.credential_id = scene.at(Point.CREDENTIAL_ID, secrets.token_bytes(32))
        credential = StoredCredential(
            id=scene.credential_id,
            rp_id=rp_id,
            user_handle=base64url.decode(options["user"]["id"], "user.id"),
            key=key,
            sign_count=self.counter or 0,
            discoverable=self.discoverable and resident != "discouraged",
            prf_secret=secrets.token_bytes(32),
        )
        cose = scene.at(Point.KEY, key.cose)
        scene.sent_algorithm = cose.get(3)
        encoded_key = scene.at(Point.KEY_BYTES, cbor.encode(cose))
        attested = Attested(self.aaguid, scene.credential_id, encoded_key)
        outputs = extension_outputs.at_creation(self, credential, options.get("extensions") or {})
        flags = Flags.AT if conditional else Flags.AT | self._user_flags(requirement)
        scene.authenticator_data = self._authenticator_data(
            scene, rp_id, flags, credential.sign_count, outputs, attested
        )

        maker = MAKERS[self.format_for(options)]
        statement = maker.make(scene)
        self.credentials = [
            each
            for each in self.credentials
            if not (credential.discoverable and (each.rp_id, each.user_handle) == (rp_id, credential.user_handle))
        ]
        self.credentials.append(credential)
        return Attestation(maker.format, statement, scene.authenticator_data)

    def get_assertion(self, scene: Scene, *, rp_id: str, listed: Sequence[bytes]) -> Assertion:
        """Sign an assertion (section 6.3.3).

        Args:
            scene: The ceremony; the client data hash must be there.
            rp_id: Effective RP ID.
            listed: Allowed credential ids; empty to use a discoverable credential.

        Raises:
            ClientError: No fitting credential, or user verification that it cannot give.
        """
        requirement = scene.options.get("userVerification", "preferred")
        self._require(requirement, conditional=False)
        credential = self.find(rp_id, listed)
        if credential is None:
            raise ClientError("NotAllowedError", "the authenticator has no credential for this request")
        scene.credential, scene.key, scene.credential_id = credential, credential.key, credential.id
        sign_count = 0 if self.counter is None else credential.sign_count + 1
        outputs = extension_outputs.at_assertion(self, credential, scene.options.get("extensions") or {})
        flags = self._user_flags(requirement)
        scene.authenticator_data = self._authenticator_data(scene, rp_id, flags, sign_count, outputs, None)
        credential.sign_count = sign_count

        signer = scene.at(Point.SIGNER, credential.key)
        signed = scene.at(Point.SIGNED, scene.authenticator_data + scene.client_data_hash)
        signature = scene.at(Point.SIGNATURE, signer.sign(signed))
        handle = credential.user_handle if credential.discoverable else None
        return Assertion(credential, scene.authenticator_data, signature, handle)

    def _authenticator_data(
        self, scene: Scene, rp_id: str, flags: int, sign_count: int, outputs: dict[str, Any], attested: Attested | None
    ) -> bytes:
        scene.rp_id = scene.at(Point.RP_ID, rp_id)
        signed: Any = scene.at(Point.EXTENSION_OUTPUTS, outputs)
        encoded = scene.at(Point.EXTENSION_BYTES, cbor.encode(signed) if signed else None)
        backup = (Flags.BE if self.backup_eligible else 0) | (Flags.BS if self.backup_state else 0)
        parts = Parts(
            rp_id_hash=sha256(scene.rp_id.encode()).digest(),
            flags=int(flags | backup | (Flags.ED if encoded is not None else 0)),
            sign_count=sign_count,
            attested=attested,
            extensions=encoded,
        )
        return scene.at(Point.AUTHENTICATOR_DATA_BYTES, scene.at(Point.AUTHENTICATOR_DATA, parts).encode())

    def _user_flags(self, requirement: str) -> Flags:
        present = Flags.UP if self.user_present else Flags(0)
        return present | (Flags.UV if self.user_verified and requirement != "discouraged" else Flags(0))

    def _require(self, requirement: str, *, conditional: bool) -> None:
        if requirement == "required" and (conditional or not self.user_verified):
            error = "ConstraintError" if conditional else "NotAllowedError"
            raise ClientError(error, "user verification is required and not possible")

    def choose_algorithm(self, options: dict[str, Any]) -> int:
        """The first of `pubKeyCredParams` that this authenticator speaks and can attest as it is asked to.

        Raises:
            ClientError: There is none.
        """
        attestable = self._attestable(self.format_for(options))
        for each in options["pubKeyCredParams"]:
            algorithm: int = each["alg"]
            if each.get("type") == "public-key" and algorithm in self.algorithms and algorithm in attestable:
                return algorithm
        raise ClientError("NotSupportedError", "no algorithm of pubKeyCredParams is supported")

    def _attestable(self, attestation: str) -> frozenset[int]:
        """COSE numbers of the credential keys that a kind of attestation can attest."""
        if attestation == "compound":
            return frozenset.intersection(*map(self._attestable, self.compound))
        algorithms = MAKERS[attestation].algorithms
        return frozenset(ALGORITHMS) if algorithms is None else algorithms
