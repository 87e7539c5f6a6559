"""The prover's answers on small derivations that can be checked on paper."""

import contextlib
import json

import numpy as np
import pytest

from chainrule.derive import EquationError, prove

LINEAR = """forward
    Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]
"""
SOFTMAX = """forward
    Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))
gradient dX[m,n]
    = Y[m,n] * (dY[m,n] - sum[j](dY[m,j] * Y[m,j]))
"""


def first_finding(text):
    return prove(text).first_wrong.finding


def test_right_chain_is_ok_and_has_no_line_and_no_repair():
    verdict = prove(SOFTMAX)
    assert (verdict.ok, verdict.line, verdict.repair) == (True, None, None)
    assert "4  ✓ = Y[m,n]" in verdict.text


def test_every_line_is_held_to_the_one_before_it():
    verdict = prove(
        LINEAR + "gradient db[n]\n  = sum[s](dY[s,n])\n  = mean[s](dY[s,n])\n  = sum[s](dY[s,n]) / size[s]\n"
    )
    assert [line.follows for line in verdict.chains[0].lines] == [True, False, True]
    assert verdict.line == 5
    assert not verdict.chains[0].right


def test_right_last_line_after_a_wrong_one_is_told():
    verdict = prove(LINEAR + "gradient db[n]\n  = mean[s](dY[s,n])\n  = sum[s](dY[s,n])\n")
    assert not verdict.ok
    assert verdict.chains[0].right
    assert "nevertheless the right gradient" in verdict.text


@pytest.mark.parametrize(
    ("wrong", "repair"),
    [
        ("sum[s](dY[s,n] * X[s,m]) / size[s]", "sum[s](dY[s,n] * X[s,m])"),
        ("mean[s](dY[s,n] * X[s,m])", "sum[s](dY[s,n] * X[s,m])"),
        ("-sum[s](dY[s,n] * X[s,m])", "sum[s](dY[s,n] * X[s,m])"),
        ("sum[s](dY[s,n] * X[m,s])", "sum[s](dY[s,n] * X[s,m])"),
        ("dY[s,n] * X[s,m]", "sum[s](dY[s,n] * X[s,m])"),
        ("sum[s](dY[s,n])", "sum[s](dY[s,n] * X[s,m])"),
        ("sum[s,k](dY[s,k] * X[s,m])", "sum[s](dY[s,n] * X[s,m])"),
        ("sum[s,k](dY[s,n] * X[s,k])", "sum[s](dY[s,n] * X[s,m])"),
        ("sum[s](dY[s,n] / X[s,m])", "sum[s](dY[s,n] * X[s,m])"),
        ("sum[s](dY[s,n] * X[s,m]) * 2", "sum[s](dY[s,n] * X[s,m])"),
    ],
)
def test_wrong_weight_gradient_is_repaired(wrong, repair):
    assert prove(f"{LINEAR}gradient dW[n,m]\n    = {wrong}\n").repair == repair


def test_size_of_the_wrong_index_is_refused_although_sizes_may_coincide():
    verdict = prove("forward\n  L = mean[s,n](X[s,n]^2)\ngradient dX[s,n]\n  = 2 * X[s,n] / (size[s] * size[s])\n")
    assert verdict.line == 4
    assert verdict.repair == "2 * X[s,n] / (size[n] * size[s])"


def test_difference_on_the_diagonal_is_told():
    text = "forward\n  L = sum[i,j](U[i] * A[i,j] * U[j])\ngradient dA[i,j]\n  = U[i] * U[j] * (1 + delta[i,j])\n"
    assert first_finding(text).where == "they differ on the diagonal i = j only"


def test_difference_at_the_last_sample_is_told():
    text = "forward\n  Y[s] = X[s]^2\ngradient dX[s]\n  = 2 * X[s] * dY[s] * where(s == size[s] - 1, 2, 1)\n"
    assert first_finding(text).where == "they differ for the last s only"


def test_index_free_on_one_side_only_is_a_shape_error():
    finding = first_finding(f"{LINEAR}gradient db[n]\n    = dY[s,n]\n")
    assert "the index `s` is free on the right side only" in finding.shape
    assert finding.repair == "sum[s](dY[s,n])"


def test_wrong_number_of_indices_is_a_shape_error():
    finding = first_finding(f"{LINEAR}gradient db[n]\n    = sum[s](dY[n])\n")
    assert finding.shape == "`dY` has 1 index here, but 2 indices elsewhere"


def test_index_over_two_dimensions_is_a_shape_error_and_harms_no_other_line():
    verdict = prove(
        f"{LINEAR}gradient dW[n,m]\n  = sum[s](X[m,s] * dY[s,n])\n  = sum[s](X[s,m] * dY[s,n]) * size[m] / size[s]\n"
    )
    assert "`m` runs over the second axis of dW and over the first axis of X" in verdict.first_wrong.finding.shape
    assert not verdict.chains[0].lines[1].follows


