"""What letters stand for: N the size of an index, y a class number.

A class number, as in `L = -\\log p_y`, is the only element of an index array, so that what has it is a sum over one
sample: `-log(sum[n](p[y[n]]))` with `size[n] = 1`, and `[k = y]` is `sum[n](k == y[n])`.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from chainrule.derive.language.expressions import Compare, Delta, Expr, Position, Reduce, Ref, Size, add, num
from chainrule.derive.language.subscripts import Affine, is_index

CUSTOMARY = "y"  # a class number even where nothing is compared with it


@dataclass
class Meanings:
    """What the letters of a document stand for.

    sizes: the index whose size a name is. class_numbers: the letter of the only sample that each has. counts: how far
    a letter runs, where that is a number. shapes: what is declared of names. bold: names in bold. starts: the place
    with which a letter begins, 0 or 1, where the document says it. stacked: names of matrices, whose rows have the
    same name.
    """

    sizes: dict[str, str] = field(default_factory=dict)
    class_numbers: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bold: frozenset[str] = frozenset()
    starts: dict[str, int] = field(default_factory=dict)
    stacked: frozenset[str] = frozenset()

    @property
    def notes(self) -> list[str]:
        """What is said of the class numbers."""
        return [f"{letter} is read as a class number, one place of an index" for letter in self.class_numbers]

    def assumed(self, lines: Iterable[str]) -> list[str]:
        """What a program of these lines assumes of how far its letters run."""
        counts = dict.fromkeys(self.class_numbers.values(), 1) | self.counts
        used = {word for line in lines for word in re.findall(r"[a-z]\w*'*", line)}
        return [f"assume size[{letter}] = {count}" for letter, count in counts.items() if count and letter in used]

    def at_positions(self, expr: Expr, around: Iterable[str]) -> Expr:
        """An expression with the letters of indices that stand in it as numbers, as the t of gamma^t, as that."""
        letters = (expr.letters | {*around}) & self.starts.keys() - self.class_numbers.keys()

        def placed(node: Expr) -> Expr:
            if isinstance(node, Compare):
                return node
            if isinstance(node, Ref) and not node.indices and node.name in letters:
                start = self.starts[node.name]
                return add(Position(node.name), num(start)) if start else Position(node.name)
            return node.map(placed)

        return placed(expr)

    def of(self, expr: Expr) -> Expr:
        """An expression with what its letters stand for; a sum over the sample stands around each element."""
        used = (_compared(expr) | expr.letters) & self.class_numbers.keys()
        if isinstance(expr, Compare | Ref | Delta) and used:
            return self.of_whole(expr)
        return self._with_size(expr) or expr.map(self.of)

    def of_whole(self, expr: Expr) -> Expr:
        """The same of what a number is; one sum over the sample stands around it all, as a loss is written."""
        used = {letter for node in expr.walk() for letter in _compared(node) | node.letters}
        samples = tuple(sorted(self.class_numbers[letter] for letter in used & self.class_numbers.keys()))
        return Reduce("sum", samples, self._placed(expr)) if samples else self._placed(expr)

    def _placed(self, expr: Expr) -> Expr:
        """An expression with y[n] for each y."""
        places = {y: Affine.at(y, (Affine.of(sample),)) for y, sample in self.class_numbers.items()}
        match expr:
            case Compare(sign, left, right) if _compared(expr) & places.keys():
                return Compare(sign, self._side(left), self._side(right))
            case Ref() | Delta() if expr.letters & places.keys():
                return expr.rename(places)
        return self._with_size(expr) or expr.map(self._placed)

    def _side(self, side: Expr) -> Expr:
        name = _alone(side)
        return Ref(name, (Affine.of(self.class_numbers[name]),)) if name in self.class_numbers else self._placed(side)

    def _with_size(self, expr: Expr) -> Expr | None:
        return (
            Size(self.sizes[expr.name])
            if isinstance(expr, Ref) and not expr.indices and expr.name in self.sizes
            else None
        )


def find_class_numbers(
    free: Iterable[tuple[Ref, str]], exprs: Iterable[Expr], defined: Collection[str] = ()
) -> frozenset[str]:
    """The letters that are class numbers, as the y of p_y: another letter runs at its place, and y is no array.

    free: elements, each with a letter that nothing runs over; those of an expression have no name. Of an element with
    one index, as u_o, the letter must be compared with something, or be y, or stand below the unit vector e_o, or the
    array be one of those that are `defined`; else it is a part of the name. The array may stand there whole, as in
    p − e_y.
    """
    free = list(free)
    nodes = [node for expr in exprs for node in expr.walk()]
    elements = [node for node in nodes if isinstance(node, Ref) and node.indices]
    arrays = {element.name for element in elements}
    usual = {CUSTOMARY} | {e.axes[0] for e in elements if e.name == "e" and len(e.axes) == 1}
    compared = usual.union(*map(_compared, nodes))
    wholes = {node.name for node in nodes if isinstance(node, Ref) and not node.indices}
    below = {name: {letter for element, letter in free if element.name == name} for name in wholes}
    found = set()
    for element, letter in free:
        if not element.name:
            found |= ({letter} & usual) - arrays
            continue
        axis = element.axes.index(letter)
        there = {e.axes[axis] for e in elements if e.name == element.name and len(e.axes) > axis}
        asked = len(element.axes) > 1 or letter in compared or element.name in defined
        whole = letter in usual and below.get(element.name) == {letter}
        if asked and letter not in arrays and (whole or there - {letter, ""}):
            found.add(letter)
    return frozenset(found)


def find_encoded_classes(equations: Iterable[tuple[Ref, Expr]]) -> frozenset[str]:
    """The y of a one-hot target, `t_k = \\delta_{ky}`, which is no array and no index of the left side."""
    equations = list(equations)
    nodes = [node for pair in equations for side in pair for node in side.walk()]
    if any(isinstance(node, Ref) and (node.name == CUSTOMARY and node.indices) for node in nodes) or any(
        CUSTOMARY in index.arrays for node in nodes if isinstance(node, Ref) for index in node.indices
    ):
        return frozenset()
    return frozenset(
        CUSTOMARY
        for target, value in equations
        for node in value.walk()
        if (isinstance(node, Delta) and CUSTOMARY in node.letters & value.free - target.free)
        or (isinstance(node, Compare) and node.relation == "==" and CUSTOMARY in _compared(node) and _places(node))
    )


def _places(node: Compare) -> set[str]:
    """The indices that stand alone on a side of a comparison."""
    sides = (side.name if isinstance(side, Ref) and not side.indices else "" for side in (node.left, node.right))
    places = (side.index for side in (node.left, node.right) if isinstance(side, Position))
    return {name for name in (*sides, *places) if is_index(name)} - {CUSTOMARY}


def _compared(node: Expr) -> set[str]:
    """The letters that stand alone on a side of a comparison."""
    match node:
        case Compare(_, left, right):
            return {name for side in (left, right) if (name := _alone(side))}
        case Delta(left, right):
            return {index.letter for index in (left, right) if index.letter}
    return set()


def _alone(side: Expr) -> str:
    match side:
        case Ref(name, ()) | Position(name):
            return name
    return ""
