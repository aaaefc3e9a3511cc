"""The policy: its defaults are the strict side, and what cannot work says what to change."""

from typing import Any

import pytest

from unlatch import AttestationPolicy, Misconfigured, Policy
from unlatch.terms import ResidentKey, UserVerification
from unlatch.wire.algorithms import ALGORITHMS, DEFAULT_ALGORITHMS, POST_QUANTUM_ALGORITHMS


def policy_advice(**arguments: Any) -> str:
    with pytest.raises(Misconfigured) as caught:
        Policy(**arguments)
    return str(caught.value)


def test_the_default_policy_is_the_strict_side() -> None:
    policy = Policy()
    assert policy.algorithms == DEFAULT_ALGORITHMS
    assert policy.user_verification is UserVerification.PREFERRED
    assert policy.resident_key is ResidentKey.REQUIRED
    assert (policy.eligibility_change, policy.counter_regression) == ("refuse", "refuse")
    assert (policy.allow_cross_origin, policy.allow_subdomains, policy.top_origins) == (False, False, ())
    assert policy.timeout == 300


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("user_verification", "'required', 'preferred', 'discouraged'"),
        ("resident_key", "'required', 'preferred', 'discouraged'"),
        ("attachment", "'platform', 'cross-platform'"),
        ("backup", "'any', 'forbidden', 'required'"),
        ("eligibility_change", "'refuse', 'allow-upgrade', 'report'"),
        ("counter_regression", "'refuse', 'flag', 'ignore'"),
        ("unsolicited_extensions", "'ignore', 'refuse'"),
        ("key_order", "'canonical', 'client', 'any'"),
    ],
)
def test_choices(name: str, choices: str) -> None:
    for value in ("maybe", "Required", 1, True, [], {}):
        assert policy_advice(**{name: value}) == f"{name}={value!r} is not one of {choices}."
    for value in choices.split(", "):
        assert getattr(Policy(**{name: value.strip("'")}), name) == value.strip("'")


@pytest.mark.parametrize("name", ["allow_cross_origin", "allow_subdomains", "require_backed_up", "keep_attestation"])
@pytest.mark.parametrize("value", ["false", "no", 0, 1, None, [], "True"])
def test_switches_are_booleans(name: str, value: Any) -> None:
    """A text from the environment, such as "false", would otherwise switch on."""
    assert policy_advice(**{name: value}) == f"{name}={value!r} is not True or False."


@pytest.mark.parametrize("seconds", [29, 601, 0, -1, 300.0, "300", None, True])
def test_timeouts(seconds: Any) -> None:
    assert policy_advice(timeout=seconds) == f"The timeout {seconds!r} is not 30 to 600 whole seconds."


@pytest.mark.parametrize("seconds", [30, 300, 600])
def test_timeouts_at_the_bounds(seconds: int) -> None:
    assert Policy(timeout=seconds).timeout == seconds


def test_algorithms() -> None:
    assert policy_advice(algorithms=[]) == (
        "No algorithms: browsers would silently offer their own. Use the default (-8, -7, -257)."
    )
    assert policy_advice(algorithms=[-7, -7]) == "An algorithm stands twice in (-7, -7)."
    for value in (-7, None, "-7", {-7}):
        assert policy_advice(algorithms=value) == (
            f"algorithms is a list of COSE identifiers, best first, not {value!r}."
        )
    for identifier in (-65535, -6, 7, "-7", None, True, -7.0, []):
        message = policy_advice(algorithms=[identifier])
        assert message.startswith(f"The algorithm {identifier!r} is not known for credentials; known are -7 ES256, ")
        assert "RS1" not in message
    for algorithms in (POST_QUANTUM_ALGORITHMS, [row.id for row in ALGORITHMS.values() if row.for_credentials]):
        assert Policy(algorithms=algorithms).algorithms == tuple(algorithms)


@pytest.mark.parametrize("name", ["hints", "top_origins"])
def test_lists_of_text(name: str) -> None:
    for value in ("security-key", None, 1, [1], [None]):
        assert policy_advice(**{name: value}) == f"{name} is a list of strings, not {value!r}."


def test_top_origins() -> None:
    assert Policy(allow_cross_origin=True, top_origins=["https://example.com", "*"]).top_origins == (
        "https://example.com",
        "*",
    )
    assert policy_advice(top_origins=["https://example.com"]) == (
        "top_origins without allow_cross_origin=True would never be used; set both or neither."
    )
    assert "ends in a slash" in policy_advice(allow_cross_origin=True, top_origins=["https://example.com/"])


def test_contradictions() -> None:
    assert policy_advice(backup="forbidden", require_backed_up=True) == (
        "require_backed_up contradicts backup='forbidden'."
    )
    assert policy_advice(attestation="direct") == (
        "attestation is an AttestationPolicy object, for example AttestationPolicy()."
    )
    assert Policy(attestation=AttestationPolicy())
