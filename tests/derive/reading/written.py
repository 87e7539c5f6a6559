# ruff: noqa: E501  (the lines of a document are as long as their author made them)
"""Derivations as people write them in LaTeX, each right as it stands, and wrong once a part of it is replaced."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """name: what it is about. text: the document. wrong: what replaces which part of it to make it wrong."""

    name: str
    text: str
    wrong: tuple[tuple[str, str], ...]
    suffix: str = ".md"


ALL: list[Written] = []


def doc(name: str, text: str, *wrong: tuple[str, str], suffix: str = ".md") -> None:
    """Add one."""
    assert all(old in text for old, _ in wrong), name
    ALL.append(Written(name, text, wrong, suffix))


doc(
    "cs231n_linear",
    r"""
# Linear layer

$$Y = XW + b$$

$$
\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} W^\top
$$
$$
\frac{\partial L}{\partial W} = X^\top \frac{\partial L}{\partial Y}
$$
""",
    (r"X^\top \frac{\partial L}{\partial Y}", r"\frac{\partial L}{\partial Y} X^\top"),
)

doc(
    "chatgpt_align_softmax",
    r"""
Let $p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$ and $L = -\sum_i y_i \log p_i$ with $\sum_i y_i = 1$.

\begin{align}
\frac{\partial L}{\partial z_k} &= -\sum_i y_i \frac{1}{p_i} \frac{\partial p_i}{\partial z_k} \tag{1} \\
&= -\sum_i y_i (\delta_{ik} - p_k) \label{eq:2} \\
&= p_k - y_k
\end{align}
""",
    ("= p_k - y_k", "= y_k - p_k"),
)

doc(
    "softmax_jacobian_cases",
    r"""
## Softmax derivative
$$S_i = \frac{e^{a_i}}{\sum_{k=1}^N e^{a_k}}$$

$$
\frac{\partial S_i}{\partial a_j} = \begin{cases} S_i (1 - S_j) & i = j \\ -S_j S_i & i \neq j \end{cases}
$$
""",
    ("-S_j S_i", "S_j S_i"),
)

doc(
    "softmax_jacobian_delta",
    r"""
$$S_i = \frac{e^{a_i}}{\sum_{k} e^{a_k}}$$
$$
\frac{\partial S_i}{\partial a_j} = S_i(\delta_{ij} - S_j)
$$
""",
    (r"S_i(\delta_{ij} - S_j)", r"S_i(\delta_{ij} - S_i)"),
)

doc(
    "jacobian_diag",
    r"""
$$\mathbf{p} = \mathrm{softmax}(\mathbf{z})$$
$$
\frac{\partial \mathbf{p}}{\partial \mathbf{z}} = \mathrm{diag}(\mathbf{p}) - \mathbf{p}\mathbf{p}^\top
$$
""",
    (r"\mathrm{diag}(\mathbf{p}) - \mathbf{p}", r"\mathrm{diag}(\mathbf{p}) + \mathbf{p}"),
)

doc(
    "logreg",
    r"""
Logistic regression. The loss is

$$J(\theta) = -\frac{1}{m}\sum_{i=1}^m \left[ y^{(i)} \log h_\theta(x^{(i)}) + (1-y^{(i)}) \log(1 - h_\theta(x^{(i)})) \right]$$
where $h_\theta(x) = \sigma(\theta^T x)$.

$$\frac{\partial J}{\partial \theta_j} = \frac{1}{m}\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}$$
""",
    (r"(h_\theta(x^{(i)}) - y^{(i)})", r"(y^{(i)} - h_\theta(x^{(i)}))"),
)

doc(
    "logreg_hat",
    r"""
$$\hat{y}_i = \sigma(z_i), \quad z_i = \sum_j w_j x_{ij} + b$$
$$L = -\frac{1}{N}\sum_{i=1}^N \left[ y_i \log \hat{y}_i + (1 - y_i) \log (1 - \hat{y}_i) \right]$$

\begin{align*}
\frac{\partial L}{\partial w_j} &= \frac{1}{N}\sum_{i=1}^N (\hat{y}_i - y_i) x_{ij}
\end{align*}

$$\frac{\partial L}{\partial b} = \frac{1}{N}\sum_i (\hat{y}_i - y_i)$$
""",
    (r"(\hat{y}_i - y_i) x_{ij}", r"(\hat{y}_i - y_i) \hat{y}_i x_{ij}"),
)

doc(
    "ridge",
    r"""
# Ridge
$$L = \|Xw - y\|^2 + \lambda \|w\|^2$$
$$\nabla_w L = 2X^\top(Xw - y) + 2\lambda w$$
""",
    (r"2\lambda w", r"\lambda w"),
)

doc(
    "ridge_norm2",
    r"""
\[ J(\mathbf{w}) = \frac{1}{2} \lVert \mathbf{X}\mathbf{w} - \mathbf{y} \rVert_2^2 + \frac{\lambda}{2}\lVert \mathbf{w} \rVert_2^2 \]
\[ \nabla_{\mathbf{w}} J = \mathbf{X}^\top (\mathbf{X}\mathbf{w} - \mathbf{y}) + \lambda \mathbf{w} \]
""",
    (r"\lambda \mathbf{w} \]", r"2 \lambda \mathbf{w} \]"),
)

doc(
    "mse_index",
    r"""
$$L = \frac{1}{2N} \sum_{i=1}^{N} (y_i - \hat y_i)^2$$
$$\frac{\partial L}{\partial \hat y_i} = \frac{1}{N}(\hat y_i - y_i)$$
""",
    (r"\frac{1}{N}(\hat", r"\frac{2}{N}(\hat"),
)

doc(
    "mlp_bracket",
    r"""
Forward:
$$Z^{[1]} = W^{[1]} X + b^{[1]}$$
$$A^{[1]} = \tanh(Z^{[1]})$$
$$Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}$$
Backward:
$$dW^{[2]} = dZ^{[2]} A^{[1]T}$$
$$dZ^{[1]} = W^{[2]T} dZ^{[2]} \odot (1 - A^{[1]} \odot A^{[1]})$$
$$dW^{[1]} = dZ^{[1]} X^T$$
""",
    (r"dZ^{[2]} A^{[1]T}", r"A^{[1]T} dZ^{[2]}"),
)

doc(
    "mlp_paren",
    r"""
