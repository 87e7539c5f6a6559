"""What is wrong in symbols: terms that are missing or turned, factors, sums; in the names of the equations."""

import numpy as np
import pytest

from chainrule import check
from chainrule.errors import UserError

rng = np.random.default_rng(8)
NORM = """
mu[s] = mean[n](X[s,n])
var[s] = mean[n]((X[s,n] - mu[s])^2)
Xhat[s,n] = (X[s,n] - mu[s]) / sqrt(var[s] + eps)
Y[s,n] = gamma[n] * Xhat[s,n] + beta[n]
"""
SOFTMAX = "Y[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))"
LINEAR = "Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]"


def mean(A):
    return A.mean(axis=1, keepdims=True)


def norm(X, gamma, beta):
    return gamma * (X - mean(X)) / np.sqrt(X.var(axis=1, keepdims=True) + 1e-5) + beta


def parts_of_norm(dY, X, gamma):
    sigma = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
    Xhat = (X - mean(X)) / sigma
    G = dY * gamma
    return (G, mean(G), Xhat * mean(G * Xhat)), sigma, Xhat


def told(forward, backward, inputs, equations):
    """Return what is said in symbols of the one gradient that is wrong."""
    verdict = check.check_backward(forward, backward, inputs, equations=equations)
    (row,) = [row for row in verdict.rows if row.kind == "wrong"]
    assert row.explanation.symbols in row.text
    return row.explanation.symbols


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        (
            (1, 0, 0),
            "add (-mean[j](dXhat[s,j]) - Xhat[s,n] * mean[j](dXhat[s,j] * Xhat[s,j])) / sqrt(var[s] + eps), "
            "which is missing.",
        ),
        ((1, 1, 0), "add (-Xhat[s,n] * mean[j](dXhat[s,j] * Xhat[s,j])) / sqrt(var[s] + eps), which is missing."),
        ((1, 1, -1), "change the sign of (-Xhat[s,n] * mean[j](dXhat[s,j] * Xhat[s,j])) / sqrt(var[s] + eps)."),
        ((1, 2, 1), "divide (-mean[j](dXhat[s,j])) / sqrt(var[s] + eps) by 2."),
    ],
)
def test_terms_are_told_that_are_missing_turned_or_scaled(factors, words):
    def backward(dY, X, gamma, beta):
        (a, b, c), sigma, Xhat = parts_of_norm(dY, X, gamma)
        dX = (factors[0] * a - factors[1] * b - factors[2] * c) / sigma
        return {"X": dX, "gamma": (dY * Xhat).sum(axis=0), "beta": dY.sum(axis=0)}

    inputs = {"X": rng.normal(size=(4, 5)), "gamma": rng.normal(size=5), "beta": rng.normal(size=5)}
    said, right = told(norm, backward, inputs, NORM).split("\n")
    assert said == f"In symbols: {words}"
    assert right.startswith("Right is dX[s,n] = (dXhat[s,n] - mean[j](dXhat[s,j]) - ")
    assert right.endswith(", with dXhat[s,n] = dY[s,n] * gamma[n].")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda Y, dY: Y * (dY - (dY * Y).sum()), "the sum runs over all t as well, not over t = s alone"),
        (lambda Y, dY: Y * (dY - (dY * Y).mean(axis=1, keepdims=True)), "a mean over c is taken, not a sum"),
        (lambda Y, dY: dY - (dY * Y).sum(axis=1, keepdims=True), "the factor Y[s,k] is missing"),
        (lambda Y, dY: Y * (dY - dY.sum(axis=1, keepdims=True)), "the factor Y[s,c] is missing"),
        (lambda Y, dY: Y**2 * (dY - (dY * Y).sum(axis=1, keepdims=True)), "the factor Y[s,k] stands twice"),
        (lambda Y, dY: Y * (dY - dY * Y), "the sum over c is missing, of which c = k alone is left"),
    ],
)
def test_a_single_change_of_the_expression_is_told(wrong, words):
    def forward(X):
        E = np.exp(X)
        return E / E.sum(axis=1, keepdims=True)

    said = told(forward, lambda dY, X: wrong(forward(X), dY), {"X": rng.normal(size=(4, 5))}, SOFTMAX)
    assert said.startswith(f"In symbols: {words}: what is computed is dX[s,k] = ")
    assert "\nRight is dX[s,k] = Y[s,k] * (dY[s,k] - sum[c](dY[s,c] * Y[s,c])), that is dX = Y ∘ (" in said


def test_a_weight_that_lies_the_other_way_is_matched_and_told():
    def backward(dout, x, w, b):
        return {"x": dout @ w.T, "w": x.T @ dout / len(x), "b": dout.sum(axis=0)}

    inputs = {"x": rng.normal(size=(4, 5)), "w": rng.normal(size=(5, 3)), "b": rng.normal(size=3)}
    said = told(lambda x, w, b: x @ w + b, backward, inputs, LINEAR)
    assert "that is dW = dYᵀ X (W is wᵀ)." in said
    assert "a mean over s is taken, not a sum" in said


def test_what_no_change_gives_is_told_as_it_should_be():
    def backward(dY, X):
        return {"X": np.cos(dY) * X}

    said = told(np.tanh, backward, {"X": rng.normal(size=(4, 5))}, "Y[s,n] = tanh(X[s,n])")
    assert said == "In symbols: Right is dX[s,n] = dY[s,n] * (1 - Y[s,n]^2), that is dX = dY ∘ (1 - Y^∘2)."


@pytest.mark.parametrize(
    ("equations", "words"),
    [
        (SOFTMAX, "the equations, of X, do not compute what the forward does from X"),
        ("Y[s,k] =", "--equations: line 1, column 9: expected a number"),
    ],
)
def test_equations_of_something_else_are_refused(equations, words):
    with pytest.raises(UserError, match=words):
        check.check_backward(np.tanh, lambda dY, X: dY, {"X": rng.normal(size=(4, 5))}, equations=equations)


def test_class_numbers_stand_for_rows_with_a_single_1():
    def loss(x, y):
        return -np.mean(np.log(x[np.arange(len(y)), y]))

    def backward(dL, x, y):
        dx = np.zeros_like(x)
        dx[np.arange(len(y)), y] = -1 / x[np.arange(len(y)), y]
        return {"x": dx * dL}

    inputs = {"x": rng.uniform(0.1, 1, (4, 5)), "y": np.array([0, 3, 1, 1])}
    said = told(loss, backward, inputs, "L = -sum[s,k](T[s,k] * log(X[s,k])) / size[s]")
    assert "(T is y)" in said
    assert said.startswith("In symbols: the factor size[s] is missing: what is computed is dX[s,k] = -T[s,k] / X[s,k].")
