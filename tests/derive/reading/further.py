# ruff: noqa: E501  (the lines of a document are as long as their author made them)
"""Derivations in physics, statistics and blogs, in LaTeX and as people type them; see written.py."""

from .written import Written

FURTHER: list[Written] = []


def doc(name: str, text: str, *wrong: tuple[str, str], suffix: str = ".md") -> None:
    """Add one."""
    assert all(old in text for old, _ in wrong), name
    FURTHER.append(Written(name, text, wrong, suffix))


doc(
    "phys_oscillator",
    r"""
A particle on a spring. $V(x) = \frac{1}{2} k x^2 - F x$. The force is
$$-\frac{dV}{dx} = F - kx$$
""",
    ("F - kx", "F + kx"),
)

doc(
    "phys_coulomb",
    r"""
$$V(r) = \frac{q}{4\pi\epsilon_0 r}$$
$$E = -\frac{\partial V}{\partial r} = \frac{q}{4\pi\epsilon_0 r^2}$$
""",
    ("r^2}", "r^3}"),
)

doc(
    "phys_pairs",
    r"""
Energy of $N$ particles with pair interactions:
$$E = \frac12 \sum_{i \neq j} (x_i - x_j)^2$$
$$\frac{\partial E}{\partial x_k} = 2\sum_{j \neq k} (x_k - x_j)$$
""",
    (r"= 2\sum", r"= \sum"),
)

doc(
    "phys_pairs_lt",
    r"""
$$E = \sum_{i<j} (x_i - x_j)^2$$
$$\partial_{x_k} E = 2 \sum_{j} (x_k - x_j)$$
""",
    (r"= 2 \sum", r"= \sum"),
)

doc(
    "ising_mf",
    r"""
Let $F(m) = -\frac{J}{2} m^2 - h m + \frac{1}{\beta}\left[\frac{1+m}{2}\ln\frac{1+m}{2} + \frac{1-m}{2}\ln\frac{1-m}{2}\right]$.
$$\frac{\partial F}{\partial m} = -Jm - h + \frac{1}{2\beta}\ln\frac{1+m}{1-m} = -Jm - h + \frac1\beta \operatorname{artanh} m$$
""",
    (r"\frac{1}{2\beta}\ln", r"\frac{1}{\beta}\ln"),
)

doc(
    "boltz",
    r"""
Partition function $Z(\beta) = \sum_i e^{-\beta E_i}$ and $p_i = e^{-\beta E_i}/Z$.
$$-\frac{\partial \ln Z}{\partial \beta} = \sum_i p_i E_i$$
""",
    (r"-\frac{\partial \ln Z}{\partial \beta} =", r"\frac{\partial \ln Z}{\partial \beta} ="),
)

doc(
    "boltz_avg",
    r"""
$$\ln Z = \ln\sum_i e^{-\beta E_i}, \qquad \langle E \rangle = \sum_i E_i p_i, \qquad p_i = \frac{e^{-\beta E_i}}{\sum_j e^{-\beta E_j}}$$
$$\frac{\partial p_i}{\partial \beta} = p_i\left(\langle E\rangle - E_i\right)$$
""",
    (r"\langle E\rangle - E_i", r"E_i - \langle E\rangle"),
)

doc(
    "pendulum",
    r"""
$$L = \frac12 m l^2 \dot\theta^2 + m g l \cos\theta$$
$$\frac{\partial L}{\partial \dot\theta} = m l^2 \dot\theta, \qquad \frac{\partial L}{\partial \theta} = -m g l \sin\theta$$
""",
    (r"-m g l \sin", r"m g l \sin"),
)

doc(
    "cookbook_62",
    r"""
$$\frac{\partial \mathbf{a}^T\mathbf{X}^T\mathbf{b}}{\partial \mathbf{X}} = \mathbf{b}\mathbf{a}^T$$
$$\frac{\partial \mathbf{a}^T\mathbf{X}^{-1}\mathbf{b}}{\partial \mathbf{X}} = -\mathbf{X}^{-T}\mathbf{a}\mathbf{b}^T\mathbf{X}^{-T}$$
$$\frac{\partial \operatorname{Tr}(\mathbf{A}\mathbf{X}^{-1}\mathbf{B})}{\partial \mathbf{X}} = -(\mathbf{X}^{-1}\mathbf{B}\mathbf{A}\mathbf{X}^{-1})^T$$
$$\frac{\partial \det(\mathbf{X})}{\partial \mathbf{X}} = \det(\mathbf{X})(\mathbf{X}^{-1})^T$$
""",
    (r"= \mathbf{b}\mathbf{a}^T", r"= \mathbf{a}\mathbf{b}^T"),
    (r"\mathbf{B}\mathbf{A}", r"\mathbf{A}\mathbf{B}"),
    (r"(\mathbf{X}^{-1})^T$$", r"\mathbf{X}^{-1}$$"),
)

doc(
    "cookbook_second",
    r"""
$$\frac{\partial}{\partial \mathbf{X}} \mathrm{Tr}(\mathbf{X}\mathbf{A}\mathbf{X}^T) = \mathbf{X}\mathbf{A}^T + \mathbf{X}\mathbf{A}$$
$$\frac{\partial}{\partial \mathbf{X}} \mathrm{Tr}(\mathbf{A}\mathbf{X}\mathbf{B}\mathbf{X}^T\mathbf{C}) = \mathbf{A}^T\mathbf{C}^T\mathbf{X}\mathbf{B}^T + \mathbf{C}\mathbf{A}\mathbf{X}\mathbf{B}$$
$$\frac{\partial}{\partial \mathbf{X}} \|\mathbf{X}\|_{\mathrm{F}}^2 = 2\mathbf{X}$$
""",
    (r"+ \mathbf{X}\mathbf{A}$$", r"+ \mathbf{A}\mathbf{X}$$"),
    (r"\mathbf{C}\mathbf{A}\mathbf{X}\mathbf{B}", r"\mathbf{A}\mathbf{C}\mathbf{X}\mathbf{B}"),
)

doc(
    "cookbook_quadr",
    r"""
$$\frac{\partial}{\partial \mathbf{s}} (\mathbf{x} - \mathbf{A}\mathbf{s})^T \mathbf{W} (\mathbf{x} - \mathbf{A}\mathbf{s}) = -2\mathbf{A}^T\mathbf{W}(\mathbf{x}-\mathbf{A}\mathbf{s})$$
$$\frac{\partial}{\partial \mathbf{x}} \|\mathbf{x}-\mathbf{a}\|_2 = \frac{\mathbf{x}-\mathbf{a}}{\|\mathbf{x}-\mathbf{a}\|_2}$$
where $\mathbf{W}$ is symmetric.
""",
    (r"= -2\mathbf{A}", r"= 2\mathbf{A}"),
    (r"}{\|\mathbf{x}-\mathbf{a}\|_2}$$", r"}{\|\mathbf{x}-\mathbf{a}\|_2^2}$$"),
)

doc(
    "differential_mat",
    r"""
Let $f = \mathrm{tr}(X^\top A X)$. Then
\begin{align*}
df &= \mathrm{tr}(dX^\top A X) + \mathrm{tr}(X^\top A\, dX) \\
&= \mathrm{tr}\left( (A X)^\top dX\right) + \mathrm{tr}(X^\top A\, dX)\\
&= \mathrm{tr}\left( X^\top(A + A^\top)\, dX \right)
\end{align*}
and so $\nabla_X f = (A + A^\top) X$.
""",
    (r"X^\top(A + A^\top)\, dX", r"X^\top(A - A^\top)\, dX"),
    (r"\nabla_X f = (A + A^\top) X", r"\nabla_X f = X (A + A^\top)"),
)

doc(
    "intertext",
    r"""
\begin{align*}
z_i &= \sum_j W_{ij} x_j \\
\intertext{and the loss is}
L &= \sum_i \log(1 + e^{-y_i z_i}) \\
\intertext{so that the chain rule gives}
\frac{\partial L}{\partial W_{ij}} &= \frac{\partial L}{\partial z_i}\frac{\partial z_i}{\partial W_{ij}} \\
&= -\frac{y_i}{1 + e^{y_i z_i}} x_j
\end{align*}
""",
    (r"&= -\frac{y_i}", r"&= \frac{y_i}"),
)

doc(
    "newcommand_bold",
    r"""
\documentclass{article}
\newcommand{\vx}{\mathbf{x}}
\newcommand{\vy}{\mathbf{y}}
\newcommand{\vw}{\mathbf{w}}
\newcommand{\mX}{\mathbf{X}}
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert}
\newcommand{\grad}[1]{\nabla_{#1}}
\begin{document}
\[ f(\vw) = \tfrac12 \norm{\mX\vw - \vy}^2 \]
\[ \grad{\vw} f = \mX^\top(\mX\vw - \vy) \]
\end{document}
""",
    (r"= \mX^\top(", r"= \mX("),
    suffix=".tex",
)

doc(
    "declareop",
    r"""
\documentclass{article}
\usepackage{amsmath}
\DeclareMathOperator{\softmax}{softmax}
\DeclareMathOperator{\tr}{tr}
\DeclareMathOperator*{\argmax}{arg\,max}
\begin{document}
Let $p = \softmax(z)$ and $L = -\sum_k t_k \log p_k$ with $\sum_k t_k = 1$. Then
\[ \frac{\partial L}{\partial z_i} = p_i - t_i \]
\[ \frac{\partial}{\partial X}\tr(A X^\top X) = X(A + A^\top) \]
\end{document}
""",
    ("= p_i - t_i", "= t_i - p_i"),
    (r"= X(A + A^\top)", r"= (A + A^\top)X"),
    suffix=".tex",
)

doc(
    "transpose_prime",
    r"""
OLS. $S(\beta) = (y - X\beta)'(y - X\beta)$, thus
$$\frac{\partial S}{\partial \beta} = -2X'(y - X\beta) = -2X'y + 2X'X\beta$$
""",
    (r"+ 2X'X\beta", r"+ 2XX'\beta"),
)

