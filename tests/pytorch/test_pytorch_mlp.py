"""The MLP in PyTorch beside the one in NumPy."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from chainrule import nets  # noqa: E402
from chainrule.pytorch import MLP, to_arrays, to_tensors  # noqa: E402

pytestmark = pytest.mark.torch

VARIANTS = [
    {"hidden": []},
    {"hidden": [7]},
    {"hidden": [7, 5], "activation": "relu", "norm": "batch"},
    {"hidden": [7, 5], "activation": "gelu", "norm": "layer", "dropout": 0.25},
    {"hidden": [6, 4, 5], "activation": "tanh", "dropout": 0.5, "init": "practical"},
    {"hidden": [6], "activation": "silu"},
    {"hidden": [6], "activation": "leaky_relu"},
    {"hidden": [6], "activation": "sigmoid", "norm": "batch"},
    {"hidden": [7, 5], "activation": "gelu", "norm": "batch", "dropout": 0.25, "blocks": 2},
    {"hidden": [6], "blocks": 1, "init": "practical"},
    {"hidden": [7, 5], "init": "local", "image": (1, 3, 3)},
]


def pair(hidden, **settings):
    theirs = MLP(9, hidden, 3, dtype=torch.float64, **settings)
    ours = nets.MLP(9, hidden, 3, dtype=np.float64, rng=np.random.default_rng(0), **settings)
    return ours, theirs


@pytest.mark.parametrize("settings", VARIANTS)
def test_it_computes_what_the_numpy_mlp_computes_from_its_weights(settings):
    ours, theirs = pair(**settings)
    theirs.load_state_dict(to_tensors(ours.state_dict()))
    X = np.random.default_rng(1).normal(size=(6, 9))
    ours.eval()
    theirs.eval()
    np.testing.assert_allclose(theirs(torch.tensor(X)).detach().numpy(), ours.forward(X)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("settings", VARIANTS)
def test_its_state_dict_has_the_names_shapes_and_order_of_the_numpy_mlps(settings):
    ours, theirs = pair(**settings)
    shapes = {name: array.shape for name, array in ours.state_dict().items()}
    assert {name: tuple(tensor.shape) for name, tensor in theirs.state_dict().items()} == shapes
    ours.load_state_dict(to_arrays(theirs.state_dict()))


def test_layers_stand_in_the_order_linear_norm_activation_dropout():
    net = MLP(9, [7, 5], 3, norm="layer", dropout=0.1)
    names = [type(layer).__name__ for layer in net]
    assert names == ["Linear", "LayerNorm", "ELU", "Dropout"] * 2 + ["Linear"]
    assert [type(layer).__name__ for layer in MLP(9, [7], 3)] == ["Linear", "ELU", "Linear"]


def test_the_practicals_initialisation_is_tiny_weights_and_no_biases():
    torch.manual_seed(0)
    net = MLP(300, [200], 10, init="practical")
    weight = net[0].weight.detach()
    assert abs(weight.std().item() / 1e-4 - 1) < 4 / np.sqrt(2 * weight.numel())
    assert abs(weight.mean().item()) < 4 * 1e-4 / np.sqrt(weight.numel())
    assert all(layer.bias.eq(0).all() for layer in net if isinstance(layer, torch.nn.Linear))


def test_the_local_initialisation_is_seeded_by_pytorch_and_leaves_the_rest_alone():
    image = (3, 12, 12)
    built = []
    for seed, init in ((0, "local"), (0, "local"), (1, "local"), (0, "pytorch")):
        torch.manual_seed(seed)
        built.append(MLP(432, [200], 10, init=init, image=image))
    local, again, other, plain = (net[0].weight.detach() for net in built)
    assert torch.equal(local, again)
    assert not torch.equal(local, other)
    torch.testing.assert_close(local.square().sum(1), torch.full((200,), 1 / 3))
    assert torch.equal(built[0][2].weight, built[3][2].weight)
    energy = local.reshape(200, *image).square().sum(1)
    spread = [_deviation(energy.sum(axis)) for axis in (1, 2)]
    assert max(spread) < 2 < _deviation(plain.reshape(200, *image).square().sum((1, 2)))


def _deviation(energy):
    """The median over units of the deviation of the places (units, size) that their weights stand at."""
    share, middles = energy / energy.sum(1, keepdim=True), torch.arange(energy.shape[1]) + 0.5
    return (share @ middles**2 - (share @ middles) ** 2).sqrt().median().item()


def test_the_default_initialisation_is_pytorchs_own():
    torch.manual_seed(3)
    net = MLP(9, [7], 3)
    torch.manual_seed(3)
    assert torch.equal(net[0].weight, torch.nn.Linear(9, 7).weight)


@pytest.mark.parametrize("wrong", [{"activation": "elo"}, {"norm": "group"}, {"init": "zeros"}])
def test_an_unknown_choice_is_named_with_the_choices(wrong):
    (name, value), *_ = wrong.items()
    with pytest.raises(ValueError, match=rf"{name} is '{value}', but must be one of \w+, \w+|{name} is"):
        MLP(9, [7], 3, **wrong)
