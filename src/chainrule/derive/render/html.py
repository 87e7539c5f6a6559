"""Derivations as self-contained HTML: one file, no script, no request, MathML for the formulas."""

from collections.abc import Mapping
from html import escape

from chainrule.derive.gradient import Step
from chainrule.derive.program import Program
from chainrule.derive.render.mathml import equation, mathml
from chainrule.derive.render.outline import Derived, Section, matrix_lines, results, sections

STYLE = """
:root { color-scheme: light dark; --line: #8884; --law: #0b61a4; }
@media (prefers-color-scheme: dark) { :root { --law: #7cc4ff; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; margin: 2rem 0 .6rem; }
pre { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; }
ol { padding-left: 1.6rem; }
li { margin: .3rem 0; padding: .3rem 0; border-bottom: 1px solid var(--line); }
li:last-child { border-bottom: 0; font-weight: 500; }
.law { color: var(--law); font-size: .9rem; }
.formula { overflow-x: auto; overflow-y: hidden; padding: .2rem 0; }
math { font-size: 1.1rem; font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", math; }
mtd { text-align: left; }
math[display="block"] { text-align: left; width: max-content; }
@media print { body { max-width: none; margin: 0; } li { break-inside: avoid; } }
"""


def html_page(title: str, program: Program, gradients: Mapping[str, Derived]) -> str:
    """A page with the program, the gradients, every step, matrix forms and NumPy source."""
    body = [f"<h1>{escape(title)}</h1>", "<h2>Forward</h2>", _program(program), "<h2>Gradients</h2>"]
    body += [_results(gradients), "<h2>Step by step</h2>", *(_section(section) for section in sections(gradients))]
    body += [
        "<h2>NumPy</h2>",
        *(f"<pre><code>{escape(gradient.numpy)}</code></pre>" for gradient in gradients.values()),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _formula(markup: str) -> str:
    return f'<div class="formula">{markup}</div>'


def _program(program: Program) -> str:
    lines = [_formula(equation(statement.target, statement.value)) for statement in program.statements]
    lines += [f"<p>{escape(str(assumption))}</p>" for assumption in program.assumptions]
    return "\n".join(lines)


def _results(gradients: Mapping[str, Derived]) -> str:
    lines = [_formula(equation(found.gradient, found.node)) for found in results(gradients)]
    if matrices := matrix_lines(gradients):
        lines.append(f"<p>In matrix form:</p>\n<pre>{escape(chr(10).join(matrices))}</pre>")
    return "\n".join(lines)


def _section(section: Section) -> str:
    head = f"<h3><math>{mathml(section.found.gradient)}</math></h3>"
    return head + "\n<ol>\n" + "\n".join(map(_step, section.steps)) + "\n</ol>"


def _step(step: Step) -> str:
    law = f'<span class="law">{escape(step.law)}</span>'
    return f"<li>{law}{_formula(equation(step.target, step.node))}</li>"