doc(
    "transpose_sf",
    r"""
$$\mathbf{y} = \mathbf{W}^{\mathsf T}\mathbf{x}$$
$$\frac{\partial \mathcal{L}}{\partial \mathbf{x}} = \mathbf{W}\frac{\partial \mathcal{L}}{\partial \mathbf{y}},\qquad \frac{\partial \mathcal{L}}{\partial \mathbf{W}} = \mathbf{x}\left(\frac{\partial \mathcal{L}}{\partial \mathbf{y}}\right)^{\mathsf T}$$
""",
    (r"= \mathbf{W}\frac", r"= \mathbf{W}^{\mathsf T}\frac"),
)

doc(
    "D_x",
    """
$$f(x) = x^3 e^{-x}$$
$$D_x f = (3x^2 - x^3)e^{-x}$$
""",
    ("(3x^2 - x^3)", "(3x^2 + x^3)"),
)

doc(
    "partial_sub",
    r"""
$$u(x,t) = e^{-k t}\sin(x)$$
$$\partial_t u = -k u, \quad \partial_x u = e^{-kt}\cos(x), \quad \partial_x^2 u = -u$$
""",
    (r"\partial_t u = -k u", r"\partial_t u = k u"),
    (r"\partial_x^2 u = -u", r"\partial_x^2 u = u"),
)

doc(
    "partial_xx",
    r"""
$$u = e^{-x^2 + y}$$
$$\partial_{xx} u = (4x^2 - 2) u, \qquad \partial_{xy} u = -2x u$$
""",
    ("(4x^2 - 2)", "(4x^2 + 2)"),
)

doc(
    "iverson",
    r"""
ReLU with an Iverson bracket: $y_i = x_i\,[x_i > 0]$.
$$\frac{\partial L}{\partial x_i} = [x_i > 0]\,\frac{\partial L}{\partial y_i}$$
""",
    (r"= [x_i > 0]\,", r"= [x_i < 0]\,"),
)

doc(
    "bbI",
    r"""
$$L = \frac{1}{N}\sum_{n=1}^{N} \max(0, 1 - t_n y_n)$$
$$\frac{\partial L}{\partial y_n} = -\frac{t_n}{N}\,\mathbb{I}\{t_n y_n < 1\}$$
""",
    ("t_n y_n < 1", "t_n y_n > 1"),
)

doc(
    "one_brace",
    r"""
$$\ell = -\sum_{i=1}^{m}\sum_{k=1}^{K} 1\{y^{(i)} = k\}\log\frac{e^{z_k^{(i)}}}{\sum_{j=1}^{K}e^{z_j^{(i)}}}$$
$$\frac{\partial\ell}{\partial z_k^{(i)}} = \frac{e^{z_k^{(i)}}}{\sum_{j=1}^{K}e^{z_j^{(i)}}} - 1\{y^{(i)} = k\}$$
""",
    (r"- 1\{y^{(i)} = k\}$$", r"+ 1\{y^{(i)} = k\}$$"),
)

doc(
    "ufldl_softmax",
    r"""
$$J(\theta) = -\left[\sum_{i=1}^{m}\sum_{k=1}^{K} 1\{y^{(i)} = k\}\log\frac{\exp(\theta^{(k)\top}x^{(i)})}{\sum_{j=1}^{K}\exp(\theta^{(j)\top}x^{(i)})}\right]$$
$$\nabla_{\theta^{(k)}} J(\theta) = -\sum_{i=1}^{m}\left[x^{(i)}\left(1\{y^{(i)} = k\} - \frac{\exp(\theta^{(k)\top}x^{(i)})}{\sum_{j=1}^{K}\exp(\theta^{(j)\top}x^{(i)})}\right)\right]$$
""",
    (r"= -\sum_{i=1}^{m}\left[x", r"= \sum_{i=1}^{m}\left[x"),
)

doc(
    "softmax_i",
    r"""
$$p_i = \mathrm{softmax}_i(z/\tau), \qquad H = -\sum_i p_i\log p_i$$
$$\frac{\partial p_i}{\partial z_j} = \frac{1}{\tau} p_i(\delta_{ij} - p_j)$$
""",
    (r"\frac{1}{\tau} p_i", r"\tau p_i"),
)

doc(
    "lse_op",
    r"""
$$\operatorname{LSE}(x) = \log\sum_{i=1}^{n}\exp(x_i)$$
$$\frac{\partial}{\partial x_i}\operatorname{LSE}(x) = \frac{\exp(x_i)}{\sum_j\exp(x_j)}$$
""",
    (r"= \frac{\exp(x_i)}", r"= \frac{1}"),
)

doc(
    "blog_unicode",
    """
Let's do the forward pass for a tiny net:

    z = Wx + b
    a = σ(z)
    L = ½‖a − y‖²

Then ∂L/∂a = a − y, ∂L/∂z = (a − y) ⊙ a ⊙ (1 − a), ∂L/∂W = ∂L/∂z xᵀ.
""",
    ("⊙ a ⊙ (1 − a)", "⊙ (1 − a)"),
)

doc(
    "inner_norm",
    r"""
$$f(w) = \langle a, w\rangle^2 + \frac{\mu}{2}\|w\|_2^2$$
$$\nabla f(w) = 2\langle a, w\rangle a + \mu w$$
""",
    (r"2\langle a, w\rangle a", r"2\langle a, w\rangle w"),
)

doc(
    "sizes_words",
    r"""
Let $X$ be an $N \times D$ matrix, $W$ a $D \times K$ matrix and $b$ a row vector of length $K$. The scores are $S = XW + \mathbf{1}b$, where $\mathbf{1}$ is a column of $N$ ones.
$$\frac{\partial L}{\partial W} = X^\top\frac{\partial L}{\partial S}$$
$$\frac{\partial L}{\partial b} = \mathbf{1}^\top\frac{\partial L}{\partial S}$$
""",
    (r"= X^\top\frac", r"= X\frac"),
)

doc(
    "cumsum",
    r"""
$$y_t = \sum_{s \le t} x_s$$
$$\frac{\partial L}{\partial x_s} = \sum_{t \ge s}\frac{\partial L}{\partial y_t}$$
""",
    (r"\sum_{t \ge s}", r"\sum_{t \le s}"),
)

doc(
    "rec0",
    r"""
With $h_0 = 0$ and $h_t = \alpha h_{t-1} + (1-\alpha)x_t$ for $t = 1,\dots,T$:
$$\frac{\partial L}{\partial x_t} = (1-\alpha)\delta_t$$
where $\delta_t = \frac{\partial L}{\partial h_t} + \alpha\delta_{t+1}$.
""",
    (r"= (1-\alpha)\delta_t", r"= \alpha\delta_t"),
)

doc(
    "lstm_bold",
    r"""
\begin{align}
\mathbf{f}_t &= \sigma(\mathbf{W}_f\mathbf{x}_t + \mathbf{U}_f\mathbf{h}_{t-1} + \mathbf{b}_f)\\
\mathbf{i}_t &= \sigma(\mathbf{W}_i\mathbf{x}_t + \mathbf{U}_i\mathbf{h}_{t-1} + \mathbf{b}_i)\\
\mathbf{o}_t &= \sigma(\mathbf{W}_o\mathbf{x}_t + \mathbf{U}_o\mathbf{h}_{t-1} + \mathbf{b}_o)\\
\tilde{\mathbf{c}}_t &= \tanh(\mathbf{W}_c\mathbf{x}_t + \mathbf{U}_c\mathbf{h}_{t-1} + \mathbf{b}_c)\\
\mathbf{c}_t &= \mathbf{f}_t\odot\mathbf{c}_{t-1} + \mathbf{i}_t\odot\tilde{\mathbf{c}}_t\\
\mathbf{h}_t &= \mathbf{o}_t\odot\tanh(\mathbf{c}_t)
\end{align}
$$\frac{\partial L}{\partial\mathbf{o}_t} = \frac{\partial L}{\partial\mathbf{h}_t}\odot\tanh(\mathbf{c}_t)$$
$$\frac{\partial L}{\partial\mathbf{i}_t} = \frac{\partial L}{\partial\mathbf{c}_t}\odot\tilde{\mathbf{c}}_t$$
""",
    (r"\odot\tilde{\mathbf{c}}_t$$", r"\odot\mathbf{c}_t$$"),
)

doc(
    "bptt_gates",
    r"""
$$h_t = \tanh(W h_{t-1} + U x_t), \quad t=1,\dots,T$$
$$\frac{\partial L}{\partial U} = \sum_{t=1}^{T}\left(\frac{\partial L}{\partial h_t}\odot(1-h_t^2)\right)x_t^\top$$
""",
    (r"\odot(1-h_t^2)", r"\odot(1-h_t)"),
)

doc(
    "typed_softmax",
    """
# Softmax + CE

    p_i = exp(z_i) / Σ_j exp(z_j)
    L = -Σ_i y_i log p_i,  Σ_i y_i = 1

    ∂L/∂z_k = -Σ_i y_i (1/p_i) ∂p_i/∂z_k
            = -Σ_i y_i (δ_ik − p_k)
            = p_k − y_k
""",
    ("(δ_ik − p_k)", "(δ_ik − p_i)"),
    ("= p_k − y_k", "= p_k + y_k"),
)

doc(
    "typed_mlp",
    """
Forward pass:

    z₁ = W₁ x + b₁
    h = tanh(z₁)
    z₂ = W₂ h + b₂
    L = ½‖z₂ − y‖²

Backward pass:

    ∂L/∂z₂ = z₂ − y
    ∂L/∂W₂ = ∂L/∂z₂ hᵀ
    ∂L/∂h = W₂ᵀ ∂L/∂z₂
    ∂L/∂z₁ = ∂L/∂h ⊙ (1 − h²)
    ∂L/∂W₁ = ∂L/∂z₁ xᵀ
""",
    ("(1 − h²)", "(1 − h)"),
    ("W₂ᵀ ∂L/∂z₂", "W₂ ∂L/∂z₂"),
)

doc(
    "typed_batchnorm",
    """
μ = (1/m) Σ_i x_i
v = (1/m) Σ_i (x_i − μ)²
y_i = (x_i − μ) / √(v + ε)

∂L/∂x_i = 1/√(v + ε) * (∂L/∂y_i − (1/m) Σ_j ∂L/∂y_j − y_i (1/m) Σ_j y_j ∂L/∂y_j)
""",
    ("− y_i (1/m)", "+ y_i (1/m)"),
    suffix=".txt",
)

