# ruff: noqa: E501  (the lines of a document are as long as their author made them)
"""Derivations as papers' appendices, notes of courses and lines of NumPy have them: right, and wrong once changed."""

from .written import Written

APPENDICES: list[Written] = []


def doc(name: str, text: str, *wrong: tuple[str, str], suffix: str = ".md") -> None:
    """Add one."""
    assert all(old in text for old, _ in wrong), name
    APPENDICES.append(Written(name, text, wrong, suffix))


doc(
    "vec_axb",
    r"""
Let $Y = AXB$. Then
$$\mathrm{vec}(AXB) = (B^\top \otimes A)\,\mathrm{vec}(X)$$
and
$$\frac{\partial\,\mathrm{vec}(Y)}{\partial\,\mathrm{vec}(X)} = B^\top \otimes A$$
""",
    (r"= B^\top \otimes A$$", r"= B \otimes A$$"),
)

doc(
    "vec_axb2",
    r"""
Let $Y = AXB$ and $L$ a loss of $Y$. Then
$$\frac{\partial L}{\partial\,\mathrm{vec}(X)} = (B \otimes A^\top)\,\mathrm{vec}\left(\frac{\partial L}{\partial Y}\right)$$
""",
    (r"(B \otimes A^\top)", r"(B^\top \otimes A)"),
)

doc(
    "zero_based",
    r"""
$$L = \frac{1}{n}\sum_{i=0}^{n-1} (x_i - t_i)^2$$
$$\frac{\partial L}{\partial x_i} = \frac{2}{n}(x_i - t_i)$$
""",
    (r"\frac{2}{n}(", r"\frac{1}{n}("),
)

doc(
    "zero_based_softmax",
    r"""
$$p_i = \frac{e^{z_i}}{\sum_{j=0}^{K-1} e^{z_j}}, \quad L = -\sum_{i=0}^{K-1} t_i\log p_i, \quad \sum_{i=0}^{K-1} t_i = 1$$
$$\frac{\partial L}{\partial z_k} = p_k - t_k$$
""",
    (r"p_k - t_k", r"p_k + t_k"),
)

doc(
    "argmax_indicator",
    r"""
$$m = \max_k x_k, \qquad \frac{\partial m}{\partial x_k} = \mathbb{1}[k = \arg\max_j x_j]$$
""",
    (r"k = \arg", r"k \neq \arg"),
)

doc(
    "argmax_indicator2",
    r"""
$$y_i = \max_k x_{ik}$$
$$\frac{\partial L}{\partial x_{ik}} = \frac{\partial L}{\partial y_i} \mathbf{1}\{k = \operatorname{argmax}_j x_{ij}\}$$
""",
    (r"k = \op", r"i = \op"),
)

doc(
    "argmax_star",
    r"""
Max pooling: $y_i = \max_j x_{ij}$, let $j^* = \arg\max_j x_{ij}$.
$$\frac{\partial y_i}{\partial x_{ij}} = \begin{cases} 1 & j = j^* \\ 0 & \text{otherwise}\end{cases}$$
""",
    (r"1 & j = j^*", r"1 & j \neq j^*"),
)

doc(
    "diag_f",
    r"""
LSTM: $c_t = f_t \odot c_{t-1} + i_t \odot g_t$.
$$\frac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f_t)$$
""",
    (r"diag}(f_t)", r"diag}(i_t)"),
)

doc(
    "diag_f_h",
    r"""
$$h_t = \tanh(W h_{t-1} + U x_t + b)$$
$$\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)\, W$$
""",
    (r"\, W$$", r"\, W^\top$$"),
)

doc(
    "two_sections_y",
    r"""
# Cross entropy

For a class $y$, $p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$ and $L = -\log p_y$.
$$\frac{\partial L}{\partial z_k} = p_k - \mathbf{1}[k = y]$$

# Squared error

$$y_i = \sum_j W_{ij} x_j, \quad L = \frac12 \sum_i (y_i - t_i)^2$$
$$\frac{\partial L}{\partial W_{ij}} = (y_i - t_i) x_j$$
""",
    (r"p_k - \math", r"p_k + \math"),
    ("(y_i - t_i) x_j", "(t_i - y_i) x_j"),
)

doc(
    "two_sections_y2",
    r"""
# Squared error

$$y = Wx, \quad L = \frac12 \|y - t\|^2$$
$$\frac{\partial L}{\partial W} = (y - t) x^\top$$

# Cross entropy

For a class $y$, $p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$ and $L = -\log p_y$.
$$\frac{\partial L}{\partial z_k} = p_k - \delta_{ky}$$
""",
    (r"p_k - \delta", r"p_k + \delta"),
    ("(y - t) x", "(t - y) x"),
)

doc(
    "softmax_matrix",
    r"""
$S = \mathrm{softmax}(Y)$ row by row.
$$\frac{\partial L}{\partial Y} = S \odot \left(\frac{\partial L}{\partial S} - \left(\frac{\partial L}{\partial S} \odot S\right) \mathbf{1}\mathbf{1}^\top\right)$$
""",
    (r"\mathbf{1}\mathbf{1}^\top\right)", r"\mathbf{1}\mathbf{1}^\top + 1\right)"),
)

doc(
    "argmax_star_one",
    r"""
$$m = \max_k s_k, \qquad k^\star = \operatorname*{arg\,max}_k s_k$$
$$\frac{\partial m}{\partial s_k} = \mathbb{1}[k = k^\star]$$
""",
    (r"[k = k", r"[k \neq k"),
)

doc(
    "argmax_pool_i",
    r"""
Let $y_i = \max_j x_{ij}$ and $m_i = \arg\max_j x_{ij}$.
$$\frac{\partial L}{\partial x_{ij}} = \frac{\partial L}{\partial y_i}\,\mathbf{1}[j = m_i]$$
""",
    (r"[j = m_i]", r"[j \neq m_i]"),
)

doc(
    "argmax_vec",
    r"""
$$y = \max(x_1,\dots,x_n) = \max_i x_i$$
$$\frac{\partial y}{\partial x_i} = 1_{\{i = \arg\max_j x_j\}}$$
""",
    (r"\arg\max_j x_j", r"\arg\min_j x_j"),
)

doc(
    "vec_diff",
    r"""
Let $Y = AXB$.
$$d\,\mathrm{vec}(Y) = (B^\top\otimes A)\,d\,\mathrm{vec}(X)$$
""",
    (r"(B^\top\otimes A)", r"(B\otimes A)"),
)

doc(
    "vec_linear",
    r"""
$$Y = WX$$
$$\frac{\partial\operatorname{vec}(Y)}{\partial\operatorname{vec}(X)^\top} = I\otimes W, \qquad \frac{\partial\operatorname{vec}(Y)}{\partial\operatorname{vec}(W)^\top} = X^\top\otimes I$$
""",
    (r"= I\otimes W", r"= W\otimes I"),
    (r"= X^\top\otimes I", r"= X\otimes I"),
)

doc(
    "vec_sylvester",
    r"""
$$Y = AX + XB$$
$$\frac{\partial\,\text{vec}(Y)}{\partial\,\text{vec}(X)} = I\otimes A + B^\top\otimes I$$
""",
    (r"+ B^\top\otimes I", r"+ B\otimes I"),
)

doc(
    "vec_elementwise",
    r"""
$$Y = \tanh(X)$$
$$\frac{\partial\,\mathrm{vec}(Y)}{\partial\,\mathrm{vec}(X)} = \mathrm{diag}(\mathrm{vec}(1 - Y\odot Y))$$
""",
    (r"1 - Y\odot Y", r"1 + Y\odot Y"),
)

doc(
    "vec_loss",
    r"""
$$L = \|\mathrm{vec}(AXB - C)\|^2$$
$$\frac{\partial L}{\partial X} = 2A^\top(AXB - C)B^\top$$
""",
    (r"B^\top$$", r"B$$"),
)

doc(
    "rmsnorm_paper",
    r"""
\section{RMSNorm}
Given $x \in \mathbb{R}^n$ and gain $g \in \mathbb{R}^n$, let
\[ r = \sqrt{\frac{1}{n}\sum_{i=1}^n x_i^2}, \qquad y_i = \frac{x_i}{r} g_i. \]
\begin{align*}
\frac{\partial L}{\partial g_i} &= \frac{\partial L}{\partial y_i}\,\frac{x_i}{r},\\
\frac{\partial L}{\partial x_k} &= \frac{1}{r}\left( g_k\frac{\partial L}{\partial y_k} - \frac{x_k}{n r^2}\sum_{i=1}^n \frac{\partial L}{\partial y_i} g_i x_i\right).
\end{align*}
""",
    (r"\frac{x_k}{n r^2}", r"\frac{x_k}{n r}"),
    suffix=".tex",
)

doc(
    "rmsnorm_unicode",
    """
RMSNorm
r = √(1/n Σ_i x_i² + ε)
y_i = g_i x_i / r
∂L/∂x_k = g_k/r ∂L/∂y_k − x_k/(n r³) Σ_i ∂L/∂y_i g_i x_i
""",
    ("n r³", "n r²"),
    suffix=".txt",
)

doc(
    "layernorm_appendix",
    r"""
\section*{Appendix: Layer normalization}
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
For one sample, $\mu = \frac1H\sum_i x_i$, $\sigma^2 = \frac1H\sum_i (x_i-\mu)^2$, $\hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}$ and $y_i = \gamma_i\hat x_i + \beta_i$.
\begin{align}
\pd{L}{\hat x_i} &= \pd{L}{y_i}\gamma_i \\
\pd{L}{x_k} &= \frac{1}{\sqrt{\sigma^2+\epsilon}}\left(\pd{L}{\hat x_k} - \frac1H\sum_i\pd{L}{\hat x_i} - \hat x_k\frac1H\sum_i\pd{L}{\hat x_i}\hat x_i\right)
\end{align}
""",
    (r"- \hat x_k\frac1H", r"+ \hat x_k\frac1H"),
    suffix=".tex",
)

