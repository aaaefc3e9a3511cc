"""What the functions of webauthn-rp do here (WR-4, WR-5); that all names are there is for test_wr_list.py."""

import importlib
import json
import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from compat.registrar import ORIGIN, PUBLIC_KEY, RP, user
from unlatch.compat.webauthn_rp import attesters, converters, errors, parsers, types, utils, validators, verifiers
from unlatch.compat.webauthn_rp.converters import jsonify
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire.client_data import decode_client_data


def test_a_name_that_never_was_is_an_attribute_error():
    for module in ("asn1", "types"):
        with pytest.raises(AttributeError):
            _ = importlib.import_module(f"unlatch.compat.webauthn_rp.{module}").Nonsense


def test_the_package_itself():
    package = importlib.import_module("unlatch.compat.webauthn_rp")
    assert package.__version__ == "0.0.11"
    assert {"backends", "builders", "converters", "errors", "parsers", "registrars", "types"} <= set(package.__all__)


def a_key(algorithm=-7):
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(algorithms=(algorithm,)))
    options = {
        "rp": {"id": RP.id, "name": RP.name},
        "user": {"id": "AAAA", "name": "a", "displayName": "A"},
        "challenge": "AAAAAAAAAAAAAAAAAAAAAA",
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm}],
    }
    credential = parsers.parse_public_key_credential(browser.create(options))
    att, raw = parsers.parse_attestation_object(credential.response.attestation_object)
    assert set(raw) == {"fmt", "attStmt", "authData"}
    return browser.authenticator.credentials[0], att.auth_data.attested_credential_data.credential_public_key


def test_wr_4_keys_to_all_forms():
    stored, key = a_key()
    encoded = converters.cose_key(key)
    assert converters.cose_ec2_public_key(key) == encoded == converters.cose_key(parsers.parse_ec2_public_key(encoded))
    assert parsers.parse_cose_key({1: 2, 3: -7, -1: 1, -2: key.x, -3: key.y}) == key
    signature = stored.key.sign(b"data")
    verifiers.verify(key, signature, b"data")
    verifiers.verify_ec2_public_key(key, signature, b"data")
    with pytest.raises(errors.VerificationError):
        verifiers.verify(key, signature, b"other data")
    assert converters.cryptography_public_key(key).curve.name == "secp256r1"
    assert converters.cryptography_ec2_public_key(key).key_size == 256
    validators.validate(key)
    validators.validate_ec2_public_key(key)
    for refuse in (converters.cose_okp_public_key, converters.cryptography_okp_public_key):
        with pytest.raises(errors.PublicKeyConversionError):
            refuse(key)
    with pytest.raises(errors.ParserError):
        parsers.parse_okp_public_key(encoded)
    with pytest.raises(errors.ValidationError):
        validators.validate_okp_public_key(key)
    with pytest.raises(errors.VerificationError):
        verifiers.verify_okp_public_key(key, signature, b"data")
    with pytest.raises(errors.PublicKeyConversionError):
        converters.cose_key("no key")

    edwards, key = a_key(-8)
    encoded = converters.cose_okp_public_key(key)
    assert parsers.parse_okp_public_key(encoded) == key
    verifiers.verify_okp_public_key(key, edwards.key.sign(b"data"), b"data")
    validators.validate_okp_public_key(key)
    with pytest.raises(errors.ParserError):
        parsers.parse_ec2_public_key(encoded)


def test_wr_4_keys_that_contradict_themselves():
    """BUG of the original: an ES512 label on a P-256 key was accepted."""
    _, key = a_key()
    mislabelled = types.EC2CredentialPublicKey(alg=-36, crv=1, x=key.x, y=key.y)
    off_curve = types.EC2CredentialPublicKey(alg=-7, crv=1, x=key.x, y=bytes(32))
    for bad in (mislabelled, off_curve):
        with pytest.raises(errors.ValidationError):
            validators.validate(bad)
        with pytest.raises(errors.ValidationError):
            parsers.parse_cose_key(converters.cose_key(bad))
    with pytest.raises(errors.DecodingError):
        parsers.parse_cose_key(b"\xff")


