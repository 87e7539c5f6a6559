"""Programs: lines that define arrays, and lines that assume something of the inputs.

    mu[s]     = mean[i](X[s,i])
    Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
    assume sum[k](T[s,k]) = 1

Every name that no line defines is an input. `parse` reads a forward program, `parse_backward` the equations of its
gradients, in which `dX` is the gradient of `X`.
"""

import itertools
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import RELATIONS, Compare, Delta, Expr, Mul, Neg, Num, Pow, Ref, Size, ref
from chainrule.derive.language.lexer import Token, cut_tokens
from chainrule.derive.language.parser import RESERVED, Parser
from chainrule.derive.language.printer import show
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import Affine, is_index

MAX_POWER, MAX_SUBSCRIPT = 1000, 100_000


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
        relation = "=" if self.claim.relation == "==" else self.claim.relation
        return f"assume {show(self.claim.left)} {relation} {show(self.claim.right)}"


@dataclass(frozen=True)
class Program:
    """A text, read and checked. `dimensions` says which array axes an index runs over (see `dimensions.py`).

    `remarks` are what to tell of a text that was in another notation: the lines as written, and how they were read.
    """

    statements: tuple[Statement, ...]
    assumptions: tuple[Assumption, ...]
    ranks: dict[str, int]
    dimensions: Dimensions = field(repr=False)
    remarks: tuple[str, ...] = field(default=(), repr=False, compare=False)

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
        nodes = [node for expr in self.expressions for node in expr.walk()]
        return frozenset().union(*(index.names - index.letters for node in nodes for index in subscripts_of(node)))

    def axes(self, name: str) -> tuple[str, ...]:
        """One letter for each axis of an array; axes with the same letter have the same size."""
        return self.dimensions.axes[name]

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.statements, *self.assumptions)))


class OpenSize(NamedTuple):
    """An index whose size follows from others: from a subscript along an axis, or (axis "") from a delta."""

    letter: str
    subscript: Affine
    axis: str
    source: str


def find_open_sizes(program: Program, known: Container[str]) -> Iterator[OpenSize]:
    """The indices whose sizes follow at once where these dimensions have theirs: subscripts first, then deltas."""
    of = program.dimensions.of
    nodes = [node for e in (*(s.target for s in program.statements), *program.expressions) for node in e.walk()]
    for element in (node for node in nodes if isinstance(node, Ref)):
        for axis, index in zip(program.axes(element.name), element.indices, strict=True):
            unknown = [letter for letter in index.letters if of[letter] not in known]
            if len(unknown) == 1 and of[axis] in known:
                yield OpenSize(unknown[0], index, of[axis], f"the subscript {index} of {element.name}")
    for node in nodes:
        for one, other in itertools.permutations(subscripts_of(node)) if isinstance(node, Delta) else ():
            if one.letter and of[one.letter] not in known and all(of[letter] in known for letter in other.letters):
                yield OpenSize(one.letter, other, "", f"delta[{one},{other}]")


def subscripts_of(node: Expr) -> tuple[Affine, ...]:
    """The index arithmetic in an element or a delta; nothing in other nodes."""
    return node.indices if isinstance(node, Ref) else (node.left, node.right) if isinstance(node, Delta) else ()


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
        self.scope = Scope(lines, first_line, ranks, closed)
        self.parser = Parser(tokens, self.scope, partials=forward is not None)
        self.forward, self.lines, self.first_line = forward, lines, first_line
        self.statements: list[Statement] = []
        self.assumptions: list[Assumption] = []
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
        else:
            self.statement()

    def assumption(self) -> None:
        """Read `assume left = right` (or another relation)."""
        line = self.parser.take().line
        self.scope.start_line((), open_letters=True)
        left = self.parser.sum()
        relation = self.parser.take()
        if relation.text not in (*RELATIONS, "="):
            raise self.scope.fail(f"expected = or a comparison after what is assumed, found {relation}", relation)
        claim = Compare("==" if relation.text == "=" else relation.text, left, self.parser.sum())
        self.end_line()
        self.assumptions.append(Assumption(claim, line))

    def target(self) -> tuple[Token, tuple[Token, ...]]:
        """Read the left side of a line: a name and its indices, each a plain letter, none twice."""
        name = self.parser.take()
        if name.kind != "name" or name.text in RESERVED:
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
        self.parser.expect("=", "after the left side")
        self.scope.start_line(token.text for token in letters)
        if self.forward and name.text in self.forward.ranks:
            raise self.scope.fail(f"`{name.text}` belongs to the forward program and cannot be defined anew", name)
        value = self.parser.comparison()
        self.end_line()
        self.scope.define(name, len(letters))
        if not self.forward:
            self.scope.check_left(name)
        target = ref(name.text, [token.text for token in letters])
        self.statements.append(Statement(target, value, name.line))

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
            [(s.target, s.value) for s in self.statements], [a.claim for a in self.assumptions], self.scope.ranks, given
        )
        return Program(
            tuple(Statement(t, v, s.line) for (t, v), s in zip(statements, self.statements, strict=True)),
            tuple(Assumption(c, a.line) for c, a in zip(claims, self.assumptions, strict=True)),
            {name: self.scope.ranks[name] for name in (*self.scope.used, *self.scope.defined)},
            dimensions,
        )


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
