"""The error function for arrays, which NumPy does not have."""

import math
from typing import Any

import numpy as np

_erf = np.frompyfunc(math.erf, 1, 1)


def erf(x: Any) -> Any:
    """The error function, elementwise, in the type of `x`.

    A complex `x` is taken to have a tiny imaginary part, as in a complex step: erf(a + ib) = erf(a) + ib erf'(a).
    """
    x = np.asarray(x)
    if np.iscomplexobj(x):
        return erf(x.real) + 1j * x.imag * (2 / math.sqrt(math.pi)) * np.exp(-(x.real**2))
    return np.asarray(_erf(x)).astype(x.dtype if x.dtype.kind == "f" else np.float64)
