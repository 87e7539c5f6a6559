"""What is checked: a forward and a backward over named arrays, however the person wrote them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.problem import Array, Arrays, Backward, Forward, SourceFile
from chainrule.check.model.verdict import Row

SEED = 20  # of the generators that are held still
SALT = 271828  # else dY of seed 0 were the X that a person draws with seed 0, along which a norm's gradient is 0


@dataclass(frozen=True, eq=False)
class Target:
    """forward(**inputs) returns Y, and backward(dY, **inputs) gradients by the names of the inputs.

    `required` are the inputs whose gradient must be there (parameters and what comes from the layer before),
    `constants` those that have none (targets). A `loss` takes no cotangent: its dY is 1. `again` is `backward` run
    twice on the same forward, as a person may, with what the first returned overwritten; it returns what the second
    run gives. `autograd` gives the gradients of
    the forward by a library's own differentiation, without the person's backward. probe(dY, inputs) yields what else is
    wrong, as rows, and what is worth knowing, as sentences. variants(inputs) yields what is checked as well, in words,
    as a target and its inputs, and sentences of what cannot be. blame(inputs) says which part of the target is wrong by
    itself, None where none is. `twin` is the forward in another mode (training or evaluation), behind its words.
    """

    name: str
    forward: Forward
    backward: Backward
    required: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    loss: bool = False
    again: Backward | None = None
    autograd: Backward | None = None
    probe: Callable[[Array, Arrays], Iterator[Row | str]] | None = None
    variants: Callable[[Arrays], Iterator[Variant | str]] | None = None
    blame: Callable[[Arrays], Explanation | None] | None = None
    twin: tuple[str, Forward] | None = None
    source: SourceFile | None = None

    def held(self) -> Target:
        """Return the target with the global generators at one state in each call, so that dropout's mask stays."""
        autograd = hold(self.autograd) if self.autograd else None
        again = hold(self.again) if self.again else None
        twin = (self.twin[0], hold(self.twin[1])) if self.twin else None
        return replace(
            self, forward=hold(self.forward), backward=hold(self.backward), again=again, autograd=autograd, twin=twin
        )  # fmt: skip

    def run(self, inputs: Arrays) -> Array:
        """Return Y for copies of the inputs."""
        with quiet():
            return np.asarray(self.forward(**copies(inputs)))

    def gradients(self, dY: Array, inputs: Arrays) -> Arrays:
        """Return the person's gradients, for copies of the inputs and of dY; those that are None are left out."""
        with quiet():
            found = self.backward(dY.copy(), **copies(inputs))
        return {name: np.array(gradient) for name, gradient in found.items() if gradient is not None}


Variant = tuple[str, Target, Arrays]


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Return a generator whose numbers a person does not draw with the same seed, nor another stream."""
    return np.random.default_rng((SALT, seed, *stream))


def copies(inputs: Arrays) -> Arrays:
    """Return copies that lie in memory as the arrays do; what is no array stays."""
    return {n: np.array(a, order="K") if isinstance(a, np.ndarray) else a for n, a in inputs.items()}


def elsewhere(X: Array) -> Array:
    """Return another input of the same shape and signs."""
    return 0.9 * np.roll(X, 1, axis=0) if np.ndim(X) else 0.9 * X


def spoil(array: Any) -> None:
    """Overwrite an array that a person's function returned, as its caller may."""
    if isinstance(array, np.ndarray) and array.flags.writeable:
        array[...] = 7


def restore(given: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, with plain numbers and flags where `inputs` has them: a recorder makes arrays of them."""
    plain = {n for n, value in inputs.items() if not hasattr(value, "shape")}
    return {n: value.item() if n in plain and hasattr(value, "shape") else value for n, value in given.items()}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a person's code from warning; a complex number that loses its imaginary part is an error."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


def hold(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with the global generators at one state in each call."""

    def call(*arguments: Any, **inputs: Any) -> Any:
        state = np.random.get_state()  # noqa: NPY002 - the person's code draws from it
        np.random.seed(SEED)  # noqa: NPY002
        try:
            return function(*arguments, **inputs)
        finally:
            np.random.set_state(state)  # noqa: NPY002

    return call