def test_wr_4_jsonify():
    assert jsonify({"a_b": None, "c": [1, 2.5, True, "x"], "d": b"\xfb\xff"}) == {
        "a_b": None,
        "c": [1, 2.5, True, "x"],
        "d": "+/8=",
    }
    assert jsonify(b"\xfb\xff", url_safe=True) == "-_8"
    entity = user()
    assert jsonify(entity, convert_case=False) == {"name": "ada", "id": "aGFuZGxlLW9mLWFkYQ==", "display_name": "Ada"}
    with pytest.raises(errors.JSONConversionError):
        jsonify(object())


def assertion(**changes):
    inner = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", **changes.pop("response", {})}
    return {"id": "-_8", "rawId": "-_8", "type": "public-key", "response": inner, **changes}


def test_wr_4_both_spellings_of_base64_are_read():
    """BUG of the original: base64url lost its `-` and `_` in silence, so an id could become empty."""
    for spelling in ("-_8", "-_8=", "+/8", "+/8="):
        credential = parsers.parse_public_key_credential(assertion(id="-_8", rawId=spelling))
        assert credential.raw_id == b"\xfb\xff"
    for broken in ("", "-/8", "+_8", "-_9", "-_8==", "-_8= ", "é", 5, None):
        with pytest.raises(errors.ParserError):
            parsers.parse_public_key_credential(assertion(id=broken, rawId=broken))


def test_wr_4_what_to_json_gives_is_read():
    """BUG of the original: clientExtensionResults, authenticatorAttachment and transports were unsupported keys."""
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    options = {
        "rp": {"id": RP.id, "name": RP.name},
        "user": {"id": "AAAA", "name": "a", "displayName": "A"},
        "challenge": "AAAAAAAAAAAAAAAAAAAAAA",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "extensions": {"credProps": True},
    }
    credential = parsers.parse_public_key_credential(browser.create(options))
    assert credential.response.transports == ("internal",)
    assert credential.authenticator_attachment == "platform"
    assert credential.client_extension_results == {"credProps": {"rk": True}}
    signed = parsers.parse_public_key_credential(browser.get({"rpId": RP.id, "challenge": "AAAAAAAAAAAAAAAAAAAAAA"}))
    assert signed.response.user_handle == bytes(3)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "password"},  # BUG of the original: accepted
        {"rawId": "AAAA"},  # BUG of the original: accepted
        {"response": 5},
        {"clientExtensionResults": []},
        {"response": {"clientDataJSON": None}},
    ],
)
def test_wr_4_contradictions_are_refused(changes):
    if "response" in changes and isinstance(changes["response"], int):
        broken = {**assertion(), **changes}
    else:
        broken = assertion(**changes)
    with pytest.raises(errors.ParserError):
        parsers.parse_public_key_credential(json.dumps(broken))


def test_wr_4_the_other_parsers():
    text = {"type": "webauthn.get", "challenge": "AAAA", "origin": ORIGIN, "crossOrigin": True}
    text["tokenBinding"] = {"status": "present", "id": "abcd"}
    data = parsers.parse_client_data(json.dumps(text).encode())
    assert (data.type, data.cross_origin) == ("webauthn.get", True)
    assert data.token_binding == types.TokenBinding(status=types.TokenBindingStatus.PRESENT, id="abcd")
    for broken in (b"{}", b"no JSON", json.dumps(text | {"tokenBinding": {"status": "odd"}}).encode()):
        with pytest.raises(errors.ParserError):
            parsers.parse_client_data(broken)
    parsed = parsers.parse_authenticator_data(bytes(32) + b"\x05\x00\x00\x00\x07")
    assert (parsed.flags, parsed.sign_count, parsed.attested_credential_data) == (5, 7, None)
    assert types.AuthenticatorDataFlag(parsed.flags) == types.AuthenticatorDataFlag.UP | types.AuthenticatorDataFlag.UV
    with pytest.raises(errors.ParserError):
        parsers.parse_authenticator_data(bytes(36))
    with pytest.raises(errors.ParserError):
        parsers.parse_attestation_object(b"\xa0")
    # BUG of the original: credProtect in authenticator data was refused.
    assert parsers.parse_extensions(bytes.fromhex("a16b6372656450726f7465637402")).received == {"credProtect": 2}
    place = {"latitude": 1.0, "longitude": 2.0, "accuracy": 3.0}
    outputs = parsers.parse_extensions(extensions={"uvm": [[2, 1, 1]], "loc": place | {"altitudeAccuracy": 4.0}})
    assert (outputs.uvm, outputs.loc.altitude_accuracy, outputs.uvi) == ([[2, 1, 1]], 4.0, None)
    flagged = bytes(32) + b"\x81\x00\x00\x00\x07" + bytes.fromhex("a163757669420102")
    assert parsers.parse_authenticator_data(auth_data=flagged).extensions.uvi == b"\x01\x02"
    for broken in (b"\x01", b"\xff", {1: 2}, {"uvm": 1}, {"loc": 1}, {"loc": {}}, {"loc": place | {1: 2}}):
        with pytest.raises(errors.ParserError):
            parsers.parse_extensions(broken)
    assert parsers.parse_origin("https://Example.org:443/") == types.Origin("https", "example.org")
    assert parsers.parse_origin("http://localhost:8000").port == 8000
    for broken in ("example.org", "https://", "https://x/y", "https://a@x", "ftp://x", "https://x:99999", None):
        with pytest.raises(errors.OriginError):
            parsers.parse_origin(broken)


