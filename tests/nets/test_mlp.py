import numpy as np
import pytest

from chainrule import layers, nets


def kinds(net):
    return [type(layer) for layer in net.layers]


def test_each_hidden_size_gives_linear_norm_activation_and_dropout():
    net = nets.MLP(4, [3, 5], 2, activation="silu", norm="layer", dropout=0.1)
    block = [layers.Linear, layers.LayerNorm, layers.SiLU, layers.Dropout]
    assert kinds(net) == [*block, *block, layers.Linear]
    assert [net.layers[i].weight.shape for i in (0, 4, 8)] == [(3, 4), (5, 3), (2, 5)]


def test_without_hidden_sizes_it_is_one_linear_layer():
    net = nets.MLP(4, [], 2, norm="batch", dropout=0.5)
    assert kinds(net) == [layers.Linear]
    assert net.forward(np.ones((3, 4), np.float32))[0].shape == (3, 2)


def test_names_of_the_state_are_those_of_the_pytorch_counterpart():
    net = nets.MLP(4, [3], 2, norm="batch")
    assert {name: array.shape for name, array in net.state_dict().items()} == {
        "0.weight": (3, 4),
        "0.bias": (3,),
        "1.weight": (3,),
        "1.bias": (3,),
        "3.weight": (2, 3),
        "3.bias": (2,),
        "1.running_mean": (3,),
        "1.running_var": (3,),
        "1.num_batches_tracked": (),
    }


def test_residual_blocks_stand_before_a_last_norm_and_linear_layer():
    net = nets.MLP(4, [3, 5], 2, norm="layer", dropout=0.1, blocks=2)
    names = [type(layer).__name__ for layer in net.layers]
    hidden = ["Linear", "LayerNorm", "ELU", "Dropout"]
    assert names == [*hidden, *hidden, "Residual", "Residual", "LayerNorm", "Linear"]
    body = [type(layer).__name__ for layer in net.layers[8].body.layers]
    assert body == ["LayerNorm", "Linear", "ELU", "Dropout", "Linear"]
    assert net.params["8.body.1.weight"].shape == (5, 5)


def test_blocks_whose_last_weights_are_0_leave_the_network_as_it_is_without_them():
    plain = nets.MLP(4, [5], 2, rng=np.random.default_rng(0), dtype=np.float64)
    net = nets.MLP(4, [5], 2, blocks=1, rng=np.random.default_rng(1), dtype=np.float64)
    net.load_state_dict(
        {
            **net.state_dict(),
            **{
                f"{to}.{part}": plain.params[f"{of}.{part}"]
                for of, to in ((0, 0), (2, 3))
                for part in ("weight", "bias")
            },
        }
    )
    net.params["2.body.2.weight"][...] = 0
    net.params["2.body.2.bias"][...] = 0
    X = np.random.default_rng(2).normal(size=(6, 4))
    np.testing.assert_array_equal(net.forward(X)[0], plain.forward(X)[0])


def test_blocks_need_a_hidden_layer_before_them():
    with pytest.raises(ValueError, match="blocks is 1, but must be at least 0, and 0 without a hidden layer"):
        nets.MLP(4, [], 2, blocks=1)


def test_the_practicals_initialisation_reaches_into_the_blocks():
    net = nets.MLP(4, [50], 2, blocks=1, init="practical", rng=np.random.default_rng(0))
    assert 0 < np.abs(net.params["2.body.0.weight"]).max() < 0.001
    assert not net.params["2.body.2.bias"].any()


def test_the_practicals_initialisation_has_tiny_weights_and_no_biases():
    net = nets.MLP(300, [200], 10, init="practical", rng=np.random.default_rng(0))
    weights = net.params["0.weight"]
    assert abs(weights.std() / 0.0001 - 1) < 5 / np.sqrt(2 * weights.size)
    assert abs(weights.mean()) < 5 * 0.0001 / np.sqrt(weights.size)
    assert not net.params["0.bias"].any()
    assert not net.params["2.bias"].any()


def test_pytorchs_initialisation_is_bounded_by_the_number_of_inputs():
    net = nets.MLP(100, [400], 10, rng=np.random.default_rng(0))
    assert 0.099 < np.abs(net.params["0.weight"]).max() <= 0.1
    assert 0.04 < np.abs(net.params["2.weight"]).max() <= 0.05


def test_the_local_initialisation_looks_at_one_place_each():
    image = (3, 16, 24)
    height, width = image[1:]
    net = nets.MLP(np.prod(image), [300], 10, init="local", image=image, rng=np.random.default_rng(0))
    weights = net.params["0.weight"].reshape(300, *image)
    np.testing.assert_allclose((weights**2).sum((1, 2, 3)), 1 / 3, rtol=1e-5)
    energy = (weights**2).sum(1)
    energy /= energy.sum((1, 2), keepdims=True)
    places = []
    for axis, size in ((1, height), (2, width)):
        along, middles = energy.sum(3 - axis), np.arange(size) + 0.5
        mean = along @ middles
        assert np.median(np.sqrt(along @ middles**2 - mean**2)) < 24 / 8  # the window's deviation
        places.append(mean)
    assert all(place.std() > size / 6 for place, size in zip(places, (height, width), strict=True))
    neighbours = np.corrcoef(weights[..., 1:].ravel(), weights[..., :-1].ravel())[0, 1]
    assert 0.5 < neighbours < 0.8  # (1/4, 1/2, 1/4) gives 2/3 to neighbours
    assert abs(np.corrcoef(weights[:, 0].ravel(), weights[:, 1].ravel())[0, 1]) < 0.05
    plain = nets.MLP(np.prod(image), [300], 10, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(net.params["2.weight"], plain.params["2.weight"])


def test_one_linear_layer_can_be_local():
    net = nets.MLP(48, [], 5, init="local", image=(3, 4, 4), rng=np.random.default_rng(0))
    np.testing.assert_allclose((net.params["0.weight"] ** 2).sum(1), 1 / 3, rtol=1e-5)


def _dropping(init, seed):
    return nets.MLP(4, [6], 2, dropout=0.5, init=init, image=(1, 2, 2), rng=np.random.default_rng(seed))


@pytest.mark.parametrize("init", ["pytorch", "practical", "local"])
def test_a_seed_fixes_parameters_and_dropout(init):
    first, second = (_dropping(init, 8) for _ in range(2))
    X = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    np.testing.assert_array_equal(first.forward(X)[0], second.forward(X)[0])
    other = _dropping(init, 9)
    assert not np.array_equal(first.forward(X)[0], other.forward(X)[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_parameters_have_the_dtype_asked_for(dtype):
    net = nets.MLP(4, [3], 2, norm="batch", init="practical", dtype=dtype)
    assert {array.dtype for array in net.params.values()} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"activation": "swish"},
            "activation is 'swish', but must be one of elu, relu, leaky_relu, gelu, silu, tanh, sigm",
        ),
        ({"norm": "group"}, "norm is 'group', but must be one of batch, layer"),
        ({"init": "xavier"}, "init is 'xavier', but must be one of pytorch, practical, local"),
        ({"init": "local"}, r"init is 'local', which needs image=\(C, H, W\) of 4 values, not None"),
        ({"init": "local", "image": (3, 2, 2)}, r"of 4 values, not \(3, 2, 2\)"),
        ({"blocks": -1}, "blocks is -1, but must be at least 0"),
        ({"dropout": 1.5}, "Dropout: p is 1.5, but must lie between 0 and 1"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_known_ones(setting, message):
    with pytest.raises(ValueError, match=message):
        nets.MLP(4, [3], 2, **setting)
