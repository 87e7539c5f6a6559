"""Rows about a derivative of one entry by another, judged as the gradient that any cotangent gives."""

from dataclasses import replace

from chainrule.derive.language.expressions import (
    ONE,
    Expr,
    Partial,
    Reduce,
    Ref,
    add,
    mul,
    neg,
)
from chainrule.derive.language.printer import show
from chainrule.derive.reading.answer import FOLLOWS, REMARK, UNREAD, WRONG, Judged
from chainrule.derive.reading.cases import read_conditions
from chainrule.derive.reading.derivations import Chain, letters_of, plain
from chainrule.derive.reading.forward import Equation
from chainrule.derive.reading.lines import Lines, quoted
from chainrule.derive.reading.tokens import UnreadableError


class Parts(Lines):
    """Judges such rows, under each reading of the condition that they state."""

    def judge_part(self, chain: Chain) -> list[Judged]:
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
                    here.readings.append(self.named(show(value)))
                    if condition is not None:
                        value = add(mul(condition, value), mul(add(ONE, neg(condition)), Partial(of, target.by)))
                    body = mul(Ref(f"d{of.name}", of.indices), value)
                    whole = Reduce("sum", letters_of(of), body) if of.indices else body
                    lines.append((here, self.written(whole, gradient, here)))
                except UnreadableError as error:
                    here.sign, here.problem = UNREAD, quoted(segment, error)
        self.prove(lines, forward, gradient, repairs=False)
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