$$\mathbf{h}^{(1)} = \mathrm{ReLU}(\mathbf{W}^{(1)} \mathbf{x} + \mathbf{b}^{(1)})$$
$$\mathbf{o} = \mathbf{W}^{(2)} \mathbf{h}^{(1)}$$
$$\frac{\partial L}{\partial \mathbf{W}^{(2)}} = \frac{\partial L}{\partial \mathbf{o}} {\mathbf{h}^{(1)}}^\top$$
$$\frac{\partial L}{\partial \mathbf{h}^{(1)}} = {\mathbf{W}^{(2)}}^\top \frac{\partial L}{\partial \mathbf{o}}$$
""",
    (r"{\mathbf{W}^{(2)}}^\top \frac", r"{\mathbf{W}^{(2)}} \frac"),
)

doc(
    "trace_trick",
    r"""
$$f = \mathrm{tr}(AXB)$$
$$\frac{\partial f}{\partial X} = A^T B^T$$
""",
    (r"A^T B^T", r"B^T A^T"),
)

doc(
    "logdet",
    r"""
$$L = \log\det(\Sigma) + (x-\mu)^\top \Sigma^{-1} (x - \mu)$$
$$\frac{\partial L}{\partial \Sigma} = \Sigma^{-\top} - \Sigma^{-\top}(x-\mu)(x-\mu)^\top \Sigma^{-\top}$$
$$\frac{\partial L}{\partial \mu} = -(\Sigma^{-1} + \Sigma^{-\top})(x - \mu)$$
""",
    (r"= \Sigma^{-\top} - \Sigma^{-\top}(", r"= \Sigma^{-\top} + \Sigma^{-\top}("),
)

doc(
    "gauss_loglik_det",
    r"""
$$L = \log |\Sigma| + x^\top \Sigma^{-1} x$$
$$\nabla_x L = (\Sigma^{-1} + \Sigma^{-T}) x$$
""",
    (r"(\Sigma^{-1} + \Sigma^{-T}) x", r"\Sigma^{-1} x"),
)

doc(
    "quad_form",
    r"""
$$f(x) = x^T A x$$
$$\nabla f(x) = (A + A^T) x$$
""",
    (r"(A + A^T) x", r"2 A x"),
)

doc(
    "quad_partial",
    r"""
$$\frac{\partial}{\partial \mathbf{x}} \mathbf{x}^\top \mathbf{A} \mathbf{x} = (\mathbf{A} + \mathbf{A}^\top) \mathbf{x}$$
""",
    (r"(\mathbf{A} + \mathbf{A}^\top) \mathbf{x}", r"2\mathbf{A} \mathbf{x}"),
)

doc(
    "cookbook_trace",
    r"""
$$\frac{\partial}{\partial \mathbf{X}} \operatorname{Tr}(\mathbf{X}^T \mathbf{B} \mathbf{X}) = \mathbf{B}\mathbf{X} + \mathbf{B}^T \mathbf{X}$$
$$\frac{\partial \ln|\det(\mathbf{X})|}{\partial \mathbf{X}} = (\mathbf{X}^{-1})^T$$
$$\frac{\partial \mathbf{a}^T \mathbf{X} \mathbf{b}}{\partial \mathbf{X}} = \mathbf{a}\mathbf{b}^T$$
""",
    (r"\mathbf{a}\mathbf{b}^T$$", r"\mathbf{b}\mathbf{a}^T$$"),
)

doc(
    "attention",
    r"""
\begin{align}
S_{ij} &= \frac{1}{\sqrt{d}} \sum_c Q_{ic} K_{jc} \\
P_{ij} &= \frac{\exp(S_{ij})}{\sum_k \exp(S_{ik})} \\
O_{ic} &= \sum_j P_{ij} V_{jc}
\end{align}
\begin{align}
\frac{\partial L}{\partial V_{jc}} &= \sum_i P_{ij} \frac{\partial L}{\partial O_{ic}}
\end{align}
\begin{align}
\frac{\partial L}{\partial P_{ij}} &= \sum_c \frac{\partial L}{\partial O_{ic}} V_{jc}
\end{align}
\begin{align}
\frac{\partial L}{\partial S_{ij}} &= P_{ij} \left( \frac{\partial L}{\partial P_{ij}} - \sum_k P_{ik} \frac{\partial L}{\partial P_{ik}} \right)
\end{align}
""",
    (r"\sum_k P_{ik} \frac", r"\sum_k P_{kj} \frac"),
)

doc(
    "attention_matrix",
    r"""
$$S = Q K^\top, \quad P = \mathrm{softmax}(S), \quad O = P V$$
$$dV = P^\top dO$$
$$dP = dO V^\top$$
$$dQ = dS K$$
$$dK = dS^\top Q$$
""",
    (r"dS^\top Q", r"dS Q"),
)

doc(
    "layernorm",
    r"""
## Layer norm
$$\mu = \frac{1}{D}\sum_{i=1}^D x_i, \quad \sigma^2 = \frac{1}{D}\sum_{i=1}^D (x_i - \mu)^2, \quad \hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}$$
$$y_i = \gamma_i \hat{x}_i + \beta_i$$
$$\frac{\partial L}{\partial \gamma_i} = \frac{\partial L}{\partial y_i} \hat{x}_i$$
$$\frac{\partial L}{\partial \hat x_i} = \frac{\partial L}{\partial y_i} \gamma_i$$
$$\frac{\partial L}{\partial x_i} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left( \frac{\partial L}{\partial \hat x_i} - \frac{1}{D}\sum_j \frac{\partial L}{\partial \hat x_j} - \hat x_i \frac{1}{D} \sum_j \frac{\partial L}{\partial \hat x_j} \hat x_j \right)$$
""",
    (r"- \hat x_i \frac{1}{D}", r"+ \hat x_i \frac{1}{D}"),
)

doc(
    "batchnorm_paper",
    r"""
