"""Which array axes an index runs over.

Indices are local to a line: `k` may run over classes in one line and over kernel rows in the next. Here every index is
given its dimension, the set of axes that it and all indices tied to it run over, and an index is renamed where the same
letter would stand for two dimensions. From here on a letter has one dimension in the whole program.
"""

import itertools
from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import dataclass, field

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
    elements_in,
)
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import affine_of

LETTERS = "hwuvtpqrxyzijklmnabcefgos"
VOCABULARY = "vk"  # of an axis that index arrays lead along, a class or a row of an embedding

Slot = Hashable
Environment = dict[str, Slot]


@dataclass(frozen=True)
class Dimensions:
    """`axes` has one letter for each axis of each array; `of` the dimension of each letter, by its first letter.

    Two axes have the same size where their letters are the same. `values` has the letter of the dimension in which the
    elements of an index array lie: that of the axis which `y[s]` runs along in `X[s,y[s]]`. `names` are names of sizes,
    such as `N` where size[i] = N is assumed, each with a letter of its own for the dimension.
    """

    axes: Mapping[str, tuple[str, ...]]
    of: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def resolve(
        statements: list[tuple[Ref, Expr]],
        claims: list[Compare],
        ranks: Mapping[str, int],
        given: "Dimensions | None",
        size_names: Mapping[str, str] | None = None,
    ) -> tuple["Dimensions", tuple[list[tuple[Ref, Expr]], list[Compare]]]:
        """Give every index its dimension; return them and the lines with clashing letters renamed."""
        ties = _Ties(given)
        reader = _Walk(ties)
        reader.lines(statements, claims)
        ties.place_orphans()
        ties.place_compared({target.name for target, _ in statements})
        size_names = given.names if given else size_names or {}
        names = _Names(ties, given, frozenset(ranks), frozenset(size_names.values()))
        for slot in reader.slots:
            names.letter(slot)
        renamed = _Walk(ties, names).lines(statements, claims)
        axes = {name: tuple(names.home(("axis", name, k)) for k in range(rank)) for name, rank in ranks.items()}
        values = {name: names.home(("values", name)) for name in ties.index_arrays}
        of = names.dimensions()
        of |= {letter: names.home(("dimension", letter)) for letter in size_names.values()}
        return Dimensions(axes, of, values, size_names), renamed


