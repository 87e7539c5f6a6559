"""Names that a person gives to expressions within a derivation."""

import json

import pytest

from chainrule.derive import EquationError, parse_derivation, prove, show

NORM = """forward
    mu[s]     = mean[i](X[s,i])
    var[s]    = mean[i]((X[s,i] - mu[s])^2)
    Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
    Y[s,i]    = gamma[i] * Xhat[s,i] + beta[i]
gradient dX[m,n]
    where G[s,i] = dY[s,i] * gamma[i]       # what arrives at Xhat
    = sum[i](G[m,i] * d(Xhat[m,i])/d(X[m,n]))
    r[s] = 1 / sqrt(var[s] + eps)
    = r[m] * (G[m,n] - mean[i](G[m,i]) - Xhat[m,n] * mean[i](G[m,i] * Xhat[m,i]))
"""
SOFTMAX = """forward
    Y[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))
gradient dX[s,k]
    = Y[s,k] * (dY[s,k] - c[s])
    where c[s] = sum[k](dY[s,k] * Y[s,k])
"""


def finding(text):
    return prove(text).first_wrong.finding


def test_shorthand_may_stand_before_between_and_after_the_lines():
    assert prove(NORM).ok
    assert prove(SOFTMAX).ok


def test_shorthands_are_shown_among_the_lines_and_told_to_programs():
    verdict = prove(NORM)
    assert "   7    where G[s,i] = dY[s,i] * gamma[i]\n   8  ✓ = sum[i]" in verdict.text
    data = json.loads(json.dumps(verdict.as_dict()))
    assert [row["line"] for row in data["gradients"][0]["shorthands"]] == [7, 9]


def test_shorthand_is_known_in_the_gradients_that_follow_and_may_be_written_again():
    later = "gradient dXhat[s,i]\n  = G[s,i]\n"
    assert prove(NORM + later).ok
    assert prove(f"{NORM}{later}  where G[s,i] = dY[s,i] * gamma[i]\n").ok


def test_shorthand_may_use_another_and_a_derivative():
    text = NORM.replace("    = sum[i](G[m,i] * d(Xhat[m,i])/d(X[m,n]))\n", "").replace(
        "= r[m]", "= sum[i](J[m,i,n])\n  where J[m,i,n] = G[m,i] * d(Xhat[m,i])/d(X[m,n])\n  = r[m]"
    )
    assert prove(text).ok


def test_shorthand_may_be_differentiated():
    forward = "forward\n  q[s] = mean[i](X[s,i]^2)\n  Y[s,i] = X[s,i] / sqrt(q[s] + eps)\ngradient dX[s,n]\n"
    line = "  = dY[s,n] * r[s] + sum[i](dY[s,i] * X[s,i] * d(r[s])/d(X[s,n]))\n"
    assert prove(f"{forward}{line}  where r[s] = (q[s] + eps)^-0.5\n").ok


def test_derivatives_in_a_shorthand_may_hold_other_quantities_still():
    forward = "forward\n  Q[s] = X[s]^2\n  Y[s] = Q[s] * X[s]\ngradient dX[s]\n"
    line = "  = dY[s] * (d(Y[s])/d(X[s]) + A[s])\n"
    assert prove(f"{forward}{line}  where A[s] = d(Y[s])/d(Q[s]) * d(Q[s])/d(X[s])\n").ok
    assert prove(f"{forward}  = dY[s] * (B[s] + A[s])\n  A[s] = X[s] * 2 * X[s]\n  B[s] = d(Y[s])/d(X[s])\n").ok
    assert not prove(f"{forward}  = dY[s] * A[s]\n  where A[s] = d(Y[s])/d(Q[s]) * d(Q[s])/d(X[s])\n").ok


def test_wrong_use_of_a_shorthand_is_refused_and_repaired_in_the_line():
    verdict = prove(NORM.replace("- Xhat[m,n] * mean[i](G[m,i] * Xhat[m,i])", "- mean[i](G[m,i] * Xhat[m,i])"))
    assert verdict.line == 10
    assert verdict.first_wrong.finding.elsewhere == 0
    assert prove(NORM.replace(NORM.split("\n")[9], f"  = {verdict.repair}")).ok


def test_lost_shorthand_is_put_back():
    assert prove(NORM.replace("= r[m] * (", "= (")).repair.endswith("* r[m]")


def test_wrong_shorthand_is_repaired_where_it_is_defined():
    verdict = prove(NORM.replace("where G[s,i] = dY[s,i] * gamma[i]", "where G[s,i] = dY[s,i] * beta[i]"))
    assert (verdict.line, verdict.repair) == (8, "G[s,i] = dY[s,i] * gamma[i]")
    assert verdict.first_wrong.finding.elsewhere == 7
    assert verdict.first_wrong.finding.counterexample is not None
    assert "repair of line 7: G[s,i] = dY[s,i] * gamma[i]" in verdict.text
    assert "In line 7, `beta[i]` should be `gamma[i]`." in verdict.text


def test_shorthand_that_an_earlier_line_bears_out_is_not_touched():
    assert finding(NORM.replace("= r[m] * (G[m,n] -", "= r[m] * (-G[m,n] -")).elsewhere == 0


def test_wrong_shorthand_of_a_single_line_is_repaired_where_that_is_the_smaller_edit():
    found = finding(NORM.replace("r[s] = 1 / sqrt(", "r[s] = 1 / ("))
    assert (found.elsewhere, found.repair) == (9, "r[s] = 1 / sqrt(var[s] + eps)")


