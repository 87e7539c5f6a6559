"""Derivations as Markdown, formulas in LaTeX between dollar signs."""

from chainrule.derive.render.latex import latex, latex_of
from chainrule.derive.render.pages import (
    Chapter,
    Page,
    Section,
    describe_proof,
    describe_starts,
    matrix_lines,
    results,
    sections,
)


def markdown_page(page: Page, steps: bool = True) -> str:
    """A page with the program, the gradients, every step where wanted, matrix forms and NumPy source."""
    parts = [f"# {page.title}", page.lead, " · ".join(f"{v} {k}" for k, v in page.letters.items())]
    for chapter in page.chapters:
        parts += _chapter(chapter, steps)
    parts += ["## Why", page.why] if page.why else []
    return "\n\n".join(filter(None, parts)) + "\n"


def _chapter(chapter: Chapter, steps: bool) -> list[str]:
    parts = [f"## {chapter.heading('Forward')}", f"```\n{chapter.program}\n```"]
    parts += [*describe_starts(chapter.program), f"## {chapter.heading('Gradients')}"]
    parts += [_results(chapter), describe_proof(chapter.gradients)]
    if steps:
        parts += [f"## {chapter.heading('Step by step')}", *map(_section, sections(chapter.gradients))]
    sources = [f"```python\n{gradient.numpy}```" for gradient in chapter.gradients.values()]
    return [*parts, f"## {chapter.heading('NumPy')}", *sources]


def _results(chapter: Chapter) -> str:
    lines = [latex_of(found.gradient, found.node) for found in results(chapter.gradients)]
    display = "$$\n\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}\n$$"
    matrices = [f"- `{line}`" for line in matrix_lines(chapter.gradients)]
    return display + ("\n\nIn matrix form:\n\n" + "\n".join(matrices) if matrices else "")


def _section(section: Section) -> str:
    head = f"### ${latex(section.found.gradient)}$"
    rows = [f"{k}. {step.law}\n\n   $${latex(step.node)}$$" for k, step in enumerate(section.steps, 1)]
    return head + "\n\n" + "\n\n".join(rows)