# Batch normalization
\begin{align*}
\mu_\mathcal{B} &\leftarrow \frac{1}{m}\sum_{i=1}^m x_i \\
\sigma_\mathcal{B}^2 &\leftarrow \frac{1}{m} \sum_{i=1}^m (x_i - \mu_\mathcal{B})^2 \\
\hat{x}_i &\leftarrow \frac{x_i - \mu_\mathcal{B}}{\sqrt{\sigma_\mathcal{B}^2 + \epsilon}} \\
y_i &\leftarrow \gamma \hat{x}_i + \beta
\end{align*}
$$\frac{\partial \ell}{\partial \hat{x}_i} = \frac{\partial \ell}{\partial y_i} \cdot \gamma$$
$$\frac{\partial \ell}{\partial \sigma_\mathcal{B}^2} = \sum_{i=1}^m \frac{\partial \ell}{\partial \hat{x}_i} \cdot (x_i - \mu_\mathcal{B}) \cdot \frac{-1}{2} (\sigma_\mathcal{B}^2 + \epsilon)^{-3/2}$$
$$\frac{\partial \ell}{\partial \gamma} = \sum_{i=1}^m \frac{\partial \ell}{\partial y_i} \cdot \hat{x}_i$$
$$\frac{\partial \ell}{\partial \beta} = \sum_{i=1}^m \frac{\partial \ell}{\partial y_i}$$
""",
    (
        r"\sum_{i=1}^m \frac{\partial \ell}{\partial y_i} \cdot \hat{x}_i",
        r"\sum_{i=1}^m \frac{\partial \ell}{\partial y_i} \cdot x_i",
    ),
)

doc(
    "svm_binary",
    r"""
$$L = \sum_i \max(0, 1 - y_i \sum_j w_j x_{ij})$$
$$\frac{\partial L}{\partial w_j} = -\sum_i \mathbb{1}[1 - y_i \sum_k w_k x_{ik} > 0]\, y_i x_{ij}$$
""",
    (r"\frac{\partial L}{\partial w_j} = -\sum_i", r"\frac{\partial L}{\partial w_j} = \sum_i"),
)

doc(
    "kl_gauss_vae",
    r"""
$$L = -\frac{1}{2} \sum_{j=1}^J \left(1 + \log(\sigma_j^2) - \mu_j^2 - \sigma_j^2\right)$$
$$\frac{\partial L}{\partial \mu_j} = \mu_j$$
$$\frac{\partial L}{\partial \sigma_j} = \sigma_j - \frac{1}{\sigma_j}$$
""",
    (r"\sigma_j - \frac{1}{\sigma_j}", r"\sigma_j - \frac{1}{\sigma_j^2}"),
)

doc(
    "vae_logvar",
    r"""
$$D_{KL} = -\frac{1}{2} \sum_j (1 + \ell_j - \mu_j^2 - e^{\ell_j})$$
$$\frac{\partial D_{KL}}{\partial \ell_j} = \frac{1}{2}(e^{\ell_j} - 1)$$
""",
    (r"(e^{\ell_j} - 1)", r"(e^{\ell_j} + 1)"),
)

doc(
    "word2vec",
    r"""
# Skip-gram, negative sampling
$$J = -\log \sigma(u_o^\top v_c) - \sum_{k=1}^K \log \sigma(-u_k^\top v_c)$$
$$\frac{\partial J}{\partial v_c} = (\sigma(u_o^\top v_c) - 1) u_o - \sum_{k=1}^K (\sigma(-u_k^\top v_c) - 1) u_k$$
""",
    (r"(\sigma(u_o^\top v_c) - 1) u_o", r"(\sigma(u_o^\top v_c) + 1) u_o"),
)

doc(
    "rnn",
    r"""
$$h_t = \tanh(W_{hh} h_{t-1} + W_{xh} x_t + b_h)$$
$$\frac{\partial L}{\partial b_h} = \sum_t (1 - h_t^2) \odot \frac{\partial L}{\partial h_t}$$
""",
)

doc(
    "rec_scalar",
    r"""
$$h_t = a_t h_{t-1} + x_t$$
$$\frac{\partial L}{\partial x_t} = \frac{\partial L}{\partial h_t} + a_{t+1} \frac{\partial L}{\partial x_{t+1}}$$
""",
    (r"a_{t+1} \frac", r"a_{t} \frac"),
)

doc(
    "sigmoid_prime",
    r"""
$$\sigma(x) = \frac{1}{1 + e^{-x}}$$
$$\frac{d\sigma}{dx} = \sigma(x)(1 - \sigma(x))$$
""",
    (r"(1 - \sigma(x))$$", r"(1 + \sigma(x))$$"),
)

doc(
    "deriv_ddx",
    r"""
$$\frac{d}{dx} \tanh(x) = 1 - \tanh^2(x)$$
""",
    ("1 - ", "1 + "),
)

doc(
    "fprime",
    r"""
$$f(x) = \log(1 + e^x)$$
$$f'(x) = \frac{e^x}{1 + e^x} = \sigma(x)$$
""",
    (r"= \sigma(x)", r"= 1 - \sigma(x)"),
)

doc(
    "gelu_prime",
    r"""
