# ruff: noqa: E501  (the lines of a document are as long as their author made them)
"""More derivations in LaTeX, of the kinds that lecture notes, papers and answers have; see written.py."""

from .written import ALL, doc

FIRST = len(ALL)  # which of all documents is the first of these

doc(
    "preference_loss_of_numbers",
    r"""
DPO. With $\Delta = \beta\,(a - b) - \beta\,(c - d)$ the loss is $\mathcal{L} = -\log \sigma(\Delta)$.
$$\frac{\partial \mathcal{L}}{\partial a} = -\beta\,\sigma(-\Delta)$$
""",
    (r"-\beta\,\sigma(-\Delta)$$", r"-\beta\,\sigma(\Delta)$$"),
)

doc(
    "variance_of_a_code",
    r"""
$$\mathrm{KL} = \frac12 \sum_j \left( \sigma_j^2 + \mu_j^2 - 1 - \ln \sigma_j^2 \right)$$
\begin{align}
\frac{\partial\,\mathrm{KL}}{\partial \mu_j} &= \mu_j \\
\frac{\partial\,\mathrm{KL}}{\partial \sigma_j^2} &= \frac12\left(1 - \frac{1}{\sigma_j^2}\right)
\end{align}
""",
    (r"\frac12\left(1 - \frac{1}{\sigma_j^2}\right)", r"\frac12\left(1 - \frac{1}{\sigma_j}\right)"),
)

doc(
    "logreg_hess_mat",
    r"""
$$p = \sigma(Xw), \quad L = -y^\top \log p - (1-y)^\top \log(1-p)$$
$$\nabla_w L = X^\top(p - y)$$
$$\nabla_w^2 L = X^\top \mathrm{diag}(p \odot (1-p)) X$$
""",
    (r"X^\top(p - y)", r"X(p - y)"),
)

doc(
    "gaussian_kernel",
    r"""
RBF kernel: $k(x,y) = \exp(-\gamma\|x-y\|^2)$
$$\nabla_x k(x,y) = -2\gamma (x-y) k(x,y)$$
""",
    (r"-2\gamma (x-y)", r"2\gamma (x-y)"),
)

doc(
    "silu_defined",
    r"""
$$\text{SiLU}(x) = x\sigma(x)$$
$$\frac{d}{dx}\text{SiLU}(x) = \sigma(x)\left(1 + x(1-\sigma(x))\right)$$
""",
    (r"x(1-\sigma(x))", r"(1-\sigma(x))"),
)

doc(
    "two_sections_y",
    r"""
# Classification
$L = -\log p_y$ with $p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$.
$$\frac{\partial L}{\partial z_k} = p_k - \mathbb{1}[k=y]$$
# Regression
$L = \frac12\sum_i (\hat{y}_i - y_i)^2$
$$\frac{\partial L}{\partial \hat y_i} = \hat y_i - y_i$$
""",
    (r"p_k - \mathbb{1}[k=y]", r"p_k"),
)

doc(
    "ce_batch",
    r"""
$$P = \mathrm{softmax}(Z), \qquad L = -\frac{1}{N}\sum_{i=1}^N\sum_{k=1}^K Y_{ik}\log P_{ik}$$ with one-hot $Y$.
$$\frac{\partial L}{\partial Z} = \frac1N(P - Y)$$
""",
    (r"\frac1N(P - Y)", r"\frac1N(Y - P)"),
)

doc(
    "rbf3",
    r"""
$$k(x,y) = \theta_0 \exp\left(-\frac{\|x-y\|^2}{2\ell^2}\right)$$
$$\frac{\partial k}{\partial \ell} = k(x,y)\frac{\|x-y\|^2}{\ell^3}$$
""",
    (r"\ell^3", r"\ell^2"),
)

doc(
    "rbf4",
    r"""
$$f = \beta\, x^\top y + \beta\|x\|^2$$
$$\nabla_x f = \beta y + 2\beta x$$
""",
    (r"2\beta x", r"\beta x"),
)

