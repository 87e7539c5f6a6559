"""Jacobians, Hessians and differentials: right to 1e-9 against torch.func, and proven again by `prove`."""

import inspect

import numpy as np
import pytest

from chainrule.derive import EquationError, derive, evaluate, parse, prove
from chainrule.derive.render import html_page, latex_page, markdown_page, text_page
from chainrule.derive.render.pages import Chapter, Page

LOADED = "ignore:.*torch.jit.script:DeprecationWarning"  # by torch.func
pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings(LOADED)]
torch = pytest.importorskip("torch")
hessian, jacrev, jvp = torch.func.hessian, torch.func.jacrev, torch.func.jvp

LAYER_NORM = (
    "mu[s] = mean[i](X[s,i])\nvar[s] = mean[i]((X[s,i] - mu[s])^2)\n"
    "Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)\nY[s,i] = Xhat[s,i] * gamma[i]"
)
ATTENTION = "A[i,j] = exp(q[i] * k[j])\nP[i,j] = A[i,j] / sum[l](A[i,l])\ny[i] = sum[j](P[i,j] * v[j])"
LOGISTIC = "z[i] = sum[m](x[i,m] * w[m]) + b\nL = sum[i](softplus(z[i]) - y[i] * z[i])"
NET = "h[j] = tanh(sum[m](W[j,m] * x[m]))\nL = sum[j](v[j] * h[j])^2"


def layer_norm(X, eps, gamma):
    return (X - X.mean(1, keepdim=True)) / torch.sqrt(X.var(1, keepdim=True, unbiased=False) + eps) * gamma


JACOBIANS = [
    ("p[i] = exp(o[i]) / sum[j](exp(o[j]))", {"o": 5}, lambda o: torch.softmax(o, 0)),
    ("q[s,i] = o[s,i] - log(sum[j](exp(o[s,j])))", {"o": (2, 3)}, lambda o: torch.log_softmax(o, 1)),
    (LAYER_NORM, {"X": (2, 3), "eps": (), "gamma": 3}, layer_norm),
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", {"X": (2, 3), "W": (4, 3), "b": 4}, lambda X, W, b: X @ W.T + b),
    ("z[i] = sum[j](W[i,j] * x[j])\nh[i] = tanh(z[i])", {"W": (2, 3), "x": 3}, lambda W, x: torch.tanh(W @ x)),
    ("y[i] = x[i] / sqrt(sum[j](x[j]^2))", {"x": 4}, lambda x: x / x.norm()),
    ("Y[i] = sum[a](X[i+a] * k[a])", {"X": 6, "k": 3}, lambda X, k: torch.stack([X[i : i + 3] @ k for i in range(4)])),
    ("c = sum[i](x[i]^3)", {"x": 3}, lambda x: (x**3).sum()),
    ("Y[i,j] = X[j,i] * X[i,j]", {"X": (3, 3)}, lambda X: X.T * X),
    (ATTENTION, {"q": 2, "k": 3, "v": 3}, lambda q, k, v: torch.softmax(q[:, None] * k, 1) @ v),
]
HESSIANS = [
    ("e[i] = y[i] - sum[m](X[i,m] * w[m])\nL = sum[i](e[i]^2)", {"y": 4, "X": (4, 3), "w": 3}, ["X", "w"],
     lambda y, X, w: ((y - X @ w) ** 2).sum()),
    (LOGISTIC, {"x": (4, 2), "w": 2, "b": (), "y": 4}, ["w", "b"],
     lambda x, w, b, y: (torch.nn.functional.softplus(x @ w + b) - y * (x @ w + b)).sum()),
    ("L = log(sum[k](exp(z[k])))", {"z": 4}, ["z"], lambda z: torch.logsumexp(z, 0)),
    (NET, {"W": (2, 3), "x": 3, "v": 2}, ["x", "v"], lambda W, x, v: (v @ torch.tanh(W @ x)) ** 2),
    ("L = sum[i,j](x[i] * A[i,j] * x[j])", {"x": 3, "A": (3, 3)}, ["x", "A"], lambda x, A: x @ A @ x),
    ("L = sum[i](100 * (y[i] - x[i]^2)^2 + (1 - x[i])^2)", {"x": 3, "y": 3}, ["x", "y"],
     lambda x, y: (100 * (y - x**2) ** 2 + (1 - x) ** 2).sum()),
]  # fmt: skip


def draw(shapes):
    rng = np.random.default_rng(4)
    return {k: np.asarray(rng.uniform(0.2, 0.9, v) * (rng.choice([-1, 1], v) if v else 1)) for k, v in shapes.items()}


def call(made, program, values):
    """The result of the generated NumPy function."""
    space: dict = {}
    exec(made.numpy, space)
    given = {**values, **evaluate(program, {name: values[name] for name in program.inputs})}
    function = space[made.function]
    return function(*(given[name] for name in inspect.signature(function).parameters))


def tensors(values, shapes):
    return tuple(torch.tensor(values[name]) for name in shapes)


def assert_close(found, expected):
    assert np.shape(found) == tuple(expected.shape)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("text", "shapes", "function"), JACOBIANS)
