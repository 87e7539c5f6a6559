"""Programs in matrix notation, opened to index notation: each equation becomes one of entries."""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Binder,
    Call,
    Compare,
    Div,
    Expr,
    MatrixFunction,
    Reduce,
    Ref,
    Size,
    order_letters,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.programs.reader import parse
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.notation.grammar import Grammar
from chainrule.derive.notation.kinds import Declarations, Line, Shapes, find_shapes, names_in_order
from chainrule.derive.notation.nodes import Identity, Norm, Ones
from chainrule.derive.notation.opening import Opener
from chainrule.derive.notation.shapes import Dimension, Letterer, ShapeError, Value, unify
from chainrule.derive.notation.tokens import NAMES, cut
from chainrule.derive.reading.grammar import LOSSES
from chainrule.derive.reading.matrices import Hadamard, Inner, Transposed

KINDS = ("a number/numbers", "a vector/vectors", "a matrix/matrices")
OF_WHOLES = frozenset({"softmax", "log_softmax", "diag", "tr", "inv", "chol", "logdet", "det", "rowsum", "colsum"})
OF_ALL_ENTRIES = ("sum", "mean", "max", "min")
_PARAMETERS = re.compile(r"\s*[^\W\d]\w*\s*\([\w\s,]+\)\s*=")
LETTERS = "mnklpqrshjuvwzabcfgoydetxi"  # I is the identity, T a transpose


@dataclass(frozen=True)
class Opened:
    """A program in matrix notation: the text of it in index notation, line for line, and what its names are."""

    rows: tuple[str, ...]
    shapes: Shapes
    lines: tuple[Line, ...]
    about: tuple[str, ...]

    @property
    def leans(self) -> bool:
        """Whether vectors may be rows without a transpose: the program has them so, or products with @."""
        return bool(self.shapes.opener.leaning) or any("@" in line.source for line in self.lines)

    @property
    def sizes(self) -> dict[str, Dimension]:
        """The names of sizes, declared or given here: M is how far m runs."""
        found = {d.root.letter.upper(): d.root for dims in self.shapes.names.values() for d in dims}
        return {name: d for name, d in found.items() if name not in self.shapes.names} | self.shapes.sizes

    @property
    def letters(self) -> dict[str, str]:
        """The dimension of each letter."""
        return {d.root.letter: d.root.letter for dims in self.shapes.names.values() for d in dims}

    @property
    def text(self) -> str:
        """The program in index notation."""
        return "\n".join(self.rows)


def open_program(text: str) -> Program:
    """Read a program in matrix notation. `remarks` of it say how it was read.

    Raises EquationError where it can't be read, or where nothing fits.
    """
    opened = open_rows(text.split("\n"))
    written = [f"{line.target} = {line.source.split('#')[0].split('=', 1)[1].strip()}" for line in opened.lines]
    return replace(parse(opened.text), remarks=(*written, *opened.about))


def open_rows(rows: Sequence[str], first: int = 1) -> Opened:
    """Read the rows of a program in matrix notation; `first` is the number of the first."""
    declared = Declarations()
    lines: list[Line] = []
    assumed: dict[int, str] = {}
    known = _names_alone(rows)
    for number, row in enumerate(rows, first):
        plain = row.split("#")[0].strip()
        if plain.startswith("assume "):
            assumed[number] = row
        elif plain and not declared.read(row, number):
            lines.append(read_line(row, number, known | set(declared.names)))
    _check_targets(lines)
    if all(_PARAMETERS.match(line.source) for line in lines) and not any(map(_has_signs, lines)):
        declared.names |= {name: () for line in lines for name in names_in_order(line.value)}  # as of f(x, y) = x^2 y
    found = open_lines(lines, declared)
    given = dict(zip((line.number for line in lines), found.rows, strict=True))
    opened = [given.get(number) or assumed.get(number, "") for number in range(first, first + len(rows))]
    shapes = found.shapes
    opened = [
        row if number not in assumed else _assumption(found, assumed[number], number, known)
        for number, row in enumerate(opened, first)
    ]
    sizes = [f"assume size[{d.root.letter}] = {d.root.size}" for d in _dimensions(shapes) if d.root.size]
    if sizes:
        opened[-1] = "\n".join([opened[-1], *dict.fromkeys(sizes)])
    return replace(found, rows=tuple(with_equal_sizes(shapes, opened)))


