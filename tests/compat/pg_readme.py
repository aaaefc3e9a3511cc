"""The ceremonies that stand in the README of pg-webauthn, on any database."""

from datetime import UTC, datetime, timedelta

import pytest

from unlatch import CeremonyRefused, Code, RelyingParty
from unlatch.compat.pg_webauthn import PgWebAuthn

ORIGIN = "http://localhost"
# The vectors of the extension's own README.
CHALLENGE = bytes.fromhex("d4ef72bc4cd34733abb91602e4aa5cc4d446fae92aa3dbcf9e2c2052a5fc9857")
USER_ID = bytes.fromhex(
    "c172e425a2e82488bda49038fd66970a94cfa9f3bfa740d421f6040cdb3cb44f"
    "57cb3326ac4d0f7e16ed9afe66499ad8ded1f9ce29db45c8e48ba989da60e163"
)
SIGN_IN = bytes.fromhex("6a19f4c245388de79290f5338196c51e19fc33273afb1891d4e90296bfe06d0b")
CREDENTIAL = {
    "credential_id": "TMvc9cgQ4S3H498Qez2ilQdkDS02s0sR7wXyiaKrUphXQRNqiP1pfzoBPsEey8wjHDUXh_A-91zqP_H0bkeohA",
    "credential_type": "public-key",
    "attestation_object": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVjESZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NBAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAQEzL3PXIEOEtx-PfEHs9opUHZA0tNrNLEe8F8omiq1KYV0ETaoj9aX86AT7BHsvMIxw1F4fwPvdc6j_x9G5HqISlAQID"
    "JiABIVggf6kt0GZu7nwT3be2JJsMj5-6Q2CFfE4V0vxjSitaH48iWCDbmYOzGUadNecZo7k-GsKShUzT_yrVCJhoGwoy_7y8ag",
    "client_data_json": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiMU85eXZFelRSek9ydVJZQzVLcGN4TlJHLXVrcW85"
    "dlBuaXdnVXFYOG1GYyIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3QiLCJjcm9zc09yaWdpbiI6ZmFsc2V9",
}
ASSERTION = {
    "credential_id": CREDENTIAL["credential_id"],
    "credential_type": "public-key",
    "authenticator_data": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MBAAAAAQ",
    "client_data_json": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiYWhuMHdrVTRqZWVTa1BVemdaYkZIaG44TXljNi14aVIx"
    "T2tDbHJfZ2JRcyIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3QiLCJjcm9zc09yaWdpbiI6ZmFsc2V9",
    "signature": "MEQCIBD6sBMH8-7Vm8EWASZe-qtSS1DQF72c3-7E9hsByqjWAiBpxun42by9uk5UeMt1sIQzLVGwviwhcBsVfHyHq7mAVw",
    "user_handle": None,
}
ALEX = {
    "user_name": "alex.p.mueller@example.com",
    "user_id": USER_ID,
    "user_display_name": "Alex P. Müller",
    "relying_party_name": "ACME Corporation",
}


def functions(engine, **arguments):
    made = PgWebAuthn(engine, RelyingParty(id="localhost", origins=[ORIGIN]), **arguments)
    made.create_tables()
    return made


def follow_the_readme(engine):
    """Both ceremonies of the README, each once (PG-7 to PG-11, PG-14, PG-17)."""
    pg = functions(engine)
    options = {
        "publicKey": {
            "rp": {"name": "ACME Corporation"},
            "user": {
                "id": "wXLkJaLoJIi9pJA4_WaXCpTPqfO_p0DUIfYEDNs8tE9XyzMmrE0Pfhbtmv5mSZrY3tH5zinbRcjki6mJ2mDhYw",
                "name": "alex.p.mueller@example.com",
                "displayName": "Alex P. Müller",
            },
            "timeout": 300000,
            "challenge": "1O9yvEzTRzOruRYC5KpcxNRG-ukqo9vPniwgUqX8mFc",
            "attestation": "none",
            "pubKeyCredParams": [{"alg": -7, "type": "public-key"}],
            "authenticatorSelection": {"userVerification": "preferred", "requireResidentKey": False},
        }
    }
    assert pg.init_credential(CHALLENGE, **ALEX) == options
    assert pg.get_credential_creation_options(CHALLENGE) == options
    assert pg.store_credential(**CREDENTIAL) == USER_ID
    assert pg.get_credentials(SIGN_IN, ALEX["user_name"]) == {
        "publicKey": {
            "timeout": 300000,
            "challenge": "ahn0wkU4jeeSkPUzgZbFHhn8Myc6-xiR1OkClr_gbQs",
            "allowCredentials": [{"id": CREDENTIAL["credential_id"], "type": "public-key"}],
            "userVerification": "preferred",
        }
    }
    assert pg.verify_assertion(**ASSERTION) == USER_ID

    # PG-14: everything of it works once.
    for again in (
        lambda: pg.init_credential(CHALLENGE, **ALEX),
        lambda: pg.get_credentials(SIGN_IN),
        lambda: pg.store_credential(**CREDENTIAL),
        lambda: pg.verify_assertion(**ASSERTION),
    ):
        with pytest.raises(CeremonyRefused) as caught:
            again()
        assert caught.value.code is Code.CEREMONY_USED
    # PG-17: the extension's tables grew without bound.
    later = datetime.now(UTC) + timedelta(hours=1)
    assert pg.prune(timedelta(hours=2), later) == 0
    assert pg.prune(timedelta(minutes=50), later) == 2
