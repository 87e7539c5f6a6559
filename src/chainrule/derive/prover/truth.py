"""What every name in a derivation means: inputs, arrays of the program, cotangents, gradients, derivatives.

The true gradient, which a derivation is compared with, is built here from first principles: the gradient of Z is the
sum over all entries of the output of `dY[i,j] * d(Y[i,j])/d(Z[m,n])`.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array, Floating
from chainrule.derive.evaluation.evaluator import Parts, evaluate_block, evaluate_expr
from chainrule.derive.language.claiming.heads import Head
from chainrule.derive.language.claims import Shorthand
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import ZERO, Expr, Partial, Reduce, Ref, add, mul, ref
from chainrule.derive.language.programs.program import Program, Statement
from chainrule.derive.language.recurrence.blocks import find_blocks, find_circles
from chainrule.derive.prover.partials import TOTAL, Definition, Partials, dimension, marked

BOUND = 20  # marks on the letters that a differential sums over: more than any derivative has


class Model:
    """A forward program with its outputs and derivatives.

    The outputs are those declared. Else the output is the array of the last line; an earlier array that no line uses
    is an output too where the derivation mentions its gradient. `mentioned` holds the names in the derivation's lines.
    The cotangent of a scalar output is 1 where it is not mentioned. `shorthands` are the names that the person gave to
    expressions.
    """

    def __init__(
        self, program: Program, mentioned: Iterable[str] = (), shorthands: Mapping[str, Shorthand] | None = None
    ) -> None:
        self.program, self.shorthands = program, shorthands or {}
        mentioned = set(mentioned)
        used = {name for statement in program.statements for name in statement.value.names}
        ends = [s for s in program.statements if s.target.name not in used and f"d{s.target.name}" in mentioned]
        declared = [s for s in program.statements if s.target.name in program.declared]
        last = declared[-1] if declared else program.statements[-1]
        self.outputs: list[Statement] = declared or [*(s for s in ends if s != last), last]
        takes = last.letters or f"d{last.target.name}" in mentioned or len(declared) > 1
        self.unit = "" if takes else f"d{last.target.name}"
        circles = find_circles({n: s.value.names & self.shorthands.keys() for n, s in self.shorthands.items()})
        self.steps = bool(program.loops) or any(
            len(names) > 1 or names[0] in self.shorthands[names[0]].value.names for names in circles
        )
        self.cotangents = {f"d{s.target.name}": s.target.name for s in self.outputs}
        self.partials = Partials(program, self.shorthands, self.definition, self.cotangents)

    def with_shorthand(self, shorthand: Shorthand, of: Mapping[str, str]) -> "Model":
        """The model with another value of a shorthand; `of` has the dimension of each letter."""
        model = copy(self)
        model.program = replace(self.program, dimensions=replace(self.program.dimensions, of=of))
        model.shorthands = {**self.shorthands, shorthand.target.name: shorthand}
        model.partials = Partials(model.program, model.shorthands, model.definition, model.cotangents)
        return model

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The names whose values are drawn, with the dimension of each axis."""
        cotangents = {name: of for name, of in self.cotangents.items() if name != self.unit}
        return {name: self.axes(name) for name in self.program.inputs} | {
            d: self.axes(n) for d, n in cotangents.items()
        }

    def axes(self, name: str) -> tuple[str, ...]:
        """The dimension of each axis of an array of the program, of a shorthand, or of a gradient."""
        known = name if name in self.program.dimensions.axes else name[1:]
        return tuple(self.program.dimensions.of[letter] for letter in self.program.axes(known))

    def truth(self, name: str, letters: tuple[str, ...]) -> Expr:
        """The gradient of an array at these letters, by the chain rule; derivatives are not worked out yet."""
        terms = [self._through(output, ref(name, letters)) for output in self.outputs]
        return add(*terms)

    def claimed(self, head: Head) -> Expr:
        """The truth of what is claimed, at the letters of its head."""
        return head.claimed or self.truth(head.wanted, head.target.axes)

    def _through(self, output: Statement, by: Ref) -> Expr:
        taken = by.letters
        letters = {a: marked(a) if a in taken else a for a in output.letters}
        target = ref(output.target.name, tuple(letters.values()))
        slope = Partial(target, by)
        if f"d{target.name}" == self.unit:
            return slope
        body = mul(Ref(f"d{target.name}", target.indices), slope)
        return Reduce("sum", tuple(letters.values()), body) if letters else body

    def definition(self, name: str) -> Definition:
        """Letters and expression of an array that is computed, not drawn; derivatives in it are worked out."""
        if name in self.program.defined:
            statement = self.program.defined[name]
            return statement.letters, statement.value
        if name in self.partials.arrays:
            return self.partials.arrays[name]
        if name in self.shorthands:
            return self.shorthands[name].letters, self.shorthands[name].value
        if name.startswith("d") and name[1:] in self.program.ranks:
            letters = tuple(marked(a, k) for k, a in enumerate(self.program.axes(name[1:]), 2))
            return letters, self.partials.expand(self.truth(name[1:], letters))
        raise EquationError(f"`{name}` has no value")

    @property
    def expressions(self) -> list[Expr]:
        """All that the program and the shorthands say: the values of lines, and what is assumed."""
        return self.program.expressions + [shorthand.value for shorthand in self.shorthands.values()]


