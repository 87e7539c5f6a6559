"""A recurrent network that reads an image row by row, from the top, and classifies it by its last state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Array, Arrays, Layer


class RowRNN(Layer):
    """`rnn` over the rows of an image, then `linear` of the state after the last row.

    `shape` is that of an image (C, H, W): H steps of C W values. Input (S, C H W) or (S, C, H, W), output (S, classes):
    logits. Names and shapes of the parameters are those of `chainrule.pytorch.RowRNN`. Raises ValueError for an unknown
    norm.
    """

    def __init__(
        self,
        shape: Sequence[int],
        hidden_size: int,
        classes: int,
        *,
        norm: str | None = None,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        rng = np.random.default_rng() if rng is None else rng
        C, H, W = self.shape = tuple(shape)
        steps = H if norm == "batch" else None
        self.rnn = layers.RNN(C * W, hidden_size, norm=norm, steps=steps, rng=rng, dtype=dtype)
        self.linear = layers.Linear(hidden_size, classes, rng=rng, dtype=dtype)

    def __repr__(self) -> str:
        return f"RowRNN({self.shape}, {self.rnn!r}, {self.linear!r})"

    @property
    def children(self) -> dict[str, Layer]:
        """The recurrent layer and the last one."""
        return {"rnn": self.rnn, "linear": self.linear}

    def forward(self, X: Array) -> tuple[Array, tuple[Any, ...]]:
        """Return the logits; the cache is the shapes and caches of the parts."""
        states, rnn_cache = self.rnn.forward(self._to_rows(X))
        logits, linear_cache = self.linear.forward(states[:, -1])
        return logits, (X.shape, states.shape, rnn_cache, linear_cache)

    def backward(self, dY: Array, cache: tuple[Any, ...]) -> tuple[Array, Arrays]:
        """Return dX and the gradients of all parameters."""
        dstates, grads = self._backward_to_states(dY, cache)
        drows, rnn_grads = self.rnn.backward(dstates, cache[2])
        return self._from_rows(drows, cache[0]), _name(rnn_grads) | grads

    def parameter_gradients(self, dY: Array, cache: tuple[Any, ...]) -> Arrays:
        """Return the gradients of all parameters, without dX."""
        dstates, grads = self._backward_to_states(dY, cache)
        return _name(self.rnn.parameter_gradients(dstates, cache[2])) | grads

    def _backward_to_states(self, dY: Array, cache: tuple[Any, ...]) -> tuple[Array, Arrays]:
        """Return the cotangent of the states, 0 but for the last, and the gradients of the linear layer."""
        _, shape, _, linear_cache = cache
        dlast, grads = self.linear.backward(dY, linear_cache)
        dstates = np.zeros_like(dlast, shape=shape)
        dstates[:, -1] = dlast
        return dstates, {f"linear.{name}": grad for name, grad in grads.items()}

    def _to_rows(self, X: Array) -> Array:
        """Bring (S, C, H, W) to (S, H, C W): a step for each row."""
        C, H, W = self.shape
        if X.shape[1:] not in ((C, H, W), (C * H * W,)):
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must hold images of shape {self.shape}")
        return X.reshape(-1, C, H, W).transpose(0, 2, 1, 3).reshape(-1, H, C * W)

    def _from_rows(self, rows: Array, shape: tuple[int, ...]) -> Array:
        C, H, W = self.shape
        return rows.reshape(-1, H, C, W).transpose(0, 2, 1, 3).reshape(shape)


def _name(grads: Arrays) -> Arrays:
    return {f"rnn.{name}": grad for name, grad in grads.items()}
