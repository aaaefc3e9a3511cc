"""Fuzzing for a moment: every target keeps its law on its saved corpus and on a few seconds of new inputs.

`make fuzz` looks longer. The targets, their seeds and the mutation are in `fuzz/`.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "fuzz" / "corpus"
TARGETS = [
    "attestation_object",
    "authentication_response",
    "authenticator_data",
    "base64url",
    "cbor",
    "certificate",
    "client_data",
    "cose",
    "creation_options",
    "der",
    "finish_authentication",
    "finish_registration",
    "payment",
    "pem",
    "record",
    "recording",
    "registration_response",
    "request_options",
    "revocation_list",
    "state",
    "strict_json",
    "tpm_certify_info",
    "tpm_public_area",
]
#: For each target. `make fuzz` takes a minute.
SECONDS = 1

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python and machine"
)


def unmeasured() -> dict[str, str]:
    """The environment without what makes coverage measure child processes: the fuzzing engine measures already."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def fuzz(*arguments):
    environment = unmeasured() | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "fuzz", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def test_every_target_is_fuzzed_here_and_has_a_corpus():
    assert sorted(fuzz("list").stdout.split()) == TARGETS
    assert sorted(folder.name for folder in CORPUS.iterdir()) == TARGETS


def test_the_corpus_is_small_and_obeys():
    files = [file for file in CORPUS.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 1_000_000
    done = fuzz("replay")
    assert done.returncode == 0, done.stderr
    assert f"{len(files)} saved inputs" in done.stdout


@needs_atheris
def test_a_moment_of_fuzzing(tmp_path):
    done = fuzz("run", "--seconds", SECONDS, "--folder", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no findings" in done.stdout
    assert re.findall(r"(\w+) +[1-9]\d* inputs .* ok\n", done.stdout) == list(fuzz("list").stdout.split())


@needs_atheris
def test_a_finding_is_found(tmp_path):
    """The law bites: a target that lets another exception out, after a change that only the mutation makes."""
    (tmp_path / "broken.py").write_text(
        "import atheris\n"
        "from types import MappingProxyType\n"
        "with atheris.instrument_imports(include=['unlatch']):\n"
        "    from fuzz import targets\n"
        "honest = targets.TARGETS['client_data']\n"
        "from pathlib import Path\n"
        f"corpus = {{path.read_bytes() for path in Path({str(CORPUS / 'client_data')!r}).iterdir()}}\n"
        "def call(data):\n"
        "    honest(data)\n"
        "    if data and data not in corpus:\n"
        "        raise KeyError('leaked')\n"
        "targets.TARGETS = MappingProxyType({'client_data': call})\n"
        "from fuzz.engine import main\n"
        "main()\n"
    )
    command = [sys.executable, str(tmp_path / "broken.py"), "client_data", str(tmp_path), str(CORPUS / "client_data")]
    environment = unmeasured() | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [*command, "-max_total_time=60", f"-artifact_prefix={tmp_path}/"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "KeyError: 'leaked'" in done.stdout + done.stderr
