"""Derivations as plain text for a terminal, which `prove` reads."""

from collections.abc import Iterable, Iterator, Mapping

from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.programs.readings import SCALARS, list_readings, unindexed_capitals
from chainrule.derive.render.pages import Derived, Section, describe_proof, describe_starts, sections

WIDTH = 100
INDENT = "    "
DEEPER = 15  # a break inside brackets must gain so many characters


def text_page(program: Program, gradients: Mapping[str, Derived], steps: bool = True, heading: str = "") -> str:
    """The program, and for each gradient the chain of steps (or the result alone), its matrix form under it."""
    parts = [_remark(heading)] if heading else []
    if capitals := unindexed_capitals(program):
        parts.append(f"{SCALARS} {', '.join(capitals)} (matrices: X W side by side, or indices, X[s,m])")
    if program.remarks:
        parts.append(_matrix_notation(program, gradients))
    parts += [_remark(f"Read so: {told}.") for told in list_readings(program)]
    parts.append("\n".join(["forward", *_indent(str(program))]))
    parts += [_remark(sentence) for sentence in describe_starts(program)]
    parts += list(_chains(sections(gradients))) if steps else [_results(gradients)]
    return "\n\n".join([*parts, _remark(describe_proof(gradients))]) + "\n"


def _matrix_notation(program: Program, gradients: Mapping[str, Derived]) -> str:
    """The program as it was written, the gradients in matrix form, and how its names were read."""
    lefts = [gradient.index.split("\n")[-1].split(" = ")[0] for gradient in gradients.values()]
    forms = [g.matrix or f"{left}: no matrix form" for g, left in zip(gradients.values(), lefts, strict=True)]
    lines = dict.fromkeys(line for form in forms for line in form.split("\n"))
    written = [remark for remark in program.remarks if " = " in remark]
    told = [remark for remark in program.remarks if remark not in written]
    if not written and not any(gradient.matrix for gradient in gradients.values()):
        return "\n".join(map(_remark, told))
    rows = [f"#     {line}" for line in (*written, *[""] * bool(written), *lines)]
    return "\n".join(row.rstrip() for row in ("# in matrix notation", *rows, *map(_remark, told)))


def _results(gradients: Mapping[str, Derived]) -> str:
    """Each gradient, under those of other quantities that it is written with."""
    lines = [line for gradient in gradients.values() for line in gradient.index.split("\n")]
    return "\n".join(row for line in dict.fromkeys(lines) for row in wrap(line, WIDTH))


def _chains(parts: Iterable[Section]) -> Iterator[str]:
    """A chain for each gradient; what has a name of its own stands as a shorthand in the first that follows it."""
    named: list[str] = []
    for section in parts:
        if section.found.name.removeprefix("d") == section.found.target.name or not section.found.name:
            head, *rest = _chain(section).split("\n")
            yield "\n".join([head, *named, *rest])
            named = []
        else:
            named += _shorthand(section)


def _shorthand(section: Section) -> list[str]:
    """`where g[t] = …`, and the steps that lead to it as remarks."""
    found = section.found
    about = f"{INDENT}# {show(found.gradient)} is the whole gradient of {show(found.target)}: what arrives from outside"
    rows = [f"{about}, and what other steps hand back"]
    for step in found.steps[:-1]:
        first, *more = wrap(f"{INDENT}#   = {step.expression}", WIDTH)
        rows += [first, *(f"{INDENT}#  {row.strip()}" for row in more), f"{INDENT}#       by {step.law.split(': ')[0]}"]
    return [*rows, *wrap(f"{INDENT}where {show(found.gradient)} = {show(found.node)}", WIDTH)]


def _chain(section: Section) -> str:
    """`gradient dX[m,n]` and one `= …` a step, with the law as a remark beside it."""
    laws = [f"# {step.law.split(': ')[0]}" for step in section.steps]
    width = WIDTH - max(map(len, laws)) - 2
    kind, left = section.found.claim
    rows = [f"{kind} {show(left)}"]
    for step, law in zip(section.steps, laws, strict=True):
        first, *more = wrap(f"{INDENT}= {step.expression}", width)
        rows += [f"{first:<{width}}  {law}", *more]
    matrix = section.gradient.matrix if section.gradient else None
    return "\n".join([*rows, *(f"{INDENT}# {line}" for line in (matrix.split("\n") if matrix else []))])


def wrap(text: str, width: int) -> list[str]:
    """Rows of at most `width` characters, broken before operators, outside brackets where that leaves no row short.

    A row in which no operator comes so early is longer.
    """
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    gaps = list(_gaps(text))
    rows: list[str] = []
    start = 0
    while len(indent) + len(text) - start > width:
        places = [(at - DEEPER * depth, at) for at, depth in gaps if start < at <= start + width - len(indent)]
        beyond = [at for at, _ in gaps if at > start]
        if not beyond:
            break
        end = max(places)[1] if places else beyond[0]
        rows.append(text[start:end] if not rows else indent + text[start:end])
        start = end + 1
    return [*rows, text[start:] if not rows else indent + text[start:]]


def _gaps(text: str) -> Iterator[tuple[int, int]]:
    """The spaces before an operator, and in how many brackets they are."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == " " and text[at + 1] in "+-*/" and text[at + 2] == " ":
            yield at, depth


def _indent(text: str) -> list[str]:
    return [f"{INDENT}{row}" for line in text.split("\n") for row in wrap(line, WIDTH - len(INDENT))]


def _remark(text: str) -> str:
    rows: list[str] = []
    for word in text.split(" "):
        if rows and len(rows[-1]) + len(word) < WIDTH:
            rows[-1] += f" {word}"
        else:
            rows.append(f"# {word}")
    return "\n".join(rows)
