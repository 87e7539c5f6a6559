"""Works out the derivatives that a derivation speaks of, `d(Y[i,j])/d(X[m,n])`, by forward differentiation.

The derivative of an expression is an expression over the arrays of the program and over arrays `∂Z/∂X`, one for each
name Z that depends on X, with the axes of Z and then those of X. The evaluator does the rest, in any arithmetic.

A person means one of two things by `d(Z[s])/d(X[m])`: the whole derivative, through everything between X and Z (TOTAL),
or the one that holds all other named quantities fixed, as in a line that spells out every path (DIRECT). In a
recurrence, which depends on itself at other steps, `d(h[i])/d(h[t])` may also be 1 at i = t and else 0 (HELD).

These rules stand beside the engine's laws on purpose: a derivation that the engine wrote is judged here by other code,
so a mistake in one of the two shows. Only the slopes of functions are shared; tests hold each of them to differences.
"""

import itertools
from collections.abc import Callable, Collection, Mapping

from chainrule.derive.evaluation.cancelling import cancelled_extremum
from chainrule.derive.language.claims import Shorthand
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
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
    Where,
    add,
    delta,
    mul,
    num,
    ref,
)
from chainrule.derive.language.functions import EXTREMA, find_function
from chainrule.derive.language.matrices.functions import differentiate
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import Range, reduce_over

TOTAL, DIRECT, HELD = "total", "direct", "held"

# A letter made from another by marks runs over the same dimension. Three primes: a person's own letter has fewer.
MARK = "'''"

Definition = tuple[tuple[str, ...], Expr]


def marked(letter: str, times: int = 1) -> str:
    """A new letter that runs over the same dimension."""
    return letter + MARK * times


def _unused(letter: str, taken: Collection[str], count: int = 1) -> list[str]:
    """New letters that run over the same dimension, none of them among those that are taken."""
    new = (marked(letter, times) for times in itertools.count(9))
    return list(itertools.islice((name for name in new if name not in taken), count))


def dimension(letter: str, of: Mapping[str, str]) -> str:
    """The dimension of a letter, marked or not."""
    while letter not in of and letter.endswith(MARK):
        letter = letter.removesuffix(MARK)
    return of[letter]


