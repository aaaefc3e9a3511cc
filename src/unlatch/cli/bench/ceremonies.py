"""The ceremonies that are measured: honest responses of the software authenticator, one row a kind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from unlatch import AttestationPolicy, CeremonyState, CredentialRecord, Policy, RelyingParty, UserEntity
from unlatch.attestation.formats import FORMATS
from unlatch.ceremonies.policy import MAX_TIMEOUT
from unlatch.terms import AttestationConveyance, CeremonyKind, UserVerification
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.statements import MAKERS
from unlatch.wire import base64url, cbor
from unlatch.wire.algorithms import ALGORITHMS

RP_ID = "example.org"
ORIGIN = "https://example.org"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results.

    Attributes:
        kind: Which ceremony.
        algorithm: COSE identifier of the credential key.
        statement: Registration: what the authenticator attests with, as `SoftwareAuthenticator` calls it.
    """

    kind: CeremonyKind
    algorithm: int = -7
    statement: str = "none"

    @property
    def name(self) -> str:
        """As printed, and as kept in the results."""
        algorithm = ALGORITHMS[self.algorithm].name
        return f"{self.kind} {algorithm}" if self.kind == "authentication" else f"{self.kind} {self.statement}"

    @property
    def format(self) -> str:
        """The attestation statement format identifier."""
        return self.statement.split("-self")[0]


ROWS = (
    Row(CeremonyKind.AUTHENTICATION),
    Row(CeremonyKind.AUTHENTICATION, -257),
    Row(CeremonyKind.AUTHENTICATION, -8),
    Row(CeremonyKind.AUTHENTICATION, -35),
    Row(CeremonyKind.AUTHENTICATION, -53),
    Row(CeremonyKind.AUTHENTICATION, -48),
    Row(CeremonyKind.REGISTRATION),
    Row(CeremonyKind.REGISTRATION, statement="packed-self"),
    Row(CeremonyKind.REGISTRATION, statement="packed"),
    Row(CeremonyKind.REGISTRATION, algorithm=-257, statement="tpm"),
    Row(CeremonyKind.REGISTRATION, statement="android-key"),
    Row(CeremonyKind.REGISTRATION, statement="apple"),
    Row(CeremonyKind.REGISTRATION, statement="fido-u2f"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One ceremony, ready to be finished again and again.

    Attributes:
        row: What it is.
        state: Of the begin.
        body: What the page would post: JSON text.
        record: The registered credential, before the authentication; in a registration the one that results.
        anchors: Certificates (DER) that the attestation leads to; empty where there are none.
    """

    row: Row
    state: CeremonyState
    body: bytes
    record: CredentialRecord
    anchors: tuple[bytes, ...]

    @property
    def relying_party(self) -> RelyingParty:
        """Ours, with a policy that trusts the anchors."""
        return _relying_party(self.row, self.anchors)

    def to_json(self) -> str:
        """For another process."""
        return json.dumps(
            {
                "row": ROWS.index(self.row),
                "state": self.state.to_json(),
                "body": self.body.decode(),
                "record": self.record.to_json(),
                "anchors": [base64url.encode(anchor) for anchor in self.anchors],
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Recorded:
        """Read what `to_json` wrote."""
        value = json.loads(text)
        return cls(
            row=ROWS[value["row"]],
            state=CeremonyState.from_json(value["state"]),
            body=value["body"].encode(),
            record=CredentialRecord.from_json(value["record"]),
            anchors=tuple(base64url.decode(anchor, "anchors") for anchor in value["anchors"]),
        )


def possible(row: Row) -> bool:
    """Whether this version makes and judges such ceremonies."""
    return row.format in FORMATS and row.statement in MAKERS


def record_ceremony(row: Row) -> Recorded:
    """Play a ceremony of this kind with the software authenticator, up to the response."""
    authenticator = SoftwareAuthenticator(attestation=row.statement, algorithms=(row.algorithm,))
    anchored = row.format != "none" and not row.statement.endswith("-self")
    anchors = authenticator.trust_anchors if anchored else ()
    relying_party = _relying_party(row, anchors)
    browser = EmulatedBrowser(ORIGIN, authenticator)
    user = UserEntity(b"a user handle of thirty-two byte", name="ada", display_name="Ada")
    registration = relying_party.begin_registration(user, timeout=MAX_TIMEOUT)
    response = browser.create(registration.options.to_json())
    if row.format == "android-key":
        _send_root(response["response"], authenticator)
    body = json.dumps(response).encode()
    record = relying_party.finish_registration(registration.state, body).record
    if row.kind is CeremonyKind.REGISTRATION:
        return Recorded(row, registration.state, body, record, anchors)
    authentication = relying_party.begin_authentication(user=user, records=[record], timeout=MAX_TIMEOUT)
    body = json.dumps(browser.get(authentication.options.to_json())).encode()
    return Recorded(row, authentication.state, body, record, ())


def _send_root(response: dict[str, Any], authenticator: SoftwareAuthenticator) -> None:
    """As Android devices do: the chain ends in its root, and other libraries count on finding it there."""
    member = "attestationObject"
    attestation: Any = cbor.decode(base64url.decode(response[member], member), member)
    attestation["attStmt"]["x5c"] += authenticator.trust_anchors
    response[member] = base64url.encode(cbor.encode(attestation))


def _relying_party(row: Row, anchors: tuple[bytes, ...]) -> RelyingParty:
    attestation = AttestationPolicy()
    if row.format != "none":
        attestation = AttestationPolicy(
            conveyance=AttestationConveyance.DIRECT,
            formats=("none", row.format),
            anchors=anchors,
            allow_self=not anchors,
            allow_unanchored=not anchors,
        )
    policy = Policy(algorithms=(row.algorithm,), user_verification=UserVerification.REQUIRED, attestation=attestation)
    return RelyingParty(id=RP_ID, name="Example", origins=[ORIGIN], policy=policy)
