"""PG-7 to PG-11: the four functions, on both backends."""

from __future__ import annotations

from postgres.databases import ADA, Caller, browser


def test_a_life(caller: Caller) -> None:
    laptop = browser(counter=0)
    assert caller.sign_up(laptop) == ADA
    for _ in range(2):
        assert caller.sign_in(laptop) == ADA
    assert caller.sign_in(laptop, None) == ADA
    assert caller.last_error() == (None, None)
