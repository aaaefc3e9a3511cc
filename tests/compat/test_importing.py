"""Passkeys move from other libraries' tables into our stores, and their users sign in (RH-8, WR-10, FP-6)."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import Column, LargeBinary, MetaData, Table, create_engine, event, text

from compat.old_databases import MAKERS, ORIGIN, RP_ID, by_py_webauthn
from unlatch import Misconfigured, Passkeys, RelyingParty, SignCountVerdict, Unavailable
from unlatch.cli.commands import unlatch
from unlatch.compat.importing import LAYOUTS, NotImportable, attested_credential_data, copy, make_record, read
from unlatch.compat.importing.databases import import_between
from unlatch.server.schema import metadata as server_metadata
from unlatch.stores.memory import MemoryCeremonies, MemoryCredentials
from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCredentials, create_sqlite_engine, metadata
from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.wire import base64url


@pytest.fixture
def urls(tmp_path):
    return f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'new.db'}"


def run(*arguments):
    result = CliRunner().invoke(unlatch, ["import", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("layout", MAKERS)
def test_old_users_sign_in_with_their_old_passkeys(layout, urls, tmp_path):
    people = MAKERS[layout](urls[0])
    arguments = (layout, "--from", urls[0], "--to", urls[1], "--rp-id", RP_ID)
    lost = 1 if layout == "django-otp-webauthn" else 0
    n = len(people)

    code, said, complaints = run(*arguments, "--dry-run")
    assert (code, said) == (lost, f"{n} would be added, 0 there already, {lost} left out\n")
    assert complaints.count("the user handle is not known") == lost
    assert run(*arguments)[:2] == (lost, f"{n} added, 0 there already, {lost} left out\n")
    assert run(*arguments)[:2] == (lost, f"0 added, {n} there already, {lost} left out\n")
    assert run(*arguments, "--dry-run")[1] == f"0 would be added, {n} there already, {lost} left out\n"

    engine = create_sqlite_engine(tmp_path / "new.db")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF").close())
    metadata.create_all(engine)
    passkeys = Passkeys(
        RelyingParty(id=RP_ID, origins=[ORIGIN]), credentials=SqlCredentials(engine), ceremonies=SqlCeremonies(engine)
    )
    for old in people:
        (imported,) = passkeys.list(old.handle)
        assert imported.uv_initialized is False
        for known in (old.handle, None):
            begun = passkeys.begin_authentication(known)
            done = passkeys.finish_authentication(begun.id, old.browser.get_body(begun.options.to_json()))
            assert done.user_handle == old.handle
            counts = old.browser.authenticator.counter is not None
            assert done.sign_count is (SignCountVerdict.INCREASED if counts else SignCountVerdict.NOT_SUPPORTED)
        # What was not known was learnt from the first sign-in, and is fixed from then on.
        (used,) = passkeys.list(old.handle)
        assert used.backup_eligible == old.browser.authenticator.backup_eligible
    engine.dispose()
    # Those who signed in meanwhile are not set back.
    assert run(*arguments)[1] == f"0 added, {n} there already, {lost} left out\n"


def test_what_django_otp_webauthn_knows_is_kept(urls):
    MAKERS["django-otp-webauthn"](urls[0])
    engine = create_engine(urls[0])
    with engine.connect() as connection:
        record, refused = read(connection, LAYOUTS["django-otp-webauthn"], rp_id=RP_ID)
        verified, _ = read(connection, LAYOUTS["django-otp-webauthn"], rp_id=RP_ID, verified=True)
    engine.dispose()
    assert isinstance(refused, NotImportable)
    assert (record.uv_initialized, verified.uv_initialized) == (False, True)
    assert (record.backup_eligible, record.backup_state, record.discoverable) == (True, True, True)
    assert record.transports == ("internal", "hybrid")
    assert record.aaguid == b"unlatch-testing!"
    assert record.name == "My phone"
    assert record.created_at == datetime(2026, 1, 2, 3, 4, 5, 678900, UTC)


def test_what_django_otp_has_not_confirmed_is_left_out(urls):
    MAKERS["django-otp-webauthn"](urls[0])
    engine = create_engine(urls[0])
    with engine.begin() as connection:
        connection.execute(text("UPDATE django_otp_webauthn_webauthncredential SET confirmed = 0"))
        found = [str(row) for row in read(connection, LAYOUTS["django-otp-webauthn"], rp_id=RP_ID)]
    engine.dispose()
    assert found == ["the device is not confirmed"] * 2


def test_pg_webauthn_keeps_attestation_objects(tmp_path):
    """Its tables are in a schema of their own; SQLite calls such a thing an attached database."""
    browser = EmulatedBrowser("http://localhost", SoftwareAuthenticator())
    response = browser.create(
        {
            "rp": {"id": "localhost", "name": "x"},
            "user": {"id": base64url.encode(b"alex"), "name": "alex", "displayName": "Alex"},
            "challenge": base64url.encode(bytes(32)),
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        }
    )
    table = Table(
        "credentials",
        MetaData(schema="webauthn"),
        Column("credential_id", LargeBinary),
        Column("attestation_object", LargeBinary),
        Column("user_id", LargeBinary),
    )
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text(f"ATTACH DATABASE '{tmp_path / 'w.db'}' AS webauthn"))
        table.create(connection)
        attested = base64url.decode(response["response"]["attestationObject"], "")
        for data in (attested, b"nothing"):
            row = {"credential_id": base64url.decode(response["id"], ""), "attestation_object": data}
            connection.execute(table.insert().values(**row, user_id=b"alex"))
        record, broken = read(connection, LAYOUTS["pg-webauthn"], rp_id="localhost")
        (other, _) = read(connection, LAYOUTS["pg-webauthn"], rp_id="example.org")
        connection.rollback()
    engine.dispose()
    assert "cannot be read" in str(broken)
    assert "another RP ID" in str(other)
    store = MemoryCredentials()
    assert copy([record], store).added == 1
    passkeys = Passkeys(
        RelyingParty(id="localhost", origins=["http://localhost"]), credentials=store, ceremonies=MemoryCeremonies()
    )
    begun = passkeys.begin_authentication()
    assert passkeys.finish_authentication(begun.id, browser.get_body(begun.options.to_json())).user_handle == b"alex"


def test_python_fido2_s_bytes():
    _, verified = by_py_webauthn(b"ada")
    stored = bytes(16) + len(verified.credential_id).to_bytes(2, "big") + verified.credential_id
    attested = attested_credential_data(stored + verified.credential_public_key)
    assert (attested.credential_id, attested.public_key_bytes) == (
        verified.credential_id,
        verified.credential_public_key,
    )
    for broken in (b"", stored, stored + verified.credential_public_key + b"\0"):
        with pytest.raises(NotImportable):
            attested_credential_data(broken)


@pytest.fixture(scope="module")
def sound():
    _, verified = by_py_webauthn(b"ada")
    return {
        "credential_id": verified.credential_id,
        "public_key": verified.credential_public_key,
        "user": b"ada",
        "rp_id": RP_ID,
    }


def test_what_is_unknown_gets_its_safe_meaning(sound):
    record = make_record(**sound)
    assert (record.backup_eligible, record.backup_state, record.uv_initialized) == (None, False, False)
    assert (record.transports, record.trust, record.attestation_type, record.aaguid) == ((), "none", "none", bytes(16))
    # BS without BE cannot be.
    assert make_record(**sound, backup_eligible=False, backup_state=True).backup_state is False


@pytest.mark.parametrize(
    ("user", "handle", "expected"),
    [
        (b"ada", "bytes", b"ada"),
        (bytearray(b"ada"), "bytes", b"ada"),
        ("ada", "text", b"ada"),
        (17, "text", b"17"),
        (uuid.UUID(int=5), "text", b"00000000-0000-0000-0000-000000000005"),
        (uuid.UUID(int=5), "uuid", (5).to_bytes(16, "big")),
        ("00000000-0000-0000-0000-000000000005", "uuid", (5).to_bytes(16, "big")),
        (uuid.UUID(int=5), "uuid-text", b"00000000-0000-0000-0000-000000000005"),
        (uuid.UUID(int=5).hex, "uuid-text", b"00000000-0000-0000-0000-000000000005"),
        (uuid.UUID(int=5).bytes, "uuid-text", b"00000000-0000-0000-0000-000000000005"),
        (uuid.UUID(int=5).bytes, "uuid", (5).to_bytes(16, "big")),
        ("00ff", "hex", b"\x00\xff"),
        (b"00ff", "hex", b"\x00\xff"),
        (b"-_8", "base64", b"\xfb\xff"),
        ("-_8", "base64", b"\xfb\xff"),
        ("+/8=", "base64", b"\xfb\xff"),
    ],
)
def test_ways_to_make_a_user_handle(sound, user, handle, expected):
    assert make_record(**{**sound, "user": user}, handle=handle).user_handle == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": None},
        {"user": b""},
        {"user": bytes(65)},
        {"user": "ada"},
        {"user": b"ada", "handle": "text"},
        {"user": "no uuid", "handle": "uuid"},
        {"user": "xyz", "handle": "hex"},
        {"user": "!", "handle": "base64"},
        {"credential_id": b""},
        {"credential_id": bytes(1024)},
        {"credential_id": "!"},
        {"credential_id": None},
        {"public_key": b"\xa0"},
        {"public_key": 5},
        {"sign_count": -1},
        {"sign_count": 2**32},
        {"sign_count": True},
        {"sign_count": "1"},
        {"aaguid": "no uuid"},
    ],
)
def test_what_cannot_be_is_left_out(sound, wrong):
    with pytest.raises(NotImportable):
        make_record(**{**sound, **wrong})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("internal,hybrid", ("internal", "hybrid")),
        ("{usb,smart-card}", ("usb", "smart-card")),
        ('["usb"]', ("usb",)),
        ("null", ()),
        (5, ()),
        ([5, "usb"], ("usb",)),
        ("no, words!", ("no",)),
    ],
)
def test_no_passkey_is_given_up_for_its_transports(sound, value, expected):
    assert make_record(**sound, transports=value).transports == expected


def test_counters_of_numeric_columns(sound):
    assert make_record(**sound, sign_count=Decimal("7.00")).sign_count == 7
    for wrong in (Decimal("0.5"), Decimal("NaN"), Decimal(2**32)):
        with pytest.raises(NotImportable):
            make_record(**sound, sign_count=wrong)


WRITTEN = {
    "raw": bytes,
    "base64": base64url.encode,
    "base64 in bytes": lambda data: base64url.encode(data).encode(),
    "hex": bytes.hex,
    "hex in bytes": lambda data: data.hex().encode(),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_ids_are_imported_as_they_were_or_not_at_all(sound, written):
    value = WRITTEN[written](sound["credential_id"])
    stored = {**sound, "credential_id": value, "public_key": WRITTEN[written](sound["public_key"])}
    certain = written in ("raw", "base64")
    if certain:
        assert make_record(**stored).id == sound["credential_id"]
    else:
        with pytest.raises(NotImportable, match="--credential-id"):
            make_record(**stored)
    record = make_record(**stored, id_form=written.partition(" ")[0])
    assert (record.id, record.public_key) == (sound["credential_id"], sound["public_key"])
    if certain:
        with pytest.raises(NotImportable, match="the credential id"):
            make_record(**stored, id_form="hex")


def test_a_uuid_that_lost_its_hyphens(urls, tmp_path):
    """SQLAlchemy's Uuid is CHAR(32) in SQLite and MySQL; whether the handle had hyphens, only the old code knows."""
    (old, _) = MAKERS["flask-htmx"](urls[0])
    engine = create_engine(urls[0])
    with engine.begin() as connection:
        connection.execute(text("UPDATE user SET uid = replace(uid, '-', '')"))
    engine.dispose()
    arguments = ("flask-htmx", "--from", urls[0], "--to", urls[1], "--rp-id", RP_ID)
    code, said, complaints = run(*arguments)
    assert (code, said) == (1, "0 added, 0 there already, 2 left out\n")
    assert complaints.count("--user-handle uuid-text, uuid, or text") == 2
    assert run(*arguments, "--user-handle", "uuid-text")[:2] == (0, "2 added, 0 there already, 0 left out\n")
    engine = create_sqlite_engine(tmp_path / "new.db")
    assert len(SqlCredentials(engine).for_user(old.handle)) == 1
    engine.dispose()


