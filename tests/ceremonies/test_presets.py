"""Policies with a name: passkey, second factor, attested."""

import pytest

from unlatch import (
    AttestationPolicy,
    AttestationRefused,
    AuthenticatorDataRefused,
    Code,
    Misconfigured,
    Policy,
    RelyingParty,
    TrustVerdict,
    UserEntity,
)
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

ADA = UserEntity(b"handle-of-ada", "ada")
ORIGIN = "https://example.org"
ROOT_OF_NOBODY = SoftwareAuthenticator(attestation="packed").root.certificate


def site(policy):
    return RelyingParty(id="example.org", policy=policy)


def register(rp, authenticator):
    begun = rp.begin_registration(ADA)
    browser = EmulatedBrowser(ORIGIN, authenticator)
    return rp.finish_registration(begun.state, browser.create(begun.options.to_json()))


def test_passkey():
    policy = Policy.passkey()
    assert (policy.resident_key, policy.user_verification) == ("required", "required")
    rp = site(policy)
    assert register(rp, SoftwareAuthenticator()).record.uv_initialized
    begun = rp.begin_authentication()
    assert begun.options.user_verification == "required"


def test_a_passkey_made_by_conditional_create_cannot_be_verified():
    rp = site(Policy.passkey())
    with pytest.raises(Misconfigured):
        rp.begin_registration(ADA, mediation="conditional")
    begun = rp.begin_registration(ADA, mediation="conditional", user_verification="preferred")
    browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator())
    record = rp.finish_registration(
        begun.state, browser.create(begun.options.to_json(), mediation="conditional")
    ).record
    assert not record.uv_initialized


def test_second_factor():
    policy = Policy.second_factor()
    rp = site(policy)
    authenticator = SoftwareAuthenticator(user_verified=False)
    record = register(rp, authenticator).record
    assert not record.uv_initialized
    with pytest.raises(Misconfigured):
        rp.begin_authentication()
    begun = rp.begin_authentication(user=ADA, records=[record])
    assert begun.options.user_verification == "discouraged"
    done = rp.finish_authentication(
        begun.state, EmulatedBrowser(ORIGIN, authenticator).get(begun.options.to_json()), record
    )
    assert not done.verified_as_factor


def test_attested():
    authenticator = SoftwareAuthenticator(attestation="packed")
    policy = Policy.attested(authenticator.trust_anchors)
    registration = register(site(policy), authenticator)
    assert registration.attestation.trust is TrustVerdict.ANCHORED
    assert registration.record.attestation_object
    for refused in ("none", "packed-self"):
        with pytest.raises(AttestationRefused):
            register(site(policy), SoftwareAuthenticator(attestation=refused))
    with pytest.raises(AttestationRefused):
        register(site(policy), SoftwareAuthenticator(attestation="packed"))
    synced = SoftwareAuthenticator(attestation="packed", backup_eligible=True)
    with pytest.raises(AuthenticatorDataRefused) as caught:
        register(site(Policy.attested(synced.trust_anchors)), synced)
    assert caught.value.code is Code.BACKUP_NOT_ALLOWED


def test_attested_with_more_to_say():
    authenticator = SoftwareAuthenticator(attestation="packed", aaguid=b"a model of ours!")
    anchors = authenticator.trust_anchors
    permitted = AttestationPolicy(permitted_aaguids=[b"a model of ours!"])
    policy = Policy.attested(anchors, enterprise=True, attestation=permitted, timeout=60)
    assert policy.attestation.conveyance == "enterprise"
    assert policy.timeout == 60
    assert register(site(policy), authenticator).attestation.trust is TrustVerdict.ANCHORED
    other = SoftwareAuthenticator(attestation="packed")
    with pytest.raises(AttestationRefused) as caught:
        register(site(Policy.attested(other.trust_anchors, attestation=permitted)), other)
    assert caught.value.code is Code.AAGUID_NOT_ALLOWED
    lenient = AttestationPolicy(allow_self=True, allow_unanchored=True)
    with pytest.raises(AttestationRefused):
        register(site(Policy.attested(anchors, attestation=lenient)), SoftwareAuthenticator(attestation="packed-self"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Policy.attested([]),
        lambda: Policy.attested([b"x"]),
        lambda: Policy.attested([b"x"], attestation="direct"),
        lambda: Policy.passkey(resident_keys="required"),
        lambda: Policy.second_factor(known_users_only="yes"),
    ],
)
def test_presets_that_cannot_be(make):
    with pytest.raises(Misconfigured):
        make()


def test_what_a_preset_says_can_be_overruled():
    assert Policy.passkey(user_verification="preferred").user_verification == "preferred"
    assert Policy.second_factor(known_users_only=False).known_users_only is False


def test_what_each_preset_says() -> None:
    def told(policy: Policy) -> tuple[object, ...]:
        return (policy.user_verification, policy.resident_key, policy.known_users_only, policy.backup)

    assert told(Policy.passkey()) == ("required", "required", False, "any")
    assert told(Policy.second_factor()) == ("discouraged", "discouraged", True, "any")
    attested = Policy.attested([ROOT_OF_NOBODY])
    assert told(attested) == ("required", "required", False, "forbidden")
    assert (attested.keep_attestation, attested.attestation.conveyance) == (True, "direct")
    assert Policy.attested([ROOT_OF_NOBODY], enterprise=True).attestation.conveyance == "enterprise"
    with pytest.raises(Misconfigured, match="no a_thing, b_thing"):
        Policy.passkey(b_thing=1, a_thing=2)


@pytest.mark.parametrize("enterprise", [True, False])
def test_an_attested_policy_takes_back_what_is_lenient(enterprise: bool) -> None:
    lenient = AttestationPolicy(
        allow_none=True, allow_self=True, allow_unanchored=True, permitted_aaguids=[bytes(16)], formats=["packed"]
    )
    strict = Policy.attested([ROOT_OF_NOBODY], attestation=lenient, enterprise=enterprise).attestation
    assert (strict.allow_none, strict.allow_self, strict.allow_unanchored) == (False, False, False)
    assert strict.conveyance == ("enterprise" if enterprise else "direct")
    assert (strict.permitted_aaguids, strict.formats) == ((bytes(16),), {"packed"})


def test_a_registration_asks_and_remembers_what_the_policy_says() -> None:
    attestation = AttestationPolicy(
        conveyance="direct", preferred_formats=["packed"], allow_self=True, allow_none=True, allow_unanchored=True
    )
    rp = RelyingParty(id="example.org", policy=Policy(attestation=attestation))
    browser = EmulatedBrowser("https://example.org", SoftwareAuthenticator(attestation="packed-self"))
    begun = rp.begin_registration(UserEntity(b"handle", "ada"))
    told = begun.options.to_json()
    assert (told["attestation"], told["attestationFormats"], begun.state.attestation) == (
        "direct",
        ["packed"],
        "direct",
    )
    record = rp.finish_registration(begun.state, browser.create(told)).record
    assert (record.attestation_format, record.attestation_type, record.trust) == ("packed", "self", "self")
