"""The signature counter: none, growing, not growing, and what the policy makes of it."""

import pytest

from finishing import sign_in, sign_in_refused
from honest import (
    authentication_body,
    base64url,
    record,
    relying_party,
)
from unlatch import SignCountVerdict
from unlatch.codes import Code
from unlatch.errors import (
    CredentialRefused,
)

LARGEST = 2**32 - 1


@pytest.mark.parametrize(
    ("stored", "received", "verdict"),
    [
        (0, 0, SignCountVerdict.NOT_SUPPORTED),
        (0, 1, SignCountVerdict.INCREASED),
        (5, 6, SignCountVerdict.INCREASED),
        (LARGEST - 1, LARGEST, SignCountVerdict.INCREASED),
        (0, LARGEST, SignCountVerdict.INCREASED),
        (1, 0, SignCountVerdict.REGRESSED),
        (5, 5, SignCountVerdict.REGRESSED),
        (5, 4, SignCountVerdict.REGRESSED),
        (LARGEST, LARGEST, SignCountVerdict.REGRESSED),
        (LARGEST, 0, SignCountVerdict.REGRESSED),
    ],
)
@pytest.mark.parametrize("regression", ["refuse", "flag", "ignore"])
def test_counter(stored: int, received: int, verdict: SignCountVerdict, regression: str) -> None:
    rp = relying_party(counter_regression=regression)
    body = authentication_body(count=received)
    if verdict is SignCountVerdict.REGRESSED and regression == "refuse":
        assert sign_in_refused(CredentialRefused, body, record(sign_count=stored), rp=rp) == (
            Code.SIGN_COUNT_REGRESSED,
            "sign-count",
        )
    else:
        authentication = sign_in(body, record(sign_count=stored), rp=rp)
        regressed = verdict is SignCountVerdict.REGRESSED
        assert authentication.sign_count is (
            SignCountVerdict.IGNORED if regressed and regression == "ignore" else verdict
        )
        assert authentication.record.sign_count == max(stored, received)


def test_nobody_learns_a_counter_without_the_key() -> None:
    body = authentication_body(count=1)
    body["response"]["signature"] = base64url(bytes(70))
    assert sign_in_refused(CredentialRefused, body, record(sign_count=9)) == (Code.SIGNATURE_INVALID, "signature")
