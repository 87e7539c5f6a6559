"""The standard normal distribution, which GELU needs and NumPy lacks.

The lower tail is Φ(−t) = exp(−t²/2) m(t) for t ≥ 0, where m (Mills' ratio over √(2π)) falls smoothly from 1/2 to 0, so
that one polynomial serves all t and no digits are lost far out. With v = 2k / (t + k), which maps [0, ∞) to (0, 2],

    m(t) = v (a_0 + a_1 (1 − v) + a_2 (1 − v)² + …).

The map is that of M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in
0 ≤ x < ∞", Mathematics of Computation 36 (1981) 249-253. The coefficients interpolate m(t)/v at the Chebyshev nodes and
were computed to 60 digits: relative error 1.2e-8 for float32, 5e-17 for float64, both below rounding.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.layers.base import Array

# k, then a_0, a_1, …
SINGLE = (
    3.5,
    (0.10634515363370545, -0.08079455838985344, 0.04506072256475791, -0.016578435056261498, 0.002486579819126106,
     0.0009236048681004374, -0.0004541408429553098, -5.968122831045013e-05, 6.467055996119036e-05,
     4.947885831643421e-06, -7.109555622109492e-06),
)  # fmt: skip
DOUBLE = (
    5.0,
    (0.07691930497500629, -0.06653825028900577, 0.04953056159699768, -0.03135331566712138, 0.016502036617034282,
     -0.006911863870881433, 0.0020795066800941616, -0.000299337673822322, -7.978694094808064e-05, 5.4489883090093e-05,
     -5.937567328648866e-06, -4.9761771189792185e-06, 1.6681099115863467e-06, 3.977912640593242e-07,
     -2.7693378710438543e-07, -3.310698071526862e-08, 4.340262594829775e-08, 3.5818400515432234e-09,
     -6.782555313291155e-09, -5.015649939857857e-10, 9.446827519677367e-10, 5.037302126379856e-11,
     -8.166192624428986e-11),
)  # fmt: skip

FAR = 40.0  # beyond it exp(−t²/2) is 0 even in float64


def normal_cdf_and_density(X: Array) -> tuple[Array, Array]:
    """Return Φ(X) and φ(X) = exp(−X²/2) / √(2π), in the dtype of X."""
    k, coefficients = SINGLE if X.dtype == np.float32 else DOUBLE
    T = np.minimum(np.maximum(X, -X), FAR)  # |X|
    bell = T * T
    bell *= -0.5
    np.exp(bell, out=bell)
    T += k
    v = np.divide(2 * k, T, out=T)
    tail = polynomial(1 - v, coefficients)
    tail *= v
    tail *= bell
    above = X > 0
    cdf = (1 - 2 * above.astype(X.dtype)) * tail  # Φ(−t) = tail, Φ(t) = 1 − tail
    cdf += above
    bell *= 1 / math.sqrt(2 * math.pi)
    return cdf, bell


def polynomial(U: Array, coefficients: tuple[float, ...]) -> Array:
    """Return a_0 + a_1 U + a_2 U² + … by Horner's rule."""
    total = U * coefficients[-1]
    for a in coefficients[-2:0:-1]:
        total += a
        total *= U
    total += coefficients[0]
    return total