doc(
    "typed_dldw",
    """
y = w*x + b
L = (y - t)^2

dL/dw = 2*(y - t)*x
dL/db = 2*(y - t)
""",
    ("2*(y - t)*x", "(y - t)*x"),
    suffix=".txt",
)

doc(
    "murphy_logreg",
    r"""
NLL for binary logistic regression:
\begin{align}
\mathrm{NLL}(\mathbf{w}) &= -\frac{1}{N}\sum_{n=1}^N\left[y_n\log\mu_n + (1-y_n)\log(1-\mu_n)\right]\\
\mu_n &= \sigma(\mathbf{w}^\top\mathbf{x}_n)\\
\nabla_{\mathbf{w}}\mathrm{NLL}(\mathbf{w}) &= \frac1N\sum_{n=1}^N(\mu_n - y_n)\mathbf{x}_n
\end{align}
""",
    (r"(\mu_n - y_n)\mathbf{x}_n", r"(\mu_n - y_n)\mu_n\mathbf{x}_n"),
)

doc(
    "bishop_softmax",
    r"""
$$y_k = \frac{\exp(a_k)}{\sum_j\exp(a_j)}, \qquad \frac{\partial y_k}{\partial a_j} = y_k(I_{kj} - y_j)$$
$$E = -\sum_{n=1}^N\sum_{k=1}^K t_{nk}\ln y_{nk}$$
""",
    ("y_k(I_{kj} - y_j)", "y_k(I_{kj} + y_j)"),
)

doc(
    "kalman_innov",
    r"""
$$J(x) = \frac12(x - m)^\top P^{-1}(x - m) + \frac12(z - Hx)^\top R^{-1}(z - Hx)$$
With symmetric $P$ and $R$,
$$\nabla J(x) = P^{-1}(x-m) - H^\top R^{-1}(z - Hx)$$
""",
    (r"- H^\top R", r"+ H^\top R"),
)

doc(
    "rmsprop_adam",
    r"""
$$f(\theta) = \frac{1}{2}\theta^\top H\theta - g^\top\theta$$
where $H$ is symmetric. The Newton step solves $\nabla f(\theta) = 0$.
$$\nabla f(\theta) = H\theta - g, \qquad \nabla^2 f(\theta) = H$$
""",
    (r"= H\theta - g", r"= H\theta + g"),
)

doc(
    "einsum_bilinear",
    r"""
$$y_k = \sum_{i,j} x_i W_{kij} z_j + b_k$$
$$\frac{\partial L}{\partial W_{kij}} = \frac{\partial L}{\partial y_k}x_iz_j,\quad \frac{\partial L}{\partial x_i} = \sum_{k,j}\frac{\partial L}{\partial y_k}W_{kij}z_j$$
""",
    ("W_{kij}z_j$$", "W_{kji}z_j$$"),
)

doc(
    "expect_finite",
    r"""
Let $\mu = \mathbb{E}_{i\sim p}[f_i] = \sum_i p_i f_i$ with $p_i = \frac{e^{\theta_i}}{\sum_je^{\theta_j}}$.
$$\frac{\partial\mu}{\partial\theta_k} = p_k(f_k - \mu)$$
""",
    (r"(f_k - \mu)", r"(\mu - f_k)"),
)

doc(
    "prod_ij",
    r"""
Vandermonde: $\log V = \sum_{i<j}\log|x_j - x_i|$.
$$\frac{\partial\log V}{\partial x_k} = \sum_{j\neq k}\frac{1}{x_k - x_j}$$
""",
    (r"\frac{1}{x_k - x_j}", r"\frac{1}{x_j - x_k}"),
)

doc(
    "cum_prod",
    r"""
$$y_t = \prod_{s=1}^{t}x_s$$
$$\frac{\partial y_t}{\partial x_s} = \begin{cases}\prod_{r\le t, r\neq s}x_r & s\le t\\0&\text{otherwise}\end{cases}$$
""",
    (r"s\le t\\0", r"s\ge t\\0"),
)

doc(
    "poly_feat",
    r"""
$$f(x) = \sum_{k=0}^{n} c_k x^k$$
$$f'(x) = \sum_{k=1}^{n} k c_k x^{k-1}$$
""",
    ("k c_k x^{k-1}", "c_k x^{k-1}"),
)

doc(
    "attn_jac_T",
    r"""
$$s = \operatorname{softmax}(x), \quad J = \frac{\partial s}{\partial x} = \operatorname{diag}(s) - ss^\top$$
""",
    (r"- ss^\top", r"+ ss^\top"),
)

doc(
    "silu_paper",
    r"""
\documentclass{article}
\begin{document}
\subsection*{Swish}
We use $f(x) = x\cdot\sigma(\beta x)$. Its derivative is
\begin{equation*}
f'(x) = \beta f(x) + \sigma(\beta x)(1 - \beta f(x)).
\end{equation*}
\end{document}
""",
    (r"(1 - \beta f(x))", "(1 - f(x))"),
    suffix=".tex",
)

doc(
    "selu_cases",
    r"""
$$f(x) = \lambda\begin{cases}x & x > 0\\ \alpha(e^x - 1) & x \le 0\end{cases}$$
$$f'(x) = \lambda\begin{cases}1 & x > 0\\ \alpha e^x & x < 0\end{cases}$$
""",
    (r"\alpha e^x & x", r"\alpha(e^x-1) & x"),
)

doc(
    "hinge_sq_w",
    r"""
$$\mathcal{L}(\mathbf{w}) = \frac{1}{2}\|\mathbf{w}\|^2 + C\sum_{i}\max(0, 1 - y_i\mathbf{w}^\top\mathbf{x}_i)^2$$
$$\nabla_{\mathbf{w}}\mathcal{L} = \mathbf{w} - 2C\sum_iy_i\max(0, 1 - y_i\mathbf{w}^\top\mathbf{x}_i)\mathbf{x}_i$$
""",
    (r"\mathbf{w} - 2C", r"\mathbf{w} - C"),
)

doc(
    "partial_fr",
    r"""
Soit $f(x,y) = x^2y + \sin(xy)$. Alors
$$\frac{\partial f}{\partial x} = 2xy + y\cos(xy), \qquad \frac{\partial f}{\partial y} = x^2 + x\cos(xy)$$
""",
    (r"2xy + y\cos", r"2xy + x\cos"),
)

doc(
    "gru_bold",
    r"""
\begin{aligned}
\mathbf{z} &= \sigma(\mathbf{W}_z\mathbf{x} + \mathbf{U}_z\mathbf{h})\\
\mathbf{r} &= \sigma(\mathbf{W}_r\mathbf{x} + \mathbf{U}_r\mathbf{h})\\
\tilde{\mathbf{h}} &= \tanh(\mathbf{W}\mathbf{x} + \mathbf{U}(\mathbf{r}\odot\mathbf{h}))\\
\mathbf{h}' &= (1-\mathbf{z})\odot\mathbf{h} + \mathbf{z}\odot\tilde{\mathbf{h}}
\end{aligned}
$$\frac{\partial L}{\partial\tilde{\mathbf{h}}} = \frac{\partial L}{\partial\mathbf{h}'}\odot\mathbf{z}$$
""",
    (r"\odot\mathbf{z}$$", r"\odot(1-\mathbf{z})$$"),
)

doc(
    "arrhenius",
    r"""
$$k(T) = A e^{-E_a/(RT)}, \qquad \frac{d\ln k}{dT} = \frac{E_a}{RT^2}$$
""",
    (r"\frac{E_a}{RT^2}", r"\frac{E_a}{RT}"),
)

doc(
    "cox",
    r"""
$$\ell(\beta) = \sum_i\left[x_i\beta - \log\sum_{j\ge i}e^{x_j\beta}\right]$$
$$\frac{d\ell}{d\beta} = \sum_i\left[x_i - \frac{\sum_{j\ge i}x_je^{x_j\beta}}{\sum_{j\ge i}e^{x_j\beta}}\right]$$
""",
    (r"\left[x_i - \frac", r"\left[x_i + \frac"),
)

doc(
    "trace_diff",
    r"""
$$L = \frac12\|XW - Y\|_F^2$$
Let $R = XW - Y$. Then $dL = \mathrm{tr}(R^\top dR) = \mathrm{tr}(R^\top X\,dW)$, hence
$$\frac{\partial L}{\partial W} = X^\top R$$
""",
    (r"= X^\top R$$", r"= R^\top X$$"),
)

doc(
    "rl_return",
    r"""
$$G = \sum_{t=0}^{T}\gamma^t r_t$$
$$\frac{\partial G}{\partial r_t} = \gamma^t, \qquad \frac{\partial G}{\partial\gamma} = \sum_{t=1}^{T}t\gamma^{t-1}r_t$$
""",
    (r"= \gamma^t,", r"= \gamma^{t+1},"),
    (r"t\gamma^{t-1}r_t", r"\gamma^{t-1}r_t"),
)

doc(
    "weighted_1",
    r"""
$$L = \sum_{k=1}^{n} k\,x_k^2$$
$$\frac{\partial L}{\partial x_k} = 2k\,x_k$$
""",
    (r"= 2k\,x_k", r"= 2(k-1)\,x_k"),
)

doc(
    "set_indices",
    r"""
$$L = \frac{1}{N}\sum_{i\in\{1,\dots,N\}}(y_i - wx_i)^2$$
$$\frac{dL}{dw} = -\frac{2}{N}\sum_{i\in\{1,\dots,N\}}(y_i-wx_i)x_i$$
""",
    (r"-\frac{2}{N}", r"\frac{2}{N}"),
)

doc(
    "set_caligraphic",
    r"""
$$L = \sum_{i\in\mathcal{B}}\ell_i, \quad \ell_i = \frac12(y_i - \theta x_i)^2$$
$$\frac{\partial L}{\partial\theta} = -\sum_{i\in\mathcal{B}}(y_i-\theta x_i)x_i$$
""",
    (r"= -\sum", r"= \sum"),
)

doc(
    "mean_bar",
    r"""
$$\bar x = \frac1n\sum_{i=1}^nx_i, \qquad s^2 = \frac{1}{n}\sum_{i=1}^n(x_i-\bar x)^2$$
$$\frac{\partial s^2}{\partial x_k} = \frac{2}{n}(x_k - \bar x)$$
""",
    (r"\frac{2}{n}(x_k", r"\frac{1}{n}(x_k"),
)

