"""pg-webauthn's functions as methods (PG-7 to PG-11, PG-13 to PG-17)."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from compat.pg_readme import ALEX, ASSERTION, CHALLENGE, CREDENTIAL, ORIGIN, SIGN_IN, follow_the_readme, functions
from unlatch import CeremonyRefused, Code, Malformed, Misconfigured, Refused, RelyingParty, Unavailable
from unlatch.compat.pg_webauthn import PgWebAuthn, metadata
from unlatch.stores.sqlalchemy import create_sqlite_engine, credentials
from unlatch.testing import FAULTS, EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url


def sqlite(tmp_path):
    return create_sqlite_engine(tmp_path / "pg.db")


@pytest.fixture
def pg(tmp_path):
    engine = sqlite(tmp_path)
    yield functions(engine)
    engine.dispose()


def test_pg_7_to_11_the_readme(tmp_path):
    engine = sqlite(tmp_path)
    follow_the_readme(engine)
    engine.dispose()


class Person:
    def __init__(self, pg, name, **authenticator):
        self.pg, self.name, self.handle = pg, name, secrets.token_bytes(64)
        self.browser = EmulatedBrowser(ORIGIN, SoftwareAuthenticator(**authenticator))

    def begin(self, **arguments):
        arguments = {"require_resident_key": True, **arguments}
        options = self.pg.init_credential(
            secrets.token_bytes(32), self.name, self.handle, self.name, "ACME", **arguments
        )
        response = self.browser.create(options["publicKey"])
        inner = response["response"]
        return {
            "credential_id": response["id"],
            "credential_type": response["type"],
            "attestation_object": inner["attestationObject"],
            "client_data_json": inner["clientDataJSON"],
        }

    def ask(self, *arguments, fault=None, **named):
        options = self.pg.get_credentials(secrets.token_bytes(32), *arguments, **named)
        response = self.browser.get(options["publicKey"], fault=fault)
        inner = response["response"]
        return {
            "credential_id": response["id"],
            "credential_type": response["type"],
            "authenticator_data": inner["authenticatorData"],
            "client_data_json": inner["clientDataJSON"],
            "signature": inner["signature"],
            "user_handle": inner.get("userHandle", ""),
        }


@pytest.fixture
def ada(pg):
    person = Person(pg, "ada")
    assert pg.store_credential(**person.begin()) == person.handle
    return person


def test_pg_10_and_11_with_and_without_a_name(pg, ada):
    for arguments in ((), ("ada",), ("ada",)):
        assert pg.verify_assertion(**ada.ask(*arguments)) == ada.handle
    # Defect of the extension: a sign-in without a name accepted no user handle at all.
    with pytest.raises(Refused) as caught:
        pg.verify_assertion(**{**ada.ask(), "user_handle": ""})
    assert caught.value.code is Code.USER_HANDLE_MISSING


def test_pg_13_what_is_unknown_is_none(pg, ada, tmp_path):
    elsewhere = create_sqlite_engine(tmp_path / "elsewhere.db")
    stranger = Person(functions(elsewhere), "stranger")
    assert pg.store_credential(**stranger.begin()) is None
    assert stranger.pg.store_credential(**stranger.begin()) == stranger.handle
    assert pg.verify_assertion(**stranger.ask()) is None
    elsewhere.dispose()
    assert pg.get_credential_creation_options(bytes(32)) is None
    eve = Person(pg, "eve")
    assert pg.store_credential(**eve.begin()) == eve.handle
    eve.browser.authenticator.credentials[0].id, own = (
        ada.browser.authenticator.credentials[0].id,
        eve.browser.authenticator.credentials[0].id,
    )
    answer = eve.ask("ada")
    assert pg.verify_assertion(**{**answer, "credential_id": base64url.encode(own)}) is None
    assert pg.get_credentials(secrets.token_bytes(32), "nobody")["publicKey"]["allowCredentials"] == []


#: The first five were never looked at by the extension.
REFUSED = (
    Code.ORIGIN_NOT_EXPECTED,
    Code.CROSS_ORIGIN_NOT_EXPECTED,
    Code.RP_ID_HASH_MISMATCH,
    Code.USER_NOT_PRESENT,
    Code.SIGN_COUNT_REGRESSED,
    Code.SIGNATURE_INVALID,
    Code.TYPE_MISMATCH,
    Code.USER_HANDLE_MISMATCH,
)


@pytest.mark.parametrize("code", REFUSED)
def test_pg_15_what_is_refused(pg, ada, code):
    fault = next(
        each
        for each in FAULTS
        if each.code is code and each.name.startswith("authentication.") and -7 in (each.algorithms or {-7})
    )
    with pytest.raises(Refused) as caught:
        pg.verify_assertion(**ada.ask("ada", fault=fault))
    assert caught.value.code is code


def test_pg_15_user_verification_and_time(pg, ada):
    ada.browser.authenticator.user_verified = False
    challenge = secrets.token_bytes(32)
    options = pg.get_credentials(challenge, "ada", user_verification="required")["publicKey"]
    response = ada.browser.get(options | {"userVerification": "preferred"})
    inner = response["response"]
    answer = {
        "credential_id": response["id"],
        "credential_type": "public-key",
        "authenticator_data": inner["authenticatorData"],
        "client_data_json": inner["clientDataJSON"],
        "signature": inner["signature"],
        "user_handle": None,
    }
    with pytest.raises(Refused) as caught:
        pg.verify_assertion(**answer)
    assert caught.value.code is Code.USER_NOT_VERIFIED
    late = datetime.now(UTC) + timedelta(minutes=5, seconds=1)
    with pytest.raises(CeremonyRefused) as caught:
        pg.verify_assertion(**ada.ask("ada"), verified_at=late)
    assert caught.value.code is Code.CEREMONY_EXPIRED
    bob = Person(pg, "bob")
    with pytest.raises(CeremonyRefused):
        pg.store_credential(**bob.begin(), credential_at=late)


@pytest.mark.parametrize(("seconds", "fits"), [(29.999, False), (30, True), (600, True), (600.001, False)])
def test_pg_2_a_reasonable_timeout(pg, seconds, fits):
    arguments = {"timeout": timedelta(seconds=seconds)}
    for call in (
        lambda: pg.get_credentials(secrets.token_bytes(32), **arguments),
        lambda: pg.init_credential(secrets.token_bytes(32), **ALEX, **arguments),
    ):
        if fits:
            assert call()["publicKey"]["timeout"] == seconds * 1000
        else:
            with pytest.raises(Misconfigured):
                call()


def test_pg_7_what_cannot_begin(pg):
    for wrong in (
        {"relying_party_id": "example.org"},
        {"user_verification": "always"},
        {"attestation": "packed"},
        {"challenge_at": datetime(2026, 1, 1)},  # noqa: DTZ001 - without a zone on purpose
    ):
        with pytest.raises(Misconfigured):
            pg.init_credential(secrets.token_bytes(32), **ALEX, **wrong)
    with pytest.raises(Misconfigured):
        pg.init_credential(b"short", **ALEX)
    with pytest.raises(Malformed):
        pg.init_credential(secrets.token_bytes(32), **{**ALEX, "user_id": b""})
    named = pg.init_credential(secrets.token_bytes(32), **ALEX, relying_party_id="localhost")
    assert named["publicKey"]["rp"] == {"name": "ACME Corporation", "id": "localhost"}
    asked = pg.get_credentials(secrets.token_bytes(32), relying_party_id="localhost")
    assert asked["publicKey"]["rpId"] == "localhost"


def test_pg_16_what_is_malformed(pg):
    for wrong in ({"credential_id": "!"}, {"credential_type": "password"}, {"client_data_json": "e30"}):
        with pytest.raises(Malformed):
            pg.store_credential(**{**CREDENTIAL, **wrong})
    with pytest.raises(Malformed):
        pg.verify_assertion(**{**ASSERTION, "signature": "?"})


def test_a_challenge_is_for_one_kind_of_ceremony(pg):
    pg.get_credentials(SIGN_IN)
    assert pg.get_credential_creation_options(SIGN_IN) is None
    attestation = Person(pg, "ada").begin()
    pg.prune(timedelta(), datetime.now(UTC) + timedelta(hours=1))
    pg.get_credentials(CHALLENGE)
    assert pg.store_credential(**CREDENTIAL) is None
    pg.prune(timedelta(), datetime.now(UTC) + timedelta(hours=1))
    pg.init_credential(CHALLENGE, **ALEX)
    assert pg.store_credential(**CREDENTIAL) == ALEX["user_id"]
    pg.init_credential(SIGN_IN, **ALEX)
    assert pg.verify_assertion(**ASSERTION) is None
    assert pg.store_credential(**attestation) is None  # its challenge was pruned


def test_credentials_of_another_site_in_the_same_database_are_not_listed(tmp_path):
    """Defect of the extension: `relying_party_id` did not filter."""
    engine = sqlite(tmp_path)
    here = functions(engine)
    there = PgWebAuthn(engine, RelyingParty(id="a.localhost", origins=["http://a.localhost"]))
    ada = Person(here, "ada")
    assert here.store_credential(**ada.begin()) == ada.handle
    assert there.get_credentials(secrets.token_bytes(32), "ada")["publicKey"]["allowCredentials"] == []
    assert len(here.get_credentials(secrets.token_bytes(32), "ada")["publicKey"]["allowCredentials"]) == 1
    engine.dispose()


def test_a_credential_is_registered_once(pg, ada):
    bob = Person(pg, "bob")
    bob.browser.authenticator.discoverable = False
    first = bob.begin(require_resident_key=False)
    assert pg.store_credential(**first) == bob.handle
    again = Person(pg, "bob")
    again.handle = bob.handle
    assert pg.store_credential(**again.begin()) == bob.handle  # a second passkey of the same user
    assert len(pg.get_credentials(secrets.token_bytes(32), "bob")["publicKey"]["allowCredentials"]) == 2


def test_more_algorithms_where_wanted(tmp_path):
    engine = sqlite(tmp_path)
    pg = functions(engine, algorithms=(-8, -257))
    person = Person(pg, "ada", algorithms=(-257,))
    assert pg.store_credential(**person.begin()) == person.handle
    assert pg.verify_assertion(**person.ask()) == person.handle
    engine.dispose()


def test_a_database_that_does_not_answer(tmp_path):
    engine = sqlite(tmp_path)
    pg = PgWebAuthn(engine, RelyingParty(id="localhost", origins=[ORIGIN]))
    for call in (
        lambda: pg.init_credential(CHALLENGE, **ALEX),
        lambda: pg.get_credentials(CHALLENGE, "ada"),
        lambda: pg.get_credential_creation_options(CHALLENGE),
        lambda: pg.prune(timedelta()),
        lambda: pg._challenges.use(CHALLENGE, datetime.now(UTC)),
        lambda: pg._challenges.name_user(bytes(32), b"ada"),
    ):
        with pytest.raises(Unavailable):
            call()
    assert {"unlatch_pg_challenges", "unlatch_pg_users"} == set(metadata.tables)
    assert credentials.name not in metadata.tables
    engine.dispose()
