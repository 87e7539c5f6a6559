"""A person's gradient at one point, held against what would explain it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.check.diagnosis.replays import Replays, StepMethod
from chainrule.check.diagnosis.tangents import Tangents
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays, Problem
from chainrule.check.model.target import copies
from chainrule.check.replay.changes import freeze
from chainrule.check.replay.tape import Change, Changes, Execution, ReplayError, Site
from chainrule.check.trial.differences import CENTRAL_STEP, COMPLEX_STEP
from chainrule.check.trial.sizes import add_samples, enlarge

MANY, MOST_SIZES, MOST_SETTINGS = 11, 3, 4  # samples at another size; sizes and settings that explanations are held to
DIRECTIONS = 4
WIDE = 4.0  # times the first input, as it is compared at: bounds and branches then lie within
UNREPLAYABLE = (ReplayError, ArithmeticError, ValueError, TypeError, LookupError, RuntimeError, AttributeError, Warning)
SLACK = 30  # times the tolerance: a slope adds up a whole gradient, an explanation one more rounded product


class Case:
    """A problem, with the slopes of its forward along a few random directions: a number for each is all that most
    explanations need, however large the input.
    """

    def __init__(self, problem: Problem, seed: int, method: StepMethod | None = None) -> None:
        self.problem, self.name, self.seed, self.is_alone = problem, problem.name, seed, False
        rng = np.random.default_rng(seed)
        self.X = np.asarray(problem.inputs[self.name], dtype=float)
        self.directions = rng.standard_normal((DIRECTIONS, *self.X.shape))
        self.replays = Replays(problem, method) if method else self._choose_replays()

    @property
    def method(self) -> StepMethod:
        """How slopes are taken."""
        return self.replays.method

    @property
    def executions(self) -> list[Execution]:
        """The operations of the forward; none where they cannot be seen."""
        return self.replays.executions

    @property
    def found(self) -> Array:
        """The person's gradient."""
        return np.asarray(self.problem.found[self.name], dtype=float)

    @cached_property
    def expected(self) -> Array:
        """The true gradient."""
        given = self.problem.expected.get(self.name)
        return self.gradient({}) if given is None else np.asarray(given, dtype=float)

    @cached_property
    def Y(self) -> Array:
        """The output."""
        return np.asarray(self.problem.forward(**copies(self.problem.inputs)), dtype=float)

    @cached_property
    def found_slopes(self) -> Array:
        """The slopes that the person's gradient promises."""
        return np.array([np.sum(self.found * V) for V in self.directions])

    @cached_property
    def slopes(self) -> Array:
        """The true slopes."""
        return self.slopes_with({})

    @cached_property
    def idle_maxima(self) -> Changes:
        """Maxima that are subtracted for safety, so that no gradient goes through them: frozen in every replay."""
        maxima = {e.site for e in self.executions if e.site.operation in ("max", "amax", "maximum.reduce")}

        def is_idle(site: Site) -> bool:
            slopes = np.array([self._slope(V, {site: freeze}) for V in self.directions])
            return bool(np.max(np.abs(slopes - self.slopes)) <= self.slack * np.max(np.abs(self.slopes)))

        return {site: freeze for site in maxima if is_idle(site)}

    def fits(
        self, changes: Changes, dY: Array | None = None, factor: float = 1.0, inputs: Arrays | None = None
    ) -> bool:
        """Whether a factor times the slopes with some operations changed, or with other arrays, are the person's.

        They are replayed along one direction first, where no estimate is there.
        """
        first = self._estimate(changes) if dY is None and not inputs else None
        first = self.slope_with(changes, dY, **(inputs or {})) if first is None else first
        near = abs(factor * first - self.found_slopes[0]) <= 1e-3 * float(np.linalg.norm(self.found))
        return near and self.agrees(factor * self.slopes_with(changes, dY, **(inputs or {})))

    def _estimate(self, changes: Changes) -> float | None:
        """Return the slope along the first direction with one operation changed, where it needs no replay."""
        try:
            ((site, change),) = changes.items()
            return self._tangents.estimate(site, change)
        except UNREPLAYABLE:
            return None

    def screen(self, site: Site, make: Callable[[Any], Change], factors: Array) -> Array:
        """Tell of each factor whether an operation changed by it may give the person's slopes: no false one does."""
        try:
            slopes = self._tangents.estimate_all(site, make, factors)
        except UNREPLAYABLE:
            slopes = None
        if slopes is None:
            return np.ones(len(factors), bool)
        return np.abs(slopes - self.found_slopes[0]) <= 1e-3 * float(np.linalg.norm(self.found))

    def find_cotangent(self, site: Site) -> Array:
        """Return the true gradient by the result of an operation that runs once, entry by entry."""
        return self._tangents.find_cotangent(site)

    @cached_property
    def _tangents(self) -> Tangents:
        return Tangents(self.replays, self.directions[0], self.idle_maxima)

    def slope_with(self, changes: Changes, dY: Array | None = None, **inputs: Array) -> float:
        """Return the slope along the first direction, as `slopes_with` has them all."""
        return self._slope(self.directions[0], {**self.idle_maxima, **changes} if changes else {}, dY, inputs)

    def slopes_with(self, changes: Changes, dY: Array | None = None, **inputs: Array) -> Array:
        """Return the slopes with some operations changed, at another cotangent, or with other inputs in place."""
        changes = {**self.idle_maxima, **changes} if changes else changes
        return np.array([self._slope(V, changes, dY, inputs) for V in self.directions])

    def gradient(self, changes: Changes) -> Array:
        """Return the gradient entry by entry, with some operations changed."""
        changes = {**self.idle_maxima, **changes} if changes else changes
        return self._by_entry(lambda entry: self._slope(entry, changes))

    def diagonal(self) -> Array:
        """Return ∂Y/∂X of each entry of the output by the input's entry at the same place."""
        return self._by_entry(lambda entry: self._slope(entry, {}, entry))

    def contributions(self, place: int) -> Array:
        """Return what each entry of the output adds to the gradient's entry at a place, counted row by row."""
        V = np.zeros(self.X.shape)
        V.flat[place] = 1
        return self.replays.respond(V, {})

    def reached(self, place: int) -> Array:
        """Tell which entries of the output depend on the input's entry at a place: those that a large move changes."""
        changed = np.zeros(self.Y.shape, bool)
        for move in (1, -1):
            X = self.X.copy()
            X.flat[place] += move * (10 * np.max(np.abs(X)) + 1)
            changed |= np.asarray(self.problem.forward(**copies({**self.problem.inputs, self.name: X}))) != self.Y
        return changed

    def _by_entry(self, slope: Callable[[Array], float]) -> Array:
        result, V = np.empty(self.X.shape), np.zeros(self.X.shape)
        for entry in np.ndindex(self.X.shape):
            V[entry] = 1
            result[entry] = slope(V)
            V[entry] = 0
        return result

    def agrees(self, slopes: Array) -> bool:
        """Whether slopes are those of the person's gradient, to rounding, and much nearer than the true ones."""
        error = np.max(np.abs(slopes - self.found_slopes))
        size = float(np.linalg.norm(self.found)) + float(np.max(np.abs(slopes)))
        return bool(error <= self.slack * size and error <= 1e-2 * np.max(np.abs(self.slopes - self.found_slopes)))

    def equals(self, gradient: Array, slack: float = 0.0) -> bool:
        """Whether an array, itself known to `slack`, is the person's gradient, to rounding, entry by entry."""
        if gradient.shape != self.found.shape or not np.all(np.isfinite(gradient)):
            return False
        scale = np.max(np.abs(self.found), initial=0)
        return bool(np.max(np.abs(gradient - self.found), initial=0) <= max(self.slack, slack) * scale)

    @property
    def slack(self) -> float:
        """The relative error that rounding and differences may leave."""
        return SLACK * max(self.problem.tolerance, 1e-12 if self.method.is_complex else 1e-8)

    def of(self, name: str, method: StepMethod | None = None) -> Case:
        """Return the same point for another of the inputs, whose slopes may have to be taken by another method."""
        return Case(replace(self.problem, name=name), self.seed, method or self.method)

    def method_of(self, name: str) -> StepMethod:
        """How slopes by another of the inputs are taken; its true gradient must be known here."""
        return Case(replace(self.problem, name=name), self.seed).method

    def other_case(self, seed: int, widely: bool = False) -> Case:
        """Return another random point, with the person's gradients there. The backward must be there to run.

        `widely` is one at which the first input is several times as large; where it is not finite, none of the kind.
        """
        problem, rng = self.problem, np.random.default_rng(seed)
        inputs = {name: _redraw(array, rng, with_signs=seed % 2 == 0) for name, array in problem.inputs.items()}
        if widely:
            inputs |= {name: WIDE * array for name, array in _first_reals(inputs).items()}
        if (widely or seed % 2 == 0) and not _is_finite(problem, inputs):
            inputs = {name: _redraw(array, rng) for name, array in problem.inputs.items()}
        dY = rng.standard_normal(np.shape(problem.dY)) if np.ndim(problem.dY) else problem.dY
        assert problem.backward is not None
        found = dict(problem.backward(dY, **copies(inputs)))
        return Case(replace(problem, inputs=inputs, dY=dY, found=found, expected={}), seed, self.method)

    def in_other_sizes(self, seed: int) -> Iterator[Case]:
        """Yield points with more samples, and with more of everything, that the forward and the backward take."""
        rng, found = np.random.default_rng(seed), 0
        resized = list(self.problem.list_sizes()) or [(self.problem, at) for at in enlarge(self.problem.inputs, rng)]
        more = [(self.problem, at) for at in add_samples(self.problem.inputs, MANY, rng)]
        for problem, inputs in (*more, *resized):
            case = call_theirs(lambda problem=problem, inputs=inputs: self._at(problem, inputs, rng))  # type: ignore[misc]
            if isinstance(case, Case) and found < MOST_SIZES:
                found += 1
                yield case

    def with_other_settings(self, seed: int) -> Iterator[Case]:
        """Yield points with other values of settings, that the forward and the backward take."""
        rng = np.random.default_rng(seed)
        for problem in itertools.islice(self.problem.list_others(), MOST_SETTINGS):
            case = call_theirs(lambda problem=problem: self._at(problem, problem.inputs, rng))  # type: ignore[misc]
            if isinstance(case, Case):
                yield case

    def _at(self, problem: Problem, inputs: Arrays, rng: np.random.Generator) -> Case | None:
        """Return the point at other inputs, where its gradient can be compared; None where Y is not finite."""
        Y = np.asarray(problem.forward(**copies(inputs)), dtype=float)
        assert problem.backward is not None
        if not np.isfinite(Y).all() or Y.ndim != np.ndim(problem.dY):
            return None
        dY = rng.standard_normal(Y.shape) if Y.ndim else problem.dY
        found = dict(problem.backward(dY, **copies(inputs)))
        case = Case(
            replace(problem, inputs=inputs, dY=dY, found=found, expected={}), int(rng.integers(1, 99)), self.method
        )
        return case if self._is_meant_for(case) and np.isfinite(case.slopes).all() else None

    def _is_meant_for(self, other: Case) -> bool:
        """Tell whether the backward goes along with other sizes: what has an input's shape has it there too."""
        given, there = self.problem.inputs, other.problem.inputs
        for name, gradient in self.problem.found.items():
            shape, now = np.shape(gradient), np.shape(other.problem.found.get(name, 0.0))
            alike = [n for n, array in given.items() if np.shape(array) == shape]
            if len(now) != len(shape) or (alike and not any(np.shape(there[n]) == now for n in alike)):
                return False
        return True

    def is_alike(self, other: Case) -> bool:
        """Tell whether the forward runs as many operations at both, so that each has its counterpart."""
        return len(self.executions) == len(other.executions)

    def _choose_replays(self) -> Replays:
        """Return those that give the true gradient: complex steps, bare or through recorded arrays, else central."""
        expected = np.asarray(self.problem.expected[self.name], dtype=float)
        promised = np.array([np.sum(expected * V) for V in self.directions])
        scale = np.max(np.abs(promised)) + np.linalg.norm(expected) + 1e-300
        for recorded in (False, True):
            self.replays = Replays(self.problem, StepMethod(COMPLEX_STEP, recorded))
            if passes(lambda case: bool(np.max(np.abs(case.slopes_with({}) - promised)) <= 1e-7 * scale), self):
                return self.replays
        return Replays(self.problem, StepMethod(CENTRAL_STEP, False))

    def _slope(self, V: Array, changes: Changes, dY: Array | None = None, inputs: Arrays | None = None) -> float:
        return float(np.sum(self.replays.respond(V, changes, dY, inputs)))


