"""Batch normalisation of images: each channel has mean 0 and variance 1 over batch and places, then scale and shift.

Indices
    s r  sample      c  channel      h i  row      w j  column

Forward
    mu[c]         = mean[s,h,w](X[s,c,h,w])
    var[c]        = mean[s,h,w]((X[s,c,h,w] - mu[c])^2)
    Xhat[s,c,h,w] = (X[s,c,h,w] - mu[c]) / sqrt(var[c] + eps)
    Y[s,c,h,w]    = weight[c] * Xhat[s,c,h,w] + bias[c]

Backward
    dweight[c]     = sum[s,h,w](dY[s,c,h,w] * Xhat[s,c,h,w])
    dbias[c]       = sum[s,h,w](dY[s,c,h,w])
    dXhat[s,c,h,w] = weight[c] * dY[s,c,h,w]
    dX[s,c,h,w]    = (dXhat[s,c,h,w] - mean[r,i,j](dXhat[r,c,i,j])
                      - Xhat[s,c,h,w] * mean[r,i,j](dXhat[r,c,i,j] * Xhat[r,c,i,j])) / sqrt(var[c] + eps)

Why: a channel at every place of every image is one feature, and mu and var are made from all of its values; so this is
batch normalisation of rows, one for each place. What is left of dXhat is orthogonal to 1 and to Xhat, as moving a
channel along either changes no output. (Ioffe and Szegedy, 2015, arXiv:1502.03167, section 3.2.)
"""

from __future__ import annotations

from chainrule.layers.base import Array
from chainrule.layers.normalization.batch_norm import BatchNorm


class BatchNorm2d(BatchNorm):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each channel over the batch and all places.

    Input (S, C, H, W), output of the same shape, which lies in memory channels last. Parameters, buffers, training and
    evaluation are those of `BatchNorm1d`, a feature being a channel.
    """

    def _check_shape(self, X: Array) -> None:
        if X.ndim != 4 or X.shape[1] != self.num_features:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.num_features}, H, W)")
