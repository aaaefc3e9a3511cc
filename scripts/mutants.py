"""Mutation testing of floors 1 to 4: `make mutants`, or `make mutants PARTS="steps wire"`.

mutmut writes, for each function of a part, copies that differ in one thing; `mutants_session.py` runs the tests that go
through the function against each copy. A change that no test notices must be listed with its reason in
`tests/mutants_allowed.toml`; anything else, and anything listed that is noticed after all, is a failure. What was
noticed is remembered in `.mutants/` for as long as the file does not change, so an interrupted run goes on.

What mutmut leaves alone: tables and constants outside of functions, and functions with a decorator, class methods apart.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from difflib import ndiff
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".mutants"
ALLOWED = ROOT / "tests" / "mutants_allowed.toml"

#: What is changed (below `src/unlatch/`), and the tests that look at it.
PARTS: dict[str, tuple[list[str], list[str]]] = {
    "steps": (["steps/*"], ["steps", "ceremonies"]),
    "attestation": (["attestation/*"], ["attestation", "certificates", "test_field_cases.py", "test_audited_cases.py"]),
    "crypto": (["crypto/*"], ["crypto", "certificates", "test_wycheproof.py"]),
    "ceremonies": (["ceremonies/*", "record.py"], ["ceremonies", "steps", "test_record.py"]),
    "wire": (["wire/*"], ["wire", "certificates/test_der.py", "attestation/test_tpm.py"]),
}
#: Looks at the source, which is another one here.
_LEFT_OUT = "tests/steps/test_table.py"
#: The exit codes of `mutants_session.py`.
_SURVIVED, _KILLED, _NO_TESTS, _TIMED_OUT = 0, 1, 3, 24
# Nothing random: a verdict must be repeatable. Nothing told about a failure: that there is one is enough.
_OPTIONS = [
    "-x",
    "-q",
    "--tb=native",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:randomly",
    "-m",
    "not speed",
]


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        name: ``unlatch.wire.der.x_read__mutmut_3``.
        lines: The lines that were taken out (``-``) and put in (``+``).
        digest: Of the file that it is a change of.
    """

    name: str
    lines: tuple[str, ...]
    digest: str

    @property
    def function(self) -> str:
        """``unlatch.wire.der.read``, or ``unlatch.wire.der.Cursor.next``."""
        module, _, mangled = self.name.rpartition("__mutmut_")[0].rpartition(".")
        name = mangled.removeprefix("xǁ").replace("ǁ", ".") if "ǁ" in mangled else mangled.removeprefix("x_")
        return f"{module}.{name}"

    @property
    def change(self) -> str:
        """What stood there and what stands there instead, as `tests/mutants_allowed.toml` writes it."""
        return "  ->  ".join(" ".join(side.split()) for side in sides(self.lines))


def generate(part: str) -> dict[str, Mutant]:
    """Write the source with all mutants of a part below `.mutants/`, and say what they are."""
    # Only the environment of `make mutants` has mutmut; the tests of this file run without it.
    from mutmut.mutation.file_mutation import mutate_file_contents

    patterns, _ = PARTS[part]
    folder = WORK / part
    shutil.rmtree(folder / "src", ignore_errors=True)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests", "docs", "pyproject.toml", "README.md"):
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(ROOT / name)
    found: dict[str, Mutant] = {}
    for file in sorted((folder / "src" / "unlatch").rglob("*.py")):
        inside = file.relative_to(folder / "src")
        if not any(fnmatch(str(inside), f"unlatch/{pattern}") for pattern in patterns):
            continue
        source = file.read_text()
        mutated = mutate_file_contents(str(file), source)
        # Our own switch instead of mutmut's, which calls something in between and reads the environment each time.
        code = mutated.code.replace(
            "from mutmut.mutation.trampoline import wrap_in_trampoline as _mutmut_mutated, MutantDict",
            "from mutants_session import switchable as _mutmut_mutated, Mutants as MutantDict",
        ).replace(": MutantDict = {}", ": MutantDict = MutantDict()")
        file.write_text(code)
        lines = code.splitlines()
        spans = {name: lines[span.start - 1 : span.end] for name, span in mutated.line_span_by_function_name.items()}
        module = str(inside.with_suffix("")).replace("/", ".").removesuffix(".__init__")
        digest = sha256(source.encode()).hexdigest()[:12]
        for name in mutated.mutant_names:
            before = spans[f"{name.rpartition('__mutmut_')[0]}__mutmut_orig"]
            found[f"{module}.{name}"] = Mutant(f"{module}.{name}", difference(before, spans[name]), digest)
    return found


