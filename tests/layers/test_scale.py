import numpy as np
import pytest

from chainrule import layers


def test_output_and_gradient_are_multiplied_by_the_factor():
    X, dY = np.random.default_rng(0).normal(size=(2, 3, 4))
    layer = layers.Scale(-0.25)
    Y, cache = layer.forward(X)
    np.testing.assert_array_equal(Y, -0.25 * X)
    np.testing.assert_array_equal(layer.backward(dY, cache)[0], -0.25 * dY)


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), "2", None, True])
def test_what_is_no_finite_number_is_refused(factor):
    with pytest.raises(ValueError, match=r"Scale: factor is .*, but must be a finite number"):
        layers.Scale(factor)
