# ruff: noqa: E501  (the lines of a document are as long as their author made them)
"""More derivations as people write them: of lecture notes, appendices and answers; each right, and wrong once changed."""

from .written import Written

NOTED: list[Written] = []


def doc(name: str, text: str, *wrong: tuple[str, str], suffix: str = ".md") -> None:
    """Add one."""
    assert all(old in text for old, _ in wrong), name
    NOTED.append(Written(name, text, wrong, suffix))


doc(
    "cs229_poisson_glm",
    r"""
### Poisson regression

The log-likelihood of the data is
$$\ell(\theta) = \sum_{i=1}^{m} \left( y^{(i)} \theta^T x^{(i)} - \exp(\theta^T x^{(i)}) - \log y^{(i)}! \right)$$
so that
$$\frac{\partial \ell}{\partial \theta_j} = \sum_{i=1}^{m} \left( y^{(i)} - e^{\theta^T x^{(i)}} \right) x_j^{(i)}.$$
""",
    (r"\left( y^{(i)} - e^{\theta^T x^{(i)}} \right) x_j", r"\left( y^{(i)} + e^{\theta^T x^{(i)}} \right) x_j"),
)

doc(
    "probit",
    r"""
Probit regression. Let $\Phi$ be the standard normal cdf and $\phi$ its density.
$$\ell(\beta) = \sum_i \left[ y_i \log \Phi(x_i^T\beta) + (1-y_i)\log(1-\Phi(x_i^T\beta)) \right]$$
$$\nabla_\beta \ell = \sum_i \left[ y_i \frac{\phi(x_i^T\beta)}{\Phi(x_i^T\beta)} - (1-y_i)\frac{\phi(x_i^T\beta)}{1-\Phi(x_i^T\beta)} \right] x_i$$
""",
    (r"- (1-y_i)\frac", r"+ (1-y_i)\frac"),
)

doc(
    "vae_kl_reparam",
    r"""
The KL term of the VAE is
\begin{equation}
D_{KL} = -\frac{1}{2} \sum_{j=1}^{J} \left( 1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2 \right).
\end{equation}
Differentiating,
\begin{align}
\frac{\partial D_{KL}}{\partial \mu_j} &= \mu_j, \\
\frac{\partial D_{KL}}{\partial \sigma_j} &= \sigma_j - \frac{1}{\sigma_j}.
\end{align}
""",
    (r"\sigma_j - \frac{1}{\sigma_j}", r"\sigma_j - \frac{1}{\sigma_j^2}"),
)

doc(
    "gan_disc",
    r"""
The discriminator $D(x) = \sigma(w^T x)$ maximises
$$ V = \frac{1}{m}\sum_{i=1}^m \left[ \log D(x_i) + \log (1 - D(g_i)) \right]. $$
Hence
$$ \nabla_w V = \frac{1}{m}\sum_{i=1}^m \left[ (1 - D(x_i)) x_i - D(g_i) g_i \right]. $$
""",
    (r"- D(g_i) g_i", r"- (1 - D(g_i)) g_i"),
)

doc(
    "reinforce_softmax",
    r"""
With a softmax policy $\pi(a) = \frac{e^{h_a}}{\sum_b e^{h_b}}$ we get
$$\frac{\partial \pi(x)}{\partial h_a} = \pi(x)\left(\mathbb{1}_{a=x} - \pi(a)\right).$$
""",
    (r"\left(\mathbb{1}_{a=x} - \pi(a)\right)", r"\left(\mathbb{1}_{a=x} - \pi(x)\right)"),
)

doc(
    "log_policy",
    r"""
$$\pi_a = \frac{e^{h_a}}{\sum_b e^{h_b}}$$
\begin{align*}
\frac{\partial \log \pi_x}{\partial h_a} &= \frac{\partial}{\partial h_a}\left[h_x - \log \sum_b e^{h_b}\right] \\
&= \delta_{ax} - \frac{e^{h_a}}{\sum_b e^{h_b}} \\
&= \delta_{ax} - \pi_a
\end{align*}
""",
    (r"&= \delta_{ax} - \pi_a", r"&= \delta_{ax} - \pi_x"),
)

doc(
    "kalman_gain",
    r"""
Kalman filter: choose the gain that minimises the trace of the posterior covariance
$$ J = \operatorname{tr}\left(P - K H P - P H^T K^T + K S K^T\right), $$
where $P$ and $S$ are symmetric. Then
$$ \frac{\partial J}{\partial K} = -2 P H^T + 2 K S. $$
""",
    (r"-2 P H^T + 2 K S", r"-2 P H + 2 K S"),
)

doc(
    "gauss_nll_precision",
    r"""
Negative log-likelihood of $n$ samples with precision matrix $\Lambda$ (symmetric):
$$ L = -\frac{n}{2}\log\det\Lambda + \frac12 \sum_{i=1}^n (x_i-\mu)^T\Lambda(x_i-\mu) $$
$$ \frac{\partial L}{\partial \mu} = -\sum_{i=1}^n \Lambda (x_i - \mu) $$
$$ \frac{\partial L}{\partial \Lambda} = -\frac{n}{2}\Lambda^{-1} + \frac12\sum_{i=1}^n (x_i-\mu)(x_i-\mu)^T $$
""",
    (r"-\frac{n}{2}\Lambda^{-1} + \frac12", r"-\frac{n}{2}\Lambda + \frac12"),
    (r"= -\sum_{i=1}^n \Lambda", r"= -2\sum_{i=1}^n \Lambda"),
)

doc(
    "triplet",
    r"""
The triplet loss of an anchor $a$, a positive $p$ and a negative $n$ is
$$L = \max(0, \|a-p\|^2 - \|a-n\|^2 + m).$$
When the loss is positive,
$$\frac{\partial L}{\partial a} = 2(n - p), \qquad \frac{\partial L}{\partial p} = 2(p - a), \qquad \frac{\partial L}{\partial n} = 2(a-n).$$
""",
    (r"2(n - p)", r"2(p - n)"),
)

doc(
    "contrastive_hadsell",
    r"""
$$D = \|f_1 - f_2\|_2$$
$$L = \frac12 (1-Y) D^2 + \frac12 Y \max(0, m - D)^2$$
For $D < m$,
$$\frac{\partial L}{\partial f_1} = (1-Y)(f_1 - f_2) - Y (m - D)\frac{f_1-f_2}{D}.$$
""",
    (r"- Y (m - D)", r"+ Y (m - D)"),
)

doc(
    "dice",
    r"""
The soft Dice loss is $L = 1 - \frac{2\sum_i p_i g_i}{\sum_i p_i + \sum_i g_i}$. Its gradient:
$$\frac{\partial L}{\partial p_j} = -2\,\frac{g_j\left(\sum_i p_i + \sum_i g_i\right) - \sum_i p_i g_i}{\left(\sum_i p_i + \sum_i g_i\right)^2}$$
""",
    (r"- \sum_i p_i g_i}{", r"+ \sum_i p_i g_i}{"),
)

