"""Features in a new order, some of them perhaps several times, others not at all.

Indices
    s  sample      m  input feature      k  output feature

Forward
    Y[s,k] = X[s,index[k]]

Backward
    dX[s,m] = sum[k](where(index[k] == m, dY[s,k], 0))

Why: an output is a copy of one feature, so a feature's gradient is the sum over its copies, 0 where it has none. Of a
permutation each feature has one copy: its backward is the inverse permutation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_features
from chainrule.layers.embedding import add_rows


class Gather(Layer):
    """`Y = X[:, index]`, as `torch.index_select` along axis 1.

    index (K): for each output feature the input feature that it is a copy of, a whole number from 0 to M - 1; it is not
    trained, and no part of the state dict. Input (S, M), output (S, K). Raises ValueError for an index that is none.
    """

    def __init__(self, in_features: int, index: ArrayLike) -> None:
        self.in_features = as_size("Gather", "in_features", in_features, 1)
        self.index: Array = np.asarray(index)
        if self.index.ndim != 1 or not self.index.size or self.index.dtype.kind not in "iu":
            raise ValueError("Gather: index must be a vector of whole numbers, of one at least")
        if self.index.min() < 0 or self.index.max() >= in_features:
            raise ValueError(
                f"Gather: index runs from {self.index.min()} to {self.index.max()}, "
                f"but must lie in 0 … {in_features - 1}"
            )

    def __repr__(self) -> str:
        return f"Gather({self.in_features}, {self.index.size} of them)"

    def forward(self, X: Array) -> tuple[Array, tuple[int, ...]]:
        """Return Y; the cache is the shape of X."""
        check_features(self, X, 1, self.in_features)
        return X.take(self.index, axis=1), X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        check_cotangent(self, dY, (cache[0], self.index.size))
        return add_rows(self.index, np.ascontiguousarray(dY.T), self.in_features).T, {}
