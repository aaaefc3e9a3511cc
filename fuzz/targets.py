"""What is fuzzed: a name, and a call that takes bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import MappingProxyType

from fuzz.ceremonies import AT, finish_authentication, finish_registration
from unlatch import (
    AuthenticationResponse,
    CeremonyState,
    CreationOptions,
    CredentialRecord,
    RegistrationResponse,
    RequestOptions,
    UnlatchError,
)
from unlatch.attestation.key_description import decode_key_description
from unlatch.crypto import certificates, names
from unlatch.crypto.paths import find_path
from unlatch.crypto.pem import decode_pem
from unlatch.crypto.revocation import parse_revocation_list
from unlatch.judgement import Recording
from unlatch.payment_details import Payment
from unlatch.wire import base64url, cbor, cose, der, spki, strict_json, tpm
from unlatch.wire.attestation_object import decode_attestation_object
from unlatch.wire.authenticator_data import decode_authenticator_data
from unlatch.wire.client_data import decode_client_data

Call = Callable[[bytes], object]


class Broken(Exception):
    """An input was read, but what came out contradicts itself."""


def _base64url(data: bytes) -> object:
    """What is read is canonical: it is written the same way again."""
    text = data.decode("utf-8", "surrogateescape")
    if base64url.encode(base64url.decode(text, "input")) != text:
        raise Broken("two texts for the same bytes")
    return text


def _cbor(data: bytes) -> object:
    """Bytes in the canonical order of keys are the only encoding of their value."""
    cbor.decode(data, "input", sorted_keys=False)
    value = cbor.decode(data, "input")
    if not _holds_a_number_that_is_no_integer(value) and cbor.encode(value) != data:
        raise Broken("two encodings of the same value")
    return value


def _holds_a_number_that_is_no_integer(value: object) -> bool:
    """Floating-point numbers are read in each of their lengths, and a NaN is not equal to itself."""
    if isinstance(value, dict):
        return any(_holds_a_number_that_is_no_integer(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(_holds_a_number_that_is_no_integer(each) for each in value)
    return isinstance(value, float)


def _cose(data: bytes) -> object:
    """A key that is read can be written as SubjectPublicKeyInfo, if it has such a form, and loaded."""
    encoded = spki.encode_spki(cose.decode_key(data, "input"))
    return encoded and certificates.load_public_key(encoded, "input")


def _der(data: bytes) -> object:
    """Every element, to the innermost, as whatever it says it is."""
    element, end = der.read(data, 0, "input")
    if end > len(data) or not data.startswith(element.raw):
        raise Broken("an element outside the input")
    for reader in (der.integer, der.boolean, der.oid, certificates.read_signature, certificates.read_time):
        with suppress(UnlatchError):
            reader(element, "input")
    cursor = der.Cursor(element.content, "input")
    while not cursor.at_end:
        cursor.next()
    return element


def _certificate(data: bytes) -> object:
    """A certificate and everything that is ever asked of one."""
    certificate = certificates.parse_certificate(data, "input")
    questions: list[Callable[[certificates.Certificate], object]] = [
        certificates.basic_constraints,
        certificates.key_usage,
        certificates.extended_key_usage,
        names.alternative_directory_names,
        names.alternative_dns_names,
        lambda one: names.name_attributes(one.subject, "input"),
        lambda one: names.is_same_name(one.subject, one.issuer),
        lambda one: one.public_key,
        lambda one: find_path([one], [one], now=AT),
    ]
    for question in questions:
        with suppress(UnlatchError):
            question(certificate)
    for extension in certificate.extensions.values():
        with suppress(UnlatchError):
            decode_key_description(extension.value, "input")
    return certificate


def _judge(text: bytes) -> object:
    """A recording, judged and written again."""
    recording = Recording.from_json(text)
    recording.to_json()
    return recording.judge()


TARGETS: MappingProxyType[str, Call] = MappingProxyType(
    {
        "base64url": _base64url,
        "strict_json": lambda data: strict_json.parse_object(data, "input"),
        "cbor": _cbor,
        "cose": _cose,
        "authenticator_data": lambda data: decode_authenticator_data(data, "input"),
        "attestation_object": lambda data: decode_attestation_object(data, "input"),
        "client_data": lambda data: decode_client_data(data, "input"),
        "registration_response": RegistrationResponse.from_json,
        "authentication_response": AuthenticationResponse.from_json,
        "der": _der,
        "certificate": _certificate,
        "revocation_list": lambda data: parse_revocation_list(data, "input"),
        "pem": lambda data: decode_pem(data, "CERTIFICATE", "input"),
        "tpm_public_area": lambda data: tpm.decode_public_area(data, "input"),
        "tpm_certify_info": lambda data: tpm.decode_certify_info(data, "input"),
        "state": CeremonyState.from_json,
        "record": CredentialRecord.from_json,
        "creation_options": CreationOptions.from_json,
        "request_options": RequestOptions.from_json,
        "payment": lambda data: Payment.from_json(strict_json.parse_object(data, "input")),
        "recording": _judge,
        "finish_registration": finish_registration,
        "finish_authentication": finish_authentication,
    }
)