class _Ties:
    """Union-find over slots: array axes, dimensions given from outside, and each index as bound at one place."""

    def __init__(self, given: Dimensions | None) -> None:
        self.parent: dict[Slot, Slot] = {}
        self.letters: dict[Slot, tuple[int, str]] = {}  # slot: (line, letter)
        self.anchored: set[Slot] = set()
        self.compared: list[tuple[Slot, Slot]] = []
        self.sized: set[Slot] = set()  # slots whose size something other than a plain axis gives
        self.given = given
        self.equal: list[tuple[Slot, Slot]] = []  # indices whose sizes are assumed to be equal
        self.along: list[tuple[Slot, Slot]] = []  # the values of an index array, and an axis that they lead along
        for letter in given.names.values() if given else ():
            self.tie(("dimension", given.of[letter] if given else letter), ("dimension", letter))
        for name, letter in given.values.items() if given else ():
            self.tie(("values", name), ("dimension", letter))
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
        anchored = {self.root(slot) for slot in self.parent if self._is_anchor(slot)}
        for slot, (line, letter) in self.letters.items():
            if self.root(slot) in anchored:
                continue
            near, far = self._namesakes(letter, anchored, line), self._namesakes(letter, anchored, None)
            homes = near or far
            if len(homes) > 1:
                raise EquationError(f"the index `{letter}` could run over several sizes here; use a letter of its own")
            self.tie(homes.pop() if homes else ("dimension", self._named_after(letter)), slot)
            anchored = {self.root(one) for one in anchored}
        for one, other in self.equal:
            self.tie(one, other)
        for values, axis in self.along:
            if self.root(values) not in anchored:
                self.tie(axis, values)
                anchored = {self.root(one) for one in anchored}

    @property
    def index_arrays(self) -> list[str]:
        """The arrays whose elements stand in subscripts."""
        return sorted(slot[1] for slot in self.parent if slot[0] == "values")  # type: ignore[index]

    def _named_after(self, letter: str) -> str:
        """The dimension that a letter has by its name: `a2` runs as far as `a`."""
        known = self.given.of if self.given else {}
        return known.get(letter) or known.get(letter[0]) or letter

    def place_compared(self, defined: Set[str]) -> None:
        """An index that no input gives a size runs as far as what it is compared with, as in sum[j<=i](X[j])."""
        for one, other in self.compared:
            sized = {self.root(slot) for slot in self.parent if slot in self.sized or self._has_size(slot, defined)}
            if self.root(one) not in sized or self.root(other) not in sized:
                self.tie(one, other)

    def _has_size(self, slot: Slot, defined: Set[str]) -> bool:
        kind, name = slot[:2]  # type: ignore[index]
        return kind == "dimension" or (kind == "axis" and name not in defined)

    def _is_anchor(self, slot: Slot) -> bool:
        """Whether a slot says how far an index runs: not an axis of what a line over a known program defines anew."""
        kind, name = str(slot[0]), str(slot[1])  # type: ignore[index]
        known = self.given.axes if self.given else ()
        return kind == "dimension" or (kind == "axis" and (not known or name in known or name[1:] in known))

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
        self.target = ""  # what the line defines; it gives its own steps no size
        self.assumed = False  # whether the line is one of what is assumed

    def lines(
        self, statements: list[tuple[Ref, Expr]], claims: list[Compare]
    ) -> tuple[list[tuple[Ref, Expr]], list[Compare]]:
        """Go through all lines."""
        done, held = [], []
        for target, value in statements:
            self.line, self.target = self.line + 1, target.name
            here = {letter: self.new_slot(letter) for letter in target.axes}
            done.append((self.expr(target, here), self.expr(value, here)))
        self.assumed = True
        for claim in claims:
            self.line += 1
            equal = [side.index for side in claim.children if isinstance(side, Size)] if claim.relation == "==" else []
            here = self.open_slots(sorted({*claim.free, *equal}))
            held.append(self.expr(claim, here))
            if len(equal) == 2 and not self.names:
                self.ties.equal.append((here[equal[0]], here[equal[1]]))
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
                if self.assumed:
                    self.ties.sized.add(slot)
                return self._renamed(expr, {letter: slot})
            case Reduce(operation, letters, body):
                inner = {**here, **{letter: self.new_slot(letter) for letter in letters}}
                new = tuple(self.names.letter(inner[letter]) for letter in letters) if self.names else letters
                return Reduce(operation, new, self.expr(body, inner))
            case MatrixFunction():
                return self._matrix_function(expr, here)
            case Partial(of, by):
                return Partial(self.expr(of, here), self.expr(by, here))  # type: ignore[arg-type]
            case Compare(_, left, right) if not self.names:
                self._tie_compared(letter_of(left), letter_of(right), here)
                if isinstance(left, Reduce) and isinstance(right, Position) and right.index in here:
                    self._tie_count(left, right.index, here)
                return expr.map(lambda child: self.expr(child, here))
            case _:
                return expr.map(lambda child: self.expr(child, here))

    def _matrix_function(self, expr: MatrixFunction, here: Environment) -> Expr:
        """Rows and columns of its matrix, and those of its value, run over one dimension."""
        bound = {letter: self.new_slot(letter) for letter in expr.indices}
        new = tuple(self.names.letter(slot) for slot in bound.values()) if self.names else expr.indices
        places = [self.expr(Delta(place, place), here).left for place in expr.places]  # type: ignore[attr-defined]
        if not self.names:
            rows, columns = bound.values()
            for slot in (columns, *(self._slot_of(place, here) for place in expr.places)):
                self.ties.tie(rows, slot or rows)
        return MatrixFunction(expr.function, new, self.expr(expr.body, {**here, **bound}), tuple(places))

    def _tie_compared(self, one: str, other: str, here: Environment) -> None:
        """Letters such as i and i' that are compared run over the same; others do where nothing else says how far."""
        if one and other and one != other:
            self.ties.compared.append((here[one], here[other]))
            if one.rstrip("'") == other.rstrip("'"):
                self.ties.tie(here[one], here[other])

    def _tie_count(self, count: Reduce, place: str, here: Environment) -> None:
        """A place that a count over i' is compared with runs over the same where it is i, else where nothing says."""
        alike = {letter for letter in count.indices if letter.rstrip("'") == place.rstrip("'")}
        for element in elements_in(count.body):
            for k, index in enumerate(element.indices):
                if index.letter in alike:
                    self.ties.tie(("axis", element.name, k), here[place])
                elif index.letter in count.indices:
                    self.ties.compared.append((here[place], ("axis", element.name, k)))

    def _tie_leaf(self, expr: Expr, here: Environment) -> None:
        for element in elements_in(expr):
            for k, index in enumerate(element.indices):
                axis = ("axis", element.name, k)
                self.ties.root(axis)
                if slot := self._slot_of(index, here):
                    self.ties.tie(axis, slot)
                else:
                    self.ties.along += [(("values", lookup.name), axis) for lookup in index.lookups]
                    told = not index.lookups and element.name != self.target
                    self.ties.sized |= {here[letter] for letter in index.letters if letter in here and told}
        if isinstance(expr, Delta):
            left, right = (self._slot_of(index, here) for index in (expr.left, expr.right))
            if left and right:
                self.ties.tie(left, right)
            elif not expr.left.lookups and not expr.right.lookups:
                self.ties.sized |= {here[letter] for letter in expr.free if letter in here}

    def _slot_of(self, index: Affine, here: Environment) -> Slot | None:
        """What a subscript runs over, where it is one index or one element of an index array."""
        for lookup in index.lookups:
            self.ties.root(("values", lookup.name))
        if index.lookup:
            return ("values", index.lookup.name)
        return here.get(index.letter) if index.letter else None  # None for one that nothing binds: told elsewhere

    def _renamed(self, expr: Expr, here: Environment) -> Expr:
        if not self.names:
            return expr
        return expr.rename(
            {letter: Affine.of(self.names.letter(here[letter])) for letter in expr.letters if letter in here}
        )


