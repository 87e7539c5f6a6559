# ruff: noqa: E501  (the lines of a document are as long as their author made them)
"""Homework, exam answers, answers on the web and lists of steps: right, and wrong once changed; see written.py."""

from .written import Written

HOMEWORK: list[Written] = []


def doc(name: str, text: str, *wrong: tuple[str, str], suffix: str = ".md") -> None:
    """Add one."""
    assert all(old in text for old, _ in wrong), name
    HOMEWORK.append(Written(name, text, wrong, suffix))


doc(
    "bmat_vec",
    r"""
**Problem 3.** Let $f(x, y) = x^2 y + \sin(y)$.
$$\nabla f = \begin{bmatrix} \frac{\partial f}{\partial x} \\ \frac{\partial f}{\partial y} \end{bmatrix} = \begin{bmatrix} 2xy \\ x^2 + \cos y \end{bmatrix}$$
""",
    (r"x^2 + \cos y", r"x^2 - \cos y"),
)

doc(
    "bmat_hess",
    r"""
Given $f(x,y) = x^3 + 3xy^2$.
$$\nabla f = \begin{pmatrix} 3x^2 + 3y^2 \\ 6xy \end{pmatrix}, \qquad H = \begin{pmatrix} 6x & 6y \\ 6y & 6x \end{pmatrix}$$
""",
    (r"\\ 6xy", r"\\ 3xy"),
)

doc(
    "bmat_jac",
    r"""
Let $u = x y$ and $v = x + y^2$. The Jacobian is
$$J = \begin{bmatrix} \frac{\partial u}{\partial x} & \frac{\partial u}{\partial y} \\ \frac{\partial v}{\partial x} & \frac{\partial v}{\partial y} \end{bmatrix} = \begin{bmatrix} y & x \\ 1 & 2y \end{bmatrix}$$
""",
    ("1 & 2y", "1 & y"),
)

doc(
    "bmat_def_W",
    r"""
Consider the network with $z = \begin{bmatrix} w_1 x_1 + w_2 x_2 \\ w_3 x_1 + w_4 x_2 \end{bmatrix}$ and the loss $L = \frac12 (z_1^2 + z_2^2)$.
$$\frac{\partial L}{\partial w_1} = z_1 x_1$$
""",
    ("= z_1 x_1", "= z_2 x_1"),
)

doc(
    "trace_chain2",
    r"""
Let $f(X) = \operatorname{Tr}(X^T A X)$. We have
$$\frac{\partial f}{\partial X} = \frac{\partial}{\partial X}\operatorname{Tr}(X^T A X) = (A + A^T) X$$
""",
    ("(A + A^T) X$$", "(A - A^T) X$$"),
)

doc(
    "ols_trace_chain",
    r"""
Let $L = \|Y - XB\|_F^2$.
\begin{align}
\frac{\partial L}{\partial B} &= \frac{\partial}{\partial B} \operatorname{Tr}\left[(Y - XB)^T(Y-XB)\right] \\
&= \frac{\partial}{\partial B}\operatorname{Tr}(Y^TY) - 2\frac{\partial}{\partial B}\operatorname{Tr}(Y^T X B) + \frac{\partial}{\partial B}\operatorname{Tr}(B^T X^T X B)\\
&= -2X^T Y + 2X^T X B
\end{align}
""",
    ("+ 2X^T X B", "+ X^T X B"),
    ("-2X^T Y", "-2Y^T X"),
)

doc(
    "differential_rows",
    r"""
Let $L = \frac12\|XW - Y\|_F^2$ and $E = XW - Y$.
\begin{align}
dL &= \operatorname{tr}(E^T dE) \\
&= \operatorname{tr}(E^T X\, dW)\\
&= \operatorname{tr}((X^T E)^T dW)
\end{align}
Therefore $\frac{\partial L}{\partial W} = X^T E$.
""",
    ("= X^T E$.", "= E X^T$."),
    (r"\operatorname{tr}(E^T X\, dW)", r"\operatorname{tr}(X^T E\, dW)"),
)

doc(
    "steps_bold",
    r"""
### Gradient of binary cross-entropy w.r.t. the logit

**Step 1: Define the forward pass**

- $z = w x + b$
- $\hat{y} = \sigma(z) = \frac{1}{1 + e^{-z}}$
- $L = -\left[y \log \hat{y} + (1-y)\log(1-\hat{y})\right]$

**Step 2: Derivative of the loss w.r.t. the prediction**

$$\frac{\partial L}{\partial \hat{y}} = -\frac{y}{\hat{y}} + \frac{1-y}{1-\hat{y}} = \frac{\hat{y} - y}{\hat{y}(1-\hat{y})}$$

**Step 3: Derivative of the sigmoid**

$$\frac{\partial \hat{y}}{\partial z} = \hat{y}(1-\hat{y})$$

**Step 4: Combine (chain rule)**

$$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial z} = \hat{y} - y$$

**Step 5:** Therefore,

$$\boxed{\frac{\partial L}{\partial w} = (\hat{y} - y)x, \quad \frac{\partial L}{\partial b} = \hat{y} - y}$$
""",
    (r"(\hat{y} - y)x", r"(y - \hat{y})x"),
    (r"{\partial z} = \hat{y}(1-\hat{y})", r"{\partial z} = \hat{y}(1+\hat{y})"),
)

doc(
    "steps_inline",
    r"""
1. First, $L = \frac{1}{2}(a - t)^2$ where $a = \tanh(z)$ and $z = \sum_j w_j x_j$.
2. By the chain rule, $\frac{\partial L}{\partial w_j} = \frac{\partial L}{\partial a}\frac{\partial a}{\partial z}\frac{\partial z}{\partial w_j}$.
3. Now $\frac{\partial L}{\partial a} = a - t$, $\frac{\partial a}{\partial z} = 1 - a^2$ and $\frac{\partial z}{\partial w_j} = x_j$.
4. Putting it together: $\boxed{\frac{\partial L}{\partial w_j} = (a-t)(1-a^2)x_j}$.
""",
    ("= 1 - a^2$", "= 1 - a$"),
    ("(a-t)(1-a^2)x_j}", "(a-t)(1-a)^2x_j}"),
)