class Differentials(Model):
    """A forward program in which `dX[i,j]` is a small change of X, and `dY` what becomes of it to first order.

    The inputs whose differentials are mentioned vary; all do where only those of quantities in between are.
    """

    def __init__(
        self, program: Program, mentioned: Iterable[str] = (), shorthands: Mapping[str, Shorthand] | None = None
    ) -> None:
        super().__init__(program, mentioned, shorthands)
        mentioned = set(mentioned)
        inputs = [name for name in program.inputs if name not in program.whole]
        self.varied = [name for name in inputs if f"d{name}" in mentioned] or inputs
        self.outputs, self.unit = [], ""
        self.cotangents = {f"d{name}": name for name in self.varied}
        self.partials = Partials(program, self.shorthands, self.definition, self.cotangents)

    @property
    def constant(self) -> list[str]:
        """The inputs that do not vary."""
        return [name for name in self.program.inputs if name not in self.varied]

    def truth(self, name: str, letters: tuple[str, ...]) -> Expr:
        """The sum over all entries of the inputs that vary of derivative times differential."""
        if name in self.program.inputs:
            return Ref(f"d{name}", ref(name, letters).indices) if name in self.varied else ZERO
        terms = []
        for varied in self.varied:
            axes = tuple(marked(letter, BOUND + k) for k, letter in enumerate(self.program.axes(varied)))
            body = mul(Partial(ref(name, letters), ref(varied, axes)), ref(f"d{varied}", axes))
            terms.append(Reduce("sum", axes, body) if axes else body)
        return add(*terms)


class Values:
    """The arrays of a model at one point: some are given, the others are worked out when they are first read."""

    def __init__(
        self, model: Model, sizes: Mapping[str, int], given: Mapping[str, Array], arithmetic: Floating | None = None,
        stacked: int = 0,
    ) -> None:  # fmt: skip
        """stacked: where it is not 0, these are so many points, evaluated at once; it is the first axis of arrays."""
        self.parts: Parts | None = None  # where many expressions with the same parts are evaluated, {}
        self.model, self.sizes, self.stacked = model, dict(sizes), stacked
        self.arithmetic = arithmetic or Floating()
        self.arrays: dict[str, Any] = {name: self.arithmetic.array(value) for name, value in given.items()}
        if model.unit:
            self.arrays[model.unit] = self.arithmetic.array(np.ones([stacked] if stacked else [], dtype=int))

    def __getitem__(self, name: str) -> Array:
        if name not in self.arrays:
            if self.model.steps:
                self._work_out(name)
            else:
                letters, expr = self.model.definition(name)
                self.arrays[name] = self.evaluate(expr, letters)
        return self.arrays[name]

    def with_given(self, name: str, array: Array) -> "Values":
        """The same point but for one array that is given."""
        given = {key: self.arrays[key] for key in self.model.given}
        return Values(self.model, self.sizes, {**given, name: array}, self.arithmetic)

    def under(self, model: Model) -> "Values":
        """The same point under a model that differs in shorthands only."""
        kept = {*self.model.program.ranks, *self.model.cotangents}
        values = Values(model, self.sizes, {}, self.arithmetic, self.stacked)
        values.arrays |= {name: array for name, array in self.arrays.items() if name in kept}
        return values

    def _work_out(self, name: str) -> None:
        """An array and all that it needs, where some of it may be a recurrence."""
        equations: dict[str, tuple[Ref, Expr]] = {}
        queue = [name]
        while queue:
            name = queue.pop()
            if name not in self.arrays and name not in equations:
                letters, expr = self.model.definition(name)
                expr = self.model.partials.expand(expr)
                equations[name] = ref(name, letters), expr
                queue += sorted(expr.names)
        of = self.model.program.dimensions.of
        with np.errstate(all="ignore"):
            for block in find_blocks(equations.values()):
                present = frozenset().union(*(t.letters | value.letters for t, value in block.equations))
                sizes = {letter: self.sizes[dimension(letter, of)] for letter in present}
                evaluate_block(block, self.arrays, sizes, self.arithmetic, self.stacked)

    def evaluate(
        self, expr: Expr, letters: tuple[str, ...], of: Mapping[str, str] | None = None, reading: str = TOTAL
    ) -> Array:
        """The values of an expression over these letters; `of` has the dimension of each letter in it."""
        of = of or self.model.program.dimensions.of
        expr = self.model.partials.expand(expr, reading)
        for name in expr.names:
            self[name]
        sizes = {letter: self.sizes[dimension(letter, of)] for letter in {*expr.letters, *letters}}
        return evaluate_expr(expr, self.arrays, sizes, letters, self.arithmetic, stacked=self.stacked, parts=self.parts)

    def point(self, k: int) -> "Values":
        """One of the points that are stacked."""
        if not self.stacked:
            return self
        given = {name: self.arrays[name][k] for name in self.model.given}
        return Values(self.model, self.sizes, given, self.arithmetic)


def stack(points: "list[Values]") -> Values:
    """Points of the same sizes as one, whose arrays have an axis more."""
    first = points[0]
    given = {name: np.stack([point.arrays[name] for point in points]) for name in first.model.given}
    return Values(first.model, first.sizes, given, first.arithmetic, len(points))
