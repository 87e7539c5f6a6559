"""Generated NumPy functions: `forward`, `backward` for all gradients, and one function for a single gradient."""

import builtins
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from chainrule.derive.codegen.expressions import Writer, helpers_in
from chainrule.derive.codegen.loops import block_source, is_loop
from chainrule.derive.language.expressions import Expr, Ref
from chainrule.derive.language.functions import FUNCTIONS, unknown_in
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import OpenSize, Program, find_open_sizes
from chainrule.derive.language.recurrence.blocks import find_blocks
from chainrule.derive.language.words.unknown_functions import python_name

Line = tuple[Ref, Expr]
TAKEN = frozenset({"np", "math", "kind", "forward", "backward", "gradient", "cache"}) | {
    *("logdet", "shifted", "at_step", "picked", "scattered"),
    *(function.helper.__name__ for function in FUNCTIONS.values() if function.helper),
}


def forward_source(program: Program) -> str:
    """Source of `forward(inputs) -> dict`: every array of the program by its name, inputs included."""
    names = python_names(program)
    sizes = _sizes_of(program.inputs, program, names)
    body = []
    for home, text in _solved_sizes(program, sizes, names):
        sizes[home] = _size_name(home)
        body.append(f"{sizes[home]} = {text}")
    dtype = _dtype_of(program.inputs, program, names)
    for block in program.blocks:
        body.append(block_source(block, program, sizes, program.dimensions.of, names, dtype))
    kept = ", ".join(f'"{name}": {names[name]}' for name in program.ranks)
    body.append(f"return {{{kept}}}")
    called = unknown_in(statement.value for statement in program.statements)
    arguments = ", ".join([*(names[name] for name in program.inputs), *map(python_name, called)])
    about = ["Every array of the program by its name.", "", *_shapes(program.inputs, program, names)]
    return _function("forward", arguments, about, share_repeats(body))


def backward_source(
    lines: Sequence[Line], wanted: Iterable[str], program: Program, dimensions: Mapping[str, str]
) -> str:
    """Source of `backward(dY, cache) -> dict`: the gradients of all inputs, given what `forward` returned."""
    names = python_names(program, [left.name for left, _ in lines])
    outputs = ", ".join(names[f"d{output}"] for output in program.outputs)
    written = _written(lines, program, dimensions, names)
    used = [name for name in program.ranks if name in written.needed]
    body = [f'{names[name]} = cache["{name}"]' for name in used]
    body += share_repeats(written.body)
    body.append("return {" + ", ".join(f'"{name}": {names[f"d{name}"]}' for name in wanted) + "}")
    given = "those of the outputs" if len(program.outputs) > 1 else "that of the output"
    about = [f"The gradients of all inputs, given {given} and what `forward` returned.", ""]
    outputs = ", ".join([outputs, "cache", *map(python_name, unknown_in(right for _, right in lines))])
    return _function("backward", outputs, about + [show(a) + " = " + show(b) for a, b in lines], body)


def gradient_source(name: str, lines: Sequence[Line], program: Program, dimensions: Mapping[str, str]) -> str:
    """Source of a function that computes one gradient from the arrays that its equations name."""
    names = python_names(program, [left.name for left, _ in lines])
    written = _written(lines, program, dimensions, names)
    arguments = [f"d{output}" for output in program.outputs if f"d{output}" in written.needed]
    arguments += [other for other in program.ranks if other in written.needed]
    about = [show(left) + " = " + show(right) for left, right in lines]
    about += ["", *_shapes([*arguments, f"d{name}"], program, names)]
    body = [*share_repeats(written.body), f"return {names[f'd{name}']}"]
    called = map(python_name, unknown_in(right for _, right in lines))
    source = _function(f"gradient_{names[name]}", ", ".join([*(names[a] for a in arguments), *called]), about, body)
    return f"{helpers_in(source)}\n\n{source}"


def derivative_source(function: str, lines: Sequence[Line], program: Program, dimensions: Mapping[str, str]) -> str:
    """Source of a function that computes a Jacobian or a differential: the left side of the last line.

    Its arguments are the arrays that the lines name, and then the differentials of inputs.
    """
    names = python_names(program)
    names |= {left.name: left.name for left, _ in lines if left.name not in names}
    written = _written(lines, program, dimensions, names)
    tangents = [f"d{name}" for name in program.inputs]
    arguments = [name for name in (*program.ranks, *tangents) if name in written.needed]
    about = [show(left) + " = " + show(right) for left, right in lines]
    about += ["", *_shapes(arguments, program, names)]
    body = [*share_repeats(written.body), f"return {names[lines[-1][0].name]}"]
    source = _function(function, ", ".join(names[a] for a in arguments), about, body)
    return f"{helpers_in(source)}\n\n{source}"


class _Written:
    """Assignments for the lines, and the names from outside that they need."""

    def __init__(self) -> None:
        self.body: list[str] = []
        self.needed: set[str] = set()


def _written(
    lines: Sequence[Line], program: Program, dimensions: Mapping[str, str], names: Mapping[str, str]
) -> _Written:
    written = _Written()
    made = {left.name for left, _ in lines}
    read = set().union(*(right.names for _, right in lines))
    order = [name for name in (*(f"d{output}" for output in program.outputs), *program.ranks) if name in read - made]
    rest = [name for name in program.ranks if name not in read]
    sizes = _Sizes(_sizes_of([*order, *rest], program, names))
    for block in find_blocks(lines):
        dtype = _dtype_of([*order, *rest], program, names)
        written.body.append(block_source(block, program, sizes, dimensions, names, dtype))
    python = {text: name for name, text in names.items()}
    typing = {match for line in written.body for match in re.findall(r"(\w+)\.dtype", line)} & python.keys()
    written.needed = (read - made) | {python[text] for text in sizes.used | typing}
    return written