def with_equal_sizes(shapes: Shapes, rows: list[str]) -> list[str]:
    """The rows with what says that X: N×N is as long as it is wide, where the number N stands among them."""
    if not any("size[" in row for row in rows):
        return rows
    program = parse("\n".join(rows))
    for name in (name for name in shapes.names if name in program.ranks):
        axes = list(enumerate(zip(program.axes(name), shapes.names[name], strict=True)))
        for (k, (a, one)), (j, (b, other)) in itertools.combinations(axes, 2):
            if one.root is other.root and program.dimensions.of[a] != program.dimensions.of[b]:
                rows = _with_equal_axes(rows, name, k, j)
    return rows


def _with_equal_axes(rows: list[str], name: str, k: int, j: int) -> list[str]:
    """The rows with an assumption that two axes of an array are equally long.

    Where the letters of a row run over other axes elsewhere, it gets letters of its own.
    """
    taken = set(re.findall(r"\w+", "\n".join(rows)))
    new = fresh_letter(taken), fresh_letter(taken | {fresh_letter(taken)})
    for at, row in enumerate(rows):
        for found in re.finditer(rf"(?<!\w){name}\[(\w+(?:,\w+)*)\]", row):
            letters = found[1].split(",")
            for pair in ((letters[k], letters[j]), new):
                own = renamed(row, {letters[k]: pair[0], letters[j]: pair[1]})
                more = [*rows[:at], own, *rows[at + 1 :]]
                more[-1] += f"\nassume size[{pair[0]}] = size[{pair[1]}]"
                try:
                    parse("\n".join(more))
                except EquationError:
                    continue
                return more
    return rows


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A text with other words in the place of some."""
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text)


def has_matrix_signs(nodes: Iterable[Expr]) -> bool:
    """Whether a transpose, a norm, or a function of arrays stands among the nodes of expressions."""
    return any(
        isinstance(node, Transposed | Norm | Hadamard)
        or (isinstance(node, Inner) and node.angles)
        or (isinstance(node, Call) and node.function in OF_WHOLES)
        for node in nodes
    )


def has_array_signs(values: Iterable[Expr]) -> bool:
    """Whether something says that arrays are meant: a transpose, a norm, a function of arrays, a capital letter."""
    nodes = [node for value in values for node in value.walk()]
    if has_matrix_signs(nodes):
        return True
    below = {name for node in nodes if isinstance(node, Div) for name in node.denominator.names}
    bare = {node.name for node in nodes if isinstance(node, Ref) and not node.indices} - below - LOSSES
    names = {name[1:] if name[:1] == "d" and len(name) > 1 else name for name in bare}
    return any(name[0].isupper() and name != "N" for name in names)


def _has_signs(line: Line) -> bool:
    """Whether something in an equation says that arrays are meant, in LaTeX or in matrix notation alone."""
    nodes = line.value.walk()
    own = any(isinstance(node, Ones | Identity | Compare) for node in nodes)
    sums = any(isinstance(node, Call) and node.function in OF_ALL_ENTRIES for node in line.value.walk())
    return own or sums or has_array_signs([line.value])


def _assumption(opened: Opened, row: str, number: int, known: set[str]) -> str:
    """`assume 1ᵀ y = 1` in index notation; what has indices, or says more than an equality, stays as it is."""
    text = row.split("#")[0].strip().removeprefix("assume ")
    sides = text.split("=")
    if "[" in text or len(sides) != 2 or re.match(r"repeated\b|.*[<>!]$", sides[0]):
        return row
    left, right = (read_line(f"assumed = {side}", number, known | set(opened.shapes.names)).value for side in sides)
    try:
        return f"    {open_assumed(opened, left, '=', right)}"
    except ShapeError as error:
        raise EquationError(str(error), number, 1, row) from error


def open_assumed(opened: Opened, left: Expr, relation: str, right: Expr) -> str:
    """What is assumed of two sides, entry by entry, in index notation. Raises ShapeError where they do not fit."""
    opener = Opener(opened.shapes.names, opened.sizes, opened.shapes.opener.placed)
    one, other = opener.open(left), opener.open(right)
    if one.rank != other.rank or not all(unify(a, b) for a, b in zip(one.dims, other.dims, strict=True)):
        raise ShapeError("the sides of what is assumed have different shapes")
    letters = tuple(opener.letters.new(dimension) for dimension in one.dims)
    target = Ref("assumed", tuple(map(Affine.of, letters)))
    said = [readable(target, side.entry(letters), opener.letters, set(opened.shapes.names))[1] for side in (one, other)]
    return f"assume {show(said[0])} {relation} {show(said[1])}"


def open_lines(lines: Sequence[Line], declared: Declarations) -> Opened:
    """Open equations as they are read."""
    shapes = find_shapes(lines, declared)
    letters = letters_in(lines)
    give_letters(shapes, letters)
    rows = []
    for line, value in zip(lines, shapes.values, strict=True):
        try:
            rows.append(f"    {statement(line, value, shapes, letters)}")
        except ShapeError as error:
            raise EquationError(str(error), line.number, 1, line.source) from error
    return Opened(tuple(rows), shapes, tuple(lines), tuple(_about(shapes, lines)))


def _names_alone(rows: Iterable[str]) -> set[str]:
    """Names of one letter, and left sides: words that hold only such may be products."""
    words = [word for row in rows for word in re.findall(r"[^\W\d_]\w*", row.split("#")[0])]
    lefts = [match[1] for row in rows if (match := re.match(r"\s*([^\W\d]\w*)\s*(?:\([^=]*\))?\s*=", row))]
    return ({NAMES.get(word, word) for word in words if len(word) == 1} - {"T", "F", "I", "π", "e", "sigma"}) | {*lefts}


def read_line(row: str, number: int, known: set[str]) -> Line:
    """Read `target = expression`."""
    match = re.match(r"\s*([^\W\d]\w*)\s*(?:\([\w\s,]*\))?\s*=(?!=)", row)
    if not match:
        raise EquationError("expected an equation such as Y = X Wᵀ, or a declaration such as X: S×M", number, 1, row)
    shifted = " " * match.end() + row[match.end() :]
    tokens = cut(shifted, number, known)
    return Line(NAMES.get(match[1], match[1]), Grammar(tokens, number, row, known).whole(), number, row)


def _check_targets(lines: Sequence[Line]) -> None:
    if not lines:
        raise EquationError("the program is empty; expected a line such as Y = X W + b")
    done: set[str] = set()
    for k, line in enumerate(lines):
        later = {other.target for other in lines[k:]}
        if line.target in done:
            raise EquationError(f"`{line.target}` is defined already", line.number, 1, line.source)
        if used := sorted(later & line.value.names):
            raise EquationError(f"`{used[0]}` is used before the line that defines it", line.number, 1, line.source)
        done.add(line.target)


def _dimensions(shapes: Shapes) -> list[Dimension]:
    return [dimension for dims in shapes.names.values() for dimension in dims]


def letters_in(lines: Iterable[Line]) -> set[str]:
    """The index letters that a person wrote."""
    return {letter for line in lines for letter in (*line.value.letters, *(p.letter or "" for p in line.places))}


def give_letters(shapes: Shapes, written: Collection[str] = ()) -> None:
    """Give each dimension a letter of its own, other than those that are `written`, and make all of them fixed."""
    taken = (
        set(written)
        | {d.root.letter for d in _dimensions(shapes) if d.root.letter}
        | {name.lower() for name in shapes.names if len(name) == 1 and (name.isupper() or not shapes.names[name])}
    )
    for dimension in _dimensions(shapes):
        root = dimension.root
        if not root.letter:
            root.letter = fresh_letter(taken, LETTERS)
            taken.add(root.letter)
        root.fixed = True


def statement(line: Line, value: Value, shapes: Shapes, written: Collection[str] = ()) -> str:
    """`Y[i,j] = …`; `written` are the letters of the person's own."""
    letterer = shapes.opener.letters
    letters = tuple(letterer.new(dimension) for dimension in value.dims)
    target, expr = Ref(line.target, (*line.places, *map(Affine.of, letters))), value.entry(letters)
    return " = ".join(show(side) for side in readable(target, expr, letterer, {*shapes.names, *written}))