doc(
    "se_answer",
    r"""
You have the composition $L = g(f(x))$... but let me do it concretely. With $y = Ax$ and $L = \|y\|^2$,

> $$\frac{\partial L}{\partial x_k} = \sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial x_k} = \sum_i 2 y_i A_{ik}$$

which in matrix notation reads $\nabla_x L = 2A^\top y = 2 A^\top A x$. Hope this helps!
""",
    ("2 y_i A_{ik}", "2 y_i A_{ki}"),
    (r"2A^\top y =", "2A y ="),
)

doc(
    "huber_hw",
    r"""
**(b)** The Huber loss is
$$L(r) = \begin{cases} \frac12 r^2 & |r| \le \delta \\ \delta(|r| - \frac12\delta) & \text{otherwise} \end{cases}$$
so its derivative is
$$\frac{dL}{dr} = \begin{cases} r & |r| \le \delta \\ \delta\,\mathrm{sign}(r) & \text{otherwise} \end{cases}$$
""",
    (r"\delta\,\mathrm{sign}(r) & \text", r"\mathrm{sign}(r) & \text"),
)

doc(
    "dice",
    r"""
Soft Dice loss for segmentation: $D = 1 - \frac{2\sum_i p_i g_i}{\sum_i p_i^2 + \sum_i g_i^2}$.
Its gradient w.r.t. the $j$-th voxel of the prediction:
$$\frac{\partial D}{\partial p_j} = -2\left[\frac{g_j\left(\sum_i p_i^2 + \sum_i g_i^2\right) - 2p_j\left(\sum_i p_i g_i\right)}{\left(\sum_i p_i^2 + \sum_i g_i^2\right)^2}\right]$$
""",
    ("- 2p_j", "- p_j"),
)

doc(
    "tversky",
    r"""
Tversky loss: $$T = \frac{\sum_i p_i g_i}{\sum_i p_i g_i + \alpha \sum_i p_i (1 - g_i) + \beta \sum_i (1-p_i) g_i}$$
Let $N = \sum_i p_i g_i$ and $D = N + \alpha\sum_i p_i(1-g_i) + \beta\sum_i(1-p_i)g_i$. Then
$$\frac{\partial T}{\partial p_j} = \frac{g_j D - N(g_j + \alpha(1-g_j) - \beta g_j)}{D^2}$$
""",
    (r"- \beta g_j)}", r"+ \beta g_j)}"),
)

doc(
    "glove",
    r"""
GloVe minimises $J = \sum_{i,j} f_{ij}\,(w_i^\top \tilde{w}_j + b_i + \tilde{b}_j - \log X_{ij})^2$. The gradients are
$$\frac{\partial J}{\partial w_i} = \sum_j 2 f_{ij}(w_i^\top \tilde{w}_j + b_i + \tilde{b}_j - \log X_{ij})\tilde{w}_j$$
$$\frac{\partial J}{\partial b_i} = \sum_j 2 f_{ij}(w_i^\top \tilde{w}_j + b_i + \tilde{b}_j - \log X_{ij})$$
""",
    (r")\tilde{w}_j$$", ")w_i$$"),
)

doc(
    "crf",
    r"""
For a linear score $s_y = \sum_k \theta_k \phi_{yk}$ and $\log p = s_t - \log\sum_y e^{s_y}$ we get
$$\frac{\partial \log p}{\partial \theta_k} = \phi_{tk} - \sum_y \frac{e^{s_y}}{\sum_{y'} e^{s_{y'}}}\phi_{yk}$$
""",
    (r"= \phi_{tk} - \sum", r"= \phi_{tk} + \sum"),
)

doc(
    "dpo_app",
    r"""
## A.4 Gradient of the DPO objective
$$\mathcal{L}_{DPO} = -\log\sigma\left(\beta \log\frac{\pi_w}{\pi^{ref}_w} - \beta\log\frac{\pi_l}{\pi^{ref}_l}\right)$$
Let $u = \beta \log\frac{\pi_w}{\pi^{ref}_w} - \beta\log\frac{\pi_l}{\pi^{ref}_l}$. Then
$$\frac{\partial \mathcal{L}_{DPO}}{\partial \pi_w} = -\sigma(-u)\frac{\beta}{\pi_w}, \qquad \frac{\partial \mathcal{L}_{DPO}}{\partial \pi_l} = \sigma(-u)\frac{\beta}{\pi_l}$$
""",
    (r"\pi_l} = \sigma(-u)", r"\pi_l} = \sigma(u)"),
)

doc(
    "kalman",
    r"""
$J(x) = \frac12 (x - \hat{x})^\top P^{-1}(x-\hat{x}) + \frac12 (z - Hx)^\top R^{-1}(z - Hx)$ with $P$ and $R$ symmetric.
$$\nabla_x J = P^{-1}(x - \hat{x}) - H^\top R^{-1}(z - Hx)$$
""",
    (r"- H^\top R^{-1}", "- H R^{-1}"),
)

doc(
    "ordinal",
    r"""
Ordinal regression with cut points $\theta_1 < \theta_2$:
$p_2 = \sigma(\theta_2 - \eta) - \sigma(\theta_1 - \eta)$. With $s_j = \sigma(\theta_j - \eta)$,
$$\frac{\partial \log p_2}{\partial \eta} = -\frac{s_2(1-s_2) - s_1(1-s_1)}{s_2 - s_1}$$
""",
    (r"= -\frac{s_2", r"= \frac{s_2"),
)

