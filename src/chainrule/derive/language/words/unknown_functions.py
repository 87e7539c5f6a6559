"""Functions that a person leaves open, such as h in `Y[i,j] = h(X[i,j])`; h' is the derivative of h, h'' that of h'.

What holds for h holds for every smooth function, so h is evaluated as one drawn at random, from its name:
h(x) = c + Σ a sin(w x + p), which is positive in most places and negative in some, and all whose derivatives are known.
"""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

CUSTOMARY = frozenset({"f", "g", "h", "F", "G", "H", "phi", "psi", "φ", "ψ", "ϕ"})  # read as functions undeclared
WAVES = 4


def python_name(name: str) -> str:
    """The name of an unknown function in Python: h_prime for h'."""
    return name.replace("'", "_prime")


def draw_function(name: str) -> Callable[[Any, Any, Any], Any]:
    """The values of an unknown function, or a derivative of one, at x, given the sine and cosine of an arithmetic."""
    base = name.rstrip("'")
    order = len(name) - len(base)
    rng = np.random.default_rng(zlib.crc32(base.encode()))
    offset = float(rng.integers(40, 56)) / 64
    waves = [tuple(float(k) / 64 for k in rng.integers((24, 16, 0), (64, 130, 400))) for _ in range(WAVES)]
    sign = -1 if order % 4 in (2, 3) else 1

    def value(x: Any, sine: Any, cosine: Any) -> Any:
        wave = cosine if order % 2 else sine
        return (0 if order else offset) + sum(sign * a * w**order * wave(w * x + p) for a, w, p in waves)

    return value
