"""Forward programs in LaTeX, of entries and of whole arrays."""

import pytest

from chainrule.derive import read_program
from chainrule.errors import UserError

READ = {
    r"Y_{ij} = \sum_k X_{ik} W_{jk}": "Y[i,j] = sum[k](X[i,k] * W[j,k])",
    r"Y = X W^T + b": "Y[m,k] = sum[n](X[m,n] * W[k,n]) + b[k]",
    # what is defined after "where" stands before what uses it
    r"L = -\sum_k t_k \log p_k, \quad p_k = \frac{e^{a_k}}{\sum_j e^{a_j}}": "p[k] = exp(a[k]) / sum[j](exp(a[j]))\n"
    "L = -sum[k](t[k] * log(p[k]))",
    # steps of whole vectors
    r"h_t = \tanh(W h_{t-1} + U x_t + b)": "h[t,m] = "
    "tanh(sum[m2](W[m,m2] * h[t-1,m2]) + sum[n](U[m,n] * x[t,n]) + b[m])",
    r"i_t = sigmoid(W x_t + U h_{t-1} + b)": "i[t,m] = "
    "sigmoid(sum[n](W[m,n] * x[t,n]) + sum[k](U[m,k] * h[t-1,k]) + b[m])",
    # numbers made of whole vectors
    r"\hat{y} = \sigma(w^T x + b) \\ J = -y \log \hat{y} - (1-y)\log(1-\hat{y})": "yhat = "
    "sigmoid(sum[m](w[m] * x[m]) + b)\n"
    "J = -y * log(yhat) - (1 - y) * log(1 - yhat)",
    # functions without a backslash, and of a function
    r"y_i = max(0, x_i) + softmax(x)_i": "y[i] = max(0, x[i]) + exp(x[i]) / sum[k](exp(x[k]))",
    r"L = sum_i |x_i|^p": "L = sum[i](abs(x[i])^p)",
    r"y_i = \mathrm{GELU}(x_i)": "y[i] = gelu(x[i])",
    r"L = -\log \sigma(x^\top w)": "L = -log(sigmoid(sum[m](x[m] * w[m])))",
    # the entry of a softmax of a vector at a place; a step ahead; the root of a variance
    r"L = -\sum_n \sum_c y_{nc} \log(\text{softmax}(z_n)_c)": "L = "
    "-sum[n](sum[c](y[n,c] * log(exp(z[n,c]) / sum[k](exp(z[n,k])))))",
    r"\theta_{t+1} = \theta_t - \eta g_t": "theta[t] = theta[t-1] - eta * g[t-1]",
    r"y_i = \frac{x_i}{\sigma}, \sigma^2 = \frac1n \sum_i x_i^2": "var = 1 / size[i] * sum[i](x[i]^2)\n"
    "y[i] = x[i] / sqrt(var)",
    r"y = 1/(1 + e^{-x})": "y = 1 / (1 + exp(-x))",
    # a cell whose state comes back by several ways; a function that stands with other arguments; a number between bars
    r"f_t = \sigma(W x_t + U h_{t-1}) \\ c_t = f_t \odot c_{t-1} + x_t \\ h_t = f_t \odot \tanh(c_t)": "f[t,m] = "
    "sigmoid(sum[m2](W[m,m2] * x[t,m2]) + sum[m2](U[m,m2] * h[t-1,m2]))\n"
    "c[t,m] = f[t,m] * c[t-1,m] + x[t,m]\nh[t,m] = f[t,m] * tanh(c[t,m])",
    r"J(\theta) = \frac{1}{2m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)})^2, h_\theta(x) = \theta^T x": "J = "
    "1 / (2 * size[i]) * sum[i]((sum[m](theta[m] * x[i,m]) - y[i])^2)",
    r"y = \frac{x}{1+|x|}": "y = x / (1 + abs(x))",
    # sums over pairs, and over all but one
    r"E = \sum_{i<j} J_{ij} s_i s_j": "E = sum[i,j]((i < j) * J[i,j] * s[i] * s[j])",
    r"y_i = \sum_{j \neq i} w_{ij} x_j": "y[i] = sum[j]((j != i) * w[i,j] * x[j])",
    r"L = \sum_i \sum_{j \neq i} s_{ij}": "L = sum[i](sum[j]((j != i) * s[i,j]))",
    r"y = \sum_i -2 (x_i - m)": "y = sum[i](-2 * (x[i] - m))",
    # a number beside a norm; a function that the text defines; an inverse; a sum up to a number; an error called e
    r"k = \exp(-\gamma\|x-y\|^2)": "k = exp(-gamma * sum[m]((x[m] - y[m])^2))",
    r"\text{SiLU}(x) = x\sigma(x)": "SiLU = x * sigmoid(x)",
    r"y = \sin^{-1}(x)": "y[i] = arcsin(x[i])",
    r"y_i = \frac13 \sum_{a=0}^{2} x_{i+a}": "y[i] = 1 / 3 * sum[a](x[i+a])\nassume size[a] = 3",
    r"e = y - wx \\ L = \frac12 e^2": "e = y - w * x\nL = 1 / 2 * e^2",
    r"y_i = \mathrm{clip}(x_i, 0, 1)": "y[i] = clip(x[i], 0, 1)",
    # inner products, shapes that are declared, what stands after a power
    r"L = \langle u, A v\rangle": "L = sum[m](u[m] * sum[n](A[m,n] * v[n]))",
    r"Y = XW, X \in \mathbb{R}^{n \times d}": "Y[m,k] = sum[n](X[m,n] * W[n,k])",
    r"L = \|w\|^2_2 + 1e-5 \|w\|_1": "L = sum[m](w[m]^2) + 0.00001 * sum[m](abs(w[m]))",
    r"L = 1/2m \sum_{i=1}^m x_i": "L = 1 / (2 * size[i]) * sum[i](x[i])",
}


@pytest.mark.parametrize("text", READ)
def test_what_people_write_is_a_program(text):
    assert str(read_program(text)) == str(read_program(READ[text]))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (r"Y_{ij} = \oint X", "can't be read"),
        (r"L = \sum |x_i|^p", "nothing below a sum says which index it runs over"),
        ("L = -log(softmax(z)[y])", "a bracket close behind picks entries"),
        ("y = x mod 2", "`mod` is no name"),
        ("c = x and y", "`and` is no name"),
        (r"L = \|x\|^2_", "`_` is no sign"),
        (r"X \in \mathbb{R}^{2}", "can't be read as equations"),
    ],
)
def test_what_could_be_read_as_something_else_is_told(text, problem):
    with pytest.raises(UserError, match=problem):
        read_program(text)
