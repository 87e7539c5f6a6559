"""Every row of the table of functions, held to itself: its slope and its values in all arithmetics agree."""

from decimal import Decimal

import mpmath
import numpy as np
import pytest

from chainrule.derive import EquationError, derive
from chainrule.derive.codegen.expressions import Writer, helpers_in
from chainrule.derive.evaluation.arithmetic import Floating, HighPrecision
from chainrule.derive.evaluation.evaluator import evaluate_expr
from chainrule.derive.language.expressions import Call, Expr, Ref, ref
from chainrule.derive.language.functions import FUNCTIONS

X = np.array([0.25, 0.5, 0.75, 1.375, 2.5])
SMOOTH = [name for name in FUNCTIONS if name != "trigamma"]  # whose derivative is no function of the language
CALLS = {name: Call(name, (ref("X", ("i",)),)) for name in FUNCTIONS}


def inside(name: str) -> np.ndarray:
    """Numbers in the domain of a function."""
    low, high = FUNCTIONS[name].domain
    x = np.concatenate([X, -X / 3])
    x = x[(x > low) & (x < high)]
    return x if x.size > 1 else X + low


def values(expr: Expr, x: np.ndarray, arithmetic: Floating | None = None) -> np.ndarray:
    arithmetic = arithmetic or Floating(x.dtype)
    return evaluate_expr(expr, {"X": arithmetic.array(x)}, {"i": x.size}, ("i",), arithmetic)


@pytest.mark.parametrize("name", SMOOTH)
def test_slope_equals_a_complex_step(name):
    x = inside(name)
    slope = FUNCTIONS[name].slope(ref("X", ("i",)))
    stepped = values(CALLS[name], x + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(values(slope, x), stepped, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", SMOOTH)
def test_slope_equals_a_difference_in_high_precision(name):
    number = HighPrecision()
    x = inside(name)
    slope = values(FUNCTIONS[name].slope(ref("X", ("i",))), x, number)
    step = Decimal("1e-25")
    with number.calculating():
        moved = evaluate_expr(CALLS[name], {"X": number.array(x) + step}, {"i": x.size}, ("i",), number)
        differences = (moved - values(CALLS[name], x, number)) / step
        assert max(abs(slope - differences)) < 1e-20


@pytest.mark.parametrize("name", FUNCTIONS)
def test_floats_high_precision_and_generated_source_agree(name):
    x = inside(name)
    precise = values(CALLS[name], x, HighPrecision()).astype(float)
    np.testing.assert_allclose(values(CALLS[name], x), precise, rtol=1e-14)
    source = Writer(("i",), {"i": "X.shape[0]"}, {"i": "i"}).line(CALLS[name])
    number = Writer((), {}, {}).line(Call(name, (Ref("eps"),)))
    namespace: dict = {"X": x, "eps": x[1]}
    exec(f"import math\n{helpers_in(source)}\narray, number = {source}, {number}", namespace)
    np.testing.assert_allclose(namespace["array"], precise, rtol=1e-14)
    np.testing.assert_allclose(namespace["number"], precise[1], rtol=1e-14)


def test_the_derivative_of_trigamma_is_told_to_be_missing():
    with pytest.raises(EquationError, match="the derivative of trigamma"):
        derive("y[i] = trigamma(x[i])")["x"]


def test_functions_that_numpy_lacks_have_the_values_of_scipy_far_out():
    special = pytest.importorskip("scipy.special")
    x = np.array([1e-8, 0.01, 1.4616, 3.0, 9.99, 10.01, 40.0, 1e6, -0.5, -3.3, -1234.3])
    for name, expected in (
        ("lgamma", special.gammaln(x)), ("digamma", special.digamma(x)), ("trigamma", special.polygamma(1, x)),
        ("erfc", special.erfc(x)),
    ):  # fmt: skip
        np.testing.assert_allclose(FUNCTIONS[name].evaluate(x), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("x", ["-1000.25", "-1500.75"])
def test_trigamma_far_below_zero_is_what_mpmath_takes_a_thousand_steps_for(x: str) -> None:
    with mpmath.workdps(50):
        expected = mpmath.psi(1, mpmath.mpf(x))
        found = FUNCTIONS["trigamma"].precise(mpmath.mp, mpmath.mpf(x))
        assert abs(found - expected) < 1e-45
        assert FUNCTIONS["trigamma"].precise(mpmath.mp, mpmath.mpf("-1e8") - 0.25) > 0  # at once


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("x", ["1e12", "-123456789012.5", "1e30", "1e300", "-1e300"])
def test_far_out_each_has_with_many_digits_the_value_that_it_has_in_float64(name: str, x: str) -> None:
    """Where float64 has one: tanh is 1 there, and what a threshold of 1e9 is compared with is as large."""
    with np.errstate(all="ignore"):
        expected = float(np.real(FUNCTIONS[name].evaluate(np.float64(x))))
    found = float(FUNCTIONS[name].evaluate_precisely(mpmath.mp, mpmath.mpf(x)))
    if np.isfinite(expected) and name not in ("sin", "cos", "tan"):  # whose float64 argument is too coarse
        assert found == pytest.approx(expected, rel=1e-12)
