"""Honest responses of the software authenticator, judged by other people's relying parties."""

from __future__ import annotations

import pytest
from options_json import ORIGIN, RP_ID, creation, request
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.structs import AttestationFormat, PublicKeyCredentialType

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url

# ES384, Ed448 and the fully specified numbers are unknown to that library.
PY_WEBAUTHN_ALGORITHMS = (-7, -8, -36, -257, -258, -259, -37, -38, -39)


def _pem(certificate: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)


def _verify(response, options, authenticator):
    roots = [_pem(each) for each in authenticator.trust_anchors]
    return verify_registration_response(
        credential=response,
        expected_challenge=base64url.decode(options["challenge"], ""),
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=True,
        pem_root_certs_bytes_by_fmt=dict.fromkeys(AttestationFormat, roots),
    )


@pytest.mark.parametrize("attestation", ["none", "packed", "packed-self"])
@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_py_webauthn_accepts_both_ceremonies(attestation, algorithm):
    authenticator = SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm,))
    browser = EmulatedBrowser(ORIGIN, authenticator)
    options = creation()
    verified = _verify(browser.create(options), options, authenticator)
    assert verified.fmt == attestation.removesuffix("-self")
    assert verified.credential_type == PublicKeyCredentialType.PUBLIC_KEY
    assert verified.sign_count == 1

    options = request(base64url.encode(verified.credential_id))
    signed_in = verify_authentication_response(
        credential=browser.get(options),
        expected_challenge=base64url.decode(options["challenge"], ""),
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=verified.credential_public_key,
        credential_current_sign_count=verified.sign_count,
        require_user_verification=True,
    )
    assert signed_in.new_sign_count == 2
