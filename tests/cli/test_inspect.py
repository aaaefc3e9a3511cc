"""``unlatch inspect``: everything that people paste is recognised, in every form; whatever is not gets the reasons."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cli.recordings import recorded
from unlatch.cli.commands import unlatch
from unlatch.judgement import Recording
from unlatch.terms import Flags
from unlatch.wire import base64url, cbor
from unlatch.wire.attestation_object import decode_attestation_object

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "w3c.json").read_text())


def inspect(*arguments, stdin=None):
    return CliRunner().invoke(unlatch, ["inspect", *arguments], input=stdin)


def as_json(value, *arguments):
    result = inspect("--json", *arguments, value)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.output)


@pytest.fixture(scope="module")
def parts():
    """Kind -> bytes of one."""
    registration = json.loads(recorded("registration.attestation-statement", honest=True))["response"]
    authentication = json.loads(recorded("authentication.signature", honest=True))["response"]
    encoded = base64url.decode(registration["response"]["attestationObject"], "")
    decoded = decode_attestation_object(encoded, "")
    return {
        "registration": json.dumps(registration).encode(),
        "authentication": json.dumps(authentication).encode(),
        "client-data": base64url.decode(registration["response"]["clientDataJSON"], ""),
        "attestation-object": encoded,
        "authenticator-data": base64url.decode(authentication["response"]["authenticatorData"], ""),
        "cose-key": decoded.attested.public_key_bytes,
        "certificate": decoded.statement["x5c"][0],
    }


KINDS = [
    "registration",
    "authentication",
    "client-data",
    "attestation-object",
    "authenticator-data",
    "cose-key",
    "certificate",
]
FORMS = {
    "base64url": base64url.encode,
    "base64": lambda data: base64.b64encode(data).decode(),
    "hex": bytes.hex,
    "upper": lambda data: "0X" + data.hex().upper(),
    "colons": lambda data: data.hex(":"),
    "quoted": lambda data: f'"{base64url.encode(data)}"\n',
    "lines": lambda data: base64.encodebytes(data).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recognised_in_each_form(kind, form, parts):
    found = as_json(FORMS[form](parts[kind]))
    assert found["kind"] == kind
    assert found["length"] == len(parts[kind])
    assert as_json(FORMS[form](parts[kind]), "--as", kind)["fields"] == found["fields"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recognised_in_a_file_and_from_a_pipe(kind, parts, tmp_path):
    file = tmp_path / "bytes"
    file.write_bytes(parts[kind])
    assert as_json(str(file))["kind"] == kind
    assert json.loads(inspect("--json", "-", stdin=parts[kind]).output)["kind"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_tells_the_kind_first(kind, parts):
    lines = inspect(base64url.encode(parts[kind])).output.splitlines()
    assert lines[0].startswith(f"{kind}, {len(parts[kind])} bytes")
    assert len(lines) > 3


def test_a_value_may_begin_with_a_hyphen(parts):
    data = b"\xf8\x61" + parts["authenticator-data"][2:]
    assert base64url.encode(data).startswith("-G")
    assert as_json(base64url.encode(data))["kind"] == "authenticator-data"
    data = b"\xfa\x1f\xe1" + parts["authenticator-data"][3:]
    assert base64url.encode(data).startswith("-h")
    assert as_json(base64url.encode(data))["kind"] == "authenticator-data"
    data = b"\xfb\xef\xbe" + parts["authenticator-data"][3:]
    assert base64url.encode(data).startswith("----")
    assert as_json(base64url.encode(data))["kind"] == "authenticator-data"


def test_flags_key_and_model_by_name(parts):
    fields = as_json(base64url.encode(parts["attestation-object"]))["fields"]
    data = fields["authenticator data"]
    assert fields["format"] == "packed"
    assert data["AAGUID"].count("-") == 4
    flags = data["flags"]
    assert int(flags["byte"], 16) & Flags.UP
    assert flags["UP (user present)"] is True
    assert flags["BE (backup eligible)"] is False
    assert (data["public key"]["type"], data["public key"]["curve"]) == ("EC2", "P-256")
    assert data["public key"]["algorithm"] == "ES256 (-7)"
    assert fields["statement"]["alg"] == "ES256 (-7)"
    assert "unreadable" not in json.dumps(fields)


def test_reserved_bits_are_told():
    data = bytes(32) + b"\x23" + bytes(4)
    assert as_json(data.hex(), "--as", "authenticator-data")["fields"]["flags"]["reserved bits"] == "0x22"


def test_a_certificate_with_names_validity_and_extensions(parts):
    fields = as_json(base64url.encode(parts["certificate"]))["fields"]
    assert "OU=Authenticator Attestation" in fields["subject"]
    assert fields["not before"] < fields["not after"]
    assert fields["key"].startswith("EC ")
    assert fields["extensions"]["basic constraints (2.5.29.19)"] == {"critical": True, "value": "no CA"}
    assert fields["extensions"]["FIDO AAGUID (1.3.6.1.4.1.45724.1.1.4)"]["value"].count("-") == 4


def test_several_certificates_of_a_pem_file(parts, tmp_path):
    block = (
        f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(parts['certificate']).decode()}-----END CERTIFICATE-----\n"
    )
    file = tmp_path / "chain.pem"
    file.write_text(f"subject: somebody\n{block}{block}")
    assert [item["kind"] for item in as_json(str(file))] == ["certificate"] * 2
    assert as_json(block)["encoding"] == "pem"
    assert inspect(str(file)).output.count("certificate, ") == 2


@pytest.mark.parametrize("number", range(len(VECTORS["vectors"])))
def test_every_published_registration(number):
    vector = VECTORS["vectors"][number]
    result = inspect("--json", vector["registration"]["attestation_object"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.output)["kind"] == "attestation-object"


def test_results_of_prf_are_not_shown(parts):
    value = json.loads(parts["registration"])
    value["clientExtensionResults"] = {"prf": {"enabled": True, "results": {"first": base64url.encode(b"s" * 32)}}}
    result = inspect(json.dumps(value))
    assert result.exit_code == 0
    assert "enabled" in result.output
    assert base64url.encode(b"s" * 32) not in result.output


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("deadbeef", ("certificate (hex", "attestation-object (hex", "cose-key (hex", "authenticator-data (hex")),
        ("", ("neither",)),
        ("no such file", ("neither",)),
        ("{}", ("client-data (text",)),
        ('{"type": ', ("registration (text", "client-data (text")),
        ('{"response": {"attestationObject": "AA"}}', ("registration (text", " at ")),
        ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----", ("neither",)),
        ("x" * 5000, ("authenticator-data (base64url, 3750 bytes): the credential id is cut off",)),
        ("\x1b[2J\u202e", ("Tried",)),
    ],
)
def test_what_is_nothing_gets_the_reasons(value, words):
    result = inspect(value)
    assert result.exit_code == 2
    assert result.stderr.startswith("unlatch: this is nothing that can be inspected")
    for word in words:
        assert word in result.stderr
    assert "\x1b" not in result.stderr


def test_forced_to_be_something_else(parts):
    result = inspect("--as", "client-data", base64url.encode(parts["cose-key"]))
    assert result.exit_code == 2
    assert "client-data (base64url" in result.stderr
    assert "cose-key" not in result.stderr


def test_what_a_client_wrote_stays_text():
    members = {"type": "t", "challenge": "c", "origin": "\x1b[2J\u202e\n", "\x1b]0;": ["\x1b"]}
    result = inspect(json.dumps(members))
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "\\u202e" in result.output


def test_long_values_in_full_when_asked(parts):
    value = base64url.encode(parts["registration"])
    signature = as_json(value)["fields"]["attestation object"]["statement"]["sig"]
    assert signature not in inspect(value).output
    assert signature in inspect("--full", value).output


def test_a_recording_names_the_command_for_it():
    text = recorded("registration.origin")
    Recording.from_json(text)
    result = inspect(text)
    assert result.exit_code == 2
    assert "unlatch explain" in result.stderr


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data):
    result = inspect("-", stdin=data)
    assert result.exit_code in (0, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)


@given(st.recursive(st.none() | st.floats() | st.binary(max_size=8) | st.text(max_size=8) | st.integers(0, 99),
                    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=4), each, max_size=3),
                    max_leaves=6))  # fmt: skip
def test_no_statement_breaks_it(statement):
    data = bytes(32) + b"\x41" + bytes(4) + bytes(16) + b"\x00\x01i" + KEY
    encoded = cbor.encode({"fmt": "x", "attStmt": {"x5c": [statement], "more": statement}, "authData": data})
    result = inspect("--json", encoded.hex())
    assert result.exit_code in (0, 2)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if result.exit_code == 0:
        json.loads(result.output, parse_constant=pytest.fail)


KEY = bytes.fromhex("a4010103272006215820f5e09cb89d891d6f4823c03a9c53426f344bdb64c2c1c7be14e0f352b2eb88c2")
