"""PyTorch's own recurrent layer, ours in PyTorch and ours in NumPy: one and the same."""

import numpy as np
import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

from tests.contracts.tolerance import assert_close  # noqa: E402

from chainrule import layers, optim  # noqa: E402
from chainrule.check.model.tolerance import PYTORCH  # noqa: E402
from chainrule.pytorch import RNN, to_tensors  # noqa: E402

NORMS = {None: None, "layer": None, "batch": 3}


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bias", [True, False])
def test_without_a_norm_it_is_pytorchs_rnn(nonlinearity, bias):
    ours = RNN(5, 4, nonlinearity=nonlinearity, bias=bias).double()
    theirs = torch.nn.RNN(5, 4, nonlinearity=nonlinearity, bias=bias, batch_first=True).double()
    theirs.load_state_dict(ours.state_dict())
    X = torch.randn(3, 6, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(ours(X).detach().numpy(), theirs(X)[0].detach().numpy(), rtol=1e-12, atol=1e-12)


def test_the_first_weights_are_drawn_as_pytorch_draws_them():
    torch.manual_seed(3)
    ours = RNN(5, 4)
    torch.manual_seed(3)
    theirs = torch.nn.RNN(5, 4, batch_first=True)
    for name, tensor in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name].numpy(), tensor.numpy())


@pytest.mark.parametrize("norm", NORMS)
def test_ten_steps_agree_with_numpy(norm):
    rng = np.random.default_rng(0)
    layer = layers.RNN(5, 4, norm=norm, steps=NORMS[norm], rng=rng, dtype=np.float64)
    module = RNN(5, 4, norm=norm, steps=NORMS[norm]).double()
    module.load_state_dict(to_tensors(layer.state_dict()))
    optimizer, other = optim.SGD(layer.params, lr=0.1), torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(10):
        X, target = rng.normal(size=(6, 3, 5)), rng.normal(size=(6, 3, 4))
        H, cache = layer.forward(X)
        _, grads = layer.backward(H - target, cache)
        optimizer.step(grads)
        other.zero_grad()
        (module(torch.tensor(X)) - torch.tensor(target)).square().sum().div(2).backward()
        other.step()
    for name, tensor in module.state_dict().items():
        assert_close(layer.state_dict()[name], tensor.numpy(), PYTORCH, name)
    layer.eval(), module.eval()
    assert_close(layer.forward(X)[0], module(torch.tensor(X)).detach().numpy(), PYTORCH, "evaluation")
