import math

import numpy as np
import pytest
from mpmath import mpf, workdps
from tests.layers import mills

from chainrule.layers.activations import normal
from chainrule.layers.activations.normal import normal_cdf_and_density


@pytest.mark.parametrize(("kept", "name", "least"), [(normal.SINGLE, "SINGLE", 7e-8), (normal.DOUBLE, "DOUBLE", 5e-17)])
def test_the_coefficients_are_those_of_the_fit(kept, name, least):
    degree, k = mills.FITS[name]
    with workdps(60):
        fitted = mills.interpolate(degree, mpf(k))
        assert kept == tuple(tuple(map(float, coefficients)) for coefficients in fitted)
        assert mills.largest_error(*fitted) < least


def exact_cdf(X):
    return np.array([math.erfc(-x / math.sqrt(2)) / 2 for x in X.astype(float)])


def exact_density(X):
    return np.exp(-(X.astype(float) ** 2) / 2) / math.sqrt(2 * math.pi)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_are_right_to_a_few_roundings_and_in_the_tail_to_those_of_the_exponent(dtype):
    X = np.linspace(-9, 9, 20_001).astype(dtype)
    roundings = (4 + X.astype(float) ** 2) * np.finfo(dtype).eps  # the error of exp(−x²/2) is that of its argument
    for found, expected in zip(normal_cdf_and_density(X), (exact_cdf(X), exact_density(X)), strict=True):
        assert found.dtype == dtype
        assert np.all(np.abs(found - expected) <= roundings * expected)


def test_the_distribution_function_rises_and_is_symmetric():
    X = np.linspace(-6, 6, 1001)
    cdf, _ = normal_cdf_and_density(X)
    assert np.all(np.diff(cdf) > 0)
    np.testing.assert_allclose(cdf + cdf[::-1], 1, rtol=2 * np.finfo(float).eps)


def test_both_vanish_far_out():
    cdf, density = normal_cdf_and_density(np.array([-1e300, -50.0, 50.0, 1e300]))
    np.testing.assert_array_equal(cdf, [0, 0, 1, 1])
    np.testing.assert_array_equal(density, [0, 0, 0, 0])


def test_a_complex_step_gives_the_density():
    X = np.linspace(-5, 5, 101)
    cdf, _ = normal_cdf_and_density(X + 1e-30j)
    markov = 22**2 * 5e-17  # a polynomial of degree n may differ n² times as much in slope as in value
    np.testing.assert_allclose(cdf.imag / 1e-30, exact_density(X), rtol=0, atol=markov)
