"""The table of steps tells the truth: what it names exists, and the ceremonies call it in the table's order."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import Counter
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from calls import calls_during
from finishing import register, sign_in
from unlatch.ceremonies import authentication, registration
from unlatch.steps import table
from unlatch.steps.table import STEPS, Step
from unlatch.terms import CeremonyKind

WORDS = {"client", "decoder", "store", "caller"}
DONE_HERE = [step for step in STEPS if step.done_by not in WORDS]


def resolve(path: str) -> Any:
    """What a dotted path names: as much of it as is a module, then attributes."""
    names = path.split(".")
    for length in range(len(names), 0, -1):
        try:
            found = importlib.import_module(".".join(names[:length]))
        except ModuleNotFoundError:
            continue
        for name in names[length:]:
            found = getattr(found, name)
        return found
    raise AssertionError(f"{path} names nothing")


@pytest.mark.parametrize("step", DONE_HERE, ids=lambda step: step.name)
def test_what_a_row_names_exists(step: Step) -> None:
    function = resolve(step.done_by)
    assert callable(function)
    assert function.__doc__


def test_29_and_25_steps_numbered_in_order() -> None:
    for ceremony, count in ((CeremonyKind.REGISTRATION, 29), (CeremonyKind.AUTHENTICATION, 25)):
        rows = [step for step in STEPS if step.ceremony is ceremony]
        assert [step.number for step in rows] == list(range(1, count + 1))
        assert Counter(step.slug for step in rows).most_common(1)[0][1] == 1
        assert all(step.name == f"{ceremony}.{step.slug}" for step in rows)
        assert {step.anchor for step in rows} == {
            table.SPECIFICATION
            + ("#sctn-registering-a-new-credential" if ceremony == "registration" else "#sctn-verifying-assertion")
        }


def calls_of(finish: Callable[[], object], body: CodeType) -> list[CodeType]:
    """What the ceremony's body calls, in order, while `finish` runs."""
    return [called for caller, called in calls_during(finish) if caller is body]


@pytest.mark.parametrize(
    ("ceremony", "finish", "body"),
    [
        (CeremonyKind.REGISTRATION, register, registration._finish),
        (CeremonyKind.AUTHENTICATION, sign_in, authentication._finish),
    ],
)
def test_each_function_is_called_once_and_in_the_order_of_the_table(
    ceremony: CeremonyKind, finish: Callable[[], object], body: Any
) -> None:
    expected: list[CodeType] = []
    for step in DONE_HERE:
        # Making the record is the ceremony itself.
        if step.ceremony is ceremony and step.slug != "record":
            code = resolve(step.done_by).__code__
            # One call may do two neighbouring steps: looking up anchors and judging by them.
            if not expected or expected[-1] is not code:
                expected.append(code)
    calls = calls_of(finish, body.__code__)
    # A registration checks its state and at once asks for the user; the check itself is a call deeper.
    entry = resolve("unlatch.ceremonies.state.CeremonyState.check_registration").__code__
    check = resolve("unlatch.ceremonies.state.CeremonyState.check").__code__
    calls = [check if code is entry else code for code in calls]
    assert [code for code in calls if code in set(expected)] == expected
    called_steps = {code.co_qualname for code in calls if "/steps/" in code.co_filename}
    assert called_steps <= {code.co_qualname for code in expected}, "no step without a row"


def test_every_public_step_function_has_a_row() -> None:
    rows = {step.done_by for step in STEPS}
    for name in ("client_data", "authenticator_data", "attestation", "credential", "extensions"):
        module = importlib.import_module(f"unlatch.steps.{name}")
        for attribute, value in vars(module).items():
            if getattr(value, "__module__", "") == module.__name__ and attribute.startswith(("verify_", "assess_")):
                assert f"{module.__name__}.{attribute}" in rows


def test_every_refusing_step_names_a_slug_of_the_table() -> None:
    """Slugs stand in the code as plain text; each must be a row of the ceremonies that use it."""
    slugs = {step.slug for step in STEPS}
    assert {"options", "challenge", "sign-count", "extensions"} <= slugs
    found = set()
    for name in ("client_data", "authenticator_data", "attestation", "credential", "extensions"):
        source = inspect.getsource(importlib.import_module(f"unlatch.steps.{name}"))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Refused"):
                slug = node.args[1]
                assert isinstance(slug, ast.Constant)
                found.add(slug.value)
    assert found <= slugs
    assert len(found) > 15