doc(
    "vnet_dice",
    r"""
$$D = \frac{2 \sum_i^N p_i g_i}{\sum_i^N p_i^2 + \sum_i^N g_i^2}$$
yielding the gradient
$$\frac{\partial D}{\partial p_j} = 2 \left[ \frac{g_j \left( \sum_i^N p_i^2 + \sum_i^N g_i^2 \right) - 2 p_j \left( \sum_i^N p_i g_i \right)}{\left( \sum_i^N p_i^2 + \sum_i^N g_i^2 \right)^2} \right]$$
""",
    (r"- 2 p_j \left", r"- p_j \left"),
)

doc(
    "huber_cases",
    r"""
$$ L_\delta(a) = \begin{cases} \frac12 a^2 & \text{for } |a| \le \delta, \\ \delta\left(|a| - \frac12\delta\right) & \text{otherwise.} \end{cases} $$
$$ \frac{d L_\delta}{d a} = \begin{cases} a & \text{if } |a| \le \delta \\ \delta\,\mathrm{sgn}(a) & \text{otherwise} \end{cases} $$
""",
    (r"\delta\,\mathrm{sgn}(a)", r"\mathrm{sgn}(a)"),
)

doc(
    "infonce",
    r"""
InfoNCE for a query $q$ with positive key $k_0$ and temperature $\tau$:
$$ L = -\log \frac{\exp(q^T k_0/\tau)}{\sum_{i=0}^{K}\exp(q^T k_i/\tau)}, \qquad p_i = \frac{\exp(q^T k_i/\tau)}{\sum_{j=0}^{K}\exp(q^T k_j/\tau)} $$
$$ \frac{\partial L}{\partial q} = \frac{1}{\tau}\left(\sum_{i=0}^{K} p_i k_i - k_0\right) $$
""",
    (r"\frac{1}{\tau}\left(\sum", r"\left(\sum"),
)

doc(
    "ntxent_index",
    r"""
Let $s_{ij}$ be similarities and
$$\ell = -\sum_i \log \frac{e^{s_{ii}/\tau}}{\sum_k e^{s_{ik}/\tau}}.$$
Write $P_{ij} = \frac{e^{s_{ij}/\tau}}{\sum_k e^{s_{ik}/\tau}}$. Then
$$\frac{\partial \ell}{\partial s_{ij}} = \frac{1}{\tau}(P_{ij} - \delta_{ij}).$$
""",
    (r"(P_{ij} - \delta_{ij})", r"(\delta_{ij} - P_{ij})"),
)

doc(
    "dpo",
    r"""
# DPO
$$L = -\log \sigma\left(\beta (w - l)\right)$$
where $w$ and $l$ are the log-ratios of the chosen and the rejected answer.
\begin{align}
\frac{\partial L}{\partial w} &= -\beta\, \sigma(-\beta(w-l)) \\
\frac{\partial L}{\partial l} &= \beta\, \sigma(-\beta(w-l))
\end{align}
""",
    (r"-\beta\, \sigma(-\beta(w-l))", r"-\beta\, \sigma(\beta(w-l))"),
)

doc(
    "distill",
    r"""
Distillation with temperature $T$. Student logits $z_i$, teacher logits $v_i$,
$$q_i = \frac{\exp(z_i/T)}{\sum_j \exp(z_j/T)}, \quad p_i = \frac{\exp(v_i/T)}{\sum_j\exp(v_j/T)}, \quad C = -\sum_i p_i \log q_i.$$
$$\frac{\partial C}{\partial z_i} = \frac{1}{T}(q_i - p_i) = \frac1T\left(\frac{e^{z_i/T}}{\sum_j e^{z_j/T}} - \frac{e^{v_i/T}}{\sum_j e^{v_j/T}}\right)$$
""",
    (r"\frac{1}{T}(q_i - p_i)", r"(q_i - p_i)"),
    (r"\frac1T\left(", r"\left("),
)

doc(
    "label_smooth",
    r"""
With smoothed targets $\tilde y_k = (1-\epsilon) y_k + \frac{\epsilon}{K}$ and $\sum_k y_k = 1$, the loss $L = -\sum_{k=1}^K \tilde y_k \log p_k$ with $p = \text{softmax}(z)$ has
$$\frac{\partial L}{\partial z_k} = p_k - (1-\epsilon)y_k - \frac{\epsilon}{K}.$$
""",
    (r"- \frac{\epsilon}{K}.", r"+ \frac{\epsilon}{K}."),
)

doc(
    "focal",
    r"""
Focal loss for the positive class: $FL = -(1-p)^\gamma \log p$ with $p = \sigma(x)$.
$$\frac{d FL}{d x} = (1-p)^\gamma\left(\gamma p \log p + p - 1\right)$$
""",
    (r"+ p - 1\right)", r"+ 1 - p\right)"),
)

doc(
    "arcface",
    r"""
In ArcFace the target logit is $z = s\cos(\theta + m)$ with $\theta = \arccos(c)$. Then
$$\frac{\partial z}{\partial c} = s\,\frac{\sin(\theta+m)}{\sqrt{1-c^2}} = s\,\frac{\sin(\theta+m)}{\sin\theta}.$$
""",
    (r"= s\,\frac{\sin(\theta+m)}{\sin\theta}", r"= s\,\frac{\cos(\theta+m)}{\sin\theta}"),
)

doc(
    "gelu_tanh",
    r"""
The tanh approximation of GELU is $y = \frac{x}{2}(1 + \tanh u)$, $u = \sqrt{2/\pi}\,(x + a x^3)$. So
$$\frac{dy}{dx} = \frac12(1+\tanh u) + \frac{x}{2}(1-\tanh^2 u)\sqrt{2/\pi}(1 + 3 a x^2).$$
""",
    (r"(1 + 3 a x^2)", r"(1 + 2 a x^2)"),
)

doc(
    "pca_rayleigh",
    r"""
Rayleigh quotient: $R(w) = \frac{w^T A w}{w^T w}$ with $A = A^T$.
$$\nabla R = \frac{2}{w^T w}\left(A w - R(w) w\right)$$
""",
    (r"\left(A w - R(w) w\right)", r"\left(A w - w\right)"),
)

doc(
    "elastic",
    r"""
$$ J(w) = \frac{1}{n}\sum_{i=1}^n (w^\top x_i - y_i)^2 + \alpha\|w\|_1 + \beta\|w\|_2^2 $$
$$ \nabla J(w) = \frac{2}{n}\sum_{i=1}^n (w^\top x_i - y_i)x_i + \alpha\operatorname{sign}(w) + 2\beta w $$
""",
    (r"+ 2\beta w", r"+ \beta w"),
)

doc(
    "lp_norm_alone",
    r"""
Let $R = \|w\|_p^p$. Then
$$ \frac{\partial R}{\partial w_i} = p\,|w_i|^{p-1}\operatorname{sign}(w_i). $$
""",
    (r"p\,|w_i|^{p-1}", r"p\,|w_i|^{p}"),
)

