"""Mutation testing of floors 1 to 4: `make mutants`, or `make mutants PARTS="steps wire"`.

mutmut changes one thing at a time in each function of a part and runs the tests that go through it. A change that no
test notices must be listed with its reason in `tests/mutants_allowed.toml`; anything else, and anything listed that is
noticed after all, is a failure. Each part has a folder of its own in `.mutants/`, where an interrupted run goes on.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".mutants"
ALLOWED = ROOT / "tests" / "mutants_allowed.toml"

#: What is changed (below `src/unlatch/`), and the tests that look at it.
PARTS: dict[str, tuple[list[str], list[str]]] = {
    "steps": (["steps/*"], ["steps", "ceremonies"]),
    "wire": (["wire/*"], ["wire", "certificates/test_der.py", "test_w3c_vectors.py"]),
    "attestation": (["attestation/*"], ["attestation"]),
    "crypto": (["crypto/*"], ["crypto", "certificates"]),
    "ceremonies": (["ceremonies/*", "record.py"], ["ceremonies", "steps", "test_record.py"]),
}
#: Looks at the source and at functions as objects; mutmut replaces both.
_LEFT_OUT = "tests/steps/test_table.py"
_KILLED = {1, 3}
_TIMED_OUT = {36, 24, 152, 255, -24}


def prepare(part: str) -> Path:
    """A folder with links to source and tests, and mutmut's configuration for this part alone."""
    patterns, tests = PARTS[part]
    folder = WORK / part
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("src", "tests"):
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(ROOT / name)
    # One process forks for every mutant: the first failure is enough. Nothing random: a verdict must be repeatable.
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-m", "not speed"]
    section = {
        "source_paths": ["src"],
        "only_mutate": [f"src/unlatch/{pattern}" for pattern in patterns],
        "pytest_add_cli_args": [*options, "--hypothesis-profile=mutants", f"--ignore={_LEFT_OUT}"],
        "pytest_add_cli_args_test_selection": [f"tests/{test}" for test in tests],
        "use_git_change_detection": False,
    }
    project = (ROOT / "pyproject.toml").read_text()
    lines = [f"{name} = {json.dumps(value)}" for name, value in section.items()]
    (folder / "pyproject.toml").write_text(project + "\n[tool.mutmut]\n" + "\n".join(lines) + "\n")
    return folder


def forget_survivors(folder: Path) -> None:
    """Have those tried again that survived an earlier run: a test may be there by now. `make clean` forgets all."""
    for file in (folder / "mutants").rglob("*.meta"):
        kept = json.loads(file.read_text())
        codes = kept["exit_code_by_key"]
        kept["exit_code_by_key"] = {name: code if code in _KILLED else None for name, code in codes.items()}
        file.write_text(json.dumps(kept, indent=4))


def verdicts(folder: Path) -> dict[str, int | None]:
    """What became of each mutant, by its name: pytest's exit code, None if it did not run."""
    found: dict[str, int | None] = {}
    for file in sorted((folder / "mutants").rglob("*.meta")):
        found |= json.loads(file.read_text())["exit_code_by_key"]
    return found


def difference(folder: Path, mutant: str) -> list[str]:
    """The lines that were taken out and put in."""
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", mutant], cwd=folder, capture_output=True, text=True, check=False
    ).stdout
    return [line for line in shown.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]


def sides(lines: list[str]) -> tuple[str, str]:
    """What stood there, and what stands there instead."""
    before, after = ("\n".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")
    return before, after


def changes_only_a_codec_name(lines: list[str]) -> bool:
    """Whether ``"utf-8"`` became ``"UTF-8"``: codecs are found in any case."""
    before, after = sides(lines)
    codec = re.compile(r'(?<=code\()"(?:utf-8|ascii)"', re.IGNORECASE)
    return before != after and codec.sub("", before) == codec.sub("", after) and before.lower() == after.lower()


def changes_only_prose(lines: list[str]) -> bool:
    """Whether a change is to a sentence for a person alone, or leaves it out: no test may pin the wording."""
    before, after = sides(lines)
    if not re.search(r"Malformed\(|Misconfigured\(|[rR]efused?\(|untrusted\(|detail=|wrong\(|malformed\(", before):
        return False
    sentence = r'"[^"]* [^"]*"'
    return any(
        after == before.replace(found, other, 1)
        for found in re.findall(sentence, before)
        for other in ("None", f'"XX{found[1:-1]}XX"', found.lower(), found.upper())
    )


def judge(part: str, folder: Path, allowed: dict[str, str]) -> bool:
    """Compare what survived with what may survive, and say so."""
    found = verdicts(folder)
    survivors = {name for name, code in found.items() if code not in _KILLED | _TIMED_OUT and code is not None}
    codecs, prose, unlisted = 0, 0, []
    for name in sorted(survivors - allowed.keys()):
        lines = difference(folder, name)
        if changes_only_a_codec_name(lines):
            codecs += 1
        elif changes_only_prose(lines):
            prose += 1
        else:
            unlisted.append((name, lines))
    for name, lines in unlisted:
        print(f"\nsurvived: {name}", *lines, sep="\n    ")
    noticed = sorted(name for name in allowed if found.get(name, 0) in _KILLED)
    for name in noticed:
        print(f"\nlisted in {ALLOWED.name}, but noticed by a test: {name}")
    missing = sorted(name for name in allowed if name not in found)
    for name in missing:
        print(f"\nlisted in {ALLOWED.name}, but there is no such mutant: {name}")
    not_run = sum(code is None for code in found.values())
    killed = len(found) - len(survivors) - not_run
    print(
        f"\n{part}: {killed} of {len(found)} killed, {len(survivors & allowed.keys())} survivors are listed, "
        f"{codecs} write a codec in capitals, {prose} change only a sentence, "
        f"{len(unlisted)} are not listed, {not_run} did not run",
        flush=True,
    )
    return bool(found) and not (unlisted or noticed or missing or not_run)


def main(parts: list[str]) -> int:
    """Run the parts one after another."""
    if unknown := [part for part in parts if part not in PARTS]:
        print(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    listed = tomllib.loads(ALLOWED.read_text())
    failed = []
    for part in parts or PARTS:
        folder = prepare(part)
        forget_survivors(folder)
        subprocess.run([sys.executable, "-m", "mutmut", "run", "--max-children", "2"], cwd=folder, check=False)
        if not judge(part, folder, listed.get(part, {})):
            failed.append(part)
    print(f"mutants: {'FAILED in ' + ', '.join(failed) if failed else 'every change is noticed, or listed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
