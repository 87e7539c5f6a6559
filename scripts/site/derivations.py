"""The pages under docs/layers, docs/faults and docs/zoo as pages of the site: their markup within the theme."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDERS = ("layers", "zoo", "faults")


def make_derivations() -> dict[str, str]:
    """Return the text of each page by its place; an index lists the others of its folder."""
    pages = {}
    for folder in FOLDERS:
        names = sorted(path.stem for path in (DOCS / folder).glob("*.html"))
        for name in names:
            others = [other for other in names if other != "index"] if name == "index" else []
            markup = (DOCS / folder / f"{name}.html").read_text(encoding="utf-8")
            pages[f"{folder}/{name}.md"] = wrap_page(markup, others)
    return pages


def wrap_page(markup: str, others: list[str]) -> str:
    """Return a page's body as Markdown with markup in it, its rules of style for itself alone."""
    body = re.search(r"<body>(.*)</body>", markup, re.DOTALL)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", markup, re.DOTALL)
    assert body, "a page has a body"
    assert heading, "a page has a title"
    styles = "\n".join(re.findall(r"<style>(.*?)</style>", markup, re.DOTALL))
    content = re.sub(r"<style>.*?</style>|<h1[^>]*>.*?</h1>|<nav>.*?</nav>", "", body[1], flags=re.DOTALL)
    content = "\n".join(line for line in content.splitlines() if line.strip())
    title = unescape(re.sub(r"<[^>]+>", "", heading[1])).strip()
    raw = f'<style>{_within_theme(styles)}</style>\n<div class="derivation">\n{content}\n</div>'
    toctree = "".join(f"{name}\n" for name in others)
    below = f"\n```{{toctree}}\n:hidden:\n\n{toctree}```\n" if others else ""
    return f"# {title}\n\n`````{{raw}} html\n{raw}\n`````\n{below}"


def _within_theme(styles: str) -> str:
    """Return a page's rules for what is within .derivation, its colours in the scheme that the site's reader chose.

    Rules for `body` and `:root` meet nothing there: but for the colours, what they set, the theme sets.
    """
    light, dark, *_ = re.findall(r":root \{\s*(?:color-scheme: [^;]*;)?(.*?)\}", styles, re.DOTALL)
    return (
        f".derivation {{ {styles} }}\n"
        f".derivation {{ {light} }}\n"
        f'body[data-theme="dark"] .derivation {{ {dark} }}\n'
        f'@media (prefers-color-scheme: dark) {{ body:not([data-theme="light"]) .derivation {{ {dark} }} }}\n'
    )