doc(
    "realnvp",
    r"""
Affine coupling: $y_i = x_i e^{s_i} + t_i$, and the loss is
$$L = \frac12\sum_i y_i^2 - \sum_i s_i.$$
$$\frac{\partial L}{\partial s_i} = y_i x_i e^{s_i} - 1, \quad \frac{\partial L}{\partial t_i} = y_i, \quad \frac{\partial L}{\partial x_i} = y_i e^{s_i}$$
""",
    (r"y_i x_i e^{s_i} - 1", r"y_i x_i e^{s_i} + 1"),
)

doc(
    "planar_flow",
    r"""
For a planar flow the log-det term is $\ell = \log |1 + u^T \psi|$, $\psi = (1 - \tanh^2(w^T z + b)) w$.
$$\frac{\partial \ell}{\partial u} = \frac{\psi}{1 + u^T\psi}$$
""",
    (r"\frac{\psi}{1 + u^T\psi}", r"\frac{u}{1 + u^T\psi}"),
)

doc(
    "word2vec_ns",
    r"""
Negative sampling:
$$ J = -\log\sigma(u_o^T v_c) - \sum_{k=1}^K \log\sigma(-u_k^T v_c) $$
\begin{align}
\frac{\partial J}{\partial v_c} &= (\sigma(u_o^T v_c) - 1)u_o + \sum_{k=1}^K (1 - \sigma(-u_k^T v_c))u_k \\
&= (\sigma(u_o^T v_c) - 1)u_o + \sum_{k=1}^K \sigma(u_k^T v_c)u_k
\end{align}
""",
    (
        r"&= (\sigma(u_o^T v_c) - 1)u_o + \sum_{k=1}^K \sigma(u_k^T v_c)u_k",
        r"&= (\sigma(u_o^T v_c) - 1)u_o - \sum_{k=1}^K \sigma(u_k^T v_c)u_k",
    ),
)

doc(
    "moe",
    r"""
Mixture of experts: $g = \mathrm{softmax}(a)$, $y = \sum_k g_k e_k$.
$$\frac{\partial y}{\partial a_j} = g_j(e_j - y)$$
""",
    (r"g_j(e_j - y)", r"g_j(y - e_j)"),
)

doc(
    "fm",
    r"""
A factorisation machine predicts
$$\hat y = w_0 + \sum_i w_i x_i + \frac12\sum_f\left[\left(\sum_i v_{if}x_i\right)^2 - \sum_i v_{if}^2x_i^2\right].$$
$$\frac{\partial \hat y}{\partial v_{if}} = x_i\sum_j v_{jf}x_j - v_{if}x_i^2$$
""",
    (r"- v_{if}x_i^2", r"- v_{if}x_i"),
)

doc(
    "hopfield",
    r"""
Energy of a modern Hopfield network
$$E = -\frac1\beta\log\sum_\mu \exp(\beta x_\mu^T\xi) + \frac12\xi^T\xi$$
$$\nabla_\xi E = \xi - \sum_\mu \frac{\exp(\beta x_\mu^T\xi)}{\sum_\nu\exp(\beta x_\nu^T\xi)} x_\mu$$
""",
    (r"\xi - \sum_\mu", r"\xi - \beta\sum_\mu"),
)

doc(
    "hopfield_classic",
    r"""
$$E = -\frac12 \sum_{i,j} w_{ij}s_is_j + \sum_i\theta_is_i$$
with $w_{ij} = w_{ji}$. Then
$$\frac{\partial E}{\partial s_i} = -\sum_j w_{ij}s_j + \theta_i$$
""",
    (r"-\sum_j w_{ij}s_j + \theta_i", r"-\frac12\sum_j w_{ij}s_j + \theta_i"),
)

doc(
    "rbm_free",
    r"""
Free energy of a binary RBM:
$$F(v) = -\sum_i b_iv_i - \sum_j\log\left(1+e^{c_j + \sum_iW_{ij}v_i}\right)$$
$$\frac{\partial F}{\partial W_{ij}} = -v_i\,\sigma\Big(c_j + \sum_kW_{kj}v_k\Big)$$
""",
    (r"-v_i\,\sigma", r"v_i\,\sigma"),
)

doc(
    "lp_norm_whole",
    r"""
Let $R = \|w\|_p^p$. Then
$$ \nabla_w R = p\,|w|^{p-1}\odot\operatorname{sign}(w). $$
""",
    (r"p\,|w|^{p-1}", r"|w|^{p-1}"),
)

doc(
    "l4",
    r"""
$$ R = \|w\|_4^4 $$
$$ \nabla_w R = 4 w^{\odot 3}. $$
$$ \frac{\partial R}{\partial w_i} = 4 w_i^3. $$
""",
    (r"= 4 w_i^3", r"= 3 w_i^3"),
)

doc(
    "linf",
    r"""
$$ R = \|w\|_\infty $$
$$ \frac{\partial R}{\partial w_i} = \operatorname{sign}(w_i)\,\mathbb{1}[|w_i| = \|w\|_\infty] $$
""",
    (r"\operatorname{sign}(w_i)\,", r""),
)

doc(
    "lp",
    r"""
$$ R = \|w\|_p $$
$$ \frac{\partial R}{\partial w_i} = \frac{|w_i|^{p-1}\operatorname{sign}(w_i)}{\|w\|_p^{p-1}} $$
""",
    (r"{\|w\|_p^{p-1}}", r"{\|w\|_p^{p}}"),
)

doc(
    "Kind",
    r"""
Let $E = \lVert \mathbf{W}\mathbf{x} - \mathbf{y} \rVert_3^3$.
$$\frac{\partial E}{\partial x_j} = 3\sum_i W_{ij} (r_i)^2 \operatorname{sign}(r_i), \quad r = Wx - y$$
""",
    (r"= 3\sum", r"= 2\sum"),
)

doc(
    "cos_uv",
    r"""
$$\cos(u,v) = \frac{u^T v}{\|u\|\|v\|}$$
$$\frac{\partial \cos(u,v)}{\partial u} = \frac{v}{\|u\|\|v\|} - \cos(u,v)\,\frac{u}{\|u\|^2}$$
""",
    (r"\frac{u}{\|u\|^2}", r"\frac{u}{\|u\|}"),
)

doc(
    "sigma_defined",
    r"""
The logistic function is $\sigma(z) = \frac{1}{1+e^{-z}}$. For a neuron $a = \sigma(z)$, $z = wx + b$ and $C = \frac12(a-y)^2$,
$$\frac{\partial C}{\partial w} = (a-y)\,\sigma'(z)\,x, \qquad \frac{\partial C}{\partial b} = (a-y)\sigma'(z).$$
""",
    (r"(a-y)\,\sigma'(z)\,x", r"(a-y)\,\sigma(z)\,x"),
)

doc(
    "sigma_prime_def",
    r"""
Let $\sigma(z) = \frac{1}{1+e^{-z}}$.
$$\sigma'(z) = \frac{e^{-z}}{(1+e^{-z})^2} = \sigma(z)(1-\sigma(z))$$
""",
    (r"= \sigma(z)(1-\sigma(z))", r"= \sigma(z)(1+\sigma(z))"),
)

