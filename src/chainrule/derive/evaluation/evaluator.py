"""Evaluates programs and expressions literally, in any arithmetic.

Inside one line every index is an axis: all arrays are broadcast over the axes of the indices that they depend on, and
a reduction runs over its axis. Nothing is simplified, so this is what a text means, and what generated code and layers
are held to; it needs memory for the product of all sizes in a line.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array, Floating, Modular
from chainrule.derive.evaluation.sizes import infer_sizes, whole_scalar
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ZERO,
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    MatrixFunction,
    Mul,
    Neg,
    Num,
    Partial,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    split_quotient,
)
from chainrule.derive.language.matrices.functions import MATRIX_FUNCTIONS
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.recurrence.blocks import Block
from chainrule.derive.language.subscripts import Affine, Factor, Lookup, is_index

Perturbation = Callable[[str, tuple[int, ...], Any], Mapping[str, Array]]
Parts = dict[tuple[tuple[str, int], ...], dict[Expr, Array]]  # by the letters that are axes, with their sizes
MOST_PARTS = 1_000


def evaluate(
    program: Program,
    arrays: Mapping[str, Array],
    scalars: Mapping[str, float] | None = None,
    sizes: Mapping[str, int] | None = None,
    arithmetic: Floating | None = None,
) -> dict[str, Array]:
    """Return every array that the program defines, by name.

    arrays: the inputs by name (scalars may stand among them or in `scalars`); shapes as in the program's indices.
    sizes: sizes of letters that no array shows. Raises EquationError for a missing input and for shapes that clash.
    """
    given = {**arrays, **(scalars or {})}
    missing = [name for name in program.inputs if name not in given]
    if missing:
        raise EquationError(f"no value for {', '.join(missing)}; expected one for every input of the program")
    arithmetic = arithmetic or _floating(given.values())
    known = {name: arithmetic.array(value) for name, value in given.items()}
    for name in program.index_arrays & known.keys():
        check_places(name, arithmetic.places(known[name]))
    numbers = {name: given[name] for name in program.ranks if name in given and np.ndim(given[name]) == 0}
    extents = infer_sizes(program, {name: np.shape(value) for name, value in known.items()}, numbers, sizes)
    for block in program.blocks:
        evaluate_block(block, known, extents, arithmetic)
    return {name: known[name] for name in program.defined}


def evaluate_block(
    block: Block, arrays: dict[str, Array], sizes: Mapping[str, int], arithmetic: Floating, stacked: int = 0
) -> None:
    """Put what a block defines into `arrays`; a loop goes step by step.

    stacked: where it is not 0, the first axis of every array counts so many points.
    """
    front = (slice(None),) if stacked else ()
    if not block.is_loop:
        ((target, value),) = block.equations
        arrays[target.name] = evaluate_expr(value, arrays, sizes, target.axes, arithmetic, stacked=stacked)
        return
    for target, _ in block.equations:  # filled step by step; what is not made yet is not read
        shape = [*([stacked] if stacked else []), *(sizes[letter] for letter in target.axes)]
        arrays[target.name] = arithmetic.array(np.zeros(shape, dtype=int))
    target, _ = block.equations[0]
    steps = range(sizes[block.letter(target)])
    with np.errstate(all="ignore"), arithmetic.calculating():
        for step, (target, value) in itertools.product(steps[::-1] if block.descending else steps, block.equations):
            here = {block.letter(target): step}
            turn = _Evaluation([value], arrays, sizes, block.rest(target), arithmetic, None, stacked, here)
            axis = block.axes[target.name]
            arrays[target.name][(*front, *(slice(None),) * axis, step)] = turn.result(value)[()]


def check_places(name: str, places: Array) -> None:
    """Raise EquationError unless all elements of an index array are whole numbers."""
    wrong = places[~(places == np.floor(places))]
    if wrong.size:
        raise EquationError(f"`{name}` stands in a subscript, so it must hold whole numbers, not {wrong[0]}")


def evaluate_expr(
    expr: Expr,
    arrays: Mapping[str, Array],
    sizes: Mapping[str, int],
    letters: tuple[str, ...] = (),
    arithmetic: Floating | None = None,
    perturbed: Perturbation | None = None,
    stacked: int = 0,
    parts: Parts | None = None,
) -> Array:
    """The values of an expression, as an array with one axis for each of `letters`, which are its free indices.

    stacked: where it is not 0, the first axis of every array, and of the result, counts so many points, which are
    evaluated at once; scalars that stand in subscripts are the same at all of them.

    parts: values of parts of other expressions over the same arrays, which are used and added to.

    A derivative `d(…)/d(X[m,n])` has a value in the arithmetics that can `differentiate`; `perturbed(name, place,
    amount)` returns all arrays as they are when `amount` is added to one element of an array, which says what else
    changes with it.
    """
    number = arithmetic or _floating(arrays.values())
    with np.errstate(all="ignore"), number.calculating():
        evaluation = _Evaluation([expr], arrays, sizes, letters, number, perturbed, stacked)
        if parts is not None:
            evaluation.done = parts.setdefault(tuple((letter, sizes[letter]) for letter in evaluation.axis), {})
            if len(evaluation.done) > MOST_PARTS:
                evaluation.done.clear()
        return evaluation.result(expr)


def evaluate_each(
    exprs: Sequence[Expr],
    arrays: Mapping[str, Array],
    sizes: Mapping[str, int],
    letters: tuple[str, ...],
    arithmetic: Floating,
    perturbed: Perturbation,
) -> Iterator[Array]:
    """The values of one expression after the other, as `evaluate_expr` has them; what they share is evaluated once."""
    evaluation = _Evaluation(exprs, arrays, sizes, letters, arithmetic, perturbed)
    for expr in exprs:
        with np.errstate(all="ignore"), arithmetic.calculating():
            values = evaluation.result(expr)
        yield values


def _floating(values: Iterable[Array]) -> Floating:
    """NumPy's arithmetic in the common type of the arrays; a number counts only where it is complex."""
    arrays = [np.asarray(value) for value in values]
    types = [a.dtype for a in arrays if (a.ndim and a.dtype.kind == "f") or a.dtype.kind == "c"]
    return Floating(np.result_type(*types) if types else np.float64)


