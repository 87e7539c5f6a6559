"""Shapes that a forward takes, read off its own complaints where no scheme of names suits.

Every axis of every array is given a size of its own, a prime. What the forward says of two sizes that do not fit tells
which two axes are one; they are made so, and it is asked again.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure
from chainrule.check.model.names import BIASES, LABELS, MASKS
from chainrule.check.model.target import generator

PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107)
SIZES = (4, 5, 3, 6, 2, 7, 8, 9, 10, 11, 12, 13)  # of the axes that are told apart in the end
MOST_DIFFERENT = 3  # small letters whose axes are told apart
FITTED = 2  # a stream of random numbers of its own
CLASHES = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"\(size (\d+) is different from (\d+)\)",  # a matrix product of NumPy's
        r"not aligned: (\d+) \(dim \d+\) != (\d+) \(dim",  # np.dot
        r"at index \d+ has size (\d+) and the array at index \d+ has size (\d+)",  # np.concatenate
        r"cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)",  # PyTorch
        r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        r"Expected size (\d+) but got size (\d+)",
        r"square matrices, but they are (\d+) by (\d+) matrices",
        r"Incompatible shapes of A and B .*\((\d+)x\d+ and (\d+)x\d+\)",
        r"contracting dimensions to have the same shape, got \((\d+),\) and \((\d+),\)",  # JAX
    )
)
SHAPES = re.compile(  # of NumPy's arrays and of JAX's
    r"(?:could not be broadcast together with|incompatible) shapes[^(]*\(([\d, ]+)\),? (?:and )?\(([\d, ]+)\)",
    re.IGNORECASE,
)
SMALL = re.compile("b[a-z]?[0-9]?$|[a-z]$")  # bz, b1, p: what is more often a vector than a matrix
Run = Callable[[Mapping[str, Any]], Any]


def fit_inputs(base: Mapping[str, Any], fixed: Collection[str], run: Run, seed: int) -> Iterator[dict[str, Any]]:
    """Yield inputs that a forward takes, of other shapes than those in `base`; the `fixed` ones stay as they are.

    run(inputs) returns what the forward returns, or a Failure. The first array is tried with two, three and one axes,
    and as a column; what is called like a bias, or by a small letter, as a vector, a row, a column, a number or a
    matrix.
    """
    free = [name for name, held in base.items() if name not in fixed and _may_be_an_array(name, held)]
    if not free:
        return
    first, *rest = free
    small = [name for name in rest if SMALL.match(name) or name.lower().rstrip("0123456789") in BIASES - {"b"}]
    for axes, own in itertools.product(((0, 0), (0, 0, 0), (0,), (0, 1)), _list_patterns(len(small))):
        patterns = {first: axes, **{n: (0,) * max(np.ndim(base[n]), 2) for n in rest}}
        if (shapes := _fit(patterns | dict(zip(small, own, strict=True)), base, run)) is not None:
            yield _draw(shapes, base, seed)


def _list_patterns(count: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield what so many arrays may be: all vectors, rows, columns, numbers or matrices, then a few that differ."""
    yield from ((each,) * count for each in ((0,), (1, 0), (0, 1), (), (0, 0)))
    if 1 < count <= MOST_DIFFERENT:
        mixed = itertools.product(((0,), (0, 0), ()), repeat=count)
        yield from (each for each in mixed if len(set(each)) > 1)


def _may_be_an_array(name: str, held: Any) -> bool:
    """Whether what was drawn for an argument is an array of floats, or a number for a letter that may be one."""
    is_array = isinstance(held, np.ndarray) and held.ndim > 0 and held.dtype.kind == "f"
    return is_array or (len(name) == 1 and isinstance(held, int | float) and not isinstance(held, bool))


def _fit(
    patterns: Mapping[str, tuple[int, ...]], base: Mapping[str, Any], run: Run
) -> dict[str, tuple[int, ...]] | None:
    """Return shapes that the forward takes; in a pattern, 1 is an axis of that size, and 0 one that is to be found."""
    primes = iter(PRIMES)
    shapes = {name: tuple(size or next(primes, 0) for size in pattern) for name, pattern in patterns.items()}
    if not all(size for shape in shapes.values() for size in shape):
        return None
    for _ in range(len(PRIMES)):
        found = run(_draw(shapes, base, 0))
        if not isinstance(found, Failure):
            return _shrink(shapes, base, run)
        own = {size for shape in shapes.values() for size in shape if size > 1}
        pair = next(((a, b) for a, b in list_clashes(str(found.error)) if a in own or b in own), None)
        if pair is None and "must be square" in str(found.error):  # NumPy does not say which
            pair = next(((s[-2], s[-1]) for s in shapes.values() if len(set(s[-2:])) > 1), None)
        if pair is None:
            return None
        old, new = pair if pair[0] in own else pair[::-1]
        shapes = {name: tuple(new if size == old else size for size in shape) for name, shape in shapes.items()}
    return None


def _shrink(shapes: dict[str, tuple[int, ...]], base: Mapping[str, Any], run: Run) -> dict[str, tuple[int, ...]]:
    """Return the shapes with smaller sizes, where the forward takes these as well."""
    found = [size for size in dict.fromkeys(itertools.chain(*shapes.values())) if size in PRIMES]
    smaller = dict(zip(found, SIZES, strict=False))
    small = {name: tuple(smaller.get(size, size) for size in shape) for name, shape in shapes.items()}
    return shapes if isinstance(run(_draw(small, base, 0)), Failure) else small


def list_clashes(message: str) -> Iterator[tuple[int, int]]:
    """Yield the pairs of sizes that a message of NumPy's or PyTorch's says do not fit."""
    for pattern in CLASHES:
        if match := pattern.search(message):
            yield int(match[1]), int(match[2])
    if match := SHAPES.search(message):
        left, right = ([int(size) for size in sizes.split(",") if size.strip()] for sizes in match.groups())
        yield from (
            (a, b) for a, b in zip(reversed(left), reversed(right), strict=False) if a != b and a != 1 and b != 1
        )


def _draw(shapes: Mapping[str, tuple[int, ...]], base: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return arrays of these shapes: of labels a single 1 in each row, of a mask 0 and 1; the rest as in `base`."""
    rng = generator(seed, FITTED)

    def draw(name: str, shape: tuple[int, ...]) -> Any:
        if name.lower() in LABELS and len(shape) > 1:
            return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        if name.lower() in MASKS:
            return (rng.random(shape) < 0.7) * 1.0
        return rng.normal(0.2, 1.0, shape)

    return {name: draw(name, shapes[name]) if name in shapes else held for name, held in base.items()}
