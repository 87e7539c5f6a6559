"""The plain convolution that tests hold the fast ones to: every window is a row of a matrix, for one product.

The matrix (im2col) is as many times larger than the input as the kernel has entries, nine times for a 3×3.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm, add_bias, from_matrix, to_matrix


class Reference(Algorithm):
    """Any kernel, stride and padding."""

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        Y = self.geometry.copy_windows(X) @ to_matrix(W)
        add_bias(Y, b)
        return Y, X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX: each window's gradient is added where the window came from."""
        return self.geometry.add_windows(dY @ to_matrix(W).T, shape)

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        dmatrix = np.tensordot(self.geometry.copy_windows(kept), dY, axes=((0, 1, 2), (0, 1, 2)))
        return from_matrix(dmatrix, self.geometry)