doc(
    "gmm",
    r"""
The log-likelihood of a mixture is $\ell = \sum_n \log \sum_k \pi_k \exp\left(-\frac12 (x_n - \mu_k)^2\right)$.
Define responsibilities $\gamma_{nk} = \frac{\pi_k \exp(-\frac12(x_n - \mu_k)^2)}{\sum_j \pi_j\exp(-\frac12(x_n-\mu_j)^2)}$. Then
$$\frac{\partial \ell}{\partial \mu_k} = \sum_n \gamma_{nk}(x_n - \mu_k)$$
""",
    (r"\sum_n \gamma_{nk}(x_n - \mu_k)", r"\sum_n \gamma_{nk}(\mu_k - x_n)"),
)

doc(
    "quat",
    r"""
The rotation of a vector by a unit quaternion $q = (w, x, y, z)$ has the entry
$$R_{11} = 1 - 2(y^2 + z^2)$$
$$\frac{\partial R_{11}}{\partial y} = -4y$$
""",
    ("= -4y", "= -2y"),
)

doc(
    "pool",
    r"""
Average pooling with window $k$: $y_i = \frac1k\sum_{a=0}^{k-1} x_{ki+a}$
$$\frac{\partial L}{\partial x_{ki+a}} = \frac1k \frac{\partial L}{\partial y_i}$$
""",
    (r"= \frac1k \frac", r"= \frac"),
)

doc(
    "stride3",
    r"""
A strided convolution $y_i = \sum_{a=0}^{2} w_a x_{3i+a}$.
$$\frac{\partial L}{\partial w_a} = \sum_i \frac{\partial L}{\partial y_i} x_{3i+a}, \qquad \frac{\partial L}{\partial x_{3i+a}} = \frac{\partial L}{\partial y_i} w_a$$
""",
    ("y_i} w_a$$", "y_i} w_{2-a}$$"),
    ("y_i} x_{3i+a}", "y_i} x_{i+a}"),
)

doc(
    "moment",
    r"""
Deconvolution (transposed conv): $y_{j} = \sum_i x_i w_{j-i}$
\[ \frac{\partial L}{\partial x_i} = \sum_j \frac{\partial L}{\partial y_j} w_{j-i} \quad\text{and}\quad \frac{\partial L}{\partial w_m} = \sum_i x_i \frac{\partial L}{\partial y_{i+m}} \]
""",
    (r"y_j} w_{j-i} \quad", r"y_j} w_{i-j} \quad"),
)

doc(
    "bm_chain",
    r"""
Let $f(x,y,z) = xyz + e^{x}$. Then
\begin{align*}
\nabla f &= \begin{bmatrix} \partial f/\partial x \\ \partial f/\partial y \\ \partial f/\partial z\end{bmatrix} \\
&= \begin{bmatrix} yz + e^x \\ xz \\ xy \end{bmatrix}
\end{align*}
""",
    (r"xz \\", r"yz \\"),
)

doc(
    "bm_lw",
    r"""
Consider $L = (w_1 x_1 + w_2 x_2 - t)^2$. Let $e = w_1x_1 + w_2x_2 - t$.
$$\frac{\partial L}{\partial \mathbf{w}} = \begin{bmatrix} \frac{\partial L}{\partial w_1} \\ \frac{\partial L}{\partial w_2} \end{bmatrix} = \begin{bmatrix} 2 e x_1 \\ 2 e x_2\end{bmatrix} = 2 e \begin{bmatrix} x_1 \\ x_2 \end{bmatrix}$$
""",
    (r"2 e x_2\end", r"2 e x_1\end"),
    (r"= 2 e \begin", r"= e \begin"),
)

doc(
    "bm_tuple",
    r"""
$f(x, y) = \ln(x^2 + y^2)$, so $\nabla f = \left(\frac{2x}{x^2+y^2}, \frac{2y}{x^2+y^2}\right)$.
""",
    (r"\frac{2y}", r"\frac{y}"),
)

doc(
    "bm_hess2",
    r"""
Compute the Hessian of $f(x, y) = e^{xy}$:
$$H = \begin{bmatrix} \frac{\partial^2 f}{\partial x^2} & \frac{\partial^2 f}{\partial x \partial y} \\ \frac{\partial^2 f}{\partial y\partial x} & \frac{\partial^2 f}{\partial y^2}\end{bmatrix} = \begin{bmatrix} y^2 e^{xy} & (1+xy)e^{xy} \\ (1+xy)e^{xy} & x^2 e^{xy}\end{bmatrix}$$
""",
    (r"& x^2 e^{xy}\end", r"& y^2 e^{xy}\end"),
)

doc(
    "bm_rosen",
    r"""
Rosenbrock: $f(x, y) = (1-x)^2 + 100(y - x^2)^2$
$$\nabla f(x,y) = \begin{bmatrix} -2(1-x) - 400x(y-x^2) \\ 200(y-x^2) \end{bmatrix}, \quad \nabla^2 f(x,y) = \begin{bmatrix} 2 - 400y + 1200x^2 & -400x \\ -400 x & 200 \end{bmatrix}$$
""",
    ("+ 1200x^2", "+ 800x^2"),
    (r"200(y-x^2) \end", r"100(y-x^2) \end"),
)

doc(
    "bm_func",
    r"""
Let $F(x,y) = \begin{bmatrix} x^2 y \\ 5x + \sin y \end{bmatrix}$. The Jacobian matrix is
$$J_F(x,y) = \begin{bmatrix} \frac{\partial F_1}{\partial x} & \frac{\partial F_1}{\partial y} \\ \frac{\partial F_2}{\partial x} & \frac{\partial F_2}{\partial y} \end{bmatrix} = \begin{bmatrix} 2xy & x^2 \\ 5 & \cos y \end{bmatrix}$$
""",
    (r"5 & \cos y", r"5 & -\cos y"),
)

