"""Derivations as self-contained HTML: one file, no script, no request, MathML for the formulas."""

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from chainrule.derive.language.programs.program import Program
from chainrule.derive.render.mathml import equation, line, mathml
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

STYLE = """
:root { color-scheme: light dark; --line: #8884; --law: #0b61a4; --quiet: #666; }
@media (prefers-color-scheme: dark) { :root { --law: #7cc4ff; --quiet: #aaa; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; margin: 2rem 0 .6rem; }
h1 { margin-bottom: .2rem; }
a { color: var(--law); }
pre { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; font-size: .9rem; }
ol { list-style: none; padding: 0; }
li { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 1.2rem; align-items: center;
     padding: .3rem 0; border-top: 1px solid var(--line); }
.law { color: var(--law); font-size: .9rem; }
.quiet { color: var(--quiet); font-size: .9rem; }
.formula { overflow-x: auto; overflow-y: hidden; padding: .3rem 0; }
math { font-size: 1.1rem; font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", "DejaVu Math TeX Gyre",
       "Noto Sans Math", math; }
math[display="block"] { text-align: left; width: max-content; }
mtd { text-align: left; padding: .1em .4em; }
@media (max-width: 45rem) { body { margin: 1rem auto; } li { display: block; } }
@media print { body { max-width: none; margin: 0; } li { break-inside: avoid; } }
"""


def html_page(page: Page, steps: bool = True, above: str = "") -> str:
    """A page with the program, the gradients, every step where wanted, matrix forms and NumPy source.

    above: markup to stand before the title, such as a link to other pages.
    """
    letters = " · ".join(f"<i>{escape(letters)}</i> {escape(meaning)}" for meaning, letters in page.letters.items())
    body = [above, f"<h1>{escape(page.title)}</h1>", _paragraph(page.lead), f'<p class="quiet">{letters}</p>']
    for number, chapter in enumerate(page.chapters, 1):
        body += _summary(chapter, f"{number}-" if len(page.chapters) > 1 else "", steps)
    body += ["<h2>Why</h2>", _paragraph(page.why)] if page.why else []
    for number, chapter in enumerate(page.chapters, 1):
        body += _details(chapter, f"{number}-" if len(page.chapters) > 1 else "", steps)
    return html_document(page.title, "\n".join(filter(None, body)))


def html_document(title: str, body: str) -> str:
    """A whole document around the markup of a body."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


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
        parts.append(f"<p>In matrix form:</p>\n<pre>{escape(chr(10).join(matrices))}</pre>")
    links = [f'<a href="#{mark}{escape(name)}">d{escape(name)}</a>' for name in chapter.gradients if steps]
    where = f" Step by step: {', '.join(links)}." if links else ""
    return [*parts, f'<p class="quiet">{escape(describe_proof(chapter.gradients))}{where}</p>']


def _details(chapter: Chapter, mark: str, steps: bool) -> list[str]:
    chains = [_section(section, mark) for section in sections(chapter.gradients)] if steps else []
    head = [f"<h2>{escape(chapter.heading('Step by step'))}</h2>"] if chains else []
    sources = [f"<pre><code>{escape(gradient.numpy)}</code></pre>" for gradient in chapter.gradients.values()]
    return [*head, *chains, f"<h2>{escape(chapter.heading('NumPy'))}</h2>", *sources]


def _program(program: Program) -> str:
    lines = [_formula(equation(left, right)) for left, right in program.lines]
    lines += [f"<p>{escape(str(assumption))}</p>" for assumption in program.assumptions]
    lines += [_paragraph(sentence) for sentence in describe_starts(program)]
    return "\n".join(lines)


def _section(section: Section, mark: str) -> str:
    head = f'<h3 id="{mark}{escape(section.found.target.name)}"><math>{mathml(section.found.gradient)}</math></h3>'
    rows = [
        f'<li><span class="law">{escape(step.law)}</span>{_formula(line(step.node))}</li>' for step in section.steps
    ]
    return "\n".join([head, "<ol>", *rows, "</ol>"])


def _formula(markup: str) -> str:
    return f'<div class="formula">{markup}</div>'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""
