"""Reads programs, line by line: `parse` a forward program, `parse_backward` the equations of its gradients.

In these `dX` is the gradient of `X`.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    REDUCTIONS,
    RELATIONS,
    Compare,
    Expr,
    Neg,
    Num,
    Pow,
    Size,
    ref,
    subscripts_of,
)
from chainrule.derive.language.lexer import Token, cut_tokens
from chainrule.derive.language.parser import RESERVED, Parser
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Assumption, Program, Statement, assume_place
from chainrule.derive.language.recurrence.starts import (
    Start,
    begin,
    check_starts,
    is_start,
    put_starts,
    read_left_side,
)
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import is_index
from chainrule.derive.language.words.declared_names import find_size_names, name_indices, sums_are_implied
from chainrule.derive.language.words.repeated_indices import sum_repeated
from chainrule.derive.language.words.shorthand_names import name_shorthands
from chainrule.derive.language.words.shorthands import SHORTHANDS, SOFT_WORDS

MAX_POWER, MAX_DEGREE, MAX_SUBSCRIPT = 1000, 1_000_000, 100_000


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
        self.starts: list[tuple[Start, Token]] = []
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
        elif not self.forward and is_start(self.parser):
            self.start()
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
            if self.parser.next_is("+", "-"):
                raise self.scope.fail(
                    "a line gives an array at plain indices; for a recurrence write the line for "
                    f"{name.text}[t], as in {name.text}[t] = … {name.text}[t-1]",
                    self.parser.token,
                )
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

    def start(self) -> None:
        """Read `h[-1,n] = value`, which says what an array is before (or at) the first steps of its recurrence."""
        name, axis, place, letters = read_left_side(self.parser, self.scope)
        self._check_letters(letters)
        value = self.expression([token.text for token in letters])
        self.end_line()
        value = self._name_shorthands(value, name)
        plain = tuple(token.text for token in letters)
        self.starts.append((Start(name.text, axis, place, plain, value, name.line), name))

    def _put_starts(self) -> None:
        """Lines and assumptions with what they read of a recurrence before its first step."""
        check_starts(self.starts, self.scope)
        starts = [start for start, _ in self.starts]
        outside = [start for start in starts if start.place < 0]
        for k, statement in enumerate(self.statements):
            value = put_starts(statement.value, outside)
            for start in sorted(starts, key=lambda start: -start.place):
                if start.name == statement.target.name and start.place >= 0:
                    value = begin(value, start, statement.letters)
            self.statements[k] = replace(statement, value=value)
        for k, assumption in enumerate(self.assumptions):
            relation, *sides = assumption.claim.relation, assumption.claim.left, assumption.claim.right
            left, right = (put_starts(side, outside) for side in sides)
            self.assumptions[k] = replace(assumption, claim=Compare(relation, left, right))

    def _check_recurrences(self, program: Program) -> None:
        """What is read before it is defined must belong to a recurrence, and every start to one."""
        try:
            program.blocks  # noqa: B018  they are found, or an error says why not
        except EquationError as error:
            circle = next(s for s in self.statements if s.target.name in error.problem.split("`")[1])
            source = self.lines[circle.line - self.first_line]
            raise EquationError(error.problem, circle.line, 1, source) from error
        for name, line in self.scope.defined.items():
            use = self.scope.used.get(name)
            if name not in program.loops and use and use.line < line:
                raise self.scope.fail(
                    f"`{name}` is defined after its use in line {use.line}; expected every name to be defined before "
                    "it is used",
                    use,
                )
        for start, token in self.starts:
            loop = program.loops.get(start.name)
            if not loop or loop.axes[start.name] != start.axis:
                raise self.scope.fail(f"the line gives a start, but `{start.name}` does not step along there", token)
            if loop.descending and start.place < 0:
                raise self.scope.fail(
                    f"`{start.name}` steps back from its last step, where it begins with 0; a start is not known there",
                    token,
                )

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
            self._put_starts()
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
            starts=tuple(start for start, _ in self.starts),
            index_words=self.index_words,
            sums_implied=self.scope.sums_implied,
        )
        if not self.forward:
            self._check_recurrences(program)
        return program.with_outputs(self._declared_outputs()) if self.declared else program


def _is_named_size(claim: Compare) -> bool:
    """Whether an assumption says no more than which size a name stands for; the name is replaced by it."""
    return claim.relation == "==" and isinstance(claim.left, Size) and claim.left == claim.right


def _degree(expr: Expr) -> Fraction:
    """The product of the exponents of powers one inside the other."""
    inner = max(map(_degree, expr.children), default=Fraction(1))
    match expr:
        case Pow(_, Num(value)) | Pow(_, Neg(Num(value))):
            return inner * max(abs(value), Fraction(1))
    return inner


def _numeric_problem(node: Expr) -> str:
    """What is wrong with a number in an expression; empty where nothing is."""
    match node:
        case Pow(_, Num(value)) | Pow(_, Neg(Num(value))) if abs(value) > MAX_POWER:
            return f"the power in {show(node)} is too large; expected an exponent of at most {MAX_POWER}"
        case Pow() if _degree(node) > MAX_DEGREE:
            return f"the powers in {show(node)[:60]} multiply to more than {MAX_DEGREE}; expected smaller ones"
        case Compare("==", Size(index), right) if isinstance(right, Num | Neg):
            size = right.value if isinstance(right, Num) else Fraction(-1)
            if size < 1 or size.denominator != 1 or size > MAX_SUBSCRIPT:
                return f"size[{index}] cannot be {show(right)}; expected a whole number from 1 to {MAX_SUBSCRIPT}"
    for subscript in subscripts_of(node):
        if any(abs(number) > MAX_SUBSCRIPT for _, number in subscript.terms):
            return f"the number in the subscript {subscript} is too large; expected at most {MAX_SUBSCRIPT}"
    return ""