def test_counterexample_holds_when_computed_by_hand():
    text = "forward\n  Y[s] = X[s]^3\ngradient dX[s]\n  = dY[s] * 3 * X[s]\n"
    case = first_finding(text).counterexample
    x, g = (np.asarray(case.given[name])[case.at["s"]] for name in ("X", "dY"))
    assert (case.before, case.here) == (3 * g * x**2, 3 * g * x)
    assert case.before != case.here


def test_assumption_decides_whether_a_line_follows():
    lines = "gradient dX[s,k]\n  = (P[s,k] - T[s,k]) / size[s]\n"
    forward = "forward\n  P[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))\n  L = -sum[s,k](T[s,k] * log(P[s,k])) / size[s]\n"
    assert not prove(forward + lines).ok
    assert prove(f"{forward}  assume sum[k](T[s,k]) = 1\n{lines}").ok


@pytest.mark.parametrize(
    "text",
    [
        "forward\n y[i] = exp(z[i]) / sum[j](exp(z[j]))\n L = -sum[k](t[k] * log(y[k]))\n"
        "gradient dz[i]\n = y[i] - t[i]",
        "forward\n y = softmax(W x)\n L = -t^T log(y)\ngradient dW\n = (y - t) x^T",
        "forward\n P[s,k] = exp(A[s,k]) / sum[j](exp(A[s,j]))\n L = -sum[s,k](T[s,k] * log(P[s,k]))\n"
        "gradient dA[s,k]\n = P[s,k] - T[s,k]",
    ],
)
def test_a_line_that_holds_for_targets_that_sum_to_1_is_told_so(text):
    assert "It holds where sum[" in first_finding(text).reason
    wrong = text.replace("= y[i] - t[i]", "= t[i] - y[i]").replace("(y - t)", "(t - y)").replace("- T[s,k]", "+ T[s,k]")
    assert "It holds where" not in first_finding(wrong).reason


def test_symmetric_matrix_may_be_assumed():
    forward = "forward\n  L = sum[i,j](U[i] * A[i,j] * U[j])\n"
    lines = "gradient dU[k]\n  = 2 * sum[j](A[k,j] * U[j])\n"
    assert not prove(forward + lines).ok
    assert prove(f"{forward}  assume A[i,j] = A[j,i]\n{lines}").ok


def test_positive_scale_may_be_assumed():
    forward = "forward\n  Y[s] = sqrt(sigma[s]^2) * X[s]\n"
    lines = "gradient dX[s]\n  = dY[s] * sigma[s]\n"
    assert not prove(forward + lines).ok
    assert prove(f"{forward}  assume sigma[s] > 0\n{lines}").ok


def test_contradictory_assumptions_are_told():
    with pytest.raises(EquationError, match="no values of the inputs"):
        prove("forward\n  Y[s] = X[s]\n  assume X[s]^2 = -1\ngradient dX[s]\n  = dY[s]\n")


def test_scalar_loss_has_the_cotangent_1_unless_the_derivation_names_it():
    forward = "forward\n  L = sum[i](X[i]^2)\ngradient dX[i]\n"
    assert prove(f"{forward}  = 2 * X[i]\n").ok
    assert prove(f"{forward}  = dL * 2 * X[i]\n").ok


def test_derivative_may_hold_other_named_quantities_still():
    forward = "forward\n  Q[s] = X[s]^2\n  Y[s] = Q[s] * X[s]\ngradient dX[s]\n"
    assert prove(f"{forward}  = dY[s] * d(Y[s])/d(X[s])\n").ok
    assert prove(f"{forward}  = dY[s] * (d(Y[s])/d(X[s]) + d(Y[s])/d(Q[s]) * d(Q[s])/d(X[s]))\n").ok
    assert not prove(f"{forward}  = dY[s] * d(Y[s])/d(Q[s]) * d(Q[s])/d(X[s])\n").ok


def test_line_without_a_value_is_refused_and_said_to_have_none():
    text = "forward\n  Y[s] = X[s]^2\ngradient dX[s]\n  = dY[s] * 2 * exp(log(X[s]))\n"
    assert "the line has no value" in first_finding(text).where


def test_tiny_term_is_not_lost_in_rounding():
    verdict = prove("forward\n  Y[s] = exp(X[s])\ngradient dX[s]\n  = dY[s] * (exp(X[s]) + 1e-15)\n")
    assert verdict.line == 4


def test_quantity_treated_as_constant_is_named():
    forward = "forward\n  N[s] = sqrt(sum[i](X[s,i]^2))\n  Y[s,i] = X[s,i] / N[s]\n"
    text = f"{forward}gradient dX[s,i]\n  = dY[s,i] / N[s]\n"
    assert "treats N as a constant, though it depends on X" in prove(text).text
    assert prove(text).repair is not None


MARKDOWN = f"""# Notes

```python
y = forward(x)
```

```chainrule
{SOFTMAX}```

~~~
{LINEAR}gradient db[n]
    = dY[s,n]
~~~
"""


