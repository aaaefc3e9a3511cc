"""Our reading of certificates and lists against `cryptography.x509`, which reads the same bytes independently."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import given, settings
from hypothesis import strategies as st

from unlatch.crypto.certificates import basic_constraints, extended_key_usage, key_usage, parse_certificate
from unlatch.crypto.names import alternative_directory_names, alternative_dns_names, name_attributes
from unlatch.crypto.paths import find_path, is_issued_by
from unlatch.crypto.revocation import parse_revocation_list
from unlatch.errors import AttestationRefused, Malformed

EC, RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
SIGNERS = [
    (EC, hashes.SHA256(), None),
    (EC, hashes.SHA512(), None),
    (ec.generate_private_key(ec.SECP384R1()), hashes.SHA384(), None),
    (RSA, hashes.SHA256(), None),
    (RSA, hashes.SHA384(), PSS(MGF1(hashes.SHA384()), hashes.SHA384.digest_size)),
    (ed25519.Ed25519PrivateKey.generate(), None, None),
    (ed448.Ed448PrivateKey.generate(), None, None),
]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME]), TEXT
    ),
    max_size=5,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(-599_000_000, 221_000_000_000).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
          "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


def x509_name(attributes) -> x509.Name:
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


@st.composite
def certificates(draw) -> tuple[x509.Certificate, int]:
    which = draw(st.integers(0, len(SIGNERS) - 1))
    key, digest, padding = SIGNERS[which]
    start = draw(MOMENTS)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509_name(draw(ATTRIBUTES)))
        .issuer_name(x509_name(draw(ATTRIBUTES)))
        .public_key(draw(st.sampled_from(SIGNERS))[0].public_key())
        .serial_number(draw(st.integers(1, 2**159 - 1)))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=draw(st.integers(0, 300_000)), seconds=draw(st.integers(0, 86_399))))
    )
    if draw(st.booleans()):
        ca = draw(st.booleans())
        length = draw(st.none() | st.integers(0, 300)) if ca else None
        builder = builder.add_extension(x509.BasicConstraints(ca, length), draw(st.booleans()))
    if draw(st.booleans()):
        bits = dict(zip(USAGES, draw(st.lists(st.booleans(), min_size=9, max_size=9)), strict=True))
        if not bits["key_agreement"]:
            bits |= {"encipher_only": False, "decipher_only": False}
        if any(bits.values()):
            builder = builder.add_extension(x509.KeyUsage(**bits), draw(st.booleans()))
    if draw(st.booleans()):
        purposes = draw(
            st.lists(
                st.sampled_from([ExtendedKeyUsageOID.CLIENT_AUTH, x509.ObjectIdentifier("2.23.133.8.3")]),
                min_size=1,
                unique=True,
            )
        )
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), draw(st.booleans()))
    if draw(st.booleans()):
        names = [
            x509.DNSName("a.example"),
            x509.DirectoryName(x509_name(draw(ATTRIBUTES))),
            x509.RFC822Name("a@b.example"),
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(draw(st.permutations(names))), draw(st.booleans()))
    if draw(st.booleans()):
        value = draw(st.binary(max_size=200))
        builder = builder.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), value), draw(st.booleans())
        )
    return builder.sign(key, digest, rsa_padding=padding), which


def attributes(name: x509.Name) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in name:
        found[item.oid.dotted_string] = (*found.get(item.oid.dotted_string, ()), item.value)
    return found


def extension(certificate: x509.Certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


@settings(max_examples=150)
@given(certificates())
def test_the_same_values(drawn):
    theirs, _ = drawn
    ours = parse_certificate(theirs.public_bytes(serialization.Encoding.DER), "")
    assert ours.version == theirs.version.value + 1
    assert int.from_bytes(ours.serial_number, "big") == theirs.serial_number
    assert (ours.not_before, ours.not_after) == (theirs.not_valid_before_utc, theirs.not_valid_after_utc)
    assert (ours.subject, ours.issuer) == (theirs.subject.public_bytes(), theirs.issuer.public_bytes())
    assert (ours.tbs, ours.signature) == (theirs.tbs_certificate_bytes, theirs.signature)
    assert ours.public_key() == theirs.public_key()
    assert name_attributes(ours.subject, "") == attributes(theirs.subject)
    assert {(key, value.critical) for key, value in ours.extensions.items()} == {
        (item.oid.dotted_string, item.critical) for item in theirs.extensions
    }
    constraints, usage = extension(theirs, x509.BasicConstraints), extension(theirs, x509.KeyUsage)
    ours_constraints = basic_constraints(ours)
    if constraints is None:
        assert ours_constraints is None
    else:
        assert (ours_constraints.ca, ours_constraints.path_length) == (constraints.ca, constraints.path_length)
    if usage is None:
        assert key_usage(ours) is None
    else:
        bits = {index for index, name in enumerate(USAGES[:7]) if getattr(usage, name)}
        if usage.key_agreement:
            bits |= {7} if usage.encipher_only else set()
            bits |= {8} if usage.decipher_only else set()
        assert key_usage(ours) == bits
    purposes = extension(theirs, x509.ExtendedKeyUsage)
    assert extended_key_usage(ours) == {item.dotted_string for item in purposes or ()}
    alternatives = extension(theirs, x509.SubjectAlternativeName)
    assert alternative_dns_names(ours) == ([] if alternatives is None else ["a.example"])
    directory = [] if alternatives is None else alternatives.get_values_for_type(x509.DirectoryName)
    assert alternative_directory_names(ours) == [attributes(name) for name in directory]


@settings(max_examples=60)
@given(certificates(), st.integers(0, len(SIGNERS) - 1))
def test_the_same_issuers(drawn, candidate):
    theirs, which = drawn
    key, digest, padding = SIGNERS[candidate]
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    issuer = (
        x509.CertificateBuilder()
        .subject_name(theirs.issuer).issuer_name(theirs.issuer).public_key(key.public_key()).serial_number(1)
        .not_valid_before(moment).not_valid_after(moment + timedelta(days=1))
        .sign(key, digest, rsa_padding=padding)
    )  # fmt: skip
    ours = [parse_certificate(item.public_bytes(serialization.Encoding.DER), "") for item in (theirs, issuer)]
    assert is_issued_by(*ours) == (key is SIGNERS[which][0])


@settings(max_examples=400)
@given(
    certificates(),
    st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), min_size=1, max_size=3),
    st.sampled_from([0, 0, 0, 1, 2]),
)
def test_damaged_certificates_give_a_value_or_our_error(drawn, damages, cut):
    """And whatever both can read, both read alike."""
    octets = bytearray(drawn[0].public_bytes(serialization.Encoding.DER))
    for position, octet in damages:
        octets[position % len(octets)] = octet
    damaged = bytes(octets[: len(octets) - cut])
    try:
        ours = parse_certificate(damaged, "")
    except Malformed:
        return
    for reader in (
        lambda: basic_constraints(ours),
        lambda: key_usage(ours),
        lambda: extended_key_usage(ours),
        lambda: alternative_directory_names(ours),
        lambda: alternative_dns_names(ours),
        lambda: ours.public_key() and None,
        lambda: name_attributes(ours.subject, ""),
        lambda: is_issued_by(ours, ours),
    ):
        with contextlib.suppress(Malformed):
            reader()
    try:
        theirs = x509.load_der_x509_certificate(damaged)
    except ValueError:
        return  # odd, and theirs refuses it; ours only promises not to break
    assert (ours.tbs, ours.signature) == (theirs.tbs_certificate_bytes, theirs.signature)
    assert ours.not_after == theirs.not_valid_after_utc
    assert int.from_bytes(ours.serial_number, "big", signed=True) == theirs.serial_number


@given(
    st.lists(st.integers(1, 2**150), unique=True, max_size=8),
    st.integers(0, 4_000_000_000).map(lambda seconds: EPOCH + timedelta(seconds=seconds)),
)
def test_the_same_lists(serials, moment):
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509_name([(NameOID.COMMON_NAME, "Issuer")]))
        .last_update(moment)
        .next_update(moment + timedelta(days=1))
        .add_extension(x509.CRLNumber(1), False)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment)
        builder = builder.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False).build()
        )
    theirs = builder.sign(EC, hashes.SHA256())
    ours = parse_revocation_list(theirs.public_bytes(serialization.Encoding.DER), "")
    assert {int.from_bytes(item, "big") for item in ours.serial_numbers} == set(serials)
    assert (ours.this_update, ours.next_update) == (theirs.last_update_utc, theirs.next_update_utc)
    assert (ours.issuer, ours.tbs, ours.signature) == (
        theirs.issuer.public_bytes(), theirs.tbs_certlist_bytes, theirs.signature,
    )  # fmt: skip


@settings(max_examples=40)
@given(st.data())
def test_the_same_paths(data):
    """Random three-step hierarchies with random faults: where the web's strict verifier says yes, ours does; and for
    the faults that both judge alike, where it says no, ours does."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    names = [x509_name([(NameOID.COMMON_NAME, label)]) for label in ("Root", "Issuing", "Leaf")]
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in names]
    fault = data.draw(
        st.sampled_from(["", "expired leaf", "expired ca", "not ca", "path length", "usage", "signature", "critical"])
    )
    made = []
    for level in (0, 1, 2):
        issuer = max(level - 1, 0)
        expired = (fault == "expired leaf" and level == 2) or (fault == "expired ca" and level == 1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[level]).issuer_name(names[issuer]).public_key(keys[level].public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=9))
            .not_valid_after(now - timedelta(days=1) if expired else now + timedelta(days=9))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[issuer].public_key()), False)
        )  # fmt: skip
        if level < 2:
            ca = not (fault == "not ca" and level == 1)
            length = 0 if fault == "path length" and level == 0 else None
            bits = dict.fromkeys(USAGES, False) | {"crl_sign": True}
            bits["key_cert_sign"] = not (fault == "usage" and level == 1)
            builder = (
                builder.add_extension(x509.BasicConstraints(ca, length), True)
                .add_extension(x509.KeyUsage(**bits), True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[level].public_key()), False)
            )
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)
            if fault == "critical":
                builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b""), True)
        signer = keys[0] if fault == "signature" and level == 2 else keys[issuer]
        made.append(builder.sign(signer, hashes.SHA256()))
    root, issuing, end = made
    verifier = PolicyBuilder().store(Store([root])).time(now).build_client_verifier()
    try:
        verifier.verify(end, [issuing])
        accepted = True
    except VerificationError:
        accepted = False
    ours = [parse_certificate(item.public_bytes(serialization.Encoding.DER), "") for item in (end, issuing, root)]
    assert accepted == (fault == "")
    if accepted:
        assert len(find_path(ours[:2], ours[2:], now=now)) == 3
    else:
        with pytest.raises(AttestationRefused):
            find_path(ours[:2], ours[2:], now=now)
