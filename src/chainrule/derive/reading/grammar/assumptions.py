"""What a document assumes of its arrays, in the language: sums, symmetry, a norm of 1, orthonormal columns, values."""

import re
from collections.abc import Iterable, Mapping

from chainrule.derive.language.expressions import ONE, Expr, Mul, Num, Pow, Reduce, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.reading.matrices import Inner, Norm, Transposed

_BEFORE = r"(?:^|[.;:]\s+)(?:(?:and|now|so|then|hence|thus),?\s+)?"
_WORD = r"(?:for|when|whenever|if|where|assuming|suppose|provided|as long as|in the case(?: that)?)"
_GIVES = r"we|have|get|obtain|the|gradients?|derivatives?|is|are|then|it|follows|holds|reads|this|gives"
_AFTER = rf"\s*,?\s*(?:(?:{_GIVES})\s*){{0,5}}[:,]?$"
_INEQUALITY = re.compile(
    rf"{_BEFORE}{_WORD}\s+\$([^$=]*(?:[<>]|\\(?:leq?|geq?|lt|gt)(?![A-Za-z]))[^$=]*)\${_AFTER}", re.IGNORECASE
)
_STATED = re.compile(rf"{_BEFORE}{_WORD}\s+\$([^$=]*(?:[<>]|\\(?:leq?|geq?|lt|gt)(?![A-Za-z]))[^$=]*)\$", re.IGNORECASE)
_OTHERWISE = re.compile(rf"\b(?:otherwise|else)\b{_AFTER}", re.IGNORECASE)
_RELATION = re.compile(r"[<>]|\\(?:leq?|geq?|lt|gt)(?![A-Za-z])")
_CONTRARY = {"<": r"\geq ", "lt": r"\geq ", ">": r"\leq ", "gt": r"\leq ", "le": "> ", "ge": "< "}
_ACTIVE = re.compile(
    rf"{_BEFORE}{_WORD}\s+(?:the|a)?\s*(?:\w+\s+)?(?:loss|hinge|cost|margin)\s+is\s+"
    rf"(?:positive|active|non-?zero|not zero|larger than zero|greater than zero){_AFTER}",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\((?=(\w+)\[)(\w+\[[^()=\]]*\]) == ([a-z])\)")
_ENTRY = re.compile(r"(\w+)\[_\]")
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
        case Mul((Ref(name) as one, other)) | Inner(Ref(name) as one, other), Num() | Ref() if (
            one == other and right in (one, ONE)
        ):  # of each entry
            return f"assume {name}[_]^2 = {name + '[_]' if right == one else 1}"
    if right == ONE and (name := _unit(left)):
        return f"assume sum[k]({name}[k]^2) = 1"
    return ""


def inequality_said(words: str, loss: str) -> str:
    """The inequality, in LaTeX, under which a formula stands that these words introduce: `For $D < m$,`; else nothing.

    After "otherwise" it is the contrary of the last one. loss: the name of the loss, which "when the loss is positive"
    is about.
    """
    if found := _INEQUALITY.search(words):
        return found[1]
    if _OTHERWISE.search(words) and (before := list(_STATED.finditer(words))):
        said = before[-1][1]
        signs = list(_RELATION.finditer(said))
        if len(signs) == 1:
            return said[: signs[0].start()] + _CONTRARY[signs[0][0].strip("\\")[:2]] + said[signs[0].end() :]
    return f"{loss} > 0" if loss and _ACTIVE.search(words) else ""


def about_names(assumptions: Iterable[str], ranks: Mapping[str, int]) -> list[str]:
    """Those about these arrays alone; what is said of a vector is said of each row of an array with more indices."""
    said = [line for line in assumptions if set(re.findall(r"(\w+)\[", line)) - {"sum", "delta"} <= ranks.keys()]

    def with_rows(match: re.Match[str]) -> str:
        return f"({match[1]}[{','.join([*'ijlmn'[: ranks[match[1]] - 1], 'k'])}])"

    def with_places(match: re.Match[str]) -> str:
        letters = ",".join("ijlmn"[: ranks[match[1]]])
        return f"{match[1]}[{letters}]" if letters else match[1]

    return [_ENTRY.sub(with_places, _TOTAL.sub(with_rows, line)) for line in said]


def classes_among(lines: Iterable[str]) -> list[str]:
    """That each class number is one of the places it is compared with, as of `(y[i] == k)`; of y that are inputs."""
    text = "\n".join(lines)
    found = {match[1]: match for match in _COMPARED.finditer(text)}
    inputs = (name for name in found if not re.search(rf"(?m)^\s*{name}(?:\[[^\]]*\])? =", text))
    return [f"assume {found[name][2]} in {found[name][3]}" for name in inputs if f",{name}[" not in text]


def _unit(expr: Expr) -> str:
    """The vector whose norm, or its square, an expression is."""
    match expr:
        case Norm(Ref(name, ()), "" | "2") | Pow(Norm(Ref(name, ()), "" | "2"), Num()):
            return name if name[0].islower() else ""
        case Mul((Transposed(Ref(name, ())), Ref(other, ()))) if name == other:
            return name if name[0].islower() else ""
    return ""