def difference(before: list[str], after: list[str]) -> tuple[str, ...]:
    """The lines that were taken out and put in, the name of the function apart."""
    found = [line for line in ndiff(before, after) if line[0] in "-+" and "__mutmut_" not in line]
    return tuple(line[0] + line[2:] for line in found)


def recall(part: str, mutants: dict[str, Mutant]) -> tuple[dict[str, int], set[str]]:
    """What earlier runs came to: what was noticed stays noticed while its file is the same; and what was not."""
    file = WORK / f"{part}.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    same = {
        name: verdict for name, (digest, verdict) in kept.items() if name in mutants and mutants[name].digest == digest
    }
    noticed = {name: verdict for name, verdict in same.items() if verdict in (_KILLED, _TIMED_OUT)}
    return noticed, same.keys() - noticed.keys()


def remember(part: str, mutants: dict[str, Mutant], verdicts: dict[str, int]) -> None:
    """Keep the verdicts for the next run."""
    kept = {name: (mutants[name].digest, verdict) for name, verdict in verdicts.items()}
    (WORK / f"{part}.json").write_text(json.dumps(kept, indent=0))


def run(part: str, names: list[str], mutants: dict[str, Mutant], verdicts: dict[str, int]) -> None:
    """Try these mutants, and add what became of them to `verdicts`."""
    folder = WORK / part
    wanted, results = folder / "wanted.json", folder / "results.jsonl"
    wanted.write_text(json.dumps(names))
    results.write_text("")
    tests = [f"tests/{test}" for test in PARTS[part][1]]
    options = [*_OPTIONS, "--hypothesis-profile=mutants", f"--ignore={_LEFT_OUT}", *tests]
    environment = {**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{ROOT / 'scripts'}"}
    session = [sys.executable, str(ROOT / "scripts" / "mutants_session.py"), str(wanted), str(results)]
    try:
        subprocess.run([*session, os.environ.get("WORKERS", "2"), *options], cwd=folder, env=environment, check=False)
    finally:
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        verdicts |= {line["name"]: line["verdict"] for line in lines}
        remember(part, mutants, verdicts)
    # What runs when the source is imported ran before the fork: such a mutant needs a process from the beginning.
    alone = [line["name"] for line in lines if line["at_import"] and line["verdict"] in (_SURVIVED, _NO_TESTS)]
    for name in alone:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options],
            cwd=folder,
            env={**environment, "MUTANT": name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        verdicts[name] = _SURVIVED if done.returncode == 0 else _KILLED
        remember(part, mutants, verdicts)


def sides(lines: Iterable[str]) -> tuple[str, str]:
    """What stood there, and what stands there instead."""
    before, after = ("\n".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")
    return before, after


def changes_only_a_codec_name(lines: Iterable[str]) -> bool:
    """Whether ``"utf-8"`` became ``"UTF-8"``: codecs are found in any case."""
    before, after = sides(lines)
    codec = re.compile(r'(?<=code\()"(?:utf-8|ascii|latin-1)"', re.IGNORECASE)
    return before != after and codec.sub("", before) == codec.sub("", after) and before.lower() == after.lower()


def changes_only_prose(lines: Iterable[str]) -> bool:
    """Whether a change is to a sentence for a person alone, or leaves it out: no test may pin the wording."""
    before, after = (" ".join(side.split()) for side in sides(lines))
    raising = (
        r"Malformed\(|Misconfigured\(|Error\(|[rR]efused?\(|untrusted\(|detail=|wrong\(|malformed\(|allowed\(|Code\."
        r"|bad_input\(|bad_output\("
    )
    literal = r'f?"(?:[^"\\]|\\.)*"'
    several = f"{literal}(?: {literal})*"  # one after another they make one sentence
    alone = re.fullmatch(f"{several},?", before)  # a line of a longer call
    if not alone and not re.search(raising, before):
        return False
    sentences = [found for kind in (several, literal) for found in re.findall(kind, before) if " " in found]
    details = [f"detail={found}{end}" for found in sentences for end in ("", ",")]
    if any(after.split() == before.replace(found, "", 1).split() for found in details):
        return True
    return any(
        after.split() == before.replace(found, other, 1).split()
        for found in sentences
        for other in ("None", "", found.replace('"', '"XX', 1)[:-1] + 'XX"', found.lower(), found.upper())
    )


def changes_only_a_cast(lines: Iterable[str]) -> bool:
    """Whether another type is named to the type checker, which is all that `cast` does."""
    before, after = (re.sub(r'\bcast\((?:"[^"]*"|[^,"]+), ', "cast(...)", side) for side in sides(lines))
    return before == after


def changes_only_a_default(lines: Iterable[str]) -> bool:
    """Whether ``"big"`` was left out, which is the byte order that `int.from_bytes` and `to_bytes` take themselves."""
    before, after = sides(lines)
    return any(
        after == before[: place.start()] + before[place.end() :]
        for place in re.finditer(r'(?<=, )"big"(?:, |(?=\)))', before)
    )


def listing(mutant: Mutant, allowed: dict[str, str]) -> str | None:
    """The entry that lets a mutant pass: its change, or ``LITERAL  ->  *`` for any change of just this literal."""
    before, after = (" ".join(side.split()) for side in sides(mutant.lines))
    for entry in allowed:
        literal, _, instead = entry.partition("  ->  ")
        if entry == mutant.change:
            return entry
        if instead == "*" and any(
            after == before[: place.start()] + other + before[place.end() :]
            for place in re.finditer(re.escape(literal), before)
            for other in ("None", '"XXXX"')
        ):
            return entry
    return None


def is_idle(mutant: Mutant) -> bool:
    """Whether a change is none that a test should notice. It is not tried: to survive is what takes longest."""
    kinds = (changes_only_a_codec_name, changes_only_prose, changes_only_a_cast, changes_only_a_default)
    return any(only(mutant.lines) for only in kinds)


def judge(part: str, mutants: dict[str, Mutant], verdicts: dict[str, int], allowed: dict[str, dict[str, str]]) -> bool:
    """Compare what survived with what may survive, and say so."""
    listed, survivors, unlisted = set(), 0, []
    for name, verdict in sorted(verdicts.items()):
        mutant = mutants[name]
        if verdict not in (_SURVIVED, _NO_TESTS):
            continue
        if (entry := listing(mutant, allowed.get(mutant.function, {}))) is not None:
            listed.add((mutant.function, entry))
            survivors += 1
        elif not is_idle(mutant):
            unlisted.append(mutant)
    for mutant in unlisted:
        print(f"\nsurvived: {mutant.name} ({mutant.function})", mutant.change, *mutant.lines, sep="\n    ")
    needless = {(function, change) for function, changes in allowed.items() for change in changes} - listed
    for function, change in sorted(needless):
        print(f"\nlisted in {ALLOWED.name}, but noticed by a test or not there: {function}\n    {change}")
    idle = sum(is_idle(mutant) for mutant in mutants.values())
    killed = sum(
        verdict not in (_SURVIVED, _NO_TESTS) for name, verdict in verdicts.items() if not is_idle(mutants[name])
    )
    not_run = len(mutants) - idle - sum(not is_idle(mutants[name]) for name in verdicts)
    print(
        f"\n{part}: {killed} of {len(mutants) - idle} killed, {survivors} survivors are listed, "
        f"{len(unlisted)} are not listed, {not_run} did not run; "
        f"{idle} more change only a sentence, a cast, the case of a codec or a default",
        flush=True,
    )
    return bool(mutants) and not (unlisted or needless or not_run)


def main(parts: list[str]) -> int:
    """Run the parts one after another."""
    if unknown := [part for part in parts if part not in PARTS]:
        print(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    listed: dict[str, Any] = tomllib.loads(ALLOWED.read_text())
    failed = []
    for part in parts or PARTS:
        mutants = generate(part)
        verdicts, survived = recall(part, mutants)
        names = [name for name, mutant in mutants.items() if name not in verdicts and not is_idle(mutant)]
        names.sort(key=survived.__contains__)  # what takes longest comes last
        print(f"{part}: {len(mutants)} mutants, {len(verdicts)} noticed earlier, {len(names)} to try", flush=True)
        if names:
            run(part, names, mutants, verdicts)
        if not judge(part, mutants, verdicts, listed.get(part, {})):
            failed.append(part)
    print(f"mutants: {'FAILED in ' + ', '.join(failed) if failed else 'every change is noticed, or listed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