doc(
    "simsiam",
    r"""
$$D = -\frac{p}{\|p\|}\cdot\frac{z}{\|z\|}$$
$$\frac{\partial D}{\partial p} = -\frac{1}{\|p\|}\left(\frac{z}{\|z\|} + D\frac{p}{\|p\|}\right)$$
""",
    (r"+ D\frac", r"- D\frac"),
)

doc(
    "relu_defined",
    r"""
$$\text{ReLU}(x) = \max(0, x)$$
$$y_i = \text{ReLU}(x_i)$$
$$\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial y_i}\mathbb{1}[x_i > 0]$$
""",
    (r"[x_i > 0]", r"[x_i < 0]"),
)

doc(
    "tanh_defined",
    r"""
$$\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}$$
$$\frac{d}{dx}\tanh(x) = 1 - \tanh^2(x)$$
""",
    (r"1 - \tanh^2", r"1 + \tanh^2"),
)

doc(
    "softmax_defined",
    r"""
$$\mathrm{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
$$p = \mathrm{softmax}(z), \quad L = -\sum_i y_i\log p_i, \quad \sum_i y_i = 1$$
$$\frac{\partial L}{\partial z_i} = p_i - y_i$$
""",
    (r"= p_i - y_i", r"= y_i - p_i"),
)

doc(
    "gelu_by_tanh",
    r"""
$$\mathrm{GELU}(x) = 0.5x\left(1+\tanh\left(\sqrt{2/\pi}(x + 0.044715x^3)\right)\right)$$
$$u = \sqrt{2/\pi}(x + 0.044715x^3)$$
$$\mathrm{GELU}'(x) = 0.5(1+\tanh u) + 0.5x(1-\tanh^2u)\sqrt{2/\pi}(1 + 3\cdot 0.044715x^2)$$
""",
    (r"(1 + 3\cdot", r"(1 + 2\cdot"),
)

doc(
    "softplus_defined",
    r"""
$$\mathrm{softplus}(x) = \log(1+e^x)$$
$$\frac{d\,\mathrm{softplus}(x)}{dx} = \sigma(x)$$
""",
    (r"= \sigma(x)$$", r"= 1-\sigma(x)$$"),
)

doc(
    "primes_of_a_variable",
    r"""
Let $u = x^2+1$ and $y = \ln u$. Then $y' = \frac{2x}{x^2+1}$ and $y'' = \frac{2(1-x^2)}{(1+x^2)^2}$.
""",
    (r"y' = \frac{2x}", r"y' = \frac{x}"),
)

doc(
    "prime_that_is_no_derivative",
    r"""
$$s = w^2, \quad s' = s + v$$
$$L = s'^2$$
$$\frac{\partial L}{\partial v} = 2s'$$
""",
    (r"= 2s'", r"= 2s"),
)

doc(
    "focal_loss_beside_its_probability",
    r"""
$$p_t = \sigma(x), \qquad FL = -\alpha(1-p_t)^\gamma\log p_t$$
$$\frac{\partial FL}{\partial x} = \alpha(1-p_t)^\gamma(\gamma p_t\log p_t + p_t - 1)$$
""",
    (r"+ p_t - 1)", r"+ p_t + 1)"),
)

doc(
    "state_space_model",
    r"""
$$h_t = A h_{t-1} + B x_t, \qquad y_t = C h_t$$
$$\frac{\partial L}{\partial C} = \sum_t \frac{\partial L}{\partial y_t} h_t^\top$$
$$\frac{\partial L}{\partial h_t} = C^\top\frac{\partial L}{\partial y_t} + A^\top\frac{\partial L}{\partial h_{t+1}}$$
$$\frac{\partial L}{\partial B} = \sum_t \frac{\partial L}{\partial h_t} x_t^\top$$
""",
    (r"+ A^\top", r"+ A"),
)

