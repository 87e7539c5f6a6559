"""Programs: lines that define arrays, and lines that assume something of the inputs.

    mu[s]     = mean[i](X[s,i])
    Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
    assume sum[k](T[s,k]) = 1

A line may read what it defines, or what a later line defines, at another step: `h[t] = a[t] * h[t-1] + x[t]`. What lies
before the first step is 0, or what a line such as `h[-1] = h0` says. Every name that no line defines is an input.
"""

import itertools
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.expressions import (
    ONE,
    Compare,
    Delta,
    Expr,
    Num,
    Reduce,
    Ref,
    Size,
    Where,
    elements_in,
    subscripts_of,
)
from chainrule.derive.language.functions import unknown_in
from chainrule.derive.language.printer import show
from chainrule.derive.language.recurrence.blocks import Block, find_blocks
from chainrule.derive.language.recurrence.starts import (
    Start,
)
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.unknown_functions import CUSTOMARY

NEXT = "_next"  # at the end of a name: the array as it goes on elsewhere


class Equation:
    """What has a left side: `target`, an array at plain letters."""

    target: Ref

    @property
    def letters(self) -> tuple[str, ...]:
        """The indices of the left side."""
        return self.target.axes


@dataclass(frozen=True)
class Statement(Equation):
    """`target = value`, with the number of its line in the text."""

    target: Ref
    value: Expr
    line: int = 0

    def __str__(self) -> str:
        return f"{show(self.target)} = {show(self.value)}"


@dataclass(frozen=True)
class Assumption:
    """A comparison that holds for all values of its free indices."""

    claim: Compare
    line: int = 0

    def __str__(self) -> str:
        if (place := place_assumed(self.claim)) and isinstance(self.claim.left, Reduce):
            return f"assume {place} in {self.claim.left.indices[0]}"
        relation = "=" if self.claim.relation == "==" else self.claim.relation
        return f"assume {show(self.claim.left)} {relation} {show(self.claim.right)}"