def test_the_command_is_told_how_ids_are_written(urls, tmp_path):
    MAKERS["py-webauthn"](urls[0])
    engine = create_engine(urls[0])
    with engine.begin() as connection:
        connection.execute(text("UPDATE shop_credential SET credential_id = CAST(hex(credential_id) AS BLOB)"))
    engine.dispose()
    arguments = ("py-webauthn", "--from", urls[0], "--to", urls[1], "--rp-id", RP_ID)
    assert "say which: --credential-id" in run(*arguments)[2]
    assert run(*arguments, "--credential-id", "hex") == (0, "1 added, 0 there already, 0 left out\n", "")


def test_nothing_is_made_where_nothing_is_to_be(urls, tmp_path):
    """No old database of a mistyped name, no new one of a dry run, no passkeys of nobody in the server's."""
    MAKERS["flask-htmx"](urls[0])
    missing, new = tmp_path / "typo.db", tmp_path / "new.db"
    end = ("--to", urls[1], "--rp-id", RP_ID)
    assert "There is no database" in run("flask-htmx", "--from", f"sqlite:///{missing}", *end)[2]
    assert run("flask-htmx", "--from", urls[0], *end, "--dry-run")[0] == 0
    assert not missing.exists()
    assert not new.exists()
    code, _, complaint = run("flask-htmx", "--from", urls[0].replace("sqlite:", "sqlite+aiosqlite:"), *end)
    assert (code, "'aiosqlite' is asynchronous" in complaint) == (2, True)
    missing.write_text("no database, but long enough to be taken for one" * 9)
    code, _, complaint = run("flask-htmx", "--from", f"sqlite:///{missing}", *end)
    assert (code, str(missing) in complaint, "Background" in complaint) == (2, True, False)
    engine = create_engine(urls[1])
    server_metadata.create_all(engine)
    engine.dispose()
    assert "is a database of `unlatch serve`" in run("flask-htmx", "--from", urls[0], *end)[2]


