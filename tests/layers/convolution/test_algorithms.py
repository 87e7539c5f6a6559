"""Every algorithm is held to the plain one."""

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close

from chainrule.check.model.tolerance import tolerance
from chainrule.layers.convolution.choice import ALGORITHMS, choose_algorithm, count_products, list_fitting
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.grouped import Depthwise, Grouped

# rows, columns, kernel, stride, padding
SHAPES = [
    (8, 8, (3, 3), (1, 1), (1, 1)),
    (5, 6, (3, 3), (1, 1), (1, 1)),
    (7, 3, (3, 3), (1, 1), (0, 0)),
    (9, 4, (3, 3), (1, 1), (2, 0)),
    (2, 2, (3, 3), (1, 1), (1, 1)),
    (1, 1, (3, 3), (1, 1), (4, 3)),
    (5, 6, (1, 1), (1, 1), (0, 0)),
    (5, 6, (1, 1), (2, 3), (1, 0)),
    (5, 6, (2, 3), (2, 1), (1, 2)),
    (9, 4, (4, 2), (3, 3), (0, 2)),
    (2, 3, (5, 6), (1, 2), (4, 3)),
    (10, 11, (5, 5), (2, 2), (2, 2)),
]
CASES = [(name, *shape) for shape in SHAPES for name in list_fitting(Geometry(*shape[2:]))[1:]]


def gradients(algorithm, X, W, rng):
    """Y, dX and dW by an algorithm, for a random cotangent."""
    Y, kept = algorithm.forward(X, W, rng.normal(size=W.shape[3]).astype(W.dtype))
    dY = algorithm.transform_cotangent(rng.normal(size=Y.shape).astype(Y.dtype), X.shape)
    dX, dW = algorithm.input_gradient(dY, W, X.shape), algorithm.weight_gradient(dY, kept)
    return {"Y": Y, "dX": dX, "dW": dW}


