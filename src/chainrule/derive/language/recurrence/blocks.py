"""Recurrence over time: equations that read what they define at another step, as `h[t] = a[t] * h[t-1] + x[t]` does.

`find_blocks` puts equations in the order in which they can be computed; those that depend on each other in a circle
become a loop over one index, the step, along which each of them reads only what earlier turns of the loop made. It is
the same for a forward program (which steps on from the first), for its gradients (which step back from the last) and
for a person's own backward recurrence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Expr,
    Reduce,
    Ref,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine

Equation = tuple[Ref, Expr]

BOUND = "''''"  # marks an index that a sum binds


@dataclass(frozen=True)
class Block:
    """Equations that are computed together: one that stands for itself, or those of a loop in the order of a turn.

    axes: of a loop, which axis of each array is the step; empty for an equation that stands for itself.
    """

    equations: tuple[Equation, ...]
    axes: Mapping[str, int] = field(default_factory=dict)
    descending: bool = False

    @property
    def is_loop(self) -> bool:
        """Whether it steps."""
        return bool(self.axes)

    @property
    def names(self) -> frozenset[str]:
        """The arrays that it defines."""
        return frozenset(target.name for target, _ in self.equations)

    def letter(self, target: Ref) -> str:
        """The index of an equation's left side that is the step."""
        return target.axes[self.axes[target.name]]

    def rest(self, target: Ref) -> tuple[str, ...]:
        """The other indices of an equation's left side."""
        return tuple(letter for k, letter in enumerate(target.axes) if k != self.axes[target.name])


def find_blocks(equations: Iterable[Equation]) -> list[Block]:
    """Equations in the order in which they can be computed. Raises EquationError for a circle that is no loop."""
    return _find_blocks(tuple(equations))


@lru_cache(maxsize=1000)  # those of one derivation are asked for at every point
def _find_blocks(equations: tuple[Equation, ...]) -> list[Block]:
    by_name = {target.name: (target, value) for target, value in equations}
    circles = find_circles({name: value.names & by_name.keys() for name, (_, value) in by_name.items()})
    return [_block([by_name[name] for name in names]) for names in circles]


def _block(equations: list[Equation]) -> Block:
    if len(equations) == 1 and equations[0][0].name not in equations[0][1].names:
        return Block(tuple(equations))
    first = equations[0][0]
    for axis in range(len(first.indices)):
        if (axes := _step_axes(equations, {first.name: axis})) and (block := _loop(equations, axes)):
            return block
    raise EquationError(_problem(equations))


def _step_axes(equations: list[Equation], axes: dict[str, int]) -> dict[str, int] | None:
    """The step axis of every array of a circle, given that of the first; None where some reading is at no step."""
    by_name = {target.name: (target, value) for target, value in equations}
    queue = list(axes)
    while queue:
        target, value = by_name[queue.pop()]
        step = Affine.of(target.axes[axes[target.name]])
        for element in elements_of(value, by_name):
            places = [k for k, index in enumerate(element.indices) if not (index - step).names]
            if not places or axes.get(element.name, places[0]) not in places:
                return None
            if element.name not in axes:
                axes[element.name] = places[0]
                queue.append(element.name)
    return axes


def _loop(equations: list[Equation], axes: dict[str, int]) -> Block | None:
    """The loop over these axes; None where it would read what is not made yet."""
    by_name = {target.name: (target, value) for target, value in equations}
    offsets: set[int] = set()
    same_step: dict[str, set[str]] = {name: set() for name in by_name}
    for target, value in equations:
        step = Affine.of(target.axes[axes[target.name]])
        for element in elements_of(value, by_name):
            offset = dict((element.indices[axes[element.name]] - step).terms).get((), 0)
            offsets.add(offset)
            if not offset:
                same_step[target.name].add(element.name)
    order = find_circles(same_step)
    if (min(offsets) < 0 < max(offsets)) or any(len(names) > 1 or names[0] in same_step[names[0]] for names in order):
        return None
    return Block(tuple(by_name[names[0]] for names in order), axes, max(offsets) > 0)


def _problem(equations: list[Equation]) -> str:
    names = [target.name for target, _ in equations]
    target, value = equations[0]
    element = next(elements_of(value, names))
    for other, body in equations:
        plain = {letter: Affine.of(letter) for letter in other.axes}
        for read in elements_of(body, names):
            if all((index - step).names for index in read.indices for step in plain.values()):
                target, element = other, read
    element = _without_marks(element)
    whole = f"`{names[0]}` is" if len(names) == 1 else f"{', '.join(f'`{name}`' for name in names)} are"
    return (
        f"{whole} defined in a circle that does not go step by step: {show(target)} reads {show(element)}; expected "
        f"every such reading at an earlier step of one index, or every one at a later step, as in h[t] = … h[t-1]"
    )


def _without_marks(element: Ref) -> Ref:
    marked = {letter: Affine.of(letter.removesuffix(BOUND)) for letter in element.letters if letter.endswith(BOUND)}
    return Ref(element.name, tuple(index.substitute(marked) for index in element.indices))


def elements_of(expr: Expr, names: Iterable[str]) -> Iterator[Ref]:
    """The elements of these arrays in an expression; at a step that a sum runs over they have no one step."""
    wanted = set(names)
    for node in _unbound(expr):
        if isinstance(node, Ref) and node.name in wanted:
            yield node


def _unbound(expr: Expr) -> Iterator[Expr]:
    """All nodes, where an index that a sum binds again is told from the one of the left side."""
    if isinstance(expr, Reduce):
        marked = {letter: Affine.of(letter + BOUND) for letter in expr.indices}
        yield from _unbound(expr.body.rename(marked))
        return
    yield expr
    for child in expr.children:
        yield from _unbound(child)


def find_circles(depends: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Sets of names that depend on each other (Tarjan's strongly connected components), dependencies first."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    place = {name: k for k, name in enumerate(depends)}
    for root in depends:
        work: list[tuple[str, Iterator[str]]] = []
        if root not in number:
            work.append((root, iter(sorted(depends[root], key=place.__getitem__))))
            number[root] = low[root] = len(number)
            stack.append(root)
        while work:
            name, rest = work[-1]
            other = next(rest, None)
            if other is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    at = stack.index(name)
                    found.append(sorted(stack[at:], key=place.__getitem__))
                    del stack[at:]
            elif other not in number:
                number[other] = low[other] = len(number)
                stack.append(other)
                work.append((other, iter(sorted(depends[other], key=place.__getitem__))))
            elif other in stack:
                low[name] = min(low[name], number[other])
    return found
