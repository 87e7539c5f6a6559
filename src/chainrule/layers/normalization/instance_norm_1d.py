"""Instance normalisation of sequences: each channel of each sample has mean 0 and variance 1 over its own steps.

Indices
    s  sample      c  channel      t r  step

Forward
    mu[s,c]     = mean[t](X[s,c,t])
    var[s,c]    = mean[t]((X[s,c,t] - mu[s,c])^2)
    Xhat[s,c,t] = (X[s,c,t] - mu[s,c]) / sqrt(var[s,c] + eps)
    Y[s,c,t]    = weight[c] * Xhat[s,c,t] + bias[c]

Backward
    dweight[c]   = sum[s,t](dY[s,c,t] * Xhat[s,c,t])
    dbias[c]     = sum[s,t](dY[s,c,t])
    dXhat[s,c,t] = weight[c] * dY[s,c,t]
    dX[s,c,t]    = (dXhat[s,c,t] - mean[r](dXhat[s,c,r]) - Xhat[s,c,t] * mean[r](dXhat[s,c,r] * Xhat[s,c,r]))
                   / sqrt(var[s,c] + eps)

Why: this is group normalisation with one channel in each group. X[s,c,t] reaches the outputs of its own channel and
sample alone; what is left of dXhat is orthogonal to 1 and to Xhat. (Ulyanov, Vedaldi and Lempitsky, 2016,
arXiv:1607.08022.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array
from chainrule.layers.normalization.group_norm import GroupNorm


class InstanceNorm1d(GroupNorm):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each channel of each sample over its steps.

    Parameters with `affine=True`: weight γ (N), all 1 at first, and bias β (N), all 0; without it, which is PyTorch's
    default, none. Input (S, N, T), output of the same shape. Training and evaluation compute the same; training needs
    two steps at least, else a ValueError.
    """

    axes: tuple[str, ...] = ("T",)

    def __init__(
        self, num_features: int, eps: float = 1e-5, *, affine: bool = False, dtype: DTypeLike = np.float32
    ) -> None:
        super().__init__(num_features, num_features, eps, affine, dtype=dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.num_channels}{self._describe_affine()})"

    def _describe_affine(self) -> str:
        return "" if self.weight is None else ", affine=True"

    def _check_shape(self, X: Array) -> None:
        if X.ndim != 2 + len(self.axes) or X.shape[1] != self.num_channels:
            axes = ", ".join(self.axes)
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.num_channels}, {axes})")