doc(
    "groupnorm_index",
    r"""
### GroupNorm (one group)
$$\mu_g = \frac{1}{m}\sum_{c} x_{gc},\quad v_g = \frac1m\sum_c (x_{gc}-\mu_g)^2,\quad \hat x_{gc} = \frac{x_{gc}-\mu_g}{\sqrt{v_g+\epsilon}}$$
$$\frac{\partial L}{\partial x_{gc}} = \frac{1}{m\sqrt{v_g+\epsilon}}\Big(m\frac{\partial L}{\partial\hat x_{gc}} - \sum_{k}\frac{\partial L}{\partial\hat x_{gk}} - \hat x_{gc}\sum_k\frac{\partial L}{\partial\hat x_{gk}}\hat x_{gk}\Big)$$
""",
    (r"\Big(m\frac", r"\Big(\frac"),
)

doc(
    "lora",
    r"""
# LoRA
$$h = W_0 x + B A x$$
$$\frac{\partial L}{\partial B} = \frac{\partial L}{\partial h} (A x)^\top, \qquad \frac{\partial L}{\partial A} = B^\top \frac{\partial L}{\partial h} x^\top$$
""",
    (r"(A x)^\top,", r"x^\top A,"),
    (r"B^\top \frac", r"B \frac"),
)

doc(
    "lora_scaled",
    r"""
Let $H = X W + \frac{\alpha}{r} X A B$ with $X\in\mathbb{R}^{n\times d}$, $A\in\mathbb{R}^{d\times r}$, $B\in\mathbb{R}^{r\times m}$. Then
$$\nabla_A L = \frac{\alpha}{r} X^\top (\nabla_H L) B^\top, \quad \nabla_B L = \frac{\alpha}{r} (XA)^\top \nabla_H L$$
""",
    (r"(\nabla_H L) B^\top", r"(\nabla_H L) B"),
    (r"\frac{\alpha}{r} (XA)", r"(XA)"),
)

doc(
    "dpo",
    r"""
DPO: with $u = \beta (\log \pi_w - \log \rho_w - \log \pi_l + \log \rho_l)$ and $L = -\log\sigma(u)$,
$$\frac{\partial L}{\partial \pi_w} = -\beta\,\sigma(-u)\,\frac{1}{\pi_w}$$
$$\frac{\partial L}{\partial \pi_l} = \beta\,\sigma(-u)\,\frac{1}{\pi_l}$$
""",
    (r"= -\beta\,\sigma(-u)", r"= -\beta\,\sigma(u)"),
    (r"= \beta\,\sigma(-u)", r"= -\beta\,\sigma(-u)"),
)

doc(
    "dpo_sample_mean",
    r"""
$$\mathcal{L} = -\frac{1}{N}\sum_{n=1}^{N} \log\sigma\big(\beta (a_n - b_n)\big)$$
$$\frac{\partial \mathcal{L}}{\partial a_n} = -\frac{\beta}{N}\big(1 - \sigma(\beta(a_n - b_n))\big)$$
""",
    (r"\big(1 - \sigma", r"\big(\sigma"),
)

doc(
    "ppo_clip",
    r"""
PPO: $r_t = \exp(\ell_t - o_t)$,
$$J = \frac1T\sum_{t=1}^T \min\big(r_t A_t,\ \mathrm{clip}(r_t, 1-\epsilon, 1+\epsilon) A_t\big)$$
$$\frac{\partial J}{\partial \ell_t} = \frac{1}{T} A_t r_t\, \mathbb{1}\big[r_t A_t \le \mathrm{clip}(r_t, 1-\epsilon, 1+\epsilon) A_t\big]$$
""",
    (r"\frac{1}{T} A_t r_t", r"\frac{1}{T} A_t"),
)

doc(
    "vae_kl",
    r"""
$$\mathrm{KL} = -\frac12\sum_{j=1}^J\left(1 + \log\sigma_j^2 - \mu_j^2 - \sigma_j^2\right)$$
$$\frac{\partial\mathrm{KL}}{\partial\mu_j} = \mu_j$$
$$\frac{\partial\mathrm{KL}}{\partial\sigma_j^2} = \frac12\left(1 - \frac{1}{\sigma_j^2}\right)$$
""",
    (r"= \mu_j$$", r"= -\mu_j$$"),
    (r"1 - \frac{1}{\sigma_j^2}\right)$$", r"1 + \frac{1}{\sigma_j^2}\right)$$"),
)

doc(
    "vae_kl_logvar",
    r"""
The KL term is $D = -\frac{1}{2} \sum_i (1 + s_i - m_i^2 - e^{s_i})$ where $s = \log \sigma^2$. Hence
$$\frac{\partial D}{\partial m_i} = m_i, \qquad \frac{\partial D}{\partial s_i} = \tfrac12 (e^{s_i} - 1).$$
""",
    (r"(e^{s_i} - 1).", r"(1 - e^{s_i})."),
)

doc(
    "infonce",
    r"""
$$\ell_i = -\log\frac{\exp(s_{ii}/\tau)}{\sum_{j}\exp(s_{ij}/\tau)}, \qquad L = \frac1N\sum_i\ell_i$$
$$\frac{\partial L}{\partial s_{ij}} = \frac{1}{N\tau}\left(\frac{\exp(s_{ij}/\tau)}{\sum_k\exp(s_{ik}/\tau)} - \delta_{ij}\right)$$
""",
    (r"\frac{1}{N\tau}", r"\frac{1}{N}"),
)

doc(
    "ctc_like",
    r"""
Forward recursion $\alpha_t = (\alpha_{t-1} + q_t) p_t$. With $g_t = \partial L/\partial \alpha_t$ in total,
$$\frac{\partial\alpha_t}{\partial p_t} = \alpha_{t-1} + q_t, \qquad \frac{\partial\alpha_t}{\partial\alpha_{t-1}} = p_t$$
""",
    (r"= p_t$$", r"= q_t$$"),
)

doc(
    "rope",
    r"""
RoPE rotates pairs:
\begin{align*}
u &= x\cos\theta - y\sin\theta\\
v &= x\sin\theta + y\cos\theta
\end{align*}
\begin{align*}
\frac{\partial L}{\partial x} &= \frac{\partial L}{\partial u}\cos\theta + \frac{\partial L}{\partial v}\sin\theta\\
\frac{\partial L}{\partial y} &= -\frac{\partial L}{\partial u}\sin\theta + \frac{\partial L}{\partial v}\cos\theta
\end{align*}
""",
    (r"= -\frac{\partial L}{\partial u}\sin", r"= \frac{\partial L}{\partial u}\sin"),
)

doc(
    "swiglu",
    r"""
$$a = xW, \quad b = xV, \quad y = \mathrm{Swish}(a)\odot b$$
where $\mathrm{Swish}(z) = z\,\sigma(z)$.
$$\frac{\partial L}{\partial b} = \frac{\partial L}{\partial y}\odot\mathrm{Swish}(a)$$
$$\frac{\partial L}{\partial a} = \frac{\partial L}{\partial y}\odot b\odot\left(\sigma(a) + a\odot\sigma(a)\odot(1-\sigma(a))\right)$$
""",
    (r"\odot(1-\sigma(a))", r"\odot(1+\sigma(a))"),
)

doc(
    "gru",
    r"""
\begin{align}
z_t &= \sigma(a_t) \\
n_t &= \tanh(c_t) \\
h_t &= (1 - z_t)\odot n_t + z_t\odot h_{t-1}
\end{align}
\begin{align}
\frac{\partial L}{\partial a_t} &= \frac{\partial L}{\partial h_t}\odot(h_{t-1} - n_t)\odot z_t\odot(1-z_t) \\
\frac{\partial L}{\partial c_t} &= \frac{\partial L}{\partial h_t}\odot(1-z_t)\odot(1-n_t^2)
\end{align}
""",
    (r"(h_{t-1} - n_t)", r"(n_t - h_{t-1})"),
)

doc(
    "weight_norm",
    r"""
Weight normalization, $\mathbf{w} = \frac{g}{\|\mathbf{v}\|}\mathbf{v}$:
$$\nabla_g L = \frac{\nabla_{\mathbf w} L\cdot\mathbf{v}}{\|\mathbf{v}\|}, \qquad \nabla_{\mathbf v}L = \frac{g}{\|\mathbf{v}\|}\nabla_{\mathbf w}L - \frac{g\nabla_gL}{\|\mathbf{v}\|^2}\mathbf{v}$$
""",
    (r"\frac{g\nabla_gL}{\|\mathbf{v}\|^2}", r"\frac{g\nabla_gL}{\|\mathbf{v}\|}"),
)

doc(
    "spectral",
    r"""
With $u$, $v$ held fixed, $\sigma = u^\top W v$ and $\bar W = W/\sigma$.
$$\frac{\partial\sigma}{\partial W} = u v^\top$$
$$\frac{\partial L}{\partial W} = \frac{1}{\sigma}\left(\frac{\partial L}{\partial\bar W} - \left\langle\frac{\partial L}{\partial\bar W}, \bar W\right\rangle u v^\top\right)$$
""",
    (r"= u v^\top$$", r"= v u^\top$$"),
    (r"\bar W\right\rangle u v", r"W\right\rangle u v"),
)

doc(
    "sinkhorn",
    r"""
One Sinkhorn step: $u_i = a_i / \sum_j K_{ij} v_j$.
$$\frac{\partial u_i}{\partial v_j} = -\frac{a_i K_{ij}}{(\sum_k K_{ik}v_k)^2} = -\frac{u_i^2 K_{ij}}{a_i}$$
""",
    (r"-\frac{u_i^2 K_{ij}}{a_i}", r"-\frac{u_i K_{ij}}{a_i}"),
)

doc(
    "attention_single",
    r"""
\section{Attention for one query}
\[ s_j = \frac{q^\top k_j}{\sqrt d},\quad a_j = \frac{e^{s_j}}{\sum_l e^{s_l}},\quad o = \sum_j a_j v_j \]
\[ \frac{\partial L}{\partial v_j} = a_j \frac{\partial L}{\partial o} \]
""",
    (r"= a_j \frac", r"= s_j \frac"),
    suffix=".tex",
)