$$f(x) = x \sigma(x)$$
\[ f'(x) = \sigma(x) + x \sigma(x) (1 - \sigma(x)) \]
""",
    (r"x \sigma(x) (1", r"\sigma(x) (1"),
)

doc(
    "bce_dz",
    r"""
$$L = -y \log \sigma(z) - (1-y) \log(1-\sigma(z))$$
$$\frac{\partial L}{\partial z} = \sigma(z) - y$$
""",
    (r"\sigma(z) - y$$", r"y - \sigma(z)$$"),
)

doc(
    "ce_labels",
    r"""
$$L = -\frac{1}{N}\sum_{n} \log p_{n,y_n}, \qquad p_{nk} = \frac{e^{z_{nk}}}{\sum_j e^{z_{nj}}}$$
$$\frac{\partial L}{\partial z_{nk}} = \frac{1}{N}\left(p_{nk} - \mathbb{1}[k = y_n]\right)$$
""",
    (r"\left(p_{nk} - \mathbb{1}[k = y_n]\right)", r"p_{nk}"),
)

doc(
    "ce_onehot_ind",
    r"""
$$L = -\sum_{n} \log \frac{e^{z_{n y_n}}}{\sum_j e^{z_{nj}}}$$
$$\frac{\partial L}{\partial z_{nk}} = \frac{e^{z_{nk}}}{\sum_j e^{z_{nj}}} - \mathbf{1}\{y_n = k\}$$
""",
    (r"- \mathbf{1}\{y_n = k\}", r"+ \mathbf{1}\{y_n = k\}"),
)

doc(
    "conv1d",
    r"""
$$y_i = \sum_{a} w_a x_{i+a}$$
$$\frac{\partial L}{\partial w_a} = \sum_i \frac{\partial L}{\partial y_i} x_{i+a}$$
$$\frac{\partial L}{\partial x_i} = \sum_a \frac{\partial L}{\partial y_{i-a}} w_a$$
""",
    (r"y_{i-a}} w_a", r"y_{i+a}} w_a"),
)

doc(
    "pca",
    r"""
$$L = \|X - X W W^\top\|_F^2$$
$$\frac{\partial L}{\partial W} = -2 X^\top (X - X W W^\top) W - 2 (X - X W W^\top)^\top X W$$
""",
    (r"- 2 (X - X W W^\top)^\top X W", r""),
)

doc(
    "cosine",
    r"""
$$s = \frac{a^\top b}{\|a\|\|b\|}$$
$$\frac{\partial s}{\partial a} = \frac{b}{\|a\|\|b\|} - s \frac{a}{\|a\|^2}$$
""",
    (r"- s \frac", r"+ s \frac"),
)

doc(
    "intercal",
    r"""
$$y = A x$$
$$\frac{\partial L}{\partial x} = A^\intercal \frac{\partial L}{\partial y}$$
""",
    (r"A^\intercal \frac", r"A \frac"),
)

doc(
    "tex_paper",
    r"""
\documentclass{article}
\usepackage{amsmath}
\newcommand{\R}{\mathbb{R}}
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\begin{document}
\section{Linear layer} % a comment
Let $X \in \R^{N \times D}$ and $W \in \R^{D\times M}$. Then
\begin{equation}\label{eq:fwd}
  Y_{nm} = \sum_{d} X_{nd} W_{dm} + b_m .
\end{equation}
The gradient is
\begin{align}
 \pd{L}{W_{dm}} &= \sum_{n,k} \pd{L}{Y_{nk}} \pd{Y_{nk}}{W_{dm}} \nonumber\\ % first
   &= \sum_{n} \pd{L}{Y_{nm}} X_{nd}. \label{eq:dw}
\end{align}
\end{document}
""",
    (r"\sum_{n} \pd{L}{Y_{nm}} X_{nd}", r"\sum_{n} \pd{L}{Y_{nd}} X_{nm}"),
    suffix=".tex",
)

doc(
    "defs_def",
    r"""
\def\Loss{\mathcal{L}}
\begin{document}
$$ \Loss = \sum_i (x_i - y_i)^2 $$
$$ \frac{\partial \Loss}{\partial x_i} = 2 (x_i - y_i) $$
\end{document}
""",
    ("= 2 (x_i", "= -2 (x_i"),
    suffix=".tex",
)

doc(
    "mathcalL",
    r"""
$$\mathcal{L} = \tfrac{1}{2}\sum_{i}(t_i - o_i)^2$$
$$\frac{\partial \mathcal{L}}{\partial o_i} = -(t_i - o_i)$$
""",
    ("= -(t_i", "= (t_i"),
)

doc(
    "bigtriangledown_index",
    r"""
$$L = \sum_i \log(1 + \exp(-y_i x_i))$$
$$\nabla_{x_i} L = -y_i \sigma(-y_i x_i)$$
""",
    ("= -y_i", "= y_i"),
)

doc(
    "rmsnorm",
    r"""
$$y_i = \frac{x_i}{\sqrt{\frac{1}{n}\sum_{j=1}^n x_j^2 + \epsilon}} g_i$$
$$r = \sqrt{\frac{1}{n}\sum_{j=1}^n x_j^2 + \epsilon}$$
$$\frac{\partial L}{\partial g_i} = \frac{\partial L}{\partial y_i}\frac{x_i}{r}$$
""",
    (r"\frac{x_i}{r}", r"x_i r"),
)

doc(
    "prod",
    r"""
$$y = \prod_{i=1}^n x_i$$
$$\frac{\partial y}{\partial x_j} = \prod_{i \neq j} x_i$$
""",
    (r"\prod_{i \neq j} x_i", r"\prod_{i} x_i"),
)

doc(
    "hessian",
    r"""
$$L = \frac12 \sum_i (\sum_j X_{ij} w_j - y_i)^2$$
$$\frac{\partial^2 L}{\partial w_j \partial w_k} = \sum_i X_{ij} X_{ik}$$
""",
    (r"= \sum_i X_{ij} X_{ik}", r"= 2\sum_i X_{ij} X_{ik}"),
)

doc(
    "total_diff",
    r"""
$$L = \mathrm{tr}(A X)$$
$$dL = \mathrm{tr}(A\, dX)$$
""",
    (r"\mathrm{tr}(A\, dX)", r"\mathrm{tr}(A^T dX)"),
)

doc(
    "multi_eq_row",
    r"""
$$Y_{ij} = \exp(X_{ij})$$
$$\frac{\partial L}{\partial X_{ij}} = \sum_{mn} \frac{\partial L}{\partial Y_{mn}} \frac{\partial Y_{mn}}{\partial X_{ij}} = \frac{\partial L}{\partial Y_{ij}} \exp(X_{ij}) = \frac{\partial L}{\partial Y_{ij}} Y_{ij}$$
""",
    (r"Y_{ij}$$" + "\n", r"X_{ij}$$" + "\n"),
)

doc(
    "einstein",
    r"""
Summation over repeated indices is implied.
$$y_i = W_{ij} x_j$$
$$\frac{\partial L}{\partial x_j} = \frac{\partial L}{\partial y_i} W_{ij}$$
""",
    (r"} W_{ij}$$", r"} W_{ji}$$"),
)

doc(
    "poisson",
    r"""
$$\ell(\beta) = \sum_i (y_i \sum_j x_{ij}\beta_j - e^{\sum_j x_{ij}\beta_j})$$
$$\frac{\partial \ell}{\partial \beta_j} = \sum_i (y_i - e^{\sum_k x_{ik}\beta_k}) x_{ij}$$
""",
    (r"(y_i - e^{\sum_k x_{ik}\beta_k})", r"(e^{\sum_k x_{ik}\beta_k} - y_i)"),
)

doc(
    "gauss_mle",
    r"""
$$\ell = -\frac{N}{2}\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_{n=1}^N (x_n - \mu)^2$$
$$\frac{\partial \ell}{\partial \mu} = \frac{1}{\sigma^2}\sum_{n=1}^N (x_n - \mu)$$
$$\frac{\partial \ell}{\partial \sigma} = -\frac{N}{\sigma} + \frac{1}{\sigma^3}\sum_{n=1}^N (x_n - \mu)^2$$
""",
    (r"\frac{1}{\sigma^3}", r"\frac{2}{\sigma^3}"),
)

doc(
    "lse",
    r"""
$$L = \log \sum_i e^{x_i}$$
$$\frac{\partial L}{\partial x_k} = \frac{e^{x_k}}{\sum_i e^{x_i}}$$
""",
    (r"\frac{e^{x_k}}{\sum_i e^{x_i}}", r"\frac{1}{\sum_i e^{x_i}}"),
)

doc(
    "vector_chain_col",
    r"""
$$z = Wx + b, \quad a = \sigma(z), \quad L = \frac12\|a - y\|^2$$
$$\frac{\partial L}{\partial W} = \left[(a - y) \odot a \odot (1 - a)\right] x^\top$$
$$\frac{\partial L}{\partial b} = (a - y) \odot a \odot (1 - a)$$
""",
    (r"(1 - a)\right] x^\top", r"(1 - a)\right] x"),
)

doc(
    "lms",
    r"""
$$J(w) = \frac{1}{2}\sum_{i=1}^n (y_i - w^\top x_i)^2$$
$$\nabla_w J = -\sum_{i=1}^n (y_i - w^\top x_i) x_i$$
""",
    (r"= -\sum_{i=1}^n (y_i", r"= \sum_{i=1}^n (y_i"),
)

doc(
    "softmax_reg",
    r"""
$$p_{ik} = \frac{\exp(w_k^\top x_i)}{\sum_j \exp(w_j^\top x_i)}$$
$$L = -\sum_i \sum_k t_{ik} \log p_{ik}$$
$$\sum_k t_{ik} = 1$$
$$\nabla_{w_k} L = \sum_i (p_{ik} - t_{ik}) x_i$$
""",
    (r"(p_{ik} - t_{ik}) x_i", r"(t_{ik} - p_{ik}) x_i"),
)

doc(
    "gauss_vec",
    r"""
$$\ell(\mu) = -\frac{1}{2}\sum_{n=1}^N (x_n - \mu)^\top \Lambda (x_n - \mu)$$
$$\frac{\partial \ell}{\partial \mu} = \frac{1}{2}\sum_{n=1}^N (\Lambda + \Lambda^\top)(x_n - \mu)$$
""",
    (r"\frac{1}{2}\sum_{n=1}^N (\Lambda + \Lambda^\top)", r"\sum_{n=1}^N (\Lambda + \Lambda^\top)"),
)

doc(
    "hinge_vec",
    r"""
$$L = \frac{\lambda}{2}\|w\|^2 + \frac{1}{n}\sum_{i=1}^n \max(0, 1 - y_i w^T x_i)$$
$$\nabla_w L = \lambda w - \frac{1}{n}\sum_{i=1}^n \mathbb{1}[y_i w^T x_i < 1] y_i x_i$$
""",
    (r"\lambda w - \frac", r"\lambda w + \frac"),
)

doc(
    "matrix_fact",
    r"""
$$L = \sum_{ij} m_{ij}(r_{ij} - u_i^\top v_j)^2$$
$$\frac{\partial L}{\partial u_i} = -2\sum_j m_{ij}(r_{ij} - u_i^\top v_j) v_j$$
""",
    (r"u_i^\top v_j) v_j", r"u_i^\top v_j) u_i"),
)

doc(
    "sum_ranges",
    r"""
$$y_t = \sum_{s=1}^{t} x_s$$
$$\frac{\partial L}{\partial x_s} = \sum_{t \geq s} \frac{\partial L}{\partial y_t}$$
""",
    (r"\sum_{t \geq s}", r"\sum_{t \leq s}"),
)

doc(
    "prod_range",
    r"""
$$T_i = \prod_{j<i} (1 - a_j)$$
$$\frac{\partial T_i}{\partial a_k} = -\mathbb{1}[k < i] \prod_{j < i, j \neq k} (1 - a_j)$$
""",
)

doc(
    "swish",
    r"""
Let $f(x) = x\,\sigma(\beta x)$. Then
$$f'(x) = \sigma(\beta x) + \beta x \sigma(\beta x)(1 - \sigma(\beta x))$$
""",
    (r"+ \beta x", r"+ x"),
)

doc(
    "inverse",
    r"""
$$L = a^T X^{-1} b$$
$$\frac{\partial L}{\partial X} = -X^{-T} a b^T X^{-T}$$
""",
    (r"-X^{-T} a b^T", r"X^{-T} a b^T"),
)

doc(
    "gcn",
    r"""
$$H = \mathrm{ReLU}(A X W)$$
$$Z = A X W$$
$$\frac{\partial L}{\partial W} = (A X)^\top \left(\frac{\partial L}{\partial H} \odot \mathbb{1}[Z > 0]\right)$$
""",
    (r"(A X)^\top", r"(X A)^\top"),
)

doc(
    "kronecker",
    r"""
$$y_i = \sum_j W_{ij} x_j$$
$$\frac{\partial y_i}{\partial W_{kl}} = \delta_{ik} x_l$$
""",
    (r"\delta_{ik} x_l", r"\delta_{il} x_k"),
)

doc(
    "dydx",
    r"""
$$y = x^3 + 2x$$
$$\frac{dy}{dx} = 3x^2 + 2$$
""",
    ("3x^2", "2x^2"),
)

doc(
    "exp_lik",
    r"""
$$\ell(\lambda) = n \log \lambda - \lambda \sum_{i=1}^n x_i$$
$$\frac{d\ell}{d\lambda} = \frac{n}{\lambda} - \sum_{i=1}^n x_i$$
""",
    (r"\frac{n}{\lambda} -", r"\frac{n}{\lambda} +"),
)

doc(
    "bernoulli",
    r"""
$$\ell(p) = \sum_i \left( x_i \log p + (1-x_i) \log(1-p) \right)$$
$$\frac{\partial \ell}{\partial p} = \sum_i \left( \frac{x_i}{p} - \frac{1-x_i}{1-p} \right)$$
""",
    (r"- \frac{1-x_i}{1-p}", r"+ \frac{1-x_i}{1-p}"),
)

doc(
    "norm_grad",
    r"""
$$f(x) = \|x\|_2$$
$$\nabla f(x) = \frac{x}{\|x\|_2}$$
""",
    (r"\frac{x}{\|x\|_2}", r"\frac{x}{\|x\|_2^2}"),
)

doc(
    "frob",
    r"""
$$f(A) = \|A\|_F^2 = \operatorname{tr}(A^T A)$$
$$\nabla_A f = 2A$$
""",
    ("= 2A", "= A"),
)

doc(
    "hess_ls",
    r"""
$$f(x) = \frac{1}{2} x^\top A x$$
$$\nabla f(x) = \frac{1}{2}(A + A^\top) x$$
""",
    (r"\frac{1}{2}(A + A^\top) x", r"A x"),
)

doc(
    "deltas",
    r"""
$$z = W x + b$$
$$a = \sigma(z)$$
$$\delta = \frac{\partial L}{\partial a} \odot \sigma'(z)$$
$$\frac{\partial L}{\partial W} = \delta x^\top$$
$$\frac{\partial L}{\partial b} = \delta$$
""",
    (r"\delta x^\top", r"x \delta^\top"),
)

doc(
    "ce_z",
    r"""
$$\hat{\mathbf{y}} = \text{softmax}(\mathbf{z}), \qquad L = -\sum_k y_k \log \hat{y}_k$$
with $\sum_k y_k = 1$.
$$\frac{\partial L}{\partial z_k} = \hat{y}_k - y_k$$
""",
    (r"\hat{y}_k - y_k$$", r"y_k - \hat{y}_k$$"),
)

doc(
    "text_between",
    r"""
We have
\begin{align}
L &= \frac12 \sum_i e_i^2, & e_i &= t_i - o_i
\end{align}
By the chain rule,
\begin{align}
\frac{\partial L}{\partial o_i} &= e_i \frac{\partial e_i}{\partial o_i} && \text{(chain rule)}\\
 &= -e_i
\end{align}
""",
    ("&= -e_i", "&= e_i"),
)

doc(
    "nb_double_sum",
    r"""
$$D = \sum_{i}\sum_{j} (x_i - x_j)^2$$
$$\frac{\partial D}{\partial x_k} = 4 \sum_j (x_k - x_j)$$
""",
    ("= 4", "= 2"),
)

doc(
    "logistic_by_parts",
    r"""
For one sample, $\hat{y} = \sigma(z)$ with $z = \sum_j w_j x_j + b$, and
$$L = -y \log \hat{y} - (1 - y) \log (1 - \hat{y})$$
\begin{align}
\frac{\partial L}{\partial \hat{y}} &= -\frac{y}{\hat{y}} + \frac{1-y}{1-\hat{y}} \\
\frac{\partial \hat{y}}{\partial z} &= \hat{y}(1-\hat{y}) \\
\frac{\partial L}{\partial z} &= \hat{y} - y \\
\frac{\partial L}{\partial w_j} &= (\hat{y} - y) x_j
\end{align}
""",
    (r"\hat{y}(1-\hat{y})", r"\hat{y}(1+\hat{y})"),
    (r"= \hat{y} - y \\", r"= y - \hat{y} \\"),
    (r"(\hat{y} - y) x_j", r"(\hat{y} - y) w_j"),
)

doc(
    "losses_of_samples",
    r"""
Hinge: $\ell_i = \max(0, 1 - y_i f_i)$, $L = \sum_i \ell_i$
$$\frac{\partial L}{\partial f_i} = \begin{cases} -y_i & y_i f_i < 1 \\ 0 & \text{otherwise}\end{cases}$$
""",
    ("< 1", "> 1"),
)

doc(
    "symmetric_covariance",
    r"""
$$L(\mu, \Sigma) = -\frac12 \log \det \Sigma - \frac12 (x - \mu)^\top \Sigma^{-1} (x - \mu)$$
$$\nabla_\mu L = \Sigma^{-1} (x - \mu)$$
Here $\Sigma$ is symmetric.
""",
    (r"= \Sigma^{-1}", r"= -\Sigma^{-1}"),
)

doc(
    "squared_hinge",
    r"""
$$L = \frac1n \sum_{i} \max\{0, 1 - y_i z_i\}^2$$
$$\frac{\partial L}{\partial z_i} = -\frac{2}{n} y_i (1 - y_i z_i) \mathbf{1}_{y_i z_i < 1}$$
""",
    ("< 1}$$", "> 1}$$"),
)

doc(
    "batch_norm_paper",
    r"""
# Batch norm
$$\mu = \frac1m \sum_{i=1}^m x_i \quad \sigma^2 = \frac1m\sum_{i=1}^m (x_i-\mu)^2 \quad \hat x_i = \frac{x_i-\mu}{\sqrt{\sigma^2+\epsilon}}$$

$$\frac{\partial \ell}{\partial \mu} = \left(\sum_{i=1}^m \frac{\partial \ell}{\partial \hat{x}_i}\cdot\frac{-1}{\sqrt{\sigma^2+\epsilon}}\right) + \frac{\partial \ell}{\partial \sigma^2}\cdot\frac{\sum_{i=1}^m -2(x_i-\mu)}{m}$$
""",
    (r"\sum_{i=1}^m -2(x_i-\mu)", r"\sum_{i=1}^m -2 x_i"),
)

doc(
    "attention_with_sums_of_rows",
    r"""
# Attention
$$A = QK^T/\sqrt{d_k},\quad P = \mathrm{softmax}(A),\quad O = PV$$
$$dA = P \circ (dP - \mathrm{rowsum}(P \circ dP))$$
$$dQ = dA K/\sqrt{d_k}$$
""",
    (r"\mathrm{rowsum}(P", r"\mathrm{colsum}(P"),
    (r"dA K/\sqrt{d_k}", r"dA K/d_k"),
)

doc(
    "policy_gradient",
    r"""
# Policy gradient
$$\pi_a = \frac{e^{\theta_a}}{\sum_b e^{\theta_b}}$$
$$\frac{\partial \log \pi_a}{\partial \theta_b} = \mathbb{1}[a=b] - \pi_b$$
""",
    (r"\mathbb{1}[a=b] - \pi_b", r"\mathbb{1}[a=b] - \pi_a"),
)

doc(
    "mean_squared_error_by_its_name",
    r"""
Given $\hat{y}_i = w x_i + b$ and $MSE = \frac{1}{n} \sum_{i=1}^{n} (y_i - \hat{y}_i)^2$:
$$\frac{\partial MSE}{\partial w} = -\frac{2}{n} \sum_{i=1}^{n} x_i (y_i - \hat{y}_i)$$
""",
    (r"= -\frac{2}{n}", r"= \frac{2}{n}"),
)

doc(
    "root_mean_square_in_words",
    r"""
$$\text{RMS}(x) = \sqrt{\frac{1}{n}\sum_{i=1}^n x_i^2}$$
$$\frac{\partial \text{RMS}}{\partial x_j} = \frac{x_j}{n \cdot \text{RMS}}$$
""",
    (r"{n \cdot \text{RMS}}", r"{\text{RMS}}"),
)

doc(
    "logistic_regression_of_a_course",
    r"""
$L(\theta) = -\sum_{i=1}^m y^{(i)} \log h_\theta(x^{(i)}) + (1-y^{(i)}) \log(1-h_\theta(x^{(i)}))$ with $h_\theta(x) = \sigma(\theta^\top x)$

$\frac{\partial L}{\partial \theta_j} = \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}$
""",
    (r"(x^{(i)}) - y^{(i)}) x_j", r"(x^{(i)}) + y^{(i)}) x_j"),
)

doc(
    "chain_rule_as_a_scheme",
    r"""
