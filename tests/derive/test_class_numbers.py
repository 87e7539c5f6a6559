"""Programs that pick by class numbers, words or actions: gradients and generated NumPy beside PyTorch's in float64."""

import numpy as np
import pytest
from tests.contracts.programs import GALLERY, derive_program

from chainrule.derive import derive

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
F = torch.nn.functional

# sizes that all differ; every index array has repeats
SHAPES = {
    "cross_entropy_labels": {"X": (7, 4), "w": (4,), "y": (7, 4)},
    "cross_entropy_ignored": {"X": (8, 5), "y": (8, 5)},
    "label_smoothing": {"X": (6, 5), "y": (6, 5)},
    "embedding": {"E": (4, 3), "P": (5, 3), "idx": (2, 5, 4)},
    "bag_of_words": {"E": (4, 3), "W": (6, 3), "c": (6,), "idx": (2, 5, 4)},
    "word2vec": {"U": (5, 3), "V": (4, 3), "o": (7, 5), "c": (7, 4), "j": (7, 2, 5)},
    "focal_loss_labels": {"X": (7, 4), "w": (4,), "y": (7, 4)},
    "reinforce": {"X": (7, 3), "R": (7,), "a": (7, 3)},
    "q_learning": {"Q": (7, 3), "r": (7,), "M": (7,), "a": (7, 3)},
    "matrix_factorisation": {"U": (4, 2), "V": (5, 2), "b": (4,), "c": (5,), "r": (9,), "u": (9, 4), "v": (9, 5)},
    "bradley_terry": {"s": (4,), "i": (9, 4), "j": (9, 4)},
    "triplet_by_index": {"X": (5, 3), "a": (8, 5), "p": (8, 5), "n": (8, 5)},
    "center_loss": {"X": (7, 3), "C": (4, 3), "y": (7, 4)},
    "graph_convolution": {"X": (5, 3), "w": (9,), "W": (2, 3), "i": (9, 5), "j": (9, 5)},
    "crf_score": {"U": (7, 4), "T": (4, 4), "y": (7, 4)},
    "multiclass_hinge": {"X": (7, 4), "y": (7, 4)},
}
SCALARS = {"eps": 0.1, "b": 0.4, "gamma": 0.9, "margin": 2.0}


def _graph(X, w, W, i, j):
    return torch.relu(X.index_add(0, j, w[:, None] * X[i]) @ W.T)


def _word2vec(U, V, o, c, j):
    negative = F.logsigmoid(-(U[j] * V[c][:, None]).sum(-1)).sum(1)
    return -(F.logsigmoid((U[o] * V[c]).sum(-1)) + negative).mean()


def _focal(X, w, y):
    p = F.softmax(X, 1).gather(1, y[:, None])[:, 0]
    return -(w[y] * (1 - p) ** 2 * p.log()).mean()


def _triplet(X, a, p, n, margin):
    near, far = ((X[a] - X[other]).square().sum(1) for other in (p, n))
    return torch.clamp(near - far + margin, min=0).mean()


def _path(U, T, y):
    return U.gather(1, y[:, None]).sum() + T[y[:-1], y[1:]].sum()


def _hinge(X, y):
    return F.multi_margin_loss(X, y, reduction="sum") * X.shape[1] / X.shape[0]


TORCH = {
    "cross_entropy_labels": lambda X, w, y: (w[y] * F.cross_entropy(X, y, reduction="none")).sum() / w[y].sum(),
    "cross_entropy_ignored": lambda X, y: F.cross_entropy(X, y, ignore_index=-100),
    "label_smoothing": lambda X, y, eps: (1 - eps) * F.cross_entropy(X, y) - eps * F.log_softmax(X, 1).mean(),
    "embedding": lambda E, P, idx: F.embedding(idx, E) + P,
    "bag_of_words": lambda E, W, c, idx: F.linear(F.embedding_bag(idx, E, mode="mean"), W, c),
    "word2vec": _word2vec,
    "focal_loss_labels": _focal,
    "reinforce": lambda X, R, b, a: ((R - b) * F.cross_entropy(X, a, reduction="none")).mean(),
    "q_learning": lambda Q, r, M, gamma, a: (Q.gather(1, a[:, None])[:, 0] - r - gamma * M).square().mean() / 2,
    "matrix_factorisation": lambda U, V, b, c, r, u, v: F.mse_loss((U[u] * V[v]).sum(1) + b[u] + c[v], r) / 2,
    "bradley_terry": lambda s, i, j: -F.logsigmoid(s[i] - s[j]).mean(),
    "triplet_by_index": _triplet,
    "center_loss": lambda X, C, y: (X - C[y]).square().sum(1).mean() / 2,
    "graph_convolution": _graph,
    "crf_score": _path,
    "multiclass_hinge": _hinge,
}


def _draw(name, rng):
    """Arrays and places for the inputs of a program of the table."""
    program, drawn = derive_program(name).program, {}
    for key in program.inputs:
        if key not in SHAPES[name]:
            drawn[key] = SCALARS[key]
        elif key in program.index_arrays:
            *shape, extent = SHAPES[name][key]
            drawn[key] = rng.integers(0, extent, shape)
        else:
            drawn[key] = rng.standard_normal(SHAPES[name][key])
    if name == "cross_entropy_ignored":
        drawn["y"][[1, 4]] = -100
    if "w" in drawn and "y" in drawn:
        drawn["w"] = np.abs(drawn["w"]) + 0.1
    return drawn