class _Evaluation:
    def __init__(
        self,
        exprs: Sequence[Expr],
        arrays: Mapping[str, Array],
        sizes: Mapping[str, int],
        letters: tuple[str, ...],
        number: Floating,
        perturbed: Perturbation | None,
        stacked: int = 0,
        fixed: Mapping[str, int] | None = None,
    ) -> None:
        """fixed: indices that have one value here, as the step of a recurrence has in a turn of its loop."""
        self.perturbed, self.stacked, self.fixed = perturbed, stacked, fixed or {}
        self.exprs, self.arrays, self.sizes, self.letters, self.number = exprs, arrays, sizes, letters, number
        self.front = 1 if stacked else 0  # the number of axes before those of the letters
        all_letters = [*letters, *sorted(frozenset().union(*(expr.letters for expr in exprs)) - set(letters))]
        self.axis = {letter: k for k, letter in enumerate(all_letters, self.front)}
        self.rank = self.front + len(all_letters)
        self.done: dict[Expr, Array] = {}
        self.origin: _Evaluation | None = None
        self.moved: set[str] = set()
        self.beside: dict[tuple[str, tuple[int, ...], Any], _Evaluation] = {}  # with an element moved by an amount

    def result(self, expr: Expr) -> Array:
        value = np.asarray(self.value(expr))
        value = value.reshape((1,) * (self.rank - value.ndim) + value.shape)
        value = value.reshape(value.shape[: self.front + len(self.letters)])
        shape = (self.stacked,) * self.front + tuple(self.sizes[letter] for letter in self.letters)
        return (value if value.shape == shape else np.broadcast_to(value, shape)).copy()

    def value(self, expr: Expr) -> Array:
        """The values of an expression, with an axis for every index (of length 1 where it does not depend on it)."""
        if self.origin and self.moved.isdisjoint(expr.names):
            return self.origin.value(expr)
        known = self.done.get(expr)
        if known is None:
            known = self.done[expr] = self.number.reduced(self._value(expr))
        return known

    def _value(self, expr: Expr) -> Array:
        number = self.number
        match expr:  # what is frequent comes first
            case Ref():
                return self._element(expr)
            case Mul(factors):
                return self._guarded(factors, self._chain(factors, np.multiply))
            case Reduce(operation, letters, body):
                return self._reduce(operation, letters, self.value(body))
            case Num(value):
                return number.number(value)
            case Const(name):
                return number.constant(name)
            case Size(letter):
                return number.array(self.sizes[letter])
            case Position(letter):
                return number.array(self._position(letter))
            case Delta(left, right):
                return number.array(np.where(self._subscript(left) == self._subscript(right), 1, 0))
            case Neg(argument):
                return -self.value(argument)
            case Add(terms):
                return self._chain(terms, np.add)
            case Div(a, b):
                return self._guarded(tuple(split_quotient(expr)[0]), number.divide(self.value(a), self.value(b)))
            case Pow(base, exponent):
                return number.power(self.value(base), self.value(exponent))
            case Call(function, arguments):
                return self._call(function, [self.value(argument) for argument in arguments])
            case Compare(relation, left, right):
                return number.compare(relation, self.value(left), self.value(right))
            case Where(condition, then, other):
                asked = self.value(condition)
                chosen = np.where(asked != 0, self.value(then), self.value(other))
                return np.where(asked != asked, asked, chosen) if np.any(asked != asked) else chosen
            case MatrixFunction():
                return self._matrix_function(expr)
            case Partial(of, by):
                return self._difference(of, by)
        raise TypeError(f"no way to evaluate {type(expr).__name__}")

    def _difference(self, of: Expr, by: Ref) -> Array:
        """A derivative, without a rule of calculus: by how much the values differ when one element is changed."""
        if not self.perturbed:
            raise EquationError("a derivative has no value here: what changes with an element is not known")
        letters = by.axes
        spread = len({*letters}) == len(letters) and "" not in letters and of.free.isdisjoint(letters)
        total: Array = self.number.array(np.zeros([1] * self.rank, dtype=int))
        for place in np.ndindex(np.shape(self.arrays[by.name])):
            slope = self.number.differentiate(partial(self._moved, of, by.name, place), self.value(of))
            if spread:
                total = self._placed(total, slope, dict(zip(letters, place, strict=True)))
                continue
            here = np.True_
            for index, k in zip(by.indices, place, strict=True):
                here = here & (self._subscript(index) == k)
            total = total + slope * self.number.array(np.where(here, 1, 0))
        return total

    def _moved(self, of: Expr, name: str, place: tuple[int, ...], amount: Any) -> Array:
        """The values of an expression where an element of an array is moved by an amount."""
        key = name, place, amount
        if key not in self.beside:
            assert self.perturbed
            self.beside[key] = self._with(self.perturbed(*key))
        return self.beside[key].value(of)

    def _placed(self, total: Array, slope: Array, place: Mapping[str, int]) -> Array:
        """The slopes for one element, put at its place along the axes of its indices."""
        shape = list(np.shape(slope) or [1] * self.rank)
        for letter in place:
            shape[self.axis[letter]] = self.sizes[letter]
        total = total if total.shape == tuple(shape) else np.empty(shape, dtype=total.dtype)
        where = [slice(None)] * len(shape)
        for letter, k in place.items():
            where[self.axis[letter]] = slice(k, k + 1)
        total[tuple(where)] = slope
        return total

    def _with(self, arrays: Mapping[str, Array]) -> "_Evaluation":
        """The same evaluation with other arrays; values that do not depend on the changed ones are reused."""
        other = _Evaluation(
            self.exprs, arrays, self.sizes, self.letters, self.number, self.perturbed, self.stacked, self.fixed
        )
        other.origin = self
        other.moved = {name for name, array in arrays.items() if array is not self.arrays.get(name)}
        return other

    def _chain(self, parts: tuple[Expr, ...], operation: Any) -> Array:
        total = self.value(parts[0])
        for part in parts[1:]:
            total = self.number.reduced(operation(total, self.value(part)))
        return total

    def _guarded(self, factors: tuple[Expr, ...], product: Array) -> Array:
        """A product is 0 where a case that is a factor of it is not taken, whatever the others are: 0 log 0 is none."""
        if isinstance(self.number, Modular):
            return product
        for factor in factors:
            if isinstance(factor, Where) and ZERO in (factor.then, factor.other):
                product = np.where(self.value(factor) == 0, self.number.array(0), product)
        return product

    def _call(self, function: str, values: list[Array]) -> Array:
        if function not in ("max", "min"):
            return self.number.call(function, values[0])
        best = values[0]
        for value in values[1:]:
            best = self.number.larger(best, value, 1 if function == "max" else -1)
        return best

    def _reduce(self, operation: str, letters: tuple[str, ...], body: Array) -> Array:
        shape = [1] * self.rank if np.ndim(body) == 0 else list(np.shape(body))
        axes = tuple(self.axis[letter] for letter in letters)
        for letter, axis in zip(letters, axes, strict=True):
            shape[axis] = self.sizes[letter]
        body = body if np.shape(body) == tuple(shape) else np.broadcast_to(body, shape)
        if operation in ("max", "min"):
            return self._folded(body, axes, partial(self.number.larger, sign=1 if operation == "max" else -1))
        if operation == "prod":
            return self._folded(body, axes, lambda a, b: self.number.reduced(a * b))
        total = body.sum(axis=axes, keepdims=True)
        if operation == "sum":
            return total
        count = math.prod(shape[axis] for axis in axes)
        return self.number.divide(self.number.reduced(total), self.number.array(count))

    def _folded(self, body: Array, axes: tuple[int, ...], operation: Callable[[Array, Array], Array]) -> Array:
        for axis in axes:
            places = [(slice(None),) * axis + (slice(k, k + 1),) for k in range(body.shape[axis])]
            whole, body = body, body[places[0]]
            for place in places[1:]:
                body = operation(body, whole[place])
        return body

    def _matrix_function(self, expr: MatrixFunction) -> Array:
        """The value of a function of the matrices that the body holds, or their entries at the places."""
        axes = [self.axis[letter] for letter in expr.indices]
        body = np.asarray(self.value(expr.body))
        shape = [1] * self.rank if body.ndim == 0 else list(body.shape)
        for letter, axis in zip(expr.indices, axes, strict=True):
            shape[axis] = self.sizes[letter]
        stack = np.moveaxis(np.broadcast_to(body, shape), axes, (-2, -1)).copy()
        found = MATRIX_FUNCTIONS[expr.function].values(stack)
        found = np.expand_dims(found, sorted(axes))
        if not expr.places:
            return found
        places = [np.nan_to_num(np.asarray(self._subscript(place)), nan=-1) for place in expr.places]
        whole = np.broadcast_shapes(found.shape[:-2], *(place.shape for place in places))
        size = found.shape[-1]
        matrices = np.broadcast_to(found, (*whole, size, size)).reshape(-1, size, size)
        row, column = (np.broadcast_to(place, whole).ravel() for place in places)
        inside = (row >= 0) & (row < size) & (column >= 0) & (column < size) & (row % 1 == 0) & (column % 1 == 0)
        row, column = (np.clip(place, 0, size - 1).astype(int) for place in (row, column))
        entries = matrices[np.arange(len(matrices)), row, column]
        return np.where(inside, entries, self.number.array(0)).reshape(whole)

    def _position(self, letter: str) -> Array:
        if letter in self.fixed:
            return np.asarray(self.fixed[letter])
        shape = [1] * self.rank
        shape[self.axis[letter]] = self.sizes[letter]
        return np.arange(self.sizes[letter]).reshape(shape)

    def _subscript(self, index: Affine) -> Array:
        total: Array = 0
        for monomial, coefficient in index.terms:
            product: Array = coefficient
            for factor in monomial:
                product = product * self._factor(factor)
            total = total + product
        return total

    def _factor(self, factor: Factor) -> Array:
        """A factor of index arithmetic: a position, a whole scalar, or a place; outside of its array it is nowhere."""
        if isinstance(factor, Lookup):
            return self._gather(self.number.places(self.arrays[factor.name]), factor.indices, lambda: np.nan)
        return self._position(factor) if is_index(factor) else whole_scalar(factor, self.arrays)

    def _whole(self, array: Array, axes: list[int]) -> Array:
        """An array at plain indices that run over all of it, one for each axis: the axes only move."""
        shape = [1] * self.rank
        axes = [*range(self.front), *axes]
        for extent, axis in zip(array.shape, axes, strict=True):
            shape[axis] = extent
        return array.transpose(sorted(range(len(axes)), key=axes.__getitem__)).reshape(shape)

    def _is_fixed(self, index: Affine) -> bool:
        """Whether an index is one whole number here, at all points."""
        return bool(index.letters) and index.letters <= self.fixed.keys() and not index.lookups

    def _element(self, element: Ref) -> Array:
        """An array at its subscripts; 0 where a subscript lies outside."""
        return self._gather(self.arrays[element.name], element.indices, lambda: self.number.array(0))

    def _gather(self, array: Array, indices: tuple[Affine, ...], outside: Callable[[], Array]) -> Array:
        for axis in reversed(range(len(indices) if self.fixed else 0)):
            if self._is_fixed(indices[axis]):
                place, here = int(self._subscript(indices[axis])), self.front + axis
                if not 0 <= place < array.shape[here]:
                    return outside()
                array = np.asarray(array[(slice(None),) * here + (place,)], dtype=array.dtype)
                indices = (*indices[:axis], *indices[axis + 1 :])
        if not indices:
            return array.reshape([-1] + [1] * (self.rank - 1)) if self.front else array
        letters = [index.letter for index in indices]
        extents = array.shape[self.front :]
        if len({*letters}) == len(letters) and extents == tuple(self.sizes.get(letter or "") for letter in letters):
            return self._whole(array, [self.axis[letter or ""] for letter in letters])
        places, inside = [], np.True_
        for extent, index in zip(extents, indices, strict=True):
            place = self._subscript(index)
            if not (index.letter and self.sizes[index.letter] <= extent):
                inside = inside & (place >= 0) & (place < extent)
            if index.lookups:
                inside = inside & (place == np.floor(place))
                place = np.nan_to_num(place)
            places.append(np.minimum(np.maximum(place, 0), max(extent - 1, 0)).astype(int))
        if self.front:
            places.insert(0, np.arange(self.stacked).reshape([-1] + [1] * (self.rank - 1)))
        values = array[tuple(places)]
        return values if inside is np.True_ else np.where(inside, values, outside())