doc(
    "corr",
    r"""
$$C = \sum_iu_iv_i$$ with $u_i = x_i - \frac1n\sum_jx_j$. Then
$$\frac{\partial C}{\partial x_k} = v_k - \frac1n\sum_jv_j$$
""",
    (r"- \frac1n\sum_jv_j$$", "$$"),
)

doc(
    "js_dist",
    r"""
$$m_i = \frac12(p_i + q_i), \quad J = \frac12\sum_ip_i\log\frac{p_i}{m_i} + \frac12\sum_iq_i\log\frac{q_i}{m_i}$$
$$\frac{\partial J}{\partial p_i} = \frac12\log\frac{p_i}{m_i}$$
""",
    (r"= \frac12\log\frac{p_i}{m_i}", r"= \frac12\log\frac{m_i}{p_i}"),
)

doc(
    "td_linear",
    r"""
$$\delta = r + \gamma w^\top\phi' - w^\top\phi, \qquad L = \frac12\delta^2$$
$$\nabla_wL = \delta(\gamma\phi' - \phi)$$
""",
    (r"(\gamma\phi' - \phi)", r"(\phi - \gamma\phi')"),
)

doc(
    "lagr_mult",
    r"""
$$\mathcal{L}(x,\lambda) = \frac12x^\top Qx - c^\top x + \lambda^\top(Ax - b)$$
$$\nabla_x\mathcal{L} = \frac12(Q + Q^\top)x - c + A^\top\lambda, \qquad \nabla_\lambda\mathcal{L} = Ax - b$$
""",
    (r"A^\top\lambda,", r"A\lambda,"),
)

doc(
    "huber_abs",
    r"""
$$\rho(r) = \begin{cases}\frac12r^2 & |r|\le\delta\\\delta(|r|-\frac12\delta)&|r|>\delta\end{cases}$$
$$\rho'(r) = \begin{cases}r&|r|\le\delta\\\delta\operatorname{sgn}(r)&|r|>\delta\end{cases}$$
""",
    (r"\delta\operatorname{sgn}(r)&", r"\operatorname{sgn}(r)&"),
)

doc(
    "quantile",
    r"""
Pinball loss $L = \sum_i\max(\tau e_i, (\tau-1)e_i)$ with $e_i = y_i - q_i$.
$$\frac{\partial L}{\partial q_i} = -\tau\,\mathbb{1}[e_i>0] + (1-\tau)\,\mathbb{1}[e_i<0]$$
""",
    (r"+ (1-\tau)", r"- (1-\tau)"),
)

doc(
    "temporal_avg",
    r"""
$$v_t = \rho v_{t-1} + g_t, \qquad L = \sum_t v_t c_t$$
$$\frac{\partial L}{\partial g_t} = c_t + \rho\frac{\partial L}{\partial g_{t+1}}$$
""",
    (r"\rho\frac{\partial L}{\partial g_{t+1}}", r"\rho\frac{\partial L}{\partial g_{t-1}}"),
)

doc(
    "normalised_adj",
    r"""
$$H' = \mathrm{ReLU}(D^{-1}AHW)$$
With $Z = D^{-1}AHW$,
$$\frac{\partial L}{\partial W} = H^\top A^\top D^{-\top}\frac{\partial L}{\partial Z}$$
""",
    (r"A^\top D^{-\top}", r"D^{-\top}A^\top"),
)

doc(
    "two_layer_T",
    r"""
Let $\mathbf{A}_1 = \phi(\mathbf{X}\mathbf{W}_1)$ and $\mathbf{Y} = \mathbf{A}_1\mathbf{W}_2$.
\begin{align*}
\frac{\partial\mathcal{L}}{\partial\mathbf{W}_2} &= \mathbf{A}_1^{\mathsf T}\frac{\partial\mathcal{L}}{\partial\mathbf{Y}}\\
\frac{\partial\mathcal{L}}{\partial\mathbf{A}_1} &= \frac{\partial\mathcal{L}}{\partial\mathbf{Y}}\mathbf{W}_2^{\mathsf T}\\
\frac{\partial\mathcal{L}}{\partial\mathbf{W}_1} &= \mathbf{X}^{\mathsf T}\left(\frac{\partial\mathcal{L}}{\partial\mathbf{A}_1}\circ\phi'(\mathbf{X}\mathbf{W}_1)\right)
\end{align*}
""",
    (
        r"\frac{\partial\mathcal{L}}{\partial\mathbf{Y}}\mathbf{W}_2^{\mathsf T}",
        r"\frac{\partial\mathcal{L}}{\partial\mathbf{Y}}\mathbf{W}_2",
    ),
    (r"\circ\phi'", r"\circ\phi"),
)

doc(
    "fm_pairs",
    r"""
$$\hat y = w_0 + \sum_iw_ix_i + \sum_{i<j}\langle v_i, v_j\rangle x_ix_j$$
$$\frac{\partial\hat y}{\partial w_i} = x_i$$
""",
    ("= x_i$$", "= w_i$$"),
)

doc(
    "pow_law",
    r"""
$$L(N) = A N^{-\alpha} + E$$
$$\frac{dL}{dN} = -\alpha A N^{-\alpha-1}$$
""",
    (r"N^{-\alpha-1}", r"N^{-\alpha}"),
)

doc(
    "sigmoid_frac",
    r"""
\begin{align}
\frac{d}{dx}\sigma(x) &= \frac{d}{dx}\left[\frac{1}{1+e^{-x}}\right]\\
&= \frac{d}{dx}(1+e^{-x})^{-1}\\
&= -(1+e^{-x})^{-2}(-e^{-x})\\
&= \frac{e^{-x}}{(1+e^{-x})^2}\\
&= \frac{1}{1+e^{-x}}\cdot\frac{e^{-x}}{1+e^{-x}}\\
&= \sigma(x)\cdot(1-\sigma(x))
\end{align}
""",
    ("&= -(1+e^{-x})^{-2}(-e^{-x})", "&= -(1+e^{-x})^{-2}(e^{-x})"),
    (r"\cdot(1-\sigma(x))", r"\cdot(1+\sigma(x))"),
)

doc(
    "quotient_softmax",
    r"""
For $i = j$:
$$\frac{\partial p_i}{\partial a_i} = \frac{e^{a_i}\sum_ke^{a_k} - e^{a_i}e^{a_i}}{\left(\sum_ke^{a_k}\right)^2} = p_i(1-p_i)$$
where $p_i = \frac{e^{a_i}}{\sum_ke^{a_k}}$.
""",
    ("= p_i(1-p_i)", "= -p_i(1-p_i)"),
)

doc(
    "dot_accent",
    r"""
$$\dot y = a\,y + b\,u, \quad J = \frac12\dot y^2$$
$$\frac{\partial J}{\partial u} = b\,\dot y$$
""",
    (r"= b\,\dot y", r"= a\,\dot y"),
)

doc(
    "capital_partial_words",
    r"""
$$\text{loss} = \frac{1}{n}\sum_i(\text{pred}_i - \text{target}_i)^2$$
$$\frac{\partial\,\text{loss}}{\partial\,\text{pred}_i} = \frac{2}{n}(\text{pred}_i - \text{target}_i)$$
""",
    (r"= \frac{2}{n}", r"= \frac{1}{n}"),
)

doc(
    "lora",
    r"""
$$h = W_0x + BAx$$
$$\frac{\partial L}{\partial A} = B^\top\frac{\partial L}{\partial h}x^\top, \qquad \frac{\partial L}{\partial B} = \frac{\partial L}{\partial h}(Ax)^\top$$
""",
    (r"B^\top\frac{\partial L}{\partial h}x^\top", r"\frac{\partial L}{\partial h}x^\top B^\top"),
    (r"(Ax)^\top", r"A^\top x^\top"),
)

doc(
    "swiglu",
    r"""
$$g = W_1x, \quad u = W_2x, \quad h = \mathrm{silu}(g)\odot u$$
$$\frac{\partial L}{\partial u} = \frac{\partial L}{\partial h}\odot\mathrm{silu}(g), \qquad \frac{\partial L}{\partial g} = \frac{\partial L}{\partial h}\odot u\odot\mathrm{silu}'(g)$$
""",
    (r"\odot u\odot\mathrm{silu}'(g)", r"\odot\mathrm{silu}'(g)"),
)

doc(
    "rope2",
    r"""
$$q'_1 = q_1\cos\theta - q_2\sin\theta, \qquad q'_2 = q_1\sin\theta + q_2\cos\theta$$
$$\frac{\partial L}{\partial q_1} = \frac{\partial L}{\partial q'_1}\cos\theta + \frac{\partial L}{\partial q'_2}\sin\theta$$
""",
    (r"+ \frac{\partial L}{\partial q'_2}\sin", r"- \frac{\partial L}{\partial q'_2}\sin"),
)

doc(
    "ctc_free",
    r"""
$$\mathrm{KL} = \frac12\left(\mathrm{tr}(\Sigma) + \mu^\top\mu - d - \log\det\Sigma\right)$$
$$\frac{\partial\mathrm{KL}}{\partial\mu} = \mu, \qquad \frac{\partial\mathrm{KL}}{\partial\Sigma} = \frac12(I - \Sigma^{-\top})$$
""",
    (r"\frac12(I - \Sigma^{-\top})", r"\frac12(I + \Sigma^{-\top})"),
)

doc(
    "sym_eig",
    r"""
Rayleigh quotient $R(x) = \frac{x^\top Ax}{x^\top x}$ with $A = A^\top$:
$$\nabla R(x) = \frac{2}{x^\top x}\left(Ax - R(x)x\right)$$
""",
    (r"\left(Ax - R(x)x\right)", r"\left(Ax + R(x)x\right)"),
)

doc(
    "gathered_steps",
    r"""
\begin{gather}
u = Wx \\
v = \tanh u \\
L = \sum_iv_i \\
\frac{\partial L}{\partial W_{ij}} = (1-v_i^2)x_j
\end{gather}
""",
    ("(1-v_i^2)x_j", "(1-v_i)x_j"),
)

