"""Programs in matrix notation as people type them, each with the same computation in PyTorch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """text: the program, `;` between its lines. shapes: of the inputs, sizes that all differ. compute: in PyTorch.

    positive: inputs that are positive; definite: inputs that are symmetric and positive definite.
    """

    text: str
    shapes: dict[str, tuple[int, ...]]
    compute: Callable[..., Any]
    positive: tuple[str, ...] = ()
    definite: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """The program, a line each."""
        return self.text.replace("; ", "\n")


def _torch() -> Any:
    import torch

    return torch


def _quadratic(x: Any, A: Any) -> Any:
    return x @ A @ x


CASES = {
    "linear layer": Case(
        "Y = X Wᵀ + 1 bᵀ", {"X": (4, 3), "W": (5, 3), "b": (5,)}, lambda X, W, b: X @ W.T + b
    ),
    "linear layer, untransposed": Case(
        "Y = X W + b", {"X": (4, 3), "W": (3, 5), "b": (5,)}, lambda X, W, b: X @ W + b
    ),
    "least squares": Case(
        "L = ‖X w − y‖²", {"X": (4, 3), "w": (3,), "y": (4,)}, lambda X, w, y: ((X @ w - y) ** 2).sum()
    ),
    "ridge": Case(
        "L = 1/2 ||X w - y||^2 + λ/2 ||w||^2", {"X": (4, 3), "w": (3,), "y": (4,), "λ": ()},
        lambda X, w, y, lam: ((X @ w - y) ** 2).sum() / 2 + lam / 2 * (w**2).sum(),
    ),
    "lasso": Case(
        "L = 1/2 ‖X w - y‖² + λ ‖w‖_1", {"X": (4, 3), "w": (3,), "y": (4,), "λ": ()},
        lambda X, w, y, lam: ((X @ w - y) ** 2).sum() / 2 + lam * w.abs().sum(),
    ),
    "mean squared error": Case(
        "X: S×M; w: M; y: S; L = 1/S ‖X w - y‖^2", {"X": (4, 3), "w": (3,), "y": (4,)},
        lambda X, w, y: ((X @ w - y) ** 2).mean(),
    ),
    "logistic regression": Case(
        "L = sum(log(1 + exp(-y ∘ (X w))))", {"y": (4,), "X": (4, 3), "w": (3,)},
        lambda y, X, w: _torch().log(1 + _torch().exp(-y * (X @ w))).sum(),
    ),
    "logistic regression, cross-entropy": Case(
        "p = sigmoid(X w); L = -yᵀ log(p) - (1 - y)ᵀ log(1 - p)", {"X": (4, 3), "w": (3,), "y": (4,)},
        lambda X, w, y: -(y * _torch().sigmoid(X @ w).log() + (1 - y) * (1 - _torch().sigmoid(X @ w)).log()).sum(),
    ),
    "quadratic form": Case("f(x) = x'*A*x", {"x": (3,), "A": (3, 3)}, _quadratic),
    "quadratic form, juxtaposed": Case("L = xᵀAx", {"x": (3,), "A": (3, 3)}, _quadratic),
    "bilinear form": Case("L = x^T A y", {"x": (4,), "A": (4, 3), "y": (3,)}, lambda x, A, y: x @ A @ y),
    "Rayleigh quotient": Case(
        "L = x^T A x / x^T x", {"x": (3,), "A": (3, 3)}, lambda x, A: x @ A @ x / (x @ x)
    ),
    "Gaussian log-likelihood": Case(
        "L = 1/2 logdet(Σ) + 1/2 (x - μ)ᵀ Σ⁻¹ (x - μ)", {"Sigma": (3, 3), "x": (3,), "μ": (3,)},
        lambda S, x, m: _torch().logdet(S) / 2 + (x - m) @ _torch().inverse(S) @ (x - m) / 2, definite=("Sigma",),
    ),
    "Mahalanobis distance": Case(
        "d2 = (x - y)^T S^-1 (x - y)", {"x": (3,), "y": (3,), "S": (3, 3)},
        lambda x, y, S: (x - y) @ _torch().inverse(S) @ (x - y),
    ),
    "whitening": Case(
        "S = Xᵀ X + ε I; Z = X S⁻¹", {"X": (5, 3), "ε": ()},
        lambda X, e: X @ _torch().inverse(X.T @ X + e * _torch().eye(3, dtype=X.dtype)), positive=("ε",),
    ),
    "whitening by Cholesky": Case(
        "Z = X inv(chol(S))ᵀ", {"X": (5, 3), "S": (3, 3)},
        lambda X, S: X @ _torch().inverse(_torch().linalg.cholesky((S + S.T) / 2)).T, definite=("S",),
    ),
    "low-rank factorisation": Case(
        "L = ‖A - U V^T‖_F^2", {"A": (4, 5), "U": (4, 2), "V": (5, 2)}, lambda A, U, V: ((A - U @ V.T) ** 2).sum()
    ),
    "attention": Case(
        "A = softmax(Q Kᵀ / sqrt(c)); Y = A V", {"Q": (4, 3), "K": (5, 3), "c": (), "V": (5, 2)},
        lambda Q, K, c, V: _torch().softmax(Q @ K.T / c.sqrt(), dim=-1) @ V, positive=("c",),
    ),
    "two-layer perceptron": Case(
        "H = relu(X W1 + b1); Y = H W2 + b2",
        {"X": (6, 3), "W1": (3, 4), "b1": (4,), "W2": (4, 5), "b2": (5,)},
        lambda X, W1, b1, W2, b2: _torch().relu(X @ W1 + b1) @ W2 + b2,
    ),
    "softmax regression": Case(
        "L = -sum(T ∘ log_softmax(X W))", {"T": (4, 5), "X": (4, 3), "W": (3, 5)},
        lambda T, X, W: -(T * _torch().log_softmax(X @ W, dim=-1)).sum(),
    ),
    "trace of a product": Case(
        "L = tr(A X B)", {"A": (3, 4), "X": (4, 5), "B": (5, 3)}, lambda A, X, B: (A @ X @ B).trace()
    ),
    "trace of an inverse": Case(
        "L = tr((X'X + λ I)^-1)", {"X": (5, 3), "λ": ()},
        lambda X, lam: _torch().inverse(X.T @ X + lam * _torch().eye(3, dtype=X.dtype)).trace(), positive=("λ",),
    ),
    "Gaussian process": Case(
        "L = yᵀ (K + σ I)⁻¹ y + log(det(K + σ I))", {"y": (4,), "K": (4, 4), "sigma": ()},
        lambda y, K, s: y @ _torch().inverse(K + s * _torch().eye(4, dtype=K.dtype)) @ y
        + _torch().logdet(K + s * _torch().eye(4, dtype=K.dtype)),
        positive=("sigma",), definite=("K",),
    ),
    "inverse and determinant": Case(
        "L = aᵀ X⁻¹ b + log(det(X))", {"a": (3,), "X": (3, 3), "b": (3,)},
        lambda a, X, b: a @ _torch().inverse(X) @ b + _torch().logdet(X), definite=("X",),
    ),
    "solve": Case(
        "L = ‖solve(A, b) - c‖²", {"A": (3, 3), "b": (3,), "c": (3,)},
        lambda A, b, c: ((_torch().linalg.solve(A, b) - c) ** 2).sum(),
    ),
    "hat matrix": Case(
        "H = X (Xᵀ X)⁻¹ Xᵀ", {"X": (5, 2)}, lambda X: X @ _torch().inverse(X.T @ X) @ X.T
    ),
    "scaled rows and columns": Case(
        "Y = diag(u) X diag(v)", {"u": (4,), "X": (4, 3), "v": (3,)}, lambda u, X, v: u[:, None] * X * v
    ),
    "Gaussian kernel": Case(
        "k = exp(-‖x - y‖² / (2 s^2))", {"x": (3,), "y": (3,), "s": ()},
        lambda x, y, s: _torch().exp(-((x - y) ** 2).sum() / (2 * s**2)),
    ),
    "hinge": Case(
        "L = sum(max(0, 1 - y ∘ (X w)))", {"y": (4,), "X": (4, 3), "w": (3,)},
        lambda y, X, w: _torch().relu(1 - y * (X @ w)).sum(),
    ),
    "entries of a matrix": Case(
        "L = sum(exp(X).^2 ./ (1 + Y.^2))", {"X": (4, 3), "Y": (4, 3)},
        lambda X, Y: (X.exp() ** 2 / (1 + Y**2)).sum(),
    ),
    "layer of rows": Case("y = x W + b", {"x": (3,), "W": (3, 5), "b": (5,)}, lambda x, W, b: x @ W + b),
    "norm of a residual": Case(
        "L = ‖A x - b‖", {"A": (4, 3), "x": (3,), "b": (4,)}, lambda A, x, b: (A @ x - b).norm()
    ),
    "factor of a covariance": Case(
        "Y = chol(S) z", {"S": (3, 3), "z": (3,)}, lambda S, z: _torch().linalg.cholesky((S + S.T) / 2) @ z,
        definite=("S",),
    ),
}  # fmt: skip