SIGNED = {"alg": -7, "sig": b"s"}
MEASURED = SIGNED | {"ver": "2.0", "certInfo": b"i", "pubArea": b"a"}


@pytest.mark.parametrize(
    ("name", "members", "kind"),
    [
        ("packed", SIGNED, types.PackedAttestationStatement),
        ("packed", SIGNED | {"x5c": [b"c"]}, types.PackedX509AttestationStatement),
        ("packed", SIGNED | {"ecdaaKeyId": b"k"}, types.PackedECDAAAttestationStatement),
        ("tpm", MEASURED, types.TPMAttestationStatement),
        ("tpm", MEASURED | {"x5c": [b"c"]}, types.TPMX509AttestationStatement),
        ("tpm", MEASURED | {"ecdaaKeyId": b"k"}, types.TPMECDAAAttestationStatement),
        ("android_key", SIGNED | {"x5c": [b"c"]}, types.AndroidKeyAttestationStatement),
        ("android_safetynet", {"ver": "1", "response": b"r"}, types.AndroidSafetyNetAttestationStatement),
        ("fido_u2f", {"sig": b"s", "x5c": [b"c"]}, types.FIDOU2FAttestationStatement),
        ("none", {}, types.NoneAttestationStatement),
    ],
)
def test_wr_4_statements_by_format(name, members, kind):
    parse = getattr(parsers, f"parse_{name}_attestation_statement")
    statement = parse(att_stmt=members)
    assert type(statement) is kind
    assert {member: getattr(statement, utils.camel_to_snake_case(member)) for member in members} == members
    assert statement.members == members
    for member in members:
        without = {other: value for other, value in members.items() if other != member}
        for broken in (members | {member: None}, without if member not in ("x5c", "ecdaaKeyId") else []):
            with pytest.raises(errors.ParserError):
                parse(broken)


def test_wr_4_algorithms_of_statements():
    with pytest.raises(errors.ParserError):
        parsers.parse_none_attestation_statement({"sig": b""})
    statement = parsers.parse_packed_attestation_statement(SIGNED)
    assert statement.alg is types.COSEAlgorithmIdentifier.Value.ES256
    assert parsers.parse_packed_attestation_statement(SIGNED | {"alg": -65535}).alg == -65535


