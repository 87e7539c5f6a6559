"""Derivations as plain text for a terminal."""

from collections.abc import Mapping

from chainrule.derive.printer import show
from chainrule.derive.program import Program
from chainrule.derive.render.outline import Derived, Section, sections


def text_page(program: Program, gradients: Mapping[str, Derived], steps: bool = True) -> str:
    """The program, and for each gradient the chain of steps (or the result alone), its matrix form under it."""
    parts = ["forward\n" + "\n".join(f"    {line}" for line in str(program).split("\n"))]
    for section in sections(gradients):
        parts.append(_chain(section) if steps else f"{show(section.found.gradient)} = {show(section.found.node)}")
    return "\n\n".join(parts) + "\n"


def _chain(section: Section) -> str:
    """`gradient dX[m,n]` and one `= …` line a step, each with its law as a remark: a text that `prove` reads."""
    lines = [f"    = {step.expression}" for step in section.steps]
    width = min(100, max(map(len, lines)))
    rows = [f"{line:<{width}}  # {step.law}" for line, step in zip(lines, section.steps, strict=True)]
    heading = [f"gradient {show(section.found.gradient)}"]
    matrix = section.gradient.matrix if section.gradient else None
    return "\n".join([*heading, *rows, *([f"    # {line}" for line in matrix.split(chr(10))] if matrix else [])])