doc(
    "silu2",
    r"""
$$\sigma(x) = \frac{1}{1+e^{-x}}, \quad f(x) = x\,\sigma(x)$$
$$f'(x) = \sigma(x) + x\,\sigma'(x)$$
$$f'(x) = \sigma(x)(1 + x(1-\sigma(x)))$$
""",
    (r"x\,\sigma'(x)", r"\sigma'(x)"),
    (r"(1 + x(1-\sigma(x)))", r"(1 + x\sigma(x))"),
)

doc(
    "tanh_index",
    r"""
$$h_i = \sigma\Big(\sum_j W_{ij}x_j\Big),\quad \sigma(u) = \tanh(u)$$
$$L = \sum_i c_i h_i$$
$$\frac{\partial L}{\partial x_j} = \sum_i c_i (1-h_i^2)W_{ij}$$
""",
    (r"(1-h_i^2)", r"h_i(1-h_i)"),
)

doc(
    "sigma_prime_in_row",
    r"""
$$h_i = \sigma(a_i), \quad a_i = \sum_j W_{ij}x_j, \quad \sigma(u) = \frac{1}{1+e^{-u}}$$
$$L = \sum_i c_i h_i$$
$$\frac{\partial L}{\partial x_j} = \sum_i c_i \sigma'(a_i)W_{ij} = \sum_i c_i\sigma(a_i)(1-\sigma(a_i))W_{ij}$$
""",
    (r"= \sum_i c_i\sigma(a_i)(1", r"= \sum_i c_i(1"),
    (r"c_i \sigma'(a_i)W_{ij}", r"c_i \sigma(a_i)W_{ij}"),
)

doc(
    "gelu_phi",
    r"""
GELU is $x\Phi(x)$ where $\Phi$ is the cdf of the standard normal distribution and $\varphi$ its density. So with $f(x) = x\Phi(x)$
$$f'(x) = \Phi(x) + x\varphi(x).$$
""",
    (r"+ x\varphi(x)", r"- x\varphi(x)"),
)

doc(
    "ei",
    r"""
Expected improvement (for minimisation, with best value $f$):
$$a = (f - m)\Phi(u) + s\,\phi(u), \quad u = \frac{f-m}{s}$$
with $\Phi$, $\phi$ the standard normal distribution function and density. Then
$$\frac{\partial a}{\partial m} = -\Phi(u), \qquad \frac{\partial a}{\partial s} = \phi(u).$$
""",
    (r"= \phi(u).", r"= -\phi(u)."),
)

doc(
    "tobit",
    r"""
$$\ell = \log\Phi\left(\frac{\mu - c}{s}\right)$$
where $\Phi$ denotes the normal CDF. With $\phi(t) = \frac{1}{\sqrt{2\pi}}e^{-t^2/2}$,
$$\frac{\partial \ell}{\partial \mu} = \frac{1}{s}\,\frac{\phi((\mu-c)/s)}{\Phi((\mu-c)/s)}$$
""",
    (r"\frac{1}{s}\,\frac", r"\frac"),
)

doc(
    "factorial",
    r"""
$$\ell = \sum_i \left( y_i\log\lambda_i - \lambda_i - \log(y_i!)\right)$$
$$\frac{\partial \ell}{\partial \lambda_i} = \frac{y_i}{\lambda_i} - 1$$
""",
    (r"\frac{y_i}{\lambda_i} - 1", r"\frac{y_i}{\lambda_i} + 1"),
)

doc(
    "hinge_sample",
    r"""
$$L = \max(0, 1 - y\,w^Tx)$$
If $y\,w^Tx < 1$:
$$\nabla_w L = -yx$$
""",
    (r"= -yx", r"= yx"),
    (r"If $y\,w^Tx < 1$:", r""),
)

doc(
    "hinge_index",
    r"""
$$f = \sum_j w_jx_j, \quad L = \max(0, 1 - y f)$$
For $yf < 1$ we have
$$\frac{\partial L}{\partial w_j} = -yx_j$$
""",
    (r"= -yx_j", r"= yx_j"),
)

doc(
    "relu_positive",
    r"""
$$L = \sum_i c_i\max(0, z_i)$$
For $z_i > 0$,
$$\frac{\partial L}{\partial z_i} = c_i$$
""",
    (r"= c_i", r"= -c_i"),
    (r"For $z_i > 0$,", r"For all $i$,"),
)

doc(
    "epsilon_insensitive",
    r"""
$$L = \max(0, |y - f| - \varepsilon)$$
If $|y-f| > \varepsilon$,
$$\frac{dL}{df} = -\operatorname{sign}(y - f).$$
""",
    (r"= -\operatorname", r"= \operatorname"),
)

doc(
    "lorentz",
    r"""
Let $L = \sum_i \rho(r_i)$ and $\rho(r) = \frac{c^2}{2}\log(1 + (r/c)^2)$.
$$\frac{\partial L}{\partial r_i} = \rho'(r_i) = \frac{r_i}{1 + (r_i/c)^2}$$
""",
    (r"\frac{r_i}{1", r"\frac{2 r_i}{1"),
)

doc(
    "irls",
    r"""
$$\psi(r) = \log\cosh r,\quad L = \sum_i\psi(y_i - x_i^Tw)$$
$$\nabla_w L = -\sum_i \tanh(y_i - x_i^Tw)\,x_i = -\sum_i\psi'(y_i-x_i^Tw)x_i$$
""",
    (r"= -\sum_i\psi'", r"= \sum_i\psi'"),
)

doc(
    "triplet_sq_dist",
    r"""
# Triplet
Let $d_p = \|a - p\|^2$, $d_n = \|a - n\|^2$, $\ell = \max(d_p - d_n + \alpha, 0)$.
If $d_p - d_n + \alpha > 0$ then
$$\frac{\partial \ell}{\partial a} = 2(n-p).$$
""",
    (r"2(n-p)", r"2(p-n)"),
)

doc(
    "baseline",
    r"""
$$\pi(a) = \frac{e^{\theta_a}}{\sum_b e^{\theta_b}}, \quad J = \sum_a \pi(a) r(a)$$
$$\frac{\partial J}{\partial \theta_a} = \pi(a)\left(r(a) - J\right)$$
""",
    (r"\left(r(a) - J\right)", r"r(a)"),
)

doc(
    "policy_index",
    r"""
$$\pi_a = \frac{e^{\theta_a}}{\sum_b e^{\theta_b}}, \quad J = \sum_a \pi_a r_a$$
$$\frac{\partial J}{\partial \theta_a} = \pi_a\left(r_a - \sum_b\pi_b r_b\right)$$
""",
    (r"\left(r_a - \sum_b\pi_b r_b\right)", r"r_a"),
)

doc(
    "entropy_policy",
    r"""
$$\pi_a = \frac{e^{\theta_a}}{\sum_b e^{\theta_b}},\quad H = -\sum_a\pi_a\log\pi_a$$
$$\frac{\partial H}{\partial\theta_a} = -\pi_a(\log\pi_a + H)$$
""",
    (r"(\log\pi_a + H)", r"(\log\pi_a + 1)"),
)

