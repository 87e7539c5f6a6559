"""The numbers that an expression can be evaluated in.

`Floating` is NumPy's own, complex included; `HighPrecision` carries fifty digits or more with mpmath; `Modular` counts
modulo the prime 2^31 - 1, exactly, and knows no functions; `Adic` counts modulo the square of a prime, where a step as
large as the prime is as good as an infinitesimal. All work on whole arrays.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.functions import HUGE, find_function

Array = Any  # an ndarray of the arithmetic's own kind of number

COMPARISONS: dict[str, Callable[[Array, Array], Array]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


class Floating:
    """NumPy arrays of any float or complex type.

    Complex numbers order by their real parts, and `abs` keeps the derivative, so a complex step goes through.
    """

    def __init__(self, dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)

    def array(self, values: Array) -> Array:
        """An input as an array of this arithmetic."""
        return np.asarray(values, dtype=self.dtype)

    def number(self, value: Fraction) -> Array:
        """An exact number."""
        return self.dtype.type(value)

    def constant(self, name: str) -> Array:
        """`pi` or `inf`."""
        return self.dtype.type(np.pi if name == "pi" else np.inf)

    def reduced(self, values: Array) -> Array:
        """The result of an operation, brought to its normal form."""
        return values

    def real(self, values: Array) -> Array:
        """What comparisons compare."""
        return np.real(values)

    def places(self, values: Array) -> Array:
        """The elements of an index array as floats, which hold every place of an axis exactly."""
        return np.asarray(self.real(values)).astype(float)

    def call(self, function: str, values: Array) -> Array:
        """A function of one argument, elementwise."""
        return find_function(function).evaluate(values)

    def divide(self, a: Array, b: Array) -> Array:
        """A quotient."""
        return np.divide(a, b)

    def power(self, base: Array, exponent: Array) -> Array:
        """A power; a whole exponent is exact for negative bases too, and nan to the power of 0 is nan."""
        return np.where(base != base, base, np.power(base, exponent))

    def compare(self, relation: str, a: Array, b: Array) -> Array:
        """1 where the relation holds, else 0; nan where a side is undefined, so that no case hides it."""
        a, b = np.broadcast_arrays(self.real(a), self.real(b))
        held = self.array(COMPARISONS[relation](a, np.where(self._close(a, b), a, b)))
        undefined = (a != a) | (b != b)
        return np.where(undefined, self.dtype.type(np.nan), held) if undefined.any() else held

    def _close(self, a: Array, b: Array) -> Array:
        """Where numbers are equal but for rounding, as one product is in two orders of its factors."""
        digits = np.finfo(self.dtype).eps * 16
        return np.isfinite(b) & (np.abs(a - b) <= digits * np.minimum(np.abs(a), np.abs(b)))

    def larger(self, a: Array, b: Array, sign: int) -> Array:
        """Elementwise maximum (sign 1) or minimum (sign -1); nan where either is."""
        mine = self.real(a)
        return np.where((sign * mine >= sign * self.real(b)) | (mine != mine), a, b)

    def differentiate(self, function: Callable[[Any], Array], here: Array) -> Array:
        """The derivative at 0 of a function of one number of this arithmetic, whose value at 0 is `here`."""
        raise EquationError("a derivative has no value in this arithmetic")


class HighPrecision(Floating):
    """Arrays of mpmath numbers."""

    def __init__(self, digits: int = 50) -> None:
        super().__init__(object)
        self.context = _make_context(digits)

    def array(self, values: Array) -> Array:
        """Numbers of any kind as mpmath numbers; floats keep their exact value."""
        flat = [self._number(value) for value in np.asarray(values, dtype=object).ravel()]
        return _objects(flat, np.shape(values))

    def _number(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            return self.number(value)
        return self.context.mpf(value if isinstance(value, (int, self.context.mpf)) else float(value))

    def number(self, value: Fraction) -> Array:
        """An exact number, rounded once."""
        return self.context.mpf(value.numerator) / value.denominator

    def constant(self, name: str) -> Array:
        """`pi` or `inf`."""
        return +self.context.pi if name == "pi" else self.context.inf

    def real(self, values: Array) -> Array:
        """All numbers here are real."""
        return values

    def call(self, function: str, values: Array) -> Array:
        """A function of one argument, elementwise."""
        row = find_function(function)
        return _each(lambda x: row.evaluate_precisely(self.context, x), values)

    def divide(self, a: Array, b: Array) -> Array:
        """A quotient; nan where the denominator is 0."""
        return _each(lambda x, y: x / y if y != 0 else self.context.nan, a, b)

    def power(self, base: Array, exponent: Array) -> Array:
        """A power; nan where it is not real."""
        return _each(self._power, base, exponent)

    def _power(self, x: Any, y: Any) -> Any:
        c = self.context
        if abs(y) > HUGE:
            return c.nan
        if x != x or y != y:
            return c.nan
        if y == c.floor(y):
            return x ** int(y) if x != 0 or y >= 0 else c.nan
        return c.power(x, y) if x > 0 or (x == 0 and y > 0) else c.nan

    def compare(self, relation: str, a: Array, b: Array) -> Array:
        """1 where the relation holds, else 0; nan where a side is undefined."""
        c, bound = self.context, np.finfo(float).eps * 16  # as in float64: an input that is 0.1 equals the number 0.1

        def held(x: Any, y: Any) -> Any:
            if x != x or y != y:
                return c.nan
            close = abs(x - y) <= bound * min(abs(x), abs(y))
            return c.mpf(int(bool(COMPARISONS[relation](x, x if close and c.isfinite(y) else y))))

        return _each(held, a, b)

    def differentiate(self, function: Callable[[Any], Array], here: Array) -> Array:
        """(f(h) − f(0)) / h with a tiny h: to about 25 of 50 digits."""
        step = self.context.mpf(10) ** -(self.context.dps // 2)
        return (function(step) - here) / step


class Modular(Floating):
    """Whole numbers modulo the prime 2^31 - 1: exact for expressions of + - * / and whole powers, and fast."""

    prime = 2**31 - 1
    modulus = prime

    def __init__(self) -> None:
        super().__init__(np.int64)

    def array(self, values: Array) -> Array:
        """Whole numbers, reduced."""
        if getattr(values, "dtype", None) == np.int64:
            return np.asarray(values % self.modulus)
        whole = [self._residue(value) for value in np.asarray(values, dtype=object).ravel()]
        return np.array(whole, dtype=np.int64).reshape(np.shape(values))

    def _residue(self, value: Any) -> int:
        exact = Fraction(value) if isinstance(value, (int, Fraction)) else Fraction(int(value))
        return exact.numerator * pow(exact.denominator, -1, self.modulus) % self.modulus

    def number(self, value: Fraction) -> Array:
        """An exact number; its denominator is no multiple of the prime in any text that a person writes."""
        return np.int64(value.numerator * pow(value.denominator, -1, self.modulus) % self.modulus)

    def places(self, values: Array) -> Array:
        """Remainders past the middle stand for negative numbers."""
        return np.where(values > self.modulus // 2, values - self.modulus, values).astype(float)

    def constant(self, name: str) -> Array:
        """There are no irrational constants here."""
        raise EquationError(f"`{name}` is not rational")

    def reduced(self, values: Array) -> Array:
        """The remainder."""
        return np.asarray(values, dtype=np.int64) % self.modulus

    def call(self, function: str, values: Array) -> Array:
        """There are no functions here."""
        raise EquationError(f"`{function}` is not rational")

    def divide(self, a: Array, b: Array) -> Array:
        """A quotient; ZeroDivisionError where the denominator is 0 modulo the prime."""
        b = np.asarray(b, dtype=np.int64)
        if not np.all(b % self.prime):
            raise ZeroDivisionError("division by 0 modulo the prime")
        return a * self._whole_power(b, self.modulus - self.modulus // self.prime - 1) % self.modulus

    def power(self, base: Array, exponent: Array) -> Array:
        """A power; the exponent is one whole number for all elements."""
        exponents = {int(e) for e in np.ravel(exponent)}
        if len(exponents) != 1:
            raise EquationError("an exponent that varies is not rational")
        whole = exponents.pop()
        if whole > self.modulus // 2:  # a negative exponent, reduced
            return self.divide(np.int64(1), self._whole_power(base, self.modulus - whole))
        return self._whole_power(base, whole)

    def _whole_power(self, base: Array, exponent: int) -> Array:
        result, square = np.ones_like(base, dtype=np.int64), np.asarray(base, dtype=np.int64)
        while exponent:
            if exponent & 1:
                result = result * square % self.modulus
            square = square * square % self.modulus
            exponent >>= 1
        return result

    def _close(self, a: Array, b: Array) -> Array:
        return np.False_  # nothing is rounded

    def larger(self, a: Array, b: Array, sign: int) -> Array:
        """Remainders have no order."""
        raise EquationError("max and min are not rational")


class Adic(Modular):
    """Whole numbers modulo p², of which only the remainder modulo p counts in the end.

    There f(x + p) = f(x) + p f′(x) for every quotient of polynomials (Taylor), so a step of p gives the derivative
    modulo p exactly, without a rule of calculus.
    """

    prime = 46_337  # the largest whose square is less than 2^31: products fit in 64 bits
    modulus = prime**2

    def differentiate(self, function: Callable[[Any], Array], here: Array) -> Array:
        """(f(p) − f(0)) / p, modulo p."""
        return (function(np.int64(self.prime)) - here) % self.modulus // self.prime


@cache
def _make_context(digits: int) -> Any:
    """An mpmath context, which takes a millisecond to make; mpmath itself takes thirty to load, and few need it."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = digits
    return context


def _objects(flat: list[Any], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(shape)


def _each(function: Callable[..., Any], *arrays: Array) -> Array:
    spread = np.broadcast_arrays(*(np.asarray(array, dtype=object) for array in arrays))
    return _objects([function(*values) for values in zip(*(a.ravel() for a in spread), strict=True)], spread[0].shape)
