"""``python -m bench flame``: where `unlatch serve` spends its processor time, as a flame graph.

py-spy looks at the running server a few hundred times a second and writes down which functions were at work; the
picture is drawn here. The wider a box, the more time the function and what it called took.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from bench import results
from bench.load.servers import POSTGRESQL, SQLITE, ours, stores
from bench.pool import ROOT
from bench.server import visit

_PY_SPY = ROOT / ".venv-bench-tools" / "bin" / "py-spy"
_WIDTH, _LINE, _TOP, _SMALLEST = 1200, 17, 40, 0.002
_STYLE = """
text { font: 11px ui-monospace, monospace; fill: #1f2328; } .title { font: 600 15px system-ui, sans-serif; }
rect { stroke: #fff; stroke-width: .5; } .unlatch { fill: #7fd1b3; } .database { fill: #f0c36d; }
.network { fill: #9ec5f0; } .other { fill: #d0d7de; }
@media (prefers-color-scheme: dark) { .title { fill: #e6edf3; } rect { stroke: #0d1117; } }
"""
#: Which colour: what the file's path has in it.
_KINDS = {
    "unlatch": "unlatch/",
    "database": "sqlalchemy|psycopg|sqlite|redis/",
    "network": "uvicorn|httptools|h11|asyncio|starlette|fastapi|anyio",
}
#: Innermost functions of threads that wait for work. py-spy takes them for busy where it cannot see the thread's state.
_WAITING = re.compile(r"(_worker|Writers\._work|Turns\._queue|Condition\.wait) \(")


@dataclass(slots=True)
class Frame:
    """A function at one place of the stacks.

    Attributes:
        name: As py-spy names it: ``function (file)``.
        samples: How often it was seen at work, or waiting for what it called.
        inner: What it called, by name.
    """

    name: str
    samples: int = 0
    inner: dict[str, Frame] = field(default_factory=dict)


def main(arguments: list[str]) -> None:
    """Look, and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench flame")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--postgresql", action="store_true", help="PostgreSQL and Redis in place of SQLite")
    results.add_options(parser)
    chosen = parser.parse_args(arguments)
    seconds = 2.0 if chosen.quick else chosen.seconds
    database = POSTGRESQL if chosen.postgresql else SQLITE
    with stores(database) as kept, ours(kept, workers=1) as server, results.bar("flame", 1) as progress:
        visit(server.url, clients=8, seconds=1)
        client = threading.Thread(target=visit, args=(server.url,), kwargs={"clients": 8, "seconds": seconds + 1})
        client.start()
        stacks = _look(server.process, seconds)
        client.join()
        progress()
    root = fold(stacks)
    picture = svg(root, f"Sign-ins on {database}: {root.samples} looks at the working server")
    folder = chosen.results or (None if chosen.quick else results.FOLDER)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        name = "flame-postgresql.svg" if chosen.postgresql else "flame.svg"
        (folder / name).write_text(picture, "utf-8")
    print(f"flame: {root.samples} samples")


def _look(process: int, seconds: float) -> str:
    """Stacks as py-spy writes them: names from the outside in with ``;`` between, a space, how often."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stacks"
        command = [str(_PY_SPY), "record", "--pid", str(process), "--duration", str(max(1, round(seconds)))]
        command += ["--rate", "200", "--format", "raw", "--nolineno", "--output", str(file)]
        subprocess.run(command, check=True, capture_output=True, timeout=seconds + 120)
        return file.read_text("utf-8")


def fold(stacks: str) -> Frame:
    """Put stacks that begin alike together, but for those of threads that wait for work."""
    root = Frame("all")
    for line in stacks.splitlines():
        names, _, count = line.rpartition(" ")
        if _WAITING.match(names.rpartition(";")[2]):
            continue
        samples = int(count)
        frame = root
        frame.samples += samples
        for name in names.split(";"):
            frame = frame.inner.setdefault(name, Frame(name))
            frame.samples += samples
    return root


def svg(root: Frame, title: str) -> str:
    """The picture: what was called stands below its caller."""
    boxes = list(_boxes(root, 0.0, 0, root.samples))
    height = _TOP + (max((depth for _, _, depth in boxes), default=0) + 1) * _LINE + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t">',
        f'<title id="t">{escape(title)}</title>',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="6" y="22">{escape(title)}</text>',
    ]
    for frame, left, depth in boxes:
        x, width, y = left * _WIDTH, frame.samples / root.samples * _WIDTH, _TOP + depth * _LINE
        label = frame.name.partition(" (")[0]
        shown = label[: int(width / 6.8)] if width > 20 else ""
        parts.append(
            f"<g><title>{escape(frame.name)}: {frame.samples / root.samples:.1%}</title>"
            f'<rect class="{_kind(frame.name)}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_LINE - 1}"/>'
            f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(shown)}</text></g>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _boxes(frame: Frame, left: float, depth: int, total: int) -> Iterator[tuple[Frame, float, int]]:
    for inner in sorted(frame.inner.values(), key=lambda each: -each.samples):
        if inner.samples / total >= _SMALLEST:
            yield inner, left, depth
            yield from _boxes(inner, left, depth + 1, total)
        left += inner.samples / total


def _kind(name: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, name)), "other")