doc(
    "normal_eq",
    r"""
$$L = \|Xw - y\|^2$$
$$\begin{aligned}
\nabla_w L &= 2X^T(Xw-y) = 0 \\
\Rightarrow X^TXw &= X^Ty \\
\Rightarrow w &= (X^TX)^{-1}X^Ty
\end{aligned}$$
""",
    (r"2X^T(Xw-y) = 0", r"2X(Xw-y) = 0"),
)

doc(
    "normal_eq2",
    r"""
$$J = \frac12\|y - X\theta\|^2 + \frac\lambda2\|\theta\|^2$$
\begin{align}
\frac{\partial J}{\partial\theta} &= -X^T(y - X\theta) + \lambda\theta \\
&\Rightarrow -X^Ty + (X^TX + \lambda I)\theta = 0 \\
&\Rightarrow \theta = (X^TX + \lambda I)^{-1}X^Ty
\end{align}
""",
    (r"+ \lambda\theta \\", r"- \lambda\theta \\"),
)

doc(
    "rope",
    r"""
Rotary embedding of a pair, with angle $\theta$:
$$y_{2i} = x_{2i}\cos\theta_i - x_{2i+1}\sin\theta_i, \quad y_{2i+1} = x_{2i}\sin\theta_i + x_{2i+1}\cos\theta_i$$
$$\frac{\partial L}{\partial x_{2i}} = \frac{\partial L}{\partial y_{2i}}\cos\theta_i + \frac{\partial L}{\partial y_{2i+1}}\sin\theta_i$$
$$\frac{\partial L}{\partial x_{2i+1}} = -\frac{\partial L}{\partial y_{2i}}\sin\theta_i + \frac{\partial L}{\partial y_{2i+1}}\cos\theta_i$$
""",
    (
        r"\cos\theta_i + \frac{\partial L}{\partial y_{2i+1}}\sin",
        r"\cos\theta_i - \frac{\partial L}{\partial y_{2i+1}}\sin",
    ),
)

doc(
    "normal_eq3",
    r"""
$$J = \|Xw - y\|^2 + \lambda\|w\|^2$$
$$\nabla_w J = 2X^T(Xw - y) + 2\lambda w$$
Setting this to zero gives
$$(X^TX + \lambda I) w = X^Ty$$
$$w = (X^TX + \lambda I)^{-1} X^T y$$
""",
    (r"2X^T(Xw - y) + 2", r"2X^T(Xw - y) - 2"),
)

doc(
    "gauss_mle",
    r"""
$$\ell = -\frac{n}{2}\log\sigma^2 - \frac{1}{2\sigma^2}\sum_{i=1}^n(x_i-\mu)^2$$
\begin{align*}
\frac{\partial\ell}{\partial\mu} &= \frac{1}{\sigma^2}\sum_i(x_i-\mu) = 0 \\
\Rightarrow \hat\mu &= \frac1n\sum_i x_i \\
\frac{\partial\ell}{\partial\sigma^2} &= -\frac{n}{2\sigma^2} + \frac{1}{2\sigma^4}\sum_i(x_i-\mu)^2 = 0 \\
\Rightarrow \hat\sigma^2 &= \frac1n\sum_i(x_i-\hat\mu)^2
\end{align*}
""",
    (r"+ \frac{1}{2\sigma^4}", r"+ \frac{1}{\sigma^4}"),
)

doc(
    "als",
    r"""
$$L = \sum_{i,j} (r_{ij} - u_i^Tv_j)^2 + \lambda\sum_i\|u_i\|^2$$
$$\frac{\partial L}{\partial u_i} = -2\sum_j (r_{ij} - u_i^Tv_j)v_j + 2\lambda u_i = 0$$
""",
    (r"+ 2\lambda u_i", r"+ \lambda u_i"),
)

doc(
    "bernoulli",
    r"""
$$\ell(p) = k\log p + (n-k)\log(1-p)$$
$$\frac{d\ell}{dp} = \frac{k}{p} - \frac{n-k}{1-p}$$
Setting this equal to zero and solving for $p$,
$$\hat p = \frac{k}{n}$$
""",
    (r"- \frac{n-k}{1-p}", r"+ \frac{n-k}{1-p}"),
)

doc(
    "nielsen",
    r"""
$$z^l = W^l a^{l-1} + b^l,\quad a^l = \sigma(z^l)$$
where $\sigma(t) = 1/(1+e^{-t})$, and $C = \frac12\|a^L - y\|^2$.
$$\delta^L = \frac{\partial C}{\partial z^L} = (a^L - y)\odot\sigma'(z^L)$$
$$\frac{\partial C}{\partial W^L} = \delta^L (a^{L-1})^T$$
""",
    (r"(a^L - y)\odot", r"(y - a^L)\odot"),
    (r"\delta^L (a^{L-1})^T", r"\delta^L (a^{L})^T"),
)

doc(
    "nielsen2",
    r"""
$$z^l = W^l a^{l-1} + b^l,\quad a^l = \sigma(z^l), \quad C = \frac12\|a^L - y\|^2$$
$$\delta^L = \frac{\partial C}{\partial z^L} = (a^L - y)\odot\sigma'(z^L)$$
$$\frac{\partial C}{\partial b^L} = \delta^L$$
""",
    (r"(a^L - y)\odot", r"(y - a^L)\odot"),
    (r"b^L} = \delta^L", r"b^L} = -\delta^L"),
)

doc(
    "attention_tex",
    r"""
\documentclass{article}
\begin{document}
\section{Gradients of attention}
Let $S = \frac{1}{\sqrt{d}} Q K^\top$, $A = \mathrm{softmax}(S)$ row-wise, and $O = A V$. Writing $\bar X$ for $\partial L/\partial X$:
\begin{align}
\frac{\partial L}{\partial V} &= A^\top \frac{\partial L}{\partial O}, \\
\frac{\partial L}{\partial A} &= \frac{\partial L}{\partial O} V^\top, \\
\frac{\partial L}{\partial Q} &= \frac{1}{\sqrt d} \frac{\partial L}{\partial S} K, \\
\frac{\partial L}{\partial K} &= \frac{1}{\sqrt d} \left(\frac{\partial L}{\partial S}\right)^\top Q.
\end{align}
\end{document}
""",
    (r"\left(\frac{\partial L}{\partial S}\right)^\top Q", r"\frac{\partial L}{\partial S} Q"),
    (r"\frac{\partial L}{\partial O} V^\top", r"\frac{\partial L}{\partial O} V"),
    suffix=".tex",
)

doc(
    "softmax_rows_matrix",
    r"""
$$A = \mathrm{softmax}(S)$$
$$\frac{\partial L}{\partial S} = A \odot \left(\frac{\partial L}{\partial A} - \left(\left(\frac{\partial L}{\partial A}\odot A\right)\mathbf{1}\right)\mathbf{1}^\top\right)$$
where $S \in \mathbb{R}^{n\times m}$ and the softmax is taken over each row.
""",
    (r"\odot A\right)\mathbf{1}", r"\right)\mathbf{1}"),
)