doc(
    "eqnarray",
    r"""
\begin{eqnarray*}
L &=& \frac12(y-t)^2\\
y &=& wx+b\\
\frac{\partial L}{\partial w} &=& (y-t)x
\end{eqnarray*}
""",
    ("(y-t)x", "(t-y)x"),
)

doc(
    "typed_attention",
    """
Scaled dot-product attention:

    S = Q Kᵀ / √d
    P = softmax(S)
    O = P V

Backward:

    ∂L/∂V = Pᵀ ∂L/∂O
    ∂L/∂P = ∂L/∂O Vᵀ
    ∂L/∂Q = ∂L/∂S K / √d
    ∂L/∂K = (∂L/∂S)ᵀ Q / √d
""",
    ("Pᵀ ∂L/∂O", "P ∂L/∂O"),
    ("(∂L/∂S)ᵀ Q", "(∂L/∂S) Q"),
)

doc(
    "typed_logreg",
    """
## Logistic regression

p = σ(w·x + b)
L = −y log p − (1 − y) log(1 − p)

∂L/∂b = p − y
∂L/∂w = (p − y) x
""",
    ("= (p − y) x", "= (y − p) x"),
)

doc(
    "typed_chain",
    """
z = w x
a = tanh(z)
E = ½ (a − t)²

dE/dw = dE/da · da/dz · dz/dw
      = (a − t) · (1 − a²) · x
""",
    ("(1 − a²)", "(1 + a²)"),
    suffix=".txt",
)

doc(
    "typed_conv",
    """
y_i = Σ_k w_k x_{i+k}

∂L/∂w_k = Σ_i ∂L/∂y_i x_{i+k}
∂L/∂x_j = Σ_k ∂L/∂y_{j-k} w_k
""",
    ("∂L/∂y_{j-k}", "∂L/∂y_{j+k}"),
    suffix=".txt",
)

doc(
    "typed_grad_nabla",
    """
f(x) = ½ xᵀAx − bᵀx

∇f(x) = ½ (A + Aᵀ) x − b
""",
    ("− b\n", "+ b\n"),
    suffix=".txt",
)

doc(
    "typed_words",
    """
For the MSE loss we have

L = 1/N Σ_i (y_i − ŷ_i)²

and the derivative with respect to a prediction is

∂L/∂ŷ_i = −(2/N)(y_i − ŷ_i)
""",
    ("−(2/N)", "(2/N)"),
)

doc(
    "typed_subs",
    """
hᵢ = tanh(Σⱼ Wᵢⱼ xⱼ)
∂L/∂Wᵢⱼ = ∂L/∂hᵢ (1 − hᵢ²) xⱼ
""",
    ("(1 − hᵢ²) xⱼ", "(1 − hᵢ²) xᵢ"),
    suffix=".txt",
)

doc(
    "typed_rnn",
    """
h_t = tanh(W h_{t-1} + U x_t)

∂L/∂U = Σ_t (∂L/∂h_t ⊙ (1 − h_t²)) x_tᵀ
""",
    ("(1 − h_t²)", "(1 − h_t)"),
    suffix=".txt",
)

doc(
    "inline_dollar",
    r"""
We have $L = \frac12 (y-t)^2$ and $y = wx+b$, so $\frac{\partial L}{\partial w} = (y-t)x$ and $\frac{\partial L}{\partial b} = y-t$.
""",
    ("= (y-t)x", "= (t-y)x"),
)

doc(
    "paren_delims",
    r"""
Let \(f(x) = \ln(1+x^2)\). Then \[f'(x) = \frac{2x}{1+x^2}.\]
""",
    (r"\frac{2x}", r"\frac{x}"),
)

doc(
    "align_at",
    r"""
\begin{alignat*}{2}
y &= \sin(\omega t + \varphi) && \\
\frac{\partial y}{\partial\omega} &= t\cos(\omega t+\varphi) && \quad\text{(chain rule)}
\end{alignat*}
""",
    (r"t\cos(", r"\omega\cos("),
)

doc(
    "mathjax_physics",
    r"""
Kinetic energy $T = \frac{1}{2} m v^2$, momentum $p = \frac{\partial T}{\partial v} = m v$.
""",
    ("= m v$", "= 2 m v$"),
)

doc(
    "lagr_eq",
    r"""
$$L = \frac12 m\dot x^2 - \frac12kx^2$$
$$\frac{\partial L}{\partial\dot x} = m\dot x,\qquad \frac{\partial L}{\partial x} = -kx$$
""",
    ("= -kx", "= kx"),
)

doc(
    "entropy_thermo",
    r"""
$$S = k_B\ln\Omega, \qquad \frac{\partial S}{\partial\Omega} = \frac{k_B}{\Omega}$$
""",
    (r"\frac{k_B}{\Omega}", r"k_B\Omega"),
)

doc(
    "gas",
    r"""
$$P(V) = \frac{nRT}{V - nb} - \frac{an^2}{V^2}$$
$$\frac{dP}{dV} = -\frac{nRT}{(V-nb)^2} + \frac{2an^2}{V^3}$$
""",
    (r"+ \frac{2an^2}{V^3}", r"+ \frac{2an^2}{V^2}"),
)

doc(
    "fermi",
    r"""
$$f(E) = \frac{1}{e^{(E-\mu)/(k_BT)} + 1}, \qquad \frac{\partial f}{\partial E} = -\frac{1}{k_BT}f(1-f)$$
""",
    (r"-\frac{1}{k_BT}f(1-f)", r"\frac{1}{k_BT}f(1-f)"),
)

doc(
    "optics",
    r"""
$$I(\theta) = I_0\cos^2\theta, \quad \frac{dI}{d\theta} = -2I_0\cos\theta\sin\theta = -I_0\sin 2\theta$$
""",
    (r"= -I_0\sin 2\theta", r"= I_0\sin 2\theta"),
)

doc(
    "damped",
    r"""
$$x(t) = Ae^{-\gamma t}\cos(\omega t)$$
$$\dot x(t) = -Ae^{-\gamma t}\left(\gamma\cos(\omega t) + \omega\sin(\omega t)\right)$$
""",
    (r"+ \omega\sin", r"- \omega\sin"),
)

doc(
    "mean_field_sum",
    r"""
$$H = -\frac{1}{2}\sum_{i,j}J_{ij}s_is_j - \sum_ih_is_i$$ with $J_{ij} = J_{ji}$.
$$-\frac{\partial H}{\partial s_k} = \sum_jJ_{kj}s_j + h_k$$
""",
    ("+ h_k", "- h_k"),
)

doc(
    "center_mass",
    r"""
$$R = \frac{\sum_im_ir_i}{\sum_im_i}, \qquad \frac{\partial R}{\partial m_k} = \frac{r_k - R}{\sum_im_i}$$
""",
    (r"\frac{r_k - R}", r"\frac{R - r_k}"),
)

doc(
    "lstsq_weighted",
    r"""
$$\chi^2(a,b) = \sum_iw_i(y_i - a - bx_i)^2$$
$$\frac{\partial\chi^2}{\partial a} = -2\sum_iw_i(y_i-a-bx_i), \qquad \frac{\partial\chi^2}{\partial b} = -2\sum_iw_ix_i(y_i-a-bx_i)$$
""",
    ("w_ix_i(y", "w_i(y"),
)

doc(
    "nabla_sup_T",
    r"""
$$\nabla_{\mathbf{x}}\left(\mathbf{x}^{\mathsf{T}}\mathbf{A}\mathbf{x}\right) = (\mathbf{A} + \mathbf{A}^{\mathsf{T}})\mathbf{x}$$
$$\nabla_{\mathbf{x}}\left(\mathbf{b}^{\mathsf{T}}\mathbf{x}\right) = \mathbf{b}$$
""",
    (r"= \mathbf{b}$$", r"= \mathbf{b}^{\mathsf{T}}\mathbf{x}$$"),
)

doc(
    "jac_linear",
    r"""
$$\frac{\partial\mathbf{A}\mathbf{x}}{\partial\mathbf{x}} = \mathbf{A}$$
$$\frac{\partial\,\sigma(\mathbf{z})}{\partial\mathbf{z}} = \mathrm{diag}(\sigma(\mathbf{z})\odot(1-\sigma(\mathbf{z})))$$
""",
    (r"= \mathbf{A}$$", r"= \mathbf{A}^\top$$"),
)

doc(
    "simple_idx_0",
    r"""
For a sequence $x_0,\dots,x_{T-1}$ let $y_t = \sum_{k=0}^{t}a_kx_{t-k}$.
$$\frac{\partial L}{\partial a_k} = \sum_t\frac{\partial L}{\partial y_t}x_{t-k}$$
""",
    ("}x_{t-k}$$", "}x_{t+k}$$"),
)

doc(
    "typed_words_as_names",
    """
logits = W x + b
loss = ½‖logits − target‖²

∂loss/∂logits = logits − target
∂loss/∂W = ∂loss/∂logits xᵀ
""",
    ("= logits − target\n", "= target − logits\n"),
    suffix=".txt",
)

doc(
    "image_I",
    r"""
$$L = \sum_{ij}(I_{ij} - J_{ij})^2$$
$$\frac{\partial L}{\partial J_{ij}} = -2(I_{ij} - J_{ij})$$
""",
    ("= -2(I_{ij}", "= -2(I_{ji}"),
)

doc(
    "sin_wx",
    r"""
$$y = \sin(Wx)$$
$$\frac{\partial y}{\partial x} = \mathrm{diag}(\cos(Wx))W$$
""",
    (r"\mathrm{diag}(\cos(Wx))W", r"W\cos(Wx)"),
)

doc(
    "typed_brackets",
    """
p[k] = exp(z[k]) / sum[j](exp(z[j]))
L = -Σ_k t[k] log p[k]
Σ_k t[k] = 1

dL/dz[i] = p[i] - t[i]
""",
    ("= p[i] - t[i]", "= t[i] - p[i]"),
    suffix=".txt",
)

doc(
    "typed_relu",
    """
h = max(0, z)
z = W x + b

∂L/∂z = ∂L/∂h ⊙ 1[z > 0]
∂L/∂b = ∂L/∂z
""",
    ("1[z > 0]", "1[z < 0]"),
    suffix=".txt",
)

