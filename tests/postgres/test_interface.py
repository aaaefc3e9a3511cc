"""What an application written for pg-webauthn can name: columns, constraints, functions, arguments and defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from postgres.databases import Caller, browser

if TYPE_CHECKING:
    from unlatch.testing import EmulatedBrowser

_FLAGS = (
    "rp_id_hash user_present user_verified attested_credential_data_included extension_data_included sign_count origin "
    "cross_origin"
)
#: PG-2 to PG-5.
COLUMNS = {
    "credential_challenges": "challenge user_name user_id user_display_name relying_party_name relying_party_id "
    "user_verification attestation timeout challenge_at require_resident_key",
    "credentials": "credential_id credential_type attestation_object client_data_json challenge user_name user_id "
    f"credential_at aaguid public_key {_FLAGS}",
    "assertion_challenges": "challenge user_name user_verification timeout relying_party_id challenge_at",
    "assertions": "signature challenge credential_id authenticator_data client_data_json user_id user_handle "
    f"verified_at {_FLAGS}",
}
_UV, _ACP = "webauthn.user_verification_requirement", "webauthn.attestation_conveyance_preference"
#: PG-7 to PG-11: what callers write, and what they may leave out.
FUNCTIONS = {
    "init_credential": "challenge bytea, user_name text, user_id bytea, user_display_name text, "
    "relying_party_name text, relying_party_id text DEFAULT NULL::text, require_resident_key boolean DEFAULT false, "
    f"user_verification {_UV} DEFAULT 'preferred'::{_UV}, attestation {_ACP} DEFAULT 'none'::{_ACP}, "
    "timeout interval DEFAULT '00:05:00'::interval, challenge_at timestamp with time zone DEFAULT now()",
    "get_credential_creation_options": "challenge bytea",
    "store_credential": "credential_id text, credential_type webauthn.credential_type, attestation_object text, "
    "client_data_json text, credential_at timestamp with time zone DEFAULT now(), transports text[] DEFAULT "
    "'{}'::text[], OUT user_id bytea",
    "get_credentials": f"challenge bytea, user_name text DEFAULT NULL::text, user_verification {_UV} DEFAULT "
    f"'preferred'::{_UV}, timeout interval DEFAULT '00:05:00'::interval, relying_party_id text DEFAULT NULL::text, "
    "challenge_at timestamp with time zone DEFAULT now()",
    "verify_assertion": "credential_id text, credential_type webauthn.credential_type, authenticator_data text, "
    "client_data_json text, signature text, user_handle text, verified_at timestamp with time zone DEFAULT now(), "
    "OUT user_id bytea",
}


def test_pg_2_to_pg_5_columns(caller: Caller) -> None:
    for table, names in COLUMNS.items():
        query = "SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        assert set(names.split()) <= set(caller.value(query, f"webauthn.{table}")), table


def test_pg_7_to_pg_11_arguments(caller: Caller) -> None:
    for name, arguments in FUNCTIONS.items():
        query = "SELECT pg_get_function_arguments(%s::regproc)"
        assert caller.value(query, f"webauthn.{name}") == arguments


def test_pg_9_from_row_to_row(caller: Caller) -> None:
    """The answer of `store_credential` is a row with the column user_id, as callers who select * from it expect."""
    response = browser().create(caller.begin_sign_up())
    cursor = caller.connection.execute(
        "SELECT * FROM webauthn.store_credential(%s, 'public-key', %s, %s)",
        [response["id"], response["response"]["attestationObject"], response["response"]["clientDataJSON"]],
    )
    assert [column.name for column in cursor.description or ()] == ["user_id"]


@pytest.fixture
def laptop(caller: Caller) -> EmulatedBrowser:
    laptop = browser()
    caller.sign_up(laptop)
    caller.sign_in(laptop)
    return laptop


@pytest.mark.parametrize(
    ("table", "change", "constraint"),
    [
        ("credentials", "credential_id = '\\x00'", "attestation_object_credential_id"),
        ("credentials", "challenge = '\\x00'", "client_data_json_challenge"),
        ("assertions", "challenge = '\\x00'", "client_data_json_challenge"),
        ("assertions", "user_handle = '\\x00'", "user_handle_equal_or_null"),
        (
            "assertions",
            "client_data_json = (SELECT client_data_json FROM webauthn.credentials)",
            "client_data_json_type",
        ),
        ("credential_challenges", "timeout = '1 second'", "reasonable_timeout"),
        ("assertion_challenges", "timeout = '1 hour'", "reasonable_timeout"),
    ],
)
def test_pg_3_and_pg_5_checks_of_one_row(
    caller: Caller, laptop: EmulatedBrowser, table: str, change: str, constraint: str
) -> None:
    """Who may write the tables meets them too."""
    statement = f"UPDATE webauthn.{table} SET {change}"
    if constraint == "client_data_json_type":
        statement += ", challenge = (SELECT challenge FROM webauthn.credentials)"
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        caller.connection.execute(statement.encode())
    assert caught.value.diag.constraint_name == constraint


def test_defect_8_no_check_reads_another_table(caller: Caller) -> None:
    """Every function that a CHECK or a generated column calls is immutable, and looks at nothing but its arguments."""
    query = """
        SELECT count(*), count(*) FILTER (WHERE p.provolatile <> 'i')
        FROM pg_depend AS d
        JOIN pg_proc AS p ON p.oid = d.refobjid AND d.refclassid = 'pg_proc'::regclass
        WHERE d.classid IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass)
          AND p.pronamespace = 'webauthn'::regnamespace
    """
    row = caller.connection.execute(query).fetchone()
    assert row is not None
    assert row[0] > 30
    assert row[1] == 0
