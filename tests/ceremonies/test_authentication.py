"""Authentication: each step of section 7.2 at its boundary, accepted on one side and refused on the other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from finishing import sign_in, sign_in_refused, sign_in_with
from honest import (
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
    authentication_body,
    authentication_state,
    base64url,
    canonical_map,
    client_data,
    record,
    relying_party,
)
from signing_keys import ALGORITHMS, signing_key
from unlatch import BackupChange, KeyCache, Malformed, RelyingParty, SignCountVerdict
from unlatch.codes import Code
from unlatch.errors import (
    AuthenticatorDataRefused,
    CeremonyRefused,
    ClientDataRefused,
    CredentialRefused,
    ExtensionRefused,
)
from unlatch.wire.responses import AuthenticationResponse

TOP = "https://top.example"


# The cache of keys


@pytest.mark.parametrize("algorithm", [-7, -257])
def test_with_a_cache_the_verdicts_are_the_same(algorithm: int) -> None:
    credential = Credential(key=signing_key(algorithm))
    rp = RelyingParty(id=RP_ID, origins=[ORIGIN], key_cache=KeyCache(2))
    for _ in range(2):
        assert sign_in(authentication_body(credential), record(credential), rp=rp).user_handle == USER.id
    other = replace(record(credential), public_key=record(Credential(key=signing_key(algorithm, 1))).public_key)
    for _ in range(2):
        refusal = sign_in_refused(CredentialRefused, authentication_body(credential), other, rp=rp)
        assert refusal == (Code.SIGNATURE_INVALID, "signature")
    assert rp.key_cache.load.cache_info()[:2] == (2, 2), "hits and misses"


# What comes out


def test_the_updated_record_and_the_verdicts() -> None:
    stored = record(sign_count=3, backup_state=False, name="blue key", transports=("usb",), created_at=NOW)
    authentication = sign_in(authentication_body(count=4), stored)
    assert authentication.record == replace(stored, sign_count=4, backup_state=True, last_used_at=NOW)
    assert authentication.user_handle == USER.id
    assert (authentication.user_present, authentication.user_verified) == (True, True)
    assert authentication.verified_as_factor is True
    assert authentication.sign_count is SignCountVerdict.INCREASED
    assert authentication.backup_change is BackupChange.BACKED_UP
    assert authentication.eligibility_changed is False
    assert authentication.client_extension_results == authentication.authenticator_extensions == {}
    assert authentication.unsolicited_extensions == ()
    assert (authentication.origin, authentication.cross_origin, authentication.top_origin) == (ORIGIN, False, None)
    assert stored.sign_count == 3, "the record that was passed in is not changed"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm(algorithm: int) -> None:
    """A record keeps its algorithm, whatever is offered to new credentials."""
    credential = Credential(key=signing_key(algorithm))
    assert sign_in(authentication_body(credential), record(credential))
    assert sign_in_refused(
        CredentialRefused, authentication_body(Credential(key=signing_key(algorithm, 1))), record(credential)
    ) == (
        Code.SIGNATURE_INVALID,
        "signature",
    )


def test_a_parsed_response_is_not_parsed_again() -> None:
    assert sign_in(AuthenticationResponse.from_json(authentication_body()))


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("initialized", [True, False])
def test_verification_as_a_factor(verified: bool, initialized: bool) -> None:
    """Not in the ceremony that would flip it to true, and never by itself."""
    body = authentication_body(flags=UP | BE | (UV if verified else 0))
    authentication = sign_in(body, record(uv_initialized=initialized))
    assert authentication.user_verified is verified
    assert authentication.verified_as_factor is (verified and initialized)
    assert authentication.record.uv_initialized is initialized


# The ceremony


def test_options() -> None:
    rp = relying_party()
    assert sign_in(begin={"session": "s"}, session="s")
    assert sign_in_refused(CeremonyRefused, begin={"session": "s"}, session="t") == (Code.CEREMONY_SESSION, "options")
    assert sign_in_refused(CeremonyRefused, now=NOW + timedelta(seconds=300)) == (Code.CEREMONY_EXPIRED, "options")
    for state, code in (
        (rp.begin_registration(USER, challenge=CHALLENGE, now=NOW).state, Code.CEREMONY_KIND),
        (replace(authentication_state(), rp_id="example.com"), Code.CEREMONY_RELYING_PARTY),
    ):
        with pytest.raises(CeremonyRefused) as caught:
            rp.finish_authentication(state, authentication_body(), record(), now=NOW)
        assert (caught.value.code, caught.value.step) == (code, "authentication.options")


# Credential and user


def test_allowed_credentials() -> None:
    other = record(Credential(id=b"another"))
    begin = {"user": USER, "records": [record(), other]}
    assert sign_in(begin=begin)
    assert sign_in_refused(CredentialRefused, begin={"user": USER, "records": [other]}) == (
        Code.CREDENTIAL_NOT_ALLOWED,
        "allow-credentials",
    )
    assert sign_in(begin={"user": USER, "records": []}), "an empty list allows all of the user's"


def test_the_record_is_the_one_of_the_response() -> None:
    assert sign_in_refused(CredentialRefused, None, record(Credential(id=b"another"))) == (
        Code.CREDENTIAL_UNKNOWN,
        "user",
    )
    assert sign_in_refused(CredentialRefused, None, record(rp_id="example.com")) == (Code.CREDENTIAL_UNKNOWN, "user")


def test_no_record() -> None:
    """What a caller's look-up returns for an id that nobody has."""
    rp = relying_party()
    with pytest.raises(CredentialRefused) as caught:
        rp.finish_authentication(authentication_state(rp), authentication_body(), None, now=NOW)
    assert (caught.value.code, caught.value.step) == (Code.CREDENTIAL_UNKNOWN, "authentication.user")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("handle", ["owner", "other", None])
