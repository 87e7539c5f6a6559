"""Proofs take every branch: a gradient that is wrong in one of them is refused, and the branch is named."""

import numpy as np
import pytest

from chainrule import derive
from chainrule.derive import EquationError
from chainrule.derive.evaluation.branches import _one_of
from chainrule.derive.prover.judging.agreement import Points
from chainrule.derive.prover.reading import read
from chainrule.derive.prover.truth import Model, Values, stack

SOFTMAX = "L = -mean[s](sum[k](where(k == y[s], X[s,k], 0)) - log(sum[k](exp(X[s,k]))))"
IGNORED = "L = -sum[s,k](where(y[s] == -100, 0, T[s,k] * log(P[s,k])))"

CASES = {
    "label": (SOFTMAX, "dX[s,k]", "exp(X[s,k]) / sum[j](exp(X[s,j])) / size[s]", "k == y[s]"),
    "mask": ("Y[i,j] = where(m[j] == 1, X[i,j], 0)", "dX[i,j]", "0", "m[j] == 1"),
    "ignored label": (IGNORED, "dP[s,k]", "-T[s,k] / P[s,k]", "y[s] == -100"),
    "scalar label": (
        "L = -sum[k](where(k == n, x[k], 0)) + log(sum[k](exp(x[k])))", "dx[k]", "exp(x[k]) / sum[j](exp(x[j]))",
        "k == n",
    ),
    "segments": ("Y[v,f] = sum[e](where(t[e] == v, X[e,f], 0))\nassume size[v] = 3", "dX[e,f]", "0", "t[e] == v"),
    "far threshold": ("Y[i] = min(X[i], 1000)", "dX[i]", "dY[i]", "X[i] > 1000"),
    "relu6": ("Y[i] = min(max(0, X[i]), 6)", "dX[i]", "dY[i] * where(X[i] > 0, 1, 0)", "max(0, X[i]) > 6"),
    "far sum": ("Y[i] = where(2 * X[i] + b > 500, 0, X[i])", "dX[i]", "dY[i]", "2 * X[i] + b > 500"),
    "far place": ("Y[i] = where(i > 7, 0, X[i])", "dX[i]", "dY[i]", "i > 7"),
}  # fmt: skip


def _text(forward: str, target: str, line: str) -> str:
    return f"forward\n{forward}\ngradient {target}\n    = {line}\n"


@pytest.mark.parametrize("name", CASES)
def test_a_gradient_wrong_in_one_branch_is_refused_and_the_branch_is_named(name: str) -> None:
    forward, target, line, branch = CASES[name]
    verdict = derive.prove(_text(forward, target, line))
    assert not verdict.ok
    assert verdict.line
    assert branch in verdict.text


@pytest.mark.parametrize(
    ("forward", "target", "line"),
    [
        (SOFTMAX, "dX[s,k]", "(exp(X[s,k]) / sum[j](exp(X[s,j])) - (k == y[s])) / size[s]"),
        ("Y[i,j] = where(m[j] == 1, X[i,j], 0)", "dX[i,j]", "where(m[j] == 1, dY[i,j], 0)"),
        (IGNORED, "dP[s,k]", "where(y[s] == -100, 0, -T[s,k] / P[s,k])"),
        ("Y[i] = min(X[i], 1000)", "dX[i]", "where(X[i] < 1000, dY[i], 0)"),
        (
            "S[i,j] = where(m[j] == 0, 0, exp(X[i,j]))\nP[i,j] = S[i,j] / sum[k](S[i,k])",
            "dX[i,j]", "P[i,j] * (dP[i,j] - sum[k](dP[i,k] * P[i,k]))",
        ),
    ],
)  # fmt: skip
def test_a_right_gradient_follows_in_every_branch(forward: str, target: str, line: str) -> None:
    verdict = derive.prove(_text(forward, target, line))
    assert verdict.ok, verdict.text
    branches = verdict.as_dict()["gradients"][0]["branches"]
    assert all(branch["true"] and branch["false"] for branch in branches)


def test_a_branch_that_is_never_taken_leaves_a_derivation_undecided() -> None:
    verdict = derive.prove(_text("Y[i] = where(X[i]^2 < -1, 0, X[i])", "dX[i]", "dY[i]"))
    assert not verdict.ok
    assert "Undecided" in verdict.summary
    assert "X[i]^2 < -1" in verdict.summary


def test_matrices_without_indices_are_not_read_as_scalars() -> None:
    with pytest.raises(EquationError, match="would be read as scalars"):
        derive.prove("forward\n    Y = X * W + b\ngradient dW\n    = X * dY\n")
    assert derive.prove(derive.derive("Y = X * W + b").text()).ok


