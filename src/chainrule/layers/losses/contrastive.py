"""Contrastive loss of a batch of embeddings: each must be nearer to those of its own class than to all others.

Indices
    s r q  sample      n m  feature

Forward
    norm[s] = sqrt(sum[n](X[s,n]^2))
    Z[s,n]  = X[s,n] / norm[s]
    E[s,r]  = sum[n](Z[s,n] * Z[r,n]) / temperature
    L       = sum[s,r](T[s,r] * (log(sum[q](M[s,q] * exp(E[s,q]))) - E[s,r]))

Backward
    dE[s,r] = sum[q](T[s,q]) * M[s,r] * exp(E[s,r]) / sum[q](M[s,q] * exp(E[s,q])) - T[s,r]
    dZ[s,n] = sum[r]((dE[s,r] + dE[r,s]) * Z[r,n]) / temperature
    dX[s,n] = (dZ[s,n] - Z[s,n] * sum[m](dZ[s,m] * Z[s,m])) / norm[s]

Why: row s of E is the logits of sample s against all others: M is 1 but on the diagonal, where it is 0. The targets T
are spread evenly over the others of its class, so dE is that of cross-entropy, softmax minus target. Z[s,n] meets every
sample twice, as s and as r; and dividing by the norm takes away the part of dZ along Z, as stretching an embedding
changes nothing. (Khosla and others, 2020, arXiv:2004.11362, equation 2; with two of each class it is the NT-Xent loss
of Chen, Kornblith, Norouzi and Hinton, 2020, arXiv:2002.05709.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.cross_entropy import softmax_and_log
from chainrule.layers.losses.loss import Loss, check_scores

FAR = 1e30  # taken from the logits on the diagonal: beyond all others, and finite in float32


class ContrastiveCache(NamedTuple):
    """What the backward of the contrastive loss needs."""

    Z: Array
    norm: Array  # a column
    P: Array  # softmax of each row of E, 0 on the diagonal
    T: Array


class ContrastiveLoss(Loss):
    """`L = mean(−Σ log softmax(Z Zᵀ / τ) / |P|)`, over the samples and each one's partners P, of its own class.

    Embeddings X (S, N), each of which is divided by its norm; targets (S) are integers, equal for the samples of a
    class, such as the two views of one picture. Samples without a partner are no anchors, but others are held away from
    them; one pair at least there must be. `temperature` τ must be positive.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        if not temperature > 0:
            raise ValueError(f"ContrastiveLoss: temperature is {temperature!r}, but must be positive")
        self.temperature = float(temperature)

    def __repr__(self) -> str:
        return f"ContrastiveLoss(temperature={self.temperature:g})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, ContrastiveCache]:
        """Return the loss; the cache is a ContrastiveCache."""
        y = np.asarray(targets)
        check_scores(self, X, y)
        norm = np.sqrt((X * X).sum(axis=1, keepdims=True))
        if not norm.all():
            raise ValueError(f"{self!r}: row {int(np.argmin(norm.real))} of X is 0, so it has no direction")
        T, Z = self.spread_targets(y).astype(X.real.dtype), X / norm
        E = Z @ Z.T
        E /= self.temperature
        E[np.diag_indices_from(E)] = -FAR
        P, log_P = softmax_and_log(E)
        return -np.dot(T.ravel(), log_P.ravel()), ContrastiveCache(Z, norm, P, T)

    def backward(self, cache: ContrastiveCache) -> Array:
        """Return dX."""
        Z, norm, P, T = cache
        dE = P * T.sum(axis=1, keepdims=True) - T
        dZ = (dE + dE.T) @ Z
        dZ /= self.temperature
        dZ -= Z * np.einsum("sn,sn->s", dZ, Z)[:, None]
        dZ /= norm
        return dZ

    def spread_targets(self, y: Array) -> Array:
        """Return T (S, S): each anchor's share of 1, spread over its partners."""
        if y.dtype.kind not in "iu":
            raise TypeError(f"{self!r}: targets have dtype {y.dtype}, but class numbers must be integers")
        alike = y[:, None] == y
        np.fill_diagonal(alike, False)
        partners = alike.sum(axis=1)
        if not partners.any():
            raise ValueError(f"{self!r}: no two of the {len(y)} targets are equal, so there is nothing to compare")
        return alike / np.maximum(partners, 1)[:, None] / np.count_nonzero(partners)