@pytest.mark.parametrize("name", SHAPES)
def test_gradients_are_those_of_pytorch(name):
    rng = np.random.default_rng(3)
    d, drawn = derive_program(name), _draw(name, rng)
    tensors = {key: torch.tensor(value) for key, value in drawn.items() if key not in d}
    tensors |= {key: torch.tensor(drawn[key], dtype=torch.float64, requires_grad=True) for key in d}
    output = TORCH[name](**tensors)
    cotangent = rng.standard_normal(output.shape)
    output.backward(torch.tensor(cotangent))
    forward, _ = d.functions
    found = d.evaluate(drawn, cotangent)
    assert forward(*(drawn[key] for key in d.program.inputs))[d.program.output] == pytest.approx(
        output.detach().numpy(), rel=1e-9, abs=1e-12
    )
    for key in d:
        np.testing.assert_allclose(found[key], tensors[key].grad.numpy(), rtol=1e-9, atol=1e-12)


def test_every_program_of_the_table_is_in_the_gallery():
    assert SHAPES.keys() == TORCH.keys()
    assert SHAPES.keys() <= GALLERY.keys()


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        (
            "L = -mean[s](X[s,y[s]] - log(sum[k](exp(X[s,k]))))",
            "dX[s,k] = (exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[k,y[s]]) / size[s]",
        ),
        ("Y[t,m] = E[idx[t],m]", "dE[v,m] = sum[t](dY[t,m] * delta[v,idx[t]])"),
        ("Y[s] = X[s,y[s]+1]", "dX[s,v] = dY[s] * delta[v,y[s]+1]"),
        ("Y[s] = A[p[s],q[s]]", "dA[v,k] = sum[s](dY[s] * delta[v,p[s]] * delta[k,q[s]])"),
        ("Y[t] = E[w[c[t]]]", "dE[k] = sum[t](dY[t] * delta[k,w[c[t]]])"),
        ("Y[i] = x[i] * x[p[i]]", "dx[i] = dY[i] * x[p[i]] + sum[j](dY[j] * x[j] * delta[i,p[j]])"),
        ("Y[s] = sum[k](delta[k,y[s]] * log(X[s,k]))", "dX[s,k] = dY[s] * delta[k,y[s]] / X[s,y[s]]"),
    ],
)
def test_gradient_is_that_of_a_textbook(text, gradient):
    (found,) = [g.index for g in derive(text).values()]
    assert found == gradient


PLACES = [
    "Y[b,t,m] = E[b,i[b,t],m]",
    "Y[b,m] = sum[t](E[i[b,t],m] * w[t])",
    "Y[a,b] = T[a,i[a],b,j[b]]",
    "Y[a,b] = T[i[a],a,j[b]] * T[j[b],a,i[a]]",
    "Y[m,t,n] = E[m,idx[t],n] * E[n,idx[t],m]",
    "Y[t] = sum[n](U[n] * E[2*i[t]+1-z[t],n])",
    "Y = sum[t](E[i[t]])",
    "Y[t,m] = sum[a](X[i[t]+a,m] * W[a])",
    "Y[s] = X[s,0] * X[s,y[s]] * y[s]",
    "Y[t] = E[y[t-1]] * exp(E[y[p[t]+1]])",
    "Y[t,k] = delta[k,y[t+1]] * X[t,k]",
    "Y[s] = sum[j<=y[s]](X[s,j] * Z[y[s]])",
]


@pytest.mark.parametrize("text", PLACES)
def test_numpy_adds_up_at_repeated_places_and_reads_zero_outside(text):
    d = derive(text)  # proven: the result equals differences of the program
    for point in (point for point in d._engine.proof.points if point.is_compared):
        inputs = {n: np.asarray(v).astype(float) if np.ndim(v) else float(v) for n, v in point.inputs.items()}
        cotangent = inputs.pop(f"d{d.program.output}")
        found = d.evaluate(inputs, cotangent)
        for name in d:
            value = point.arrays[f"d{name}"]
            if value.dtype == object:
                np.testing.assert_allclose(found[name], value.astype(float), rtol=1e-9, atol=1e-12)


def test_the_same_word_twice_gets_both_gradients():
    dY = np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]])
    found = derive("Y[t,m] = E[idx[t],m]").evaluate({"E": np.zeros((4, 2)), "idx": [2, 0, 2]}, dY)
    np.testing.assert_array_equal(found["E"], [[3, 5], [0, 0], [8, 13], [0, 0]])


@pytest.mark.parametrize(
    ("places", "problem"),
    [([0, 4], "`y` holds 4; expected places from 0 to 2"), ([0, -1], "holds -1"), ([0, 0.5], "whole numbers, not 0.5")],
)
def test_a_place_that_is_none_is_told(places, problem):
    with pytest.raises(ValueError, match=problem):
        derive("Y[s] = X[s,y[s]]").evaluate({"X": np.zeros((2, 3)), "y": places}, np.ones(2))


def test_class_numbers_have_no_gradient():
    d = derive("L = -mean[s](X[s,y[s]])")
    assert list(d) == ["X"]
    with pytest.raises(KeyError, match="no gradient of `y`; the inputs are X"):
        d["y"]


def test_rendered_subscripts_nest():
    d = derive("Y[t,m] = E[w[c[t]],2*i[t]+1,m]")
    assert r"\delta_{k,w_{c_{t}}}" in d["E"].latex
    assert "<msub><mi>c</mi>" in d.html()


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        ("L = -log(p[y])", "dz[k] = p[k] - delta[label,k]"),
        ("L = -mean[s](log(p[s,y[s]]))", "dz[s,k] = (p[s,k] - delta[k,y[s]]) / size[s]"),
    ],
)
def test_cross_entropy_has_the_gradient_that_textbooks_print(loss, gradient):
    softmax = "p[s,k] = softmax[k](z[s,k])" if "s,k" in gradient else "p[k] = softmax[k](z[k])"
    assert derive(f"{softmax}\n{loss}")["z"].index.splitlines()[-1] == gradient
