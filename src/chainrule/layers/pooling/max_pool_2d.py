"""Max pooling: of each window of each channel, the largest number.

Indices
    s  sample          c  channel
    h  input row       w  input column
    i  output row      j  output column
    a  window row      e  window column

Forward
    V[s,c,i,j,a,e] = X[s,c,sh*i+a-ph,sw*j+e-pw] - P[i,j,a,e]
    Y[s,c,i,j]     = max[a,e](V[s,c,i,j,a,e])

Backward
    dV[s,c,i,j,a,e] = dY[s,c,i,j] * where(V[s,c,i,j,a,e] == Y[s,c,i,j], 1, 0)
    dX[s,c,h,w]     = sum[i,j](dV[s,c,i,j,h+ph-sh*i,w+pw-sw*j])

Why: strides are sh and sw, paddings ph and pw, for rows and columns, and V holds the windows. An output moves with the
one entry of its window that it was taken from, and an input gathers from all windows that it lies in. P is infinite
where a window reaches over the edge of the image, so that nothing there is the largest, and 0 elsewhere. Where entries
of a window are equal, the code gives the cotangent to the first of them, row by row, as PyTorch does.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.memory import empty
from chainrule.layers.pooling.pooling import Pooling, Window


class MaxPool2d(Pooling):
    """`Y = max X` over windows.

    `kernel_size`, `stride` (that of the kernel where not given) and `padding` are a number, or a pair for rows and
    columns; padding counts as -∞ and is at most half of the kernel, else a ValueError. Input (S, C, H, W), output
    (S, C, I, J) with I = (H + 2 padding - kernel) // stride + 1, and columns alike.
    """

    def _pool(self, X: Array) -> tuple[Array, tuple[list[Array], list[Array]]]:
        # Columns first: of equal entries, the first of each row is found, and then the first of these rows.
        across, taken_across = pool_along(X, 2, self.columns)
        Y, taken_down = pool_along(across, 1, self.rows)
        return Y, (taken_across, taken_down)

    def _spread(self, dY: Array, cache: tuple[list[Array], list[Array]], shape: tuple[int, ...]) -> Array:
        taken_across, taken_down = cache
        dacross = spread_along(dY, taken_down, 1, self.rows, shape[1])
        return spread_along(dacross, taken_across, 2, self.columns, shape[2])


def pool_along(X: Array, axis: int, window: Window) -> tuple[Array, list[Array]]:
    """Return the largest entry of each window and, for each entry but the last, last to first, where it was taken.

    An entry is taken where it is not smaller than all those after it; the one taken last, which is the first, stays.
    """
    n = X.shape[axis]
    Y = np.full((*X.shape[:axis], window.count(n), *X.shape[axis + 1 :]), -np.inf, X.dtype)
    last, *before = (window.meet(a, axis, n) for a in reversed(range(window.size)))
    Y[last[0]] = X[last[1]]
    taken = []
    for outputs, inputs in before:
        entries, largest = X[inputs], Y[outputs]
        taken.append(np.greater_equal(entries, largest, out=empty(largest.shape, bool)))
        np.maximum(entries, largest, out=largest)
    return Y, taken


def spread_along(dY: Array, taken: list[Array], axis: int, window: Window, n: int) -> Array:
    """Return dX, with n places along the axis: each dY goes to the entry that was taken last."""
    dX = np.zeros((*dY.shape[:axis], n, *dY.shape[axis + 1 :]), dY.dtype)
    left = dY.copy()
    *before, last = (window.meet(a, axis, n) for a in range(window.size))
    for (outputs, inputs), was_taken in zip(before, reversed(taken), strict=True):
        share = left[outputs] * was_taken
        dX[inputs] += share
        left[outputs] -= share
    dX[last[1]] += left[last[0]]
    return dX
