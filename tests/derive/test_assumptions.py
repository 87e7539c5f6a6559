"""What is assumed of the inputs: it is told, holds in its section alone, and passes no wrong line."""

from fractions import Fraction

import numpy as np
import pytest

from chainrule.derive import derive, prove, prove_document
from chainrule.derive.evaluation.assumed_forms import satisfy_forms
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.reader import parse
from chainrule.errors import UserError

SOFTMAX = "forward\n    p = softmax(z)\n    L = -yᵀ log(p)\n    {assumed}\ngradient dz\n    = {line}\n"
QUADRATIC = "forward\n    L = xᵀ A x\n    {assumed}\ngradient dx\n    = {line}\n"
PROJECTED = "forward\n    L = 1/2 ‖U x - b‖²\n    {assumed}\ngradient dx\n    = {line}\n"
ENTRIES = """forward
    Y[k] = sum[m](U[m,k] * x[m])
    L = sum[m](sum[k](U[m,k] * Y[k])^2)
    {assumed}
gradient dY[k]
    = {line}
"""
RAYLEIGH = """forward
    L = sum[i,j](w[i] * A[i,j] * w[j]) / sum[i](w[i]^2)
    assume sum[i](w[i]^2) = 1
    assume A[i,j] = A[j,i]
gradient dw[i]
    = {line}
"""


@pytest.mark.parametrize(
    ("text", "assumed", "right", "wrong"),
    [
        (SOFTMAX, "assume 1ᵀ y = 1", "p - y", "y - p"),
        (SOFTMAX, "assume sum(y) = 1", "p - y", "p + y"),
        (QUADRATIC, "assume A = Aᵀ", "2 A x", "A x"),
        (PROJECTED, "assume Uᵀ U = I", "x - Uᵀ b", "x - b"),
        (ENTRIES, "assume sum[m](U[m,i] * U[m,j]) = delta[j,i]", "2 * Y[k]", "2 * U[k,k] * Y[k]"),
        (PROJECTED, "assume U Uᵀ = I", "Uᵀ (U x - b) + Uᵀ U Uᵀ b - Uᵀ b", "x - Uᵀ b"),
        (RAYLEIGH, "", "2 * sum[j](A[i,j] * w[j]) - 2 * L * w[i]", "2 * sum[j](A[i,j] * w[j]) - L * w[i]"),
    ],
)
def test_a_line_that_needs_an_assumption_follows_with_it_alone(text, assumed, right, wrong):
    assert prove(text.format(assumed=assumed, line=right)).ok
    assert not prove(text.format(assumed=assumed, line=wrong), repairs=False).ok
    if assumed:
        assert not prove(text.format(assumed="", line=right), repairs=False).ok


def test_what_can_not_be_assumed_is_told():
    text = ENTRIES.format(assumed="assume sum[m](U[m,i] * V[m,j]) = delta[i,j]", line="Y[k]")
    with pytest.raises(UserError, match="can't be assumed; expected a sum of entries, symmetry, a norm of 1, or ortho"):
        prove(text)


def test_a_gradient_that_needs_orthonormal_columns_is_derived_where_they_can_be():
    found = derive("Y[k] = sum[d](U[d,k] * x[d])\nassume sum[d](U[d,i] * U[d,j]) = delta[i,j]")
    assert show(found["x"].found.node) == "sum[k](dY[k] * U[d,k])"


def test_orthonormal_columns_are_exact_in_fractions():
    drawn = np.array([[Fraction(3 * i + j + 1, j + 2) for j in range(2)] for i in range(3)], dtype=object)
    program = parse("Y[k] = sum[d](U[d,k] * x[d])\nassume sum[d](U[d,i] * U[d,j]) = delta[i,j]")
    inputs = {"U": drawn}
    satisfy_forms([assumption.claim for assumption in program.assumptions], inputs)
    assert (inputs["U"].T @ inputs["U"] == np.eye(2)).all()


DOCUMENTS = [
    (
        r"Let $p = \mathrm{softmax}(z)$, $L = -y^\top \log p$, with $\mathbf{1}^\top y = 1$. $$\nabla_z L = @$$",
        "p - y",
        "y - p",
        r", with $\mathbf{1}^\top y = 1$",
    ),
    (r"Let $f(x) = x^\top A x$ with $A = A^\top$. $$\nabla f(x) = @$$", "2Ax", "Ax", r" with $A = A^\top$"),
    (
        r"Let $z = U^\top x$ with $U^\top U = I$, $L = \|U z\|^2$. "
        r"$$\frac{\partial L}{\partial z} = 2 U^\top U z = @$$",
        "2 z",
        "4 z",
        r" with $U^\top U = I$",
    ),
    (r"For a symmetric matrix $A$, let $f(x) = x^\top A x$. $$\nabla f(x) = @$$", "2Ax", "Ax", "symmetric "),
    (r"Let $f(x) = x^\top A x$, where $A$ is symmetric. $$\nabla f(x) = @$$", "2Ax", "Ax", ", where $A$ is symmetric"),
    (
        r"Let $\|w\| = 1$, $L = \frac{w^\top A w}{w^\top w}$ with $A$ symmetric. "
        r"$$\nabla_w L = 2 A w - @(w^\top A w) w$$",
        "2",
        "",
        r"$\|w\| = 1$, ",
    ),
]


@pytest.mark.parametrize(("text", "right", "wrong", "said"), DOCUMENTS)
def test_a_document_says_what_it_assumes(text, right, wrong, said):
    judged = prove_document(text.replace("@", right))
    assert judged.ok
    assert "assumed, as the document says" in " ".join(judged.derivations[0].notes)
    assert not prove_document(text.replace("@", wrong)).ok
    assert not prove_document(text.replace("@", right).replace(said, "")).ok


@pytest.mark.parametrize(
    "text",
    [
        r"Let $f(x) = x^\top A x$, where $A$ is not symmetric. $$\nabla f(x) = 2Ax$$",
        "Let $f(x) = x^\\top A x$. $$\\nabla f(x) = 2Ax$$\n\nIf $A$ is symmetric, it is another matter.",
        "# One\nLet $A$ be symmetric, $g(x) = x^\\top A x$.\n$$\\nabla g(x) = 2Ax$$\n"
        "# Two\nLet $f(x) = x^\\top A x$.\n$$\\nabla f(x) = 2Ax$$",
    ],
)
def test_what_is_said_otherwise_or_elsewhere_is_not_assumed(text):
    assert not prove_document(text).ok