doc(
    "scalar_rnn",
    r"""
$$h_t = w h_{t-1} + x_t, \quad L = \frac12\sum_t (h_t-y_t)^2$$
$$\frac{\partial L}{\partial h_t} = h_t - y_t + w\frac{\partial L}{\partial h_{t+1}}$$
$$\frac{\partial L}{\partial w} = \sum_t \frac{\partial L}{\partial h_t} h_{t-1}$$
""",
    (r"+ w\frac", r"+ \frac"),
)

doc(
    "cell_jac",
    r"""
$$c_t = f_t \odot c_{t-1} + i_t \odot g_t$$
$$\frac{\partial c_t}{\partial c_{t-1}} = \mathrm{diag}(f_t)$$
""",
    (r"\mathrm{diag}(f_t)", r"\mathrm{diag}(i_t)"),
)

doc(
    "rnn_jac",
    r"""
$$h_t = \tanh(W h_{t-1} + U x_t)$$
$$\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) W$$
""",
    (r"\mathrm{diag}(1 - h_t^2) W", r"W \mathrm{diag}(1 - h_t^2)"),
)

doc(
    "bptt_scalar",
    r"""
$$h_t = \tanh(w h_{t-1} + u x_t)$$
$$\frac{\partial h_t}{\partial h_{t-1}} = w(1 - h_t^2)$$
""",
    (r"w(1 - h_t^2)", r"w(1 - h_t)"),
)

doc(
    "rnn_jac_idx",
    r"""
$$h_{ti} = \tanh\left(\sum_j W_{ij} h_{t-1,j} + x_{ti}\right)$$
$$\frac{\partial h_{ti}}{\partial h_{t-1,j}} = (1-h_{ti}^2)W_{ij}$$
""",
    (r"W_{ij}$$", r"W_{ji}$$"),
)

doc(
    "bptt_in_align",
    r"""
$$h_t = \tanh(w h_{t-1} + u x_t), \quad L = \sum_t (h_t - y_t)^2$$
\begin{align}
\frac{\partial h_t}{\partial h_{t-1}} &= w(1-h_t^2) \\
\frac{\partial L}{\partial h_t} &= 2(h_t - y_t) + w(1-h_{t+1}^2)\frac{\partial L}{\partial h_{t+1}} \\
\frac{\partial L}{\partial w} &= \sum_t \frac{\partial L}{\partial h_t}(1-h_t^2)h_{t-1}
\end{align}
""",
    (r"= w(1-h_t^2)", r"= w(1-h_t)"),
)

doc(
    "bptt_mat_align",
    r"""
$$z_t = W h_{t-1} + U x_t + b, \quad h_t = \tanh(z_t)$$
\begin{align}
\frac{\partial h_t}{\partial z_t} &= \mathrm{diag}(1-h_t^2) \\
\frac{\partial h_{t}}{\partial h_{t-1}} &= \mathrm{diag}(1-h_t^2)W
\end{align}
""",
    (r"\mathrm{diag}(1-h_t^2)W", r"\mathrm{diag}(1-h_t^2)W^\top"),
)

doc(
    "next_jac",
    r"""
$$h_{t+1} = A h_t + B x_t$$
$$\frac{\partial h_{t+1}}{\partial h_t} = A$$
""",
    ("= A$$\n", "= A^\\top$$\n"),
)

doc(
    "ce_batch_w",
    r"""
$$Z = XW, \quad P = \mathrm{softmax}(Z)$$
$$L = -\frac{1}{N}\sum_{i}\log P_{i,y_i}$$
$$\frac{\partial L}{\partial Z_{ik}} = \frac{1}{N}(P_{ik} - \mathbb{1}[k = y_i])$$
""",
    (r"- \mathbb{1}[k = y_i]", r"+ \mathbb{1}[k = y_i]"),
)

