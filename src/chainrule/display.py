"""How things show themselves in a notebook: markup that takes its colours from the page around it, light or dark.

Imports: nothing else of chainrule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

# `currentColor` is the notebook's own colour of text, so a colour mixed of it is dark on light and light on dark.
STYLE = """<style>
.chainrule { overflow-x: auto; line-height: 1.45; }
.chainrule .right { color: color-mix(in srgb, currentColor 35%, #21a045); }
.chainrule .wrong { color: color-mix(in srgb, currentColor 35%, #e5404b); }
.chainrule .head, .chainrule .end { font-weight: 600; }
.chainrule .note, .chainrule .law { opacity: .75; }
.chainrule .law { display: inline-block; min-width: 14em; font-size: .9em; }
.chainrule pre { background: none; margin: .3em 0; white-space: pre-wrap; }
.chainrule table { border-collapse: collapse; margin: .4em 0; }
.chainrule th, .chainrule td { text-align: left !important; padding: .15em .8em .15em 0; }
.chainrule tr { background: none !important; border-bottom: 1px solid #8884; }
.chainrule ol { list-style: none; padding: 0; margin: .3em 0; }
.chainrule math { font-size: 1.1rem; font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math",
  "DejaVu Math TeX Gyre", "Noto Sans Math", math; }
.chainrule math[display="block"] { text-align: left; width: max-content; margin: .3em 0; }
.chainrule summary { cursor: pointer; opacity: .75; }
.chainrule img { max-width: 100%; background: white; }
</style>"""


def frame(*markup: str) -> str:
    """Return markup as one block of a notebook."""
    return f'{STYLE}<div class="chainrule">{"".join(markup)}</div>'


def rows_of_text(rows: Iterable[tuple[str, str]]) -> str:
    """Return rows of text, each with a style: `head`, `right`, `wrong`, `note` or `end`."""
    return "<pre>" + "\n".join(f'<span class="{style}">{escape(text)}</span>' for text, style in rows) + "</pre>"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [_cells("th", headings), *(_cells("td", row) for row in rows)]
    return f"<table>{''.join(lines)}</table>"


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def fold(title: str, markup: str) -> str:
    """Return markup that opens when its title is clicked."""
    return f"<details><summary>{escape(title)}</summary>{markup}</details>"


def code_block(text: str) -> str:
    """Return text as a block of code in Markdown, whatever fences it holds itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _cells(kind: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells) + "</tr>"
