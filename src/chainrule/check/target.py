"""What is checked: a forward and a backward over named arrays, however the person wrote them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.check.problem import Array, Arrays, Backward, Forward, SourceFile

SEED = 20  # of the generators that are held still
SALT = 271828  # else dY of seed 0 were the X that a person draws with seed 0, along which a norm's gradient is 0


@dataclass(frozen=True, eq=False)
class Target:
    """forward(**inputs) returns Y, and backward(dY, **inputs) gradients by the names of the inputs.

    `required` are the inputs whose gradient must be there (parameters and what comes from the layer before),
    `constants` those that have none (targets). A `loss` takes no cotangent: its dY is 1. `again` is `backward` run
    twice on the same forward, as a person may; it returns what the second run gives. second(dY, inputs) says what is
    wrong with the second derivative, "" where nothing is.
    """

    name: str
    forward: Forward
    backward: Backward
    required: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    loss: bool = False
    again: Backward | None = None
    second: Callable[[Array, Arrays], str] | None = None
    source: SourceFile | None = None

    def held(self) -> Target:
        """Return the target with the global generators at one state in each call, so that dropout's mask stays."""
        return replace(self, forward=_hold(self.forward), backward=_hold(self.backward))

    def run(self, inputs: Arrays) -> Array:
        """Return Y for copies of the inputs."""
        with quiet():
            return np.asarray(self.forward(**copies(inputs)))

    def gradients(self, dY: Array, inputs: Arrays) -> Arrays:
        """Return the person's gradients, for copies of the inputs and of dY; those that are None are left out."""
        with quiet():
            found = self.backward(dY.copy(), **copies(inputs))
        return {name: np.array(gradient) for name, gradient in found.items() if gradient is not None}


def generator(seed: int) -> np.random.Generator:
    """Return a generator whose numbers a person does not draw with the same seed."""
    return np.random.default_rng((SALT, seed))


def copies(inputs: Arrays) -> Arrays:
    """Return copies that lie in memory as the arrays do; what is no array stays."""
    return {n: np.array(a, order="K") if isinstance(a, np.ndarray) else a for n, a in inputs.items()}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a person's code from warning; a complex number that loses its imaginary part is an error."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


def _hold(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **inputs: Any) -> Any:
        state = np.random.get_state()  # noqa: NPY002 - the person's code draws from it
        np.random.seed(SEED)  # noqa: NPY002
        try:
            return function(*arguments, **inputs)
        finally:
            np.random.set_state(state)  # noqa: NPY002

    return call
