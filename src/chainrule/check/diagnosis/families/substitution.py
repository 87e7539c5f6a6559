"""The right rule at the wrong place: another cotangent, another array for an input, another input's gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.arrangement import name_axes
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import list_distinct, list_known
from chainrule.check.diagnosis.replays import StepMethod
from chainrule.check.model.problem import Array
from chainrule.check.model.target import copies

Form = Callable[[Array], Array]


def find_swapped(case: Case) -> Iterator[Guess]:
    """Guess that another input's gradient was returned under this name."""
    for other, gradient in case.problem.expected.items():
        if other != case.name and case.equals(np.asarray(gradient, dtype=float)) and not _is_unsummed(case, other):
            where = (
                "the gradients are returned in the wrong order"
                if _is_exchange(case, other)
                else "it stands under the wrong name"
            )
            yield Guess(
                "swapped",
                f"d{case.name} is the gradient of {other}: {where}.",
                f"Return it as the gradient of {other}, and d{case.name} as that of {case.name}.",
                _is_gradient_of(other, case.method_of(other)),
            )


def find_cotangent(case: Case) -> Iterator[Guess]:
    """Guess that dY was not used, or was used in another form."""
    dY = np.asarray(case.problem.dY)
    if case.found.shape != case.X.shape or (dY.ndim == 0 and dY == 1):
        return
    for words, repair, form in (*_plain_forms(), *_forms_along_axes(dY.shape), *_exchanges(dY.shape)):
        guess = Guess("cotangent", f"d{case.name} is the gradient for {words}.", repair, _has_cotangent(form))
        if passes(guess.holds, case):
            yield guess


def find_overwritten_cotangent(case: Case) -> Iterator[Guess]:
    """Guess that another gradient was written over dY, and this one computed of it afterwards."""
    for other, gradient in case.problem.found.items():
        fits = np.shape(gradient) == np.shape(case.problem.dY) and np.ndim(gradient)
        if other != case.name and fits and case.of(other).equals(case.of(other).expected):  # itself right
            guess = Guess(
                "in place",
                f"d{case.name} is the gradient for d{other} in place of dY: d{other} is written over dY before "
                f"d{case.name} is computed.",
                f"Compute d{case.name} first, or give d{other} an array of its own.",
                _has_cotangent_of(other),
            )
            if passes(guess.holds, case):
                yield guess


def find_ignored_cotangent(case: Case) -> Iterator[Guess]:
    """Guess that the gradient stays the same whatever dY is."""
    if np.ndim(case.problem.dY):
        yield Guess(
            "overwritten",
            f"d{case.name} is a multiple of {case.name} itself, whatever dY is: the gradient of a penalty on "
            f"{case.name} stands in place of what arrives through dY.",
            "Add it to that gradient (+=), do not write it over it (=).",
            lambda at: _ignores_cotangent(at) and _is_multiple(at.found, at.X),
        )
        guess = Guess(
            "cotangent",
            f"d{case.name} stays the same when dY changes: the gradient that arrives is not used. "
            "Nor are these numbers the right ones for a cotangent of ones.",
            "Multiply by dY, entry by entry, before anything is summed; then look at the rest.",
            _ignores_cotangent,
        )
        if passes(guess.holds, case):
            yield guess


def find_replaced(case: Case) -> Iterator[Guess]:
    """Guess that another array stood where an input belongs: W for Wᵀ, ones for γ, the output for the input."""
    if case.found.shape != case.X.shape:
        return
    for name, array in case.problem.inputs.items():
        if np.asarray(array).dtype.kind == "f" and np.ndim(array):
            for guess in (*_changed_inputs(case, name), *_other_arrays(case, name)):
                if passes(guess.holds, case):
                    yield guess


def _is_exchange(case: Case, other: str) -> bool:
    """Whether the other input received this one's gradient."""
    found = np.asarray(case.problem.found.get(other, np.nan), dtype=float)
    return found.shape == case.expected.shape and bool(
        np.max(np.abs(found - case.expected), initial=0) <= case.slack * np.max(np.abs(case.expected), initial=0)
    )


def _is_unsummed(case: Case, other: str) -> bool:
    """Whether the other's gradient is right, and this one's would be if it were summed to its shape."""
    own, found = case.X.shape, np.asarray(case.problem.found.get(other, np.nan), dtype=float)
    if found.shape == own or not np.array_equal(found, case.found) or case.found.size <= case.X.size:
        return False
    padded = (1,) * (case.found.ndim - len(own)) + own
    axes = tuple(k for k, size in enumerate(padded) if size != case.found.shape[k])
    summed = case.found.sum(axis=axes).reshape(-1)
    return summed.size == case.X.size and np.allclose(summed, case.expected.reshape(-1))


def _is_gradient_of(other: str, method: StepMethod) -> Test:
    def holds(case: Case) -> bool:
        there = case.of(other, method)
        return case.equals(there.expected, there.slack)

    return holds


def _has_cotangent(form: Form) -> Test:
    return lambda case: case.fits({}, dY=form(np.asarray(case.problem.dY)))


def _has_cotangent_of(other: str) -> Test:
    def holds(case: Case) -> bool:
        return case.fits({}, dY=np.asarray(case.problem.found[other], dtype=float))

    return holds


