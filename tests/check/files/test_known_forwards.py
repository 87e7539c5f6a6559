"""Forwards of a known kind: right ones, and wrong ones with which a backward may well agree."""

import numpy as np
import pytest

from chainrule.check.files.known_forwards import KINDS, check_forward, find_kind
from chainrule.check.model.target import Target
from chainrule.errors import UserError

rng = np.random.default_rng(4)
X, gamma, beta = rng.normal(size=(4, 5)), rng.normal(size=5), rng.normal(size=5)


def judge(kind, forward, **inputs):
    target = Target("theirs", lambda **given: forward(*given.values()), lambda dY, **given: {})
    return check_forward(target, inputs, kind)


def layer_norm(ddof=0, eps=1e-5, outside=False, one_pass=False):
    def forward(x, gamma, beta):
        mu = x.mean(axis=1, keepdims=True)
        var = (x**2).mean(axis=1, keepdims=True) - mu**2 if one_pass else x.var(axis=1, keepdims=True, ddof=ddof)
        sigma = np.sqrt(var) + eps if outside else np.sqrt(var + eps)
        return (x - mu) / sigma * gamma + beta

    return forward


def test_a_right_layer_norm_is_right():
    assert judge("layernorm", layer_norm(), x=X, gamma=gamma, beta=beta).kind == "right"


@pytest.mark.parametrize("eps", [1e-3, 1e-6, 1e-8])
def test_an_eps_is_a_free_choice_that_is_told(eps):
    row = judge("layernorm", layer_norm(eps=eps), x=X, gamma=gamma, beta=beta)
    assert (row.kind, f"with an eps of {eps:g}, where 1e-05 is usual" in row.sentence) == ("right", True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ddof": 1}, "its variance is divided by N − 1, not by N"),
        ({"eps": 0}, "its eps is 0, not 1e-05"),
        ({"outside": True}, "eps is added to σ, not to σ²"),
        ({"one_pass": True}, "not that of layernorm where the mean is large"),
    ],
)
def test_a_wrong_layer_norm_is_named(arguments, words):
    row = judge("layernorm", layer_norm(**arguments), x=X, gamma=gamma, beta=beta)
    assert row.kind == "wrong"
    assert words in row.sentence


def test_a_softmax_that_overflows_is_told():
    def naive(x):
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    row = judge("softmax", naive, x=X)
    assert (row.kind, "take the largest of each row away" in row.sentence) == ("right, but fragile", True)
    assert judge("softmax", lambda x: naive(x - x.max(axis=1, keepdims=True)), x=X).kind == "right"


def test_a_softmax_over_samples_is_wrong():
    assert judge("softmax", lambda x: np.exp(x) / np.exp(x).sum(axis=0), x=X).kind == "wrong"


def test_a_loss_that_sums_over_the_batch_is_wrong():
    y = np.array([0, 4, 2, 1])

    def mean(x, y):
        z = x - x.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(4), y])

    assert judge("crossentropy", mean, x=X, y=y).kind == "right"
    assert judge("crossentropy", lambda x, y: 4 * mean(x, y), x=X, y=y).kind == "wrong"


def test_a_loss_of_probabilities_is_known_by_its_inputs():
    P = rng.dirichlet(np.ones(5), 4)
    row = judge("crossentropy", lambda x, t: -np.mean(np.sum(t * np.log(x), axis=1)), x=P, t=np.eye(5)[[0, 4, 2, 1]])
    assert row.kind == "right"


def test_a_forward_that_fails_at_awkward_inputs_is_wrong():
    def strict(x):
        if np.abs(x).max() > 100:
            raise ValueError("too large")
        return np.tanh(x)

    assert "forward fails at large inputs: ValueError: too large" in judge("tanh", strict, x=X).sentence


def test_kinds_are_known_by_many_names():
    names = {"SoftMaxModule": "softmax", "layernorm_backward": "layernorm", "batchnorm_backward_alt": "batchnorm"}
    names |= {"softmax_loss": "crossentropy", "CrossEntropyModule": "crossentropy", "LinearModule": "", "LayerNorm": ""}
    names["LayerNorm"] = "layernorm"
    assert {name: find_kind(name, "") for name in names} == names
    assert find_kind("anything", "layer-norm") == "layernorm"
    assert {find_kind(kind, "") for kind in KINDS} == set(KINDS)
    with pytest.raises(UserError, match="known kinds are layernorm"):
        find_kind("anything", "conv9d")