Let $z = Wx + b$, $a = \tanh(z)$, $L = \frac12\|a - t\|^2$. By the chain rule
\begin{align}
\frac{\partial L}{\partial W} &= \frac{\partial L}{\partial a} \frac{\partial a}{\partial z} \frac{\partial z}{\partial W} \\
&= \left((a - t) \odot (1 - a^2)\right) x^T
\end{align}
""",
    (r"(1 - a^2)", r"(1 - a)"),
)

doc(
    "gated_unit",
    r"""
$$z_t = \sigma(W_z x_t + U_z h_{t-1})$$
$$\tilde{h}_t = \tanh(W x_t + U h_{t-1})$$
$$h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde{h}_t$$
$$\frac{\partial L}{\partial \tilde{h}_t} = \frac{\partial L}{\partial h_t} \odot z_t$$
$$\frac{\partial L}{\partial z_t} = \frac{\partial L}{\partial h_t} \odot (\tilde{h}_t - h_{t-1})$$
""",
    (r"\odot (\tilde{h}_t - h_{t-1})", r"\odot (\tilde{h}_t + h_{t-1})"),
    (r"\frac{\partial L}{\partial h_t} \odot z_t", r"\frac{\partial L}{\partial h_t} \odot (1 - z_t)"),
)

doc(
    "embedding_by_places",
    r"""
