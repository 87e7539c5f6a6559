"""Rows about a derivative of one entry by another, judged as an entry of a Jacobian or a Hessian."""

from collections.abc import Collection
from dataclasses import replace

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import (
    ONE,
    Compare,
    Delta,
    Expr,
    Partial,
    Position,
    Reduce,
    Ref,
    add,
    mul,
    neg,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.answer import FOLLOWS, REMARK, UNREAD, WRONG, Judged
from chainrule.derive.reading.derivations import Chain, plain
from chainrule.derive.reading.forward import Equation, MissingForwardError, forward_up_to
from chainrule.derive.reading.grammar.cases import read_conditions
from chainrule.derive.reading.lines import Lines, quoted
from chainrule.derive.reading.matrices import Entry, Hadamard, Listing, Norm, Transposed
from chainrule.derive.reading.tokens import UnreadableError


class Parts(Lines):
    """Judges such rows, under each reading of the condition that they state."""

    def judge_part(self, chain: Chain) -> list[Judged]:
        """Judge rows about a derivative of one entry by another, or about the derivative of an expression."""
        part = chain.label or "derivative"
        rows = [Judged(row, UNREAD if row.segments else REMARK, part=part) for row in chain.rows]
        target = chain.target
        if not isinstance(target, Partial) or not all(i.letter or i.lookup for i in target.by.indices):
            for here in rows:
                here.problem = "this left side is no gradient, and no derivative of one entry by another" * bool(
                    here.row.segments
                )
            return rows
        readings: list[tuple[str, Expr | None]] = [] if chain.condition else [("", None)]
        readings += list(read_conditions(chain.condition, target, self.derivation.meanings.class_numbers))
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
        except (UnreadableError, MissingForwardError):
            of = None
        if of is None or not all(index.letter for index in of.indices):
            for here in rows:
                here.sign, here.problem = UNREAD, "nothing says what is differentiated here"
            return
        head, condition = _head(target, of, condition, self.derivation.meanings.class_numbers)
        by = target.by
        in_a_gradient = self.derivation.claimed is None and by.indices and not isinstance(target.of, Partial)
        claimed: Ref | Partial = Ref(f"d{by.name}", by.indices) if in_a_gradient else head
        lines: list[tuple[Judged, str]] = []
        for here in rows:
            for segment in here.row.segments:
                try:
                    if segment.expr is None:
                        raise UnreadableError(segment.problem)
                    here.notes += segment.notes
                    value = self.matrices.scalar(segment.expr)
                    here.readings.append(self.named(show(value)))
                    if condition is not None:
                        value = add(mul(condition, value), mul(add(ONE, neg(condition)), head))
                    if in_a_gradient:  # what is wrong with a part says more as a gradient that any cotangent gives
                        body = mul(Ref(f"d{of.name}", of.indices), value)
                        value = Reduce("sum", of.axes, body) if of.indices else body
                    lines.append((here, self.written(value, claimed, here)))
                except UnreadableError as error:
                    here.sign, here.problem = UNREAD, quoted(segment, error)
        self.prove(lines, forward, claimed, repairs=condition is None and not in_a_gradient)
        whole = any(isinstance(node, Transposed | Hadamard | Norm | Listing | Entry) for node in target.walk())
        before = f"the true {'derivative' if whole else show(target)}"
        for here in rows:
            if here.finding:
                here.before = before
                here.finding = replace(here.finding, where="" if condition is not None else here.finding.where)
            before = here.readings[-1] if here.readings else before

    def _up_to(self, of: Expr) -> tuple[list[Equation], Ref | None]:
        """The forward program up to what is differentiated, as its output."""
        names = [e.target.name for e in self.forward]
        if isinstance(of, Partial):
            return self._up_to(of.of)
        if isinstance(of, Ref):
            if of.name not in names and self.given is None:
                return forward_up_to(self.derivation, self.matrices, of), of
            return (self.forward[: names.index(of.name) + 1], of) if of.name in names else ([], None)
        if names[-1:] == ["Part"]:
            return self.forward, self.forward[-1].target
        value = self.matrices.scalar(of)
        part = plain("Part", sorted(value.free))
        return [*self.forward[:-1], Equation(part, value, "")], part


def _head(
    target: Partial, of: Ref, condition: Expr | None, class_numbers: Collection[str]
) -> tuple[Partial, Expr | None]:
    """What is claimed, with letters of its own for each element, and the condition that two of them are the same.

    At a class number, as in the derivative by z_y, a letter of its own is the same as that.
    """
    taken = set(of.axes)
    same: list[Expr] = [] if condition is None else [condition]
    elements = []
    for by in [target.of.by, target.by] if isinstance(target.of, Partial) else [target.by]:
        letters = []
        for index in by.indices:
            letter = index.letter or ""
            if index.lookup:  # s_{y_i}: the entry at an element of an index array
                own = fresh_letter(taken | target.free, "jklmnpqr")
                same.append(Compare("==", Position(own), Ref(index.lookup.name, index.lookup.indices)))
                taken.add(own)
                letters.append(own)
                continue
            at_class = letter in class_numbers
            own = fresh_letter(taken | target.free, "jklmnpqr") if at_class or letter in taken else letter
            if at_class:
                same.append(Compare("==", Position(own), Ref(letter)))
            elif own != letter:
                same.append(Delta(Affine.of(letter), Affine.of(own)))
            taken.add(own)
            letters.append(own)
        elements.append(plain(by.name, letters))
    head: Expr = of
    for element in elements:
        head = Partial(head, element)
    assert isinstance(head, Partial)
    return head, mul(*same) if same else None
