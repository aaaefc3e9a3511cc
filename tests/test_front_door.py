"""The scripts behind `make`: a Python that is found, a setup that is instant, a Ctrl-C that ends well."""

import contextlib
import os
import pty
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from running import wait_for_answer

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"


def fake_python(folder, name, version):
    """A program that runs `-c CODE ARGUMENT` and claims to be a Python of that version."""
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "code, wanted = sys.argv[2:4]\n"
        f"sys.version_info, sys.executable, sys.argv = {version!r}, __file__, ['-c', wanted]\n"
        "exec(code)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def find_python(folder, *arguments):
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "PYENV_ROOT": str(folder / "pyenv")}
    command = ["/bin/sh", SCRIPTS / "find-python.sh", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.fixture
def no_python(tmp_path):
    """A folder for PATH in which no name leads to a Python that works."""
    for name in ("python3.11", "python3.12", "python3.13", "python3", "python"):
        fake_python(tmp_path, name, (3, 10, 9))
    return tmp_path


def test_no_python_is_one_clear_sentence(no_python):
    result = find_python(no_python)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("unlatch needs Python 3.11 or newer")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "version"), [("python3.12", (3, 12, 1)), ("python3", (3, 14, 0)), ("python", (3, 11))]
)
def test_a_new_enough_python_is_found_by_any_name(no_python, name, version):
    wanted = fake_python(no_python, name, version)
    assert find_python(no_python).stdout == f"{wanted}\n"


def test_the_oldest_supported_python_comes_first(no_python):
    fake_python(no_python, "python3.13", (3, 13, 0))
    wanted = fake_python(no_python, "python3.11", (3, 11, 9))
    assert find_python(no_python).stdout == f"{wanted}\n"


def test_a_python_of_pyenv_that_is_not_switched_on_is_found(no_python):
    folder = no_python / "pyenv" / "versions" / "3.12.1" / "bin"
    folder.mkdir(parents=True)
    wanted = fake_python(folder, "python3.12", (3, 12, 1))
    assert find_python(no_python, "3.12").stdout == f"{wanted}\n"


def test_a_named_version_is_that_version(no_python):
    fake_python(no_python, "python3", (3, 11, 9))
    result = find_python(no_python, "3.13")
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "")


@pytest.fixture
def make_serve(tmp_path):
    """Starts `make serve` and waits for its answer: its process, the terminal's other end, its log, its address."""
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("`make serve` would first set up .venv; run this test with .venv/bin/python")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    make = [shutil.which("make"), "serve", f"DATA={tmp_path / 'data'}", f"OPTIONS=--port {port}"]
    # The child becomes leader of a session whose terminal is its standard input, as in a terminal window.
    leader = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    in_terminal = [sys.executable, "-c", leader, *make]
    # When `make test` runs this, its own variables would tell the inner make that it is a part of the outer one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    log = tmp_path / "log"

    with contextlib.ExitStack() as cleanup:

        def start(*, terminal):
            ours, theirs = pty.openpty()
            cleanup.callback(os.close, ours)
            with log.open("wb") as output:
                process = subprocess.Popen(
                    in_terminal if terminal else make,
                    cwd=ROOT,
                    env=environment,
                    stdin=theirs if terminal else subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            os.close(theirs)
            cleanup.callback(process.wait)
            cleanup.callback(end_group, process)
            url = f"http://localhost:{port}"
            wait_for_answer(url, process=process, log=log)
            return process, ours, log, url

        yield start


def end_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


@pytest.mark.needs("make")
@pytest.mark.wheel
@pytest.mark.xdist_group("wheel")
def test_ctrl_c_stops_the_server_and_make_has_nothing_to_report(make_serve):
    process, terminal, log, _ = make_serve(terminal=True)
    os.write(terminal, b"\x03")
    assert process.wait(timeout=15) == 0
    assert "***" not in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.needs("make")
@pytest.mark.wheel
@pytest.mark.xdist_group("wheel")
def test_a_supervisor_that_ends_make_ends_the_server(make_serve):
    process, _, log, url = make_serve(terminal=False)
    process.terminate()
    process.wait(timeout=15)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    assert "Traceback" not in log.read_text()
