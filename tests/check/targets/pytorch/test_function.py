"""Functions of PyTorch's, the package's own among them: each planted fault is found and named, what is right passes."""

import numpy as np
import pytest

from chainrule import check
from chainrule.check.answers.purpose import excuse
from chainrule.check.checker import check_target
from chainrule.check.targets.pytorch.function import make_function
from chainrule.errors import UserError

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.slow]

from tests.check.handins import functions  # noqa: E402

rng = np.random.default_rng(5)
X, W, BIAS = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
INPUTS = {"x": X, "gamma": rng.normal(size=5), "beta": rng.normal(size=5), "eps": 1e-5}
OTHERS = {  # of the functions that take more than x
    "weight": W.T, "bias": BIAS, "w": W, "slope": 0.1, "lambd": 0.7, "p": 0.5, "training": True,
    "gamma": INPUTS["gamma"], "beta": INPUTS["beta"], "eps": 1e-5, "k": W.T, "padding": 1,
}  # fmt: skip


SPECIAL = {  # shapes that suit one function alone
    "SumInHalf": {"w": X[0]},
    "BiasOfRows": {"x": rng.normal(size=(2, 3, 6)), "weight": rng.normal(size=(4, 3, 3)), "bias": rng.normal(size=4)},
}


def inputs_of(function):
    code = function.forward.__code__
    names = code.co_varnames[: code.co_argcount]
    inputs = {name: X if name == "x" else OTHERS[name] for name in names if name != "ctx"}
    return inputs | SPECIAL.get(function.__name__, {})


@pytest.mark.parametrize("name", functions.FAULTS)
def test_each_fault_is_found_and_named_and_what_is_right_passes(name):
    function, (kind, words) = getattr(functions, name), functions.FAULTS[name]
    inputs = inputs_of(function)
    target = make_function(function, inputs)
    verdict = excuse(check_target(target, inputs), target, inputs)
    assert verdict.kind == kind, verdict.text
    assert words in verdict.text
    if kind == functions.RIGHT:
        assert bool(verdict.notes) == bool(words), verdict.text


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_layer_norm_of_the_package_is_right(seed):
    from chainrule.pytorch import LayerNormFunction

    verdict = check_target(make_function(LayerNormFunction, INPUTS), INPUTS, seed)
    assert verdict.ok, verdict.text
    assert [row.name for row in verdict.rows] == ["x", "gamma", "beta"]
    assert verdict.notes == ()


def test_a_function_is_passed_in_with_tensors_and_what_is_none_is_refused():
    x = torch.tensor(X, dtype=torch.float32)
    assert check.check_function(functions.Reversal, x, 0.7).kind == "on purpose"
    with pytest.raises(UserError, match="is neither a subclass of"):
        check.check_function(torch.tanh, x)


def test_autograd_of_the_forward_agrees_with_differences():
    inputs = inputs_of(functions.Linear)
    verdict = check_target(make_function(functions.Linear, inputs), inputs)
    assert all("and autograd of the forward" in row.sentence for row in verdict.rows)
