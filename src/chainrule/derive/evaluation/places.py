"""Random elements of index arrays: whole numbers along the axis that they lead along, some of them twice."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.evaluation.branches import constant_of
from chainrule.derive.evaluation.evaluator import check_places
from chainrule.derive.evaluation.sizes import infer_sizes
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Compare
from chainrule.derive.language.programs.program import Program

REPEATS = 0.7  # how often one element is made equal to another: gradients add up there


def draw_places(program: Program, sizes: Mapping[str, int], rng: np.random.Generator) -> dict[str, Array]:
    """Places for every index array of a program; `sizes` are those of its dimensions."""
    of = program.dimensions.of
    drawn = {}
    for name in sorted(program.index_arrays):
        shape = tuple(sizes[of[letter]] for letter in program.axes(name))
        places = rng.integers(0, extent_of(name, program, sizes), size=int(np.prod(shape)))
        if places.size > 1 and rng.random() < REPEATS:
            one, other = rng.choice(places.size, 2, replace=False)
            places[one] = places[other]
        drawn[name] = places.reshape(shape)
    return drawn


def extent_of(name: str, program: Program, sizes: Mapping[str, int]) -> int:
    """How many places the elements of an index array can lead to."""
    return sizes[program.dimensions.of[program.dimensions.values[name]]]


def is_place(value: float, extent: int, compared: Collection[float]) -> bool:
    """Whether an element may have a value: a place, or a number that it is compared with, as -100 of a label."""
    return value == int(value) and (0 <= value < extent or value in compared)


def numbers_beside(name: str, claims: Iterable[Compare]) -> set[float]:
    """The numbers in the comparisons of an array."""
    numbers = [constant_of(node) for claim in claims if name in claim.names for node in claim.walk()]
    return {float(number) for number in numbers if number is not None}


def as_places(program: Program, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The index arrays among the inputs as integers. Raises EquationError where an element leads to no place."""
    scalars = {name: float(np.real(value)) for name, value in arrays.items() if not np.ndim(value)}
    found = {name: np.asarray(arrays[name], dtype=float) for name in program.index_arrays}
    sizes = infer_sizes(program, {name: np.shape(arrays[name]) for name in program.inputs}, scalars) if found else {}
    for name, places in found.items():
        check_places(name, places)
        extent = extent_of(name, program, sizes)
        if name not in program.marked_places and not np.all((places >= 0) & (places < extent)):
            outside = places[(places < 0) | (places >= extent)][0]
            raise EquationError(f"`{name}` holds {outside:g}; expected places from 0 to {extent - 1}")
    return {name: places.astype(int) for name, places in found.items()}
