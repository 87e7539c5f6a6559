"""Unit vectors of class numbers, and what a document says of the values of a quantity."""

import pytest

from chainrule.derive import prove, prove_document
from chainrule.derive.notation.documents import matrices_latex
from chainrule.derive.reading.spelling.domains import values_said
from chainrule.derive.render.judgement import summarize

CLASS = r"Let $z = Wx + b$, $p = \mathrm{softmax}(z)$ and $L = -\log p_y$. Then $$\frac{\partial L}{\partial z} = "
UNIT_VECTORS = [
    (CLASS + r"p - e_y.$$", "p - e_y", "e_y - p"),
    (CLASS + r"p - \mathbf{e}_y.$$", r"p - \mathbf{e}_y", "p"),
    (CLASS + r"p - \mathbf{1}_y.$$", r"- \mathbf{1}_y", r"+ \mathbf{1}_y"),
    (CLASS + r"p - \mathrm{onehot}(y).$$", "p - ", "2p - "),
    (CLASS + r"p - \text{one-hot}(y).$$", "p - ", "p p - "),
    (CLASS.replace("_y", "_c") + r"p - e_c.$$", "p - e_c", "p_c - e_c"),
    (CLASS.replace("l z}", "l W}") + r"(p - e_y)x^\top.$$", r"(p - e_y)x^\top", r"x(p - e_y)^\top"),
    (CLASS.replace("l z}", "l x}") + r"W^\top(p - e_y).$$", r"W^\top(p", "W(p"),
    (r"Let $L = -z_y + \log\sum_j e^{z_j}$. $$\nabla_z L = \mathrm{softmax}(z) - e_y$$", " - e_y", ""),
    (
        r"$L = -\log \mathrm{softmax}(z)_y$, $z = Wx$. $$\nabla_W L = (\mathrm{softmax}(z) - e_y)x^\top$$",
        " - e",
        " + e",
    ),
    (
        r"Let $p = \mathrm{softmax}(z)$ and $L = (1-p_y)^2$. $$\frac{\partial L}{\partial z} = -2(1-p_y)p_y(e_y - p)$$",
        "-2(1-p_y)p_y",
        "-2(1-p_y)",
    ),
]
LOGISTIC = r"$f(w) = \frac{1}{n}\sum_{i=1}^n \log(1+e^{-y_i w^\top x_i})$. "
SIGMOIDS = r"\sigma(y_i w^\top x_i)(1-\sigma(y_i w^\top x_i))"
HESSIAN = rf"$$\nabla^2_w f = \frac1n\sum_{{i=1}}^n {SIGMOIDS} x_i x_i^\top$$"
VALUES = [
    (r"Labels $y_i\in\{-1,+1\}$, " + LOGISTIC + HESSIAN, r" x_i x_i^\top", " x_i"),
    (r"Data $(x_i, y_i) \in \mathbb{R}^d \times \{\pm 1\}$ and " + LOGISTIC + HESSIAN, r"\frac1n\sum", r"\sum"),
    (r"With $y_i\in\{-1, 1\}$ and " + LOGISTIC + HESSIAN, r"\{-1, 1\}", r"\{0, 1\}"),
    (r"With $m_i\in\{0,1\}$: $L = \sum_i m_i^2 x_i^2$. $$\frac{\partial L}{\partial x_i} = 2m_i x_i$$", "2m_i", "m_i"),
    (r"With $s\in\{-1,1\}$: $L = \sum_i s^3 x_i^2$. $$\frac{\partial L}{\partial x_i} = 2 s x_i$$", "2 s x", "2 x"),
]
SYMMETRIC = (
    r"Let $A, S\in\mathbb{R}^{n\times n}$ be symmetric and $f(A)=\log\det A + \operatorname{tr}(A^{-1}S)$. Then "
    r"\begin{align} df &= \operatorname{tr}(A^{-1}dA) - \operatorname{tr}(A^{-1}\,dA\,A^{-1}S)\\"
    "\n"
    r"\Rightarrow\quad \nabla_A f &= A^{-1} - A^{-1}SA^{-1}. \end{align}"
)


@pytest.mark.parametrize(("text", "old", "new"), [*UNIT_VECTORS, *VALUES])
def test_unit_vectors_and_values_are_read(text: str, old: str, new: str) -> None:
    assert old in text
    assert prove_document(text).ok
    judged = prove_document(text.replace(old, new), repairs=False)
    assert [row.sign for derivation in judged.derivations for row in derivation.rows] == ["✗"]


