"""Derives forward: Jacobians `d(Y[i])/d(X[k])`, and differentials `dY[i]` (the tangents of forward mode).

The derivative of each line is taken by the laws; what stands in it for quantities in between is inserted, from the
input on towards the output. A differential is the derivative by a parameter that all inputs depend on that vary, so
that both are one calculation; in place of d X[k] / d parameter stands `dX[k]`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chainrule.derive.engine.contraction import contract_deltas
from chainrule.derive.engine.derivation import FoundGradient, Step
from chainrule.derive.engine.engine import Chain, Engine
from chainrule.derive.engine.factoring import cost
from chainrule.derive.engine.forward_proof import can_step, differential_error, held_to_steps, set_tangents
from chainrule.derive.engine.laws import LAWS, Law, apply_law, by_element, without_zeros
from chainrule.derive.engine.terms import Term, term_to_expr
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import ONE, ZERO, Expr, Partial, Ref, mul, ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program, Statement
from chainrule.derive.language.subscripts import Affine

OPENED = Ref("∂")  # a factor, no name of any program, by which an inserted derivative is known to be multiplied out


class Carried(Ref):
    """An element of an array that depends on what is differentiated by, which therefore counts among its names."""

    name: str
    indices: tuple[Affine, ...]
    by: str

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        letters, names = super()._own()
        return letters, names | {self.by}

    def _rename(self, meaning: dict[str, Affine]) -> "Carried":  # type: ignore[override]
        return Carried(self.name, tuple(index.substitute(meaning) for index in self.indices), self.by)


def by_carried(of: Ref, by: Ref) -> Expr:
    """∂X[a] / ∂X[i] = δ[a,i]; the derivative of another quantity stays."""
    return Partial(of, by) if isinstance(of, Carried) else by_element(of, by)


FORWARD_LAWS: tuple[Law, ...] = tuple((name, kind, by_carried if kind is Ref else law) for name, kind, law in LAWS)


@dataclass(frozen=True)
class FoundDerivative(FoundGradient):
    """The derivative of `left` by an element: `target` has the letters of both; `kind` is what it is called."""

    left: Expr = ZERO
    kind: str = "jacobian"

    @property
    def gradient(self) -> Expr:  # type: ignore[override]
        """The left side of its equation."""
        return self.left

    @property
    def claim(self) -> tuple[str, Expr]:
        """What a derivation of it begins with."""
        return self.kind, self.left


def refuse_loops(program: Program) -> None:
    """Refuse a recurrence: its derivative by an input is one over every pair of steps."""
    if program.loops:
        names = ", ".join(f"`{name}`" for name in program.loops)
        raise EquationError(
            f"{names} read themselves at other steps; Jacobians and Hessians are derived of programs without "
            "recurrences; ask for the gradient instead, or for --jvp, which are recurrences themselves"
        )


class ForwardEngine(Engine):
    """What Jacobians and differentials share: one line of the program after the other."""

    total = True

    def __init__(self, program: Program, tangents: Iterable[str] = ()) -> None:
        super().__init__(program)
        self.algebra.cotangents = frozenset({*tangents, OPENED.name})

    def _inner(self, node: Expr) -> list[str]:
        return []

    def _laws(self, chain: Chain, statement: Statement, by: Ref, carriers: Iterable[str]) -> Expr:
        """The derivative of a line by the laws, that of `carriers` left as it stands."""
        carriers = frozenset(carriers)
        value = self.letters.freshen(statement.value).rename(
            dict(zip(statement.letters, chain.target.indices, strict=False))
        )
        expr: Expr = Partial(_carried(value, carriers, by.name), by)
        chain.add("definition", _plain(expr))
        while True:
            for law in (*FORWARD_LAWS, self.law_of_matrices):
                changed = self.letters.adopted(apply_law(expr, law))
                if changed != expr:
                    expr = changed
                    chain.add(law[0], _plain(expr))
                    break
            else:
                return _plain(expr)

    def _conclude(self, chain: Chain, expr: Expr) -> tuple[list[Term], Expr]:
        """From a derivative with all inserted to the form that a textbook prints."""
        opened = [term.times(OPENED, -term.factors.get(OPENED, 0)) for term in self.algebra.expand(expr)]
        terms = chain.add_terms("multiplying out", self.algebra.collect(opened))
        terms = chain.add_terms("contraction of a delta", contract_deltas(terms, self.algebra))
        terms = self._simplify(terms, chain)
        terms = chain.add_terms("multiplying out", self._open_sums(terms))
        return terms, self._finish(terms, chain)

    def depends(self, by: Iterable[str]) -> set[str]:
        """The quantities in between that depend on these inputs."""
        moved = set(by)
        for statement in self.program.statements:
            if not moved.isdisjoint(statement.value.names):
                moved.add(statement.target.name)
        return moved & set(self.program.defined)

    def _insert_slopes(self, expr: Expr, by: Ref, slopes: dict[str, FoundGradient]) -> Expr:
        """The expression with every derivative of a quantity in between replaced by what was found for it."""
        if isinstance(expr, Partial) and isinstance(expr.of, Ref):
            found = slopes[expr.of.name]
            if not all(index.letter for index in expr.of.indices):
                raise EquationError(
                    f"`{show(expr.of)}` is read at shifted places of a quantity in between; its derivative is derived "
                    f"where {expr.of.name} is written out in the line that reads it"
                )
            meaning = dict(zip(found.target.axes, (*expr.of.indices, *by.indices), strict=True))
            return mul(term_to_expr([self._renewed(term, meaning) for term in found.terms]), OPENED)
        return without_zeros(expr.map(lambda child: self._insert_slopes(child, by, slopes)))


class JacobianEngine(ForwardEngine):
    """Derives and proves the derivative of a quantity of a program by one of its inputs."""

    def __init__(self, program: Program, name: str, by: str) -> None:
        refuse_loops(program)
        super().__init__(program)
        self.name = name
        self.by = self._apart(by, self.letters.target(name).axes)
        self.slopes: dict[str, FoundDerivative] = {}

    def jacobian(self) -> FoundDerivative:
        """The derivative; those of the quantities in between that it goes through are in `slopes` after it."""
        name = self.name
        carriers = self.depends([self.by.name])
        for statement in self.program.statements:
            other = statement.target.name
            if other in carriers and other not in self.slopes and (other == name or self._leads(other, name)):
                self.slopes[other] = self._derive_jacobian(statement, carriers)
        if name not in self.slopes:
            self.slopes[name] = self._no_dependence(name)
        return self.slopes[name]

    def _no_dependence(self, name: str) -> FoundDerivative:
        of, by = self._apart(name, self.by.axes), self.by
        target, left = Ref(f"d{name}_d{by.name}", of.indices + by.indices), Partial(of, by)
        error = held_to_steps(self.proof, target, ZERO, name, by.name)
        law = f"{name} does not depend on {by.name}"
        return FoundDerivative(target, (), ZERO, (Step(law, left, ZERO),), error, left=left)

    def used(self, found: FoundDerivative) -> list[FoundDerivative]:
        """The derivatives that its steps mention, in order."""
        names = {node.of.name for step in found.steps for node in step.node.walk() if _is_inner(node)}  # type: ignore
        inner = [slope for name, slope in self.slopes.items() if name in names and slope is not found]
        needed = {id(one) for slope in inner for one in (*self.used(slope), slope)}
        return [slope for slope in self.slopes.values() if id(slope) in needed]

    def _leads(self, name: str, end: str) -> bool:
        """Whether the end is computed from this quantity."""
        reached = {name}
        for statement in self.program.statements:
            if not reached.isdisjoint(statement.value.names):
                reached.add(statement.target.name)
        return end in reached

    def _derive_jacobian(self, statement: Statement, carriers: Iterable[str]) -> FoundDerivative:
        of = self._apart(statement.target.name, self.by.axes)
        target = Ref(f"d{of.name}_d{self.by.name}", of.indices + self.by.indices)
        left = Partial(of, self.by)
        chain = Chain(self, target, left)
        expr = self._laws(chain, statement, self.by, set(carriers) - {self.by.name})
        inserted = self._insert_slopes(expr, self.by, dict(self.slopes))
        chain.add("inserting what is known", _without_mark(inserted))
        choices = (_without_mark(inserted), inserted)
        best = min(choices, key=lambda choice: cost(self._conclude(Chain(self, target, left), choice)[1]))
        terms, node = self._conclude(chain, best)
        self.proof.check_steps(target, [("", left), *((step.law, step.node) for step in chain.steps)])
        error = held_to_steps(self.proof, target, node, of.name, self.by.name)
        return FoundDerivative(target, tuple(terms), node, tuple(chain.steps), error, left=left)

    def _apart(self, name: str, taken: tuple[str, ...]) -> Ref:
        """An element of an array at letters that are not taken."""
        wished = self.letters.target(name).axes
        chosen: list[str] = []
        for letter in wished:
            free = letter not in (*taken, *chosen)
            chosen.append(letter if free else self.letters.nice(letter, (*taken, *chosen, *wished)))
        return ref(name, chosen)


class DifferentialEngine(ForwardEngine):
    """Derives and proves the differentials of the quantities of a program where some of its inputs vary."""

    def __init__(self, program: Program, varied: Iterable[str]) -> None:
        self.varied = tuple(varied)
        super().__init__(program, [f"d{name}" for name in program.ranks])
        self.carriers = self.depends(self.varied)
        self.proof.points = [point for point in self.proof.points if can_step(point)]
        for k, point in enumerate(self.proof.points):
            set_tangents(point, self.varied, self.carriers, seed=k)

    def differential(self, name: str) -> FoundDerivative:
        """The differential of a quantity, written with those of the inputs and of quantities in between."""
        if name not in self.carriers:
            raise EquationError(f"`{name}` does not depend on {', '.join(self.varied)}; its differential is 0")
        for statement in self.program.statements:
            if statement.target.name in self.carriers and statement.target.name not in self.found:
                self.found[statement.target.name] = self._derive_differential(statement)
        found = self.found[name]
        assert isinstance(found, FoundDerivative)
        return found

    def needed(self, node: Expr) -> list[str]:
        """The quantities whose differentials an expression needs, in the order in which they can be computed."""
        wanted: set[str] = set()
        waiting = [node]
        while waiting:
            names = waiting.pop().names
            new = {name for name in self.program.defined if f"d{name}" in names} - wanted
            wanted |= new
            waiting += [self.found[name].node for name in new if name in self.found]
        return [name for name in self.program.defined if name in wanted]

    def mentioned(self, found: FoundGradient) -> list[str]:
        """The same: each step is written with differentials of quantities that come before."""
        return self.needed(found.steps[0].node)

    def _derive_differential(self, statement: Statement) -> FoundDerivative:
        of = self.letters.target(statement.target.name)
        target = Ref(f"d{of.name}", of.indices)
        moved = [*self.varied, *self.carriers]
        expr = self._laws(Chain(self, target), statement, OPENED, moved)
        chain = Chain(self, target)
        expr = chain.add("laws of differentiation", _as_tangents(expr))
        terms, node = self._conclude(chain, expr)
        self.proof.check_steps(target, [("", target), *((step.law, step.node) for step in chain.steps)])
        error = differential_error(self.proof, target, node)
        return FoundDerivative(target, tuple(terms), node, tuple(chain.steps), error, left=target, kind="differential")


def _carried(expr: Expr, names: frozenset[str], by: str) -> Expr:
    """The expression with the elements of these arrays as `Carried`."""
    if isinstance(expr, Ref) and expr.name in names:
        return Carried(expr.name, expr.indices, by)
    return expr.map(lambda child: _carried(child, names, by))


def _plain(expr: Expr) -> Expr:
    """The expression without `Carried`."""
    return Ref(expr.name, expr.indices) if isinstance(expr, Carried) else expr.map(_plain)


def _without_mark(expr: Expr) -> Expr:
    """The expression without the factors that mark what is multiplied out."""
    return ONE if expr == OPENED else without_zeros(expr.map(_without_mark))


def _as_tangents(expr: Expr) -> Expr:
    """`dX[k]` for the derivative of X[k] by the parameter."""
    if _is_inner(expr):
        return Ref(f"d{expr.of.name}", expr.of.indices)  # type: ignore[attr-defined]
    return expr.map(_as_tangents)


def _is_inner(node: Expr) -> bool:
    """Whether a node is the derivative of an element."""
    return isinstance(node, Partial) and isinstance(node.of, Ref)