class Partials:
    """The derivatives in a program. `arrays` defines each array `∂Z/∂X` met so far: its letters and its expression.

    A shorthand in which a derivative stands has an array for the reading DIRECT too. `gradient` defines the array of a
    gradient such as `dX`; those in `given` are drawn, and depend on nothing.
    """

    def __init__(
        self,
        program: Program,
        shorthands: Mapping[str, Shorthand] | None = None,
        gradient: Callable[[str], Definition] | None = None,
        given: Collection[str] = (),
    ) -> None:
        self.program, self.shorthands = program, shorthands or {}
        self.gradient, self.given = gradient, given
        self._differentiating: set[str] = set()  # the shorthands that hold derivatives
        for name, shorthand in self.shorthands.items():
            if self.has_derivatives(shorthand.value):
                self._differentiating.add(name)
        self.arrays: dict[str, Definition] = {}
        self.expanded: dict[tuple[Expr, str], Expr] = {}

    def expand(self, expr: Expr, reading: str = TOTAL) -> Expr:
        """The expression with every derivative in it worked out; that of what does not move is 0 times anything."""
        known = self.expanded.get((expr, reading))
        if known is not None:
            return known
        new = expr.map(lambda child: self.expand(child, reading))
        if isinstance(new, Mul) and ZERO in set(new.factors) - set(expr.children):
            new = ZERO
        elif isinstance(new, Partial):
            new = self.derivative(new.of, new.by, reading)
        elif isinstance(new, Ref) and reading != TOTAL and self.has_derivatives(new):
            new = Ref(self._read_otherwise(new.name, reading), new.indices)
        self.expanded[expr, reading] = new
        return new

    def spelled_out(self, expr: Expr, reading: str = TOTAL) -> Expr:
        """The expression with no derivative in it, and no array of them; of a recurrence one step."""

        def spelled(node: Expr, within: frozenset[str] = frozenset()) -> Expr:
            node = node.map(lambda child: spelled(child, within))
            match node:
                case Delta(left, right) if left == right:
                    return ONE
                case Mul(factors):
                    return mul(*(factor for factor in factors if factor != ONE))
                case Ref(name, indices) if name in self.arrays and name not in within:
                    letters, value = self.arrays[name]
                    return spelled(value.rename(dict(zip(letters, indices, strict=True))), within | {name})
            return node

        return spelled(self.expand(expr, reading))

    def has_derivatives(self, expr: Expr) -> bool:
        """Whether a derivative stands in an expression, or in a shorthand that it uses."""
        return bool(expr.names & self._differentiating) or any(isinstance(node, Partial) for node in expr.walk())

    def other_readings(self, expr: Expr) -> tuple[str, ...]:
        """What else than whole derivatives the derivatives in an expression may be."""
        if not self.has_derivatives(expr):
            return ()
        return (DIRECT, HELD) if self.program.loops else (DIRECT,)

    def _read_otherwise(self, name: str, reading: str) -> str:
        """The array of a shorthand whose derivatives hold other quantities fixed."""
        key, shorthand = f"{name} {reading}", self.shorthands[name]
        if key not in self.arrays:
            self.arrays[key] = shorthand.letters, self.expand(shorthand.value, reading)
        return key

    def derivative(self, expr: Expr, by: Ref, reading: str = TOTAL) -> Expr:
        """d expr / d by."""
        if by.name in self.shorthands:
            raise EquationError(
                f"`{by.name}` is a shorthand; expected a quantity of the forward program below the fraction line"
            )
        if by.name not in self.program.ranks:
            raise EquationError(f"`{by.name}` is itself a gradient; no derivative with respect to it is known")
        explicit = reading == HELD or (reading == DIRECT and not isinstance(expr, Ref))
        return _Derivative(self, by, reading, explicit).of(expr)

    def array(self, name: str, by: str, reading: str) -> str:
        """The array of derivatives of an array by an array; its name, or an empty one where all are 0."""
        if name not in self.program.defined and name not in self.shorthands:
            return self._array_of_gradient(name, by)
        names = [*self.program.defined, *self.shorthands]
        for earlier in names[: names.index(name) + 1]:  # in order, so that none waits for all before it
            key = f"∂{earlier}/∂{by}" + (f" {DIRECT}" if reading == DIRECT else "")
            if key not in self.arrays:
                self.arrays[key] = ((), ONE)  # while it is worked out: a recurrence comes back to it
                self.arrays[key] = self._defined(earlier, by, reading)
        key = f"∂{name}/∂{by}" + (f" {DIRECT}" if reading == DIRECT else "")
        return key if self.arrays[key][1] != ZERO else ""

    def _array_of_gradient(self, name: str, by: str) -> str:
        """The same for an array that is a gradient, or holds derivatives itself."""
        key = f"∂({name})/∂{by}"
        if key not in self.arrays:
            assert name in self.arrays or self.gradient, "a gradient has a definition"
            letters, value = self.arrays.get(name) or self.gradient(name)  # type: ignore[misc]
            axes: tuple[str, ...] = ()
            for letter in self.program.axes(by):
                times = next(
                    k for k in itertools.count(1) if marked(letter, k) not in {*letters, *axes, *value.letters}
                )
                axes += (marked(letter, times),)
            self.arrays[key] = ((), ONE)  # while it is worked out: a recurrence comes back to it
            self.arrays[key] = letters + axes, _Derivative(self, ref(by, axes), TOTAL).of(value)
        return key if self.arrays[key][1] != ZERO else ""

    def _defined(self, name: str, by: str, reading: str) -> Definition:
        statement = self.program.defined.get(name) or self.shorthands[name]
        axes = tuple(marked(letter, k) for k, letter in enumerate(self.program.axes(by), 1))
        slope = _Derivative(self, ref(by, axes), reading, explicit=reading == DIRECT)
        value = slope.of(self.expand(statement.value, reading))
        if name == by and reading == TOTAL and by in self.program.loops:
            value = _plus(slope.itself(statement.target), value)
        return statement.letters + axes, value


