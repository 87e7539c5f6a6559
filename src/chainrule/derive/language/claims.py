"""A person's derivation as data: the forward program, and for each claimed gradient the chain of equal expressions.

    forward
        Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))
    gradient dX[m,n]
        = sum[i,j](dY[i,j] * d(Y[i,j])/d(X[m,n]))       # chain rule
        = sum[j](dY[m,j] * d(Y[m,j])/d(X[m,n]))         # other rows do not depend on X[m,n]
        = sum[j](G[m,j] * (delta[j,n] - Y[m,n]))
        where G[s,j] = dY[s,j] * Y[s,j]                 # a shorthand of the person's own

In a recurrence a gradient or a shorthand may name itself at later steps: `where g[t] = dh[t] + a[t+1] * g[t+1]`.

A shorthand may stand before, between or after the lines of a gradient, and is known there and in all gradients that
follow. Indentation means nothing, a line may run on while a bracket is open, and text after # is kept as a remark.
What is claimed may be a derivative or a differential too (`heads.py`), and people write with words (`writing.py`).
"""

import functools
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from chainrule.derive.language.claiming.heads import DIFFERENTIAL, GRADIENT, KINDS, Head, begins_equation, read_head
from chainrule.derive.language.claiming.writing import Written, write_plainly
from chainrule.derive.language.derivatives import plain_gradient
from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Expr, Ref, ref
from chainrule.derive.language.lexer import Token, cut_tokens
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import NEXT, Equation, Program
from chainrule.derive.language.programs.reader import Reader, parse
from chainrule.derive.language.recurrence.blocks import find_blocks
from chainrule.derive.language.recurrence.starts import put_starts


@dataclass(frozen=True)
class ClaimLine:
    """One `= expression  # remark` of a chain; `text` is the expression as written, `line` its number in the file.

    Where several stand in one line, `part` counts them from 1, and `column` is where this one begins.
    """

    value: Expr
    remark: str
    text: str
    line: int
    part: int = 0
    column: int = 1


@dataclass(frozen=True)
class Shorthand(Equation):
    """`where target = value  # remark`: a name that the person gives to an expression; `text` is as written."""

    target: Ref
    value: Expr
    remark: str
    text: str
    line: int
    column: int


@dataclass(frozen=True)
class Claim(Equation):
    """What is claimed (`gradient dX[m,n]`), and its chain of lines, each said to be equal to the one before.

    `shorthands` are those among its lines; `notes` say how lines were read that could mean something else.
    """

    head: Head
    lines: tuple[ClaimLine, ...]
    line: int
    shorthands: tuple[Shorthand, ...] = ()
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def target(self) -> Ref:  # type: ignore[override]
        """The left side."""
        return self.head.target

    @property
    def wanted(self) -> str:
        """The array whose gradient is claimed."""
        return self.head.wanted


@dataclass(frozen=True)
class Derivation:
    """A forward program and the gradients claimed for it; `dimensions` covers the indices of both."""

    forward: Program
    claims: tuple[Claim, ...]
    dimensions: Dimensions


def parse_derivation(text: str) -> Derivation:
    """Read a derivation. Raises EquationError with line and column, counted in the whole text."""
    forward, written, end = read_forward(text)
    reader = ClaimReader(forward, written.rows, end)
    claims = []
    while not reader.ended:
        claims.append(reader.claim())
    ends = [(c.target, c.lines[-1].value, c.lines[-1].line) for c in claims if c.head.is_gradient and c.lines]
    check_circles(ends + [(s.target, s.value, s.line) for c in claims for s in c.shorthands], written.rows)
    forward, starts = functools.reduce(with_target, claims, forward), forward.outside
    pairs = [(claim.target, put_starts(line.value, starts)) for claim in claims for line in claim.lines]
    pairs += [
        (shorthand.target, put_starts(shorthand.value, starts)) for claim in claims for shorthand in claim.shorthands
    ]
    dimensions, (resolved, _) = Dimensions.resolve(pairs, [], reader.scope.ranks, forward.dimensions)
    rest = iter(resolved)
    chains = [[next(rest) for _ in claim.lines] for claim in claims]
    names = [[next(rest) for _ in claim.shorthands] for claim in claims]
    known = [_resolved(*parts) for parts in zip(claims, chains, names, strict=True) if parts[1]]
    return Derivation(forward, tuple(known), dimensions)


