"""A wrong gradient in symbols: the true one, as `derive` gives it, changed until it gives the person's numbers.

First a sum's terms, each with a factor of its own (0 for a term that is missing, −1 for a wrong sign), which least
squares find; then each single change of an expression: a factor left out or twice, a sum over fewer indices or more, a
sum for a mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np

from chainrule.check.answers.matching import Matched, first_match, list_programs
from chainrule.check.answers.mistakes import Mistake, list_mistakes, split_terms
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.model.verdict import WRONG, Row, Verdict
from chainrule.check.trial.inputs import accepts, equalize
from chainrule.derive import EquationError, Gradient, derive, evaluate, evaluate_expr, parse, show
from chainrule.derive.evaluation.sizes import infer_sizes
from chainrule.derive.language.expressions import Expr
from chainrule.errors import UserError

AGREEMENT = 1e-8  # relative to the largest entry
ZERO = 1e-7  # of a term's factor
POINTS = 2
RIGHT_ALONE = "In symbols: Right is"
NOT_OF_THE_FORMULA = ("overflow", "setting", "unused")


@dataclass(frozen=True, eq=False)
class Setting:
    """The program's arrays at one point, with what the gradient is written with, and the person's gradient there."""

    arrays: Arrays
    sizes: Mapping[str, int]
    found: Array

    def value(self, node: Expr, letters: tuple[str, ...]) -> Array:
        """Return the values of an expression with these free indices."""
        with np.errstate(all="ignore"):
            return np.asarray(evaluate_expr(node, self.arrays, self.sizes, letters))

    def agrees(self, value: Array) -> bool:
        """Whether this is the person's gradient, to rounding."""
        if value.shape != self.found.shape or not np.all(np.isfinite(value)):
            return False
        return bool(np.max(np.abs(value - self.found)) <= AGREEMENT * np.max(np.abs(self.found)))


def explain_in_symbols(matched: Matched, name: str, points: list[tuple[dict[str, Any], Array, Array]]) -> str:
    """Return what is wrong in the gradient of a person's input, in the symbols of a program.

    `points` are inputs, dY and the person's gradient, at one point or more. Returns the right gradient alone where no
    change of it gives the person's numbers, and "" where the program has no such input.
    """
    known = matched.find(name)
    if known is None:
        return ""
    own, role = known
    gradient = derive(matched.program, [own])[own]
    transposed = role.form == "transposed"
    settings = [_set(matched, gradient, inputs, dY, found.T if transposed else found) for inputs, dY, found in points]
    left, node = gradient.lines[-1]
    letters = left.axes
    said = (
        _compare_terms(node, letters, settings, {0, 1, -1})
        or _compare_changed(node, letters, settings, show(left))
        or _compare_terms(node, letters, settings)
    )
    aside = " and ".join(f"{show(a)} = {show(b)}" for a, b in gradient.lines[:-1])
    right = f"Right is {show(left)} = {show(node)}{', with ' + aside if aside else ''}"
    right += f", that is {gradient.matrix}" if gradient.matrix and not aside else ""
    legend = f" ({matched.legend})" if matched.legend else ""
    return f"In symbols: {said}\n{right}{legend}." if said else f"In symbols: {right}{legend}."


def _set(matched: Matched, gradient: Gradient, inputs: dict[str, Any], dY: Array, found: Array) -> Setting:
    program, given = matched.program, matched.arrays(inputs)
    arrays = {**given, **evaluate(program, given), f"d{program.output}": dY}
    numbers = {name: float(value) for name, value in given.items() if np.ndim(value) == 0}
    sizes = infer_sizes(program, {name: np.shape(value) for name, value in given.items()}, numbers)
    sizes = {**sizes, **{letter: sizes[home] for letter, home in gradient.dimensions.items() if home in sizes}}
    for left, node in gradient.lines[:-1]:
        letters = left.axes
        arrays[left.name] = evaluate_expr(node, arrays, sizes, letters)
    scalar = not program.ranks[program.output]  # whose gradients are written without its own
    return Setting(arrays, sizes, np.asarray(found, float) / (float(dY) if scalar else 1.0))


def _compare_terms(node: Expr, letters: tuple[str, ...], settings: list[Setting], allowed: Collection[int] = ()) -> str:
    """Say which terms of the outermost sum are missing, or have a wrong factor; "" where that is not what is wrong.

    With `allowed`, only where all factors are among these.
    """
    terms = list(split_terms(node))
    fitted = [_fit([at.value(join([term]), letters) for term, join in terms], at) for at in settings]
    factors = fitted[0]
    if factors is None or any(f is None or not np.allclose(f, factors, rtol=1e-6, atol=ZERO) for f in fitted):
        return ""
    if allowed and any(min(abs(c - plain) for plain in allowed) > ZERO for c in factors):
        return ""
    missing = [term for (term, _), c in zip(terms, factors, strict=True) if abs(c) < ZERO]
    parts = [f"add {show(terms[0][1](missing))}, which is missing"] if missing else []
    for (term, join), c in zip(terms, factors, strict=True):
        name = show(join([term]))
        if abs(c + 1) < ZERO:
            parts.append(f"change the sign of {name}")
        elif abs(c) >= ZERO and abs(c - 1) >= ZERO:
            parts.append(f"divide {name} by {c:.6g}")
    return f"{'; '.join(parts)}." if parts else ""


