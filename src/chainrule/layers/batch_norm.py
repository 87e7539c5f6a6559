"""Batch normalisation: each feature is brought to mean 0 and variance 1 over the batch, then scaled and shifted.

Indices
    s  sample      n  feature

Forward
    mu[n]     = mean[s](X[s,n])
    var[n]    = mean[s]((X[s,n] - mu[n])^2)
    Xhat[s,n] = (X[s,n] - mu[n]) / sqrt(var[n] + eps)
    Y[s,n]    = weight[n] * Xhat[s,n] + bias[n]

Backward
    dweight[n] = sum[s](dY[s,n] * Xhat[s,n])
    dbias[n]   = sum[s](dY[s,n])
    dX[s,n]    = weight[n] / sqrt(var[n] + eps) * (dY[s,n] - mean[r](dY[r,n]) - Xhat[s,n] * mean[r](dY[r,n] * Xhat[r,n]))

Why: X[s,n] reaches the outputs of the whole batch, for mu and var are made from all of it. The mean takes the mean of dY
away again, the variance its part along Xhat: what is left of dY is orthogonal to both, as moving a feature of the whole
batch along 1 or Xhat changes no output. The equations are those of training; in evaluation mu and var are the running
statistics, constants, and dX = weight / sqrt(var + eps) dY. (Ioffe and Szegedy, 2015, arXiv:1502.03167.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_features, check_floating


class BatchNorm1d(Layer):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each feature over the batch.

    Parameters: weight γ (N), all 1 at first, and bias β (N), all 0; None with `affine=False`. Buffers: running_mean (N),
    running_var (N), num_batches_tracked (). Input (S, N) or (S, N, L), output of the same shape. In training the
    running statistics move by the share `momentum` (with None: the mean over all batches so far) towards those of the
    batch, whose variance is taken with S − 1; in evaluation they are used in place of the batch's.
    """

    parameter_names = ("weight", "bias")
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
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.weight: Array | None = np.ones(num_features, dtype) if affine else None
        self.bias: Array | None = np.zeros(num_features, dtype) if affine else None
        self.running_mean: Array = np.zeros(num_features, dtype)
        self.running_var: Array = np.ones(num_features, dtype)
        self.num_batches_tracked: Array = np.array(0)

    def __repr__(self) -> str:
        return f"BatchNorm1d({self.num_features}{'' if self.weight is not None else ', affine=False'})"

    def forward(self, X: Array) -> tuple[Array, tuple[Array, Array, bool]]:
        """Return Y; the cache is Xhat, 1/√(σ² + ε), and whether μ and σ² are the batch's."""
        check_floating(self, X)
        if X.ndim == 3:
            Y, cache = self.forward(as_rows(X))
            return from_rows(Y, X.shape), cache
        check_features(self, X, 1, self.num_features)
        mu = self._batch_mean(X) if self.training else self.running_mean
        Xhat = X - mu
        var = self._batch_variance(Xhat) if self.training else self.running_var
        if self.training:
            self._track(mu, var, len(X))
        rstd = 1 / np.sqrt(var + self.eps)
        Xhat *= rstd
        if self.weight is None or self.bias is None:
            return Xhat.copy(), (Xhat, rstd, self.training)
        Y = Xhat * self.weight
        Y += self.bias
        return Y, (Xhat, rstd, self.training)

    def _batch_mean(self, X: Array) -> Array:
        if len(X) < 2:
            raise ValueError(f"{self!r}: X has {len(X)} value per feature, but training needs at least 2")
        return sum_rows(X) / len(X)

    def _batch_variance(self, centred: Array) -> Array:
        return np.einsum("sn,sn->n", centred, centred) / len(centred)

    def _track(self, mu: Array, var: Array, count: int) -> None:
        self.num_batches_tracked += 1
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean += share * (mu - self.running_mean)
        self.running_var += share * (var * (count / (count - 1)) - self.running_var)

    def backward(self, dY: Array, cache: tuple[Array, Array, bool]) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        Xhat, rstd, of_batch = cache
        if dY.ndim == 3:
            dX, grads = self.backward(as_rows(dY), cache)
            return from_rows(dX, dY.shape), grads
        check_cotangent(self, dY, Xhat.shape)
        dbias = sum_rows(dY)
        dweight = np.einsum("sn,sn->n", dY, Xhat)
        if of_batch:
            dX = Xhat * (dweight / -len(dY))
            dX += dY
            dX -= dbias / len(dY)
            dX *= rstd if self.weight is None else rstd * self.weight
        else:
            dX = dY * (rstd if self.weight is None else rstd * self.weight)
        return dX, {} if self.weight is None else {"weight": dweight, "bias": dbias}


def sum_rows(X: Array) -> Array:
    """Return 1ᵀ X: the BLAS adds rows about twice as fast as `X.sum(axis=0)`."""
    return np.ones(len(X), X.dtype) @ X


def as_rows(X: Array) -> Array:
    """Bring (S, N, L) to (S L, N)."""
    return X.transpose(0, 2, 1).reshape(-1, X.shape[1])


def from_rows(rows: Array, shape: tuple[int, ...]) -> Array:
    """Bring (S L, N) back to (S, N, L)."""
    S, N, L = shape
    return rows.reshape(S, L, N).transpose(0, 2, 1)
