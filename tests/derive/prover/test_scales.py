"""Tiny and huge numbers, and functions that level off: what 50 digits do not show is looked for with more."""

import pytest

from chainrule.derive import derive, prove

TEXT = "forward\n    Y[i] = {}\ngradient dX[i]\n    = dY[i] * ({})\n"
CASES = [  # forward, its derivative, and a wrong one
    ("where(m[i] == 1, 1e-40 * X[i]^2, X[i])", "where(m[i] == 1, 2e-40 * X[i], 1)",
     "where(m[i] == 1, 5e-40 * X[i], 1)"),
    ("where(m[i] == 1, 1e-40 * tanh(X[i]), X[i])", "where(m[i] == 1, 1e-40 * (1 - tanh(X[i])^2), 1)",
     "where(m[i] == 1, 1e-40, 1)"),
    ("tanh(X[i]) + 1e-40 * X[i]^2", "1 - tanh(X[i])^2 + 2e-40 * X[i]", "1 - tanh(X[i])^2 + 5e-40 * X[i]"),
    ("1e40 * tanh(X[i]) + X[i]^2", "1e40 * (1 - tanh(X[i])^2) + 2 * X[i]", "1e40 * (1 - tanh(X[i])^2) + 5 * X[i]"),
    ("sqrt(1e60 + X[i]^2) - X[i]", "X[i] / sqrt(1e60 + X[i]^2) - 1", "-1"),
    ("where(m[i] == 1, exp(-100 - X[i]^2), X[i])", "where(m[i] == 1, -2 * X[i] * exp(-100 - X[i]^2), 1)",
     "where(m[i] == 1, -X[i] * exp(-100 - X[i]^2), 1)"),
    ("where(X[i] > 0, 1e-15 * tanh(X[i]), X[i])", "where(X[i] > 0, 1e-15 * (1 - tanh(X[i])^2), 1)",
     "where(X[i] > 0, 1e-15, 1)"),
    ("where(X[i] > 1e15, tanh(X[i]), 1e15 * X[i])", "where(X[i] > 1e15, 1 - tanh(X[i])^2, 1e15)",
     "where(X[i] > 1e15, 1, 1e15)"),
    ("where(X[i] > c[i], 1e35 * tanh(X[i]), X[i]^2)", "where(X[i] > c[i], 1e35 * (1 - tanh(X[i])^2), 2 * X[i])",
     "where(X[i] > c[i], 1e35 * (1 - tanh(X[i])^2), X[i])"),
    ("sigmoid(200 + X[i]^2)", "2 * X[i] * sigmoid(200 + X[i]^2) * (1 - sigmoid(200 + X[i]^2))",
     "X[i] * sigmoid(200 + X[i]^2) * (1 - sigmoid(200 + X[i]^2))"),
    ("where(m[i] == 1, sigmoid(200 + X[i]^2), X[i])",
     "where(m[i] == 1, 2 * X[i] * sigmoid(200 + X[i]^2) * (1 - sigmoid(200 + X[i]^2)), 1)",
     "where(m[i] == 1, X[i] * sigmoid(200 + X[i]^2) * (1 - sigmoid(200 + X[i]^2)), 1)"),
    ("tanh(60 + X[i]^2)", "2 * X[i] * (1 - tanh(60 + X[i]^2)^2)", "X[i] * (1 - tanh(60 + X[i]^2)^2)"),
    ("cosh(90 + X[i]) - sinh(90 + X[i])", "sinh(90 + X[i]) - cosh(90 + X[i])", "-0.5 * exp(-90 - X[i])"),
    ("erf(12 + X[i]^2)", "4 * X[i] / sqrt(pi) * exp(-(12 + X[i]^2)^2)", "2 * X[i] / sqrt(pi) * exp(-(12 + X[i]^2)^2)"),
    ("exp(-1000 * (1 + X[i]^2))", "-2000 * X[i] * exp(-1000 * (1 + X[i]^2))", "-2 * X[i] * exp(-1000 * (1 + X[i]^2))"),
    ("log(1 + exp(-150 - X[i]^2))", "-2 * X[i] * exp(-150 - X[i]^2) / (1 + exp(-150 - X[i]^2))",
     "-2 * X[i] * (1 - sigmoid(75 + X[i]^2))"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "right", "wrong"), CASES, ids=[case[0] for case in CASES])
def test_a_small_part_that_is_wrong_is_refused_and_the_right_one_follows(forward: str, right: str, wrong: str) -> None:
    assert prove(TEXT.format(forward, right)).ok
    assert not prove(TEXT.format(forward, wrong), repairs=False).ok


@pytest.mark.parametrize(
    "program",
    [
        "Y[i] = sigmoid(W[i]^W[i])",
        "L = sum[i](log(1 - sigmoid(100 * W[i]^2)))",
        "Y[i] = exp(1e20 * X[i]) + 1e-20 * X[i]^2",
    ],
)
def test_what_derive_writes_follows(program: str) -> None:
    assert prove(derive(program).text()).ok
