"""Compares every step of a derivation with the one before, and the result with complex-step differences."""

from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any

import numpy as np

from chainrule.derive.engine.index_letters import Letters
from chainrule.derive.engine.named_quantities import define
from chainrule.derive.evaluation.arithmetic import Array, Floating, HighPrecision, Modular
from chainrule.derive.evaluation.evaluator import evaluate_block, evaluate_expr
from chainrule.derive.evaluation.points import ProgramPoint, list_untaken, points_for
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.recurrence.blocks import find_blocks

STEP = 1e-30
AGREEMENT = Decimal("1e-12")  # relative; differences in 50 digits are good to about 1e-20 at the least


class WrongStepError(EquationError):
    """A step of a derivation differs from the one before: a law is wrong, so there is no proven answer."""


class Proof:
    """Compares expressions at random points of a program.

    A derivative holds all other named quantities fixed, or (`total`) goes through those that the program computes.
    """

    def __init__(self, program: Program, letters: Letters, total: bool = False) -> None:
        self.program, self.letters, self.total = program, letters, total
        self.points = points_for(program)
        self.untaken = tuple(branch.problem for branch in list_untaken(program, self.points))
        self._known: dict[tuple[int, Expr, tuple[str, ...]], Array] = {}  # values by point, expression and axes

    def check_steps(self, target: Ref, steps: Sequence[tuple[str, Expr]]) -> None:
        """Every expression equals the one before. Raises WrongStepError that names the law and both."""
        first, *rest = steps
        steps = [
            (first[0], self._with_definitions(first[1])),
            *rest,
        ]  # later, derivatives hold names fixed
        open_steps = sum(has_partial(expr) for _, expr in steps)
        for point in self.points:
            before: Array = None
            line: Expr | None = None
            here = self._steps_at(point, steps, open_steps)
            values = point.values([expr for _, expr in here], target.axes, self.letters.of, self.total)
            for (law, expr), value in zip(here, values, strict=True):
                if line and not agree(before, value, point) and not self._agree_finely(point, (line, expr), target):
                    self._check_defined(point, target)
                    if not (_is_finite(before) and _is_finite(value)):
                        raise _without_value(f"d{show(target)} has")
                    raise WrongStepError(f"{law}: d{show(target)} = {show(expr)} is not equal to the line before")
                before, line = value, expr
                self._known[id(point), expr, target.axes] = value

    def _agree_finely(self, point: ProgramPoint, lines: tuple[Expr, Expr], target: Ref) -> bool:
        """Whether two lines agree with more digits, so smaller differences: steep functions bend within others."""
        if not isinstance(point.arithmetic, HighPrecision) or not any(map(has_partial, lines)):
            return False
        finer = copy(point)
        finer.arithmetic = HighPrecision(3 * point.arithmetic.digits)
        finer.arrays = {name: finer.arithmetic.array(values) for name, values in point.arrays.items()}
        before, after = (finer.value(line, target.axes, self.letters.of, self.total) for line in lines)
        return agree(before, after, finer)

    def _steps_at(
        self, point: ProgramPoint, steps: Sequence[tuple[str, Expr]], open_steps: int
    ) -> Sequence[tuple[str, Expr]]:
        """All at one point; at others those without derivatives, which cost little.

        The high-precision point of a rational program is there for the result alone.
        """
        exact = [point for point in self.points if isinstance(point.arithmetic, Modular)]
        if exact and point not in exact:
            return []
        return steps if point is (exact or self.points)[0] else steps[open_steps:]

    def hold(self, target: Ref, expr: Expr) -> None:
        """From here on the gradient of the target has this value at every point."""
        for point in self.points:
            point.arrays[f"d{target.name}"] = self._value(point, expr, target)

    def hold_loop(self, equations: Sequence[tuple[Ref, Expr]]) -> None:
        """From here on the gradients of a recurrence have the values that their equations give them, step by step."""
        names = [target.name for target, _ in equations]
        for point in self.points:
            sizes = {letter: point.sizes[home] for letter, home in self.letters.of.items() if home in point.sizes}
            with np.errstate(all="ignore"):
                for block in find_blocks(equations):
                    evaluate_block(block, point.arrays, sizes, point.arithmetic)
            if not all(_is_finite(point.arrays[name]) for name in names):
                raise _without_value(f"{' and '.join(names)} have")

    def check_gradient(self, target: Ref, expr: Expr) -> float:
        """Compare with complex-step differences of the program; returns the largest relative error."""
        return max(self._gradient_error(target, expr, point) for point in self.points if point.is_compared)

    def _gradient_error(self, target: Ref, expr: Expr, point: ProgramPoint) -> float:
        found = self._value(point, expr, target).astype(float)
        expected = complex_step(self.program, point.inputs, point.sizes, target.name)
        if not _is_finite(expected):
            raise _without_value(f"d{show(target)} has")
        error = float(
            np.max(np.abs(found - expected), initial=0) / max(1.0, float(np.max(np.abs(expected), initial=0)))
        )
        if not error < 1e-9:
            self._check_defined(point, target)
            if self._rounding_decides(point, target):
                return 0.0
            raise WrongStepError(f"d{show(target)} = {show(expr)} is not the gradient: off by {error:.1e}")
        return error

    def _rounding_decides(self, point: ProgramPoint, target: Ref) -> bool:
        """Whether a comparison has another answer in the numbers of the differences, which then say nothing here."""
        arrays = stepped(self.program, point.inputs, point.sizes, target.name)
        count, of = len(arrays[target.name]), self.program.dimensions.of
        sizes = {letter: point.sizes[home] for letter, home in of.items()}
        for claim in point.claims:
            letters = tuple(sorted(claim.free))
            said = evaluate_expr(claim, arrays, sizes, letters, Floating(complex), stacked=count)
            if np.any((said != 0) != (point.value(claim, letters, of) != 0)):
                return True
        return False

    def _check_defined(self, point: ProgramPoint, target: Ref) -> None:
        """Refuse what has no gradient at a point, as where an extremum is attained twice over; else return."""
        if tied := point.tied_extremum():
            raise EquationError(
                f"`{show(tied)}` is attained in several places at once, so that it has no gradient d{show(target)}"
            )

    def _value(self, point: ProgramPoint, expr: Expr, target: Ref) -> Array:
        key = (id(point), expr, target.axes)
        if key not in self._known:
            self._known[key] = point.value(expr, target.axes, self.letters.of, self.total)
        return self._known[key]

    def _with_definitions(self, expr: Expr) -> Expr:
        """∂Y/∂X holds every other named quantity: it is the derivative of Y's definition."""
        if self.total:
            return expr
        if isinstance(expr, Partial) and isinstance(expr.of, Ref):
            return Partial(define(expr.of, self.program, self.letters) or expr.of, expr.by)
        return expr.map(self._with_definitions)


