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
