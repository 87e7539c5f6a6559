"""Every row of the table of functions, held to itself: its slope and its values in all arithmetics agree."""

import numpy as np
import pytest

from chainrule.derive.codegen.expressions import Writer, helpers_in
from chainrule.derive.evaluation.arithmetic import Floating, HighPrecision
from chainrule.derive.evaluation.evaluator import evaluate_expr
from chainrule.derive.language.expressions import Call, Expr, Ref, ref
from chainrule.derive.language.functions import FUNCTIONS

X = np.array([0.25, 0.5, 0.75, 1.375, 2.5])
CALLS = {name: Call(name, (ref("X", ("i",)),)) for name in FUNCTIONS}


def values(expr: Expr, x: np.ndarray, arithmetic: Floating | None = None) -> np.ndarray:
    arithmetic = arithmetic or Floating(x.dtype)
    return evaluate_expr(expr, {"X": arithmetic.array(x)}, {"i": x.size}, ("i",), arithmetic)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_slope_equals_a_complex_step(name):
    x = X if name in ("log", "sqrt") else np.concatenate([X, -X / 3])  # log1p takes more than -1
    slope = FUNCTIONS[name].slope(ref("X", ("i",)))
    stepped = values(CALLS[name], x + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(values(slope, x), stepped, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_slope_equals_a_difference_in_high_precision(name):
    number = HighPrecision()
    slope = values(FUNCTIONS[name].slope(ref("X", ("i",))), X, number)
    step = number.context.mpf(10) ** -25
    moved = evaluate_expr(CALLS[name], {"X": number.array(X) + step}, {"i": X.size}, ("i",), number)
    differences = (moved - values(CALLS[name], X, number)) / step
    assert max(abs(slope - differences)) < 1e-20


@pytest.mark.parametrize("name", FUNCTIONS)
def test_floats_high_precision_and_generated_source_agree(name):
    precise = values(CALLS[name], X, HighPrecision()).astype(float)
    np.testing.assert_allclose(values(CALLS[name], X), precise, rtol=1e-14)
    source = Writer(("i",), {"i": "X.shape[0]"}, {"i": "i"}).line(CALLS[name])
    number = Writer((), {}, {}).line(Call(name, (Ref("eps"),)))
    namespace: dict = {"X": X, "eps": 0.5}
    exec(f"import math\n{helpers_in(source)}\narray, number = {source}, {number}", namespace)
    np.testing.assert_allclose(namespace["array"], precise, rtol=1e-14)
    np.testing.assert_allclose(namespace["number"], precise[1], rtol=1e-14)
