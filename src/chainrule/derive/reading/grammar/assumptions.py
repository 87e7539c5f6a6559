"""What a document assumes of its arrays, in the language: sums, symmetry, a norm of 1, orthonormal columns."""

import re
from collections.abc import Iterable, Mapping

from chainrule.derive.language.expressions import ONE, Expr, Mul, Num, Pow, Reduce, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.reading.matrices import Norm, Transposed

_TOTAL = re.compile(r"(?<=sum\[k\])\((\w+)\[k\]\)")


def read_assumption(left: Expr, right: Expr) -> str:
    """The line `assume …` that an equation is, such as `\\mathbf{1}^\\top y = 1` or `A = A^\\top`; else nothing."""
    match left, right:
        case Reduce("sum", _, Ref()), Num():
            return f"assume {show(left)} = {show(right)}"
        case Mul((Transposed(Num(one)), Ref(name, ()))) | Mul((Transposed(Ref(name, ())), Num(one))), Num() if one == 1:
            return f"assume sum[k]({name}[k]) = {show(right)}"
        case (Ref(name, ()), Transposed(Ref(other, ()))) | (Transposed(Ref(name, ())), Ref(other, ())) if name == other:
            return f"assume {name}[i,j] = {name}[j,i]"
        case Ref(name, (i, j)), Ref(other, (k, l)) if name == other and (i, j) == (l, k) and i.letter and j.letter:
            return f"assume {name}[i,j] = {name}[j,i]"
        case Mul((Transposed(Ref(name, ())), Ref(other, ()))), Ref("I", _) if name == other and name[0].isupper():
            return f"assume sum[k]({name}[k,i] * {name}[k,j]) = delta[i,j]"
        case Mul((Ref(name, ()), Transposed(Ref(other, ())))), Ref("I", _) if name == other and name[0].isupper():
            return f"assume sum[k]({name}[i,k] * {name}[j,k]) = delta[i,j]"
    if right == ONE and (name := _unit(left)):
        return f"assume sum[k]({name}[k]^2) = 1"
    return ""


def about_names(assumptions: Iterable[str], ranks: Mapping[str, int]) -> list[str]:
    """Those about these arrays alone; what is said of a vector is said of each row of an array with more indices."""
    said = [line for line in assumptions if set(re.findall(r"(\w+)\[", line)) - {"sum", "delta"} <= ranks.keys()]

    def with_rows(match: re.Match[str]) -> str:
        return f"({match[1]}[{','.join([*'ijlmn'[: ranks[match[1]] - 1], 'k'])}])"

    return [_TOTAL.sub(with_rows, line) for line in said]


def _unit(expr: Expr) -> str:
    """The vector whose norm, or its square, an expression is."""
    match expr:
        case Norm(Ref(name, ()), "" | "2") | Pow(Norm(Ref(name, ()), "" | "2"), Num()):
            return name if name[0].islower() else ""
        case Mul((Transposed(Ref(name, ())), Ref(other, ()))) if name == other:
            return name if name[0].islower() else ""
    return ""
