"""Several outputs: gradients that arrive at more than one array.

`outputs c, y` says that a loss depends on c and on y. Where c is used by y too, what goes on elsewhere is a copy of it:
a line `c_next[h] = c[h]` is added, so that `dc_next` arrives from elsewhere and `dc` is the whole gradient.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.expressions import Ref

if TYPE_CHECKING:
    from chainrule.derive.language.program import Program

NEXT = "_next"


def with_copies(program: "Program", names: Iterable[str]) -> "Program":
    """The program with a line `c_next[h] = c[h]` after the definition of each of these arrays."""
    names = frozenset(names)
    statements, axes, ranks = [], dict(program.dimensions.axes), dict(program.ranks)
    for statement in program.statements:
        statements.append(statement)
        target = statement.target
        if target.name in names:
            copy = target.name + NEXT
            statements.append(replace(statement, target=Ref(copy, target.indices), value=target))
            axes[copy], ranks[copy] = axes[target.name], ranks[target.name]
    dimensions = Dimensions(axes, program.dimensions.of)
    return replace(program, statements=tuple(statements), ranks=ranks, dimensions=dimensions)


def declare_outputs(program: "Program", names: Sequence[str]) -> "Program":
    """The program with these outputs, or with copies of them where other lines use them."""
    used = {name for statement in program.statements for name in statement.value.names}
    program = with_copies(program, [name for name in names if name in used])
    return replace(program, declared=tuple(name + NEXT if name in used else name for name in names))


def copies_mentioned(program: "Program", text: str) -> list[str]:
    """The arrays that lines use and of which a text mentions a gradient that arrives from elsewhere, as `dc_next`."""
    mentioned = set(re.findall(rf"\bd(\w+){NEXT}\b", text))
    used = {name for statement in program.statements for name in statement.value.names}
    known = program.ranks
    return [name for name in program.defined if name in mentioned & used and name + NEXT not in known]