def test_shorthand_over_other_dimensions_than_it_is_used_at_is_a_wrong_shape():
    found = finding(SOFTMAX.replace("sum[k](dY[s,k] * Y[s,k])", "sum[k](dY[k,s] * Y[k,s])"))
    assert found.shape == "the index `s` runs over the first axis of dX and over the axis of c, which differ in size"


def test_shorthand_with_the_wrong_number_of_indices_in_a_line_is_a_wrong_shape():
    verdict = prove(SOFTMAX.replace("c[s])\n", "c[s,k])\n"))
    assert (verdict.line, verdict.repair) == (4, "Y[s,k] * (dY[s,k] - c[s])")
    assert verdict.first_wrong.finding.shape == "`c` has 2 indices here, but 1 index elsewhere"


@pytest.mark.parametrize(
    ("shorthand", "column", "problem"),
    [
        ("where Y[s,k] = dY[s,k]", 11, "`Y` belongs to the forward program"),
        ("where dY[s,k] = Y[s,k]", 11, "`dY` is the gradient of Y already"),
        ("where dX[s,k] = Y[s,k]", 11, "`dX` is the gradient that is derived here; begin the line with `=` alone"),
        ("where c[s] = sum[k](c[s] * Y[s,k])", 25, "`c` is defined by itself (cyclic)"),
        ("where c[s] = e[s]\n    where e[s] = sum[k](Y[s,k])", 18, "`e` is defined in line 6 only; define it before"),
        ("where c[s] = sum[k](Z[s,k])", 25, "`Z` is unknown"),
        ("where c[s] = sum[k](Y[s])", 25, "`Y` has 1 index here, but 2 indices elsewhere"),
        ("where c[s] = Y[s,k]", 22, "the index `k` is free on the right side only"),
        ("where c[s] = sum[k](Y[s,k] * Y[k,s])", 11, "`k` runs over the second axis of Y and over the first axis of Y"),
        ("where c[s,s] = 1", 15, "the index `s` is used twice over"),
        ("where c[s] = sum[k](Y[s,k]", 31, "to close `sum[…](`, found the end of the text"),
        ("where c[s] Y[s,k]", 16, "expected `=` after the left side of a shorthand"),
        ("where c[s] = 1\n    where c[s] = 2", 11, "`c` is defined already, in line 5; choose another name"),
        ("where c[s] = 1 where e[s] = 2", 20, "expected an operator or the end of the line, found `where`"),
        ("let c[s] = sum[k](dX[s,k])", 23, "`dX` stands in its own derivation (cyclic)"),
    ],
)
def test_wrong_shorthand_is_told_with_its_place(shorthand, column, problem):
    text = SOFTMAX.replace("where c[s] = sum[k](dY[s,k] * Y[s,k])", shorthand)
    with pytest.raises(EquationError) as caught:
        prove(text)
    assert problem in caught.value.problem
    assert caught.value.column == column
    assert caught.value.line == (6 if "already, in line 5" in problem else 5)


def test_name_of_a_later_gradient_s_shorthand_is_told():
    with pytest.raises(EquationError, match="`G` is defined in line 8 only"):
        prove(f"{SOFTMAX.replace('c[s])', 'G[s])')}gradient dY[s,k]\n  = dY[s,k]\n  where G[s] = 1\n")


def test_no_derivative_with_respect_to_a_shorthand_is_known():
    text = SOFTMAX.replace("= Y[s,k] * (dY[s,k] - c[s])", "= d(Y[s,k])/d(c[s])")
    with pytest.raises(EquationError, match="`c` is a shorthand") as caught:
        prove(text)
    assert (caught.value.line, caught.value.column) == (4, 7)


def test_parsed_derivation_keeps_its_shorthands():
    (claim,) = parse_derivation(NORM).claims
    assert [(one.letters, show(one.value), one.remark) for one in claim.shorthands] == [
        (("s", "i"), "dY[s,i] * gamma[i]", "what arrives at Xhat"),
        (("s",), "1 / sqrt(var[s] + eps)", ""),
    ]


def test_derivation_with_very_many_names_is_refused_at_once():
    lines = "\n".join(f"  where G{k}[s] = {f'G{k - 1}[s] * 2' if k else 'sum[k](dY[s,k])'}" for k in range(1000))
    with pytest.raises(EquationError, match="1002 arrays and scalars; expected at most 200"):
        prove(f"{SOFTMAX}{lines}\n".replace("    where c[s] = sum[k](dY[s,k] * Y[s,k])\n", "").replace("c[s]", "G9[s]"))


def test_shorthands_that_use_each_other_many_times_are_judged():
    pairs = "\n".join(
        f"  where A{k}[i] = (A{k - 1}[i] + B{k - 1}[i]) / 2\n  where B{k}[i] = (A{k - 1}[i] + B{k - 1}[i]) / 2"
        for k in range(1, 60)
    )
    text = f"forward\n  Y[i] = X[i]\ngradient dX[i]\n  where A0[i] = dY[i]\n  where B0[i] = dY[i]\n{pairs}\n"
    assert prove(f"{text}  = (A59[i] + B59[i]) / 2\n").ok
    assert not prove(f"{text}  = A59[i] + B59[i]\n").ok


def test_derivatives_through_many_lines_are_worked_out():
    lines = "\n".join(f"  A{k}[i] = A{k - 1}[i]^2 / 9 + X[i]" for k in range(1, 150))
    assert prove(f"forward\n  A0[i] = X[i]\n{lines}\ngradient dX[i]\n  = dA149[i] * d(A149[i])/d(X[i])\n").ok
