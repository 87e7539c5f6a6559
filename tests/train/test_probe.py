import numpy as np
import pytest

from chainrule.layers import CrossEntropyLoss
from chainrule.nets import MLP
from chainrule.train.config import Config
from chainrule.train.probe import probe_net


def net_of(activation: str, scale: float = 1.0) -> MLP:
    net = MLP(6, [5, 4], 3, activation=activation, rng=np.random.default_rng(0), dtype=np.float64)
    net.params["0.weight"][...] *= scale
    return net


X = np.random.default_rng(1).normal(size=(8, 6))
LABELS = np.arange(8) % 3


def test_the_gradients_are_those_of_the_weights_of_each_hidden_layer() -> None:
    net, loss = net_of("elu"), CrossEntropyLoss()
    found = probe_net(net, X, LABELS, Config(activation="elu", hidden=(5, 4)))
    logits, caches = net.forward(X)
    grads = net.parameter_gradients(loss.backward(loss.forward(logits, LABELS)[1]), caches)
    expected = [np.sqrt(np.mean(grads[name] ** 2)) for name in ("0.weight", "2.weight")]
    np.testing.assert_allclose([layer["gradient"] for layer in found], expected, rtol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_large_weights_saturate_the_layer_that_they_belong_to(activation: str) -> None:
    config = Config(activation=activation, hidden=(5, 4))
    calm, flat = (probe_net(net_of(activation, scale), X, LABELS, config) for scale in (1.0, 1e6))
    assert [layer["saturated"] for layer in calm] == [0, 0]
    assert [layer["saturated"] for layer in flat] == [1, 0]
    assert flat[0]["gradient"] < 1e-12 < calm[0]["gradient"]


def test_a_relu_is_flat_where_it_is_0_and_quantiles_are_of_its_activations() -> None:
    (layer,) = probe_net(
        MLP(1, [1], 2, activation="relu", rng=np.random.default_rng(0), dtype=np.float64),
        X[:, :1],
        LABELS % 2,
        Config(activation="relu", hidden=(1,)),
    )
    net = MLP(1, [1], 2, activation="relu", rng=np.random.default_rng(0), dtype=np.float64)
    Y = np.maximum(net.layers[0].forward(X[:, :1])[0], 0)
    assert layer["saturated"] == pytest.approx(np.mean(Y == 0), abs=1e-4)
    np.testing.assert_allclose(layer["quantiles"], np.quantile(Y, (0.05, 0.25, 0.5, 0.75, 0.95)), atol=1e-4)
