"""soft-fido2 registers and signs in; what it makes and the specification forbids is refused, and known by name.

`docs/explanation/interop.md` explains each refusal. When a new version of soft-fido2 changes its ways, a test here
fails and the page is to be corrected.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from soft_client import AAGUID, FORMATS, KINDS, anchor, as_page_sends, authenticator, key_pair
from soft_fido2 import KeyPair

from unlatch import Malformed, Refused, RelyingParty, UserEntity
from unlatch.attestation.formats import FORMATS as OUR_FORMATS
from unlatch.attestation.policy import AttestationPolicy
from unlatch.ceremonies.policy import Policy
from unlatch.codes import Code
from unlatch.terms import AttestationType, SignCountVerdict, TrustVerdict
from unlatch.wire.algorithms import ALGORITHMS

USER = UserEntity(b"the handle of ada", "ada", "Ada")
OFFERED = tuple(row.id for row in ALGORITHMS.values() if row.for_credentials)
RP = RelyingParty(
    id="example.org",
    origins=["https://example.org"],
    policy=Policy(
        algorithms=OFFERED,
        attestation=AttestationPolicy(
            conveyance="direct",
            formats=OUR_FORMATS,
            anchors=[anchor()],
            allow_none=True,
            allow_self=True,
            allow_unanchored=True,
        ),
    ),
)

# What each format that a page can send is worth. A `fido-u2f` certificate is signed by itself, not by the authority.
ACCEPTED = {
    "none": (AttestationType.NONE, TrustVerdict.NONE),
    "packed": (AttestationType.BASIC_OR_ATTCA, TrustVerdict.ANCHORED),
    "packed-self": (AttestationType.SELF, TrustVerdict.SELF),
    "fido-u2f": (AttestationType.BASIC_OR_ATTCA, TrustVerdict.UNANCHORED),
    "android-key": (AttestationType.BASIC, TrustVerdict.ANCHORED),
    "android-safetynet": (AttestationType.BASIC, TrustVerdict.ANCHORED),
    "compound:packed,android-key": (AttestationType.BASIC_OR_ATTCA, TrustVerdict.ANCHORED),
    "compound:none,packed": (AttestationType.NONE, TrustVerdict.NONE),
    "compound:packed,fido-u2f": (AttestationType.BASIC_OR_ATTCA, TrustVerdict.UNANCHORED),
}

# Keys that are not what their algorithm says, in every format.
_KEY = "response.attestationObject.authData.credentialPublicKey"
KEYS_REFUSED = {
    "ES384": (Code.KEY_ALGORITHM, _KEY, "curve 1 does not belong to ES384"),
    "ES512": (Code.KEY_ALGORITHM, _KEY, "curve 1 does not belong to ES512"),
    "EdDSA": (Code.KEY_ALGORITHM, _KEY, "key type 6 does not belong to EdDSA"),
    "RS1": (Code.KEY_ALGORITHM, _KEY, "algorithm -65535 is not known for credentials"),
}

_STATEMENT = "response.attestationObject.attStmt"
_STEP = "registration.attestation-statement"
_TPM_RSA = (Code.ATTESTATION_STATEMENT, f"{_STATEMENT}.pubArea", "the structure is cut off")
_APPLE = (Code.DER, f"{_STATEMENT}.x5c[0]", "tag 0xa0 where 0xa1 belongs")
# Statements that break their format, by format and kind of key.
STATEMENTS_REFUSED = {
    ("tpm", "ES256"): (Code.ATTESTATION_INVALID, _STEP, "pubArea.objectAttributes are not a signing key's"),
    **{("tpm", kind): _TPM_RSA for kind in ("RS256", "RS384", "RS512")},
    **{("apple", kind): _APPLE for kind in KINDS.keys() - KEYS_REFUSED.keys()},
    **{
        ("android-key", kind): (
            Code.ATTESTATION_SIGNATURE,
            _STEP,
            f"the signature does not verify as {kind} with a RSAPublicKey",
        )
        for kind in ("RS384", "RS512")
    },
    ("compound:packed,packed-self", "ES256"): (
        Code.FORMAT_NOT_SUPPORTED,
        _STEP,
        f"{_STATEMENT}[1] is of a format that is not accepted",
    ),
    ("compound:packed", "ES256"): (Code.ATTESTATION_STATEMENT, _STATEMENT, "expected an array of 2 to 8 statements"),
    ("compound:packed,tpm", "ES256"): (
        Code.ATTESTATION_INVALID,
        _STEP,
        "pubArea.objectAttributes are not a signing key's",
    ),
}

# What it cannot make itself: it raises. These formats are for some keys only, and it has no RS1, EdDSA or ML-DSA there.
_EC = {"ES256", "ES384", "ES512"}
_RSA = {"RS256", "RS384", "RS512", "RS1"}
ABLE = {"fido-u2f": _EC, "android-safetynet": _RSA, "android-key": _EC | _RSA, "tpm": _EC | _RSA}

ALONE = [(name, kind) for name, kind in product(FORMATS, KINDS) if kind in ABLE.get(name, KINDS)]
COMPOUND = [(name, "ES256") for name in (*ACCEPTED, *(name for name, _ in STATEMENTS_REFUSED)) if "compound" in name]
ALL = [*ALONE, *dict.fromkeys(COMPOUND)]
HONEST = [pair for pair in ALL if pair[1] not in KEYS_REFUSED and pair not in STATEMENTS_REFUSED]


def register(made, name="packed-self", rp=RP, **flags):
    ceremony = rp.begin_registration(USER)
    return rp.finish_registration(
        ceremony.state, as_page_sends(made.credential_create(ceremony.options.to_json(), name, **flags))
    )


def sign_in(made, record, rp=RP, *, known=True, **flags):
    ceremony = rp.begin_authentication(user=USER if known else None, records=[record] if known else [])
    body = as_page_sends(made.credential_request(ceremony.options.to_json(), **flags))
    return rp.finish_authentication(ceremony.state, body, record)


@pytest.mark.parametrize(("name", "kind"), HONEST)
def test_registers_and_signs_in(name, kind):
    made = authenticator(kind)
    registration = register(made, name)
    assert (registration.attestation.type, registration.attestation.trust) == ACCEPTED[name]
    assert registration.attestation.format == name.partition(":")[0].removesuffix("-self")
    assert registration.record.aaguid == AAGUID
    # U2F knows no user verification.
    assert (registration.record.sign_count, registration.user_verified) == (0, name != "fido-u2f")

    known = sign_in(made, registration.record)
    assert known.sign_count is SignCountVerdict.INCREASED
    discovered = sign_in(made, known.record, known=False)
    assert (discovered.user_handle, discovered.record.sign_count) == (USER.id, 2)


@pytest.mark.parametrize(("name", "kind"), [pair for pair in ALL if pair not in HONEST])
def test_what_breaks_the_specification_is_refused(name, kind):
    with pytest.raises((Malformed, Refused)) as caught:
        register(authenticator(kind), name)
    error = caught.value
    where = error.path if isinstance(error, Malformed) else error.step
    assert (error.code, where, error.detail) == (KEYS_REFUSED.get(kind) or STATEMENTS_REFUSED[name, kind])


@pytest.mark.parametrize(("name", "kind"), [pair for pair in product(ABLE, KINDS) if pair not in ALONE])
def test_it_cannot_make_these_itself(name, kind):
    made, ceremony = authenticator(kind), RP.begin_registration(USER)
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever it raises, it is not an answer
        made.credential_create(ceremony.options.to_json(), name)
    assert not isinstance(caught.value, (Malformed, Refused))


def test_padded_base64url_is_not_the_json_of_the_specification():
    ceremony = RP.begin_registration(USER)
    answer = authenticator().credential_create(ceremony.options.to_json(), "none")
    assert answer["response"]["attestationObject"].endswith("=")
    with pytest.raises(Malformed) as caught:
        RP.finish_registration(ceremony.state, answer)
    assert (caught.value.code, caught.value.path) == (Code.BASE64URL, "response.attestationObject")


def test_a_consumer_site_accepts_it_and_trusts_nothing():
    rp = RelyingParty(id="example.org")
    made = authenticator()
    registration = register(made, "packed", rp)
    assert registration.attestation.trust is TrustVerdict.UNANCHORED
    assert sign_in(made, registration.record, rp).user_handle == USER.id


def test_safetynet_is_off_by_default():
    with pytest.raises(Refused) as caught:
        register(authenticator("RS256"), "android-safetynet", RelyingParty(id="example.org"))
    assert caught.value.code is Code.FORMAT_NOT_SUPPORTED


def test_a_stored_key_signs_in_without_a_user_handle():
    """As its README says: the key is kept in a file and loaded again."""
    record = register(authenticator(), "packed").record
    loaded = authenticator(counter=7)
    loaded.kp = KeyPair.load_key_pair(key_pair("ES256").get_private_bytes())
    assert sign_in(loaded, record).record.sign_count == 7
    with pytest.raises(Refused) as caught:
        sign_in(loaded, record, known=False)
    assert caught.value.code is Code.USER_HANDLE_MISSING


def test_an_authenticator_that_does_not_count():
    made = authenticator(disableCounter=True)
    record = register(made).record
    assert sign_in(made, record).sign_count is SignCountVerdict.NOT_SUPPORTED


def test_a_copy_with_an_older_counter_is_refused():
    made = authenticator(counter=5)
    record = sign_in(made, register(made).record).record
    with pytest.raises(Refused) as caught:
        sign_in(authenticator(counter=4), record)
    assert caught.value.code is Code.SIGN_COUNT_REGRESSED


@pytest.mark.parametrize(
    ("flags", "code"), [({"up": False}, Code.USER_NOT_PRESENT), ({"uv": False}, Code.USER_NOT_VERIFIED)]
)
def test_missing_presence_and_verification_are_refused(flags, code):
    rp = replace(RP, policy=replace(RP.policy, user_verification="required"))
    made = authenticator()
    with pytest.raises(Refused) as caught:
        register(made, rp=rp, **flags)
    assert caught.value.code is code
    record = register(made, rp=rp).record
    with pytest.raises(Refused) as caught:
        sign_in(made, record, rp, **flags)
    assert caught.value.code is code


def test_backup_flags_are_read_as_they_are_sent():
    """Asked for BE and BS it sets BE and a reserved bit: bits 0 to 3 instead of bit 4."""
    made = authenticator()
    record = register(made, be=True, bs=True).record
    assert (record.backup_eligible, record.backup_state) == (True, False)
    assert sign_in(made, record, be=True).record.backup_eligible is True
    with pytest.raises(Refused) as caught:
        sign_in(made, record, be=False)
    assert caught.value.code is Code.BACKUP_ELIGIBILITY_CHANGED


def test_transports_reach_the_options():
    record = register(authenticator(transports=["usb", "nfc"])).record
    options = RP.begin_authentication(user=USER, records=[record]).options.to_json()
    assert options["allowCredentials"][0]["transports"] == ["usb", "nfc"]


def test_another_origin_is_refused():
    ceremony = RP.begin_registration(USER)
    options = {**ceremony.options.to_json(), "origin": "https://example.com"}
    with pytest.raises(Refused) as caught:
        RP.finish_registration(ceremony.state, as_page_sends(authenticator().credential_create(options)))
    assert caught.value.code is Code.ORIGIN_NOT_EXPECTED


def test_a_key_of_another_credential_does_not_sign_in():
    made = authenticator()
    record = replace(register(made).record, public_key=register(authenticator("RS256")).record.public_key)
    with pytest.raises(Refused) as caught:
        sign_in(made, record)
    assert caught.value.code is Code.SIGNATURE_INVALID


def test_its_pss_signatures_belong_to_no_algorithm_that_it_names():
    """The key is called RS256 and assertions are signed with PSS; of packed statements it makes none at all."""
    made = authenticator("RS256", saltLength=32)
    with pytest.raises(TypeError):
        register(made)
    record = register(made, "none").record
    assert record.public_key == register(authenticator("RS256"), "none").record.public_key
    with pytest.raises(Refused) as caught:
        sign_in(made, record)
    assert caught.value.code is Code.SIGNATURE_INVALID
