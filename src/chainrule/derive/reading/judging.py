"""Judges the derivations of a document: writes each in the language, proves it, and carries the verdict to its rows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    Call,
    Expr,
    Partial,
    Reduce,
    Ref,
    add,
    mul,
    neg,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.printer import show
from chainrule.derive.language.program import Program
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.verdict import ChainVerdict, LineFinding
from chainrule.derive.reading.answer import FOLLOWS, REMARK, UNREAD, WRONG, Judged, JudgedDerivation, JudgedDocument
from chainrule.derive.reading.cases import read_conditions
from chainrule.derive.reading.derivations import Chain, Derivation, Reader, Row, Segment, letters_of, plain
from chainrule.derive.reading.documents import read_formulas
from chainrule.derive.reading.forward import Catalogue, Equation, MissingForwardError, find_definitions, find_forward
from chainrule.derive.reading.grammar import LOSSES
from chainrule.derive.reading.indices import (
    check_letters,
    contracted,
    keep_target,
    read_expression,
    release_target,
    tidy,
)
from chainrule.derive.reading.matrices import Listing, Matrices, check_entry, is_squared_alone
from chainrule.derive.reading.programs import ranks_in, read_program, with_sizes
from chainrule.derive.reading.tokens import UnreadableError
from chainrule.errors import UserError

STAND_INS = ("erf", "softplus", "arctan", "sinh", "tanh")


def prove_document(
    text: str, suffix: str = ".md", forward: str = "", known: Catalogue = lambda heading: None
) -> JudgedDocument:
    """Judge the derivations of a document row by row.

    suffix: `.md`, `.tex` or `.ipynb`. forward: the forward program of all derivations, in the language or in LaTeX,
    where the document states none. known: gives the program that a heading names, or None. Raises UserError where
    nothing in the document is a derivation.
    """
    formulas = read_formulas(text, suffix)
    reader = Reader(formulas)
    if not reader.derivations:
        raise UserError(
            "no derivation in the document; expected a formula with a gradient on its left side, such as "
            r"\frac{\partial L}{\partial W_{ij}} = …"
        )
    given = read_program(forward) if forward else None
    judged = [_judge(derivation, given, known) for derivation in reader.derivations]
    others = Reader(formulas, wide=True).derivations
    if len(others) == len(judged):
        judged = [_prefer(one, other, given, known) for one, other in zip(judged, others, strict=True)]
    unread = [row for row in reader.problems if row.problem or (row.left and row.left.problem) or row.segments]
    return JudgedDocument(judged, unread)


def _prefer(first: JudgedDerivation, other: Derivation, given: Program | None, known: Catalogue) -> JudgedDerivation:
    """Of two readings of a derivation, the one in which more rows follow."""
    if first.ok or first.problem or not any(s.open for row in first.derivation.rows for s in row.segments):
        return first
    second = _judge(other, given, known)
    counts = [sum(judged.sign == FOLLOWS for judged in each.rows) for each in (first, second)]
    better = second if counts[1] > counts[0] else first
    how = "goes on to further terms and factors" if better is second else "ends with its term or bracket"
    why = "more rows follow" if counts[0] != counts[1] else "no fewer rows follow"
    better.notes.append(f"read so that each sum and each operator d/dX {how}, since so {why}")
    return better


def _judge(derivation: Derivation, given: Program | None, known: Catalogue) -> JudgedDerivation:
    judge = _Judge(derivation, given, known)
    try:
        return judge.judge()
    except UnreadableError as error:  # of what stands in no row of its own, such as a definition
        rows = [Judged(row, UNREAD if row.segments else REMARK) for row in derivation.rows]
        return JudgedDerivation(derivation, rows, judge.answer.forward, judge.answer.notes, str(error))


class _Judge:
    """Judges one derivation."""

    def __init__(self, derivation: Derivation, given: Program | None, known: Catalogue) -> None:
        self.derivation, self.given, self.known = derivation, given, known
        pairs: list[tuple[Expr, Expr]] = []
        for row in derivation.rows:
            left = row.left.expr if row.left and row.left.expr else derivation.gradient
            pairs += [(left, segment.expr) for segment in row.segments if segment.expr]
        pairs += [(d.target, d.value) for d in derivation.definitions if d.heading == derivation.heading]
        pairs += [(d.target, d.value) for d in derivation.definitions[: derivation.known]]
        ranks = ranks_in(pairs)
        variance = all(is_squared_alone(expr) for pair in pairs for expr in pair)
        self.matrices = Matrices(
            {**ranks, **given.ranks} if given else ranks, variance and not (given and "sigma" in given.ranks)
        )
        self.wanted = derivation.gradient.name[1:]
        self.stand_ins: dict[str, str] = {}
        self.answer = JudgedDerivation(derivation, [])

    def judge(self) -> JudgedDerivation:
        """Judge every row."""
        try:
            self.forward = self._find_forward()
        except (MissingForwardError, UnreadableError) as error:
            self.answer.problem = str(error)
            self.answer.rows = [Judged(row, UNREAD if row.segments else REMARK) for row in self.derivation.rows]
            return self.answer
        self.answer.notes += dict.fromkeys(self.matrices.notes)
        self.matrices.notes.clear()
        self.answer.forward = [(self._named(str(e)), e.source) for e in self.forward]
        rank = self.matrices.ranks.get(self.wanted, len(self.derivation.gradient.indices))
        letters = next((e.indices for e in self._targets() if len(e.indices) == rank), None)
        self.target = Ref(f"d{self.wanted}", letters if letters is not None else tuple(self.matrices.letters(rank)))
        pending: list[Chain] = []
        for chain in [*self.derivation.chains, None]:
            if chain is not None and not isinstance(chain.target, Partial) and not chain.label:
                pending.append(chain)
        lines = self._judge_gradient(pending)
        for chain in self.derivation.chains:
            if chain in pending:
                self.answer.rows += [lines[id(row)] for row in chain.rows]
            else:
                self.answer.rows += self._judge_part(chain)
        self.answer.notes += self._tell_bare_names()
        for function, stand_in in self.stand_ins.items():
            self.answer.notes.append(f"{function} is any function; it is judged with {stand_in} in its place")
        return self.answer

    def _expressions(self) -> Iterator[Expr]:
        return (segment.expr for row in self.derivation.rows for segment in row.segments if segment.expr)

    def _tell_bare_names(self) -> Iterator[str]:
        """What the names without indices are read as, where no program is given."""
        if self.given:
            return
        nodes = (node for expr in self._expressions() for node in expr.walk() if isinstance(node, Ref))
        bare = sorted({node.name for node in nodes if not node.indices} - LOSSES - {"eps", "e"})
        for rank, kind in ((2, "a matrix"), (1, "a vector"), (0, "a number")):
            names = [n for n in bare if self.matrices.rank(Ref(n)) == rank and n[1:] not in self.matrices.ranks]
            if names:
                yield f"{', '.join(names)} without indices: read as {kind}{' each' * (len(names) > 1)}"

    def _targets(self) -> Iterator[Ref]:
        yield self.derivation.gradient
        for chain in self.derivation.chains:
            for row in chain.rows:
                for segment in row.segments:
                    if isinstance(segment.expr, Ref) and segment.expr.name == f"d{self.wanted}":
                        yield segment.expr

    def _find_forward(self) -> list[Equation]:
        if self.given:
            return [Equation(s.target, s.value, "given") for s in self.given.statements]
        found = find_forward(self.derivation, self.matrices, self.known)
        return [Equation(e.target, with_sizes(e.value, self.derivation.sizes), e.source) for e in found]

    # the gradient's own chain

    def _judge_gradient(self, chains: Sequence[Chain]) -> dict[int, Judged]:
        """The judgement of each row of the chain, by the row's id."""
        judged: dict[int, Judged] = {}
        lines: list[tuple[Judged, str]] = []
        listed: list[tuple[Judged, Expr]] = []
        for row in (row for chain in chains for row in chain.rows):
            here = judged[id(row)] = Judged(row, FOLLOWS if row.segments else REMARK, problem=row.problem)
            if row.problem:
                here.sign = UNREAD
            for segment in row.segments:
                try:
                    if segment.expr is not None and self._is_listed(segment):
                        listed.append((here, segment.expr))
                    elif (line := self._line(segment, row, here)) is not None:
                        lines.append((here, line))
                        here.readings.append(self._named(line))
                except UnreadableError as error:
                    here.sign, here.problem = UNREAD, _quoted(segment, error)
        self.answer.right = self._prove(lines, self.forward, self.target)
        for here, expr in listed:
            self._judge_listed(here, expr)
        return judged

    def _is_listed(self, segment: Segment) -> bool:
        return isinstance(segment.expr, Listing) and len(self.target.indices) > 1

    def _line(self, segment: Segment, row: Row, here: Judged) -> str | None:
        """A segment in the language; None where it says the left side once more."""
        if segment.expr is None:
            raise UnreadableError(segment.problem)
        here.notes += segment.notes
        matrices = self.matrices
        lowered = matrices.lower(segment.expr)
        rank = matrices.rank(lowered)
        if rank or _needs_entry(lowered):
            if rank > len(self.target.indices):
                here.notes.append(
                    f"the right side is a matrix, but d{self.wanted} has {len(self.target.indices)} index"
                )
                spare = tuple(Affine.of(letter) for letter in ("s", "t") if letter not in self.target.letters)[:rank]
                lowered = matrices.entry(lowered, spare)
            else:
                lowered = matrices.entry(lowered, self.target.indices)
            here.notes += matrices.notes
            matrices.notes.clear()
        if lowered == self.target:
            return None
        return self._written(lowered, self.target, here)

    def _written(self, expr: Expr, target: Ref, here: Judged) -> str:
        expr = self._stand_in(with_sizes(expr, self.derivation.sizes))
        element = Ref(target.name[1:], target.indices)
        letters = letters_of(target)
        check_letters(check_entry(expr), letters)
        kept = release_target(tidy(keep_target(expr, element), letters), element)
        if show(kept) != show(tidy(expr, letters)):
            here.notes.append(
                f"{show(element)} below a derivative is the left side's, though a sum uses its letter too"
            )
        return show(kept)

    def _stand_in(self, expr: Expr) -> Expr:
        """The expression with a known function in the place of each that the person leaves open."""
        expr = expr.map(self._stand_in)
        if isinstance(expr, Call) and expr.function not in (*FUNCTIONS, "max", "min"):
            free = [name for name in STAND_INS if name not in self.stand_ins.values()]
            if expr.function not in self.stand_ins and not free:
                raise UnreadableError("too many functions that are not known")
            return Call(self.stand_ins.setdefault(expr.function, free[0] if free else ""), expr.arguments)
        return expr

    def _named(self, text: str) -> str:
        """A text with the person's own functions in the place of those that stand for them."""
        for function, stand_in in self.stand_ins.items():
            text = re.sub(rf"\b{stand_in}\(", f"{function}(", text)
        return text

    def _program(self, forward: Sequence[Equation]) -> list[str]:
        equations = [Equation(e.target, self._stand_in(e.value), e.source) for e in forward]
        assumptions = self.given.assumptions if self.given else ()
        return ["forward", *(f"    {line}" for line in (*equations, *assumptions))]

    def _shorthands(self, lines: Iterable[str], forward: Sequence[Equation]) -> list[str]:
        """The person's own names in the lines, each with what the document says that it is."""
        program = {node.name for e in forward for node in (e.target, *e.value.walk()) if isinstance(node, Ref)}
        stated = find_definitions(self.derivation, self.matrices)
        found: dict[str, str] = {}
        waiting = [read_expression(line) for line in lines]
        while waiting:
            for name in sorted(waiting.pop().names - program - set(found)):
                if name in stated and name[1:] not in program:
                    equation = replace(stated[name][-1], value=self._stand_in(stated[name][-1].value))
                    found[name] = f"    where {equation}"
                    waiting.append(equation.value)
        return list(found.values())[::-1]

    def _prove(
        self, lines: Sequence[tuple[Judged, str]], forward: Sequence[Equation], target: Ref, repairs: bool = True
    ) -> bool:
        """Prove a chain; carry what is found to the rows. Return whether its last line is the true gradient."""
        lines = list(lines)
        head = [*self._program(forward), f"gradient {show(target)}"]
        head += self._shorthands([line for _, line in lines], forward)
        while lines:
            try:
                chain = _prove_lines(head, [line for _, line in lines], repairs)
            except EquationError as error:
                at = error.line - len(head) - 1
                if not 0 <= at < len(lines):
                    self.answer.problem = self._named(f"the forward program can't be judged: {error.problem}")
                    for here, _ in lines:
                        here.sign = UNREAD
                    return False
                here, _ = lines.pop(at)
                here.sign, here.problem = UNREAD, self._named(error.problem)
                continue
            self._carry(chain, lines)
            if repairs:
                self._repair_further(chain, lines, head)
            return chain.right
        return False

    def _carry(self, chain: ChainVerdict, lines: Sequence[tuple[Judged, str]]) -> None:
        before = "the true gradient"
        for verdict, (here, line) in zip(chain.lines, lines, strict=True):
            if verdict.finding and here.finding is None:
                here.sign, here.before = WRONG, before
                self._find(here, verdict.finding)
            before = self._named(line)

    def _repair_further(self, chain: ChainVerdict, lines: Sequence[tuple[Judged, str]], head: list[str]) -> None:
        """Search a repair for the first wrong line without its deltas, and for later lines of the wrong shape."""
        wrong = [k for k, verdict in enumerate(chain.lines) if verdict.finding]
        for place, k in enumerate(wrong):
            finding = chain.lines[k].finding
            if finding is None or finding.repair or (place and not finding.shape):
                continue
            line = lines[k][1] if place else contracted(lines[k][1], [e.target.name for e in self.forward])
            rest = [text for j, (_, text) in enumerate(lines[:k]) if j not in wrong]
            if line is None:
                continue
            try:
                found = _prove_lines(head, [*rest, line], True).lines[-1].finding
            except EquationError:
                continue
            if found and found.repair:
                self._find(lines[k][0], replace(finding, repair=found.repair, reason=found.reason or finding.reason))

    def _find(self, here: Judged, finding: LineFinding) -> None:
        """Hold what is wrong with a row, in the person's own functions."""
        if finding.repair:
            repaired = read_expression(finding.repair)
            here.repaired = _calling(repaired, {new: old for old, new in self.stand_ins.items()})
        name = self._named
        here.finding = replace(
            finding,
            shape=name(finding.shape),
            where=name(finding.where),
            repair=name(finding.repair) if finding.repair else None,
            reason=name(finding.reason),
        )

    def _judge_listed(self, here: Judged, expr: Expr) -> None:
        """Judge a row written out for an array that the chain gave two indices: the same row for every sample."""
        index = self.target.indices[-1]
        target = Ref(self.target.name, (index,))
        here.notes.append(
            f"the gradient of {self.wanted} is one row, so {self.wanted} is a vector that every sample shares: "
            f"{show(Ref(self.wanted, self.target.indices))} is {show(Ref(self.wanted, (index,)))}"
        )
        forward = [Equation(e.target, _as_row(e.value, self.wanted), e.source) for e in self.forward]
        try:
            entry = self.matrices.entry(self.matrices.lower(expr), (index,))
            line = self._written(entry, target, here)
        except UnreadableError as error:
            here.sign, here.problem = UNREAD, str(error)
            return
        here.readings.append(f"{show(target)} = {self._named(line)}")
        self.answer.right = self._prove([(here, line)], forward, target)

    # derivatives, and results with a name in words

    def _judge_part(self, chain: Chain) -> list[Judged]:
        """Judge rows about a derivative of one entry by another: as the gradient that any cotangent gives."""
        part = chain.label or "derivative"
        rows = [Judged(row, UNREAD if row.segments else REMARK, part=part) for row in chain.rows]
        target = chain.target
        if not isinstance(target, Partial) or not target.by.indices or not all(i.letter for i in target.by.indices):
            for here in rows:
                here.problem = "this left side is no gradient, and no derivative of one entry by another" * bool(
                    here.row.segments
                )
            return rows
        readings: list[tuple[str, Expr | None]] = [] if chain.condition else [("", None)]
        readings += list(read_conditions(chain.condition, target))
        best: list[Judged] = rows
        for k, (words, condition) in enumerate(readings or [("", None)]):
            attempt = [Judged(row, FOLLOWS if row.segments else REMARK, part=part) for row in chain.rows]
            self._prove_part(chain, target, condition, attempt)
            if words:
                attempt[0].notes.append(words)
            count, most = (sum(here.sign == FOLLOWS for here in each) for each in (attempt, best))
            if not k or count > most:
                best = attempt
            if all(here.sign != WRONG for here in attempt):
                break
        return best

    def _prove_part(self, chain: Chain, target: Partial, condition: Expr | None, rows: list[Judged]) -> None:
        try:
            forward, of = self._up_to(target.of)
        except UnreadableError:
            of = None
        if of is None or not all(index.letter for index in of.indices):
            for here in rows:
                here.sign, here.problem = UNREAD, "nothing says what is differentiated here"
            return
        gradient = Ref(f"d{target.by.name}", target.by.indices)
        lines: list[tuple[Judged, str]] = []
        for here in rows:
            for segment in here.row.segments:
                try:
                    if segment.expr is None:
                        raise UnreadableError(segment.problem)
                    here.notes += segment.notes
                    value = self.matrices.scalar(segment.expr)
                    here.readings.append(self._named(show(value)))
                    if condition is not None:
                        value = add(mul(condition, value), mul(add(ONE, neg(condition)), Partial(of, target.by)))
                    body = mul(Ref(f"d{of.name}", of.indices), value)
                    whole = Reduce("sum", letters_of(of), body) if of.indices else body
                    lines.append((here, self._written(whole, gradient, here)))
                except UnreadableError as error:
                    here.sign, here.problem = UNREAD, _quoted(segment, error)
        self._prove(lines, forward, gradient, repairs=False)
        before = f"the true {show(target)}"
        for here in rows:
            if here.finding:
                here.before = before
                here.finding = replace(here.finding, where="" if condition is not None else here.finding.where)
            before = here.readings[-1] if here.readings else before

    def _up_to(self, of: Expr) -> tuple[list[Equation], Ref | None]:
        """The forward program up to what is differentiated, as its output."""
        if isinstance(of, Ref):
            names = [e.target.name for e in self.forward]
            return (self.forward[: names.index(of.name) + 1], of) if of.name in names else ([], None)
        value = self.matrices.scalar(of)
        part = plain("Part", sorted(value.free))
        return [*self.forward[:-1], Equation(part, value, "")], part


def _quoted(segment: Segment, error: UnreadableError) -> str:
    shown = segment.latex if len(segment.latex) <= 60 else segment.latex[:57] + "…"
    return f"`{shown}` can't be read: {error}"


def _prove_lines(head: list[str], lines: list[str], repairs: bool) -> ChainVerdict:
    return prove("\n".join([*head, *(f"    = {line}" for line in lines)]), repairs).chains[0]


def _calling(expr: Expr, names: dict[str, str]) -> Expr:
    """The expression with functions renamed."""
    expr = expr.map(lambda child: _calling(child, names))
    return Call(names[expr.function], expr.arguments) if isinstance(expr, Call) and expr.function in names else expr


def _needs_entry(expr: Expr) -> bool:
    return any(type(node).__name__ in ("Transposed", "Hadamard", "Listing") for node in expr.walk())


def _as_row(expr: Expr, name: str) -> Expr:
    """The expression with the last index of an array alone."""
    if isinstance(expr, Ref) and expr.name == name:
        return Ref(name, expr.indices[-1:])
    return expr.map(lambda child: _as_row(child, name))
