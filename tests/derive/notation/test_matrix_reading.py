"""Matrix notation is opened to index notation: what each sign means, what each name is, and what is unclear."""

import random

import pytest
from tests.derive.notation.hostile import broken, judged, outcome

from chainrule.derive import EquationError, derive, is_matrix_notation, open_program, plain_latex

OPENED = {
    "Y = X Wᵀ + 1 bᵀ": "Y[m,k] = sum[n](X[m,n] * W[k,n]) + b[k]",
    "Y = X @ W.T + b": "Y[m,k] = sum[n](X[m,n] * W[k,n]) + b[k]",
    "Y = X W^{T}": "Y[m,k] = sum[n](X[m,n] * W[k,n])",
    "Y = XW + 1 bᵀ": "Y[m,k] = sum[n](X[m,n] * W[n,k]) + b[k]",
    "Y = XW + 1 b": "Y[m,k] = sum[n](X[m,n] * W[n,k]) + b[k]",
    "L = 1ᵀ X 1": "L = sum[m,n](X[m,n])",
    "L = tr(A B)": "L = sum[m,n](A[m,n] * B[n,m])",
    "L = x^TAx": "L = sum[m,m2](x[m] * A[m,m2] * x[m2])",
    "L = ||A||_F^2": "L = sum[m,n](A[m,n]^2)",
    "L = ‖x‖": "L = sqrt(sum[m](x[m]^2))",
    "L = ‖x‖_1": "L = sum[m](abs(x[m]))",
    "L = aᵀ X^{-T} b": "L = sum[m,m2](a[m] * inv(X)[m2,m] * b[m2])",
    "L = log det Σ": "L = log(det(Sigma))",
    "L = ½ Tr(AB)": "L = 1 / 2 * sum[m,n](A[m,n] * B[n,m])",
    "L = log(sum(exp(x)))": "L = log(sum[m](exp(x[m])))",
    "L = det(A + λ I)": "L = det[m,m2](A[m,m2] + λ * delta[m,m2])",
    "Y = diag(v) X": "Y[m,n] = v[m] * X[m,n]",
    "y = diag(X Y)": "y[m] = sum[n](X[m,n] * Y[n,m])",
    "Y = A ∘ B": "Y[m,n] = A[m,n] * B[m,n]",
    "Y = A .* B ./ C": "Y[m,n] = A[m,n] * B[m,n] / C[m,n]",
    "Y = x yᵀ": "Y[m,n] = x[m] * y[n]",
    "L = mean((X w - y).^2)": "L = mean[m]((sum[n](X[m,n] * w[n]) - y[m])^2)",
    "Y = [X > 0] ∘ X": "Y[m,n] = (X[m,n] > 0) * X[m,n]",
    "L = 1/2 λ ‖w‖²": "L = 1 / 2 * λ * sum[m](w[m]^2)",
    "L = λ/2 ‖w‖² ": "L = λ / 2 * sum[m](w[m]^2)",
    "L = ‖w‖²/2N": "L = sum[m](w[m]^2) / (2 * N)",
    "L = x^T A x / x^T x": "L = sum[m,m2](x[m] * A[m,m2] * x[m2]) / sum[m](x[m] * x[m])",
    "X: S×M\nw: M\nL = 1/S ‖X w‖²": "L = 1 / size[s] * sum[s](sum[m](X[s,m] * w[m])^2)",
    "a: scalar\nY = a * X": "Y[m,n] = a * X[m,n]",
    "X ∈ R^{N×N}\ny = X x": "y[n] = sum[n2](X[n,n2] * x[n2])",
    "y = a x + b": "y[m] = a * x[m] + b[m]",
    "L = ‖Xw − Y‖²": "L = sum[m]((sum[n](X[m,n] * w[n]) - Y[m])^2)",
    "P = exp(A) / rowsum(exp(A))": "P[m,n] = exp(A[m,n]) / sum[n2](exp(A[m,n2]))",
    "D = A - colsum(A)": "D[m,n] = A[m,n] - sum[m2](A[m2,n])",
    "Y = silu(X W)": "Y[m,k] = sum[n](X[m,n] * W[n,k]) * sigmoid(sum[n](X[m,n] * W[n,k]))",
    "L = -log σ(xᵀ w)": "L = -log(sigmoid(sum[m](x[m] * w[m])))",
    "L = sum((X @ W - Y)**2)": "L = sum[m,k]((sum[n](X[m,n] * W[n,k]) - Y[m,k])^2)",
    "L = np.mean(np.exp(X @ W))": "L = mean[m,k](exp(sum[n](X[m,n] * W[n,k])))",
    "f(x, y) = x^2 y + sin(xy)": "f = x^2 * y + sin(x * y)",
    "y = σ(Wx + b)": "y[m] = sigmoid(sum[n](W[m,n] * x[n]) + b[m])",
    "Y = XW + b": "Y[m,k] = sum[n](X[m,n] * W[n,k]) + b[k]",
    "f(x) = x(1-x)": "f = x * (1 - x)",
    "f(x) = e^(2x)": "f = exp(2 * x)",
    "v = β v0 + (1 - β) g": "v[m] = β * v0[m] + (1 - β) * g[m]",
}