class _Names:
    """Chooses the letters of every dimension; no two dimensions share one."""

    def __init__(self, ties: _Ties, given: Dimensions | None, arrays: frozenset[str], of_sizes: frozenset[str]) -> None:
        self.ties, self.arrays, self.of_sizes = ties, arrays, of_sizes
        self.owner: dict[str, Slot] = {}  # letter: root of its dimension
        self.first: dict[Slot, str] = {}  # root: the letter that names the dimension
        self.chosen: dict[tuple[Slot, str], str] = {}
        for letter, home in given.of.items() if given else ():
            root = ties.root(("dimension", home))
            if letter not in of_sizes:
                self.owner[letter] = root
            self.first.setdefault(root, home)

    def letter(self, slot: Slot) -> str:
        """The letter of an index: its own, unless that stands for another dimension already."""
        root, wish = self.ties.root(slot), slot[2]  # type: ignore[index]
        if wish in self.of_sizes:
            return self._own_letter(root)
        if (root, wish) not in self.chosen:
            free = self.owner.setdefault(wish, root) == root
            self.chosen[root, wish] = wish if free else self._fresh(root)
            self.first.setdefault(root, self.chosen[root, wish])
        return self.chosen[root, wish]

    def _own_letter(self, root: Slot) -> str:
        """A person's letter of a dimension whose size has a name."""
        own = [slot for slot in self.ties.letters if self.ties.root(slot) == root and slot[2] not in self.of_sizes]  # type: ignore[index]
        return self.first[root] if root in self.first else self.letter(own[0])

    def home(self, slot: Slot) -> str:
        """The letter that names the dimension of an axis, or of the values of an index array."""
        root = self.ties.root(slot)
        if root not in self.first:
            self.first[root] = self._fresh(root)
        return self.first[root]

    def _fresh(self, root: Slot) -> str:
        taken = set(self.owner) | self.arrays | {letter for _, letter in self.ties.letters.values()}
        looked_up = root in map(self.ties.root, [("values", name) for name in self.ties.index_arrays])
        letter = fresh_letter(taken, VOCABULARY + LETTERS if looked_up else LETTERS)
        self.owner[letter] = root
        return letter

    def dimensions(self) -> dict[str, str]:
        """The dimension of each letter."""
        return {letter: self.first[root] for letter, root in self.owner.items()}


def letter_of(expr: Expr) -> str:
    """The letter of a position, with a number added or without, as in `i - 1`; "" for anything else."""
    index = affine_of(expr)
    letters = index.letters if index else ()
    return next(iter(letters)) if index and len(letters) == 1 and index.coefficient(*letters) == 1 else ""


def fresh_letter(taken: Iterable[str], wishes: str = LETTERS) -> str:
    """An index letter that is not taken."""
    taken = set(taken)
    numbers = itertools.chain([""], map(str, itertools.count(1)))
    return next(letter + number for number in numbers for letter in wishes if letter + number not in taken)
