"""What other libraries' arrays are in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.check.model.problem import Array


def to_numpy(value: Any) -> Array:
    """Return an array, or a tensor, as an array."""
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