def test_vectors_stay_vectors_where_values_are_assumed() -> None:
    (judged,) = prove_document(VALUES[0][0]).derivations
    assert "w[m]" in judged.forward[-1][0]
    assert "assumed, as the document says: y[i]^2 = 1" in judged.notes


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"y_i \in \{-1, 1\}", r"y_i \cdot y_i = 1"),
        (r"y \in \left\{ +1 , -1 \right\}", r"y \cdot y = 1"),
        (r"\epsilon_i\in\{0,1\}", r"\epsilon_i \cdot \epsilon_i = \epsilon_i"),
        (r"y^{(i)} \in \{\pm1\}", r"y^{(i)} \cdot y^{(i)} = 1"),
        (r"y \in \{1, 2\}", ""),
        (r"y \in \{0, 1, 2\}", ""),
        (r"y \in [-1, 1]", ""),
    ],
)
def test_two_values_are_an_equation(latex: str, said: str) -> None:
    assert values_said(latex) == said


def test_matrices_that_are_said_to_be_symmetric_together_are() -> None:
    assert prove_document(SYMMETRIC).ok


def test_a_wrong_last_row_is_not_called_right() -> None:
    (judged,) = prove_document(SYMMETRIC.replace("A^{-1} - A^{-1}SA", "A^{-1} + A^{-1}SA")).derivations
    assert [row.sign for row in judged.rows] == ["✓", "✗"]
    assert judged.rows[1].repair == "A⁻¹ - A⁻¹ S A⁻¹"
    assert "nevertheless" not in summarize(judged)


def test_sums_and_entries_of_a_repair_are_latex() -> None:
    assert matrices_latex("(1 / size[i]) sum[i](x[i] x[i]ᵀ)") == r"(1 / \lvert i\rvert) \sum_{i}(x_{i} x_{i}^\top)"
    assert matrices_latex("P[i,y[i]]") == "P_{i,y_{i}}"


@pytest.mark.parametrize(
    ("values", "right", "wrong"), [("m[i]", "m[i]^3", "1"), ("m[i]", "m[i]", "m[i] - 1"), ("1", "1 / m[i]", "1")]
)
@pytest.mark.parametrize("function", ["sum[i](m[i] * x[i])", "exp(sum[i](m[i] * x[i]))"])
def test_both_values_are_tried(function: str, values: str, right: str, wrong: str) -> None:
    outer = "exp(sum[j](m[j] * x[j])) * " if function.startswith("exp") else ""
    text = f"forward\n  L = {function}\n  assume m[i]^2 = {values}\ngradient dx[i]\n  = {outer}({{}})"
    assert prove(text.format(right)).ok
    assert not prove(text.format(wrong)).ok


SVM = (
    r"Hinge loss $L=\max(0, 1-y\,w^\top x)$. If $y\,w^\top x<1$ then $\nabla_w L = -yx$, "
    r"and otherwise $\nabla_w L = 0$."
)
QUADRATIC = (
    r"$f(x) = \frac{1}{2}x^TAx - b^Tx$. $\nabla f = \frac{1}{2}(A + A^T)x - b$. "
    r"If $A$ is symmetric, $\nabla f = Ax - b$."
)
NORMAL = r"""$\ell(\mu,\sigma^2) = -\frac n2\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_{i=1}^n (x_i-\mu)^2$.
$$\frac{\partial\ell}{\partial\mu} = \frac{1}{\sigma^2}\sum_{i=1}^n(x_i-\mu)$$
$$\frac{\partial \ell}{\partial \sigma^2} = -\frac{n}{2\sigma^2} + \frac{1}{2\sigma^4}\sum_{i=1}^n (x_i-\mu)^2$$"""


@pytest.mark.parametrize(
    ("text", "old", "new", "signs"),
    [
        (SVM, "= -yx", "= yx", "✗✓"),
        (SVM, "<1", ">1", "✗✗"),
        (SVM, "L = 0", "L = -yx", "✓✗"),
        (QUADRATIC, "If $A$ is symmetric", "Moreover", "✓✗"),
        (QUADRATIC, "If $A$ is symmetric", "Unless $A$ is symmetric", "✓✗"),
        (QUADRATIC, "= Ax - b", "= 2Ax - b", "✓✗"),
        (NORMAL, r"{2\sigma^4}", r"{\sigma^4}", "✓✗"),
    ],
)
def test_a_condition_in_words_holds_for_what_it_introduces(text: str, old: str, new: str, signs: str) -> None:
    assert old in text
    assert prove_document(text).ok
    judged = prove_document(text.replace(old, new), repairs=False)
    assert "".join(row.sign for derivation in judged.derivations for row in derivation.rows) == signs


@pytest.mark.parametrize("bound", ["> 1", ">= 1"])
def test_points_beyond_a_bound_are_found(bound: str) -> None:
    margin = "y * sum[m](w[m] * x[m])"
    text = f"forward\n  L = max(0, 1 - {margin})\n  assume {margin} {bound}\ngradient dw[m]\n"
    assert prove(text + "  = 0 * w[m]").ok
    assert not prove(text + "  = -y * x[m]").ok
