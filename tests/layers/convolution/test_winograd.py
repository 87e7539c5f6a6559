import numpy as np
import pytest

from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.winograd import POINTS, Winograd, make_matrices


def test_the_matrices_for_the_points_of_the_literature_are_those_of_the_literature():
    Bt, G, At = make_matrices([0, 1, -1, 2, -2])
    np.testing.assert_array_equal(
        Bt,
        [
            [4, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ],
    )
    sixths = [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]
    np.testing.assert_allclose(G, np.array(sixths) / 24, rtol=1e-15)
    np.testing.assert_array_equal(
        At, [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
    )


@pytest.mark.parametrize("points", [*POINTS.values(), (0, 3, -0.5, 1), (2, 5)])
def test_any_points_give_the_outputs_of_a_row(points):
    Bt, G, At = make_matrices(points)
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=len(points) + 1), rng.normal(size=3)
    np.testing.assert_allclose(At @ ((G @ w) * (Bt @ x)), np.correlate(x, w), atol=1e-12)


def test_it_fits_kernels_of_three_by_three_that_do_not_skip():
    assert Winograd.fits(Geometry((3, 3), (1, 1), (0, 5)))
    assert not Winograd.fits(Geometry((3, 3), (1, 2), (1, 1)))
    assert not Winograd.fits(Geometry((3, 5), (1, 1), (1, 1)))


@pytest.mark.parametrize("m", POINTS)
def test_evaluation_keeps_the_input_and_training_what_it_was_transformed_into(m):
    algorithm, rng = Winograd(Geometry((3, 3), (1, 1), (1, 1)), m), np.random.default_rng(0)
    X, W, b = rng.normal(size=(3, 5, 7, 4)), rng.normal(size=(3, 3, 4, 2)), rng.normal(size=2)
    (Y, V), (same, kept) = (algorithm.forward(X, W, b, training) for training in (True, False))
    np.testing.assert_array_equal(Y, same)
    assert kept is X
    dM = algorithm.transform_cotangent(Y, X.shape)
    np.testing.assert_array_equal(algorithm.weight_gradient(dM, V), algorithm.weight_gradient(dM, X))