doc(
    "bn_index_short",
    r"""
**Batch norm.** $\mu_j = \frac1m\sum_i x_{ij}$, $v_j = \frac1m\sum_i (x_{ij}-\mu_j)^2$, $\hat x_{ij} = \frac{x_{ij}-\mu_j}{\sqrt{v_j+\epsilon}}$, $y_{ij} = \gamma_j\hat x_{ij}+\beta_j$.

\begin{align}
\frac{\partial L}{\partial \gamma_j} &= \sum_i \frac{\partial L}{\partial y_{ij}}\hat x_{ij}\\
\frac{\partial L}{\partial \beta_j} &= \sum_i \frac{\partial L}{\partial y_{ij}}\\
\frac{\partial L}{\partial x_{ij}} &= \frac{\gamma_j}{m\sqrt{v_j+\epsilon}}\left(m\frac{\partial L}{\partial y_{ij}} - \sum_k\frac{\partial L}{\partial y_{kj}} - \hat x_{ij}\sum_k\frac{\partial L}{\partial y_{kj}}\hat x_{kj}\right)
\end{align}
""",
    (r"- \hat x_{ij}\sum_k", r"+ \hat x_{ij}\sum_k"),
    (r"\left(m\frac", r"\left(\frac"),
)

doc(
    "rbm_cd",
    r"""
RBM energy: $E(v,h) = -\sum_i a_i v_i - \sum_j b_j h_j - \sum_{i,j} v_i w_{ij} h_j$.
$$ -\frac{\partial E}{\partial w_{ij}} = v_i h_j, \qquad -\frac{\partial E}{\partial a_i} = v_i $$
""",
    (r"= v_i h_j", r"= -v_i h_j"),
)

doc(
    "gaussian_nll",
    r"""
$$\mathcal{L} = \frac{1}{N}\sum_{i=1}^N\left[\frac{(y_i-\mu_i)^2}{2\sigma_i^2} + \log\sigma_i\right]$$
$$\frac{\partial\mathcal{L}}{\partial\mu_i} = \frac{\mu_i-y_i}{N\sigma_i^2}$$
$$\frac{\partial\mathcal{L}}{\partial\sigma_i} = \frac1N\left(\frac1{\sigma_i} - \frac{(y_i-\mu_i)^2}{\sigma_i^3}\right)$$
""",
    (r"\sigma_i^3", r"\sigma_i^2"),
    (r"\frac{\mu_i-y_i}{N", r"\frac{y_i-\mu_i}{N"),
)

doc(
    "hetero_logvar",
    r"""
With $s_i = \log\sigma_i^2$ the loss is $L = \frac12\sum_i \left(e^{-s_i}(y_i-f_i)^2 + s_i\right)$, and
$$\frac{\partial L}{\partial s_i} = \frac12\left(1 - e^{-s_i}(y_i-f_i)^2\right),\qquad \frac{\partial L}{\partial f_i} = -e^{-s_i}(y_i-f_i).$$
""",
    (r"1 - e^{-s_i}", r"1 + e^{-s_i}"),
)

doc(
    "multiclass_svm",
    r"""
$$L_i = \sum_{j\neq y_i}\max(0, s_{ij} - s_{i y_i} + 1), \qquad L = \frac1N\sum_i L_i$$
For $j \neq y_i$:
$$\frac{\partial L}{\partial s_{ij}} = \frac1N\mathbb{1}(s_{ij} - s_{iy_i} + 1 > 0)$$
""",
    (r"\frac1N\mathbb{1}(s_{ij}", r"\mathbb{1}(s_{ij}"),
)

doc(
    "logistic_pm",
    r"""
With labels $y_i \in \{-1,1\}$, $L(w) = \sum_i \log(1+\exp(-y_i w^Tx_i))$.
$$\nabla L(w) = -\sum_i \frac{y_i x_i}{1+\exp(y_iw^Tx_i)} = -\sum_i\sigma(-y_iw^Tx_i)\,y_ix_i$$
""",
    (r"= -\sum_i\sigma(-y_i", r"= -\sum_i\sigma(y_i"),
)

doc(
    "conv1d",
    r"""
$$y_i = \sum_{k} w_k x_{i+k}$$
$$\frac{\partial L}{\partial w_k} = \sum_i\frac{\partial L}{\partial y_i}x_{i+k}, \qquad \frac{\partial L}{\partial x_j} = \sum_k\frac{\partial L}{\partial y_{j-k}}w_k$$
""",
    (r"\frac{\partial L}{\partial y_{j-k}}w_k", r"\frac{\partial L}{\partial y_{j+k}}w_k"),
)

doc(
    "conv2d",
    r"""
$$Y_{n,f,i,j} = b_f + \sum_{c,a,e}W_{f,c,a,e}X_{n,c,i+a,j+e}$$
$$\frac{\partial L}{\partial W_{f,c,a,e}} = \sum_{n,i,j}\frac{\partial L}{\partial Y_{n,f,i,j}}X_{n,c,i+a,j+e},\quad \frac{\partial L}{\partial b_f} = \sum_{n,i,j}\frac{\partial L}{\partial Y_{n,f,i,j}}$$
""",
    (r"X_{n,c,i+a,j+e},\quad", r"X_{n,c,i-a,j-e},\quad"),
)

doc(
    "avgpool",
    r"""
$$y_{i} = \frac{1}{2}(x_{2i} + x_{2i+1})$$
$$\frac{\partial L}{\partial x_{2i}} = \frac12\frac{\partial L}{\partial y_i} = \frac{\partial L}{\partial x_{2i+1}}$$
""",
    (r"\frac12\frac", r"\frac"),
)

doc(
    "maxpool_pair",
    r"""
$$y = \max(a, b)$$
$$\frac{\partial y}{\partial a} = \mathbb{1}[a > b], \quad \frac{\partial y}{\partial b} = \mathbb{1}[b > a]$$
""",
    (r"\mathbb{1}[b > a]", r"\mathbb{1}[b < a]"),
)

doc(
    "lstm_step",
    r"""
LSTM cell: $c_t = f_t \odot c_{t-1} + i_t\odot g_t$, $h_t = o_t\odot\tanh(c_t)$.
$$\frac{\partial L}{\partial o_t} = \frac{\partial L}{\partial h_t}\odot\tanh(c_t)$$
""",
    (r"\odot\tanh(c_t)$$", r"\odot(1-\tanh^2(c_t))$$"),
)

doc(
    "gru_gate",
    r"""
$$h = (1-z)\odot n + z\odot p$$
$$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial h}\odot(p - n),\quad \frac{\partial L}{\partial n} = \frac{\partial L}{\partial h}\odot(1-z),\quad \frac{\partial L}{\partial p} = \frac{\partial L}{\partial h}\odot z$$
""",
    (r"\odot(p - n)", r"\odot(n - p)"),
)

