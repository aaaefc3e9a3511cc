"""Options: the JSON forms of the specification, there and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.terms import AttestationConveyance, ResidentKey, UserVerification
from unlatch.values import replace
from unlatch.wire.options import CreationOptions, CredentialDescriptor, RequestOptions, UserEntity

TEXTS = st.lists(st.text(max_size=12), max_size=3).map(tuple)
USERS = st.builds(
    UserEntity, id=st.binary(min_size=1, max_size=64), name=st.text(max_size=70), display_name=st.text(max_size=70)
)
DESCRIPTORS = st.lists(st.builds(CredentialDescriptor, st.binary(max_size=70), TEXTS), max_size=3).map(tuple)
EXTENSIONS = st.dictionaries(
    st.text(max_size=12),
    st.booleans() | st.text(max_size=12) | st.dictionaries(st.text(), st.none(), max_size=1),
    max_size=2,
)
CREATION = st.builds(
    CreationOptions,
    rp_id=st.text(max_size=20),
    rp_name=st.text(max_size=20),
    user=USERS,
    challenge=st.binary(max_size=64),
    algorithms=st.lists(st.integers(-70_000, 10), max_size=5).map(tuple),
    timeout=st.integers(1, 10**9),
    exclude_credentials=DESCRIPTORS,
    attachment=st.none() | st.sampled_from(["platform", "cross-platform", "later"]),
    resident_key=st.sampled_from(ResidentKey),
    user_verification=st.sampled_from(UserVerification),
    hints=TEXTS,
    attestation=st.sampled_from(AttestationConveyance),
    attestation_formats=TEXTS,
    extensions=EXTENSIONS,
)
REQUEST = st.builds(
    RequestOptions,
    rp_id=st.text(max_size=20),
    challenge=st.binary(max_size=64),
    timeout=st.integers(1, 10**9),
    allow_credentials=DESCRIPTORS,
    user_verification=st.sampled_from(UserVerification),
    hints=TEXTS,
    extensions=EXTENSIONS,
)
USER = UserEntity(b"\x01\x02", "ada", "Ada")
HONEST_CREATION = CreationOptions(
    rp_id="example.org",
    rp_name="Example",
    user=USER,
    challenge=b"c" * 32,
    algorithms=(-8, -7),
    timeout=300_000,
    exclude_credentials=(CredentialDescriptor(b"id", ("usb", "later")),),
    attachment="platform",
)
HONEST_REQUEST = RequestOptions(
    rp_id="example.org", challenge=b"c" * 32, timeout=300_000, allow_credentials=(CredentialDescriptor(b"id"),)
)


@given(CREATION)
def test_creation_options_round_trip(options: CreationOptions) -> None:
    form, text = options.to_json(), options.to_text()
    assert json.loads(text) == form
    for body in (form, text, text.encode()):
        assert CreationOptions.from_json(body) == options


@given(REQUEST)
def test_request_options_round_trip(options: RequestOptions) -> None:
    form, text = options.to_json(), options.to_text()
    assert json.loads(text) == form
    for body in (form, text, text.encode()):
        assert RequestOptions.from_json(body) == options


def test_the_creation_form_in_full() -> None:
    assert HONEST_CREATION.to_json() == {
        "rp": {"id": "example.org", "name": "Example"},
        "user": {"id": "AQI", "name": "ada", "displayName": "Ada"},
        "challenge": "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2M",
        "pubKeyCredParams": [{"type": "public-key", "alg": -8}, {"type": "public-key", "alg": -7}],
        "timeout": 300_000,
        "excludeCredentials": [{"type": "public-key", "id": "aWQ", "transports": ["usb", "later"]}],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "preferred",
            "authenticatorAttachment": "platform",
        },
        "hints": [],
        "attestation": "none",
        "attestationFormats": [],
        "extensions": {},
    }


@pytest.mark.parametrize("resident_key", ResidentKey)
def test_require_resident_key_follows_resident_key(resident_key: ResidentKey) -> None:
    options = CreationOptions(
        rp_id="", rp_name="", user=USER, challenge=b"", algorithms=(), timeout=1, resident_key=resident_key
    )
    selection = options.to_json()["authenticatorSelection"]
    assert selection["requireResidentKey"] is (resident_key == "required")
    assert "authenticatorAttachment" not in selection


def test_the_request_form_in_full() -> None:
    assert HONEST_REQUEST.to_json() == {
        "challenge": "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2M",
        "timeout": 300_000,
        "rpId": "example.org",
        "allowCredentials": [{"type": "public-key", "id": "aWQ"}],
        "userVerification": "preferred",
        "hints": [],
        "extensions": {},
    }


def test_defaults_of_the_specification() -> None:
    form = HONEST_CREATION.to_json()
    for name in (
        "excludeCredentials",
        "authenticatorSelection",
        "hints",
        "attestation",
        "attestationFormats",
        "extensions",
    ):
        del form[name]
    read = CreationOptions.from_json(form)
    assert read.exclude_credentials == ()
    assert read.resident_key is ResidentKey.DISCOURAGED
    assert read.user_verification is UserVerification.PREFERRED
    assert read.attestation is AttestationConveyance.NONE
    assert read.attachment is None
    form = HONEST_REQUEST.to_json()
    for name in ("allowCredentials", "userVerification", "hints", "extensions"):
        del form[name]
    assert RequestOptions.from_json(form).user_verification is UserVerification.PREFERRED


def set_at(form: Any, path: str, value: Any) -> Any:
    """Change (or with `...` remove) the member at a dotted path."""
    *outer, last = path.split(".")
    target = form
    for name in outer:
        target = target[int(name) if name.isdigit() else name]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return form


BROKEN_CREATION = [
    ("rp", [..., None, 1, "x", []], Code.JSON_TYPE, "rp"),
    ("rp.id", [None, 1, []], Code.JSON_TYPE, "rp.id"),
    ("rp.name", [..., None, 1, []], Code.JSON_TYPE, "rp.name"),
    ("user", [..., None, 1, "x", []], Code.JSON_TYPE, "user"),
    ("user.id", [..., None, 1], Code.JSON_TYPE, "user.id"),
    ("user.id", ["A", "AA=="], Code.BASE64URL, "user.id"),
    ("user.id", ["", "A" * 88], Code.OPTIONS, "user.id"),
    ("user.name", [..., None, 1], Code.JSON_TYPE, "user.name"),
    ("user.displayName", [..., None, 1], Code.JSON_TYPE, "user.displayName"),
    ("challenge", [..., None, 1], Code.JSON_TYPE, "challenge"),
    ("challenge", ["A"], Code.BASE64URL, "challenge"),
    (
        "pubKeyCredParams",
        [None, {}, [1], [{}], [{"alg": "-7"}], [{"alg": True}], [{"alg": -7.5}]],
        Code.JSON_TYPE,
        "pubKeyCredParams",
    ),
    ("timeout", [None, 0, -1, 1.5, "1", True], Code.JSON_TYPE, "timeout"),
    ("excludeCredentials", [None, {}, "x"], Code.JSON_TYPE, "excludeCredentials"),
    ("excludeCredentials", [[1], [None], ["x"]], Code.JSON_TYPE, "excludeCredentials[0]"),
    ("excludeCredentials.0.id", [..., None, 1], Code.JSON_TYPE, "excludeCredentials[0].id"),
    ("excludeCredentials.0.transports", [None, "usb", [1]], Code.JSON_TYPE, "excludeCredentials[0].transports"),
    ("authenticatorSelection", [None, 1, []], Code.JSON_TYPE, "authenticatorSelection"),
    (
        "authenticatorSelection.authenticatorAttachment",
        [1, [], {}],
        Code.JSON_TYPE,
        "authenticatorSelection.authenticatorAttachment",
    ),
    ("authenticatorSelection.residentKey", [None, 1, [], {}], Code.JSON_TYPE, "residentKey"),
    ("authenticatorSelection.userVerification", [None, 1, [], {}], Code.JSON_TYPE, "userVerification"),
    ("hints", [None, "x", [1]], Code.JSON_TYPE, "hints"),
    ("attestation", [None, 1, []], Code.JSON_TYPE, "attestation"),
    ("attestationFormats", [None, "x", [1]], Code.JSON_TYPE, "attestationFormats"),
    ("extensions", [None, "x", []], Code.JSON_TYPE, "extensions"),
]
BROKEN_REQUEST = [
    ("rpId", [None, 1], Code.JSON_TYPE, "rpId"),
    ("challenge", [..., None, 1], Code.JSON_TYPE, "challenge"),
    ("timeout", [None, 0, "1"], Code.JSON_TYPE, "timeout"),
    ("allowCredentials", [None, {}], Code.JSON_TYPE, "allowCredentials"),
    ("allowCredentials.0.id", [..., None], Code.JSON_TYPE, "allowCredentials[0].id"),
    ("userVerification", [None, []], Code.JSON_TYPE, "userVerification"),
    ("hints", [None, [1]], Code.JSON_TYPE, "hints"),
    ("extensions", [None, []], Code.JSON_TYPE, "extensions"),
]


@pytest.mark.parametrize(
    ("path", "values", "code", "told"), BROKEN_CREATION, ids=lambda value: value if isinstance(value, str) else ""
)
def test_broken_creation_options(path: str, values: list[Any], code: Code, told: str) -> None:
    for value in values:
        with pytest.raises(Malformed) as caught:
            CreationOptions.from_json(set_at(HONEST_CREATION.to_json(), path, value))
        assert caught.value.code is (Code.JSON_MISSING if value is ... else code)
        assert caught.value.path == told


@pytest.mark.parametrize(
    ("path", "values", "code", "told"), BROKEN_REQUEST, ids=lambda value: value if isinstance(value, str) else ""
)
def test_broken_request_options(path: str, values: list[Any], code: Code, told: str) -> None:
    for value in values:
        with pytest.raises(Malformed) as caught:
            RequestOptions.from_json(set_at(HONEST_REQUEST.to_json(), path, value))
        assert caught.value.code is (Code.JSON_MISSING if value is ... else code)
        assert caught.value.path == told


def test_each_member_is_in_the_text_as_it_is_now():
    """What options say to everybody is kept as text; options that differ in one member share nothing of it."""
    for options in (HONEST_CREATION, HONEST_REQUEST):
        options.to_text()
        for name, other in {
            "rp_id": "other.example",
            "rp_name": "Other",
            "algorithms": (-257,),
            "timeout": 31_000,
            "attachment": "later",
            "resident_key": ResidentKey.DISCOURAGED,
            "user_verification": UserVerification.DISCOURAGED,
            "hints": ("hybrid",),
            "attestation": AttestationConveyance.ENTERPRISE,
            "attestation_formats": ("tpm",),
            "challenge": b"d" * 32,
            "user": UserEntity(b"\x03", 'a "quoted" name', "</script>"),
            "exclude_credentials": (CredentialDescriptor(b"other", ("nfc",)),),
            "allow_credentials": (CredentialDescriptor(b"other"), CredentialDescriptor(b"id")),
            "extensions": {"credProps": True},
        }.items():
            if hasattr(options, name):
                changed = replace(options, **{name: other})
                assert json.loads(changed.to_text()) == changed.to_json() != options.to_json()


def test_what_options_need_not_say():
    """Sections 5.4 and 5.5: RP ID and timeout are optional, and an unknown word counts as an absent one."""
    told = HONEST_CREATION.to_json()
    del told["timeout"], told["rp"]["id"]
    told["authenticatorSelection"] = {"userVerification": "x", "residentKey": "x"}
    told["attestation"] = "x"
    options = CreationOptions.from_json(told)
    assert (options.rp_id, options.timeout, options.attestation) == (None, None, "none")
    assert (options.user_verification, options.resident_key) == ("preferred", "discouraged")
    assert options.to_json()["rp"] == json.loads(options.to_text())["rp"] == {"name": HONEST_CREATION.rp_name}
    assert "timeout" not in options.to_json()
    told["authenticatorSelection"] = {"requireResidentKey": True}
    assert CreationOptions.from_json(told).resident_key == "required"
    told["authenticatorSelection"] = {"requireResidentKey": True, "residentKey": "preferred"}
    assert CreationOptions.from_json(told).resident_key == "preferred"

    told = HONEST_REQUEST.to_json()
    del told["timeout"], told["rpId"]
    asked = RequestOptions.from_json({**told, "userVerification": "x"})
    assert (asked.rp_id, asked.timeout, asked.user_verification) == (None, None, "preferred")
    assert not {"rpId", "timeout"} & asked.to_json().keys()
    assert json.loads(asked.to_text()) == asked.to_json()


@pytest.mark.parametrize("length", [0, 65, 1000])
def test_a_user_handle_has_1_to_64_bytes(length: int) -> None:
    assert UserEntity(bytes(1), "").id
    assert UserEntity(bytes(64), "").id
    with pytest.raises(Malformed, match="not well-formed") as caught:
        UserEntity(bytes(length), "ada")
    assert (caught.value.code, caught.value.path) == (Code.OPTIONS, "user.id")


@pytest.mark.parametrize(
    "arguments",
    [
        ("ada", "ada", "Ada"),
        (None, "ada", "Ada"),
        (b"1", None, ""),
        (b"1", 1, ""),
        (b"1", "", None),
        (b"1", "\ud800", ""),
        (b"1", "", "\udc00"),
    ],
)
def test_an_impossible_user(arguments: Any) -> None:
    with pytest.raises(Malformed) as caught:
        UserEntity(*arguments)
    assert (caught.value.code, caught.value.path) == (Code.OPTIONS, "user.id" if arguments[0] != b"1" else "user")


@pytest.mark.parametrize("kind", [CreationOptions, RequestOptions])
@pytest.mark.parametrize(("body", "code"), [("", Code.JSON), ("[]", Code.JSON_TYPE), (None, Code.JSON_TYPE)])
def test_what_is_no_body(kind: Any, body: Any, code: Code) -> None:
    with pytest.raises(Malformed) as caught:
        kind.from_json(body)
    assert (caught.value.code, caught.value.path) == (code, "")
