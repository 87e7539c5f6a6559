"""How gradients and other derivatives show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from chainrule.derive.render.html import derivative_fragment
from chainrule.derive.render.latex import latex_of
from chainrule.derive.render.pages import matrix_lines, results
from chainrule.display import fold, frame


def show_html(gradients: Mapping[str, Any]) -> str:
    """The equations as formulas, with matrix forms, and the steps and NumPy source to be opened."""
    shown = derivative_fragment(gradients)
    matrices = "".join(f"<pre>{escape(line)}</pre>" for line in matrix_lines(gradients))
    sources = "".join(f"<pre>{escape(gradient.numpy)}</pre>" for gradient in gradients.values())
    return frame(shown.results, matrices, fold("Step by step", shown.steps), fold("NumPy", sources))


def show_latex(gradients: Mapping[str, Any]) -> str:
    """The equations in LaTeX, one below the other."""
    lines = " \\\\\n".join(latex_of(found.gradient, found.node) for found in results(gradients))
    return f"$$\\begin{{aligned}}\n{lines}\n\\end{{aligned}}$$"
