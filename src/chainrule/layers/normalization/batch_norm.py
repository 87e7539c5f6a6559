"""Batch normalisation: each feature is brought to mean 0 and variance 1 over the batch, then scaled and shifted.

Indices
    s r  sample      n  feature

Forward
    mu[n]     = mean[s](X[s,n])
    var[n]    = mean[s]((X[s,n] - mu[n])^2)
    Xhat[s,n] = (X[s,n] - mu[n]) / sqrt(var[n] + eps)
    Y[s,n]    = weight[n] * Xhat[s,n] + bias[n]

Backward
    dweight[n] = sum[s](dY[s,n] * Xhat[s,n])
    dbias[n]   = sum[s](dY[s,n])
    dXhat[s,n] = weight[n] * dY[s,n]
    dX[s,n]    = (dXhat[s,n] - mean[r](dXhat[r,n]) - Xhat[s,n] * mean[r](dXhat[r,n] * Xhat[r,n])) / sqrt(var[n] + eps)

Why: X[s,n] reaches the outputs of the whole batch, for mu and var are made from all of it. The mean takes the mean of
dXhat away again, the variance its part along Xhat: what is left of dXhat is orthogonal to both, as moving a feature of
the whole batch along 1 or along Xhat changes no output. The equations are those of training; in evaluation mu and var
are the running statistics, constants, and dX = dXhat / sqrt(var + eps). (Ioffe and Szegedy, 2015, arXiv:1502.03167.)
"""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating


class BatchNormCache(NamedTuple):
    """What the backward of batch normalisation needs; Xhat = centred ∘ rstd."""

    centred: Array  # X − μ, a row for each sample (and place)
    rstd: Array  # 1 / √(σ² + ε)
    of_batch: bool  # whether μ and σ² are the batch's
    shape: tuple[int, ...]


class BatchNorm(Layer):
    """Batch normalisation of the rows that `to_rows` makes of an input; its subclasses say which shapes they take."""

    parameter_names = freezable = ("weight", "bias")
    buffer_names = ("running_mean", "running_var", "num_batches_tracked")

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.num_features = as_size(type(self).__name__, "num_features", num_features, 1)
        self.eps, self.momentum = eps, momentum
        self.weight: Array | None = np.ones(num_features, dtype) if affine else None
        self.bias: Array | None = np.zeros(num_features, dtype) if affine else None
        self.running_mean: Array = np.zeros(num_features, dtype)
        self.running_var: Array = np.ones(num_features, dtype)
        self.num_batches_tracked: Array = np.array(0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.num_features}{'' if self.weight is not None else ', affine=False'})"

    def forward(self, X: Array) -> tuple[Array, BatchNormCache]:
        """Return Y; the cache is a BatchNormCache."""
        self._check_input(X)
        rows = to_rows(X)
        S = len(rows)
        mu = sum_rows(rows) / S if self.training else self.running_mean
        centred = rows - mu
        var = sum_rows_of_product(centred, centred) / S if self.training else self.running_var
        if self.training:
            self._track(mu, var, S)
        rstd = 1 / np.sqrt(var + self.eps)
        Y = centred * self._gain(rstd)
        if self.bias is not None:
            Y += self.bias
        return from_rows(Y, X.shape), BatchNormCache(centred, rstd, self.training, X.shape)

    def backward(self, dY: Array, cache: BatchNormCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        centred, rstd, of_batch, shape = cache
        check_cotangent(self, dY, shape)
        dY = to_rows(dY)
        dbias = sum_rows(dY)
        dweight = rstd * sum_rows_of_product(dY, centred)
        if of_batch:
            dX = centred * (dweight * rstd / -len(dY))  # − Xhat mean(dY Xhat)
            dX += dY
            dX -= dbias / len(dY)
            dX *= self._gain(rstd)
        else:
            dX = dY * self._gain(rstd)
        return from_rows(dX, shape), self._select(dweight, dbias)

    def _select(self, dweight: Array, dbias: Array) -> Arrays:
        """Return the gradients of what is trained."""
        grads = {} if self.weight is None else {"weight": dweight, "bias": dbias}
        return {name: grad for name, grad in grads.items() if name in self.parameter_names}

    def _gain(self, rstd: Array) -> Array:
        return rstd if self.weight is None else self.weight * rstd

    def _track(self, mu: Array, var: Array, S: int) -> None:
        """Move the running statistics; their real parts, for X may be complex where a gradient is checked."""
        self.num_batches_tracked += 1
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean += share * (mu.real - self.running_mean)
        self.running_var += share * (var.real * (S / (S - 1)) - self.running_var)

    @abstractmethod
    def _check_shape(self, X: Array) -> None:
        """Raise ValueError unless X has a shape that the layer takes."""

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)
        self._check_shape(X)
        if self.training and X.size < 2 * self.num_features:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but training needs two values of each feature at least")


class BatchNorm1d(BatchNorm):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each feature over the batch.

    Parameters: weight γ (N), all 1 at first, and bias β (N), all 0; None with `affine=False`. Buffers: running_mean
    (N), running_var (N), num_batches_tracked (). Input (S, N) or (S, N, L), output of the same shape.

    In training the running statistics move by the share `momentum` (with None: to the mean of all batches so far)
    towards those of the batch, whose variance is divided by S − 1 there; in evaluation they take the batch's place.
    Training needs two values of each feature at least, else a ValueError.
    """

    def _check_shape(self, X: Array) -> None:
        N = self.num_features
        if X.ndim not in (2, 3) or X.shape[1] != N:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {N}) or (S, {N}, L)")


def sum_rows(X: Array) -> Array:
    """Return 1ᵀ X: the BLAS adds rows about twice as fast as `X.sum(axis=0)`."""
    return np.ones(len(X), X.dtype) @ X


def sum_rows_of_product(A: Array, B: Array) -> Array:
    """Return the column sums of A ∘ B, without an array for the product."""
    return np.einsum("sn,sn->n", A, B)


def to_rows(X: Array) -> Array:
    """Bring (S, N, …) to (S …, N), a row for each sample and place: a view where X lies so already."""
    return np.moveaxis(X, 1, -1).reshape(-1, X.shape[1])


def from_rows(rows: Array, shape: tuple[int, ...]) -> Array:
    """The view of (S …, N) in the shape (S, N, …)."""
    return np.moveaxis(rows.reshape(shape[0], *shape[2:], shape[1]), -1, 1)