def _fit(values: list[Array], at: Setting) -> Array | None:
    """Return the factors with which the terms add up to the person's gradient, where there is one way only."""
    if any(value.shape != at.found.shape for value in values):
        return None
    columns = np.stack([value.ravel() for value in values], axis=1)
    scales = np.linalg.norm(columns, axis=0)
    if not np.all(np.isfinite(scales)) or not np.all(scales > 0) or np.linalg.matrix_rank(columns) < len(values):
        return None
    factors = np.linalg.lstsq(columns / scales, at.found.ravel(), rcond=None)[0] / scales
    return factors if at.agrees((columns @ factors).reshape(at.found.shape)) else None


def _compare_changed(node: Expr, letters: tuple[str, ...], settings: list[Setting], left: str) -> str:
    """Say which single change of the expression gives the person's numbers; "" where none does."""
    for change in list_mistakes(node, letters):
        for order in _orders(change.node, letters):
            if all(_gives(change, order, at) for at in settings):
                return f"{change.words}: what is computed is {left} = {show(change.node)}."
    return ""


def _orders(node: Expr, letters: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the orders in which the free indices of a changed expression may be the axes of a person's array."""
    extra = tuple(sorted(node.free.difference(letters)))
    if node.free.issuperset(letters):
        yield from dict.fromkeys((letters, (*extra, *letters), (*letters, *extra)))
    elif len(node.free) <= 3:
        yield from permutations(sorted(node.free))


def _gives(change: Mistake, letters: tuple[str, ...], at: Setting) -> bool:
    sizes = {**at.sizes, **{new: at.sizes[old] for new, old in change.fresh.items()}}
    try:
        return at.agrees(replace(at, sizes=sizes).value(change.node, letters))
    except (EquationError, LookupError, ValueError):
        return False


def add_symbols(verdict: Verdict, target: Target, inputs: Arrays, equations: Sequence[str], kind: str) -> Verdict:
    """Return the verdict whose wrong gradients are told in symbols too, those of the equations or of a known kind.

    Raises UserError where equations are given that are wrong, or that do not compute what the forward does.
    """
    matched = _find_program(target, inputs, equations, kind)
    if matched is None:
        return verdict
    points = call_theirs(lambda: list(_list_points(target, inputs, verdict.seed)))
    if isinstance(points, Failure):  # wrong shapes fit where all sizes are equal
        square = equalize(target, inputs)
        return verdict if square is None else add_symbols(verdict, target, square, equations, kind)
    rows = [_add_to_row(r, matched, points) if r.kind == WRONG and not r.variant else r for r in verdict.rows]
    return replace(verdict, rows=tuple(rows))


def _find_program(target: Target, inputs: Arrays, equations: Sequence[str], kind: str) -> Matched | None:
    Y = target.run(inputs)
    if not equations:
        return first_match(list_programs(kind), inputs, Y)
    try:
        programs = [parse(text) for text in equations]
    except EquationError as error:
        raise UserError(f"--equations: {error}") from error
    matched = first_match(programs, inputs, Y)
    if matched is None:
        wanted, given = ", ".join(programs[0].inputs), ", ".join(inputs)
        raise UserError(f"{target.name}: the equations, of {wanted}, do not compute what the forward does from {given}")
    return matched


def _list_points(target: Target, inputs: Arrays, seed: int) -> Iterator[tuple[Arrays, Array, Arrays]]:
    """Yield inputs, dY and the gradients that a person returns, at other values, and signs where forward takes them."""
    rng = generator(seed)
    for _ in range(POINTS):
        name = next((n for n, a in inputs.items() if _is_floating(a)), "")
        signs = {name: inputs[name] * rng.choice((-1, 1), np.shape(inputs[name]))} if name else {}
        inputs = {**inputs, **signs} if signs and accepts(target, {**inputs, **signs}) else inputs
        Y = target.run(inputs)
        dY = target.draw_cotangent(Y, rng)
        yield inputs, dY, target.gradients(dY, inputs)
        inputs = {n: a * rng.uniform(0.5, 1.5, a.shape) if _is_floating(a) else a for n, a in inputs.items()}


def _is_floating(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _add_to_row(row: Row, matched: Matched, points: list[tuple[Arrays, Array, Arrays]]) -> Row:
    if row.mistake in NOT_OF_THE_FORMULA:
        return row
    seen = [(at, dY, found[row.name]) for at, dY, found in points if row.name in found]
    try:
        symbols = explain_in_symbols(matched, row.name, seen) if seen else ""
    except (EquationError, ValueError, LookupError):  # the equations have no such gradient
        return row
    if not symbols:
        return row
    said = row.explanation or Explanation("place", "", "")
    named = said.kind == "place" and not symbols.startswith(RIGHT_ALONE)  # then nothing else says that none is known
    return replace(row, explanation=replace(said, symbols=symbols, repair="" if named else said.repair))
