"""What is committed: nothing that belongs to one machine, and nothing silenced without a reason."""

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.needs("git")

# Written in pieces: these lines must not find themselves.
REGISTRIES = [name + ".org" for name in ("pypi", "files.pythonhosted", "registry.npmjs")]
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:wor[k]|far[m]|roo[t]|hom[e]/\w+|User[s]/\w+|tm[p]/bash)/")

TYPE_IGNORE = re.compile(r"type:\s*ignore(?P<codes>\[[^\]]+\])?(?P<rest>.*)")
NOQA = re.compile(r"noqa(?P<codes>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?P<rest>.*)")
NO_COVER = re.compile(r"pragma:\s*no (?:cover|branch)(?P<rest>.*)")
REASON = re.compile(r"\w+\W+\w+")


def tracked(*patterns):
    """Paths of the files that git knows or would add, and that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in dict.fromkeys(names) if name and (ROOT / name).is_file()]


def lines(*patterns):
    """Every line of the text files among them, as (place, line)."""
    for path in tracked(*patterns):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def test_requirements_hold_no_address_and_every_file_a_hash():
    for name in ("server", "dev", "mutants"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert not re.search(r"\w+://|^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links)\b", text, re.MULTILINE)
        pins = re.findall(r"^[a-z0-9._-]+==[^\\]+\\\n(?:\s+--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^\S+==", text, re.MULTILINE))
        assert len(pins) > 20


def test_the_tests_run_the_versions_that_the_server_runs():
    pins = {
        name: set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("server", "dev", "mutants")
    }
    assert pins["server"] <= pins["dev"] <= pins["mutants"]


def test_no_lock_file_with_addresses():
    assert tracked("uv.lock", "pylock*.toml", "*/uv.lock", "Pipfile.lock", "poetry.lock") == []


def test_no_registry_and_no_path_of_one_machine():
    found = [
        place
        for place, line in lines()
        if any(registry in line for registry in REGISTRIES) or MACHINE_PATH.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("line", ["cd /wor" + "k/main", "'/hom" + "e/ada/x'", "PATH=/roo" + "t/bin"])
def test_a_path_of_one_machine_is_recognised(line):
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_the_papers_are_there(name):
    assert len((ROOT / name).read_text()) > 100


def test_the_licence_is_apache_2():
    assert "Apache License\n                           Version 2.0, January 2004" in (ROOT / "LICENSE").read_text()


def test_every_make_target_in_the_papers_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set()
    for paper in tracked("*.md"):
        named |= set(re.findall(r"(?:`|^)make ([a-z-]+)", paper.read_text(), re.MULTILINE))
    assert {"serve", "test", "check"} <= named
    assert named <= targets


def test_ci_runs_the_command_of_the_readme():
    assert re.findall(r"^(?:exec )?make .*", (ROOT / ".ci" / "run").read_text(), re.MULTILINE) == ["exec make test"]
    assert "make test" in (ROOT / "README.md").read_text()


def unexplained_comments(source):
    """Comments in Python source that silence a tool without codes, or without a reason on their line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        for pattern in (TYPE_IGNORE, NOQA, NO_COVER):
            match = pattern.search(token.string)
            if match and not (match.groupdict().get("codes", True) and REASON.search(match["rest"])):
                yield token.start[0]


def unexplained_skips(source):
    """Lines of Python source that leave out a test (skip, xfail) and do not say why."""
    tree = ast.parse(source)
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "skipif", "xfail"):
            call = calls.get(id(node))
            needed = 2 if node.attr == "skipif" else 1
            if call is None or (not any(k.arg == "reason" for k in call.keywords) and len(call.args) < needed):
                yield node.lineno


def python_files_with(finder):
    return [f"{path.relative_to(ROOT)}:{line}" for path in tracked("*.py") for line in finder(path.read_text("utf-8"))]


def test_whatever_is_silenced_says_why():
    assert python_files_with(unexplained_comments) == []


def test_whatever_is_skipped_says_why():
    assert python_files_with(unexplained_skips) == []


@pytest.mark.parametrize(
    ("comment", "explained"),
    [
        ("type: ignore", False),
        ("type: ignore[index]", False),
        ("type: ignore[index]  # majors 0-3 only", True),
        ("noqa", False),
        ("noqa: S105", False),
        ("noqa: S105, E501 - no secret, a name", True),
        ("pragma: no cover", False),
        ("pragma: no cover - only on Windows", True),
        ("a plain remark", True),
    ],
)
def test_unexplained_comments_are_found(comment, explained):
    assert list(unexplained_comments(f"x = 1  # {comment}\n")) == ([] if explained else [1])


@pytest.mark.parametrize(
    ("line", "explained"),
    [
        ("pytest.skip()", False),
        ("pytest.skip('no browser here')", True),
        ("pytest.mark.skip", False),
        ("pytest.mark.skip(reason='why')", True),
        ("pytest.mark.skipif(True)", False),
        ("pytest.mark.skipif(True, reason='why')", True),
        ("pytest.mark.xfail", False),
        ("pytest.mark.xfail(reason='why')", True),
    ],
)
def test_unexplained_skips_are_found(line, explained):
    assert list(unexplained_skips(line)) == ([] if explained else [1])
