"""Derivations as plain text, LaTeX, Markdown with LaTeX, and self-contained HTML with MathML."""

from chainrule.derive.render.html import html_document, html_page
from chainrule.derive.render.latex import latex, latex_of, latex_page
from chainrule.derive.render.markdown import markdown_page
from chainrule.derive.render.pages import Chapter, Derived, Page
from chainrule.derive.render.text import text_page

__all__ = [
    "Chapter",
    "Derived",
    "Page",
    "html_document",
    "html_page",
    "latex",
    "latex_of",
    "latex_page",
    "markdown_page",
    "text_page",
]
