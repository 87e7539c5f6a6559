"""The way people write: words between lines, several = in a line, cases, arrows, left sides that change."""

import pytest

from chainrule.derive import EquationError, prove

EXP = "forward\n Y[i] = exp(X[i])\ngradient dX[k]\n = sum[i](dY[i] * d(Y[i])/d(X[k]))\n"
SOFTMAX = "forward\n p[i] = exp(o[i]) / sum[j](exp(o[j]))\njacobian d(p[i])/d(o[k])\n"
LINEAR = "forward\n Y[s,n] = sum[m](X[s,m] * W[n,m])\n"


@pytest.mark.parametrize(
    "words",
    [
        "since Y[i] depends on X[k] only when i = k:",
        "Y[i] depends on X[k] only when i = k, so the sum collapses.",
        "We apply the chain rule:",
        "Therefore",
        "because exp is its own derivative",
        "(the other terms are zero)",
        "Here we use that the derivative of exp is exp:",
    ],
)
def test_words_between_lines_are_set_aside_and_said_to_be(words):
    verdict = prove(f"{EXP} {words}\n = dY[k] * Y[k]")
    assert verdict.ok
    assert f"{words}   (words, not judged)" in verdict.text


@pytest.mark.parametrize(
    "row",
    [
        "therefore dX[k] = {}.",
        "so we get = {}",
        "since d(Y[i])/d(X[k]) = delta[i,k] * Y[i], we get dX[k] = {}",
        "⇒ dX[k] = {}",
        "=> {}",
        "∴ = {}",
        "≡ {}",
        "dX[k] := {}",
        "part A: dX[k] = {}",
        "X.grad[k] = {}",
        "grad_X[k] = {}",
        "∂L/∂X[k] = {}",
    ],
)
def test_an_equation_with_words_or_arrows_before_it_is_judged(row):
    assert prove(EXP + row.format("dY[k] * Y[k]"), repairs=False).ok
    wrong = prove(EXP + row.format("dY[k] * X[k]"), repairs=False)
    assert wrong.line == 5


@pytest.mark.parametrize(
    "row", ["dY[k] Y[k] +", "dX[k] = dY[k] Y[k]", "= dY[k] * Y[k] when i is k", "sum[i](dY[i]", "dX[k] dY[k]", "= = 3"]
)
def test_a_line_that_was_meant_as_mathematics_is_never_taken_for_words(row):
    with pytest.raises(EquationError):
        prove(EXP + row)


def test_several_signs_in_a_line_are_several_lines():
    chain = "gradient dW[n,m]\n = sum[s,k](∂L/∂Y[s,k] * ∂Y[s,k]/∂W[n,m]) = sum[s](∂L/∂Y[s,n] * X[s,m])"
    assert prove(LINEAR + chain).ok
    wrong = prove(LINEAR + chain + " = sum[s](∂L/∂Y[s,n] * X[s,m]^2)")
    assert (wrong.line, wrong.first_wrong.part) == (4, 3)
    assert wrong.summary.startswith("Line 4, part 3, is the first that does not follow")
    assert wrong.repair == "sum[s](dY[s,n] * X[s,m])"


def test_a_quotient_of_differentials_is_a_derivative_and_told():
    verdict = prove(LINEAR + "gradient dL/dW[n,m] = sum[s,k](dL/dY[s,k] * dY[s,k]/dW[n,m])")
    assert verdict.ok
    assert "dY[s,k]/dW[n,m] is read as d(Y[s,k])/d(W[n,m])" in verdict.text


def test_cases_are_one_line_and_must_leave_nothing_out():
    right = "if i = k: = p[i] * (1 - p[i])\n if i ≠ k: = -p[i] * p[k]\n = p[i] * (delta[i,k] - p[k])"
    assert prove(SOFTMAX + right).ok
    wrong = prove(SOFTMAX + "for i = k:\n = p[i] * (1 - p[i])\n otherwise:\n = p[i] * p[k]", repairs=False)
    assert wrong.line == 4
    assert "i ≠ k" in wrong.text
    with pytest.raises(EquationError, match="may leave something out"):
        prove(SOFTMAX + "if i = k: = p[i] * (1 - p[i])")


def test_a_left_side_that_changes_begins_a_claim_of_its_own():
    text = "forward\n Y[i] = exp(X[i])\ngradient dX[k]\n the dY/dX part: ∂Y[i]/∂X[k] = {} * delta[i,k]\n"
    text += " dX[k] = dY[k] * Y[k]"
    assert [chain.target for chain in prove(text.format("Y[i]")).chains] == ["d(Y[i])/d(X[k])", "dX[k]"]
    assert prove(text.format("X[i]")).line == 4
    with pytest.raises(EquationError, match="the left side of the part dY/dX with its indices"):
        prove(EXP + "dY/dX part: = delta[i,k] * Y[i]")


def test_parts_with_names_are_shorthands():
    text = "forward\n Y[i] = X[i] * sum[j](X[j])\ngradient dX[k]\n"
    assert prove(text + " part A[k] = dY[k] * sum[j](X[j])\n let rest = sum[i](dY[i] * X[i])\n = A[k] + rest").ok
