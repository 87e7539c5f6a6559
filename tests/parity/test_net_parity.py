"""A whole multi-layer perceptron and PyTorch's, from the same weights through ten steps of plain gradient descent."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close

from chainrule import layers, nets
from chainrule.check.model.tolerance import PYTORCH

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

LEARNING_RATE = 0.1
SIZES = (9, 8, 6, 5)
ACTIVATIONS = {
    "elu": "ELU",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
}
NORMS = {None: None, "batch": "BatchNorm1d", "layer": "LayerNorm"}


def theirs(activation, norm):
    stack = []
    for size_in, size_out in pairwise(SIZES[:-1]):
        stack.append(torch.nn.Linear(size_in, size_out))
        if norm:
            stack.append(getattr(torch.nn, NORMS[norm])(size_out))
        stack.append(getattr(torch.nn, ACTIVATIONS[activation])())
    return torch.nn.Sequential(*stack, torch.nn.Linear(*SIZES[-2:])).double()


def step_ours(net, loss, X, labels):
    logits, cache = net.forward(X)
    value, loss_cache = loss.forward(logits, labels)
    for name, grad in net.parameter_gradients(loss.backward(loss_cache), cache).items():
        net.params[name][...] -= LEARNING_RATE * grad
    return value


def step_theirs(net, X, labels):
    net.zero_grad()
    value = torch.nn.functional.cross_entropy(net(torch.tensor(X)), torch.tensor(labels))
    value.backward()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter -= LEARNING_RATE * parameter.grad
    return value.item()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_ten_steps_agree_with_pytorch(activation, norm):
    rng = np.random.default_rng(0)
    net = nets.MLP(SIZES[0], SIZES[1:-1], SIZES[-1], activation=activation, norm=norm, rng=rng, dtype=np.float64)
    other = theirs(activation, norm)
    other.load_state_dict({name: torch.tensor(array) for name, array in net.state_dict().items()})
    for _ in range(10):
        X, labels = rng.normal(size=(12, SIZES[0])), rng.integers(0, SIZES[-1], 12)
        expected = step_theirs(other, X, labels)
        assert_close(step_ours(net, layers.CrossEntropyLoss(), X, labels), expected, PYTORCH, "loss")
    for name, array in other.state_dict().items():
        assert_close(net.state_dict()[name], array.numpy(), PYTORCH, name)
    X = rng.normal(size=(1, SIZES[0]))
    assert_close(net.eval().forward(X)[0], other.eval()(torch.tensor(X)).detach().numpy(), PYTORCH, "evaluation")


@pytest.mark.parametrize("norm", NORMS)
def test_ten_steps_of_residual_blocks_agree_with_pytorch(norm):
    from chainrule.pytorch import MLP

    rng = np.random.default_rng(1)
    settings = {"activation": "gelu", "norm": norm, "blocks": 2}
    net = nets.MLP(SIZES[0], SIZES[1:-1], SIZES[-1], **settings, rng=rng, dtype=np.float64)
    other = MLP(SIZES[0], SIZES[1:-1], SIZES[-1], **settings, dtype=torch.float64)
    other.load_state_dict({name: torch.tensor(array) for name, array in net.state_dict().items()})
    for _ in range(10):
        X, labels = rng.normal(size=(12, SIZES[0])), rng.integers(0, SIZES[-1], 12)
        expected = step_theirs(other, X, labels)
        assert_close(step_ours(net, layers.CrossEntropyLoss(), X, labels), expected, PYTORCH, "loss")
    for name, array in other.state_dict().items():
        assert_close(net.state_dict()[name], array.numpy(), PYTORCH, name)