def test_two_rows_with_one_id(sound):
    record = make_record(**sound)
    store = MemoryCredentials()
    report = copy([record, record, replace(record, user_handle=b"eve")], store, dry_run=True)
    assert (report.added, report.present, len(report.refused), report.total) == (1, 1, 1, 3)
    assert store.get(record.id) is None


def test_what_the_command_cannot_do(urls, tmp_path):
    MAKERS["flask-htmx"](urls[0])
    end = ("--from", urls[0], "--to", urls[1], "--rp-id", RP_ID)
    for arguments, sentence in (
        (("nonsense", *end), "There is no layout"),
        (("webauthn-rp", *end[:4], "--rp-id", "https://example.org"), "is a URL"),
        (("django-otp-webauthn", *end), "There is no table 'webauthncredential'"),
        (("flask-htmx", *end, "--table", "user"), "has no column"),
        (("flask-htmx", "--from", "nonsense", *end[2:]), "No database can be opened"),
        (("flask-htmx", "--from", f"sqlite:///{tmp_path}/no/where.db", *end[2:]), "There is no database sqlite:///"),
    ):
        code, _, complaint = run(*arguments)
        assert (code, complaint.count("\n")) == (2, 1), complaint
        assert sentence in complaint
    assert run("flask-htmx", *end, "--user-handle", "uuid", "--verified")[1] == "2 added, 0 there already, 0 left out\n"
    assert run("flask-htmx", *end)[0] == 1  # the same credentials with other handles: left out, nothing overwritten


def test_a_view_gives_other_names(urls):
    MAKERS["py-webauthn"](urls[0])
    engine = create_engine(urls[0])
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE shop_credential RENAME user_id TO owner"))
        connection.execute(text("CREATE VIEW old AS SELECT *, owner AS user_id FROM shop_credential"))
    engine.dispose()
    found = run("py-webauthn", "--from", urls[0], "--to", urls[1], "--rp-id", RP_ID, "--table", "old")
    assert found == (0, "1 added, 0 there already, 0 left out\n", "")


def test_ambiguous_tables_are_named(urls):
    engine = create_engine(urls[0])
    with engine.begin() as connection:
        for name in ("a_webauthncredential", "b_webauthncredential"):
            connection.execute(text(f"CREATE TABLE {name} (id INTEGER)"))
    engine.dispose()
    with pytest.raises(Misconfigured, match="a_webauthncredential, b_webauthncredential"):
        import_between(*urls, LAYOUTS["django-otp-webauthn"], rp_id=RP_ID)


def test_a_store_that_does_not_answer(sound):
    engine = create_engine("sqlite://")
    with pytest.raises(Unavailable):
        copy([make_record(**sound)], SqlCredentials(engine))
    engine.dispose()
