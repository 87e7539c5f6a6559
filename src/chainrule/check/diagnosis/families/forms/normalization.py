"""Gradients of a normalization, (G − mean G − X̂ ∘ mean(X̂ ∘ G)) / σ with G = γ ∘ dY, and what is written for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.families.arrangement import name_axes
from chainrule.check.diagnosis.families.forms.crossed import ONE
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.diagnosis.known_arrays import Known, broadcasts, list_distinct, list_known
from chainrule.check.model.problem import Array

MOST_ENTRIES = 400
NO_GAIN = ONE
Axes = tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """C ∘ mean(C' ∘ G) over some axes, or the plain mean where both are left out; `is_sum` for the sum."""

    axes: Axes
    outside: int = ONE
    inside: int = ONE
    is_sum: bool = False
    has_gain: bool = True


@dataclass(frozen=True)
class Normal:
    """The gradient of a normalization: the places of σ (its square with `is_square`) and γ, and the two terms."""

    spread: int
    is_square: bool
    gain: int
    terms: tuple[Term, Term]

    def value(self, case: Case) -> Array:
        """Return its value at a case."""
        arrays, dY = list_known(case), np.asarray(case.problem.dY)
        gain = np.ones(()) if self.gain == NO_GAIN else arrays[self.gain].value
        sigma = arrays[self.spread].value
        total = gain * dY
        for term in self.terms:
            G = gain * dY if term.has_gain else dY
            inside = np.ones(()) if term.inside == ONE else arrays[term.inside].value
            outside = np.ones(()) if term.outside == ONE else arrays[term.outside].value
            reduce: Callable[..., Any] = np.sum if term.is_sum else np.mean
            total = total - outside * reduce(np.broadcast_to(inside * G, dY.shape), axis=term.axes, keepdims=True)
        return np.asarray(total / (np.sqrt(sigma) if self.is_square else sigma))


def find_normalization(case: Case) -> Iterator[Guess]:
    """Guess that one of the means in the gradient of a normalization is taken otherwise."""
    shape = case.X.shape
    if not (case.found.shape == shape == np.shape(case.problem.dY)) or case.X.size > MOST_ENTRIES or len(shape) < 2:
        return
    right = _find_right(case)
    if right is None:
        return
    for words, repair, wrong in _list_wrong(case, right):
        if case.equals(wrong.value(case)):
            yield Guess(
                "cross term",
                f"In d{case.name}, the gradient of a normalization, {words}.",
                repair,
                lambda p, wrong=wrong: p.equals(wrong.value(p)) and _is_right(right, p),  # type: ignore[misc]
            )


def _find_right(case: Case) -> Normal | None:
    dY = np.asarray(case.problem.dY)
    arrays = [k for k in list_distinct(case) if k.value.dtype.kind == "f" and broadcasts(k.value.shape, dY.shape)]
    whole = [k for k in arrays if k.value.shape == dY.shape and k.name != "dY"]
    gains = [None, *(k for k in arrays if k.value.shape != dY.shape and k.value.size > 1)]
    spreads = [k for k in arrays if k.value.shape != dY.shape and np.all(k.value > 0)]
    for axes, gain in product(_list_axes(dY.ndim), gains):
        for spread, is_square, hat in product(spreads, (False, True), whole):
            if abs(float(np.mean(hat.value**2)) - 1) > 0.3:  # X̂ has variance 1 but for eps
                continue
            terms = Term(axes), Term(axes, hat.index, hat.index)
            form = Normal(spread.index, is_square, NO_GAIN if gain is None else gain.index, terms)
            if _is_right(form, case):
                return form
    return None


def _is_right(form: Normal, case: Case) -> bool:
    scale = case.slack * float(np.max(np.abs(case.expected), initial=0))
    return bool(np.max(np.abs(form.value(case) - case.expected)) <= scale)


def _list_axes(rank: int) -> list[Axes]:
    single = [(axis,) for axis in reversed(range(rank))]
    return [*single, *(tuple(k for k in range(rank) if k != axis) for axis in range(rank) if rank > 2)]


def _list_wrong(case: Case, right: Normal) -> Iterator[tuple[str, str, Normal]]:
    """Yield what may be wrong in words, the repair, and the gradient with it."""
    arrays, hat = list_known(case), right.terms[1].inside
    names = ("the mean of the gradient", f"the mean of the gradient times {arrays[hat].name}")
    own = right.terms[0].axes
    for group in ((0,), (1,), (0, 1)):
        said = " and ".join(names[k] for k in group)
        for axes in (*_list_axes(case.X.ndim), tuple(range(case.X.ndim))):
            if axes != own:
                words = f"{said} {'is' if len(group) == 1 else 'are'} taken over {name_axes(axes)}"
                repair = f"Take it over {name_axes(own)}, as forward does."
                yield words, repair, _change(right, group, axes=axes)
        words = f"the sum stands for {said}"
        yield words, f"Divide by the size of {name_axes(own)} there.", _change(right, group, is_sum=True)
        if right.gain != NO_GAIN:
            gain = arrays[right.gain].name
            words = f"{gain} is missing in {said}"
            yield words, f"Multiply dY by {gain} before its mean is taken.", _change(right, group, has_gain=False)
    yield from _list_replaced(case, right, arrays, hat)


def _list_replaced(case: Case, right: Normal, arrays: list[Known], hat: int) -> Iterator[tuple[str, str, Normal]]:
    for known in list_distinct(case):
        if known.value.dtype.kind == "f" and known.value.shape == case.X.shape and known.index != hat:
            own = arrays[hat].name
            for where, changes in (
                ("inside the mean", {"inside": known.index}), ("before the mean", {"outside": known.index}),
                ("inside the mean and before it", {"inside": known.index, "outside": known.index}),
            ):  # fmt: skip
                yield f"{known.name} stands {where}, for {own}", f"Use {own} there.", _change(right, (1,), **changes)


def _change(right: Normal, group: tuple[int, ...], **changes: Any) -> Normal:
    terms = [replace(term, **changes) if k in group else term for k, term in enumerate(right.terms)]
    return replace(right, terms=(terms[0], terms[1]))


FINDERS = {147: find_normalization}
