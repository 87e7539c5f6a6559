"""Muon, NumPy's and ours in PyTorch, against `torch.optim.Muon`, and against each other on filters."""

import numpy as np
import pytest

from chainrule import optim

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
from chainrule import pytorch  # noqa: E402

SETTINGS = [
    {"lr": 0.1},
    {"lr": 0.1, "momentum": 0.6, "nesterov": False, "weight_decay": 0.02},
    {"lr": 0.1, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3},
]
OURS = [*SETTINGS, {"lr": 0.1, "adjust_lr_fn": "none", "fixed_norm": True, "weight_decay": 0.0}]


def ten_steps(shapes, mine, other, params, theirs, tolerance, lr):
    rng = np.random.default_rng(1)
    for step in range(10):
        mine.lr = lr * (1 + step % 3)
        for group in other.param_groups:
            group["lr"] = lr * (1 + step % 3)
        grads = {n: rng.normal(size=shape) for n, shape in shapes.items()}
        for n, grad in grads.items():
            theirs[n].grad = torch.from_numpy(grad)
        mine.step(grads)
        other.step()
        for n, array in params.items():
            np.testing.assert_allclose(array, theirs[n].detach().numpy(), rtol=tolerance, atol=tolerance)


def draw(shapes):
    rng = np.random.default_rng(0)
    params = {n: rng.normal(size=shape) for n, shape in shapes.items()}
    return params, {n: torch.nn.Parameter(torch.from_numpy(a.copy())) for n, a in params.items()}


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="PyTorch has Muon from 2.9 on")
@pytest.mark.parametrize("settings", SETTINGS)
def test_ten_steps_agree_with_pytorchs_but_for_its_bfloat16(settings, monkeypatch):
    # PyTorch orthogonalises in bfloat16; in float64 its own iteration is this one.
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda tensor: tensor.clone())
    shapes = {"wide": (4, 7), "tall": (9, 5)}
    params, theirs = draw(shapes)
    other = torch.optim.Muon(theirs.values(), **settings)
    ten_steps(shapes, optim.Muon(params, **settings), other, params, theirs, 1e-10, settings["lr"])


@pytest.mark.parametrize("settings", OURS)
def test_ten_steps_of_both_sides_agree_on_matrices_and_filters(settings):
    shapes = {"wide": (4, 7), "tall": (9, 5), "filter": (6, 2, 3, 5)}
    params, theirs = draw(shapes)
    mine, other = optim.Muon(params, **settings), pytorch.Muon(theirs.values(), **settings)
    ten_steps(shapes, mine, other, params, theirs, 1e-10, settings["lr"])


@pytest.mark.parametrize("settings", OURS)
def test_ten_steps_of_both_sides_agree_on_stacks_of_matrices(settings):
    shapes = {"wide": (3, 4, 7), "tall": (2, 9, 5), "more": (2, 3, 4, 5), "one": (6, 5)}
    params, theirs = draw(shapes)
    mine, other = (
        backend(of, stacked=True, **settings) for backend, of in ((optim.Muon, params), (pytorch.Muon, theirs.values()))
    )
    ten_steps(shapes, mine, other, params, theirs, 1e-10, settings["lr"])


def test_ten_steps_of_muon_and_sgd_together_agree():
    shapes = {"matrix": (4, 7), "bias": (5,)}
    params, theirs = draw(shapes)
    sgd = {"lr": 0.4, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}
    mine = optim.Combined(optim.Muon({"matrix": params["matrix"]}, 0.1), optim.SGD({"bias": params["bias"]}, **sgd))
    other = pytorch.Combined(pytorch.Muon([theirs["matrix"]], 0.1), torch.optim.SGD([theirs["bias"]], **sgd))
    rng = np.random.default_rng(1)
    for step in range(10):
        mine.lr = 0.1 / (1 + step)
        for group in other.param_groups:
            group["lr"] = group["ratio"] * 0.1 / (1 + step)
        grads = {n: rng.normal(size=shape) for n, shape in shapes.items()}
        for n, grad in grads.items():
            theirs[n].grad = torch.from_numpy(grad)
        mine.step(grads)
        other.step()
        for n, array in params.items():
            np.testing.assert_allclose(array, theirs[n].detach().numpy(), rtol=1e-10, atol=1e-12)


def test_pytorchs_side_refuses_a_vector():
    with pytest.raises(ValueError, match="matrices and filters"):
        pytorch.Muon([torch.nn.Parameter(torch.zeros(3))])
