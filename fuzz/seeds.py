"""Honest inputs for every target, made by `unlatch.testing`: `python -m fuzz seeds` writes them into the corpus."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fuzz.ceremonies import AT, CREATION, ORIGIN, REQUEST, RP, finish_registration
from unlatch import Registration
from unlatch.judgement import Recording
from unlatch.payment_details import Payment
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.keys import ALGORITHMS, credential_algorithms
from unlatch.testing.statements import MAKERS
from unlatch.wire import base64url, cbor, der

CORPUS = Path(__file__).parent / "corpus"


def _cases() -> Iterator[tuple[str, int]]:
    """Every statement format once, and every algorithm once."""
    for name, maker in MAKERS.items():
        yield name, -7 if maker.algorithms is None or -7 in maker.algorithms else max(maker.algorithms)
    for number in credential_algorithms():
        if number != -7 and not ALGORITHMS[number].name.startswith("ML-DSA-8"):
            yield "packed-self", number


def seeds() -> Iterator[tuple[str, bytes]]:
    """Target and input, each accepted by its target."""
    for name, algorithm in _cases():
        yield from _ceremony(name, algorithm)
    yield "revocation_list", _revocation_list()
    yield "creation_options", json.dumps(CREATION.options.to_json()).encode()
    yield "request_options", json.dumps(REQUEST.options.to_json()).encode()
    yield "state", CREATION.state.to_json().encode()
    yield "state", REQUEST.state.to_json().encode()
    for text in ("", "AA", "AAE", "AAEC", base64url.encode(bytes(range(64)))):
        yield "base64url", text.encode()
    for value in (0, -1, 2**32, 2**64 - 1, "text", b"bytes", [1, [2, [3]]], {1: {2: None}, "a": True}, 1.5):
        yield "cbor", cbor.encode(value)
    payment = Payment(payee_name="A shop", payee_origin="https://shop.example", value="10.00", currency="EUR",
                      instrument="Card", icon="https://bank.example/card.png")  # fmt: skip
    yield "payment", json.dumps(payment.to_json()).encode()


def _ceremony(name: str, algorithm: int) -> Iterator[tuple[str, bytes]]:
    authenticator = SoftwareAuthenticator(attestation=name, algorithms=(algorithm,), now=lambda: AT)
    browser = EmulatedBrowser(ORIGIN, authenticator)
    response = browser.create(CREATION.options.to_json())
    body = json.dumps(response).encode()
    yield "finish_registration", body
    registration = finish_registration(body)
    if not isinstance(registration, Registration):
        raise TypeError("a registration gives something else")
    yield from _attested(response["response"], body)

    stored = json.loads(registration.record.to_json())
    yield "record", json.dumps(stored).encode()
    yield "cose", registration.record.public_key
    answer = browser.get(REQUEST.options.to_json())
    yield "finish_authentication", json.dumps({"record": stored, "response": answer}).encode()
    yield "authentication_response", json.dumps(answer).encode()
    yield "authenticator_data", base64url.decode(answer["response"]["authenticatorData"], "")
    if name in ("none", "packed", "tpm", "android-key"):
        yield "recording", Recording.of_ceremony(RP, CREATION.state, body, at=AT).to_json().encode()
        recording = Recording.of_ceremony(RP, REQUEST.state, json.dumps(answer), at=AT, record=registration.record)
        yield "recording", recording.to_json().encode()
        yield "client_data", base64url.decode(answer["response"]["clientDataJSON"], "")
        yield "strict_json", base64url.decode(answer["response"]["clientDataJSON"], "")


def _attested(response: dict[str, str], body: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of a registration response."""
    yield "registration_response", body
    yield "client_data", base64url.decode(response["clientDataJSON"], "")
    yield "authenticator_data", base64url.decode(response["authenticatorData"], "")
    encoded = base64url.decode(response["attestationObject"], "")
    yield "attestation_object", encoded
    yield "cbor", encoded
    value = cbor.decode(encoded, "", sorted_keys=False)
    statement = value.get("attStmt") if isinstance(value, dict) else None
    if not isinstance(statement, dict):
        return
    if isinstance(chain := statement.get("x5c"), list):
        for certificate in chain:
            if isinstance(certificate, bytes):
                yield "certificate", certificate
                yield "der", certificate
                yield (
                    "pem",
                    b"-----BEGIN CERTIFICATE-----\n" + b64encode(certificate) + b"\n-----END CERTIFICATE-----\n",
                )
    for member, target in (("pubArea", "tpm_public_area"), ("certInfo", "tpm_certify_info"), ("sig", "der")):
        if isinstance(part := statement.get(member), bytes) and (target != "der" or part[:1] == bytes([der.SEQUENCE])):
            yield target, part


def _revocation_list() -> bytes:
    """A CRL of an authority, with one entry."""
    key = ec.generate_private_key(ec.SECP256R1())
    entry = x509.RevokedCertificateBuilder().serial_number(7).revocation_date(AT).build()
    builder = x509.CertificateRevocationListBuilder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")]))
    builder = builder.last_update(AT).next_update(AT + timedelta(days=30)).add_revoked_certificate(entry)
    builder = builder.add_extension(x509.CRLNumber(1), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def write() -> int:
    """Write the seeds under the hash of their bytes; what was found by fuzzing stays."""
    count = 0
    for target, data in seeds():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
        count += 1
    return count