doc(
    "gcn",
    r"""
Graph convolution $H = \mathrm{ReLU}(\hat A X W)$. With $Z = \hat A X W$,
$$\frac{\partial L}{\partial Z} = \frac{\partial L}{\partial H}\odot\mathbb{1}[Z>0]$$
$$\frac{\partial L}{\partial W} = X^T\hat A^T\frac{\partial L}{\partial Z}, \qquad \frac{\partial L}{\partial X} = \hat A^T\frac{\partial L}{\partial Z}W^T$$
""",
    (r"X^T\hat A^T\frac", r"\hat A^TX^T\frac"),
    (r"\frac{\partial L}{\partial Z}W^T", r"\frac{\partial L}{\partial Z}W"),
)

doc(
    "pca_var",
    r"""
We maximise $J(w) = w^T\Sigma w - \lambda(w^Tw - 1)$ with symmetric $\Sigma$:
$$\nabla_wJ = 2\Sigma w - 2\lambda w$$
""",
    (r"2\Sigma w - 2\lambda w", r"\Sigma w - \lambda w"),
)

doc(
    "logdet_flow",
    r"""
$$L = -\log|\det W| + \frac12\|Wx\|^2$$
$$\frac{\partial L}{\partial W} = -W^{-T} + Wxx^T$$
""",
    (r"-W^{-T}", r"-W^{-1}"),
)

doc(
    "embedding_bag",
    r"""
$$h_m = \sum_t E_{x_t m}$$
$$\frac{\partial L}{\partial E_{vm}} = \sum_t \mathbb{1}[x_t = v]\frac{\partial L}{\partial h_m}$$
""",
    (r"\sum_t \mathbb{1}[x_t = v]\frac", r"\frac"),
)

doc(
    "skipgram_softmax",
    r"""
$$L = -u_o^Tv + \log\sum_w\exp(u_w^Tv)$$
$$\frac{\partial L}{\partial v} = -u_o + \sum_w\frac{\exp(u_w^Tv)}{\sum_{x}\exp(u_x^Tv)}u_w$$
""",
    (r"-u_o + \sum_w", r"u_o + \sum_w"),
)

doc(
    "weightnorm",
    r"""
Weight normalization: $w = \frac{g}{\|v\|}v$.
$$\nabla_gL = \frac{\nabla_wL\cdot v}{\|v\|},\qquad \nabla_vL = \frac{g}{\|v\|}\nabla_wL - \frac{g\nabla_gL}{\|v\|^2}v$$
""",
    (r"- \frac{g\nabla_gL}{\|v\|^2}v", r"- \frac{\nabla_gL}{\|v\|^2}v"),
)

doc(
    "spectral",
    r"""
$$\bar W = \frac{W}{\sigma},\quad \sigma = u^TWv$$
$$\frac{\partial L}{\partial W} = \frac1\sigma\left(\frac{\partial L}{\partial\bar W} - \left\langle\frac{\partial L}{\partial\bar W},\bar W\right\rangle uv^T\right)$$
""",
    (r"uv^T\right)", r"vu^T\right)"),
)

doc(
    "dropout",
    r"""
Inverted dropout: $y_i = \frac{m_i}{1-p}x_i$ with a mask $m_i$.
$$\frac{\partial L}{\partial x_i} = \frac{m_i}{1-p}\frac{\partial L}{\partial y_i}$$
""",
    (r"= \frac{m_i}{1-p}\frac", r"= m_i\frac"),
)

doc(
    "ppo_clip",
    r"""
$$L = \min(rA, \mathrm{clip}(r, 1-\epsilon, 1+\epsilon)A)$$
When $1-\epsilon < r < 1+\epsilon$,
$$\frac{\partial L}{\partial r} = A$$
""",
    (r"\partial r} = A", r"\partial r} = rA"),
)

doc(
    "sinkhorn",
    r"""
A Sinkhorn half-step: $u_i = \frac{a_i}{\sum_jK_{ij}v_j}$.
$$\frac{\partial u_i}{\partial v_j} = -\frac{a_iK_{ij}}{\left(\sum_kK_{ik}v_k\right)^2}$$
""",
    (r"= -\frac", r"= \frac"),
)

doc(
    "neural_ode_euler",
    r"""
$$z_{t+1} = z_t + h\tanh(Wz_t)$$
$$\frac{\partial z_{t+1}}{\partial z_t} = I + h\,\mathrm{diag}(1-\tanh^2(Wz_t))W$$
""",
    (r"I + h\,", r"h\,"),
)

doc(
    "mf_bias",
    r"""
$$L = \frac12\sum_{u,i}m_{ui}(r_{ui} - b_u - c_i - \sum_kp_{uk}q_{ik})^2$$
Let $e_{ui} = r_{ui} - b_u - c_i - \sum_kp_{uk}q_{ik}$.
$$\frac{\partial L}{\partial p_{uk}} = -\sum_im_{ui}e_{ui}q_{ik},\quad\frac{\partial L}{\partial b_u} = -\sum_im_{ui}e_{ui}$$
""",
    (r"-\sum_im_{ui}e_{ui}q_{ik}", r"-\sum_im_{ui}e_{ui}p_{uk}"),
)

doc(
    "mahalanobis",
    r"""
$$d^2 = (x-\mu)^T\Sigma^{-1}(x-\mu)$$
Since $\Sigma$ is symmetric,
$$\frac{\partial d^2}{\partial x} = 2\Sigma^{-1}(x-\mu)$$
""",
    (r"2\Sigma^{-1}(x-\mu)", r"2\Sigma(x-\mu)"),
)

doc(
    "cookbook1",
    r"""
\begin{align}
\frac{\partial\, x^TBx}{\partial x} &= (B + B^T)x \\
\frac{\partial\, a^TXb}{\partial X} &= ab^T \\
\frac{\partial\, \mathrm{tr}(AXB)}{\partial X} &= A^TB^T \\
\frac{\partial\, \mathrm{tr}(X^TX)}{\partial X} &= 2X
\end{align}
""",
    (r"&= A^TB^T", r"&= AB"),
    (r"&= ab^T", r"&= ba^T"),
)

doc(
    "cookbook2",
    r"""
$$\frac{\partial}{\partial s}(x - As)^TW(x-As) = -2A^TW(x-As)$$
where $W$ is symmetric.
""",
    (r"-2A^TW", r"-2AW"),
)

doc(
    "kernel_ridge",
    r"""
Kernel ridge: $J(\alpha) = \frac12\|y - K\alpha\|^2 + \frac\lambda2\alpha^TK\alpha$ with symmetric $K$.
$$\nabla_\alpha J = -K(y-K\alpha) + \lambda K\alpha$$
""",
    (r"+ \lambda K\alpha", r"+ \lambda \alpha"),
)

doc(
    "bce_logits",
    r"""
$$L = \max(z,0) - zy + \log(1+e^{-|z|})$$
$$\frac{dL}{dz} = \sigma(z) - y$$
""",
    (r"\sigma(z) - y", r"y - \sigma(z)"),
)

doc(
    "kl_softmax",
    r"""
$$L = \sum_ip_i\log\frac{p_i}{q_i},\quad q_i = \frac{e^{z_i}}{\sum_je^{z_j}},\quad \sum_ip_i=1$$
$$\frac{\partial L}{\partial z_i} = q_i-p_i$$
""",
    (r"= q_i-p_i", r"= q_i - q_ip_i"),
)

