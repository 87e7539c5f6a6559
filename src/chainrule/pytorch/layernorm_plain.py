"""Layer normalisation of rows in plain PyTorch operations: the formulas, which autograd differentiates to any order.

Indices
    s  row      i j  feature

Forward
    mean[s]   = mean[i](x[s,i])
    rstd[s]   = 1 / sqrt(mean[i]((x[s,i] - mean[s])^2) + eps)
    xhat[s,i] = (x[s,i] - mean[s]) * rstd[s]
    y[s,i]    = gamma[i] * xhat[s,i] + beta[i]

Backward
    dbeta[i]  = sum[s](dy[s,i])
    dgamma[i] = sum[s](dy[s,i] * xhat[s,i])
    g[s,i]    = dy[s,i] * gamma[i]
    dx[s,i]   = rstd[s] * (g[s,i] - mean[j](g[s,j]) - xhat[s,i] * mean[j](g[s,j] * xhat[s,j]))

Why: the two means in dx are what flows back through `mean` and through `rstd`; taken for constants, they are lost.

Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, section 3.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

UNSCALED = 2.0**40  # rows with no entry beyond this are taken as they are: their squares are far from overflow


def normalize(x: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Return xhat (S, N) and rstd (S, 1) of the rows of x (S, N).

    A row with huge entries is divided by `scale` first, which cancels in xhat: squares of 1e20 overflow float32. The
    mean is subtracted twice because the first one is rounded: rows of 10000 ± 1 in float32 would lose four digits.
    """
    scale = (x.detach().abs().amax(-1, keepdim=True) / UNSCALED).clamp(min=1)
    d = x / scale
    d = d - d.mean(-1, keepdim=True)
    d = d - d.mean(-1, keepdim=True)
    small = (eps / scale.square()).clamp(min=min(eps, 1e-12))  # it may vanish; a constant row stays 0, not 0 * inf
    rstd = (d.square().mean(-1, keepdim=True) + small).rsqrt()
    return d * rstd, rstd / scale


def project(v: Tensor, xhat: Tensor, rstd: Tensor) -> Tensor:
    """Return J v, row by row, where J[i,j] = d(xhat[s,i])/d(x[s,j]), which is symmetric: it serves both directions.

    Of v (S, N) it takes away the mean and the part along xhat, which move the row's mean and deviation only.
    """
    return rstd * (v - v.mean(-1, keepdim=True) - xhat * (v * xhat).mean(-1, keepdim=True))


def differentiate(
    dy: Tensor, x: Tensor | None, gamma: Tensor | None, eps: float, needs: Sequence[bool]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return dx (S, N), dgamma (N,) and dbeta (N,), None where not needed, from the cotangent dy (S, N).

    x may be None where only dbeta is needed, gamma where dx is not. Half precision is differentiated in float32.
    """
    dx = dgamma = None
    dy = dy.to(torch.promote_types(dy.dtype, torch.float32))
    if x is not None:
        xhat, rstd = normalize(x.to(dy.dtype), eps)
        dx = project(dy * gamma, xhat, rstd) if gamma is not None else None
        dgamma = (dy * xhat).sum(0) if needs[1] else None
    return dx, dgamma, dy.sum(0) if needs[2] else None