def test_a_guarded_logarithm_is_derived() -> None:
    found = derive.derive("L = -sum[i](where(p[i] > 0, p[i] * log(p[i]), 0))")
    assert found["p"].index == "dp[i] = -where(p[i] > 0, log(p[i]) + 1, 0)"


@pytest.mark.parametrize(
    "program",
    [
        "Y[i] = log1p(X[i])",
        "Y[m] = mean[i,v]((1.5 - Q[v]) * U[i]) * Z[m]",
        "Y = where(A < B, 1, K^K)",
        "Y = max[i,q](tanh(A) * U[i] * W[q])",
        "P[s,k] = exp(X[s,k]) / sum[j](exp(X[s,j]))\n"
        "L = sum[s,k](T[s,k] * (log(T[s,k]) - log(P[s,k]))) / size[s]\nassume sum[k](T[s,k]) = 1",
    ],
)
def test_what_derive_writes_follows(program: str) -> None:
    assert derive.prove(derive.derive(program).text()).ok


@pytest.mark.parametrize(
    "program",
    [
        "Y[s,n] = sum[m](X[s,m] * W[n,m]) / 3^99999999",
        "Y[i] = X[i-999999999]",
        "Y[i] = sum[a](X[i+a])\nassume size[a] = -1",
        "Y[i] = sum[a](X[i+a])\nassume size[a] = 1.5",
        "Y[i] = 0^X[i]",
        "Y = max[q](X[q]/q)",
    ],
)
def test_what_cannot_be_derived_is_said_in_one_sentence(program: str) -> None:
    with pytest.raises(EquationError):
        derive.derive(program).text()


def test_what_cancels_in_a_maximum_does_not_tie_it() -> None:
    found = derive.derive("Y = max[v,n](G[v] / G[v] * U[n])")
    assert found["G"].index == "dG[v] = 0"
    assert found["U"].index == "dU[n] = where(U[n] == max[j](U[j]), 1, 0)"
    assert derive.prove(found.text()).ok


@pytest.mark.parametrize("condition", ["m[j] == 1e-6", "2 * m[j] == 1e-6", "3 * m[j] == 0.7", "m[j]^2 == 2"])
def test_a_number_that_has_no_exact_float_is_met_as_well(condition: str) -> None:
    forward, right = f"Y[i,j] = where({condition}, X[i,j]^2, X[i,j])", f"dY[i,j] * where({condition}, 2 * X[i,j], 1)"
    assert not derive.prove(_text(forward, "dX[i,j]", "dY[i,j]"), repairs=False).ok
    verdict = derive.prove(_text(forward, "dX[i,j]", right), repairs=False)
    assert verdict.ok, verdict.summary


def test_an_entry_that_is_the_largest_is_at_a_kink_only_beside_another_one() -> None:
    reading = read(_text("Y[s] = max[k](X[s,k])", "dX[s,k]", "dY[s] * where(X[s,k] >= Y[s], 1, 0)"))
    line = reading.chains[0].lines[0].typed
    assert line is not None
    points = Points(Model(reading.forward, ["dY"]), [line], ["X"])
    given = {"X": np.array([[1.0, 4.0, 2.0], [5.0, 3.0, 0.0]]), "dY": np.array([1.0, -2.0])}
    tied = np.array([[1.0, 4.0, 4.0], [5.0, 3.0, 0.0]])
    at = [Values(points.model, {"s": 2, "k": 3}, given | {"X": X}) for X in (given["X"], tied)]
    assert points._are_smooth(stack(at)).tolist() == [True, False]


@pytest.mark.parametrize("line", ["dY[i] * where(Y[i] > 0, 1, 0)", "dY[i] * where(Y[i] != 0, 1, 0)"])
def test_the_slope_of_relu_by_its_own_output_follows_and_one_that_counts_zeros_does_not(line: str) -> None:
    assert derive.prove(_text("Y[i] = max(X[i], 0)", "dX[i]", line)).ok
    assert not derive.prove(
        _text("Y[i] = max(X[i], 0)", "dX[i]", line.replace(">", ">=").replace("!=", ">=")), False
    ).ok


def test_a_number_is_drawn_as_numpy_draws_it() -> None:
    mine, numpys = np.random.default_rng(5), np.random.default_rng(5)
    for count in range(1, 40):
        numbers = [k / 4 for k in range(count)]
        assert _one_of(numbers, mine) == numpys.choice(numbers)
    assert mine.random() == numpys.random()
