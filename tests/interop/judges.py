"""Relying parties that others wrote, each behind one function: accept both ceremonies of a recording, or raise."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import AttestationVerifier
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity
from recordings import ORIGIN, RP_ID, Recording, relying_party
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AttestationFormat

from unlatch.testing.keys import credential_algorithms
from unlatch.wire import base64url

NODE_FOLDER = Path(__file__).with_name("node")


def _pem(certificate: bytes) -> bytes:
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)


def ours(recording: Recording) -> None:
    """This library, trusting the authenticator's root and nothing else."""
    rp = relying_party(recording.anchor)
    registration = rp.finish_registration(recording.states[0], recording.registration)
    rp.finish_authentication(recording.states[1], recording.authentication, registration.record)


def py_webauthn(recording: Recording) -> None:
    """py_webauthn with every algorithm that it has and the root for every format."""
    verified = verify_registration_response(
        credential=recording.registration,
        expected_challenge=base64url.decode(recording.creation["challenge"], ""),
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=True,
        supported_pub_key_algs=list(COSEAlgorithmIdentifier),
        pem_root_certs_bytes_by_fmt={each: [_pem(recording.anchor)] for each in AttestationFormat},
    )
    signed_in = verify_authentication_response(
        credential=recording.authentication,
        expected_challenge=base64url.decode(recording.request["challenge"], ""),
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=verified.credential_public_key,
        credential_current_sign_count=verified.sign_count,
        require_user_verification=True,
    )
    if (verified.sign_count, signed_in.new_sign_count) != (1, 2):
        raise ValueError("the counters differ")


def python_fido2(recording: Recording) -> None:
    """python-fido2 with a verifier that trusts the root, for the formats that it verifies."""

    class Root(AttestationVerifier):
        def ca_lookup(self, attestation_result: object, auth_data: object) -> bytes:
            return recording.anchor

    # It has no verifier for `none`; without one it looks at no statement.
    verifier = None if recording.case.attestation == "none" else Root()
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=RP_ID, name="Example"), attestation="direct", verify_attestation=verifier
    )
    challenge = base64url.decode(recording.creation["challenge"], "")
    user = PublicKeyCredentialUserEntity(id=b"1", name="ada", display_name="Ada")
    _, state = server.register_begin(user, challenge=challenge)
    made = server.register_complete(state, recording.registration)
    credentials = [made.credential_data]
    _, state = server.authenticate_begin(credentials, challenge=base64url.decode(recording.request["challenge"], ""))
    server.authenticate_complete(state, credentials, recording.authentication)


class SimpleWebAuthn:
    """@simplewebauthn/server in one node process; ends with the `with` block."""

    #: Its names for the formats; its anchors are set for each.
    FORMATS = ("packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple")

    def __init__(self, node: str) -> None:
        self._process = subprocess.Popen(
            [node, "judge.mjs"], cwd=NODE_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> SimpleWebAuthn:
        return self

    def __exit__(self, *exception: object) -> None:
        # The end of its input is the end of its work.
        self._process.communicate(timeout=60)

    def __call__(self, recording: Recording) -> None:
        roots = {each: [_pem(recording.anchor).decode()] for each in self.FORMATS}
        shared = {"expectedOrigin": ORIGIN, "expectedRPID": RP_ID}
        verified = self.ask(
            "registration",
            response=recording.registration,
            expectedChallenge=recording.creation["challenge"],
            supportedAlgorithmIDs=list(credential_algorithms()),
            roots=roots,
            **shared,
        )
        signed_in = self.ask(
            "authentication",
            response=recording.authentication,
            expectedChallenge=recording.request["challenge"],
            credential=verified["credential"],
            **shared,
        )
        if (verified["credential"]["counter"], signed_in["counter"]) != (1, 2):
            raise ValueError("the counters differ")

    def ask(self, call: str, **arguments: Any) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises:
            ValueError: It refuses; the message is its own.
        """
        writing, reading = self._process.stdin, self._process.stdout
        if writing is None or reading is None:
            raise RuntimeError("the process was started without pipes")
        writing.write(json.dumps({"call": call, **arguments}) + "\n")
        writing.flush()
        answer = json.loads(reading.readline())
        if "refused" in answer:
            raise ValueError(answer["refused"])
        return answer["accepted"]