def readable(target: Ref, expr: Expr, letterer: Letterer, names: set[str]) -> tuple[Expr, Expr]:
    """An equation with readable letters: those of its dimensions."""
    chosen: dict[str, str] = {}
    for letter in (index.letter or "" for index in target.indices):
        if letter not in letterer.of:
            continue
        chosen[letter] = _letter(letterer.of[letter], chosen.values(), names)
    meaning = {old: Affine.of(new) for old, new in chosen.items()}
    taken = (*target.free - set(chosen), *chosen.values())
    return target.rename(meaning), with_letters(expr.rename(meaning), taken, letterer, names)


def with_letters(expr: Expr, taken: tuple[str, ...], letterer: Letterer, names: set[str]) -> Expr:
    """An expression with readable letters; `taken` are those around it."""
    if isinstance(expr, Size):
        return Size(_known_letter(letterer.of[expr.index])) if expr.index in letterer.of else expr
    if not isinstance(expr, Binder):
        return expr.map(lambda child: with_letters(child, taken, letterer, names))
    if isinstance(expr, MatrixFunction):
        taken = (*taken, *sorted(expr.free - set(taken)))
    if isinstance(expr, Reduce):
        expr = expr.rebound(order_letters(expr.indices, expr.body), expr.body)
    chosen: list[str] = []
    for letter in expr.indices:
        own = letterer.of.get(letter)  # none for a letter of the person's own
        chosen.append(_letter(own, (*taken, *chosen), names) if own else letter)
    meaning = {old: Affine.of(new) for old, new in zip(expr.indices, chosen, strict=True)}
    return expr.rebound(tuple(chosen), with_letters(expr.body.rename(meaning), (*taken, *chosen), letterer, names))


