"""Gradients derived for ranges, products, shorthands and functions, held to PyTorch in float64."""

import numpy as np
import pytest

from chainrule.derive import derive

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

S, N, M = 3, 4, 5
RNG = np.random.default_rng(7)


def _real(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


def _positive(*shape: int) -> np.ndarray:
    return RNG.uniform(0.3, 2.5, shape)


def _unit(*shape: int) -> np.ndarray:
    return RNG.uniform(0.05, 0.95, shape) * RNG.choice([-1, 1], shape)


def _with_zeros(*shape: int) -> np.ndarray:
    array = _real(*shape)
    array[0, 1] = array[1, 0] = array[1, 2] = 0  # one zero in a row, and two
    return array


def _causal(scores):
    return torch.softmax(scores.masked_fill(torch.ones(N, N).triu(1).bool(), -torch.inf), -1)


def _off_diagonal_products(x):
    return torch.stack([torch.cat([x[:i], x[i + 1 :]]).prod() for i in range(len(x))])


# name: (program, inputs, the same in PyTorch)
PROGRAMS = {
    "product": ("Y[s] = prod[i](X[s,i])", {"X": _with_zeros(S, N)}, lambda X: X.prod(1)),
    "product of sums": (
        "Y[s] = prod[i,j](X[s,i] + z[j])", {"X": _real(S, N), "z": _real(M)},
        lambda X, z: (X[:, :, None] + z).prod(2).prod(1),
    ),
    "product of the others": ("Y[i] = prod[j!=i](x[j])", {"x": _real(N)}, _off_diagonal_products),
    "product over a range": (
        "Y[i] = prod[j<i](1 - a[j]) * a[i]", {"a": _unit(N)},
        lambda a: torch.cat([torch.ones(1, dtype=a.dtype), (1 - a).cumprod(0)[:-1]]) * a,
    ),
    "likelihood of trials": (
        "L = -log(prod[i](p[i]^t[i]))", {"p": _positive(N), "t": _positive(N)}, lambda p, t: -(p**t).prod().log(),
    ),
    "cumulative sum": ("Y[s,i] = cumsum[i](X[s,i])", {"X": _real(S, N)}, lambda X: X.cumsum(1)),
    "cumulative product": ("Y[s,i] = cumprod[i](X[s,i])", {"X": _with_zeros(S, N)}, lambda X: X.cumprod(1)),
    "cumulative maximum": ("Y[s,i] = cummax[i](X[s,i])", {"X": _real(S, N)}, lambda X: X.cummax(1).values),
    "weighted cumulative sum": (
        "L = sum[i](w[i] * cumsum[i](x[i])^2)", {"w": _real(N), "x": _real(N)},
        lambda w, x: (w * x.cumsum(0) ** 2).sum(),
    ),
    "range": ("Y[i,d] = sum[j<=i](A[i,j] * V[j,d])", {"A": _real(N, N), "V": _real(N, M)}, lambda A, V: A.tril() @ V),
    "strict range": ("Y[i] = sum[j<i](x[j]^2)", {"x": _real(N)}, lambda x: (x**2).cumsum(0) - x**2),
    "range above": ("Y[i] = sum[j>=i](exp(x[j]))", {"x": _real(N)}, lambda x: x.exp().flip(0).cumsum(0).flip(0)),
    "pairs": (
        "L = sum[i<j](A[i,j] * x[i] * x[j])", {"A": _real(N, N), "x": _real(N)}, lambda A, x: x @ A.triu(1) @ x,
    ),
    "factorisation machine of pairs": (
        "Y[s] = sum[i<j](sum[k](V[i,k] * V[j,k]) * X[s,i] * X[s,j])", {"V": _real(N, M), "X": _real(S, N)},
        lambda V, X: torch.einsum("ij,si,sj->s", (V @ V.T).triu(1), X, X),
    ),
    "band": (
        "Y[i] = sum[i-1<=j<=i+1](x[j] * w[j])", {"x": _real(N), "w": _real(N)},
        lambda x, w: torch.ones(N, N, dtype=x.dtype).tril(1).triu(-1) @ (x * w),
    ),
    "softmax of an element": ("Y[s,k] = softmax[k](X[s,k])", {"X": _real(S, N)}, lambda X: X.softmax(1)),
    "softmax inside of a line": (
        "L = -mean[s](sum[k](T[s,k] * log(softmax[k](X[s,k]))))", {"T": _positive(S, N), "X": _real(S, N)},
        lambda T, X: -(T * X.softmax(1).log()).sum(1).mean(),
    ),
    "log-softmax": (
        "L = -sum[s,k](T[s,k] * logsoftmax[k](X[s,k]))", {"T": _positive(S, N), "X": _real(S, N)},
        lambda T, X: -(T * X.log_softmax(1)).sum(),
    ),
    "causal attention": (
        "O[i,d] = sum[j](softmax[j<=i](S[i,j]) * V[j,d])", {"S": _real(N, N), "V": _real(N, M)},
        lambda S, V: _causal(S) @ V,
    ),
    "log-sum-exp": ("Y[s] = logsumexp[k](X[s,k])", {"X": _real(S, N)}, lambda X: X.logsumexp(1)),
    "norm": (
        "Y[s,i] = X[s,i] / norm[j](X[s,j])", {"X": _real(S, N)}, lambda X: X / X.norm(dim=1, keepdim=True),
    ),
    "standard deviation": (
        "Y[s,i] = (X[s,i] - mean[j](X[s,j])) / std[j](X[s,j])", {"X": _real(S, N)},
        lambda X: (X - X.mean(1, keepdim=True)) / X.std(1, correction=0, keepdim=True),
    ),
    "variance": (
        "Y[s] = var[i](X[s,i] * w[i])", {"X": _real(S, N), "w": _real(N)},
        lambda X, w: (X * w).var(1, correction=0),
    ),
    "inverse functions": (
        "Y[i] = arccos(x[i]) * arcsin(y[i]) + arctanh(x[i]) * arccosh(z[i]) + arcsinh(z[i])",
        {"x": _unit(N), "y": _unit(N), "z": 1.1 + _positive(N)},
        lambda x, y, z: x.arccos() * y.arcsin() + x.arctanh() * z.arccosh() + z.arcsinh(),
    ),
    "logarithms": (
        "L = sum[i](p[i] * log2(p[i]) + log10(p[i]) - exp2(p[i]))", {"p": _positive(N)},
        lambda p: (p * p.log2() + p.log10() - p.exp2()).sum(),
    ),
    "negative binomial": (
        "L = -sum[i](lgamma(x[i] + r) - lgamma(r) - lgamma(x[i] + 1) + r * log(1 - p) + x[i] * log(p))",
        {"x": _positive(N), "r": np.array(1.7), "p": np.array(0.4)},
        lambda x, r, p: -((x + r).lgamma() - r.lgamma() - (x + 1).lgamma() + r * (1 - p).log() + x * p.log()).sum(),
    ),
    "digamma": (
        "Y[i] = digamma(x[i]) * erfc(y[i])", {"x": _positive(N), "y": _real(N)},
        lambda x, y: x.digamma() * y.erfc(),
    ),
    "activations": (
        "Y[i] = gelu(x[i]) + silu(y[i]) + mish(x[i]) + elu(y[i]) + logsigmoid(x[i]) + softsign(y[i])",
        {"x": _real(N), "y": _real(N)},
        lambda x, y: (
            torch.nn.functional.gelu(x) + torch.nn.functional.silu(y) + torch.nn.functional.mish(x)
            + torch.nn.functional.elu(y) + torch.nn.functional.logsigmoid(x) + torch.nn.functional.softsign(y)
        ),
    ),
    "piecewise activations": (
        "Y[i] = relu6(4 * x[i]) + hardtanh(y[i]) + leaky_relu(x[i]) + tanhshrink(y[i])",
        {"x": _real(N), "y": _real(N)},
        lambda x, y: (
            torch.nn.functional.relu6(4 * x) + torch.nn.functional.hardtanh(y)
            + torch.nn.functional.leaky_relu(x) + torch.nn.functional.tanhshrink(y)
        ),
    ),
    "sigmoid loss of pairs": (
        "L = -sum[i,j](log(sigmoid((2 * delta[i,j] - 1) * S[i,j])))", {"S": _real(N, N)},
        lambda S: -torch.nn.functional.logsigmoid((2 * torch.eye(N) - 1) * S).sum(),
    ),
    "negative samples": (
        "L = -sum[k](log(sigmoid(-sum[c](U[k,c] * v[c]))))", {"U": _real(N, M), "v": _real(M)},
        lambda U, v: -torch.nn.functional.logsigmoid(-U @ v).sum(),
    ),
    "squared hinge": (
        "L = sum[i](relu(1 - t[i] * x[i])^2)", {"t": _real(N), "x": _real(N)},
        lambda t, x: ((1 - t * x).relu() ** 2).sum(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_derived_gradient_is_that_of_pytorch(name: str) -> None:
    text, inputs, function = PROGRAMS[name]
    tensors = {key: torch.tensor(value, requires_grad=True) for key, value in inputs.items()}
    output = function(*tensors.values())
    cotangent = np.random.default_rng(3).standard_normal(tuple(output.shape))
    output.backward(torch.tensor(cotangent))
    found = derive(text).evaluate(inputs, cotangent)
    for key, tensor in tensors.items():
        assert np.shape(found[key]) == tuple(tensor.shape)
        np.testing.assert_allclose(found[key], tensor.grad.numpy(), rtol=1e-9, atol=1e-10)


def test_several_outputs_have_the_gradients_of_pytorch() -> None:
    names = ("f", "p", "i", "g", "o")
    inputs = {name: _real(N) for name in names}
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in inputs.items()}
    c = tensors["f"] * tensors["p"] + tensors["i"] * tensors["g"]
    y = tensors["o"] * c.tanh()
    arriving = {"c_next": _real(N), "y": _real(N)}
    torch.autograd.backward([c, y], [torch.tensor(arriving["c_next"]), torch.tensor(arriving["y"])])
    program = "c[h] = f[h] * p[h] + i[h] * g[h]\ny[h] = o[h] * tanh(c[h])\noutputs c, y"
    found = derive(program).evaluate(inputs, arriving)
    for name in names:
        np.testing.assert_allclose(found[name], tensors[name].grad.numpy(), rtol=1e-9)


def test_an_unknown_function_is_given_to_the_code_with_its_derivative() -> None:
    X = _real(S, N)
    tensor = torch.tensor(X, requires_grad=True)
    cotangent = _real(S)
    (torch.sin(tensor) ** 2).sum(1).backward(torch.tensor(cotangent))
    found = derive("Y[s] = sum[i](h(X[s,i])^2)").evaluate({"X": X, "h": np.sin, "h'": np.cos}, cotangent)
    np.testing.assert_allclose(found["X"], tensor.grad.numpy(), rtol=1e-9)
