"""Searches small edits of a wrong line for one that makes it follow, smallest first.

An edited line counts only when it equals the line before at all points, by the same decision that judges the person's
own lines. A first look at one point in float64 rejects most of the others quickly.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.evaluation.points import is_rational
from chainrule.derive.language.claims import Shorthand
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Call,
    Delta,
    Div,
    Expr,
    Partial,
    Reduce,
    Ref,
    Size,
    add,
    mul,
    neg,
    num,
    ref,
)
from chainrule.derive.language.occurrences import Occurrence, occurrences
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Statement
from chainrule.derive.language.recurrence.starts import without_starts
from chainrule.derive.prover.judging.agreement import Points, evaluate_line
from chainrule.derive.prover.partials import TOTAL
from chainrule.derive.prover.points import draw_given, draw_sizes, is_finite, satisfy
from chainrule.derive.prover.reading import Chain, Line, TypedLine
from chainrule.derive.prover.repair.additions import (
    Candidates,
    additions,
    contractions,
    large_exchanges,
    normalisations,
    weight,
)  # fmt: skip
from chainrule.derive.prover.repair.edits import Edit, divided, plain_edits, times
from chainrule.derive.prover.repair.fits import factor_fits, moments_of, term_fits
from chainrule.derive.prover.repair.index_edits import index_edits, size_letter
from chainrule.derive.prover.repair.line_context import LineContext
from chainrule.derive.prover.truth import Model, Values

MAX_EFFORT = 200_000  # nodes evaluated, about four seconds; the longest search of the planted mistakes takes half
LOOK = 20  # nodes that evaluating a line costs, however short it is
MAX_WEIGHT = 300  # nodes of a line; no person writes a longer one by hand
CLOSE = 1e-9
MAX_NEAR = 4_000  # edited lines that are kept for a look at whether only a factor is missing


@dataclass(frozen=True)
class Repair:
    """The line as it should be, and a clause that says what was wrong.

    Where the mistake is in a shorthand that the line uses, `line` is the value that this `shorthand` should have.
    `rank` is smaller for a likelier repair: the place of its kind, and its cost.
    """

    line: TypedLine
    reason: str
    shorthand: Shorthand | None = None
    rank: tuple[int, float] = (0, 0.0)


def find_repair(points: Points, chain: Chain, line: Line, before: TypedLine) -> Repair | None:
    """The smallest edit that makes the line equal to the one before; None where none is found within the effort."""
    if weight(line.raw) > MAX_WEIGHT:
        return None
    return Search(points, chain, line, before).run()


class Search:
    """The search for the edit of one line."""

    def __init__(self, points: Points, chain: Chain, line: Line, before: TypedLine, effort: int = MAX_EFFORT) -> None:
        self.points, self.before, self.is_gradient = points, before, chain.head.is_gradient
        self.context = LineContext(points.model, chain, line)
        others = [before.value, *(other.typed.value for other in chain.lines if other.typed and other is not line)]
        self.candidates = Candidates(self.context, [self.context.value, *map(without_starts, others)])
        self.context.of = {**before.of, **self.context.of}
        self.value = self.context.value
        self.first_point = _float_point(points)
        self.first_point.parts = {}  # edited lines have most of their parts from each other
        self.wanted = np.asarray(evaluate_line(self.first_point, before))
        self.left = effort
        self.seen = {self.value}
        self.near: list[tuple[Edit, Array]] = []

    @property
    def kinds(self) -> tuple[Callable[[], Iterator[Edit]], ...]:
        """The kinds of edits, likeliest first."""
        if not self.is_gradient:
            return self.changes, self.additions, self._scaled, self._missing_parts, self.large_exchanges
        return (
            self.changes, self.additions, self._scaled, self._off_diagonal, self._missing_parts, self._frozen_terms,
            self.large_exchanges,
        )  # fmt: skip

    def run(self) -> Repair | None:
        """Kind by kind, within each in order of cost; what a kind yields is made only when those before it fail."""
        for kind, edits in enumerate(self.kinds):
            for edit in sorted(edits(), key=lambda e: e.cost):
                if self.left < 0 or self.points.patience.is_over:
                    return None
                if edit.value not in self.seen and (repair := self.tried(edit)):
                    return replace(repair, rank=(kind, edit.cost))
                self.seen.add(edit.value)
        return None

    def changes(self) -> Iterator[Edit]:
        """Edits that need nothing from elsewhere."""
        for place in occurrences(self.value, self.context.letters):
            yield from plain_edits(self.context, place)
            yield from index_edits(self.context, place)

    def additions(self) -> Iterator[Edit]:
        """Edits that put something in."""
        for place in occurrences(self.value, self.context.letters):
            yield from contractions(self.context, place)
            yield from additions(self.candidates, place)

    def large_exchanges(self) -> Iterator[Edit]:
        """A long part of another line in the place of a short one."""
        for place in occurrences(self.value, self.context.letters):
            yield from large_exchanges(self.candidates, place)

    def tried(self, edit: Edit) -> Repair | None:
        """The repair that an edit is; None where the edited line is not equal to the one before."""
        typed = self.context.assign_dimensions(edit.value)
        if typed is None or (self.points.exact and not is_rational(edit.value)):
            return None
        readings = [typed]
        others = self.points.model.partials.other_readings(typed.value)
        readings += [replace(typed, reading=reading) for reading in others]
        for reading in readings:
            value = self.first_look(reading)
            if value is not None and self.is_wanted(value):
                confirmed = self.points.follows(typed, self.before)
                return Repair(self._spelled_out(confirmed), self._reason(edit)) if confirmed else None
            if value is not None and len(self.near) < MAX_NEAR:
                self.near.append((edit, value))
        return None

    def _spelled_out(self, line: TypedLine) -> TypedLine:
        """The repaired line without derivatives, where the line under repair has none either, and it is no longer."""
        partials = self.points.model.partials
        if partials.has_derivatives(self.value) or not partials.has_derivatives(line.value):
            return line
        value = partials.spelled_out(line.value, line.reading)
        apart = any(isinstance(node, Delta) for node in value.walk())  # of the chain rule itself
        if apart or weight(value) > weight(line.value) or not value.names.isdisjoint(partials.arrays):
            return line
        typed = self.context.assign_dimensions(value)
        return (typed and self.points.follows(typed, self.before)) or line

    def is_wanted(self, value: Array) -> bool:
        """Whether these are the values of the line before."""
        return self.is_close(value, self.wanted)

    def is_close(self, value: Array, wanted: Array) -> bool:
        """Whether two arrays agree in the first look."""
        bound = CLOSE * float(np.max(np.abs(wanted), initial=0))
        return bool(np.all(np.abs(value - wanted) <= bound))

    def _reason(self, edit: Edit) -> str:
        """The edit's reason; for a sum that runs too far, which output does not depend on what."""
        letter, meant = edit.dropped or ("", "")
        wanted = self.context.target.name[1:]
        for output in self.points.model.outputs if meant in self.context.letters else ():
            for k, axis in enumerate(self.points.model.axes(output.target.name)):
                if axis == self.context.of[meant] and self._is_diagonal(
                    output, wanted, k, self.context.letters.index(meant)
                ):
                    names = [letter if j == k else a for j, a in enumerate(output.letters)]
                    y, x = show(ref(output.target.name, names)), show(ref(wanted, self.context.letters))
                    known = f"the sum runs over {letter} as well, but {y} does not depend on {x} for {letter} ≠ {meant}"
                    return f"{known}: drop {letter}"
        return edit.reason

    def _is_diagonal(self, output: Statement, wanted: str, k: int, j: int) -> bool:
        """Whether the output depends on the input only where axis k of the one and axis j of the other meet."""
        name = self.points.model.partials.array(output.target.name, wanted, TOTAL)
        if not name:
            return False
        where = np.argwhere(np.abs(self.first_point[name]) > 0)
        return bool(np.all(where[:, k] == where[:, len(output.letters) + j]))

    def first_look(self, typed: TypedLine) -> Array | None:
        """The values of a line at the point of the first look; None where it has none."""
        self.left -= weight(typed.value) + LOOK
        try:
            value = evaluate_line(self.first_point, typed)
        except EquationError:  # a derivative that is not known
            return None
        return value if value is not None and is_finite(value) else None

    def _scaled(self) -> Iterator[Edit]:
        """Lines, as they are or edited, that lack nothing but a constant factor."""
        place = Occurrence(self.value, self.context.letters, lambda new: new, None)
        sizes: list[Expr] = [Size(size_letter(self.context, home, place)) for home in self.context.homes]
        sizes += [Call("sqrt", (size,)) for size in sizes]
        scales = [num(-1), num(2), Div(ONE, num(2)), *sizes, *(Div(ONE, size) for size in sizes)]
        known = [(scale, self._number(scale)) for scale in scales]
        plain = self.context.assign_dimensions(self.value)
        start = self.first_look(plain) if plain else None
        first = [(Edit(self.value, 0.0, ""), start)] if start is not None else []
        for edit, value in [*first, *self.near]:
            ratio = _constant_ratio(self.wanted, value)
            for scale, number in known:
                if ratio is not None and abs(ratio - number) <= 1e-9 * abs(number):
                    reasons = [edit.reason] if edit.reason else []
                    reasons.append(f"the factor `{show(scale)}` is missing")
                    yield Edit(scaled(edit.value, scale), edit.cost + 1, "; ".join(reasons))

    def _number(self, scale: Expr) -> float:
        return float(self.first_point.evaluate(scale, (), self.context.of))

    def _missing_parts(self) -> Iterator[Edit]:
        """One or two terms, or two factors, that together make up what is missing at a place."""
        moments: list[tuple[Expr, Array]] | None = None
        for place, terms in normalisations(self.context, self.candidates, self.value):
            needed, here = self._needed(place), self._value(place.node)
            if needed is None or here is None:
                continue
            yield from term_fits(place, needed - here, self._known(terms))
            if place.scope == self.context.letters and np.all(here):
                if moments is None:
                    moments = self._known(moments_of(self.context, self.candidates.at(place.scope)))
                known = [pair for pair in self._known(terms) if isinstance(pair[0], Ref | Call)]
                yield from factor_fits(place, needed / here, [*known, *moments])

    def _needed(self, place: Occurrence) -> Array | None:
        """What should stand at a place, where the line is linear in it."""
        none, one = self._value(place.put(ZERO)), self._value(place.put(ONE))
        if none is None or one is None or not np.all(slope := one - none):
            return None
        return (self.wanted - none) / slope

    def _known(self, parts: Iterable[Expr]) -> list[tuple[Expr, Array]]:
        """Those that have a value that is not all 0."""
        return [(part, value) for part in parts if (value := self._value(part)) is not None and np.any(value)]

    def _value(self, expr: Expr) -> Array | None:
        typed = self.context.assign_dimensions(expr)
        return self.first_look(typed) if typed else None

    def _off_diagonal(self) -> Iterator[Edit]:
        """The derivatives of all entries of the output, where only that of the entry at the same place was counted."""
        target = ref(self.context.target.name[1:], self.context.letters)
        value = self._value(self.value)
        for output in self.points.model.outputs if value is not None else ():
            axes = self.points.model.axes(output.target.name)
            if axes != self.points.model.axes(target.name) or f"d{output.target.name}" == self.points.model.unit:
                continue
            there = ref(output.target.name, self.context.letters)
            diagonal = self._value(mul(Ref(f"d{there.name}", there.indices), Partial(there, target)))
            if diagonal is None or not self.is_close(value, diagonal):
                continue
            for k, home in enumerate(axes):
                letters = list(self.context.letters)
                letters[k] = self.context.fresh(home, letters)
                one = ref(output.target.name, letters)
                body = mul(Ref(f"d{one.name}", one.indices), Partial(one, target))
                reason = f"only {show(there)} is counted, but {show(target)} reaches every {show(one)}"
                yield Edit(Reduce("sum", (letters[k],), body), 2.0, reason)

    def _frozen_terms(self) -> Iterator[Edit]:
        """What flows through quantities that were treated as constants, spelled out by the chain rule."""
        model, target = self.points.model, self.context.target
        for names in frozen_sets(model, target.name[1:]):
            terms: list[Expr] = []
            for name in names:
                taken = self.value.letters.union(*(term.letters for term in terms))
                letters = tuple(self.context.fresh(home, taken) for home in model.axes(name))
                slope = Partial(ref(name, letters), ref(target.name[1:], self.context.letters))
                through = mul(ref(f"d{name}", letters), slope)
                terms.append(Reduce("sum", letters, through) if letters else through)
            yield Edit(add(self.value, *terms), 5, f"what flows through {' and '.join(names)} is missing")


