"""What each name is: declared, or else the likeliest of what fits: capitals are matrices, small letters vectors.

`X: S×M`, `w: M`, `a: scalar` declare; what is not declared is tried as the convention has it, then with one name
otherwise, then with two. Of readings that fit, the cheapest is taken, and told.
"""

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Call, Expr, Ref
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.notation.opening import ROW_LEFT, Opener
from chainrule.derive.notation.shapes import ROW, Dimension, ShapeError, UnclearError, Value, unify

NUMBERS = frozenset("αδεζηκλνρτϵ") | {
    "alpha", "delta", "eps", "epsilon", "eta", "kappa", "lambda", "lam", "nu", "rho", "sigma", "tau", "N", "lr",
}  # fmt: skip
COUNTS = frozenset("dknmhp")
LIKELY_NUMBERS = "acdeklmnrst"
LIKELY_LOSSES, LOSS_WITH_ENTRIES = ("L", "J", "loss"), 1.2
MAX_FLIPS = 3
WORDS = {"scalar": 0, "number": 0, "vector": 1, "matrix": 2}


@dataclass(frozen=True)
class Line:
    """An equation as written: its left side (and the places on it), the right side as read, and its number."""

    target: str
    value: Expr
    number: int
    source: str
    places: tuple[Affine, ...] = ()


@dataclass
class Shapes:
    """What the names of a program are, and how its lines open."""

    names: dict[str, tuple[Dimension, ...]]
    sizes: dict[str, Dimension]
    values: list[Value]
    opener: Opener
    cost: float


class Declarations:
    """The shapes that a person declared."""

    def __init__(self) -> None:
        self.names: dict[str, tuple[str, ...] | int] = {}
        self.placed: dict[str, int] = {}  # the places on names that stand for numbers or vectors at each, as x_i
        self.arrays: set[str] = set()  # names with places that are arrays by their looks at each, as W^{(l)}
        self.counts: set[str] = set()  # names that stand for sizes by their looks, as the d of 1/sqrt(d)

    def read(self, row: str, number: int) -> bool:
        """Read a line such as `X, Y: S×M`, `a: scalar` or `X ∈ R^{S×M}`; False where it is none."""
        match = re.fullmatch(r"\s*([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*(?::|∈|\bin\b)\s*(.+?)\s*", row.split("#")[0])
        if not match:
            return False
        text = re.sub(r"^(?:ℝ|R(?=\s*[\^{(]))\s*\^?|[{}()\[\]]|^(?:a|an)\s+|real\s+", "", match[2].strip())
        names = [re.sub(r"^Σ$", "Sigma", name.strip()) for name in match[1].split(",")]
        for name in names:
            if name in self.names:
                raise EquationError(f"`{name}` is declared twice", number, 1, row)
            self.names[name] = self._shape(text, row, number)
        return True

    @staticmethod
    def _shape(text: str, row: str, number: int) -> tuple[str, ...] | int:
        words = re.split(r"\s*[×*,]\s*|\s+x\s+|\s+by\s+|(?<=\w)x(?=\w)", text.strip())
        if len(words) == 1 and words[0].lower() in WORDS:
            return WORDS[words[0].lower()]
        if len(words) > 2 or not all(re.fullmatch(r"[A-Za-z]\w*|[1-9]\d{0,3}", word) for word in words):
            raise EquationError(
                f"`{text}` is no shape; expected sizes such as S×M, or scalar, vector or matrix", number, 1, row
            )
        return tuple(words) if words != ["1"] else ()


def find_shapes(lines: Sequence[Line], declared: Declarations) -> Shapes:
    """The cheapest reading that fits. Raises EquationError where none does, for the reading that convention has."""
    targets = {line.target for line in lines}
    used = dict.fromkeys(name for line in lines for name in names_in_order(line.value))
    recurrent = {
        line.target for k, line in enumerate(lines) if any(line.target in each.value.names for each in lines[: k + 1])
    }
    inputs = [name for name in used if name not in targets or name in recurrent]
    sizes = [word for shape in declared.names.values() if isinstance(shape, tuple) for word in shape]
    declared.counts = {name for line in lines for node in line.value.walk() for name in _under_root(node)}
    open_names = [name for name in inputs if name not in sizes and not isinstance(declared.names.get(name), tuple)]
    problem: EquationError | None = None
    best: Shapes | None = None
    for ranks, cost in _readings(open_names, declared):
        if best and cost >= best.cost:
            break
        try:
            found = _open(lines, declared, ranks)
        except EquationError as error:
            if isinstance(error.__cause__, UnclearError) and problem is None:
                raise
            problem = problem or error
            continue
        found.cost += cost
        if best is None or found.cost < best.cost:
            best = found
    if best is None:
        assert problem
        raise problem
    return best


def names_in_order(expr: Expr) -> Iterator[str]:
    """The names in an expression, as they are written."""
    return (node.name for node in expr.walk() if isinstance(node, Ref))


def _under_root(node: Expr) -> Iterator[str]:
    """The d of sqrt(d), which is a size by its letter."""
    if isinstance(node, Call) and node.function == "sqrt":
        argument = node.arguments[0]
        if isinstance(argument, Ref) and not argument.indices and argument.name in COUNTS:
            yield argument.name


