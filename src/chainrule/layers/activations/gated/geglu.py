"""Gated unit: the second half of the features, times the Gaussian error linear unit of the first.

Indices
    s  sample      q  half      n  feature

Forward
    P[s,n] = (1 + erf(X[s,0,n] / sqrt(2))) / 2
    G[s,n] = X[s,0,n] * P[s,n]
    Y[s,n] = G[s,n] * X[s,1,n]

Backward
    dA[s,n]   = dY[s,n] * X[s,1,n] * (P[s,n] + X[s,0,n] * exp(-X[s,0,n]^2 / 2) / sqrt(2 * pi))
    dB[s,n]   = dY[s,n] * G[s,n]
    dX[s,q,n] = delta[q,0] * dA[s,n] + delta[q,1] * dB[s,n]

Why: an output depends on two inputs, one in each half, and is a product. The second half gets the cotangent times the
gate, the first the cotangent times the second half and the slope of the gate, the normal distribution function plus x
times the normal density. X holds both halves side by side, so dX does. (Shazeer, 2020, arXiv:2002.05202.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.activations.gated.gated_unit import GatedUnit
from chainrule.layers.activations.normal import normal_cdf_and_density
from chainrule.layers.base import Array


class GEGLU(GatedUnit):
    """`Y = gelu(A) ∘ B` of the halves A and B of X along axis `dim`; input (…, 2 N), output (…, N)."""

    def _gate(self, A: Array, gate: Array, slope: Array) -> None:
        P, density = normal_cdf_and_density(A)
        np.multiply(A, P, out=gate)
        np.multiply(A, density, out=slope)
        slope += P
