"""Affine map of each row of a batch.

Indices
    s  sample      m  input feature      n  output feature

Forward
    Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]

Backward
    dX[s,m] = sum[n](dY[s,n] * W[n,m])
    dW[n,m] = sum[s](dY[s,n] * X[s,m])
    db[n]   = sum[s](dY[s,n])

Why: Y[s,n] meets X[r,m] only when s = r, through W[n,m]; the Kronecker delta removes the sum over samples and leaves
the sum over n. The bias reaches every sample, so its gradient is summed over all of them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_features, uniform


class Linear(Layer):
    """`Y = X Wᵀ + 1 bᵀ`.

    Parameters: weight W (N, M), bias b (N), or None with `bias=False`; both start as U(-1/√M, 1/√M), PyTorch's default.
    Input (S, M) or (…, M), output (S, N) or (…, N).

    The weight has PyTorch's shape but lies in memory column by column: then both products that run over a batch,
    `X Wᵀ` and `Xᵀ dY`, read and write whole rows, which the BLAS does about a tenth faster.
    """

    parameter_names = freezable = ("weight", "bias")

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.in_features = as_size("Linear", "in_features", in_features, 0)
        self.out_features = as_size("Linear", "out_features", out_features, 1)
        bound = 1 / math.sqrt(in_features) if in_features else 0.0
        self.weight: Array = np.asfortranarray(uniform(rng, bound, (out_features, in_features), dtype))
        self.bias: Array | None = uniform(rng, bound, (out_features,), dtype) if bias else None

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features}{'' if self.bias is not None else ', bias=False'})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is X."""
        check_features(self, X, -1, self.in_features)
        Y = X @ self.weight.T  # (S,M)(M,N) -> (S,N)
        if self.bias is not None:
            Y += self.bias
        return Y, X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        grads = self.parameter_gradients(dY, cache)  # dW = dYᵀ X and db = dYᵀ 1, below
        dX = dY @ self.weight  # (S,N)(N,M) -> (S,M)
        return dX, grads

    def parameter_gradients(self, dY: Array, cache: Array) -> Arrays:
        """Return the gradients of weight and bias alone."""
        check_cotangent(self, dY, (*cache.shape[:-1], self.out_features))
        X, dY = cache.reshape(-1, self.in_features), dY.reshape(-1, self.out_features)
        grads = {}
        if "weight" in self.parameter_names:
            grads["weight"] = (X.T @ dY).T  # ((M,S)(S,N))ᵀ -> (N,M)
        if self.bias is not None and "bias" in self.parameter_names:
            grads["bias"] = dY.sum(axis=0)  # (S,N) -> (N)
        return grads
