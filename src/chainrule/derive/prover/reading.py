"""Reads a person's derivation so that a line of the wrong shape is a wrong line, not the end of the reading.

Every line is read for itself: its indices get their dimensions from the forward program and from the shorthands that
the person defines, so that a line with a wrong index cannot make two dimensions the same for the others.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chainrule.derive.language.claiming.heads import GRADIENT, Head
from chainrule.derive.language.claims import (
    Claim,
    ClaimLine,
    ClaimReader,
    Shorthand,
    check_circles,
    plain_head,
    read_forward,
    with_target,
)
from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Expr, Ref, ref
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.programs.program import Equation, Program
from chainrule.derive.language.recurrence.starts import put_starts
from chainrule.derive.language.scope import Scope
from chainrule.derive.prover.partials import TOTAL

MAX_NAMES = 200
PLAIN = Head(GRADIENT, Ref("d"))  # of a chain that is no claim


@dataclass(frozen=True)
class TypedLine:
    """An expression whose every index has a dimension: `of` by letter; `letters` are those of the left side."""

    value: Expr
    letters: tuple[str, ...]
    of: Mapping[str, str] = field(compare=False, repr=False)  # follows from the value
    reading: str = TOTAL


@dataclass(frozen=True)
class Line:
    """A line of a chain: as written, and typed, or else the `problem` with its shape and its column.

    `part` counts the lines that stand in one line of the text, from 1; it is 0 where there is one.
    """

    number: int
    text: str
    remark: str
    raw: Expr
    typed: TypedLine | None
    problem: str = ""
    column: int = 0
    part: int = 0

    @property
    def place(self) -> str:
        """`line 4`, or `line 4, part 2`."""
        return f"line {self.number}" + (f", part {self.part}" if self.part else "")


@dataclass(frozen=True)
class Chain(Equation):
    """The lines that a person wrote for one gradient, derivative or differential; `target` as written.

    `known` names the shorthands that its lines may use; `shorthands` are those defined among them. `notes` are remarks
    on lines, by number: words that were set aside, and how something was read.
    """

    target: Ref
    number: int
    lines: tuple[Line, ...]
    shorthands: tuple[Shorthand, ...] = ()
    known: tuple[str, ...] = ()
    head: Head = PLAIN
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def wanted(self) -> str:
        """The array of the program that this is about."""
        return self.head.wanted if self.head.claimed else self.target.name[1:]


@dataclass(frozen=True)
class Reading:
    """A derivation as read: all lines of its text, the forward program, the shorthands by name, and a chain for each
    gradient.

    The dimensions of the forward program cover those of the shorthands.
    """

    rows: list[str]
    forward: Program
    shorthands: Mapping[str, Shorthand]
    chains: tuple[Chain, ...]


def read(text: str) -> Reading:
    """Read a derivation. Raises EquationError for what is no derivation; shapes are judged in the lines."""
    forward, written, end = read_forward(text)
    rows = written.rows
    reader = ClaimReader(forward, rows, end)
    count = len(forward.ranks) + len(reader.scope.coming)
    if count > MAX_NAMES:
        raise EquationError(f"the derivation has {count} arrays and scalars; expected at most {MAX_NAMES}")
    scope = _OpenScope.of(reader.scope)
    reader.scope = reader.parser.scope = scope
    chains: list[Chain] = []
    shorthands: dict[str, Shorthand] = {}
    while not reader.ended:
        claim = reader.claim()
        _check_head(claim, scope.problems, forward)
        forward = with_target(forward, claim)
        problems = _by_line(claim, scope.problems)
        forward = _learn_places(claim, forward)
        for shorthand in claim.shorthands:
            if wrong := problems[shorthand.line, shorthand.column]:
                raise wrong[0]
            if shorthand.target.name not in shorthands:
                typed, forward = _define(shorthand, forward, rows)
                shorthands[shorthand.target.name] = typed
        judged = tuple(_line(line, claim.target, problems[line.line, line.column], forward) for line in claim.lines)
        if judged:
            names = tuple(shorthands)
            chains.append(Chain(claim.target, claim.line, judged, claim.shorthands, names, claim.head, claim.notes))
        scope.problems.clear()
    check_circles([(s.target, s.value, s.line) for s in shorthands.values()], rows)
    return Reading(rows, forward, shorthands, tuple(_with_words(chains, written.words)))


def _learn_places(claim: Claim, forward: Program) -> Program:
    """The forward program, knowing the inputs that only the claim uses as index arrays, as in delta[k,y[s]]."""
    parts = [(shorthand.target, shorthand.value) for shorthand in claim.shorthands]
    values = dict(forward.dimensions.values)
    for target, value in [*parts, *((claim.target, line.value) for line in claim.lines)]:
        if not value.free <= {*target.axes}:
            continue
        with suppress(EquationError):
            found, _ = Dimensions.resolve([(target, value)], [], {}, forward.dimensions)
            for name, home in found.values.items():
                if name in forward.inputs and found.of[home] in forward.dimensions.of:
                    values.setdefault(name, found.of[home])
    return replace(forward, dimensions=replace(forward.dimensions, values=values))


def _check_head(claim: Claim, problems: list[EquationError], forward: Program) -> None:
    """Raise what is wrong with the left side of a claim itself."""
    first = min((line.line, line.column) for line in claim.lines) if claim.lines else (claim.line + 1, 0)
    at_fault = [problem for problem in problems if (problem.line or 0, problem.column or 0) < first]
    at_fault = [problem for problem in at_fault if problem.line == claim.line]
    ranks = forward.ranks
    if claim.head.claimed is None and len(claim.target.indices) != ranks[claim.wanted]:
        at_fault = at_fault or problems
        raise next(problem for problem in at_fault if problem.line == claim.line)
    if at_fault:
        raise at_fault[0]


def _with_words(chains: list[Chain], words: list[tuple[int, str]]) -> list[Chain]:
    """The chains, each with the words that stand in it."""
    noted = []
    for k, chain in enumerate(chains):
        end = chains[k + 1].number if k + 1 < len(chains) else float("inf")
        start = chain.number if k else 0
        mine = [(line, f"{text}   (words, not judged)") for line, text in words if start <= line < end]
        noted.append(replace(chain, notes=tuple(sorted([*chain.notes, *mine]))))
    return noted


Place = tuple[int, int]


def _by_line(claim: Claim, problems: list[EquationError]) -> dict[Place, list[EquationError]]:
    """The problems of each line or shorthand of a claim, by the place at which it begins."""
    starts = sorted([(n.line, n.column) for n in claim.lines] + [(n.line, n.column) for n in claim.shorthands])
    found: dict[Place, list[EquationError]] = {start: [] for start in starts}
    for problem in problems if starts else ():
        place = (problem.line or 0, problem.column or 0)
        found[max((start for start in starts if start <= place), default=starts[0])].append(problem)
    return found


def _define(shorthand: Shorthand, forward: Program, rows: list[str]) -> tuple[Shorthand, Program]:
    """A shorthand with its indices typed, and the forward program with dimensions that cover them."""
    typed = assign_dimensions(shorthand.value, shorthand.target, forward)
    if isinstance(typed, str):
        raise EquationError(typed, shorthand.line, shorthand.column, rows[shorthand.line - 1])
    name, homes = shorthand.target.name, tuple(typed.of[letter] for letter in typed.letters)
    dimensions = replace(forward.dimensions, axes={**forward.dimensions.axes, name: homes}, of=typed.of)
    target = ref(name, typed.letters)
    return replace(shorthand, target=target, value=typed.value), replace(forward, dimensions=dimensions)


class _OpenScope(Scope):
    """Keeps what is wrong with the shape of a line in `problems`, and reads on."""

    problems: list[EquationError]

    @staticmethod
    def of(scope: Scope) -> "_OpenScope":
        """A scope with the same names."""
        new = _OpenScope(scope.lines, scope.first_line, scope.ranks, scope.closed)
        new.in_order, new.in_circle = scope.in_order, scope.in_circle
        new.problems, new.coming, new.functions = [], scope.coming, scope.functions
        new.computed, new.size_names, new.sums_implied = scope.computed, scope.size_names, scope.sums_implied
        return new

    def use_index(self, token: Token) -> None:
        try:
            super().use_index(token)
        except EquationError as error:
            self.problems.append(error)

    def refuse_free(self, token: Token) -> None:
        try:
            super().refuse_free(token)
        except EquationError as error:
            self.problems.append(error)

    def _hold_rank(self, token: Token, rank: int) -> None:
        try:
            super()._hold_rank(token, rank)
        except EquationError as error:
            self.problems.append(error)


def _line(line: ClaimLine, target: Ref, problems: list[EquationError], forward: Program) -> Line:
    written = Line(line.line, line.text, line.remark, line.value, None, part=line.part)
    if problems:
        return replace(written, problem=problems[0].problem, column=problems[0].column)
    typed = assign_dimensions(line.value, target, forward)
    return replace(written, problem=typed) if isinstance(typed, str) else replace(written, typed=typed)


def assign_dimensions(value: Expr, target: Ref, forward: Program) -> TypedLine | str:
    """Give every index of an expression its dimension, or say what is wrong with its shape."""
    of, value = forward.dimensions.of, put_starts(value, forward.outside)
    try:
        dimensions, ([(left, right)], _) = Dimensions.resolve([(target, value)], [], {}, forward.dimensions)
    except EquationError as error:
        return error.problem
    if any(dimensions.of[letter] != home for letter, home in of.items()):
        return clash(value, target, forward)
    known = set(of.values())
    for letter in sorted(right.letters):
        if dimensions.of[letter] not in known:
            return f"nothing says how far the index `{letter}` runs"
    return TypedLine(right, left.axes, dimensions.of)


def clash(value: Expr, target: Ref, forward: Program) -> str:
    """Name the index that runs over two dimensions."""
    seen: dict[str, tuple[str, str]] = {}
    for node in [target, *value.walk()]:
        for name, k, letter in _plain(node, forward):
            axes = forward.axes(name if name in forward.dimensions.axes else name[1:])
            home = forward.dimensions.of[axes[k]]
            place = f"{_ordinal(k)} axis of {name}" if len(axes) > 1 else f"axis of {name}"
            first, where = seen.setdefault(letter, (home, place))
            if first != home:
                return f"the index `{letter}` runs over the {where} and over the {place}, which differ in size"
    return "a delta ties two indices that run over different dimensions"


def _plain(node: Expr, forward: Program) -> list[tuple[str, int, str]]:
    known = forward.dimensions.axes
    if not isinstance(node, Ref) or (node.name not in known and node.name[1:] not in known):
        return []
    return [(node.name, k, index.letter) for k, index in enumerate(node.indices) if index.letter]


def _ordinal(k: int) -> str:
    return ["first", "second", "third", "fourth", "fifth"][k] if k < 5 else f"{k + 1}th"


def split_markdown(text: str) -> list[str]:
    """The derivations in a text: the text itself, or each code block of a Markdown file that holds one.

    A block counts where its fence says `chainrule` or its first word is `forward`. Line numbers stay those of the file:
    all other lines are blank.
    """
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blocks: list[tuple[int, int]] = []
    fence, start = "", 0
    for k, row in enumerate(rows):
        if not fence and (match := re.match(r"\s*(`{3,}|~{3,})\s*(\S*)", row)):
            fence, start, named = match.group(1), k + 1, match.group(2) == "chainrule"
        elif fence and re.match(rf"\s*{fence[0]}{{{len(fence)},}}\s*$", row):
            words = "\n".join(plain_head(r).split("#")[0] for r in rows[start:k]).split()
            blocks += [(start, k)] if named or words[:1] == ["forward"] else []
            fence = ""
    if not blocks:
        return [text]
    return ["\n".join(row if a <= k < b else "" for k, row in enumerate(rows[:b])) for a, b in blocks]
