"""Batch normalisation of images and the Gaussian error linear unit after it, in one.

Indices
    s r  sample      c  channel      h i  row      w j  column

Forward
    mu[c]         = mean[s,h,w](X[s,c,h,w])
    var[c]        = mean[s,h,w]((X[s,c,h,w] - mu[c])^2)
    Xhat[s,c,h,w] = (X[s,c,h,w] - mu[c]) / sqrt(var[c] + eps)
    Z[s,c,h,w]    = weight[c] * Xhat[s,c,h,w] + bias[c]
    P[s,c,h,w]    = (1 + erf(Z[s,c,h,w] / sqrt(2))) / 2
    Y[s,c,h,w]    = Z[s,c,h,w] * P[s,c,h,w]

Backward
    dZ[s,c,h,w]    = dY[s,c,h,w] * (P[s,c,h,w] + Z[s,c,h,w] * exp(-Z[s,c,h,w]^2 / 2) / sqrt(2 * pi))
    dweight[c]     = sum[s,h,w](dZ[s,c,h,w] * Xhat[s,c,h,w])
    dbias[c]       = sum[s,h,w](dZ[s,c,h,w])
    dXhat[s,c,h,w] = weight[c] * dZ[s,c,h,w]
    dX[s,c,h,w]    = (dXhat[s,c,h,w] - mean[r,i,j](dXhat[r,c,i,j])
                      - Xhat[s,c,h,w] * mean[r,i,j](dXhat[r,c,i,j] * Xhat[r,c,i,j])) / sqrt(var[c] + eps)

Why: each Y depends on its own Z, whose slope is the gate P and Z times the normal density; from there on it is batch
normalisation. In training the slope is kept: to find P and the density again takes longer than to read it back.
"""

from __future__ import annotations

from chainrule.layers.activations.gelu import apply_gelu
from chainrule.layers.activations.normal import normal_cdf_and_density
from chainrule.layers.base import Array
from chainrule.layers.normalization.batch_norm_activation import BatchNormActivation2d


class BatchNormGELU2d(BatchNormActivation2d):
    """`Y = Z ∘ Φ(Z)`, `Z = γ ∘ (X − μ) / √(σ² + ε) + β`: `BatchNorm2d` and `GELU` one after the other, but faster.

    Arguments, parameters, buffers and shapes are those of `BatchNorm2d`. Each thread takes some rows at a time, which
    stay in its cache from the first operation on them to the last.
    """

    in_cache = 1 << 17  # there are some thirty operations on each part
    keeps_slopes = True

    def _activate(self, Z: Array, slope: Array | None) -> None:
        apply_gelu(Z, slope, Z)

    def _find_slope(self, Z: Array) -> Array:
        P, density = normal_cdf_and_density(Z)
        density *= Z
        density += P
        return density
