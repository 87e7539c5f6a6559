"""The smallest edit of a matrix expression that makes it the true gradient."""

import time
from collections.abc import Sequence

from chainrule.derive.engine.engine import Engine
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Expr,
)
from chainrule.derive.language.printer import show
from chainrule.derive.notation.edits import Wanted, edits
from chainrule.derive.notation.grammar import Grammar
from chainrule.derive.notation.nodes import show_matrices
from chainrule.derive.notation.tokens import cut
from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.judging.agreement import Points
from chainrule.derive.prover.reading import TypedLine, assign_dimensions, read
from chainrule.derive.prover.truth import Model
from chainrule.derive.render.matrix import matrix_form

SECONDS = 2.0  # of processor time, after which the search gives up


class Search:
    """The search for the line that a gradient should be. `text` is the derivation with one line of any value."""

    def __init__(self, text: str, wanted: Wanted, expr: Expr) -> None:
        self.wanted, self.expr = wanted, expr
        reading = read(text)
        names = frozenset({f"d{name}" for name in expr.names} | expr.names)
        self.model = Model(reading.forward, names, reading.shorthands)
        name = wanted.target.name[1:]
        self.points = Points(self.model, [], [name])
        truth = assign_dimensions(self.model.truth(name, wanted.target.axes), wanted.target, self.model.program)
        assert isinstance(truth, TypedLine), "the chain rule has a shape"
        self.truth = truth

    def follows(self, candidate: Expr) -> bool:
        """Whether an expression is the gradient."""
        entry = self.wanted.entry(candidate)
        if entry is None or not entry.free <= set(self.wanted.target.axes):
            return False
        typed = assign_dimensions(entry, self.wanted.target, self.model.program)
        try:
            return isinstance(typed, TypedLine) and self.points.agree(typed, self.truth)
        except EquationError:  # it has no value in the arithmetic of the points
            return False

    def edited(self, style: str) -> tuple[str, str] | None:
        """The nearest edit that is the gradient, as text, and what was wrong."""
        end = time.process_time() + SECONDS
        seen: set[Expr] = {self.expr}
        for _, candidate, reason in sorted(edits(self.expr, self.wanted), key=lambda edit: edit[0]):
            if time.process_time() > end:
                break
            if candidate not in seen and self.follows(candidate):
                return show_matrices(candidate, style), reason
            seen.add(candidate)
        return None

    def form_of(self, repair: Expr) -> str:
        """A repair in index notation as one in matrix notation, derivatives worked out; empty if none."""
        repair = self.model.partials.spelled_out(repair)
        of = {letter: letter.rstrip("0123456789'") for letter in {*repair.letters, *self.wanted.target.axes}}
        form = matrix_form(self.wanted.target, repair, {**of, **self.wanted.opened.letters}, products=True)
        return self._proven(form)

    def derived(self) -> str:
        """The gradient as the engine derives it, in matrix notation; empty if it has no such form."""
        try:
            engine = Engine(self.model.program)
            found = engine.gradient(self.wanted.target.name[1:])
        except EquationError:
            return ""
        return self._proven(matrix_form(found.gradient, found.node, engine.letters.of, products=True))

    def _proven(self, form: str | None) -> str:
        """The right side of an equation in matrix notation, where that is the gradient; else nothing."""
        text = form.partition(" = ")[2] if form else ""
        known = set(self.wanted.shapes)
        return text if text and self.follows(Grammar(cut(text, 1, known), 1, text, known).whole()) else ""


class ClaimSearch(Search):
    """The search for what a Jacobian, a Hessian or a differential should be: each candidate is proven by itself.

    head: the derivation up to its lines.
    """

    def __init__(self, head: Sequence[str], wanted: Wanted, expr: Expr) -> None:
        self.head, self.wanted, self.expr = list(head), wanted, expr

    def follows(self, candidate: Expr) -> bool:
        """Whether an expression is what is claimed."""
        entry = self.wanted.entry(candidate)
        if entry is None or not entry.free <= set(self.wanted.target.axes):
            return False
        try:
            chain = prove("\n".join([*self.head, f"= {show(entry)}"]), repairs=False).chains[0]
        except EquationError:
            return False
        return chain.lines[0].finding is None

    def form_of(self, repair: Expr) -> str:
        """No other form of what is found in index notation."""
        return ""

    def derived(self) -> str:
        """Nothing: what the engine derives are gradients."""
        return ""
