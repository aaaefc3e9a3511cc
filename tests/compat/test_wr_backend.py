"""The backend of webauthn-rp over our checks (WR-1, WR-2, WR-3, WR-5): honest, and with each fault."""

import json
import secrets

import pytest

from compat.registrar import ORIGIN, PUBLIC_KEY, RP, Registrar, user
from fault_scenes import ADA, play
from unlatch import AttestationPolicy, Policy
from unlatch.compat.webauthn_rp import errors, registrars, types
from unlatch.compat.webauthn_rp.backends import CredentialsBackend
from unlatch.compat.webauthn_rp.builders import CredentialCreationOptionsBuilder, CredentialRequestOptionsBuilder
from unlatch.compat.webauthn_rp.converters import cose_key, jsonify
from unlatch.compat.webauthn_rp.parsers import parse_cose_key, parse_public_key_credential
from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS, EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.statements import MAKERS
from unlatch.wire.algorithms import ALGORITHMS

ALGS = [int(value) for value in types.COSEAlgorithmIdentifier.Value]
CREATION = CredentialCreationOptionsBuilder(
    rp=RP,
    pub_key_cred_params=[types.PublicKeyCredentialParameters(type=PUBLIC_KEY, alg=alg) for alg in ALGS],
    timeout=60_000,
    attestation=types.AttestationConveyancePreference.DIRECT,
)
REQUEST = CredentialRequestOptionsBuilder(rp_id=RP.id, timeout=60_000)


class Site:
    """A backend, a registrar and a browser."""

    def __init__(self, *, policy=None, registrar=None, **authenticator):
        self.registrar = registrar or Registrar()
        self.backend = CredentialsBackend(self.registrar, policy=policy)
        self.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(**authenticator))

    def create(self, **named):
        challenge = secrets.token_bytes(64)
        options = jsonify(CREATION.build(user=user(), challenge=challenge), url_safe=True)["publicKey"]
        return challenge, self.browser.create_body(options, **named)

    def register(self, **expected):
        challenge, body = self.create()
        self.backend.handle_credential_attestation(
            credential=parse_public_key_credential(body),
            **{"user": user(), "rp": RP, "expected_challenge": challenge, "expected_origin": ORIGIN, **expected},
        )

    def get(self, **named):
        challenge = secrets.token_bytes(64)
        allow = [types.PublicKeyCredentialDescriptor(type=PUBLIC_KEY, id=each) for each in self.registrar.rows]
        options = jsonify(REQUEST.build(challenge=challenge, allow_credentials=allow), url_safe=True)["publicKey"]
        return challenge, self.browser.get_body(options, **named)

    def sign_in(self, **expected):
        challenge, body = self.get()
        self.backend.handle_credential_assertion(
            credential=parse_public_key_credential(body),
            **{"rp": RP, "expected_challenge": challenge, "expected_origin": ORIGIN, **expected},
        )


@pytest.mark.parametrize("attestation", sorted(MAKERS))
def test_wr_1_every_format_registers_and_signs_in(attestation):
    """BUG of the original: only `none` could be registered; fido-u2f ended in an InternalError."""
    site = Site(policy=Policy(algorithms=tuple(ALGS), attestation=everything()), attestation=attestation)
    if attestation in ("android-key", "fido-u2f"):
        site.browser.authenticator.algorithms = (-7,)
    site.register()
    credential, att, att_type, owner, rp, path = site.registrar.registered
    assert (att.fmt, owner, rp) == (MAKERS[attestation].format, user(), RP)
    assert (path is None) == (att_type in (types.AttestationType.NONE, types.AttestationType.SELF))
    assert att.auth_data.attested_credential_data.credential_id == credential.raw_id
    site.sign_in()
    assert site.registrar.rows[credential.raw_id][1] == site.registrar.used[1].sign_count == 2


def everything():
    from unlatch.attestation.formats import FORMATS

    return AttestationPolicy(formats=tuple(FORMATS))


@pytest.mark.parametrize("algorithm", [row.id for row in ALGORITHMS.values() if row.for_credentials])
def test_wr_4_keys_of_every_algorithm_are_stored_and_read(algorithm):
    """BUG of the original: RSA keys could not be parsed."""
    site = Site(algorithms=(algorithm,))
    site.register()
    (row,) = site.registrar.rows.values()
    assert parse_cose_key(row[0]).alg == algorithm
    assert cose_key(parse_cose_key(row[0])) == row[0]
    site.sign_in()