doc(
    "attention_matrix",
    r"""
$S = QK^\top/\sqrt{d}$, $P = \mathrm{softmax}(S)$ (rows), $O = PV$.
\begin{aligned}
dV &= P^\top dO \\
dP &= dO\,V^\top \\
dS &= P\odot(dP - \mathrm{rowsum}(dP\odot P)) \\
dQ &= dS\,K/\sqrt d \\
dK &= dS^\top Q/\sqrt d
\end{aligned}
""",
    (r"dS^\top Q/\sqrt d", r"dS\,Q/\sqrt d"),
)

doc(
    "flash_D",
    r"""
FlashAttention backward. $O_{ij} = \sum_k P_{ik}V_{kj}$, $P_{ik} = e^{S_{ik}}/\sum_l e^{S_{il}}$. Let $D_i = \sum_j \frac{\partial L}{\partial O_{ij}}O_{ij}$.
$$\frac{\partial L}{\partial S_{ik}} = P_{ik}\Big(\sum_j\frac{\partial L}{\partial O_{ij}}V_{kj} - D_i\Big)$$
""",
    (r"- D_i\Big)", r"- D_k\Big)"),
)

doc(
    "cookbook_57",
    r"""
Matrix Cookbook: $\frac{\partial \ln|\det(X)|}{\partial X} = (X^{-1})^T = (X^T)^{-1}$
""",
    (r"= (X^T)^{-1}$", r"= X^{-1}$"),
)

doc(
    "cookbook_61",
    r"""
$$\frac{\partial a^T X^{-1} b}{\partial X} = -X^{-T} a b^T X^{-T}$$
""",
    (r"= -X", r"= X"),
)

doc(
    "cookbook_102",
    r"""
$$\frac{\partial}{\partial X}\operatorname{Tr}(AXBX) = A^TX^TB^T + B^TX^TA^T$$
""",
    (r"+ B^TX^TA^T", r"+ B^TX^TA"),
)

doc(
    "cookbook_116",
    r"""
$$\frac{\partial}{\partial \mathbf{X}}\mathrm{Tr}(\mathbf{A}\mathbf{X}\mathbf{B}\mathbf{X}^\top\mathbf{C}) = \mathbf{A}^\top\mathbf{C}^\top\mathbf{X}\mathbf{B}^\top + \mathbf{C}\mathbf{A}\mathbf{X}\mathbf{B}$$
""",
    (r"\mathbf{X}\mathbf{B}^\top + ", r"\mathbf{X}\mathbf{B} + "),
)

doc(
    "cookbook_84",
    r"""
Assume W is symmetric.
$$\frac{\partial}{\partial s}(x - As)^TW(x - As) = -2A^TW(x-As)$$
""",
    (r"-2A^TW", r"-2AW"),
)

doc(
    "gauss_mle_stats",
    r"""
**Gaussian log-likelihood.** With $\theta = (\mu, \sigma)$,
$$\ell = -\frac n2\log(2\pi) - n\log\sigma - \frac{1}{2\sigma^2}\sum_{i=1}^n (x_i-\mu)^2$$
The score is
$$\frac{\partial\ell}{\partial\mu} = \frac{1}{\sigma^2}\sum_{i=1}^n(x_i-\mu), \quad \frac{\partial\ell}{\partial\sigma} = -\frac n\sigma + \frac{1}{\sigma^3}\sum_{i=1}^n(x_i-\mu)^2$$
""",
    (r"\frac{1}{\sigma^3}", r"\frac{1}{\sigma^2}"),
)

doc(
    "poisson_reg",
    r"""
Poisson regression. $\ell(\beta) = \sum_i \left[y_i x_i^\top\beta - \exp(x_i^\top\beta) - \log y_i!\right]$.
$$\nabla_\beta\ell = \sum_i\left(y_i - \exp(x_i^\top\beta)\right)x_i$$
""",
    (r"y_i - \exp(x_i^\top\beta)\right)x_i", r"\exp(x_i^\top\beta) - y_i\right)x_i"),
)

doc(
    "gamma_mle",
    r"""
$$\ell(\alpha,\beta) = n\alpha\log\beta - n\log\Gamma(\alpha) + (\alpha-1)\sum_i\log x_i - \beta\sum_ix_i$$
$$\frac{\partial\ell}{\partial\alpha} = n\log\beta - n\psi(\alpha) + \sum_i\log x_i$$
$$\frac{\partial\ell}{\partial\beta} = \frac{n\alpha}{\beta} - \sum_ix_i$$
""",
    (r"- n\psi(\alpha)", r"+ n\psi(\alpha)"),
)

doc(
    "student_t",
    r"""
$$\ell = -\frac{\nu+1}{2}\sum_i\log\left(1 + \frac{(x_i-\mu)^2}{\nu}\right)$$
$$\frac{\partial\ell}{\partial\mu} = (\nu+1)\sum_i\frac{x_i-\mu}{\nu + (x_i-\mu)^2}$$
""",
    (r"{\nu + (x_i-\mu)^2}", r"{1 + (x_i-\mu)^2}"),
)

doc(
    "mixture",
    r"""
EM for a mixture: $\ell = \sum_n\log\sum_k\pi_k f_{nk}$ and $r_{nk} = \frac{\pi_kf_{nk}}{\sum_j\pi_jf_{nj}}$.
$$\frac{\partial\ell}{\partial\pi_k} = \sum_n\frac{r_{nk}}{\pi_k}$$
""",
    (r"\frac{r_{nk}}{\pi_k}", r"r_{nk}"),
)

doc(
    "intertext",
    r"""
\begin{align*}
L &= \tfrac12\sum_i (y_i - t_i)^2, \quad y_i = \sum_j W_{ij}x_j + b_i
\intertext{and by the chain rule}
\frac{\partial L}{\partial b_i} &= y_i - t_i
\intertext{as well as}
\frac{\partial L}{\partial W_{ij}} &= (y_i - t_i)x_j
\end{align*}
""",
    ("&= (y_i - t_i)x_j", "&= (t_i - y_i)x_j"),
    suffix=".tex",
)

doc(
    "macros_args",
    r"""
\newcommand{\grad}[2]{\nabla_{#1} #2}
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert}
\newcommand{\x}{\mathbf{x}}\newcommand{\A}{\mathbf{A}}\newcommand{\bb}{\mathbf{b}}
\begin{equation} f = \norm{\A\x - \bb}^2 \end{equation}
\begin{equation} \grad{\x}{f} = 2\A^{\mathsf T}(\A\x - \bb) \end{equation}
""",
    (r"2\A^{\mathsf T}", r"2\A"),
    suffix=".tex",
)

doc(
    "bm_dot",
    r"""
$$\bm{y} = \bm{W}\bm{x}, \qquad E = \frac{1}{2}\bm{y}\cdot\bm{y}$$
$$\frac{\partial E}{\partial\bm{W}} = \bm{y}\bm{x}^{\mathsf T} = \bm{W}\bm{x}\bm{x}^{\mathsf T}$$
""",
    (r"= \bm{W}\bm{x}\bm{x}", r"= \bm{x}\bm{W}\bm{x}"),
)

doc(
    "D_x",
    r"""
Let $f(x) = x^\top A x$. Then $D_x f = x^\top(A + A^\top)$, so
$$\nabla_x f = (A + A^\top) x$$
""",
    (r"(A + A^\top) x$$", r"(A - A^\top) x$$"),
)

doc(
    "dot_accents",
    r"""
Forward mode: $y = \sin(x_1x_2)$, $\dot y = \cos(x_1x_2)(\dot x_1x_2 + x_1\dot x_2)$ and reverse mode
$$\bar x_1 = \bar y\,x_2\cos(x_1x_2), \qquad \bar x_2 = \bar y\,x_1\cos(x_1x_2)$$
""",
    (r"\bar y\,x_1\cos", r"\bar y\,x_2\sin"),
)

doc(
    "primes_swish",
    r"""
Let $f(x) = x\sigma(\beta x)$.
$$f'(x) = \sigma(\beta x) + \beta x\,\sigma(\beta x)(1 - \sigma(\beta x))$$
$$f'(x) = \beta f(x) + \sigma(\beta x)(1 - \beta f(x))$$
""",
    (r"(1 - \beta f(x))", r"(1 - f(x))"),
)

doc(
    "diff_trace",
    r"""
$$f = \operatorname{tr}(A^\top X B)$$
\begin{align*}
df &= \operatorname{tr}(A^\top dX\,B)\\
&= \operatorname{tr}(BA^\top dX)
\end{align*}
so
$$\frac{\partial f}{\partial X} = AB^\top$$
""",
    (r"= AB^\top$$", r"= BA^\top$$"),
    (r"\operatorname{tr}(BA^\top dX)", r"\operatorname{tr}(A^\top B dX)"),
)

doc(
    "expectation_finite",
    r"""
$$J(\theta) = \sum_a\pi_a r_a, \quad \pi_a = \frac{e^{\theta_a}}{\sum_be^{\theta_b}}$$
$$\frac{\partial J}{\partial\theta_a} = \pi_a(r_a - J)$$
""",
    (r"(r_a - J)", r"(r_a + J)"),
)

doc(
    "reinforce_E",
    r"""
Let $p_k = \frac{e^{\theta_k}}{\sum_j e^{\theta_j}}$ and $J = \mathbb{E}_{k\sim p}[r_k] = \sum_k p_k r_k$.
$$\frac{\partial J}{\partial\theta_j} = \mathbb{E}_{k\sim p}\left[r_k(\delta_{kj} - p_j)\right]$$
""",
    (r"(\delta_{kj} - p_j)", r"(\delta_{kj} - p_k)"),
)

doc(
    "hinge_indicator",
    r"""
$$L = \frac1N\sum_i\max(0, 1 - y_is_i)$$
$$\frac{\partial L}{\partial s_i} = -\frac{y_i}{N}\mathbf{1}[y_is_i < 1]$$
""",
    (r"y_is_i < 1", r"y_is_i > 1"),
)

