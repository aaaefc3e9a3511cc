"""The page's module, looked at without a page: its types, and its sentences."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from parts import path_of
from unlatch import __version__
from unlatch.client_errors import all_advice
from unlatch.terms import CeremonyKind

ROOT = Path(__file__).parents[2]
NODE = ROOT / "tests" / "interop" / "node"
STATIC = ROOT / "src" / "unlatch" / "adapters" / "http" / "static"


def check_types(folder: Path) -> str:
    command = [path_of("typescript"), NODE / "node_modules" / "typescript" / "bin" / "tsc", "-p", folder]
    return subprocess.run(command, capture_output=True, text=True).stdout


@pytest.mark.needs("typescript")
def test_the_types_hold_in_the_module_and_in_the_servers_pages():
    assert check_types(NODE) == ""


@pytest.mark.needs("typescript")
def test_a_wrong_type_is_found(tmp_path):
    shutil.copy(STATIC / "unlatch.js", tmp_path)
    (tmp_path / "page.js").write_text('import { call } from "./unlatch.js";\ncall("GET");\n')
    config = json.loads((NODE / "tsconfig.json").read_text())
    options = {name: value for name, value in config["compilerOptions"].items() if not name.startswith("rootDir")}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*.js"]}))
    assert "page.js" in check_types(tmp_path)


@pytest.mark.needs("typescript")
def test_the_sentences_are_those_of_the_library():
    program = """
        const { explain, Problem } = await import(process.argv[1]);
        const named = (name) => Object.assign(new Error("x"), { name });
        const names = JSON.parse(process.argv[2]);
        const of = (ceremony) => Object.fromEntries(names.map((name) => [name, explain(named(name), ceremony)]));
        const problem = explain(new Problem(409, "username_taken", "Taken."), "create");
        console.log(JSON.stringify({ create: of("create"), get: of("get"), problem }));
    """
    expected = {"create": all_advice(CeremonyKind.REGISTRATION), "get": all_advice(CeremonyKind.AUTHENTICATION)}
    names = sorted({name for table in expected.values() for name in table})
    module = (STATIC / "unlatch.js").as_uri()
    command = [path_of("typescript"), "--input-type=module", "-e", program, module, json.dumps(names)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert told.pop("problem")["sentence"] == "Taken."
    assert told == {
        ceremony: {name: table.get(name, table[""]) for name in names} for ceremony, table in expected.items()
    }


def test_it_is_a_package_without_dependencies():
    package = json.loads((STATIC / "package.json").read_text())
    assert (package["version"], package["type"]) == (__version__, "module")
    assert (STATIC / package["exports"]).is_file()
    assert "dependencies" not in package
    assert re.findall(r"^import .*", (STATIC / "unlatch.js").read_text(), re.MULTILINE) == []
