"""The project that a guide describes, file by file: each example begins with a comment that names its file."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "how-to"
_FILE = re.compile(r"```(?:python|html)\n(?:# |\{# )(\S+?)(?: #\})?\n(.*?)```", flags=re.DOTALL)


def write_project(guide: str, folder: Path) -> None:
    """Write the files of a guide below a folder."""
    files = _FILE.findall((FOLDER / f"{guide}.md").read_text(encoding="utf-8"))
    if not files:
        raise ValueError(f"{guide} has no files")
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
