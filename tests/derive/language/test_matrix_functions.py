"""Inverse, determinant, Cholesky factor, trace and solution in index notation: read, printed, evaluated, derived."""

import numpy as np
import pytest

from chainrule.derive import EquationError, derive, evaluate, evaluate_expr, parse, prove
from chainrule.derive.evaluation.arithmetic import Floating, HighPrecision

PRINTED = {
    "L = log(det(X))": "L = log(det(X))",
    "L = logdet(X)": "L = log(det(X))",
    "L = trace(X)": "L = sum[i](X[i,i])",
    "Y[i,j] = inv(X)[i,j]": "Y[i,j] = inv(X)[i,j]",
    "Y[i,j] = inverse(X)[i,j]": "Y[i,j] = inv(X)[i,j]",
    "Y[j] = inv(X)[0,j]": "Y[j] = inv(X)[0,j]",
    "Y[i] = solve(A, b)[i]": "Y[i] = sum[l](inv(A)[i,l] * b[l])",
    "Y[i,j] = solve(A, B)[i,j]": "Y[i,j] = sum[m](inv(A)[i,m] * B[m,j])",
    "Y[i,j] = inv(chol(S))[i,j]": "Y[i,j] = inv(chol(S))[i,j]",
    "L = det[i,j](X[i,j] + delta[i,j])": "L = det[i,j](X[i,j] + delta[i,j])",
    "Y[n] = det[i,j](S[n,i,j])": "Y[n] = det[i,j](S[n,i,j])",
    "L = trace[i,j](X[i,j] * Y[i,j])": "L = sum[i](X[i,i] * Y[i,i])",
}


@pytest.mark.parametrize("text", PRINTED)
def test_what_is_printed_reads_the_same(text):
    program = parse(text)
    assert str(program) == PRINTED[text]
    assert str(parse(str(program))) == PRINTED[text]


def test_rows_columns_and_places_have_one_size():
    program = parse("L = sum[s,t](A[s] * inv(X)[s,t] * B[t])")
    assert len({program.dimensions.of[letter] for name in "AXB" for letter in program.axes(name)}) == 1


