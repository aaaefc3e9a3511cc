"""What the documentation site does beyond turning pages into HTML: its order, and the papers of the project.

The folders are the order, so a new page needs no entry anywhere. `CONTRIBUTING.md` and its like stay where people look
for them, at the top of the repository; the site shows copies, and links to them lead to the copies.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "bench" / "results"
PAPERS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_PAPERS = "|".join(map(re.escape, PAPERS))
_SECTIONS = {"Tutorial": "tutorial", "How to": "how-to", "Reference": "reference", "Explanation": "explanation"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the order of the pages."""
    docs = Path(config.docs_dir)

    def pages(folder: str, pattern: str = "*.md") -> list[str]:
        return sorted(str(path.relative_to(docs)) for path in (docs / folder).glob(pattern))

    config.nav = [
        "index.md",
        *({title: pages(folder)} for title, folder in _SECTIONS.items()),
        {"Coming from": pages("", "from-*.md")},
        {"Project": [f"project/{name}" for name in PAPERS]},
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the papers, and the pictures of the benchmarks."""
    for name in PAPERS:
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"project/{name}", content=_inside(text)))
    for picture in sorted(PICTURES.glob("*.svg")):
        files.append(File.generated(config, f"benchmarks/{picture.name}", content=picture.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Lead links out of `docs` to the copies; what has no copy, such as source, stays a name."""
    if page.file.src_uri.startswith("project/"):
        return markdown
    up = "../" * page.file.src_uri.count("/")
    outside = re.escape(f"{up}../")
    markdown = re.sub(rf"\]\({outside}bench/results/([\w-]+\.svg)\)", rf"]({up}benchmarks/\1)", markdown)
    markdown = re.sub(rf"\]\({outside}({_PAPERS})", rf"]({up}project/\1", markdown)
    return re.sub(rf"\[([^\]]+)\]\({outside}[^)]*\)", r"\1", markdown)


def _inside(text: str) -> str:
    """A paper with its links as seen from the folder of the copies."""
    text = re.sub(r"\]\(docs/", "](../", text)
    # What is no page stays a name: folders, the licence, the README.
    page = r"https?:|\.\./[\w/.-]+\.(?:md|png)|#|(?:CHANGELOG|CONTRIBUTING|SECURITY)\.md"
    return re.sub(rf"\[([^\]]+)\]\((?!{page})[^)]*\)", r"\1", text)
