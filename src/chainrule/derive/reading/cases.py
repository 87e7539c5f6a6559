"""Cases that a document tells by their indices: "when i, j ≠ m, n"."""

import re
from collections.abc import Collection, Iterator

from chainrule.derive.language.expressions import ONE, Compare, Delta, Expr, Partial, Position, add, mul, neg
from chainrule.derive.language.subscripts import Affine

CASE = re.compile(
    r"\b([a-z](?:\s*,\s*[a-z])*)\s*\$?\s*(\\neq?(?![a-z])|≠|=)\s*\$?\s*(?:[A-Za-z ]*\$)?\s*([a-z](?:\s*,\s*[a-z])*)\b"
)


def states_case(words: str, class_numbers: Collection[str]) -> bool:
    """Whether words say that an index is a class number, or is none, as in "for k ≠ y"."""
    match = CASE.search(words)
    return match is not None and len({match[1], match[3]} & set(class_numbers)) == 1


def read_conditions(words: str, target: Partial, class_numbers: Collection[str] = ()) -> Iterator[tuple[str, Expr]]:
    """The readings of a case such as "when i, j ≠ m, n", likeliest first."""
    match = CASE.search(words)
    if not match:
        return
    left, right = (re.findall(r"[a-z]", part) for part in (match[1], match[3]))
    known = target.of.free | target.by.free | set(class_numbers)
    if len(left) != len(right) or not set(left + right) <= known:
        return
    same = [Delta(Affine.of(a), Affine.of(b)) for a, b in zip(left, right, strict=True)]
    if match[2] == "=":
        yield f"the case is read as {' and '.join(f'{a} = {b}' for a, b in zip(left, right, strict=True))}", mul(*same)
        return
    yield f"the case is read as: not all of {', '.join(left)} equal to {', '.join(right)}", add(ONE, neg(mul(*same)))
    if len(left) > 1:
        last = Compare("!=", Position(left[-1]), Position(right[-1]))
        first = " and ".join(f"{a} = {b}" for a, b in zip(left[:-1], right[:-1], strict=True))
        words = f"the case is read as {first}, but {left[-1]} ≠ {right[-1]}, under which more rows follow"
        yield words, mul(*same[:-1], last)
