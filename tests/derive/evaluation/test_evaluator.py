import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from chainrule.derive import EquationError, evaluate, parse, parse_backward
from chainrule.derive.evaluation.arithmetic import Adic, Floating, HighPrecision, Modular
from chainrule.derive.evaluation.evaluator import Parts, evaluate_expr

rng = np.random.default_rng(7)


def test_layer_norm_is_evaluated_as_numpy_would():
    program = parse(
        "mu[s] = mean[i](X[s,i])\nvar[s] = mean[i]((X[s,i] - mu[s])^2)\n"
        "Y[s,i] = gamma[i] * (X[s,i] - mu[s]) / sqrt(var[s] + eps) + beta[i]"
    )
    X, gamma, beta = rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=5)
    Y = evaluate(program, {"X": X, "gamma": gamma, "beta": beta}, {"eps": 1e-5})["Y"]
    expected = gamma * (X - X.mean(1, keepdims=True)) / np.sqrt(X.var(1, keepdims=True) + 1e-5) + beta
    np.testing.assert_allclose(Y, expected, rtol=1e-13)


def test_float32_stays_float32_and_complex_stays_complex():
    program = parse("Y[i] = 0.5 * exp(X[i]) + sigmoid(X[i]) / size[i]")
    for dtype in (np.float32, np.complex128):
        assert evaluate(program, {"X": np.ones(3, dtype)})["Y"].dtype == dtype


def test_convolution_reads_zero_outside_and_infers_its_sizes():
    X, K = rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(4, 3, 3, 2))
    valid = evaluate(parse("Y[s,f,i,j] = sum[c,a,e](X[s,c,i+a,j+e] * K[f,c,a,e])"), {"X": X, "K": K})["Y"]
    padded_program = parse("Y[s,f,i,j] = sum[c,a,e](X[s,c,2*i+a-1,2*j+e-1] * K[f,c,a,e])")
    padded = evaluate(padded_program, {"X": X, "K": K})["Y"]
    symbolic_program = parse("Y[s,f,i,j] = sum[c,a,e](X[s,c,stride*i+a-pad,stride*j+e-pad] * K[f,c,a,e])")
    symbolic = evaluate(symbolic_program, {"X": X, "K": K}, {"stride": 2, "pad": 1})["Y"]
    assert valid.shape == (2, 4, 5, 5)
    assert padded.shape == symbolic.shape == (2, 4, 4, 4)
    Z = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
    np.testing.assert_allclose(padded[1, 2, 3, 1], (Z[1, :, 6:9, 2:4] * K[2]).sum(), rtol=1e-12)
    np.testing.assert_array_equal(padded, symbolic)


def test_max_pooling_takes_its_window_from_an_assumption():
    program = parse("Y[i] = max[a](X[2*i+a])\nassume size[a] = 2")
    np.testing.assert_array_equal(evaluate(program, {"X": np.array([1.0, 5, 2, -3, 4])})["Y"], [5, 2])
    with pytest.raises(EquationError, match="how far the index `a` runs"):
        evaluate(parse("Y[i] = max[a](X[2*i+a])"), {"X": np.ones(4)})


def test_positions_deltas_and_conditions_have_values():
    program = parse("M[i,j] = where(j <= i, X[j] + 10*delta[i,j], 0)\nT = sum[i,j](M[i,j] * (i != j))")
    results = evaluate(program, {"X": np.array([1.0, 2.0])})
    np.testing.assert_array_equal(results["M"], [[11, 0], [1, 12]])
    assert results["T"] == 1.0


def test_a_sum_over_an_index_that_its_body_lacks_counts():
    program = parse("Y = sum[i](3) + mean[i](2) + max[i](X[i])")
    assert evaluate(program, {"X": np.array([1.0, 7.0, 2.0])})["Y"] == 3 * 3 + 2 + 7


def test_parts_that_are_kept_change_no_value():
    """However many expressions are evaluated, over letters in any order and of any size, with parts of those before."""
    rng = np.random.default_rng(2)
    arrays = {"X": rng.standard_normal((3, 4)), "w": rng.standard_normal(4), "v": rng.standard_normal(3)}
    sizes, swapped = {"i": 3, "k": 4, "j": 4}, {"i": 4, "k": 3, "j": 4}
    lines = [
        ("i", "sum[k](X[i,k] * w[k])", sizes), ("i", "sum[j](X[i,j] * w[j])", sizes),
        ("k", "exp(w[k]) * sum[j](exp(w[j]))", sizes), ("ik", "X[i,k] * exp(w[k])", sizes),
        ("ik", "X[i,k] * exp(w[k]) + w[k]", sizes), ("ijk", "X[i,k] - X[i,j]", sizes),
        ("i", "sum[k](v[k] * w[i])", swapped), ("i", "sum[k](X[k,i] * v[k])", swapped),
        ("i", "sum[k](X[i,k] * w[k])", sizes),
    ]  # fmt: skip
    parts: Parts = {}
    for free, text, extents in lines:
        expr = parse(f"Y[{','.join(free)}] = {text}").statements[0].value
        for letters in itertools.permutations(free):
            expected = evaluate_expr(expr, arrays, extents, letters)
            np.testing.assert_array_equal(evaluate_expr(expr, arrays, extents, letters, parts=parts), expected)
    assert max(map(len, parts.values())) > 6