doc(
    "multiclass_hinge",
    r"""
$$L_i = \sum_{j\neq y_i}\max(0, s_j - s_{y_i} + \Delta)$$
For $j\neq y_i$,
$$\frac{\partial L_i}{\partial s_j} = \mathbb{1}(s_j - s_{y_i} + \Delta > 0)$$
""",
    (r"+ \Delta > 0)", r"+ \Delta < 0)"),
)

doc(
    "org_unicode",
    """
* Softmax cross-entropy
  p_i = exp(z_i) / Σ_j exp(z_j)
  L = − Σ_i t_i log p_i,   Σ_i t_i = 1
  ∂L/∂z_k = − Σ_i t_i (δ_ik − p_k)
          = p_k − t_k
""",
    ("= p_k − t_k", "= t_k − p_k"),
    suffix=".org",
)

doc(
    "sizes_words",
    r"""
Let $n$ be the number of samples and $\bar x = \frac1n\sum_i x_i$ the mean, $s = \frac{1}{n}\sum_i(x_i - \bar x)^2$.
$$\frac{\partial s}{\partial x_k} = \frac2n(x_k - \bar x)$$
""",
    (r"\frac2n(x_k - \bar x)$$", r"\frac2n(x_k - \bar x)(1-\frac1n)$$"),
)

doc(
    "giles_adjoint",
    r"""
Reverse mode: writing $\bar{X} = \partial L/\partial X$ for the adjoint of $X$, the product $C = AB$ has
$$\bar{A} = \bar{C} B^\top, \qquad \bar{B} = A^\top \bar{C}$$
""",
    (r"A^\top \bar{C}$$", r"\bar{C} A^\top$$"),
)

doc(
    "giles_inverse",
    r"""
Following Giles, adjoints are written with bars. For $C = A^{-1}$,
$$\bar{A} = -C^\top\bar{C}C^\top$$
""",
    (r"= -C^\top", r"= C^\top"),
)

doc(
    "adjoint_scalar",
    r"""
Let $\bar v = \frac{\partial y}{\partial v}$ denote the adjoint of $v$. With $y = x_1 x_2 + \sin(x_1)$,
$$\bar x_1 = \bar y\,(x_2 + \cos x_1)$$
$$\bar x_2 = \bar y\, x_1$$
""",
    (r"+ \cos x_1", r"- \cos x_1"),
)

doc(
    "forward_mode_dots",
    r"""
Forward mode with tangents $\dot x$: for $y = \exp(x_1)x_2$,
$$\dot y = \exp(x_1)x_2\,\dot x_1 + \exp(x_1)\,\dot x_2$$
""",
    (r"+ \exp(x_1)\,\dot x_2", r"+ \exp(x_2)\,\dot x_2"),
)

doc(
    "bishop_delta",
    r"""
# Backpropagation (Bishop)
$a_j = \sum_i w_{ji} z_i$, $z_j = h(a_j)$ and $\delta_j = \frac{\partial E}{\partial a_j}$.
$$\frac{\partial E}{\partial w_{ji}} = \delta_j z_i$$
""",
    (r"= \delta_j z_i", r"= \delta_i z_j"),
)

doc(
    "cs224n_word2vec",
    r"""
$$J = -\log\frac{\exp(u_o^\top v_c)}{\sum_w\exp(u_w^\top v_c)}$$
$$\frac{\partial J}{\partial v_c} = -u_o + \sum_w\frac{\exp(u_w^\top v_c)}{\sum_x\exp(u_x^\top v_c)}u_w$$
""",
    (r"= -u_o +", r"= u_o -"),
)

doc(
    "cs224n_neg",
    r"""
$$J = -\log\sigma(u_o^\top v_c) - \sum_{k=1}^K\log\sigma(-u_k^\top v_c)$$
$$\frac{\partial J}{\partial v_c} = (\sigma(u_o^\top v_c) - 1)u_o + \sum_{k=1}^K\sigma(u_k^\top v_c)u_k$$
""",
    (r"\sigma(u_k^\top v_c)u_k", r"\sigma(-u_k^\top v_c)u_k"),
)

doc(
    "mit_matrixcalc",
    r"""
Let $f(A) = \det(A)$. Then
$$df = \det(A)\operatorname{tr}(A^{-1}dA)$$
so $\nabla f = \det(A)A^{-T}$.
""",
    (r"\operatorname{tr}(A^{-1}dA)", r"\operatorname{tr}(A\,dA)"),
)

doc(
    "mit_matrixcalc2",
    r"""
$$F = A^{-1}$$
$$dF = -A^{-1}\,dA\,A^{-1}$$
""",
    (r"= -A^{-1}", r"= A^{-1}"),
)

doc(
    "elbo_gauss",
    r"""
$$\mathcal L = -\frac{1}{2}\sum_i (x_i - \hat x_i)^2 + \frac12\sum_j(1 + \log v_j - m_j^2 - v_j)$$
$$\frac{\partial\mathcal L}{\partial v_j} = \frac{1}{2}\left(\frac{1}{v_j} - 1\right)$$
$$\frac{\partial\mathcal L}{\partial\hat x_i} = x_i - \hat x_i$$
""",
    (r"\frac{1}{v_j} - 1", r"\frac{1}{v_j} + 1"),
)

doc(
    "reparam",
    r"""
Reparameterization: $z_i = \mu_i + \sigma_i\epsilon_i$.
$$\frac{\partial L}{\partial\mu_i} = \frac{\partial L}{\partial z_i}, \qquad \frac{\partial L}{\partial\sigma_i} = \frac{\partial L}{\partial z_i}\epsilon_i$$
""",
    (r"\frac{\partial L}{\partial z_i}\epsilon_i", r"\frac{\partial L}{\partial z_i}\sigma_i"),
)

doc(
    "triplet",
    r"""
$$L = \max(0, \|a - p\|^2 - \|a - n\|^2 + m)$$
If $L > 0$,
$$\nabla_a L = 2(n - p), \quad \nabla_p L = 2(p - a), \quad \nabla_n L = 2(a - n)$$
""",
    (r"\nabla_a L = 2(n - p)", r"\nabla_a L = 2(p - n)"),
)

doc(
    "clip_loss_sym",
    r"""
$$L = -\frac{1}{2N}\sum_i\left(\log\frac{e^{S_{ii}}}{\sum_je^{S_{ij}}} + \log\frac{e^{S_{ii}}}{\sum_je^{S_{ji}}}\right)$$
$$\frac{\partial L}{\partial S_{ij}} = \frac{1}{2N}\left(\frac{e^{S_{ij}}}{\sum_ke^{S_{ik}}} + \frac{e^{S_{ij}}}{\sum_ke^{S_{kj}}} - 2\delta_{ij}\right)$$
""",
    (r"- 2\delta_{ij}", r"- \delta_{ij}"),
)

doc(
    "siglip",
    r"""
$$L = -\frac1N\sum_{i,j}\log\sigma(z_{ij}(t\,s_{ij} + b))$$
$$\frac{\partial L}{\partial b} = -\frac1N\sum_{i,j}z_{ij}\,\sigma(-z_{ij}(t\,s_{ij}+b))$$
""",
    (r"\sigma(-z_{ij}", r"\sigma(z_{ij}"),
)

doc(
    "gelu_tanh",
    r"""
$$g(x) = \frac12x\left(1 + \tanh\left(\sqrt{2/\pi}(x + 0.044715x^3)\right)\right)$$
With $u = \sqrt{2/\pi}(x + 0.044715x^3)$,
$$g'(x) = \frac12(1 + \tanh u) + \frac12x(1 - \tanh^2u)\sqrt{2/\pi}(1 + 0.134145x^2)$$
""",
    (r"0.134145x^2", r"0.044715x^2"),
)

doc(
    "focal",
    r"""
Let $p = \sigma(x)$ and $FL = -(1-p)^\gamma\log p$.
$$\frac{\partial FL}{\partial x} = (1-p)^\gamma\left(\gamma p\log p + p - 1\right)$$
""",
    (r"+ p - 1", r"- p + 1"),
)

doc(
    "kd",
    r"""
Distillation: $q_i = \frac{e^{z_i/T}}{\sum_je^{z_j/T}}$, $C = -\sum_ip_i\log q_i$, $\sum_i p_i = 1$.
$$\frac{\partial C}{\partial z_i} = \frac1T(q_i - p_i)$$
""",
    (r"\frac1T(q_i", r"(q_i"),
)

doc(
    "batchnorm_paper",
    r"""
\begin{align*}
\frac{\partial\ell}{\partial\hat x_i} &= \frac{\partial\ell}{\partial y_i}\cdot\gamma\\
\frac{\partial\ell}{\partial\sigma_B^2} &= \sum_{i=1}^m\frac{\partial\ell}{\partial\hat x_i}\cdot(x_i-\mu_B)\cdot\frac{-1}{2}(\sigma_B^2+\epsilon)^{-3/2}\\
\frac{\partial\ell}{\partial\gamma} &= \sum_{i=1}^m\frac{\partial\ell}{\partial y_i}\cdot\hat x_i
\end{align*}
where $\mu_B = \frac1m\sum_{i=1}^m x_i$, $\sigma_B^2 = \frac1m\sum_{i=1}^m(x_i-\mu_B)^2$, $\hat x_i = \frac{x_i-\mu_B}{\sqrt{\sigma_B^2+\epsilon}}$, $y_i = \gamma\hat x_i+\beta$.
""",
    (r"\frac{\partial\ell}{\partial y_i}\cdot\hat x_i", r"\frac{\partial\ell}{\partial y_i}\cdot x_i"),
)

doc(
    "rnn_bptt",
    r"""
$h_t = \tanh(a_t)$, $a_t = W h_{t-1} + U x_t + b$.
$$\frac{\partial L}{\partial a_t} = (1 - h_t\odot h_t)\odot\frac{\partial L}{\partial h_t}$$
$$\frac{\partial L}{\partial W} = \sum_t\frac{\partial L}{\partial a_t}h_{t-1}^\top$$
""",
    (r"h_{t-1}^\top$$", r"h_t^\top$$"),
)