def _ignores_cotangent(case: Case) -> bool:
    assert case.problem.backward is not None
    dY = np.random.default_rng(case.seed + 90).standard_normal(np.shape(case.problem.dY))
    again = case.problem.backward(dY, **copies(case.problem.inputs))[case.name]
    moved = replace(case.problem, dY=dY, expected={})
    differs = not np.allclose(Case(moved, case.seed, case.method).slopes, case.slopes, rtol=1e-6)
    return differs and np.array_equal(again, case.problem.found[case.name]) and bool(case.found.any())


def _is_multiple(a: Array, b: Array) -> bool:
    """Tell whether one array is a number times another."""
    if a.shape != b.shape or not b.any():
        return False
    factor = np.sum(a * b) / np.sum(b * b)
    return bool(np.allclose(a, factor * b, rtol=1e-9, atol=1e-12 * float(np.max(np.abs(a)))))


def _has_input(name: str, form: Form) -> Test:
    return lambda case: case.fits({}, **{name: form(case.problem.inputs[name])})


def _has_known_for(name: str, index: int) -> Test:
    return lambda case: case.fits({}, **{name: list_known(case)[index].value})


def _plain_forms() -> Iterator[tuple[str, str, Form]]:
    yield (
        "a cotangent of ones: dY is not used",
        "Multiply by dY, entry by entry, before anything is summed.",
        np.ones_like,
    )
    yield "dY², not dY: dY is used twice", "Use dY once.", np.square
    yield "|dY|, not dY", "Use dY itself.", np.abs


def _forms_along_axes(shape: tuple[int, ...]) -> Iterator[tuple[str, str, Form]]:
    for axis in range(len(shape)):
        for how, reduce in (("summed", np.sum), ("averaged", np.mean)):
            yield (
                f"dY {how} over axis {axis} and spread out again",
                f"Use each entry of dY where it belongs: do not bring axis {axis} together first.",
                partial(_spread, reduce=reduce, axis=axis),
            )  # fmt: skip
        yield f"dY flipped along axis {axis}", "Use dY as it comes.", partial(np.flip, axis=axis)
        for by in (1, -1):
            yield (
                f"dY rolled along axis {axis} by {by}", "An index is off by one: use dY as it comes.",
                partial(np.roll, shift=by, axis=axis),
            )  # fmt: skip
        for place, words in ((0, "first"), (-1, "last")):
            yield (
                f"a dY whose {words} entry along axis {axis} is 0: a loop ends one early or begins one late",
                "Let the loop run over all entries.", partial(_without, axis=axis, place=place),
            )  # fmt: skip
            yield (
                f"a dY of which only the {words} entry along axis {axis} counts",
                "Let all entries count.", partial(_only, axis=axis, place=place),
            )  # fmt: skip


def _exchanges(shape: tuple[int, ...]) -> Iterator[tuple[str, str, Form]]:
    for axes in combinations(range(len(shape)), 2):
        yield f"dY flipped along {name_axes(axes)}", "Use dY as it comes.", partial(np.flip, axis=axes)
        if shape[axes[0]] == shape[axes[1]]:
            words = f"dY with its {name_axes(axes)} exchanged"
            yield words, "Use dY as it comes.", partial(np.swapaxes, axis1=axes[0], axis2=axes[1])


def _spread(dY: Array, reduce: Callable[..., Array], axis: int) -> Array:
    return np.broadcast_to(reduce(dY, axis=axis, keepdims=True), dY.shape)


def _without(dY: Array, axis: int, place: int) -> Array:
    kept = dY.copy()
    np.moveaxis(kept, axis, 0)[place] = 0
    return kept


def _only(dY: Array, axis: int, place: int) -> Array:
    return dY - _without(dY, axis, place)


def _changed_inputs(case: Case, name: str) -> Iterator[Guess]:
    array = case.problem.inputs[name]
    own = name == case.name  # what is differentiated is no constant
    for words, form in (*(() if own else _constants(name)), *_input_forms(name), *_flips(name, array.shape)):
        sentence = f"d{case.name} is the gradient that belongs to {words}."
        yield Guess("replaced", sentence, f"Use {name} as the forward does.", _has_input(name, form))


def _other_arrays(case: Case, name: str) -> Iterator[Guess]:
    array = case.problem.inputs[name]
    for known in list_distinct(case):
        if known.value.shape == array.shape and not np.array_equal(known.value, array):
            sentence = f"d{case.name} is the gradient with {known.name} where {name} belongs."
            yield Guess("replaced", sentence, f"Use {name} there.", _has_known_for(name, known.index))


def _constants(name: str) -> Iterator[tuple[str, Form]]:
    yield f"a forward without {name} (1 in its place)", np.ones_like
    yield f"a forward with 0 for {name}", np.zeros_like


def _input_forms(name: str) -> Iterator[tuple[str, Form]]:
    yield f"a forward with −{name} for {name}", np.negative
    yield f"a forward with {name}² for {name}: it is used twice", np.square
    yield f"a forward with |{name}| for {name}", np.abs


def _flips(name: str, shape: tuple[int, ...]) -> Iterator[tuple[str, Form]]:
    for axes in (axes for size in (1, 2) for axes in combinations(range(len(shape)), size)):
        yield f"a forward with {name} flipped along {name_axes(axes)}", partial(np.flip, axis=axes)
        if len(axes) == 2 and shape[axes[0]] == shape[axes[1]]:
            words = f"a forward with {name} transposed"
            yield words, partial(np.swapaxes, axis1=axes[0], axis2=axes[1])


FINDERS = {
    20: find_swapped,
    50: find_cotangent,
    55: find_overwritten_cotangent,
    140: find_replaced,
    250: find_ignored_cotangent,
}
