"""The practical's CNN and PyTorch's, from the same weights: every gradient, then ten steps of Adam."""

from __future__ import annotations

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close

from chainrule import layers, nets, optim
from chainrule.check.model.tolerance import PYTORCH

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

WIDTH, CLASSES, SIZE = 4, 5, (16, 13)


def both():
    """NumPy's network with random gains and biases of batch norm, and PyTorch's with the same state."""
    from chainrule.pytorch import ConvNet, to_tensors

    rng = np.random.default_rng(0)
    net = nets.ConvNet(3, CLASSES, width=WIDTH, rng=rng, dtype=np.float64)
    for name, array in net.params.items():
        if "batchnorm" in name:
            array[...] = rng.normal(0.8, 0.3, array.shape)
    theirs = ConvNet(3, CLASSES, width=WIDTH, dtype=torch.float64)
    theirs.load_state_dict(to_tensors(net.state_dict()))
    return net, theirs


def draw(rng):
    return rng.normal(size=(6, 3, *SIZE)), rng.integers(0, CLASSES, 6)


def test_logits_every_gradient_and_running_statistics_agree_with_pytorch():
    from chainrule.pytorch import to_arrays

    (net, theirs), rng = both(), np.random.default_rng(1)
    X, _ = draw(rng)
    X_theirs = torch.tensor(X, requires_grad=True)
    logits, caches = net.forward(X)
    logits_theirs = theirs(X_theirs)
    dY = rng.normal(size=logits.shape)
    logits_theirs.backward(torch.tensor(dY))
    dX, grads = net.backward(dY, caches)
    assert_close(logits, logits_theirs.detach().numpy(), PYTORCH, "logits")
    assert_close(dX, X_theirs.grad.numpy(), PYTORCH, "dX")
    assert set(grads) == {name for name, _ in theirs.named_parameters()}
    for name, parameter in theirs.named_parameters():
        assert_close(grads[name], parameter.grad.numpy(), PYTORCH, name)
    for name, array in to_arrays(theirs.state_dict()).items():
        assert_close(net.state_dict()[name], array, PYTORCH, name)
    assert_close(net.eval().forward(X)[0], theirs.eval()(torch.tensor(X)).detach().numpy(), PYTORCH, "evaluation")


def test_ten_steps_of_adam_agree_with_pytorch():
    (net, theirs), rng, loss = both(), np.random.default_rng(2), layers.CrossEntropyLoss()
    ours, other = optim.Adam(net.params, lr=1e-3), torch.optim.Adam(theirs.parameters(), lr=1e-3)
    for _ in range(10):
        X, labels = draw(rng)
        logits, caches = net.forward(X)
        value, cache = loss.forward(logits, labels)
        ours.step(net.parameter_gradients(loss.backward(cache), caches))
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(labels))
        other.zero_grad()
        expected.backward()
        other.step()
        assert_close(value, expected.item(), PYTORCH, "loss")
    for name, tensor in theirs.state_dict().items():
        assert_close(net.state_dict()[name], tensor.numpy(), 1e-9, name)


def test_a_state_dict_moves_from_pytorch_to_numpy():
    from chainrule.pytorch import ConvNet, to_arrays

    theirs = ConvNet(3, CLASSES, width=2, dtype=torch.float64).eval()
    net = nets.ConvNet(3, CLASSES, width=2, dtype=np.float64).eval()
    net.load_state_dict(to_arrays(theirs.state_dict()))
    X = np.random.default_rng(3).normal(size=(2, 3, 7, 5))
    assert_close(net.forward(X)[0], theirs(torch.tensor(X)).detach().numpy(), PYTORCH, "logits")


def test_both_begin_with_the_same_distributions():
    from chainrule.pytorch import ConvNet

    ours, theirs = nets.ConvNet(rng=np.random.default_rng(0)).params, dict(ConvNet().named_parameters())
    for name, array in ours.items():
        other = theirs[name].detach().numpy()
        assert array.shape == other.shape
        if array.size >= 5000:
            assert abs(array.std() / other.std() - 1) < 0.05, name
            assert abs(np.abs(array).max() / np.abs(other).max() - 1) < 0.01, name