$$y_{t} = E_{x_t}$$
$$\frac{\partial L}{\partial E_k} = \sum_t \mathbb{1}[x_t = k] \frac{\partial L}{\partial y_t}$$
""",
    (r"\sum_t \mathbb{1}[x_t = k] ", r"\sum_t "),
)

doc(
    "focal_loss_by_its_name",
    r"""
$FL(p) = -(1-p)^\gamma \log p$ and

$$\frac{dFL}{dp} = \gamma (1-p)^{\gamma-1} \log p - \frac{(1-p)^\gamma}{p}$$
""",
    (r"- \frac{(1-p)^\gamma}{p}", r"+ \frac{(1-p)^\gamma}{p}"),
)

doc(
    "lagrangian",
    r"""
Maximise $w^T S w$ where the matrix $S$ is symmetric: $\mathcal{L}(w, \lambda) = w^T S w - \lambda (w^T w - 1)$,
so that $\nabla_w \mathcal{L} = 2 S w - 2 \lambda w = 0$.
""",
    (r"- 2 \lambda w = 0", r"- \lambda w = 0"),
)

doc(
    "one_hot_targets",
    r"""
# Cross-entropy
With one-hot targets $t$, $p_{sk} = \frac{e^{z_{sk}}}{\sum_j e^{z_{sj}}}$ and $L = -\sum_{sk} t_{sk} \log p_{sk}$:
$$\frac{\partial L}{\partial z_{sk}} = p_{sk} - t_{sk}$$
""",
    (r"With one-hot targets $t$, ", r"With targets $t$, "),
    (r"= p_{sk} - t_{sk}$", r"= t_{sk} - p_{sk}$"),
)

doc(
    "layers_in_brackets_and_stars",
    r"""
