"""LaTeX formulas as expressions of the language."""

import pytest

from chainrule.catalogue import list_gallery, read_gallery
from chainrule.derive import derive, show
from chainrule.derive.language.expressions import Div, Neg, Partial, Ref, mul, neg, num
from chainrule.derive.reading.grammar import Grammar
from chainrule.derive.reading.matrices import Matrices
from chainrule.derive.reading.tokens import UnreadableError, cut_latex
from chainrule.derive.render.latex import latex

RANKS = {"X": 2, "W": 2, "Y": 2, "B": 2, "b": 1, "T": 2, "x": 1, "Xhat": 2}


def read(source):
    return Matrices(RANKS).scalar(Grammar(cut_latex(source)).whole())


@pytest.mark.parametrize(
    ("source", "meaning"),
    [
        (r"\frac{\partial L}{\partial Y_{mn}}", "dY[m,n]"),
        (r"\partial L / \partial Y_{mn}", "dY[m,n]"),
        (r"\left[ \frac{\partial L}{\partial W} \right]_{ij}", "dW[i,j]"),
        (r"\nabla_{W_{ij}} L", "dW[i,j]"),
        (r"\frac{\partial Y_{mn}}{\partial W_{ij}}", "d(Y[m,n])/d(W[i,j])"),
        (r"\frac{\partial}{\partial X_{ij}} [X_{mn} + 1]", "d(X[m,n] + 1)/d(X[i,j])"),
        (r"\frac{\partial}{\partial X_{ij}} T_{ik} \log(X_{ik})", "d(T[i,k] * log(X[i,k]))/d(X[i,j])"),
        (r"(XW^T + B)_{mn}", "sum[k](X[m,k] * W[n,k]) + B[m,n]"),
        (r"(XW^\top + b)_{mn}", "sum[k](X[m,k] * W[n,k]) + b[n]"),
        (r"\left[\left(\frac{\partial L}{\partial Y}\right)^T\right]_{im} X_{mj}", "dY[m,i] * X[m,j]"),
        (r"W^T_{kn}", "W[n,k]"),
        (r"\left[\frac{T}{X}\right]_{ij}", "T[i,j] / X[i,j]"),
        (r"(X \odot Y)_{ij}", "X[i,j] * Y[i,j]"),
        (r"\sum_k X_{mk} W_{nk} + B_{mn}", "sum[k](X[m,k] * W[n,k]) + B[m,n]"),
        (r"\sum_{mn} X_{mn}", "sum[m,n](X[m,n])"),
        (r"\sum_{j \neq i} X_{ij}", "sum[j]((j != i) * X[i,j])"),
        (r"\max_k X_{ik}", "max[k](X[i,k])"),
        (r"\delta_{ni} \delta_{kj}", "delta[n,i] * delta[k,j]"),
        (r"\mathbb{1}[i = j]", "i == j"),
        (r"e^{X_{ij}}", "exp(X[i,j])"),
        (r"\hat{X}_{si}", "Xhat[s,i]"),
        (r"\sqrt{\sigma_s^2 + \epsilon}", "sqrt(var[s] + eps)"),
        (r"\sigma(x_i)", "sigmoid(x[i])"),
        (r"\tanh^2 x_i", "tanh(x[i])^2"),
        (r"\text{softmax}(X)_{ij}", "exp(X[i,j]) / sum[k](exp(X[i,k]))"),
        (r"\frac{1}{2} x_i^2", "1 / 2 * x[i]^2"),
        (r"2 \cdot -x_i", "2 * (-x[i])"),
        (r"X_{s,2i+a}", "X[s,a+2*i]"),
        (r"\underbrace{x_i}_{\text{part A}} + 1", "x[i] + 1"),
        (r"\begin{cases} x_i & \text{if } x_i > 0 \\ 0 & \text{otherwise} \end{cases}", "where(x[i] > 0, x[i], 0)"),
        (r"|x_i|", "abs(x[i])"),
        ("∂L/∂Y_{mn} · δ_{ni}", "dY[m,n] * delta[n,i]"),
        (r"\partial_{X_{ij}} Y_{mn}", "d(Y[m,n])/d(X[i,j])"),
        (r"\mathrm{softmax}_j(X_{ij} / 2)", "exp(X[i,j] / 2) / sum[k](exp(X[i,k] / 2))"),
        (r"\mathrm{softmax}_i(x)", "exp(x[i]) / sum[k](exp(x[k]))"),
        (r"\operatorname{artanh} x_i", "arctanh(x[i])"),
        (r"\sum_{j \neq i} \frac{1}{x_i - x_j}", "sum[j!=i](1 / (x[i] - x[j]))"),
    ],
)
def test_what_people_write_is_read(source, meaning):
    assert show(read(source)) == meaning


@pytest.mark.parametrize(
    "source",
    [
        r"\prod_{ij} x_{ij}", r"\sqrt[3]{x_i}", r"X^{-1} + \left(X", r"\int x", r"\frac{\partial^3 L}{\partial x^3}",
        r"x_i +", r"\frac{a}", r"\begin{pmatrix} 1 \end{pmatrix}", r"X + x_i", r"f''(x_i)", "{" * 50,
        r"\sum_{} x", r"x_{}", r"X_{ij}^T",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(source):
    with pytest.raises(UnreadableError):
        read(source)


def as_read(expr):
    """An expression as rendering leaves it: gradients of the loss have one form, a wide numerator stands beside."""
    expr = expr.map(as_read)
    match expr:
        case Partial(Ref("L", ()), Ref(name, indices)):
            return Ref(f"d{name}", indices)
        case Div(Neg(above), below):
            return neg(mul(Div(num(1), below), above))
        case Div(above, below) if above != num(1):
            return mul(Div(num(1), below), above)
        case Neg(argument):
            return mul(num(-1), argument)
    return expr


def without_signs(expr):
    """The expression in one form, whatever the places of its minus signs."""
    return show(as_read(as_read(expr))).replace("-1 * ", "-").replace("(-1) * ", "-").replace("-1 / ", "-1 * 1 / ")


# What LaTeX does not say as the language does: products over an index, ranges below a sum, the first step of a
# recurrence (a_0 is a name of its own), functions of whole matrices, log Γ.
ONE_WAY = {
    "alpha_compositing", "causal_softmax", "cumulative_product", "kalman_filter", "linear_scan", "negative_binomial",
    "noisy_or", "ranking_pairs", "stick_breaking", "whitening",
}  # fmt: skip


@pytest.mark.parametrize(
    "path", [path for path in list_gallery() if path.stem not in ONE_WAY], ids=lambda path: path.stem
)
def test_rendered_programs_and_gradients_are_read_back(path):
    program = read_gallery(path).forward
    expressions = [statement.value for statement in program.statements]
    expressions += [gradient.steps[-1].node for gradient in derive(program).values()]
    for expr in expressions:
        found = Matrices({}).lower(Grammar(cut_latex(latex(expr))).whole())
        assert without_signs(found) == without_signs(expr)
