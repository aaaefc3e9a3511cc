"""A missing part skips with one line that says what to do, and fails where CI=true."""

import pytest

from parts import PARTS, Part, missing, path_of

pytest_plugins = ["pytester"]

TEST = """
import parts, pytest
parts.PARTS["lantern"] = parts.Part(lambda: None, "apt-get install lantern")

@pytest.mark.needs("lantern")
def test_light():
    pass
"""


@pytest.fixture
def run(pytester, monkeypatch):
    pytester.makeconftest("pytest_plugins = ['parts']")
    pytester.makeini("[pytest]\nmarkers = needs(part): x\n")
    pytester.makepyfile(TEST)

    def run(ci):
        monkeypatch.setenv("CI", ci)
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_inprocess("-rs", "-p", "no:cacheprovider")

    yield run
    PARTS.pop("lantern", None)


def test_missing_part_is_skipped_in_one_line(run):
    result = run("")
    result.assert_outcomes(skipped=1)
    assert sum("needs lantern: apt-get install lantern" in line for line in result.outlines) == 1


def test_missing_part_fails_in_ci(run):
    result = run("true")
    # A failure while a test is set up is what pytest calls an error.
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*needs lantern: apt-get install lantern (CI=true*"])


def test_a_part_that_is_here_is_found(monkeypatch):
    monkeypatch.setitem(PARTS, "lantern", Part(lambda: "/bin/lantern", "nothing to do"))
    assert missing("lantern") is None
    assert path_of("lantern") == "/bin/lantern"


def test_the_path_of_a_missing_part_is_an_error(monkeypatch):
    monkeypatch.setitem(PARTS, "lantern", Part(lambda: None, "apt-get install lantern"))
    with pytest.raises(LookupError, match="lantern"):
        path_of("lantern")
