"""Matrix products on all cores, and products of few rows, cut so small that the BLAS does not copy their factors.

OpenBLAS first copies both factors of a product to where they lie as it reads them, which for few rows takes as long as
the multiplications do. Where it has AVX-512 it multiplies in place what has at most IN_PLACE multiplications: a product
that is cut into such pieces, which NumPy makes with one call, takes three quarters of the time.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from chainrule.layers.base import Array
from chainrule.threads import blas, cut, run_parts

PARTS = 4  # of a product, at most: pieces of fewer rows are slow
IN_PLACE = 1_000_000  # multiplications, at most, of a product in place
ARCHITECTURES = {"SkylakeX", "Cooperlake", "SapphireRapids"}  # of OpenBLAS: those that have it
LEAST = 16  # columns or rows of a piece, at least


def multiply(A: Array, B: Array, out: Array, addend: Array | None = None) -> None:
    """Write A B, plus the addend in each row, by parts of the rows.

    The threads of the BLAS would still be waiting, awake, when other work begins.
    """

    def compute(rows: slice) -> None:
        np.matmul(A[rows], B, out=out[rows])
        if addend is not None:
            out[rows] += addend

    run_parts(compute, cut_rows(len(A)))


def cut_rows(count: int) -> list[slice]:
    """Cut the rows of a product into at most PARTS."""
    return cut(count, -(-count // PARTS))


def multiply_rows(A: Array, B: Array, out: Array) -> Array:
    """Write A B to `out` and return it, (…, M, K) and (…, K, N), in pieces of the rows of A."""
    pieces = count_pieces(A.shape[-2], A.shape[-1] * B.shape[-1]) if B.strides[-1] == B.itemsize else 1
    A, parts = split_rows(A, pieces), split_rows(out, pieces)
    np.matmul(A, B[..., None, :, :], out=parts)
    return out


def split_rows(A: Array, pieces: int) -> Array:
    """The view (…, pieces, M / pieces, K) of (…, M, K)."""
    return A.reshape(*A.shape[:-2], pieces, A.shape[-2] // pieces, A.shape[-1])


def cut_columns(U: Array, rows: int) -> Array:
    """Return a copy of U (…, K, N) in pieces of columns (…, pieces, K, N / pieces), for products with so many rows."""
    K, N = U.shape[-2:]
    return np.ascontiguousarray(split_columns(U, count_pieces(N, rows * K)))


def split_columns(U: Array, pieces: int) -> Array:
    """The view (…, pieces, K, N / pieces) of (…, K, N)."""
    return U.reshape(*U.shape[:-1], pieces, U.shape[-1] // pieces).swapaxes(-3, -2)


def multiply_columns(A: Array, U: Array, out: Array) -> Array:
    """Write A U to `out` (…, M, N) and return it, given U as `cut_columns` returns it."""
    np.matmul(A, U, out=split_columns(out, U.shape[-3]))
    return out


def count_pieces(length: int, depth: int) -> int:
    """Return into how many equal pieces to cut an axis of which each entry costs `depth` multiplications."""
    if not multiplies_in_place():
        return 1
    fitting = (n for n in range(1, length // LEAST + 1) if not length % n and length // n * depth <= IN_PLACE)
    return next(fitting, 1)


@cache
def multiplies_in_place() -> bool:
    """Whether the BLAS makes small products without copying their factors."""
    return any(library.info().get("architecture") in ARCHITECTURES for library in blas())
