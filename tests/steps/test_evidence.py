"""Every refusal of a step tells the log its code, its step and both sides of the comparison.

The steps are called by themselves, with what a decoder makes of a few bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from honest import (
    BE,
    BS,
    CHALLENGE,
    ORIGIN,
    RP_ID,
    UP,
    UV,
    Credential,
    authentication_body,
    authenticator_data,
    base64url,
    client_data,
    record,
)
from unlatch import AuthenticationResponse, SignCountVerdict
from unlatch.codes import Code
from unlatch.errors import (
    AuthenticatorDataRefused,
    ClientDataRefused,
    CredentialRefused,
    ExtensionRefused,
    Refused,
)
from unlatch.steps import authenticator_data as of_authenticator_data
from unlatch.steps import client_data as of_client_data
from unlatch.steps import credential as of_credential
from unlatch.steps.authenticator_data import BackupRule, EligibilityChange
from unlatch.steps.credential import CounterRegression
from unlatch.steps.extensions import UnsolicitedExtensions, verify_extensions
from unlatch.terms import CeremonyKind
from unlatch.wire.authenticator_data import AuthenticatorData, decode_authenticator_data
from unlatch.wire.client_data import CollectedClientData, decode_client_data
from unlatch.wire.cose import decode_key

EVIL, TOP = "https://evil.example", "https://top.example"
CREDENTIAL = Credential()
ALGORITHM = CREDENTIAL.key.algorithm


def said(**members: Any) -> CollectedClientData:
    return decode_client_data(client_data("webauthn.create", **members), "input")


def flags(value: int) -> AuthenticatorData:
    return decode_authenticator_data(authenticator_data(value), "input")


def answered(**response: Any) -> AuthenticationResponse:
    body = authentication_body(CREDENTIAL)
    inner = {name: value for name, value in (body["response"] | response).items() if value is not ...}
    return AuthenticationResponse.from_json(body | {"response": inner})


def extensions(**changes: Any) -> Callable[[], object]:
    arguments: dict[str, Any] = {
        "requested": {"uvm": True, "credProps": True},
        "client_outputs": {"prf": {"enabled": True}},
        "signed_outputs": {},
        "unsolicited": UnsolicitedExtensions.REFUSE,
        "ceremony": CeremonyKind.REGISTRATION,
        "credential_id": CREDENTIAL.id,
    } | changes
    return lambda: verify_extensions(**arguments)


OF_CLIENT_DATA = [
    (
        lambda: of_client_data.verify_type(said(), "webauthn.get"),
        (Code.TYPE_MISMATCH, "type", "webauthn.get", "webauthn.create"),
    ),
    (
        lambda: of_client_data.verify_challenge(said(challenge="é"), CHALLENGE),
        (Code.CHALLENGE_MISMATCH, "challenge", base64url(CHALLENGE), "é"),
    ),
    (
        lambda: of_client_data.verify_origin(said(origin=EVIL), {"https://b.example", ORIGIN}, subdomains_of=None),
        (Code.ORIGIN_NOT_EXPECTED, "origin", ["https://b.example", ORIGIN], EVIL),
    ),
    (
        lambda: of_client_data.verify_cross_origin(said(crossOrigin=True), allowed=False),
        (Code.CROSS_ORIGIN_NOT_EXPECTED, "cross-origin", False, True),
    ),
    (
        lambda: of_client_data.verify_top_origin(
            said(crossOrigin=True, topOrigin=EVIL), {TOP, ORIGIN}, cross_origin_allowed=True
        ),
        (Code.TOP_ORIGIN_NOT_EXPECTED, "top-origin", [ORIGIN, TOP], EVIL),
    ),
]
OF_AUTHENTICATOR_DATA = [
    (
        lambda: of_authenticator_data.verify_rp_id_hash(flags(UP), (bytes(32),)),
        (Code.RP_ID_HASH_MISMATCH, "rp-id-hash", [bytes(32)], flags(UP).rp_id_hash),
    ),
    (
        lambda: of_authenticator_data.verify_user_presence(flags(UV), required=True),
        (Code.USER_NOT_PRESENT, "user-presence", True, False),
    ),
    (
        lambda: of_authenticator_data.verify_user_verification(flags(UP), required=True),
        (Code.USER_NOT_VERIFIED, "user-verification", True, False),
    ),
    (
        lambda: of_authenticator_data.verify_backup_flags(flags(BS)),
        (Code.BACKUP_STATE_WITHOUT_ELIGIBILITY, "backup-flags", "BE or not BS", "BS without BE"),
    ),
    (
        lambda: of_authenticator_data.verify_backup_eligibility(flags(BE), BackupRule.FORBIDDEN),
        (Code.BACKUP_NOT_ALLOWED, "backup-eligibility", False, True),
    ),
    (
        lambda: of_authenticator_data.verify_backup_eligibility(flags(UP), BackupRule.REQUIRED),
        (Code.BACKUP_REQUIRED, "backup-eligibility", True, False),
    ),
    (
        lambda: of_authenticator_data.verify_backup_state(flags(BE), required=True),
        (Code.BACKUP_REQUIRED, "backup-state", True, False),
    ),
    (
        lambda: of_authenticator_data.verify_same_backup_eligibility(flags(BE), False, EligibilityChange.REFUSE),
        (Code.BACKUP_ELIGIBILITY_CHANGED, "backup-eligibility", False, True),
    ),
    (
        lambda: of_authenticator_data.verify_same_backup_eligibility(flags(UP), True, EligibilityChange.ALLOW_UPGRADE),
        (Code.BACKUP_ELIGIBILITY_CHANGED, "backup-eligibility", True, False),
    ),
    (
        lambda: of_authenticator_data.verify_algorithm(decode_key(CREDENTIAL.cose, "key"), (-8, -257)),
        (Code.ALGORITHM_NOT_OFFERED, "algorithm", [-257, -8], ALGORITHM),
    ),
]
OF_THE_CREDENTIAL = [
    (
        lambda: of_credential.verify_credential_id_length(bytes(1024)),
        (Code.CREDENTIAL_ID_TOO_LONG, "credential-id-length", 1023, 1024),
    ),
    (
        lambda: of_credential.verify_allowed(b"mine", (b"a", b"b")),
        (Code.CREDENTIAL_NOT_ALLOWED, "allow-credentials", [b"a", b"b"], b"mine"),
    ),
    (
        lambda: of_credential.verify_user(answered(), None, rp_id=RP_ID, user_handle=None),
        (Code.CREDENTIAL_UNKNOWN, "user", None, CREDENTIAL.id),
    ),
    (
        lambda: of_credential.verify_user(answered(), record(id=b"another"), rp_id=RP_ID, user_handle=None),
        (Code.CREDENTIAL_UNKNOWN, "user", CREDENTIAL.id, b"another"),
    ),
    (
        lambda: of_credential.verify_user(answered(), record(), rp_id="example.com", user_handle=None),
        (Code.CREDENTIAL_UNKNOWN, "user", CREDENTIAL.id, CREDENTIAL.id),
    ),
    (
        lambda: of_credential.verify_user(answered(), record(), rp_id=RP_ID, user_handle=b"bob"),
        (Code.CREDENTIAL_OF_ANOTHER_USER, "user", b"bob", CREDENTIAL.user_handle),
    ),
    (
        lambda: of_credential.verify_user(answered(userHandle=...), record(), rp_id=RP_ID, user_handle=None),
        (Code.USER_HANDLE_MISSING, "user", CREDENTIAL.user_handle, None),
    ),
    (
        lambda: of_credential.verify_user(
            answered(userHandle=base64url(b"bob")), record(), rp_id=RP_ID, user_handle=None
        ),
        (Code.USER_HANDLE_MISMATCH, "user", CREDENTIAL.user_handle, b"bob"),
    ),
    (
        lambda: of_credential.verify_signature(answered(signature=base64url(b"\x30\x00")), record()),
        (Code.SIGNATURE_INVALID, "signature", "ES256", None),
    ),
    (
        lambda: of_credential.verify_sign_count(7, 7, CounterRegression.REFUSE),
        (Code.SIGN_COUNT_REGRESSED, "sign-count", "more than 7", 7),
    ),
    (
        lambda: of_credential.verify_sign_count(0, 1, CounterRegression.REFUSE),
        (Code.SIGN_COUNT_REGRESSED, "sign-count", "more than 1", 0),
    ),
]
OF_EXTENSIONS = [
    (extensions(), (Code.EXTENSION_UNSOLICITED, "extensions", ["credProps", "uvm"], ["prf"])),
]
REFUSALS = [
    pytest.param(kind, call, evidence, id=f"{evidence[0]}-{number}")
    for kind, cases in (
        (ClientDataRefused, OF_CLIENT_DATA),
        (AuthenticatorDataRefused, OF_AUTHENTICATOR_DATA),
        (CredentialRefused, OF_THE_CREDENTIAL),
        (ExtensionRefused, OF_EXTENSIONS),
    )
    for number, (call, evidence) in enumerate(cases)
]


@pytest.mark.parametrize(("kind", "call", "evidence"), REFUSALS)
def test_evidence(kind: type[Refused], call: Callable[[], object], evidence: tuple[object, ...]) -> None:
    with pytest.raises(Refused) as caught:
        call()
    refusal = caught.value
    assert type(refusal) is kind
    assert (refusal.code, refusal.step, refusal.expected, refusal.received) == evidence


@pytest.mark.parametrize(
    "call",
    [
        lambda: of_credential.verify_credential_id_length(bytes(1023)),
        lambda: of_credential.verify_allowed(b"mine", ()),
        lambda: of_authenticator_data.verify_same_backup_eligibility(flags(BE), None, EligibilityChange.REFUSE),
        lambda: of_authenticator_data.verify_same_backup_eligibility(flags(UP), True, EligibilityChange.REPORT),
        lambda: of_authenticator_data.verify_same_backup_eligibility(flags(BE), False, EligibilityChange.ALLOW_UPGRADE),
        lambda: of_authenticator_data.verify_user_presence(flags(0), required=False),
        lambda: of_authenticator_data.verify_user_verification(flags(0), required=False),
        lambda: of_authenticator_data.verify_backup_state(flags(BE), required=False),
        lambda: of_client_data.verify_top_origin(said(), (), cross_origin_allowed=False),
        lambda: of_client_data.verify_cross_origin(said(crossOrigin=True), allowed=True),
    ],
)
def test_accepted(call: Callable[[], object]) -> None:
    assert call() is None


def test_the_record_that_is_the_users() -> None:
    known = record()
    for answer, handle in ((answered(userHandle=...), CREDENTIAL.user_handle), (answered(), None)):
        assert of_credential.verify_user(answer, known, rp_id=RP_ID, user_handle=handle) is known


def test_what_the_counter_says() -> None:
    verdict = of_credential.verify_sign_count
    assert verdict(0, 0, CounterRegression.REFUSE) is SignCountVerdict.NOT_SUPPORTED
    assert verdict(1, 0, CounterRegression.REFUSE) is SignCountVerdict.INCREASED
    assert verdict(2, 1, CounterRegression.REFUSE) is SignCountVerdict.INCREASED
    for received in (0, 1):
        assert verdict(received, 1, CounterRegression.FLAG) is SignCountVerdict.REGRESSED
        assert verdict(received, 1, CounterRegression.IGNORE) is SignCountVerdict.IGNORED


def test_unsolicited_outputs_are_named() -> None:
    assert extensions(unsolicited=UnsolicitedExtensions.IGNORE)() == ("prf",)
    assert extensions(requested={"prf": {}})() == ()
    assert extensions(client_outputs={}, requested={})() == ()
