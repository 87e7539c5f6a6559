"""Programs: lines that define arrays, and lines that assume something of the inputs.

    mu[s]     = mean[i](X[s,i])
    Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
    assume sum[k](T[s,k]) = 1

Every name that no line defines is an input. `parse` reads a forward program, `parse_backward` the equations of its
gradients, in which `dX` is the gradient of `X`.
"""

import itertools
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    REDUCTIONS,
    RELATIONS,
    Compare,
    Delta,
    Expr,
    Mul,
    Neg,
    Num,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    elements_in,
    ref,
    subscripts_of,
)
from chainrule.derive.language.functions import unknown_in
from chainrule.derive.language.lexer import Token, cut_tokens
from chainrule.derive.language.parser import RESERVED, Parser
from chainrule.derive.language.printer import show
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.language.words.declared_names import find_size_names, name_indices, sums_are_implied
from chainrule.derive.language.words.repeated_indices import sum_repeated
from chainrule.derive.language.words.shorthand_names import name_shorthands
from chainrule.derive.language.words.shorthands import SHORTHANDS, SOFT_WORDS
from chainrule.derive.language.words.unknown_functions import CUSTOMARY

MAX_POWER, MAX_SUBSCRIPT = 1000, 100_000
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

    `declared` are the outputs that a line `outputs c, y` names, `index_words` the letters of indices that are words,
    and `sums_implied` says that repeated indices are summed in the lines of its gradients.
    """

    statements: tuple[Statement, ...]
    assumptions: tuple[Assumption, ...]
    ranks: dict[str, int]
    dimensions: Dimensions = field(repr=False)
    declared: tuple[str, ...] = ()
    index_words: Mapping[str, str] = field(default_factory=dict, repr=False)
    sums_implied: bool = False

    @cached_property
    def defined(self) -> dict[str, Statement]:
        """The arrays that the lines define, in order."""
        return {statement.target.name: statement for statement in self.statements}

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

    def __str__(self) -> str:
        said = [f"function {name}" for name in self.functions if name not in CUSTOMARY]
        outputs = [f"outputs {', '.join(self.declared)}"] if self.declared else []
        return "\n".join(map(str, (*said, *self.statements, *self.assumptions, *outputs)))


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


def parse(text: str) -> Program:
    """Read a forward program. Raises EquationError with the place of the first thing that is wrong."""
    reader = Reader(text)
    while not reader.ended:
        reader.statement_or_assumption()
    program = reader.program()
    if not program.statements:
        raise EquationError("the program is empty; expected a line such as Y[s,i] = exp(X[s,i])")
    return program


def parse_backward(text: str, forward: Program, first_line: int = 1) -> Program:
    """Read equations that define gradients of `forward`: `dX` and `dY` are the gradients of `X` and `Y`.

    They may name everything in the forward program, and each other. An index that stands on the left side only runs
    over the axis of the array.
    """
    reader = Reader(text, forward=forward, first_line=first_line)
    while not reader.ended:
        reader.statement_or_assumption()
    return reader.program()


class Reader:
    """Reads a text line by line into statements and assumptions; `forward` gives the names that are known already."""

    def __init__(self, text: str, forward: Program | None = None, first_line: int = 1) -> None:
        tokens, lines = cut_tokens(text, first_line)
        ranks, closed = {}, ""
        if forward:
            ranks = {**forward.ranks, **{f"d{name}": rank for name, rank in forward.ranks.items()}}
            closed = "neither in the forward program nor the gradient (such as dX) of a name in it"
        self.index_words: dict[str, str] = dict(forward.index_words) if forward else {}
        letters = forward.dimensions.of if forward else ()
        bound = {*REDUCTIONS, *SHORTHANDS, "size"}
        implied = forward.sums_implied if forward else sums_are_implied(tokens)
        tokens, self.index_words = name_indices(
            tokens, self.index_words, RESERVED, bound, letters, implied, lines, first_line
        )
        self.scope = Scope(lines, first_line, ranks, closed)
        self.scope.sums_implied = implied
        self.scope.computed = frozenset(forward.defined) if forward else frozenset()
        self.scope.size_names = dict(forward.dimensions.names) if forward else find_size_names(tokens, RESERVED - {"d"})
        self.scope.functions |= dict.fromkeys(forward.functions if forward else ())
        self.parser = Parser(tokens, self.scope, partials=forward is not None)
        self.forward, self.lines, self.first_line = forward, lines, first_line
        self.statements: list[Statement] = []
        self.assumptions: list[Assumption] = []
        self.declared: list[Token] = []
        self.made: set[str] = set()  # names for shorthands
        self.skip_newlines()

    def skip_newlines(self) -> None:
        """Go to the next line that holds something."""
        while self.parser.token.kind == "newline":
            self.parser.take()

    @property
    def ended(self) -> bool:
        """Whether the text is read to its end."""
        return self.parser.token.kind == "end"

    def end_line(self) -> None:
        """The line must be over here."""
        token = self.parser.token
        if token.kind not in ("newline", "end"):
            problem = f"expected an operator or the end of the line, found {token}"
            raise self.scope.fail(problem + self.parser.hint_at_product(), token)
        self.skip_newlines()

    def statement_or_assumption(self) -> None:
        """Read one line."""
        if self.parser.next_is("assume"):
            self.assumption()
        elif self.parser.next_is("einsum") and self.parser.after.kind != "operator":
            self.parser.take()
            self.end_line()
        elif self.parser.next_is("function") and not self.forward and self.parser.after.kind == "name":
            self.function()
        elif self.parser.next_is("outputs") and not self.forward and self.parser.after.kind == "name":
            self.outputs()
        else:
            self.statement()

    def assumption(self) -> None:
        """Read `assume left = right` (or another relation)."""
        line = self.parser.take().line
        if self.parser.next_is("repeated") and self.parser.after.text == "indices":
            while self.parser.token.kind == "name":
                self.parser.take()
            self.end_line()
            return
        self.scope.start_line((), open_letters=True)
        start = self.parser.at
        left = self.parser.sum()
        relation = self.parser.take()
        if relation.text == "in":
            self._place(start)
            return
        if relation.text not in (*RELATIONS, "="):
            raise self.scope.fail(f"expected = or a comparison after what is assumed, found {relation}", relation)
        claim = Compare("==" if relation.text == "=" else relation.text, left, self.parser.sum())
        self.end_line()
        self.assumptions.append(Assumption(claim, line))

    def _place(self, start: int) -> None:
        """Read `y[s] in k` of an assumption, from its beginning."""
        self.parser.at = start
        name = self.parser.take()
        place = self.parser.lookup(name) if name.kind == "name" and self.parser.next_is("[") else None
        relation, letter = self.parser.take(), self.parser.take()
        if not place or relation.text != "in" or not is_index(letter.text):
            raise self.scope.fail("expected an index array and the index of an axis, as in assume y[s] in k", name)
        self.end_line()
        self.assumptions.append(Assumption(assume_place(place, letter.text), name.line))

    def function(self) -> None:
        """Read `function act, rho`: names of unknown functions."""
        while self.parser.take().text in ("function", ","):
            self.scope.declare_function(self.parser.take())
            if not self.parser.next_is(","):
                break
        self.end_line()

    def outputs(self) -> None:
        """Read `outputs c, y`."""
        self.parser.take()
        self.declared.append(self.parser.take())
        while self.parser.next_is(","):
            self.parser.take()
            self.declared.append(self.parser.take())
        self.end_line()

    def _declared_outputs(self) -> list[str]:
        """The names of the outputs that are declared."""
        for token in self.declared:
            if token.text not in self.scope.defined:
                raise self.scope.fail(f"expected an output that a line defines, found {token}", token)
        return list(dict.fromkeys(token.text for token in self.declared))

    def target(self) -> tuple[Token, tuple[Token, ...]]:
        """Read the left side of a line: a name and its indices, each a plain letter, none twice."""
        name = self.parser.take()
        if name.kind != "name" or name.text in RESERVED - {"d"}:
            raise self.scope.fail(f"expected a line such as Y[s,i] = …, found {name}", name)
        letters: list[Token] = []
        if self.parser.next_is("["):
            self.parser.take()
            letters = [self.parser.take()]
            while self.parser.next_is(","):
                self.parser.take()
                letters.append(self.parser.take())
            self._check_letters(letters)
            self.parser.expect("]", "or `,` after an index")
        return name, tuple(letters)

    def _check_letters(self, letters: Iterable[Token]) -> None:
        seen = set()
        for token in letters:
            if token.kind != "name" or not is_index(token.text):
                raise self.scope.fail(
                    f"expected an index (one lower-case letter) on the left side, found {token}", token
                )
            if token.text in seen:
                raise self.scope.fail(f"the index `{token.text}` is used twice over on the left side", token)
            seen.add(token.text)

    def statement(self) -> None:
        """Read `name[indices] = expression`."""
        name, letters = self.target()
        if name.text in self.scope.size_names:
            raise self.scope.fail(f"`{name.text}` is the name of a size by an assumption and cannot be defined", name)
        self.parser.expect("=", "after the left side")
        if self.forward and name.text in self.forward.ranks:
            raise self.scope.fail(f"`{name.text}` belongs to the forward program and cannot be defined anew", name)
        value = self.expression([token.text for token in letters])
        self.end_line()
        self.scope.define(name, len(letters))
        if not self.forward:
            self.scope.check_left(name)
        target = ref(name.text, [token.text for token in letters])
        if not self.forward:
            value = self._name_shorthands(value, name)
        self.statements.append(Statement(target, value, name.line))

    def expression(self, letters: Iterable[str]) -> Expr:
        """Read the right side of a line whose left side has these indices; implied sums are written out."""
        self.scope.start_line(letters)
        start = self.parser.token
        value = self.parser.comparison()
        if not self.scope.sums_implied:
            return value
        try:
            value = sum_repeated(value, frozenset(self.scope.left))
        except EquationError as error:
            raise self.scope.fail(error.problem, start) from error
        for letter in sorted(value.free - {*self.scope.left}):
            self.scope.refuse_free(replace(start, text=letter))
        for letter in sorted(value.letters & value.names):
            problem = f"`{letter}` is an index and a number here; write its sum, as in sum[{letter}](…)"
            raise self.scope.fail(problem, start)
        return value

    def _name_shorthands(self, value: Expr, at: Token) -> Expr:
        """Lines of their own for shorthands such as norm[j](…) in a line, before it."""
        known = [(statement.target, statement.value) for statement in self.statements]
        value, definitions = name_shorthands(value, self.parser.opened, known, self._new_name)
        self.parser.opened.clear()
        for target, meaning in definitions:
            self.scope.define(replace(at, text=target.name), len(target.indices))
            self.statements.append(Statement(target, meaning, at.line))
        return value

    def _new_name(self, word: str) -> str:
        """A name that stands nowhere in the text, nor with a d before it."""
        taken = {token.text for token in self.parser.tokens} - SOFT_WORDS | self.scope.ranks.keys() | self.made
        names = (word + number for number in ("", *map(str, range(2, len(taken) + 3))))
        name = next(name for name in names if name not in taken and f"d{name}" not in taken)
        self.made.add(name)
        return name

    def _check_gradients(self) -> None:
        """No array may have the name of another's gradient."""
        for name in self.scope.ranks:
            taken = f"d{name}"
            if taken in self.scope.ranks:
                token = self.scope.used.get(taken) or Token("name", taken, self.scope.defined[taken], 1)
                problem = f"`{taken}` is the name of the gradient of `{name}`; call the array otherwise"
                raise self.scope.fail(problem, token)

    def _check_numbers(self) -> None:
        """Refuse sizes that are none, and numbers that would take forever: huge powers and huge subscripts."""
        for line, expr in [(s.line, s.value) for s in self.statements] + [(a.line, a.claim) for a in self.assumptions]:
            for node in expr.walk():
                if problem := _numeric_problem(node):
                    source = self.lines[line - self.first_line]
                    raise EquationError(problem, line, len(source) - len(source.lstrip()) + 1, source)

    def program(self) -> Program:
        """What was read, with every index given its dimension."""
        self._check_numbers()
        if not self.forward:
            self._check_gradients()
        given = self.forward.dimensions if self.forward else None
        dimensions, (statements, claims) = Dimensions.resolve(
            [(s.target, s.value) for s in self.statements],
            [a.claim for a in self.assumptions],
            self.scope.ranks,
            given,
            self.scope.size_names,
        )
        held = [(c, a.line) for c, a in zip(claims, self.assumptions, strict=True) if not _is_named_size(c)]
        program = Program(
            tuple(Statement(t, v, s.line) for (t, v), s in zip(statements, self.statements, strict=True)),
            tuple(Assumption(*pair) for pair in held),
            {name: self.scope.ranks[name] for name in (*self.scope.used, *self.scope.defined)},
            dimensions,
            index_words=self.index_words,
            sums_implied=self.scope.sums_implied,
        )
        return program.with_outputs(self._declared_outputs()) if self.declared else program


