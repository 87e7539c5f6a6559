"""X beside x_i: matrices whose rows or columns are vectors with an index, as regression is written everywhere."""

from .written import Written

STACKED = [
    Written(
        "linear regression by rows",
        r"""We have $L(\beta) = \sum_{i=1}^n (y_i - x_i^T \beta)^2$ where $x_i$ are the rows of $X$.
$$\nabla_\beta L = -2\sum_{i=1}^n (y_i - x_i^T\beta) x_i = -2X^T(y - X\beta)$$""",
        (
            ("-2X^T(y - X\\beta)", "2X^T(y - X\\beta)"),
            ("-2X^T(y - X\\beta)", "-2X^T(y - 2X\\beta)"),
        ),
    ),
    Written(
        "Poisson regression",
        r"""$$\ell(\beta) = \sum_i \left( y_i x_i^T\beta - e^{x_i^T\beta} \right)$$ so
$$\frac{\partial \ell}{\partial \beta} = \sum_i \left(y_i - e^{x_i^T\beta}\right) x_i = X^T (y - e^{X\beta}).$$""",
        (("X^T (y - e^{X\\beta})", "X^T (y + e^{X\\beta})"),),
    ),
    Written(
        "logistic regression, samples as columns",
        r"""Let $p_i = \sigma(w^T x_i)$ and $L = -\sum_i [y_i \log p_i + (1-y_i)\log(1-p_i)]$.
$$\frac{\partial L}{\partial w} = \sum_i (p_i - y_i) x_i = X(p - y)$$""",
        (
            ("X(p - y)", "X(y - p)"),
            ("= X(p - y)", "= X(p - y) + w"),
        ),
    ),
    Written(
        "ridge regression, whole and by coordinates",
        r"""$J(w) = \frac{1}{2n}\|Xw - y\|^2 + \frac{\lambda}{2}\|w\|^2$

$\nabla_w J = \frac{1}{n}X^T(Xw-y) + \lambda w$

and per coordinate $\frac{\partial J}{\partial w_j} = \frac1n \sum_i x_{ij}(x_i^T w - y_i) + \lambda w_j$""",
        (
            ("x_{ij}(x_i^T w - y_i) +", "x_{ij}(x_i^T w + y_i) +"),
            ("\\frac{1}{n}X^T(Xw-y)", "\\frac{1}{2n}X^T(Xw-y)"),
        ),
    ),
    Written(
        "weighted least squares",
        r"""$J(\theta) = \frac12 \sum_i w_i (\theta^T x_i - y_i)^2$.

$\nabla_\theta J = \sum_i w_i(\theta^T x_i - y_i) x_i = X^T \mathrm{diag}(w)(X\theta - y)$""",
        (("\\mathrm{diag}(w)(X", "(X"),),
    ),
    Written(
        "multi-output regression in bold",
        r"""$L = \sum_{n} \| \mathbf{y}_n - \mathbf{W}^T \mathbf{x}_n \|^2$

$\frac{\partial L}{\partial \mathbf{W}} = -2 \sum_n \mathbf{x}_n (\mathbf{y}_n - \mathbf{W}^T\mathbf{x}_n)^T
= -2\mathbf{X}^T(\mathbf{Y} - \mathbf{X}\mathbf{W})$""",
        (
            ("= -2\\mathbf{X}^T(", "= -\\mathbf{X}^T("),
            ("\\mathbf{Y} - \\mathbf{X}", "\\mathbf{Y} + \\mathbf{X}"),
        ),
    ),
    Written(
        "logistic loss of signs",
        r"""$$L(\beta) = \sum_{i=1}^{n} \log(1 + e^{-y_i \beta^T x_i})$$
$$\nabla L = -\sum_{i=1}^n \frac{y_i x_i}{1 + e^{y_i\beta^Tx_i}}
= -X^T \left(\frac{y}{1+e^{y \odot X\beta}}\right)$$""",
        (("= -X^T", "= X^T"),),
    ),
    Written(
        "the hidden layer of two",
        r"""For $h_i = \tanh(W_1 x_i)$, $\hat{y}_i = w_2^T h_i$ and $L = \frac12 \sum_i (\hat y_i - y_i)^2$ we find
$$\frac{\partial L}{\partial w_2} = \sum_i (\hat y_i - y_i) h_i = H^T(\hat y - y)$$
$$\frac{\partial L}{\partial W_1} = \sum_i (\hat y_i - y_i) (w_2 \odot (1 - h_i^2)) x_i^T$$""",
        (
            ("H^T(\\hat y - y)", "H^T(y - \\hat y)"),
            ("(1 - h_i^2)", "(1 - h_i)"),
        ),
    ),
    Written(
        "the mean of a Gaussian",
        r"""$\ell(\mu) = -\frac12 \sum_{i=1}^n (x_i - \mu)^T \Sigma^{-1} (x_i - \mu)$ with $\Sigma$ symmetric.

$\nabla_\mu \ell = \Sigma^{-1} \sum_i (x_i - \mu) = \Sigma^{-1}(X^T \mathbf{1} - n\mu)$""",
        (("- n\\mu)", "- \\mu)"),),
    ),
    Written(
        "an autoencoder with tied weights",
        r"""$z_i = W x_i$, $\hat x_i = W^T z_i$, $L = \frac12\sum_i \|\hat x_i - x_i\|^2$.
$$\frac{\partial L}{\partial W} = \sum_i z_i (\hat x_i - x_i)^T + W (\hat x_i - x_i) x_i^T
= Z^T(\hat X - X) + W(\hat X - X)^T X$$""",
        (
            ("+ W(\\hat X - X)^T X", ""),
            ("Z^T(\\hat X - X)", "Z^T(X - \\hat X)"),
        ),
    ),
    Written(
        "attention of one query",
        r"""$s_j = q^T k_j$, $a_j = \frac{e^{s_j}}{\sum_l e^{s_l}}$, $o = \sum_j a_j v_j$, $L = \frac12 \|o - t\|^2$.
$$\frac{\partial L}{\partial v_j} = a_j (o - t)$$
$$\frac{\partial L}{\partial s_j} = a_j (v_j - o)^T (o - t)$$
$$\frac{\partial L}{\partial q} = K^T (a \odot (V(o-t) - o^T(o-t)\mathbf 1))$$""",
        (
            ("a_j (v_j - o)^T", "a_j v_j^T"),
            ("- o^T(o-t)\\mathbf 1", ""),
            ("= a_j (o - t)$$", "= (o - t)$$"),
        ),
    ),
    Written(
        "a symmetric matrix, said after a comma",
        r"""Let $f(x) = \frac{1}{2} x^T A x - b^T x$ with A symmetric.
Then $\nabla f(x) = Ax - b$ and $\nabla^2 f(x) = A$.""",
        (
            ("= Ax - b", "= 2Ax - b"),
            ("^2 f(x) = A", "^2 f(x) = 2A"),
        ),
    ),
    Written(
        "an absolute penalty, beside a price",
        r"""At $5 per query we minimise $L(w) = \sum_i (w^T x_i - y_i)^2 + \alpha \|w\|_1$, so

$\frac{\partial L}{\partial w} = 2X^T(Xw - y) + \alpha\, \mathrm{sign}(w)$""",
        (("2X^T(Xw", "X^T(Xw"),),
    ),
    Written(
        "a bilinear form of pairs",
        r"""$L = \frac{1}{2}\sum_i \sum_j (x_i^T M x_j - s_{ij})^2$

$\frac{\partial L}{\partial M} = \sum_{i,j} (x_i^T M x_j - s_{ij}) x_i x_j^T = X^T (X M X^T - S) X$""",
        (("X^T (X M X^T - S) X", "X (X^T M X - S) X^T + M"),),
    ),
    Written(
        "the logistic loss by its weights",
        r"""$L = \frac{1}{n} \sum_i \log(1 + e^{-y_i w^T x_i}) + \frac{\lambda}{2} w^Tw$

Let $p_i = \sigma(-y_i w^T x_i)$. Then
$\nabla_w L = -\frac{1}{n}\sum_i p_i y_i x_i + \lambda w = -\frac1n X^T (p \odot y) + \lambda w$.""",
        (("(p \\odot y)", "(p + y)"), ("+ \\lambda w$", "+ 2\\lambda w$")),
    ),
    Written(
        "a bias of vectors",
        r"""$z_i = W x_i + b$, $L = \sum_i \ell_i$ with $\ell_i = \frac12 \|z_i - t_i\|^2$.
$$\frac{\partial L}{\partial b} = \sum_i (z_i - t_i) = (Z - T)^T \mathbf 1$$""",
        (("(Z - T)^T", "(T - Z)^T"),),
    ),
]
