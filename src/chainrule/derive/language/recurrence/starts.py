"""What a recurrence reads before its first step: lines such as `h[-1,n] = h0[n]`, and the readings that see them.

A start may also give the first steps themselves, as `h[0] = h0` does; then the line `h[t] = …` is for all others.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chainrule.derive.language.expressions import (
    Compare,
    Expr,
    Partial,
    Position,
    Reduce,
    Ref,
    Started,
    Where,
    index_value,
    num,
)
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.parser import RESERVED, Parser
from chainrule.derive.language.printer import show
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import Affine, is_index


@dataclass(frozen=True)
class Start:
    """`h[-1,n] = h0[n]`: the value of an array at one place along one axis, at these letters along the others."""

    name: str
    axis: int
    place: int
    letters: tuple[str, ...]
    value: Expr
    line: int = 0

    @property
    def target(self) -> Ref:
        """The left side."""
        indices = [Affine.of(letter) for letter in self.letters]
        indices.insert(self.axis, Affine.constant(self.place))
        return Ref(self.name, tuple(indices))

    def at(self, indices: Sequence[Affine]) -> Expr:
        """The value at the indices of an element; bound letters make way for those that come in."""
        rest = [index for k, index in enumerate(indices) if k != self.axis]
        value = _with_other_bound(self.value, frozenset().union(*(index.letters for index in rest)))
        return value.rename(dict(zip(self.letters, rest, strict=True)))

    def __str__(self) -> str:
        return f"{show(self.target)} = {show(self.value)}"


def _with_other_bound(expr: Expr, taken: frozenset[str]) -> Expr:
    expr = expr.map(lambda child: _with_other_bound(child, taken))
    if not isinstance(expr, Reduce) or taken.isdisjoint(expr.indices):
        return expr
    new = {letter: f"{letter}''" for letter in expr.indices if letter in taken}
    body = expr.body.rename({letter: Affine.of(name) for letter, name in new.items()})
    return Reduce(expr.operation, tuple(new.get(letter, letter) for letter in expr.indices), body)


def put_starts(expr: Expr, starts: Sequence[Start]) -> Expr:
    """The expression with every reading of an array that may lie before its first step made to see its start."""
    if not starts or isinstance(expr, Started):
        return expr
    if isinstance(expr, Partial):
        return Partial(put_starts(expr.of, starts), expr.by)
    new = expr.map(_starting(starts))
    if isinstance(new, Ref):
        for start in starts:
            if start.name == new.name and len(new.indices) == len(start.letters) + 1:
                return _started(new, [other for other in starts if other.name == new.name])
    return new


def _starting(starts: Sequence[Start]) -> Callable[[Expr], Expr]:
    return lambda child: put_starts(child, starts)


def _started(element: Ref, starts: Sequence[Start]) -> Expr:
    value: Expr = element
    for start in starts:
        gap = element.indices[start.axis] - Affine.constant(start.place)
        if element.indices[start.axis].letter or (gap.terms and not gap.names):
            continue
        if not gap.terms:
            return start.at(element.indices)
        constant = dict(gap.terms).get((), 0)
        if constant > 0 and all(len(m) == 1 and is_index(m[0]) and c > 0 for m, c in gap.terms if m):
            continue  # h[t-1] is never h[-2]
        condition = Compare("==", index_value(gap - Affine.constant(constant)), num(-constant))
        value = Started(condition, start.at(element.indices), value)
    return value


def without_starts(expr: Expr) -> Expr:
    """The expression as it is written, in which nothing tells what lies before the first step."""
    return expr.other if isinstance(expr, Started) else expr.map(without_starts)


def begin(value: Expr, start: Start, letters: tuple[str, ...]) -> Expr:
    """The value of a line `h[t] = …` whose first steps are given: `where(t == 0, h0, …)`."""
    step = letters[start.axis]
    return Where(Compare("==", Position(step), num(start.place)), start.at([Affine.of(a) for a in letters]), value)


def is_start(parser: Parser) -> bool:
    """Whether a whole number stands alone in a bracket of the left side, as in `h[-1] = h0`."""
    rest = itertools.islice(parser.tokens, parser.at, None)
    row = list(itertools.takewhile(lambda token: token.kind not in ("newline", "end") and token.text != "]", rest))
    if len(row) < 3 or row[1].text != "[":
        return False
    inside = "".join(token.text for token in row[2:]).split(",")
    return any(part.removeprefix("-").isdigit() for part in inside)


def read_left_side(parser: Parser, scope: Scope) -> tuple[Token, int, int, list[Token]]:
    """Read `h[-1,n] =`: the name, the axis and the place of the whole number, and the letters of the other axes."""
    name = parser.take()
    letters: list[Token] = []
    places: dict[int, int] = {}
    if name.kind != "name" or name.text in RESERVED - {"d"}:
        raise scope.fail(f"expected a line such as h[-1] = h0, found {name}", name)
    while not parser.next_is("]"):
        parser.take()  # the bracket, or a comma
        negative = parser.next_is("-") and bool(parser.take())
        token = parser.take()
        if token.kind == "number" and token.text.isdigit() and len(token.text) < 4:
            places[len(places) + len(letters)] = -int(token.text) if negative else int(token.text)
        elif negative or not parser.next_is(",", "]"):
            raise scope.fail(f"expected an index or a whole number on the left side, found {token}", token)
        else:
            letters.append(token)
    parser.take()
    parser.expect("=", "after the left side")
    if len(places) != 1:
        raise scope.fail("expected one whole number on the left side, as in h[-1,n] = h0[n]", name)
    ((axis, place),) = places.items()
    return name, axis, place, letters


def check_starts(starts: Iterable[tuple[Start, Token]], scope: Scope) -> None:
    """Every start belongs to an array that a line defines, and comes once."""
    seen: dict[tuple[str, int], Start] = {}
    axes: dict[str, int] = {}
    for start, token in starts:
        if start.name not in scope.defined:
            raise scope.fail(
                f"the line gives `{start.name}` at one place only; expected a line for all others too, such as "
                f"{start.name}[t] = … {start.name}[t-1]",
                token,
            )
        if scope.ranks[start.name] != len(start.letters) + 1:
            raise scope.fail(f"`{start.name}` has another number of indices where it is defined", token)
        if (known := seen.setdefault((start.name, start.place), start)) is not start:
            raise scope.fail(f"`{show(start.target)}` is given already, in line {known.line}", token)
        if axes.setdefault(start.name, start.axis) != start.axis:
            raise scope.fail(f"`{start.name}` has starts along two of its indices; expected one", token)