@pytest.mark.parametrize("owner", ["owner", "other"])
def test_whose_credential_it_is(known: bool, handle: str | None, owner: str) -> None:
    """The ceremony is for nobody or for `owner`; the response names `handle`; its owner is `owner`."""
    handles = {"owner": USER.id, "other": b"somebody else"}
    body = authentication_body(userHandle=None if handle is None else base64url(handles[handle]))
    stored = record(user_handle=handles[owner])
    begin = {"user": USER} if known else {}
    if known and owner == "other":
        assert sign_in_refused(CredentialRefused, body, stored, begin=begin) == (
            Code.CREDENTIAL_OF_ANOTHER_USER,
            "user",
        )
    elif not known and handle is None:
        assert sign_in_refused(CredentialRefused, body, stored, begin=begin) == (Code.USER_HANDLE_MISSING, "user")
    elif handle is not None and handle != owner:
        assert sign_in_refused(CredentialRefused, body, stored, begin=begin) == (Code.USER_HANDLE_MISMATCH, "user")
    else:
        assert sign_in(body, stored, begin=begin).user_handle == handles[owner]


def test_a_user_known_by_handle_alone() -> None:
    assert sign_in(begin={"user": USER.id, "records": [record()]}).user_handle == USER.id


# Client data


@pytest.mark.parametrize("kind", ["webauthn.create", "payment.get", "webauthn.Get", ""])
def test_type(kind: str) -> None:
    assert sign_in_refused(ClientDataRefused, authentication_body(client=client_data(kind))) == (
        Code.TYPE_MISMATCH,
        "type",
    )