doc(
    "ce_batch_lin",
    r"""
Scores $Z = XW$. The loss is $L = -\frac{1}{N}\sum_{i=1}^N \log \frac{e^{Z_{i y_i}}}{\sum_j e^{Z_{ij}}}$.
$$\frac{\partial L}{\partial Z_{ij}} = \frac{1}{N}\left(\frac{e^{Z_{ij}}}{\sum_k e^{Z_{ik}}} - \mathbb{1}[j=y_i]\right)$$
$$\frac{\partial L}{\partial W} = X^\top\frac{\partial L}{\partial Z}$$
""",
    (r"X^\top\frac", r"X\frac"),
)

doc(
    "inner_product_by_a_dot",
    r"""
$$L = -\log\sigma(\mathbf{u}\cdot\mathbf{v})$$
$$\nabla_{\mathbf{u}} L = (\sigma(\mathbf{u}\cdot\mathbf{v}) - 1)\mathbf{v}$$
""",
    (r"- 1)\mathbf{v}", r"- 1)\mathbf{u}"),
)

doc(
    "inner_product_in_angles",
    r"""
$$f(w) = \frac12\langle w, A w\rangle - \langle b, w\rangle$$, $A$ symmetric
$$\nabla f(w) = Aw - b$$
""",
    (r"Aw - b", r"Aw + b"),
)

doc(
    "inner_product_of_matrices",
    r"""
$$f(X) = \langle A, X\rangle_F$$
$$\nabla f(X) = A$$
""",
)

doc(
    "set_to_zero_in_a_sentence",
    r"""
$L = \|Xw-y\|^2$. The gradient is $\nabla_w L = 2X^\top(Xw - y)$. Setting $\nabla_w L = 0$ we get $w = (X^\top X)^{-1}X^\top y$.
""",
    (r"2X^\top(Xw - y)", r"X^\top(Xw - y)"),
)

doc(
    "zero_at_the_optimum",
    r"""
$$L = \|Xw-y\|^2$$
$$\nabla_w L = 2X^\top(Xw - y)$$
At the optimum:
$$\nabla_w L = 0$$
""",
    (r"2X^\top(Xw - y)", r"X^\top(Xw - y)"),
)

doc(
    "nabla_before_an_expression",
    r"""
$$\nabla_w \frac{1}{m}\|X w - y\|_2^2 = \frac{2}{m}X^\top(Xw-y)$$
$$\nabla_x\, x^\top A x = (A + A^\top) x$$
$$\nabla_w (Xw-y)^\top(Xw-y) = 2X^\top(Xw-y)$$
""",
    (r"\frac{2}{m}", r"\frac{1}{m}"),
)

doc(
    "hess1",
    r"""
$$f(x) = \frac{1}{2} x^\top A x + b^\top x$$ where $A$ is symmetric.
$$\nabla f(x) = Ax + b, \qquad \nabla^2 f(x) = A$$
""",
    (r"\nabla^2 f(x) = A", r"\nabla^2 f(x) = 2A"),
)

doc(
    "hess2",
    r"""
$$L(w) = \|Xw - y\|^2 + \lambda\|w\|^2$$
The Hessian is
$$\nabla_w^2 L = 2X^\top X + 2\lambda I$$
""",
    (r"+ 2\lambda I", r"+ \lambda I"),
)

doc(
    "hess3",
    r"""
$$f(x) = \log(1+e^x)$$ Then $f'(x) = \sigma(x)$ and $f''(x) = \sigma(x)(1-\sigma(x))$.
""",
    (r"\sigma(x)(1-\sigma(x))", r"\sigma(x)(1+\sigma(x))"),
)

doc(
    "hess4",
    r"""
$$L = \log\sum_i e^{z_i}, \quad p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
$$\frac{\partial^2 L}{\partial z_i\partial z_j} = p_i\delta_{ij} - p_ip_j$$
""",
    (r"- p_ip_j", r"+ p_ip_j"),
)

