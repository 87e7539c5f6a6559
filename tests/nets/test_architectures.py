import numpy as np
import pytest

from chainrule import layers, nets
from chainrule.nets.architectures import describe_convnet, describe_mlp

MLP = {"activation": "gelu", "norm": "batch", "dropout": 0.5, "blocks": 1}


def test_an_mlp_is_described_layer_by_layer():
    body = (("BatchNorm1d", 3), ("Linear", 3, 3), ("GELU",), ("Dropout", 0.5), ("Linear", 3, 3))
    assert describe_mlp(4, [3], 2, **MLP) == [
        ("Linear", 4, 3),
        ("BatchNorm1d", 3),
        ("GELU",),
        ("Dropout", 0.5),
        ("Residual", *body),
        ("BatchNorm1d", 3),
        ("Linear", 3, 2),
    ]


def test_a_convnet_has_no_convolution_before_its_last_stage_which_widens_no_further():
    described = describe_convnet(3, 10, 8)
    assert [described[f"conv{number}"] for number in (1, 2, 3)] == [
        ("Conv2d", 8, 16, 1),
        ("Conv2d", 16, 32, 1),
        ("Conv2d", 32, 64, 1),
    ]
    assert "conv4" not in described
    assert described["preact5_a"] == described["preact5_b"] == ("PreAct", 64)


def test_weights_are_drawn_in_the_order_of_the_descriptions():
    net = nets.MLP(4, [3], 2, rng=np.random.default_rng(1), **MLP)
    rng = np.random.default_rng(1)
    drawn = [layers.Linear(size, out, rng=rng).weight for size, out in ((4, 3), (3, 3), (3, 3), (3, 2))]
    found = [net.params[name] for name in ("0.weight", "4.body.1.weight", "4.body.4.weight", "6.weight")]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(found, drawn, strict=True))


@pytest.mark.torch
def test_both_builders_make_layers_of_the_names_described():
    pytorch = pytest.importorskip("chainrule.pytorch")
    ours, theirs = (backend.MLP(4, [3], 2, **MLP) for backend in (nets, pytorch))
    names = [name for name, *_ in describe_mlp(4, [3], 2, **MLP)]
    assert [type(layer).__name__ for layer in ours.layers] == names
    assert [type(module).__name__ for module in theirs] == names