doc(
    "entropy",
    r"""
$$H = -\sum_kp_k\log p_k,\quad p_k = \frac{e^{z_k}}{\sum_je^{z_j}}$$
$$\frac{\partial H}{\partial z_k} = -p_k(\log p_k+H)$$
""",
    (r"(\log p_k+H)", r"(\log p_k-H)"),
)

doc(
    "tanh_chain",
    r"""
Let $y = \tanh(wx+b)$ and $E = \tfrac12(y-t)^2$. Then by the chain rule
$$\frac{dE}{dw} = \frac{dE}{dy}\cdot\frac{dy}{dw} = (y-t)\cdot(1-y^2)\cdot x.$$
""",
    (r"(1-y^2)", r"(1-y)"),
)


doc(
    "losses_L_i",
    r"""
$$L = \frac1N\sum_{i=1}^N L_i, \quad L_i = (w^Tx_i - y_i)^2$$
$$\nabla_w L = \frac2N\sum_i (w^Tx_i-y_i)x_i$$
$$\nabla_w L_i = 2(w^Tx_i-y_i)x_i$$
""",
    (r"\frac2N\sum_i", r"2\sum_i"),
    (r"= 2(w^Tx_i", r"= (w^Tx_i"),
)

doc(
    "J_i",
    r"""
Let $J_i = \log(1+e^{-y_i z_i})$ and $J = \sum_i J_i$.
$$\frac{\partial J}{\partial z_i} = -\frac{y_i}{1+e^{y_iz_i}}$$
""",
    (r"= -\frac{y_i}", r"= -\frac{1}"),
)

doc(
    "per_sample_mean",
    r"""
$\ell_i = -\log p_{i,y_i}$, $p_{ik} = \frac{e^{z_{ik}}}{\sum_j e^{z_{ij}}}$, $\mathcal{L} = \frac1N\sum_{i=1}^N\ell_i$
$$\frac{\partial\mathcal{L}}{\partial z_{ik}} = \frac1N(p_{ik} - \mathbb{1}[k = y_i])$$
""",
    (r"\frac1N(p", r"(p"),
    (r"- \mathbb{1}[k = y_i]", r""),
)

doc(
    "dot_products",
    r"""
$$s = q \cdot k, \quad L = (s - t)^2$$
$$\frac{\partial L}{\partial q} = 2(q\cdot k - t)\,k$$
""",
    (r"\,k$$", r"\,q$$"),
)

doc(
    "scalar_dot",
    r"""
$$y = w \cdot x + b, \quad E = \frac{1}{2} \cdot (y - t)^2$$
$$\frac{dE}{dw} = (y - t) \cdot x$$
""",
    (r"(y - t) \cdot x", r"(t - y) \cdot x"),
)

doc(
    "scalar_dots2",
    r"""
Forward: $z = w \cdot x$, $a = \sigma(z)$, $C = (a - y)^2$
$$\frac{\partial C}{\partial w} = 2 \cdot (a-y) \cdot a \cdot (1-a) \cdot x$$
""",
    (r"(1-a) \cdot x", r"(1+a) \cdot x"),
)

doc(
    "sigma_g",
    r"""
$g(z) = \frac{1}{1+e^{-z}}$, $h = g(\theta^Tx)$, $\ell = y\log h + (1-y)\log(1-h)$
\begin{align}
\frac{\partial \ell}{\partial\theta_j} &= \left(\frac{y}{g(\theta^Tx)} - \frac{1-y}{1-g(\theta^Tx)}\right)g'(\theta^Tx)x_j \\
&= (y - g(\theta^Tx))x_j
\end{align}
""",
    (r"&= (y - g(\theta^Tx))x_j", r"&= (g(\theta^Tx) - y)x_j"),
    (r"g'(\theta^Tx)x_j", r"g(\theta^Tx)x_j"),
)

doc(
    "softplus",
    r"""
$$f(x) = \log(1+e^x), \quad f'(x) = \frac{e^x}{1+e^x}, \quad f''(x) = \frac{e^x}{(1+e^x)^2}$$
""",
    (r"f''(x) = \frac{e^x}{(1+e^x)^2}", r"f''(x) = \frac{e^x}{(1+e^x)}"),
)

doc(
    "cauchy",
    r"""
$$L = \sum_i\rho(y_i - f_i),\quad \rho(r) = \log(1+r^2)$$
$$\frac{\partial L}{\partial f_i} = -\rho'(y_i-f_i)$$
""",
    (r"= -\rho'", r"= \rho'"),
)

doc(
    "chi2",
    r"""
$$\chi^2 = \sum_i\frac{(y_i - a x_i)^2}{s_i^2}$$
$$\frac{\partial\chi^2}{\partial a} = -2\sum_i\frac{x_i(y_i-ax_i)}{s_i^2}$$
""",
    (r"= -2\sum", r"= -\sum"),
)

doc(
    "policy_state",
    r"""
$$\pi(a|s) = \frac{e^{\theta_{s,a}}}{\sum_b e^{\theta_{s,b}}}$$
$$\frac{\partial\log\pi(a|s)}{\partial\theta_{s,b}} = \mathbb{1}[a=b] - \pi(b|s)$$
""",
    (r"- \pi(b|s)", r"- \pi(a|s)"),
)

doc(
    "odd_diff",
    r"""
$$y_i = x_{2i+1} - x_{2i-1}$$
$$L = \sum_i y_i^2$$
$$\frac{\partial L}{\partial y_i} = 2y_i$$
""",
    (r"= 2y_i", r"= y_i"),
)

doc(
    "l2_norm_sq_name",
    r"""
Let $r = \|w\|_2$ and $L = \frac{\lambda}{2}r^2$. Then
$$\frac{\partial L}{\partial w} = \lambda w$$
""",
    (r"= \lambda w", r"= \frac\lambda2 w"),
)

doc(
    "condition_wrong",
    r"""
$$L = \max(0, 1 - z)$$
For $z > 2$,
$$\frac{dL}{dz} = 0$$
""",
    (r"= 0", r"= -1"),
)

doc(
    "beta_reg",
    r"""
$$\ell = \log\Gamma(a+b) - \log\Gamma(a) - \log\Gamma(b) + (a-1)\log x + (b-1)\log(1-x)$$
$$\frac{\partial\ell}{\partial a} = \psi(a+b) - \psi(a) + \log x$$
""",
    (r"- \psi(a) + ", r"+ \psi(a) + "),
)

doc(
    "negbin",
    r"""
$$\ell = \sum_i\left[y_i\log\mu_i - (y_i+r)\log(\mu_i+r)\right],\quad \mu_i = e^{x_i^T\beta}$$
$$\nabla_\beta\ell = \sum_i\frac{r(y_i-\mu_i)}{\mu_i+r}x_i$$
""",
    (r"\frac{r(y_i-\mu_i)}{\mu_i+r}x_i", r"\frac{(y_i-\mu_i)}{\mu_i+r}x_i"),
)