doc(
    "mixed_hessian",
    r"""
$$f(x, y) = x^\top A y$$
$$\nabla_x \nabla_y f = A$$
""",
)

doc(
    "hess9",
    r"""
$$f(x) = \sin(x)e^{x}$$
\begin{align} f'(x) &= e^x(\sin x + \cos x)\\ f''(x) &= 2e^x\cos x\end{align}
""",
    (r"2e^x\cos x", r"2e^x\sin x"),
)

doc(
    "vectors_by_places",
    r"""
$$h_t = E_{x_t}, \quad L = \sum_t \|h_t - y_t\|^2$$
$$\frac{\partial L}{\partial E_v} = 2\sum_{t} \mathbb{1}[x_t = v](h_t - y_t)$$
""",
    (r"2\sum_{t} \mathbb{1}[x_t = v]", r"2\sum_{t} "),
)

doc(
    "center_loss",
    r"""
$$L_c = \frac12\sum_{i=1}^m\|x_i - c_{y_i}\|_2^2$$
$$\frac{\partial L_c}{\partial x_i} = x_i - c_{y_i}$$
""",
    ("x_i - c_{y_i}$$\n", "x_i + c_{y_i}$$\n"),
)

doc(
    "attention_of_one_query",
    r"""
$$e_i = q^\top k_i, \quad a_i = \frac{e^{e_i}}{\sum_j e^{e_j}}, \quad c = \sum_i a_i v_i$$
$$\frac{\partial L}{\partial v_i} = a_i\frac{\partial L}{\partial c}$$
$$\frac{\partial L}{\partial a_i} = v_i^\top\frac{\partial L}{\partial c}$$
""",
    (r"a_i\frac{\partial L}{\partial c}", r"\frac{\partial L}{\partial c}"),
)

doc(
    "attention_with_a_named_gradient",
    r"""
\begin{align}
\alpha_i &= \frac{\exp(s_i)}{\sum_j \exp(s_j)}, & o &= \sum_i \alpha_i v_i \\
\frac{\partial L}{\partial s_i} &= \alpha_i\left(v_i^\top g - \sum_j\alpha_j v_j^\top g\right), & g &= \frac{\partial L}{\partial o}
\end{align}
""",
    (r"- \sum_j\alpha_j v_j^\top g", r"+ \sum_j\alpha_j v_j^\top g"),
)

doc(
    "inverse_sine",
    r"""
$$y = \sin^{-1}(x)$$
$$\frac{dy}{dx} = \frac{1}{\sqrt{1-x^2}}$$
""",
    (r"\frac{1}{\sqrt{1-x^2}}", r"-\frac{\cos x}{\sin^2 x}"),
)

doc(
    "inverse_of_tanh",
    r"""
$$y = \tanh^{-1}(x)$$
$$\frac{dy}{dx} = \frac{1}{1-x^2}$$
""",
    (r"\frac{1}{1-x^2}", r"\frac{1}{1+x^2}"),
)

doc(
    "error_called_e",
    r"""
Let $e = y - wx$ and $L = \frac12 e^2$.
$$\frac{\partial L}{\partial w} = -ex$$
""",
    (r"= -ex", r"= ex"),
)

doc(
    "error_called_delta",
    r"""
$$z_{nj} = \sum_i w_{ji}x_{ni}, \quad a_{nj} = \tanh(z_{nj})$$
$$\delta_{nj} = \frac{\partial L}{\partial a_{nj}}(1-a_{nj}^2)$$
$$\frac{\partial L}{\partial w_{ji}} = \sum_n\delta_{nj}x_{ni}$$
""",
    (r"\sum_n\delta_{nj}x_{ni}", r"\sum_n\delta_{nj}x_{nj}"),
)

