"""What every format procedure takes and returns, and the readers for the members they share (sections 6.5.4 and 8).

A statement whose shape breaks its CDDL is `Malformed`; one whose contents do not hold is `AttestationRefused` at the
step ``attestation-statement``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from unlatch.codes import Code
from unlatch.crypto.signatures import is_valid_with
from unlatch.errors import AttestationRefused, Malformed
from unlatch.values import frozen
from unlatch.wire import cbor
from unlatch.wire.algorithms import ALGORITHMS, Algorithm

if TYPE_CHECKING:
    from datetime import datetime

    from unlatch.attestation.rules import StatementRules
    from unlatch.crypto.certificates import Certificate
    from unlatch.terms import AttestationType
    from unlatch.wire.authenticator_data import AttestedCredentialData, AuthenticatorData

#: Where a statement stands in a registration response.
STATEMENT_PATH = "response.attestationObject.attStmt"
#: The step that format procedures refuse at (step 22 of section 7.1).
STATEMENT_STEP = "attestation-statement"
#: Android's remotely provisioned chains have five certificates; more than twice that serves nobody.
MAX_CHAIN = 12

#: Signed with SHA-1; old Windows TPMs only.
_RS1 = -65535


@frozen
class AttestationResult:
    """What a sound statement says. Nothing about it is trusted yet: that is for the policy to assess.

    Attributes:
        type: What kind of attestation it is.
        chain: The certificates of the statement, the attestation certificate first; empty for none and self.
        components: The sound statements inside a compound one, as (format, result).
        signed_at: When the statement claims to be made (`android-safetynet` only).
    """

    type: AttestationType
    chain: tuple[Certificate, ...] = ()
    components: tuple[tuple[str, AttestationResult], ...] = ()
    signed_at: datetime | None = None

    @property
    def trust_path(self) -> tuple[bytes, ...]:
        """The certificates as received, DER."""
        return tuple(certificate.raw for certificate in self.chain)


class Procedure(Protocol):
    """The verification procedure of one attestation statement format."""

    def __call__(
        self,
        statement: cbor.Value,
        authenticator_data: AuthenticatorData,
        client_data_hash: bytes,
        *,
        rules: StatementRules,
        path: str = STATEMENT_PATH,
    ) -> AttestationResult:
        """Verify a statement.

        Args:
            statement: The decoded `attStmt`.
            authenticator_data: Of the same attestation object, with attested credential data.
            client_data_hash: SHA-256 of the received client data, 32 bytes.
            rules: The choices where the text leaves one.
            path: Where in the input the statement stands.

        Raises:
            Malformed: The statement breaks its CDDL, or holds a certificate or structure that cannot be read.
            AttestationRefused: The statement is not sound.
        """


def refuse(code: Code, detail: str, *, expected: object = None, received: object = None) -> AttestationRefused:
    """The error of a statement that is not sound, to be raised by the caller."""
    return AttestationRefused(code, STATEMENT_STEP, expected=expected, received=received, detail=detail)


def attested_data(authenticator_data: AuthenticatorData) -> AttestedCredentialData:
    """The attested credential data, which a registration has.

    Raises:
        Malformed: There is none.
    """
    if authenticator_data.attested is None:
        raise Malformed(Code.AUTHENTICATOR_DATA, "response.attestationObject.authData", "no credential is attested")
    return authenticator_data.attested


def read_members(
    statement: cbor.Value, path: str, *, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[Any, cbor.Value]:
    """A statement that is a map of the required members, perhaps the optional ones, and no other.

    Raises:
        Malformed: Not a map, or a missing or surplus member.
    """
    if type(statement) is not dict:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, "expected a map")
    keys = statement.keys()
    if not required <= keys or not keys <= required | optional:
        odd = sorted((required - keys) | (keys - required - optional), key=str)
        raise Malformed(Code.ATTESTATION_STATEMENT, path, f"missing or surplus members {odd}")
    return statement


def read_bytes(members: dict[Any, cbor.Value], name: str, path: str) -> bytes:
    """A member that is a byte string and not empty.

    Raises:
        Malformed: Another type, or empty.
    """
    value = members[name]
    if not isinstance(value, bytes) or not value:
        raise Malformed(Code.ATTESTATION_STATEMENT, f"{path}.{name}", "expected a byte string that is not empty")
    return value


def read_algorithm(members: dict[Any, cbor.Value], path: str, *, allow_rs1: bool = False) -> Algorithm:
    """The member `alg`: an algorithm that we can verify.

    Raises:
        Malformed: Not an integer.
        AttestationRefused: An algorithm that is not known, or may not be used here.
    """
    value = members["alg"]
    if type(value) is not int:
        raise Malformed(Code.ATTESTATION_STATEMENT, f"{path}.alg", "expected an integer")
    algorithm = ALGORITHMS.get(value)
    if algorithm is None or (value == _RS1 and not allow_rs1):
        raise refuse(Code.ATTESTATION_INVALID, "an algorithm that cannot be verified", received=value)
    return algorithm


def read_chain(members: dict[Any, cbor.Value], path: str, *, miscounts: bool = False) -> tuple[Certificate, ...]:
    """The member `x5c`: one certificate or more, the attestation certificate first.

    Args:
        members: Of the statement.
        path: Where it stands.
        miscounts: As in `unlatch.crypto.certificates.parse_certificate`, for the first.

    Raises:
        Malformed: Not an array of byte strings, empty, too long, or a certificate that cannot be read.
    """
    from unlatch.crypto.certificates import parse_certificate

    value = members["x5c"]
    path = f"{path}.x5c"
    if not isinstance(value, list) or not 0 < len(value) <= MAX_CHAIN:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, f"expected an array of 1 to {MAX_CHAIN} certificates")
    chain = []
    for index, item in enumerate(value):
        if not isinstance(item, bytes):
            raise Malformed(Code.ATTESTATION_STATEMENT, f"{path}[{index}]", "expected a byte string")
        where = f"{path}[{index}]"
        chain.append(
            _issuing_certificate(item, where) if index else parse_certificate(item, where, miscounts=miscounts)
        )
    return tuple(chain)


@lru_cache(128)
def _issuing_certificate(data: bytes, path: str) -> Certificate:
    """A certificate behind the first of a chain: there are few, so what was read is kept. Its path is judged anew."""
    from unlatch.crypto.certificates import parse_certificate

    return parse_certificate(data, path)


def expect_signature(public_key: object, algorithm: Algorithm, signature: bytes, data: bytes) -> None:
    """Verify a statement's signature; key type and curve must be the algorithm's.

    Raises:
        AttestationRefused: It does not verify.
    """
    if not is_valid_with(public_key, algorithm, signature, data):
        raise refuse(
            Code.ATTESTATION_SIGNATURE,
            f"the signature does not verify as {algorithm.name} with a {type(public_key).__name__}",
        )
