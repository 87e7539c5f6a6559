"""np.zeros makes complex arrays while a complex step is taken, where floats are asked for, and only then."""

import threading

import numpy as np

from chainrule import check
from chainrule.check.trial.complex_arrays import complex_arrays

rng = np.random.default_rng(3)


def collect(x, w):
    Y = np.zeros((len(x), w.shape[1]))
    for row in range(len(x)):
        Y[row] = x[row] @ w
    return Y


def test_a_forward_that_fills_zeros_is_differentiated_by_complex_steps():
    inputs = {"x": rng.normal(size=(4, 5)), "w": rng.normal(size=(5, 3))}
    verdict = check.check_backward(collect, lambda dY, x, w: (dY @ w.T, x.T @ dY), inputs)
    assert verdict.ok, verdict.text
    assert all("by complex steps" in row.sentence for row in verdict.rows)


def test_other_types_and_other_threads_keep_what_they_ask_for():
    elsewhere = []
    with complex_arrays():
        assert np.zeros(3).dtype == np.ones((2, 2), np.float64).dtype == complex
        assert (np.zeros(3, int).dtype, np.ones(2, np.float32).dtype) == (int, np.float32)
        assert np.empty(3).dtype == float
        thread = threading.Thread(target=lambda: elsewhere.append(np.zeros(3).dtype))
        thread.start()
        thread.join()
    assert elsewhere == [float]
    assert np.zeros(3).dtype == float