doc(
    "delta_that_is_a_gradient",
    r"""
$$z_{nj} = \sum_i w_{ji}x_{ni}$$
$$\delta_{nj} = \frac{\partial L}{\partial z_{nj}}$$
$$\frac{\partial L}{\partial w_{ji}} = \sum_n\delta_{nj}x_{ni}$$
""",
    (r"\sum_n\delta_{nj}x_{ni}", r"-\sum_n\delta_{nj}x_{ni}"),
)

doc(
    "element_at_a_number",
    r"""
$$L = \sum_i x_i^2 + x_1$$
$$\frac{\partial L}{\partial x_i} = 2x_i + \delta_{i1}$$
""",
    (r"2x_i + \delta_{i1}", r"2x_i"),
)

doc(
    "one_over_2m_in_a_line",
    r"""
$$L = 1/2m\sum_{i=1}^m(w x_i - y_i)^2$$
$$\frac{\partial L}{\partial w} = \frac{1}{m}\sum_{i=1}^m(wx_i-y_i)x_i$$
""",
    (r"\frac{1}{m}\sum", r"m\sum"),
)

doc(
    "number_with_an_exponent",
    r"""
$$y = \frac{x}{\sqrt{x^2 + 1e-5}}$$
$$\frac{dy}{dx} = \frac{1e-5}{(x^2+1e-5)^{3/2}}$$
""",
    (r"\frac{1e-5}{(", r"\frac{1}{("),
)

doc(
    "norm_with_its_power_first",
    r"""
$$L = \|w\|^2_2$$
$$\nabla_w L = 2w$$
""",
    (r"= 2w", r"= w"),
)

doc(
    "argument_of_a_minimum",
    r"""
$$w^* = \arg\min_w L(w), \quad L(w) = \|Xw-y\|^2$$
$$\nabla_w L = 2X^\top(Xw-y)$$
""",
    (r"= 2X^\top", r"= X^\top"),
)

doc(
    "declared_number",
    r"""
Let $X \in \mathbb{R}^{n \times d}$, $w \in \mathbb{R}^d$, $b \in \mathbb{R}$ and $y \in \mathbb{R}^n$. $\hat y = Xw + b$, $L = \frac{1}{n}\|\hat y - y\|^2$.
$$\frac{\partial L}{\partial b} = \frac{2}{n}\mathbf{1}^\top(\hat y - y)$$
$$\frac{\partial L}{\partial w} = \frac2n X^\top(\hat y - y)$$
""",
    (r"\mathbf{1}^\top(\hat y - y)", r"(\hat y - y)"),
)

doc(
    "declared_in_the_formula",
    r"""
$$Y = XW^\top + \mathbf{1}b^\top, \quad X \in \mathbb{R}^{N\times D}, W \in \mathbb{R}^{M\times D}, b \in \mathbb{R}^M$$
$$\frac{\partial L}{\partial b} = \frac{\partial L}{\partial Y}^\top\mathbf{1}$$
$$\frac{\partial L}{\partial W} = \frac{\partial L}{\partial Y}^\top X$$
""",
    (r"\frac{\partial L}{\partial Y}^\top X", r"X^\top\frac{\partial L}{\partial Y}"),
)

doc(
    "declared_at_places",
    r"""
Samples $x_i \in \mathbb{R}^d$, targets $y_i \in \mathbb{R}$, weights $w \in \mathbb{R}^d$. $L = \frac12\sum_i(w^\top x_i - y_i)^2$.
$$\nabla_w L = \sum_i(w^\top x_i - y_i)x_i$$
""",
    (r"y_i)x_i", r"y_i)w"),
)

doc(
    "declared_scale",
    r"""
With $a \in \mathbb{R}$ and $x, y \in \mathbb{R}^n$: $z = ax + y$, $L = \|z\|^2$.
$$\frac{\partial L}{\partial a} = 2x^\top z$$
$$\frac{\partial L}{\partial x} = 2az$$
""",
    (r"= 2x^\top z", r"= 2z^\top y"),
)

