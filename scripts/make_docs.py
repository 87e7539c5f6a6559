"""Write docs/: a page for every layer, with its gradients derived step by step, and one that lists them; and one of
mistakes, with what the checker says to each; and the zoo of wrong backwards that stood in public code.

python scripts/make_docs.py            write the pages
python scripts/make_docs.py --check    exit with 1 where that would change anything
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

from chainrule.catalogue import Entry, list_layers, make_page, read_layer
from chainrule.derive.render import html_page
from chainrule.derive.render.flow import equation
from chainrule.pages.document import write_document

ROOT = Path(__file__).resolve().parents[1]
DOCS, FAULTS, ZOO = (ROOT / "docs" / name for name in ("layers", "faults", "zoo"))
ROUNDING = re.compile(r"to \d\.\de[-+]\d\d\b")  # the error of a proof, which is rounding and differs by machine

ABOVE = '<nav><a href="index.html">All layers</a></nav>'
INTRODUCTION = (
    "Every layer of chainrule states its equations, forward and backward, in its docstring. These pages derive the "
    "backward from the forward, step by step; `chainrule derive NAME` prints the same, and `chainrule verify` holds "
    "equations, code and PyTorch to each other."
)


def make_pages() -> dict[str, str]:
    """The text of every page by its file name."""
    entries = [read_layer(layer) for layer in list_layers()]
    pages = {_file(group): html_page(make_page(group), above=ABOVE) for group in entries}
    return {"index.html": _make_index(entries), **pages}


def make_faults_page() -> dict[str, str]:
    """The text of the page of mistakes, by its file name."""
    sys.path.insert(0, str(ROOT))
    from tests.faults.backwards.page import judge_shown
    from tests.faults.backwards.page import make_page as make_faults

    return {"index.html": make_faults(judge_shown())}


def make_zoo_pages() -> dict[str, str]:
    """The text of the zoo's pages, by their file names."""
    sys.path.insert(0, str(ROOT))
    from tests.zoo.page import make_pages as make_zoo

    return make_zoo()


def find_stale(pages: dict[str, str], folder: Path = DOCS) -> list[Path]:
    """The files of a folder that are not what they should be, or should not be there."""
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    names = sorted(written.keys() | pages.keys())
    return [folder / name for name in names if _comparable(written.get(name)) != _comparable(pages.get(name))]


def _make_index(entries: list[list[Entry]]) -> str:
    rows = [_row(group) for group in entries]
    introduction = re.sub(r"`(.+?)`", r"<code>\1</code>", escape(INTRODUCTION))
    listed = '<ol class="listed">\n' + "\n".join(rows) + "\n</ol>"
    return write_document("chainrule: layers", f"<h1>Layers</h1>\n<p>{introduction}</p>\n{listed}")


def _row(group: list[Entry]) -> str:
    first = group[0]
    output = first.forward.statements[-1]
    link = f'<a href="{_file(group)}">{escape(first.name)}</a>'
    formula = f'<div class="formula">{equation(output.target, output.value)}</div>'
    return f"<li>{link}<div>{escape(first.title)}{formula}</div></li>"


def _file(group: list[Entry]) -> str:
    return f"{group[0].name.lower()}.html"


def _comparable(text: str | None) -> str | None:
    return None if text is None else ROUNDING.sub("to rounding", text)


def main() -> int:
    """Write the pages that are stale, or name them; return the exit code."""
    made = {DOCS: make_pages(), FAULTS: make_faults_page(), ZOO: make_zoo_pages()}
    stale = [path for folder, pages in made.items() for path in find_stale(pages, folder)]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path} is stale; run python scripts/make_docs.py")
        return int(bool(stale))
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name in made[path.parent]:
            path.write_text(made[path.parent][path.name], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
