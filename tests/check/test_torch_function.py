"""Functions of PyTorch's, the package's own among them."""

import numpy as np
import pytest

from chainrule.check.checker import check_target
from chainrule.check.torch_function import make_function

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

rng = np.random.default_rng(5)
INPUTS = {"x": rng.normal(size=(4, 5)), "gamma": rng.normal(size=5), "beta": rng.normal(size=5), "eps": 1e-5}


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 2 * x * dy


class Detached(Square):
    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 2 * x.detach() * dy


class Once(Square):
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 2 * x.detach() * dy


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_layer_norm_of_the_package_is_right(seed):
    from chainrule.pytorch import LayerNormFunction

    verdict = check_target(make_function(LayerNormFunction, INPUTS), INPUTS, seed)
    assert verdict.ok, verdict.text
    assert [row.name for row in verdict.rows] == ["x", "gamma", "beta"]
    assert verdict.notes == ()


@pytest.mark.parametrize("function", [Square, Detached, Once])
def test_a_second_derivative_is_right_or_refused_or_told(function):
    inputs = {"x": INPUTS["x"]}
    verdict = check_target(make_function(function, inputs), inputs)
    assert verdict.ok, verdict.text
    assert ("the second derivative is wrong" in " ".join(verdict.notes)) == (function is Detached)


def test_a_wrong_gradient_is_wrong():
    class Wrong(Square):
        @staticmethod
        def backward(ctx, dy):
            (x,) = ctx.saved_tensors
            return x * dy

    inputs = {"x": INPUTS["x"]}
    assert check_target(make_function(Wrong, inputs), inputs).kind == "wrong"