doc(
    "intercept_beside_weights",
    r"""
$$h = \theta_0 + \sum_j\theta_jx_j, \quad J = \frac12(h-y)^2$$
$$\frac{\partial J}{\partial\theta_0} = h-y, \quad \frac{\partial J}{\partial\theta_j} = (h-y)x_j$$
""",
    (r"(h-y)x_j", r"(y-h)x_j"),
)

doc(
    "digamma_by_its_letter",
    r"""
$$\ell = \log\Gamma\left(\sum_k\alpha_k\right) - \sum_k\log\Gamma(\alpha_k) + \sum_k(\alpha_k-1)\log p_k$$
$$\frac{\partial\ell}{\partial\alpha_k} = \psi\left(\sum_j\alpha_j\right) - \psi(\alpha_k) + \log p_k$$
""",
    (r"- \psi(\alpha_k)", r"+ \psi(\alpha_k)"),
)

doc(
    "lowrank",
    r"""
$$h = W x + B A x$$
$$\frac{\partial L}{\partial B} = \frac{\partial L}{\partial h}(Ax)^\top, \quad \frac{\partial L}{\partial A} = B^\top\frac{\partial L}{\partial h}x^\top$$
""",
    (r"B^\top\frac{\partial L}{\partial h}x^\top", r"B\frac{\partial L}{\partial h}x^\top"),
)

doc(
    "hinge_multi",
    r"""
# Multiclass SVM
$$L = \frac{1}{N}\sum_i \sum_{j\neq y_i}\max(0, s_{ij} - s_{i y_i} + 1)$$
For $j \neq y_i$:
$$\frac{\partial L}{\partial s_{ij}} = \frac{1}{N}\mathbb{1}[s_{ij} - s_{iy_i} + 1 > 0]$$
""",
    (r"= \frac{1}{N}\mathbb{1}", r"= \mathbb{1}"),
)

doc(
    "huber3",
    r"""
$$\ell(r) = \begin{cases} r^2/2, & |r| \le 1, \\ |r| - 1/2, & |r| > 1. \end{cases}$$
$$\ell'(r) = \begin{cases} r, & |r| \le 1, \\ \operatorname{sgn}(r), & |r| > 1. \end{cases}$$
""",
    (r"\operatorname{sgn}(r)", r"-\operatorname{sgn}(r)"),
)

doc(
    "actor_critic",
    r"""
$$L = -\log\pi_a A - \beta H$$
$$\pi_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \quad H = -\sum_k \pi_k\log\pi_k$$
$$\frac{\partial L}{\partial z_k} = A(\pi_k - \mathbb{1}[k=a]) + \beta\pi_k(\log\pi_k + H)$$
""",
    (r"+ \beta\pi_k", r"- \beta\pi_k"),
)

doc(
    "losses_of_capital_letters",
    r"""
$$L_D = -\log D - \log(1-G)$$
$$\frac{\partial L_D}{\partial D} = -\frac{1}{D}, \quad \frac{\partial L_D}{\partial G} = \frac{1}{1-G}$$
""",
    (r"= \frac{1}{1-G}", r"= -\frac{1}{1-G}"),
)

doc(
    "conv_goodfellow",
    r"""
$$Z_{i,j,k} = \sum_{l,m,n} V_{l,j+m,k+n}K_{i,l,m,n}$$
$$\frac{\partial J}{\partial K_{i,l,m,n}} = \sum_{j,k} G_{i,j,k}V_{l,j+m,k+n}$$ where $G_{i,j,k} = \frac{\partial J}{\partial Z_{i,j,k}}$.
""",
    (r"V_{l,j+m,k+n}$$ where", r"V_{l,j-m,k-n}$$ where"),
)

doc(
    "avgpool",
    r"""
$$y_i = \frac{1}{2}\sum_{a=0}^{1} x_{2i+a}$$
$$\frac{\partial y_i}{\partial x_k} = \frac12\sum_{a=0}^{1}\delta_{k,2i+a}$$
""",
)