def with_target(program: Program, claim: Claim) -> Program:
    """The program with the axes of the array of derivatives that is claimed."""
    if claim.head.claimed is None:
        return program
    known, of = program.dimensions.axes, program.dimensions.of
    axes = tuple(program.axes(name if name in known else name[1:])[k] for name, k in claim.head.homes)
    return replace(program, dimensions=Dimensions({**known, claim.target.name: axes}, of))


def _resolved(claim: Claim, chain: list[tuple[Ref, Expr]], names: list[tuple[Ref, Expr]]) -> Claim:
    """A claim with its indices as they were resolved."""
    lines = [replace(line, value=value) for line, (_, value) in zip(claim.lines, chain, strict=True)]
    named = zip(claim.shorthands, names, strict=True)
    shorthands = [replace(old, target=target, value=value) for old, (target, value) in named]
    head = replace(claim.head, target=chain[0][0])
    return replace(claim, head=head, lines=tuple(lines), shorthands=tuple(shorthands))


def read_forward(text: str) -> tuple[Program, Written, int]:
    """Return the forward program of a derivation, all lines of the text, and how many come before the first claim."""
    rows = [plain_head(row) for row in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    heads = [(k, words[0]) for k, row in enumerate(rows) if (words := row.split("#")[0].split()) and words[0] in _HEADS]
    before = [k for k, row in enumerate(rows[: heads[0][0]] if heads else rows) if row.split("#")[0].strip()]
    if not heads or heads[0][1] != "forward" or before:
        place = before[0] if before else 0
        problem = "expected `forward` before anything else (in a Markdown file, in a code block)"
        raise EquationError(problem, place + 1, 1, rows[place])
    start, end = heads[0][0] + 1, (heads[1][0] if len(heads) > 1 else len(rows))
    written = write_plainly(rows, end, set(re.findall(r"[^\W\d]\w*", "\n".join(rows[start:end]))))
    cut_tokens("\n".join(written.rows))  # limits and unknown signs, before anything else is read
    if heads[0] and rows[heads[0][0]].split("#")[0].strip() != "forward":
        raise EquationError("expected nothing after `forward` in its line", start, 1, rows[start - 1])
    forward = parse("\n" * start + "\n".join(rows[start:end]))
    if len(heads) == 1:
        raise EquationError(
            "expected a line such as `gradient dX[m,n]` after the forward program", end, 1, rows[end - 1]
        )
    rest = "\n".join(row.split("#")[0] for row in rows[end:])
    return forward.with_copies(_mentioned_copies(forward, rest)), written, end


def _mentioned_copies(forward: Program, text: str) -> frozenset[str]:
    """The arrays that lines use and of which a text mentions a gradient that arrives from elsewhere, as `dc_next`."""
    mentioned = frozenset(re.findall(rf"\bd(\w+){NEXT}\b", text))
    return frozenset(name for name in mentioned & forward.used if name in forward.defined) - {
        name.removesuffix(NEXT) for name in forward.ranks if name.endswith(NEXT)
    }


def plain_head(row: str) -> str:
    """A line such as `Forward:` or `Gradient dX[m,n]:` in its plain spelling, of the same length."""
    match = _HEAD.fullmatch(row)
    return "".join([match[1], match[2].lower(), match[3], match[4]]) if match else row


_HEADS = ("forward", *KINDS)
_HEAD = re.compile(
    rf"(\s*)(forward(?=\s*:?\s*(?:#|$))|(?:{'|'.join(KINDS)})(?=\s))([^:#]*):?(\s*(?:#.*)?)", re.IGNORECASE
)
_WHERE = ("where", "let", "with", "define", "set", "part", "term")
_EXPECTED = "expected `gradient`, a line that begins with `=`, or a shorthand such as `where G[s,i] = …`"


class ClaimReader(Reader):
    """Reads the gradients of a derivation, with the indices as written; `rows` are all lines of the text."""

    def __init__(self, forward: Program, rows: list[str], end: int) -> None:
        super().__init__("\n".join(rows[end:]), forward, end + 1)
        plain = [replace(token, text=plain_gradient(token.text, forward.ranks)) for token in self.parser.tokens]
        self.parser.tokens = plain
        self.rows, self.ranks = rows, forward.ranks
        self.scope.closed += "; a shorthand of your own needs a line such as `where G[s,i] = …`"
        self.shorthands: dict[str, Shorthand] = {}
        self.arriving = {f"d{name}" for name in forward.outputs if name in forward.loops}
        self.scope.in_circle = frozenset(f"d{name}" for name in forward.loops) - self.arriving
        self.scope.in_order = frozenset(f"d{name}" for name in forward.ranks) - self.scope.in_circle
        tokens = self.parser.tokens
        starts = [k for k in range(len(tokens)) if k == 0 or tokens[k - 1].kind == "newline"]
        for name in reversed([name for k in starts if (name := self._named_at(k))]):
            self.scope.coming[name.text] = name.line

    def claim(self) -> Claim:
        """Read what is claimed, such as `gradient dX[m,n]`, and its lines."""
        at = self.parser.token
        if not self.parser.next_is(*KINDS) and not begins_equation(self):
            raise self.scope.fail(f"{_EXPECTED}, found {at}", at)
        before = self.scope.names_so_far()
        defined = dict(self.scope.defined)
        head = read_head(self)
        if head.is_gradient and head.target.name in self.arriving:
            name = head.target.name
            raise self.scope.fail(
                f"`{name}` arrives from outside at `{name[1:]}`, which feeds back to itself; give the whole "
                f"gradient a name of its own, as in where g[t] = {name}[t] + …",
                at,
            )
        self.scope.go_back_to(before)  # what is claimed is no use of it
        named, starts = self._starts(head)
        end = self.parser.at
        shorthands = [self._shorthand(k, head.target.name) for k in named]
        if not starts and not self._goes_on():
            raise self.scope.fail(f"expected at least one line that begins with `=` after a {head.kind}", at)
        lines = [line for k in starts for line in self._lines(k, head.target.axes)]
        self.parser.at = end
        if head.claimed is None and lines:
            use = self.scope.needed.get(head.target.name)
            steps = head.kind == DIFFERENTIAL and _step(head.target, lines)
            if use and use.line >= at.line and not steps:
                raise self.scope.fail(f"`{head.target.name}` stands in its own derivation (cyclic)", use)
            if head.target.name not in defined and not steps:
                self.scope.define(replace(at, text=head.target.name), len(head.target.indices))
        if head.kind == DIFFERENTIAL:  # here dX is no gradient
            self.scope.go_back_to(before)
        notes, self.parser.notes = tuple(dict.fromkeys(self.parser.notes)), []
        return Claim(head, tuple(lines), at.line, tuple(shorthands), notes)

    def _starts(self, head: Head) -> tuple[list[int], list[int]]:
        """Where the shorthands and the lines of a claim begin; the parser is left behind the last of them."""
        named: list[int] = []
        lines: list[int] = []
        while not self.ended and not self.parser.next_is(*KINDS):
            if self.parser.next_is("="):
                lines.append(self.parser.at)
            elif head.kind == GRADIENT and not head.claimed and self.parser.next_is(head.target.name):
                lines.append(self._repeated(head))
            elif begins_equation(self):
                break
            elif self._named_at(self.parser.at):
                named.append(self.parser.at)
            else:
                what = "at least one line that begins with `=` after a gradient"
                problem = _EXPECTED if lines or named else f"expected {what}"
                raise self.scope.fail(f"{problem}, found {self.parser.token}", self.parser.token)
            while self.parser.take().kind not in ("newline", "end"):
                pass
            self.skip_newlines()
        return named, lines

    def _goes_on(self) -> bool:
        """Whether what follows a claim without lines is the equation of a part."""
        return not self.ended and begins_equation(self)

    def _repeated(self, head: Head) -> int:
        """Where the line begins that repeats the left side of its claim: at its sign."""
        at = self.parser.token
        name, letters = self.target()
        if tuple(token.text for token in letters) != head.target.axes:
            raise self.scope.fail(f"expected the left side {show(head.target)} here too, as above", at)
        if not self.parser.next_is("="):
            raise self.scope.fail(f"expected `=` after {name}, found {self.parser.token}", self.parser.token)
        return self.parser.at

    def _named_at(self, k: int) -> Token | None:
        """The name that a shorthand beginning at token k gives; None where none begins."""
        tokens = self.parser.tokens
        if tokens[k].text in _WHERE and tokens[k + 1].kind == "name":
            return tokens[k + 1]
        row = list(itertools.takewhile(lambda token: token.kind not in ("newline", "end"), tokens[k:]))
        return row[0] if row and row[0].kind == "name" and row[0].text not in _HEADS and _has_sign(row) else None

    def _shorthand(self, start: int, target: str) -> Shorthand:
        self.parser.at = start
        if self.parser.next_is(*_WHERE):
            self.parser.take()
        name, letters = self.target()
        self._check_new(name, target)
        self.parser.expect("=", "after the left side of a shorthand")
        value = self.expression([token.text for token in letters])
        text, remark = self._written(name.line)
        found = Shorthand(
            ref(name.text, [letter.text for letter in letters]), value, remark, text, name.line, name.column
        )
        known = self.shorthands.setdefault(name.text, found)
        if known is not found and (known.target, known.value) != (found.target, found.value):
            raise self.scope.fail(f"`{name.text}` is defined already, in line {known.line}; choose another name", name)
        if known is found:
            self.scope.define(name, len(letters))
        return found

    def _check_new(self, name: Token, target: str) -> None:
        """The name of a shorthand must not mean something else already."""
        if name.text == target:
            raise self.scope.fail(
                f"`{name.text}` is the gradient that is derived here; begin the line with `=` alone", name
            )
        if name.text in self.ranks:
            raise self.scope.fail(f"`{name.text}` belongs to the forward program and cannot be defined anew", name)
        if name.text.startswith("d") and name.text[1:] in self.ranks:
            raise self.scope.fail(
                f"`{name.text}` is the gradient of {name.text[1:]} already; choose another name, or derive it under a "
                f"line `gradient {name.text}…` of its own",
                name,
            )

    def _lines(self, start: int, letters: tuple[str, ...]) -> list[ClaimLine]:
        """The lines in one line of the text: `= a = b` are two."""
        self.parser.at = start
        signs: list[Token] = []
        values: list[Expr] = []
        while self.parser.next_is("="):
            signs.append(self.parser.take())
            values.append(self.expression(letters))
        after = self.parser.token
        remark = self._written(signs[0].line)[1]
        texts = [self._between(a, b) for a, b in itertools.pairwise([*signs, after])]
        if len(values) == 1:
            return [ClaimLine(values[0], remark, texts[0], signs[0].line, 0, signs[0].column)]
        parts = enumerate(zip(values, texts, signs, strict=True), 1)
        return [ClaimLine(v, remark, t, signs[0].line, k, sign.column) for k, (v, t, sign) in parts]

    def _between(self, sign: Token, after: Token) -> str:
        """What stands between two tokens."""
        rows = [row.partition("#")[0] for row in self.rows[sign.line - 1 : after.line]]
        rows[-1] = rows[-1][: after.column - 1]
        rows[0] = rows[0][sign.column :]
        return " ".join(row.strip() for row in rows)

    def _written(self, first: int) -> tuple[str, str]:
        """What was read from a line on, as it was written, and its remark; the line must be over here."""
        last = self.parser.token.line
        self.end_line()
        written = [row.partition("#") for row in self.rows[first - 1 : last]]
        text = " ".join(part[0].strip() for part in written)
        return text, " ".join(part[2].strip() for part in written if part[2])


def _step(target: Ref, lines: Iterable[ClaimLine]) -> bool:
    """Whether each line needs what is claimed at other steps alone, as dh[t] = a[t] * dh[t-1] does."""
    try:
        return all(find_blocks([(target, line.value)]) for line in lines)
    except EquationError:
        return False


def check_circles(ends: Iterable[tuple[Ref, Expr, int]], rows: list[str]) -> None:
    """Gradients and shorthands that are written with each other must step: each needs what other steps have alone.

    ends: what each is, with the number of the line that says so.
    """
    lines = {target.name: (target, value, line) for target, value, line in ends}
    try:
        find_blocks((target, value) for target, value, _ in lines.values())
    except EquationError as error:
        row = lines[error.problem.split("`")[1]][2]
        raise EquationError(error.problem, row, 1, rows[row - 1]) from error


def _has_sign(row: list[Token]) -> bool:
    """Whether an `=` stands outside of all brackets."""
    depth = 0
    for token in row:
        depth += (token.text in "([") - (token.text in ")]") if token.kind == "operator" else 0
        if token.text == "=" and token.kind == "operator" and not depth:
            return True
    return False