doc(
    "ssm_scan",
    r"""
$h_t = a_t h_{t-1} + b_t x_t$, $y_t = c_t h_t$, and $g_t = \frac{\partial L}{\partial h_t}$ satisfies
$$g_t = c_t\frac{\partial L}{\partial y_t} + a_{t+1}g_{t+1}$$
$$\frac{\partial L}{\partial x_t} = b_tg_t$$
""",
    (r"= b_tg_t", r"= a_tg_t"),
)

doc(
    "logistic_hessian",
    r"""
$$\ell(w) = \sum_i\left[y_iw^\top x_i - \log(1 + e^{w^\top x_i})\right]$$
With $p_i = \sigma(w^\top x_i)$,
$$\nabla\ell(w) = \sum_i(y_i - p_i)x_i, \qquad \nabla^2\ell(w) = -\sum_ip_i(1-p_i)x_ix_i^\top$$
""",
    (r"= -\sum_ip_i(1-p_i)", r"= \sum_ip_i(1-p_i)"),
)

doc(
    "gp_ml",
    r"""
$$\mathcal L(\theta) = -\frac12y^\top K^{-1}y - \frac12\log|K|$$
$$\frac{\partial\mathcal L}{\partial K} = \frac12K^{-1}yy^\top K^{-1} - \frac12K^{-1}$$
for symmetric $K$.
""",
    (r"- \frac12K^{-1}$$", r"+ \frac12K^{-1}$$"),
)

doc(
    "pca_rayleigh",
    r"""
$$R(w) = \frac{w^\top Sw}{w^\top w}$$
with $S$ symmetric.
$$\nabla R(w) = \frac{2}{w^\top w}\left(Sw - R(w)w\right)$$
""",
    (r"Sw - R(w)w", r"Sw + R(w)w"),
)

doc(
    "tsne",
    r"""
$$C = \sum_i\sum_jp_{ij}\log\frac{p_{ij}}{q_{ij}}$$
$$\frac{\partial C}{\partial q_{ij}} = -\frac{p_{ij}}{q_{ij}}$$
""",
    (r"= -\frac", r"= \frac"),
)

doc(
    "negbin",
    r"""
$$\ell = \sum_i\left[\log\Gamma(y_i + r) - \log\Gamma(r) + r\log p + y_i\log(1-p)\right]$$
$$\frac{\partial\ell}{\partial p} = \frac{nr}{p} - \frac{\sum_iy_i}{1-p}$$
""",
    (r"\frac{nr}{p}", r"\frac{r}{p}"),
)

doc(
    "weibull",
    r"""
$$\ell(\lambda) = n\log k - nk\log\lambda + (k-1)\sum_{i=1}^n\log x_i - \sum_{i=1}^n(x_i/\lambda)^k$$
$$\frac{\partial\ell}{\partial\lambda} = -\frac{nk}{\lambda} + \frac{k}{\lambda^{k+1}}\sum_{i=1}^nx_i^k$$
""",
    (r"\lambda^{k+1}", r"\lambda^k"),
)

doc(
    "cox",
    r"""
$$\ell(\beta) = \sum_i\delta_i\left(x_i\beta - \log\sum_{j}R_{ij}e^{x_j\beta}\right)$$
$$\ell'(\beta) = \sum_i\delta_i\left(x_i - \frac{\sum_jR_{ij}x_je^{x_j\beta}}{\sum_jR_{ij}e^{x_j\beta}}\right)$$
""",
    (r"x_i - \frac", r"x_i + \frac"),
)

doc(
    "huber",
    r"""
$$\rho(r) = \begin{cases}\frac12r^2 & |r|\le\delta\\ \delta(|r| - \frac12\delta) & |r| > \delta\end{cases}$$
$$\rho'(r) = \begin{cases}r & |r|\le\delta\\ \delta\,\mathrm{sgn}(r) & |r| > \delta\end{cases}$$
""",
    (r"\delta\,\mathrm{sgn}(r)", r"\mathrm{sgn}(r)"),
)

doc(
    "quantile",
    r"""
Pinball loss: $L = \sum_i \max(\tau(y_i - q), (\tau-1)(y_i - q))$.
$$\frac{\partial L}{\partial q} = \sum_i\left(\mathbb 1[y_i < q] - \tau\right)$$
""",
    (r"y_i < q", r"y_i > q"),
)

doc(
    "deriv_words",
    r"""
Consider $z = x^2y$. The partial derivatives are $\frac{\partial z}{\partial x} = 2xy$ and $\frac{\partial z}{\partial y} = x^2$.
""",
    (r"= 2xy$", r"= 2x$"),
)

doc(
    "numpy_claims",
    """
# Linear layer

Y = X @ W + b

dX = dY @ W.T
dW = X.T @ dY
db = dY.sum(axis=0)
""",
    ("dW = X.T @ dY", "dW = dY.T @ X"),
)

doc(
    "numpy_np",
    """
Y = np.tanh(X @ W)
dW = X.T @ (dY * (1 - Y**2))
""",
    ("(1 - Y**2)", "(1 + Y**2)"),
)

doc(
    "org_latex",
    r"""
#+TITLE: Notes
* Ridge
\[ L = \|Xw - y\|^2 + \lambda\|w\|^2 \]
\[ \nabla_w L = 2X^T(Xw-y) + 2\lambda w \]
""",
    (r"2\lambda w", r"\lambda w"),
    suffix=".org",
)

doc(
    "rst_math",
    r"""
Softmax
=======

.. math::

   p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}

.. math::

   \frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} - p_j)
""",
    (r"(\delta_{ij} - p_j)", r"(\delta_{ij} + p_j)"),
    suffix=".rst",
)

doc(
    "gather_loss",
    r"""
$$L = -\frac1N\sum_{n=1}^N\log p_{n,y_n}, \quad p_{nk} = \frac{e^{z_{nk}}}{\sum_{j=1}^Ke^{z_{nj}}}$$
$$\frac{\partial L}{\partial z_{nk}} = \frac1N(p_{nk} - \mathbb 1[y_n = k])$$
""",
    (r"\frac1N(p_{nk}", r"(p_{nk}"),
)

doc(
    "masked_attention",
    r"""
$$A_{ij} = \frac{M_{ij}e^{S_{ij}}}{\sum_kM_{ik}e^{S_{ik}}}$$
$$\frac{\partial A_{ij}}{\partial S_{il}} = A_{ij}(\delta_{jl} - A_{il})$$
""",
    (r"(\delta_{jl} - A_{il})", r"(\delta_{jl} - A_{ij})"),
)

doc(
    "entropy_reg",
    r"""
$$H = -\sum_kp_k\log p_k, \quad p_k = \frac{e^{z_k}}{\sum_je^{z_j}}$$
$$\frac{\partial H}{\partial z_k} = -p_k(\log p_k + H)$$
""",
    (r"\log p_k + H", r"\log p_k - H"),
)

doc(
    "cosine_sim",
    r"""
$$s = \frac{u^\top v}{\|u\|\|v\|}$$
$$\frac{\partial s}{\partial u} = \frac{v}{\|u\|\|v\|} - s\frac{u}{\|u\|^2}$$
""",
    (r"- s\frac{u}{\|u\|^2}", r"- s\frac{u}{\|u\|}"),
)

doc(
    "numpy_mlp",
    """
```python
Z = X @ W1
H = np.tanh(Z)
Y = H @ W2
# backward
dW2 = H.T @ dY
dH = dY @ W2.T
dZ = dH * (1 - H**2)
dW1 = X.T @ dZ
```
""",
    ("X.T @ dZ", "X.T @ dH"),
    ("1 - H**2", "1 - Z**2"),
)

doc(
    "einsum_claim",
    """
Y = np.einsum('bhqk,bhkd->bhqd', A, V)
dV = np.einsum('bhqk,bhqd->bhkd', A, dY)
""",
    ("'bhqk,bhqd->bhkd'", "'bhkq,bhqd->bhkd'"),
    suffix=".txt",
)

doc(
    "numpy_relu2",
    """
Y = np.maximum(X, 0)
dX = dY * (X > 0)
""",
    ("X > 0", "X < 0"),
)

doc(
    "numpy_softmax",
    """
S = softmax(X)
dX = S * (dS - np.sum(dS * S, axis=1, keepdims=True))
""",
    ("axis=1", "axis=0"),
)

doc(
    "torch_sigmoid",
    """
y = torch.sigmoid(x)
dx = dy * y * (1 - y)
loss = y.T
""",
    ("(1 - y)", "(1 + y)"),
)


doc(
    "d2l_linreg",
    r"""
$$L(\mathbf{w}, b) = \frac{1}{n}\sum_{i=1}^n\frac{1}{2}\left(\mathbf{w}^\top\mathbf{x}^{(i)} + b - y^{(i)}\right)^2$$
$$\partial_{\mathbf{w}}L = \frac1n\sum_{i=1}^n\mathbf{x}^{(i)}\left(\mathbf{w}^\top\mathbf{x}^{(i)} + b - y^{(i)}\right)$$
$$\partial_bL = \frac1n\sum_{i=1}^n\left(\mathbf{w}^\top\mathbf{x}^{(i)} + b - y^{(i)}\right)$$
""",
    (r"\partial_bL = \frac1n", r"\partial_bL = \frac2n"),
)

doc(
    "cs229_glm",
    r"""
Let $h = g(\theta^Tx)$ with $g(z) = 1/(1+e^{-z})$ and $\ell = y\log h + (1-y)\log(1-h)$.
$$\frac{\partial}{\partial\theta_j}\ell = (y - h)x_j$$
""",
    (r"(y - h)x_j", r"(h - y)x_j"),
)

doc(
    "cs231n_svm_loss",
    r"""
$$L_i = \sum_{j\ne y_i}\left[\max(0, w_j^Tx_i - w_{y_i}^Tx_i + \Delta)\right]$$
$$\nabla_{w_j}L_i = \mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0)x_i$$
for $j\neq y_i$.
""",
    (r"+ \Delta > 0)x_i", r"+ \Delta > 0)w_i"),
)

doc(
    "nielsen",
    r"""
$z^l = w^la^{l-1} + b^l$, $a^l = \sigma(z^l)$ and $\delta^l = \frac{\partial C}{\partial z^l}$.
$$\frac{\partial C}{\partial b^l} = \delta^l, \qquad \frac{\partial C}{\partial w^l} = \delta^l(a^{l-1})^T$$
""",
    (r"\delta^l(a^{l-1})^T", r"\delta^l(a^l)^T"),
)