doc(
    "typed_prose_between",
    """
The forward pass is

y = w x + b

where w is the weight. The loss is the squared error:

L = (y - t)²

By the chain rule we get

∂L/∂w = ∂L/∂y · ∂y/∂w = 2(y - t) x
""",
    ("2(y - t) x", "2(t - y) x"),
)

doc(
    "typed_unread",
    """
y = w x
L = (y - t)²

∂L/∂w = 2(y - t) x
∂L/∂x = 2(y - t) w
""",
    ("= 2(y - t) w", "= 2(y - t) x"),
)

doc(
    "typed_sum_bounds",
    """
L = 1/N Σ_{i=1}^N (y_i − w x_i)²

dL/dw = −2/N Σ_{i=1}^N (y_i − w x_i) x_i
""",
    ("−2/N", "−1/N"),
    suffix=".txt",
)

doc(
    "typed_pow",
    """
f(x) = x^3 - 2x^2 + e^(-x)
f'(x) = 3x^2 - 4x - e^(-x)
""",
    ("3x^2 - 4x - e", "3x^2 - 4x + e"),
    suffix=".txt",
)

doc(
    "ax_plain",
    r"""
$$\frac{\partial Ax}{\partial x} = A$$
""",
    ("= A$$", r"= A^\top$$"),
)

doc(
    "xTA",
    r"""
$$\frac{\partial\, x^\top A}{\partial x} = A^\top$$
""",
)

doc(
    "norm_jac",
    r"""
$$u = \frac{x}{\|x\|}$$
$$\frac{\partial u}{\partial x} = \frac{1}{\|x\|}\left(I - uu^\top\right)$$
""",
    (r"I - uu^\top", r"I + uu^\top"),
)

doc(
    "fourier",
    r"""
$$f(x) = \sum_{k=1}^{n}a_k\sin(kx), \qquad f'(x) = \sum_{k=1}^{n}ka_k\cos(kx)$$
""",
    (r"ka_k\cos", r"a_k\cos"),
)

doc(
    "td_lambda",
    r"""
$$G_t = \sum_{k=t}^{T}\gamma^{k-t}r_k$$
$$\frac{\partial G_t}{\partial r_t} = 1$$
""",
    ("= 1$$", r"= \gamma$$"),
)

doc(
    "stackrel_steps",
    r"""
$$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}, \quad L = -\log p_y$$
\begin{align}
\frac{\partial L}{\partial z_k} &\stackrel{(a)}{=} -\frac{1}{p_y}\frac{\partial p_y}{\partial z_k} \\
&\overset{(b)}{=} -(\mathbf{1}_{[k=y]} - p_k) \\
&= p_k - \mathbf{1}_{[k=y]}
\end{align}
where (a) is the chain rule.
""",
    (r"&= p_k - \mathbf{1}_{[k=y]}", r"&= p_k + \mathbf{1}_{[k=y]}"),
)

doc(
    "mathds",
    r"""
$$L = -\sum_n\log p_{n,y_n}, \quad p_{nk} = \operatorname*{softmax}_k(z_{nk})$$
$$\frac{\partial L}{\partial z_{nk}} = p_{nk} - \mathds{1}\{k = y_n\}$$
""",
    (r"p_{nk} - \mathds", r"p_{nk} + \mathds"),
)

doc(
    "mathbbm",
    r"""
$$L = \sum_i\max(0, 1 - y_if_i)$$
$$\frac{\partial L}{\partial f_i} = -y_i\,\mathbbm{1}_{\{y_if_i < 1\}}$$
""",
    ("= -y_i", "= y_i"),
)

doc(
    "layers_bold_brackets",
    r"""
$$\mathbf{z}^{[l]} = \mathbf{W}^{[l]}\mathbf{a}^{[l-1]} + \mathbf{b}^{[l]}, \qquad \mathbf{a}^{[l]} = \sigma(\mathbf{z}^{[l]})$$
$$\frac{\partial\mathcal{L}}{\partial\mathbf{W}^{[l]}} = \frac{\partial\mathcal{L}}{\partial\mathbf{z}^{[l]}}{\mathbf{a}^{[l-1]}}^\top$$
""",
    (r"{\mathbf{a}^{[l-1]}}^\top", r"{\mathbf{a}^{[l]}}^\top"),
)

doc(
    "delta_rec",
    r"""
$$z^{(l)} = W^{(l)}a^{(l-1)} + b^{(l)}, \quad a^{(l)} = \sigma(z^{(l)})$$
With $\delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}$,
$$\frac{\partial J}{\partial b^{(l)}} = \delta^{(l)}, \qquad \frac{\partial J}{\partial W^{(l)}} = \delta^{(l)}(a^{(l-1)})^\top$$
""",
    (r"\delta^{(l)}(a^{(l-1)})^\top", r"(a^{(l-1)})^\top\delta^{(l)}"),
)

doc(
    "eval_bar",
    r"""
$$f(x) = x^3$$
$$f'(x) = 3x^2, \qquad f''(x) = 6x$$
""",
    ("= 6x", "= 3x"),
)

doc(
    "rm_d",
    r"""
$$y = a x^2 + bx$$
$$\frac{\mathrm{d}y}{\mathrm{d}x} = 2ax + b$$
""",
    ("2ax + b", "2ax - b"),
)

doc(
    "rm_d_old",
    r"""
$$y = \ln(a x)$$
$$\frac{{\rm d}y}{{\rm d}x} = \frac{1}{x}$$
""",
    (r"\frac{1}{x}", r"\frac{a}{x}"),
)

doc(
    "dy_slash",
    r"""
If $y = \sqrt{1+x^2}$ then $dy/dx = x/\sqrt{1+x^2}$.
""",
    (r"= x/\sqrt", r"= 1/\sqrt"),
)

doc(
    "substack",
    r"""
$$E = \sum_{\substack{i,j\\ i\neq j}} q_iq_j$$
$$\frac{\partial E}{\partial q_k} = 2\sum_{j\neq k}q_j$$
""",
    (r"= 2\sum", r"= \sum"),
)

doc(
    "propto_end",
    r"""
$$L = \sum_i w_i x_i - \frac12\sum_i x_i^2$$
$$\frac{\partial L}{\partial x_i} = w_i - x_i \quad\forall i$$
""",
    (r"w_i - x_i \quad", r"w_i + x_i \quad"),
)

doc(
    "forall_word",
    r"""
$$h_i = \max(0, a_i)\quad\text{for all } i$$
$$\frac{\partial h_i}{\partial a_i} = \begin{cases}1,&\text{if }a_i>0,\\0,&\text{if }a_i<0.\end{cases}$$
""",
    ("{cases}1,", "{cases}-1,"),
)

doc(
    "norm_pow4",
    r"""
$$f(x) = \|x\|^4$$
$$\nabla f(x) = 4\|x\|^2x$$
""",
    (r"4\|x\|^2x", r"4\|x\|^3x"),
)

doc(
    "quartic_double_well",
    r"""
$$V(\phi) = \frac{\lambda}{4}(\phi^2 - v^2)^2$$
$$\frac{dV}{d\phi} = \lambda\phi(\phi^2 - v^2)$$
""",
    (r"\lambda\phi(", r"2\lambda\phi("),
)

doc(
    "adjoint_bar",
    r"""
Writing $\bar{v}$ for $\frac{\partial L}{\partial v}$: $y = AB$ implies
$$\frac{\partial L}{\partial A} = \frac{\partial L}{\partial y}B^\top,\quad\frac{\partial L}{\partial B} = A^\top\frac{\partial L}{\partial y}$$
""",
    (r"A^\top\frac", r"A\frac"),
)

doc(
    "colored",
    r"""
$$y = \color{red}{w}x + b$$
$$\frac{\partial y}{\partial w} = \color{blue}{x}$$
""",
    (r"= \color{blue}{x}", r"= \color{blue}{w}"),
)

doc(
    "star_opt",
    r"""
$$J(\theta) = \frac12(\theta - \theta^*)^\top H(\theta - \theta^*)$$ with symmetric $H$.
$$\nabla_\theta J = H(\theta - \theta^*)$$
""",
    (r"= H(\theta - \theta^*)", r"= H(\theta^* - \theta)"),
)

doc(
    "exp_family",
    r"""
$$A(\eta) = \log\sum_xe^{\eta T_x}, \qquad p_x = \frac{e^{\eta T_x}}{\sum_{u}e^{\eta T_u}}$$
$$\frac{dA}{d\eta} = \sum_xp_xT_x$$
""",
    (r"\sum_xp_xT_x", r"\sum_xp_x"),
)

doc(
    "logit_link",
    r"""
$$\pi_i = \frac{1}{1+e^{-\eta_i}},\quad\eta_i = \beta_0 + \beta_1x_i,\quad\ell = \sum_i\left[y_i\eta_i - \log(1+e^{\eta_i})\right]$$
$$\frac{\partial\ell}{\partial\beta_1} = \sum_i(y_i-\pi_i)x_i, \qquad \frac{\partial\ell}{\partial\beta_0} = \sum_i(y_i-\pi_i)$$
""",
    (r"\sum_i(y_i-\pi_i)x_i", r"\sum_i(\pi_i-y_i)x_i"),
)

doc(
    "cdf_product",
    r"""
$$F = \prod_{i=1}^{n}(1-p_i), \qquad \frac{\partial F}{\partial p_k} = -\prod_{i\neq k}(1-p_i) = -\frac{F}{1-p_k}$$
""",
    (r"= -\prod_{i\neq k}", r"= \prod_{i\neq k}"),
    (r"-\frac{F}{1-p_k}", r"\frac{F}{1-p_k}"),
)

doc(
    "hw_conv_k",
    r"""
$$O_{xy} = \sum_{u,v}K_{uv}I_{x+u,y+v}$$
$$\frac{\partial L}{\partial K_{uv}} = \sum_{x,y}\frac{\partial L}{\partial O_{xy}}I_{x+u,y+v}$$
""",
    (r"\partial O_{xy}}I_{x+u,y+v}", r"\partial O_{xy}}I_{x-u,y-v}"),
)

doc(
    "relu_times",
    r"""
$$\frac{\partial}{\partial x}\max(0,x)^2 = 2\max(0,x)$$
""",
    (r"= 2\max", r"= \max"),
)

