"""Batch normalisation of images and what passes a rectifier after it, in one: the beginning of a pre-activation block.

Indices
    s r  sample      c  channel      h i  row      w j  column

Forward
    mu[c]         = mean[s,h,w](X[s,c,h,w])
    var[c]        = mean[s,h,w]((X[s,c,h,w] - mu[c])^2)
    Xhat[s,c,h,w] = (X[s,c,h,w] - mu[c]) / sqrt(var[c] + eps)
    Z[s,c,h,w]    = weight[c] * Xhat[s,c,h,w] + bias[c]
    Y[s,c,h,w]    = where(Z[s,c,h,w] > 0, Z[s,c,h,w], 0)

Backward
    dZ[s,c,h,w]    = dY[s,c,h,w] * where(Z[s,c,h,w] > 0, 1, 0)
    dweight[c]     = sum[s,h,w](dZ[s,c,h,w] * Xhat[s,c,h,w])
    dbias[c]       = sum[s,h,w](dZ[s,c,h,w])
    dXhat[s,c,h,w] = weight[c] * dZ[s,c,h,w]
    dX[s,c,h,w]    = (dXhat[s,c,h,w] - mean[r,i,j](dXhat[r,c,i,j])
                      - Xhat[s,c,h,w] * mean[r,i,j](dXhat[r,c,i,j] * Xhat[r,c,i,j])) / sqrt(var[c] + eps)

Why: the rectifier lets the cotangent through where Z is positive, which is where Y is; from there on it is that of
batch normalisation. Of Xhat, Z and Y none is kept: X, mu and var give them again for less than reading them back takes.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.activations.relu import zeros_for
from chainrule.layers.base import Array
from chainrule.layers.normalization.batch_norm_activation import BatchNormActivation2d


class BatchNormReLU2d(BatchNormActivation2d):
    """`Y = max(γ ∘ (X − μ) / √(σ² + ε) + β, 0)`: the same as `BatchNorm2d` and `ReLU` one after the other, but faster.

    Arguments, parameters, buffers and shapes are those of `BatchNorm2d`. Each thread takes some rows at a time, which
    stay in its cache from the first operation on them to the last.
    """

    def _activate(self, Z: Array, slope: Array | None) -> None:
        np.maximum(Z, zeros_for(Z), out=Z)

    def _find_slope(self, Z: Array) -> Array:
        return Z > 0