def _is_finite(problem: Problem, inputs: Arrays) -> bool:
    Y = call_theirs(lambda: np.asarray(problem.forward(**copies(inputs)), dtype=float))
    return not isinstance(Y, Failure) and bool(np.isfinite(Y).all())


def _first_reals(inputs: Arrays) -> Arrays:
    """Return the first input by its name where it is of real numbers of both signs, which may have any size."""
    (name, X), *_ = inputs.items()
    is_real = isinstance(X, np.ndarray) and X.dtype.kind == "f" and X.ndim > 0
    return {name: X} if is_real and np.min(X, initial=0) < 0 < np.max(X, initial=0) else {}


def _redraw(array: Array, rng: np.random.Generator, with_signs: bool = False) -> Array:
    """Return an array of the same kind with other numbers: labels shuffled, positive numbers positive but for signs."""
    if np.asarray(array).dtype.kind != "f":
        return rng.permutation(array) if np.ndim(array) else array
    if np.ndim(array) == 0:
        return array
    if np.array_equal(array, np.round(array)) or (array.ndim == 2 and np.allclose(array.sum(1), 1)):
        return rng.permutation(array)  # a mask, labels as numbers, probabilities: rows stay what they are
    if array.size and np.min(array) > 0:
        signs = -rng.permutation(np.arange(array.size) % 2 * 2.0 - 1).reshape(array.shape) if with_signs else 1.0
        return array * rng.uniform(0.6, 1.0, array.shape) * signs
    spread = float(np.std(array)) or 1.0
    return rng.permutation(array.ravel()).reshape(array.shape) + 0.3 * spread * rng.standard_normal(array.shape)


def passes(test: Callable[[Case], bool], case: Case) -> bool:
    """Whether a test holds at a point; one that cannot be made there does not."""
    try:
        with np.errstate(all="ignore"):
            return test(case)
    except UNREPLAYABLE:
        return False
