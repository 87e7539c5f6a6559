"""Broken and hostile LaTeX is answered, or refused in one sentence, in time.

`python -m tests.derive.reading.test_broken_latex COUNT [SEED]` tries so many broken formulas, others with another seed.
"""

import contextlib
import re
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from chainrule.derive import EquationError, prove_document
from chainrule.errors import UserError

TEXT = (Path(__file__).parents[3] / "examples" / "reports" / "practical.md").read_text(encoding="utf-8")
FORMULAS = [
    re.findall(r"\\[A-Za-z]+|\\.|.", formula, re.DOTALL) for formula in re.findall(r"\$\$(.*?)\$\$", TEXT, re.DOTALL)
]
EXTRA = [
    "\\frac{", "}{", "{", "}", "\\begin{cases}", "\\end{cases}", "^T", "_{ij}", "\\sum_", "\\prod", "\\nabla_", "|",
    "\\mathbb{1}[", "\\underbrace{", "\\sqrt[", "^{-1}", "_{2i}", "10^", "99999999999",
    "\\odot", "/", "\\begin{", "\x00", "'", "é", "\\partial_", "\\partial_{xy}", "\\langle", "\\rangle", ":",
    "\\in N(i)", "\\substack{i \\\\ j}", "\\dot x", "\\nabla f", "\\mathrm{softmax}_j", "^*", "I_{ij}", "D_x", ")'",
    "\\intertext{so}", "\\forall i", "\\pdv{L}{x}", "\\sim", "(t)", "\\ln",
]  # fmt: skip
PIECES = sorted({piece for formula in FORMULAS for piece in formula}) + EXTRA
LONGEST = 10  # seconds


@st.composite
def broken_formulas(draw):
    """A formula of the practical with pieces taken out, put in or doubled; or pieces in any order."""
    pieces = list(draw(st.sampled_from([*FORMULAS, []])))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(pieces)))
        match draw(st.integers(0, 2)):
            case 0:
                pieces.insert(at, draw(st.sampled_from(PIECES)))
            case 1:
                del pieces[at : at + draw(st.integers(1, 4))]
            case 2:
                pieces[at:at] = pieces[at : at + draw(st.integers(1, 30))]
    return "$$" + "".join(pieces) + "$$"


def check(source):
    start = time.process_time()
    with contextlib.suppress(UserError, EquationError):
        prove_document(source)
    assert time.process_time() - start < LONGEST


SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=60, **SETTINGS)
@given(broken_formulas())
def test_broken_latex_is_answered_or_refused_in_a_sentence(source):
    check(source)


@pytest.mark.parametrize(
    "source",
    ["", "{" * 5000, "\\frac" * 3000, "\\left(" * 3000, "x_" * 3000, "\\sum_i" * 3000, "x^{" * 3000, "(" * 3000,
     "-" * 9000, "$", "\\", "\\begin{aligned}" * 500, "a = " * 2000, "\\sqrt" * 3000, "\\hat" * 3000, "\\text{" * 3000,
     "'" * 5000],
)  # fmt: skip
def test_hostile_formulas_end_in_a_sentence(source):
    check(f"$$\\frac{{\\partial L}}{{\\partial X_i}} = {source}$$")
    check(f"$${source} = 1$$")


def test_a_recurrence_of_whole_vectors_beside_a_line_that_cannot_be_read_is_judged():
    check(
        r"""$$z_t = \sigma(W_z x_t + U_< h_{t-1})$$ $$\tilde{h}_t = \tanh(W x_t + U h_{t-1})$$
        $$h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde{h}_t$$
        $$\frac{\partial L}{\partial \tilde{h}_t} = \frac{\partial L}{\partial h_t} \odot z_t$$"""
    )


@pytest.mark.parametrize(
    "source",
    [
        r"$$h_t = \tanh(W h_{t-1} + x_t)$$ $$\delta_t = (\frac{\partial L}{\partial h_t} + W^T \delta+1}) h_t$$ "
        r"$$\frac{\partial L}{\partial W} = \sum_t \delta_t h_{t-1}^T$$",
        r"$$y = A x$$ $$\frac{\partial L}{\partial x} = A^\intercal \frac{\partial z}{\partial y}$$",
        r"$$S_i = e^{a_i}$$ $$\frac{\partial S^{T}i}{\partial a_j} = S_i$$",
        r"$$\delta = \frac{\partial L}{\partial a} \odot \sigma'(z)$$ $$\frac{\partial L}{\partial b} = \delta$$",
    ],
)
def test_a_derivation_of_what_nothing_defines_is_not_judged(source):
    check(source)


def test_a_place_that_nothing_runs_over_among_whole_arrays_is_told():
    check(
        r"""$$\ell(\mu) = -\frac{1}{2}\sum_{n=1}^N (x_n - \mu)^\top \Lambda (x_n - \mu)$$
        $$\frac{\partial \ell}{\partial \mu} = \frac{1}{2}\sum_{n=1}^N (\Lambda + \Lambda^\top)(x_c - \mu)$$"""
    )


def test_a_part_of_whole_matrices_among_entries_is_not_judged():
    part = r"\underbrace{\frac{\partial}{\partial X_{ri}} (\hat{X} + Y_{sj})}_{\text{part A}}"
    rows = [
        r"\frac{\partial L}{\partial X_{ri}} &= \sum_{sj} \frac{\partial L}{\partial Y_{sj}} " + part,
        r"\text{part A} &= \hat{X}_{sj}",
    ]
    check(
        "$$\\hat{X}_{sj} = X_{sj}$$\n$$Y_{sj} = \\hat{X}_{sj}$$\n$$\\begin{aligned}"
        + " \\\\ ".join(rows)
        + "\\end{aligned}$$"
    )


if __name__ == "__main__":
    count, first = [*map(int, sys.argv[1:]), 0][:2]
    seed(first)(settings(max_examples=count, database=None, **SETTINGS)(given(broken_formulas())(check)))()
    print(f"{count} broken formulas, seed {first}: each answered, or refused in a sentence")


def test_a_derivative_by_what_is_no_array_is_told():
    check(
        r"""$$\begin{aligned} \left[ \frac{\partial L}{\partial X} \right]_{ij} &= \frac{\partial}{\partial X_{ij}}
        \left\{ -\frac{1}{S} \sum_{ik} T_{ik} \log(X_{ik}) \right\} \\
        &= -\frac{1}{S} \sum_{ik} \frac{\partial}{\partial X_{ij}} T T_{ik} \log(X_{ik}) \\\sigma
        &= -\frac{1}{S} \sum_{ik} T_{ik} \frac{\partial}{\partial X_{ij}} \log(X_{ik}) \\
        &= -\frac{1}{S} \left[ \frac{T}{X} \right]_{ij} \\
        \Rightarrow \frac{\partial L}{\partial X} &= -\frac{1}{S} \cdot \frac{T}{X} \end{aligned}$$"""
    )


def test_what_stands_below_a_function_may_end_with_the_formula():
    check(r"Let $f(x, y) = xy$. $$\frac{\partial L}{\partial x} = \left( f_{ \right)$$")
