"""The equations in a docstring: its sections `Indices`, `Forward` and `Backward`.

A section is a heading that stands alone on an unindented line, and the indented lines under it:

    Indices
        s  sample      m  input feature

    Forward
        Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]

    Backward
        dX[s,m] = sum[n](dY[s,n] * W[n,m])

A layer with a second form states it under headings that name the variant: `Forward, approximate="tanh"`.
"""

import inspect
import itertools
import re
from dataclasses import dataclass

from chainrule.derive.affine import is_index
from chainrule.derive.errors import EquationError
from chainrule.derive.program import Program, parse, parse_backward


@dataclass(frozen=True)
class Equations:
    """What a docstring states: two programs, and the meaning of each index by its letter."""

    forward: Program
    backward: Program
    indices: dict[str, str]


def read_docstring(text: str, variant: str = "") -> Equations:
    """Return the equations of a docstring, or of one variant. Raises EquationError where they are missing or wrong."""
    forward_text, backward_text, indices = split_docstring(text, variant)
    forward = parse(forward_text)
    return Equations(forward, parse_backward(backward_text, forward), indices)


def split_docstring(text: str, variant: str = "") -> tuple[str, str, dict[str, str]]:
    """Return the texts of Forward and Backward, and the indices; line numbers stay those of the docstring."""
    lines = inspect.cleandoc(text).split("\n")
    forward, backward = (_section(lines, f"{heading}, {variant}" if variant else heading) for heading in HEADINGS)
    return forward, backward, _indices(_section(lines, "Indices", required=False))


def list_variants(text: str) -> tuple[str, ...]:
    """Return the names of a docstring's variants in order; the first, without a name, is "". None: no equations."""
    headings = [line.rstrip() for line in inspect.cleandoc(text).split("\n")]
    return tuple(line.removeprefix("Forward").removeprefix(", ") for line in headings if _FORWARD.fullmatch(line))


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
