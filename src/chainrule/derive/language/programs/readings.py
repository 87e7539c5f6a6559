"""What some people would read in another way than it is read here, told in a sentence each."""

from chainrule.derive.language.expressions import (
    Mul,
    Position,
    Pow,
    Ref,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.subscripts import is_index

SCALARS = "# scalars:"  # the remark by which a text says that capital letters without an index are scalars


def unindexed_capitals(program: Program) -> list[str]:
    """The inputs in capital letters, two at least, of a program with products and without any index."""
    if any(program.ranks.values()) or not any(isinstance(n, Mul) for e in program.expressions for n in e.walk()):
        return []
    capitals = [name for name in program.inputs if name[0].isupper()]
    return capitals if len(capitals) > 1 else []


def list_readings(program: Program) -> list[str]:
    """One sentence for each sign that some people would read in another way than it is read here."""
    nodes = [node for expr in program.expressions for node in expr.walk()]
    told = []
    for node in nodes:
        match node:
            case Pow(_, Ref(("T" | "H") as name, ())):
                how = "a transpose is written by its indices, as in W[n,m] for W[m,n]"
                told.append(f"{show(node)} is a power, with the number {name}; {how}")
    scalars = [name for name in program.inputs if is_index(name) and name in "ij" and not program.ranks[name]]
    told += [f"{name} is a real number given from outside: neither an index nor the imaginary unit" for name in scalars]
    places = [n.index for n in nodes if isinstance(n, Position) and n.index in "ij"]
    told += [
        f"{name} outside of brackets is the position 0, 1, 2, … of the index, no imaginary unit" for name in places
    ]
    told += [
        f"{letter} is the {'index' if is_index(letter) else 'class number'} {word}"
        for word, letter in program.index_words.items()
    ]
    return list(dict.fromkeys(told))