def test_wr_2_a_passkey_that_does_not_count_signs_in_again_and_again():
    """BUG of the original: the second sign-in with counter 0 was refused as a clone."""
    site = Site(counter=None)
    site.register()
    for _ in range(3):
        site.sign_in()
    assert [row[1] for row in site.registrar.rows.values()] == [0]


def test_wr_2_a_counter_that_goes_back():
    site = Site(counter=5)
    site.register()
    site.sign_in()
    site.browser.authenticator.credentials[0].sign_count = 1
    with pytest.raises(errors.SignatureCountError):
        site.sign_in()
    site.browser.authenticator.credentials[0].sign_count = 1
    site.sign_in(ignore_clone_error=True)


def judge(played, body):
    """Hand a body to the backend, under the expectations of a ceremony of ours."""
    backend = CredentialsBackend(Registrar(), policy=played.rp.policy)
    if played.record is not None:
        record = played.record
        backend.registrar.rows[record.id] = [record.public_key, record.sign_count, user(record.user_handle)]
    expected = {
        "credential": parse_public_key_credential(body),
        "rp": RP,
        "expected_challenge": played.state.challenge,
        "expected_origin": ORIGIN,
        "require_user_verification": True,
    }
    if played.kind is CeremonyKind.REGISTRATION:
        backend.handle_credential_attestation(user=user(ADA.id), **expected)
        return
    allow = [types.PublicKeyCredentialDescriptor(type=PUBLIC_KEY, id=each) for each in played.state.allow_credentials]
    known = user(ADA.id) if played.state.user else None
    backend.handle_credential_assertion(user=known, allow_credentials=allow, **expected)


#: Faults against extension inputs, of which the backend is not told, and against a store, which the registrar is.
BEYOND = {"registration.credential-not-registered", "registration.extensions", "authentication.extensions"}
CLASSES = {
    "type": errors.ClientDataTypeError,
    "challenge": errors.ChallengeError,
    "origin": errors.OriginError,
    "cross-origin": errors.OriginError,
    "top-origin": errors.OriginError,
    "rp-id-hash": errors.RPIDHashError,
    "user-presence": errors.UserPresenceError,
    "user-verification": errors.UserVerificationError,
    "backup-flags": errors.BackendError,
    "algorithm": errors.BackendError,
    "format": errors.UnimplementedError,
    "attestation-trust": errors.AttestationError,
    "credential-id-length": errors.BackendError,
    "allow-credentials": errors.CredentialNotAllowedError,
    "signature": errors.VerificationError,
    "sign-count": errors.SignatureCountError,
}
STEPS = [
    fault
    for fault in FAULTS
    if fault.step and fault.rule is None and fault.step.split(".")[1] in CLASSES and fault.formats is None
]


@pytest.mark.parametrize("fault", STEPS, ids=str)
def test_wr_5_each_step_has_its_error(fault):
    played = play(fault, algorithm=min(fault.algorithms or {-7}, key=lambda number: abs(number + 7)))
    with pytest.raises(errors.WebAuthnRPError) as caught:
        judge(played, played.answer(fault))
    assert type(caught.value) is CLASSES[fault.step.split(".")[1]]
    assert (caught.value.code, caught.value.step) in ((fault.code, fault.step), (fault.code, "allow-credentials"))


def test_wr_5_what_is_malformed_is_never_an_internal_error():
    unnumbered = [fault for fault in FAULTS if fault.step is None and fault.formats is None and not fault.algorithms]
    # Not seen by this skin: padding and the other alphabet are read, and the convenience copies are dropped unread.
    unseen = ("-padded", "-standard-alphabet", "-copy", ".no-id", ".null")
    seen = set()
    for fault in unnumbered[::3]:
        played = play(fault)
        body = played.answer(fault)
        if not fault.name.endswith(unseen):
            with pytest.raises((errors.ParserError, errors.ValidationError, errors.ExtensionError)) as caught:
                judge(played, body)
            seen.add(caught.type)
    assert {errors.ParserError, errors.DecodingError} <= seen


def test_wr_2_whose_credential_it_is():
    site = Site()
    site.register()
    site.sign_in(user=user())
    with pytest.raises(errors.UserIDError):
        site.sign_in(user=user(b"handle-of-bob"))
    site.browser.authenticator.credentials[0].user_handle = b"handle-of-bob"
    with pytest.raises(errors.UserHandleError):
        site.sign_in(user=user())
    site.browser.authenticator.credentials[0].discoverable = False
    site.sign_in(user=user())
    with pytest.raises(errors.UserHandleError):
        site.sign_in()