1. $Z^{[1]} = W^{[1]} X + b^{[1]}$
2. $A^{[1]} = \tanh(Z^{[1]})$
3. $dZ^{[1]} = dA^{[1]} * (1 - (A^{[1]})^2)$
4. $dW^{[1]} = dZ^{[1]} X^T$
""",
    (r"(1 - (A^{[1]})^2)", r"(1 - A^{[1]})"),
    (r"dZ^{[1]} X^T", r"X^T dZ^{[1]}"),
)

doc(
    "a_name_for_a_derivative",
    r"""
Let $a = \sigma(z)$, $C = \frac12 (a - y)^2$. Define $\delta = \frac{\partial C}{\partial z}$. Then
$$\delta = (a - y) \sigma'(z)$$
""",
    (r"(a - y) \sigma'(z)", r"(a - y) \sigma(z)"),
)

doc(
    "a_sentence_alone",
    r"For $f(x) = x^2 \sin x$ we find $f'(x) = 2x\sin x + x^2 \cos x$.",
    (r"2x\sin x + x^2 \cos x", r"2x\cos x"),
)

doc(
    "weight_norm",
    r"""
$$w = g \frac{v}{\|v\|}$$
$$\frac{\partial L}{\partial v} = \frac{g}{\|v\|}\frac{\partial L}{\partial w} - \frac{g \frac{\partial L}{\partial g}}{\|v\|^2} v$$
""",
    (r"{\|v\|^2} v", r"{\|v\|} v"),
)

doc(
    "gaussian_likelihood",
    r"""