def test_client_data_that_is_not_expected() -> None:
    for members, outcome in (
        ({"challenge": bytes(32)}, (Code.CHALLENGE_MISMATCH, "challenge")),
        ({"challenge": base64url(CHALLENGE) + "="}, (Code.CHALLENGE_MISMATCH, "challenge")),
        ({"origin": "https://example.com"}, (Code.ORIGIN_NOT_EXPECTED, "origin")),
        ({"origin": "https://login.example.org"}, (Code.ORIGIN_NOT_EXPECTED, "origin")),
        ({"crossOrigin": True}, (Code.CROSS_ORIGIN_NOT_EXPECTED, "cross-origin")),
        ({"topOrigin": TOP}, (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin")),
    ):
        assert sign_in_refused(ClientDataRefused, sign_in_with(**members)) == outcome


def test_framing_that_is_expected() -> None:
    rp = relying_party(allow_cross_origin=True, top_origins=[TOP], allow_subdomains=True)
    authentication = sign_in(sign_in_with(crossOrigin=True, topOrigin=TOP, origin="https://a.example.org"), rp=rp)
    assert (authentication.cross_origin, authentication.top_origin) == (True, TOP)
    assert authentication.origin == "https://a.example.org"
    assert sign_in_refused(ClientDataRefused, sign_in_with(crossOrigin=True, topOrigin=ORIGIN), rp=rp) == (
        Code.TOP_ORIGIN_NOT_EXPECTED,
        "top-origin",
    )


# Authenticator data

APP_ID = "https://example.org/u2f.json"


@pytest.mark.parametrize(
    ("requested", "output", "scope", "accepted"),
    [
        (False, None, RP_ID, True),
        (False, None, "example.com", False),
        (False, None, APP_ID, False),
        (False, True, APP_ID, False),
        (False, True, RP_ID, True),
        (True, None, RP_ID, True),
        (True, None, APP_ID, True),
        (True, False, RP_ID, True),
        (True, False, APP_ID, True),
        (True, True, APP_ID, True),
        (True, True, RP_ID, False),
        (True, True, "https://example.org/other.json", False),
        (True, None, "example.com", False),
    ],
)
def test_rp_id_hash_and_app_id(requested: bool, output: bool | None, scope: str, accepted: bool) -> None:
    body = authentication_body(rp_id=scope)
    if output is not None:
        body["clientExtensionResults"] = {"appid": output}
    begin = {"extensions": {"appid": APP_ID}} if requested else {}
    if accepted:
        assert sign_in(body, begin=begin)
    else:
        assert sign_in_refused(AuthenticatorDataRefused, body, begin=begin) == (Code.RP_ID_HASH_MISMATCH, "rp-id-hash")


@pytest.mark.parametrize("mediation", [None, "optional", "conditional"])
def test_user_presence(mediation: str | None) -> None:
    body = authentication_body(flags=UV | BE)
    assert sign_in_refused(AuthenticatorDataRefused, body, begin={"mediation": mediation}) == (
        Code.USER_NOT_PRESENT,
        "user-presence",
    )


@pytest.mark.parametrize("requirement", ["required", "preferred", "discouraged"])
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("from_policy", [True, False])
def test_user_verification(requirement: str, verified: bool, from_policy: bool) -> None:
    rp = relying_party(user_verification=requirement) if from_policy else relying_party()
    begin = {} if from_policy else {"user_verification": requirement}
    body = authentication_body(flags=UP | BE | (UV if verified else 0))
    if requirement == "required" and not verified:
        assert sign_in_refused(AuthenticatorDataRefused, body, rp=rp, begin=begin) == (
            Code.USER_NOT_VERIFIED,
            "user-verification",
        )
    else:
        assert sign_in(body, rp=rp, begin=begin).user_verified is verified


def test_backup_flags() -> None:
    for registered in (None, True, False):
        assert sign_in_refused(
            AuthenticatorDataRefused, authentication_body(flags=UP | BS), record(backup_eligible=registered)
        ) == (
            Code.BACKUP_STATE_WITHOUT_ELIGIBILITY,
            "backup-flags",
        )


@pytest.mark.parametrize("change", ["refuse", "allow-upgrade", "report"])
@pytest.mark.parametrize("registered", [None, True, False])
@pytest.mark.parametrize("current", [True, False])
def test_backup_eligibility(change: str, registered: bool | None, current: bool) -> None:
    rp = relying_party(eligibility_change=change)
    body = authentication_body(flags=UP | (BE if current else 0))
    stored = record(backup_eligible=registered, backup_state=False)
    differs = registered is not None and registered is not current
    if differs and (change == "refuse" or (change == "allow-upgrade" and registered)):
        assert sign_in_refused(AuthenticatorDataRefused, body, stored, rp=rp) == (
            Code.BACKUP_ELIGIBILITY_CHANGED,
            "backup-eligibility",
        )
    else:
        authentication = sign_in(body, stored, rp=rp)
        assert authentication.eligibility_changed is differs
        assert authentication.record.backup_eligible is current


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (False, False, BackupChange.NONE),
        (True, True, BackupChange.NONE),
        (False, True, BackupChange.BACKED_UP),
        (True, False, BackupChange.NO_LONGER_BACKED_UP),
    ],
)
def test_backup_change(before: bool, now: bool, change: BackupChange) -> None:
    body = authentication_body(flags=UP | BE | (BS if now else 0))
    authentication = sign_in(body, record(backup_state=before))
    assert authentication.backup_change is change
    assert authentication.record.backup_state is now