doc(
    "karpathy_pg",
    r"""
Policy gradient with advantage $A_i$: $L = \sum_iA_i\log p_i$, $p_i = \sigma(s_i)$.
$$\frac{\partial L}{\partial s_i} = A_i(1 - p_i)$$
""",
    (r"A_i(1 - p_i)", r"A_ip_i"),
)

doc(
    "prml_4_91",
    r"""
$$E(w) = -\sum_{n=1}^N\{t_n\ln y_n + (1-t_n)\ln(1-y_n)\}$$
where $y_n = \sigma(a_n)$ and $a_n = w^T\phi_n$.
$$\nabla E(w) = \sum_{n=1}^N(y_n - t_n)\phi_n$$
""",
    (r"(y_n - t_n)\phi_n", r"(t_n - y_n)\phi_n"),
)

doc(
    "esl_ridge",
    r"""
$$\mathrm{RSS}(\lambda) = (y - X\beta)^T(y - X\beta) + \lambda\beta^T\beta$$
$$\frac{\partial\mathrm{RSS}}{\partial\beta} = -2X^T(y - X\beta) + 2\lambda\beta$$
""",
    (r"+ 2\lambda\beta", r"- 2\lambda\beta"),
)

doc(
    "boyd_quadover",
    r"""
$f(x, y) = x^2/y$. Then
$$\frac{\partial f}{\partial x} = \frac{2x}{y}, \quad \frac{\partial f}{\partial y} = -\frac{x^2}{y^2}$$
""",
    (r"-\frac{x^2}{y^2}", r"\frac{x^2}{y^2}"),
)

doc(
    "rasmussen_sqexp",
    r"""
$$k_{pq} = \sigma_f^2\exp\left(-\frac{(x_p - x_q)^2}{2\ell^2}\right)$$
$$\frac{\partial k_{pq}}{\partial\ell} = k_{pq}\frac{(x_p - x_q)^2}{\ell^3}$$
""",
    (r"{\ell^3}", r"{\ell^2}"),
)

doc(
    "kingma_adamlike",
    r"""
$$\mathcal{L} = \frac12\sum_{j}\left(1 + \log((\sigma_j)^2) - (\mu_j)^2 - (\sigma_j)^2\right)$$
$$\frac{\partial\mathcal L}{\partial\sigma_j} = \frac{1}{\sigma_j} - \sigma_j$$
""",
    (r"\frac{1}{\sigma_j} - \sigma_j", r"\frac{1}{\sigma_j} + \sigma_j"),
)

doc(
    "gan",
    r"""
$$V = \frac1m\sum_i\left[\log D_i + \log(1 - G_i)\right], \quad D_i = \sigma(a_i), \ G_i = \sigma(b_i)$$
$$\frac{\partial V}{\partial a_i} = \frac1m(1 - D_i), \qquad \frac{\partial V}{\partial b_i} = -\frac1mG_i$$
""",
    (r"-\frac1mG_i", r"-\frac1m(1 - G_i)"),
)

doc(
    "wgan_gp",
    r"""
$$P = (\|g\|_2 - 1)^2, \qquad \nabla_gP = 2(\|g\|_2 - 1)\frac{g}{\|g\|_2}$$
""",
    (r"\frac{g}{\|g\|_2}$$", r"g$$"),
)

doc(
    "arcface",
    r"""
$$c_j = \frac{w_j^\top x}{\|w_j\|\|x\|}$$
$$\frac{\partial c_j}{\partial x} = \frac{w_j}{\|w_j\|\|x\|} - c_j\frac{x}{\|x\|^2}$$
""",
    (r"- c_j\frac{x}{\|x\|^2}", r"+ c_j\frac{x}{\|x\|^2}"),
)

doc(
    "moe_gate",
    r"""
$$y = \sum_eg_eE_e, \quad g_e = \frac{e^{h_e}}{\sum_fe^{h_f}}$$
$$\frac{\partial y}{\partial h_e} = g_e(E_e - y)$$
""",
    (r"(E_e - y)", r"(E_e + y)"),
)

doc(
    "alibi_bias",
    r"""
$s_{ij} = q_i k_j - m|i - j|$ and $L = \sum_{ij} a_{ij}s_{ij}$.
$$\frac{\partial L}{\partial m} = -\sum_{i,j}a_{ij}|i-j|$$
""",
    (r"= -\sum", r"= \sum"),
)

doc(
    "quant_ste",
    r"""
Fake quantization with scale: $\hat w_i = s\,q_i$, $L = \sum_i(\hat w_i - w_i)^2$.
$$\frac{\partial L}{\partial s} = 2\sum_iq_i(sq_i - w_i)$$
""",
    (r"2\sum_iq_i(sq_i", r"2\sum_i(sq_i"),
)

doc(
    "mu_law",
    r"""
$$F(x) = \frac{\ln(1+\mu x)}{\ln(1+\mu)}, \qquad F'(x) = \frac{\mu}{(1+\mu x)\ln(1+\mu)}$$
""",
    (r"\frac{\mu}{(1+\mu x)", r"\frac{1}{(1+\mu x)"),
)

doc(
    "optics_lens",
    r"""
$1/f = 1/a + 1/b$, so $f = \frac{ab}{a+b}$ and $\frac{\partial f}{\partial a} = \frac{b^2}{(a+b)^2}$.
""",
    (r"\frac{b^2}{(a+b)^2}", r"\frac{ab}{(a+b)^2}"),
)

doc(
    "kalman_like",
    r"""
$$J = (x - m)^\top P^{-1}(x - m) + (z - Hx)^\top R^{-1}(z - Hx)$$
with $P$ and $R$ symmetric.
$$\nabla_xJ = 2P^{-1}(x - m) - 2H^\top R^{-1}(z - Hx)$$
""",
    (r"- 2H^\top", r"+ 2H^\top"),
)

doc(
    "nmf",
    r"""
$$D = \frac12\|V - WH\|_F^2$$
$$\frac{\partial D}{\partial W} = -(V - WH)H^\top, \qquad \frac{\partial D}{\partial H} = -W^\top(V - WH)$$
""",
    (r"-W^\top(V", r"-W(V"),
)

doc(
    "matrix_fact_bias",
    r"""
$$e_{ui} = r_{ui} - \mu - b_u - c_i - p_u^\top q_i, \qquad L = \frac12\sum_{u,i}e_{ui}^2 + \frac\lambda2\sum_u\|p_u\|^2$$
$$\frac{\partial L}{\partial p_u} = -\sum_ie_{ui}q_i + \lambda p_u$$
""",
    (r"+ \lambda p_u", r"- \lambda p_u"),
)

doc(
    "procrustes",
    r"""
$$f(R) = \|RA - B\|_F^2, \quad \nabla f(R) = 2(RA - B)A^\top$$
""",
    (r"(RA - B)A^\top", r"A^\top(RA - B)"),
)

doc(
    "logdet_sym",
    r"""
$$\mathcal{L}(\Sigma) = \log\det\Sigma + \operatorname{tr}(\Sigma^{-1}S)$$
$$\frac{\partial\mathcal L}{\partial\Sigma} = \Sigma^{-1} - \Sigma^{-1}S\Sigma^{-1}$$
where $\Sigma$ and $S$ are symmetric.
""",
    (r"\Sigma^{-1} - \Sigma^{-1}S", r"\Sigma^{-1} + \Sigma^{-1}S"),
)

doc(
    "sgd_momentum_unrolled",
    r"""
$v_t = \beta v_{t-1} + g_t$ with $v_0 = 0$ so $\frac{\partial v_t}{\partial g_t} = 1$ and $\frac{\partial v_t}{\partial v_{t-1}} = \beta$.
""",
    (r"= \beta$.", r"= 1 - \beta$."),
)

doc(
    "overset",
    r"""
\begin{align*}
L &:= \tfrac12\sum_i(x_i - \mu)^2\\
\frac{\partial L}{\partial\mu} &\overset{(a)}{=} -\sum_i(x_i - \mu) \stackrel{(b)}{=} N\mu - \sum_ix_i
\end{align*}
where $N$ is the number of $x_i$.
""",
    (r"N\mu - \sum_ix_i", r"N\mu + \sum_ix_i"),
)

doc(
    "delta_deriv",
    r"""
$$J = \sum_k c_k a_k^2, \qquad \frac{\delta J}{\delta a_k} = 2c_ka_k$$
""",
    (r"2c_ka_k", r"c_ka_k"),
)

doc(
    "evaluated_at",
    r"""
$$f(x) = x^3 - 2x, \quad \left.\frac{df}{dx}\right|_{x} = 3x^2 - 2$$
""",
    (r"3x^2 - 2", r"3x^2 + 2"),
)

doc(
    "partial_sub",
    r"""
$$f(x, y) = x^2y + e^{xy}$$
$$\partial_xf = 2xy + ye^{xy}, \quad \partial_yf = x^2 + xe^{xy}$$
$$f_x = 2xy + ye^{xy}$$
""",
    (r"\partial_yf = x^2 + xe", r"\partial_yf = x^2 + ye"),
)

doc(
    "second_deriv",
    r"""
$$g(t) = \log(1 + e^{-t}), \quad g'(t) = -\frac{1}{1 + e^t}, \quad g''(t) = \frac{e^t}{(1 + e^t)^2}$$
""",
    (r"g''(t) = \frac{e^t}", r"g''(t) = -\frac{e^t}"),
)

doc(
    "mixed_partial",
    r"""
$$u = xy\sin(z), \qquad \frac{\partial^2u}{\partial x\,\partial z} = y\cos z$$
""",
    (r"= y\cos z", r"= x\cos z"),
)

doc(
    "hessian_quad",
    r"""
$$f(x) = \frac12x^\top Ax + b^\top x,\quad A = A^\top$$
$$\nabla f(x) = Ax + b, \qquad \nabla^2f(x) = A$$
""",
    (r"\nabla^2f(x) = A$$", r"\nabla^2f(x) = 2A$$"),
)