class _Sizes(dict[str, str]):
    """Source for sizes, remembering the arrays whose shapes were asked for."""

    def __init__(self, sizes: Mapping[str, str]) -> None:
        super().__init__(sizes)
        self.used: set[str] = set()

    def __getitem__(self, home: str) -> str:
        text = super().__getitem__(home)
        if ".shape" in text:
            self.used.add(text.split(".shape")[0])
        return text


_REPEATED = re.compile(r"np\.(?:exp|log|tanh|sqrt)\(\w+\)|\b\w+ \* \(1 - \w+\*\*2\)")


def share_repeats(lines: Sequence[str]) -> list[str]:
    """The lines with a function of an array, where it stands twice, computed once before its first use."""
    shared = list(lines)
    counts = Counter(text for line in lines if not is_loop(line) for text in _REPEATED.findall(line))
    for number, text in enumerate(text for text, count in counts.items() if count > 1):
        first = next(k for k, line in enumerate(shared) if text in line and not is_loop(line))
        short = f"t{number + 1}"
        shared = [line if is_loop(line) else line.replace(f"({text})", short).replace(text, short) for line in shared]
        shared.insert(first, f"{short} = {text}")
    return shared


def python_names(program: Program, others: Iterable[str] = ()) -> dict[str, str]:
    """A Python name for every array, its gradient and others; keywords and built-in names get an underscore."""
    names: dict[str, str] = {}
    called = {python_name(name + primes) for name in program.functions for primes in ("", "'", "''", "'''")}
    for name in dict.fromkeys((*program.ranks, *(f"d{name}" for name in program.ranks), *others)):
        plain = unicodedata.normalize("NFKC", name.replace("'", "_prime"))
        while _is_taken(plain) or plain in names.values() or plain in called:
            plain += "_"
        names[name] = plain
    return names


def _is_taken(name: str) -> bool:
    """Whether a name means something to Python or to the generated source."""
    ours = name in TAKEN or re.fullmatch(r"t\d+|size_.*", name)
    return bool(keyword.iskeyword(name) or hasattr(builtins, name) or ours)


def _axes(name: str, program: Program) -> tuple[str, ...]:
    return program.axes(name if name in program.dimensions.axes else name[1:])


def _sizes_of(arrays: Iterable[str], program: Program, names: Mapping[str, str]) -> dict[str, str]:
    sizes: dict[str, str] = {}
    for name in arrays:
        for k, letter in enumerate(_axes(name, program)):
            sizes.setdefault(program.dimensions.of[letter], f"{names[name]}.shape[{k}]")
    return sizes | {home: str(size) for home, size in program.assumed_sizes.items()}


def _dtype_of(arrays: Iterable[str], program: Program, names: Mapping[str, str]) -> str:
    real = [name for name in arrays if _axes(name, program) and name not in program.index_arrays]
    return f"{names[real[0]]}.dtype" if real else "np.float64"


def _solved_sizes(program: Program, known: Mapping[str, str], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Sizes that follow from subscripts and deltas, by the rule of `evaluation/sizes.py`."""
    of, done = program.dimensions.of, dict(known)
    while found := next(find_open_sizes(program, done), None):
        sizes = {other: done[of[other]] for other in found.subscript.letters - {found.letter}}
        yield of[found.letter], _size_source(found, done.get(found.axis, ""), sizes, names)
        done[of[found.letter]] = _size_name(of[found.letter])


def _size_name(home: str) -> str:
    return f"size_{home.replace(chr(39), '_')}"


def _size_source(found: OpenSize, extent: str, known: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Along an axis, (extent - 1 + padding - start - reach of the other indices) // step + 1."""
    writer = Writer((), {}, {}, names)
    steps = {letter: writer.step(found.subscript, letter) for letter in found.subscript.letters}
    start = writer.offset(found.subscript)
    reach = [f"max(0, {steps[other]}) * ({size} - 1)" for other, size in sorted(known.items())]
    if not extent:
        return " + ".join([start, *reach, "1"])
    room = f"{extent} - 1" + (f" + max(0, -({start})) - ({start})" if start != "0" else "")
    room += "".join(f" - {part.removeprefix('max(0, 1) * ')}" for part in reach)
    return f"({room}) // ({steps[found.letter]}) + 1" if steps[found.letter] != "1" else f"{room} + 1"


def _shapes(arrays: Iterable[str], program: Program, names: Mapping[str, str]) -> list[str]:
    lines = []
    for name in arrays:
        axes = _axes(name, program)
        shape = f"({', '.join(axes)}{',' if len(axes) == 1 else ''})" if axes else "a number"
        along = program.dimensions.values.get(name)
        lines.append(f"{names[name]}: {shape}" + (f", whole numbers along {along}" if along else ""))
    return lines


def _function(name: str, arguments: str, about: Sequence[str], body: Sequence[str]) -> str:
    first, *rest = about
    quote = [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """']
    return "\n".join([f"def {name}({arguments}):", *quote, *(f"    {line}" for line in body)]) + "\n"
