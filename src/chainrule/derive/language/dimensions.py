"""Which array axes an index runs over.

Indices are local to a line: `k` may run over classes in one line and over kernel rows in the next. Here every index is
given its dimension, the set of axes that it and all indices tied to it run over, and an index is renamed where the same
letter would stand for two dimensions. From here on a letter has one dimension in the whole program.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Compare,
    Delta,
    Expr,
    MatrixFunction,
    Partial,
    Position,
    Reduce,
    Ref,
    Size,
)
from chainrule.derive.language.subscripts import Affine

LETTERS = "hwuvtpqrxyzijklmnabcefgos"

Slot = Hashable
Environment = dict[str, Slot]


@dataclass(frozen=True)
class Dimensions:
    """`axes` has one letter for each axis of each array; `of` the dimension of each letter, by its first letter.

    Two axes have the same size where their letters are the same.
    """

    axes: Mapping[str, tuple[str, ...]]
    of: Mapping[str, str]

    @staticmethod
    def resolve(
        statements: list[tuple[Ref, Expr]], claims: list[Compare], ranks: Mapping[str, int], given: "Dimensions | None"
    ) -> tuple["Dimensions", tuple[list[tuple[Ref, Expr]], list[Compare]]]:
        """Give every index its dimension; return them and the lines with clashing letters renamed."""
        ties = _Ties(given)
        reader = _Walk(ties)
        reader.lines(statements, claims)
        ties.place_orphans()
        names = _Names(ties, given)
        for slot in reader.slots:
            names.letter(slot)
        renamed = _Walk(ties, names).lines(statements, claims)
        axes = {name: tuple(names.axis(name, k) for k in range(rank)) for name, rank in ranks.items()}
        return Dimensions(axes, names.dimensions()), renamed


class _Ties:
    """Union-find over slots: array axes, dimensions given from outside, and each index as bound at one place."""

    def __init__(self, given: Dimensions | None) -> None:
        self.parent: dict[Slot, Slot] = {}
        self.letters: dict[Slot, tuple[int, str]] = {}  # slot: (line, letter)
        self.anchored: set[Slot] = set()
        self.given = given
        for name, letters in given.axes.items() if given else ():
            for k, letter in enumerate(letters):
                self.tie(("axis", name, k), ("dimension", letter))
                self.tie(("axis", f"d{name}", k), ("dimension", letter))

    def root(self, slot: Slot) -> Slot:
        """The slot that stands for all that are tied to this one."""
        while (up := self.parent.setdefault(slot, slot)) != slot:
            slot = up
        return slot

    def tie(self, a: Slot, b: Slot) -> None:
        """Both run over the same dimension."""
        self.parent[self.root(b)] = self.root(a)

    def place_orphans(self) -> None:
        """An index that no array axis is indexed by alone is taken to be the one of the same name elsewhere."""
        anchored = {self.root(slot) for slot in self.parent if slot[0] != "index"}  # type: ignore[index]
        for slot, (line, letter) in self.letters.items():
            if self.root(slot) in anchored:
                continue
            near, far = self._namesakes(letter, anchored, line), self._namesakes(letter, anchored, None)
            homes = near or far
            if len(homes) > 1:
                raise EquationError(f"the index `{letter}` could run over several sizes here; use a letter of its own")
            self.tie(homes.pop() if homes else ("dimension", letter), slot)
            anchored = {self.root(one) for one in anchored}

    def _namesakes(self, letter: str, anchored: set[Slot], line: int | None) -> set[Slot]:
        slots: list[Slot] = [s for s, (at, other) in self.letters.items() if other == letter and line in (None, at)]
        if line is None and self.given and letter in self.given.of:
            slots.append(("dimension", self.given.of[letter]))
        return {self.root(slot) for slot in slots} & anchored


class _Walk:
    """Goes through lines, always in the same order; ties slots, or (with `names`) renames indices."""

    def __init__(self, ties: _Ties, names: "_Names | None" = None) -> None:
        self.ties, self.names = ties, names
        self.slots: list[Slot] = []
        self.line = 0

    def lines(
        self, statements: list[tuple[Ref, Expr]], claims: list[Compare]
    ) -> tuple[list[tuple[Ref, Expr]], list[Compare]]:
        """Go through all lines."""
        done, held = [], []
        for target, value in statements:
            self.line += 1
            here = {letter: self.new_slot(letter) for letter in target.axes}
            done.append((self.expr(target, here), self.expr(value, here)))
        for claim in claims:
            self.line += 1
            held.append(self.expr(claim, self.open_slots(sorted(claim.free))))
        return done, held  # type: ignore[return-value]

    def open_slots(self, letters: Iterable[str]) -> Environment:
        """Slots for indices that are free in a line without a left side."""
        return {letter: self.new_slot(letter) for letter in letters}

    def new_slot(self, letter: str) -> Slot:
        """A slot for an index as it is bound here."""
        slot = ("index", len(self.slots), letter)
        self.slots.append(slot)
        if not self.names:
            self.ties.letters[slot] = (self.line, letter)
            self.ties.root(slot)
        return slot

    def expr(self, expr: Expr, here: Environment) -> Expr:
        """Go through an expression in which these indices mean these slots."""
        match expr:
            case Ref() | Delta() | Position():
                if not self.names:
                    self._tie_leaf(expr, here)
                return self._renamed(expr, here)
            case Size(letter):
                slot = here.get(letter) or self.new_slot(letter)
                return self._renamed(expr, {letter: slot})
            case Reduce(operation, letters, body):
                inner = {**here, **{letter: self.new_slot(letter) for letter in letters}}
                new = tuple(self.names.letter(inner[letter]) for letter in letters) if self.names else letters
                return Reduce(operation, new, self.expr(body, inner))
            case MatrixFunction():
                return self._matrix_function(expr, here)
            case Partial(of, by):
                return Partial(self.expr(of, here), self.expr(by, here))  # type: ignore[arg-type]
            case _:
                return expr.map(lambda child: self.expr(child, here))

    def _matrix_function(self, expr: MatrixFunction, here: Environment) -> Expr:
        """Rows and columns of its matrix, and those of its value, run over one dimension."""
        bound = {letter: self.new_slot(letter) for letter in expr.indices}
        if not self.names:
            first, *rest = [*bound.values(), *(here[place.letter] for place in expr.places if place.letter)]
            for slot in rest:
                self.ties.tie(first, slot)
        new = tuple(self.names.letter(slot) for slot in bound.values()) if self.names else expr.indices
        own = {letter: here[letter] for place in expr.places for letter in place.letters}
        places = [Ref("", (place,)) for place in expr.places]
        renamed = [self._renamed(place, own) for place in places]
        body = self.expr(expr.body, {**here, **bound})
        return MatrixFunction(expr.function, new, body, tuple(place.indices[0] for place in renamed))  # type: ignore[attr-defined]

    def _tie_leaf(self, expr: Expr, here: Environment) -> None:
        if isinstance(expr, Ref):
            for k, index in enumerate(expr.indices):
                if index.letter:
                    self.ties.tie(("axis", expr.name, k), here[index.letter])
                else:
                    self.ties.root(("axis", expr.name, k))
        elif isinstance(expr, Delta) and expr.left.letter and expr.right.letter:
            self.ties.tie(here[expr.left.letter], here[expr.right.letter])

    def _renamed(self, expr: Expr, here: Environment) -> Expr:
        if not self.names:
            return expr
        return expr.rename({letter: Affine.of(self.names.letter(here[letter])) for letter in expr.letters})


class _Names:
    """Chooses the letters of every dimension; no two dimensions share one."""

    def __init__(self, ties: _Ties, given: Dimensions | None) -> None:
        self.ties = ties
        self.owner: dict[str, Slot] = {}  # letter: root of its dimension
        self.first: dict[Slot, str] = {}  # root: the letter that names the dimension
        self.chosen: dict[tuple[Slot, str], str] = {}
        for letter, home in given.of.items() if given else ():
            root = ties.root(("dimension", home))
            self.owner[letter] = root
            self.first.setdefault(root, home)

    def letter(self, slot: Slot) -> str:
        """The letter of an index: its own, unless that stands for another dimension already."""
        root, wish = self.ties.root(slot), slot[2]  # type: ignore[index]
        if (root, wish) not in self.chosen:
            free = self.owner.setdefault(wish, root) == root
            self.chosen[root, wish] = wish if free else self._fresh(root)
            self.first.setdefault(root, self.chosen[root, wish])
        return self.chosen[root, wish]

    def axis(self, name: str, k: int) -> str:
        """The letter that names the dimension of an axis."""
        root = self.ties.root(("axis", name, k))
        if root not in self.first:
            self.first[root] = self._fresh(root)
        return self.first[root]

    def _fresh(self, root: Slot) -> str:
        taken = set(self.owner) | {letter for _, letter in self.ties.letters.values()}
        letter = fresh_letter(taken)
        self.owner[letter] = root
        return letter

    def dimensions(self) -> dict[str, str]:
        """The dimension of each letter."""
        return {letter: self.first[root] for letter, root in self.owner.items()}


def fresh_letter(taken: Iterable[str], wishes: str = LETTERS) -> str:
    """An index letter that is not taken."""
    taken = set(taken)
    numbers = ["", *map(str, range(1, 100))]
    return next(letter + number for number in numbers for letter in wishes if letter + number not in taken)