@pytest.mark.parametrize(
    ("attestation", "own", "kind"),
    [
        ("none", attesters.attest_none, types.AttestationType.NONE),
        ("fido-u2f", attesters.attest_fido_u2f, types.AttestationType.UNCERTAIN),
        ("android-key", attesters.attest_android_key, types.AttestationType.BASIC),
    ],
)
def test_wr_4_attesters(attestation, own, kind):
    """BUG of the original: the backend handed the public key to `attest`, so these two could never register."""
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(attestation=attestation, algorithms=(-7,)))
    options = {
        "rp": {"id": RP.id, "name": RP.name},
        "user": {"id": "AAAA", "name": "a", "displayName": "A"},
        "challenge": "AAAAAAAAAAAAAAAAAAAAAA",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "attestation": "direct",
    }
    response = parsers.parse_public_key_credential(browser.create(options)).response
    att, raw = parsers.parse_attestation_object(response.attestation_object)
    assert att.fmt is types.AttestationStatementFormatIdentifier(attestation)
    digest = decode_client_data(response.client_data_JSON, "").hash
    for function, data in ((attesters.attest, att.auth_data), (own, att.auth_data), (own, raw["authData"])):
        found, path = function(att_stmt=att.att_stmt, att_obj=att, auth_data=data, client_data_hash=digest)
        assert found is kind
        assert [each.public_bytes(Encoding.DER) for each in path or ()] == list(getattr(att.att_stmt, "x5c", ()))
    other = attesters.attest_none if attestation != "none" else attesters.attest_android_key
    with pytest.raises(errors.AttestationError):
        other(att.att_stmt, att, att.auth_data, digest)
    foreign = parsers.parse_authenticator_data(bytes(37))
    with pytest.raises(errors.AttestationError):
        attesters.attest(att.att_stmt, att, foreign, digest)
    by_hand = types.AttestationObject(auth_data=att.auth_data, fmt=att.fmt, att_stmt=att.att_stmt)
    with pytest.raises(errors.AttestationError, match="pass what parse_attestation_object returned"):
        attesters.attest(att.att_stmt, by_hand, att.auth_data, digest)
    if attestation != "none":
        with pytest.raises((errors.AttestationError, errors.VerificationError)):
            attesters.attest(att.att_stmt, att, att.auth_data, bytes(32))


def test_wr_4_certificates_of_a_path():
    path = types.TrustedPath([b"no certificate"])
    assert (len(path), len(path[:0])) == (1, 0)
    with pytest.raises(errors.AttestationError, match="x5c"):
        _ = path[0]


def test_wr_4_numbers_and_words():
    stored, key = a_key()
    kty, alg, crv = (types.COSEKeyType.Name.EC2, types.COSEAlgorithmIdentifier.Name.ES256, types.EC2Curve.Name.P_256)
    in_words = types.EC2CredentialPublicKey(kty=kty, alg=alg, crv=crv, x=key.x, y=key.y)
    assert converters.cose_key(credential_public_key=in_words) == converters.cose_key(key)
    verifiers.verify(credential_public_key=in_words, signature=stored.key.sign(b"data"), data=b"data")
    assert utils.curve_coordinate_byte_length(crv) == 32
    assert utils.ec2_hash_algorithm(alg).name == "sha256"
    without = types.EC2CredentialPublicKey(kty=kty, crv=crv, x=key.x, y=key.y)
    more = [{"kid": b"1"}, {"key_ops": [types.COSEKeyOperation("verify")]}, {"base_IV": bytes(8)}]
    for refused in (without, *(replace(in_words, **each) for each in more)):
        with pytest.raises(errors.PublicKeyConversionError, match=r"pass alg=|leave them out"):
            converters.cose_key(refused)
    for nonsense in (types.AuthenticatorTransport.USB, "ES256"):
        with pytest.raises(errors.UnimplementedError):
            utils.ec2_hash_algorithm(nonsense)
    bounds = types.AuthenticatorBiometricPerfBounds(FAR=0.1, FRR=0.2)
    assert jsonify(bounds) == {"FAR": 0.1, "FRR": 0.2}


def test_wr_4_small_things():
    assert utils.snake_to_camel_case("client_data_JSON") == "clientDataJSON"
    assert utils.camel_to_snake_case("pubKeyCredParams") == "pub_key_cred_params"
    value = secrets.token_bytes(20)
    assert utils.url_base64_decode(utils.url_base64_encode(value)) == value
    assert utils.curve_coordinate_byte_length(types.EC2Curve.Value.P_521) == 66
    assert utils.ec2_hash_algorithm(types.COSEAlgorithmIdentifier.Value.ES384).name == "sha384"
    for refuse in (utils.curve_coordinate_byte_length, utils.ec2_hash_algorithm):
        with pytest.raises(errors.UnimplementedError):
            refuse(-8)
    assert PUBLIC_KEY.value == "public-key"