doc(
    "tensor3",
    r"""
$$y_i = \sum_{jk}\mathcal{W}_{ijk}x_jz_k$$
$$\frac{\partial L}{\partial\mathcal{W}_{ijk}} = \frac{\partial L}{\partial y_i}x_jz_k, \qquad \frac{\partial L}{\partial x_j} = \sum_{i,k}\frac{\partial L}{\partial y_i}\mathcal W_{ijk}z_k$$
""",
    (r"\mathcal W_{ijk}z_k$$", r"\mathcal W_{ijk}x_k$$"),
)

doc(
    "einstein_upper",
    r"""
With repeated indices summed, $y^i = W^i_jx^j$ and
$$\frac{\partial L}{\partial W^i_j} = \frac{\partial L}{\partial y^i}x^j$$
""",
    (r"y^i}x^j", r"y^j}x^i"),
)

doc(
    "nabla_theta",
    r"""
$$\mathcal{J}(\theta) = \frac{1}{n}\|\Phi\theta - y\|_2^2 + \lambda\|\theta\|_2^2$$
$$\nabla_\theta\mathcal J(\theta) = \frac2n\Phi^\top(\Phi\theta - y) + 2\lambda\theta$$
""",
    (r"\frac2n\Phi^\top", r"\frac1n\Phi^\top"),
)

doc(
    "directional",
    r"""
Directional derivative: $f(x) = \frac12\|Ax\|^2$, $df = x^\top A^\top A\,dx$.
""",
    (r"x^\top A^\top A\,dx", r"2x^\top A^\top A\,dx"),
)

doc(
    "frob_inner",
    r"""
$f = \langle A, X\rangle_F$ so $\nabla_Xf = A$, and $g = \langle X, X\rangle_F$ so $\nabla_Xg = 2X$.
""",
    (r"\nabla_Xg = 2X", r"\nabla_Xg = X"),
)

doc(
    "jensen",
    r"""
$$\ell = \log\left(\frac1K\sum_{k=1}^Ke^{w_k}\right), \quad \frac{\partial\ell}{\partial w_k} = \frac{e^{w_k}}{\sum_{j=1}^Ke^{w_j}}$$
""",
    (r"= \frac{e^{w_k}}", r"= \frac1K\frac{e^{w_k}}"),
)

doc(
    "prod_rule",
    r"""
$$P = \prod_{i=1}^nx_i, \qquad \frac{\partial P}{\partial x_j} = \prod_{i\neq j}x_i$$
""",
    (r"\prod_{i\neq j}x_i", r"\prod_{i}x_i"),
)

doc(
    "geomean",
    r"""
$$G = \exp\left(\frac1n\sum_{i=1}^n\ln x_i\right) \Rightarrow \frac{\partial G}{\partial x_i} = \frac{G}{nx_i}$$
""",
    (r"\frac{G}{nx_i}", r"\frac{G}{x_i}"),
)

doc(
    "var_stat",
    r"""
$$s^2 = \frac{1}{n-1}\sum_{i=1}^n(x_i - \bar x)^2, \quad \bar x = \frac1n\sum_{i=1}^nx_i$$
$$\frac{\partial s^2}{\partial x_i} = \frac{2}{n-1}(x_i - \bar x)$$
""",
    (r"\frac{2}{n-1}", r"\frac{2}{n}"),
)

doc(
    "corr",
    r"""
$$c = \sum_i(x_i-\bar x)(y_i-\bar y), \quad \bar x = \frac1n\sum_ix_i,\ \bar y = \frac1n\sum_iy_i$$
$$\frac{\partial c}{\partial x_k} = y_k - \bar y$$
""",
    (r"= y_k - \bar y", r"= y_k"),
)

doc(
    "binom_ll",
    r"""
$$\ell(p) = k\log p + (n-k)\log(1-p)$$
Setting $\ell'(p) = \frac kp - \frac{n-k}{1-p} = 0$ gives $\hat p = k/n$.
""",
    (r"\frac kp - \frac{n-k}{1-p}", r"\frac kp + \frac{n-k}{1-p}"),
)

doc(
    "beta_ll",
    r"""
$$\ell = (a-1)\log x + (b-1)\log(1-x) - \log\Gamma(a) - \log\Gamma(b) + \log\Gamma(a+b)$$
$$\frac{\partial\ell}{\partial a} = \log x - \psi(a) + \psi(a+b)$$
""",
    (r"+ \psi(a+b)", r"- \psi(a+b)"),
)

doc(
    "dirichlet",
    r"""
$$\log p = \log\Gamma\Big(\sum_k\alpha_k\Big) - \sum_k\log\Gamma(\alpha_k) + \sum_k(\alpha_k - 1)\log x_k$$
$$\frac{\partial\log p}{\partial\alpha_k} = \psi\Big(\sum_j\alpha_j\Big) - \psi(\alpha_k) + \log x_k$$
""",
    (r"- \psi(\alpha_k)", r"+ \psi(\alpha_k)"),
)

doc(
    "vonmises",
    r"""
$$f(\theta) = \kappa\cos(\theta - \mu), \qquad \frac{\partial f}{\partial\mu} = \kappa\sin(\theta - \mu)$$
""",
    (r"= \kappa\sin", r"= -\kappa\sin"),
)

doc(
    "mlp_two_layer_matrix",
    r"""
Forward pass:
$$Z_1 = XW_1, \quad A_1 = \mathrm{ReLU}(Z_1), \quad Z_2 = A_1W_2$$
Backward pass:
\begin{align*}
\frac{\partial L}{\partial W_2} &= A_1^\top\frac{\partial L}{\partial Z_2}\\
\frac{\partial L}{\partial A_1} &= \frac{\partial L}{\partial Z_2}W_2^\top\\
\frac{\partial L}{\partial Z_1} &= \frac{\partial L}{\partial A_1}\odot\mathbf{1}[Z_1 > 0]\\
\frac{\partial L}{\partial W_1} &= X^\top\frac{\partial L}{\partial Z_1}
\end{align*}
""",
    (r"A_1^\top\frac{\partial L}{\partial Z_2}", r"Z_1^\top\frac{\partial L}{\partial Z_2}"),
    (r"X^\top\frac{\partial L}{\partial Z_1}", r"X^\top\frac{\partial L}{\partial A_1}"),
)

doc(
    "residual",
    r"""
$y = x + F(x)$ with $F(x) = W_2\tanh(W_1x)$.
$$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} + W_1^\top\left((1 - \tanh^2(W_1x))\odot W_2^\top\frac{\partial L}{\partial y}\right)$$
""",
    (r"= \frac{\partial L}{\partial y} + W_1", r"= W_1"),
)

doc(
    "highway_words",
    r"""
Let $T = \sigma(W_Tx)$ denote the transform gate and $y = T\odot H + (1 - T)\odot x$. The gradient with respect to $H$ is
$$\frac{\partial L}{\partial H} = T\odot\frac{\partial L}{\partial y}$$
""",
    (r"= T\odot\frac", r"= (1 - T)\odot\frac"),
)

doc(
    "dropout",
    r"""
Inverted dropout $y_i = \frac{m_ix_i}{p}$ gives $\frac{\partial L}{\partial x_i} = \frac{m_i}{p}\frac{\partial L}{\partial y_i}$.
""",
    (r"\frac{m_i}{p}\frac", r"m_i\frac"),
)

doc(
    "embedding",
    r"""
$h_t = E_{x_t}$, that is $h_{tm} = E_{x_tm}$.
$$\frac{\partial L}{\partial E_{vm}} = \sum_t\mathbf{1}[x_t = v]\frac{\partial L}{\partial h_{tm}}$$
""",
    (r"[x_t = v]", r"[x_t \neq v]"),
)

doc(
    "conv1d",
    r"""
$$y_i = \sum_{a}w_ax_{i+a}$$
$$\frac{\partial L}{\partial w_a} = \sum_i\frac{\partial L}{\partial y_i}x_{i+a}, \qquad \frac{\partial L}{\partial x_j} = \sum_a\frac{\partial L}{\partial y_{j-a}}w_a$$
""",
    (r"y_{j-a}}w_a", r"y_{j+a}}w_a"),
)

doc(
    "conv2d",
    r"""
$$Y_{ij} = \sum_{a,b}K_{ab}X_{i+a,j+b}$$
$$\frac{\partial L}{\partial K_{ab}} = \sum_{i,j}\frac{\partial L}{\partial Y_{ij}}X_{i+a,j+b}$$
""",
    (r"\frac{\partial L}{\partial Y_{ij}}X_{i+a,j+b}", r"\frac{\partial L}{\partial Y_{ij}}X_{i+b,j+a}"),
)

doc(
    "perplexity",
    r"""
$$\mathrm{PPL} = \exp\left(-\frac1T\sum_{t=1}^T\log p_t\right), \quad \frac{\partial\mathrm{PPL}}{\partial p_t} = -\frac{\mathrm{PPL}}{Tp_t}$$
""",
    (r"= -\frac{\mathrm{PPL}}", r"= \frac{\mathrm{PPL}}"),
)

doc(
    "label_smooth",
    r"""
$q_k = (1-\epsilon)t_k + \frac{\epsilon}{K}$ with $\sum_kt_k = 1$, $p_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}$ and $L = -\sum_{k=1}^K q_k\log p_k$.
$$\frac{\partial L}{\partial z_k} = p_k - q_k$$
""",
    (r"p_k - q_k$$", r"p_k - t_k$$"),
)

doc(
    "elastic_net",
    r"""
$$J(w) = \frac{1}{2n}\|y - Xw\|_2^2 + \alpha\rho\|w\|_1 + \frac{\alpha(1-\rho)}{2}\|w\|_2^2$$
$$\nabla J = -\frac1nX^\top(y - Xw) + \alpha\rho\,\mathrm{sign}(w) + \alpha(1-\rho)w$$
""",
    (r"+ \alpha(1-\rho)w$$", r"+ 2\alpha(1-\rho)w$$"),
)

