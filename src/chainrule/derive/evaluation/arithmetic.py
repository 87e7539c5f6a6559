"""The numbers that an expression can be evaluated in.

`Floating` is NumPy's own, complex included; `HighPrecision` carries fifty digits or more; `Modular` counts
modulo the prime 2^31 - 1, exactly, and knows no functions; `Adic` counts modulo the square of a prime, where a step as
large as the prime is as good as an infinitesimal. All work on whole arrays.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, localcontext
from fractions import Fraction
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.functions import HUGE, find_function

Array = Any  # an ndarray of the arithmetic's own kind of number

NAN = Decimal("NaN")
BITS_PER_DIGIT, FAR = 3.3219281, 1_000_000  # how many digits a number is long that goes to mpmath as a text

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

    digits = 16

    def __init__(self, dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)

    def calculating(self) -> AbstractContextManager[Any]:
        """Within it the operators of arrays calculate in this arithmetic."""
        return nullcontext()

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
        """A quotient; by what is real part by part, so that a / a is 1 exactly in complex numbers too."""
        if self.dtype.kind != "c" or np.any(np.imag(b)):
            return np.divide(a, b)
        return np.divide(np.real(a), np.real(b)) + 1j * np.divide(np.imag(a), np.real(b))

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
    """Arrays of decimal numbers, which are calculated with in C; their functions are mpmath's."""

    def __init__(self, digits: int = 50) -> None:
        super().__init__(object)
        self.digits = digits
        self.context = _make_context(digits + 2)

    def calculating(self) -> AbstractContextManager[Any]:
        """Within it operators of arrays carry all digits."""
        return localcontext(self.context)

    def array(self, values: Array) -> Array:
        """Numbers of any kind as decimal numbers; floats keep their exact value."""
        flat = [self._number(value) for value in np.asarray(values, dtype=object).ravel()]
        return _objects(flat, np.shape(values))

    def _number(self, value: Any) -> Decimal:
        if isinstance(value, Fraction):
            return self.number(value)
        return Decimal(value if isinstance(value, (int, Decimal)) else float(value))

    def number(self, value: Fraction) -> Array:
        """An exact number, rounded once."""
        return self.context.divide(Decimal(value.numerator), Decimal(value.denominator))

    def constant(self, name: str) -> Array:
        """`pi` or `inf`."""
        return _from_mpmath(+_load_mpmath(self.digits).pi, self.digits) if name == "pi" else Decimal("Infinity")

    def real(self, values: Array) -> Array:
        """All numbers here are real."""
        return values

    def call(self, function: str, values: Array) -> Array:
        """A function of one argument, elementwise."""
        return _each(partial(_value_of, function, self.digits), values)

    def divide(self, a: Array, b: Array) -> Array:
        """A quotient; nan where the denominator is 0."""
        return np.divide(a, np.where(np.equal(b, 0), np.array(NAN), b))

    def power(self, base: Array, exponent: Array) -> Array:
        """A power; nan where it is not real."""
        return _each(self._power, base, exponent)

    def _power(self, x: Decimal, y: Decimal) -> Decimal:
        if x != x or y != y or abs(y) > HUGE:
            return NAN
        if y == y.to_integral_value():
            return x ** int(y) if x and y else NAN if y < 0 else Decimal(int(not y))
        return x**y if x > 0 or (x == 0 and y > 0) else NAN

    def compare(self, relation: str, a: Array, b: Array) -> Array:
        """1 where the relation holds, else 0; nan where a side is undefined."""
        bound = Decimal(float(np.finfo(float).eps * 16))  # as in float64: an input that is 0.1 equals the number 0.1
        rounding = Decimal(1).scaleb(-(9 * self.digits // 10)) if relation in ("==", "!=") else 0  # beside 0

        def held(x: Decimal, y: Decimal) -> Decimal:
            if x != x or y != y:
                return NAN
            close = abs(x - y) <= max(bound * min(abs(x), abs(y)), rounding)
            return Decimal(int(bool(COMPARISONS[relation](x, x if close and y.is_finite() else y))))

        return _each(held, a, b)

    def differentiate(self, function: Callable[[Any], Array], here: Array) -> Array:
        """(f(h) − f(0)) / h with a tiny h: to about 25 of 50 digits."""
        step = Decimal(1).scaleb(-(self.digits // 2))
        with self.calculating():
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
def _make_context(digits: int) -> Context:
    """What is divided by 0 raises an error, what has no value is nan, and no number is too large."""
    return Context(digits, ROUND_HALF_EVEN, MIN_EMIN, MAX_EMAX, 1, 0, [], [DivisionByZero])


@cache
def _load_mpmath(digits: int) -> Any:
    """An mpmath context, which takes a millisecond to make; mpmath itself takes thirty to load, and not all need it."""
    import mpmath

    context = mpmath.MPContext()
    context.dps = digits
    return context


@lru_cache(20_000)
def _value_of(function: str, digits: int, x: Decimal) -> Decimal:
    """A function of one number. Most numbers come again: one element is moved at a time."""
    value = find_function(function).evaluate_precisely(_load_mpmath(digits), _to_mpmath(x, digits))
    return _from_mpmath(value, digits)


def _to_mpmath(x: Decimal, digits: int) -> Any:
    """A number as mpmath has it: a whole number times a power of two."""
    mpmath = _load_mpmath(digits)
    if not x or not x.is_finite() or abs(x.adjusted()) > FAR:
        return mpmath.mpf(str(x))
    places = mpmath.prec + 6 - int(x.adjusted() * BITS_PER_DIGIT)
    return mpmath.ldexp(mpmath.mpf(int(_make_context(digits + 2).multiply(x, _power_of_two(places, digits)))), -places)


def _from_mpmath(x: Any, digits: int) -> Decimal:
    sign, mantissa, exponent, _ = x._mpf_
    if not mantissa:  # nothing, or no finite number
        return Decimal(float(x))
    return _make_context(digits + 2).multiply(Decimal(-mantissa if sign else mantissa), _power_of_two(exponent, digits))


@lru_cache(10_000)
def _power_of_two(exponent: int, digits: int) -> Decimal:
    return _make_context(digits + 10).power(2, exponent)


def _objects(flat: list[Any], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(shape)


def _each(function: Callable[..., Any], *arrays: Array) -> Array:
    spread = np.broadcast_arrays(*(np.asarray(array, dtype=object) for array in arrays))
    return _objects([function(*values) for values in zip(*(a.ravel() for a in spread), strict=True)], spread[0].shape)
