"""Derivations as self-contained HTML: one file, no script, no request, MathML for the formulas."""

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from chainrule.derive.language.programs.program import Program
from chainrule.derive.render.flow import equation, line
from chainrule.derive.render.mathml import mathml
from chainrule.derive.render.pages import (
    Chapter,
    Derived,
    Page,
    Section,
    describe_proof,
    describe_starts,
    matrix_lines,
    results,
    sections,
)
from chainrule.pages.document import write_document


def html_page(page: Page, steps: bool = True, above: str = "") -> str:
    """A page with the program, the gradients, every step where wanted, matrix forms and NumPy source.

    above: markup to stand before the main part, such as a link to other pages.
    """
    letters = " · ".join(f"<i>{escape(letters)}</i> {escape(meaning)}" for meaning, letters in page.letters.items())
    body = [f"<h1>{escape(page.title)}</h1>", _paragraph(page.lead), f'<p class="quiet">{letters}</p>']
    for number, chapter in enumerate(page.chapters, 1):
        body += _summary(chapter, f"{number}-" if len(page.chapters) > 1 else "", steps)
    body += ["<h2>Why</h2>", _paragraph(page.why)] if page.why else []
    for number, chapter in enumerate(page.chapters, 1):
        body += _details(chapter, f"{number}-" if len(page.chapters) > 1 else "", steps)
    return write_document(page.title, "\n".join(filter(None, body)), above=above)


class Fragment(NamedTuple):
    """The formulas of derivatives, and of the steps to them."""

    results: str
    steps: str


def derivative_fragment(gradients: Mapping[str, Derived]) -> Fragment:
    """The markup of derivatives without a document around it."""
    shown = [_formula(equation(found.gradient, found.node)) for found in results(gradients)]
    return Fragment("".join(shown), "".join(_section(section, "") for section in sections(gradients)))


def _summary(chapter: Chapter, mark: str, steps: bool) -> list[str]:
    parts = [f"<h2>{escape(chapter.heading('Forward'))}</h2>", _program(chapter.program)]
    parts.append(f"<h2>{escape(chapter.heading('Gradients'))}</h2>")
    parts += [_formula(equation(found.gradient, found.node)) for found in results(chapter.gradients)]
    if matrices := matrix_lines(chapter.gradients):
        parts.append(f"<p>In matrix form:</p>\n{_code(chr(10).join(matrices))}")
    links = [f'<a href="#{mark}{escape(name)}">d{escape(name)}</a>' for name in chapter.gradients if steps]
    where = f" Step by step: {', '.join(links)}." if links else ""
    return [*parts, f'<p class="quiet">{escape(describe_proof(chapter.gradients))}{where}</p>']


def _details(chapter: Chapter, mark: str, steps: bool) -> list[str]:
    chains = [_section(section, mark) for section in sections(chapter.gradients)] if steps else []
    head = [f"<h2>{escape(chapter.heading('Step by step'))}</h2>"] if chains else []
    sources = [_code(gradient.numpy) for gradient in chapter.gradients.values()]
    return [*head, *chains, f"<h2>{escape(chapter.heading('NumPy'))}</h2>", *sources]


def _program(program: Program) -> str:
    lines = [_formula(equation(left, right)) for left, right in program.lines]
    lines += [f"<p>{escape(str(assumption))}</p>" for assumption in program.assumptions]
    lines += [_paragraph(sentence) for sentence in describe_starts(program)]
    return "\n".join(lines)


def _section(section: Section, mark: str) -> str:
    name = escape(section.found.target.name)
    head = f'<h3 id="{mark}{name}">Gradient of {name}: <math>{mathml(section.found.gradient)}</math></h3>'
    rows = [
        f'<li><span class="law">{escape(step.law)}</span>{_formula(line(step.node))}</li>' for step in section.steps
    ]
    return "\n".join([head, '<ol class="steps">', *rows, "</ol>"])


def _formula(markup: str) -> str:
    return f'<div class="formula">{markup}</div>'


def _code(text: str) -> str:
    """Code, which those without a mouse can reach and scroll."""
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""