def _readings(names: Sequence[str], declared: Declarations) -> Iterator[tuple[dict[str, int], float]]:
    """The ranks that names may have, from the likeliest on, with what each reading costs."""
    fixed = {name: rank for name, rank in declared.names.items() if isinstance(rank, int)}
    placed = declared.placed
    numbers = placed.keys() - declared.arrays
    usual = {
        name: fixed.get(name, 0 if name in declared.counts | numbers or _is_entry(name, numbers) else _usual_rank(name))
        for name in names
    }
    others = [
        (name, rank, cost) for name in names if name not in fixed for rank, cost in _others(name, usual[name], declared)
    ]
    found: list[tuple[float, int, dict[str, int]]] = []
    for count in range(MAX_FLIPS + 1):
        for flips in itertools.combinations(others, count):
            if len({name for name, _, _ in flips}) == count:
                ranks = {**usual, **{name: rank for name, rank, _ in flips}}
                found.append((sum(cost for _, _, cost in flips), len(found), ranks))
        if len(found) > 3000:
            break
    small = {name: cost for name, rank, cost in others if not rank and name not in placed and usual[name] == 1}
    if len(small) > MAX_FLIPS:  # all of them at once, where nothing but numbers is meant
        found.append((sum(small.values()), len(found), {**usual, **dict.fromkeys(small, 0)}))
    vectors = [(name, rank, cost) for name, rank, cost in others if name in placed and name[0].islower() and rank == 1]
    if len(vectors) > MAX_FLIPS:  # all of them at once, as the gates of a cell are
        ranks = {**usual, **{name: rank for name, rank, _ in vectors}}
        found.append((sum(cost for _, _, cost in vectors), len(found), ranks))
    yield from ((ranks, cost) for cost, _, ranks in sorted(found, key=lambda each: each[:2]))


def _is_entry(name: str, numbers: Collection[str]) -> bool:
    """Tell whether a name is that of numbers at places, at one of them: w0 beside w_i."""
    base = name.rstrip("0123456789")
    return base != name and base in numbers


def _usual_rank(name: str) -> int:
    if name in NUMBERS or re.match(r"[dn]_", name):  # d_k and n_h count
        return 0
    return 2 if name[0].isupper() else 1


def _unusual(name: str, usual: int) -> list[tuple[int, float]]:
    if usual == 2:
        return [(1, 1.0), (0, 1.2)]
    return [(0, 0.9 if name in LIKELY_NUMBERS else 1.1)] if usual else [(1, 1.0)]


def _others(name: str, usual: int, declared: Declarations) -> list[tuple[int, float]]:
    """The other ranks that a name may have, each with its cost."""
    if name in declared.arrays:
        return [(rank, cost + 1.5 * (rank == 0)) for rank, cost in _unusual(name, usual)]
    return _unusual_at_places(name) if name in declared.placed else _unusual(name, usual)


def _unusual_at_places(name: str) -> list[tuple[int, float]]:
    return [(1, 0.3), (2, 1.0)] if name[0].islower() else [(1, 0.4), (2, 0.5)]


def _open(lines: Sequence[Line], declared: Declarations, ranks: dict[str, int]) -> Shapes:
    dims: dict[str, Dimension] = {}

    def dimension(word: str) -> Dimension:
        if word not in dims:
            fixed = not word.isdigit()
            letter = word.lower() if len(word) == 1 and fixed else ""
            dims[word] = Dimension(letter, fixed, 0 if fixed else int(word))
        return dims[word]

    names: dict[str, tuple[Dimension, ...]] = {}
    for name, shape in declared.names.items():
        words = [word for word in shape if word != "1"] if isinstance(shape, tuple) else []
        if isinstance(shape, tuple):
            names[name] = tuple(map(dimension, words))
    for name, rank in ranks.items():
        names.setdefault(name, tuple(Dimension() for _ in range(rank)))
    sizes = {word: found for word, found in dims.items() if not word.isdigit()}
    opener = Opener(names, sizes, declared.placed)
    values: list[Value] = []
    for line in lines:
        opener.running.clear()
        try:
            value = opener.open(line.value)
            opener.cost += ROW_LEFT * (value.rank == 1 and value.side == ROW)
            opener.cost += LOSS_WITH_ENTRIES * (value.rank > 0 and not line.places and line.target in LIKELY_LOSSES)
            axes = [opener.running.get(place.letter or "", Dimension()) for place in line.places]
            count = declared.placed.get(line.target, 0)
            opener.of_places[line.target], found = axes[:count], (*axes[count:], *value.dims)
            if line.target in names and not _same(names[line.target], found):
                raise ShapeError(f"`{line.target}` is declared otherwise than its line has it")
        except ShapeError as error:
            raise EquationError(str(error), line.number, 1, line.source) from error
        opener.shapes[line.target] = names[line.target] = found
        values.append(value)
    return Shapes(names, sizes, values, opener, opener.cost)


def _same(dims: tuple[Dimension, ...], others: tuple[Dimension, ...]) -> bool:
    return len(dims) == len(others) and all(unify(a, b) for a, b in zip(dims, others, strict=True))
