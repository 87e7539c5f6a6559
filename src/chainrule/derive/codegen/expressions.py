"""Writes NumPy source for expressions: whole-array operations, matrix products and reductions, no loops.

A value in the source is an array with one axis for each index it depends on, in the order in which the result has them.
A sum of products becomes a matrix product wherever it is one.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from chainrule.derive.codegen.broadcasting import Axes, Value
from chainrule.derive.codegen.matrix_products import sum_of_product
from chainrule.derive.codegen.places import is_sure, open_sums, pick, places_scattered, scatter, shape_of
from chainrule.derive.codegen.ranges import cumulative, masked_product
from chainrule.derive.codegen.runtime import picked, scattered, shifted
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    letters_in_order,
    mul,
    split_quotient,
)
from chainrule.derive.language.functions import EXTREMA, FUNCTIONS, find_function
from chainrule.derive.language.printer import ADDED, CLOSED, COMPARED, MULTIPLIED, NEGATED, RAISED, show_number
from chainrule.derive.language.subscripts import Affine, Factor, Lookup, Monomial, is_index

NOWHERE = "2**40"


class Writer:
    """Writes expressions of one line, whose result has the axes `letters`.

    `sizes` gives source for the size of a dimension, such as `X.shape[0]`; `dimensions` the dimension of a letter.
    `names` are the Python names of arrays, where they differ; `dtype` is source for the type of the result.
    `places` are the index arrays, `marked` those of them whose elements may lie outside of the axis.
    """

    def __init__(
        self,
        letters: Iterable[str],
        sizes: Mapping[str, str],
        dimensions: Mapping[str, str],
        names: Mapping[str, str] | None = None,
        dtype: str = "np.float64",
        places: frozenset[str] = frozenset(),
        marked: frozenset[str] = frozenset(),
    ) -> None:
        self.letters = tuple(letters)
        self.dtype, self.places, self.marked = dtype, places, marked
        self.sizes, self.dimensions, self.names = sizes, dimensions, names or {}
        self.axes = Axes(self.letters)

    def line(self, expr: Expr) -> str:
        """Source for the whole line: an array with exactly the axes `letters`."""
        value = self.value(expr)
        if value.letters == self.letters:
            return f"{value.text}.copy()" if isinstance(expr, Ref) and self.letters else value.text
        shape = ", ".join(self.size(letter) for letter in self.letters)
        spread = self.axes.spread(value, self.letters)
        if not self.letters or set(value.letters) == set(self.letters):
            return spread.text
        return f"np.broadcast_to({spread.text}, ({shape},)).copy()"

    def size(self, letter: str) -> str:
        """Source for the size of an index."""
        return self.sizes[self.dimensions[letter]]

    def value(self, expr: Expr) -> Value:
        """Source for an expression."""
        match expr:
            case Num(value):
                return Value(show_number(value), (), CLOSED if value >= 0 else NEGATED)
            case Const(name):
                return Value(f"np.{name}")
            case Size(letter):
                return Value(self.size(letter))
            case Position(letter):
                return self._typed(self._subscript(Affine.of(letter)).text, (letter,))
            case Delta(left, right):
                a, b = self.axes.aligned([self._subscript(left), self._subscript(right)])
                return self._typed(f"({a.at(ADDED)} == {b.at(ADDED)})", self.axes.union([a, b]))
            case Ref():
                element = self._element(expr)
                return self._typed(element.text, element.letters) if expr.name in self.places else element
            case Neg(argument):
                inner = self.value(argument)
                return Value("-" + inner.at(MULTIPLIED), inner.letters, NEGATED)
            case Add(terms):
                return self._sum(terms)
            case Mul() | Div():
                return self._product(*split_quotient(expr))
            case Pow(base, exponent):
                return self.axes.join("**", [self.value(base), self.value(exponent)], CLOSED, RAISED)
            case Call(function, arguments):
                return self._call(function, [self.value(argument) for argument in arguments])
            case Compare():
                held = self._condition(expr)
                return self._typed(f"({held.text})", held.letters)
            case Where(condition, then, other):
                values = [self._condition(condition), self.value(then), self.value(other)]
                picked = self.axes.call("np.where", values)
                return picked if values[1].letters or values[2].letters else self._typed(picked.text, picked.letters)
            case Reduce(operation, letters, body):
                self.axes.extend(letters_in_order(body))
                summed = cumulative(expr, self.dimensions, self.value)
                return summed or self._reduction(operation, letters, masked_product(expr) or body)
        raise TypeError(f"no NumPy source for {type(expr).__name__}")

    def _typed(self, text: str, letters: tuple[str, ...]) -> Value:
        """Truth values and numbers as an array of the result's type."""
        return Value(f"{text}.astype({self.dtype})", letters)

    def _condition(self, expr: Expr) -> Value:
        """A condition as truth values."""
        if isinstance(expr, Compare):
            values = [self.value(expr.left), self.value(expr.right)]
            return self.axes.join(f" {expr.relation} ", values, ADDED, COMPARED)
        value = self.value(expr)
        return Value(f"{value.at(ADDED)} != 0", value.letters, COMPARED)

    def _call(self, function: str, values: list[Value]) -> Value:
        if function in EXTREMA:
            whole = values[0]
            for value in values[1:]:
                whole = self.axes.call(f"np.{function}imum", [whole, value])
            return whole
        row = find_function(function)
        if row.has_math and not values[0].letters:
            return Value(f"math.{function}({values[0].text})")
        inside = values[0].at(RAISED) if row.is_formula else values[0].text
        return Value(row.template.replace("…", inside), values[0].letters, MULTIPLIED if row.is_formula else CLOSED)

    def _sum(self, terms: tuple[Expr, ...]) -> Value:
        values = [self.value(term.argument if isinstance(term, Neg) else term) for term in terms]
        letters, aligned = self.axes.union(values), self.axes.aligned(values)
        text = ""
        for term, value in zip(terms, aligned, strict=True):
            negative = isinstance(term, Neg)
            if isinstance(term, Num) and term.value < 0 and text:
                negative, value = True, Value(value.text[1:])
            sign = (" - " if negative else " + ") if text else ("-" if negative else "")
            text += sign + value.at(MULTIPLIED if negative or value.text.startswith("-") else ADDED)
        return Value(text, letters, ADDED)

    def _product(self, above: list[Expr], below: list[Expr]) -> Value:
        """A product: what depends on few indices is multiplied first; a case that is 0 or 1 picks."""
        cases = [f for f in above if isinstance(f, Where) and (f.then, f.other) == (ONE, ZERO)]
        if cases and len(above) > 1:
            (case, *_), rest = cases, list(above)
            rest.remove(case)
            chosen = self._product(rest, below)
            if not chosen.letters:
                return self.axes.multiply([self.value(case), chosen])
            return self.axes.call("np.where", [self._condition(case.condition), chosen, Value("0")])
        whole = self.axes.multiply([self.value(factor) for factor in above])
        if not below:
            return whole
        return self.axes.quotient(whole, self.axes.multiply([self.value(factor) for factor in below]))

    def _reduction(self, operation: str, letters: tuple[str, ...], body: Expr) -> Value:
        if operation in ("sum", "mean") and (total := self._scattered(*open_sums(operation, letters, body))):
            return total
        if operation in ("sum", "mean") and isinstance(body, (Mul, Div)):
            above, below = ([self.value(factor) for factor in part] for part in split_quotient(body))
            total = sum_of_product(above, below, letters, self.axes)
            if total and operation == "mean":
                sizes = Value(" * ".join(self.size(letter) for letter in letters), (), MULTIPLIED)
                return self.axes.quotient(total, sizes)
            if total:
                return total
        return self._reduced(operation, letters, self.value(body))

    def _scattered(self, letters: Sequence[str], above: list[Expr], below: list[Expr]) -> Value | None:
        """A sum in which deltas put its terms at places that index arrays give; None where there are none."""
        deltas = places_scattered([*above, *below], letters)
        deltas = [delta for delta in deltas if delta in above]
        if not deltas:
            return None
        rest = mul(*(factor for factor in above if factor not in deltas))
        summand = Div(rest, mul(*below)) if below else rest
        lead = tuple(sorted(frozenset().union(*(delta.right.letters for delta in deltas))))
        inner = tuple(letter for letter in letters if letter not in lead)
        values = self._reduction("sum", inner, summand) if inner else self.value(summand)
        kept = tuple(letter for letter in lead if letter not in letters)
        return scatter(self._whole_array(values, lead), deltas, kept, lead, self._subscript, self.axes, self.size)

    def _whole_array(self, value: Value, letters: tuple[str, ...]) -> Value:
        """A number as an array over the letters."""
        if value.letters:
            return value
        shape = shape_of(map(self.size, letters))
        return Value(f"np.full({shape}, {value.text}, dtype={self.dtype})", letters)

    def _reduced(self, operation: str, letters: tuple[str, ...], value: Value) -> Value:
        axes = [value.letters.index(letter) for letter in letters if letter in value.letters]
        rest = tuple(letter for letter in value.letters if letter not in letters)
        idle = [self.size(letter) for letter in letters if letter not in value.letters]
        if axes:
            shown = "" if not rest else str(axes[0]) if len(axes) == 1 else str(tuple(axes))
            value = Value(f"{value.at(CLOSED)}.{operation}({shown})", rest)
        if operation == "sum" and idle:
            return Value(" * ".join([value.at(RAISED), *idle]), rest, MULTIPLIED)
        if operation == "prod" and idle:
            return Value(f"{value.at(CLOSED)}**{idle[0]}", rest, RAISED)
        return value

    def _element(self, element: Ref, name: str = "") -> Value:
        name = name or self.names.get(element.name, element.name)
        letters = element.axes
        if "" not in letters and len(set(letters)) == len(letters):
            return Value(name, letters)
        if any(index.lookups for index in element.indices):
            sure = is_sure(element, self.marked)
            return pick(name, element.indices, self._subscript, self.axes, sure)
        new = self.axes.union([Value("", tuple(sorted(index.letters))) for index in element.indices])
        rows = [f"({self.offset(index)}, {shape_of(self.step(index, x) for x in new)})" for index in element.indices]
        return Value(f"shifted({name}, {shape_of(rows)}, {shape_of(map(self.size, new))})", new)

    def offset(self, index: Affine) -> str:
        """Source for the part of a subscript without indices."""
        return self._scalars(
            tuple(t for t in index.terms if not any(is_index(f) or isinstance(f, Lookup) for f in t[0]))
        )

    def step(self, index: Affine, letter: str) -> str:
        """Source for what a subscript grows by as an index does."""
        return self._scalars(tuple((tuple(n for n in m if n != letter), c) for m, c in index.terms if letter in m))

    def _scalars(self, terms: tuple[tuple[Monomial, int], ...]) -> str:
        affine = Affine(terms)
        return str(affine.substitute({name: Affine.of(self.names.get(name, name)) for name in affine.names}))

    def _place(self, lookup: Lookup) -> Value:
        """An element of an index array; outside of the array it leads nowhere, far before the first place."""
        element = Ref(lookup.name, lookup.indices)
        if lookup.is_plain:
            return self._element(element)
        found = self._element(element, f"{self.names.get(lookup.name, lookup.name)} + {NOWHERE}")
        return Value(f"{found.text} - {NOWHERE}", found.letters, ADDED)

    def _subscript(self, index: Affine) -> Value:
        if index.lookup:
            return self._place(index.lookup)
        text, letters = "", tuple(sorted(index.letters))
        own = [letter for letter in letters if any(letter in monomial for monomial, _ in index.terms)]
        parts = [(self.step(index, x), Value(f"np.arange({self.size(x)})", (x,))) for x in own]
        parts += [(self._scalars(((rest, c),)), self._subscript(at)) for at, rest, c in _lookups(index)]
        for step, value in parts:
            spread = self.axes.spread(value, letters).text
            text += f" + {spread}" if step == "1" else f" + ({step}) * {spread}"
        offset = self.offset(index)
        text += f" + {offset}" if offset != "0" or not text else ""
        return Value(text[3:], letters, ADDED if text.count(" + ") > 1 or "*" in text else CLOSED)


def _lookups(index: Affine) -> Iterator[tuple[Affine, tuple[Factor, ...], int]]:
    """The elements of index arrays in a sum, with what they are multiplied by."""
    for monomial, number in index.terms:
        for lookup in (factor for factor in monomial if isinstance(factor, Lookup)):
            yield Affine((((lookup,), 1),)), tuple(factor for factor in monomial if factor is not lookup), number


def helpers_in(source: str) -> str:
    """The source of the functions that generated code calls, with their imports."""
    helpers: list[Callable[..., Any]] = [function.helper for function in FUNCTIONS.values() if function.helper]
    called = [f for f in (*helpers, shifted, picked, scattered) if re.search(rf"(?<![.\w]){f.__name__}\(", source)]
    parts = [inspect.getsource(cast(Callable[..., Any], function)) for function in called]
    imports = "import math\n\nimport numpy as np\n" if "math." in source + "".join(parts) else "import numpy as np\n"
    return imports + "".join("\n\n" + part.replace(": Any", "").replace(" -> Any", "") for part in parts)
