"""The functions of whole matrices, one row each: inverse, determinant, Cholesky factor.

Their values are those of a stack of square matrices, in any number: floats, complex numbers, decimals. Where a matrix
has no such value (it is singular, or not positive definite), it is nan.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Compare,
    Delta,
    Div,
    Expr,
    MatrixFunction,
    Position,
    Reduce,
    Where,
    add,
    index_value,
    mul,
    neg,
    num,
)
from chainrule.derive.language.subscripts import Affine

Slope = Callable[[MatrixFunction, str, str, str], Expr]


@dataclass(frozen=True)
class Row:
    """A function of a square matrix M.

    slope: ∂value/∂M[k,l], given the function, k, l and one more letter that nothing else has.
    values: the values at matrices, an array whose last two axes are rows and columns.
    is_matrix: whether the value is a matrix, of the same size.
    numpy, latex: source with … for the matrix.
    """

    slope: Slope
    values: Callable[[Any], Any]
    is_matrix: bool
    numpy: str
    latex: str


def _inverse(function: MatrixFunction, row: Affine | str, column: Affine | str) -> MatrixFunction:
    """The entry of the inverse of the matrix that a function is taken of."""
    places = tuple(Affine.of(place) if isinstance(place, str) else place for place in (row, column))
    return MatrixFunction("inv", function.indices, function.body, places)


def _slope_of_inverse(inverse: MatrixFunction, k: str, m: str, spare: str) -> Expr:
    """∂(M⁻¹) = -M⁻¹ ∂M M⁻¹."""
    i, j = inverse.places
    return neg(mul(_inverse(inverse, i, k), _inverse(inverse, m, j)))


def _slope_of_determinant(determinant: MatrixFunction, k: str, m: str, spare: str) -> Expr:
    """∂det M = det M tr(M⁻¹ ∂M) (Jacobi)."""
    return mul(determinant, _inverse(determinant, m, k))


def _slope_of_factor(factor: MatrixFunction, k: str, m: str, spare: str) -> Expr:
    """∂L = L Φ(L⁻¹ ∂S L⁻ᵀ) with S = (M + Mᵀ) / 2; Φ keeps what is below the diagonal and half of the diagonal."""
    i, j = factor.places
    whole = MatrixFunction("chol", factor.indices, factor.at(*factor.indices))
    twice = add(
        mul(num(2), Where(Compare("<", index_value(j), Position(spare)), ONE, ZERO)), Delta(j, Affine.of(spare))
    )
    inside = add(
        mul(_inverse(whole, spare, k), _inverse(whole, j, m)), mul(_inverse(whole, spare, m), _inverse(whole, j, k))
    )
    left = MatrixFunction("chol", factor.indices, factor.body, (i, Affine.of(spare)))
    return Div(Reduce("sum", (spare,), mul(left, twice, inside)), num(4))


def differentiate(function: MatrixFunction, k: str, m: str, spare: str, of: Callable[[Expr], Expr]) -> Expr:
    """∂f(M) = Σ ∂f/∂M[k,m] ∂M[k,m]; the letters are new ones, and `of` is the derivative of an entry."""
    row, column = function.indices
    inner = of(function.body.rename({row: Affine.of(k), column: Affine.of(m)}))
    return Reduce("sum", (k, m), mul(MATRIX_FUNCTIONS[function.function].slope(function, k, m, spare), inner))


def _each(value: Callable[[Any], Any], matrices: Any, is_matrix: bool) -> Any:
    """A function of one matrix, of each in a stack."""
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    found = np.empty((len(flat), *(flat.shape[1:] if is_matrix else ())), dtype=matrices.dtype)
    for k, matrix in enumerate(flat):
        try:
            found[k] = value(matrix)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            found[k] = Decimal("NaN") if matrices.dtype == object else np.nan
    return found.reshape(matrices.shape if is_matrix else matrices.shape[:-2])


def _eliminated(matrix: Any) -> tuple[Any, Any]:
    """Determinant and inverse by elimination, in exact or decimal numbers."""
    size = len(matrix)
    rows = np.concatenate([matrix, 0 * matrix + np.eye(size, dtype=int)], axis=1)
    determinant = 1
    for k in range(size):
        pivot = k + int(np.argmax([abs(value) for value in rows[k:, k]]))
        if pivot != k:
            rows[[k, pivot]] = rows[[pivot, k]]
            determinant = -determinant
        determinant = determinant * rows[k, k]
        rows[k] = rows[k] / rows[k, k]
        for other in range(size):
            if other != k:
                rows[other] = rows[other] - rows[other, k] * rows[k]
    return determinant, rows[:, size:]


def _inverses(matrices: Any) -> Any:
    one = (lambda m: _eliminated(m)[1]) if matrices.dtype == object else np.linalg.inv
    return _each(one, matrices, True)


def _determinants(matrices: Any) -> Any:
    def exact(matrix: Any) -> Any:
        try:
            return _eliminated(matrix)[0]
        except ZeroDivisionError:
            return 0 * matrix[0, 0]

    return _each(exact if matrices.dtype == object else np.linalg.det, matrices, False)


def _factors(matrices: Any) -> Any:
    return _each(_factor, matrices, True)


def _factor(matrix: Any) -> Any:
    """Lower triangular L with L Lᵀ = (M + Mᵀ) / 2; nothing is conjugated, so that a complex step goes through."""
    size = len(matrix)
    factor = 0 * matrix
    root = Decimal.sqrt if matrix.dtype == object else lambda value: value**0.5
    for k in range(size):
        for i in range(k, size):
            rest = (matrix[i, k] + matrix[k, i]) / 2 - factor[i, :k] @ factor[k, :k]
            if i == k and not np.real(rest) > 0:
                raise ArithmeticError("not positive definite")
            factor[i, k] = root(rest) if i == k else rest / factor[k, k]
    return factor


MATRIX_FUNCTIONS = {
    "inv": Row(_slope_of_inverse, _inverses, True, "np.linalg.inv(…)", "{…}^{-1}"),
    "det": Row(_slope_of_determinant, _determinants, False, "np.linalg.det(…)", r"\det …"),
    "chol": Row(_slope_of_factor, _factors, True, "np.linalg.cholesky(…)", r"\operatorname{chol} …"),
}
