"""Every layer and loss against PyTorch's, in float64: output, all gradients, running statistics."""

from __future__ import annotations

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close

from chainrule import layers, optim
from chainrule.check.model.tolerance import PYTORCH
from chainrule.verify.specimens import LAYERS, LOSSES, cotangent

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

both_modes = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
COMPARED = {name: entry for name, entry in LOSSES.items() if entry.torch is not None}


def counterpart(entry, layer, training):
    """PyTorch's layer with the same state."""
    module = entry.torch(torch.nn).double().train(training)
    state = {name: torch.tensor(array) for name, array in layer.state_dict().items()}
    assert {name: tuple(a.shape) for name, a in state.items()} == {
        name: tuple(a.shape) for name, a in module.state_dict().items()
    }
    module.load_state_dict(state)
    return module


@both_modes
@pytest.mark.parametrize("name", [name for name, entry in LAYERS.items() if not entry.draws])
def test_a_layer_agrees_with_pytorch(name, training):
    entry = LAYERS[name]
    layer = entry.layer(training=training)
    module = counterpart(entry, layer, training)
    X = entry.input()
    X_theirs = torch.tensor(X, requires_grad=entry.classes is None)
    Y, cache = layer.forward(X)
    Y_theirs = module(X_theirs)
    dY = cotangent(Y)
    dX, grads = layer.backward(dY, cache)
    Y_theirs.backward(torch.tensor(dY))

    assert_close(Y, Y_theirs.detach().numpy(), PYTORCH, "Y")
    if entry.classes is None:
        assert_close(dX, X_theirs.grad.numpy(), PYTORCH, "dX")
    trained = {name: theirs for name, theirs in module.named_parameters() if theirs.requires_grad}
    assert set(grads) == set(trained)
    for parameter, theirs in trained.items():
        assert_close(grads[parameter], theirs.grad.numpy(), PYTORCH, f"d{parameter}")
    kept = module.state_dict()  # a buffer that is none of it, such as an index, never changes
    for buffer, theirs in ((name, theirs) for name, theirs in module.named_buffers() if name in kept):
        assert_close(layer.buffers[buffer], theirs.numpy(), PYTORCH, buffer)


@pytest.mark.parametrize("name", [n for n, entry in LAYERS.items() if entry.layer().params and not entry.draws])
def test_ten_steps_agree_with_pytorch(name):
    entry, rng = LAYERS[name], np.random.default_rng(4)
    layer = entry.layer()
    module = counterpart(entry, layer, True)
    optimizer, theirs = optim.SGD(layer.params, lr=0.01), torch.optim.SGD(module.parameters(), lr=0.01)
    for _ in range(10):
        X = entry.input() if entry.classes else rng.normal(size=entry.shape)
        Y, cache = layer.forward(X)
        target = rng.normal(size=Y.shape)
        optimizer.step(layer.backward((Y - target) / Y.size, cache)[1])
        theirs.zero_grad()
        (module(torch.tensor(X)) - torch.tensor(target)).square().mean().div(2).backward()
        theirs.step()
    for parameter, tensor in module.state_dict().items():
        assert_close(layer.state_dict()[parameter], tensor.numpy(), PYTORCH, parameter)


def test_dropout_agrees_with_pytorch_in_evaluation_and_in_share_and_scale():
    ours, theirs = layers.Dropout(0.3, rng=np.random.default_rng(0)), torch.nn.Dropout(0.3)
    X = np.random.default_rng(1).normal(size=(400, 250))
    torch.manual_seed(0)
    Y, Y_theirs = ours.forward(X)[0], theirs(torch.tensor(X)).numpy()
    assert_close(Y[Y != 0], (X / 0.7)[Y != 0], PYTORCH, "scale")
    assert_close(Y_theirs[Y_theirs != 0], (X / 0.7)[Y_theirs != 0], PYTORCH, "scale of PyTorch's")
    deviation = np.sqrt(0.3 * 0.7 / X.size)
    assert abs(np.mean(Y == 0) - 0.3) < 5 * deviation
    assert abs(np.mean(Y_theirs == 0) - 0.3) < 5 * deviation
    np.testing.assert_array_equal(ours.eval().forward(X)[0], theirs.eval()(torch.tensor(X)).numpy())


@pytest.mark.parametrize("entry", COMPARED.values(), ids=COMPARED)
def test_a_loss_agrees_with_pytorch(entry):
    loss = entry.make()
    X, targets = entry.arguments()
    value, cache = loss.forward(X, targets)
    X_theirs = torch.tensor(X, requires_grad=True)
    theirs = entry.torch(torch.nn)(X_theirs, torch.tensor(targets))
    theirs.backward()
    assert_close(value, theirs.item(), PYTORCH, "loss")
    assert_close(loss.backward(cache), X_theirs.grad.numpy(), PYTORCH, "dX")


def test_cross_entropy_of_probabilities_undoes_the_softmax_as_pytorch_computes_it_at_once():
    rng = np.random.default_rng(2)
    logits, targets = rng.normal(size=(6, 4)), rng.dirichlet(np.ones(4), 6)
    softmax, loss = layers.Softmax(), layers.CrossEntropyLoss(from_logits=False)
    P, softmax_cache = softmax.forward(logits)
    value, cache = loss.forward(P, targets)
    dlogits, _ = softmax.backward(loss.backward(cache), softmax_cache)
    theirs = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(theirs, torch.tensor(targets))
    expected.backward()
    assert_close(value, expected.item(), PYTORCH, "loss")
    assert_close(dlogits, theirs.grad.numpy(), PYTORCH, "dlogits")