REFUSED = {
    "Y = inv(X)": "`inv(…)` is a matrix; expected an entry of it, as in inv(X)[i,j]",
    "Y[i] = inv(X)[i]": "`inv(…)` has two indices, found 1",
    "L = det(X[i,j])": "expected the name of a whole matrix, as in det(X), or det[i,j](X[i,j])",
    "L = det(X + Y)": "expected `)` to close `det(`, which takes a name; of an expression it is det[i,j](…), found `+`",
    "L = det(2)": "`det(` takes the name of a matrix; of an expression it is det[i,j](…), found `2`",
    "L = det[i](X[i,i])": "`det` runs over a row and a column, found 1",
    "L = det(x) + x": "`x` has no index here, but 2 indices elsewhere",
    "Y[i] = solve(A, 2)[i]": "expected `solve(A, b)[i]` or `solve(A, B)[i,j]`",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_function_of_a_matrix_is_told(text):
    with pytest.raises(EquationError) as found:
        parse(text)
    assert found.value.problem == REFUSED[text]


def test_the_names_are_free_for_arrays():
    assert str(parse("Y[i] = det[i] * inv[i] + trace")) == "Y[i] = det[i] * inv[i] + trace"


@pytest.mark.parametrize("arithmetic", [Floating(), HighPrecision(30)])
def test_values_are_those_of_numpy(arithmetic):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((4, 4)) + 4 * np.eye(4)
    b = rng.standard_normal(4)
    text = "I[i,j] = inv(X)[i,j]\nD = det(X)\nF[i,j] = chol(X)[i,j]\nx[i] = solve(X, b)[i]\nt = trace(X)"
    found = {k: v.astype(float) for k, v in evaluate(parse(text), {"X": X, "b": b}, arithmetic=arithmetic).items()}
    np.testing.assert_allclose(found["I"], np.linalg.inv(X), rtol=1e-12)
    np.testing.assert_allclose(found["D"], np.linalg.det(X), rtol=1e-12)
    np.testing.assert_allclose(found["F"], np.linalg.cholesky((X + X.T) / 2), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found["x"], np.linalg.solve(X, b), rtol=1e-12)
    np.testing.assert_allclose(found["t"], np.trace(X), rtol=1e-12)


@pytest.mark.parametrize("arithmetic", [Floating(), HighPrecision(30)])
def test_where_there_is_no_value_it_is_nan(arithmetic):
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    found = evaluate(parse("D = det(X)\nY[i,j] = inv(X)[i,j]\nF[i,j] = chol(Z)[i,j]"),
                     {"X": singular, "Z": -np.eye(2)}, arithmetic=arithmetic)  # fmt: skip
    assert float(found["D"]) == 0
    assert np.all(np.isnan(found["Y"].astype(float)))
    assert np.all(np.isnan(found["F"].astype(float)))


def test_outside_of_the_matrix_there_is_zero():
    X = np.diag([2.0, 4.0])
    found = evaluate(parse("Y[i] = inv(X)[i+1,i+1] + 0 * X[i,0]"), {"X": X})
    np.testing.assert_allclose(found["Y"], [0.25, 0])


def test_a_stack_of_matrices_is_taken_one_by_one():
    rng = np.random.default_rng(1)
    S, z = rng.standard_normal((5, 3, 3)), rng.standard_normal((5, 3))
    text = "Y[n,i] = sum[j](inv[p,q](S[n,p,q] + 4 * delta[p,q])[i,j] * z[n,j])"
    expected = np.linalg.solve(S + 4 * np.eye(3), z[..., None])[..., 0]
    np.testing.assert_allclose(evaluate(parse(text), {"S": S, "z": z})["Y"], expected)
    np.testing.assert_allclose(derive(text).functions[0](S, z)["Y"], expected)


GRADIENTS = {
    "L = log(det(X))": {"X": "dX[i,j] = inv(X)[j,i]"},
    "L = det(X)": {"X": "dX[i,j] = L * inv(X)[j,i]"},
    "L = trace(X)": {"X": "dX[m,i] = delta[m,i]"},
    "Y[i,j] = inv(X)[i,j]": {"X": "dX[k,l] = -sum[i](Y[l,i] * sum[j](dY[j,i] * Y[j,k]))"},
    "x[i] = solve(A, b)[i]": {
        "A": "dA[j,k] = -x[k] * sum[i](dx[i] * inv(A)[i,j])",
        "b": "db[l] = sum[i](dx[i] * inv(A)[i,l])",
    },
}


@pytest.mark.parametrize("text", GRADIENTS)
def test_gradients_are_those_of_a_textbook(text):
    gradients = derive(text)
    assert {name: gradients[name].index for name in GRADIENTS[text]} == GRADIENTS[text]


@pytest.mark.parametrize(
    "text", ["L = sum[i,j](a[i] * inv(X)[i,j] * b[j]) + log(det(X))", "Y[i,j] = chol(S)[i,j]", "Y[i] = inv(X)[i,i]"]
)
def test_what_derive_prints_can_be_proven(text):
    assert prove(derive(text).text()).ok


WRONG = [
    ("L = log(det(X))", "dX[i,j]", "inv(X)[i,j]"),
    ("L = log(det(X))", "dX[i,j]", "det(X) * inv(X)[j,i]"),
    ("Y[i,j] = inv(X)[i,j]", "dX[k,l]", "sum[i,j](dY[i,j] * inv(X)[i,k] * inv(X)[l,j])"),
    ("Y[i,j] = inv(X)[i,j]", "dX[k,l]", "-sum[i,j](dY[i,j] * inv(X)[k,i] * inv(X)[l,j])"),
    ("x[i] = solve(A, b)[i]", "db[l]", "sum[i](dx[i] * inv(A)[l,i])"),
    ("L = trace(X)", "dX[i,j]", "1"),
    ("L = sum[i,j](chol(S)[i,j])", "dS[k,l]", "inv(S)[k,l] / 2"),
]


@pytest.mark.parametrize(("forward", "target", "line"), WRONG)
def test_wrong_gradients_are_refused(forward, target, line):
    verdict = prove(f"forward\n    {forward}\ngradient {target}\n    = {line}\n", repairs=False)
    assert not verdict.ok
    assert verdict.line == 4


def test_a_wrong_place_is_repaired():
    verdict = prove("forward\n    L = log(det(X))\ngradient dX[i,j]\n    = inv(X)[i,j]\n")
    assert verdict.repair == "inv(X)[j,i]"


def test_the_derivative_in_a_derivation_is_known():
    text = """forward
    L = sum[i,j](a[i] * inv(X)[i,j] * b[j])
gradient dX[k,l]
    = sum[i,j](a[i] * d(inv(X)[i,j])/d(X[k,l]) * b[j])
    = -sum[i,j](a[i] * inv(X)[i,k] * inv(X)[l,j] * b[j])
"""
    assert prove(text).ok


def test_the_logarithm_of_a_determinant_does_not_overflow():
    forward, _ = derive("L = log(det(X))").functions
    with np.errstate(over="ignore"):
        assert forward(10 * np.eye(400))["L"] == pytest.approx(400 * np.log(10))


def test_a_determinant_that_is_not_positive_has_no_logarithm():
    forward, _ = derive("L = log(det(X))").functions
    assert np.isnan(forward(np.diag([1.0, -1.0]))["L"])
    assert np.isnan(evaluate_expr(parse("L = log(det(X))").statements[0].value, {"X": np.diag([1.0, -1.0])},
                                  {"i": 2, "j": 2}))  # fmt: skip
