"""The equations in a docstring: its sections `Indices`, `Forward` and `Backward`, and perhaps `Recurrence`.

A section is a heading that stands alone on an unindented line, and the indented lines under it:

    Indices
        s  sample      m  input feature

    Forward
        Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]

    Backward
        dX[s,m] = sum[n](dY[s,n] * W[n,m])

A layer with a second form states it under headings that name the variant: `Forward, approximate="tanh"`.

A layer that feeds its output back to itself says in two lines how: which input is the output, shifted, and what the
output's cotangent is then, given what arrives (dY) and what that input hands back:

    Recurrence
        P[s,t,n]  = H[s,t-1,n]
        dH[s,t,n] = dY[s,t,n] + dP[s,t+1,n]
"""

import inspect
import itertools
import re
from dataclasses import dataclass

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.programs.reader import parse, parse_backward
from chainrule.derive.language.subscripts import is_index


@dataclass(frozen=True)
class Recurrence:
    """How a layer's output is fed back: `before` defines an input by the output, `after` the output's cotangent."""

    before: Program
    after: Program


@dataclass(frozen=True)
class Equations:
    """What a docstring states: programs, and the meaning of each index by its letter."""

    forward: Program
    backward: Program
    indices: dict[str, str]
    recurrence: Recurrence | None = None


def read_docstring(text: str, variant: str = "") -> Equations:
    """Return the equations of a docstring, or of one variant. Raises EquationError where they are missing or wrong."""
    forward_text, backward_text, indices = split_docstring(text, variant)
    forward = parse(forward_text)
    return Equations(forward, parse_backward(backward_text, forward), indices, _read_recurrence(text))


def split_docstring(text: str, variant: str = "") -> tuple[str, str, dict[str, str]]:
    """Return the texts of Forward and Backward, and the indices; line numbers stay those of the docstring."""
    lines = inspect.cleandoc(text).split("\n")
    forward, backward = (_section(lines, f"{heading}, {variant}" if variant else heading) for heading in HEADINGS)
    return forward, backward, _indices(_section(lines, "Indices", required=False))


def list_variants(text: str) -> tuple[str, ...]:
    """Return the names of a docstring's variants in order; the first, without a name, is "". None: no equations."""
    headings = [line.rstrip() for line in inspect.cleandoc(text).split("\n")]
    return tuple(line.removeprefix("Forward").removeprefix(", ") for line in headings if _FORWARD.fullmatch(line))


def _read_recurrence(text: str) -> Recurrence | None:
    """The section `Recurrence`, which all variants share, or None."""
    body = _section(inspect.cleandoc(text).split("\n"), "Recurrence", required=False)
    if not body.strip():
        return None
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) != 2:
        raise EquationError(
            f"the section `Recurrence` has {len(lines)} lines, but must have two, such as P = … and dH = …"
        )
    return Recurrence(parse(lines[0]), parse(lines[1]))


HEADINGS = ("Forward", "Backward")
_FORWARD = re.compile(r"Forward(, \S.*)?")


def _section(lines: list[str], heading: str, required: bool = True) -> str:
    if required and heading not in (line.rstrip() for line in lines):
        raise EquationError(f"the docstring has no section `{heading}`, a line of its own with equations under it")
    body: list[str] = []
    inside = False
    for line in lines:
        if line.strip() and not line.startswith((" ", "\t")):
            inside = line.rstrip() == heading
            line = ""
        body.append(line if inside else "")
    return "\n".join(body).rstrip()


def _indices(text: str) -> dict[str, str]:
    """`s  sample      m  input feature`: columns apart by two spaces or more."""
    words = [word for line in text.split("\n") for word in re.split(r"\s{2,}|\t", line.strip()) if word]
    meanings: dict[str, str] = {}
    for letters, meaning in itertools.pairwise(words):
        names = letters.replace(",", " ").split()
        if all(map(is_index, names)) and not all(map(is_index, meaning.split())):
            meanings |= dict.fromkeys(names, meaning)
    return meanings
