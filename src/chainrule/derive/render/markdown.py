"""Derivations as Markdown, formulas in LaTeX between dollar signs."""

from collections.abc import Mapping

from chainrule.derive.program import Program
from chainrule.derive.render.latex import latex, latex_of
from chainrule.derive.render.outline import Derived, Section, matrix_lines, results, sections


def markdown_page(title: str, program: Program, gradients: Mapping[str, Derived]) -> str:
    """A page with the program, the gradients, every step, matrix forms and NumPy source."""
    parts = [f"# {title}", "## Forward", f"```\n{program}\n```", "## Gradients"]
    parts += [_results(gradients), "## Step by step", *(_section(section) for section in sections(gradients))]
    parts += ["## NumPy", *(f"```python\n{gradient.numpy}```" for gradient in gradients.values())]
    return "\n\n".join(parts) + "\n"


def _results(gradients: Mapping[str, Derived]) -> str:
    lines = [latex_of(found.gradient, found.node) for found in results(gradients)]
    display = "$$\n\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}\n$$"
    matrices = [f"- `{line}`" for line in matrix_lines(gradients)]
    return display + ("\n\nIn matrix form:\n\n" + "\n".join(matrices) if matrices else "")


def _section(section: Section) -> str:
    head = f"### ${latex(section.found.gradient)}$"
    rows = [f"{k}. {step.law}\n\n   $${latex(step.node)}$$" for k, step in enumerate(section.steps, 1)]
    return head + "\n\n" + "\n\n".join(rows)