def _without_value(what: str) -> EquationError:
    return EquationError(
        f"{what} no value at points where the program has one: a line divides by 0, or takes a power, root or "
        "logarithm that does not exist"
    )


def has_partial(expr: Expr) -> bool:
    """Whether a derivative is left in an expression."""
    return any(isinstance(node, Partial) for node in expr.walk())


def _is_finite(values: Array) -> bool:
    return bool(np.all(np.isfinite(np.asarray(values, dtype=float))))


def agree(a: Array, b: Array, point: ProgramPoint) -> bool:
    """Whether two arrays are equal: exactly modulo the prime, else to rounding."""
    if isinstance(point.arithmetic, Modular):
        return bool(np.array_equal(a % point.arithmetic.prime, b % point.arithmetic.prime))
    with point.arithmetic.calculating():
        return all(abs(x - y) <= AGREEMENT * (1 + abs(x)) for x, y in zip(a.ravel(), b.ravel(), strict=True))


def complex_step(program: Program, inputs: Mapping[str, Any], sizes: Mapping[str, int], name: str) -> Array:
    """The gradient of sum(dY * Y) over all outputs by an input, by steps of 1e-30 i: to rounding, without any rule."""
    arrays = stepped(program, inputs, sizes, name)
    count, shape = len(arrays[name]), arrays[name].shape[1:]
    with np.errstate(all="ignore"):
        slopes = [(arrays[f"d{y}"] * arrays[y]).reshape(count, -1).sum(axis=1).imag / STEP for y in program.outputs]
    return sum(slopes).reshape(shape)


def stepped(program: Program, inputs: Mapping[str, Any], sizes: Mapping[str, int], name: str) -> dict[str, Array]:
    """All arrays with an axis more in front: for each element of an input a point at which it is moved by 1e-30 i."""
    count = np.size(inputs[name])
    arrays = {key: np.repeat(np.asarray(value).astype(complex)[np.newaxis], count, 0) for key, value in inputs.items()}
    arrays[name].reshape(count, count)[np.diag_indices(count)] += STEP * 1j
    for block in program.blocks:
        evaluate_block(block, arrays, sizes, Floating(complex), stacked=count)
    return arrays
