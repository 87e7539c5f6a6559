"""Derivations in matrix notation: opened to index notation line for line, judged there, and told in matrix form.

    forward
        Y = X W + b
    gradient dW
        = Xᵀ dY
    gradient db
        = 1ᵀ dY

What is claimed may also be `jacobian dy/dx`, `hessian d2L/dw2` or `differential dL`, in whose lines dw varies with w.
A line whose parts do not fit is wrong by its shape. What a wrong line should be is searched among matrix expressions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from chainrule.derive.language.claims import KINDS, plain_head
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.readings import SCALARS
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.notation.edits import Wanted
from chainrule.derive.notation.grammar import Grammar
from chainrule.derive.notation.nodes import style_of
from chainrule.derive.notation.opening import Opener
from chainrule.derive.notation.programs import Opened, open_as, open_rows, readable
from chainrule.derive.notation.repair import ClaimSearch, Search
from chainrule.derive.notation.shapes import Dimension, ShapeError, UnclearError
from chainrule.derive.notation.tokens import NAMES, cut
from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.verdict import ChainVerdict, LineFinding, LineVerdict, Verdict
from chainrule.derive.reading.indices import read_expression


@dataclass
class Written:
    """A line of a chain: as written, and opened; `problem` says why its parts do not fit."""

    number: int
    text: str
    remark: str
    expr: Expr
    opened: str = ""
    problem: str = ""


@dataclass
class Chain:
    """`gradient dW` and its lines; `shorthands` are the names that the person gives in it, with their index form.

    shapes: all names that may stand in its lines.
    """

    target: Ref
    number: int
    dims: tuple[Dimension, ...]
    lines: list[Written] = field(default_factory=list)
    shorthands: list[tuple[int, str, str]] = field(default_factory=list)
    shapes: dict[str, tuple[Dimension, ...]] = field(default_factory=dict)
    claimed: Partial | None = None
    kind: str = "gradient"

    @property
    def head(self) -> str:
        """What is claimed, as the first line of its chain."""
        kind = "hessian" if self.claimed and isinstance(self.claimed.of, Partial) else "jacobian"
        return f"{kind} {show(self.claimed)}" if self.claimed else f"{self.kind} {show(self.target)}"


def prove_matrices(text: str, repairs: bool = True) -> Verdict:
    """Judge a derivation in matrix notation, as `prove` does. Raises EquationError where it is none."""
    rows = [plain_head(row) for row in text.replace("\r\n", "\n").split("\n")]
    heads = [k for k, row in enumerate(rows) if row.split("#")[0].split()[:1] in [["forward"], *([k] for k in KINDS)]]
    start, end = heads[0], heads[1]
    opened = open_rows(rows[start + 1 : end], start + 2)
    reader = _Reader(opened, rows)
    chains = list(reader.chains(heads[1:]))
    return Verdict(tuple(judge_chain(opened, chain, chains[:k], repairs) for k, chain in enumerate(chains)))


class _Reader:
    """Reads the gradients; `shapes` grows by the person's own names."""

    def __init__(self, opened: Opened, rows: Sequence[str]) -> None:
        self.opened, self.rows = opened, rows
        self.differentials: list[Chain] = []  # those that are stated among the lines of a gradient
        names = opened.shapes.names
        self.shapes = {**names, **{f"d{name}": dims for name, dims in names.items()}}

    def chains(self, heads: Sequence[int]) -> Iterator[Chain]:
        """Read each `gradient dW` with its lines."""
        for start, end in zip(heads, [*heads[1:], len(self.rows)], strict=True):
            chain = self._head(start)
            for number, row in self._joined(start + 1, end):
                self._line(chain, number, row)
            if not chain.lines:
                what = f"expected at least one line that begins with `=` after a {chain.head.split()[0]}"
                raise EquationError(what, start + 1, 1, self.rows[start])
            yield from self.differentials
            self.differentials.clear()
            yield chain

    def _head(self, at: int) -> Chain:
        row = self.rows[at].split("#")[0]
        plain, sign, right = row.partition("=")
        kind, said = plain.split(maxsplit=1) if len(plain.split()) > 1 else (plain.strip(), "")
        chain = self._gradient(kind, said, at) if kind in ("gradient", "differential") else self._jacobian(said, at)
        if sign and right.strip():
            self._line(chain, at + 1, f"= {right}")
        return chain

    def _gradient(self, kind: str, said: str, at: int) -> Chain:
        match = re.fullmatch(r"(?:[d∂]L\s*/\s*)?[d∂]\s*(\S+)\s*", said)
        name = NAMES.get(match[1], match[1]) if match else ""
        if name not in self.opened.shapes.names:
            known = ", ".join(f"d{known}" for known in self.opened.shapes.names)
            raise EquationError(
                f"expected the {kind} of a name in the forward program: {known}", at + 1, 1, self.rows[at]
            )
        dims = self.opened.shapes.names[name]
        return Chain(self._element(f"d{name}", dims), at + 1, dims, shapes=self.shapes, kind=kind)

    def _jacobian(self, said: str, at: int) -> Chain:
        """`jacobian dy/dx`, with a row for each entry of y; `hessian d2L/dw2`, `hessian d2L/dw dv`."""
        match = re.fullmatch(r"[d∂](2|²|\^2)?\(?(\w+)\)?/(.*)", re.sub(r"\s+", "", said))
        below = re.findall(r"[d∂]\(?(\w+?)\)?(2|²|\^2)?(?=[d∂]|$)", match[3]) if match else []
        names = [name for name, twice in below for _ in range(1 + bool(twice))]
        of = match[2] if match else ""
        known = self.opened.shapes.names
        if not match or len(names) != 1 + bool(match[1]) or not {of, *names} <= known.keys():
            raise EquationError(
                "expected a derivative of names in the forward program, such as jacobian dy/dx or hessian d2L/dw2",
                at + 1, 1, self.rows[at],
            )  # fmt: skip
        dims = tuple(d for name in (of, *names) for d in known[name])
        if len(dims) > 2:
            raise EquationError(
                f"a derivative with {len(dims)} indices is no matrix; expected it with indices, or a differential",
                at + 1, 1, self.rows[at],
            )  # fmt: skip
        target = self._element(f"d({of})/d({','.join(names)})", dims)
        claimed: Expr = Ref(of, target.indices[: len(known[of])])
        places = target.indices[len(known[of]) :]
        for name in names:
            claimed = Partial(claimed, Ref(name, places[: len(known[name])]))
            places = places[len(known[name]) :]
        assert isinstance(claimed, Partial)
        return Chain(target, at + 1, dims, shapes=self.shapes, claimed=claimed)

    def _element(self, name: str, dims: tuple[Dimension, ...]) -> Ref:
        """An element of a whole of these dimensions, with readable letters."""
        letters = self.opened.shapes.opener.letters
        whole = Ref(name, tuple(Affine.of(letters.new(dimension)) for dimension in dims))
        target, _ = readable(whole, Ref("x"), letters, set(self.shapes))
        assert isinstance(target, Ref)
        return target

    def _joined(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """The rows with those that go on with the one before joined to it."""
        found: list[tuple[int, str]] = []
        for k in range(start, end):
            row = self.rows[k]
            plain = row.split("#")[0].strip()
            if plain and plain[0] in "+-*/∘" and found:
                found[-1] = (found[-1][0], f"{found[-1][1].split('#')[0].rstrip()} {plain}")
            elif plain:
                found.append((k + 1, row))
        yield from found

    def _line(self, chain: Chain, number: int, row: str) -> None:
        plain, _, remark = row.partition("#")
        left, sign, right = plain.partition("=")
        left = re.sub(r"^\s*(?:where|let)\s+", "", left).strip()
        if not sign or not right.strip():
            raise EquationError("expected a line that begins with `=`, or a name of your own such as `where G = …`",
                                number, 1, row)  # fmt: skip
        name = chain.target.name
        if chain.kind == "gradient" and left in {
            f"d{loss}" for loss, dims in self.opened.shapes.names.items() if not dims
        }:
            chain, name = self._gradient("differential", left, number - 1), left
            self.differentials.append(chain)
        if left.replace("∂", "d") in ("", name, f"dL/{name}") or chain.claimed:
            for part in right.split("="):
                chain.lines.append(self._written(chain, number, part, remark.strip(), row))
        else:
            self._shorthand(chain, number, left, right, row)

    def _read(self, number: int, text: str, row: str) -> Expr:
        known = set(self.shapes) | set(self.opened.sizes)
        shifted = " " * max(row.find(text), 0) + text
        expr = Grammar(cut(shifted, number, known), number, row, known).whole()
        for node in expr.walk():
            if isinstance(node, Ref) and node.name not in known:
                names = ", ".join(self.shapes)
                raise EquationError(f"`{node.name}` is unknown; known are {names}", number, 1, row)
        return expr

    def _written(self, chain: Chain, number: int, text: str, remark: str, row: str) -> Written:
        expr = self._read(number, text, row)
        if chain.target.name in expr.names:
            raise EquationError(f"`{chain.target.name}` stands in its own derivation (cyclic)", number, 1, row)
        line = Written(number, text.strip(), remark, expr)
        try:
            line.opened = show(open_as(self.opened, self.shapes, chain.target, chain.dims, expr))
        except UnclearError as error:
            raise EquationError(str(error), number, 1, row) from error
        except ShapeError as error:
            line.problem = str(error)
        return line

    def _shorthand(self, chain: Chain, number: int, name: str, text: str, row: str) -> None:
        if name in self.shapes or not re.fullmatch(r"[^\W\d]\w*", name):
            raise EquationError(f"`{name}` has a meaning already, or is no name", number, 1, row)
        expr = self._read(number, text, row)
        opener = Opener(self.shapes, self.opened.sizes)
        try:
            value = opener.open(expr)
        except ShapeError as error:
            raise EquationError(str(error), number, 1, row) from error
        letters = tuple(opener.letters.new(dimension) for dimension in value.dims)
        target = Ref(name, tuple(map(Affine.of, letters)))
        sides = readable(target, value.entry(letters), opener.letters, set(self.shapes))
        self.shapes[name] = value.dims
        chain.shorthands.append((number, f"where {name} = {text.strip()}", "where " + " = ".join(map(show, sides))))


def judge_chain(
    opened: Opened, chain: Chain, before: Sequence[Chain], repairs: bool, assumed: Sequence[str] = ()
) -> ChainVerdict:
    """Judge a chain, with the names that earlier ones gave; lines of the wrong shape are wrong."""
    named = [text for each in (*before, chain) for _, _, text in each.shorthands]
    scalars = sorted(name for name, dims in opened.shapes.names.items() if not dims)
    head = ["forward", f"{SCALARS} {', '.join(scalars)}", *opened.rows, *assumed, chain.head, *named]
    fit = [line for line in chain.lines if not line.problem]
    verdicts: dict[int, LineVerdict] = {}
    right = False
    judged = None
    if fit:
        judged = prove("\n".join([*head, *(f"= {line.opened}" for line in fit)]), repairs=False).chains[0]
        verdicts = {id(line): verdict for line, verdict in zip(fit, judged.lines, strict=True)}
        right = judged.right and not chain.lines[-1].problem
    lines: list[LineVerdict] = []
    before_it = "the true gradient"
    for line in chain.lines:
        finding = verdicts[id(line)].finding if id(line) in verdicts else LineFinding(shape=line.problem)
        if finding and repairs and all(verdict.follows for verdict in lines):
            finding = _with_repair(finding, opened, chain, head, line, [other.opened for other in fit])
        lines.append(LineVerdict(line.number, line.text, line.remark, before_it, finding))
        before_it = before_it if line.problem else f"line {line.number}"
    shorthands = tuple((number, text) for number, text, _ in chain.shorthands)
    verdict = ChainVerdict(chain.target.name, chain.number, tuple(lines), right, shorthands)
    return replace(verdict, branches=judged.branches, untaken=judged.untaken) if judged else verdict


def _with_repair(
    finding: LineFinding, opened: Opened, chain: Chain, head: Sequence[str], line: Written, lines: Sequence[str]
) -> LineFinding:
    """The finding with what the line should be, in matrix notation where such a form is found.

    lines: those of the chain that have the right shape, in index notation.
    """
    wanted = Wanted(opened, chain.shapes, chain.target, chain.dims)
    own = chain.claimed is None and chain.kind == "gradient"
    style = style_of(line.text, *(each.source for each in opened.lines))
    search = Search("\n".join([*head, "= 0"]), wanted, line.expr) if own else ClaimSearch(head, wanted, line.expr)
    if found := search.edited(style):
        return replace(finding, repair=found[0], reason=found[1])
    if line.problem:
        return finding
    verdicts = prove("\n".join([*head, *(f"= {each}" for each in lines)])).chains[0].lines
    last = verdicts[list(lines).index(line.opened)].finding or finding
    form = search.form_of(read_expression(last.repair)) if last.repair and not last.elsewhere else ""
    if not (form or last.elsewhere or (last.reason and not last.repair)) and (derived := search.derived()):
        return replace(finding, repair=derived, reason=f"The gradient is `{derived}`.")
    return replace(finding, repair=form or last.repair, reason=_with_own_line(last, chain, head))


def _with_own_line(finding: LineFinding, chain: Chain, head: Sequence[str]) -> str:
    """The reason of a finding with the line that a person wrote, where the mistake is in a name of theirs."""
    said = head[finding.elsewhere - 1] if finding.elsewhere else ""
    own = next((number for number, _, text in chain.shorthands if text == said), 0)
    return finding.reason.replace(f"line {finding.elsewhere},", f"line {own},") if own else finding.reason