def test_wr_2_unknown_and_not_allowed_credentials():
    site = Site()
    site.register()
    other = [types.PublicKeyCredentialDescriptor(type=PUBLIC_KEY, id=b"another")]
    with pytest.raises(errors.CredentialNotAllowedError):
        site.sign_in(allow_credentials=other)
    challenge, body = site.get()
    site.registrar.rows.clear()
    with pytest.raises(errors.CredentialDataError):
        site.backend.handle_credential_assertion(
            credential=parse_public_key_credential(body), rp=RP, expected_challenge=challenge, expected_origin=ORIGIN
        )


def test_wr_2_the_relying_party():
    site = Site(registrar=Registrar(rp=RP))
    site.register()
    site.sign_in(rp=None)
    with pytest.raises(errors.RPIDError):
        site.sign_in(rp=types.PublicKeyCredentialRpEntity(name="Other", id="example.com"))
    site.registrar.rp = None
    with pytest.raises(errors.RPNotFoundError):
        site.sign_in(rp=None)
    without_id = types.PublicKeyCredentialRpEntity(name="Example")
    site.sign_in(rp=without_id)
    with pytest.raises(errors.RPIDError):
        site.sign_in(rp=without_id, expected_origin=[ORIGIN, "https://www.example.org"])
    with pytest.raises(errors.RPIDError):
        site.sign_in(rp=types.PublicKeyCredentialRpEntity(name="Example", id="https://example.org"))


def test_wr_2_origins():
    site = Site()
    site.register(expected_origin={"https://www.example.org", "https://example.org:443/"})
    for wrong in ("https://www.example.org", [], "no origin", "https://example.org/path"):
        with pytest.raises(errors.OriginError):
            site.sign_in(expected_origin=wrong)
    app = "android:apk-key-hash:" + "A" * 43
    site.browser.origin = app
    site.sign_in(expected_origin=[ORIGIN, app])  # BUG of the original: apps were refused
    with pytest.raises(errors.OriginError):
        site.sign_in()


def test_wr_2_expected_extensions_must_have_answered():
    site = Site()
    with pytest.raises(errors.ExtensionError):
        site.register(expected_extensions={types.ExtensionIdentifier.UVM})
    assert site.registrar.rows == {}
    asked = types.AuthenticationExtensionsClientInputs(uvm=True)
    challenge = secrets.token_bytes(32)
    options = jsonify(CREATION.extensions(asked).build(user=user(), challenge=challenge), url_safe=True)["publicKey"]
    site.backend.handle_credential_attestation(
        credential=parse_public_key_credential(site.browser.create_body(options)),
        user=user(),
        rp=RP,
        expected_challenge=challenge,
        expected_origin=ORIGIN,
        expected_extensions={types.ExtensionIdentifier.UVM},
    )


@pytest.mark.parametrize(
    ("sent", "expected", "refused"),
    [
        (None, None, False),
        ({"status": "supported"}, None, False),
        ({"status": "present", "id": "abcd"}, None, True),
        ({"status": "present", "id": "abcd"}, "abcd", False),
        ({"status": "present", "id": "abcd"}, "abce", True),
        ({"status": "present", "id": 7}, "abcd", True),
        ({"status": "supported"}, "abcd", True),
        (None, "abcd", True),
        ("odd", None, False),
    ],
)
def test_wr_2_token_binding(sent, expected, refused):
    from unlatch.compat.webauthn_rp.expectations import check_token_binding
    from unlatch.wire.client_data import decode_client_data

    members = {"type": "webauthn.get", "challenge": "AAAA", "origin": ORIGIN}
    data = decode_client_data(json.dumps(members | ({} if sent is None else {"tokenBinding": sent})).encode(), "")
    present = types.TokenBindingStatus.PRESENT
    binding = None if expected is None else types.TokenBinding(status=present, id=expected)
    if refused:
        with pytest.raises(errors.TokenBindingError):
            check_token_binding(data, binding)
    else:
        check_token_binding(data, binding)


def test_wr_1_what_the_registrar_says():
    site = Site()
    site.register()
    challenge, body = site.create()
    site.registrar.rows[parse_public_key_credential(body).raw_id] = []
    expected = {"user": user(), "rp": RP, "expected_challenge": challenge, "expected_origin": ORIGIN}
    credential = parse_public_key_credential(body)
    with pytest.raises(errors.RegistrationError, match="registered already"):
        site.backend.handle_credential_attestation(credential=credential, **expected)
    plain = CredentialsBackend(registrars.CredentialsRegistrar())
    with pytest.raises(errors.RegistrationError, match="UnimplementedError"):
        plain.handle_credential_attestation(credential=credential, **expected)
    challenge, body = site.get()
    expected = {"rp": RP, "expected_challenge": challenge, "expected_origin": ORIGIN}
    with pytest.raises(errors.RegistrationError, match="UnimplementedError"):
        plain.handle_credential_assertion(credential=parse_public_key_credential(body), **expected)