@pytest.mark.parametrize("reserved", [0x02, 0x20, 0x22])
def test_reserved_flags_pass(reserved: int) -> None:
    assert sign_in(authentication_body(flags=UP | BE | reserved))


# Signature


def test_signature() -> None:
    body = authentication_body()
    for signature in ("AA", base64url(bytes(70)), base64url(b"\x30\x06\x02\x01\x01\x02\x01\x01")):
        assert sign_in_refused(CredentialRefused, body | {"response": body["response"] | {"signature": signature}}) == (
            Code.SIGNATURE_INVALID,
            "signature",
        )


def test_the_algorithm_is_the_stored_keys() -> None:
    """The same point under another algorithm is another key."""
    credential = Credential(key=signing_key(-257))
    other = canonical_map(credential.key.cose | {3: -37})
    assert sign_in_refused(
        CredentialRefused, authentication_body(credential), record(credential, public_key=other)
    ) == (
        Code.SIGNATURE_INVALID,
        "signature",
    )


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xa0",
        b"\x00",
        b"\xff",
        Credential().cose[:-1],
        Credential().cose + b"\0",
        canonical_map(Credential().key.cose | {-3: bytes(32)}),
        canonical_map(Credential().key.cose | {3: -65535}),
    ],
)
def test_the_stored_key_is_judged_again(stored: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        sign_in(None, record(public_key=stored))
    assert caught.value.path == "record.publicKey"


@pytest.mark.parametrize("algorithm", [-8, -53])
def test_a_stored_edwards_point_off_its_curve_verifies_nothing(algorithm: int) -> None:
    credential = Credential(key=signing_key(algorithm))
    size = len(credential.key.cose[-2])
    for low in range(2, 12):
        stored = canonical_map(credential.key.cose | {-2: low.to_bytes(size, "little")})
        assert sign_in_refused(
            CredentialRefused, authentication_body(credential), record(credential, public_key=stored)
        ) == (
            Code.SIGNATURE_INVALID,
            "signature",
        )


# Extensions


def test_unsolicited_extensions() -> None:
    body = authentication_body(flags=UP | BE | ED, extensions=canonical_map({"later": 1}))
    body["clientExtensionResults"] = {"sooner": 1}
    authentication = sign_in(body)
    assert authentication.unsolicited_extensions == ("later", "sooner")
    assert authentication.authenticator_extensions == {"later": 1}
    strict = relying_party(unsolicited_extensions="refuse")
    assert sign_in_refused(ExtensionRefused, body, rp=strict) == (Code.EXTENSION_UNSOLICITED, "extensions")