def test_shapes_that_clash_are_told():
    program = parse("Y[s,n] = sum[m](X[s,m] * W[n,m])")
    with pytest.raises(EquationError, match=r"`m` runs over 3 values by axis 2 of X, but over 5 by axis 2 of W"):
        evaluate(program, {"X": np.ones((2, 3)), "W": np.ones((4, 5))})
    with pytest.raises(EquationError, match="expected 2 axes"):
        evaluate(program, {"X": np.ones(3), "W": np.ones((4, 3))})
    with pytest.raises(EquationError, match="no value for W"):
        evaluate(program, {"X": np.ones((2, 3))})


def test_backward_equations_are_evaluated_with_the_forward_arrays():
    forward = parse("Y[s,n] = sum[m](X[s,m] * W[n,m])")
    backward = parse_backward("dW[n,m] = sum[s](dY[s,n] * X[s,m])", forward)
    X, dY = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    np.testing.assert_allclose(evaluate(backward, {"X": X, "dY": dY})["dW"], dY.T @ X, rtol=1e-13)


@pytest.mark.parametrize(
    ("function", "reference"),
    [("erf", math.erf), ("softplus", lambda x: math.log1p(math.exp(x))), ("sigmoid", lambda x: 1 / (1 + math.exp(-x)))]
    + [(name, getattr(math, name)) for name in ("tanh", "expm1", "sinh", "cos", "tan")],
)
def test_functions_agree_in_floating_and_high_precision(function, reference):
    program = parse(f"Y[i] = {function}(X[i])")
    X = np.array([-1.25, 0.5, 0.75])
    exact = evaluate(program, {"X": X}, arithmetic=HighPrecision(40))["Y"]
    np.testing.assert_allclose(evaluate(program, {"X": X})["Y"], [reference(x) for x in X], rtol=1e-14)
    np.testing.assert_allclose(exact.astype(float), [reference(x) for x in X], rtol=1e-14)


def test_a_complex_step_differentiates_every_function():
    X = np.array([-0.7, 0.3, 0.9])
    for function in ("abs", "relu", "erf", "softplus", "sigmoid", "arctan", "sign"):
        program = parse(f"Y[i] = {function}(X[i])")
        step = evaluate(program, {"X": X + 1e-30j})["Y"].imag / 1e-30
        difference = (evaluate(program, {"X": X + 1e-6})["Y"] - evaluate(program, {"X": X - 1e-6})["Y"]) / 2e-6
        np.testing.assert_allclose(step, difference, rtol=1e-8, atol=1e-8)


def test_modular_evaluation_is_exact():
    program = parse("Y[i] = (X[i]^3 - 2/3) / sum[j](X[j]) * mean[k](X[k])^(-2) + 0.25")
    X = [3, 5, 11]
    p = Modular.prime
    found = evaluate(program, {"X": np.array(X)}, arithmetic=Modular())["Y"]
    mean = Fraction(sum(X), 3)
    for value, x in zip(found, X, strict=True):
        exact = (x**3 - Fraction(2, 3)) / sum(X) * mean**-2 + Fraction(1, 4)
        assert value == exact.numerator * pow(exact.denominator, -1, p) % p
    with pytest.raises(EquationError, match="not rational"):
        evaluate(parse("Y[i] = exp(X[i])"), {"X": np.array(X)}, arithmetic=Modular())


def test_a_step_of_the_prime_is_the_exact_derivative():
    f = parse("Y[i] = (X[i]^3 - 2/3) / (X[i]^2 + 1) * X[i]^(-2)")
    X, p = [Fraction(3), Fraction(5, 7), Fraction(-11, 2)], Adic.prime

    def value(step):
        return evaluate(f, {"X": Adic().array(X) + step}, arithmetic=Adic())["Y"]

    found = Adic().differentiate(value, value(0))
    for slope, x in zip(found, X, strict=True):
        u, v, w = x**3 - Fraction(2, 3), x**2 + 1, x**-2
        exact = 3 * x**2 / v * w - u * 2 * x / v**2 * w - 2 * u / v * x**-3
        assert slope % p == exact.numerator * pow(exact.denominator, -1, p) % p
    with pytest.raises(ZeroDivisionError):
        Adic().divide(np.int64(1), np.int64(3 * p))


def test_arithmetics_without_small_steps_say_so():
    for arithmetic in (Modular(), Floating()):
        with pytest.raises(EquationError, match="no value in this arithmetic"):
            arithmetic.differentiate(lambda step: step, np.zeros(2))


def test_a_quotient_of_equal_numbers_is_one_in_complex_numbers_too():
    values = np.random.default_rng(0).normal(size=100)
    arithmetic = Floating(complex)
    assert np.all(arithmetic.divide(arithmetic.array(values), arithmetic.array(values)) == 1)
    assert np.allclose(arithmetic.divide(values + 2j, values - 1j), (values + 2j) / (values - 1j), rtol=1e-15)