doc(
    "bm_dots",
    r"""
For $L = \frac12\sum_{i=1}^n e_i^2$ with $e_i = \sum_j X_{ij} w_j - y_i$,
$$\nabla_w L = \begin{bmatrix} \frac{\partial L}{\partial w_1} \\ \vdots \\ \frac{\partial L}{\partial w_d} \end{bmatrix} = \begin{bmatrix} \sum_i e_i X_{i1} \\ \vdots \\ \sum_i e_i X_{id} \end{bmatrix}$$
""",
    (r"\sum_i e_i X_{id}", r"\sum_i X_{id}"),
)

doc(
    "bm_prod",
    r"""
$L = z_1^2 + z_2^2$ where $z_1 = ax + by$, $z_2 = cx + dy$.
$$\begin{bmatrix} \frac{\partial L}{\partial x} \\ \frac{\partial L}{\partial y} \end{bmatrix} = \begin{bmatrix} a & c \\ b & d \end{bmatrix}\begin{bmatrix} 2z_1 \\ 2z_2 \end{bmatrix}$$
""",
    (r"a & c \\ b & d", r"a & b \\ c & d"),
)

doc(
    "bm_softmax",
    r"""
For $K = 2$, $p_1 = \frac{e^{z_1}}{e^{z_1} + e^{z_2}}$ and $p_2 = \frac{e^{z_2}}{e^{z_1}+e^{z_2}}$:
$$\frac{\partial p}{\partial z} = \begin{pmatrix} \frac{\partial p_1}{\partial z_1} & \frac{\partial p_1}{\partial z_2} \\ \frac{\partial p_2}{\partial z_1} & \frac{\partial p_2}{\partial z_2} \end{pmatrix} = \begin{pmatrix} p_1(1-p_1) & -p_1p_2 \\ -p_1p_2 & p_2(1-p_2)\end{pmatrix}$$
""",
    (r"-p_1p_2 \\ -p_1p_2", r"-p_1p_2 \\ p_1p_2"),
)

doc(
    "c1",
    r"""
Let $L = \frac12\|XW - Y\|_F^2$ and $E = XW - Y$.
\begin{align}
dL &= \operatorname{tr}(E^T X\, dW)
\end{align}
Therefore $\frac{\partial L}{\partial W} = X^T E$.
""",
    ("= X^T E$.", "= E X^T$."),
)

doc(
    "c2",
    r"""
Let $L = \frac12\|XW - Y\|_F^2$ and $E = XW - Y$.
$$\frac{\partial L}{\partial W} = X^T E$$
""",
    ("= X^T E$$", "= E X^T$$"),
)

doc(
    "c3",
    r"""
Let $L = \frac12\|E\|_F^2$ and $E = XW - Y$.
$$\frac{\partial L}{\partial W} = X^T E$$
""",
    ("= X^T E$$", "= E X^T$$"),
)

doc(
    "c4",
    r"""
Let $L = \frac12\|R\|_F^2$ and $R = XW - Y$.
$$dL = \operatorname{tr}(R^T X\, dW)$$
so $\frac{\partial L}{\partial W} = X^T R$.
""",
    ("= X^T R$", "= R X^T$"),
)

doc(
    "c5",
    r"""
With $y = Ax$ and $L = \|y\|^2$,
$$\frac{\partial L}{\partial x_k} = \sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial x_k} = \sum_i 2 y_i A_{ik}$$
""",
    ("2 y_i A_{ik}", "2 y_i A_{ki}"),
)

doc(
    "c6",
    r"""
With $y_i = \sum_j A_{ij} x_j$ and $\mathcal{L} = \sum_i y_i^2$ and $E = y_1$,
$$\frac{\partial \mathcal{L}}{\partial x_k} = \sum_i \frac{\partial \mathcal{L}}{\partial y_i}\frac{\partial y_i}{\partial x_k} = \sum_i 2 y_i A_{ik}$$
""",
    ("2 y_i A_{ik}", "2 y_i A_{ki}"),
)

doc(
    "cls_t",
    r"""
Let $z_k = \sum_j W_{kj} x_j$ and $\ell = \log\sum_k e^{z_k} - z_c$. Then
$$\frac{\partial \ell}{\partial x_j} = \sum_k \frac{e^{z_k}}{\sum_m e^{z_m}} W_{kj} - W_{cj}$$
""",
    ("- W_{cj}", "+ W_{cj}"),
)

doc(
    "cls_p",
    r"""
With $p_k = e^{z_k}/\sum_j e^{z_j}$ the loss for a sample of class $c$ is $L = -\log p_c$.
$$\frac{\partial L}{\partial z_k} = p_k - \mathbf{1}[k=c]$$
""",
    (r"p_k - \mathbf", r"p_k + \mathbf"),
)

doc(
    "pool2d",
    r"""
Average pooling over $2\times2$ windows: $y_{ij} = \frac14\sum_{a=0}^{1}\sum_{b=0}^{1} x_{2i+a,2j+b}$.
$$\frac{\partial L}{\partial x_{2i+a,2j+b}} = \frac14\frac{\partial L}{\partial y_{ij}}$$
""",
    (r"= \frac14\frac", r"= \frac12\frac"),
)

doc(
    "maxpool",
    r"""
$y_i = \max_{0 \le a < 2} x_{2i+a}$ and
$$\frac{\partial L}{\partial x_{2i+a}} = \frac{\partial L}{\partial y_i}\,\mathbf{1}[x_{2i+a} = y_i]$$
""",
    ("x_{2i+a} = y_i]", r"x_{2i+a} \neq y_i]"),
)

