"""What is assumed of the inputs: it is told, holds in its section alone, and passes no wrong line."""

import pytest

from chainrule.derive import prove, prove_document
from chainrule.errors import UserError

SOFTMAX = "forward\n    p = softmax(z)\n    L = -yᵀ log(p)\n    {assumed}\ngradient dz\n    = {line}\n"
QUADRATIC = "forward\n    L = xᵀ A x\n    {assumed}\ngradient dx\n    = {line}\n"
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
        (RAYLEIGH, "", "2 * sum[j](A[i,j] * w[j]) - 2 * L * w[i]", "2 * sum[j](A[i,j] * w[j]) - L * w[i]"),
    ],
)
def test_a_line_that_needs_an_assumption_follows_with_it_alone(text, assumed, right, wrong):
    assert prove(text.format(assumed=assumed, line=right)).ok
    assert not prove(text.format(assumed=assumed, line=wrong), repairs=False).ok
    if assumed:
        assert not prove(text.format(assumed="", line=right), repairs=False).ok


def test_what_can_not_be_assumed_is_told():
    text = "forward\n    L = 1/2 ‖U x - b‖²\n    assume Uᵀ U = I\ngradient dx\n    = x - Uᵀ b\n"
    with pytest.raises(UserError, match="can't be assumed; expected a sum of entries, symmetry, or a norm of 1"):
        prove(text)


DOCUMENTS = [
    (
        r"Let $p = \mathrm{softmax}(z)$, $L = -y^\top \log p$, with $\mathbf{1}^\top y = 1$. $$\nabla_z L = @$$",
        "p - y",
        "y - p",
        r", with $\mathbf{1}^\top y = 1$",
    ),
    (r"Let $f(x) = x^\top A x$ with $A = A^\top$. $$\nabla f(x) = @$$", "2Ax", "Ax", r" with $A = A^\top$"),
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