@dataclass(frozen=True)
class Program:
    """A text, read and checked. `dimensions` says which array axes an index runs over (see `dimensions.py`).

    `remarks` are what to tell of a text that was in another notation: the lines as written, and how they were read.
    `declared` are the outputs that a line `outputs c, y` names, `index_words` the letters of indices that are words,
    and `sums_implied` says that repeated indices are summed in the lines of its gradients.
    """

    statements: tuple[Statement, ...]
    assumptions: tuple[Assumption, ...]
    ranks: dict[str, int]
    dimensions: Dimensions = field(repr=False)
    starts: tuple[Start, ...] = ()
    remarks: tuple[str, ...] = field(default=(), repr=False, compare=False)
    declared: tuple[str, ...] = ()
    index_words: Mapping[str, str] = field(default_factory=dict, repr=False)
    sums_implied: bool = False

    @cached_property
    def defined(self) -> dict[str, Statement]:
        """The arrays that the lines define, in order."""
        return {statement.target.name: statement for statement in self.statements}

    @cached_property
    def blocks(self) -> list[Block]:
        """The lines as they are computed: one by one, and those of a recurrence as a loop."""
        return find_blocks((s.target, s.value) for s in self.statements)

    @cached_property
    def loops(self) -> dict[str, Block]:
        """The recurrences, by the names that they define, in the order of the lines."""
        return {target.name: block for block in self.blocks if block.is_loop for target, _ in block.equations}

    @property
    def outside(self) -> tuple[Start, ...]:
        """What recurrences read before their first step."""
        return tuple(start for start in self.starts if start.place < 0)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names that no line defines, in order of first use."""
        return tuple(name for name in self.ranks if name not in self.defined)

    @property
    def output(self) -> str:
        """The array that the last line defines."""
        return self.statements[-1].target.name

    @cached_property
    def used(self) -> frozenset[str]:
        """The names that lines use."""
        return frozenset().union(*(statement.value.names for statement in self.statements))

    def with_copies(self, names: Container[str]) -> "Program":
        """The program with a line `c_next[h] = c[h]` after the definition of each of these arrays.

        Where c is used by other lines, such a copy is what goes on elsewhere: dc_next arrives from there, and dc is the
        whole gradient.
        """
        statements, axes, ranks = [], dict(self.dimensions.axes), dict(self.ranks)
        for statement in self.statements:
            statements.append(statement)
            target = statement.target
            if target.name in names:
                copy = target.name + NEXT
                statements.append(Statement(Ref(copy, target.indices), target, statement.line))
                axes[copy], ranks[copy] = axes[target.name], ranks[target.name]
        dimensions = replace(self.dimensions, axes=axes)
        return replace(self, statements=tuple(statements), ranks=ranks, dimensions=dimensions)

    def with_outputs(self, names: Iterable[str]) -> "Program":
        """The program with these outputs, or with copies of them where other lines use them."""
        declared = tuple(name + NEXT if name in self.used else name for name in names)
        return replace(self.with_copies(frozenset(names) & self.used), declared=declared)

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The unknown functions that the lines call, without primes."""
        return tuple(dict.fromkeys(name.rstrip("'") for name in unknown_in(self.expressions)))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The arrays at which gradients arrive: those declared, else what the last line defines."""
        return self.declared or (self.output,)

    @cached_property
    def assumed_sizes(self) -> dict[str, int]:
        """What lines such as `assume size[k] = 3` say, by dimension."""
        claims = [a.claim for a in self.assumptions if a.claim.relation == "=="]
        pairs = [(claim.left, claim.right) for claim in claims]
        of = self.dimensions.of
        return {of[a.index]: int(b.value) for a, b in pairs if isinstance(a, Size) and isinstance(b, Num)}

    @cached_property
    def expressions(self) -> list[Expr]:
        """The values of all lines, and all that is assumed."""
        return [statement.value for statement in self.statements] + [a.claim for a in self.assumptions]

    @cached_property
    def subscript_scalars(self) -> frozenset[str]:
        """The scalars that stand in subscripts; they are whole numbers."""
        return frozenset().union(*(index.scalars for index in self._subscripts()))

    @cached_property
    def class_numbers(self) -> frozenset[str]:
        """The scalars that are a place by themselves, as in `p[label]`; a stride, as in `X[s*i]`, is none."""
        parts = {name for index in self._subscripts() for name in index.scalars if index != Affine.of(name)}
        return self.subscript_scalars - parts

    @cached_property
    def index_arrays(self) -> frozenset[str]:
        """The inputs whose elements are places along an axis, as the class numbers `y[s]` in `X[s,y[s]]`."""
        return frozenset(self.dimensions.values)

    @cached_property
    def marked_places(self) -> frozenset[str]:
        """The index arrays that a line compares with a number, such as -100, which may be a mark and no place."""
        compares = [node for s in self.statements for node in s.value.walk() if isinstance(node, Compare)]
        marking = [node.names for node in compares if any(isinstance(inner, Num) for inner in node.walk())]
        placed = [index.arrays for a in self.assumptions if (index := place_assumed(a.claim))]
        return (self.index_arrays & frozenset().union(*marking)) - frozenset().union(*placed)

    @cached_property
    def whole(self) -> frozenset[str]:
        """The inputs that are whole numbers; they have no gradient."""
        return self.subscript_scalars | self.index_arrays

    def _subscripts(self) -> Iterator[Affine]:
        for expr in self.expressions:
            for node in expr.walk():
                for index in subscripts_of(node):
                    yield index
                    yield from (inner for lookup in index.lookups for inner in lookup.indices)

    def axes(self, name: str) -> tuple[str, ...]:
        """One letter for each axis of an array; axes with the same letter have the same size."""
        return self.dimensions.axes[name]

    @property
    def lines(self) -> list[tuple[Ref, Expr]]:
        """The lines as they are written: starts in lines of their own, and recurrences without them."""
        written: list[tuple[Ref, Expr]] = []
        waiting = sorted(self.starts, key=lambda start: start.line)
        for statement in self.statements:
            while waiting and waiting[0].line < statement.line:
                written.append((waiting[0].target, waiting.pop(0).value))
            value = statement.value
            for start in self.starts:
                if start.name == statement.target.name and start.place >= 0 and isinstance(value, Where):
                    value = value.other
            written.append((statement.target, value))
        return written + [(start.target, start.value) for start in waiting]

    def __str__(self) -> str:
        lines = [f"{show(target)} = {show(value)}" for target, value in self.lines]
        said = [f"function {name}" for name in self.functions if name not in CUSTOMARY]
        outputs = [f"outputs {', '.join(self.declared)}"] if self.declared else []
        return "\n".join(map(str, (*said, *lines, *self.assumptions, *outputs)))


def assume_place(place: Affine, letter: str) -> Compare:
    """`assume y[s] in k`: one of the places along the axis is y[s], so that sum[k](delta[k,y[s]]) = 1."""
    return Compare("==", Reduce("sum", (letter,), Delta(Affine.of(letter), place)), ONE)


def place_assumed(claim: Compare) -> Affine | None:
    """The element of an index array that is assumed to be a place along an axis."""
    match claim:
        case Compare("==", Reduce("sum", (k,), Delta(left, right)), Num(Fraction(numerator=1, denominator=1))):
            return right if left.letter == k and right.lookup else None
    return None


class OpenSize(NamedTuple):
    """An index whose size follows from others: from a subscript along an axis, or (axis "") from a delta."""

    letter: str
    subscript: Affine
    axis: str
    source: str


def find_open_sizes(program: Program, known: Container[str]) -> Iterator[OpenSize]:
    """The indices whose sizes follow at once where these dimensions have theirs: subscripts first, then deltas."""
    of = program.dimensions.of
    if all(home in known for home in of.values()):
        return
    targets = [statement.target for statement in program.statements]
    for element in (element for expr in (*targets, *program.expressions) for element in elements_in(expr)):
        for axis, index in zip(program.axes(element.name), element.indices, strict=True):
            unknown = [letter for letter in index.letters if of[letter] not in known and not index.lookups]
            if len(unknown) == 1 and of[axis] in known:
                yield OpenSize(unknown[0], index, of[axis], f"the subscript {index} of {element.name}")
    for delta in (node for expr in program.expressions for node in expr.walk() if isinstance(node, Delta)):
        for one, other in itertools.permutations((delta.left, delta.right)):
            if (
                one.letter
                and not other.lookups
                and of[one.letter] not in known
                and all(of[letter] in known for letter in other.letters)
            ):
                yield OpenSize(one.letter, other, "", f"delta[{one},{other}]")
