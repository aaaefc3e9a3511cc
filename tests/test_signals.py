"""Signal API payloads."""

from dataclasses import replace

import pytest

from honest import USER, record
from unlatch import Misconfigured
from unlatch.signals import all_accepted_credentials, current_user_details, unknown_credential


def test_unknown_credential():
    assert unknown_credential("example.org", b"\x01\xff").to_json() == {
        "method": "signalUnknownCredential",
        "arguments": {"rpId": "example.org", "credentialId": "Af8"},
    }


def test_all_accepted_credentials():
    records = [record(), replace(record(), id=b"\x02")]
    signal = all_accepted_credentials("example.org", USER.id, iter(records))
    assert signal.method == "signalAllAcceptedCredentials"
    assert signal.arguments == {
        "rpId": "example.org",
        "userId": "dXNlciBoYW5kbGUgb2YgYWRh",
        "allAcceptedCredentialIds": ["Y3JlZGVudGlhbCBpZCBvZiAyNCBieXRlcw", "Ag"],
    }
    assert all_accepted_credentials("example.org", USER.id, []).arguments["allAcceptedCredentialIds"] == []


@pytest.mark.parametrize("change", [{"user_handle": b"another"}, {"rp_id": "example.com"}])
def test_records_of_others_are_not_told(change):
    with pytest.raises(Misconfigured):
        all_accepted_credentials("example.org", USER.id, [record(), replace(record(), **change)])


def test_current_user_details():
    assert current_user_details("example.org", USER).to_json() == {
        "method": "signalCurrentUserDetails",
        "arguments": {
            "rpId": "example.org",
            "userId": "dXNlciBoYW5kbGUgb2YgYWRh",
            "name": "ada",
            "displayName": "Ada",
        },
    }