def _is_named_size(claim: Compare) -> bool:
    """Whether an assumption says no more than which size a name stands for; the name is replaced by it."""
    return claim.relation == "==" and isinstance(claim.left, Size) and claim.left == claim.right


def _numeric_problem(node: Expr) -> str:
    """What is wrong with a number in an expression; empty where nothing is."""
    match node:
        case Pow(_, Num(value)) | Pow(_, Neg(Num(value))) if abs(value) > MAX_POWER:
            return f"the power in {show(node)} is too large; expected an exponent of at most {MAX_POWER}"
        case Compare("==", Size(index), right) if isinstance(right, Num | Neg):
            size = right.value if isinstance(right, Num) else Fraction(-1)
            if size < 1 or size.denominator != 1 or size > MAX_SUBSCRIPT:
                return f"size[{index}] cannot be {show(right)}; expected a whole number from 1 to {MAX_SUBSCRIPT}"
    for subscript in subscripts_of(node):
        if any(abs(number) > MAX_SUBSCRIPT for _, number in subscript.terms):
            return f"the number in the subscript {subscript} is too large; expected at most {MAX_SUBSCRIPT}"
    return ""


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
    told += [f"{letter} is the index {word}" for word, letter in program.index_words.items()]
    return list(dict.fromkeys(told))
