"""The credential record: written down and read back, and nothing else is a record."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honest import record
from unlatch.codes import Code
from unlatch.errors import Malformed
from unlatch.record import CredentialRecord
from unlatch.terms import ZERO_AAGUID, AttestationType, TrustVerdict
from unlatch.wire.options import CredentialDescriptor
from unlatch.wire.strict_json import MAX_BYTES

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.none() | st.datetimes(timezones=ZONES)
RECORDS = st.builds(
    CredentialRecord,
    id=st.binary(min_size=1, max_size=1023),
    public_key=st.binary(max_size=100),
    sign_count=st.integers(0, 2**32 - 1),
    user_handle=st.binary(min_size=1, max_size=64),
    rp_id=st.text(max_size=20),
    transports=st.lists(st.text(max_size=10), max_size=3).map(tuple),
    uv_initialized=st.booleans(),
    backup_eligible=st.none() | st.booleans(),
    backup_state=st.booleans(),
    aaguid=st.binary(min_size=16, max_size=16),
    attestation_format=st.text(max_size=12),
    attestation_type=st.sampled_from(AttestationType),
    trust=st.sampled_from(TrustVerdict),
    discoverable=st.none() | st.booleans(),
    attachment=st.none() | st.text(max_size=12),
    name=st.none() | st.text(max_size=20),
    created_at=TIMES,
    last_used_at=TIMES,
    attestation_object=st.none() | st.binary(max_size=50),
    client_data_json=st.none() | st.binary(max_size=50),
)


@given(RECORDS)
def test_round_trip(before: CredentialRecord) -> None:
    text = before.to_json()
    assert "\n" not in text
    for form in (text, text.encode(), json.loads(text)):
        after = CredentialRecord.from_json(form)
        assert after == before
        assert after.to_json() == text


@given(RECORDS, st.data())
def test_a_record_that_was_cut_off(before: CredentialRecord, data: st.DataObject) -> None:
    text = before.to_json()
    with pytest.raises(Malformed):
        CredentialRecord.from_json(text[: data.draw(st.integers(0, len(text) - 1))])


@given(RECORDS, st.data())
def test_any_change_gives_a_record_or_a_refusal(before: CredentialRecord, data: st.DataObject) -> None:
    changed = bytearray(before.to_json().encode())
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        after = CredentialRecord.from_json(bytes(changed))
    except Malformed:
        return
    assert CredentialRecord.from_json(after.to_json()) == after


def test_all_that_a_record_needs() -> None:
    minimal = {"v": 1, "id": "AQ", "publicKey": "oA", "signCount": 0, "userHandle": "AQ", "rpId": "example.org"}
    read = CredentialRecord.from_json(minimal)
    assert read == CredentialRecord(
        id=b"\x01", public_key=b"\xa0", sign_count=0, user_handle=b"\x01", rp_id="example.org"
    )
    assert read.backup_eligible is None
    assert read.aaguid == ZERO_AAGUID
    for name in minimal:
        with pytest.raises(Malformed) as caught:
            CredentialRecord.from_json({other: value for other, value in minimal.items() if other != name})
        assert caught.value.path == f"record.{name}"
        assert caught.value.code in (Code.JSON_MISSING, Code.RECORD)


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("v", [None, 0, 2, True, 1.0, "1"], Code.RECORD),
        ("id", [None, 1, []], Code.JSON_TYPE),
        ("id", ["A", "AQ=="], Code.BASE64URL),
        ("id", ["", "A" * 1366], Code.RECORD),
        ("publicKey", [None, 1], Code.JSON_TYPE),
        ("signCount", [None, -1, 2**32, 1.0, True, "1"], Code.RECORD),
        ("userHandle", ["", "A" * 88], Code.RECORD),
        ("userHandle", [None], Code.JSON_TYPE),
        ("rpId", [None, 1, []], Code.JSON_TYPE),
        ("transports", [None, "usb", [1], {}], Code.RECORD),
        ("uvInitialized", [None, 0, 1, "true"], Code.RECORD),
        ("backupEligible", [0, 1, "true", []], Code.RECORD),
        ("backupState", [None, 0, "true"], Code.RECORD),
        ("aaguid", ["", "AQ", "A" * 23, "A" * 24], Code.RECORD),
        ("aaguid", [None, 1], Code.JSON_TYPE),
        ("attestationFormat", [None, 1], Code.RECORD),
        ("attestationType", [None, "other", 1, []], Code.RECORD),
        ("trust", [None, "other", 1, {}], Code.RECORD),
        ("discoverable", [0, "true"], Code.RECORD),
        ("attachment", [1, []], Code.RECORD),
        ("name", [1, []], Code.RECORD),
        ("createdAt", ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "9999-99-99T00:00:00Z"], Code.RECORD),
        ("createdAt", [1, []], Code.JSON_TYPE),
        ("lastUsedAt", ["2026-01-01T00:00:00"], Code.RECORD),
        ("attestationObject", [1, []], Code.JSON_TYPE),
        ("clientDataJSON", ["A"], Code.BASE64URL),
    ],
)
def test_broken_records(name: str, values: list[Any], code: Code) -> None:
    for value in values:
        form = json.loads(record(created_at=datetime(2026, 1, 1, tzinfo=UTC)).to_json()) | {name: value}
        with pytest.raises(Malformed) as caught:
            CredentialRecord.from_json(form)
        assert caught.value.code is code
        assert caught.value.path.startswith("record")


@pytest.mark.parametrize(
    ("change", "path", "detail"),
    [
        ({"v": 2}, "record.v", "version 2 is not 1"),
        ({"trust": "other"}, "record", "'other' is not a valid TrustVerdict"),
    ],
)
def test_the_log_is_told_what_is_wrong(change: dict[str, Any], path: str, detail: str) -> None:
    with pytest.raises(Malformed) as caught:
        CredentialRecord.from_json(json.loads(record().to_json()) | change)
    assert (caught.value.path, caught.value.detail) == (path, detail)


def test_what_is_no_object() -> None:
    with pytest.raises(Malformed) as caught:
        CredentialRecord.from_json("[]")
    assert (caught.value.code, caught.value.path) == (Code.JSON_TYPE, "record")


@pytest.mark.parametrize("count", [0, 2**32 - 1])
def test_the_ends_of_the_counter(count: int) -> None:
    form = json.loads(record().to_json()) | {"signCount": count}
    assert CredentialRecord.from_json(form).sign_count == count


def test_members_of_later_versions_pass() -> None:
    form = json.loads(record().to_json()) | {"later": [1]}
    assert CredentialRecord.from_json(form) == record()


def test_a_record_that_grew_beyond_a_response_can_be_read() -> None:
    """Whatever a registration stores comes back, even if escapes make it longer than the response was."""
    grown = replace(record(), transports=("é" * 60_000,), attestation_object=bytes(40_000))
    assert len(grown.to_json()) > MAX_BYTES
    assert CredentialRecord.from_json(grown.to_json()) == grown


def test_descriptor() -> None:
    assert record(transports=("usb",)).descriptor == CredentialDescriptor(record().id, ("usb",))


@given(RECORDS)
def test_a_use_changes_what_it_names_and_nothing_else(registered: CredentialRecord) -> None:
    use = {
        "sign_count": 2,
        "backup_eligible": True,
        "backup_state": True,
        "uv_initialized": True,
        "last_used_at": datetime(2026, 2, 1, tzinfo=UTC),
    }
    assert registered.after_use(**use) == replace(registered, **use)
