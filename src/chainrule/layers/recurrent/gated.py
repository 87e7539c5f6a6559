"""What the gated recurrent layers share: parameters, checks, and what all steps compute at once."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_floating, uniform
from chainrule.layers.memory import empty
from chainrule.layers.normalization.batch_norm import sum_rows
from chainrule.layers.products import PARTS, multiply
from chainrule.threads import cut

SAMPLES = 32  # in a part of the batch, where there are enough
LEAST = 16  # samples, of which two parts are made nevertheless


class GatedRecurrent(Layer):
    """A layer whose state is made by GATES gates, each of the step's input and of the state before.

    Within, arrays lie step by step, (T, S, …), so that what one step reads and writes lies together.
    """

    parameter_names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    GATES: ClassVar[int]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        bias: bool = True,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        name = type(self).__name__
        self.input_size = as_size(name, "input_size", input_size, 1)
        self.hidden_size = as_size(name, "hidden_size", hidden_size, 1)
        rng = np.random.default_rng() if rng is None else rng
        rows, bound = self.GATES * hidden_size, 1 / math.sqrt(hidden_size)
        self.weight_ih_l0: Array = uniform(rng, bound, (rows, input_size), dtype)
        self.weight_hh_l0: Array = uniform(rng, bound, (rows, hidden_size), dtype)
        self.bias_ih_l0: Array | None = uniform(rng, bound, (rows,), dtype) if bias else None
        self.bias_hh_l0: Array | None = uniform(rng, bound, (rows,), dtype) if bias else None

    def __repr__(self) -> str:
        bias = "" if self.bias_ih_l0 is not None else ", bias=False"
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size}{bias})"

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)
        if X.ndim != 3 or X.shape[2] != self.input_size:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, T, {self.input_size})")

    def _sum_inputs(self, X: Array, bias: Array | None) -> Array:
        """Return X Wᵀ + bias for all steps at once: (T, S, GATES N), given X as (T, S, M)."""
        T, S, M = X.shape
        rows = empty((T * S, len(self.weight_ih_l0)), np.result_type(X, self.weight_ih_l0))
        multiply(X.reshape(T * S, M), self.weight_ih_l0.T, rows, bias)  # one product, for all steps
        return rows.reshape(T, S, rows.shape[1])

    def _input_gradient(self, dA: Array) -> Array:
        """Return dX (S, T, M), given the cotangent of the gates' sums over the input."""
        T, S, rows = dA.shape
        dX = empty((T, S, self.input_size), dA.dtype)
        multiply(dA.reshape(T * S, rows), self.weight_ih_l0, dX.reshape(T * S, self.input_size))
        return by_sample(dX)

    def _weight_gradients(self, dA: Array, dB: Array, X: Array, H: Array) -> Arrays:
        """Return the gradients of weights and biases, sums over samples and steps.

        dA is the cotangent of the gates' sums over the input, dB that of their sums over the state before: (T, S, …).
        """
        rows, M, N = dA.shape[2], self.input_size, self.hidden_size
        after, before = dB[1:].reshape(-1, rows), H[:-1].reshape(-1, N)  # the state before the first step is 0
        grads = {"weight_ih_l0": np.empty((rows, M), dA.dtype), "weight_hh_l0": np.empty((rows, N), dA.dtype)}
        multiply(dA.reshape(-1, rows).T, X.reshape(-1, M), grads["weight_ih_l0"])
        multiply(after.T, before, grads["weight_hh_l0"])
        if self.bias_ih_l0 is not None:
            grads["bias_ih_l0"] = sum_rows(dA.reshape(-1, rows))
            grads["bias_hh_l0"] = grads["bias_ih_l0"].copy() if dB is dA else sum_rows(dB.reshape(-1, rows))
        return grads


def by_step(X: Array) -> Array:
    """Bring (S, T, N) to (T, S, N), step by step in memory."""
    return np.ascontiguousarray(X.swapaxes(0, 1))


def by_sample(X: Array) -> Array:
    """The view (S, T, N) of (T, S, N)."""
    return X.swapaxes(0, 1)


def cut_samples(S: int) -> list[slice]:
    """Cut a batch into parts that go through all steps by themselves, each in its thread."""
    return cut(S, max(SAMPLES if S >= 2 * SAMPLES else LEAST, -(-S // PARTS)))


def count_rows(parts: list[slice]) -> int:
    """Return how many samples the largest part has."""
    return max((part.stop - part.start for part in parts), default=1)


def squash(Z: Array) -> None:
    """Replace Z by its sigmoid 1 / (1 + exp(−Z))."""
    np.negative(Z, out=Z)
    with np.errstate(over="ignore"):  # far below zero exp(−z) becomes infinite, and its reciprocal the right 0
        np.exp(Z, out=Z)
    Z += 1
    np.reciprocal(Z, out=Z)
