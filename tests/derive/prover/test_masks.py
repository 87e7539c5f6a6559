"""Masks of a large negative number, as attention has them: right gradients follow, wrong ones do not."""

import pytest

from chainrule.derive import derive, prove
from chainrule.derive.language.errors import EquationError

MASKED = ("where(m[j] == 1, S[i,j], -1000000000)", "where(m[j] == 0, -10000, S[i,j])")
ADDED = ("S[i,j] + (1 - m[j]) * (-10000)", "S[i,j] - 1000000000 * (1 - m[j])")
TEXT = """
forward
    A[i,j] = {masked}
    P[i,j] = exp(A[i,j]) / sum[k](exp(A[i,k]))
gradient dS[i,j]
    = {line}
"""
RIGHT = "P[i,j] * (dP[i,j] - sum[k](dP[i,k] * P[i,k]))"
WRONG = "P[i,j] * (dP[i,j] - sum[k](dP[i,k]))"


@pytest.mark.parametrize("masked", MASKED + ADDED)
def test_the_softmax_behind_a_mask_is_judged(masked):
    assert prove(TEXT.format(masked=masked, line=RIGHT)).ok
    assert not prove(TEXT.format(masked=masked, line=WRONG), repairs=False).ok


@pytest.mark.parametrize("masked", MASKED[:1])
def test_a_branch_that_is_forgotten_or_turned_round_is_refused(masked):
    assert prove(TEXT.format(masked=masked, line=f"where(m[j] == 1, {RIGHT}, 0)")).ok
    assert not prove(TEXT.format(masked=masked, line=f"where(m[j] == 1, 0, {RIGHT})"), repairs=False).ok


def test_a_masked_softmax_is_derived():
    assert derive(f"A[i,j] = {MASKED[0]}\nP[i,j] = exp(A[i,j]) / sum[k](exp(A[i,k]))")


def test_of_an_infinite_mask_it_is_said_what_to_write():
    program = "A[i,j] = where(j <= i, S[i,j], -inf)\nP[i,j] = exp(A[i,j]) / sum[k](exp(A[i,k]))"
    with pytest.raises(EquationError, match=r"line 1: `A` is infinite.*such as 1e9"):
        derive(program)
    with pytest.raises(EquationError, match="`A` is infinite"):
        prove(TEXT.format(masked="where(j <= i, S[i,j], -inf)", line=RIGHT))


@pytest.mark.parametrize("scale", ["3", "1e8"])
@pytest.mark.parametrize("function", [("tanh", "1 - tanh(X[i,j])^2"), ("arctan", "1 / (1 + X[i,j]^2)")])
def test_what_levels_off_has_values_where_a_mask_of_a_billion_is_drawn(function: tuple[str, str], scale: str) -> None:
    name, slope = function
    text = (
        f"forward\n    Y[i,j] = where(m[j] <= -1e9, {name}(X[i,j]), {scale} * X[i,j])\n"
        "gradient dX[i,j]\n    = dY[i,j] * where(m[j] <= -1e9, {}, {})\n"
    )
    assert prove(text.format(slope, scale)).ok
    assert not prove(text.format("1", scale), repairs=False).ok
    assert not prove(text.format(slope, "1"), repairs=False).ok
