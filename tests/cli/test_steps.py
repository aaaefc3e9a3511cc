"""``unlatch steps``."""

import json

import pytest
from click.testing import CliRunner

from unlatch.cli.commands import unlatch
from unlatch.steps.table import STEPS


def steps(*arguments):
    result = CliRunner().invoke(unlatch, ["steps", *arguments])
    assert result.exit_code == 0
    return result.output


def test_every_step_has_its_line():
    lines = steps().splitlines()
    for step in STEPS:
        assert any(line.split()[:2] == [str(step.number), step.slug] for line in lines)


def test_it_fits_a_terminal():
    assert max(map(len, steps().splitlines())) <= 100


def test_json_has_everything():
    found = json.loads(steps("--json"))
    assert [item["step"] for item in found] == [step.name for step in STEPS]
    assert [item["doneBy"] for item in found] == [step.done_by for step in STEPS]


@pytest.mark.parametrize("ceremony", ["registration", "authentication"])
def test_one_ceremony_alone(ceremony):
    assert {item["ceremony"] for item in json.loads(steps("--json", "--ceremony", ceremony))} == {ceremony}


def test_another_ceremony_does_not_exist():
    assert CliRunner().invoke(unlatch, ["steps", "--ceremony", "payment"]).exit_code == 2
