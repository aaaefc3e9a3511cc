"""The command: how it starts, what it says when it cannot, and how it stops."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from live_server import PATIENCE, SOURCE, LiveServer, Person
from unlatch.cli.serve import serve


def unlatch(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "unlatch.cli", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def refused(*arguments):
    """The sentence with which the command refuses to start."""
    result = CliRunner().invoke(serve, ["--port", "0", *map(str, arguments)])
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("unlatch: ")
    return line


def test_it_names_its_version():
    result = unlatch("--version")
    assert result.returncode == 0
    assert result.stdout.split() == ["unlatch", "0.1.0"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_the_next_start_finds_the_same_accounts(tmp_path, number):
    with LiveServer(tmp_path / "data") as server, Person(server) as person:
        person.sign_up("ada")
        assert server.stop(number) == 0
        server.start(port=server.port)
        assert person.sign_in().status_code == 200
        assert person.username() == "ada"


def test_it_answers_on_both_loopback_addresses(server):
    for address in ("127.0.0.1", "[::1]"):
        try:
            assert httpx.get(f"http://{address}:{server.port}/v1/session").status_code == 200
        except httpx.ConnectError:
            assert address == "[::1]"
            assert not socket.has_dualstack_ipv6()


def test_a_busy_port_is_one_sentence(server, tmp_path):
    result = unlatch("serve", "--port", server.port, "--data", tmp_path)
    assert result.returncode == 2
    assert result.stderr == (
        f"unlatch: Port {server.port} is already in use. Stop the program that uses it, or name another port with "
        "--port.\n"
    )


def test_an_address_that_is_not_here_is_one_sentence(tmp_path):
    assert "--host" in refused("--host", "192.0.2.1", "--data", tmp_path)


def test_a_data_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    assert "--data" in refused("--data", file / "inside")


def test_a_file_that_is_no_database_is_one_sentence(tmp_path):
    (tmp_path / "unlatch.sqlite3").write_text("this is not a database, whatever its name may say\n" * 100)
    assert "file is not a database" in refused("--data", tmp_path)


def test_a_newer_database_is_one_sentence(tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "unlatch.sqlite3") as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    assert "newer version" in refused("--data", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--rp-id", "https://example.org"), "URL"),
        (("--rp-id", "example.org", "--origin", "https://example.com"), "does not belong"),
        (("--rp-id", "example.org", "--origin", "http://example.org"), "https"),
        (("--rp-id", "127.0.0.1"), "IP address"),
        (("--origin", "http://localhost:8000/"), "slash"),
    ],
)
def test_a_relying_party_that_cannot_work_is_one_sentence(tmp_path, arguments, word):
    assert word in refused(*arguments, "--data", tmp_path)


def test_the_data_folder_comes_from_the_environment(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNLATCH_DATA", str(tmp_path / "chosen"))
        from unlatch.server.settings import default_data_folder

        assert default_data_folder() == tmp_path / "chosen"
        patch.delenv("UNLATCH_DATA")
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
        patch.setattr("sys.platform", "linux")
        assert default_data_folder() == tmp_path / "xdg" / "unlatch"


def test_what_it_writes_is_for_its_owner_only(server):
    assert server.data.stat().st_mode & 0o077 == 0
    for file in server.data.iterdir():
        assert file.stat().st_mode & 0o077 == 0
