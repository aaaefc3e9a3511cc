"""Registration: each step of section 7.1 at its boundary, accepted on one side and refused on the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from finishing import register, registration_refused
from honest import (
    AAGUID,
    AT,
    BE,
    BS,
    CHALLENGE,
    ED,
    NOW,
    ORIGIN,
    RP_ID,
    UP,
    USER,
    UV,
    Credential,
    attestation_object,
    authenticator_data,
    base64url,
    canonical_map,
    client_data,
    registration_body,
    registration_state,
    relying_party,
)
from signing_keys import ALGORITHMS, signing_key
from unlatch import AttestationPolicy, AttestationType, Malformed, Refused, TrustVerdict
from unlatch.codes import Code
from unlatch.errors import (
    AttestationRefused,
    AuthenticatorDataRefused,
    CeremonyRefused,
    CredentialRefused,
    ExtensionRefused,
)
from unlatch.wire.responses import RegistrationResponse

DEFAULT = UP | UV | BE | BS | AT


# What comes out


def test_the_record_and_the_verdict() -> None:
    credential = Credential()
    registration = register(registration_body(credential, count=7))
    record = registration.record
    assert record.id == credential.id
    assert record.public_key == credential.cose
    assert record.sign_count == 7
    assert record.user_handle == USER.id
    assert record.rp_id == RP_ID
    assert record.transports == ("internal", "hybrid")
    assert record.uv_initialized is True
    assert record.backup_eligible is True
    assert record.backup_state is True
    assert record.aaguid == AAGUID
    assert record.attestation_format == "none"
    assert record.attestation_type is AttestationType.NONE
    assert record.trust is TrustVerdict.NONE
    assert record.discoverable is None
    assert record.attachment == "platform"
    assert record.name is None
    assert record.created_at == NOW
    assert record.last_used_at is None
    assert record.attestation_object is record.client_data_json is None
    assert registration.user == USER
    assert registration.attestation.format == "none"
    assert (registration.user_present, registration.user_verified) == (True, True)
    assert (registration.origin, registration.cross_origin, registration.top_origin) == (ORIGIN, False, None)
    assert registration.client_extension_results == registration.authenticator_extensions == {}
    assert registration.unsolicited_extensions == ()


def test_the_record_of_a_plain_key() -> None:
    record = register(registration_body(flags=UP | AT)).record
    assert (record.uv_initialized, record.backup_eligible, record.backup_state) == (False, False, False)


def test_kept_attestation() -> None:
    body = registration_body()
    record = register(body, rp=relying_party(keep_attestation=True)).record
    assert base64url(record.attestation_object or b"") == body["response"]["attestationObject"]
    assert record.client_data_json == client_data("webauthn.create")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(algorithm: int) -> None:
    body = registration_body(Credential(key=signing_key(algorithm)))
    assert register(body, rp=relying_party(algorithms=[algorithm])).record
    others = [other for other in ALGORITHMS if other != algorithm]
    assert registration_refused(AuthenticatorDataRefused, body, rp=relying_party(algorithms=others)) == (
        Code.ALGORITHM_NOT_OFFERED,
        "algorithm",
    )


def test_a_parsed_response_is_not_parsed_again() -> None:
    assert register(RegistrationResponse.from_json(registration_body())).record


def test_discoverable_as_the_client_says() -> None:
    for rk in (True, False):
        body = registration_body() | {"clientExtensionResults": {"credProps": {"rk": rk}}}
        assert register(body, begin={"extensions": {"credProps": True}}).record.discoverable is rk
    body = registration_body() | {"clientExtensionResults": {"credProps": {}}}
    assert register(body, begin={"extensions": {"credProps": True}}).record.discoverable is None


# The ceremony


def test_options() -> None:
    rp = relying_party()
    assert register(begin={"session": "s"}, session="s").record
    assert registration_refused(CeremonyRefused, begin={"session": "s"}) == (Code.CEREMONY_SESSION, "options")
    assert registration_refused(CeremonyRefused, session="s") == (Code.CEREMONY_SESSION, "options")
    assert registration_refused(CeremonyRefused, now=NOW + timedelta(seconds=300)) == (Code.CEREMONY_EXPIRED, "options")
    for state, code in (
        (rp.begin_authentication(challenge=CHALLENGE, now=NOW).state, Code.CEREMONY_KIND),
        (replace(registration_state(), user=None), Code.CEREMONY_KIND),
        (replace(registration_state(), rp_id="example.com"), Code.CEREMONY_RELYING_PARTY),
    ):
        with pytest.raises(CeremonyRefused) as caught:
            rp.finish_registration(state, registration_body(), now=NOW)
        assert (caught.value.code, caught.value.step) == (code, "registration.options")


# Authenticator data


@pytest.mark.parametrize("rp_id", ["example.com", "login.example.org", "Example.org", "https://example.org", ""])
def test_rp_id_hash(rp_id: str) -> None:
    assert registration_refused(AuthenticatorDataRefused, registration_body(rp_id=rp_id)) == (
        Code.RP_ID_HASH_MISMATCH,
        "rp-id-hash",
    )


def test_the_app_id_is_no_rp_id_at_registration() -> None:
    app_id = "https://example.org/u2f.json"
    assert registration_refused(
        AuthenticatorDataRefused, registration_body(rp_id=app_id), begin={"extensions": {"appidExclude": app_id}}
    ) == (Code.RP_ID_HASH_MISMATCH, "rp-id-hash")


@pytest.mark.parametrize("mediation", [None, "optional", "required", "silent"])
def test_user_presence(mediation: str | None) -> None:
    body = registration_body(flags=UV | AT)
    assert registration_refused(AuthenticatorDataRefused, body, begin={"mediation": mediation}) == (
        Code.USER_NOT_PRESENT,
        "user-presence",
    )


def test_a_conditional_registration_needs_no_presence() -> None:
    registration = register(registration_body(flags=AT), begin={"mediation": "conditional"})
    assert (registration.user_present, registration.user_verified) == (False, False)


@pytest.mark.parametrize("requirement", ["required", "preferred", "discouraged"])
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("from_policy", [True, False])
def test_user_verification(requirement: str, verified: bool, from_policy: bool) -> None:
    rp = relying_party(user_verification=requirement) if from_policy else relying_party()
    begin = {} if from_policy else {"user_verification": requirement}
    body = registration_body(flags=UP | AT | (UV if verified else 0))
    if requirement == "required" and not verified:
        assert registration_refused(AuthenticatorDataRefused, body, rp=rp, begin=begin) == (
            Code.USER_NOT_VERIFIED,
            "user-verification",
        )
    else:
        assert register(body, rp=rp, begin=begin).user_verified is verified


@pytest.mark.parametrize(
    ("policy", "backup", "outcome"),
    [
        ({}, 0, None),
        ({}, BE, None),
        ({}, BE | BS, None),
        ({}, BS, (Code.BACKUP_STATE_WITHOUT_ELIGIBILITY, "backup-flags")),
        ({"backup": "forbidden"}, 0, None),
        ({"backup": "forbidden"}, BE, (Code.BACKUP_NOT_ALLOWED, "backup-eligibility")),
        ({"backup": "forbidden"}, BE | BS, (Code.BACKUP_NOT_ALLOWED, "backup-eligibility")),
        ({"backup": "required"}, 0, (Code.BACKUP_REQUIRED, "backup-eligibility")),
        ({"backup": "required"}, BE, None),
        ({"require_backed_up": True}, 0, (Code.BACKUP_REQUIRED, "backup-state")),
        ({"require_backed_up": True}, BE, (Code.BACKUP_REQUIRED, "backup-state")),
        ({"require_backed_up": True}, BE | BS, None),
        ({"backup": "required", "require_backed_up": True}, BE | BS, None),
        ({"backup": "required", "require_backed_up": True}, 0, (Code.BACKUP_REQUIRED, "backup-eligibility")),
    ],
)
def test_backup(policy: dict[str, Any], backup: int, outcome: Any) -> None:
    body, rp = registration_body(flags=UP | AT | backup), relying_party(**policy)
    if outcome is None:
        record = register(body, rp=rp).record
        assert (record.backup_eligible, record.backup_state) == (bool(backup & BE), bool(backup & BS))
    else:
        assert registration_refused(AuthenticatorDataRefused, body, rp=rp) == outcome


@pytest.mark.parametrize("reserved", [0x02, 0x20, 0x22])
def test_reserved_flags_pass(reserved: int) -> None:
    assert register(registration_body(flags=DEFAULT | reserved)).record


def test_esp256_is_not_es256() -> None:
    """Both mean P-256, but only what was offered literally may come back."""
    key = replace(signing_key(-7), algorithm=-9, cose=signing_key(-7).cose | {3: -9})
    body = registration_body(Credential(key=key))
    assert registration_refused(AuthenticatorDataRefused, body) == (Code.ALGORITHM_NOT_OFFERED, "algorithm")
    assert register(body, rp=relying_party(algorithms=[-9])).record


# Attestation


@pytest.mark.parametrize("name", ["None", "later", "", "none ", "android-safetynet"])
def test_format(name: str) -> None:
    data = authenticator_data(DEFAULT, attested=Credential().attested)
    body = registration_body(attestationObject=base64url(attestation_object(data, name=name)))
    assert registration_refused(AttestationRefused, body) == (Code.FORMAT_NOT_SUPPORTED, "format")


def test_a_format_may_be_left_out() -> None:
    rp = relying_party(attestation=AttestationPolicy(formats=["packed"]))
    assert registration_refused(AttestationRefused, rp=rp) == (Code.FORMAT_NOT_SUPPORTED, "format")


@pytest.mark.parametrize("statement", [{"alg": -7}, {"x5c": []}, []])
def test_none_has_an_empty_statement(statement: Any) -> None:
    data = authenticator_data(DEFAULT, attested=Credential().attested)
    encoded = canonical_map({"fmt": "none", "attStmt": statement, "authData": data})
    with pytest.raises((Malformed, Refused)) as caught:
        register(registration_body(attestationObject=base64url(encoded)))
    assert caught.value.code in (Code.ATTESTATION_STATEMENT, Code.ATTESTATION_INVALID)


def test_trust() -> None:
    direct = AttestationPolicy(conveyance="direct", allow_unanchored=True)
    assert registration_refused(AttestationRefused, rp=relying_party(attestation=direct)) == (
        Code.ATTESTATION_NOT_ALLOWED,
        "attestation-trust",
    )
    forbidden = AttestationPolicy(forbidden_aaguids=[AAGUID])
    assert registration_refused(AttestationRefused, rp=relying_party(attestation=forbidden)) == (
        Code.AAGUID_NOT_ALLOWED,
        "attestation-trust",
    )


# Credential id


def test_credential_id_length() -> None:
    assert register(registration_body(Credential(id=b"i" * 1023))).record.id == b"i" * 1023
    assert register(registration_body(Credential(id=b"i"))).record.id == b"i"
    for length in (1024, 5000):
        assert registration_refused(CredentialRefused, registration_body(Credential(id=b"i" * length))) == (
            Code.CREDENTIAL_ID_TOO_LONG,
            "credential-id-length",
        )


# Extensions

PROTECTED = canonical_map({"credProtect": 2})


def test_unsolicited_extensions() -> None:
    body = registration_body(flags=DEFAULT | ED, extensions=PROTECTED) | {"clientExtensionResults": {"later": 1}}
    registration = register(body)
    assert registration.unsolicited_extensions == ("credProtect", "later")
    assert registration.authenticator_extensions == {"credProtect": 2}
    assert registration.client_extension_results == {"later": 1}
    strict = relying_party(unsolicited_extensions="refuse")
    assert registration_refused(ExtensionRefused, body, rp=strict) == (Code.EXTENSION_UNSOLICITED, "extensions")
    assert register(rp=strict).record


@pytest.mark.parametrize(
    ("policy", "level"),
    [
        ("userVerificationOptional", 1),
        ("userVerificationOptionalWithCredentialIDList", 2),
        ("userVerificationRequired", 3),
    ],
)
@pytest.mark.parametrize("granted", [1, 2, 3])
def test_enforced_protection(policy: str, level: int, granted: int) -> None:
    asked = {"credentialProtectionPolicy": policy, "enforceCredentialProtectionPolicy": True}
    rp = relying_party(unsolicited_extensions="refuse")
    body = registration_body(flags=DEFAULT | ED, extensions=canonical_map({"credProtect": granted}))
    if granted >= level:
        assert register(body, rp=rp, begin={"extensions": asked}).authenticator_extensions == {"credProtect": granted}
    else:
        assert registration_refused(ExtensionRefused, body, rp=rp, begin={"extensions": asked}) == (
            Code.EXTENSION_LESS_THAN_ASKED,
            "extensions",
        )
