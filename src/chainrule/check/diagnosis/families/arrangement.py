"""The right numbers in the wrong order, or summed over the wrong axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, combinations, permutations

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.factor import evaluate_meaning, fit_factor, list_meanings, repair_factor
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.model.problem import Array

Arrange = Callable[[Array], Array]
Move = tuple[str, str, str, Arrange]  # kind, what dX is, repair, and what was done to the right gradient


def find_arrangement(case: Case) -> Iterator[Guess]:
    """Guess how the right gradient's entries were moved or summed to give the person's."""
    name, shape = case.name, case.X.shape
    for kind, words, repair, arrange in chain(_moves(shape), _windows(shape), _spreads(shape), _extra_sums(shape)):
        guess = Guess(kind, f"d{name} is the right gradient, but {words}.", repair, _is_arranged(arrange))
        if passes(guess.holds, case):
            yield guess


def find_missing_sum(case: Case) -> Iterator[Guess]:
    """Guess that a gradient of another shape is right once it is reshaped, or summed over some of its axes."""
    found, shape = case.found.shape, case.X.shape
    if found == shape:
        return
    sentence = f"d{case.name} has shape {found}, but {case.name} has shape {shape}"
    yield Guess("shape", f"{sentence}; its numbers are right.", f"Reshape it to {shape}.", _sum_is_right(()))
    for axes in _subsets(len(found)):
        where = name_axes(axes)
        words = f"{sentence}: it is not summed over {where}"
        yield Guess(
            "missing sum",
            f"{words}.",
            f"Sum it over {where}: what the forward spreads along it is one and the same {case.name}.",
            _sum_is_right(axes),
        )
        yield Guess(
            "missing sum", f"{words}, and it is too large by the size of {where}.", f"Average it over {where}.",
            _sum_is_right(axes, averaged=True),
        )  # fmt: skip
    for axes in ((), *_subsets(len(found))):
        yield from _scaled_sums(case, axes, sentence)


def _scaled_sums(case: Case, axes: tuple[int, ...], sentence: str) -> Iterator[Guess]:
    """Yield the guesses that a shape is wrong and a factor too."""
    total = case.found.sum(axes)
    if total.size != case.X.size or not np.any(case.expected):
        return
    c = fit_factor(case.expected.ravel(), total.ravel())
    if c is None or c == 0 or np.max(np.abs(total.ravel() - c * case.expected.ravel())) > 1e-6 * np.max(np.abs(total)):
        return
    shape, where = case.X.shape, name_axes(axes) if axes else ""
    words = f": it is not summed over {where}" if axes else ""
    repair = f"Sum it over {where}" if axes else f"Reshape it to {shape}"
    for meaning in list_meanings(c, case):
        yield Guess(
            "missing sum" if axes else "shape",
            f"{sentence}{words}; and its numbers are the right ones times {meaning.words}.",
            f"{repair}. {repair_factor(meaning, case.name)}",
            _sum_is_scaled(axes, meaning.key),
            of_sizes=True,
        )


def _sum_is_scaled(axes: tuple[int, ...], key: str) -> Test:
    def holds(case: Case) -> bool:
        c, total = evaluate_meaning(key, case), case.found.sum(axes).ravel()
        scale = case.slack * np.max(np.abs(case.found), initial=0) * case.found.size**0.5
        return c is not None and bool(np.max(np.abs(total - c * case.expected.ravel())) <= scale)

    return holds


def _is_arranged(arrange: Arrange) -> Test:
    return lambda case: case.equals(arrange(case.expected))


def _sum_is_right(axes: tuple[int, ...], averaged: bool = False) -> Test:
    def holds(case: Case) -> bool:
        total = case.found.mean(axes) if averaged else case.found.sum(axes)
        scale = case.slack * np.max(np.abs(case.found), initial=0) * case.found.size**0.5
        return total.size == case.X.size and bool(np.max(np.abs(total.reshape(case.X.shape) - case.expected)) <= scale)

    return holds


def _moves(shape: tuple[int, ...]) -> Iterator[Move]:
    for order in permutations(range(len(shape))):
        if order != tuple(range(len(shape))):
            how = "transposed" if len(shape) == 2 else f"with its axes in the order {order}"
            yield "transposed", how, "Transpose it back.", partial(np.transpose, axes=order)
            yield (
                "transposed", f"{how} and then reshaped to {shape}, which mixes its entries",
                "Keep the axes in their order before the reshape.", partial(_transpose_and_reshape, order=order),
            )  # fmt: skip
            yield (
                "transposed", "its entries were reshaped where the axes had to be transposed",
                "Transpose, do not reshape.", partial(_reshape_and_transpose, order=order),
            )  # fmt: skip
    for axes in _subsets(len(shape)):
        yield "transposed", f"flipped along {name_axes(axes)}", "Flip it back.", partial(np.flip, axis=axes)


def _windows(shape: tuple[int, ...]) -> Iterator[Move]:
    """Yield the moves by one place, of every axis and of the last two together."""
    for axis, by in ((axis, by) for axis in range(len(shape)) for by in (1, -1)):
        yield (
            "shifted", f"rolled along axis {axis} by {by}", "Move it back: an index is off by one.",
            partial(np.roll, shift=by, axis=axis),
        )  # fmt: skip
    groups = [(axis,) for axis in range(len(shape))] + ([(len(shape) - 2, len(shape) - 1)] if len(shape) > 1 else [])
    for axes, by in ((axes, by) for axes in groups for by in (1, -1)):
        yield (
            "shifted", f"shifted along {name_axes(axes)} by {by}, with 0 moved in",
            "Move it back: an index, the padding or the window is off by one.", partial(_shift, axes=axes, by=by),
        )  # fmt: skip


def _spreads(shape: tuple[int, ...]) -> Iterator[Move]:
    for axes in _subsets(len(shape)):
        where = name_axes(axes)
        for how, reduce in (("summed", np.sum), ("averaged", np.mean)):
            yield (
                "extra sum", f"{how} over {where} and spread out again", f"Keep the entries along {where} apart.",
                partial(_spread, reduce=reduce, axes=axes),
            )  # fmt: skip


def _extra_sums(shape: tuple[int, ...]) -> Iterator[Move]:
    for axes, keep in ((axes, keep) for axes in _subsets(len(shape)) for keep in (False, True)):
        where = name_axes(axes)
        for how, reduce in (("summed", np.sum), ("averaged", np.mean)):
            yield (
                "extra sum", f"{how} over {where}, though it should have shape {shape}",
                f"Keep the entries along {where} apart.", partial(_reduce, reduce=reduce, axes=axes, keep=keep),
            )  # fmt: skip


def _transpose_and_reshape(E: Array, order: tuple[int, ...]) -> Array:
    return E.transpose(order).reshape(E.shape)


def _reshape_and_transpose(E: Array, order: tuple[int, ...]) -> Array:
    return E.reshape([E.shape[k] for k in order]).transpose(np.argsort(order))


def _reduce(E: Array, reduce: Callable[..., Array], axes: tuple[int, ...], keep: bool) -> Array:
    return np.asarray(reduce(E, axis=axes, keepdims=keep))


def _spread(E: Array, reduce: Callable[..., Array], axes: tuple[int, ...]) -> Array:
    return np.broadcast_to(reduce(E, axis=axes, keepdims=True), E.shape)


def _shift(E: Array, axes: tuple[int, ...], by: int) -> Array:
    moved = np.roll(E, by, axes)
    for axis in axes:
        np.moveaxis(moved, axis, 0)[0 if by > 0 else -1] = 0
    return moved


def _subsets(count: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, count + 1):
        yield from combinations(range(count), size)


def name_axes(axes: tuple[int, ...]) -> str:
    """Return "axis 1", or "axes 0 and 1"."""
    return f"axis {axes[0]}" if len(axes) == 1 else "axes " + " and ".join(map(str, axes))


FINDERS = {30: find_missing_sum, 40: find_arrangement}
