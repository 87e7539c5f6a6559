"""Objects in the practical's style, passed in Python."""

import numpy as np
import pytest

from chainrule import check
from chainrule.errors import UserError

rng = np.random.default_rng(5)
X = rng.normal(size=(4, 5))


class Linear:
    def __init__(self, n_in=5, n_out=3, seed=0):
        own = np.random.default_rng(seed)
        self.params = {"weight": own.normal(size=(n_out, n_in)), "bias": own.normal(size=n_out)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads = {"weight": dout.T @ self.x, "bias": dout.sum(axis=0)}
        return dout @ self.params["weight"]


class Attributes:
    """As people write it: W with its gradient in grad_W."""

    def __init__(self):
        self.W = np.random.default_rng(1).normal(size=(5, 3))

    def forward(self, x):
        self.x, self.mean = x, x.mean(axis=0)
        return x @ self.W

    def backward(self, dout):
        self.grad_W = self.x.T @ dout
        return dout @ self.W.T


class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)


class Net:
    def __init__(self):
        self.layers = [Linear(5, 4), Relu(), Linear(4, 3, seed=2)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def kinds(verdict):
    return {row.name: row.kind for row in verdict.rows}


@pytest.mark.parametrize("kind", [Linear, Attributes, Relu, Net])
def test_a_right_object_is_right_used_before_or_not(kind):
    made = kind()
    verdict = check.check_layer(made, X)
    assert (verdict.ok, verdict.notes) == (True, ()), verdict.text
    made.backward(made.forward(X))
    assert kinds(check.check_layer(made, X)) == kinds(verdict)


def test_every_parameter_of_a_net_of_objects_is_checked():
    assert list(kinds(check.check_layer(Net(), X))) == [
        "x", "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias",
    ]  # fmt: skip


def test_a_wrong_parameter_gradient_is_named():
    class Mean(Linear):
        def backward(self, dout):
            dx = super().backward(dout)
            self.grads["bias"] = dout.mean(axis=0)
            return dx

    verdict = check.check_layer(Mean(), X)
    assert kinds(verdict) == {"x": "right", "weight": "right", "bias": "wrong"}
    assert verdict.rows[2].mistake == "factor"


def test_the_object_itself_is_not_changed():
    made = Linear()
    before = {name: array.copy() for name, array in made.params.items()}
    check.check_layer(made, X)
    assert "x" not in vars(made)
    assert made.grads == {}
    for name, array in before.items():
        np.testing.assert_array_equal(made.params[name], array)


def test_a_gradient_that_belongs_to_an_earlier_forward_is_wrong():
    class Stale(Linear):
        def forward(self, x):
            kept = getattr(self, "x", x)
            Y = super().forward(x)
            self.x = kept
            return Y

    verdict = check.check_layer(Stale(), X)
    assert kinds(verdict) == {"x": "right", "weight": "wrong", "bias": "right"}
    assert verdict.rows[1].mistake == "stale"


def test_a_gradient_that_is_the_cache_itself_is_told():
    class Sharing(Relu):
        def forward(self, x):
            self.slope = 1.0 * (x > 0)
            return np.maximum(x, 0)

        def backward(self, dout):
            self.slope *= dout
            return self.slope

    notes = check.check_layer(Sharing(), X).notes
    assert "dx is another one when backward runs a second time: the first run changes what it needs" in notes


def test_a_loss_object_is_checked_with_its_targets():
    class CrossEntropy:
        def forward(self, x, y):
            return -np.mean(np.log(x[np.arange(len(y)), y]))

        def backward(self, x, y):
            dx = np.zeros_like(x)
            dx[np.arange(len(y)), y] = -1 / x[np.arange(len(y)), y]
            return dx / len(y)

    P = rng.dirichlet(np.ones(5), 4)
    assert check.check_layer(CrossEntropy(), P, rng.integers(0, 5, 4)).ok
    with pytest.raises(UserError, match="forward takes no targets"):
        check.check_layer(Relu(), X, rng.integers(0, 5, 4))