doc(
    "lstm_chain",
    r"""
$c_t = f_tc_{t-1} + i_tg_t$ and $h_t = o_t\tanh(c_t)$ (scalars). Then
$$\frac{\partial c_t}{\partial c_{t-1}} = f_t, \quad \frac{\partial h_t}{\partial c_t} = o_t(1-\tanh^2(c_t))$$
""",
    ("= f_t,", "= i_t,"),
    (r"o_t(1-\tanh^2(c_t))", r"o_t(1-\tanh(c_t))"),
)

doc(
    "physics_package",
    r"""
$$L = \frac12\norm{\vb{x} - \vb{y}}^2, \qquad \pdv{L}{\vb{x}} = \vb{x} - \vb{y}$$
""",
    (r"= \vb{x} - \vb{y}", r"= \vb{x} + \vb{y}"),
)

doc(
    "physics_dv",
    r"""
$$f(x) = x\ln x, \qquad \dv{f}{x} = \ln x + 1, \qquad \pdv[2]{f}{x} = \frac1x$$
""",
    (r"\ln x + 1", r"\ln x"),
)

doc(
    "wrong_layout_wx",
    r"""
$$y = Wx, \qquad \frac{\partial y}{\partial x} = W$$
""",
    ("= W$$", r"= W^\top$$"),
)

doc(
    "chain_order",
    r"""
$$y = Wx, \quad z = Vy$$
$$\frac{\partial L}{\partial x} = W^\top V^\top\frac{\partial L}{\partial z}$$
""",
    (r"W^\top V^\top", r"V^\top W^\top"),
)

doc(
    "tanh_wx_jac",
    r"""
$$h = \tanh(Wx), \qquad \frac{\partial h}{\partial x} = \mathrm{diag}(1-h^2)W$$
""",
    (r"\mathrm{diag}(1-h^2)W", r"W\,\mathrm{diag}(1-h^2)"),
)

doc(
    "tanh_wx_jac_bad",
    r"""
$$h = \tanh(Wx), \qquad \frac{\partial h}{\partial x} = \mathrm{diag}(1-h^2)W$$
""",
    (r"\mathrm{diag}(1-h^2)W", "(1-h^2)W"),
)

doc(
    "pos_k",
    r"""
$$L = \sum_{k=0}^{K}(k+1)a_k^2$$
$$\frac{\partial L}{\partial a_k} = 2(k+1)a_k$$
""",
    ("2(k+1)a_k", "2ka_k"),
)

doc(
    "pos_mixed",
    r"""
$$L = \sum_{i=1}^{n}\sum_{j=1}^{n}(i-j)x_iy_j$$
$$\frac{\partial L}{\partial x_i} = \sum_{j=1}^{n}(i-j)y_j$$
""",
    (r"= \sum_{j=1}^{n}(i-j)y_j", r"= \sum_{j=1}^{n}(j-i)y_j"),
)

doc(
    "two_uses_of_t",
    r"""
$$L = \sum_{n=1}^{N}(y_n - t_n)^2, \qquad \frac{\partial L}{\partial y_n} = 2(y_n - t_n)$$
$$s_t = \sum_{u=1}^{t}y_u$$
""",
    ("= 2(y_n - t_n)", "= 2(t_n - y_n)"),
)

doc(
    "class_only_claim",
    r"""
$$p_k = \frac{e^{z_k}}{\sum_je^{z_j}}, \quad L = -\sum_k1\{y=k\}\log p_k$$
$$\frac{\partial L}{\partial z_k} = p_k - 1\{y = k\}$$
""",
    (r"= p_k - 1\{", r"= p_k + 1\{"),
)

doc(
    "class_weighted",
    r"""
$$L = -\sum_i\sum_kw_k1\{y_i=k\}\log p_{ik}, \qquad p_{ik} = \frac{e^{z_{ik}}}{\sum_je^{z_{ij}}}$$
$$\frac{\partial L}{\partial z_{ik}} = w_{y_i}(p_{ik} - 1\{y_i=k\})$$
""",
    ("w_{y_i}(p", "w_k(p"),
)

doc(
    "class_ignore",
    r"""
$$L = \sum_ix_i1\{c_i = 0\}$$
$$\frac{\partial L}{\partial x_i} = 1\{c_i=0\}$$
""",
    (r"= 1\{c_i=0\}", "= 1"),
)

doc(
    "threshold_eq",
    r"""
$$L = \sum_{i,k}a_k1\{c_i = k\}$$
$$\frac{\partial L}{\partial a_k} = \sum_i1\{c_i = k\}$$
""",
    (r"= \sum_i1\{c_i = k\}", "= 1"),
)

doc(
    "prime_other",
    r"""
$$k(x,x') = \exp(-\frac12(x-x')^2)$$
$$\frac{\partial k}{\partial x'} = (x-x')k(x,x')$$
""",
    ("= (x-x')k", "= -(x-x')k"),
)

doc(
    "prime_transposed_sym",
    r"""
$$Q(b) = (y-Xb)'W(y-Xb)$$ with symmetric $W$.
$$\frac{\partial Q}{\partial b} = -2X'W(y-Xb)$$
""",
    ("-2X'W", "-2XW"),
)

doc(
    "bold_one_row",
    r"""
$$\mathbf{Y} = \mathbf{X}\mathbf{W} + \mathbf{1}\mathbf{b}^\top, \quad\frac{\partial L}{\partial\mathbf{b}} = \left(\frac{\partial L}{\partial\mathbf{Y}}\right)^\top\mathbf{1}$$
""",
    (r"\right)^\top\mathbf{1}", r"\right)\mathbf{1}"),
)

doc(
    "nabla_wrt_words",
    r"""
$$L = \|Xw - y\|^2$$
The gradient with respect to $X$ we get
$$\nabla L = 2(Xw - y)w^\top$$
""",
    (r"2(Xw - y)w^\top", r"2X^\top(Xw - y)"),
)

doc(
    "angle_vector",
    r"""
$$y = \sin(x), \quad L = \|y\|^2$$
$$\frac{\partial L}{\partial x} = 2\sin(x)\odot\cos(x)$$
""",
    (r"\odot\cos(x)", r"\odot\sin(x)"),
)

doc(
    "divides_matrix",
    r"""
$$f(X) = \frac{a^\top Xb}{c}$$
$$\nabla f(X) = \frac{ab^\top}{c}$$
""",
    (r"ab^\top", r"ba^\top"),
)

doc(
    "star_mse",
    r"""
$$L = \frac12\|w - w^*\|^2, \qquad \nabla_wL = w - w^*$$
""",
    ("= w - w^*", "= w^* - w"),
)

doc(
    "time_deriv",
    r"""
$$x(t) = A\sin(\omega t), \qquad \dot x = A\omega\cos(\omega t), \qquad \ddot x = -\omega^2x$$
""",
    (r"= -\omega^2x", r"= \omega^2x"),
    (r"A\omega\cos", r"A\cos"),
)

doc(
    "E_n_loss",
    r"""
$$y_k = \sum_jw_{kj}z_j$$
$$\frac{\partial E_n}{\partial w_{kj}} = \frac{\partial E_n}{\partial y_k}z_j$$
""",
    ("}z_j$$", "}w_{kj}$$"),
)

doc(
    "mean_angle_wrong",
    r"""
$$\langle x\rangle = \frac1n\sum_ix_i, \qquad V = \frac1n\sum_i(x_i - \langle x\rangle)^2$$
$$\frac{\partial V}{\partial x_k} = \frac2n(x_k - \langle x\rangle)$$
""",
    (r"\frac2n(x_k", r"\frac1n(x_k"),
)

doc(
    "intercept_zero",
    r"""
$$\hat y_i = w_0 + \sum_jw_jx_{ij}, \qquad L = \frac12\sum_i(\hat y_i - y_i)^2$$
$$\frac{\partial L}{\partial w_0} = \sum_i(\hat y_i - y_i)$$
""",
    (r"= \sum_i(\hat y_i - y_i)", r"= \sum_i(\hat y_i - y_i)x_{i0}"),
)

doc(
    "double_cond",
    r"""
$$E = \sum_{i<j}\frac{q_iq_j}{|x_i - x_j|}$$
$$\frac{\partial E}{\partial q_k} = \sum_{j\neq k}\frac{q_j}{|x_k-x_j|}$$
""",
    (r"\sum_{j\neq k}\frac{q_j}", r"\sum_{j\neq k}\frac{q_k}"),
)

doc(
    "gnn_neighbours",
    r"""
Message passing on an undirected graph:
$$h_v = \sum_{u\in\mathcal{N}(v)}w\,x_u$$
$$\frac{\partial L}{\partial x_u} = w\sum_{v\in\mathcal{N}(u)}\frac{\partial L}{\partial h_v}$$
""",
    (r"w\sum_{v\in\mathcal{N}(u)}", r"w\sum_{v}"),
)

doc(
    "gnn_set_builder",
    r"""
$$h_v = \tanh\Big(\sum_{u\in N(v)}x_u\Big)$$
$$\frac{\partial L}{\partial x_u} = \sum_{v: u\in N(v)}(1-h_v^2)\frac{\partial L}{\partial h_v}$$
""",
    ("(1-h_v^2)", "(1-h_u^2)"),
)

doc(
    "laplacian_edges",
    r"""
$$E = \frac12\sum_{(i,j)\in\mathcal{E}}(x_i - x_j)^2$$
$$\frac{\partial E}{\partial x_k} = 2\sum_{j\sim k}(x_k - x_j)$$
""",
    (r"= 2\sum", r"= \sum"),
)

doc(
    "cond_colon",
    r"""
$$L = \sum_{i: y_i = 1}x_i^2$$
$$\frac{\partial L}{\partial x_i} = 2x_i\,\mathbb{1}[y_i=1]$$
""",
    (r"2x_i\,\mathbb{1}[y_i=1]", "2x_i"),
)

doc(
    "cond_pos",
    r"""
$$L = \sum_{i: x_i > 0}x_i$$
$$\frac{\partial L}{\partial x_i} = \mathbb{1}[x_i > 0]$$
""",
    (r"= \mathbb{1}[x_i > 0]", "= 1"),
)