def test_jacobians_are_those_of_torch_and_prove_reads_them(text, shapes, function):
    program, values = parse(text), draw(shapes)
    made = derive(program).jacobian()
    assert len(made) == len(shapes)
    for one, name in zip(made.values(), program.inputs, strict=True):
        expected = jacrev(function, argnums=list(shapes).index(name))(*tensors(values, shapes))
        assert_close(call(one, program, values), expected)
        assert one.error < 1e-9
    assert prove(text_page(program, made), repairs=False).ok


@pytest.mark.parametrize(("text", "shapes", "function"), JACOBIANS)
def test_forward_mode_is_that_of_torch_and_prove_reads_it(text, shapes, function):
    program, values = parse(text), draw(shapes)
    rng = np.random.default_rng(5)
    tangents = {name: np.asarray(rng.standard_normal(shape)) for name, shape in shapes.items()}
    along = tuple(torch.tensor(tangent) for tangent in tangents.values())
    expected = jvp(function, tensors(values, shapes), along)[1]
    assert_close(derive(program).jvp(values, tangents), expected)
    assert prove(text_page(program, derive(program).differential()), repairs=False).ok


@pytest.mark.parametrize(("text", "shapes", "wanted", "function"), HESSIANS)
def test_hessians_are_those_of_torch_in_every_block_and_prove_reads_them(text, shapes, wanted, function):
    program, values = parse(text), draw(shapes)
    made = derive(program).hessian(wanted)
    blocks = [(a, b) for k, a in enumerate(wanted) for b in wanted[k:]]
    for one, (a, b) in zip(made.values(), blocks, strict=True):
        places = (list(shapes).index(a), list(shapes).index(b))
        expected = hessian(function, argnums=places)(*tensors(values, shapes))[0][1] if a != b else None
        expected = expected if expected is not None else hessian(function, argnums=places[0])(*tensors(values, shapes))
        assert_close(call(one, program, values), expected)
    assert prove(text_page(program, made), repairs=False).ok


@pytest.mark.parametrize(("text", "shapes", "wanted", "function"), [HESSIANS[0], HESSIANS[1], HESSIANS[5]])
def test_hessian_times_a_vector_is_that_of_torch(text, shapes, wanted, function):
    name, values = wanted[0], draw(shapes)
    v = np.random.default_rng(6).standard_normal(shapes[name])
    product = derive(text).hvp(name)
    found = product.evaluate({**values, "v": v})[name]
    whole = hessian(function, argnums=list(shapes).index(name))(*tensors(values, shapes))
    assert_close(found, torch.tensordot(whole, torch.tensor(v), dims=np.ndim(v)))


def test_jacobians_have_the_form_that_a_textbook_prints():
    softmax = derive("p[i] = exp(o[i]) / sum[j](exp(o[j]))").jacobian()["dp_do"]
    assert softmax.index == "d(p[i])/d(o[j]) = p[i] * (delta[i,j] - p[j])"
    assert softmax.latex == r"\frac{\partial p_{i}}{\partial o_{j}} &= p_{i}\,(\delta_{i,j} - p_{j})"
    squares = derive("L = sum[i]((y[i] - sum[m](X[i,m] * w[m]))^2)").hessian(["w"])["d2L_dw_dw"]
    assert squares.matrix == "d2L_dw_dw = 2 (Xᵀ X)"
    linear = derive("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]").differential()["dY"]
    assert linear.matrix == "dY = dX Wᵀ + X dWᵀ + 1 dbᵀ"


def test_the_jacobian_of_a_quantity_in_between_can_be_asked_for():
    made = derive(LAYER_NORM).jacobian("mu", ["X"])["dmu_dX"]
    assert made.index == "d(mu[s])/d(X[j,i]) = delta[s,j] / size[i]"


def test_a_block_that_is_0_is_said_to_be_0():
    made = derive("L = sum[i,j](x[i] * A[i,j] * x[j])").hessian(["A"])["d2L_dA_dA"]
    assert made.index.endswith("= 0")
    assert [step.law for step in made.steps][-1] == "dA does not depend on A"


def test_every_form_of_a_page_can_be_written():
    program = parse(LOGISTIC)
    made = derive(program).hessian(["w", "b"])
    page = Page("logistic", (Chapter(program, made),))
    assert "∂" in html_page(page)
    assert r"\partial^2 L" in markdown_page(page)
    assert r"\partial^2 L" in latex_page(made)


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: derive("Y[i] = exp(X[i])").hessian(), "a Hessian is that of a scalar, but `Y` has indices"),
        (lambda: derive("Y[i] = exp(X[i])").jacobian("Z"), "no line defines `Z`"),
        (lambda: derive("Y[i] = exp(X[i])").jacobian(None, ["Q"]), "`Q` is no input; the inputs are X"),
        (lambda: derive("Y[i] = exp(X[i])").differential(["Q"]), "`Q` is no input"),
        (lambda: derive("L = sum[i](v[i] * X[i]^2)").hvp("X"), "`v` is a name of the program"),
        (lambda: derive("Y[i] = exp(X[i])").jvp({}, {"X": 1}), "no value for X"),
    ],
)
def test_what_cannot_be_derived_is_told(ask, problem):
    with pytest.raises(EquationError, match=problem.replace("[", r"\[")):
        ask()