@pytest.mark.parametrize("text", OPENED)
def test_matrix_notation_is_opened_to_indices(text: str) -> None:
    assert is_matrix_notation(text)
    assert str(open_program(text)) == OPENED[text]


def test_how_names_are_read_is_told() -> None:
    assert open_program("Y = X W + b").remarks == (
        "Y = X W + b",
        "read as: X (M×N), W (N×K) matrices; b (K) a vector",
        "in X W + b, the vector is taken with every row",
    )


REFUSED = {
    "Y = X W'\nZ = X * W": "`X * W` could be the product or entry by entry; write X W (or X @ W) for the product, "
    "X ∘ W (or X .* W) entry by entry",
    "L = tr(X^2)": "`X^2` could be a product of matrices or entry by entry; write X X for the one, X.^2 for the other",
    "L = |A| + tr(A)": "`|A|` is unclear; write abs(A) entry by entry, det(A) or ‖A‖",
    "X: S×M\nW: S×M\nY = X W": "`X W` does not fit: X is S×M and W is S×M",
    "X: S×M\nL = det(X)": "`det(X)`: expected a square matrix, found S×M",
    "L = ‖X w‖² / 2 N": "`‖X w‖^2 / (2 N)` is unclear; write (‖X w‖^2 / 2) … or ‖X w‖^2 / (…)",
    "L = f(x)ᵀ y": "`f(…)` could be a function or a product; write f * (…) for the product",
    "Y = (X Wᵀ": "expected `)` to close the bracket, found the end of the line",
    "Y = X Wᵀ +": "expected a number, a name or a bracket, found the end of the line",
    "Y = Xᵀ Y": "`Y` is used before the line that defines it",
    "X: S×M\nX: S×M\nY = Xᵀ": "`X` is declared twice",
    "X: S×M×N\nY = Xᵀ": "`S×M×N` is no shape; expected sizes such as S×M, or scalar, vector or matrix",
    "Y = Xᵀ $ 2": "`$` is no sign of matrix notation",
    "y = 1/2x": "a quotient such as 1/2x could be (1/2) x or 1 / (2 x); write it as one of these",
    "L = ‖A‖_2 + tr(A)": "the spectral norm ‖A‖_2 of a matrix is not known; expected ‖A‖_F",
    "L = ‖x‖_Q": "the norm `_Q` is not known; expected ‖x‖, ‖x‖_1, ‖x‖_p or ‖A‖_F",
    "L = tr(" + "(" * 60 + "A": "nested too deeply; expected at most 40 levels",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_unclear_or_does_not_fit_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(EquationError) as found:
        derive(text)
    assert found.value.problem == REFUSED[text]


@pytest.mark.parametrize(
    "text",
    [
        "Y[i,j] = exp(X[i,j])",
        "y = a * x + b",
        "h = tanh(Wx * x + Wh * h0)",
        "L = CE + KL",
        "L = sum[i](x[i]^2)",
        r"Y_{ij} = \sum_k X_{ik} W_{kj}",
        "y = exp(x)",
    ],
)
def test_other_notations_are_left_alone(text: str) -> None:
    assert not is_matrix_notation(text)


LATEX = {
    r"L = a^\top X^{-1} b": "L = aᵀX^{-1} b",
    r"L = \frac{1}{2} \|X w - y\|^2": "L = ((1)/(2)) ‖X w - y‖^2",
    r"Y = A \odot B^{\top}": "Y = A ∘ Bᵀ",
}


@pytest.mark.parametrize("text", LATEX)
def test_latex_without_subscripts_is_matrix_notation(text):
    assert plain_latex(text) == LATEX[text]
    assert is_matrix_notation(LATEX[text])


def test_a_declared_number_is_a_size() -> None:
    program = open_program("A: 3×4\nb: 3\nx = Aᵀ b")
    assert program.assumed_sizes == {"m": 3, "n": 4}


def test_broken_texts_end_in_a_program_or_in_a_sentence():
    rng = random.Random(3)
    texts = [broken(rng) for _ in range(150)]
    assert {outcome(text) for text in texts} == {"read", "sentence"}
    assert {judged(text.split("=")[-1].split("\n")[0]) for text in texts[:40]} <= {"read", "sentence"}