doc(
    "overlap",
    r"""
$y_i = \sum_{a=0}^{4} w_a x_{3i+a}$.
$$\frac{\partial L}{\partial w_a} = \sum_i \frac{\partial L}{\partial y_i} x_{3i+a}$$
""",
    ("x_{3i+a}$$", "x_{i+a}$$"),
)

doc(
    "overlap_sum",
    r"""
$y_i = \sum_{a=0}^{2} w_a x_{2i+a}$.
$$\frac{\partial L}{\partial x_j} = \sum_i\sum_a \frac{\partial L}{\partial y_i} w_a \mathbf{1}[j = 2i + a]$$
""",
    ("j = 2i + a", "j = 2i - a"),
)

doc(
    "ln_paper",
    r"""
## Appendix B. Backward pass of RMSNorm
Let $r = \sqrt{\frac1d\sum_{j=1}^d x_j^2 + \epsilon}$ and $y_i = g_i x_i / r$. Writing $\delta_i = \partial L/\partial y_i$,
$$\frac{\partial L}{\partial g_i} = \delta_i \frac{x_i}{r}, \qquad \frac{\partial L}{\partial x_i} = \frac{g_i\delta_i}{r} - \frac{x_i}{d r^3}\sum_j \delta_j g_j x_j.$$
""",
    (r"\frac{x_i}{d r^3}", r"\frac{x_i}{d r^2}"),
    (r"= \delta_i \frac{x_i}{r}", r"= \delta_i x_i"),
)

doc(
    "steps_ln",
    r"""
**Step 1: Forward.** $\mu = \frac{1}{n}\sum_i x_i$, $v = \frac1n\sum_i (x_i-\mu)^2$, $\hat x_i = \frac{x_i-\mu}{\sqrt{v+\epsilon}}$.

**Step 2: Local derivatives.**
* $\frac{\partial \mu}{\partial x_j} = \frac1n$
* $\frac{\partial v}{\partial x_j} = \frac{2}{n}(x_j - \mu)$

**Step 3: Combine.**
$$\frac{\partial \hat{x}_i}{\partial x_j} = \frac{1}{\sqrt{v+\epsilon}}\left(\delta_{ij} - \frac1n - \frac{\hat x_i\hat x_j}{n}\right)$$
""",
    (r"= \frac{2}{n}(x_j - \mu)", r"= \frac{1}{n}(x_j - \mu)"),
    (r"- \frac{\hat x_i\hat x_j}{n}", r"+ \frac{\hat x_i\hat x_j}{n}"),
)

doc(
    "infonce2",
    r"""
The InfoNCE loss for query $q$ with keys $k_j$ is $\mathcal L = -\log\frac{\exp(q^\top k_0/\tau)}{\sum_j \exp(q^\top k_j/\tau)}$. Let $p_j = \frac{\exp(q^\top k_j/\tau)}{\sum_m \exp(q^\top k_m/\tau)}$.
$$\nabla_q \mathcal L = \frac1\tau\left(\sum_j p_j k_j - k_0\right)$$
""",
    ("p_j k_j - k_0", "p_j k_j + k_0"),
)

doc(
    "ppo",
    r"""
Let $r = \exp(\ell - \ell_{old})$. Without clipping, $L = -rA$ and so
$$\frac{\partial L}{\partial \ell} = -A\,r$$
""",
    (r"= -A\,r", r"= -A\,r^2"),
)

doc(
    "vae2",
    r"""
$$D_{KL} = -\frac12\sum_{j=1}^J\left(1 + \log\sigma_j^2 - \mu_j^2 - \sigma_j^2\right)$$
Differentiating, $\frac{\partial D_{KL}}{\partial \mu_j} = \mu_j$ and $\frac{\partial D_{KL}}{\partial\sigma_j} = \sigma_j - \frac{1}{\sigma_j}$.
""",
    (r"\sigma_j - \frac{1}{\sigma_j}$", r"\sigma_j + \frac{1}{\sigma_j}$"),
    (r"= \mu_j$", r"= 2\mu_j$"),
)

doc(
    "poisson2",
    r"""
Log-likelihood: $\ell(\beta) = \sum_i \left[y_i x_i^\top\beta - \exp(x_i^\top\beta) - \log(y_i!)\right]$.
Score: $$\nabla_\beta \ell = \sum_i (y_i - \exp(x_i^\top\beta))x_i$$ Hessian: $$\nabla^2_\beta\ell = -\sum_i \exp(x_i^\top\beta)x_ix_i^\top$$
""",
    (r"(y_i - \exp", r"(\exp(x_i^\top\beta) - \exp"),
    (r"= -\sum_i", r"= \sum_i"),
)

doc(
    "svm2",
    r"""
$$J(w,b) = \frac12\|w\|^2 + C\sum_i \max(0, 1 - y_i(w^\top x_i + b))$$
$$\nabla_w J = w - C\sum_{i: y_i(w^\top x_i + b) < 1} y_i x_i, \qquad \frac{\partial J}{\partial b} = -C\sum_{i: y_i(w^\top x_i+b)<1} y_i$$
""",
    (r"\nabla_w J = w - C", r"\nabla_w J = w + C"),
)

doc(
    "mf2",
    r"""
For matrix factorization we minimise $J = \|R - UV^T\|_F^2 + \lambda(\|U\|_F^2 + \|V\|_F^2)$.
\begin{align}
\frac{\partial J}{\partial U} &= -2(R - UV^T)V + 2\lambda U\\
\frac{\partial J}{\partial V} &= -2(R-UV^T)^TU + 2\lambda V
\end{align}
""",
    ("(R-UV^T)^TU", "(R-UV^T)U"),
    (r"V + 2\lambda U", r"V^T + 2\lambda U"),
)

