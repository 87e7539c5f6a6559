import numpy as np
import pytest

from chainrule import derive
from chainrule.derive.render.latex import latex

MATRIX = [
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", "W", "dW = dYᵀ X"),
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", "X", "dX = dY W"),
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", "b", "db = 1ᵀ dY"),
    ("Y[s,i] = tanh(X[s,i])", "X", "dX = dY ∘ (1 - Y^∘2)"),
    ("Y[m,n] = exp(X[m,n]) / sum[k](exp(X[m,k]))", "X", "dX = Y ∘ (dY - (dY ∘ Y) 1 1ᵀ)"),
    ("q = sum[i,j](x[i] * A[i,j] * x[j])", "A", "dA = x xᵀ"),
    ("q = sum[i](x[i] * y[i])", "x", "dx = y"),
    ("y[i] = sum[j](A[i,j] * x[j])", "x", "dx = Aᵀ dy"),
    ("Y[s,i] = gamma[i] * X[s,i]", "X", "dX = dY diag(gamma)"),
    ("Y[i,j,k] = X[i,j] * Z[k]", "X", None),
    ("Y[i] = sum[a](X[i+a] * K[a])", "X", None),
]


@pytest.mark.parametrize(("text", "name", "expected"), MATRIX)
def test_matrix_form(text, name, expected):
    assert derive.derive(text)[name].matrix == expected


def test_generated_source_is_whole_array_numpy():
    source = derive.derive("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]").numpy
    assert "Y = X @ W.T + b" in source
    assert "dW = dY.T @ X" in source
    assert "for " not in source.split('"""')[2]


def test_generated_source_computes_a_repeated_function_once():
    source = derive.derive("Y[m,n] = exp(X[m,n]) / sum[k](exp(X[m,k]))").numpy
    assert source.count("np.exp(X)") == 1


def test_names_that_mean_something_to_python_are_changed():
    d = derive.derive("Y[i] = np[i] * lambda + print[i] * X'[i] - __import__[i]")
    inputs = {name: np.arange(3.0) if name != "lambda" else 2.0 for name in d}
    gradients = d.evaluate(inputs, np.ones(3))
    np.testing.assert_array_equal(gradients["np"], [2, 2, 2])
    np.testing.assert_array_equal(gradients["X'"], [0, 1, 2])
    assert gradients["lambda"] == 3


def test_a_docstring_of_generated_source_gives_shapes():
    source = derive.derive("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]")["W"].numpy
    assert "def gradient_W(dY, X):" in source
    for line in ("dY: (s, n)", "X: (s, m)", "dW: (n, m)", "dW[n,m] = sum[s](dY[s,n] * X[s,m])"):
        assert line in source


def test_sizes_that_no_argument_shows_come_from_another_array():
    source = derive.derive("Y[s,i] = sum[a](X[s,i+a] * K[a])")["X"].numpy
    assert "def gradient_X(dY, X, K):" in source


def test_latex():
    d = derive.derive("Y[m,n] = exp(X[m,n]) / sum[k](exp(X[m,k]))")
    assert d["X"].latex == (
        r"\mathrm{d}X_{m,n} &= Y_{m,n}\,\left(\mathrm{d}Y_{m,n} - \sum_{k} \mathrm{d}Y_{m,k}\,Y_{m,k}\right)"
    )
    step = d["X"].steps[0].node
    assert latex(step) == r"\sum_{i,k} \mathrm{d}Y_{i,k}\,\frac{\partial Y_{i,k}}{\partial X_{m,n}}"
    hat = derive.derive("Xhat[s] = X[s] / sqrt(var[s] + eps)\nY[s] = gamma * Xhat[s]")["gamma"].latex
    assert hat == r"\mathrm{d}\gamma &= \sum_{s} \mathrm{d}Y_{s}\,\hat{X}_{s}"