def test_wr_2_what_cannot_be_expected():
    site = Site()
    with pytest.raises(errors.ChallengeError):
        site.register(expected_challenge=b"short")
    with pytest.raises(errors.UserIDError):
        site.register(user=user(bytes(65)))
    with pytest.raises(errors.InternalError):
        site.register(expected_origin=5)
    assert site.registrar.rows == {}


def test_wr_2_the_policy_says_what_is_accepted_beyond_the_interface():
    site = Site(policy=Policy(algorithms=(-8,)), algorithms=(-7,))
    with pytest.raises(errors.BackendError):
        site.register()
    assert site.registrar.rows == {}


def test_wr_3_builders_never_change():
    other = CREATION.timeout(1).rp(types.PublicKeyCredentialRpEntity(name="Other", id="example.com"))
    built = jsonify(CREATION.build(user=user(), challenge=bytes(32)))["publicKey"]
    changed = jsonify(other.build(user=user(), challenge=bytes(32)))["publicKey"]
    assert (built["timeout"], built["rp"]["id"]) == (60_000, "example.org")
    assert (changed["timeout"], changed["rp"]["id"]) == (1, "example.com")
    descriptor = types.PublicKeyCredentialDescriptor(type=PUBLIC_KEY, id=b"\xfb" * 16)
    selection = types.AuthenticatorSelectionCriteria(require_resident_key=True)
    params = [types.PublicKeyCredentialParameters(type=PUBLIC_KEY, alg=types.COSEAlgorithmIdentifier.Name.ES256)]
    full = CREATION.exclude_credentials([descriptor]).authenticator_selection(selection).pub_key_cred_params(params)
    full = full.attestation(types.AttestationConveyancePreference.NONE)
    options = jsonify(full.build(user=user(), challenge=bytes(32)))["publicKey"]
    assert options["excludeCredentials"] == [{"type": "public-key", "id": "+/v7+/v7+/v7+/v7+/v7+w=="}]
    assert options["pubKeyCredParams"] == [{"type": "public-key", "alg": -7}]
    assert options["authenticatorSelection"] == {"requireResidentKey": True, "userVerification": "preferred"}
    assert options["attestation"] == "none"
    request = REQUEST.timeout(5).rp_id("example.com").mediation(types.CredentialMediationRequirement.CONDITIONAL)
    request = request.user_verification(types.UserVerificationRequirement.REQUIRED)
    request = request.extensions(types.AuthenticationExtensionsClientInputs(appid="https://example.com"))
    assert jsonify(request.build(challenge=bytes(16))) == {
        "mediation": "conditional",
        "publicKey": {
            "challenge": "AAAAAAAAAAAAAAAAAAAAAA==",
            "timeout": 5,
            "rpId": "example.com",
            "userVerification": "required",
            "extensions": {"appid": "https://example.com"},
        },
    }
    assert jsonify(REQUEST.build(challenge=bytes(16)))["publicKey"]["rpId"] == "example.org"


def test_wr_3_a_missing_part_is_a_builder_error():
    for builder in (CredentialCreationOptionsBuilder(), CredentialCreationOptionsBuilder(rp=RP)):
        with pytest.raises(errors.BuilderError, match="missing"):
            builder.build(user=user(), challenge=bytes(32))
    with pytest.raises(errors.BuilderError):
        CREATION.build(user=user(b""), challenge=bytes(32))
    with pytest.raises(errors.BuilderError):
        REQUEST.rp_id("https://example.org").build(challenge=bytes(32))
    with pytest.raises(errors.BuilderError):
        REQUEST.build(challenge=b"short")


def test_wr_5_there_are_29_errors_in_their_tree():
    found = {
        name: kind
        for name, kind in vars(errors).items()
        if name.endswith("Error") and kind.__module__ == errors.__name__
    }
    assert len(found) == 29
    backend = {name for name, kind in found.items() if issubclass(kind, errors.BackendError)}
    assert len(backend) == 16
    assert issubclass(errors.DecodingError, errors.ParserError)
    assert issubclass(errors.JSONConversionError, errors.ConverterError)
    assert issubclass(errors.PublicKeyConversionError, errors.ConverterError)
    assert all(issubclass(kind, errors.WebAuthnRPError) for kind in found.values())