doc(
    "pca2",
    r"""
We maximise $f(u) = u^\top S u - \lambda(u^\top u - 1)$ for symmetric $S$. Setting the gradient
$$\nabla_u f = 2Su - 2\lambda u$$ to zero gives $Su = \lambda u$.
""",
    (r"2Su - 2\lambda u", r"Su - 2\lambda u"),
)

doc(
    "w2v2",
    r"""
Skip-gram with negative sampling: $J = -\log\sigma(u_o^\top v_c) - \sum_{k=1}^K\log\sigma(-u_k^\top v_c)$
$$\frac{\partial J}{\partial v_c} = (\sigma(u_o^\top v_c) - 1)u_o + \sum_{k=1}^K \sigma(u_k^\top v_c)u_k$$
$$\frac{\partial J}{\partial u_o} = (\sigma(u_o^\top v_c) - 1)v_c$$
""",
    (r"\sigma(u_k^\top v_c)u_k", r"\sigma(-u_k^\top v_c)u_k"),
    ("- 1)v_c", "- 1)u_o"),
)

doc(
    "gru2",
    r"""
GRU: $h_t = (1 - z_t)\odot h_{t-1} + z_t\odot \tilde h_t$.
$$\frac{\partial L}{\partial z_t} = \frac{\partial L}{\partial h_t}\odot(\tilde h_t - h_{t-1}), \qquad \frac{\partial L}{\partial \tilde h_t} = \frac{\partial L}{\partial h_t}\odot z_t$$
""",
    (r"(\tilde h_t - h_{t-1})", r"(h_{t-1} - \tilde h_t)"),
)

doc(
    "focal2",
    r"""
Focal loss with $p = \sigma(x)$ for a positive example: $FL = -(1-p)^\gamma\log p$. Then
$$\frac{d FL}{dx} = (1-p)^\gamma\left(\gamma p\log p + p - 1\right)$$
""",
    (r"\gamma p\log p + p - 1", r"\gamma\log p + p - 1"),
)

doc(
    "quat2",
    r"""
Normalising a quaternion, $\hat q_i = q_i/\|q\|$. The Jacobian is
$$\frac{\partial\hat q_i}{\partial q_j} = \frac{1}{\|q\|}\left(\delta_{ij} - \hat q_i\hat q_j\right)$$
""",
    (r"\delta_{ij} - \hat q_i\hat q_j", r"\delta_{ij} + \hat q_i\hat q_j"),
)

doc(
    "cosine2",
    r"""
$s = \frac{a\cdot b}{\|a\|\|b\|}$. Then $$\frac{\partial s}{\partial a} = \frac{b}{\|a\|\|b\|} - s\frac{a}{\|a\|^2}$$
""",
    (r"- s\frac{a}{\|a\|^2}", r"- s\frac{a}{\|a\|}"),
)

doc(
    "ridge3",
    r"""
**Q2.** Ridge: $J(w) = (y - Xw)^T(y - Xw) + \lambda w^Tw$.

*Solution.* Expanding, $J(w) = y^Ty - 2w^TX^Ty + w^TX^TXw + \lambda w^Tw$. Hence
$$\nabla_w J = -2X^Ty + 2X^TXw + 2\lambda w$$
and setting this to zero, $\hat w = (X^TX + \lambda I)^{-1}X^Ty$. $\blacksquare$
""",
    (r"+ 2\lambda w$$", r"+ \lambda w$$"),
)

doc(
    "chatgpt_bullets",
    r"""
Sure! Let's derive the gradient of the **softmax cross-entropy** loss step by step.

### 1. Setup
- Logits: \( z \in \mathbb{R}^K \)
- Softmax: \( p_i = \dfrac{e^{z_i}}{\sum_{j} e^{z_j}} \)
- Loss: \( L = -\sum_i y_i \log p_i \), where \( \sum_i y_i = 1 \)

### 2. Derivative of softmax
\[
\frac{\partial p_i}{\partial z_k} =
\begin{cases}
p_i(1 - p_i) & \text{if } i = k \\
-p_i p_k & \text{if } i \neq k
\end{cases}
\]

### 3. Apply the chain rule
\[
\begin{aligned}
\frac{\partial L}{\partial z_k}
&= -\sum_i y_i \frac{1}{p_i}\frac{\partial p_i}{\partial z_k} \\
&= -y_k(1 - p_k) + \sum_{i\neq k} y_i p_k \\
&= p_k\sum_i y_i - y_k
\end{aligned}
\]

### ✅ Final result
\[
\boxed{\frac{\partial L}{\partial z_k} = p_k - y_k}
\]
""",
    (r"+ \sum_{i\neq k} y_i p_k", r"- \sum_{i\neq k} y_i p_k"),
    (r"-p_i p_k & \text", r"p_i p_k & \text"),
)

doc(
    "conv_app",
    r"""
Let $Y_{n,c,i,j} = \sum_{f,a,b} W_{c,f,a,b} X_{n,f,i+a,j+b} + b_c$. Then
$$\frac{\partial L}{\partial W_{c,f,a,b}} = \sum_{n,i,j}\frac{\partial L}{\partial Y_{n,c,i,j}}X_{n,f,i+a,j+b}, \quad \frac{\partial L}{\partial b_c} = \sum_{n,i,j}\frac{\partial L}{\partial Y_{n,c,i,j}}$$
""",
    (r"X_{n,f,i+a,j+b}, \quad", r"X_{n,f,i-a,j-b}, \quad"),
)

doc(
    "diffusion2",
    r"""
The simplified loss is $L = \|\epsilon - \epsilon_\theta\|^2$ where $\epsilon_\theta = W x$, $x = \sqrt{\bar\alpha}\,x_0 + \sqrt{1 - \bar\alpha}\,\epsilon$.
$$\nabla_W L = -2(\epsilon - Wx)x^\top$$
""",
    (r"= -2(\epsilon", r"= 2(\epsilon"),
)

