"""Derivations as plain text, Markdown with LaTeX, and self-contained HTML with MathML."""

from chainrule.derive.render.html import html_page
from chainrule.derive.render.latex import latex, latex_of
from chainrule.derive.render.markdown import markdown_page
from chainrule.derive.render.text import text_page

__all__ = ["html_page", "latex", "latex_of", "markdown_page", "text_page"]
