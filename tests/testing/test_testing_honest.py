"""Honest responses of the software authenticator, judged by other people's relying parties."""

from __future__ import annotations

import cbor2
import pytest
from fido2.attestation import AttestationVerifier
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity
from options_json import ORIGIN, RP_ID, creation, request
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AttestationFormat, PublicKeyCredentialType

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.keys import ALGORITHMS, KeyPair
from unlatch.testing.statements import MAKERS
from unlatch.testing.statements.tpm import NAME_ALGORITHMS, NameLayout, TpmSettings
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
        supported_pub_key_algs=list(COSEAlgorithmIdentifier),
        pem_root_certs_bytes_by_fmt=dict.fromkeys(AttestationFormat, roots),
    )


@pytest.mark.parametrize("attestation", ["none", "packed", "packed-self"])
@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_py_webauthn_accepts_both_ceremonies(attestation, algorithm):
    authenticator = SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm,))
    browser = EmulatedBrowser(ORIGIN, authenticator)
    options = creation(algorithm)
    verified = _verify(browser.create(options), options, authenticator)
    assert verified.fmt == attestation.removesuffix("-self")
    assert verified.credential_type == PublicKeyCredentialType.PUBLIC_KEY
    assert verified.sign_count == 1

    _sign_in(browser, verified)


def _sign_in(browser, verified):
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


@pytest.mark.parametrize("algorithm", PY_WEBAUTHN_ALGORITHMS)
def test_py_webauthn_accepts_its_algorithms(algorithm):
    authenticator = SoftwareAuthenticator(attestation="packed-self", algorithms=(algorithm,))
    browser = EmulatedBrowser(ORIGIN, authenticator)
    options = creation(algorithm)
    _sign_in(browser, _verify(browser.create(options), options, authenticator))


@pytest.mark.parametrize("layout", NameLayout)
@pytest.mark.parametrize(("algorithm", "signs"), [(-7, -7), (-257, -257), (-257, -65535), (-7, -257)])
@pytest.mark.parametrize("name_algorithm", NAME_ALGORITHMS)
def test_py_webauthn_accepts_tpm(algorithm, signs, name_algorithm, layout):
    authenticator = SoftwareAuthenticator(
        attestation="tpm",
        algorithms=(algorithm,),
        attestation_algorithm=signs,
        tpm=TpmSettings(name_algorithm=name_algorithm, name_layout=layout),
    )
    browser = EmulatedBrowser(ORIGIN, authenticator)
    options = creation(algorithm)
    assert _verify(browser.create(options), options, authenticator).fmt == "tpm"


@pytest.mark.parametrize("attestation", ["apple", "fido-u2f", "android-safetynet"])
def test_py_webauthn_accepts_other_formats(attestation):
    authenticator = SoftwareAuthenticator(attestation=attestation)
    browser = EmulatedBrowser(ORIGIN, authenticator)
    options = creation()
    assert _verify(browser.create(options), options, authenticator).fmt == attestation


def _attestable():
    """What that library verifies, of formats and of algorithms, where the format can attest the algorithm."""
    for attestation in ("none", "packed", "packed-self", "tpm", "fido-u2f", "apple", "android-safetynet"):
        for algorithm in (-7, -257, -8, -35, -36, -47, -53):
            algorithms = MAKERS[attestation].algorithms
            if algorithms is None or algorithm in algorithms:
                yield attestation, algorithm


@pytest.mark.parametrize(("attestation", "algorithm"), list(_attestable()))
def test_python_fido2_accepts_what_it_knows(attestation, algorithm):
    authenticator = SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm,))

    class Roots(AttestationVerifier):
        def ca_lookup(self, attestation_result, auth_data):
            return authenticator.trust_anchors[0]

    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=RP_ID, name="Example"),
        attestation="direct",
        verify_attestation=None if attestation in ("none", "packed-self") else Roots(),
    )
    _, state = server.register_begin(PublicKeyCredentialUserEntity(id=b"1", name="ada", display_name="Ada"))
    browser = EmulatedBrowser(ORIGIN, authenticator)
    asked = creation(algorithm, challenge=state["challenge"])
    made = server.register_complete(state, browser.create(asked))
    _, state = server.authenticate_begin([made.credential_data])
    server.authenticate_complete(state, [made.credential_data], browser.get(request(challenge=state["challenge"])))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_signatures_verify_with_the_public_key_that_is_sent(algorithm):
    """Another implementation decodes the key: python-fido2 for what it knows, `cryptography` for the rest."""
    key = KeyPair.generate(algorithm)
    signature = key.sign(b"message")
    try:
        CoseKey.parse(cbor2.loads(key.encoded)).verify(b"message", signature)
    except NotImplementedError:
        assert key.algorithm.family == "mldsa" or algorithm in (-258, -259, -38, -39)
        assert cbor2.loads(key.encoded)[3] == algorithm