doc(
    "attn2",
    r"""
Single-head attention: $S = QK^\top/\sqrt{d}$, $P = \mathrm{softmax}(S)$ (row-wise), $O = PV$. Given $dO$,
$$dV = P^\top dO,\quad dP = dO\,V^\top,\quad dS = P\odot(dP - \mathrm{rowsum}(dP\odot P)),\quad dQ = \frac{dS\,K}{\sqrt d},\quad dK = \frac{dS^\top Q}{\sqrt d}$$
""",
    (r"dV = P^\top dO", "dV = P dO"),
    (r"dS^\top Q", "dS Q"),
)

doc(
    "ssm",
    r"""
State space scan: $h_t = a_t h_{t-1} + b_t x_t$, $y_t = c_t h_t$. Let $g_t = \partial L/\partial h_t$.
$$g_t = c_t\frac{\partial L}{\partial y_t} + a_{t+1}g_{t+1}, \qquad \frac{\partial L}{\partial a_t} = g_t h_{t-1}$$
""",
    ("a_{t+1}g_{t+1}", "a_tg_{t+1}"),
    ("= g_t h_{t-1}", "= g_t h_t"),
)

doc(
    "dpo2",
    r"""
$$\mathcal{L} = -\log\sigma\left(\beta \log\frac{\pi_w}{\pi^{\text{ref}}_w} - \beta\log\frac{\pi_l}{\pi^{\text{ref}}_l}\right)$$
Let $u = \beta \log\frac{\pi_w}{\pi^{\text{ref}}_w} - \beta\log\frac{\pi_l}{\pi^{\text{ref}}_l}$. Then
$$\frac{\partial \mathcal{L}}{\partial \pi_w} = -\sigma(-u)\frac{\beta}{\pi_w}$$
""",
    (r"= -\sigma(-u)", r"= -\sigma(u)"),
)

doc(
    "dpo3",
    r"""
With log-probabilities $\ell_w, \ell_l$ of the winning and losing answers, $L = -\log\sigma(\beta(\ell_w - r_w - \ell_l + r_l))$, and for $m = \beta(\ell_w - r_w - \ell_l + r_l)$:
$$\frac{\partial L}{\partial \ell_w} = -\beta\sigma(-m), \qquad \frac{\partial L}{\partial \ell_l} = \beta\sigma(-m)$$
""",
    (r"\ell_l} = \beta\sigma(-m)", r"\ell_l} = -\beta\sigma(-m)"),
)

doc(
    "maxpool3",
    r"""
Max pooling: $y_{i} = \max_{a \in \{0,1\}} x_{2i+a}$.
$$\frac{\partial L}{\partial x_{2i+a}} = \frac{\partial L}{\partial y_i}\,\mathbf{1}[x_{2i+a} = y_i]$$
""",
    ("x_{2i+a} = y_i]", r"x_{2i+a} \neq y_i]"),
)

doc(
    "typed_plain",
    r"""
Loss: L = 1/2 * (y - t)^2, y = sigmoid(z), z = w*x + b

dL/dy = y - t
dy/dz = y*(1-y)
dL/dw = (y - t)*y*(1-y)*x
dL/db = (y - t)*y*(1-y)
""",
    ("dL/db = (y - t)*y*(1-y)", "dL/db = (y - t)*(1-y)"),
)

doc(
    "typed_uni",
    r"""
Let f(x) = ½ xᵀAx − bᵀx with A symmetric.
∇f(x) = Ax − b
""",
    (
        r"""Ax − b
""",
        r"""Ax + b
""",
    ),
)

doc(
    "exam",
    r"""
\section*{Problem 2 (15 points)}
Consider a linear layer $y = Wx + b$ with $y \in \mathbb{R}^m$, $x \in \mathbb{R}^n$ followed by $L = \frac12\lVert y - t\rVert_2^2$.
\begin{enumerate}
\item[(a)] Show $\frac{\partial L}{\partial y} = y - t$.
\item[(b)] $\frac{\partial L}{\partial W} = (y-t)x^\top$
\item[(c)] $\frac{\partial L}{\partial x} = W^\top(y - t)$
\item[(d)] $\frac{\partial L}{\partial b} = y - t$
\end{enumerate}
""",
    (r"(y-t)x^\top", r"x(y-t)^\top"),
    (r"W^\top(y - t)", "W(y - t)"),
    suffix=".tex",
)

doc(
    "sub_gradient",
    r"""
Lasso: $J(w) = \frac{1}{2n}\|Xw - y\|^2 + \lambda\|w\|_1$. A subgradient is
$$\frac{1}{n}X^T(Xw - y) + \lambda\,\mathrm{sign}(w) \in \partial J(w)$$
i.e.
$$\nabla_w J = \frac1n X^T(Xw-y) + \lambda\,\mathrm{sign}(w)$$
""",
    (r"\nabla_w J = \frac1n X^T", r"\nabla_w J = \frac2n X^T"),
)

doc(
    "hessian_vec",
    r"""
For $f(x) = \frac{1}{2}x^\top Ax + b^\top x$ with symmetric $A$: $\nabla f(x) = Ax + b$ and $\nabla^2f(x) = A$.
""",
    (r"\nabla^2f(x) = A$", r"\nabla^2f(x) = 2A$"),
)

doc(
    "logit_table",
    r"""
| quantity | derivative |
|---|---|
| $a = \sigma(z)$ | $\frac{da}{dz} = a(1-a)$ |
| $b = \tanh(z)$ | $\frac{db}{dz} = 1 - b^2$ |
| $c = \log(1+e^z)$ | $\frac{dc}{dz} = \sigma(z)$ |
""",
    ("1 - b^2", "1 + b^2"),
)

