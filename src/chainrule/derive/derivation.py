"""A person's derivation as data: the forward program, and for each claimed gradient the chain of equal expressions.

    forward
        Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))
    gradient dX[m,n]
        = sum[i,j](dY[i,j] * d(Y[i,j])/d(X[m,n]))       # chain rule
        = sum[j](dY[m,j] * d(Y[m,j])/d(X[m,n]))         # other rows do not depend on X[m,n]

Indentation means nothing, a line may run on while a bracket is open, and text after # is kept as a remark.
"""

from dataclasses import dataclass

from chainrule.derive.affine import Affine
from chainrule.derive.dimensions import Dimensions
from chainrule.derive.errors import EquationError
from chainrule.derive.lexer import cut_tokens
from chainrule.derive.nodes import Expr, Ref
from chainrule.derive.program import Program, Reader, parse


@dataclass(frozen=True)
class ClaimLine:
    """One `= expression  # remark` of a chain; `text` is the expression as written, `line` its number in the file."""

    value: Expr
    remark: str
    text: str
    line: int


@dataclass(frozen=True)
class Claim:
    """`gradient target` and its chain of lines, each said to be equal to the one before."""

    target: Ref
    lines: tuple[ClaimLine, ...]
    line: int

    @property
    def letters(self) -> tuple[str, ...]:
        """The indices of the left side."""
        return tuple(index.letter or "" for index in self.target.indices)

    @property
    def wanted(self) -> str:
        """The array whose gradient is claimed."""
        return self.target.name[1:]


@dataclass(frozen=True)
class Derivation:
    """A forward program and the gradients claimed for it; `dimensions` covers the indices of both."""

    forward: Program
    claims: tuple[Claim, ...]
    dimensions: Dimensions


def parse_derivation(text: str) -> Derivation:
    """Read a derivation. Raises EquationError with line and column, counted in the whole text."""
    forward, rows, end = read_forward(text)
    return _read_claims(forward, "\n".join(rows[end:]), end + 1, rows)


def read_forward(text: str) -> tuple[Program, list[str], int]:
    """Return the forward program of a derivation, all lines of the text, and how many come before the first claim."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut_tokens(text)  # limits and unknown signs, before anything else
    heads = [(k, words[0]) for k, row in enumerate(rows) if (words := row.split("#")[0].split()) and words[0] in _HEADS]
    before = [k for k, row in enumerate(rows[: heads[0][0]] if heads else rows) if row.split("#")[0].strip()]
    if not heads or heads[0][1] != "forward" or before:
        place = before[0] if before else 0
        raise EquationError("expected `forward` before anything else", place + 1, 1, rows[place])
    start, end = heads[0][0] + 1, (heads[1][0] if len(heads) > 1 else len(rows))
    if heads[0] and rows[heads[0][0]].split("#")[0].strip() != "forward":
        raise EquationError("expected nothing after `forward` in its line", start, 1, rows[start - 1])
    forward = parse("\n" * start + "\n".join(rows[start:end]))
    if len(heads) == 1:
        raise EquationError(
            "expected a line such as `gradient dX[m,n]` after the forward program", end, 1, rows[end - 1]
        )
    return forward, rows, end


_HEADS = ("forward", "gradient")


def _read_claims(forward: Program, text: str, first_line: int, rows: list[str]) -> Derivation:
    reader = Reader(text, forward, first_line)
    raw: list[tuple[Ref, list[ClaimLine], int]] = []
    while not reader.ended:
        raw.append(read_claim(reader, forward, rows))
    pairs = [(target, line.value) for target, lines, _ in raw for line in lines]
    dimensions, (resolved, _) = Dimensions.resolve(pairs, [], reader.scope.ranks, forward.dimensions)
    claims, at = [], 0
    for _, lines, number in raw:
        part = resolved[at : at + len(lines)]
        at += len(lines)
        chain = [ClaimLine(v, old.remark, old.text, old.line) for (_, v), old in zip(part, lines, strict=True)]
        claims.append(Claim(part[0][0], tuple(chain), number))
    return Derivation(forward, tuple(claims), dimensions)


def read_claim(reader: Reader, forward: Program, rows: list[str]) -> tuple[Ref, list[ClaimLine], int]:
    """Read one `gradient dX[m,n]` and its lines, with the indices as written; the number is that of its line."""
    head = reader.parser.token
    if not reader.parser.next_is("gradient"):
        raise reader.scope.fail(f"expected `gradient` or a line that begins with `=`, found {head}", head)
    reader.parser.take()
    name, letters = reader.target()
    if not name.text.startswith("d") or name.text[1:] not in forward.ranks:
        raise reader.scope.fail(
            f"expected the gradient of a name in the forward program, such as dX, found {name}", name
        )
    if not reader.parser.next_is("="):
        reader.end_line()
    lines = []
    while reader.parser.next_is("="):
        lines.append(_read_line(reader, tuple(token.text for token in letters), rows))
    if not lines:
        raise reader.scope.fail("expected at least one line that begins with `=` after a gradient", head)
    reader.scope.define(name, len(letters))
    return Ref(name.text, tuple(Affine.of(token.text) for token in letters)), lines, head.line


def _read_line(reader: Reader, letters: tuple[str, ...], rows: list[str]) -> ClaimLine:
    sign = reader.parser.take()
    reader.scope.start_line(letters)
    value = reader.parser.comparison()
    last = reader.parser.token.line
    reader.end_line()
    written = [row.partition("#") for row in rows[sign.line - 1 : last]]
    text = " ".join(part[0].strip() for part in written).removeprefix("=").strip()
    return ClaimLine(value, " ".join(part[2].strip() for part in written if part[2]), text, sign.line)
