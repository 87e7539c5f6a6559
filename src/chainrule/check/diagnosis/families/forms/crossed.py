"""Gradients with a cross term, A ∘ (dY − C ∘ Σ(B ∘ dY)): those of softmax, of a normalization, of their like.

The right gradient is looked for in this form among the arrays that the forward knows, and the person's too: what
differs between the two is the mistake, and what is given as advice has been computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.diagnosis.known_arrays import Known, broadcasts, list_distinct, list_known
from chainrule.check.model.problem import Array

MOST_ENTRIES = 400
PROBES = 3
ONE, EXP_Y = -1, -2  # in the place of an array that is left out, and of exp(Y), which no forward computes
OUTER = ((0, "{}"), (1, "1 / {}"), (2, "1 / √{}"), (3, "{0} (1 − {0})"), (4, "(1 − {}²)"))


@dataclass(frozen=True)
class Form:
    """A ∘ (dY ∓ C ∘ Σ(B ∘ dY)): the arrays by their places, how A is written, the axis, the sign, whether Σ has dY."""

    outer: int
    how: int
    outside: int
    inside: int
    axis: int
    sign: float
    has_cotangent: bool = True
    is_mean: bool = False

    def value(self, case: Case) -> Array:
        """Return its value at a case."""
        dY, arrays = np.asarray(case.problem.dY), list_known(case)
        summand = _at(arrays, self.inside) * (dY if self.has_cotangent else 1.0)
        reduce = np.mean if self.is_mean else np.sum
        total = reduce(np.broadcast_to(summand, dY.shape), axis=self.axis, keepdims=True)
        return np.asarray(
            _shape(_at(arrays, self.outer), self.how) * (dY + self.sign * _at(arrays, self.outside) * total)
        )

    def words(self, case: Case) -> str:
        """Write it down."""
        arrays = list_known(case)
        factors = [_call(arrays, self.inside), *(["dY"] if self.has_cotangent else [])]
        summand = " ∘ ".join(filter(None, factors)) or "1"
        outside = _call(arrays, self.outside)
        total = f"{outside + ' ∘ ' if outside else ''}{'mean' if self.is_mean else 'Σ'}({summand})"
        inner = f"(dY {'−' if self.sign < 0 else '+'} {total})"
        outer = OUTER[self.how][1].format(_call(arrays, self.outer)) if self.outer != ONE else ""
        return f"{outer} ∘ {inner}" if outer else inner


def find_crossed(case: Case) -> Iterator[Guess]:
    """Guess that the gradient has the right form with one part of it wrong."""
    if not _is_small(case):
        return
    right = find_right_form(case)
    wrong = _find_form(case, case.found, near=right) if right else None
    if right is None or wrong is None:
        return
    axis = f"over axis {right.axis}" if right.axis == wrong.axis else f"over axis {wrong.axis}"
    yield Guess(
        "cross term",
        f"d{case.name} is {wrong.words(case)}, with the sum {axis}.",
        f"{_say_difference(case, wrong, right)} Right is {right.words(case)}, with the sum over axis {right.axis}.",
        lambda p: p.equals(wrong.value(p)) and _is_right(right, p),
    )


def say_right_form(case: Case) -> str:
    """Return the right gradient in this form, "" where it has none."""
    form = find_right_form(case) if _is_small(case) else None
    return f"right is {form.words(case)}, with the sum over axis {form.axis}" if form else ""


def _is_small(case: Case) -> bool:
    shape = case.X.shape
    return case.found.shape == shape == np.shape(case.problem.dY) and len(shape) > 0 and case.X.size <= MOST_ENTRIES


@lru_cache(maxsize=16)
def find_right_form(case: Case) -> Form | None:
    """Return the form that the right gradient has, with nothing left out."""
    return _find_form(case, case.expected)


def _find_form(case: Case, wanted: Array, near: Form | None = None) -> Form | None:
    """Return the first form that gives these numbers; near the right one, with what a person may write."""
    dY, arrays = np.asarray(case.problem.dY), [known for known in list_distinct(case) if known.value.dtype.kind == "f"]
    fitting = [known for known in arrays if broadcasts(known.value.shape, dY.shape) and known.name != "dY"]
    fitting += [Known(EXP_Y, "exp(Y)", np.exp(case.Y))] if case.Y.shape == dY.shape else []
    scale = case.slack * float(np.max(np.abs(wanted), initial=0))
    signs = (-1.0, 1.0) if near else (-1.0,)
    totals, outsides = list(_list_totals(fitting, dY, near is not None)), (None, *fitting)
    picked = np.random.default_rng(0).integers(0, dY.size, PROBES)  # entries that are compared first
    T = np.array([_pick(total, dY.shape, picked) for total, _ in totals])
    C = np.array([_pick(1.0 if each is None else each.value, dY.shape, picked) for each in outsides])
    products = T[:, None, None, :] * C[None, :, None, :] * np.array(signs)[None, None, :, None]
    for outer, how in _list_outer(fitting):
        A = _shape(_at(list_known(case), outer), how)
        with np.errstate(all="ignore"):
            rest = wanted - A * dY
        if not np.all(np.isfinite(rest)) or np.max(np.abs(rest)) <= scale:
            continue
        misses = np.abs(rest.ravel()[picked] - _pick(A, dY.shape, picked) * products).max(axis=-1)
        for t, c, k in np.argwhere(misses <= scale):
            (total, made), outside = totals[t], outsides[c]
            if np.max(np.abs(rest - signs[k] * A * (1.0 if outside is None else outside.value) * total)) <= scale:
                return made(outer, how, ONE if outside is None else outside.index, sign=signs[k])
    return None


def _pick(array: Array | float, shape: tuple[int, ...], picked: Array) -> Array:
    """Return a few entries of an array as it broadcasts to a shape."""
    return np.broadcast_to(array, shape).ravel()[picked]


def _list_totals(fitting: list[Known], dY: Array, with_mistakes: bool) -> Iterator[tuple[Array, partial[Form]]]:
    for axis, inside in product(reversed(range(dY.ndim)), (*fitting, None)):
        B = np.ones(()) if inside is None else inside.value
        place = ONE if inside is None else inside.index
        for has_cotangent, is_mean in ((True, False), (True, True), *(((False, False),) if with_mistakes else ())):
            summand = np.broadcast_to(B * dY if has_cotangent else B, dY.shape)
            total = (np.mean if is_mean else np.sum)(summand, axis=axis, keepdims=True)
            yield total, partial(_make, place, axis, has_cotangent, is_mean)


def _make(
    inside: int, axis: int, has_cotangent: bool, is_mean: bool, outer: int, how: int, outside: int, sign: float
) -> Form:
    return Form(outer, how, outside, inside, axis, sign, has_cotangent, is_mean)


def _list_outer(fitting: list[Known]) -> Iterator[tuple[int, int]]:
    yield ONE, 0
    for how, _ in OUTER:
        yield from ((known.index, how) for known in fitting)


def _say_difference(case: Case, wrong: Form, right: Form) -> str:
    arrays = list_known(case)
    if wrong.axis != right.axis:
        return f"Sum over axis {right.axis}, not over axis {wrong.axis}: that is where the entries meet in forward."
    if wrong.sign != right.sign:
        return "Subtract the sum where it is added."
    if not wrong.has_cotangent:
        return "Multiply by dY before the sum is taken."
    if wrong.is_mean != right.is_mean:
        return "Take the mean, not the sum." if right.is_mean else "Take the sum, not the mean."
    if (wrong.outside, wrong.inside) == (right.inside, right.outside):
        name = _call(arrays, wrong.outside) or _call(arrays, wrong.inside)
        place = "inside" if wrong.outside != ONE else "outside of"
        return f"{name} belongs {place} the sum: the index that is summed is another one than that of the entry."
    if wrong.inside != right.inside:
        said = _call(arrays, right.inside)
        return f"Multiply by {said} inside the sum." if said else "Multiply by dY alone inside the sum."
    if wrong.outside != right.outside:
        said = _call(arrays, right.outside)
        return f"Multiply the sum by {said}." if said else "Take the factor before the sum away."
    return "The factor before the bracket is another one."


def _is_right(form: Form, case: Case) -> bool:
    scale = case.slack * np.max(np.abs(case.expected), initial=0)
    return bool(np.max(np.abs(form.value(case) - case.expected)) <= scale)


def _at(arrays: list[Known], place: int) -> Array:
    if place == EXP_Y:
        return np.exp(next(known.value for known in arrays if known.name == "Y"))
    return np.ones(()) if place == ONE else arrays[place].value


def _call(arrays: list[Known], place: int) -> str:
    return {ONE: "", EXP_Y: "exp(Y)"}[place] if place in (ONE, EXP_Y) else arrays[place].name


def _shape(A: Array, how: int) -> Array:
    with np.errstate(all="ignore"):
        return (lambda: A, lambda: 1 / A, lambda: 1 / np.sqrt(A), lambda: A * (1 - A), lambda: 1 - A * A)[how]()


FINDERS = {145: find_crossed}
