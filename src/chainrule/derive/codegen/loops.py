"""NumPy source of equations: an assignment each, or a loop over the steps of a recurrence, with whole arrays."""

import builtins
import keyword
import re
from collections.abc import Mapping

from chainrule.derive.codegen.expressions import Writer
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.recurrence.blocks import Block


def block_source(
    block: Block,
    program: Program,
    sizes: Mapping[str, str],
    dimensions: Mapping[str, str],
    names: Mapping[str, str],
    dtype: str,
) -> str:
    """The lines of a block, those after the first as they stand inside of a function."""
    if not block.is_loop:
        ((target, value),) = block.equations
        writer = Writer(target.axes, sizes, dimensions, names, dtype, program.index_arrays, program.marked_places)
        return f"{names[target.name]} = {writer.line(value)}"
    read = set().union(*(value.names for _, value in block.equations)) - block.names - program.index_arrays
    types = ", ".join([*sorted(names[name] for name in read), dtype, "np.float32"])
    rows, turns, step = [], [], ""
    for target, value in block.equations:
        letter, name, rest = block.letter(target), names[target.name], block.rest(target)
        step = step or _loop_name(letter, names)
        shape = "".join(f"{sizes[dimensions[axis]]}, " for axis in target.axes)
        rows.append(f"{name} = np.empty(({shape.rstrip() if len(target.axes) == 1 else shape[:-2]}), kind)")
        fixed, places, marked = {letter: step}, program.index_arrays, program.marked_places
        writer = Writer(rest, sizes, dimensions, names, dtype, places, marked, fixed)
        turns.append(f"    {name}[{':, ' * block.axes[target.name]}{step}] = {writer.turn(value)}")
    letter = block.letter(block.equations[0][0])
    steps = f"range({sizes[dimensions[letter]]})"
    head = f"for {step} in {f'reversed({steps})' if block.descending else steps}:"
    return "\n    ".join([f"kind = np.result_type({types})", *rows, head, *turns])


def is_loop(source: str) -> bool:
    """Whether the source of a block is that of a loop."""
    return "\n" in source


def _loop_name(letter: str, names: Mapping[str, str]) -> str:
    """A Python name for an index, other than those of arrays."""
    name = letter.replace("'", "_")
    while name in names.values() or hasattr(builtins, name) or keyword.iskeyword(name) or re.fullmatch(r"t\d+", name):
        name += "_"
    return name