$$\ell = \frac{1}{2}\log \sigma^2 + \frac{(y-\mu)^2}{2\sigma^2}$$
$$\frac{\partial \ell}{\partial \sigma^2} = \frac{1}{2\sigma^2} - \frac{(y-\mu)^2}{2\sigma^4}$$
""",
    (r"{2\sigma^4}", r"{\sigma^4}"),
)

doc(
    "rotation_with_two_outputs",
    r"""
$$y_1 = x_1 \cos\theta - x_2 \sin\theta, \quad y_2 = x_1 \sin\theta + x_2 \cos\theta$$
$$\frac{\partial L}{\partial x_1} = \frac{\partial L}{\partial y_1} \cos\theta + \frac{\partial L}{\partial y_2}\sin\theta$$
""",
    (r"\cos\theta + \frac{\partial L}{\partial y_2}", r"\cos\theta - \frac{\partial L}{\partial y_2}"),
)

doc(
    "label_smoothing_of_a_class",
    r"""
$$q_k = (1-\epsilon) \delta_{ky} + \frac{\epsilon}{K}$$
$$L = -\sum_k q_k \log p_k, p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$
$$\frac{\partial L}{\partial z_k} = p_k - q_k$$
""",
    (r"= p_k - q_k", r"= q_k - p_k"),
)

doc(
    "long_short_term_memory",
    r"""
# LSTM
$$f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)$$
$$i_t = \sigma(W_i x_t + U_i h_{t-1} + b_i)$$
$$o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o)$$
$$g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)$$
$$c_t = f_t \odot c_{t-1} + i_t \odot g_t$$
$$h_t = o_t \odot \tanh(c_t)$$
## Backward
$$\frac{\partial L}{\partial o_t} = \frac{\partial L}{\partial h_t} \odot \tanh(c_t)$$
$$\frac{\partial L}{\partial f_t} = \frac{\partial L}{\partial c_t} \odot c_{t-1}$$
""",
    (
        r"\odot \tanh(c_t)$$" + "\n" + r"$$\frac{\partial L}{\partial f_t}",
        r"\odot c_t$$" + "\n" + r"$$\frac{\partial L}{\partial f_t}",
    ),
    (r"\partial c_t} \odot c_{t-1}$$", r"\partial c_t} \odot c_t$$"),
)

doc(
    "backpropagation_through_time",
    r"""
$$h_t = \tanh(W h_{t-1} + U x_t + b)$$
$$\delta_t = \left(\frac{\partial L}{\partial h_t} + W^T \delta_{t+1}\right) \odot (1 - h_t^2)$$
$$\frac{\partial L}{\partial U} = \sum_t \delta_t x_t^T$$
$$\frac{\partial L}{\partial W} = \sum_t \delta_t h_{t-1}^T$$
""",
    (r"+ W^T \delta_{t+1}", r"- W^T \delta_{t+1}"),
    (r"\delta_t h_{t-1}^T", r"\delta_t h_t^T"),
)

doc(
    "ridge_set_to_zero",
    r"""
# Ridge
$L(w) = \|Xw - y\|_2^2 + \lambda \|w\|_2^2$

$\nabla_w L = 2X^\top(Xw - y) + 2\lambda w = 0$

so $w = (X^\top X + \lambda I)^{-1} X^\top y$.
""",
    (r"+ 2\lambda w = 0", r"+ \lambda w = 0"),
)

doc(
    "svm_of_a_course",
    r"""
# SVM
$$L_i = \sum_{j\neq y_i} \left[ \max(0, w_j^Tx_i - w_{y_i}^Tx_i + \Delta) \right]$$

$$\nabla_{w_{y_i}} L_i = - \left( \sum_{j\neq y_i} \mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0) \right) x_i$$

For the other rows where $j \neq y_i$ the gradient is:

$$\nabla_{w_j} L_i = \mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0) x_i$$
""",
    (r"L_i = - \left( \sum", r"L_i = \left( \sum"),
    (r"\nabla_{w_j} L_i = \mathbb{1}", r"\nabla_{w_j} L_i = -\mathbb{1}"),
    (r"where $j \neq y_i$ the", r"where $j$ is any the"),
)

doc(
    "svm_in_sentences",
    r"""
# SVM
$L_i = \sum_{j \neq y_i} \max(0, s_j - s_{y_i} + \Delta)$

$\frac{\partial L_i}{\partial s_j} = \mathbb{1}(s_j - s_{y_i} + \Delta > 0)$ for $j \neq y_i$

$\frac{\partial L_i}{\partial s_{y_i}} = -\sum_{j\neq y_i}\mathbb{1}(s_j - s_{y_i} + \Delta > 0)$
""",
    (r"for $j \neq y_i$", r"for $j = y_i$"),
    (r"= -\sum_{j\neq y_i}\mathbb", r"= -\sum_{j}\mathbb"),
)

doc(
    "logistic_regression_in_sentences",
    r"""
The model is $\hat y = \sigma(w^\top x + b)$ and the loss $L = -y\log\hat y - (1-y)\log(1-\hat y)$.

$$\frac{\partial L}{\partial w} = (\hat y - y) x$$
""",
    (r"(\hat y - y) x", r"(y - \hat y) x"),
)