doc(
    "setminus",
    r"""
$$y_i = \sum_{j\in N\setminus\{i\}}x_j$$
$$\frac{\partial L}{\partial x_j} = \sum_{i\neq j}\frac{\partial L}{\partial y_i}$$
""",
    (r"\sum_{i\neq j}\frac", r"\sum_{i}\frac"),
)

doc(
    "batch_set",
    r"""
$$L = \frac{1}{|B|}\sum_{i\in B}(x_i - y_i)^2$$
$$\frac{\partial L}{\partial x_i} = \frac{2}{|B|}(x_i-y_i)$$
""",
    (r"\frac{2}{|B|}", r"\frac{1}{|B|}"),
)

doc(
    "ranges_in",
    r"""
$$L = \sum_{i\in\{1,\ldots,n\}}x_i^2, \qquad \frac{\partial L}{\partial x_i} = 2x_i\quad\text{for } i\in\{1,\ldots,n\}$$
""",
    ("= 2x_i", "= x_i"),
)

doc(
    "notebook_logistic",
    r"""{"cells": [{"cell_type": "markdown", "source": ["# Logistic\n\n$p = \\sigma(Xw)$, $L = -\\frac{1}{N}\\sum_{i=1}^N [y_i \\log p_i + (1-y_i)\\log(1-p_i)]$"]}, {"cell_type": "markdown", "source": ["$$\\frac{\\partial L}{\\partial w} = \\frac{1}{N} X^\\top (p - y)$$"]}]}""",
    (r"X^\\top (p - y)", r"X^\\top (y - p)"),
    suffix=".ipynb",
)

doc(
    "notebook_typed",
    r"""{"cells": [{"cell_type": "markdown", "source": ["## Forward\n\nz = W x + b\n\na = tanh(z)"]}, {"cell_type": "markdown", "source": ["## Backward\n\n∂L/∂z = ∂L/∂a ⊙ (1 − a²)"]}]}""",
    ("(1 − a²)", "(1 − a)"),
    suffix=".ipynb",
)

doc(
    "pmatrix_col",
    r"""
$$f(x, y) = x^2 + 3xy$$
$$\frac{\partial f}{\partial x} = 2x + 3y, \qquad \frac{\partial f}{\partial y} = 3x$$
""",
    ("= 3x$$", "= 3y$$"),
)

doc(
    "rightarrow_rows",
    r"""
\begin{align*}
L &= (wx - t)^2 \\
\Rightarrow \frac{\partial L}{\partial w} &= 2(wx-t)\cdot x \\
\Rightarrow \frac{\partial L}{\partial x} &= 2(wx-t)\cdot w
\end{align*}
""",
    (r"\cdot w", r"\cdot x"),
)

doc(
    "cookbook_tr2",
    r"""
\begin{align}
\frac{\partial}{\partial\mathbf{X}}\mathrm{Tr}(\mathbf{X}\mathbf{A}) &= \mathbf{A}^T\\
\frac{\partial}{\partial\mathbf{X}}\mathrm{Tr}(\mathbf{A}\mathbf{X}^T) &= \mathbf{A}\\
\frac{\partial}{\partial\mathbf{X}}\mathrm{Tr}(\mathbf{X}^2) &= 2\mathbf{X}^T\\
\frac{\partial}{\partial\mathbf{X}}\mathrm{Tr}(\mathbf{X}^T\mathbf{A}\mathbf{X}) &= (\mathbf{A}+\mathbf{A}^T)\mathbf{X}
\end{align}
""",
    (r"&= 2\mathbf{X}^T", r"&= 2\mathbf{X}"),
)

doc(
    "cookbook_log",
    r"""
$$\frac{\partial\log|\det(\mathbf{X})|}{\partial\mathbf{X}} = \mathbf{X}^{-\mathsf{T}}$$
""",
    (r"\mathbf{X}^{-\mathsf{T}}$$", r"\mathbf{X}^{-1}$$"),
)

doc(
    "inv_entry",
    r"""
$$\frac{\partial\,\mathbf{a}^\top\mathbf{X}^{-1}\mathbf{a}}{\partial\mathbf{X}} = -\mathbf{X}^{-\top}\mathbf{a}\mathbf{a}^\top\mathbf{X}^{-\top}$$
""",
    (r"= -\mathbf{X}", r"= \mathbf{X}"),
)

doc(
    "prec_recall_f1",
    r"""
$$F = \frac{2PR}{P + R}, \qquad \frac{\partial F}{\partial P} = \frac{2R^2}{(P+R)^2}$$
""",
    (r"\frac{2R^2}", r"\frac{2PR}"),
)

doc(
    "iou",
    r"""
$$J = \frac{\sum_ip_ig_i}{\sum_i(p_i+g_i-p_ig_i)}$$
$$\frac{\partial J}{\partial p_k} = \frac{g_k}{U} - \frac{I(1-g_k)}{U^2}$$
where $I = \sum_ip_ig_i$ and $U = \sum_i(p_i+g_i-p_ig_i)$.
""",
    (r"- \frac{I(1-g_k)}", r"+ \frac{I(1-g_k)}"),
)

doc(
    "tversky_like_typed",
    """
I = Σ_i p_i g_i
U = Σ_i (p_i + g_i)
D = 2I/U

∂D/∂p_k = 2 g_k / U − 2 I / U²
""",
    ("− 2 I", "+ 2 I"),
    suffix=".txt",
)

doc(
    "softplus_typed",
    """
f(x) = log(1 + e^x)
f'(x) = e^x / (1 + e^x) = σ(x)
""",
    ("= σ(x)", "= 1 − σ(x)"),
    suffix=".txt",
)

doc(
    "adam_bias",
    r"""
$$\hat m = \frac{m}{1-\beta^t}, \qquad \frac{\partial\hat m}{\partial m} = \frac{1}{1-\beta^t}$$
""",
    (r"\frac{1}{1-\beta^t}", r"\frac{m}{1-\beta^t}"),
)

doc(
    "temperature",
    r"""
$$p_i = \frac{e^{z_i/T}}{\sum_je^{z_j/T}}$$
$$\frac{\partial p_i}{\partial T} = -\frac{p_i}{T^2}\left(z_i - \sum_jp_jz_j\right)$$
""",
    (r"= -\frac{p_i}", r"= \frac{p_i}"),
)

doc(
    "variance_two_ways",
    r"""
\begin{align*}
v &= \frac{1}{n}\sum_{i}x_i^2 - \left(\frac{1}{n}\sum_ix_i\right)^2\\
\frac{\partial v}{\partial x_k} &= \frac{2}{n}x_k - \frac{2}{n^2}\sum_ix_i
\end{align*}
""",
    (r"\frac{2}{n^2}\sum", r"\frac{2}{n}\sum"),
)

doc(
    "poly_kernel",
    r"""
$$K_{ij} = (x_i^\top x_j + c)^2$$
$$\frac{\partial K_{ij}}{\partial c} = 2(x_i^\top x_j + c)$$
""",
    ("= 2(", "= ("),
)

doc(
    "rbf_gamma",
    r"""
$$K_{ij} = \exp(-\gamma\|x_i - x_j\|^2)$$
$$\frac{\partial K_{ij}}{\partial\gamma} = -\|x_i-x_j\|^2K_{ij}$$
""",
    (r"= -\|", r"= \|"),
)

doc(
    "masked_mean",
    r"""
$$\bar h = \frac{\sum_tm_th_t}{\sum_tm_t}$$
$$\frac{\partial L}{\partial h_t} = \frac{m_t}{\sum_sm_s}\frac{\partial L}{\partial\bar h}$$
""",
    (r"\frac{m_t}{\sum_sm_s}", "m_t"),
)

doc(
    "gated_res",
    r"""
$$y = g\odot h + (1-g)\odot x, \quad g = \sigma(Wx)$$
$$\frac{\partial L}{\partial h} = \frac{\partial L}{\partial y}\odot g$$
""",
    (r"\odot g$$", r"\odot(1-g)$$"),
)

doc(
    "elbo",
    r"""
$$\mathcal{F}(q) = \sum_zq_z\log p_z - \sum_zq_z\log q_z$$
$$\frac{\partial\mathcal{F}}{\partial q_z} = \log p_z - \log q_z - 1$$
""",
    ("- 1$$", "+ 1$$"),
)

doc(
    "lagrange_simplex",
    r"""
$$\mathcal{L} = -\sum_kn_k\log\pi_k + \lambda\left(\sum_k\pi_k - 1\right)$$
$$\frac{\partial\mathcal{L}}{\partial\pi_k} = -\frac{n_k}{\pi_k} + \lambda$$
""",
    (r"+ \lambda$$", r"- \lambda$$"),
)

doc(
    "lasso",
    r"""
Lasso: $L = \frac12\|y - X\beta\|^2 + \lambda\|\beta\|_1$.
$$\frac{\partial L}{\partial \beta_j} = -X_j^T(y - X\beta) + \lambda\,\mathrm{sign}(\beta_j)$$
""",
    ("= -X_j", "= X_j"),
)

doc(
    "lasso2",
    r"""
$$L(w) = \|Xw - y\|^2$$
$$\frac{\partial L}{\partial w_j} = 2 (Xw - y)^\top X_j$$
where $X_j$ is the $j$-th column of $X$.
""",
    ("= 2 (Xw", "= (Xw"),
)

doc(
    "nabla_bare",
    r"""
$$L = \|Xw - y\|^2$$
Taking the gradient with respect to $w$ gives
$$\nabla L = 2X^\top(Xw - y)$$
""",
    ("= 2X", "= X"),
)

doc(
    "nabla_bare2",
    r"""
$$f = \frac12 x^\top A x - b^\top x$$
with symmetric $A$. Then
$$\nabla f = Ax - b$$
""",
    ("= Ax - b", "= Ax + b"),
)

doc(
    "nabla_call",
    r"""
$$J = \frac{1}{2m}\|X\theta - y\|^2$$
$$\nabla J(\theta) = \frac1m X^T(X\theta - y)$$
""",
    (r"\frac1m X", "X"),
)

doc(
    "grad_op",
    r"""
$$f(x) = \|x - a\|^2$$
$$\operatorname{grad} f(x) = 2(x - a)$$
""",
    ("= 2(x", "= (x"),
)
