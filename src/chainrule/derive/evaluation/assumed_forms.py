"""Inputs brought to what is assumed of them in a known form: sums, symmetry, norms of 1, orthonormal columns, signs."""

from collections.abc import Callable, Iterable

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import ONE, Call, Compare, Delta, Expr, Mul, Num, Pow, Reduce, Ref
from chainrule.derive.language.printer import show


def satisfy_forms(claims: Iterable[Compare], inputs: dict[str, Array]) -> None:
    """Change the inputs so that claims of a known form hold; exact numbers stay exact."""
    for claim in claims:
        if claim.relation != "==":
            continue
        if (pair := two_valued_form(claim)) and pair[0] in inputs:
            inputs[pair[0]] = choose_of_two(inputs[pair[0]], pair[1])
            continue
        if (unit := unit_form(claim)) and unit[0].name in inputs:
            inputs[unit[0].name] = _on_sphere(inputs[unit[0].name], _axes(*unit))
            continue
        if (columns := orthonormal_form(claim)) and columns[0] in inputs:
            inputs[columns[0]] = _along(columns[1], _orthonormal, inputs[columns[0]])
            continue
        match claim.left, claim.right:
            case Reduce("sum", _, Mul() | Pow()), Delta():
                raise EquationError(
                    f"`{show(claim.left)} = {show(claim.right)}` can't be assumed; expected a sum of entries, "
                    "symmetry, a norm of 1, or orthonormal rows or columns"
                )
            case Reduce("sum", letters, Ref(name) as element), Num(value) if name in inputs:
                positive = abs(inputs[name])
                whole = value if positive.dtype == object else float(value)
                total = positive.sum(axis=_axes(element, letters), keepdims=True)
                inputs[name] = positive / np.where(total == 0, 1, total) * whole
            case Ref(name, indices), Ref(other, swapped) if name == other and swapped == indices[::-1] != indices:
                if name in inputs and inputs[name].shape == inputs[name].T.shape:
                    inputs[name] = (inputs[name] + inputs[name].T) / 2


def two_valued_form(claim: Compare) -> tuple[str, int] | None:
    """The array whose entries are assumed to be 1 or another number, and that number: −1 of y² = 1, 0 of y² = y."""
    match claim.left, claim.right:
        case Pow(Ref(name) as entry, Num(power)), right if power == 2 and right in (ONE, entry):
            return name, -1 if right == ONE else 0
    return None


def choose_of_two(array: Array, other: int) -> Array:
    """Ones and `other` at random, as the last digits of an array's entries have it."""
    odd = np.vectorize(lambda value: int(abs(value) * 1021) % 2, otypes=[bool])(array)
    return np.where(odd, 1, other).astype(np.asarray(array).dtype)


def unit_form(claim: Compare) -> tuple[Ref, tuple[str, ...]] | None:
    """The array whose squares are assumed to add up to 1, or that has a norm of 1, and the indices of the sum."""
    left: Expr = claim.left
    if isinstance(left, Call) and left.function == "sqrt":
        left = left.arguments[0]
    match left, claim.right:
        case Reduce("sum", letters, Pow(Ref() as element, Num(power))), Num(value) if power == 2 and value == 1:
            return element, letters
    return None


def orthonormal_form(claim: Compare) -> tuple[str, int] | None:
    """The matrix whose columns, or rows, are assumed to be orthonormal, and the axis along which they stand."""
    match claim.left, claim.right:
        case (
            Reduce("sum", (letter,), Mul((Ref(name, (first, second)), Ref(other, (third, fourth))))),
            Delta(one, two),
        ) if name == other and one != two:
            for axis, along, ends in ((0, (first, third), (second, fourth)), (1, (second, fourth), (first, third))):
                if all(index.letter == letter for index in along) and {*ends} == {one, two}:
                    return name, axis
    return None


def polish(array: Array, axis: int) -> Array:
    """A matrix whose columns (axis 0) or rows are orthonormal but for rounding, with half of it: U (3 - UᵀU) / 2."""
    return _along(axis, lambda U: (3 * U - U @ (U.T @ U)) / 2, array)


def _along(axis: int, change: Callable[[Array], Array], array: Array) -> Array:
    return change(array) if axis == 0 else change(array.T).T


def _orthonormal(array: Array) -> Array:
    """Orthonormal columns: those of a product of reflections 1 - 2 v vᵀ / vᵀv, which fractions allow.

    Columns longer than there are rows cannot be; such a matrix stays as it is.
    """
    rows, columns = array.shape
    if rows < columns:
        return array
    product = np.eye(rows, dtype=int).astype(array.dtype)
    for vector in array.T:
        product = product - 2 * np.outer(product @ vector, vector) / (vector @ vector)
    return product[:, :columns]


def _axes(element: Ref, letters: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(k for k, index in enumerate(element.indices) if index.letter in letters)


def _on_sphere(array: Array, axes: tuple[int, ...]) -> Array:
    """The array with squares that add up to 1 along axes, by stereographic projection, which fractions allow."""
    moved = np.moveaxis(array, axes, range(-len(axes), 0))
    flat = moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1)
    plane = flat[..., :-1]
    square = (plane**2).sum(axis=-1, keepdims=True)
    point = np.concatenate([2 * plane / (square + 1), (square - 1) / (square + 1)], axis=-1)
    return np.moveaxis(point.reshape(moved.shape), range(-len(axes), 0), axes)
