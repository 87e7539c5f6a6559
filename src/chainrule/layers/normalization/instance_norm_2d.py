"""Instance normalisation of images: each channel of each image has mean 0 and variance 1 over its own places.

Indices
    s  sample      c  channel      h i  row      w j  column

Forward
    mu[s,c]       = mean[h,w](X[s,c,h,w])
    var[s,c]      = mean[h,w]((X[s,c,h,w] - mu[s,c])^2)
    Xhat[s,c,h,w] = (X[s,c,h,w] - mu[s,c]) / sqrt(var[s,c] + eps)
    Y[s,c,h,w]    = weight[c] * Xhat[s,c,h,w] + bias[c]

Backward
    dweight[c]     = sum[s,h,w](dY[s,c,h,w] * Xhat[s,c,h,w])
    dbias[c]       = sum[s,h,w](dY[s,c,h,w])
    dXhat[s,c,h,w] = weight[c] * dY[s,c,h,w]
    dX[s,c,h,w]    = (dXhat[s,c,h,w] - mean[i,j](dXhat[s,c,i,j])
                      - Xhat[s,c,h,w] * mean[i,j](dXhat[s,c,i,j] * Xhat[s,c,i,j])) / sqrt(var[s,c] + eps)

Why: batch normalisation takes its statistics over the batch as well; here each image has its own, so an image reaches
no other image's outputs, and training and evaluation compute the same. What is left of dXhat is orthogonal to 1 and to
Xhat within each channel of each image. (Ulyanov, Vedaldi and Lempitsky, 2016, arXiv:1607.08022.)
"""

from __future__ import annotations

from chainrule.layers.normalization.instance_norm_1d import InstanceNorm1d


class InstanceNorm2d(InstanceNorm1d):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each channel of each image over its places.

    Input (S, N, H, W), output of the same shape. Arguments and parameters are those of `InstanceNorm1d`; training needs
    two places at least.
    """

    axes = ("H", "W")
