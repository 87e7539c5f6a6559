"""Muon: the momentum of a matrix, with all its singular values brought near 1 (`torch.optim.Muon`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from chainrule.optim.base import Array, SingleRule, require
from chainrule.threads import cut, run_parts

QUINTIC = (3.4445, -4.775, 2.0315)  # of Jordan: the steepest slope at 0, so that small singular values grow soonest
IN_CACHE = 1 << 16  # entries of a stack that one thread orthogonalises at a time
ADJUSTMENTS = ("original", "match_rms_adamw", "none")


class Muon(SingleRule):
    """`v ← μ v + (1-μ) g`, `u = (1-μ) g + μ v` (with Nesterov, else v), `p ← (1 - lr λ) p - lr a O(u)`.

    g gradient, v velocity (starts at 0), λ weight decay, and O the nearest matrix with orthogonal rows or columns, as
    `orthogonalise` finds it. A parameter of more axes, such as a filter (F, C, A, E), is taken as a matrix
    (F, C A E); one of fewer than two is a ValueError. For a matrix (N, M), a is √max(1, N/M) where `adjust_lr_fn` is
    "original", 0.2 √max(N, M) where it is "match_rms_adamw", and 1 where it is "none". With `fixed_norm`, each
    parameter is brought to the Frobenius norm √N before its update. With `stacked`, a parameter of three axes or more
    is a stack of matrices (…, N, M), as of a block-diagonal one, and each of them is treated by itself.
    Source: Jordan and others, "Muon: An optimizer for hidden layers in neural networks", 2024
    (kellerjordan.github.io/posts/muon), in the form of `torch.optim.Muon`; fixed norms are airbench94's (Jordan, 2024,
    arXiv:2404.00498).
    """

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.1,
        *,
        ns_coefficients: tuple[float, float, float] = QUINTIC,
        ns_steps: int = 5,
        eps: float = 1e-7,
        adjust_lr_fn: str = "original",
        fixed_norm: bool = False,
        stacked: bool = False,
    ) -> None:
        require(0 <= momentum < 1, f"momentum is {momentum}, but must be in [0, 1)")
        require(ns_steps >= 1, f"ns_steps is {ns_steps}, but must be at least 1")
        require(
            adjust_lr_fn in ADJUSTMENTS,
            f"adjust_lr_fn is {adjust_lr_fn!r}, but must be one of {', '.join(ADJUSTMENTS)}",
        )
        for name, p in params.items():
            require(p.ndim >= 2, f"Muon takes matrices and filters, but {name} has shape {p.shape}")
        self.momentum, self.nesterov, self.fixed_norm, self.stacked = momentum, nesterov, fixed_norm, stacked
        self.ns_coefficients, self.ns_steps, self.eps, self.adjust_lr_fn = ns_coefficients, ns_steps, eps, adjust_lr_fn
        super().__init__(params, lr, weight_decay, "momentum_buffer")

    def _update_all(self, groups: Sequence[tuple[Array, ...]]) -> None:
        parts: list[tuple[Array, ...]] = []
        for group in groups:
            p = group[0]
            if self.stacked and p.ndim > 2:
                cuts = cut(len(p), IN_CACHE // p[0].size)
                parts += [tuple(array[part] for array in group) for part in cuts]
            else:
                self._update(*group)  # a whole matrix, whose products have all the threads of the BLAS
        run_parts(lambda part: self._update(*part), parts)

    def _update(self, p: Array, g: Array, *rest: Array) -> None:
        v = rest[0]
        v *= self.momentum
        v += (1 - self.momentum) * g
        update = (1 - self.momentum) * g + self.momentum * v if self.nesterov else v
        shape = (-1, *p.shape[-2:]) if self.stacked else (len(p), -1)
        matrix = orthogonalise(update.reshape(shape), self.ns_steps, self.ns_coefficients, self.eps)
        if self.fixed_norm:
            norm = np.linalg.norm(p, axis=(-2, -1), keepdims=True) if self.stacked else np.linalg.norm(p)
            p *= math.sqrt(matrix.shape[-2]) / np.maximum(norm, self.eps)
        p *= 1 - self.lr * self.weight_decay
        p -= self.lr * adjust_lr(self.adjust_lr_fn, *matrix.shape[-2:]) * matrix.reshape(p.shape)


def orthogonalise(
    G: Array, steps: int = 5, coefficients: tuple[float, float, float] = QUINTIC, eps: float = 1e-7
) -> Array:
    """Return G (…, N, M) with the singular values of each matrix moved towards 1: about U Vᵀ where G = U Σ Vᵀ.

    Newton and Schulz's iteration: X ← a X + (b X Xᵀ + c (X Xᵀ)²) X, after X = G / |G|, is the polynomial
    σ ← a σ + b σ³ + c σ⁵ of each singular value. With the usual coefficients it brings those above about 0.003 |G| to
    between 0.7 and 1.2 in five steps, and no nearer.
    """
    a, b, c = coefficients
    tall = G.shape[-2] > G.shape[-1]
    X = G.swapaxes(-2, -1) if tall else G  # the smaller of the two products X Xᵀ and Xᵀ X
    X = X / np.maximum(np.linalg.norm(X, axis=(-2, -1), keepdims=True), eps)
    for _ in range(steps):
        A = X @ X.swapaxes(-2, -1)
        X = a * X + (b * A + c * (A @ A)) @ X
    return X.swapaxes(-2, -1) if tall else X


def adjust_lr(name: str, rows: int, columns: int) -> float:
    """Return the factor of the learning rate for a matrix (rows, columns)."""
    if name == "original":
        return math.sqrt(max(1.0, rows / columns))
    return 0.2 * math.sqrt(max(rows, columns)) if name == "match_rms_adamw" else 1.0


def list_hidden_matrices(params: Mapping[str, Sequence[int]] | Iterable[tuple[str, Sequence[int]]]) -> list[str]:
    """Return which of a network's parameters Muon suits, given their names and shapes in order.

    These are the matrices and filters of all layers but the first and the last that have parameters: what the first
    reads and the last returns are not hidden.
    """
    shapes = dict(params)
    layers = [name.rpartition(".")[0] for name in shapes]
    return [
        name
        for (name, shape), layer in zip(shapes.items(), layers, strict=True)
        if len(shape) >= 2 and layer not in (layers[0], layers[-1])
    ]