doc(
    "bce_batch",
    r"""
$$J = -\frac1m\sum_{i=1}^m\left[y^{(i)}\log a^{(i)} + (1-y^{(i)})\log(1-a^{(i)})\right],\quad a^{(i)} = \sigma(w^Tx^{(i)} + b)$$
$$\frac{\partial J}{\partial w} = \frac1m\sum_{i=1}^m(a^{(i)} - y^{(i)})x^{(i)},\qquad \frac{\partial J}{\partial b} = \frac1m\sum_{i=1}^m(a^{(i)}-y^{(i)})$$
""",
    ("(a^{(i)} - y^{(i)})x^{(i)}", "(y^{(i)} - a^{(i)})x^{(i)}"),
)

doc(
    "nn_layers",
    r"""
$Z^{[1]} = W^{[1]}X + b^{[1]}$, $A^{[1]} = \mathrm{ReLU}(Z^{[1]})$, $Z^{[2]} = W^{[2]}A^{[1]} + b^{[2]}$.
$$dW^{[2]} = dZ^{[2]}A^{[1]T}, \quad dA^{[1]} = W^{[2]T}dZ^{[2]}, \quad dZ^{[1]} = dA^{[1]} * (Z^{[1]} > 0)$$
""",
    ("W^{[2]T}dZ^{[2]}", "W^{[2]}dZ^{[2]}"),
)

doc(
    "therefore",
    r"""
We have $f(x) = \frac{1}{1+e^{-x}}$. By the quotient rule,
$$f'(x) = \frac{e^{-x}}{(1+e^{-x})^2}$$
$$\therefore f'(x) = f(x)(1-f(x)) \qquad \blacksquare$$
""",
    ("f(x)(1-f(x))", "f(x)(1+f(x))"),
)

doc(
    "kl2",
    r"""
KL between Gaussians: $K = \log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2 + (\mu_1-\mu_2)^2}{2\sigma_2^2} - \frac12$.
$$\frac{\partial K}{\partial\mu_1} = \frac{\mu_1-\mu_2}{\sigma_2^2},\quad \frac{\partial K}{\partial\sigma_1} = \frac{\sigma_1}{\sigma_2^2} - \frac1{\sigma_1}$$
""",
    (r"\frac{\sigma_1}{\sigma_2^2} - \frac1{\sigma_1}", r"\frac{\sigma_1}{\sigma_2^2} + \frac1{\sigma_1}"),
)

doc(
    "gmm2",
    r"""
E-step responsibilities $r_{nk} = \frac{\pi_k\mathcal{N}_{nk}}{\sum_j\pi_j\mathcal{N}_{nj}}$ where $\mathcal N_{nk} = \frac{1}{\sqrt{2\pi}\sigma_k}\exp\left(-\frac{(x_n-\mu_k)^2}{2\sigma_k^2}\right)$. With $\ell = \sum_n\log\sum_k\pi_k\mathcal N_{nk}$,
$$\frac{\partial\ell}{\partial\mu_k} = \sum_n r_{nk}\frac{x_n-\mu_k}{\sigma_k^2}$$
""",
    (r"\frac{x_n-\mu_k}{\sigma_k^2}$$", r"\frac{x_n-\mu_k}{\sigma_k}$$"),
)

doc(
    "conv1",
    r"""
1-D convolution with padding: $y_t = \sum_{k=0}^{K-1} w_k x_{t+k-1} + b$.
$$\frac{\partial L}{\partial w_k} = \sum_t \frac{\partial L}{\partial y_t}x_{t+k-1}$$
$$\frac{\partial L}{\partial x_s} = \sum_k\frac{\partial L}{\partial y_{s-k+1}}w_k$$
""",
    ("y_{s-k+1}}w_k", "y_{s+k-1}}w_k"),
)

doc(
    "geo",
    r"""
Chamfer-like: $d_i = \sqrt{(x_i-a)^2 + (y_i-b)^2}$ and $L = \sum_i d_i$.
$$\frac{\partial L}{\partial a} = -\sum_i\frac{x_i-a}{d_i}$$
""",
    (r"= -\sum_i", r"= \sum_i"),
)

doc(
    "contrastive",
    r"""
Contrastive loss for a pair with distance $d = \|u - v\|_2$: $L = y d^2 + (1-y)\max(0, m-d)^2$.
$$\frac{\partial L}{\partial u} = 2y(u-v) - 2(1-y)\max(0, m-d)\frac{u-v}{d}$$
""",
    ("- 2(1-y)", "+ 2(1-y)"),
)

doc(
    "adv",
    r"""
**Actor-critic.** Softmax policy $\pi_a = \frac{e^{h_a}}{\sum_b e^{h_b}}$. The score function:
$$\frac{\partial\log\pi_a}{\partial h_b} = \mathbb{1}\{a=b\} - \pi_b$$
Entropy $H = -\sum_a\pi_a\log\pi_a$ has
$$\frac{\partial H}{\partial h_b} = -\pi_b(\log\pi_b + H)$$
""",
    (r"\mathbb{1}\{a=b\} - \pi_b", r"\mathbb{1}\{a=b\} - \pi_a"),
    (r"(\log\pi_b + H)", r"(\log\pi_b - H)"),
)

doc(
    "lstm2",
    r"""
LSTM cell: $f = \sigma(a_f)$, $i = \sigma(a_i)$, $g = \tanh(a_g)$, $o = \sigma(a_o)$, $c = f c' + i g$, $h = o\tanh(c)$.
$$\frac{\partial L}{\partial c} = \frac{\partial L}{\partial h}o(1-\tanh^2 c)$$
$$\frac{\partial L}{\partial a_f} = \frac{\partial L}{\partial c}c' f(1-f)$$
""",
    ("c' f(1-f)", "c' f(1+f)"),
)