@pytest.mark.parametrize("samples", [1, 7])
@pytest.mark.parametrize(("name", "H", "W", "kernel", "stride", "padding"), CASES)
def test_a_fast_algorithm_computes_what_the_plain_one_does(name, H, W, kernel, stride, padding, samples):
    geometry, rng = Geometry(kernel, stride, padding), np.random.default_rng(0)
    X, weight = rng.normal(size=(samples, H, W, 3)), rng.normal(size=(kernel[1], kernel[0], 3, 5))
    found = gradients(ALGORITHMS[name](geometry), X, weight, np.random.default_rng(1))
    expected = gradients(ALGORITHMS["reference"](geometry), X, weight, np.random.default_rng(1))
    for what, array in found.items():
        assert_close(array, expected[what], tolerance(float, 100), what)
        assert array.flags.c_contiguous


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("kind", "groups", "given", "made"), [(Depthwise, 3, 3, 3), (Depthwise, 3, 3, 6), (Grouped, 2, 4, 6)]
)
def test_a_convolution_in_groups_computes_what_a_plain_one_of_each_group_does(kind, groups, given, made, shape):
    H, W, kernel, stride, padding = shape
    geometry, rng = Geometry(kernel, stride, padding), np.random.default_rng(0)
    X, weight = rng.normal(size=(5, H, W, given)), rng.normal(size=(kernel[1], kernel[0], given // groups, made))
    plain = Grouped(geometry, groups)
    plain.single = ALGORITHMS["reference"](geometry)
    found, expected = (
        gradients(algorithm, X, weight, np.random.default_rng(1)) for algorithm in (kind(geometry, groups), plain)
    )
    for what, array in found.items():
        assert_close(array, expected[what], tolerance(float, 100), what)


@pytest.mark.parametrize(
    ("name", "bound"), [("im2col", 1e-6), ("shifted", 1e-6), ("winograd2", 2e-6), ("winograd4", 5e-6)]
)
def test_the_error_in_float32_is_that_which_the_algorithm_is_known_for(name, bound):
    geometry, rng = Geometry((3, 3), (1, 1), (1, 1)), np.random.default_rng(0)
    X, W = rng.normal(size=(4, 8, 8, 64)), rng.normal(size=(3, 3, 64, 32))
    expected = gradients(ALGORITHMS["reference"](geometry), X, W, np.random.default_rng(1))
    found = gradients(ALGORITHMS[name](geometry), X.astype(np.float32), W.astype(np.float32), np.random.default_rng(1))
    for what, array in found.items():
        assert array.dtype == np.float32
        assert_close(array, expected[what], bound, what)


@pytest.mark.parametrize(("images", "channels"), [(1, 80), (70, 3)])
def test_work_in_many_parts_gives_what_it_gives_in_one(images, channels):
    geometry, rng = Geometry((3, 3), (1, 1), (1, 1)), np.random.default_rng(0)
    X, W = rng.normal(size=(images, 17, 16, channels)), rng.normal(size=(3, 3, channels, 140))
    expected = gradients(ALGORITHMS["reference"](geometry), X, W, np.random.default_rng(1))
    for name in list_fitting(geometry)[1:]:
        for what, array in gradients(ALGORITHMS[name](geometry), X, W, np.random.default_rng(1)).items():
            assert_close(array, expected[what], tolerance(float, 1000), f"{what} by {name}")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_second_forward_leaves_the_first_ones_backward_alone(name):
    geometry = Geometry((1, 1), (1, 1), (0, 0)) if name == "pointwise" else Geometry((3, 3), (1, 1), (1, 1))
    algorithm, rng = ALGORITHMS[name](geometry), np.random.default_rng(0)
    W = rng.normal(size=(*geometry.kernel, 8, 9))
    inputs = [rng.normal(size=(20, 12, 12, 8)) for _ in range(2)]
    Y, kept = algorithm.forward(inputs[0], W, None)
    first = Y.copy()
    dY = algorithm.transform_cotangent(Y, inputs[0].shape)
    expected = algorithm.weight_gradient(dY, kept), algorithm.input_gradient(dY, W, inputs[0].shape)
    for _ in range(2):
        algorithm.forward(inputs[1], W, None)
    np.testing.assert_array_equal(Y, first)
    np.testing.assert_array_equal(algorithm.weight_gradient(dY, kept), expected[0])
    np.testing.assert_array_equal(algorithm.input_gradient(dY, W, inputs[0].shape), expected[1])


@pytest.mark.parametrize(("H", "W", "kernel", "stride", "padding"), SHAPES)
@pytest.mark.parametrize(("C", "F"), [(3, 64), (64, 3), (64, 64)])
def test_the_rule_chooses_an_algorithm_that_fits(H, W, kernel, stride, padding, C, F):
    geometry = Geometry(kernel, stride, padding)
    assert choose_algorithm(geometry, (32, H, W, C), F) in list_fitting(geometry)


@pytest.mark.parametrize(
    ("shape", "F", "kernel", "chosen"),
    [
        ((32, 32, 32, 3), 64, 3, "im2col"),
        ((32, 32, 32, 64), 64, 3, "winograd4"),
        ((32, 32, 32, 64), 128, 1, "pointwise"),
        ((128, 4, 4, 512), 512, 3, "winograd4"),
        ((32, 4, 4, 512), 512, 3, "shifted"),
        ((32, 2, 2, 512), 512, 3, "shifted"),
        ((32, 16, 16, 64), 64, 5, "shifted"),
        ((32, 16, 16, 16), 16, 3, "shifted"),
    ],
)
def test_the_rule_chooses_for_the_layers_of_the_practical_and_others(shape, F, kernel, chosen):
    geometry = Geometry((kernel, kernel), (1, 1), (kernel // 2, kernel // 2))
    assert choose_algorithm(geometry, shape, F) == chosen


def test_products_with_what_lies_outside_are_not_counted():
    geometry = Geometry((3, 3), (1, 1), (1, 1))
    assert [count_products(geometry, n, n) for n in (1, 2, 4)] == [1, 16, 100]
    assert count_products(Geometry((2, 3), (2, 1), (0, 0)), 5, 4) == 2 * 2 * 2 * 3
