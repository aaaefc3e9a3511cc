"""What people install is tested, not only the tree: the wheel alone, in an environment of its own."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from running import wait_for_answer

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.wheel, pytest.mark.needs("git"), pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy of what git knows: no file that happens to lie around can help it."""
    tree = tmp_path_factory.mktemp("tree")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    dist = tree / "dist"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, tree]
    subprocess.run(build, check=True, capture_output=True)
    (path,) = dist.glob("unlatch-*.whl")
    return path


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """The command `unlatch` of a fresh environment that holds the wheel with its `server` extra."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", ROOT / "requirements" / "server.txt"], check=True)
    # Without an index: every requirement of the extra must already be met by the hashed list.
    subprocess.run([*pip, "--no-index", f"unlatch[server] @ {wheel.as_uri()}"], check=True)
    return venv / "bin" / "unlatch"


@pytest.fixture
def server(program, tmp_path):
    """A running server of the wheel, away from the tree: its process and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "serve", "--host", "127.0.0.1", "--port", str(port), "--data", tmp_path / "data"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        try:
            url = f"http://localhost:{port}"
            wait_for_answer(url, process=process, log=tmp_path / "log")
            yield process, url
        finally:
            process.kill()


def test_the_wheel_holds_the_whole_package(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "unlatch").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "unlatch/py.typed" in files
    assert files <= names
    assert {name.split("/")[0] for name in names} == {"unlatch", "unlatch-0.1.0.dist-info"}
    assert {"unlatch-0.1.0.dist-info/licenses/LICENSE", "unlatch-0.1.0.dist-info/licenses/NOTICE"} <= names


def test_the_program_names_its_version(program, tmp_path):
    result = subprocess.run([program, "--version"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert re.search(r"\b0\.1\.0\b", result.stdout)


def test_the_server_serves_pages_and_files_and_stops_when_asked(server):
    process, url = server
    page = httpx.get(url, follow_redirects=True)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    files = re.findall(r'(?:src|href)="(/[^"]+\.(?:css|js))"', page.text)
    assert files
    for file in files:
        answer = httpx.get(url + file)
        assert answer.status_code == 200
        assert answer.content
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=15) == 0
