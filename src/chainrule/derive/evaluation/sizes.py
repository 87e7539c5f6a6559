"""The sizes of a program's dimensions, from the shapes of arrays.

An index that no array axis is indexed by alone, such as the output row `i` in `X[i+a]`, runs as far as the array is
left by no more than on the other side: a subscript `i+a-1`, which starts at -1, ends one past the last row. That is the
usual rule for a convolution: stride and padding come out of the subscript.
"""

from collections.abc import Callable, Collection, Mapping

import numpy as np

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.programs.program import OpenSize, Program, find_open_sizes
from chainrule.derive.language.subscripts import Affine, is_index

LARGEST = 60  # of an axis along which windows shift


def infer_sizes(
    program: Program,
    shapes: Mapping[str, tuple[int, ...]],
    scalars: Mapping[str, float] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """The size of every letter. `sizes` may give some beforehand; `scalars` are read where one stands in a subscript.

    Raises EquationError where two axes of one dimension differ, or where nothing gives a size.
    """
    known = _Known(program)
    for letter, size in (sizes or {}).items():
        known.hold(letter, size, "the sizes given")
    for letter, size in program.assumed_sizes.items():
        known.hold(letter, size, "an assumption")
    for name, shape in shapes.items():
        if name in program.dimensions.axes:
            known.hold_shape(name, shape)
    while any(known.solve(found, scalars or {}) for found in find_open_sizes(program, known.size)):
        pass
    of_axes = {letter for axes in program.dimensions.axes.values() for letter in axes}
    for letter in sorted(program.dimensions.of, key=lambda letter: letter in of_axes):
        known.need(letter)
    return {letter: known.size[home] for letter, home in program.dimensions.of.items()}


def give_room(
    sizes: dict[str, int],
    shifted: Collection[str],
    infer: Callable[[dict[str, int]], dict[str, int] | None],
    fixed: Collection[str] = (),
) -> tuple[dict[str, int], dict[str, int] | None]:
    """Sizes in which every index has two places at least, and all that follows from them.

    Where a window fits into an axis once, a wrong step from one to the next shows nowhere. So those axes that are
    `shifted` grow, as far as they must and may; `infer` gives what follows from sizes, None where that is nothing.
    fixed: the dimensions whose size is none to be found.
    """
    first = found = infer(sizes)
    grown = dict(sizes)
    shifted = [home for home in shifted if home in grown and home not in fixed]
    while shifted and _is_narrow(found, fixed) and max(grown[home] for home in shifted) < LARGEST:
        grown |= {home: grown[home] + 1 for home in shifted}
        found = infer(grown)
    return (sizes, first) if _is_narrow(found, fixed) and first is not None else (grown, found)


def _is_narrow(found: dict[str, int] | None, fixed: Collection[str]) -> bool:
    return found is None or any(size < 2 for home, size in found.items() if home not in fixed)


class _Known:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.size: dict[str, int] = {}
        self.source: dict[str, str] = {}

    def hold(self, letter: str, size: int, source: str) -> None:
        home = self.program.dimensions.of.get(letter, letter)
        if self.size.setdefault(home, size) != size:
            raise EquationError(
                f"the index `{home}` runs over {self.size[home]} values by {self.source[home]}, "
                f"but over {size} by {source}"
            )
        self.source.setdefault(home, source)

    def hold_shape(self, name: str, shape: tuple[int, ...]) -> None:
        axes = self.program.axes(name)
        if len(axes) != len(shape):
            raise EquationError(f"{name} has shape {shape}; expected {len(axes)} axes, as in {name}[{','.join(axes)}]")
        for k, (letter, size) in enumerate(zip(axes, shape, strict=True), 1):
            self.hold(letter, size, f"axis {k} of {name}")

    def need(self, letter: str) -> None:
        if self.program.dimensions.of[letter] not in self.size:
            raise EquationError(
                f"nothing says how far the index `{letter}` runs; give an array that has it, or a line "
                f"`assume size[{letter}] = 2`"
            )

    def solve(self, found: OpenSize, scalars: Mapping[str, float]) -> bool:
        """Find the size of an index from those that are known."""
        of, letter = self.program.dimensions.of, found.letter
        known = {other: self.size[of[other]] for other in found.subscript.letters - {letter}}
        if found.axis:
            size = _reach(found.subscript, letter, known, self.size[found.axis], scalars)
        else:
            size = _largest(found.subscript, known, scalars) + 1
        if size is not None:
            self.hold(letter, size, found.source)
        return size is not None


def _largest(subscript: Affine, sizes: Mapping[str, int], scalars: Mapping[str, float]) -> int:
    total = 0
    for monomial, factor in subscript.terms:
        for name in monomial:
            plain = str(name)
            factor *= sizes[plain] - 1 if is_index(plain) else whole_scalar(plain, scalars)
        total += factor if factor > 0 or not set(monomial) & set(sizes) else 0
    return total


def _reach(
    subscript: Affine, letter: str, known: Mapping[str, int], extent: int, scalars: Mapping[str, float]
) -> int | None:
    step, offset, others = 0, 0, 0
    for monomial, coefficient in subscript.terms:
        factor, index = coefficient, None
        for name in map(str, monomial):
            if is_index(name):
                index = name
            else:
                factor *= whole_scalar(name, scalars)
        if index is None:
            offset += factor
        elif index == letter:
            step = factor
        else:
            others += max(factor, 0) * (known[index] - 1)
    if step <= 0:
        return None
    room = extent - 1 + max(0, -offset) - offset - others
    if room < 0:
        raise EquationError(f"the subscript {subscript} leaves no value for `{letter}` in an axis of {extent}")
    return room // step + 1


def whole_scalar(name: str, scalars: Mapping[str, float]) -> int:
    """The value of a scalar that stands in a subscript."""
    if name not in scalars:
        raise EquationError(f"the scalar `{name}` stands in a subscript; give its value")
    value = float(np.real(np.ravel(scalars[name])[0]))  # stacked points share it
    if value != int(value):
        raise EquationError(f"the scalar `{name}` stands in a subscript, so it must be a whole number, not {value}")
    return int(value)
