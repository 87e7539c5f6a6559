"""The true gradient of a forward, from evaluations of the forward alone.

Complex steps where the forward takes complex numbers and treats them as a differentiable function must (a central
difference along a random direction tells), else central differences, extrapolated, at steps that the data choose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np

from chainrule.check.model.budget import count_entries
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, copies, generator, quiet
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.trial.complex_arrays import complex_arrays
from chainrule.check.trial.differences import COMPLEX_STEP, Slope, extrapolated_slope, has_kink, near_slope

FIRST_STEP = 0.02  # relative to the entries of the array
KINK_STEP = FIRST_STEP / 16  # one that central differences take too
SINGLE_EPS = float(np.finfo(np.float32).eps)


CAST = re.compile(r"float32|\.float\(\)|torch\.Tensor\(|FloatTensor")  # of one input perhaps, and not of others


class Truth:
    """Slopes and gradients of Σ dY Y at one point; `eps` is the precision of the forward's own arithmetic.

    `Y` and `eps` are found where they are not given. `usual` is the size of Y at ordinary inputs, where this point is a
    far one: what saturates here is rounded as numbers of that size are. `seed` draws the directions in which all inputs
    move at once; `work` counts the entries that the forward was given so far.
    """

    def __init__(
        self,
        target: Target,
        inputs: Arrays,
        dY: Array,
        names: Sequence[str],
        Y: Array | None = None,
        eps: float = 0.0,
        usual: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.target, self.inputs, self.dY, self.names, self.seed, self.work = target, inputs, dY, names, seed, 0
        self.Y = self._run(inputs) if Y is None else Y
        self.eps = eps or (SINGLE_EPS if self._is_single() else float(np.finfo(np.float64).eps))
        self.usual = usual
        self.noise = self.eps * float(np.linalg.norm(dY * self.Y))

    def method(self, name: str) -> str:
        """Return "complex steps" or "central differences", as the forward allows, and autograd where it agrees."""
        steps = "complex steps" if self.is_analytic(name) else "central differences"
        return f"{steps} and autograd of the forward" if name in self.third else steps

    def slope(self, name: str, direction: Array) -> Slope:
        """Return the derivative of Σ dY Y when the input moves along a direction.

        Differences of a float32 forward keep few digits: there, autograd that they confirm is the truth.
        """
        if self.eps >= SINGLE_EPS and name in self.third:
            return Slope(float(np.sum(self.third[name] * direction)), 0.0)
        return self._stepped_slope(name, direction)

    def _stepped_slope(self, name: str, direction: Array) -> Slope:
        if self.is_analytic(name):
            return Slope(self._complex_slope({name: direction}), 0.0)
        return self._central_slope(name, direction)

    def gradient(self, name: str) -> tuple[Array, float]:
        """Return the gradient entry by entry, and the largest error that an entry may have."""
        if name in self.third:
            return self.third[name], 0.0
        X = self.inputs[name]
        gradient, error = np.zeros(X.shape), 0.0
        direction = np.zeros(X.shape)
        for entry in np.ndindex(X.shape):
            direction[entry] = 1.0
            gradient[entry], uncertain = self.slope(name, direction)
            direction[entry] = 0.0
            error = max(error, uncertain)
        return gradient, error

    def slope_of_all(self) -> float | None:
        """Return the derivative of Σ dY Y along all `moves` at once, where complex steps serve every input."""
        return self._stepped if self._stepped is not None and len(self.analytic) == len(self.names) else None

    def has_kink(self) -> bool:
        """Tell whether Σ dY Y has a kink or a jump at this point, when all inputs move along a random direction."""
        return has_kink(self._along_all, KINK_STEP, self.noise)

    def near_slope(self, name: str, direction: Array) -> Slope:
        """Return the derivative when one input moves along a direction by very little: two evaluations."""
        return near_slope(self._along({name: direction}), self.noise)

    def has_kink_along(self, name: str, direction: Array) -> bool:
        """Tell the same of one input that moves along a direction."""
        return has_kink(self._along({name: direction}), KINK_STEP, self.noise)

    @cached_property
    def has_steps(self) -> Callable[[str], bool]:
        """Tell whether Y is flat here in an input and yet changes farther away: it goes up and down in steps."""
        return cache(self._has_steps)

    def _has_steps(self, name: str) -> bool:
        direction = generator(5).normal(size=self.inputs[name].shape)
        if self.slope(name, direction).value != 0:
            return False
        far = self._along({name: direction * self._size(name)})
        return any(far(t) != 0 for t in (1.0, -1.0, 3.0, -3.0))

    def is_analytic(self, name: str) -> bool:
        """Tell whether complex steps give the derivative with respect to this input."""
        return name in self.analytic

    @cached_property
    def third(self) -> Arrays:
        """Return the gradients by autograd of the forward itself, where there is one and differences confirm it."""
        autograd = self.target.extras.autograd
        if autograd is None:
            return {}
        with quiet():
            found = call_theirs(lambda: autograd(self.dY.copy(), **copies(self.inputs)))
        if isinstance(found, Failure):  # it cannot be differentiated so
            return {}
        return {name: found[name] for name in self.names if name in found and self._confirms(name, found[name])}

    def _confirms(self, name: str, gradient: Array) -> bool:
        """Tell whether differences along a random direction agree with a gradient."""
        if gradient.shape != self.inputs[name].shape or not np.isfinite(gradient).all():
            return False
        direction = generator(3).normal(size=gradient.shape)
        slope = self._stepped_slope(name, direction)
        size = float(np.linalg.norm(gradient * direction))
        return abs(float(np.sum(gradient * direction)) - slope.value) <= SAFETY * slope.error + 1e-7 * size

    @cached_property
    def analytic(self) -> frozenset[str]:
        """Return the inputs that complex steps serve: tried all at once, and one by one where that fails."""
        if self.eps >= SINGLE_EPS:
            return frozenset()
        if self._stepped is not None and self._confirm(self._stepped, self._along_all):
            return frozenset(self.names)
        return frozenset(name for name, move in self.moves.items() if self._is_analytic_along({name: move}))

    @cached_property
    def moves(self) -> Arrays:
        """A random direction for every input, of its size."""
        rng = generator(self.seed)
        return {name: rng.normal(size=self.inputs[name].shape) * self._size(name) for name in self.names}

    @cached_property
    def _along_all(self) -> Callable[[float], float]:
        """Σ dY Y along all those directions at once; each step is evaluated once."""
        return cache(self._along(self.moves))

    @cached_property
    def _stepped(self) -> float | None:
        """The derivative along all of them by a complex step, if the forward takes it."""
        slope = call_theirs(lambda: self._complex_slope(self.moves))
        return None if isinstance(slope, Failure) else slope

    def _is_analytic_along(self, directions: Arrays) -> bool:
        slope = call_theirs(lambda: self._complex_slope(directions))
        return not isinstance(slope, Failure) and self._confirm(slope, self._along(directions))

    def _confirm(self, stepped: float, along: Callable[[float], float]) -> bool:
        """Tell whether central differences agree with a complex step: a near one, or else extrapolated ones."""

        def agrees(central: Slope) -> bool:
            return bool(abs(stepped - central.value) <= SAFETY * central.error + 1e-5 * abs(stepped))

        return agrees(near_slope(along, self.noise)) or agrees(extrapolated_slope(along, FIRST_STEP, self.noise))

    def _complex_slope(self, directions: Arrays) -> float:
        inputs = {name: self.inputs[name].astype(complex) for name in self.names}
        for name, direction in directions.items():
            inputs[name] += COMPLEX_STEP * 1j * direction
        with complex_arrays():
            Y = self._run({**self.inputs, **inputs})
        if Y.dtype.kind != "c":
            raise TypeError("the forward drops imaginary parts")
        return float(np.sum(self.dY * Y.imag) / COMPLEX_STEP)

    def _central_slope(self, name: str, direction: Array) -> Slope:
        return extrapolated_slope(self._along({name: direction}), FIRST_STEP * self._size(name), self.noise)

    def _along(self, directions: Arrays) -> Callable[[float], float]:
        def value(t: float) -> float:
            moved = {name: self.inputs[name] + t * direction for name, direction in directions.items()}
            change = call_theirs(lambda: self._run({**self.inputs, **moved}) - self.Y)
            if isinstance(change, Failure):  # the step leads out of what the forward takes: a shorter one will do
                return float("nan")
            return float(np.sum(self.dY * change, dtype=np.float64))

        return value

    def _run(self, inputs: Arrays) -> Array:
        self.work += count_entries(*inputs.values())
        return self.target.run(inputs)

    def _size(self, name: str) -> float:
        return float(np.sqrt(np.mean(self.inputs[name] ** 2))) or 1.0

    def _is_single(self) -> bool:
        """Whether the forward computes in float32: it returns, or does not see, what float32 does not hold."""
        if self.Y.dtype == np.float32:
            return True
        rounded = {name: self.inputs[name].astype(np.float32).astype(np.float64) for name in self.names}
        if all(np.array_equal(rounded[name], self.inputs[name]) for name in self.names):
            return False
        if _fits_into(self.Y, np.float32) and not _fits_into(self.Y, np.float16):
            return True
        if not np.ptp(self.Y) > 0:
            return False
        casts = self.target.source is not None and CAST.search(self.target.source.text)
        every = [rounded, *({name: rounded[name]} for name in self.names if casts and self._differs(rounded, name))]
        return any(np.array_equal(self._run({**self.inputs, **each}), self.Y) for each in every)

    def _differs(self, others: Arrays, name: str) -> bool:
        return not np.array_equal(others[name], self.inputs[name])


def _fits_into(Y: Array, dtype: type[np.floating[Any]]) -> bool:
    """Tell whether a format with fewer digits holds an array of real numbers as it is."""
    if Y.dtype.kind != "f":
        return False
    with np.errstate(over="ignore"):
        return np.array_equal(Y.astype(dtype).astype(Y.dtype), Y)
