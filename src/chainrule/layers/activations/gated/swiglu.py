"""Gated unit: the second half of the features, times the sigmoid linear unit (swish) of the first.

Indices
    s  sample      q  half      n  feature

Forward
    R[s,n] = 1 / (1 + exp(-X[s,0,n]))
    G[s,n] = X[s,0,n] * R[s,n]
    Y[s,n] = G[s,n] * X[s,1,n]

Backward
    dA[s,n]   = dY[s,n] * X[s,1,n] * (R[s,n] + G[s,n] * (1 - R[s,n]))
    dB[s,n]   = dY[s,n] * G[s,n]
    dX[s,q,n] = delta[q,0] * dA[s,n] + delta[q,1] * dB[s,n]

Why: an output depends on two inputs, one in each half, and is a product. The second half gets the cotangent times the
gate, the first the cotangent times the second half and the slope of the gate, R + G (1 − R). X holds both halves side
by side, so dX does. (Shazeer, 2020, arXiv:2002.05202.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.activations.gated.gated_unit import GatedUnit
from chainrule.layers.activations.sigmoid import sigmoid
from chainrule.layers.base import Array


class SwiGLU(GatedUnit):
    """`Y = silu(A) ∘ B` of the halves A and B of X along axis `dim`; input (…, 2 N), output (…, N).

    After a `Linear` of 2 N features this is the gated unit of Shazeer's and Llama's feed-forward blocks.
    """

    def _gate(self, A: Array, gate: Array, slope: Array) -> None:
        R = sigmoid(A)
        np.multiply(A, R, out=gate)
        np.subtract(1, R, out=slope)
        slope *= gate
        slope += R
