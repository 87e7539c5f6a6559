"""Winograd's convolution for 3×3 kernels of stride 1: fewer multiplications, by way of polynomials.

A row of m outputs and a kernel of 3 entries meet n = m + 2 inputs, and the outputs cost 3 m multiplications. But they
are coefficients of a product of two polynomials, and a polynomial is known by its values at n points, where a product
costs one multiplication each: transform both to values, multiply, transform back,

    y = Aᵀ ((G w) ∘ (Bᵀ x)),        in two dimensions        Y = Aᵀ ((G W Gᵀ) ∘ (Bᵀ X B)) A.

So a tile of 4×4 outputs takes 36 multiplications in place of 144, one of 2×2 takes 16 in place of 36. With channels,
each of the n² entries of all tiles is a matrix (tiles, C), and each of these multiplications a product with a matrix
(C, F). A transform is one matrix product as well, where the entries of a tile are laid in one column: vec(Bᵀ X B) is
(Bᵀ ⊗ Bᵀ) vec(X). In this form, an entry being t,

    U = (G ⊗ G) W,    V = (Bᵀ ⊗ Bᵀ) X,    M[t] = V[t] U[t],    Y = (Aᵀ ⊗ Aᵀ) M,

and the backward is that of three linear maps and a product, each map turned round:

    dM = (A ⊗ A) dY,    dV[t] = dM[t] U[t]ᵀ,    dX = (B ⊗ B) dV,    dU[t] = V[t]ᵀ dM[t],    dW = (Gᵀ ⊗ Gᵀ) dU.

(Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016, arXiv:1509.09308.) For m = 2 the points are
0, ±1 and ∞. For m = 4 the usual ones, 0, ±1, ±2 and ∞, have four times the error of 0, ±1/√2, ±√2 and ∞, which
cost no more where a transform is a matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm, add_bias
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.tiles import Tiles
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts

POINTS = {2: (0.0, 1.0, -1.0), 4: (0.0, *(sign * p for p in (math.sqrt(1 / 2), math.sqrt(2)) for sign in (1, -1)))}
COLUMNS = 256  # of a transform's product at once
REUSE = 4  # tiles of which there must be one for so many channels, to repay a copy of the kernel turned round
CHANNELS = 16  # of a kernel at once: a cache line of its transpose


class Transforms(NamedTuple):
    """The transforms of tiles, n² or m² entries each, and of kernels, 9 entries; `back` turned round."""

    input: Array  # Bᵀ ⊗ Bᵀ  (n², n²)
    kernel: Array  # G ⊗ G  (n², 9)
    output: Array  # Aᵀ ⊗ Aᵀ  (m², n²)
    input_back: Array
    kernel_back: Array
    output_back: Array


@cache
def make_transforms(m: int, dtype: np.dtype) -> Transforms:
    """The transforms for tiles of m × m outputs."""
    forth = [np.kron(matrix, matrix).astype(dtype) for matrix in make_matrices(POINTS[m])]
    return Transforms(*forth, *(np.ascontiguousarray(matrix.T) for matrix in forth))


def make_matrices(points: Sequence[float]) -> tuple[Array, Array, Array]:
    """Bᵀ (n, n), G (n, 3) and Aᵀ (m, n) for these n − 1 points and infinity, with m = n − 2.

    G holds the powers of the points, so that it makes values of the kernel's polynomial of its coefficients, divided by
    Lagrange's denominators; A those for the outputs' polynomial. The rows of Bᵀ are the coefficients of Lagrange's
    numerators, Π (x − p) over all points but one; for infinity, over all of them.
    """
    n = len(points) + 1
    others = [[q for q in points if q != p] for p in points]
    Bt = np.array([*([*np.poly(rest)[::-1], 0] for rest in others), np.poly(points)[::-1]])
    divisors = np.array([math.prod(p - q for q in rest) for p, rest in zip(points, others, strict=True)])
    A, G = (np.vander([*points, 0.0], size, increasing=True) for size in (n - 2, 3))
    A[-1], G[-1] = np.eye(n - 2)[-1], np.eye(3)[-1]  # at infinity, the highest coefficient
    G[:-1] /= divisors[:, None]
    return Bt, G, A.T


class Winograd(Algorithm):
    """3×3 kernels of stride 1, any padding, in tiles of m × m outputs, m = 2 or 4."""

    def __init__(self, geometry: Geometry, m: int) -> None:
        super().__init__(geometry)
        self.m, self.entries = m, (m + 2) ** 2

    @staticmethod
    def fits(geometry: Geometry) -> bool:
        """Whether a convolution is of this kind."""
        return geometry.kernel == (3, 3) and geometry.stride == (1, 1)

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is V in training, X (a quarter to a half of its size) in evaluation."""
        dtype = np.result_type(X, W)
        transforms, tiles = make_transforms(self.m, dtype), Tiles.of(self.m, X.shape, self.geometry)
        U = self.transform_kernel(W, dtype)
        V = self.empty(len(X) * tiles.number, X.shape[3], dtype) if training else None
        Y = empty(self.output_shape(X.shape, W.shape[3]), dtype)

        def compute(samples: slice) -> None:
            part = None if V is None else V[:, tiles.of_samples(samples)]
            M = multiply_each(multiply(transforms.input, tiles.gather_input(X[samples]), out=part), U)
            tiles.scatter_output(multiply(transforms.output, M), Y[samples])
            add_bias(Y[samples], b)

        run_parts(compute, tiles.cut_samples(len(X)))
        return Y, X if V is None else V

    def transform_input(self, X: Array, dtype: np.dtype) -> Array:
        """Return V."""
        transforms, tiles = make_transforms(self.m, dtype), Tiles.of(self.m, X.shape, self.geometry)
        V = self.empty(len(X) * tiles.number, X.shape[3], dtype)

        def compute(samples: slice) -> None:
            multiply(transforms.input, tiles.gather_input(X[samples]), out=V[:, tiles.of_samples(samples)])

        run_parts(compute, tiles.cut_samples(len(X)))
        return V

    def transform_cotangent(self, dY: Array, shape: tuple[int, ...]) -> Array:
        """Return dM."""
        transforms, tiles = make_transforms(self.m, dY.dtype), Tiles.of(self.m, shape, self.geometry)
        dM = self.empty(len(dY) * tiles.number, dY.shape[3], dY.dtype)

        def compute(samples: slice) -> None:
            multiply(transforms.output_back, tiles.gather_output(dY[samples]), out=dM[:, tiles.of_samples(samples)])

        run_parts(compute, tiles.cut_samples(len(dY)))
        return dM

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX."""
        dM, dtype = dY, np.result_type(dY, W)
        transforms, tiles = make_transforms(self.m, dtype), Tiles.of(self.m, shape, self.geometry)
        if len(dM[0]) * REUSE > shape[3]:
            Ut = self.transform_kernel(W.transpose(0, 1, 3, 2), dtype)
        else:
            Ut = self.transform_kernel(W, dtype).transpose(0, 2, 1)
        dX = empty(shape, dtype)

        def compute(samples: slice) -> None:
            dV = multiply_each(dM[:, tiles.of_samples(samples)], Ut)
            tiles.scatter_input(multiply(transforms.input_back, dV), dX[samples])

        run_parts(compute, tiles.cut_samples(len(dX)))
        return dX

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        dM, dtype = dY, np.result_type(dY, kept)
        V = self.transform_input(kept, dtype) if kept.ndim == 4 else kept
        C, F = V.shape[2], dM.shape[2]
        transforms = make_transforms(self.m, dtype)
        dU, dW = self.empty(C, F, dtype), empty((3, 3, C, F), dtype)
        run_parts(lambda t: np.matmul(V[t].transpose(0, 2, 1), dM[t], out=dU[t]), cut(self.entries, 1))
        dW_kernels = dW.reshape(9, C, F)

        def compute(c: slice) -> None:
            multiply(transforms.kernel_back, dU[:, c], out=dW_kernels[:, c])

        run_parts(compute, cut(C, CHANNELS))
        return dW

    def transform_kernel(self, W: Array, dtype: np.dtype) -> Array:
        """Return U."""
        transforms, (C, F) = make_transforms(self.m, dtype), W.shape[2:]
        U = self.empty(C, F, dtype)

        def compute(c: slice) -> None:
            multiply(transforms.kernel, np.ascontiguousarray(W[:, :, c]).reshape(9, -1, F), out=U[:, c])

        run_parts(compute, cut(C, CHANNELS))
        return U

    def empty(self, rows: int, columns: int, dtype: np.dtype) -> Array:
        """A matrix (rows, columns) for each entry of a tile, with a gap between them.

        At a distance of a power of two, all of them would compete for the same few places of the cache.
        """
        return empty((self.entries, rows + 1, columns), dtype)[:, :-1]


def multiply(transform: Array, tiles: Array, out: Array | None = None) -> Array:
    """Return transform (k, n) times tiles (n, P, C), as (k, P, C), in `out` where it is given.

    For a matrix as small as a transform, the BLAS is nearly twice as fast with few columns at a time.
    """
    if out is None:
        out = empty((len(transform), *tiles.shape[1:]), np.result_type(transform, tiles))
    rows, out_rows = as_rows(tiles), as_rows(out)
    whole = rows.shape[1] - rows.shape[1] % COLUMNS
    np.matmul(transform, cut_columns(rows[:, :whole]), out=cut_columns(out_rows[:, :whole]))
    np.matmul(transform, rows[:, whole:], out=out_rows[:, whole:])
    return out


def cut_columns(rows: Array) -> Array:
    """The view (·, n, COLUMNS) of a matrix (n, ·), as matrices of COLUMNS columns."""
    return rows.reshape(len(rows), -1, COLUMNS).transpose(1, 0, 2)


def multiply_each(A: Array, B: Array) -> Array:
    """Return the products of the matrices A (n, P, C) and B (n, C, F)."""
    return np.matmul(A, B, out=empty((*A.shape[:2], B.shape[2]), B.dtype))


def as_rows(matrices: Array) -> Array:
    """The view (n, P·C) of n matrices (P, C), each of which lies row by row."""
    return matrices.reshape(len(matrices), -1)
