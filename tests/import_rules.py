"""The table of who may import whom, and the walk that proves it.

A part of the package is a file or folder directly below it (`wire`, `errors`). Imports for type checking alone and
imports inside functions count like any other: the table is about knowledge, not about time.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "unlatch"
MAX_LINES = 400
NAMES_FOR_NOTHING = frozenset(("util", "utils", "helper", "helpers", "common", "misc"))
#: Modules that are called what another library calls them, because programs import them by that name.
NAMED_BY_OTHERS = frozenset((f"{PACKAGE}.compat.webauthn_rp.utils",))

#: Part -> floor. A part that is not listed is refused: it has to be given its place first.
FLOORS = {
    # `client_errors` is words for pages.
    **dict.fromkeys(("errors", "terms", "codes", "client_errors", "values"), 0),
    "wire": 1,
    **dict.fromkeys(("crypto", "attestation", "metadata", "record"), 2),
    "steps": 3,
    # `payments` is a third ceremony, apart from the other two on purpose.
    **dict.fromkeys(("ceremonies", "payments", "payment_details"), 4),
    # `judgement` runs ceremonies on recorded data; the next three are what a server
    # sends beside them; `finders` are stores made of functions. None does I/O.
    **dict.fromkeys(("stores", "flows", "passkeys", "judgement", "signals", "decoys", "well_known", "finders"), 5),
    **dict.fromkeys(("adapters", "compat"), 6),
    **dict.fromkeys(("server", "cli", "postgres"), 7),
}
#: The public names (`unlatch/__init__.py`) are collected from floors 0 to 5, for the doors and products above.
PUBLIC_NAMES_FLOOR = 5
#: The prover knows the words and the wire, nothing that judges.
TESTING_MAY_IMPORT = 1
#: What a store may know beside floors 0 and 1: its protocol, and the values that it keeps.
STORE_MAY_IMPORT = (f"{PACKAGE}.stores", f"{PACKAGE}.record", f"{PACKAGE}.ceremonies.state")
#: Who may use the prover: the command that measures ceremonies needs honest ones to measure.
MAY_IMPORT_TESTING = (f"{PACKAGE}.testing", f"{PACKAGE}.cli.bench")
#: Modules in `steps` that are not steps, and may know or be known by steps: the table and its marker.
NOT_A_STEP = frozenset((f"{PACKAGE}.steps", f"{PACKAGE}.steps.table", f"{PACKAGE}.steps.marker"))

#: Prefix of a module -> third-party packages it may import; the longest prefix counts. Everything else: none.
_WEB = frozenset(("fastapi", "starlette", "pydantic", "uvicorn", "jinja2", "markupsafe", "anyio"))
_SQL = frozenset(("sqlalchemy", "alembic"))
THIRD_PARTY = {
    "crypto": frozenset(("cryptography",)),
    "attestation": frozenset(("cryptography",)),
    "metadata": frozenset(("cryptography",)),
    "record": frozenset(("cryptography",)),
    "stores.sqlalchemy": _SQL,
    "stores.redis": frozenset(("redis",)),
    "stores.sealed": frozenset(("cryptography",)),
    "adapters.models": frozenset(("pydantic",)),
    "adapters.flask": frozenset(("flask", "werkzeug")),
    "adapters.starlette": frozenset(("starlette", "fastapi")),
    "adapters.fastapi": frozenset(("starlette", "fastapi", "pydantic")),
    "adapters.django": frozenset(("django", "asgiref")),
    "compat.webauthn_rp.types.attestation": frozenset(("cryptography",)),
    "compat.webauthn_rp.types.keys": frozenset(("cryptography",)),
    "compat.webauthn_rp.utils": frozenset(("cryptography",)),
    "compat.importing": _SQL,
    "compat.pg_webauthn": _SQL,
    "server": _WEB | _SQL | {"aiosqlite", "click", "redis", "prometheus_client"},
    "cli": frozenset(("click",)),
    "cli.bench": frozenset(("click", "cryptography")),
    "cli.db": frozenset(("click", "sqlalchemy")),
    "cli.postgres": frozenset(("click", "psycopg")),
    "postgres.alembic": frozenset(("alembic",)),
    "testing": frozenset(("cryptography",)),
    "testing.pytest_plugin": frozenset(("cryptography", "pytest")),
}


@dataclass(frozen=True, slots=True)
class Module:
    """One source file.

    Attributes:
        name: Dotted name, `unlatch.wire.cbor`.
        path: Where it is.
        tree: Its syntax tree.
    """

    name: str
    path: Path
    tree: ast.Module

    @property
    def part(self) -> str:
        """The part of the package that it belongs to; empty for the package's own file."""
        return self.name.split(".")[1] if "." in self.name else ""


