"""py_webauthn, used as its documentation shows. Where it can follow an attestation to a root, it is given the root."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

from loop import Cannot, Work, serve
from webauthn import (
    __version__,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement


def prepare(task: dict[str, Any]) -> Work:
    """The same ceremony, from the same text."""
    if task["kind"] == "state":
        raise Cannot("keeps no state")
    if task["algorithm"] not in {int(known) for known in COSEAlgorithmIdentifier}:
        raise Cannot("does not know the algorithm")
    if task["kind"].endswith("options"):
        return _options(task)
    text, challenge = task["body"], _bytes(task["challenge"])
    if task["kind"] == "authentication":
        public_key = _bytes(task["public_key"])
        return lambda: verify_authentication_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=task["rp_id"],
            expected_origin=task["origin"],
            credential_public_key=public_key,
            credential_current_sign_count=task["sign_count"],
            require_user_verification=True,
        )
    algorithms, roots = [COSEAlgorithmIdentifier(task["algorithm"])], _roots(task)
    return lambda: verify_registration_response(
        credential=text,
        expected_challenge=challenge,
        expected_rp_id=task["rp_id"],
        expected_origin=task["origin"],
        require_user_verification=True,
        supported_pub_key_algs=algorithms,
        pem_root_certs_bytes_by_fmt=roots,
    )


def _options(task: dict[str, Any]) -> Work:
    known = [PublicKeyCredentialDescriptor(id=_bytes(task["credential_id"]))]
    algorithms = [COSEAlgorithmIdentifier(task["algorithm"])]
    required = UserVerificationRequirement.REQUIRED
    if task["kind"] == "authentication options":
        return lambda: options_to_json(
            generate_authentication_options(
                rp_id=task["rp_id"], allow_credentials=known, user_verification=required, timeout=300_000
            )
        )
    return lambda: options_to_json(
        generate_registration_options(
            rp_id=task["rp_id"],
            rp_name="Example",
            user_id=b"a user handle of thirty-two byte",
            user_name="ada",
            user_display_name="Ada",
            exclude_credentials=known,
            supported_pub_key_algs=algorithms,
            timeout=300_000,
        )
    )


def _roots(task: dict[str, Any]) -> dict[Any, list[bytes]] | None:
    if not task["anchors"]:
        return None
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate
    from webauthn.helpers.structs import AttestationFormat

    certificates = [load_der_x509_certificate(_bytes(anchor)) for anchor in task["anchors"]]
    return {AttestationFormat(task["format"]): [each.public_bytes(Encoding.PEM) for each in certificates]}


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


if __name__ == "__main__":
    serve(__version__, prepare)
