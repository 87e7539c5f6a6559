"""Equations that are broken, too large or too deep are told in one sentence; thirty of them here, any number by
`python -m tests.derive.hostile_equations`."""

import time

import pytest
from tests.derive.hostile_equations import draw, outcome

from chainrule.derive import EquationError, derive, prove


@pytest.mark.parametrize("seed", range(1, 31))
def test_a_hostile_text_is_a_program_or_told(seed: int) -> None:
    assert outcome(draw(seed), derived=False) in ("program", "told")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Y = " + "(" * 12 + "X" + ")^9" * 12, "multiply to more than"),
        ("Y = " + "inv(" * 30 + "X" + ")" * 30, "nested too deeply"),
        ("Y[i,j] = " + "inv(" * 3000 + "X" + ")" * 3000 + "[i,j]", "nested too deeply"),
        ("Y = " + "(X Wᵀ)ᵀ" * 60, "too large to be derived"),
        ("Y = max(" + ", ".join(["X^2"] * 100) + ")", "too large to be derived"),
        ("Y[k] = " + "softmax[k](" * 5 + "X[k]" + ")" * 5, "too large to be derived"),
        ("Y[a,b,c,e,f,g,h,i,j,k,l,m,n] = " + "*".join(f"X{c}[{c}]" for c in "abcefghijklmn"), "too many indices"),
    ],
    ids=[
        "powers of powers",
        "inverses of inverses",
        "thousands of inverses",
        "many matrices",
        "an extremum of many",
        "softmax of softmax",
        "many indices",
    ],
)
def test_what_is_too_large_is_told_at_once(text: str, told: str) -> None:
    start = time.process_time()
    with pytest.raises(EquationError, match=told):
        derive(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "text",
    [
        "Y = inv(inv(inv(X)))",
        "Y0 = min[l,n](P[n] / a[l] * U[l] * V[n])",
        "Y[s,i] = (sqrt(X[i])^0 - max[l](Y0[l])) * Z[s]",
        "Y = max(A, B, C, D, E, F)",
    ],
    ids=[
        "functions of matrices inside each other",
        "a slope too small",
        "nan to the power of 0",
        "many arguments",
    ],
)
def test_what_once_broke_is_derived_and_proven(text: str) -> None:
    verdict = prove(derive(text).text(), repairs=False)
    assert verdict.ok, verdict.summary


def test_a_function_too_steep_for_the_first_difference_is_derived() -> None:
    assert derive("Y = exp(1e18*X)")["X"].index == "dX = 1e18 * Y"
