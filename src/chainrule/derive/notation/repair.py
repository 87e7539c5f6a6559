"""The smallest edit of a matrix expression that makes it the true gradient."""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    Add,
    Call,
    Compare,
    Expr,
    Neg,
    Num,
    Ref,
    add,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.occurrences import Occurrence, occurrences
from chainrule.derive.language.printer import show
from chainrule.derive.notation.grammar import Grammar
from chainrule.derive.notation.nodes import Ones, Product, Quotient, Raised, show_matrices, transpose
from chainrule.derive.notation.programs import Opened, open_as
from chainrule.derive.notation.shapes import Dimension, ShapeError
from chainrule.derive.notation.tokens import cut
from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.judging.agreement import Points
from chainrule.derive.prover.reading import TypedLine, assign_dimensions, read
from chainrule.derive.prover.truth import Model
from chainrule.derive.reading.matrices import Hadamard, Transposed
from chainrule.derive.render.matrix import matrix_form

SECONDS = 2.0  # of processor time, after which the search gives up
TURNED = {"<": (">", ">="), ">": ("<", "<="), "<=": (">=", ">"), ">=": ("<=", "<"), "==": ("!=",), "!=": ("==",)}
Edit = tuple[float, Expr, str]


@dataclass(frozen=True)
class Wanted:
    """The gradient that an expression shall be: its element and shape, and what names are known."""

    opened: Opened
    shapes: Mapping[str, tuple[Dimension, ...]]
    target: Ref
    dims: tuple[Dimension, ...]

    @property
    def numbers(self) -> list[str]:
        """The names of numbers that are no gradient of a loss, which is 1."""
        return [name for name, dims in self.shapes.items() if not dims and not name.startswith("d")]

    def entry(self, expr: Expr) -> Expr | None:
        """The entry of an expression at the letters of the gradient; None where it does not fit."""
        try:
            return open_as(self.opened, dict(self.shapes), self.target, self.dims, expr)
        except ShapeError:
            return None


class Search:
    """The search for the line that a gradient should be. `text` is the derivation with one line of any value."""

    def __init__(self, text: str, wanted: Wanted, expr: Expr) -> None:
        self.wanted, self.expr = wanted, expr
        reading = read(text)
        names = frozenset({f"d{name}" for name in expr.names} | expr.names)
        self.model = Model(reading.forward, names, reading.shorthands)
        name = wanted.target.name[1:]
        self.points = Points(self.model, [], [name])
        truth = assign_dimensions(self.model.truth(name, wanted.target.axes), wanted.target, self.model.program)
        assert isinstance(truth, TypedLine), "the chain rule has a shape"
        self.truth = truth

    def follows(self, candidate: Expr) -> bool:
        """Whether an expression is the gradient."""
        entry = self.wanted.entry(candidate)
        if entry is None or not entry.free <= set(self.wanted.target.axes):
            return False
        typed = assign_dimensions(entry, self.wanted.target, self.model.program)
        try:
            return isinstance(typed, TypedLine) and self.points.agree(typed, self.truth)
        except EquationError:  # it has no value in the arithmetic of the points
            return False

    def edited(self, style: str) -> tuple[str, str] | None:
        """The nearest edit that is the gradient, as text, and what was wrong."""
        end = time.process_time() + SECONDS
        seen: set[Expr] = {self.expr}
        for _, candidate, reason in sorted(edits(self.expr, self.wanted), key=lambda edit: edit[0]):
            if time.process_time() > end:
                break
            if candidate not in seen and self.follows(candidate):
                return show_matrices(candidate, style), reason
            seen.add(candidate)
        return None

    def form_of(self, repair: Expr) -> str:
        """A repair in index notation as one in matrix notation, derivatives worked out; empty if none."""
        repair = self.model.partials.spelled_out(repair)
        of = {letter: letter.rstrip("0123456789'") for letter in {*repair.letters, *self.wanted.target.axes}}
        form = matrix_form(self.wanted.target, repair, {**of, **self.wanted.opened.letters}, products=True)
        text = form.partition(" = ")[2] if form else ""
        known = set(self.wanted.shapes)
        return text if text and self.follows(Grammar(cut(text, 1, known), 1, text, known).whole()) else ""


class ClaimSearch(Search):
    """The search for what a Jacobian, a Hessian or a differential should be: each candidate is proven by itself.

    head: the derivation up to its lines.
    """

    def __init__(self, head: Sequence[str], wanted: Wanted, expr: Expr) -> None:
        self.head, self.wanted, self.expr = list(head), wanted, expr

    def follows(self, candidate: Expr) -> bool:
        """Whether an expression is what is claimed."""
        entry = self.wanted.entry(candidate)
        if entry is None or not entry.free <= set(self.wanted.target.axes):
            return False
        try:
            chain = prove("\n".join([*self.head, f"= {show(entry)}"]), repairs=False).chains[0]
        except EquationError:
            return False
        return chain.lines[0].finding is None

    def form_of(self, repair: Expr) -> str:
        """No other form of what is found in index notation."""
        return ""


