"""Chromium's virtual authenticator, option by option, through the library: keys, flags, counters, attestation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chromium.party import DIRECT, USER, party, register, sign_in
from chromium.tabs import BrowserError
from unlatch import Refused
from unlatch.codes import Code
from unlatch.terms import AttestationType, BackupChange, SignCountVerdict, TrustVerdict
from unlatch.wire.algorithms import ALGORITHMS


def refusal(ceremony, *arguments, **options):
    """The code of the refusal that a ceremony must end with."""
    with pytest.raises(Refused) as caught:
        ceremony(*arguments, **options)
    return caught.value.code


@pytest.mark.parametrize("algorithm", [-7, -8, -257, -48, -49, -50], ids=lambda each: ALGORITHMS[each].name)
def test_algorithms(tab, site, algorithm):
    rp = party(site.origin, algorithms=(algorithm,))
    tab.plug_in()
    registration = register(rp, tab)
    assert registration.attestation.type is AttestationType.NONE
    assert registration.record.discoverable is None
    known = sign_in(rp, tab, registration.record)
    found = sign_in(rp, tab, known.record, known=False)
    autofill = sign_in(rp, tab, found.record, known=False, asked="conditional")
    assert autofill.user_handle == USER.id
    assert {each.sign_count for each in (known, found, autofill)} == {SignCountVerdict.INCREASED}


@pytest.mark.parametrize("algorithm", [-35, -36, -37, -47, -53], ids=lambda each: ALGORITHMS[each].name)
def test_algorithms_that_it_has_not(tab, site, algorithm):
    """When this fails, Chromium has learnt one: move it to the list above."""
    tab.plug_in()
    with pytest.raises(BrowserError) as caught:
        register(party(site.origin, algorithms=(algorithm,)), tab)
    assert caught.value.name == "NotAllowedError"


@pytest.mark.parametrize("algorithm", [-7, -8, -257, -48], ids=lambda each: ALGORITHMS[each].name)
@pytest.mark.parametrize("version", ["ctap2_0", "ctap2_1"])
def test_packed_attestation(tab, site, algorithm, version):
    rp = party(site.origin, algorithms=(algorithm,), attestation=DIRECT)
    tab.plug_in(transport="usb", ctap2Version=version)
    ceremony = rp.begin_registration(USER)
    body = tab.create(ceremony.options.to_json())
    registration = rp.finish_registration(ceremony.state, body)
    verdict = registration.attestation
    assert (verdict.format, verdict.type) == ("packed", AttestationType.BASIC_OR_ATTCA)
    assert verdict.trust is TrustVerdict.UNANCHORED
    assert registration.record.aaguid != bytes(16)
    sign_in(rp, tab, registration.record)

    # The certificate is of its own making, for this one passkey; whoever names it, trusts it.
    trusting = party(site.origin, algorithms=(algorithm,), attestation=replace(DIRECT, anchors=verdict.trust_path))
    assert trusting.finish_registration(ceremony.state, body).attestation.trust is TrustVerdict.ANCHORED


def test_an_attestation_that_leads_nowhere_is_refused_by_default(tab, site):
    rp = party(site.origin, attestation=replace(DIRECT, allow_unanchored=False, anchors=[_stranger()]))
    tab.plug_in(transport="usb")
    assert refusal(register, rp, tab) is Code.ATTESTATION_NOT_TRUSTED


def _stranger():
    from unlatch.testing import SoftwareAuthenticator

    return SoftwareAuthenticator().trust_anchors[0]


def test_fido_u2f(tab, site):
    rp = party(site.origin, attestation=DIRECT, resident_key="discouraged", user_verification="discouraged")
    tab.plug_in(protocol="u2f", transport="usb", hasResidentKey=False, hasUserVerification=False)
    registration = register(rp, tab, extensions={"credProps": True})
    verdict = registration.attestation
    assert (verdict.format, verdict.type) == ("fido-u2f", AttestationType.BASIC_OR_ATTCA)
    assert (registration.user_verified, registration.record.aaguid) == (False, bytes(16))
    assert registration.record.discoverable is False
    signed_in = sign_in(rp, tab, registration.record)
    assert (signed_in.user_verified, signed_in.sign_count) == (False, SignCountVerdict.INCREASED)


@pytest.mark.parametrize(
    ("transport", "attachment"),
    [("internal", "platform"), ("usb", "cross-platform"), ("nfc", "cross-platform"), ("ble", "cross-platform")],
)
def test_transports(tab, site, transport, attachment):
    rp = party(site.origin, attachment=attachment)
    tab.plug_in(transport=transport)
    record = register(rp, tab).record
    assert (record.transports, record.attachment) == ((transport,), attachment)
    assert sign_in(rp, tab, record).user_handle == USER.id


@pytest.mark.parametrize("hints", [["security-key"], ["client-device"], ["hybrid"], ["client-device", "hybrid"]])
def test_hints(tab, site, hints):
    """Hints are for people to see; a virtual authenticator answers whatever they are."""
    rp = party(site.origin, hints=hints)
    tab.plug_in(transport="usb" if hints == ["security-key"] else "internal")
    record = register(rp, tab).record
    assert sign_in(rp, tab, record).user_handle == USER.id


def test_not_resident(tab, site):
    tab.plug_in(hasResidentKey=False, transport="usb")
    with pytest.raises(BrowserError) as caught:
        register(party(site.origin), tab)
    assert caught.value.name == "NotAllowedError"
    rp = party(site.origin, resident_key="preferred")
    registration = register(rp, tab, extensions={"credProps": True})
    assert registration.record.discoverable is False
    assert sign_in(rp, tab, registration.record).user_handle == USER.id


@pytest.mark.parametrize(("wanted", "resident"), [("required", True), ("preferred", True), ("discouraged", False)])
def test_resident_if_wanted(tab, site, wanted, resident):
    rp = party(site.origin, resident_key=wanted)
    tab.plug_in(transport="usb")
    assert register(rp, tab, extensions={"credProps": True}).record.discoverable is resident


def test_without_user_verification(tab, site):
    tab.plug_in(transport="usb", hasUserVerification=False, isUserVerified=False)
    with pytest.raises(BrowserError) as caught:
        register(party(site.origin, user_verification="required"), tab)
    assert caught.value.name == "NotAllowedError"
    rp = party(site.origin, resident_key="discouraged")
    registration = register(rp, tab)
    assert (registration.user_verified, registration.record.uv_initialized) == (False, False)
    signed_in = sign_in(rp, tab, registration.record)
    assert (signed_in.user_verified, signed_in.verified_as_factor) == (False, False)


def test_user_verification_that_fails_and_that_is_discouraged(tab, site):
    rp = party(site.origin, user_verification="required")
    authenticator = tab.plug_in()
    registration = register(rp, tab)
    assert registration.record.uv_initialized
    assert sign_in(rp, tab, registration.record).verified_as_factor
    authenticator.command("setUserVerified", isUserVerified=False)
    with pytest.raises(BrowserError) as caught:
        sign_in(rp, tab, registration.record)
    assert caught.value.name == "NotAllowedError"


@pytest.mark.parametrize(
    ("bit", "code"),
    [
        ("isBogusSignature", Code.SIGNATURE_INVALID),
        ("isBadUV", Code.USER_NOT_VERIFIED),
        ("isBadUP", Code.USER_NOT_PRESENT),
    ],
)
def test_override_bits(tab, site, bit, code):
    rp = party(site.origin, user_verification="required")
    authenticator = tab.plug_in()
    record = register(rp, tab).record
    authenticator.command("setResponseOverrideBits", **{bit: True})
    assert refusal(sign_in, rp, tab, record) is code
    authenticator.command("setResponseOverrideBits", **{bit: False})
    assert sign_in(rp, tab, record).user_verified


@pytest.mark.parametrize(
    ("bit", "code"),
    [
        ("isBogusSignature", Code.ATTESTATION_SIGNATURE),
        ("isBadUV", Code.USER_NOT_VERIFIED),
        ("isBadUP", Code.USER_NOT_PRESENT),
    ],
)
def test_override_bits_at_registration(tab, site, bit, code):
    rp = party(site.origin, user_verification="required", attestation=DIRECT)
    authenticator = tab.plug_in(transport="usb")
    authenticator.command("setResponseOverrideBits", **{bit: True})
    assert refusal(register, rp, tab) is code


def test_backup_flags_are_kept_and_followed(tab, site):
    rp = party(site.origin)
    authenticator = tab.plug_in(defaultBackupEligibility=True, defaultBackupState=False)
    record = register(rp, tab).record
    assert (record.backup_eligible, record.backup_state) == (True, False)

    def set_properties(**properties):
        credential_id = authenticator.credentials[0]["credentialId"]
        authenticator.command("setCredentialProperties", credentialId=credential_id, **properties)

    set_properties(backupState=True)
    signed_in = sign_in(rp, tab, record)
    assert (signed_in.backup_change, signed_in.record.backup_state) == (BackupChange.BACKED_UP, True)
    set_properties(backupState=False)
    signed_in = sign_in(rp, tab, signed_in.record)
    assert signed_in.backup_change is BackupChange.NO_LONGER_BACKED_UP

    set_properties(backupEligibility=False)
    assert refusal(sign_in, rp, tab, signed_in.record) is Code.BACKUP_ELIGIBILITY_CHANGED
    set_properties(backupState=True)
    assert refusal(sign_in, rp, tab, signed_in.record) is Code.BACKUP_STATE_WITHOUT_ELIGIBILITY


def test_a_passkey_that_becomes_synced(tab, site):
    authenticator = tab.plug_in(defaultBackupEligibility=False)
    record = register(party(site.origin), tab).record
    credential_id = authenticator.credentials[0]["credentialId"]
    authenticator.command("setCredentialProperties", credentialId=credential_id, backupEligibility=True)
    assert refusal(sign_in, party(site.origin), tab, record) is Code.BACKUP_ELIGIBILITY_CHANGED
    lenient = party(site.origin, eligibility_change="allow-upgrade")
    signed_in = sign_in(lenient, tab, record)
    assert (signed_in.eligibility_changed, signed_in.record.backup_eligible) == (True, True)


@pytest.mark.parametrize(("rule", "eligible"), [("forbidden", True), ("required", False)])
def test_synced_passkeys_may_be_forbidden_or_required(tab, site, rule, eligible):
    tab.plug_in(defaultBackupEligibility=eligible, defaultBackupState=eligible)
    expected = Code.BACKUP_NOT_ALLOWED if eligible else Code.BACKUP_REQUIRED
    assert refusal(register, party(site.origin, backup=rule), tab) is expected


def test_a_copy_of_the_authenticator_is_noticed(tab, site):
    rp = party(site.origin)
    authenticator = tab.plug_in()
    record = register(rp, tab).record
    copy = authenticator.credentials[0]
    for _ in range(3):
        record = sign_in(rp, tab, record).record
    tab.unplug_all()
    thief = tab.plug_in()
    thief.command("addCredential", credential=copy)
    assert refusal(sign_in, rp, tab, record) is Code.SIGN_COUNT_REGRESSED
    flagging = party(site.origin, counter_regression="flag")
    flagged = sign_in(flagging, tab, record)
    assert (flagged.sign_count, flagged.record.sign_count) == (SignCountVerdict.REGRESSED, record.sign_count)


def test_an_excluded_authenticator_says_so(tab, site):
    rp = party(site.origin)
    tab.plug_in()
    record = register(rp, tab).record
    with pytest.raises(BrowserError) as caught:
        register(rp, tab, exclude=[record])
    assert caught.value.name == "InvalidStateError"


def test_two_authenticators(tab, site):
    rp = party(site.origin)
    tab.plug_in()
    first = register(rp, tab).record
    tab.plug_in(transport="usb")
    second = register(rp, tab, exclude=[first]).record
    assert sign_in(rp, tab, second).record.id == second.id
    assert sign_in(rp, tab, first).record.id == first.id


def test_conditional_create_is_not_done_by_this_browser(tab, site):
    """It refuses, or waits for a person. When this fails, Chromium has learnt it: test the whole ceremony here."""
    tab.plug_in()
    ceremony = party(site.origin).begin_registration(USER, mediation="conditional")
    with pytest.raises(BrowserError) as caught:
        tab.create(ceremony.options.to_json(), mediation="conditional", patience=1000)
    assert caught.value.name in ("NotAllowedError", "TimeoutError")
