"""The functions of the language, one row each: all that the package knows of a function.

In the fields that hold text, … stands for the argument. What a row leaves out follows from its name: NumPy and mpmath
have a function of the same name, and LaTeX sets it as an operator.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Call,
    Compare,
    Const,
    Div,
    Expr,
    Pow,
    Where,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.words import special_functions as special
from chainrule.derive.language.words.unknown_functions import draw_function, python_name


@dataclass(frozen=True)
class Function:
    """A function of one number.

    slope: the derivative, as an expression of the argument.
    aliases: further names, understood where a bracket follows.
    numpy: source for an array: one call, or a product. helper: a function that this source calls; generated code
        carries a copy of it. has_math: whether `math` has the function too, for a single number.
    floating: the values at an array of floats or complex numbers. Complex numbers are ordered by their real parts and
        keep the derivative in the imaginary part, so a complex step goes through.
    precise: the value at one number x of an mpmath context, as precise(context, x); it may raise ValueError.
    domain: between which numbers it has values.
    grows: whether mpmath would take forever at an argument beyond float64.
    has_kink: whether it has branches, as abs has at 0.
    levelling: of a function that goes to a limit, the logarithm of how far it still is from it, without its sign, at
        one number: x for exp(-x), so that 1 + exp(-x) or 1 - f(x) is told from 1 with so many nats more.
    latex, mathml: the name of the operator, or all of the text with … in it.
    """

    name: str
    slope: Callable[[Expr], Expr]
    aliases: tuple[str, ...] = ()
    numpy: str = ""
    helper: Callable[[Any], Any] | None = None
    has_math: bool = False
    floating: Callable[[Any], Any] | None = None
    precise: Callable[[Any, Any], Any] | None = None
    domain: tuple[float, float] = (-math.inf, math.inf)
    grows: bool = True
    has_kink: bool = False
    levelling: Callable[[Any], Any] | None = None
    latex: str = ""
    mathml: str = ""

    @property
    def template(self) -> str:
        """NumPy source, with … for the argument."""
        return self.numpy or f"np.{self.name}(…)"

    @property
    def is_formula(self) -> bool:
        """Whether the NumPy source is more than one call, so that the argument and the whole may need brackets."""
        return not re.fullmatch(r"[\w.]+\([^()]*\)", self.template)

    def evaluate(self, values: Any) -> Any:
        """The values at floats or complex numbers."""
        return (self.floating or getattr(np, self.name))(values)

    def evaluate_precisely(self, context: Any, x: Any) -> Any:
        """The value at one number of an mpmath context; nan where there is none."""
        try:
            if self.grows and abs(x) > HUGE:
                return context.nan
            return self.precise(context, x) if self.precise else getattr(context, self.name)(x)
        except (ValueError, ZeroDivisionError, OverflowError):
            return context.nan


HUGE = 2**1024  # no float64 is as large; high precision has no overflow, and a tower of powers would take forever


def _call(function: str, a: Expr) -> Expr:
    return Call(function, (a,))


def _square(a: Expr) -> Expr:
    return Pow(a, num(2))


def _gaussian(a: Expr) -> Expr:
    return mul(Div(num(2), _call("sqrt", Const("pi"))), _call("exp", neg(_square(a))))


def _precise_log(context: Any, x: Any) -> Any:
    return context.nan if x < 0 else -context.inf if x == 0 else context.log(x)


FAR_BELOW = -1_000
NO_TAIL = 1e9  # exp(-x²) is less than any decimal number


def _precise_lgamma(context: Any, x: Any) -> Any:
    return context.loggamma(x) if x > 0 else context.log(abs(context.gamma(x)))


def _precise_trigamma(context: Any, x: Any) -> Any:
    """By reflection far below zero, where mpmath takes as many steps as there are poles above."""
    if x > FAR_BELOW:
        return context.psi(1, x)
    wave = context.sinpi(x)
    return context.inf if wave == 0 else (context.pi / wave) ** 2 - context.psi(1, 1 - x)


def _slope_of_trigamma(a: Expr) -> Expr:
    raise EquationError("the derivative of trigamma, the third of lgamma, is no function of the language")


def _floating_softplus(x: Any) -> Any:
    return np.where(np.real(x) > 0, x, 0) + np.log1p(np.exp(np.where(np.real(x) > 0, -x, x)))


# Those that people mistake for another most often come first: repairs try them in this order.
FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("exp", lambda a: _call("exp", a), has_math=True, levelling=np.abs, latex=r"\exp"),
        Function(
            "log", lambda a: Div(ONE, a), aliases=("ln",), has_math=True, precise=_precise_log, grows=False,
            domain=(0, math.inf), latex=r"\log",
        ),
        Function(
            "sqrt", lambda a: Div(ONE, mul(num(2), _call("sqrt", a))), has_math=True, grows=False, domain=(0, math.inf),
            precise=lambda c, x: c.nan if x < 0 else c.sqrt(x), latex=r"\sqrt{…}", mathml="<msqrt>…</msqrt>",
        ),
        Function(
            "tanh", lambda a: add(ONE, neg(_square(_call("tanh", a)))), has_math=True,
            levelling=lambda x: 2 * np.abs(x), latex=r"\tanh",
        ),
        Function(
            "sigmoid", lambda a: mul(_call("sigmoid", a), add(ONE, neg(_call("sigmoid", a)))), aliases=("σ",),
            numpy="0.5 * (1 + np.tanh(0.5 * …))", floating=lambda x: (1 + np.tanh(x / 2)) / 2,
            precise=lambda c, x: 1 / (1 + c.exp(-x)), levelling=np.abs, latex=r"\sigma", mathml="σ",
        ),
        Function("sin", lambda a: _call("cos", a), has_math=True, latex=r"\sin"),
        Function("cos", lambda a: neg(_call("sin", a)), has_math=True, latex=r"\cos"),
        Function(
            "relu", lambda a: Where(Compare(">", a, ZERO), ONE, ZERO), numpy="np.maximum(…, 0)", grows=False,
            floating=lambda x: np.where(np.real(x) > 0, x, 0 * x), precise=lambda c, x: max(x, c.zero), has_kink=True,
        ),
        Function(
            "abs", lambda a: _call("sign", a), floating=lambda x: np.where(np.real(x) < 0, -x, x), grows=False,
            precise=lambda c, x: abs(x), has_kink=True, latex=r"\left|…\right|",
            mathml="<mrow><mo>|</mo>…<mo>|</mo></mrow>",
        ),
        Function(
            "sign", lambda a: ZERO, floating=lambda x: np.sign(np.real(x)) + 0 * x, grows=False, has_kink=True,
        ),
        Function("cosh", lambda a: _call("sinh", a), has_math=True, levelling=lambda x: 2 * np.abs(x), latex=r"\cosh"),
        Function("sinh", lambda a: _call("cosh", a), has_math=True, levelling=lambda x: 2 * np.abs(x), latex=r"\sinh"),
        Function(
            "log1p", lambda a: Div(ONE, add(ONE, a)), has_math=True, precise=lambda c, x: _precise_log(c, 1 + x),
            grows=False, domain=(-1, math.inf),
        ),
        Function("expm1", lambda a: _call("exp", a), has_math=True, levelling=np.abs),
        Function("tan", lambda a: add(ONE, _square(_call("tan", a))), has_math=True, latex=r"\tan"),
        Function(
            "arctan", lambda a: Div(ONE, add(ONE, _square(a))), aliases=("atan",), precise=lambda c, x: c.atan(x),
            latex=r"\arctan",
        ),
        Function(
            "erf", _gaussian, numpy="erf(…)", helper=special.erf, has_math=True,
            floating=special.stepped(special.erf, special.erf_slope), levelling=np.square,
        ),
        Function(
            "softplus", lambda a: _call("sigmoid", a), numpy="np.logaddexp(0, …)", floating=_floating_softplus,
            precise=lambda c, x: c.log1p(c.exp(x)), levelling=np.abs,
        ),
        Function(
            "erfc", lambda a: neg(_gaussian(a)), numpy="erfc(…)", helper=special.erfc, has_math=True,
            floating=special.stepped(special.erfc, lambda x: -special.erf_slope(x)), levelling=np.square,
            precise=lambda c, x: c.erfc(x) if x < NO_TAIL else c.zero,
        ),
        Function(
            "log2", lambda a: Div(ONE, mul(a, _call("log", num(2)))), has_math=True, grows=False, domain=(0, math.inf),
            precise=lambda c, x: _precise_log(c, x) / c.log(2), latex=r"\log_2", mathml="<msub>log<mn>2</mn></msub>",
        ),
        Function(
            "log10", lambda a: Div(ONE, mul(a, _call("log", num(10)))), has_math=True, grows=False,
            domain=(0, math.inf), precise=lambda c, x: _precise_log(c, x) / c.log(10), latex=r"\log_{10}",
        ),
        Function(
            "exp2", lambda a: mul(_call("exp2", a), _call("log", num(2))), precise=lambda c, x: c.mpf(2) ** x,
            floating=lambda x: np.exp(x * math.log(2)) if np.iscomplexobj(x) else np.exp2(x), levelling=np.abs,
            latex="2^{…}",
        ),
        Function(
            "arcsin", lambda a: Div(ONE, _call("sqrt", add(ONE, neg(_square(a))))), aliases=("asin",), domain=(-1, 1),
            precise=lambda c, x: c.asin(x) if abs(x) <= 1 else c.nan, grows=False, latex=r"\arcsin",
        ),
        Function(
            "arccos", lambda a: neg(Div(ONE, _call("sqrt", add(ONE, neg(_square(a)))))), aliases=("acos",),
            precise=lambda c, x: c.acos(x) if abs(x) <= 1 else c.nan, grows=False, domain=(-1, 1), latex=r"\arccos",
        ),
        Function(
            "arcsinh", lambda a: Div(ONE, _call("sqrt", add(_square(a), ONE))), aliases=("asinh", "arsinh"),
            grows=False,
            precise=lambda c, x: c.asinh(x),
        ),
        Function(
            "arccosh", lambda a: Div(ONE, _call("sqrt", add(_square(a), neg(ONE)))), aliases=("acosh", "arcosh"),
            grows=False,
            precise=lambda c, x: c.acosh(x) if x >= 1 else c.nan, domain=(1, math.inf),
        ),
        Function(
            "arctanh", lambda a: Div(ONE, add(ONE, neg(_square(a)))), aliases=("atanh", "artanh"),
            domain=(-1, 1), grows=False,
            precise=lambda c, x: c.atanh(x) if abs(x) < 1 else c.nan,
        ),
        Function(
            "lgamma", lambda a: _call("digamma", a), aliases=("gammaln", "loggamma"), numpy="lgamma(…)",
            helper=special.lgamma, has_math=True, floating=special.stepped(special.lgamma, special.digamma),
            precise=_precise_lgamma, domain=(0, math.inf), latex=r"\log\Gamma", mathml="log Γ",
        ),
        Function(
            "digamma", lambda a: _call("trigamma", a), numpy="digamma(…)", helper=special.digamma,
            floating=special.stepped(special.digamma, special.trigamma), domain=(0, math.inf),
            latex=r"\psi", mathml="ψ",
        ),
        Function(
            "trigamma", _slope_of_trigamma, numpy="trigamma(…)", helper=special.trigamma,
            floating=lambda x: special.trigamma(np.real(x)), precise=_precise_trigamma, domain=(0, math.inf),
            latex=r"\psi_1", mathml="<msub>ψ<mn>1</mn></msub>",
        ),
    )
}  # fmt: skip

ALIASES = {alias: function.name for function in FUNCTIONS.values() for alias in function.aliases}
EXTREMA = ("max", "min")  # of two arguments or more, or over an index


def find_function(name: str) -> Function:
    """The row of a function of the language; that of an unknown function where there is none."""
    return FUNCTIONS[name] if name in FUNCTIONS else _make_unknown(name)


def unknown_in(exprs: Iterable[Expr]) -> list[str]:
    """The unknown functions in expressions, derivatives for themselves, in order."""
    calls = (node.function for expr in exprs for node in expr.walk() if isinstance(node, Call))
    return list(dict.fromkeys(name for name in calls if name not in FUNCTIONS and name not in EXTREMA))


@cache
def _make_unknown(name: str) -> Function:
    value = draw_function(name)
    return Function(
        name,
        lambda a: Call(f"{name}'", (a,)),
        numpy=f"{python_name(name)}(…)",
        floating=lambda x: value(x, np.sin, np.cos),
        precise=lambda context, x: value(x, context.sin, context.cos),
    )