def edits(expr: Expr, wanted: Wanted) -> Iterator[Edit]:
    """Expressions near to one, each with its distance and what is different."""
    for place in occurrences(expr):
        for kind in (_transposes, _products, _sums, _factors, _signs, _names, _inverses, _functions, _symmetric):
            yield from kind(place, wanted)


def _transposes(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A transpose that is missing, or too many."""
    node = place.node
    if isinstance(place.parent, Transposed) or isinstance(node, Num):
        return
    words = "should not be transposed" if isinstance(node, Transposed) else "should be transposed"
    shown = show_matrices(node.argument if isinstance(node, Transposed) else node)
    yield 1.0, place.put(turned(node, wanted)), f"`{shown}` {words}"


def turned(expr: Expr, wanted: Wanted) -> Expr:
    """The transpose, written factor by factor."""
    match expr:
        case Num():
            return expr
        case Ref(name) if not wanted.shapes.get(name):
            return expr
        case Neg(argument):
            return neg(turned(argument, wanted))
        case Product(factors):
            numbers = [
                f for f in factors if isinstance(f, Num) or (isinstance(f, Ref) and not wanted.shapes.get(f.name))
            ]
            rest = [turned(factor, wanted) for factor in reversed(factors) if factor not in numbers]
            return _whole((*numbers, *rest))
    return transpose(expr)


def _products(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """Factors in another order, transposed or not; a product entry by entry for one of matrices."""
    node = place.node
    if isinstance(node, Hadamard):
        yield (
            1.2,
            place.put(Product((node.left, node.right))),
            f"`{show_matrices(node)}` should be a product of matrices",
        )
        return
    if not isinstance(node, Product):
        return
    factors = node.factors
    for k in range(1, len(factors)):
        left, right = (_whole(part) for part in (factors[:k], factors[k:]))
        reason = f"the product of `{show_matrices(left)}` and `{show_matrices(right)}` should be taken entry by entry"
        yield 1.2, place.put(Hadamard(left, right)), reason
    if len(factors) <= 4:
        for order in itertools.permutations(range(len(factors))) if len(factors) <= 3 else [range(len(factors))]:
            moved = sum(a != b for a, b in enumerate(order)) / 2
            for turned in itertools.product((False, True), repeat=len(factors)):
                new = tuple(transpose(factors[k]) if t else factors[k] for k, t in zip(order, turned, strict=True))
                cost = 0.9 * moved + 1.05 * sum(turned)
                if cost:
                    yield (
                        cost,
                        place.put(Product(new)),
                        f"`{show_matrices(node)}` should be `{show_matrices(Product(new))}`",
                    )
    for k in range(len(factors)):
        rest = (*factors[:k], *factors[k + 1 :])
        yield 1.3, place.put(_whole(rest)), f"the factor `{show_matrices(factors[k])}` is too many"


def _whole(factors: tuple[Expr, ...]) -> Expr:
    return factors[0] if len(factors) == 1 else Product(factors)


def _product(*factors: Expr) -> Expr:
    """A product; products among the factors are opened."""
    return Product(
        tuple(f for factor in factors for f in (factor.factors if isinstance(factor, Product) else (factor,)))
    )


def _sums(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A sum over rows or columns that is missing; terms that are too many."""
    node = place.node
    if isinstance(node, Ones | Num) or isinstance(place.parent, Product):
        return
    row, column = Product((Transposed(Ones()), node)), Product((node, Ones()))
    yield 1.0, place.put(row), f"the sum over the rows of `{show_matrices(node)}` is missing"
    yield 1.1, place.put(column), f"the sum over the columns of `{show_matrices(node)}` is missing"
    yield 1.4, place.put(Call("sum", (node,))), f"the sum of all entries of `{show_matrices(node)}` is missing"
    if isinstance(node, Add):
        for k, term in enumerate(node.terms):
            rest = add(*node.terms[:k], *node.terms[k + 1 :])
            yield 1.3, place.put(rest), f"the term `{show_matrices(term)}` is too many"


def _factors(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A factor that is missing: a name on either side, or entry by entry."""
    node = place.node
    if isinstance(node, Num) or isinstance(place.parent, Transposed | Product):
        return
    factors = node.factors if isinstance(node, Product) else (node,)
    for name in wanted.shapes:
        if name == wanted.target.name or not wanted.shapes[name]:
            continue
        missing = f"the factor `{name}` is missing"
        forms = [Ref(name), Transposed(Ref(name))]
        for factor, k in itertools.product(forms + _inverted(name, wanted), range(len(factors) + 1)):
            yield 1.6, place.put(_product(*factors[:k], factor, *factors[k:])), missing
        yield 1.6, place.put(Hadamard(node, Ref(name))), missing
    for name in wanted.numbers:
        yield 1.7, place.put(_product(Ref(name), *factors)), f"the factor `{name}` is missing"


def _inverted(name: str, wanted: Wanted) -> list[Expr]:
    """The inverse of a square matrix, and its transpose."""
    dims = [dimension.root for dimension in wanted.shapes[name]]
    inverse = Call("inv", (Ref(name),))
    return [inverse, Transposed(inverse)] if len(dims) == 2 and dims[0] is dims[1] else []


def _signs(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A sign, a factor 2, a number of samples."""
    node = place.node
    if place.is_root or isinstance(place.parent, Add):
        yield 0.9, place.put(neg(node)), "the sign is wrong"
        twice = neg(_product(num(2), node.argument)) if isinstance(node, Neg) else _product(num(2), node)
        yield 1.2, place.put(twice), "the factor 2 is missing"
        yield 1.2, place.put(Quotient(node, num(2))), "the factor 1/2 is missing"
        for size in wanted.opened.sizes:
            yield 1.3, place.put(Quotient(node, Ref(size))), f"the factor 1/{size} is missing"
    if isinstance(node, Neg) and not place.is_root and not isinstance(place.parent, Add):
        yield 0.9, place.put(node.argument), "the sign is wrong"
    if isinstance(node, Product) and isinstance(number := node.factors[0], Num):
        yield 1.0, place.put(_whole(node.factors[1:])), f"the factor {show_matrices(number)} is too many"
    if isinstance(node, Num) and node != ONE:
        values = {node.value + 1, node.value - 1, 2 * node.value, node.value / 2}
        if isinstance(place.parent, Product | Raised):  # what is left without it is another edit
            values -= {0, 1}
        for value in sorted(values):
            yield 1.1, place.put(num(value)), f"`{show_matrices(node)}` should be `{show_matrices(num(value))}`"
    if isinstance(node, Quotient):
        yield 1.3, place.put(node.above), f"the divisor `{show_matrices(node.below)}` is too many"


def _functions(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A root that is missing, a function or power that is too many, a comparison the other way round."""
    node = place.node
    shown = show_matrices(node)
    if isinstance(node, Raised):
        yield 1.2, place.put(node.base), f"the power of `{show_matrices(node.base)}` is too many"
    if isinstance(node, Call) and node.function in FUNCTIONS and len(node.arguments) == 1:
        yield 1.3, place.put(node.arguments[0]), f"`{node.function}` is too many"
    if isinstance(node, Compare):
        for relation in TURNED.get(node.relation, ()):
            new = Compare(relation, *node.children)
            yield 1.1, place.put(new), f"`{shown}` should be `{show_matrices(new)}`"
    if isinstance(node, Ref | Add | Raised) and not isinstance(place.parent, Transposed):
        yield 1.4, place.put(Call("sqrt", (node,))), f"the root of `{shown}` is missing"
        yield 1.5, place.put(Raised(node, num(2), True)), f"`{shown}` should be squared"


def _names(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """Another name."""
    node = place.node
    if isinstance(node, Ref):
        for name in wanted.shapes:
            if name not in (node.name, wanted.target.name) and (wanted.shapes[name] or name in wanted.numbers):
                for new in (Ref(name), Transposed(Ref(name))):
                    cost = 1.4 + 0.5 * isinstance(new, Transposed)
                    yield cost, place.put(new), f"`{node.name}` should be `{show_matrices(new)}`"


def _symmetric(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A matrix taken to be symmetric: 2 A for A + Aᵀ."""
    node = place.node
    if isinstance(node, Product) and node.factors[0] == num(2) and len(node.factors) > 1:
        first, *rest = node.factors[1:]
        both = add(first, transpose(first))
        reason = (
            f"`{show_matrices(first)}` need not be symmetric: `2 {show_matrices(first)}` is `{show_matrices(both)}`"
        )
        yield 1.5, place.put(_whole((both, *rest))), reason


def _inverses(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """An inverse that is missing, or too many."""
    node = place.node
    if isinstance(node, Call) and node.function == "inv":
        yield 1.2, place.put(node.arguments[0]), f"`{show_matrices(node.arguments[0])}` should not be inverted"
    elif isinstance(node, Ref) and (inverses := _inverted(node.name, wanted) if node.name in wanted.shapes else []):
        inverse, both = inverses
        yield 1.3, place.put(inverse), f"`{node.name}` should be inverted"
        if not isinstance(place.parent, Transposed):
            yield 1.8, place.put(both), f"`{node.name}` should be inverted and transposed"