def open_as(
    opened: Opened, shapes: dict[str, tuple[Dimension, ...]], target: Ref, dims: tuple[Dimension, ...], expr: Expr,
    written: Collection[str] = (),
) -> Expr:  # fmt: skip
    """The entry of an expression at the letters of a gradient. Raises ShapeError where it has another shape."""
    opener = Opener(shapes, opened.sizes, opened.shapes.opener.placed)
    of_entry = shapes.get(target.name[1:], ()) if not dims else ()  # of dw[j] the letter runs over what w has
    places = target.indices[opener.placed.get(target.name[1:], 0) :]
    opener.running |= {i.letter: axis for i, axis in zip(places, of_entry, strict=False) if i.letter}
    value = opener.open(expr)
    if opener.leaning and not opened.leans:
        raise opener.misfit(*opener.leaning[0])
    fits = value.rank in (0, len(dims)) and all(unify(a, b) for a, b in zip(value.dims, dims, strict=False))
    if not fits:
        wanted = "×".join(d.root.letter.upper() for d in dims) or "a number"
        raise ShapeError(f"{target.name} is {wanted}, but the right side is {opener.describe(value)}")
    letters = tuple(index.letter or "" for index in target.indices)
    own = letters[len(letters) - len(dims) :]
    for letter, dimension in zip(own, dims, strict=True):
        opener.letters.of[letter] = dimension
    entry = value.entry(own if value.rank else ())
    return with_letters(entry, letters, opener.letters, {*shapes, *written})


def _letter(dimension: Dimension, taken: Iterable[str], names: set[str]) -> str:
    """The letter of a dimension, or one with a number where that is taken."""
    letter, taken = _known_letter(dimension), {*taken, *names}
    return next(name for k in itertools.count(1) if (name := letter if k == 1 else f"{letter}{k}") not in taken)


def _known_letter(dimension: Dimension) -> str:
    if not dimension.root.letter:
        raise ShapeError("nothing says how long a vector of ones, or how large an identity matrix, is here")
    return dimension.root.letter


def _about(shapes: Shapes, lines: Sequence[Line]) -> list[str]:
    """How the names were read, and what was decided."""
    targets = {line.target for line in lines}
    kinds: dict[str, list[str]] = {}
    for name, dims in shapes.names.items():
        if name not in targets:
            sizes = "×".join(dimension.root.letter.upper() for dimension in dims)
            text = f"{name} ({sizes})" if dims else name
            kinds.setdefault(KINDS[len(dims)], []).append(text)
    words = [f"{', '.join(names)} {kind.split('/')[len(names) > 1]}" for kind, names in kinds.items()]
    return [f"read as: {'; '.join(words)}", *dict.fromkeys(shapes.opener.notes)]