doc(
    "nn_ipynb",
    r"""{"cells":[{"cell_type":"markdown","source":["# Sigmoid\n","$$a = \\sigma(z), \\quad z = wx + b$$\n","$$\\frac{\\partial a}{\\partial w} = a(1-a)x$$"]},{"cell_type":"code","source":["x=1"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}""",
    (r"a(1-a)x", r"a(1+a)x"),
    suffix=".ipynb",
)

doc(
    "rst_inline",
    r"""
The gradient of $f(w) = \log(1 + \exp(-yw^\top x))$ is
.. math:: x
$$\nabla f(w) = -\frac{y\,x}{1 + \exp(yw^\top x)}$$
""",
    (r"= -\frac{y\,x}", r"= \frac{y\,x}"),
)

doc(
    "hinge_plus",
    r"""
$$L = \sum_i(1 - y_is_i)_+$$
$$\frac{\partial L}{\partial s_i} = -y_i\mathbf 1[y_is_i < 1]$$
""",
    (r"< 1]", r"> 1]"),
)

doc(
    "relu_plus",
    r"""
$$y_i = [x_i]_+, \qquad \frac{\partial y_i}{\partial x_i} = \mathbf 1[x_i > 0]$$
""",
    (r"x_i > 0", r"x_i < 0"),
)

doc(
    "hinge2",
    r"""
Let $\ell(s) = (1 - ys)_+$. Then $\ell'(s) = -y$ if $ys < 1$ and 0 otherwise, that is
$$\frac{d\ell}{ds} = -y\,\mathbb{1}[ys < 1]$$
""",
    (r"= -y\,", r"= y\,"),
)

doc(
    "bishop_hidden2",
    r"""
$a_k = \sum_jw_{kj}z_j$ and $z_j = h(b_j)$. With $\delta_k = \frac{\partial E}{\partial a_k}$,
$$\frac{\partial E}{\partial b_j} = h'(b_j)\sum_kw_{kj}\delta_k$$
""",
    (r"h'(b_j)\sum_kw_{kj}", r"h'(b_j)\sum_kw_{jk}"),
)

doc(
    "einstein_matmul",
    r"""
We use the Einstein summation convention. $C_{ik} = A_{ij}B_{jk}$.
$$\frac{\partial L}{\partial A_{ij}} = \frac{\partial L}{\partial C_{ik}}B_{jk}$$
""",
    (r"B_{jk}$$" + "\n", r"B_{kj}$$" + "\n"),
)

doc(
    "softmax_temp_vec",
    r"""
$p = \mathrm{softmax}(z/\tau)$.
$$\frac{\partial p}{\partial z} = \frac1\tau\left(\mathrm{diag}(p) - pp^\top\right)$$
""",
    (r"\frac1\tau\left", r"\left"),
)

doc(
    "ln_matrix",
    r"""
For one vector $x \in \mathbb{R}^n$, $\mu = \frac1n\mathbf 1^\top x$ and $c = x - \mu\mathbf 1$.
$$\frac{\partial L}{\partial x} = \left(I - \frac1n\mathbf 1\mathbf 1^\top\right)\frac{\partial L}{\partial c}$$
""",
    (r"I - \frac1n", r"I + \frac1n"),
)

doc(
    "sm_ce_matrix",
    r"""
$P = \mathrm{softmax}(XW)$ row-wise and $L = -\frac1N\sum_{n,k}T_{nk}\log P_{nk}$ with $\sum_kT_{nk} = 1$.
$$\frac{\partial L}{\partial W} = \frac1NX^\top(P - T)$$
""",
    (r"X^\top(P - T)", r"X^\top(T - P)"),
)

doc(
    "chain_product",
    r"""
$y = f(g(x))$. Then $\frac{dy}{dx} = f'(g(x))g'(x)$.
""",
    (r"f'(g(x))g'(x)", r"f'(x)g'(x)"),
)

doc(
    "quotient",
    r"""
$$q(x) = \frac{u(x)}{v(x)}, \qquad q'(x) = \frac{u'(x)v(x) - u(x)v'(x)}{v(x)^2}$$
""",
    (r"- u(x)v'(x)", r"+ u(x)v'(x)"),
)

doc(
    "log_deriv_trick",
    r"""
$$\frac{\partial}{\partial\theta}\log p(\theta) = \frac{p'(\theta)}{p(\theta)}$$
""",
)

doc(
    "lse_stable",
    r"""
$$f = m + \log\sum_ie^{x_i - m}$$
$$\frac{\partial f}{\partial x_i} = \frac{e^{x_i - m}}{\sum_je^{x_j - m}}, \qquad \frac{\partial f}{\partial m} = 0$$
""",
    (r"\frac{\partial f}{\partial m} = 0", r"\frac{\partial f}{\partial m} = 1"),
)

doc(
    "attention_dK",
    r"""
$S_{ij} = \frac{1}{\sqrt d}\sum_cQ_{ic}K_{jc}$.
$$\frac{\partial L}{\partial K_{jc}} = \frac{1}{\sqrt d}\sum_i\frac{\partial L}{\partial S_{ij}}Q_{ic}$$
""",
    (r"S_{ij}}Q_{ic}", r"S_{ji}}Q_{ic}"),
)

doc(
    "relu_zero_case",
    r"""
$$y_i = \max(0, x_i), \quad \frac{\partial L}{\partial x_i} = \begin{cases}\frac{\partial L}{\partial y_i} & x_i > 0\\ 0 & x_i \le 0\end{cases}$$
""",
    (r"& x_i > 0", r"& x_i < 0"),
)

doc(
    "count_wrong",
    r"""
$$\ell = \sum_i\left[y_i\log p + (1 - y_i)\log(1-p)\right]$$
$$\frac{\partial\ell}{\partial p} = \frac{\sum_iy_i}{p} - \frac{n - \sum_iy_i}{1-p}$$
""",
    (r"\frac{n - \sum_iy_i}{1-p}", r"\frac{1 - \sum_iy_i}{1-p}"),
)

doc(
    "dL_alone",
    r"""
Y = XW + b. dW = X^T dY, db = sum over rows of dY.
$$Y = XW + b$$
$$dX = dY\,W^T, \quad dW = X^TdY, \quad db = \mathbf 1^TdY$$
""",
    (r"dX = dY\,W^T", r"dX = W^T\,dY"),
)

doc(
    "swish_beta",
    r"""
$$s(x) = x\cdot\sigma(\beta x), \qquad \frac{\partial s}{\partial\beta} = x^2\sigma(\beta x)(1 - \sigma(\beta x))$$
""",
    (r"= x^2\sigma", r"= x\sigma"),
)

doc(
    "circulant",
    r"""
$$y_i = \sum_jc_{i-j}x_j, \qquad \frac{\partial L}{\partial x_j} = \sum_ic_{i-j}\frac{\partial L}{\partial y_i}$$
""",
    (r"\sum_ic_{i-j}\frac", r"\sum_ic_{j-i}\frac"),
)

doc(
    "layernorm_gain",
    r"""
$$\frac{\partial L}{\partial\gamma_j} = \sum_i\frac{\partial L}{\partial y_{ij}}\hat x_{ij}, \qquad \frac{\partial L}{\partial\beta_j} = \sum_i\frac{\partial L}{\partial y_{ij}}$$
where $y_{ij} = \gamma_j\hat x_{ij} + \beta_j$.
""",
    (r"y_{ij}}\hat x_{ij}", r"y_{ij}}\gamma_j"),
)

doc(
    "kron_wrong_order",
    r"""
$$Y = AX$$
$$\frac{\partial\,\mathrm{vec}(Y)}{\partial\,\mathrm{vec}(X)^\top} = I\otimes A$$
""",
    (r"I\otimes A", r"A\otimes I"),
    (r"I\otimes A", r"I\otimes A^\top"),
)

doc(
    "numpy_wrong",
    """
H = np.tanh(X @ W1)
Y = H @ W2
dH = dY @ W2.T
dW1 = X.T @ (dH * (1 - H**2))
""",
    ("(dH * (1 - H**2))", "(dH * (1 - H)**2)"),
)

doc(
    "product_uv",
    r"""
$$p(x) = u(x)v(x), \qquad p'(x) = u'(x)v(x) + u(x)v'(x)$$
""",
    (r"+ u(x)v'(x)", r"- u(x)v'(x)"),
)

doc(
    "quotient0",
    r"""
$$q(x) = \frac{u(x)}{v(x)}, \qquad q'(x) = \frac{u'(x)v(x) - u(x)v'(x)}{v(x)^2}$$
""",
    (r"\frac{u'(x)v(x) - u(x)v'(x)}{v(x)^2}", r"0 + 0u'(x)"),
)

doc(
    "entropy_px",
    r"""
$$H = -\sum_xp(x)\log p(x)$$
$$\frac{\partial H}{\partial p(x)} = -\log p(x) - 1$$
""",
    ("- 1$$", "+ 1$$"),
)

doc(
    "kl_pq",
    r"""
$$D = \sum_{x\in\mathcal X}p(x)\log\frac{p(x)}{q(x)}$$
$$\frac{\partial D}{\partial q(x)} = -\frac{p(x)}{q(x)}$$
""",
    (r"= -\frac", r"= \frac"),
)

doc(
    "phi_growth",
    r"""
$$y(t) = \phi(t)^2, \qquad \frac{dy}{dt} = 2\phi(t)\phi'(t)$$
""",
    (r"2\phi(t)\phi'(t)", r"2\phi(t)"),
)

doc(
    "mit_x2",
    r"""
$$Y = X^2, \quad dY = X\,dX + dX\,X$$
""",
    (r"X\,dX + dX\,X", r"X\,dX - dX\,X"),
)

doc(
    "mit_x3",
    r"""
Let $F = X^3$ for a square matrix $X$. Then
$$dF = dX\,X^2 + X\,dX\,X + X^2\,dX$$
""",
    (r"+ X\,dX\,X", r"+ 2X\,dX\,X"),
)

doc(
    "ew_sq",
    r"""
$$Y = X^2 \text{ (elementwise)}$$
$$\frac{\partial L}{\partial X} = 2X\odot\frac{\partial L}{\partial Y}$$
""",
    (r"2X\odot", r"X\odot"),
)
