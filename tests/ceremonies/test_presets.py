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