def modules(source: Path) -> dict[str, Module]:
    """Every module below `source` (the folder that holds the package), by name."""
    found = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_bytes(), str(path)))
    return found


def imports(module: Module, known: dict[str, Module]) -> Iterator[str]:
    """Dotted names of all modules that a module imports, wherever in the file."""
    for node in ast.walk(module.tree):
        yield from _targets(node, known)


def _targets(node: ast.AST, known: dict[str, Module]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            yield "." * node.level + (node.module or "")
            return
        base = node.module or ""
        for alias in node.names:
            # `from unlatch import codes` imports a module, `from unlatch import Passkeys` a public name.
            submodule = f"{base}.{alias.name}"
            yield submodule if submodule in known or (base == PACKAGE and alias.name in FLOORS) else base


def _imports_when_loaded(module: Module, known: dict[str, Module]) -> Iterator[str]:
    """The imports that run when the module is loaded: not in functions, not for type checking alone."""
    waiting: list[ast.AST] = list(module.tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        yield from _targets(node, known)
        waiting.extend(ast.iter_child_nodes(node))


def violations(source: Path) -> list[str]:
    """Everything in the package below `source` that breaks the table or the house rules, one sentence each."""
    known = modules(source)
    found = []
    for module in known.values():
        found += [f"{module.name}: {broken}" for broken in _of_file(module)]
        for target in imports(module, known):
            broken = _of_import(module, target)
            if broken:
                found.append(f"{module.name} imports {target}: {broken}")
    return sorted(set(found)) + _circles(known)


def _of_file(module: Module) -> Iterator[str]:
    if module.part and module.part != "testing" and module.part not in FLOORS:
        yield f"part {module.part!r} has no floor yet (tests/import_rules.py)"
    lines = len(module.path.read_bytes().splitlines())
    if lines > MAX_LINES:
        yield f"{lines} lines, more than {MAX_LINES}: more than one concept"
    if NAMES_FOR_NOTHING.intersection(module.name.split(".")) and module.name not in NAMED_BY_OTHERS:
        yield "a name that says nothing"
    if module.part != "testing":
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Assert):
                yield f"line {node.lineno}: assert is no check, it vanishes under -O"


def _of_import(module: Module, target: str) -> str | None:
    if target.startswith("."):
        return "a relative import"
    top, *rest = target.split(".")
    if top == PACKAGE:
        return _of_own_import(module, target, rest[0] if rest else "")
    if top in sys.stdlib_module_names:
        return None
    name = module.name.removeprefix(f"{PACKAGE}.")
    # `stores.sqlalchemy` covers the file, the folder and files like `stores/sqlalchemy_tables.py`.
    prefixes = [p for p in THIRD_PARTY if name == p or name.startswith((f"{p}.", f"{p}_"))]
    allowed = THIRD_PARTY[max(prefixes, key=len)] if prefixes else frozenset()
    return None if top in allowed else f"its floor allows of third parties: {', '.join(sorted(allowed)) or 'none'}"


def _of_own_import(module: Module, target: str, part: str) -> str | None:
    if part == "testing":
        return None if _below(module.name, MAY_IMPORT_TESTING) else "the package must not know its own tester"
    if part and part not in FLOORS:
        return "a part without a floor"
    floor = FLOORS[part] if part else PUBLIC_NAMES_FLOOR
    if module.part == "testing":
        return None if floor <= TESTING_MAY_IMPORT else "the prover must not share the verifier's judgement"
    own = FLOORS.get(module.part, PUBLIC_NAMES_FLOOR)
    if floor > own or (not part and own <= PUBLIC_NAMES_FLOOR):
        return f"upwards, from floor {own}"
    if module.part == "steps" and part == "steps" and module.name not in NOT_A_STEP and target not in NOT_A_STEP:
        return "a step imports another step"
    if module.part == "stores" and floor > 1 and not _below(target, STORE_MAY_IMPORT):
        return "a store knows its protocol and the values it keeps, no ceremony and no step"
    return None


def _below(target: str, prefixes: tuple[str, ...]) -> bool:
    return any(target == prefix or target.startswith(f"{prefix}.") for prefix in prefixes)


def _circles(known: dict[str, Module]) -> list[str]:
    """Modules that need each other to be loaded."""
    graph = {name: sorted(set(_imports_when_loaded(module, known)) & set(known)) for name, module in known.items()}
    done: set[str] = set()
    found = []

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            found.append(f"a circle: {' -> '.join((*trail[trail.index(name) :], name))}")
        elif name not in done:
            for target in graph[name]:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())
    return found