def scaled(expr: Expr, scale: Expr) -> Expr:
    """An expression times a constant factor, in its plainest form."""
    if scale == num(-1):
        return neg(expr)
    return divided(expr, scale.denominator) if isinstance(scale, Div) else times(scale, expr)


def _float_point(points: Points) -> Values:
    """A point in float64, all sizes different, at which edited lines get their first look."""
    rng = np.random.default_rng(7)
    for _ in range(50):
        sizes = draw_sizes(points.model, rng, 3_000)
        values = satisfy(Values(points.model, sizes, draw_given(points.model, sizes, rng, points.domains)))
        if values is not None and all(is_finite(values[f"d{name}"]) for name in points.wanted):
            return values
    raise AssertionError("the points of the derivation were found, so there are some")


def _constant_ratio(a: Array, b: Array) -> float | None:
    nonzero = np.abs(b) > 1e-12
    if not nonzero.any() or np.any(np.abs(a[~nonzero]) > 1e-9):
        return None
    ratios = a[nonzero] / b[nonzero]
    return float(ratios[0]) if np.allclose(ratios, ratios[0], rtol=1e-9, atol=0) else None


def frozen_sets(model: Model, wanted: str) -> Iterator[tuple[str, ...]]:
    """Sets of quantities of the program that may have been treated as constants: they depend on what is asked for."""
    names = [name for name in model.program.defined if name not in (wanted, *(s.target.name for s in model.outputs))]
    names = [name for name in names if model.partials.array(name, wanted, TOTAL)][:6]
    for count in (1, 2, 3):
        yield from itertools.combinations(names, count)


def find_frozen(points: Points, chain: Chain, line: TypedLine) -> tuple[str, ...]:
    """The quantities that a line treats as constants, where that is just what it does; else nothing."""
    point = _float_point(points)
    value = evaluate_line(point, line)
    for names in frozen_sets(points.model, chain.wanted):
        kept = tuple(s for s in points.model.program.statements if s.target.name not in names)
        held = Model(
            replace(points.model.program, statements=kept), [f"d{s.target.name}" for s in points.model.outputs]
        )
        given = {name: point[name] for name in held.given}
        held_values = Values(held, point.sizes, given)
        gradient = held_values.evaluate(held.truth(chain.wanted, line.letters), line.letters, {**line.of})
        if value is not None and np.allclose(value, gradient, rtol=1e-9, atol=1e-12):
            return names
    return ()