def test_derivations_in_markdown_keep_their_line_numbers():
    verdict = prove(MARKDOWN)
    assert [chain.target for chain in verdict.chains] == ["dX[m,n]", "db[n]"]
    assert MARKDOWN.split("\n")[verdict.line - 1] == "    = dY[s,n]"


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("forward\n  Y[s] = X[s]\ngradient dX[s]\n  = dY[s] +\n", 4, 12, "expected a number, a name or a bracket"),
        ("forward\n  Y[s] = X[s]\ngradient dX[s]\n  = dZ[s]\n", 4, 5, "`dZ` is unknown"),
        ("forward\n  Y[s] = X[s]\ngradient dX[s]\n", 3, 1, "expected at least one line"),
        ("forward\n  Y[s] = X[s]\ngradient dX[s]\n  dY[s]\n", 4, 3, "expected at least one line that begins with `=`"),
        (
            "forward\n  Y[s] = X[s]\ngradient dX[s]\n  = dY[s]\n  dY[s]\n",
            5,
            3,
            "a line that begins with `=`, or",
        ),
        (
            "forward\n  Y[s] = X[s]\ngradient dX[s]\n  = (dY[s]\n  = dY[s]\n",
            4,
            11,
            "to close the bracket, found the end",
        ),
        ("forward\n  Y[s] = (X[s]\ngradient dX[s]\n  = dY[s]\n", 2, 15, "to close the bracket, found the end"),
        ("forward\n  Y[s] = X[s]\ngradient dX[s]\n  = dY^T X\n", 4, 8, "a transpose is written by its indices"),
        ("forward\n  Y[s] = X[s]\n  G[s] = dY[s]\ngradient dX[s]\n  = dY[s]\n", 3, 10, "`dY` is the name of the grad"),
        ("gradient dX[s]\n  = dY[s]\n", 1, 1, "expected `forward`"),
        ("forward\n  Y[s] = X[s]\ngradient dX[s]\n  = d(Y[s])/d(dY[s])\n", 4, 5, "`dY` is itself a gradient"),
    ],
)
def test_text_that_is_no_derivation_is_told_with_its_place(text, line, column, problem):
    with pytest.raises(EquationError, match=problem) as caught:
        prove(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "body",
    ["(" * 100_000, "+".join(["X[s]"] * 9000), "sum[i](" * 50 + "1" + ")" * 50, "*".join(["dY[s]"] * 4000)],
    ids=["brackets", "long sum", "nested sums", "long product"],
)
def test_huge_line_is_answered(body):
    with contextlib.suppress(EquationError):
        assert not prove(f"forward\n  Y[s] = X[s]\ngradient dX[s]\n  = {body}\n").ok


def test_answer_for_programs_is_plain_data():
    data = json.loads(json.dumps(prove(f"{LINEAR}gradient db[n]\n    = mean[s](dY[s,n])\n").as_dict()))
    assert (data["ok"], data["line"], data["repair"]) == (False, 4, "sum[s](dY[s,n])")
    line = data["gradients"][0]["lines"][0]
    assert line["counterexample"]["before"] != line["counterexample"]["here"]


def test_line_that_is_wrong_on_a_rare_branch_only_is_refused():
    forward = "forward\n  R[s] = X[s] - T[s]\n  L = sum[s](where(abs(R[s]) <= 1, R[s]^2 / 2, abs(R[s]) - 0.5))\n"
    right = f"{forward}gradient dX[s]\n  = where(abs(R[s]) <= 1, R[s], sign(R[s]))\n"
    assert prove(right).ok
    assert prove(right.replace("sign(R[s])", "sign(-T[s])")).line == 5
    assert prove(right.replace("sign(R[s])", "sign(X[s])")).line == 5


def test_far_branch_is_reached():
    forward = "forward\n  Y[s] = where(X[s] > 40, X[s]^2, X[s])\ngradient dX[s]\n"
    assert prove(f"{forward}  = dY[s] * where(X[s] > 40, 2 * X[s], 1)\n").ok
    assert prove(f"{forward}  = dY[s]\n").line == 4


@pytest.mark.parametrize("size", [4, 5, 16])
def test_a_window_goes_more_than_one_step_so_that_a_wrong_stride_shows(size):
    text = f"""forward
        y[i] = sum[a](w[a] * x[3*i+a])
        assume size[a] = {size}
    gradient dw[a]
        = sum[i](dy[i] * x[3*i+a])
    """
    assert prove(text).ok
    assert not prove(text.replace("= sum[i](dy[i] * x[3*i+a])", "= sum[i](dy[i] * x[i+a])")).ok


def test_a_repair_that_no_exact_arithmetic_has_is_none():
    text = """forward
        y[i] = sum[a](w[a] * x[3*i+a])
        assume size[a] = 3
    gradient dw[a]
        = sum[i](dy[i] * x[i+a])
    """
    assert "max" not in first_finding(text).repair
