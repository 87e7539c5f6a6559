"""Derivations as plain text, LaTeX, Markdown with LaTeX, and self-contained HTML with MathML.

Imports: display, engine, faces, language, pages, reading.
"""

from typing import TYPE_CHECKING

from chainrule.derive.render.pages import Chapter, Derived, Page
from chainrule.derive.render.text import text_page
from chainrule.faces import show_only

if TYPE_CHECKING:
    from chainrule.derive.render.html import html_page
    from chainrule.derive.render.latex import latex_of, latex_page
    from chainrule.derive.render.markdown import markdown_page

__all__ = [
    "Chapter",
    "Derived",
    "Page",
    "html_page",
    "latex_of",
    "latex_page",
    "markdown_page",
    "text_page",
]

# A rendering loads when it is first asked for.
LATER = {
    "chainrule.derive.render.html": ("html_page",),
    "chainrule.derive.render.latex": ("latex_of", "latex_page"),
    "chainrule.derive.render.markdown": ("markdown_page",),
}
__getattr__, __dir__ = show_only(globals(), LATER)
