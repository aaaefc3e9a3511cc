"""The peers: each does the same ceremony from the same JSON text, in the way its documentation shows.

A peer gets what an application would have kept: the challenge, and the stored public key as bytes. Where a peer can
follow an attestation to a root, it is given that root, so that the work is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from fido2.attestation import Attestation, AttestationVerifier
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import Aaguid, AttestationConveyancePreference, AttestedCredentialData
from fido2.webauthn import PublicKeyCredentialRpEntity as RpEntity
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AttestationFormat

from unlatch.cli.bench.ceremonies import ORIGIN, RP_ID, Recorded
from unlatch.terms import CeremonyKind
from unlatch.wire import base64url

#: Both know these alone of our rows.
_PY_WEBAUTHN_ALGORITHMS = frozenset(int(algorithm) for algorithm in COSEAlgorithmIdentifier)


def py_webauthn(ceremony: Recorded) -> Callable[[], object] | None:
    """The ceremony with py_webauthn; None where it does not know the algorithm."""
    if ceremony.row.algorithm not in _PY_WEBAUTHN_ALGORITHMS:
        return None
    text, challenge, record = ceremony.body.decode(), ceremony.state.challenge, ceremony.record
    if ceremony.row.kind is CeremonyKind.AUTHENTICATION:
        return lambda: verify_authentication_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=record.public_key,
            credential_current_sign_count=record.sign_count,
            require_user_verification=True,
        )
    roots = [load_der_x509_certificate(anchor).public_bytes(Encoding.PEM) for anchor in ceremony.anchors]
    roots_by_format = {AttestationFormat(ceremony.row.format): roots} if roots else None
    algorithms = [COSEAlgorithmIdentifier(ceremony.row.algorithm)]
    return lambda: verify_registration_response(
        credential=text,
        expected_challenge=challenge,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=True,
        supported_pub_key_algs=algorithms,
        pem_root_certs_bytes_by_fmt=roots_by_format,
    )


class _OneRoot(AttestationVerifier):
    """Trusts one root, whatever the statement."""

    def __init__(self, anchors: tuple[bytes, ...]) -> None:
        super().__init__(
            [Attestation.for_type(name)() for name in ("packed", "tpm", "android-key", "apple", "fido-u2f")]
        )
        self._anchor = anchors[0] if anchors else None

    def ca_lookup(self, attestation_result: object, auth_data: object) -> bytes | None:  # noqa: ARG002 - its interface
        return self._anchor


def python_fido2(ceremony: Recorded) -> Callable[[], object] | None:
    """The ceremony with python-fido2; None where it does not know the algorithm."""
    if ceremony.row.algorithm not in CoseKey.supported_algorithms():
        return None
    attested = ceremony.row.format != "none"
    if attested and not ceremony.anchors:
        return None  # It judges the trust of a self attestation as "no root", so there is no accepting it.
    server = Fido2Server(
        RpEntity(id=RP_ID, name="Example"),
        attestation=AttestationConveyancePreference.DIRECT if attested else None,
        verify_attestation=_OneRoot(ceremony.anchors) if attested else None,
    )
    body = ceremony.body
    state = {"challenge": base64url.encode(ceremony.state.challenge), "user_verification": "required"}
    if ceremony.row.kind is CeremonyKind.REGISTRATION:
        return lambda: server.register_complete(state, json.loads(body))
    record = ceremony.record
    stored = bytes(AttestedCredentialData.create(Aaguid.NONE, record.id, CoseKey.parse(_map(record.public_key))))
    return lambda: server.authenticate_complete(state, [AttestedCredentialData(stored)], json.loads(body))


def _map(cose: bytes) -> dict[int, object]:
    from fido2 import cbor

    return dict(cbor.decode(cose))


PEERS = {"py_webauthn": py_webauthn, "python-fido2": python_fido2}