class _Derivative:
    """d … / d by; with `explicit`, only where `by` itself stands in the text."""

    def __init__(self, partials: Partials, by: Ref, reading: str, explicit: bool = False) -> None:
        self.partials, self.by, self.reading, self.explicit = partials, by, reading, explicit

    def of(self, expr: Expr) -> Expr:
        """One rule for each kind of node; whatever does not depend on `by` has the derivative 0."""
        match expr:
            case Ref():
                return self._element(expr)
            case Neg(argument):
                return _times(num(-1), self.of(argument))
            case Add(terms):
                return _plus(*map(self.of, terms))
            case Mul(factors):
                return _plus(*(_times(*factors[:k], self.of(f), *factors[k + 1 :]) for k, f in enumerate(factors)))
            case Div(a, b):
                return _plus(_over(self.of(a), b), _times(num(-1), _over(_times(a, self.of(b)), Pow(b, num(2)))))
            case Pow(base, exponent):
                return self._power(base, exponent)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Where(condition, then, other):
                return _choose(condition, self.of(then), self.of(other))
            case Reduce(operation, letters, body):
                return self._reduction(operation, letters, body)
            case MatrixFunction(_, (row, _), body):
                if self.of(body) == ZERO:
                    return ZERO
                k, m, spare = _unused(row, expr.letters | self.by.letters, 3)
                return differentiate(expr, k, m, spare, self.of)
            case _:
                return ZERO

    def _element(self, element: Ref) -> Expr:
        by, program = self.by, self.partials.program
        if element.name == by.name and (self.explicit or by.name not in program.loops):
            return self.itself(element)
        if self.explicit or element.name in program.inputs or element.name in self.partials.given:
            return ZERO
        if element.name[:1] == "d" and element.name[1:] in (program.output, *program.outputs):
            return ZERO
        name = self.partials.array(element.name, by.name, self.reading)
        return Ref(name, element.indices + by.indices) if name else ZERO

    def itself(self, element: Ref) -> Expr:
        """d X[a,b] / d X[m,n]."""
        return mul(*(delta(a, b) for a, b in zip(element.indices, self.by.indices, strict=True)))

    def _power(self, base: Expr, exponent: Expr) -> Expr:
        if exponent == ZERO:
            return ZERO
        less = num(exponent.value - 1) if isinstance(exponent, Num) else add(exponent, num(-1))
        steep = _times(exponent, base if less == ONE else Pow(base, less), self.of(base))
        return _plus(steep, _times(Pow(base, exponent), Call("log", (base,)), self.of(exponent)))

    def _call(self, function: str, arguments: tuple[Expr, ...]) -> Expr:
        if function in EXTREMA:
            first, *rest = sorted(arguments, key=lambda a: self.by.name not in a.names and self.of(a) == ZERO)
            if not rest:
                return self.of(first)
            other = rest[0] if len(rest) == 1 else Call(function, tuple(rest))
            beyond = Compare(">" if function == "max" else "<", first, other)  # as derive has it, where both are equal
            return _choose(beyond, self.of(first), self._call(function, tuple(rest)))
        inner = self.of(arguments[0])
        return ZERO if inner == ZERO else _times(find_function(function).slope(arguments[0]), inner)

    def _reduction(self, operation: str, letters: tuple[str, ...], body: Expr) -> Expr:
        if operation in ("sum", "mean"):
            inner = self.of(body)
            return ZERO if inner == ZERO else Reduce(operation, letters, inner)
        if operation == "prod":
            return self._product_over_index(letters[0], body)
        plain = cancelled_extremum(Reduce(operation, letters, body))
        letters, body = plain.indices, plain.body
        if not letters:
            return self.of(body)
        other = {letter: _unused(letter, body.letters | self.by.letters)[0] for letter in letters}
        mine = body.rename({letter: Affine.of(new) for letter, new in other.items()})
        chosen = Compare("==", mine, Reduce(operation, letters, body))  # the place that is the largest
        inner = self.of(mine)
        return ZERO if inner == ZERO else Reduce("sum", tuple(other.values()), Where(chosen, inner, ZERO))

    def _product_over_index(self, letter: str, body: Expr) -> Expr:
        """The sum over the factors of their derivatives, each times the product of all others."""
        (other,) = _unused(letter, body.letters | self.by.letters)
        inner = self.of(body)
        different = Compare("!=", Position(other), Position(letter))
        rest = reduce_over("prod", Range((other,), (different,)), body.rename({letter: Affine.of(other)}))
        return ZERO if inner == ZERO else Reduce("sum", (letter,), _times(rest, inner))


def _plus(*terms: Expr) -> Expr:
    return add(*(term for term in terms if term != ZERO))


def _times(*factors: Expr) -> Expr:
    return ZERO if ZERO in factors else mul(*(factor for factor in factors if factor != ONE))


def _over(a: Expr, b: Expr) -> Expr:
    return ZERO if a == ZERO else Div(a, b)


def _choose(condition: Expr, a: Expr, b: Expr) -> Expr:
    return a if a == b else Where(condition, a, b)
