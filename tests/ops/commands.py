"""The command line. It runs in the process of the test: starting Python each time would be most of what it takes."""

from __future__ import annotations

from click.testing import CliRunner

from unlatch.cli.commands import unlatch as program


def unlatch(*arguments, **environment):
    """Run a command to its end; a traceback is the test's."""
    return CliRunner(env=environment).invoke(program, [str(each) for each in arguments], catch_exceptions=False)


def done(*arguments, **environment):
    """What a command that succeeds prints."""
    result = unlatch(*arguments, **environment)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments, **environment):
    """The sentence of a command that refuses."""
    result = unlatch(*arguments, **environment)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("unlatch: ")
    return line
